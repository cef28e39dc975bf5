//! `vanban deploy search`: settings of search engines for what `vanban export --format bulk` writes.

use crate::Failure;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use unicode_normalization::UnicodeNormalization;
use vanban::index::spellings;
use vanban::text::{fold_char, old_tone_placement};

/// Settings and mapping of an index, for OpenSearch, Elasticsearch or Quickwit
///
/// Texts come from `vanban export --format bulk` cut and folded already. OpenSearch and
/// Elasticsearch fold queries by a table of letters that stands in the settings, so that they need
/// no plugin; Quickwit cannot, and takes folded words from whoever asks it. The `_meta` of the
/// mapping holds a query to start from: marks in the query count three times a word without.
///
///     vanban deploy search opensearch > index.json
///     curl -X PUT localhost:9200/vanban -H 'Content-Type: application/json' -d @index.json
///     vanban export --format bulk --out vanban.bulk
///     curl -X POST localhost:9200/_bulk -H 'Content-Type: application/x-ndjson' --data-binary @vanban.bulk
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// The engine
    #[arg(value_enum)]
    engine: Engine,
    /// Name of the index
    #[arg(long, value_name = "NAME", default_value = "vanban")]
    index: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Engine {
    Opensearch,
    Elasticsearch,
    Quickwit,
}

pub(super) fn write(args: &Args) -> Result<(), Failure> {
    let settings = match args.engine {
        Engine::Opensearch | Engine::Elasticsearch => lucene(),
        Engine::Quickwit => quickwit(&args.index),
    };
    writeln!(std::io::stdout().lock(), "{}", serde_json::to_string_pretty(&settings)?)?;
    Ok(())
}

/// Every Vietnamese letter with a mark, composed, in both cases.
fn letters() -> Vec<char> {
    let latin = ('\u{c0}'..='\u{1b0}').chain('\u{1ea0}'..='\u{1ef9}');
    latin.filter(|c| c.is_alphabetic() && fold_char(*c).is_ascii()).collect()
}

/// `from => to` for each letter, composed and as letter and marks.
fn table(to: impl Fn(char) -> String) -> Vec<String> {
    let mut rows: BTreeMap<String, String> = BTreeMap::new();
    for letter in letters() {
        let to = to(letter);
        for from in [letter.to_string(), letter.to_string().nfd().collect(), partly(letter)] {
            if from != to {
                rows.insert(from, to.clone());
            }
        }
    }
    rows.into_iter().map(|(from, to)| format!("{from}=>{to}")).collect()
}

/// `ệ` as `ê` and a dot below, the way some keyboards write it.
fn partly(letter: char) -> String {
    let parts: Vec<char> = letter.to_string().nfd().collect();
    match parts[..] {
        [base, first, second] => {
            let composed = |mark| [base, mark].iter().collect::<String>().nfc().collect::<String>();
            let (one, other) = (composed(first), composed(second));
            // A hat, horn or breve belongs to the letter; what is left is its tone.
            if one.chars().count() == 1 && matches!(second, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}') {
                format!("{one}{second}")
            } else {
                format!("{other}{first}")
            }
        }
        _ => letter.to_string(),
    }
}

/// Letters as the exact form has them: lower case, composed, `ð` as `đ`.
fn exact(letter: char) -> String {
    spellings(&letter.to_string()).0
}

/// New tone places to old ones, where a syllable ends: `hoà` is indexed as `hòa`, `quý` stays.
fn tone_places() -> Vec<Value> {
    let mut filters = Vec::new();
    for pair in ["oa", "oe", "uy"] {
        for tone in ['\u{300}', '\u{301}', '\u{309}', '\u{303}', '\u{323}'] {
            let new: String = pair.chars().chain([tone]).nfc().collect();
            let old = old_tone_placement(&new);
            filters.push(json!({"type": "pattern_replace", "pattern": format!("(?<!q){new}$"), "replacement": old}));
        }
    }
    filters
}

/// OpenSearch and Elasticsearch take the same.
fn lucene() -> Value {
    let places = tone_places();
    let named: BTreeMap<String, Value> =
        places.into_iter().enumerate().map(|(n, filter)| (format!("vanban_tone_{n:02}"), filter)).collect();
    let spelled_so: Vec<&str> = ["lowercase"].into_iter().chain(named.keys().map(String::as_str)).collect();
    let folded = table(|letter| fold_char(letter).to_ascii_lowercase().to_string());
    let spelled =
        |analyzer: &str, search: &str| json!({"type": "text", "analyzer": analyzer, "search_analyzer": search});
    let marked = spelled("vanban_cut", "vanban_marked");
    let plain = spelled("vanban_cut", "vanban_folded");
    json!({
        "settings": {
            "analysis": {
                "char_filter": {
                    "vanban_exact": {"type": "mapping", "mappings": table(exact)},
                    "vanban_fold": {"type": "mapping", "mappings": folded},
                },
                "tokenizer": {
                    // As our own index cuts: runs of letters and digits.
                    "vanban_runs": {"type": "pattern", "pattern": "[^\\p{L}\\p{N}]+"},
                },
                "filter": &named,
                "normalizer": {
                    "vanban_key": {"type": "custom", "char_filter": ["vanban_fold"], "filter": ["lowercase"]},
                },
                "analyzer": {
                    "vanban_cut": {"type": "custom", "tokenizer": "whitespace"},
                    "vanban_marked": {
                        "type": "custom", "char_filter": ["vanban_exact"], "tokenizer": "vanban_runs",
                        "filter": spelled_so,
                    },
                    "vanban_folded": {
                        "type": "custom", "char_filter": ["vanban_fold"], "tokenizer": "vanban_runs",
                        "filter": ["lowercase"],
                    },
                },
            },
        },
        "mappings": {
            "dynamic": false,
            "_meta": {"query": query()},
            "properties": {
                "id": {"type": "keyword"},
                "source_hash": {"type": "keyword"},
                "number": {"type": "keyword"},
                "type": {"type": "keyword"},
                "issuer": {"type": "keyword"},
                "place": {"type": "keyword"},
                "date": {"type": "date", "format": "strict_date"},
                "effective": {"type": "date", "format": "strict_date"},
                "year": {"type": "short"},
                "title": {"type": "keyword", "index": false, "doc_values": false},
                "signer": {"type": "keyword"},
                "text": {"type": "keyword", "index": false, "doc_values": false},
                "marked": marked, "head_marked": marked,
                "folded": plain, "head_folded": plain,
                "number_keys": {"type": "keyword", "normalizer": "vanban_key"},
                "cites_keys": {"type": "keyword", "normalizer": "vanban_key"},
            },
        },
    })
}

/// A query to start from; `WORDS` and `NUMBER` stand for what was typed. Whoever sends words
/// without any mark leaves the two `marked` fields out, or a page that was never restored comes first.
fn query() -> Value {
    json!({
        "bool": {"should": [
            {"term": {"number_keys": {"value": "NUMBER", "boost": 20}}},
            {"dis_max": {"tie_breaker": 0.1, "queries": [
                {"multi_match": {"query": "WORDS", "fields": ["marked^3", "head_marked^6"], "operator": "and"}},
                {"multi_match": {"query": "WORDS", "fields": ["folded", "head_folded^2"], "operator": "and"}},
            ]}},
        ], "minimum_should_match": 1}
    })
}

fn quickwit(index: &str) -> Value {
    let raw = |name: &str| json!({"name": name, "type": "text", "tokenizer": "raw", "fast": true});
    let words = |name: &str| {
        json!({"name": name, "type": "text", "tokenizer": "whitespace", "record": "position", "fieldnorms": true,
            "stored": false})
    };
    let shown = |name: &str| json!({"name": name, "type": "text", "indexed": false});
    let keys = |name: &str| json!({"name": name, "type": "array<text>", "tokenizer": "raw_lowercase"});
    let day = |name: &str| json!({"name": name, "type": "datetime", "input_formats": ["%Y-%m-%d"], "output_format": "rfc3339", "fast": true});
    json!({
        "version": "0.8",
        "index_id": index,
        "doc_mapping": {
            "mode": "lenient",
            "field_mappings": [
                raw("id"), raw("source_hash"), raw("number"), raw("type"), raw("issuer"), raw("place"), raw("signer"),
                day("date"), day("effective"), json!({"name": "year", "type": "i64", "fast": true}),
                shown("title"), shown("text"),
                words("marked"), words("folded"), words("head_marked"), words("head_folded"),
                keys("number_keys"), keys("cites_keys"),
            ],
        },
        "search_settings": {"default_search_fields": ["folded", "head_folded"]},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_mapped_however_it_is_written() {
        let folded = table(|letter| fold_char(letter).to_ascii_lowercase().to_string());
        for written in ["ệ", "e\u{323}\u{302}", "ê\u{323}", "Ệ"] {
            assert!(folded.contains(&format!("{written}=>e")), "{written:?}");
        }
        for (written, letter) in [("Đ", "đ"), ("Ð", "đ"), ("ð", "đ"), ("Ế", "ế"), ("ê\u{301}", "ế")] {
            assert!(table(exact).contains(&format!("{written}=>{letter}")), "{written:?}");
        }
        assert!(letters().len() >= 134);
    }

    #[test]
    fn tone_places_are_those_of_the_index() {
        let filters = tone_places();
        assert_eq!(filters.len(), 15);
        assert!(filters.contains(&json!({"type": "pattern_replace", "pattern": "(?<!q)oà$", "replacement": "òa"})));
    }
}
