//! Many small citation cases, readable by a lawyer: `fixtures/citation/*.cases`, and the scored cases in
//! `fixtures/citation/cases.jsonl`.

use std::fmt::Write;
use vanban::citation::{self, Citation, OwnNames, Target};
use vanban::outline;

fn cite(text: &str) -> Vec<Citation> {
    let outline = outline::parse(text);
    citation::resolve(text, citation::find(text), &outline, &OwnNames::default()).citations
}

/// One citation as the case files write it.
fn line(citation: &Citation) -> String {
    let relation = serde_json::to_value(citation.relation).expect("a relation is a word");
    let mut out = relation.as_str().expect("a relation is a word").to_owned();
    let act = citation.number.as_deref().or(citation.name.as_deref()).unwrap_or("(self)");
    write!(out, " | {act}").expect("writing to a string");
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            write!(out, " | {name}={value}").expect("writing to a string");
        }
    };
    let joined = |places: &[String]| (!places.is_empty()).then(|| places.join("; "));
    add("date", citation.date.map(|date| date.to_string()));
    add("issuer", citation.issuer.clone());
    add("term", citation.term.clone());
    add("at", joined(&citation.locators));
    add("of", citation.of.clone());
    add("likely", citation.likely.clone());
    add("from", citation.scope.from.map(|date| date.to_string()));
    add("until", citation.scope.until.map(|date| date.to_string()));
    add("except", joined(&citation.scope.except));
    add("except_until", citation.scope.except_until.map(|date| date.to_string()));
    if citation.scope.restores {
        out.push_str(" | restores");
    }
    out
}

fn check(file: &str) {
    let mut wrong = String::new();
    let mut count = 0;
    for case in file.split("--- ").skip(1) {
        let name = case.split(" ---").next().unwrap_or("");
        let text =
            case.lines().find_map(|line| line.strip_prefix("in:  ")).expect("a case has an `in:`").replace('⏎', "\n");
        let expected: Vec<&str> = case.lines().filter_map(|line| line.strip_prefix("out: ")).collect();
        let mut got: Vec<String> = cite(&text).iter().map(line).collect();
        if got.is_empty() {
            got.push("nothing".to_owned());
        }
        if got != expected {
            writeln!(wrong, "{name}\n  expected {expected:#?}\n  got {got:#?}").expect("writing to a string");
        }
        count += 1;
    }
    assert!(count > 0, "no cases");
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn numbers() {
    check(include_str!("../fixtures/citation/numbers.cases"));
}

#[test]
fn lists() {
    check(include_str!("../fixtures/citation/lists.cases"));
}

#[test]
fn names() {
    check(include_str!("../fixtures/citation/names.cases"));
}

#[test]
fn places() {
    check(include_str!("../fixtures/citation/places.cases"));
}

#[test]
fn relations() {
    check(include_str!("../fixtures/citation/relations.cases"));
}

/// The clean scored cases: every citation with its number or name, its places and its relation, and none too many.
#[test]
fn scored_cases() {
    for row in include_str!("../fixtures/citation/cases.jsonl").lines() {
        let case: serde_json::Value = serde_json::from_str(row).expect("a case is JSON");
        let tags = case["tags"].as_array().expect("tags").iter().filter_map(|tag| tag.as_str()).collect::<Vec<_>>();
        if tags.contains(&"ocr") {
            continue;
        }
        let got = cite(case["text"].as_str().expect("text"));
        let expected = case["citations"].as_array().expect("citations");
        let id = &case["id"];
        for gold in expected.iter().filter(|gold| gold["lenient"] != true) {
            let relation = gold["relation"].as_str();
            let found = got.iter().any(|citation| {
                let word = serde_json::to_value(citation.relation).expect("a word");
                let act = match (gold["number"].as_str(), gold["name"].as_str()) {
                    (Some(number), _) => citation.number.as_deref() == Some(number),
                    (None, Some(name)) => citation.name.as_deref() == Some(name),
                    _ => citation.target == Target::SelfDocument,
                };
                let places: Vec<&str> = gold["locators"]
                    .as_array()
                    .map_or(Vec::new(), |all| all.iter().filter_map(|place| place.as_str()).collect());
                act && word.as_str() == relation && (places.is_empty() || citation.locators == places)
            });
            assert!(found, "{id}: {gold} not in {got:#?}");
        }
        if tags.contains(&"neg") {
            assert!(got.is_empty(), "{id}: {got:#?}");
        }
    }
}
