//! What each clause does to the act it names: the nearest governing trigger, its subject, and what takes its force away.

use super::page::{Kind, Page, key};
use super::sentence::{self, Sentences, Style};
use super::trigger::{self, Trigger};
use super::{Act, Mention, OwnNames, Relation};

/// What was decided about one mention.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ruling {
    pub(crate) relation: Relation,
    /// The mention that acts, where it is not the document read.
    pub(crate) of: Option<usize>,
    /// Stands in the title or a side clause of this mention.
    pub(crate) inside: Option<usize>,
    /// Tokens of the trigger.
    pub(crate) trigger: Option<(usize, usize)>,
    /// The list that the mention belongs to got its sense from an introduction.
    intro: bool,
    /// How its item is marked.
    style: Style,
    /// *có hiệu lực trở lại*
    pub(crate) restores: bool,
}

impl Ruling {
    fn plain() -> Ruling {
        Ruling {
            relation: Relation::Cites,
            of: None,
            inside: None,
            trigger: None,
            intro: false,
            style: Style::Plain,
            restores: false,
        }
    }

    fn own_effect(&self) -> bool {
        self.of.is_none() && self.inside.is_none() && is_effect(self.relation)
    }
}

/// Whether the relation changes the validity or the wording of the cited act.
pub(crate) fn is_effect(relation: Relation) -> bool {
    use Relation::*;
    matches!(relation, Replaces | Repeals | EndsEffect | Amends | Corrects | Suspends)
}

macro_rules! words {
    ($($word:literal)+) => { &[$(key($word)),+] };
}

const NAY: u64 = key("nay");
const VA: u64 = key("va");
const DA: u64 = key("da");

/// Longest stretch of tokens looked at on either side of a mention.
const REACH: usize = 160;

/// Everything a ruling looks at.
pub(crate) struct Clauses<'p, 't> {
    pub(crate) page: &'p Page<'t>,
    pub(crate) sentences: &'p Sentences,
    pub(crate) mentions: &'p [Mention],
    /// Whether the mention stands in quoted wording.
    quoted: Vec<bool>,
}

/// Decides all mentions in reading order.
pub(crate) fn rule(page: &Page<'_>, sentences: &Sentences, mentions: &[Mention], own: &OwnNames) -> Vec<Ruling> {
    let consolidation = own.kind.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("Văn bản hợp nhất"))
        || own.number.as_deref().is_some_and(|number| number.contains("VBHN"));
    let clauses = Clauses { page, sentences, mentions, quoted: quoted(page, mentions) };
    let mut rulings: Vec<Ruling> = Vec::with_capacity(mentions.len());
    for n in 0..mentions.len() {
        let ruling = clauses.decide(n, &rulings);
        rulings.push(ruling);
    }
    if consolidation {
        clauses.consolidate(&mut rulings);
    }
    rulings
}

/// Which mentions stand between “ and ”. A sign without its partner opens nothing.
fn quoted(page: &Page<'_>, mentions: &[Mention]) -> Vec<bool> {
    let mut flags = vec![false; mentions.len()];
    let mut next = 0;
    let mut open: Option<usize> = None;
    for at in 0..page.len() {
        if page.mark(at, '“') {
            open = Some(at);
        } else if page.mark(at, '”')
            && let Some(from) = open.take()
        {
            while next < mentions.len() && mentions[next].tokens.0 < from {
                next += 1;
            }
            while next < mentions.len() && mentions[next].tokens.1 <= at {
                flags[next] = true;
                next += 1;
            }
        }
    }
    flags
}

/// What the rest of the sentence says of its subject: the relation, the trigger, whether it is revived.
type Right = (Relation, Option<(usize, usize)>, bool);

/// What the words left of a mention say.
enum Left {
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
    fn lead(&self, n: usize, floor: usize) -> usize {
        let mut at = n;
        while at > floor {
            let glue = self.page.mark_of(at - 1, "“\"")
                || matches!(self.page.word(at - 1), k if k == key("cac") || k == key("ca") || k == key("nhung") || k == key("so"))
                || (self.page.phrase_before(at, words!("toan" "bo")))
                || (self.page.mark_of(at - 1, "-–+•") && self.page.starts_line(at - 1));
            if !glue {
                break;
            }
            at -= if self.page.phrase_before(at, words!("toan" "bo")) { 2 } else { 1 };
        }
        at
    }

    fn decide(&self, n: usize, before: &[Ruling]) -> Ruling {
        let page = self.page;
        let mention = &self.mentions[n];
        let first = mention.tokens.0;
        let start = self.sentences.start(first);
        let content = sentence::content(page, start);
        let style = sentence::style(page, start);
        let lead = self.lead(first, start);
        let mut ruling = Ruling { style, ..Ruling::plain() };
        if matches!(mention.act, Act::Nothing | Act::This) || self.quoted[n] {
            return ruling;
        }
        if page.mark(mention.tokens.1, '(') && self.sends_along(mention.tokens.1 + 1) {
            return Ruling { relation: Relation::Attaches, ..ruling };
        }
        let previous = (n > 0 && self.mentions[n - 1].tokens.1 > start).then(|| n - 1);

        // A member of a list takes over from the member before.
        if lead > content
            && let Some(previous) = previous
            && let Some(taken) = self.taken_over(n, lead, previous, before)
        {
            return Ruling { style, ..taken };
        }
        let left = self.look_left(lead, start, previous);
        match left {
            Left::Found { trigger, at, gap, commas, colon } => {
                if let Some(ruled) = self.judge(n, trigger, at, gap, commas, colon, start, content, before) {
                    return Ruling { style, ..ruled };
                }
            }
            Left::Reached(other) => {
                // `Quyết định A … Quyết định B` with nothing between that governs B.
                ruling.inside = Some(other);
            }
            Left::None => {}
        }
        if let Some((relation, trigger, restores)) = self.look_right(n, start) {
            return Ruling { relation, trigger, restores, style, ..Ruling::plain() };
        }
        let at_head = lead <= content || (lead == content + 1 && page.word(content) == key("tai"));
        let about = lead <= content + 3 && page.phrase(content, words!("doi" "voi"));
        if (at_head || about)
            && let Some(ruled) = self.introduced(n, start, style, before)
        {
            return ruled;
        }
        ruling
    }

    /// After `;`, `,` or *và* a mention stands as the one before does, titles passed over.
    fn taken_over(&self, n: usize, lead: usize, previous: usize, before: &[Ruling]) -> Option<Ruling> {
        let page = self.page;
        let joint = lead - 1;
        let hard = page.mark(joint, ';');
        let soft = page.mark(joint, ',')
            || matches!(page.word(joint), k if k == VA || k == key("hoac") || k == key("cung") || k == key("voi"));
        if !hard && !soft {
            return None;
        }
        let from = self.mentions[previous].tokens.1;
        let gap = joint.saturating_sub(from);
        let direct = gap <= 1;
        let follower = self.mentions[n].tokens.1;
        const VERBS: [u64; 8] =
            [key("khong"), key("van"), key("tiep"), key("cung"), key("se"), key("bi"), key("het"), key("la")];
        if hard && VERBS.contains(&page.word(follower)) {
            // The subject of a clause of its own.
            return None;
        }
        let closed = (from..joint).any(|at| page.mark(at, ')'));
        let mut model = previous;
        let mine = self.mentions[n].kind;
        let theirs = self.mentions[previous].kind;
        let changed = mine != theirs && before[previous].relation == Relation::AmendedBy;
        let climb = !direct
            || hard
            || closed
            || changed
            || (mine.is_some()
                && mine != theirs
                && before[previous].inside.is_some_and(|of| self.mentions[of].kind == mine));
        if climb {
            if !direct && !closed && !self.is_title(from, joint) {
                return None;
            }
            while let Some(owner) = before[model].inside {
                model = owner;
            }
        }
        if page.word(joint) == key("voi") || page.word(joint) == key("cung") {
            return None;
        }
        // `theo Nghị quyết A, Quyết định B hết hiệu lực`: a plain reference lends nothing but its plainness.
        let taken = before[model];
        if taken.relation == Relation::Cites && taken.trigger.is_none() {
            return None;
        }
        if taken.relation == Relation::Cites
            && page.mark(joint, ',')
            && self.look_right(n, self.sentences.start(lead)).is_some()
        {
            return None;
        }
        Some(taken)
    }

    /// `(gửi kèm Công văn này)` behind a mention.
    fn sends_along(&self, at: usize) -> bool {
        let page = self.page;
        let verb = page.phrase(at, words!("gui" "kem"))
            || page.phrase(at, words!("dinh" "kem"))
            || page.phrase(at, words!("kem" "theo"));
        verb && (at..at + 7).any(|k| page.word(k) == NAY || page.mark(k, ')'))
    }

    /// Whether the tokens are the title or side note of the mention before them.
    fn is_title(&self, from: usize, to: usize) -> bool {
        let page = self.page;
        if from >= to {
            return true;
        }
        const OPENERS: [u64; 16] = [
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

    /// Walks left from `lead` to the nearest trigger or mention of the sentence.
    fn look_left(&self, lead: usize, start: usize, previous: Option<usize>) -> Left {
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
    fn opening(&self, n: usize, floor: usize, sign: &str) -> Option<usize> {
        (floor..n).rev().take(REACH).find(|at| self.page.str(*at) == sign)
    }

    /// `(Kèm theo …`, `Ban hành kèm theo …` at the head of a bracket or sentence.
    fn opens_clause(&self, at: usize, start: usize) -> bool {
        let page = self.page;
        let mut head = if page.phrase_before(at, words!("ban" "hanh")) { at - 2 } else { at };
        if page.phrase_before(head, words!("duoc")) {
            head -= 1;
        }
        head <= sentence::content(page, start)
            || (head > 0 && page.mark_of(head - 1, "(["))
            || page.tokens[head].upper && page.starts_line(head)
    }

    #[allow(clippy::too_many_arguments, reason = "one walk's findings, used once")]
    fn judge(
        &self,
        n: usize,
        trigger: Trigger,
        at: (usize, usize),
        gap: usize,
        commas: usize,
        colon: bool,
        start: usize,
        content: usize,
        before: &[Ruling],
    ) -> Option<Ruling> {
        let page = self.page;
        let found = |relation| Ruling { relation, trigger: Some(at), ..Ruling::plain() };
        let subject = self.subject(at.0, start);
        match trigger {
            Trigger::Basis => {
                let told =
                    subject.is_some_and(|other| at.0 - self.mentions[other].tokens.1 <= 1) && !page.tokens[at.0].upper;
                Some(found(if told { Relation::Cites } else { Relation::Basis }))
            }
            Trigger::Plain => {
                if commas > 0
                    && gap > 0
                    && page.mark(self.lead(self.mentions[n].tokens.0, start).saturating_sub(1), ',')
                {
                    return None;
                }
                if let Some(ruled) = self.at_place(n, at, start, content) {
                    return Some(ruled);
                }
                Some(found(Relation::Cites))
            }
            Trigger::Stop if commas > 0 => None,
            Trigger::Stop => Some(found(Relation::Cites)),
            Trigger::Replies => Some(found(if gap <= 12 { Relation::RepliesTo } else { Relation::Cites })),
            Trigger::Attaches => Some(found(Relation::Attaches)),
            Trigger::Along => {
                let alone = page.starts_line(at.0.saturating_sub(1))
                    || page.starts_line(at.0)
                    || page.starts_line(at.0.saturating_sub(2))
                    || page.starts_line(at.0.saturating_sub(3))
                    || page.tokens[at.0].upper
                    || page.tokens[at.0.saturating_sub(2)].upper;
                Some(found(if alone { Relation::AttachedTo } else { Relation::Attaches }))
            }
            Trigger::Implements => {
                let nested = subject.filter(|other| {
                    let from = self.mentions[*other].tokens.1;
                    self.is_title(from, at.0)
                        && !(from..at.0).any(|k| page.mark(k, ',') && page.get(k + 1).is_some_and(|token| token.upper))
                });
                if let Some(owner) = nested {
                    return Some(Ruling { inside: Some(owner), ..found(Relation::Cites) });
                }
                let near = gap <= 14 && commas <= 2;
                Some(found(if near { Relation::Implements } else { Relation::Cites }))
            }
            Trigger::Details | Trigger::Guides => {
                let relation = if trigger == Trigger::Details { Relation::Details } else { Relation::Guides };
                if gap > 24 || (trigger == Trigger::Guides && (gap > 10 || commas > 0)) {
                    return Some(found(Relation::Cites));
                }
                match subject.filter(|other| self.acts(*other, at.0, before)) {
                    Some(owner) => Some(Ruling { of: Some(owner), inside: Some(owner), ..found(relation) }),
                    None => Some(found(relation)),
                }
            }
            Trigger::Passive(effect) => {
                let told =
                    (at.0.saturating_sub(14)..at.0).any(|k| page.word(k) == DA && self.close_to_passive(k, at.0));
                let relation = match effect {
                    Relation::Amends => Relation::AmendedBy,
                    Relation::Replaces if !told => Relation::ReplacedBy,
                    _ => Relation::Cites,
                };
                let itself = (start..at.0).any(|k| page.word(k) == NAY);
                match subject {
                    Some(owner) if relation != Relation::Cites => {
                        let mut owner = owner;
                        // `Nghị định A quy định chi tiết Luật L được sửa đổi bởi Nghị định B`: B changed A, not L.
                        if let Some(outer) = before[owner].inside
                            && self.mentions[owner].kind != self.mentions[n].kind
                            && self.mentions[outer].kind == self.mentions[n].kind
                        {
                            owner = outer;
                        }
                        // `A được sửa đổi bởi B, được sửa đổi bởi C`: C changed A too.
                        while before[owner].relation == relation && before[owner].of.is_some() {
                            owner = before[owner].of.expect("just seen");
                        }
                        Some(Ruling { of: Some(owner), inside: Some(owner), ..found(relation) })
                    }
                    None if itself => Some(found(relation)),
                    _ => Some(Ruling { inside: subject, ..found(Relation::Cites) }),
                }
            }
            Trigger::Effect(relation) => {
                self.judge_effect(n, relation, at, gap, colon, start, content, subject, before)
            }
        }
    }

    fn close_to_passive(&self, da: usize, at: usize) -> bool {
        (da + 1..at.min(da + 3)).any(|k| [key("duoc"), key("bi")].contains(&self.page.word(k)))
    }

    #[allow(clippy::too_many_arguments, reason = "one walk's findings, used once")]
    fn judge_effect(
        &self,
        n: usize,
        relation: Relation,
        at: (usize, usize),
        gap: usize,
        colon: bool,
        start: usize,
        content: usize,
        subject: Option<usize>,
        before: &[Ruling],
    ) -> Option<Ruling> {
        let page = self.page;
        let found = |relation| Ruling { relation, trigger: Some(at), ..Ruling::plain() };
        let mention = &self.mentions[n];
        let effect = if relation == Relation::Consolidates {
            relation
        } else {
            self.phrase_effect(relation, at.1, mention.tokens.0)
        };
        // The verb must reach the act: a place, a list, a type word, or nothing between.
        let named = (at.1..mention.tokens.0).any(|k| {
            matches!(page.word(k), w if w == key("van") || w == key("quy") || w == key("phu") || w == key("dieu") || w == key("khoan") || w == key("phan") || w == key("nghi") || w == key("quyet") || w == key("dinh") || w == key("chi") || w == key("mot") || w == key("noi") || w == key("bieu") || w == key("ke"))
        });
        let reach = gap <= 5 || colon || (named && gap <= 60);
        if relation == Relation::EndsEffect && gap > 0 && !colon {
            return Some(found(Relation::Cites));
        }
        let plain_add = page.word(at.0) == key("bo") && !mention.locators.is_empty();
        if relation == Relation::Amends && page.word(at.0) == key("bo") && !plain_add && !named && gap > 0 {
            return Some(found(Relation::Cites));
        }
        if !reach {
            return Some(found(Relation::Cites));
        }
        if self.negated(at.0, start) || self.proposed(at.0, start, content) {
            return Some(Ruling { inside: subject, ..found(Relation::Cites) });
        }
        let passive = at.0 > 0 && [key("duoc"), key("bi")].contains(&page.word(at.0 - 1));
        let told = (at.0.saturating_sub(3)..at.0).any(|k| [DA, key("vua")].contains(&page.word(k)));
        let same = |other: usize| matches!((&self.mentions[other].act, &mention.act), (Act::Numbered(a), Act::Numbered(b)) if a == b);
        if let Some(owner) = subject.filter(|other| self.acts(*other, at.0, before) && !same(*other)) {
            if passive {
                let relation = if effect == Relation::Amends { Relation::AmendedBy } else { Relation::Cites };
                return Some(Ruling { of: Some(owner), inside: Some(owner), ..found(relation) });
            }
            return Some(Ruling { of: Some(owner), inside: Some(owner), ..found(effect) });
        }
        let itself = at.0 > 0 && page.word(at.0 - 1) == NAY;
        if (told || passive) && !itself {
            // `(văn bản đã thay thế …)`: the act in front of the bracket.
            let owner = self.before_bracket(at.0, start);
            return Some(match owner.filter(|_| !passive) {
                Some(owner) => Ruling { of: Some(owner), inside: Some(owner), ..found(effect) },
                None => found(Relation::Cites),
            });
        }
        Some(found(effect))
    }

    /// A change of words is an amendment, whatever its verb.
    fn phrase_effect(&self, relation: Relation, from: usize, to: usize) -> Relation {
        let page = self.page;
        let words = (from..to.min(from + 12))
            .any(|k| page.phrase(k, words!("cum" "tu")) || (page.word(k) == key("tu") && page.mark_of(k + 1, "“\"")));
        if words && matches!(relation, Relation::Replaces | Relation::Repeals) { Relation::Amends } else { relation }
    }

    /// `Thay thế cụm từ “…” tại Điều 2 …`, `Bãi bỏ nội dung … tại …`, `Tại khoản 2 … đã in … nay sửa lại là`:
    /// the verb at the head of the sentence governs the place behind *tại*.
    fn at_place(&self, n: usize, at: (usize, usize), start: usize, content: usize) -> Option<Ruling> {
        let page = self.page;
        if page.word(at.0) != key("tai") && page.word(at.0) != key("trong") {
            return None;
        }
        let found = |relation, trigger| Ruling { relation, trigger: Some(trigger), ..Ruling::plain() };
        if at.0 == content {
            return self.look_right(n, start).map(|(relation, trigger, _)| Ruling {
                relation,
                trigger,
                ..Ruling::plain()
            });
        }
        let heads = (content..at.0.min(content + 7)).find_map(|k| {
            trigger::before(page, k + 1)
                .filter(|(_, from)| *from >= content && (*from <= content + 1 || page.word(from - 1) == NAY))
                .map(|hit| (hit, k + 1))
        });
        let ((Trigger::Effect(relation), from), end) = heads? else { return None };
        if (n > 0 && self.mentions[n - 1].tokens.1 > from && self.mentions[n - 1].tokens.0 > from)
            || relation == Relation::EndsEffect
        {
            return None;
        }
        if self.marked(from, at.0, ";") || self.negated(from, start) || self.proposed(from, start, content) {
            return None;
        }
        Some(found(self.phrase_effect(relation, end, at.0), (from, end)))
    }

    /// The nearest mention left of `at` in the same clause, brackets and quotes passed over.
    fn subject(&self, at: usize, start: usize) -> Option<usize> {
        let index = self.mentions.partition_point(|mention| mention.tokens.0 < at);
        let other = index.checked_sub(1)?;
        let mention = &self.mentions[other];
        if mention.tokens.1 <= start || matches!(mention.act, Act::Nothing) || at - mention.tokens.1.min(at) > 80 {
            return None;
        }
        (!self.marked(mention.tokens.1, at, ";")).then_some(other)
    }

    /// Whether the mention is what acts in the trigger at `at`: `A quy định chi tiết B`, not `Quyết định này thay thế A và bãi bỏ B`.
    fn acts(&self, other: usize, at: usize, before: &[Ruling]) -> bool {
        let page = self.page;
        let from = self.mentions[other].tokens.1;
        if matches!(self.mentions[other].act, Act::This) {
            return false;
        }
        if (from..at).any(|k| page.word(k) == NAY) {
            return false;
        }
        let joint =
            at > from && (page.mark(at - 1, ',') || matches!(page.word(at - 1), k if k == VA || k == key("thoi")));
        let ruling = &before[other];
        let taken = ruling.own_effect() || matches!(ruling.relation, Relation::Basis | Relation::Implements);
        // `… Quyết định A, Ủy ban nhân dân tỉnh sửa đổi B`: somebody else acts.
        let other_body = (from..at).any(|k| {
            page.mark(k, ',') && page.get(k + 1).is_some_and(|t| t.upper) && super::issuer::at(page, k + 1).is_some()
        });
        !(other_body || joint && taken)
    }

    /// Whether one of the signs stands in `[from, to)` outside quotes.
    fn marked(&self, from: usize, to: usize, signs: &str) -> bool {
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

    fn before_bracket(&self, at: usize, start: usize) -> Option<usize> {
        let open = (start..at).rev().take(12).find(|k| self.page.mark(*k, '('))?;
        self.subject(open, start)
    }

    fn negated(&self, at: usize, start: usize) -> bool {
        let page = self.page;
        for k in (start..at).rev().take(9) {
            if page.mark_of(k, ";:.,") {
                return false;
            }
            if [key("khong"), key("chua"), key("chang")].contains(&page.word(k)) {
                return true;
            }
        }
        false
    }

    /// Something only asked for, planned or supposed.
    fn proposed(&self, at: usize, start: usize, content: usize) -> bool {
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
                w if w == key("thao") => page.word(k.wrapping_sub(1)) == key("du"),
                w if w == key("kien") => page.word(k.wrapping_sub(1)) == key("du"),
                w if w == key("hop") => page.word(k.wrapping_sub(1)) == key("truong") && page.word(k + 1) != key("nay"),
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

    /// What the rest of the sentence says about the mention as its subject.
    fn look_right(&self, n: usize, start: usize) -> Option<Right> {
        let page = self.page;
        let end =
            self.sentences.end(self.mentions[n].tokens.1.saturating_sub(1)).min(self.mentions[n].tokens.1 + REACH);
        let mut q = self.mentions[n].tokens.1;
        let mut next = n + 1;
        let mut quoted = false;
        let mut depth = 0usize;
        let mut corrected = false;
        while q < end {
            if let Some(mention) = self.mentions.get(next).filter(|mention| mention.tokens.0 <= q) {
                if mention.tokens.1 > q && !matches!(mention.act, Act::Nothing | Act::This) {
                    q = mention.tokens.1;
                }
                next += 1;
                if q >= end {
                    break;
                }
                continue;
            }
            if page.tokens[q].kind == Kind::Mark {
                match page.str(q) {
                    "“" => quoted = true,
                    "”" => quoted = false,
                    "(" => depth += 1,
                    ")" if depth == 0 => return None,
                    ")" => depth -= 1,
                    ";" if !quoted && depth == 0 && !corrected => {
                        return None;
                    }
                    _ => {}
                }
                q += 1;
                continue;
            }
            if quoted || depth > 0 {
                q += 1;
                continue;
            }
            let hit = |relation, len| Some((relation, Some((q, q + len)), false));
            let word = page.word(q);
            let back = |k: usize| page.word(q.wrapping_sub(k));
            let passive = [key("duoc"), key("bi")].contains(&back(1));
            let told = (1..=3).any(|k| back(k) == DA);
            let not = (1..=3).any(|k| [key("khong"), key("chua")].contains(&back(k)));
            if page.phrase(q, words!("hieu" "luc")) {
                if back(1) == key("het") || back(1) == key("dut") || (back(1) == key("con") && back(2) == key("khong"))
                {
                    if told
                        || (not && back(1) != key("con"))
                        || self.blanket(start, q)
                        || self.proposed(q, start, start)
                    {
                        return None;
                    }
                    return hit(Relation::EndsEffect, 2);
                }
                if back(1) == key("ngung") || back(1) == key("chi") {
                    return if told || not || self.proposed(q, start, start) {
                        None
                    } else {
                        hit(Relation::Suspends, 2)
                    };
                }
                if back(1) == key("co") {
                    let again = (q + 2..end.min(q + 6)).any(|k| page.phrase(k, words!("tro" "lai")));
                    return again.then_some((Relation::Cites, Some((q - 1, q + 2)), true));
                }
            }
            if page.phrase(q, words!("khoi" "phuc")) || page.phrase(q, words!("phuc" "hoi")) {
                return Some((Relation::Cites, Some((q, q + 2)), true));
            }
            if passive && (page.phrase(q, words!("bai" "bo")) || page.phrase(q, words!("huy" "bo"))) {
                if told
                    || not
                    || self.blanket(start, q)
                    || self.proposed(q, start, start)
                    || self.agent(q + 2, end) == Agent::Other
                {
                    return None;
                }
                return hit(Relation::Repeals, 2);
            }
            if page.phrase(q, words!("thay" "the")) {
                if !passive || told || not || self.proposed(q, start, start) {
                    return None;
                }
                return if self.agent(q + 2, end) == Agent::Other { None } else { hit(Relation::Replaces, 2) };
            }
            if passive && page.phrase(q, words!("sua" "doi")) {
                let anew = (q + 2..end.min(q + 8)).any(|k| page.phrase(k, words!("nhu" "sau")));
                return if anew && !told && !not { hit(Relation::Amends, 2) } else { None };
            }
            if page.phrase(q, words!("da" "in")) || page.phrase(q, words!("in" "nham")) {
                corrected = true;
            }
            if corrected
                && (page.phrase(q, words!("sua" "lai"))
                    || page.phrase(q, words!("nay" "sua"))
                    || page.phrase(q, words!("doc" "la")))
            {
                return hit(Relation::Corrects, 2);
            }
            if passive && page.phrase(q, words!("dinh" "chinh")) {
                return if told { None } else { hit(Relation::Corrects, 2) };
            }
            if word == key("thay") && page.word(q + 1) == key("cho") {
                return None;
            }
            q += 1;
        }
        None
    }

    /// `Những quy định trước đây trái với … đều bãi bỏ`
    fn blanket(&self, start: usize, at: usize) -> bool {
        (start..at).any(|k| self.page.phrase(k, words!("trai" "voi")))
    }

    fn agent(&self, from: usize, end: usize) -> Agent {
        let page = self.page;
        let led = [key("boi"), key("bang"), key("tai"), key("theo")].contains(&page.word(from));
        if !led {
            return Agent::None;
        }
        let itself = (from..end.min(from + 24)).any(|k| page.word(k) == NAY);
        if itself { Agent::Itself } else { Agent::Other }
    }

    /// The sense that an introduction (`… các văn bản sau:`) or a heading gives to its items.
    fn introduced(&self, n: usize, start: usize, style: Style, before: &[Ruling]) -> Option<Ruling> {
        let page = self.page;
        if start == 0 {
            return None;
        }
        let last = start - 1;
        let opened = page.mark(last, ':');
        let intro_start = self.sentences.start(last);
        let heading = !opened && sentence::style(page, intro_start) == Style::Heading && !page.mark_of(last, ".;");
        if opened || heading {
            let content = sentence::content(page, intro_start);
            let previous = (n > 0 && self.mentions[n - 1].tokens.1 > intro_start).then(|| n - 1);
            let from = if opened { last } else { start };
            let mut p = from;
            while p > content && from - p < 60 {
                if let Some((trigger, at)) = trigger::before(page, p) {
                    let ruling = match trigger {
                        Trigger::Effect(relation) if at >= content && !(heading && at > content + 1) => {
                            if self.negated(at, intro_start) || self.proposed(at, intro_start, content) {
                                return None;
                            }
                            if previous
                                .is_some_and(|other| self.mentions[other].tokens.0 < at && self.acts(other, at, before))
                            {
                                return None;
                            }
                            let after = (p..from).any(|k| page.phrase(k, words!("nhu" "sau")));
                            let cites_place = matches!(relation, Relation::Amends) && !after && previous.is_some();
                            if cites_place { None } else { Some(relation) }
                        }
                        Trigger::Basis => Some(Relation::Basis),
                        Trigger::Implements if opened => Some(Relation::Implements),
                        _ => None,
                    };
                    if let Some(relation) = ruling {
                        let told = (at.saturating_sub(3)..at).any(|k| page.word(k) == DA);
                        if told {
                            return None;
                        }
                        return Some(Ruling {
                            relation,
                            trigger: Some((at, p)),
                            intro: true,
                            style,
                            ..Ruling::plain()
                        });
                    }
                    if matches!(trigger, Trigger::Effect(_)) {
                        return None;
                    }
                }
                p -= 1;
            }
            if opened && let Some(previous) = previous {
                // `… được sửa đổi, bổ sung bởi:` and the amending acts below.
                if let Some((Trigger::Passive(Relation::Amends), at)) = trigger::before(page, last) {
                    return Some(Ruling {
                        relation: Relation::AmendedBy,
                        of: Some(previous),
                        inside: Some(previous),
                        trigger: Some((at, last)),
                        intro: true,
                        style,
                        ..Ruling::plain()
                    });
                }
            }
            return None;
        }
        // A sibling of an introduced item, or one more ground after `;`.
        let model = before.iter().enumerate().rev().take(40).find(|(k, ruling)| {
            ruling.inside.is_none()
                && self.mentions[*k].tokens.0 < start
                && !matches!(self.mentions[*k].act, Act::Nothing | Act::This)
        })?;
        let (k, ruling) = model;
        let from = self.mentions[k].tokens.0;
        if start - from > 400 {
            return None;
        }
        if page.mark_of(last, ";,")
            && self.sentences.between(from, start).is_empty()
            && ruling.relation == Relation::Basis
            && style == ruling.style
        {
            return Some(Ruling { style, ..*ruling });
        }
        if !ruling.intro || ruling.style != style || style == Style::Plain {
            return None;
        }
        let broken = self.sentences.between(from, start).iter().any(|between| {
            let other = sentence::style(page, *between);
            other == Style::Heading || (other != style && other != Style::Plain && (other as u8) < (style as u8))
        });
        (!broken).then_some(Ruling { style, ..*ruling })
    }

    /// A consolidation ends nothing: the acts named in its head are what it consolidates, the rest is told.
    fn consolidate(&self, rulings: &mut [Ruling]) {
        let mut head = true;
        for (n, ruling) in rulings.iter_mut().enumerate() {
            let mention = &self.mentions[n];
            head &= !matches!(ruling.relation, Relation::Basis);
            let start = self.sentences.start(mention.tokens.0);
            let first = self.lead(mention.tokens.0, start) <= sentence::content(self.page, start);
            if head && (first || ruling.relation == Relation::Consolidates) && matches!(mention.act, Act::Numbered(_)) {
                if ruling.of.is_none() || ruling.relation == Relation::AmendedBy {
                    *ruling = Ruling { relation: Relation::Consolidates, of: None, ..*ruling };
                }
            } else if ruling.own_effect() || (ruling.relation == Relation::AmendedBy && ruling.of.is_none()) {
                ruling.relation = Relation::Cites;
            }
        }
    }
}

#[derive(PartialEq)]
enum Agent {
    None,
    Itself,
    Other,
}
