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

fn vanban(words: &[&str], store: &Path) -> assert_cmd::Command {
    let mut command = assert_cmd::Command::cargo_bin("vanban").unwrap();
    command.args(words).arg("--store").arg(store);
    command
}

/// What a command prints that must end well.
fn told(words: &[&str], store: &Path) -> String {
    String::from_utf8(vanban(words, store).assert().success().get_output().stdout.clone()).unwrap()
}

/// That two stores give the same answers.
fn check_stores(gathered: &Path, own: &Path) {
    let questions: [&[&str]; 8] = [
        &["export", "--format", "ndjson"],
        &["export", "--format", "graph"],
        &["search", "--json", "quyet dinh"],
        &["search", "--json", "công tác cán bộ"],
        &["search", "--json", "\"có hiệu lực\""],
        &["search", "--json", "ủy ban nhân dân thành phố"],
        &["search", "--json", "bãi bỏ"],
        &["search", "--json", "Điều 5"],
    ];
    for words in questions {
        assert_eq!(told(words, gathered), told(words, own), "{words:?}");
    }
    told(&["check"], gathered);
}

/// The texts of a folder as `vanban map --packed` answers them, in the order of their ids; of those
/// that `held` names the hash alone.
fn brought(folder: &Path, held: &str) -> Vec<String> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let lines: Vec<String> = files
        .iter()
        .map(|file| {
            let id = file.file_name().unwrap().to_str().unwrap();
            serde_json::json!({ "id": id, "text": std::fs::read_to_string(file).unwrap() }).to_string()
        })
        .collect();
    let mut map = assert_cmd::Command::cargo_bin("vanban").unwrap();
    let output = map.args(["map", "--packed"]).write_stdin(lines.join("\n")).output().unwrap();
    let answers = String::from_utf8(output.stdout).unwrap();
    let line = |answer: &str| {
        let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
        let (id, hash) = (&answer["id"], &answer["source_hash"]);
        if hash.as_str().is_some_and(|hash| held.contains(hash)) {
            return serde_json::json!({ "id": id, "hash": hash }).to_string();
        }
        serde_json::json!({ "id": id, "packed": answer["packed"], "error": answer["error"] }).to_string()
    };
    answers.lines().map(line).collect()
}

#[test]
fn gathered_documents_make_the_store_that_one_machine_makes() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let (archive, own, gathered) = (place("archive"), place("own"), place("gathered"));
    std::fs::create_dir(&archive).unwrap();
    let files = walkdir::WalkDir::new(root().join("corpus/archive")).sort_by_file_name().into_iter();
    for file in files.map(Result::unwrap).filter(|file| file.file_type().is_file()).step_by(4) {
        std::fs::copy(file.path(), archive.join(file.file_name())).unwrap();
    }
    let reindex = || vanban(&["reindex", archive.to_str().unwrap()], &own).assert();
    let gather = |lines: &[String]| vanban(&["gather"], &gathered).write_stdin(lines.join("\n")).assert();

    assert_eq!(told(&["gather", "--held"], &gathered), "");
    let first = brought(&archive, "");
    assert!(first.len() > 20);
    reindex().success();
    gather(&first).success();
    check_stores(&gathered, &own);

    // Nothing is brought again that is held, and nothing published where nothing changed.
    let held = told(&["gather", "--held"], &gathered);
    assert_eq!(held.lines().count(), first.len());
    let names = brought(&archive, &held);
    assert!(names.iter().all(|line| line.contains("\"hash\"")));
    let again = gather(&names).success();
    let page = String::from_utf8_lossy(&again.get_output().stderr).into_owned();
    assert!(page.contains("nothing changed; generation 1 stands"), "{page}");

    // One changed, one renamed, one gone, one that is no text.
    let mut files: Vec<PathBuf> = std::fs::read_dir(&archive).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let changed = std::fs::read_to_string(&files[0]).unwrap() + "\nNơi nhận:\n- Lưu VT.\n";
    std::fs::write(&files[0], changed).unwrap();
    std::fs::rename(&files[1], archive.join("a renamed.txt")).unwrap();
    std::fs::remove_file(&files[2]).unwrap();
    std::fs::write(archive.join("blank.txt"), " \n").unwrap();
    let second = brought(&archive, &held);
    assert_eq!(second.iter().filter(|line| line.contains("\"hash\"")).count(), first.len() - 2);
    reindex().code(3);
    gather(&second).code(3);
    check_stores(&gathered, &own);

    // What is out of order, or named and not held, is refused, and the store stands.
    let mut turned = second.clone();
    turned.swap(3, 4);
    let refused = [turned, vec![r#"{"id":"a","hash":"blake3:00"}"#.to_owned()], vec![r#"{"id":"a"}"#.to_owned()]];
    for (lines, why) in refused.iter().zip(["sort the lines", "holds no content", "has none of packed"]) {
        let failed = gather(lines).code(2);
        let said = String::from_utf8_lossy(&failed.get_output().stderr).into_owned();
        assert!(said.contains(why), "{said}");
    }
    check_stores(&gathered, &own);

    // The nightly job goes on from it: it looks at the files, and reads none of them anew.
    vanban(&["reindex", archive.to_str().unwrap()], &gathered).assert().code(3);
    check_stores(&gathered, &own);
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
