//! Numbers that no paper has: which held paper a misprinted or misread number probably means.
//!
//! A reference says more than a number: type, date, body, title. Where exactly one held paper fits
//! all that is said, and its number differs as prints and scans differ, it is the likely one. Two
//! that fit are reported. Papers of one day often follow each other in the series, so a number
//! that differs from a held one by a little is taken for a sibling that is not held, unless the
//! title or a scan speaks for the held one.

use super::identity::{Draft, Match, Mention, Registry, bodies_agree, homes_agree, name_key};
use crate::graph::facts::{Reference, is_local};
use crate::graph::{Doubt, NodeIndex, number_key};
use crate::number::{self, DocumentNumber};
use crate::text::fold;
use jiff::civil::Date;
use rustc_hash::{FxHashMap, FxHasher};
use std::hash::{Hash, Hasher};

/// Held papers by what else is said of them, and the misprints already seen through.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    by_day: FxHashMap<Date, Vec<NodeIndex>>,
    by_title: FxHashMap<u64, Vec<NodeIndex>>,
    /// Citing paper and printed number: a paper that misprints a number once repeats it.
    seen: FxHashMap<(NodeIndex, String), NodeIndex>,
}

/// What the archive knows of a number that no held paper has.
enum Meant {
    /// Nothing fits.
    Unknown,
    /// One paper fits, and why.
    One(NodeIndex, &'static str),
    /// These fit alike.
    Several(Vec<NodeIndex>),
}

/// Words of a title by which it is looked up.
const HEAD_WORDS: usize = 5;

/// Words of a title that are compared: whole titles, for papers of one kind begin alike.
const COMPARED_WORDS: usize = 40;

/// Edits and defects from which on a text counts as scanned.
const SCANNED: u32 = 12;

/// The most that is trusted of a reference whose number is taken for a misprint.
const MISPRINT: f32 = 0.7;

/// Words between a number and the title of its paper: date, body, term.
const BEFORE_TITLE: usize = 26;

impl Shelf {
    /// Enters a held paper.
    pub(super) fn enter(&mut self, n: NodeIndex, date: Option<Date>, title: Option<&str>) {
        if let Some(date) = date {
            self.by_day.entry(date).or_default().push(n);
        }
        if let Some(key) = title.map(title_words).as_deref().and_then(head_of) {
            self.by_title.entry(key).or_default().push(n);
        }
    }

    /// Which held paper a reference means whose number no paper has.
    fn meant(&self, drafts: &[Draft], mention: &Mention<'_>, printed: &str) -> Meant {
        let reference = mention.reference;
        let Some((number, _)) = number::scan(printed, 0) else { return Meant::Unknown };
        let said = said_title(&reference.sentence, &number.serial);
        let of_day = reference.date.and_then(|date| self.by_day.get(&date)).into_iter().flatten();
        let of_title = head_of(&said).and_then(|head| self.by_title.get(&head)).into_iter().flatten();
        let mut found: Vec<(NodeIndex, &'static str)> = Vec::new();
        for n in of_day.chain(of_title) {
            if *n == mention.owner || found.iter().any(|(other, _)| other == n) {
                continue;
            }
            if let Some(why) = fits(&drafts[*n as usize], mention, &number, &said) {
                found.push((*n, why));
            }
        }
        match found[..] {
            [] => Meant::Unknown,
            [(n, why)] => Meant::One(n, why),
            _ => Meant::Several(found.into_iter().map(|(n, _)| n).collect()),
        }
    }
}

/// Names of the shelves on which a held paper lies.
pub(super) fn shelf_keys(day: Option<Date>, title: Option<&str>) -> Vec<String> {
    let head = title.map(title_words).as_deref().and_then(head_of);
    day.map(|day| format!("d{day}")).into_iter().chain(head.map(|head| format!("t{head:016x}"))).collect()
}

/// Names of the shelves on which the paper may lie that this reference means.
pub(super) fn request_keys(reference: &Reference, printed: &str) -> Vec<String> {
    let Some((number, _)) = number::scan(printed, 0) else { return Vec::new() };
    let head = head_of(&said_title(&reference.sentence, &number.serial));
    let day = reference.date.map(|day| format!("d{day}"));
    day.into_iter().chain(head.map(|head| format!("t{head:016x}"))).collect()
}

/// Whether a held paper may be meant, whatever its term.
pub(super) fn may_mean(draft: &Draft, mention: &Mention<'_>, printed: &str) -> bool {
    let Some((number, _)) = number::scan(printed, 0) else { return false };
    let said = said_title(&mention.reference.sentence, &number.serial);
    let any_term = Draft { node: crate::graph::Node { term: None, ..draft.node.clone() }, ..draft.clone() };
    fits(&any_term, mention, &number, &said).is_some()
}

impl Registry {
    /// The held paper that a number no paper has probably means.
    pub(super) fn find_misprinted(&mut self, mention: &Mention<'_>, number: &str) -> Option<Match> {
        self.asked = true;
        match self.shelf.meant(&self.drafts, mention, number) {
            Meant::Unknown => None,
            Meant::One(n, why) => {
                self.shelf.seen.insert((mention.owner, number_key(number)), n);
                let printed = mention.reference.number.as_deref().unwrap_or(number);
                let why = format!("printed {printed}, probably {}: it is held {why}", self.name_of(n));
                Some(Match { node: n, why: Some(why) })
            }
            Meant::Several(fitting) => {
                let candidates: Vec<String> =
                    fitting.iter().map(|n| self.drafts[*n as usize].node.id.clone()).collect();
                let sentence = &mention.reference.sentence;
                let note = format!("{number} is not held, and may stand for {}: “{sentence}”", candidates.len());
                self.doubts.push(Doubt { doc: mention.own.id.clone(), kind: "ambiguous".to_owned(), note, candidates });
                None
            }
        }
    }

    /// What the same number was found to mean earlier in the same paper, for a reference without a date.
    pub(super) fn find_seen(&self, mention: &Mention<'_>, key: &str) -> Option<Match> {
        if mention.reference.date.is_some() || self.shelf.seen.is_empty() {
            return None;
        }
        let n = *self.shelf.seen.get(&(mention.owner, key.to_owned()))?;
        let printed = mention.reference.number.as_deref()?;
        let why = format!("printed {printed}, probably {}, as elsewhere in the same paper", self.name_of(n));
        Some(Match { node: n, why: Some(why) })
    }

    fn name_of(&self, n: NodeIndex) -> &str {
        let node = &self.drafts[n as usize].node;
        node.number.as_deref().unwrap_or(&node.id)
    }

    /// How sure an edge is: less where the reference was taken to mean a paper of another number.
    pub(super) fn trust(&self, reference: &Reference, n: NodeIndex) -> f32 {
        let held = self.drafts[n as usize].node.number.as_deref();
        let differ = |(own, held)| number_key(own) != number_key(held);
        let misprint = reference.number.as_deref().zip(held).is_some_and(differ);
        if misprint { reference.confidence.min(MISPRINT) } else { reference.confidence }
    }
}

/// Why a held paper may be meant by a number that is not its own.
fn fits(draft: &Draft, mention: &Mention<'_>, printed: &DocumentNumber, said: &[String]) -> Option<&'static str> {
    let (reference, node) = (mention.reference, &draft.node);
    let own = node.number.as_deref()?;
    if number_key(own) == number_key(&printed.canonical()) {
        // Not the number, something else was found to contradict.
        return None;
    }
    let kinds = reference.kind.as_deref().map(fold).zip(draft.kind.as_ref()).map(|(a, b)| a == *b);
    let dates = reference.date.zip(node.date).map(|(a, b)| a == b);
    let terms = reference.term.as_ref().zip(node.term.as_ref()).map(|(a, b)| a == b);
    let issuer = reference.issuer.as_deref().map(fold);
    let issuers = issuer.as_deref().zip(draft.issuer.as_deref()).and_then(|(a, b)| bodies_agree(a, b));
    let local = issuer.as_deref().is_none_or(is_local);
    let homes = if local { homes_agree(&mention.own.locality, &draft.locality) } else { None };
    if [dates, terms, issuers, homes].contains(&Some(false)) || kinds != Some(true) {
        return None;
    }
    // Nobody cites what is not written yet.
    if node.date.zip(mention.own.date).is_some_and(|(it, citing)| it > citing) {
        return None;
    }
    let title = node.title.as_deref().map(title_words).filter(|_| !said.is_empty());
    let titled = title.as_deref().and_then(|title| likeness(said, title));
    if titled == Some(false) {
        return None;
    }
    let same_words = title.as_deref().is_some_and(|title| in_the_same_words(said, title));
    let (titled, dated) = (titled == Some(true), dates == Some(true));
    if !titled && !dated {
        return None;
    }
    let (held, _) = number::scan(own, 0)?;
    let why = match difference(printed, &held)? {
        Difference::Letters => "with the same serial, type and date, but this code",
        // Papers that follow each other in a series have much the same title.
        Difference::Figure { apart } if same_words || apart > sibling_distance(&held) => {
            "with the same type and date, and one figure differs"
        }
        Difference::Figure { .. } if mention.own.damage >= SCANNED => {
            "with the same type and date, and the scan may have misread one figure"
        }
        Difference::Figure { .. } => return None,
    };
    Some(match (titled, dated) {
        (true, true) => "with the same type, date and title, and the number differs as prints and scans do",
        (true, false) => "with the same type and title, and the number differs as prints and scans do",
        _ => why,
    })
}

/// How two numbers of one paper differ.
enum Difference {
    /// Same serial; another code of type or body, or another year.
    Letters,
    /// One figure of the serial; how far apart the two are.
    Figure { apart: u32 },
}

/// Numbers of one day that are nearer than this may well be two papers.
fn sibling_distance(number: &DocumentNumber) -> u32 {
    9 + number.serial.parse::<u32>().unwrap_or_default() / 50
}

fn difference(printed: &DocumentNumber, held: &DocumentNumber) -> Option<Difference> {
    let (a, b) = (printed.serial.trim_start_matches('0'), held.serial.trim_start_matches('0'));
    if a == b {
        let one_group = printed.groups.len() == held.groups.len()
            && printed.groups.iter().zip(&held.groups).filter(|(a, b)| a != b).count() <= 1;
        let grown = printed.groups.len().abs_diff(held.groups.len()) == 1
            && printed.groups.iter().zip(&held.groups).all(|(a, b)| a == b);
        return (one_group || grown).then_some(Difference::Letters);
    }
    if printed.groups != held.groups || printed.year != held.year {
        return None;
    }
    misread(a, b).then(|| {
        let value = |serial: &str| serial.parse::<u32>().unwrap_or_default();
        Difference::Figure { apart: value(a).abs_diff(value(b)) }
    })
}

/// Whether two serials differ in one figure that looks like the other, or in one that was lost or added.
fn misread(a: &str, b: &str) -> bool {
    if !(a.bytes().chain(b.bytes()).all(|byte| byte.is_ascii_digit())) {
        return false;
    }
    if a.len() != b.len() {
        let (long, short) = if a.len() > b.len() { (a, b) } else { (b, a) };
        let without = |at: usize| format!("{}{}", &long[..at], &long[at + 1..]) == short;
        return short.len() >= 2 && long.len() == short.len() + 1 && (0..long.len()).any(without);
    }
    let mut differing = a.bytes().zip(b.bytes()).filter(|(a, b)| a != b);
    matches!((differing.next(), differing.next()), (Some((a, b)), None) if look_alike(a, b))
}

/// Figures that engines and typists take for each other.
fn look_alike(a: u8, b: u8) -> bool {
    const PAIRS: [&[u8; 2]; 16] = [
        b"06", b"08", b"09", b"14", b"16", b"17", b"27", b"35", b"38", b"39", b"49", b"56", b"58", b"59", b"68", b"89",
    ];
    PAIRS.iter().any(|pair| **pair == [a.min(b), a.max(b)])
}

/// The words of a title, folded, without the *về việc* that some write and some leave out.
fn title_words(title: &str) -> Vec<String> {
    let key = name_key(title).0;
    let words = key.split(' ').filter(|word| !word.is_empty()).map(str::to_owned);
    words.skip_while(|word| matches!(word.as_str(), "ve" | "viec" | "v")).take(COMPARED_WORDS).collect()
}

/// Under which a title is looked up; `None` where it is too short to tell papers apart.
fn head_of(words: &[String]) -> Option<u64> {
    let head = words.get(..HEAD_WORDS)?;
    let mut hasher = FxHasher::default();
    head.hash(&mut hasher);
    Some(hasher.finish())
}

/// The title that a sentence gives behind a number with this serial; empty where it gives none.
fn said_title(sentence: &str, serial: &str) -> Vec<String> {
    const OPENERS: [[&str; 2]; 7] = [
        ["ban", "hanh"],
        ["quy", "dinh"],
        ["phe", "duyet"],
        ["sua", "doi"],
        ["huong", "dan"],
        ["bo", "sung"],
        ["tang", "cuong"],
    ];
    let key = name_key(sentence).0;
    let words: Vec<&str> = key.split(' ').collect();
    let Some(at) = words.iter().position(|word| *word == serial) else { return Vec::new() };
    let behind = &words[at + 1..];
    let opens = |n: &usize| {
        behind[*n] == "ve" || behind.get(*n..*n + 2).is_some_and(|two| OPENERS.iter().any(|opener| opener == two))
    };
    let Some(start) = (0..behind.len().min(BEFORE_TITLE)).find(opens) else { return Vec::new() };
    title_words(&behind[start..].iter().take(COMPARED_WORDS + 3).copied().collect::<Vec<_>>().join(" "))
}

/// Whether two titles are one, as far as the shorter goes; `None` where damage leaves it open.
///
/// Their ends tell titles apart: “quy định mức thu, chế độ thu, nộp, quản lý và sử dụng phí …” begins hundreds.
fn likeness(said: &[String], title: &[String]) -> Option<bool> {
    let count = said.len().min(title.len());
    if count < 4 {
        return None;
    }
    let same =
        |from: usize| strsim::normalized_levenshtein(&said[from..count].join(" "), &title[from..count].join(" "));
    match (same(0), same(count - count.min(4))) {
        (whole, end) if whole >= 0.85 && end >= 0.7 => Some(true),
        (whole, _) if whole < 0.6 => Some(false),
        _ => None,
    }
}

/// Whether the whole title is said, in all but the same letters.
fn in_the_same_words(said: &[String], title: &[String]) -> bool {
    said.get(..title.len()).is_some_and(|said| {
        title.len() >= 4 && strsim::normalized_levenshtein(&said.join(" "), &title.join(" ")) >= 0.95
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{cite, paper};
    use super::*;
    use crate::citation::Relation;
    use crate::graph::Graph;
    use crate::graph::facts::Facts;

    #[test]
    fn a_figure_is_read_as_another_or_lost() {
        for (a, b) in [("84", "34"), ("446", "416"), ("86", "66"), ("446", "46"), ("3", "8")] {
            assert!(misread(a, b) && misread(b, a), "{a} {b}");
        }
        for (a, b) in [("446", "447"), ("12", "34"), ("1", "11"), ("84", "84"), ("05a", "06a")] {
            assert!(!misread(a, b), "{a} {b}");
        }
    }

    #[test]
    fn the_title_stands_behind_date_and_body() {
        let sentence = "Căn cứ Quyết định số 448-QĐ/TU, ngày 26/11/2021 của Ban Thường vụ Thành ủy về việc ban hành \
                        Quy chế làm việc của Ban Chấp hành";
        let said = said_title(sentence, "448");
        assert_eq!(said[..4], ["ban", "hanh", "quy", "che"]);
        assert_eq!(likeness(&said, &title_words("ban hành Quy chế làm việc của Ban Chấp hành Đảng bộ")), Some(true));
        assert_eq!(likeness(&said, &title_words("thành lập Ban Chỉ đạo cải cách hành chính nhà nước")), Some(false));
        // The ends differ.
        let fees =
            |what: &str| title_words(&format!("quy định mức thu, chế độ thu, nộp, quản lý và sử dụng phí {what}"));
        assert_ne!(likeness(&fees("thi hành án dân sự"), &fees("thẩm định thiết kế kỹ thuật")), Some(true));
        assert!(said_title("Căn cứ Quyết định số 448-QĐ/TU, ngày 26/11/2021", "448").is_empty());
    }

    #[test]
    fn a_misprint_means_the_one_held_paper_that_fits() {
        let held = || paper("a", "84-QĐ/TU", "Quy định", "2011-03-04", vec![]);
        let citing = |number: &str, date: &str, sentence: &str| {
            let reference =
                Reference { sentence: sentence.into(), ..cite(Relation::Replaces, number, "Quy định", date) };
            paper("b", "446-QĐ/TU", "Quyết định", "2021-11-26", vec![reference])
        };
        let meant = |facts: Vec<Facts>| {
            let graph = Graph::from_facts(facts, &[]);
            let edge = graph.edges()[0].clone();
            (graph.nodes()[edge.to as usize].id.clone(), edge.confidence, edge.why.unwrap())
        };
        // A figure far from the held one, another code, the title instead of the date.
        for (number, date) in [("34-QĐ/TU", "2011-03-04"), ("84-QĐ/TW", "2011-03-04"), ("84-QC/TU", "2011-03-04")] {
            let (id, sure, why) = meant(vec![held(), citing(number, date, "")]);
            assert_eq!(id, "a", "{number}");
            assert!(sure <= 0.7 && why.starts_with(&format!("printed {number}, probably 84-QĐ/TU")), "{why}");
        }
        let titled = Facts { title: Some("chế độ thông tin, báo cáo của các cấp ủy".into()), ..held() };
        let said = "thay thế Quy định số 89-QĐ/TU về chế độ thông tin, báo cáo của các cấp ủy";
        assert_eq!(meant(vec![titled.clone(), citing("89-QĐ/TU", "", said)]).0, "a");
        // A neighbour in the series, another day, another title: the number is taken at its word.
        let other = "thay thế Quy định số 34-QĐ/TU về công tác tổ chức, cán bộ của cơ quan";
        for (number, date, sentence) in
            [("89-QĐ/TU", "2011-03-04", ""), ("34-QĐ/TU", "2011-03-05", ""), ("34-QĐ/TU", "2011-03-04", other)]
        {
            assert_ne!(meant(vec![titled.clone(), citing(number, date, sentence)]).0, "a", "{number} {date}");
        }
        // Papers of one series and day begin alike: only the whole title makes one of the other.
        let fee = "mức thu, chế độ thu, nộp, quản lý và sử dụng phí thi hành án dân sự";
        let series = Facts { title: Some(format!("Quy định {fee}")), ..held() };
        let other = "bãi bỏ Quy định số 89-QĐ/TU quy định mức thu, chế độ thu, nộp, quản lý và sử dụng phí thẩm định \
                     thiết kế kỹ thuật";
        assert_ne!(meant(vec![series.clone(), citing("89-QĐ/TU", "2011-03-04", other)]).0, "a");
        let same = format!("bãi bỏ Quy định số 89-QĐ/TU quy định {fee}.");
        assert_eq!(meant(vec![series, citing("89-QĐ/TU", "2011-03-04", &same)]).0, "a");
        // A scan may have misread the neighbour.
        let scan = Facts { damage: 200, ..citing("89-QĐ/TU", "2011-03-04", "") };
        assert_eq!(meant(vec![held(), scan]).0, "a");
        // Two that fit are reported.
        let twin = paper("c", "94-QĐ/TU", "Quy định", "2011-03-04", vec![]);
        let graph = Graph::from_facts(vec![held(), twin, citing("34-QĐ/TU", "2011-03-04", "")], &[]);
        assert_eq!(graph.nodes()[graph.edges()[0].to as usize].held, Some(false));
        assert_eq!(graph.doubts[0].candidates, ["a", "c"]);
    }

    #[test]
    fn a_paper_repeats_its_misprint() {
        let references = vec![
            cite(Relation::Basis, "34-QĐ/TU", "Quy định", "2011-03-04"),
            cite(Relation::Replaces, "34-QĐ/TU", "Quy định", ""),
        ];
        let facts = vec![
            paper("a", "84-QĐ/TU", "Quy định", "2011-03-04", vec![]),
            paper("b", "446-QĐ/TU", "Quyết định", "2021-11-26", references),
        ];
        let graph = Graph::from_facts(facts, &[]);
        let held = graph.by_id("a").unwrap();
        assert!(graph.edges().len() == 2 && graph.edges().iter().all(|edge| edge.to == held));
    }
}
