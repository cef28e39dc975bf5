//! Review from outside: decisions made through the binary, applied by the nightly job, kept through renaming,
//! re-scanning, undoing and writers that are killed.

use assert_cmd::Command;
use assert_cmd::cargo::CommandCargoExt;
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use tempfile::TempDir;
use vanban::decision::{self, Decisions};
use vanban::document::DocumentId;
use vanban::store::{self, Report, Store};

/// A damaged paper whose third line reads doubtfully.
const SCAN: &str = "TINH UY SONG THAO\nS6 438-QD/TU\n\nQUYET DINH\nban hanh Quy ché céng tac dan van\n\n\
    Diéu 1. Cac cap tty, té chttc dang chiu trach nhiém thi hanh Quyét dinh nay.\n\
    Diéu 2. Quyét dinh nay cé hiéu lyc ké tir ngay ky.\n";

struct Office {
    folder: TempDir,
}

impl Office {
    fn new() -> Office {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("archive")).unwrap();
        Office { folder }
    }

    fn archive(&self) -> PathBuf {
        self.folder.path().join("archive")
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.archive().join(name), text).unwrap();
    }

    fn vanban(&self, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("vanban").unwrap();
        command.args(arguments).arg("--store").arg(self.store());
        command
    }

    fn reindex(&self, arguments: &[&str]) -> Report {
        let report = self.folder.path().join("report.json");
        self.vanban(&["reindex"]).arg(self.archive()).arg("--report").arg(&report).args(arguments).assert().success();
        serde_json::from_slice(&fs::read(report).unwrap()).unwrap()
    }

    fn text(&self, id: &str) -> String {
        let generation = Store::open(self.store()).unwrap().current().unwrap();
        generation.document(&DocumentId(id.into())).unwrap().unwrap().restored.text
    }

    /// A decision, made through the library as the queue makes it, that `scan` in `id` reads `new`.
    fn decide(&self, who: &str, id: &str, scan: &str, new: &str, everywhere: bool) -> String {
        let generation = Store::open(self.store()).unwrap().current().unwrap();
        let document = generation.document(&DocumentId(id.into())).unwrap().unwrap();
        let at = document.source.find(scan).expect("the scan holds it");
        let span = vanban::text::Span::new(at, at + scan.len());
        let edit = document.restored.edits.iter().find(|edit| edit.source == span).expect("it was changed");
        let blank = decision::Decision::new(jiff::Timestamp::now(), who, decision::What::Correct);
        let beside = Some(vanban::restore::beside(&document.restored.text, edit.span));
        let old = edit.span.of(&document.restored.text).to_owned();
        let decision = blank.at_place(id, &document.source_hash, &document.source, span);
        let decision = decision::Decision { old, new: new.into(), beside, everywhere, ..decision }.sealed();
        decision::append(&self.file(), std::slice::from_ref(&decision)).unwrap();
        decision.id
    }

    fn file(&self) -> PathBuf {
        store::decisions_path(&self.store())
    }

    fn decisions(&self) -> Decisions {
        decision::read(&self.file()).unwrap()
    }
}

#[test]
fn a_decision_is_applied_by_the_next_night_and_taken_back_by_undo() {
    let office = Office::new();
    office.write("a.txt", SCAN);
    office.write("b.txt", "Nghị quyết này có hiệu lực từ ngày ký.\n");
    office.reindex(&[]);
    let before = office.text("a.txt");
    let id = office.decide("An", "a.txt", "chttc", "CHỨC", false);
    let report = office.reindex(&[]);
    assert_eq!((report.decisions.holding, report.decisions.applied), (1, 1));
    assert_eq!(report.changed, ["a.txt"], "only the document decided on is read again");
    assert!(office.text("a.txt").contains("CHỨC đảng"));
    assert!(!office.reindex(&[]).published, "nothing new, nothing published");
    office.vanban(&["review", "undo", &id[..6], "--who", "An"]).assert().success();
    office.reindex(&[]);
    assert_eq!(office.text("a.txt"), before);
    assert_eq!(office.decisions().all.len(), 2, "the file only grows");
}

#[test]
fn a_decision_survives_renaming_and_a_new_scan_and_is_missed_when_its_line_is_gone() {
    let office = Office::new();
    office.write("a.txt", SCAN);
    office.reindex(&[]);
    office.decide("An", "a.txt", "chttc", "CHỨC", false);
    office.reindex(&[]);
    fs::rename(office.archive().join("a.txt"), office.archive().join("renamed.txt")).unwrap();
    office.reindex(&[]);
    assert!(office.text("renamed.txt").contains("CHỨC"));
    // Full runs read it anew, from the same bytes under the new name.
    assert_eq!(office.reindex(&["--full"]).decisions.applied, 1);
    assert!(office.text("renamed.txt").contains("CHỨC"));
    // Scanned anew: every line reads otherwise, and one more stands above.
    let anew = SCAN.replace("chttc dang chiu", "chirc dâng chju").replace("tty", "ùy").replace("Diéu", "Dieu");
    office.write("renamed.txt", &format!("DANG CONG SAN VIET NAM\n{anew}"));
    let report = office.reindex(&[]);
    assert_eq!(report.decisions.applied, 1);
    assert!(office.text("renamed.txt").contains("CHỨC"), "{}", office.text("renamed.txt"));
    office.write("renamed.txt", "Quyét dinh nay cé hiéu lyc ké tir ngay ky.\n");
    let report = office.reindex(&[]);
    assert_eq!((report.decisions.applied, report.decisions.lost.len()), (0, 1));
    let listed = office.vanban(&["review", "list", "--kind", "lost"]).output().unwrap();
    assert!(String::from_utf8_lossy(&listed.stdout).contains("is gone"));
}

#[test]
fn what_holds_everywhere_settles_other_papers_after_a_full_run_and_says_so() {
    let office = Office::new();
    office.write("a.txt", SCAN);
    office.write("b.txt", &SCAN.replace("438", "439"));
    office.reindex(&[]);
    office.decide("An", "a.txt", "chttc", "CHỨC", true);
    office.reindex(&[]);
    assert!(!office.text("b.txt").contains("CHỨC"), "nights between full runs read other papers as before");
    let before = Store::open(office.store()).unwrap().current().unwrap().number();
    office.reindex(&["--full"]);
    assert!(office.text("a.txt").contains("CHỨC") && office.text("b.txt").contains("CHỨC"));
    let generation = Store::open(office.store()).unwrap().current().unwrap();
    let other = generation.document(&DocumentId("b.txt".into())).unwrap().unwrap();
    assert!(other.defects.iter().any(|defect| defect.kind == "settled" && defect.line == 7), "{:?}", other.defects);
    let changes = office.vanban(&["review", "changes", "--from", &before.to_string()]).output().unwrap();
    let changes = String::from_utf8_lossy(&changes.stdout).into_owned();
    assert!(changes.contains("b.txt:7 learned"), "{changes}");
}

#[test]
fn two_people_who_disagree_are_shown_and_the_later_one_holds() {
    let office = Office::new();
    office.write("a.txt", SCAN);
    office.reindex(&[]);
    office.decide("An", "a.txt", "chttc", "CHỨC", false);
    office.decide("Bình", "a.txt", "chttc", "CHUC", false);
    let report = office.reindex(&[]);
    assert_eq!(report.decisions.conflicts.len(), 1);
    assert!(office.text("a.txt").contains("CHUC"));
    let listed = office.vanban(&["review", "list", "--kind", "conflict"]).output().unwrap();
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains("An said “CHỨC”") && listed.contains("Bình says “CHUC”"), "{listed}");
}

#[test]
fn a_sheet_goes_out_and_comes_back_filled_in() {
    let office = Office::new();
    office.write("a.txt", &format!("{SCAN}Didu 3. Caé Dugmg xtr ly vi6c; hoi nghi x6 Bnh Xuyn.\n"));
    office.reindex(&[]);
    let sheet = office.vanban(&["review", "export"]).output().unwrap();
    assert!(sheet.status.success());
    let mut rows = csv::ReaderBuilder::new().from_reader(sheet.stdout.strip_prefix("\u{feff}".as_bytes()).unwrap());
    let headers = rows.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let mut records: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    let reading = records.iter().position(|row| &row[column("kind")] == "reading").expect("something is in doubt");
    let filled = |row: &csv::StringRecord, answer: &str| -> csv::StringRecord {
        row.iter().enumerate().map(|(n, cell)| if n == column("answer") { answer } else { cell }).collect()
    };
    records[reading] = filled(&records[reading], "XYZ");
    let mut unknown = filled(&records[reading], "ABC");
    unknown =
        unknown.iter().enumerate().map(|(n, cell)| if n == column("key") { "no-such-key" } else { cell }).collect();
    records.push(unknown);
    let mut out = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
    out.write_record(&headers).unwrap();
    records.iter().for_each(|row| out.write_record(row).unwrap());
    let path = office.folder.path().join("filled.csv");
    fs::write(&path, out.into_inner().unwrap()).unwrap();
    let taken = office.vanban(&["review", "import", "--who", "An"]).arg(&path).output().unwrap();
    assert_eq!(taken.status.code(), Some(3), "{}", String::from_utf8_lossy(&taken.stderr));
    assert!(String::from_utf8_lossy(&taken.stderr).contains("answers nothing in the queue"));
    office.reindex(&[]);
    assert!(office.text("a.txt").contains("XYZ"));
    let again = office.vanban(&["review", "import", "--who", "An"]).arg(&path).output().unwrap();
    assert_eq!(again.status.code(), Some(3), "an answered entry is no longer in the queue");
}

/// Starts writers of dismissals through the binary, kills them at any moment, and counts what was confirmed.
fn killed_writers(n_writers: usize) {
    let office = Office::new();
    office.write("a.txt", SCAN);
    for n in 0..n_writers {
        // Nothing readable: an entry of the queue each.
        office.write(&format!("broken-{n}.pdf"), "%PDF-1.4 torn");
    }
    office.vanban(&["reindex"]).arg(office.archive()).assert().code(3);
    let listed =
        office.vanban(&["review", "list", "--kind", "set_aside", "--json", "--limit", "1000"]).output().unwrap();
    let keys: Vec<String> = String::from_utf8(listed.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["key"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(keys.len(), n_writers);
    let store = office.store();
    let confirmed: Vec<bool> = std::thread::scope(|scope| {
        let writers: Vec<_> = keys
            .iter()
            .enumerate()
            .map(|(n, key)| {
                let store = &store;
                scope.spawn(move || {
                    let mut child = std::process::Command::cargo_bin("vanban")
                        .unwrap()
                        .args(["review", "decide", key, "--who", "An", "--store"])
                        .arg(store)
                        .stdout(Stdio::piped())
                        .stderr(Stdio::null())
                        .spawn()
                        .unwrap();
                    if n % 2 == 0 {
                        std::thread::sleep(std::time::Duration::from_millis(7 * (n as u64 % 16)));
                        let _ = child.kill();
                    }
                    !child.wait_with_output().unwrap().stdout.is_empty()
                })
            })
            .collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    let decisions = office.decisions();
    assert!(decisions.faults.is_empty(), "{:?}", decisions.faults);
    for (key, confirmed) in keys.iter().zip(&confirmed) {
        let written = decisions.all.iter().filter(|decision| decision.item == *key).count();
        assert!(written == 1 || (written == 0 && !confirmed), "{key}: confirmed {confirmed}, written {written} times");
    }
    assert!(confirmed.iter().filter(|confirmed| **confirmed).count() >= n_writers / 2);
}

#[test]
fn writers_that_are_killed_lose_nothing_they_confirmed() {
    killed_writers(8);
}

#[test]
fn many_writers_that_are_killed_lose_nothing_they_confirmed() {
    if std::env::var_os("VANBAN_SLOW").is_none() {
        eprintln!("skipped: two hundred writers take a minute; set VANBAN_SLOW=1");
        return;
    }
    killed_writers(200);
}

#[test]
fn an_edge_that_is_denied_leaves_the_graph() {
    let office = Office::new();
    let paper = |number: &str, body: &str| {
        format!(
            "TỈNH ỦY SÔNG THAO\nSố {number}\nPhong Châu, ngày 05 tháng 3 năm 2021\n\nQUYẾT ĐỊNH\nvề công tác dân vận\n\n{body}\n"
        )
    };
    office.write("old.txt", &paper("12-QĐ/TU", "Điều 1. Thi hành từ ngày ký.").replace("2021", "2015"));
    office.write(
        "new.txt",
        &paper(
            "84-QĐ/TU",
            "Điều 1. Quyết định này thay thế Quyết định số 12-QĐ/TU, ngày 05/3/2015 của Ban Thường vụ Tỉnh ủy.",
        ),
    );
    office.reindex(&[]);
    let replaced = |office: &Office| {
        let traced = office.vanban(&["status", "12-QĐ/TU", "--json"]).output().unwrap();
        String::from_utf8_lossy(&traced.stdout).contains("expired")
    };
    assert!(replaced(&office));
    let edge = decision::EdgeFact {
        from: "84-QĐ/TU".into(),
        to: "12-QĐ/TU".into(),
        relation: "replaces".into(),
        locator: None,
    };
    let denial = decision::Decision::new(jiff::Timestamp::now(), "An", decision::What::RemoveEdge);
    let denial = decision::Decision { edge: Some(edge), reason: "đọc nhầm".into(), ..denial }.sealed();
    decision::append(&office.file(), &[denial]).unwrap();
    assert!(office.reindex(&[]).published);
    assert!(!replaced(&office));
}
