//! Stretches whose words act elsewhere: quoted wording, remarks on related rules, and what another kind of paper says of
//! itself.

use super::super::page::{Page, key};
use super::super::{Act, Mention, OwnNames};
use super::{Clauses, Ruling};
use crate::number::{self, Style};

macro_rules! words {
    ($($word:literal)+) => { &[$(key($word)),+] };
}

/// Tokens between two straight signs of quotation at most: one that has lost its partner quotes nothing.
const STRAIGHT: usize = 80;

/// Tokens of a remark on related rules at most: laws name hundreds of circulars in one.
const REMARK: usize = 6_000;

/// `(Điều này có nội dung liên quan đến Điều 1. Sửa đổi, bổ sung Điều 5 của Nghị định A như sau: của Nghị định B …)`:
/// where the bracket that holds token `n` closes, if `n` begins such a remark.
fn remark_end(page: &Page<'_>, n: usize) -> Option<usize> {
    if !page.phrase(n, words!("noi" "dung" "lien" "quan")) {
        return None;
    }
    (n.saturating_sub(6)..n).rev().find(|at| page.mark(*at, '('))?;
    let mut depth = 1;
    for at in n..page.len().min(n + REMARK) {
        match page.str(at) {
            "(" => depth += 1,
            ")" if depth == 1 => return Some(at),
            ")" => depth -= 1,
            _ => {}
        }
    }
    // Without its partner it reaches to the end of the line.
    (n + 1..page.len()).find(|at| page.starts_line(*at)).or(Some(page.len()))
}

/// Which mentions stand in a remark on related rules.
pub(super) fn remarked(page: &Page<'_>, mentions: &[Mention]) -> Vec<bool> {
    let mut flags = vec![false; mentions.len()];
    let mut at = 0;
    while at < page.len() {
        let Some(to) = remark_end(page, at) else {
            at += 1;
            continue;
        };
        let first = mentions.partition_point(|mention| mention.tokens.0 < at);
        let inside = mentions[first..].iter().take_while(|mention| mention.tokens.1 <= to).count();
        flags[first..first + inside].fill(true);
        at = to.max(at + 1);
    }
    flags
}

/// Which mentions stand between “ and ”, or between two straight signs. A sign without its partner opens nothing.
pub(super) fn quoted(page: &Page<'_>, mentions: &[Mention]) -> Vec<bool> {
    let mut flags = vec![false; mentions.len()];
    let mut flag = |from: usize, to: usize| {
        let first = mentions.partition_point(|mention| mention.tokens.0 < from);
        let inside = mentions[first..].iter().take_while(|mention| mention.tokens.1 <= to).count();
        flags[first..first + inside].fill(true);
    };
    let (mut open, mut straight) = (None, None);
    for at in 0..page.len() {
        if page.mark(at, '“') {
            open = Some(at);
        } else if page.mark(at, '”') {
            if let Some(from) = open.take() {
                flag(from, at);
            }
        } else if page.mark(at, '"') {
            match straight.take().filter(|from| at - from <= STRAIGHT) {
                Some(from) => flag(from, at),
                None => straight = Some(at),
            }
        }
    }
    flags
}

/// Who speaks in a text: codes print the rules of decrees and circulars below the articles of their law, and there
/// `Nghị định này thay thế …` is said of none but the decree.
pub(super) struct Speaker {
    /// The type of the text, where its number bears it out.
    kind: Option<String>,
}

/// Types that call themselves by no other name.
const RULES: [&str; 7] = ["Luật", "Bộ luật", "Pháp lệnh", "Nghị quyết", "Nghị định", "Thông tư", "Thông tư liên tịch"];

impl Speaker {
    pub(super) fn new(own: &OwnNames) -> Speaker {
        let number = own.number.as_deref().and_then(|number| number::scan(number, 0)).map(|(number, _)| number);
        let fits = |kind: &&str| {
            number.as_ref().is_some_and(|number| match number.style {
                Style::Assembly => matches!(*kind, "Luật" | "Bộ luật" | "Nghị quyết"),
                style => number.kind_code().and_then(|code| number::kind_of_code(code, style)) == Some(*kind),
            })
        };
        let kind = own.kind.as_deref().filter(|kind| RULES.contains(kind)).filter(fits);
        Speaker { kind: kind.map(str::to_owned) }
    }

    /// Whether the clause that decided on mention `n` is that of a paper of another type: it says `Nghị định này` in a law.
    pub(super) fn is_another(&self, clauses: &Clauses<'_, '_>, n: usize, ruling: &Ruling) -> bool {
        let Some(own) = self.kind.as_deref() else { return false };
        let sort = |kind: &str| match kind {
            "Bộ luật" => "Luật".to_owned(),
            kind => kind.trim_end_matches(" liên tịch").to_owned(),
        };
        let at = clauses.mentions[n].tokens.0;
        let mut other = false;
        for within in [Some(at), ruling.trigger.map(|(from, _)| from)].into_iter().flatten() {
            let (start, end) = (clauses.sentences.start(within), clauses.sentences.end(within));
            let first = clauses.mentions.partition_point(|mention| mention.tokens.0 < start);
            let inside = clauses.mentions[first..].iter().take_while(|mention| mention.tokens.0 < end);
            let this = inside.filter(|mention| matches!(mention.act, Act::This)).filter_map(|mention| mention.kind);
            for kind in this.filter(|kind| RULES.contains(kind)) {
                if sort(kind) == sort(own) {
                    return false;
                }
                other = true;
            }
        }
        other
    }
}
