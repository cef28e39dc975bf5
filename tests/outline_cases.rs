//! Outlines of small texts, of the public structure cases, and of the sample archive.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use vanban::document::header;
use vanban::outline;

fn fixtures(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

fn paths(text: &str) -> Vec<String> {
    outline::parse(text).nodes.into_iter().map(|node| node.path).collect()
}

/// One case of a `.cases` file.
struct Case {
    name: String,
    text: String,
    expected: Vec<String>,
}

fn read_cases(file: &Path) -> Vec<Case> {
    let content = std::fs::read_to_string(file).expect("the cases are part of the sources");
    content
        .split("\n--- ")
        .map(|block| block.trim_start_matches("--- "))
        .map(|block| {
            let (name, rest) = block.split_once(" ---\n").expect("a case begins with --- name ---");
            let (_, rest) = rest.split_once("in:\n").expect("a case has an `in:`");
            let (text, out) = rest.split_once("out:\n").expect("a case has an `out:`");
            let expected = out.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
            Case { name: name.to_owned(), text: text.to_owned(), expected }
        })
        .collect()
}

#[test]
fn small_texts_have_the_places_a_reader_sees() {
    let cases = read_cases(&fixtures("outline/places.cases"));
    assert!(cases.len() > 10);
    for case in cases {
        assert_eq!(paths(&case.text), case.expected, "{}", case.name);
    }
}

#[test]
fn structure_cases_are_met() {
    let content =
        std::fs::read_to_string(fixtures("outline/structure.jsonl")).expect("the cases are part of the sources");
    for line in content.lines().filter(|line| !line.is_empty()) {
        let case: serde_json::Value = serde_json::from_str(line).expect("each line is an object");
        let expected: Vec<&str> = case["outline"]
            .as_array()
            .expect("an outline")
            .iter()
            .map(|node| node["path"].as_str().expect("a path"))
            .collect();
        let text = case["text"].as_str().expect("a text");
        assert_eq!(paths(text), expected, "{}", case["id"]);
        let quoted = case["quoted"].as_array().map_or(0, Vec::len);
        assert_eq!(outline::parse(text).quoted.len(), quoted, "{}", case["id"]);
        if case["warnings"].is_array() {
            assert!(outline::parse(text).defects.iter().any(|defect| defect.kind == "gap"), "{}", case["id"]);
        }
    }
}

/// The answered documents of the sample archive: file name, answers, text as printed lines.
fn archive() -> Vec<(String, serde_json::Value, String)> {
    let answers = std::fs::read_to_string(fixtures("eval/archive.jsonl")).expect("the answers are part of the sources");
    answers
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| {
            let answer: serde_json::Value = serde_json::from_str(line).expect("each line is an object");
            let name = answer["file"].as_str().expect("a file name").trim_end_matches(".txt").to_owned();
            let file = fixtures("eval/archive").join(format!("{name}.clean.txt"));
            (name, answer, std::fs::read_to_string(file).expect("each answered text is there"))
        })
        .collect()
}

#[test]
fn outlines_of_the_archive_agree_with_the_answers() {
    let (mut hits, mut n_expected, mut n_found) = (0, 0, 0);
    for (_, answer, text) in archive() {
        let expected: BTreeSet<String> = answer["outline"]
            .as_array()
            .expect("an outline")
            .iter()
            .map(|node| node.as_str().or_else(|| node["path"].as_str()).expect("a path").to_owned())
            .collect();
        let found: BTreeSet<String> = paths(&text).into_iter().collect();
        hits += expected.intersection(&found).count();
        n_expected += expected.len();
        n_found += found.len();
    }
    // Two headings are blank in the printed lines; the rest is found.
    let f1 = 2.0 * hits as f64 / (n_expected + n_found) as f64;
    assert!(f1 > 0.99, "F1 of paths is {f1:.4}");
}

#[test]
fn heads_and_feet_of_the_archive_are_read_as_answered() {
    for (name, answer, text) in archive() {
        let header = serde_json::to_value(header::read(&text, &outline::parse(&text))).expect("a header is plain data");
        for field in ["number", "type", "issuer", "place", "date", "effective", "signer", "signer_role", "recipients"] {
            let (read, expected) = (&header[field], &answer[field]);
            let fold = |value: &serde_json::Value| vanban::text::fold(&value.to_string());
            assert_eq!(fold(read), fold(expected), "{field} of {name}");
        }
    }
}

#[test]
fn spans_nest_and_follow_one_another() {
    for (name, _, text) in archive() {
        let outline = outline::parse(&text);
        for (index, node) in outline.nodes.iter().enumerate() {
            assert!(node.span.start < node.span.end && node.span.end <= text.len(), "{name} {}", node.path);
            if let Some((parent, _)) = node.path.rsplit_once('/') {
                let above = outline.nodes[..index].iter().find(|above| above.path == parent);
                assert!(above.is_some_and(|above| above.span.contains(node.span)), "{name} {}", node.path);
            }
            if let Some(next) = outline.nodes.get(index + 1) {
                assert!(node.span.start < next.span.start, "{name} {}", node.path);
                assert!(next.span.start >= node.span.end || node.span.contains(next.span), "{name} {}", node.path);
            }
        }
    }
}

#[test]
fn a_place_is_found_by_any_byte_of_it() {
    let text = "Điều 1. Một\n1. Hai.\n2. Ba.\nĐiều 2. Bốn.\n";
    let outline = outline::parse(text);
    let at = |words: &str| outline.at(text.find(words).expect("the words are there")).map(|node| node.path.as_str());
    assert_eq!(at("Hai"), Some("dieu:1/khoan:1"));
    assert_eq!(at("Một"), Some("dieu:1"));
    assert_eq!(at("Bốn"), Some("dieu:2"));
}
