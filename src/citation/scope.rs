//! When an effect holds: own first day, end of a suspension, what is spared, what is revived.

use super::page::{Page, key};
use super::relation::{self, Ruling};
use super::sentence::Sentences;
use super::{Act, Citation, Mention, Relation, date, locator};
use jiff::civil::Date;

macro_rules! words {
    ($($word:literal)+) => { &[$(key($word)),+] };
}

/// Fills the citation's scope from its sentence.
pub(crate) fn read(
    page: &Page<'_>,
    sentences: &Sentences,
    mentions: &[Mention],
    n: usize,
    ruling: &Ruling,
    citation: &mut Citation,
) {
    citation.scope.restores = ruling.restores;
    if ruling.of.is_some() || !(relation::is_effect(ruling.relation) || ruling.restores) {
        return;
    }
    let mention = &mentions[n];
    let start = sentences.start(mention.tokens.0).max(mention.tokens.0.saturating_sub(120));
    let end = sentences.end(mention.tokens.1 - 1).min(mention.tokens.1 + 160);
    // Dates that belong to an act say nothing about the effect.
    let inside = |at: usize| {
        let index = mentions.partition_point(|other| other.tokens.0 <= at);
        index > 0 && mentions[index - 1].tokens.1 > at && !matches!(mentions[index - 1].act, Act::Nothing)
    };
    // A sentence that fixes the day of `Quyết định này` fixes no other one for the acts it ends.
    let own_day = |at: usize| {
        (start..at).rev().take(12).any(|k| page.word(k) == key("nay"))
            && (start..at).rev().take(10).any(|k| page.phrase(k, words!("hieu" "luc")))
    };
    for at in start..end {
        if inside(at) {
            continue;
        }
        if page.phrase(at, words!("tu" "ngay"))
            && let Some((day, _)) = date::plain(page, at + 2)
            && citation.scope.from.is_none()
            && !own_day(at)
        {
            citation.scope.from = Some(day);
        }
        if let Some(day) = until(page, at)
            && (ruling.relation == Relation::Suspends)
        {
            citation.scope.until = Some(day);
        }
        if at >= mention.tokens.1 && page.word(at) == key("tru") && page.str(at).eq_ignore_ascii_case("trừ") {
            except(page, mentions, at + 1, end, citation);
        }
    }
}

/// `đến hết ngày 31 tháng 12 năm 2025` → the day after; `đến trước ngày …` → that day.
fn until(page: &Page<'_>, at: usize) -> Option<Date> {
    if page.word(at) != key("den") {
        return None;
    }
    let mut next = at + 1;
    let before = page.word(next) == key("truoc");
    if before || page.word(next) == key("het") {
        next += 1;
    }
    if page.word(next) != key("ngay") {
        return None;
    }
    let (day, _) = date::plain(page, next + 1)?;
    if before { Some(day) } else { day.tomorrow().ok() }
}

/// The places spared behind *trừ*, and until when.
fn except(page: &Page<'_>, mentions: &[Mention], from: usize, end: usize, citation: &mut Citation) {
    let mut at = from;
    while at < end.min(from + 12) {
        let index = mentions.partition_point(|other| other.tokens.0 < at);
        if let Some(other) = mentions.get(index).filter(|other| other.tokens.0 == at && !other.locators.is_empty()) {
            citation.scope.except.extend(other.locators.iter().cloned());
            at = other.tokens.1;
            break;
        }
        if let Some(run) = locator::parse(page, at) {
            citation.scope.except.extend(run.places(None));
            at = run.end;
            break;
        }
        at += 1;
    }
    if citation.scope.except.is_empty() {
        return;
    }
    for k in at..end.min(at + 40) {
        if let Some(day) = until(page, k) {
            citation.scope.except_until = Some(day);
        }
    }
}
