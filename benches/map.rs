//! `vanban map` against the library called in process: the same texts, processor time of both.
//!
//! `cargo bench --bench map`; `VANBAN_ROUNDS=20` reads the scans of the sample archive twenty times
//! over (8). Processor time, since `map` runs where other processes do: what a filter costs beyond
//! the library is parsing, printing and two pipes.

use rayon::prelude::*;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use vanban::document::{Document, DocumentId};
use vanban::restore::{Model, Restorer};

/// Seconds of processor time of this process, and of its children that have ended.
fn processor() -> (f64, f64) {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("this bench reads Linux's /proc");
    let fields: Vec<f64> = stat
        .rsplit(')')
        .next()
        .expect("the name stands in brackets")
        .split_whitespace()
        .filter_map(|field| field.parse().ok())
        .collect();
    // Without pid, name and state, which is a letter: utime, stime, cutime, cstime follow ten others.
    let seconds = |at: usize| (fields[at] + fields[at + 1]) / 100.0;
    (seconds(10), seconds(12))
}

fn main() {
    let rounds: usize = std::env::var("VANBAN_ROUNDS").map_or(8, |rounds| rounds.parse().expect("a number of rounds"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/eval/archive");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the archive is part of the sources")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(".ocr.txt"))
        .collect();
    files.sort();
    let texts: Vec<String> = files.iter().map(|path| std::fs::read_to_string(path).expect("a text")).collect();
    let texts: Vec<(String, &String)> = (0..rounds)
        .flat_map(|round| texts.iter().enumerate().map(move |(n, text)| (format!("{round}/{n}"), text)))
        .collect();
    let n_bytes: usize = texts.iter().map(|(_, text)| text.len()).sum();
    let megabytes = n_bytes as f64 / 1e6;
    let mut ratios = Vec::new();
    // In turns, so that a busy minute of the machine meets both.
    for turn in 0..3 {
        let (before, _) = processor();
        let restorer = Restorer::new(Model::embedded());
        let workers = restorer.workers();
        let mut in_process = 0;
        for batch in texts.chunks(128) {
            let records: Vec<Vec<u8>> = batch
                .par_iter()
                .map(|(id, text)| {
                    workers.lend(|worker| {
                        let document = Document::read(DocumentId(id.clone()), text.as_bytes(), worker).expect("text");
                        serde_json::to_vec(&document.record()).expect("a record")
                    })
                })
                .collect();
            in_process += records.iter().map(Vec::len).sum::<usize>() + records.len();
        }
        let (after, children) = processor();
        let library = after - before;

        let mut map = Command::new(env!("CARGO_BIN_EXE_vanban"))
            .arg("map")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let mut input = map.stdin.take().expect("piped");
        let lines: Vec<String> =
            texts.iter().map(|(id, text)| serde_json::json!({ "id": id, "text": text }).to_string()).collect();
        let feeder = std::thread::spawn(move || {
            for line in lines {
                writeln!(input, "{line}").expect("the program reads");
            }
        });
        let output = map.wait_with_output().expect("the program ends");
        feeder.join().expect("all was written");
        assert!(output.status.success() && output.stdout.len() == in_process, "both give the same");
        let filter = processor().1 - children;
        ratios.push(filter / library);
        println!(
            "turn {turn}: library {library:.2} s, {:.3} MB/s a core; map {filter:.2} s, {:.3} MB/s a core; {:+.1} %",
            megabytes / library,
            megabytes / filter,
            100.0 * (filter / library - 1.0)
        );
    }
    ratios.sort_by(f64::total_cmp);
    println!(
        "map costs {:+.1} % of the library's processor time (median of {})",
        100.0 * (ratios[1] - 1.0),
        ratios.len()
    );
}
