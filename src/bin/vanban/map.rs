//! `vanban map`: records as a filter, for engines and pipes.

use crate::{Failure, Status};
use rayon::prelude::*;
use serde::Deserialize;
use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use unicode_normalization::UnicodeNormalization;
use vanban::document::{Document, DocumentId};
use vanban::restore::{Adaptation, Model, Restorer, Worker};
use vanban::source::Decoded;

/// Lines answered together, and lines read ahead; no more than both is held.
const BATCH_LINES: usize = 128;

/// Turn {"id","text"} lines into record lines.
///
/// Reads one JSON object a line from standard input and writes one record a line to standard
/// output, in the same order. Nothing else is kept between lines. A line that is no such
/// object is answered with {"id":null,"error":"…"}; the rest goes on and the exit status is 3.
///
/// Example: duckdb -json -c "select id, text from scans" | jq -c '.[]' | vanban map
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Another model than the one inside
    #[arg(long, value_name = "FILE", env = "VANBAN_MODEL")]
    model: Option<PathBuf>,
    /// What `vanban adapt` learned from the archive the lines come from
    #[arg(long, value_name = "FILE")]
    adapt: Option<PathBuf>,
}

/// One line of input; further keys are ignored.
#[derive(Deserialize)]
struct Input {
    id: String,
    text: String,
}

pub(crate) fn run(args: &Args) -> Result<Status, Failure> {
    let model = match &args.model {
        Some(path) => Model::read(path)?,
        None => Model::embedded(),
    };
    let restorer = match &args.adapt {
        Some(path) => {
            let adaptation = Adaptation::read(path, &model)?;
            Restorer::adapted(model, &adaptation)
        }
        None => Restorer::new(model),
    };
    let workers = restorer.workers();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut status = Status::Done;
    // Reading runs ahead of answering, so that a batch is whatever has come in by then: a
    // writer that waits for each answer gets it, and a fast one keeps every core busy.
    let (sender, lines) = sync_channel(BATCH_LINES);
    std::thread::spawn(move || read_lines(std::io::stdin().lock(), &sender));
    while let Some(batch) = next_batch(&lines)? {
        let answers: Vec<(Vec<u8>, bool)> =
            batch.par_iter().map(|line| workers.lend(|worker| answer(line, worker))).collect();
        for (answer, sound) in answers {
            out.write_all(&answer)?;
            out.write_all(b"\n")?;
            if !sound {
                status = Status::SomeSetAside;
            }
        }
        out.flush()?;
    }
    Ok(status)
}

/// A line of input, or what kept it from being read.
type Line = std::io::Result<Vec<u8>>;

/// Sends every line that is not blank, until the input or the receiver ends.
fn read_lines(mut input: impl BufRead, sender: &SyncSender<Line>) {
    loop {
        let mut line = Vec::new();
        let sent = match input.read_until(b'\n', &mut line) {
            Ok(0) => return,
            Ok(_) if line.iter().all(u8::is_ascii_whitespace) => continue,
            Ok(_) => sender.send(Ok(line)).is_ok(),
            Err(cause) => {
                // The receiver stops on it; whether it still listens makes no difference.
                let _ = sender.send(Err(cause));
                false
            }
        };
        if !sent {
            return;
        }
    }
}

/// The lines that are there, at least one; `None` at the end of the input.
fn next_batch(lines: &Receiver<Line>) -> std::io::Result<Option<Vec<Vec<u8>>>> {
    let Ok(first) = lines.recv() else { return Ok(None) };
    let mut batch = vec![first?];
    while batch.len() < BATCH_LINES
        && let Ok(line) = lines.try_recv()
    {
        batch.push(line?);
    }
    Ok(Some(batch))
}

/// The answer to one line, and whether the line was sound.
fn answer(line: &[u8], worker: &mut Worker<'_>) -> (Vec<u8>, bool) {
    let outcome = serde_json::from_slice::<Input>(line).and_then(|input| {
        let text = input.text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n").nfc().collect();
        let hash = format!("blake3:{}", blake3::hash(input.text.as_bytes()).to_hex());
        let decoded = Decoded { text, encoding: "utf-8".into(), ..Decoded::default() };
        let document = Document::from_decoded(DocumentId(input.id), hash, decoded, worker);
        serde_json::to_vec(&document.record())
    });
    match outcome {
        Ok(record) => (record, true),
        Err(cause) => {
            let error = format!("not an object with the strings id and text: {cause}");
            (serde_json::json!({ "id": null, "error": error }).to_string().into_bytes(), false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_are_passed_over_and_the_last_needs_no_end() {
        let (sender, lines) = sync_channel(8);
        read_lines(std::io::Cursor::new("{}\n\n  \nx"), &sender);
        drop(sender);
        assert_eq!(next_batch(&lines).unwrap(), Some(vec![b"{}\n".to_vec(), b"x".to_vec()]));
        assert_eq!(next_batch(&lines).unwrap(), None);
    }
}
