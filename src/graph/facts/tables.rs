//! Annexes that list what their decision repeals: “Bãi bỏ một phần 03 văn bản tại Phụ lục II”.
//!
//! The rows name documents in one column and, of those repealed in part, the places in another.

use super::Reference;
use crate::citation::{Relation, Target};
use crate::document::Document;
use crate::graph::place::Place;
use crate::text::fold;
use jiff::civil::Date;
use regex::Regex;
use std::sync::LazyLock;

/// An annex whose rows are repealed.
pub(super) struct List {
    /// The first step of its path: `phu_luc:II`.
    annex: String,
    /// Only the places named are repealed.
    in_part: bool,
}

/// Folded: “bai bo toan bo 05 van ban … tai phu luc i”, “bai bo mot phan … theo phu luc ii”;
/// not “cong bo danh muc van ban het hieu luc”.
static CLAUSE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x) \b bai\s+bo \s+ (?P<what>[^.;:\n]{0,160}?(?:\n[^.;:\n]{0,120}?)?) \b(?:tai|theo|trong|o) \s+ (?:cac\s+)?
          (?:danh\s+muc\s+(?:tai\s+)?)? phu\s+luc (?: \s+ (?:so\s+)? (?P<label>[ivx]{1,5}|\d{1,2})\b )?",
    )
    .expect("a fixed pattern")
});

/// One place of a row: “điểm b khoản 2 Điều 4”, “Phụ lục II”, “Chương III”.
static PLACE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        (?:[Đđ]iểm\s+\w{1,3} (?:\s*,\s*(?:[Đđ]iểm\s+)?[a-zđ]\d?\b | \s+và\s+(?:[Đđ]iểm\s+)?[a-zđ]\d?\b)* \s+)?
        (?:[Kk]hoản\s+\d+[a-zđ]? (?:\s*,\s*(?:[Kk]hoản\s+)?\d+[a-zđ]? | \s+và\s+(?:[Kk]hoản\s+)?\d+[a-zđ]?)* \s+)?
        [Đđ]iều\s+\d+[a-zđ]?
        | Phụ\s+lục\s+(?:số\s+)?[IVX\d]+ | Mục\s+\d+\s+Chương\s+[IVX]+ | Chương\s+[IVX]+",
    )
    .expect("a fixed pattern")
});

/// `17/4/2009`, `03-8-2011`.
static DAY: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(\d{1,2})[/-](\d{1,2})[/-](\d{4})\b").expect("a fixed pattern"));

/// Annexes that the document's own articles make lists of repeal.
pub(super) fn repealing_annexes(document: &Document) -> Vec<List> {
    let text = &document.restored.text;
    let first = document.outline.nodes.iter().find(|node| node.path.starts_with("phu_luc:"));
    let Some(first) = first else { return Vec::new() };
    let body = fold(&text[..first.span.start]);
    let annexes = || {
        let steps = document.outline.nodes.iter().map(|node| node.path.split('/').next().unwrap_or_default());
        steps.filter(|step| step.starts_with("phu_luc:"))
    };
    let mut lists: Vec<List> = Vec::new();
    for clause in CLAUSE.captures_iter(&body) {
        let in_part = clause["what"].contains("mot phan") || clause["what"].contains("mot so dieu");
        for annex in annexes() {
            let label = Place::parse(annex).and_then(|place| place.annex);
            let named = clause.name("label").and_then(|label| Place::parse(&format!("phu_luc:{}", label.as_str())));
            let meant = named.is_none_or(|named| named.annex == label);
            if meant && lists.iter().all(|list| list.annex != annex) {
                lists.push(List { annex: annex.to_owned(), in_part });
            }
        }
    }
    lists
}

/// Reads relation, places and date of citation `n` off its row, if it stands in such an annex.
pub(super) fn read_row(document: &Document, n: usize, lists: &[List], reference: &mut Reference) {
    let citation = &document.citations[n];
    let annex = citation.path.as_deref().and_then(|path| path.split('/').next()).unwrap_or_default();
    let Some(list) = lists.iter().find(|list| list.annex == annex) else { return };
    let own_heading = matches!(reference.relation, Relation::AttachedTo | Relation::Attaches);
    let text = &document.restored.text;
    let lines = fold(text[citation.span.end..].lines().next().unwrap_or_default());
    let line_start = text[..citation.span.start].rfind('\n').map_or(0, |at| at + 1);
    let before = fold(&text[line_start..citation.span.start]);
    // A note below the table speaks in sentences; a row begins with its number.
    let row = before.trim_start().starts_with(|c: char| c.is_ascii_digit());
    if own_heading || !row || lines.contains("da het hieu luc") || reference.relation != Relation::Cites {
        return;
    }
    let others = document.citations[n + 1..].iter().filter(|other| other.target != Target::SelfDocument);
    let next = others.map(|other| other.span.start).find(|at| *at > citation.span.end);
    let end = next.unwrap_or(text.len()).min(text.len());
    let row = &text[citation.span.end..end];
    if reference.date.is_none()
        && let Some(day) = DAY.captures(row)
        && let (Ok(year), Ok(month), Ok(date)) = (day[3].parse(), day[2].parse(), day[1].parse())
    {
        reference.date = Date::new(year, month, date).ok();
    }
    reference.relation = Relation::Repeals;
    if list.in_part && reference.locators.is_empty() {
        reference.locators = places(row);
        if reference.locators.is_empty() {
            reference.locators.push("một phần".to_owned());
        }
    }
}

/// The places of a row, lists taken apart: “điểm b, điểm c khoản 2 Điều 4” is two.
fn places(row: &str) -> Vec<String> {
    let line = row.split_whitespace().collect::<Vec<_>>().join(" ");
    let attached = ["Quy chế", "Quy định", "Định mức"]
        .into_iter()
        .find(|kind| line.contains(&format!("{kind} kèm theo")) || line.contains(&format!("{kind} ban hành kèm theo")));
    let mut found = Vec::new();
    for place in PLACE.find_iter(&line) {
        let words: Vec<&str> = place.as_str().split(|c: char| c.is_whitespace() || c == ',').collect();
        let mut heads: Vec<String> = vec![String::new()];
        let mut unit = "";
        // Each unit of a list takes what follows the list.
        let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
        for word in words.into_iter().filter(|word| !word.is_empty() && *word != "và" && *word != "số") {
            let lower = word.to_lowercase();
            if ["điểm", "khoản", "điều", "phụ", "mục", "chương"].contains(&lower.as_str()) {
                if unit != word || groups.last().is_none_or(|(last, _)| !last.eq_ignore_ascii_case(word)) {
                    groups.push((word, Vec::new()));
                }
                unit = word;
            } else if let Some((_, labels)) = groups.last_mut().filter(|_| lower != "lục") {
                labels.push(word);
            }
        }
        for (unit, labels) in groups {
            let unit = if unit.to_lowercase() == "phụ" { "Phụ lục" } else { unit };
            heads = heads
                .iter()
                .flat_map(|head| labels.iter().map(move |label| format!("{head} {unit} {label}").trim().to_owned()))
                .collect();
        }
        found.extend(heads.into_iter().map(|words| match attached {
            Some(kind) if !words.starts_with("Phụ lục") => format!("{words} {kind} kèm theo"),
            _ => words,
        }));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_names_its_places() {
        assert_eq!(
            places("30/11/2015 điểm b, điểm c khoản 2 Điều 4 Trái"),
            ["điểm b khoản 2 Điều 4", "điểm c khoản 2 Điều 4"]
        );
        assert_eq!(places("30/9/2020    khoản 3 Điều 5   Không đúng"), ["khoản 3 Điều 5"]);
        assert_eq!(places("16/5/2018 Phụ lục II của Định mức kèm theo Không"), ["Phụ lục II"]);
        assert!(places("Thi tuyển công chức").is_empty());
    }

    #[test]
    fn clauses_name_the_annex() {
        let clause = |text: &str| {
            let folded = fold(text);
            CLAUSE.captures(&folded).map(|c| (c["what"].to_owned(), c.name("label").map(|l| l.as_str().to_owned())))
        };
        let (what, label) = clause("2. Bãi bỏ một phần 03 văn bản quy phạm pháp luật tại Phụ lục II.").unwrap();
        assert!(what.contains("mot phan"));
        assert_eq!(label.as_deref(), Some("ii"));
        assert!(clause("Công bố danh mục văn bản hết hiệu lực tại Phụ lục I").is_none());
    }
}
