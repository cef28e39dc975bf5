use std::io::{BufRead, Write};
use vanban::citation::{self, OwnNames};
use vanban::outline;
fn main() {
    let out = std::io::stdout();
    let mut out = std::io::BufWriter::new(out.lock());
    for line in std::io::stdin().lock().lines() {
        let value: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        let text = value["text"].as_str().unwrap();
        let s = |k: &str| value["own"][k].as_str().map(str::to_owned);
        let own = OwnNames { number: s("number"), kind: s("type"), issuer: s("issuer"), date: s("date").and_then(|d| d.parse().ok()) };
        let outline = outline::parse(text);
        let mentions = citation::find(text);
        let resolved = citation::resolve(text, mentions, &outline, &own);
        let cites: Vec<serde_json::Value> = resolved.citations.iter().map(|c| {
            let mut v = serde_json::to_value(c).unwrap();
            v["surface"] = c.span.of(text).into();
            v["sent"] = c.sentence.of(text).into();
            v
        }).collect();
        writeln!(out, "{}", serde_json::json!({"id": value["id"], "citations": cites, "amendments": resolved.amendments, "defects": resolved.defects})).unwrap();
    }
}
