//! The words left of a mention: walked to the nearest trigger or mention of the sentence.

use super::Act;
use super::page::{Kind, key};
use super::relation::Clauses;
use super::sentence;
use super::trigger::{self, Trigger};

macro_rules! words {
    ($($word:literal)+) => { &[$(key($word)),+] };
}

const NAY: u64 = key("nay");

/// Longest stretch of tokens looked at on either side of a mention.
pub(super) const REACH: usize = 160;

/// What the words left of a mention say.
pub(super) enum Left {
    Found {
        trigger: Trigger,
        at: (usize, usize),
        gap: usize,
        commas: usize,
        colon: bool,
    },
    /// The mention before, with no trigger between.
    Reached(usize),
    None,
}

impl Clauses<'_, '_> {
    /// The first token behind glue (`các`, `toàn bộ`, quotes) in front of token `n`.
    pub(super) fn lead(&self, n: usize, floor: usize) -> usize {
        let mut at = n;
        while at > floor {
            let glue = self.page.mark_of(at - 1, "“\"")
                || matches!(self.page.word(at - 1), k if k == key("cac") || k == key("ca") || k == key("nhung") || k == key("so"))
                || (self.page.phrase_before(at, words!("toan" "bo")))
                || (self.page.mark_of(at - 1, "-–+•") && self.page.starts_line(at - 1));
            // `bãi bỏ: a) Quyết định A; b) Quyết định B` on one line.
            if self.inline_label(at, floor) {
                at -= 2;
                continue;
            }
            if !glue {
                break;
            }
            at -= if self.page.phrase_before(at, words!("toan" "bo")) { 2 } else { 1 };
        }
        at
    }

    /// `a)` or `2)` that ends before token `n`, behind a sign of the list it belongs to.
    fn inline_label(&self, n: usize, floor: usize) -> bool {
        let page = self.page;
        n >= floor + 3
            && page.mark(n - 1, ')')
            && page.str(n - 2).chars().count() <= 2
            && page.tokens[n - 2].kind != Kind::Mark
            && page.mark_of(n - 3, ";:,")
    }

    /// Whether the tokens are the title or side note of the mention before them.
    pub(super) fn is_title(&self, from: usize, to: usize) -> bool {
        let page = self.page;
        if from >= to {
            return true;
        }
        const OPENERS: [u64; 17] = [
            key("cua"),
            key("ve"),
            key("ban"),
            key("quy"),
            key("sua"),
            key("huong"),
            key("phe"),
            key("doi"),
            key("cong"),
            key("thong"),
            key("nham"),
            key("kem"),
            key("duoc"),
            key("dieu"),
            key("chi"),
            key("tiep"),
            key("nhiem"),
        ];
        to - from <= 60 && (page.mark_of(from, "“\"(,") || OPENERS.contains(&page.word(from)))
            || (to - from <= 2 && (from..to).all(|at| page.mark_of(at, "),;”\"")))
    }

    /// Whether what lies between the act `other` and token `lead` is the beginning of its title, so that what is named
    /// at `lead` is named by the title.
    pub(super) fn in_title_of(&self, other: usize, lead: usize) -> bool {
        let page = self.page;
        let from = self.mentions[other].tokens.1;
        let joint = page.mark_of(lead.saturating_sub(1), ",;:") || page.word(lead.saturating_sub(1)) == key("va");
        let named = !matches!(self.mentions[other].act, Act::Nothing | Act::This);
        let verb = (from..lead).any(|at| page.word(at) == NAY || page.mark_of(at, ":;"));
        named && from < lead && !joint && !verb && self.is_title(from, lead)
    }

    /// Walks left from `lead` to the nearest trigger or mention of the sentence.
    pub(super) fn look_left(&self, lead: usize, start: usize, previous: Option<usize>) -> Left {
        let page = self.page;
        let floor = start.max(lead.saturating_sub(REACH));
        let (mut p, mut gap, mut commas, mut colon) = (lead, 0, 0, false);
        let edge = previous.map_or(floor, |other| self.mentions[other].tokens.1.max(floor));
        while p > edge {
            let token = &page.tokens[p - 1];
            if token.kind == Kind::Mark {
                match page.str(p - 1) {
                    ";" | "“" | "|" => return Left::None,
                    "." | "!" | "?"
                        if token.end < page.tokens.get(p).map_or(usize::MAX, |next| next.start)
                            && !page.starts_line(p.saturating_sub(2))
                            && gap > 0 => {}
                    ")" => {
                        if let Some(open) = self.opening(p - 1, edge, "(") {
                            p = open;
                            continue;
                        }
                    }
                    "”" => {
                        if let Some(open) = self.opening(p - 1, edge, "“") {
                            p = open;
                            continue;
                        }
                    }
                    "(" => {
                        return Left::None;
                    }
                    "," => commas += 1,
                    ":" => {
                        colon = true;
                        gap = 0;
                        commas = 0;
                    }
                    _ => {}
                }
                p -= 1;
                continue;
            }
            if let Some((trigger, at)) = trigger::before(page, p) {
                if trigger == Trigger::Along && !self.opens_clause(at, start) {
                    // `Quy chế … ban hành kèm theo Quyết định`: what governs the Quy chế governs the act.
                    p = if page.phrase_before(at, words!("ban" "hanh")) { at - 2 } else { at };
                    gap = 0;
                    commas = 0;
                    continue;
                }
                let skip = (trigger == Trigger::Guides && page.tokens[at].upper && gap > 0)
                    || (trigger == Trigger::Stop && gap > 0)
                    || (matches!(trigger, Trigger::Plain) && gap > 12)
                    || (at < edge);
                if !skip {
                    return Left::Found { trigger, at: (at, p), gap, commas, colon };
                }
                if trigger == Trigger::Stop {
                    return Left::None;
                }
            }
            gap += 1;
            p -= 1;
        }
        match previous {
            Some(other) if edge == self.mentions[other].tokens.1 => Left::Reached(other),
            _ => Left::None,
        }
    }

    /// The opening sign that matches the closing one at `n`.
    pub(super) fn opening(&self, n: usize, floor: usize, sign: &str) -> Option<usize> {
        (floor..n).rev().take(REACH).find(|at| self.page.str(*at) == sign)
    }

    /// `(Kèm theo …`, `Ban hành kèm theo …` at the head of a bracket or sentence.
    pub(super) fn opens_clause(&self, at: usize, start: usize) -> bool {
        let page = self.page;
        let mut head = if page.phrase_before(at, words!("ban" "hanh")) { at - 2 } else { at };
        if page.phrase_before(head, words!("duoc")) {
            head -= 1;
        }
        head <= sentence::content(page, start)
            || (head > 0 && page.mark_of(head - 1, "(["))
            || page.tokens[head].upper && page.starts_line(head)
    }

    /// The nearest mention left of `at` in the same clause, brackets and quotes passed over.
    pub(super) fn subject(&self, at: usize, start: usize) -> Option<usize> {
        let index = self.mentions.partition_point(|mention| mention.tokens.0 < at);
        let other = index.checked_sub(1)?;
        let mention = &self.mentions[other];
        if mention.tokens.1 <= start || matches!(mention.act, Act::Nothing) || at - mention.tokens.1.min(at) > 80 {
            return None;
        }
        (!self.marked(mention.tokens.1, at, ";")).then_some(other)
    }

    /// The nearest act named before `at` in the sentence, whatever signs stand between.
    pub(super) fn named_before(&self, at: usize, start: usize) -> Option<usize> {
        let index = self.mentions.partition_point(|mention| mention.tokens.0 < at);
        let named = |other: &usize| !matches!(self.mentions[*other].act, Act::Nothing | Act::This);
        (0..index).rev().take_while(|other| self.mentions[*other].tokens.0 >= start).find(named)
    }

    pub(super) fn before_bracket(&self, at: usize, start: usize) -> Option<usize> {
        let open = (start..at).rev().take(12).find(|k| self.page.mark(*k, '('))?;
        self.subject(open, start)
    }

    /// Whether one of the signs stands in `[from, to)` outside quotes.
    pub(super) fn marked(&self, from: usize, to: usize, signs: &str) -> bool {
        let mut quoted = false;
        for at in from..to {
            if self.page.mark(at, '“') {
                quoted = true;
            } else if self.page.mark(at, '”') {
                quoted = false;
            } else if !quoted && self.page.mark_of(at, signs) {
                return true;
            }
        }
        false
    }

    /// `(gửi kèm Công văn này)` behind a mention.
    pub(super) fn sends_along(&self, at: usize) -> bool {
        let page = self.page;
        let verb = page.phrase(at, words!("gui" "kem"))
            || page.phrase(at, words!("dinh" "kem"))
            || page.phrase(at, words!("kem" "theo"));
        verb && (at..at + 7).any(|k| page.word(k) == NAY || page.mark(k, ')'))
    }

    /// Whether the clause denies its verb at `at`.
    pub(super) fn negated(&self, at: usize, start: usize) -> bool {
        let page = self.page;
        let mut verb = at;
        for k in (start..at).rev().take(9) {
            // `Không thay thế, bãi bỏ …`: one *không* for both verbs.
            if page.mark(k, ',')
                && k + 1 == verb
                && let Some((Trigger::Effect(_), from)) = trigger::before(page, k)
            {
                verb = from;
                continue;
            }
            if page.mark_of(k, ";:.,") {
                return false;
            }
            if [key("khong"), key("chua"), key("chang")].contains(&page.word(k)) {
                return true;
            }
        }
        false
    }

    /// Whether the sentence says by when something is to be done: `trước ngày`, `trong quý`, `trong tháng`.
    fn has_deadline(&self, at: usize) -> bool {
        let page = self.page;
        let end = self.sentences.end(at).min(at + REACH);
        (at..end).any(|k| {
            page.phrase(k, words!("truoc" "ngay"))
                || page.phrase(k, words!("trong" "quy"))
                || page.phrase(k, words!("trong" "thang"))
                || page.phrase(k, words!("trong" "nam"))
        })
    }

    /// Something only asked for, planned or supposed.
    pub(super) fn proposed(&self, at: usize, start: usize, content: usize) -> bool {
        let page = self.page;
        for k in (start..at).rev().take(26) {
            if page.mark_of(k, ";:.") {
                return false;
            }
            let distance = at - k;
            let hit = match page.word(k) {
                w if w == key("nghi") => {
                    [key("de"), key("kien")].contains(&page.word(k.wrapping_sub(1)))
                        && page.word(k.wrapping_sub(2)) != key("theo")
                }
                w if w == key("xuat") => page.word(k.wrapping_sub(1)) == key("de"),
                w if w == key("xet") => page.word(k.wrapping_sub(1)) == key("xem"),
                w if w == key("cuu") => page.word(k.wrapping_sub(1)) == key("nghien"),
                w if w == key("thao") => [key("du"), key("soan")].contains(&page.word(k.wrapping_sub(1))),
                w if w == key("kien") => page.word(k.wrapping_sub(1)) == key("du"),
                // `một số trường hợp thanh toán` supposes nothing; `Trường hợp …` at the head of a clause does.
                w if w == key("hop") => {
                    let heads = k <= content + 1
                        || page.tokens[k.wrapping_sub(2)].kind == Kind::Mark
                        || page.word(k.wrapping_sub(2)) == key("trong");
                    heads && page.word(k.wrapping_sub(1)) == key("truong") && page.word(k + 1) != key("nay")
                }
                // `Ban hành Quyết định thay thế … trước ngày …` is a task.
                w if w == key("hanh") => {
                    distance <= 5
                        && page.word(k.wrapping_sub(1)) == key("ban")
                        && !(k..at).any(|n| [NAY, key("kem")].contains(&page.word(n)))
                        && self.has_deadline(at)
                }
                w if w == key("muu") => page.word(k.wrapping_sub(1)) == key("tham"),
                w if w == key("hoach") => {
                    page.word(k.wrapping_sub(1)) == key("ke") && distance <= 4 && !page.tokens[k - 1].upper
                }
                w if w == key("soat") => page.word(k.wrapping_sub(1)) == key("ra"),
                w if w == key("neu") => page.str(k).to_lowercase() == "nếu",
                w if w == key("se") => page.str(k) == "sẽ" && distance <= 4,
                w if w == key("khi") => distance <= 4 && page.str(k).eq_ignore_ascii_case("khi"),
                w if w == key("can") => page.str(k) == "cần" && distance <= 3,
                w if w == key("viec") => {
                    distance <= 1 && k > content && !page.phrase_before(k, words!("ve")) && !page.mark_of(k - 1, "/")
                }
                w if w == key("trinh") => {
                    let tail = [key("quy"), key("chuong"), key("to"), key("cong"), key("giao"), key("lo"), key("giai")];
                    !tail.contains(&page.word(k.wrapping_sub(1))) && page.word(k + 1) != key("tu")
                }
                _ => false,
            };
            if hit {
                return true;
            }
        }
        false
    }
}
