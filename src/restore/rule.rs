//! Readings that people settled once for all places: the same damage, read the same way, between
//! the same words.
//!
//! A rule never speaks against a decoder that is sure, and where two decisions contradict each
//! other there is no rule. What it changed is an edit with the decoder's reading as the runner-up.

use super::{Edit, Restored};
use crate::text::{Defect, Span, fold};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A reading settled for all places.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rule {
    /// What was scanned.
    pub scan: String,
    /// What the decoder makes of it.
    pub old: String,
    /// What it says.
    pub new: String,
    /// The words on either side, as [`beside`] gives them; empty strings where any will do.
    pub beside: Option<[String; 2]>,
    /// Ids of the decisions behind it.
    pub decisions: Vec<String>,
}

/// What a rule's reading counts for, in thousandths: somebody saw the like, but not this page.
const SETTLED: u16 = 990;
/// A decoder surer than this, in thousandths, is not contradicted by a rule without neighbours.
const SURE: u16 = 900;
/// Decisions in different company that must agree before the company no longer matters.
const AGREE: usize = 2;

/// The words on either side of a stretch on its line: folded, without their marks, empty at the edges.
pub fn beside(text: &str, span: Span) -> [String; 2] {
    let begin = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[span.end..].find('\n').map_or(text.len(), |at| span.end + at);
    let is_word = |word: &&str| word.contains(char::is_alphanumeric);
    // What clings to the stretch itself, such as a comma, is no word.
    let bare = |word: Option<&str>| word.map(|word| fold(word.trim_matches(|c: char| !c.is_alphanumeric())));
    let before = text[begin..span.start].split_whitespace().rev().find(is_word);
    let after = text[span.end..end].split_whitespace().find(is_word);
    [bare(before).unwrap_or_default(), bare(after).unwrap_or_default()]
}

/// One decision, as rules are made from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// See [`Rule`]; `new` equals `old` where the decoder was right.
    pub rule: Rule,
    /// Whether it is to hold in the whole archive, or only bars rules that contradict it.
    pub everywhere: bool,
}

/// The rules that follow from what people decided, in a fixed order.
///
/// Between the same two words the same damage is the same word, whatever the decoder makes of it.
/// In any company it is so only where the decoder reads it as it did and is in doubt.
pub fn rules(verdicts: &[Verdict]) -> Vec<Rule> {
    let mut in_company: BTreeMap<(&str, &[String; 2]), Vec<&Verdict>> = BTreeMap::new();
    let mut in_any: BTreeMap<(&str, &str), Vec<&Verdict>> = BTreeMap::new();
    for verdict in verdicts {
        let Rule { scan, old, beside, .. } = &verdict.rule;
        if let Some(beside) = beside {
            in_company.entry((scan.as_str(), beside)).or_default().push(verdict);
        }
        in_any.entry((scan.as_str(), old.as_str())).or_default().push(verdict);
    }
    let make = |verdicts: &[&Verdict], beside: Option<[String; 2]>| {
        let first = &verdicts[0].rule;
        let one_answer = verdicts.iter().all(|verdict| verdict.rule.new == first.new);
        let wanted = one_answer && verdicts.iter().any(|verdict| verdict.everywhere);
        let ids: BTreeSet<&String> = verdicts.iter().flat_map(|verdict| &verdict.rule.decisions).collect();
        wanted.then(|| Rule { beside, decisions: ids.into_iter().cloned().collect(), ..first.clone() })
    };
    let close = in_company.iter().filter_map(|((_, beside), verdicts)| make(verdicts, Some((*beside).clone())));
    let apart = |verdicts: &&Vec<&Verdict>| {
        let company: BTreeSet<_> = verdicts.iter().filter(|one| one.everywhere).map(|one| &one.rule.beside).collect();
        company.len() >= AGREE && verdicts[0].rule.new != verdicts[0].rule.old
    };
    let wide = in_any.values().filter(apart).filter_map(|verdicts| make(verdicts, None));
    close.chain(wide).collect()
}

/// Rules by the damage they are about.
#[derive(Debug, Default)]
pub(crate) struct Book {
    rules: FxHashMap<String, Vec<Rule>>,
}

impl Book {
    pub(crate) fn new(rules: &[Rule]) -> Book {
        let mut book = Book::default();
        for rule in rules {
            book.rules.entry(rule.scan.clone()).or_default().push(rule.clone());
        }
        book
    }

    fn find(&self, source: &str, restored: &Restored, edit: &Edit) -> Option<&Rule> {
        let rules = self.rules.get(edit.source.of(source))?;
        let company = beside(&restored.text, edit.span);
        let reading = edit.span.of(&restored.text);
        let close = rules.iter().find(|rule| rule.beside.as_ref() == Some(&company));
        let wide = |rule: &&Rule| rule.beside.is_none() && edit.confidence < SURE && rule.old == reading;
        close.or_else(|| rules.iter().find(wide)).filter(|rule| rule.new != reading)
    }

    /// The same for words without an edit, which the decoder knew no other reading of: in the company of the
    /// decisions alone, since nothing says how sure it was.
    fn left_as_scanned(&self, source: &str, restored: &Restored) -> Vec<(Span, &Rule, String)> {
        let text = &restored.text;
        let words = text.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
        let settled = words.filter_map(|word| {
            let rules = self.rules.get(word)?;
            let start = word.as_ptr() as usize - text.as_ptr() as usize;
            let span = Span::new(start, start + word.len());
            let next = restored.edits.partition_point(|edit| edit.span.end <= span.start);
            if restored.edits.get(next).is_some_and(|edit| edit.span.overlaps(span)) {
                return None;
            }
            let origin = restored.source_span(span);
            let company = beside(text, span);
            let rule = rules.iter().find(|rule| rule.beside.as_ref() == Some(&company) && rule.new != word)?;
            (origin.of(source) == word).then(|| (origin, rule, word.to_owned()))
        });
        settled.collect()
    }

    /// Settles what the rules speak of, and says so in the defects.
    pub(crate) fn apply(&self, source: &str, restored: Restored) -> Restored {
        if self.rules.is_empty() {
            return restored;
        }
        let reading = |edit: &Edit| edit.span.of(&restored.text).to_owned();
        let mut found: Vec<(Span, &Rule, String)> = restored
            .edits
            .iter()
            .filter_map(|edit| Some((edit.source, self.find(source, &restored, edit)?, reading(edit))))
            .collect();
        found.extend(self.left_as_scanned(source, &restored));
        found.sort_by_key(|(span, _, _)| span.start);
        let settled: Vec<(Span, &str)> = found.iter().map(|(span, rule, _)| (*span, rule.new.as_str())).collect();
        let mut restored = restored.settle(source, &settled);
        for (span, rule, was) in found {
            let line = source[..span.start].matches('\n').count() + 1;
            let note = format!(
                "“{}” reads “{}”, not “{}”, as was decided elsewhere ({})",
                rule.scan,
                rule.new,
                was,
                rule.decisions.join(", ")
            );
            restored.defects.push(Defect { kind: "settled".into(), line, note });
            let edit = restored.edits.binary_search_by_key(&span.start, |edit| edit.source.start);
            if let Ok(n) = edit {
                restored.edits[n].confidence = SETTLED;
                restored.edits[n].runner_up = Some(was.as_str().into());
            }
        }
        restored
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(before: &str, new: &str, everywhere: bool, id: &str) -> Verdict {
        let beside = Some([before.to_owned(), "vu".to_owned()]);
        let decisions = vec![id.to_owned()];
        Verdict {
            rule: Rule { scan: "Thudng".into(), old: "thượng".into(), new: new.into(), beside, decisions },
            everywhere,
        }
    }

    fn check(verdicts: &[Verdict], expected: &[(Option<&str>, &str)]) {
        let rules = rules(verdicts);
        let shown: Vec<(Option<&str>, &str)> = rules
            .iter()
            .map(|rule| (rule.beside.as_ref().map(|beside| beside[0].as_str()), rule.new.as_str()))
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn one_decision_holds_in_its_company_and_agreeing_ones_in_any() {
        check(&[verdict("ban", "Thường", true, "1")], &[(Some("ban"), "Thường")]);
        let two = [verdict("ban", "Thường", true, "1"), verdict("uy", "Thường", true, "2")];
        check(&two, &[(Some("ban"), "Thường"), (Some("uy"), "Thường"), (None, "Thường")]);
    }

    #[test]
    fn a_contradiction_bars_the_rule() {
        let same = [verdict("ban", "Thường", true, "1"), verdict("ban", "thượng", false, "2")];
        check(&same, &[]);
        let other = [
            verdict("ban", "Thường", true, "1"),
            verdict("uy", "Thường", true, "2"),
            verdict("chi", "thượng", false, "3"),
        ];
        check(&other, &[(Some("ban"), "Thường"), (Some("uy"), "Thường")]);
        check(&[verdict("ban", "Thường", false, "1")], &[]);
    }

    #[test]
    fn neighbours_are_words_of_the_line() {
        let text = "Ban\nThường vụ, (Tỉnh ủy) ra";
        let at = |word: &str| Span::new(text.find(word).unwrap(), text.find(word).unwrap() + word.len());
        assert_eq!(beside(text, at("vụ")), ["thuong", "tinh"]);
        assert_eq!(beside(text, at("Thường")), ["", "vu"]);
    }

    #[test]
    fn a_rule_settles_its_places_and_says_so() {
        let source = "Ban Thudng vu";
        let mut restored = Restored { text: "Ban thượng vụ".into(), ..Restored::default() };
        for (read, written) in [("Thudng", "thượng"), ("vu", "vụ")] {
            let place =
                |text: &str, part: &str| Span::new(text.find(part).unwrap(), text.find(part).unwrap() + part.len());
            let (span, origin) = (place(&restored.text, written), place(source, read));
            restored.map.push(span, origin);
            restored.edits.push(Edit {
                span,
                source: origin,
                confidence: 950,
                teaches: 950,
                runner_up: None,
                channel: 0,
                language: 0,
            });
        }
        let book = Book::new(&rules(&[verdict("ban", "Thường", true, "d1")]));
        let out = book.apply(source, restored);
        assert_eq!(out.text, "Ban Thường vụ");
        assert_eq!(out.edits[0].runner_up.as_deref(), Some("thượng"));
        assert_eq!(out.defects.len(), 1);
        assert!(out.defects[0].note.contains("d1"));
    }

    #[test]
    fn a_word_left_as_scanned_is_settled_between_the_same_words_alone() {
        let source = "Ban QUYÊT vu, Ban QUYÊT dinh";
        let restored = Restored { text: source.into(), ..Restored::default() };
        let rule = Rule {
            scan: "QUYÊT".into(),
            old: "QUYÊT".into(),
            new: "QUYẾT".into(),
            beside: Some(["ban".into(), "vu".into()]),
            decisions: vec!["d1".into()],
        };
        let wide = Rule { beside: None, ..rule.clone() };
        let out = Book::new(&[rule, wide]).apply(source, restored);
        assert_eq!(out.text, "Ban QUYẾT vu, Ban QUYÊT dinh");
        assert_eq!(out.edits[0].runner_up.as_deref(), Some("QUYÊT"));
        assert_eq!(out.defects.len(), 1);
    }
}
