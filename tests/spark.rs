//! Beyond one machine: the steps of linking give the graph of one machine, and the Spark driver the
//! rows of one machine, whatever happens to its workers.
//!
//! The cluster runs only with `VANBAN_SLOW=1`, where Java and a Python with pyspark, pyarrow, duckdb
//! and networkx are (`VANBAN_PYTHON` names it).

#[path = "spark/shuffle.rs"]
mod shuffle;

use proptest::prelude::*;
use shuffle::linked_in_steps;
use std::path::{Path, PathBuf};
use std::process::Command;
use vanban::citation::Relation;
use vanban::document::{Document, DocumentId};
use vanban::graph::Graph;
use vanban::graph::facts::{Facts, Reference};
use vanban::restore::{Model, Restorer};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// That both ways give one graph, down to the order of its edges and the words of its doubts.
fn check(facts: Vec<Facts>) {
    let whole = Graph::from_facts(facts.clone(), &[]);
    let joined = linked_in_steps(facts);
    let show = |graph: &Graph| {
        let mut out = Vec::new();
        graph.write_json(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let (whole, joined) = (show(&whole), show(&joined));
    for (whole, joined) in whole.lines().zip(joined.lines()) {
        assert_eq!(joined, whole);
    }
    assert_eq!(joined.len(), whole.len());
}

/// Facts of the texts in a folder, at most `most` of them.
fn read(folder: &Path, most: usize) -> Vec<Facts> {
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(|file| file.unwrap().into_path());
    let files: Vec<PathBuf> = files.filter(|path| path.is_file()).collect();
    let restorer = Restorer::new(Model::embedded());
    let mut worker = restorer.worker();
    let documents = files.iter().take(most).filter_map(|path| {
        let name = path.file_name()?.to_string_lossy().into_owned();
        Document::read(DocumentId(name), &std::fs::read(path).unwrap(), &mut worker).ok()
    });
    documents.map(|document| Facts::of(&document)).collect()
}

#[test]
fn steps_link_the_sample_archive_as_one_machine_does() {
    let facts = read(&root().join("corpus/archive"), usize::MAX);
    assert!(facts.len() > 90);
    check(facts);
}

const NUMBERS: [&str; 9] = [
    "84-QĐ/TU",
    "34-QĐ/TU",
    "084-QĐ/TU",
    "84-QĐ/TW",
    "446-QĐ/TU",
    "12/2019/QĐ-UBND",
    "15/2020/NĐ-CP",
    "13/2020/NĐ-CP",
    "80/2015/QH13",
];
const DAYS: [&str; 3] = ["2011-03-04", "2015-06-22", "2020-02-03"];
const KINDS: [&str; 4] = ["Quyết định", "Quy định", "Nghị định", "Luật"];
const ISSUERS: [&str; 3] = ["Ban Thường vụ Tỉnh ủy", "Ủy ban nhân dân tỉnh", "Chính phủ"];
const NAMES: [&str; 4] =
    ["Luật Lưu trữ", "Luật Lưu trữ năm 2011", "Quy chế làm việc của Ban Chấp hành Đảng bộ tỉnh", "Luật Tố cáo"];
const TITLES: [&str; 3] = [
    "ban hành Quy chế làm việc của Ban Chấp hành Đảng bộ tỉnh",
    "chế độ thông tin, báo cáo của các cấp ủy trong tỉnh",
    "Lưu trữ",
];
const HOMES: [&str; 3] = ["song thao", "@phong chau", "@ha dong"];

/// One of a list, or nothing.
fn maybe(words: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    proptest::option::of(proptest::sample::select(words).prop_map(str::to_owned))
}

fn day() -> impl Strategy<Value = Option<jiff::civil::Date>> {
    maybe(&DAYS).prop_map(|day| day.map(|day| day.parse().unwrap()))
}

fn reference() -> impl Strategy<Value = Reference> {
    const RELATIONS: [Relation; 6] = [
        Relation::Replaces,
        Relation::ReplacedBy,
        Relation::Basis,
        Relation::Amends,
        Relation::Suspends,
        Relation::Cites,
    ];
    let act = (maybe(&NUMBERS), maybe(&NUMBERS), maybe(&NAMES), maybe(&KINDS), day(), maybe(&ISSUERS));
    let rest = (
        maybe(&["XIV", "XV"]),
        maybe(&["15/2020/NĐ-CP", "84-QĐ/TU", "Luật Lưu trữ", "99-QĐ/TU", "Luật Thanh tra"]),
        proptest::sample::select(&RELATIONS[..]),
        proptest::sample::select(&["", "Điều 5"][..]),
        proptest::sample::select(&TITLES[..]),
        0..1000_usize,
    );
    (act, rest).prop_map(|(act, (term, of, relation, locator, title, start))| {
        let (number, likely, name, kind, date, issuer) = act;
        let sentence = number.as_ref().map(|number| format!("thay thế số {number} về {title}")).unwrap_or_default();
        let likely = likely.filter(|_| number.is_some() && start % 7 == 0);
        let locators = if locator.is_empty() { vec![] } else { vec![locator.to_owned()] };
        let of = of.filter(|_| start % 3 == 0);
        let (span, confidence) = ([start, start + 9], 0.5 + start as f32 / 2500.0);
        Reference {
            relation,
            number,
            likely,
            name,
            kind,
            date,
            issuer,
            term,
            locators,
            of,
            sentence,
            span,
            confidence,
            ..Reference::default()
        }
    })
}

fn facts(id: usize) -> impl Strategy<Value = Facts> {
    let who = (maybe(&NUMBERS), maybe(&KINDS), maybe(&ISSUERS), day(), maybe(&TITLES), maybe(&HOMES));
    (who, 0..30_u32, proptest::collection::vec(reference(), 0..6)).prop_map(move |(who, damage, references)| {
        let (number, kind, issuer, date, title, locality) = who;
        // Ids of which one begins another, with what sorts below a separator between.
        let id = format!("{}{}", ["a", "a!b", "a/b", "ă"][id % 4], id / 4);
        Facts { id, number, kind, issuer, locality, date, title, damage, references, ..Facts::default() }
    })
}

fn archive() -> impl Strategy<Value = Vec<Facts>> {
    (1..14_usize).prop_flat_map(|n| (0..n).map(facts).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]
    #[test]
    fn steps_link_any_archive_as_one_machine_does(facts in archive()) {
        check(facts);
    }
}

#[test]
fn steps_link_real_documents_as_one_machine_does() {
    if std::env::var_os("VANBAN_SLOW").is_none() {
        eprintln!("skipped: real documents take minutes to read; VANBAN_SLOW=1 runs it");
        return;
    }
    let packed = root().join("../shared/docs/docs.tar.xz");
    if !packed.exists() {
        eprintln!("skipped: {} is not here", packed.display());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let unpacked = Command::new("tar").arg("-xJf").arg(&packed).arg("-C").arg(folder.path()).status().unwrap();
    assert!(unpacked.success());
    let files = walkdir::WalkDir::new(folder.path()).sort_by_file_name().into_iter().filter_map(Result::ok);
    let texts: Vec<PathBuf> = files
        .filter(|file| file.path().extension().is_some_and(|ending| ending == "txt"))
        .filter(|file| file.metadata().is_ok_and(|data| data.len() < 200_000))
        .map(|file| file.into_path())
        .collect();
    // Every seventh: of all sources, and papers that cite one another.
    let chosen = tempfile::tempdir().unwrap();
    for text in texts.iter().step_by(7) {
        std::fs::copy(text, chosen.path().join(text.file_name().unwrap())).unwrap();
    }
    let facts = read(chosen.path(), 500);
    assert!(facts.len() > 200);
    check(facts);
}

#[test]
fn a_cluster_gives_the_rows_of_one_machine() {
    if std::env::var_os("VANBAN_SLOW").is_none() {
        eprintln!("skipped: a cluster takes minutes; VANBAN_SLOW=1 runs it");
        return;
    }
    let python = std::env::var("VANBAN_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let needs = [(&*python, &["-c", "import pyspark, pyarrow, duckdb, networkx"][..]), ("java", &["-version"])];
    for (program, words) in needs {
        if !Command::new(program).args(words).output().is_ok_and(|output| output.status.success()) {
            eprintln!("skipped: `{program} {}` fails; see the README on how to start a cluster", words.join(" "));
            return;
        }
    }
    let status = Command::new(&python)
        .arg(root().join("tests/spark/cluster.py"))
        .arg(assert_cmd::cargo::cargo_bin("vanban"))
        .arg(root())
        .status()
        .unwrap();
    assert!(status.success());
}
