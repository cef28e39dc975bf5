//! Validity cases: a small graph, a question, and what the answer must say.
//!
//! In `expect`, `null` means that the key must be left out; keys not named are free.

use serde_json::{Map, Value};
use std::path::Path;
use vanban::graph::validity::{self, Answer, Question, Regime};
use vanban::graph::{Graph, Lineage};

fn answer(case: &Value) -> Answer {
    let graph = Graph::from_json(&case.to_string()).unwrap();
    let query = &case["query"];
    let text = |key: &str| query[key].as_str();
    let regime = text("regime").map(|year| if year == "2015" { Regime::Law2015 } else { Regime::Law2025 });
    let question = Question { locator: text("locator"), at: text("at").unwrap().parse().unwrap(), regime };
    match graph.find(text("doc").unwrap())[..] {
        [node] => validity::status(&graph, node, &question),
        [] => Answer::default(),
        _ => Answer { error: Some("ambiguous".into()), ..Answer::default() },
    }
}

/// Keys of `expect` that the answer contradicts.
fn check(case: &Value) -> Vec<String> {
    let answer = serde_json::to_value(answer(case)).unwrap();
    let expect: &Map<String, Value> = case["expect"].as_object().unwrap();
    let wrong = expect.iter().filter(|(key, value)| answer.get(key.as_str()).unwrap_or(&Value::Null) != *value);
    wrong.map(|(key, value)| format!("{}: {key} should be {value} in {answer}", case["id"])).collect()
}

fn check_file(path: &Path) -> usize {
    let text = std::fs::read_to_string(path).unwrap();
    let cases: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let wrong: Vec<String> = cases.iter().flat_map(check).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    cases.len()
}

#[test]
fn cases_hold() {
    assert!(check_file(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/graph/validity.jsonl")) > 100);
}

#[test]
fn shared_cases_hold() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases/validity.jsonl");
    if !path.exists() {
        println!("skipped: {} is not here", path.display());
        return;
    }
    check_file(&path);
}
