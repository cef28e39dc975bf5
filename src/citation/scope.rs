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
            && !in_a_title(page, mentions, at)
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

/// Whether the day at token `at` is told by the title of an act: `quy định chi tiết một số điều có hiệu lực từ ngày
/// 01/7/2013 của Luật …`; not `A quy định về đất và có hiệu lực từ ngày …`.
fn in_a_title(page: &Page<'_>, mentions: &[Mention], at: usize) -> bool {
    const OPENERS: [u64; 7] = [key("ve"), key("quy"), key("huong"), key("sua"), key("ban"), key("phe"), key("cong")];
    let begins = (at.saturating_sub(5)..at).rev().find(|k| page.phrase(*k, words!("co" "hieu" "luc")));
    let (Some(begins), Some(named)) = (begins, mentions.partition_point(|other| other.tokens.0 < at).checked_sub(1))
    else {
        return false;
    };
    let named = &mentions[named];
    let from = named.tokens.1;
    if matches!(named.act, Act::This | Act::Nothing) || from >= begins || page.word(begins - 1) == key("va") {
        return false;
    }
    let parted =
        (from..begins).any(|k| page.mark_of(k, ".;") || page.word(k) == key("nay")) || page.mark(begins - 1, ',');
    OPENERS.contains(&page.word(from)) && !parted
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

/// Whether the place behind *trừ* is none of the act that ends: `trừ trường hợp quy định tại Điều 9 của Luật này`,
/// `khoản 4 Điều này`, `Điều 3 Nghị định số …`. It says what is spared, and is not spared itself.
fn lies_elsewhere(mention: &Mention, citation: &Citation) -> bool {
    match &mention.act {
        Act::This => true,
        Act::Nothing => mention.locators.iter().any(|place| place.ends_with(" này")),
        Act::Numbered(number) => citation.number.as_deref().is_some_and(|own| own != number.canonical()),
        _ => false,
    }
}

/// The words for such a place: `theo Điều 9 của Luật này`.
fn as_laid_down(page: &Page<'_>, (from, to): (usize, usize)) -> String {
    format!("theo {}", page.joined(from, to))
}

/// The places spared behind *trừ*, and until when.
fn except(page: &Page<'_>, mentions: &[Mention], from: usize, end: usize, citation: &mut Citation) {
    let mut at = from;
    while at < end.min(from + 12) {
        let index = mentions.partition_point(|other| other.tokens.0 < at);
        if let Some(other) = mentions.get(index).filter(|other| other.tokens.0 == at && !other.locators.is_empty()) {
            if lies_elsewhere(other, citation) {
                citation.scope.except.push(as_laid_down(page, other.tokens));
            } else {
                citation.scope.except.extend(other.locators.iter().cloned());
            }
            at = other.tokens.1;
            break;
        }
        if let Some(run) = locator::parse(page, at) {
            if run.this {
                citation.scope.except.push(as_laid_down(page, (at, run.end)));
            } else {
                citation.scope.except.extend(run.places(None));
            }
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
