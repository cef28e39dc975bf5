//! Lists: members that stand as the member before does, and items whose sense an introduction gave.

use super::page::key;
use super::relation::{Clauses, Ruling};
use super::sentence::{self, Style};
use super::trigger::{self, Trigger};
use super::{Act, Relation, kinds};

macro_rules! words {
    ($($word:literal)+) => { &[$(key($word)),+] };
}

const VA: u64 = key("va");
const DA: u64 = key("da");

impl Clauses<'_, '_> {
    /// After `;`, `,` or *và* a mention stands as the one before does, titles passed over.
    pub(super) fn taken_over(&self, n: usize, lead: usize, previous: usize, before: &[Ruling]) -> Option<Ruling> {
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
        let takes_effect = page.phrase(follower, words!("co" "hieu" "luc"));
        if hard && (takes_effect || VERBS.contains(&page.word(follower))) {
            // The subject of a clause of its own.
            return None;
        }
        let closed = (from..joint).any(|at| page.mark(at, ')'));
        let mut model = previous;
        let mine = self.mentions[n].kind;
        let theirs = self.mentions[previous].kind;
        let law = |kind: Option<&str>| matches!(kind, Some("Luật" | "Bộ luật" | "Pháp lệnh"));
        // Laws amend codes: `Bộ luật A được sửa đổi bởi Bộ luật B, Luật C`.
        let of_one_sort = mine == theirs || (law(mine) && law(theirs));
        let changed = !of_one_sort && before[previous].relation == Relation::AmendedBy;
        // `b) Nghị định X sửa đổi, bổ sung một số điều của A về … và B về …`: an item names one act, with its title.
        // `b) Điều 1 Thông tư X sửa đổi, bổ sung … của A; B và C`: with a place of its own it names one act the more.
        let one_act = |owner: usize| page.word(joint) == VA || !self.mentions[owner].locators.is_empty();
        // `Bãi bỏ Điều 6 Thông tư X sửa đổi, bổ sung một số điều của A; B; C`: the place is all that is repealed.
        let only = |owner: usize| {
            let heads =
                before[owner].trigger.is_some_and(|(_, end)| end == self.lead(self.mentions[owner].tokens.0, end));
            heads && before[owner].own_effect() && !self.mentions[owner].locators.is_empty()
        };
        if let Some(owner) = before[previous].inside.filter(|owner| of_one_sort && one_act(*owner))
            && (before[owner].intro || only(owner))
            && before[previous].of == Some(owner)
            && before[previous].relation == Relation::Amends
            && self.mentions[n].locators.is_empty()
        {
            return Some(before[previous]);
        }
        // `Bỏ … tại Điều 101 của Luật A được sửa đổi theo Luật B, Điều 64 của Luật C`: the places are those of the list.
        let placed = self.placed(n, previous, joint, before);
        let climb = !direct
            || hard
            || placed
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
            // `… về việc lùi hiệu lực của Luật A, Luật B hết hiệu lực`: the title names both.
            let titled = taken.inside.is_some_and(|owner| self.mentions[owner].kind != mine)
                && direct
                && of_one_sort
                && self.mentions[n].locators.is_empty();
            return titled.then_some(taken);
        }
        if taken.relation == Relation::Cites
            && page.mark(joint, ',')
            && self.look_right(n, self.sentences.start(lead)).is_some()
        {
            return None;
        }
        Some(taken)
    }

    /// Whether the mention names places and the one before it, which only says by what the acts before were changed,
    /// names none: then it goes on with the list of places.
    fn placed(&self, n: usize, previous: usize, joint: usize, before: &[Ruling]) -> bool {
        if self.mentions[n].locators.is_empty() || !self.mentions[previous].locators.is_empty() {
            return false;
        }
        let mut owner = previous;
        while let Some(outer) = before[owner].inside {
            owner = outer;
        }
        let told = matches!(before[previous].relation, Relation::Amends | Relation::AmendedBy);
        let from = self.mentions[owner].tokens.1;
        let signs = |sign: char| (from..joint).filter(|at| self.page.mark(*at, sign)).count();
        let open = signs('(') > signs(')');
        owner != previous && told && !open && !self.mentions[owner].locators.is_empty()
    }

    /// `A và các Quyết định sửa đổi, bổ sung: số B, số C`: papers that have amended A, and share what is done to it;
    /// `các Nghị định sửa đổi, bổ sung Nghị định A`: papers without a number have amended A, and this one does not.
    pub(super) fn amending_papers(
        &self,
        n: usize,
        at: (usize, usize),
        subject: Option<usize>,
        before: &[Ruling],
    ) -> Option<Ruling> {
        let page = self.page;
        let noun = (at.0.saturating_sub(4)..at.0).find(|k| kinds::at(page, *k).is_some_and(|(_, end)| end == at.0))?;
        let many = noun > 0 && [key("cac"), key("nhung")].contains(&page.word(noun - 1));
        let first = self.mentions[n].tokens.0;
        const LOOSE: [u64; 7] = [key("mot"), key("so"), key("dieu"), key("cua"), key("khoan"), key("noi"), key("dung")];
        let colon = page.mark(at.1, ':');
        let bare = page.word(first) == key("so") || page.number(first).is_some();
        if !bare && !colon {
            // `Luật A; Luật sửa đổi, bổ sung một số điều của Luật A`: a second act, named after what it amends.
            // `kể từ ngày Nghị định sửa đổi, bổ sung một số điều của Nghị định A có hiệu lực`: an act to come.
            let second = noun > 0
                && (page.word(noun - 1) == key("ngay")
                    || (page.mark_of(noun - 1, ";,") || page.word(noun - 1) == VA)
                        && kinds::at(page, noun)
                            .is_some_and(|(kind, _)| matches!(kind, "Luật" | "Bộ luật" | "Pháp lệnh")));
            let reached = (at.1..first).all(|k| LOOSE.contains(&page.word(k)));
            return ((many || second) && reached).then(|| Ruling { trigger: Some(at), ..Ruling::plain() });
        }
        if at.1 + usize::from(colon) < self.lead(first, at.1) {
            return None;
        }
        let head = noun - usize::from(many);
        let joined =
            head > 0 && (page.mark(head - 1, ',') || [VA, key("cung"), key("voi")].contains(&page.word(head - 1)));
        let told = Ruling { trigger: Some(at), ..Ruling::plain() };
        let Some(amended) = subject.filter(|_| joined) else { return many.then_some(told) };
        let mut owner = amended;
        while let Some(outer) = before[owner].inside {
            owner = outer;
        }
        if before[owner].own_effect() && self.mentions[owner].locators.is_empty() {
            return Some(before[owner]);
        }
        Some(Ruling { relation: Relation::AmendedBy, of: Some(amended), inside: Some(amended), ..told })
    }

    /// The sense that an introduction (`… các văn bản sau:`) or a heading gives to its items.
    pub(super) fn introduced(&self, n: usize, start: usize, style: Style, before: &[Ruling]) -> Option<Ruling> {
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
            // What an item names behind its first act is no sibling of the items after it.
            let first_of_item =
                *k == 0 || self.mentions[*k - 1].tokens.0 < self.sentences.start(self.mentions[*k].tokens.0);
            // An item that exchanges words says nothing of what happens to the others.
            let item = sentence::content(page, self.sentences.start(self.mentions[*k].tokens.0));
            ruling.inside.is_none()
                // A further sentence of an item has no mark, and says nothing of the items after it.
                && (ruling.intro || ruling.style != Style::Plain || style == Style::Plain)
                && !(ruling.intro && page.phrase(item, words!("cum" "tu")))
                && (first_of_item || ruling.intro)
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
            // Another list was opened in between.
            page.mark(*between - 1, ':') && self.sentences.start(from) != self.sentences.start(*between - 1)
                || other == Style::Heading
                || (other != style && other != Style::Plain && (other as u8) < (style as u8))
        });
        (!broken).then_some(Ruling { style, ..*ruling })
    }

    /// A consolidation ends nothing: the acts named in its head are what it consolidates, the rest is told.
    pub(super) fn consolidate(&self, rulings: &mut [Ruling]) {
        let mut head = true;
        for (n, ruling) in rulings.iter_mut().enumerate() {
            let mention = &self.mentions[n];
            head &= !matches!(ruling.relation, Relation::Basis);
            let start = self.sentences.start(mention.tokens.0);
            let content = sentence::content(self.page, start);
            let along = (content..mention.tokens.0).any(|at| self.page.phrase(at, words!("kem" "theo")));
            let rules =
                self.page.phrase(content, words!("quy" "che")) || self.page.phrase(content, words!("quy" "dinh"));
            let attached = along && rules;
            let first = self.lead(mention.tokens.0, start) <= content || attached;
            if head && (first || ruling.relation == Relation::Consolidates) && matches!(mention.act, Act::Numbered(_)) {
                if ruling.of.is_none() || ruling.relation == Relation::AmendedBy {
                    *ruling = Ruling { relation: Relation::Consolidates, of: None, ..*ruling };
                }
            } else if ruling.own_effect() || (ruling.relation == Relation::AmendedBy && ruling.of.is_none()) {
                ruling.relation = Relation::Cites;
            }
        }
    }

    /// `… ban hành Quyết định A. … Nay đính chính như sau:`: what is corrected was named just before.
    pub(super) fn corrected(&self, rulings: &mut [Ruling]) {
        let page = self.page;
        for (n, ruling) in rulings.iter_mut().enumerate() {
            if ruling.relation != Relation::Cites || ruling.of.is_some() || ruling.inside.is_some() {
                continue;
            }
            let Act::Numbered(_) = self.mentions[n].act else { continue };
            let from = self.mentions[n].tokens.1;
            let to = self.mentions.get(n + 1).map_or(page.len(), |next| next.tokens.0).min(from + 120);
            let said = (from..to).any(|at| {
                page.phrase(at, words!("dinh" "chinh"))
                    && (at + 2..(at + 6).min(to)).any(|k| page.phrase(k, words!("nhu" "sau")) || page.mark(k, ':'))
            });
            if said {
                ruling.relation = Relation::Corrects;
            }
        }
    }
}
