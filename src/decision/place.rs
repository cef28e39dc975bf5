//! Where decisions belong in a text: by bytes, by line and neighbours, or by likeness.
//!
//! A document that is byte for byte the one decided on takes the decision at its span. Otherwise
//! the source line is looked for, the neighbours telling equal lines apart; and where the page was
//! scanned anew, the line most like it. Only documents of the same id, or of the same bytes, are
//! searched, and all documents once no document of that id exists any more: it was renamed.

use super::{Decision, Decisions};
use crate::text::{Span, fold};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// A stretch of source text whose reading is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// Bytes of the source text.
    pub span: Span,
    /// What it says.
    pub reading: String,
    /// Id of the decision.
    pub decision: String,
}

/// Lines less alike than this are different lines, however their neighbours look.
const LIKE: f64 = 0.72;
/// The same for a neighbour that is to vouch for a line.
const NEIGHBOUR: f64 = 0.6;
/// Lines looked at closely for one decision.
const MOST_LINES: usize = 12;

/// Finds the places of all decisions in one document after another.
#[derive(Debug, Default)]
pub struct Placer {
    decisions: Vec<Decision>,
    by_hash: FxHashMap<String, Vec<usize>>,
    by_doc: FxHashMap<String, Vec<usize>>,
    /// Decisions on documents whose id is gone, by their line.
    orphans: FxHashMap<String, Vec<usize>>,
    /// The same by the words of their line that are long enough to tell lines apart.
    orphan_words: FxHashMap<String, Vec<usize>>,
}

impl Placer {
    /// `exists` says whether the archive holds a document of an id now.
    pub fn new(decisions: &Decisions, exists: impl Fn(&str) -> bool) -> Placer {
        let mut placer = Placer::default();
        for decision in decisions.holding().filter(|decision| decision.is_reading()) {
            let n = placer.decisions.len();
            placer.decisions.push(decision.clone());
            placer.by_hash.entry(decision.hash.clone()).or_default().push(n);
            placer.by_doc.entry(decision.doc.clone()).or_default().push(n);
            if !exists(&decision.doc) {
                placer.orphans.entry(squeezed(&decision.source)).or_default().push(n);
                for word in words(&decision.source) {
                    placer.orphan_words.entry(word).or_default().push(n);
                }
            }
        }
        placer
    }

    /// The pins of one document, in order and apart from one another.
    pub fn place(&self, id: &str, hash: &str, text: &str) -> Vec<Pin> {
        if self.decisions.is_empty() {
            return Vec::new();
        }
        let own = self.by_doc.get(id).into_iter().chain(self.by_hash.get(hash)).flatten().copied();
        let mut wanted: Vec<usize> = own.collect();
        let page = Page::new(text);
        if !self.orphans.is_empty() {
            self.claim_orphans(&page, &mut wanted);
        }
        wanted.sort_unstable();
        wanted.dedup();
        let mut found: BTreeMap<usize, Pin> = BTreeMap::new();
        // The latest decision wins a place that two have come to share.
        for n in wanted.into_iter().rev() {
            let decision = &self.decisions[n];
            let own = decision.doc == id || decision.hash == hash;
            let Some(span) = locate(decision, hash, own, &page) else { continue };
            let next = found.range(span.start..).next().map(|(_, pin)| pin.span);
            let before = found.range(..span.start).next_back().map(|(_, pin)| pin.span);
            if [next, before].into_iter().flatten().any(|other| other.overlaps(span)) {
                continue;
            }
            let pin = Pin { span, reading: decision.new.clone(), decision: decision.id.clone() };
            found.insert(span.start, pin);
        }
        found.into_values().collect()
    }

    /// Decisions on vanished documents that may belong to this page.
    fn claim_orphans(&self, page: &Page<'_>, wanted: &mut Vec<usize>) {
        let mut shared: FxHashMap<usize, usize> = FxHashMap::default();
        let mut seen = FxHashSet::default();
        for line in &page.lines {
            wanted.extend(self.orphans.get(&squeezed(line)).into_iter().flatten());
            for word in words(line) {
                if let Some(found) = self.orphan_words.get(&word)
                    && seen.insert(word)
                {
                    found.iter().for_each(|n| *shared.entry(*n).or_default() += 1);
                }
            }
        }
        let enough = |n: usize| words(&self.decisions[n].source).count().div_ceil(2).max(2);
        wanted.extend(shared.into_iter().filter(|(n, count)| *count >= enough(*n)).map(|(n, _)| n));
    }
}

/// A text by lines.
struct Page<'t> {
    text: &'t str,
    lines: Vec<&'t str>,
}

impl<'t> Page<'t> {
    fn new(text: &'t str) -> Page<'t> {
        Page { text, lines: text.split('\n').collect() }
    }

    fn start(&self, line: usize) -> usize {
        self.lines[line].as_ptr() as usize - self.text.as_ptr() as usize
    }

    fn above(&self, line: usize) -> &'t str {
        self.lines[..line].iter().rev().find(|line| line.contains(char::is_alphanumeric)).copied().unwrap_or_default()
    }

    fn below(&self, line: usize) -> &'t str {
        let after = &self.lines[line + 1..];
        after.iter().find(|line| line.contains(char::is_alphanumeric)).copied().unwrap_or_default()
    }

    /// How far the neighbours of a line are those of the decision, 0 to 2.
    fn company(&self, line: usize, decision: &Decision) -> f64 {
        likeness(self.above(line), &decision.above) + likeness(self.below(line), &decision.below)
    }
}

/// Where the decision's stretch stands in the page. A page that is not known to be the decision's
/// `own` must show a neighbour too: stock lines stand in many papers.
fn locate(decision: &Decision, hash: &str, own: bool, page: &Page<'_>) -> Option<Span> {
    let in_line = decision.place_in_line()?;
    if decision.hash == hash
        && let Some(line) = decision.line.checked_sub(1)
        && page.lines.get(line) == Some(&decision.source.as_str())
    {
        let start = page.start(line);
        return Some(Span::new(start + in_line.start, start + in_line.end));
    }
    let line_text = squeezed(&decision.source);
    let vouched = |line: usize| {
        likeness(page.above(line), &decision.above) >= NEIGHBOUR
            || likeness(page.below(line), &decision.below) >= NEIGHBOUR
    };
    let equal = (0..page.lines.len()).filter(|n| squeezed(page.lines[*n]) == line_text && (own || vouched(*n)));
    if let Some(line) = best(equal, |line| page.company(line, decision), decision.line)
        && let Some(span) = aligned(decision, in_line, page.lines[line], page.start(line))
    {
        return Some(span);
    }
    // Scanned anew: the line most like it, vouched for by a neighbour unless it can speak for itself.
    let mine: FxHashSet<String> = words(&decision.source).collect();
    let mut near: Vec<(usize, usize)> = (0..page.lines.len())
        .map(|n| (words(page.lines[n]).filter(|word| mine.contains(word)).count(), n))
        .filter(|(shared, _)| *shared > 0)
        .collect();
    near.sort_by_key(|(shared, n)| (std::cmp::Reverse(*shared), n.abs_diff(decision.line)));
    near.truncate(MOST_LINES);
    let like = |line: usize| likeness(page.lines[line], &decision.source);
    let close = near.into_iter().map(|(_, line)| line).filter(|line| like(*line) >= LIKE && vouched(*line));
    let line = best(close, |line| page.company(line, decision) + like(line), decision.line)?;
    aligned(decision, in_line, page.lines[line], page.start(line))
}

/// The line of the highest rank; of equals, the one nearest to line `near` (counted from 1).
fn best(lines: impl Iterator<Item = usize>, rank: impl Fn(usize) -> f64, near: usize) -> Option<usize> {
    lines
        .map(|line| (rank(line), line))
        .max_by(|a, b| a.0.total_cmp(&b.0).then((b.1 + 1).abs_diff(near).cmp(&(a.1 + 1).abs_diff(near))))
        .map(|(_, line)| line)
}

/// The stretch of `line` that stands where `in_line` stands in the decision's line, by the cheapest
/// alignment of their words; `None` where nothing like it is left.
fn aligned(decision: &Decision, in_line: Span, line: &str, start: usize) -> Option<Span> {
    let own: Vec<Span> = tokens(&decision.source);
    let other: Vec<Span> = tokens(line);
    let touched = |span: &Span| span.overlaps(in_line);
    let (first, last) = (own.iter().position(touched)?, own.iter().rposition(touched)?);
    let cost = |i: usize, j: usize| {
        let (a, b) = (own[i].of(&decision.source), other[j].of(line));
        if a == b { 0.0 } else { 1.2 * (1.0 - likeness(a, b)) + 0.01 }
    };
    let (n, m) = (own.len(), other.len());
    let mut sums = vec![vec![0.0; m + 1]; n + 1];
    for i in 0..=n {
        for j in 0..=m {
            if i + j == 0 {
                continue;
            }
            let pair = if i > 0 && j > 0 { sums[i - 1][j - 1] + cost(i - 1, j - 1) } else { f64::MAX };
            let drop = if i > 0 { sums[i - 1][j] + 0.7 } else { f64::MAX };
            let put = if j > 0 { sums[i][j - 1] + 0.7 } else { f64::MAX };
            sums[i][j] = pair.min(drop).min(put);
        }
    }
    let mut partner = vec![None; n];
    let (mut i, mut j) = (n, m);
    while i > 0 && j > 0 {
        if sums[i][j] == sums[i - 1][j - 1] + cost(i - 1, j - 1) {
            (i, j) = (i - 1, j - 1);
            partner[i] = Some(j);
        } else if sums[i][j] == sums[i - 1][j] + 0.7 {
            i -= 1;
        } else {
            j -= 1;
        }
    }
    let (from, to) = (other[partner[first]?], other[partner[last]?]);
    // What the decision leaves of its outer words, such as a comma, is left here too.
    let outer = |word: Span, edge: usize, from_start: bool| -> usize {
        if from_start { edge.saturating_sub(word.start) } else { word.end.saturating_sub(edge) }
    };
    let lead = outer(own[first], in_line.start, true);
    let trail = outer(own[last], in_line.end, false);
    let keep = |word: &str, lost: &str, at_start: bool| -> usize {
        let same = if at_start { word.starts_with(lost) } else { word.ends_with(lost) };
        let marks = |c: char| !c.is_alphanumeric();
        match (same, at_start) {
            (true, _) => lost.len(),
            (false, true) => word.len() - word.trim_start_matches(marks).len(),
            (false, false) => word.len() - word.trim_end_matches(marks).len(),
        }
    };
    let own_first = own[first].of(&decision.source);
    let own_last = own[last].of(&decision.source);
    let begin = from.start + if lead > 0 { keep(from.of(line), &own_first[..lead], true) } else { 0 };
    let end = to.end - if trail > 0 { keep(to.of(line), &own_last[own_last.len() - trail..], false) } else { 0 };
    (begin < end).then(|| Span::new(start + begin, start + end))
}

fn tokens(line: &str) -> Vec<Span> {
    line.split_whitespace()
        .map(|word| {
            let start = word.as_ptr() as usize - line.as_ptr() as usize;
            Span::new(start, start + word.len())
        })
        .collect()
}

/// A line with its blanks made one.
fn squeezed(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What scans of the same words still share.
fn skeleton(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The skeletons of a line's words that tell lines apart.
fn words(line: &str) -> impl Iterator<Item = String> {
    line.split_whitespace().map(skeleton).filter(|word| word.len() >= 3)
}

/// 1 for the same letters, 0 for none in common; two empty lines are alike.
fn likeness(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    strsim::normalized_levenshtein(&skeleton(a), &skeleton(b))
}

#[cfg(test)]
mod tests {
    use super::super::What;
    use super::*;
    use jiff::Timestamp;

    const SCAN: &str = "DANG BO TINH SONG THAO\n\nCan ctf Diéu 1é Dang,\nchi dao cdc cap ty, ngudi dtng dau chju trach\nnhiém truéc Ban Thudng vu.\n";

    fn decisions(stretch: &str, new: &str) -> Decisions {
        let at = SCAN.find(stretch).unwrap();
        let decision = Decision::new(Timestamp::UNIX_EPOCH, "An", What::Correct);
        let decision = decision.at_place("a.txt", "blake3:1", SCAN, Span::new(at, at + stretch.len()));
        Decisions::new(vec![Decision { new: new.into(), ..decision }.sealed()], Vec::new())
    }

    fn check(stretch: &str, id: &str, hash: &str, gone: bool, text: &str) -> Option<String> {
        let decisions = decisions(stretch, "?");
        let placer = Placer::new(&decisions, |_| !gone);
        let pins = placer.place(id, hash, text);
        assert!(pins.len() <= 1);
        pins.first().map(|pin| pin.span.of(text).to_owned())
    }

    #[test]
    fn the_same_bytes_take_it_under_any_name() {
        assert_eq!(check("cap ty", "b.txt", "blake3:1", false, SCAN).as_deref(), Some("cap ty"));
        assert_eq!(check("cap ty", "b.txt", "blake3:2", false, SCAN), None);
    }

    #[test]
    fn a_line_that_moved_is_found() {
        let moved = format!("Số 12\n\n{SCAN}");
        assert_eq!(check("cap ty", "a.txt", "blake3:2", false, &moved).as_deref(), Some("cap ty"));
        assert_eq!(check("cap ty", "new-name.txt", "blake3:2", true, &moved).as_deref(), Some("cap ty"));
    }

    #[test]
    fn of_equal_lines_the_neighbours_tell() {
        let twice = format!("mot\ncan ctf Diéu 1é Dang,\nhai\n{}", SCAN.replace("Can ctf", "can ctf"));
        let decisions = {
            let scan = SCAN.replace("Can ctf", "can ctf");
            let at = scan.find("ctf").unwrap();
            let decision = Decision::new(Timestamp::UNIX_EPOCH, "An", What::Correct);
            let decision = decision.at_place("a.txt", "blake3:1", &scan, Span::new(at, at + 3));
            Decisions::new(vec![decision.sealed()], Vec::new())
        };
        let pins = Placer::new(&decisions, |_| true).place("a.txt", "blake3:2", &twice);
        assert_eq!(pins[0].span.start, twice.rfind("ctf").unwrap());
    }

    #[test]
    fn a_page_scanned_anew_is_recognised() {
        let anew = "ĐANG BO TINH SÔNG THAO\nCán cù Diêu lé Dàng,\nchi dao các câp ùy, nguoi dimg dâu chiu trach\nnhiêm truoc Ban Thuong vu.\n";
        assert_eq!(check("ty,", "a.txt", "blake3:2", false, anew).as_deref(), Some("ùy,"));
        assert_eq!(check("ngudi dtng", "a.txt", "blake3:2", false, anew).as_deref(), Some("nguoi dimg"));
        assert_eq!(check("ngudi dtng", "renamed.txt", "blake3:2", true, anew).as_deref(), Some("nguoi dimg"));
    }

    #[test]
    fn a_line_that_is_gone_takes_nothing() {
        let other = "DANG BO TINH SONG THAO\n\nTrung tam y té du phong\nto chttc cudc hop giao ban thang\n";
        assert_eq!(check("cap ty", "a.txt", "blake3:2", false, other), None);
        assert_eq!(check("cap ty", "b.txt", "blake3:2", true, other), None);
        assert_eq!(check("cap ty", "a.txt", "blake3:2", false, ""), None);
    }
}
