//! The documents for people: every command they show is run as it stands, in a folder and a home of its own.

use assert_cmd::cargo::cargo_bin;
use regex::Regex;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a fresh clone holds of what the commands name, and the reader's own files of which they speak.
fn workplace() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let scans = place.path().join("scans");
    std::fs::create_dir_all(&scans).unwrap();
    std::fs::create_dir_all(place.path().join("home")).unwrap();
    std::fs::create_dir_all(place.path().join("corpus")).unwrap();
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/archive");
    std::os::unix::fs::symlink(&archive, place.path().join("corpus/archive")).unwrap();
    let mut lines = Vec::new();
    for file in walkdir::WalkDir::new(archive.join("2021")).sort_by_file_name().into_iter().flatten() {
        if file.file_type().is_file() {
            let name = file.file_name().to_str().unwrap();
            let text = std::fs::read_to_string(file.path()).unwrap();
            std::fs::write(scans.join(name), &text).unwrap();
            lines.push(serde_json::json!({"id": name, "text": text}).to_string() + "\n");
        }
    }
    std::fs::copy(scans.join("2021-12-15-qd-438-tu-quy-che-cong-tac-dan-van.txt"), place.path().join("scan.txt"))
        .unwrap();
    std::fs::write(place.path().join("documents.ndjson"), lines.concat()).unwrap();
    place
}

/// A shell in the workplace that finds the program built here, and little else.
fn shell(place: &Path, command: &str) -> Command {
    let folder = cargo_bin("vanban").parent().unwrap().to_owned();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(place).env("PATH", path).env("HOME", place.join("home"));
    shell.env_remove("VANBAN_STORE").env_remove("VANBAN_MODEL");
    shell
}

/// The commands of the console blocks, block by block, lines that go on joined.
fn blocks(document: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(document)).unwrap();
    let fence = Regex::new(r"(?ms)^```console\n(.*?)^```").unwrap();
    let commands = |block: &str| -> Vec<String> {
        let joined = Regex::new(r"\\\n\s*").unwrap().replace_all(block, "").into_owned();
        joined.lines().filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned).collect()
    };
    fence.captures_iter(&text).map(|block| commands(&block[1])).collect()
}

/// Asks a server started by `command` for its first page, and ends it.
fn serves(place: &Path, command: &str) {
    let mut server =
        shell(place, &format!("exec {command} --listen 127.0.0.1:0")).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(server.stderr.take().unwrap()).read_line(&mut said).unwrap();
    let address = said.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect(&said).to_owned();
    let mut stream = TcpStream::connect(&address).unwrap();
    write!(stream, "GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{command}: {answer}");
}

#[test]
fn commands_of_the_documents_run() {
    let place = workplace();
    let mut n_run = 0;
    for document in ["README.md", "CONTRIBUTING.md", "BENCHMARKS.md"] {
        for block in blocks(document) {
            for command in block {
                if command.contains("spark-submit") || command.contains("cargo test") {
                    // What follows in the block works on what it leaves behind.
                    eprintln!("skipped, with the rest of its block, for it needs more than this program: {command}");
                    break;
                }
                let command = command.replace("cargo run --release --", "vanban").replace("cargo bench", "true");
                n_run += 1;
                if command.contains("vanban serve") {
                    serves(place.path(), &command);
                    continue;
                }
                let output = shell(place.path(), &command).output().unwrap();
                let said = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "{document}: {command}: {}\n{said}", output.status);
                let to_a_file = command.contains("--out") || command.contains("reindex");
                assert!(to_a_file || !output.stdout.is_empty(), "{document}: {command} prints nothing\n{said}");
            }
        }
    }
    assert!(n_run > 12, "{n_run}");
}

#[test]
fn the_example_at_the_top_is_what_comes_out() {
    let place = workplace();
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (_, rest) = readme.split_once("```text\n").unwrap();
    let mut rows: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut label = "";
    for line in rest.split_once("```").unwrap().0.lines() {
        let (head, text) = line.split_at(11);
        if !head.trim().is_empty() {
            label = head.trim();
        }
        rows.entry(label).or_default().push(text);
    }
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let run = |command: &str| {
        let output = shell(place.path(), command).output().unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let scan = std::fs::read_to_string(place.path().join("scan.txt")).unwrap();
    assert!(flat(&scan).contains(&rows["scanned"].join(" ")), "the scan is not in the archive");
    assert!(flat(&run("vanban restore scan.txt")).contains(&rows["restored"].join(" ")));
    let record: serde_json::Value = serde_json::from_str(&run("vanban extract scan.txt")).unwrap();
    let told = record["citations"].as_array().unwrap().iter().map(|citation| {
        let word = |name: &str| citation[name].as_str().unwrap_or_default().to_owned();
        format!("{} {} of {}, {}", word("relation"), word("number"), word("date"), word("issuer"))
    });
    assert!(told.collect::<Vec<_>>().contains(&rows["citation"].join(" ")));
    run("vanban reindex corpus/archive");
    let (question, _) = rows["status"][0].split_once(": ").unwrap();
    let (number, day) = question.split_once(" on ").unwrap();
    let answer: serde_json::Value =
        serde_json::from_str(&run(&format!("vanban status {number} --at {day} --json"))).unwrap();
    let told = rows["status"].join(" ");
    for key in ["status", "until"] {
        assert!(told.contains(answer[key].as_str().unwrap()), "{told}: {answer}");
    }
}

#[test]
fn commands_and_options_that_the_documents_name_exist() {
    let help = |command: &str| {
        let output = Command::new(cargo_bin("vanban")).args(command.split(' ')).arg("--help").output().unwrap();
        // Above the usage stand examples, which must not prove themselves.
        let usage = |text: String| text.split_once("\nUsage:").map(|(_, rest)| rest.to_owned());
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap()).and_then(usage)
    };
    let (code, option) =
        (Regex::new(r"`vanban ([^`]+)`|\$ vanban ([^\n]+)").unwrap(), Regex::new(r"--[a-z-]+").unwrap());
    let mut n_named = 0;
    for document in ["README.md", "CONTRIBUTING.md", "BENCHMARKS.md", "corpus/model/MODEL.md"] {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(document)).unwrap();
        for found in code.captures_iter(&text) {
            let written = found.get(1).or(found.get(2)).unwrap().as_str();
            let written = written.split(['#', '|', '<', '>', ';']).next().unwrap();
            let words: Vec<&str> = written.split_whitespace().collect();
            let nested =
                matches!(words[..], ["deploy" | "review", word, ..] if !word.starts_with('-') && !word.contains('|'));
            let command = words[..if nested { 2 } else { 1 }].join(" ");
            let help = help(&command).unwrap_or_else(|| panic!("{document}: {written}: no command {command}"));
            for option in option.find_iter(written) {
                assert!(help.contains(option.as_str()), "{document}: {written}: no option {}", option.as_str());
            }
            n_named += 1;
        }
    }
    assert!(n_named > 30, "{n_named}");
}
