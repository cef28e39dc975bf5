//! `vanban map`: records as a filter, for engines and pipes.

use crate::{Failure, Status};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytesize::ByteSize;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::io::{BufRead, Read, Write};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex};
use vanban::document::{Document, DocumentId, Record};
use vanban::graph::facts::Facts;
use vanban::restore::{Adaptation, Model, Restorer, Worker};
use vanban::{source, store};

/// Lines answered together, and lines read ahead; no more than both is held.
const BATCH_LINES: usize = 128;

/// Bytes of lines held at once, unless one line alone is longer. A line takes up to seventy times
/// its length while it is answered.
const HELD: usize = 4 << 20;

/// A worker remembers every word it met; after so many bytes of lines all are replaced by new ones.
const FORGET: usize = 64 << 20;

/// Turn {"id","text"} lines into record lines.
///
/// Reads one JSON object a line from standard input and writes one record a line to standard
/// output, in the same order. Nothing else is kept between lines. Instead of "text" there may be
/// "bytes", the base64 of a text file in any encoding. A line that is no such object is answered
/// with {"id":null,"error":"…"}, a text that cannot be taken with its id and the reason; the rest
/// goes on and the exit status is 3.
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
    /// Add to each record, as "facts", what `vanban resolve` links documents by
    #[arg(long)]
    facts: bool,
    /// Add to each record, as "packed", the document for the store of `vanban gather`
    #[arg(long)]
    packed: bool,
    /// Answer longer lines with an error; memory grows with the longest
    #[arg(long, value_name = "SIZE", default_value = "24MiB", value_parser = crate::values::size)]
    max_line: ByteSize,
}

/// One line of input; further keys are ignored.
#[derive(Deserialize)]
struct Input {
    id: String,
    text: Option<String>,
    bytes: Option<String>,
}

/// One line of output.
#[derive(Serialize)]
struct Output {
    #[serde(flatten)]
    record: Record,
    #[serde(skip_serializing_if = "Option::is_none")]
    facts: Option<Facts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    packed: Option<Packed>,
}

/// A document on its way from the machine that read it to the one that publishes it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Packed {
    /// What it was read with.
    pub(crate) by: String,
    /// Base64 of what [`store::carry`] gives.
    pub(crate) document: String,
}

/// What is added to the records.
struct Extra {
    facts: bool,
    /// What documents are read with, if they are wanted packed.
    packed_by: Option<String>,
}

pub(crate) fn run(args: &Args) -> Result<Status, Failure> {
    let model = match &args.model {
        Some(path) => Model::read(path)?,
        None => Model::embedded(),
    };
    let adaptation = args.adapt.as_ref().map(|path| Adaptation::read(path, &model)).transpose()?;
    let packed_by = args.packed.then(|| store::read_by(&model, adaptation.as_ref()));
    let extra = Extra { facts: args.facts, packed_by };
    let restorer = match &adaptation {
        Some(adaptation) => Restorer::adapted(model, adaptation),
        None => Restorer::new(model),
    };
    let mut workers = restorer.workers();
    let mut n_remembered = 0;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut status = Status::Done;
    // Reading runs ahead of answering, so that a batch is whatever has come in by then: a
    // writer that waits for each answer gets it, and a fast one keeps every core busy.
    let (sender, lines) = sync_channel(BATCH_LINES);
    let room = Room::default();
    let (longest, ahead) = (args.max_line.as_u64(), room.clone());
    std::thread::spawn(move || read_lines(std::io::stdin().lock(), longest, &ahead, &sender));
    while let Some(batch) = next_batch(&lines)? {
        let n_bytes: usize = batch.iter().map(Line::len).sum();
        n_remembered += n_bytes;
        if n_remembered > FORGET {
            workers = restorer.workers();
            n_remembered = n_bytes;
        }
        let answers: Vec<(Vec<u8>, bool)> =
            batch.par_iter().map(|line| workers.lend(|worker| answer(line, &extra, worker))).collect();
        room.leave(n_bytes);
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

/// Bytes of lines that are held, between the thread that reads and the one that answers.
#[derive(Clone, Default)]
struct Room(Arc<(Mutex<usize>, Condvar)>);

impl Room {
    /// Waits until so many bytes more may be held, or none are.
    fn enter(&self, n_bytes: usize) {
        let (held, left) = &*self.0;
        let held = held.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let full = |held: &mut usize| *held > 0 && *held + n_bytes > HELD;
        *left.wait_while(held, full).unwrap_or_else(|poisoned| poisoned.into_inner()) += n_bytes;
    }

    fn leave(&self, n_bytes: usize) {
        let (held, left) = &*self.0;
        *held.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) -= n_bytes;
        left.notify_one();
    }
}

/// A line of input.
#[derive(Debug, PartialEq)]
enum Line {
    Whole(Vec<u8>),
    /// Of more than so many bytes; what it says was passed over.
    TooLong(u64),
}

impl Line {
    fn len(&self) -> usize {
        match self {
            Line::Whole(bytes) => bytes.len(),
            Line::TooLong(_) => 0,
        }
    }
}

/// Sends every line that is not blank, until the input or the receiver ends, or what keeps the
/// input from being read.
fn read_lines(mut input: impl BufRead, longest: u64, room: &Room, sender: &SyncSender<std::io::Result<Line>>) {
    loop {
        let sent = match read_line(&mut input, longest) {
            Ok(None) => return,
            Ok(Some(Line::Whole(line))) if line.iter().all(u8::is_ascii_whitespace) => continue,
            Ok(Some(line)) => {
                room.enter(line.len());
                sender.send(Ok(line)).is_ok()
            }
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

/// The next line; `None` at the end of the input.
fn read_line(input: &mut impl BufRead, longest: u64) -> std::io::Result<Option<Line>> {
    let mut line = Vec::new();
    input.take(longest + 1).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.len() as u64 <= longest || line.ends_with(b"\n") {
        return Ok(Some(Line::Whole(line)));
    }
    input.skip_until(b'\n')?;
    Ok(Some(Line::TooLong(longest)))
}

/// The lines that are there, at least one; `None` at the end of the input.
fn next_batch(lines: &Receiver<std::io::Result<Line>>) -> std::io::Result<Option<Vec<Line>>> {
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
fn answer(line: &Line, extra: &Extra, worker: &mut Worker<'_>) -> (Vec<u8>, bool) {
    let refused = |id: Option<String>, error: String| {
        (serde_json::json!({ "id": id, "error": error }).to_string().into_bytes(), false)
    };
    let line = match line {
        Line::Whole(line) => line,
        Line::TooLong(longest) => {
            return refused(None, format!("a line of more than {longest} bytes; split the text, or raise --max-line"));
        }
    };
    let input = match serde_json::from_slice::<Input>(line) {
        Ok(input) => input,
        Err(cause) => return refused(None, format!("not an object with the strings id and text: {cause}")),
    };
    let bytes = match (input.text, input.bytes) {
        (Some(text), _) => text.into_bytes(),
        (None, Some(bytes)) => match STANDARD.decode(bytes) {
            Ok(bytes) => bytes,
            Err(cause) => return refused(Some(input.id), format!("bytes is not base64: {cause}")),
        },
        (None, None) => {
            return refused(None, "not an object with the strings id and text: missing field `text`".to_owned());
        }
    };
    let decoded = match source::decode(&bytes) {
        Ok(decoded) => decoded,
        Err(refusal) => return refused(Some(input.id), refusal.message),
    };
    let hash = format!("blake3:{}", blake3::hash(&bytes).to_hex());
    drop(bytes);
    let document = Document::from_decoded(DocumentId(input.id), hash, decoded, worker);
    let facts = extra.facts.then(|| Facts::of(&document));
    let packed = extra
        .packed_by
        .as_ref()
        .map(|by| Packed { by: by.clone(), document: STANDARD.encode(store::carry(&document)) });
    let output = Output { record: document.record(), facts, packed };
    (serde_json::to_vec(&output).expect("a record has only plain fields"), true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(input: &str, longest: u64) -> Vec<Line> {
        let (sender, lines) = sync_channel(8);
        read_lines(std::io::Cursor::new(input), longest, &Room::default(), &sender);
        drop(sender);
        std::iter::from_fn(|| next_batch(&lines).unwrap()).flatten().collect()
    }

    #[test]
    fn blank_lines_are_passed_over_and_the_last_needs_no_end() {
        assert_eq!(all("{}\n\n  \nx", 99), [Line::Whole(b"{}\n".to_vec()), Line::Whole(b"x".to_vec())]);
    }

    #[test]
    fn a_long_line_is_passed_over_and_the_next_is_whole() {
        assert_eq!(all("abcde\nabc\nabcdef", 3), [Line::TooLong(3), Line::Whole(b"abc\n".to_vec()), Line::TooLong(3)]);
    }

    #[test]
    fn no_more_is_held_than_there_is_room_for() {
        let room = Room::default();
        room.enter(HELD * 3);
        let (waiting, sent) = std::sync::mpsc::channel();
        let other = room.clone();
        let thread = std::thread::spawn(move || {
            other.enter(1);
            waiting.send(()).unwrap();
        });
        assert!(sent.try_recv().is_err());
        room.leave(HELD * 3);
        thread.join().unwrap();
        assert!(sent.try_recv().is_ok());
    }
}
