//! New wording that a text gives to places of another: quoted articles, changed words, struck places.

use super::exchange::{self, Exchange};
use super::locator::{self, Run};
use super::page::{Page, key};
use super::relation::Ruling;
use super::sentence::{self, Sentences};
use super::trigger::{self, Trigger};
use super::{Act, Amendment, Mention, OwnNames, Relation};
use crate::outline::Outline;
use crate::text::Span;

macro_rules! words {
    ($($word:literal)+) => { &[$(key($word)),+] };
}

/// Reads the amending sentences of a text in order.
pub(crate) fn read(
    page: &Page<'_>,
    sentences: &Sentences,
    mentions: &[Mention],
    rulings: &[Ruling],
    numbers: &[Option<String>],
    outline: &Outline,
    _own: &OwnNames,
) -> Vec<Amendment> {
    let amended =
        |ruling: &Ruling| ruling.of.is_none() && matches!(ruling.relation, Relation::Amends | Relation::Corrects);
    if !rulings.iter().any(amended) {
        return Vec::new();
    }
    let quotes = quotes(page, outline);
    let exchanges = exchange::find(page, sentences, &signs(page));
    let mut out = Vec::new();
    // The act that the items below amend, and how its places are called.
    let mut target: Option<(usize, Option<String>)> = None;
    let mut next_mention = 0;
    let mut start = 0;
    while start < page.len() {
        let end = sentences.end(start);
        if let Some(quote) = quote_over(&quotes, start).filter(|quote| quote.0 < start) {
            start = quote.1.max(end);
            continue;
        }
        while next_mention < mentions.len() && mentions[next_mention].tokens.0 < end {
            if amended(&rulings[next_mention]) && numbers[next_mention].is_some() {
                let attached = attached_name(
                    page,
                    sentences.start(mentions[next_mention].tokens.0),
                    mentions[next_mention].act_at,
                );
                target = Some((next_mention, attached));
            }
            next_mention += 1;
        }
        if let Some((act, attached)) = &target {
            let here = exchanges.partition_point(|exchange| exchange.at < start)
                ..exchanges.partition_point(|exchange| exchange.at < end);
            for exchange in &exchanges[here.clone()] {
                let named = named_in(mentions, rulings, numbers, exchange.tokens);
                let named =
                    named.filter(|k| mentions[*k].tokens.0 < exchange.at || mentions[*k].tokens.0 >= exchange.tokens.1);
                let attached = if named.is_none() { attached.as_deref() } else { None };
                exchanged(exchange, numbers[named.unwrap_or(*act)].as_deref(), attached, &mut out);
            }
            if here.is_empty() {
                item(page, start, end, &quotes, mentions, rulings, numbers, *act, attached.as_deref(), &mut out);
            }
        }
        start = end;
    }
    out
}

/// `Quy chế … ban hành kèm theo` between `from` and the act.
fn attached_name(page: &Page<'_>, from: usize, act: usize) -> Option<String> {
    let from = from.max(act.saturating_sub(50));
    if !(from..act).any(|k| page.phrase(k, words!("kem" "theo"))) {
        return None;
    }
    for (words, name) in [
        (words!("quy" "che") as &[u64], "Quy chế kèm theo"),
        (words!("quy" "dinh"), "Quy định kèm theo"),
        (words!("dinh" "muc"), "Định mức kèm theo"),
    ] {
        if (from..act).any(|k| page.phrase(k, words) && page.tokens[k].upper) {
            return Some(name.to_owned());
        }
    }
    None
}

/// Quoted stretches as token ranges, the signs included: the outline's, or else our own reading.
fn quotes(page: &Page<'_>, outline: &Outline) -> Vec<(usize, usize)> {
    if !outline.quoted.is_empty() {
        return outline.quoted.iter().map(|span| (page.index_of(span.start), page.index_of(span.end))).collect();
    }
    signs(page)
}

/// Stretches between signs of quotation, as token ranges; straight signs open and close by turns.
fn signs(page: &Page<'_>) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut open = None;
    for at in 0..page.len() {
        let straight = page.mark(at, '"');
        if (page.mark(at, '“') || straight) && open.is_none() {
            open = Some(at);
        } else if (page.mark(at, '”') || straight)
            && let Some(from) = open.take()
        {
            out.push((from, at + 1));
        }
    }
    out
}

/// The quote that covers token `at`.
fn quote_over(quotes: &[(usize, usize)], at: usize) -> Option<&(usize, usize)> {
    let before = quotes.partition_point(|quote| quote.0 <= at);
    quotes[..before].last().filter(|quote| at < quote.1)
}

/// One sentence or item: `Sửa đổi khoản 2 Điều 3 như sau: “…”`, `Bãi bỏ khoản 4 Điều 7`.
#[allow(clippy::too_many_arguments, reason = "one walk's findings, used once")]
fn item(
    page: &Page<'_>,
    start: usize,
    end: usize,
    quotes: &[(usize, usize)],
    mentions: &[Mention],
    rulings: &[Ruling],
    numbers: &[Option<String>],
    act: usize,
    attached: Option<&str>,
    out: &mut Vec<Amendment>,
) {
    let content = sentence::content(page, start);
    let Some((action, verb_end)) = action(page, content, end).or_else(|| passive(page, content, end)) else { return };
    // The places stand behind the verb, or before it in the passive.
    let mut run: Option<Run> = None;
    let mut at = content;
    while at < end {
        if let Some(quote) = quote_over(quotes, at) {
            at = quote.1.max(at + 1);
            continue;
        }
        if let Some(found) = locator::parse(page, at).filter(|found| !found.this && !locator::begins_heading(page, at))
        {
            run = Some(found);
            break;
        }
        at += 1;
    }
    let Some(run) = run else { return };
    // `Bổ sung khoản 1a vào sau khoản 1 Điều 4`: the new place lies where the neighbour lies.
    let mut places = run.places(None);
    let mut after = run.end;
    if page.word(after) == key("vao") {
        after += 1;
    }
    if [key("sau"), key("truoc"), key("cuoi"), key("dau")].contains(&page.word(after)) {
        after += 1;
    }
    if after > run.end
        && let Some(neighbour) = locator::parse(page, after)
    {
        let whole = neighbour.places(None);
        let first = whole.first().map_or("", String::as_str);
        let own_unit = places.first().and_then(|place| place.split(' ').next()).unwrap_or("").to_owned();
        let outer = if first.starts_with(&own_unit) {
            first.split(' ').skip(2).collect::<Vec<_>>().join(" ")
        } else {
            first.to_owned()
        };
        if !outer.is_empty() {
            for place in &mut places {
                place.push(' ');
                place.push_str(&outer);
            }
        }
    }
    // A mention in the item names the act itself; otherwise the items above did.
    let (number, attached) = match named_in(mentions, rulings, numbers, (start, end)) {
        Some(k) => {
            if !mentions[k].locators.is_empty() {
                places.clone_from(&mentions[k].locators);
            }
            (numbers[k].clone(), None)
        }
        None => (numbers[act].clone(), attached),
    };
    attach(&mut places, attached);
    let quote = quotes.get(quotes.partition_point(|quote| quote.0 < verb_end)).filter(|quote| quote.0 <= end + 2);
    let (text, span) = match quote {
        Some(&(from, to)) => {
            let inner = Span::new(page.tokens[from].start, page.tokens[to - 1].end);
            let whole = inner.of(page.text).trim();
            // A stop behind the closing sign is the amending act's own; one before it belongs to the wording.
            let closed = whole.trim_end_matches(['.', ';']).trim_end();
            let whole = if closed.ends_with(['”', '"']) { closed } else { whole };
            (whole.trim_matches(['“', '”', '"', '\n', ' ']).to_owned(), inner)
        }
        None => (String::new(), page.span(content, end.max(content + 1))),
    };
    for place in places {
        out.push(Amendment {
            target: number.clone(),
            locator: place,
            action: action.to_owned(),
            was: None,
            text: text.clone(),
            span,
        });
    }
}

/// The act that an item names itself, as what it changes.
fn named_in(
    mentions: &[Mention],
    rulings: &[Ruling],
    numbers: &[Option<String>],
    (start, end): (usize, usize),
) -> Option<usize> {
    let from = mentions.partition_point(|mention| mention.tokens.0 < start);
    let inside = mentions.iter().enumerate().skip(from).take_while(|(_, mention)| mention.tokens.0 < end);
    let changed = |k: &usize| {
        numbers[*k].is_some()
            && rulings[*k].of.is_none()
            && matches!(mentions[*k].act, Act::Numbered(_))
            && rulings[*k].relation != Relation::Cites
    };
    inside.map(|(k, _)| k).find(changed)
}

/// Puts places of an attached text into its namespace.
fn attach(places: &mut [String], attached: Option<&str>) {
    let Some(attached) = attached else { return };
    for place in places.iter_mut().filter(|place| !place.contains("Phụ lục") && !place.contains("kèm theo")) {
        place.push(' ');
        place.push_str(attached);
    }
}

/// One amendment for each place in which words are exchanged; one for the whole act where none is named.
fn exchanged(exchange: &Exchange, number: Option<&str>, attached: Option<&str>, out: &mut Vec<Amendment>) {
    let mut places = exchange.places.clone();
    attach(&mut places, attached);
    if places.is_empty() {
        places.push(String::new());
    }
    out.extend(places.into_iter().map(|locator| Amendment {
        target: number.map(str::to_owned),
        locator,
        action: "phrase".to_owned(),
        was: Some(exchange.was.clone()),
        text: exchange.text.clone(),
        span: exchange.span,
    }));
}

/// What the verb at the head of the item does.
fn action(page: &Page<'_>, content: usize, end: usize) -> Option<(&'static str, usize)> {
    for at in content..end.min(content + 6) {
        let Some((Trigger::Effect(relation), from)) = trigger::before(page, at + 1) else { continue };
        if from > content + 3 {
            return None;
        }
        let words = (at + 1..end.min(at + 8)).any(|k| page.phrase(k, words!("cum" "tu")));
        let action = match relation {
            _ if words => "phrase",
            Relation::Repeals => "repeal",
            Relation::Amends if page.word(from) == key("bo") => "insert",
            Relation::Amends | Relation::Replaces | Relation::Corrects => {
                // `Sửa đổi, bổ sung` is told apart from `Sửa đổi` by nothing that matters here.
                if page.word(from) == key("sua") && page.phrase(from + 2, words!("bo" "sung")) && at < from + 3 {
                    continue;
                } else {
                    "replace"
                }
            }
            _ => return None,
        };
        return Some((action, at + 1));
    }
    None
}

/// `Khoản 2 Điều 4 được sửa đổi, bổ sung như sau: “…”`: the place stands first, what happens to it behind.
fn passive(page: &Page<'_>, content: usize, end: usize) -> Option<(&'static str, usize)> {
    let run = locator::parse(page, content).filter(|run| !run.this)?;
    let end = end.min(run.end + LONGEST_SUBJECT);
    let at = (run.end..end).find(|k| [key("duoc"), key("bi")].contains(&page.word(*k)))?;
    if (run.end..at).any(|k| page.mark_of(k, ".;:“\"")) || page.phrase_before(at, words!("da")) {
        return None;
    }
    let verb = |k: usize| match trigger::before(page, k) {
        Some((Trigger::Effect(relation), from)) if from > at && from <= at + 2 => Some((relation, from)),
        _ => None,
    };
    let (mut verb_end, (relation, from)) = (at + 2..end.min(at + 8)).find_map(|k| Some((k, verb(k)?)))?;
    // `được sửa đổi, bổ sung`: the second verb says no more.
    while verb_end + 2 < end && page.mark(verb_end, ',') && page.phrase(verb_end + 1, words!("bo" "sung")) {
        verb_end += 3;
    }
    let action = match relation {
        Relation::Repeals => "repeal",
        Relation::Amends if page.word(from) == key("bo") => "insert",
        Relation::Amends | Relation::Replaces | Relation::Corrects => "replace",
        _ => return None,
    };
    Some((action, verb_end))
}

/// Tokens between a place and what happens to it: `Điều 5 Quy chế ban hành kèm theo Quyết định số … được sửa đổi`.
const LONGEST_SUBJECT: usize = 60;
