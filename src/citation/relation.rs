//! What each clause does to the act it names: the nearest governing trigger, its subject, and what takes its force away.

mod asides;

use super::clause::Left;
use super::locator;
use super::page::{Page, key};
use super::sentence::{self, Sentences, Style};
use super::trigger::{self, Trigger};
use super::{Act, Mention, OwnNames, Relation, changes_laws, is_law};
use crate::text::fold;
use asides::{Speaker, quoted, remarked};

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
    pub(super) intro: bool,
    /// How its item is marked.
    pub(super) style: Style,
    /// *có hiệu lực trở lại*
    pub(crate) restores: bool,
}

impl Ruling {
    pub(super) fn plain() -> Ruling {
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

    pub(super) fn own_effect(&self) -> bool {
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

/// Everything a ruling looks at.
pub(crate) struct Clauses<'p, 't> {
    pub(crate) page: &'p Page<'t>,
    pub(crate) sentences: &'p Sentences,
    pub(crate) mentions: &'p [Mention],
    /// Whether the mention stands in quoted wording.
    quoted: Vec<bool>,
    /// Whether the mention stands in a remark on related rules.
    remarked: Vec<bool>,
}

/// Decides all mentions in reading order.
pub(crate) fn rule(page: &Page<'_>, sentences: &Sentences, mentions: &[Mention], own: &OwnNames) -> Vec<Ruling> {
    let consolidation = own.kind.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("Văn bản hợp nhất"))
        || own.number.as_deref().is_some_and(|number| number.contains("VBHN"));
    let (quoted, remarked) = (quoted(page, mentions), remarked(page, mentions));
    let clauses = Clauses { page, sentences, mentions, quoted, remarked };
    let speaker = Speaker::new(own);
    let mut rulings: Vec<Ruling> = Vec::with_capacity(mentions.len());
    for n in 0..mentions.len() {
        let mut ruling = clauses.decide(n, &rulings);
        // Quoted wording acts in the text it is meant for.
        if clauses.quoted[n] && (is_effect(ruling.relation) || ruling.relation == Relation::Basis) {
            ruling = Ruling { relation: Relation::Cites, of: None, ..ruling };
        }
        // A remark tells what others do; the text that holds it does nothing there.
        let acts = ruling.own_effect() || ruling.of.is_none() && matches!(ruling.relation, Relation::Details);
        if clauses.remarked[n] && ruling.own_effect() || acts && speaker.is_another(&clauses, n, &ruling) {
            ruling.relation = Relation::Cites;
        }
        rulings.push(ruling);
    }
    clauses.corrected(&mut rulings);
    if consolidation {
        clauses.consolidate(&mut rulings);
    }
    rulings
}

impl Clauses<'_, '_> {
    fn decide(&self, n: usize, before: &[Ruling]) -> Ruling {
        let page = self.page;
        let mention = &self.mentions[n];
        let first = mention.tokens.0;
        let start = self.sentences.start(first);
        let content = sentence::content(page, start);
        let style = sentence::style(page, start);
        let lead = self.lead(first, start);
        let mut ruling = Ruling { style, ..Ruling::plain() };
        if matches!(mention.act, Act::Nothing | Act::This) {
            return ruling;
        }
        if page.mark(mention.tokens.1, '(') && self.sends_along(mention.tokens.1 + 1) {
            return Ruling { relation: Relation::Attaches, ..ruling };
        }
        let previous = (n > 0 && self.mentions[n - 1].tokens.1 > start).then(|| n - 1);
        // `Gửi kèm theo Công văn này Báo cáo số …`
        if let Some(letter) = previous.map(|other| &self.mentions[other])
            && matches!(letter.act, Act::This)
            && letter.tokens.1 == lead
            && let Some((Trigger::Attaches, at)) = trigger::before(page, letter.tokens.0)
        {
            return Ruling { relation: Relation::Attaches, trigger: Some((at, lead)), ..ruling };
        }

        // A member of a list takes over from the member before.
        if lead > content
            && let Some(previous) = previous
            && let Some(taken) = self.taken_over(n, lead, previous, before)
        {
            return Ruling { style, ..taken };
        }
        let left = self.look_left(lead, start, previous);
        if let Left::Found { trigger: Trigger::Plain, at, .. } = left
            && let Some(ruled) = self.part_of(n, at.0, start, previous, before)
        {
            return Ruling { style, ..ruled };
        }
        match left {
            Left::Found { trigger, at, gap, commas, colon } => {
                if let Some(ruled) = self.judge(n, trigger, at, gap, commas, colon, start, content, before) {
                    return Ruling { style, ..ruled };
                }
            }
            Left::Reached(other) => {
                // `Quyết định A … Quyết định B` with nothing between that governs B.
                ruling.inside = Some(other);
                if self.in_title_of(other, lead) {
                    return ruling;
                }
            }
            Left::None => {
                // `Nghị quyết A về việc lùi hiệu lực thi hành của Luật B hết hiệu lực`: that is said of A.
                if let Some(other) = previous.filter(|other| self.in_title_of(*other, lead)) {
                    return Ruling { inside: Some(other), ..ruling };
                }
            }
        }
        // `Cain cle Nghị định …`: two short words in c before the act at the head of an item.
        let lost = |k: usize| page.str(k).to_lowercase().starts_with('c') && page.str(k).chars().count() <= 5;
        // `Căn các Nghị định …` too, whose second word looks like the glue of a list.
        let first_words = lead == content + 2 && lost(content) && lost(content + 1)
            || lead == content + 1 && page.word(content) == key("can") && page.word(lead) == key("cac");
        if first_words && page.tokens[content].upper {
            return Ruling { relation: Relation::Basis, trigger: Some((content, lead)), ..ruling };
        }
        if (start..lead).rev().take(8).any(|k| page.phrase(k, words!("khoi" "phuc" "hieu" "luc"))) {
            return Ruling { restores: true, ..ruling };
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

    /// `Bãi bỏ A; các quy định về đất trong B`, and the item `d) Cụm từ “…” tại B` below `Bãi bỏ các quy định sau:`:
    /// what happens to the list happens to what is named in B.
    fn part_of(&self, n: usize, at: usize, start: usize, previous: Option<usize>, before: &[Ruling]) -> Option<Ruling> {
        let page = self.page;
        let (content, style) = (sentence::content(page, start), sentence::style(page, start));
        if page.word(at) != key("tai") && page.word(at) != key("trong") {
            return None;
        }
        let from = (content..at).rev().find(|k| page.mark(*k, ';')).map_or(content, |k| k + 1);
        let from = if page.word(from) == key("cac") { from + 1 } else { from };
        let phrase = page.phrase(from, words!("cum" "tu"));
        // `c) Thủ tục công bố … được quy định tại Điều 11 B`: what is laid down there; of `a) Khoản 2 Điều 129 được
        // quy định tại khoản 63 Điều 1 B` a part is meant.
        let laid_down = page.phrase_before(at, words!("quy" "dinh")) && locator::parse(page, from).is_none();
        let named =
            phrase || laid_down || page.phrase(from, words!("quy" "dinh")) || page.phrase(from, words!("noi" "dung"));
        // With a verb of its own the clause speaks for itself.
        let speaks = (from + 2..at).any(|k| {
            (page.mark(k, ',') && !phrase && !laid_down)
                || page.word(k) == NAY
                || matches!(trigger::before(page, k), Some((Trigger::Effect(_), _)))
        });
        if !named || speaks || at > from + 40 {
            return None;
        }
        let list = match previous.filter(|other| self.mentions[*other].tokens.0 >= content && from > content + 1) {
            Some(mut other) => {
                while let Some(owner) = before[other].inside {
                    other = owner;
                }
                Some(before[other]).filter(Ruling::own_effect)
            }
            None if from <= content + 1 => self.introduced(n, start, style, before).filter(Ruling::own_effect),
            None => None,
        }?;
        // `Thay thế: a) Những nội dung về đất quy định tại A`: so much of A is replaced.
        let matter = from + usize::from(page.word(from) == key("nhung"));
        let replaced = list.relation == Relation::Replaces && page.phrase(matter, words!("noi" "dung"));
        if laid_down && !replaced && !matches!(list.relation, Relation::Repeals | Relation::EndsEffect) {
            return None;
        }
        let relation = if phrase { Relation::Amends } else { list.relation };
        Some(Ruling { relation, ..list })
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
                // `Các quy định tại Chương III … hết hiệu lực`: what is laid down there is the subject.
                let laid_down = page.word(at.0) == key("tai") && {
                    let from = content + usize::from([key("cac"), key("nhung")].contains(&page.word(content)));
                    from + 2 == at.0
                        && (page.phrase(from, words!("quy" "dinh")) || page.phrase(from, words!("noi" "dung")))
                };
                if laid_down && let Some((relation, trigger, restores)) = self.look_right(n, start) {
                    return Some(Ruling { relation, trigger, restores, ..Ruling::plain() });
                }
                Some(found(Relation::Cites))
            }
            Trigger::Stop if commas > 0 => None,
            Trigger::Stop => Some(found(Relation::Cites)),
            Trigger::Replies => {
                let answered = page.word(at.0) != key("nhan") || self.mentions[n].kind == Some("Công văn");
                Some(found(if gap <= 12 && answered { Relation::RepliesTo } else { Relation::Cites }))
            }
            Trigger::Attaches => Some(found(Relation::Attaches)),
            Trigger::Along => {
                let alone = page.starts_line(at.0.saturating_sub(1))
                    || page.starts_line(at.0)
                    || page.starts_line(at.0.saturating_sub(2))
                    || page.starts_line(at.0.saturating_sub(3))
                    || page.tokens[at.0].upper
                    || page.tokens[at.0.saturating_sub(2)].upper;
                let issued = page.phrase_before(at.0, words!("ban" "hanh"));
                Some(found(match (alone, issued) {
                    (true, _) => Relation::AttachedTo,
                    // `Chương trình … (ban hành kèm theo Quyết định …)` names where it came from.
                    (false, true) => Relation::Cites,
                    (false, false) => Relation::Attaches,
                }))
            }
            Trigger::Implements => {
                let nested = subject.filter(|other| {
                    let from = self.mentions[*other].tokens.1;
                    self.is_title(from, at.0)
                        && !page.mark(from, ',')
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
                // A sign in a title does not part it from what is said of its act:
                // `thay thế A ban hành Quy định về trung cấp, cao đẳng; đại học, được sửa đổi tại B`.
                let named = self.named_before(at.0, start);
                let since = named.map_or(start, |other| self.mentions[other].tokens.1.max(start));
                let itself = (since..at.0).any(|k| page.word(k) == NAY);
                let subject = subject.or(if itself { None } else { named });
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
                        Some(self.changed_by(n, owner, start, found(relation)))
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

    /// What `found` is said of by the paper `n`, where `owner` stands before it: `Nghị định A quy định chi tiết Luật L
    /// được sửa đổi bởi Nghị định B` says it of A, for no decree changes a law.
    fn changed_by(&self, n: usize, owner: usize, start: usize, found: Ruling) -> Ruling {
        let kind = self.mentions[n].kind;
        let below = kind.is_some_and(|kind| !changes_laws(&fold(kind)));
        let changed = if below && self.mentions[owner].kind.is_some_and(|kind| is_law(&fold(kind))) {
            let before = (0..owner).rev().take_while(|other| self.mentions[*other].tokens.0 >= start);
            let mut same = before.filter(|other| self.mentions[*other].kind == kind);
            same.find(|other| !matches!(self.mentions[*other].act, Act::This | Act::Nothing))
        } else {
            Some(owner)
        };
        match changed {
            Some(owner) => Ruling { of: Some(owner), inside: Some(owner), ..found },
            None => Ruling { inside: Some(owner), relation: Relation::Cites, ..found },
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
        // `gia đình thay thế ở nước ngoài của Thông tư …`: no verb that governs an act.
        let adverb =
            matches!(page.word(at.1), w if w == key("o") || w == key("cua") || w == key("khi") || w == key("neu"));
        let reach = !adverb && (gap <= 5 || colon || (named && gap <= 60));
        if relation == Relation::EndsEffect && gap > 0 && !colon {
            return Some(found(Relation::Cites));
        }
        if relation == Relation::Amends
            && let Some(ruled) = self.amending_papers(n, at, subject, before)
        {
            return Some(ruled);
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
        // `A bãi bỏ B và sửa đổi C`: A does both.
        let joint = at.0 > start && (page.mark(at.0 - 1, ',') || page.word(at.0 - 1) == VA);
        let subject =
            subject.map(|other| match before[other].of.filter(|_| joint && is_effect(before[other].relation)) {
                Some(owner) => owner,
                None => other,
            });
        if let Some(owner) = subject.filter(|other| self.acts(*other, at.0, before) && !same(*other)) {
            if passive {
                let relation = if effect == Relation::Amends { Relation::AmendedBy } else { Relation::Cites };
                return Some(self.changed_by(n, owner, start, found(relation)));
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

    /// `Hủy bỏ kết quả của thí sinh thuộc trường hợp quy định tại khoản 6 Điều 8 A`: the place says when, and stays.
    fn of_a_case(&self, from: usize, to: usize) -> bool {
        let page = self.page;
        (from..to).any(|k| {
            page.phrase(k, words!("truong" "hop"))
                || page.phrase(k, words!("ket" "qua"))
                || (page.word(k) == key("khi") && page.str(k).eq_ignore_ascii_case("khi"))
        })
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
        // Acts that only the exchanged words name stand in nobody's way.
        let other = (0..n).rev().find(|other| !self.quoted[*other]);
        let other = other.is_some_and(|other| self.mentions[other].tokens.0 > from);
        // `Hợp nhất công ty được quy định tại A` consolidates no act.
        if other || matches!(relation, Relation::EndsEffect | Relation::Consolidates) {
            return None;
        }
        // `Điều chỉnh … thực hiện theo quy định tại A`: the heading has no hold on A.
        let other_verb = page.phrase_before(at.0, words!("theo" "quy" "dinh"))
            || page.phrase_before(at.0, words!("thuc" "hien" "theo"));
        if other_verb
            || self.marked(from, at.0, ";")
            || self.negated(from, start)
            || self.proposed(from, start, content)
            || self.of_a_case(end, at.0)
        {
            return None;
        }
        Some(found(self.phrase_effect(relation, end, at.0), (from, end)))
    }

    /// Whether the mention is what acts in the trigger at `at`: `A quy định chi tiết B`, not `Quyết định này thay thế A và bãi bỏ B`.
    pub(super) fn acts(&self, other: usize, at: usize, before: &[Ruling]) -> bool {
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
        // A joint circular has several of its own: `… của Bộ Y tế, Bộ Tài chính sửa đổi B`.
        let joint_act = self.mentions[other].kind.is_some_and(|kind| kind.contains("liên tịch"));
        let other_body = !joint_act
            && (from..at).any(|k| {
                page.mark(k, ',')
                    && page.get(k + 1).is_some_and(|t| t.upper)
                    && super::issuer::at(page, k + 1).is_some()
            });
        !(other_body || joint && taken)
    }
}
