//! `vanban map` against the library called in process: the same texts, processor time of both.
//!
//! `cargo bench --bench map`; `VANBAN_ROUNDS=20` reads the scans of the sample archive twenty times
//! over (8), in each of seven turns. Both run at once, with one thread each, so that a machine with
//! other guests slows both alike. Processor time, since `map` runs where other processes do: what a
//! filter costs beyond the library is starting, parsing, printing and two pipes.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use vanban::document::{Document, DocumentId};
use vanban::restore::{Model, Restorer};

const TURNS: usize = 7;

/// Seconds of processor time of this thread, and of the children that have ended.
fn processor() -> (f64, f64) {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").expect("this bench reads Linux's /proc");
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
    let rounds: usize = std::env::var("VANBAN_ROUNDS").map_or(4, |rounds| rounds.parse().expect("a number of rounds"));
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
    for turn in 0..TURNS {
        let (_, children) = processor();
        let mut map = Command::new(env!("CARGO_BIN_EXE_vanban"))
            .arg("map")
            .env("RAYON_NUM_THREADS", "1")
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
        let reader = std::thread::spawn(move || map.wait_with_output().expect("the program ends"));

        let (before, _) = processor();
        let restorer = Restorer::new(Model::embedded());
        let mut worker = restorer.worker();
        let mut in_process = 0;
        for (id, text) in &texts {
            let document = Document::read(DocumentId(id.clone()), text.as_bytes(), &mut worker).expect("text");
            in_process += serde_json::to_vec(&document.record()).expect("a record").len() + 1;
        }
        let library = processor().0 - before;

        feeder.join().expect("all was written");
        let output = reader.join().expect("all was read");
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
        100.0 * (ratios[TURNS / 2] - 1.0),
        ratios.len()
    );
}
