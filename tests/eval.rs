//! The archive's test half against its committed scores, and the scores against the published scorer.

use assert_cmd::Command;
use std::path::{Path, PathBuf};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Exit code and output of `vanban eval` over the archive's test half.
fn eval(baseline: &Path) -> (i32, String) {
    let output = Command::cargo_bin("vanban")
        .expect("the binary is built")
        .arg("eval")
        .arg(here("fixtures/eval/archive"))
        .args(["--split", &format!("{}:test", here("fixtures/eval/split.tsv").display())])
        .arg("--baseline")
        .arg(baseline)
        .output()
        .expect("the binary runs");
    (output.status.code().unwrap_or(-1), String::from_utf8(output.stdout).expect("output is UTF-8"))
}

#[test]
fn the_archive_is_no_worse_than_its_baseline() {
    let (code, report) = eval(&here("fixtures/eval/baseline.tsv"));
    assert_eq!(code, 0, "{report}");
    let row = |name: &str| report.lines().find(|line| line.starts_with(name)).expect(name).to_owned();
    for name in ["syllables", "names", "headings", "other numbers", "undamaged", "damaged", "surety tenth 10", "surest"]
    {
        row(name);
    }
}

#[test]
fn below_the_baseline_is_told_apart() {
    let committed = std::fs::read_to_string(here("fixtures/eval/baseline.tsv")).expect("the baseline is committed");
    // A baseline in which nothing was wrong.
    let better: String = committed
        .lines()
        .map(|row| {
            let fields: Vec<&str> = row.split('\t').collect();
            format!("{}\t0\t{}\n", fields[0], fields[2])
        })
        .collect();
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), better).expect("it can be written");
    let (code, report) = eval(file.path());
    assert_eq!(code, 1);
    assert!(report.lines().any(|line| line.starts_with("lost  ")), "{report}");
}

#[test]
fn scores_are_those_of_the_published_scorer() {
    let scorer = here("../shared/tools/score_text.py");
    if !scorer.is_file() || std::process::Command::new("python3").arg("--version").output().is_err() {
        println!("skipped: ../shared/tools/score_text.py or python3 is not on this machine");
        return;
    }
    let gold = here("fixtures/eval/archive/d21_qd_156_2013_tu.clean.txt");
    let scan = here("fixtures/eval/archive/d21_qd_156_2013_tu.ocr.txt");
    let ours = Command::cargo_bin("vanban")
        .expect("the binary is built")
        .args(["eval".as_ref(), gold.as_os_str(), "--restored".as_ref(), scan.as_os_str()])
        .output()
        .expect("the binary runs");
    let theirs = std::process::Command::new("python3").arg(&scorer).args([&gold, &scan]).output().expect("it runs");
    let (ours, theirs) = (String::from_utf8_lossy(&ours.stdout), String::from_utf8_lossy(&theirs.stdout));
    let figure = |text: &str, name: &str, column: usize| -> f64 {
        let row = text.lines().find(|line| line.starts_with(name)).expect(name);
        row[name.len()..].split_whitespace().nth(column).expect(name).parse().expect(name)
    };
    assert_eq!(figure(&ours, "syllables", 0), figure(&theirs, "acc_cs", 0));
    assert_eq!(figure(&ours, "case folded", 0), figure(&theirs, "acc_ci", 0));
    assert_eq!(figure(&ours, "lines exact", 0), figure(&theirs, "line_exact", 0));
    assert!((100.0 - figure(&ours, "characters", 0) - figure(&theirs, "CER", 0)).abs() < 0.011);
}
