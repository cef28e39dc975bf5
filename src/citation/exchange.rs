//! Words exchanged for others: `cụm từ “A” được sửa thành “B”`, `Đã in: “A”. Nay sửa lại là: “B”`.

use super::locator;
use super::page::{Page, key};
use super::sentence::{self, Sentences, Style};
use crate::text::Span;

macro_rules! words {
    ($($word:literal)+) => { &[$(key($word)),+] };
}

/// Tokens between the old and the new words at most: `Nay sửa lại và thống nhất đọc là:`.
const BETWEEN: usize = 14;
/// Sentences from the head of an item to the words it is about: `2. Tại khoản 3 Điều 1:`, `Đã in: “A”.`
const BACK: usize = 3;

/// One exchange of words.
#[derive(Debug)]
pub(super) struct Exchange {
    /// First token of the item in which it stands, and the token after the last quote.
    pub(super) tokens: (usize, usize),
    /// First token of the old words' quote.
    pub(super) at: usize,
    /// The old words.
    pub(super) was: String,
    /// The new ones; none where the old are struck.
    pub(super) text: String,
    /// From the old words to the new.
    pub(super) span: Span,
    /// Where: `khoản 2 Điều 8`; none where the item names no place.
    pub(super) places: Vec<String>,
}

/// Every exchange of the page, in reading order. `quotes` are token ranges, the signs included.
pub(super) fn find(page: &Page<'_>, sentences: &Sentences, quotes: &[(usize, usize)]) -> Vec<Exchange> {
    let mut out = Vec::new();
    let mut n = 0;
    while n < quotes.len() {
        let old = quotes[n];
        let new = quotes.get(n + 1).copied().filter(|new| becomes(page, old, *new));
        let inserted = new.and_then(|new| inserts(page, old, new));
        let (was, text, end) = match (new, inserted) {
            (_, Some((was, text))) => (was, text, quotes[n + 1].1),
            (Some(new), None) => (inner(page, old), inner(page, new), new.1),
            (None, None) if strikes(page, old.0) => (inner(page, old), String::new(), old.1),
            _ => {
                n += 1;
                continue;
            }
        };
        n += if end == old.1 { 1 } else { 2 };
        let (start, places) = places(page, sentences, quotes, old.0, end);
        if was.is_empty() {
            continue;
        }
        let span = page.span(old.0, end);
        out.push(Exchange { tokens: (start, end), at: old.0, was, text, span, places });
    }
    out
}

fn inner(page: &Page<'_>, (from, to): (usize, usize)) -> String {
    let whole = Span::new(page.tokens[from].start, page.tokens[to - 1].end).of(page.text);
    whole.trim_matches(['“', '”', '"', '\n', ' ']).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the words before token `at` say that words follow: `cụm từ`, `đã in:`, `chữ`.
fn leads(page: &Page<'_>, at: usize) -> bool {
    let at = if at > 0 && page.mark(at - 1, ':') { at - 1 } else { at };
    const LEADS: [&[u64]; 15] = [
        words!("cum" "tu"),
        words!("tu" "ngu"),
        words!("tu"),
        words!("chu"),
        words!("chu" "so"),
        words!("so"),
        words!("doan"),
        words!("noi" "dung"),
        words!("da" "in"),
        words!("da" "ghi"),
        words!("da" "viet"),
        words!("in" "la"),
        words!("ghi" "la"),
        words!("sai" "la"),
        words!("viet" "la"),
    ];
    LEADS.iter().any(|words| page.phrase_before(at, words))
}

/// Whether the second quote takes the place of the first.
fn becomes(page: &Page<'_>, old: (usize, usize), new: (usize, usize)) -> bool {
    if new.0 < old.1 || new.0 - old.1 > BETWEEN {
        return false;
    }
    let between = old.1..new.0;
    let has = |words: &[u64]| between.clone().any(|k| page.phrase(k, words));
    // `2. Sửa đổi khoản 3 như sau:` between two quotes begins another item.
    let other_item = between.clone().any(|k| page.starts_line(k) && sentence::style(page, k) != Style::Plain);
    if other_item || has(words!("nhu" "sau")) {
        return false;
    }
    let mended =
        has(words!("dinh" "chinh")) || has(words!("sua")) || has(words!("doc" "la")) || has(words!("dung" "la"));
    let put = has(words!("bang")) || has(words!("thanh")) || has(words!("thay")) || inserts(page, old, new).is_some();
    mended || (put && leads(page, old.0))
}

/// `bổ sung cụm từ “B” vào sau cụm từ “A”`: what stands there, and what stands there then.
fn inserts(page: &Page<'_>, first: (usize, usize), second: (usize, usize)) -> Option<(String, String)> {
    let adds = (first.0.saturating_sub(5)..first.0).any(|k| page.phrase(k, words!("bo" "sung")))
        && !(first.0.saturating_sub(5)..first.0).any(|k| page.phrase(k, words!("thay")));
    let between = first.1..second.0;
    let after = between.clone().any(|k| page.word(k) == key("sau"));
    let before = between.clone().any(|k| page.word(k) == key("truoc"));
    if !adds || after == before {
        return None;
    }
    let (added, there) = (inner(page, first), inner(page, second));
    let text = if after { format!("{there} {added}") } else { format!("{added} {there}") };
    Some((there, text))
}

/// `bỏ cụm từ “A”`, `bãi bỏ từ “A”`.
fn strikes(page: &Page<'_>, at: usize) -> bool {
    let lead = [words!("cum" "tu") as &[u64], words!("tu"), words!("chu")];
    lead.iter().any(|words| {
        page.phrase_before(at, words) && {
            let verb = at - words.len();
            page.phrase_before(verb, words!("bo")) && !page.phrase_before(verb, words!("sua" "doi"))
        }
    })
}

/// The places an exchange concerns, from its own item; and where that item begins.
fn places(
    page: &Page<'_>,
    sentences: &Sentences,
    quotes: &[(usize, usize)],
    at: usize,
    end: usize,
) -> (usize, Vec<String>) {
    // `thay “A” bằng “B” tại khoản 1, khoản 2 Điều 3 và Điều 5`
    let behind = runs(page, quotes, end, sentences.end(end.saturating_sub(1)));
    let mut start = sentences.start(at);
    let mut found = runs(page, quotes, start, at);
    for _ in 0..BACK {
        let head = sentence::style(page, start) != Style::Plain;
        if !found.is_empty() || !behind.is_empty() || head || start == 0 {
            break;
        }
        start = sentences.start(start - 1);
        found = runs(page, quotes, start, at);
    }
    (start, if behind.is_empty() { found } else { behind })
}

/// Places named between two tokens, quotes left out.
fn runs(page: &Page<'_>, quotes: &[(usize, usize)], from: usize, to: usize) -> Vec<String> {
    let mut out = Vec::new();
    let mut at = from;
    while at < to {
        if let Some(quote) = quotes.iter().find(|quote| quote.0 <= at && at < quote.1) {
            at = quote.1;
            continue;
        }
        match locator::parse(page, at).filter(|run| !run.this && run.end <= to && !locator::begins_heading(page, at)) {
            Some(run) => {
                out.extend(run.places(None));
                at = run.end.max(at + 1);
            }
            None => at += 1,
        }
    }
    out
}
