//! What has been done to one document, each act with its first day.

use super::{ENDINGS, Regime};
use crate::citation::Relation;
use crate::graph::kind::{self, Sort};
use crate::graph::place::Place;
use crate::graph::{Edge, Lineage, Node, NodeIndex, Relations};
use jiff::civil::Date;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::rc::Rc;

/// Acts of others upon a document, as their own edges have them.
const ACTS: Relations = Relations::of(&[
    Relation::Replaces,
    Relation::Repeals,
    Relation::EndsEffect,
    Relation::Suspends,
    Relation::Amends,
    Relation::Corrects,
]);
/// The same said from the other end.
const PASSIVE: Relations = Relations::of(&[Relation::ReplacedBy, Relation::AmendedBy]);
/// What shows that a letter rules.
const RULING: Relations = Relations::of(&[
    Relation::Replaces,
    Relation::Repeals,
    Relation::EndsEffect,
    Relation::Suspends,
    Relation::Amends,
    Relation::Corrects,
]);

/// Links followed upwards before the chain is taken to be broken data.
const LONGEST_CHAIN: usize = 256;

/// One act upon the document.
#[derive(Clone, Debug)]
pub(super) struct Act {
    pub(super) actor: NodeIndex,
    /// As seen from the actor: never a passive one.
    pub(super) relation: Relation,
    pub(super) edge: Edge,
    /// The place concerned; whole document where `None` and not `vague`.
    pub(super) place: Option<Place>,
    /// A part is meant, but the words name no place.
    pub(super) vague: bool,
    /// First day of the effect.
    pub(super) day: Option<Date>,
    /// The effect has begun by this day, where the first day is not known.
    pub(super) by_then: Option<Date>,
    /// The rule, where the act is one of the law and not of the actor.
    pub(super) rule: Option<&'static str>,
    /// Why it never takes effect.
    pub(super) idle: Option<String>,
}

impl Act {
    fn is_whole(&self) -> bool {
        self.place.is_none() && !self.vague
    }

    fn ends(&self) -> bool {
        !self.edge.restores && (ENDINGS.has(self.relation) || self.rule.is_some())
    }

    fn has_begun(&self, day: Date) -> bool {
        self.day.or(self.by_then).is_some_and(|begun| begun <= day)
    }

    fn covers(&self, place: &Place) -> bool {
        !self.vague && self.place.as_ref().is_none_or(|own| own.covers(place))
    }

    pub(super) fn note(&self) -> Option<String> {
        self.rule.map(str::to_owned)
    }

    /// The day on which `place` ends by this act, later than the act's own where it is spared for a time.
    fn end_of(&self, place: Option<&Place>) -> EndDay {
        let spared = place.is_some_and(|place| {
            self.edge.except.iter().filter_map(|words| Place::parse(words)).any(|spared| spared.covers(place))
        });
        if !spared {
            return EndDay::On(self.day);
        }
        match self.edge.except_until {
            Some(day) => EndDay::On(Some(day)),
            None => EndDay::Never,
        }
    }
}

enum EndDay {
    On(Option<Date>),
    Never,
}

/// When and by what something ended.
#[derive(Clone, Debug)]
pub(super) struct Ending {
    pub(super) day: Option<Date>,
    /// Index into [`Life::acts`].
    pub(super) act: usize,
}

/// What is left on a day.
#[derive(Clone, Debug)]
pub(super) enum DocState {
    Whole,
    /// Some place has ended, first by this act.
    Partly(usize),
    Ended(Ending),
    /// This act ends it, but perhaps not yet.
    Doubtful(usize),
}

/// One document and everything done to it.
#[derive(Clone, Debug)]
pub(super) struct Life {
    pub(super) start: Option<Date>,
    /// The text or the graph file states the first day, not only the date.
    pub(super) first_day_stated: bool,
    pub(super) signed: Option<Date>,
    pub(super) held: bool,
    pub(super) sort: Sort,
    /// Acts on others or was itself acted on, so that a letter counts as ruling.
    pub(super) rules: bool,
    pub(super) outline: Vec<Place>,
    delays: Vec<(Place, Date)>,
    /// Those that take effect, on a day that may not be known.
    pub(super) acts: Vec<Act>,
    /// Those that never do, and why.
    pub(super) idle: Vec<Act>,
    /// By documents older than this one.
    pub(super) paradoxes: Vec<Act>,
}

impl Life {
    /// Whether the outline, if there is one, has this place.
    pub(super) fn has(&self, place: &Place) -> bool {
        let head = place.head();
        let below = head.steps.last().is_some_and(|(unit, _)| *unit > crate::graph::place::Unit::Dieu);
        if self.outline.is_empty() || below || (head.steps.is_empty() && head.annex.is_none()) {
            return true;
        }
        self.outline.iter().any(|known| head.covers(known))
            || self.acts.iter().any(|act| act.place.as_ref().is_some_and(|other| other.covers(place)))
    }

    /// The place's own first day: stated, or that of the act that inserted it.
    pub(super) fn delay(&self, place: &Place) -> Option<Date> {
        let stated = self.delays.iter().filter(|(own, _)| own.covers(place)).map(|(_, day)| *day).max();
        stated.or_else(|| {
            let article = place.steps.iter().any(|(unit, _)| *unit == crate::graph::place::Unit::Dieu);
            if self.outline.is_empty() || !article || self.outline.iter().any(|known| place.head().covers(known)) {
                return None;
            }
            let inserts = |act: &&Act| {
                act.relation == Relation::Amends && act.place.as_ref().is_some_and(|own| own.covers(place))
            };
            self.acts.iter().filter(inserts).filter_map(|act| act.day).min()
        })
    }

    /// Whether a later day is known on which it ends.
    pub(super) fn ends_later(&self, at: Date) -> bool {
        self.acts.iter().any(|act| act.ends() && act.is_whole() && act.day.is_some_and(|day| day > at))
    }

    /// Whether the whole document has ended.
    pub(super) fn is_over(&self, day: Date) -> bool {
        matches!(self.doc_state(day), DocState::Ended(_))
    }

    /// An express restoration that undoes `act` for `place` between `ended` and `day`.
    fn restored(&self, act: &Act, place: Option<&Place>, ended: Option<Date>, day: Date) -> bool {
        self.acts.iter().any(|back| {
            back.edge.restores
                && back.has_begun(day)
                && ended.is_none_or(|ended| back.day.is_none_or(|back| back >= ended))
                && match (place, &back.place) {
                    (Some(place), Some(own)) => own.covers(place),
                    (None, Some(_)) => false,
                    (_, None) => true,
                }
                // Bringing back the whole does not bring back what had gone before on its own.
                && match (&act.place, &back.place) {
                    (None, _) => true,
                    (Some(_), None) => act.relation == Relation::Suspends,
                    (Some(ended), Some(back)) => ended.covers(back) || act.relation == Relation::Suspends,
                }
        })
    }

    /// The first lasting end of a place, or of the whole where `None`, by acts upon it or its ancestors.
    fn direct_end(&self, place: Option<&Place>, day: Date) -> DocState {
        let mut best: Option<Ending> = None;
        let mut doubtful = None;
        for (n, act) in self.acts.iter().enumerate() {
            let concerned = match place {
                None => act.is_whole(),
                Some(place) => act.covers(place),
            };
            if !act.ends() || !concerned {
                continue;
            }
            let EndDay::On(end) = act.end_of(place) else { continue };
            let begun = end.or(act.by_then);
            match begun {
                Some(begun) if begun > day => {
                    if end.is_none() {
                        doubtful.get_or_insert(n);
                    }
                    continue;
                }
                None => {
                    doubtful.get_or_insert(n);
                    continue;
                }
                Some(_) => {}
            }
            if self.restored(act, place, end, day) {
                continue;
            }
            let better = match &best {
                None => true,
                Some(other) => {
                    let key = |day: Option<Date>, n: usize| (day.unwrap_or(Date::MAX), rank(&self.acts[n]), n);
                    key(end, n) < key(other.day, other.act)
                }
            };
            if better {
                best = Some(Ending { day: end, act: n });
            }
        }
        match (best, doubtful) {
            (Some(ending), _) => DocState::Ended(ending),
            (None, Some(act)) => DocState::Doubtful(act),
            (None, None) => DocState::Whole,
        }
    }

    /// What is left of one place.
    pub(super) fn place_state(&self, place: &Place, day: Date) -> DocState {
        match self.direct_end(Some(place), day) {
            DocState::Whole => {}
            DocState::Ended(ending) => {
                let spared = self.part_survives(&self.acts[ending.act], Some(place), day);
                return if spared { DocState::Partly(ending.act) } else { DocState::Ended(ending) };
            }
            other => return other,
        }
        let inner = |act: &&Act| act.place.as_ref().is_some_and(|own| place.covers(own) && own != place);
        match self.first_ended_part(day, inner) {
            Some(act) => DocState::Partly(act),
            None => DocState::Whole,
        }
    }

    /// What is left of the document.
    pub(super) fn doc_state(&self, day: Date) -> DocState {
        match self.direct_end(None, day) {
            DocState::Whole => {}
            DocState::Ended(ending) => {
                if self.part_survives(&self.acts[ending.act], None, day) {
                    return DocState::Partly(ending.act);
                }
                return DocState::Ended(self.last_spared(ending));
            }
            doubtful => {
                return doubtful;
            }
        }
        let Some(first) = self.first_ended_part(day, |_| true) else { return DocState::Whole };
        match self.end_by_parts(day) {
            Some(ending) => DocState::Ended(ending),
            None => DocState::Partly(first),
        }
    }

    /// The whole is over only when the last spared place is.
    fn last_spared(&self, mut ending: Ending) -> Ending {
        let act = &self.acts[ending.act];
        let places = act.edge.except.iter().any(|words| Place::parse(words).is_some());
        if places && let (Some(day), Some(spared)) = (ending.day, act.edge.except_until) {
            ending.day = Some(day.max(spared));
        }
        ending
    }

    /// Whether something inside `place` (the document where `None`) was spared by the act or brought back after it.
    fn part_survives(&self, act: &Act, place: Option<&Place>, day: Date) -> bool {
        let inside = |other: &Place| place.is_none_or(|place| place.covers(other) && place != other);
        let spared = act.edge.except.iter().filter_map(|words| Place::parse(words));
        let spared = spared.map(|spared| spared.within(&self.outline));
        let back = self.acts.iter().filter(|back| back.edge.restores && back.has_begun(day));
        let back = back.filter_map(|back| back.place.clone());
        spared.chain(back).filter(inside).any(|place| !matches!(self.direct_end(Some(&place), day), DocState::Ended(_)))
    }

    fn first_ended_part(&self, day: Date, wanted: impl Fn(&&Act) -> bool) -> Option<usize> {
        let parts = self.acts.iter().enumerate().filter(|(_, act)| act.ends() && !act.is_whole() && wanted(act));
        let ended = parts.filter(|(_, act)| {
            if act.vague {
                return act.has_begun(day);
            }
            matches!(self.direct_end(act.place.as_ref(), day), DocState::Ended(_))
        });
        ended.min_by_key(|(n, act)| (act.day.or(act.by_then), *n)).map(|(n, _)| n)
    }

    /// The day the last article went, where several acts took them one by one.
    fn end_by_parts(&self, day: Date) -> Option<Ending> {
        // A decision that attaches a regulation rules through it: its own articles only put it into force.
        let attached = self.outline.iter().any(|place| place.attached && !place.steps.is_empty());
        let articles = self.outline.iter().filter(|place| {
            let article = place.steps.last().is_some_and(|(unit, _)| *unit == crate::graph::place::Unit::Dieu);
            article && place.annex.is_none() && place.attached == attached
        });
        let mut last: Option<Ending> = None;
        for article in articles {
            let DocState::Ended(ending) = self.direct_end(Some(article), day) else { return None };
            if last.as_ref().is_none_or(|last| ending.day > last.day) {
                last = Some(ending);
            }
        }
        last
    }

    /// The act that suspends this place, an ancestor, or the whole where `None`.
    pub(super) fn suspension(&self, place: Option<&Place>, day: Date) -> Option<usize> {
        self.acts.iter().position(|act| {
            let concerned = match place {
                None => act.is_whole(),
                Some(place) => act.covers(place),
            };
            concerned && self.suspends(act, place, day)
        })
    }

    fn suspends(&self, act: &Act, place: Option<&Place>, day: Date) -> bool {
        let spared = matches!(act.end_of(place), EndDay::Never);
        act.relation == Relation::Suspends
            && !act.edge.restores
            && !spared
            && act.has_begun(day)
            && act.edge.until.is_none_or(|until| day < until)
            && !self.restored(act, place, act.day, day)
    }

    /// Suspended places inside `place`, or inside the document.
    pub(super) fn suspended_parts(&self, place: Option<&Place>, day: Date) -> Vec<Place> {
        let parts = self.acts.iter().filter(|act| {
            let inside = act.place.as_ref().is_some_and(|own| place.is_none_or(|place| place.covers(own)));
            inside && self.suspends(act, act.place.as_ref(), day)
        });
        parts.filter_map(|act| act.place.clone()).collect()
    }

    /// Amendments of the place, its ancestors and what it holds, that have taken effect.
    pub(super) fn amendments<'l>(&'l self, place: Option<&'l Place>, day: Date) -> impl Iterator<Item = &'l Act> {
        let amends = move |act: &&Act| act.relation == Relation::Amends && !act.edge.restores && act.has_begun(day);
        self.acts.iter().filter(amends).filter(move |act| {
            let Some(place) = place else { return true };
            match &act.place {
                Some(own) => own.meets(place),
                // A title says “amends” without a place; its articles then say where.
                None => !self.acts.iter().any(|other| {
                    other.actor == act.actor && other.relation == Relation::Amends && other.place.is_some()
                }),
            }
        })
    }

    /// Days on which the answer may change, in order.
    pub(super) fn turning_days(&self) -> Vec<Date> {
        let mut days: Vec<Date> = self.start.into_iter().collect();
        for act in &self.acts {
            days.extend(act.day);
            days.extend(act.edge.until);
            days.extend(act.edge.except_until);
        }
        days.sort_unstable();
        days.dedup();
        days
    }
}

/// Which of two acts of the same day is named: the one that says what takes its place.
fn rank(act: &Act) -> u8 {
    match act.relation {
        Relation::Replaces => 0,
        Relation::EndsEffect => 1,
        Relation::Repeals => 2,
        _ => 3,
    }
}

/// Reads lives off a graph, each once.
pub(super) struct Judge<'g> {
    pub(super) graph: &'g dyn Lineage,
    regime: Option<Regime>,
    lives: RefCell<FxHashMap<(NodeIndex, Date), Rc<Life>>>,
    open: RefCell<FxHashSet<NodeIndex>>,
}

impl<'g> Judge<'g> {
    pub(super) fn new(graph: &'g dyn Lineage, regime: Option<Regime>) -> Judge<'g> {
        Judge { graph, regime, lives: RefCell::default(), open: RefCell::default() }
    }

    /// Everything known to have been done to `n`.
    pub(super) fn life(&self, n: NodeIndex) -> Rc<Life> {
        self.life_until(n, Date::MAX)
    }

    /// The same without acts of documents whose first day is later than `horizon`: what
    /// comes later cannot matter on that day, and would lead on through the whole graph.
    fn life_until(&self, n: NodeIndex, horizon: Date) -> Rc<Life> {
        if let Some(life) = self.lives.borrow().get(&(n, horizon)) {
            return Rc::clone(life);
        }
        let first = self.open.borrow_mut().insert(n);
        let life = Rc::new(self.read(n, first, horizon));
        if first {
            self.open.borrow_mut().remove(&n);
            self.lives.borrow_mut().insert((n, horizon), Rc::clone(&life));
        }
        life
    }

    /// Reads one life. Inside a circle (`!first`) the acts are left out, so that reading ends.
    fn read(&self, n: NodeIndex, first: bool, horizon: Date) -> Life {
        let node = self.graph.node(n);
        let outline: Vec<Place> = node.outline.iter().filter_map(|path| Place::parse(path)).collect();
        let delays = node
            .delayed
            .iter()
            .filter_map(|delay| Some((Place::parse(&delay.locator)?.within(&outline), delay.effective)))
            .collect();
        let mut life = Life {
            start: node.effective.or(node.date),
            first_day_stated: node.effective.is_some(),
            signed: node.date,
            held: node.held.unwrap_or(false),
            sort: kind::sort(&node),
            rules: false,
            outline,
            delays,
            acts: Vec::new(),
            idle: Vec::new(),
            paradoxes: Vec::new(),
        };
        if !first {
            return life;
        }
        let own = self.graph.outgoing(n, RULING.or(Relations::of(&[Relation::Consolidates])));
        if own.iter().any(|edge| edge.relation == Relation::Consolidates) {
            life.sort = Sort::Consolidation;
        }
        life.rules = life.sort == Sort::Letter && !own.is_empty();
        for edge in self.acts_on(n) {
            self.weigh(&mut life, &node, edge, horizon);
        }
        life.rules |= life.acts.iter().any(|act| act.is_whole() && (act.ends() || act.relation == Relation::Suspends));
        self.follow_the_corrected(&mut life, &own, horizon);
        self.fall_with_the_detailed(&mut life, n, &node, horizon);
        life
    }

    /// Acts upon `n`, as (actor, relation seen from the actor, edge).
    fn acts_on(&self, n: NodeIndex) -> Vec<(NodeIndex, Relation, Edge)> {
        let mut found = Vec::new();
        let restoring = Relations::of(&[Relation::Cites, Relation::Implements]);
        for edge in self.graph.incoming(n, ACTS.or(restoring)) {
            if (ACTS.has(edge.relation) || edge.restores) && edge.from != n {
                found.push((edge.from, edge.relation, edge.into_owned()));
            }
        }
        for edge in self.graph.outgoing(n, PASSIVE) {
            let relation = if edge.relation == Relation::ReplacedBy { Relation::Replaces } else { Relation::Amends };
            if edge.to != n {
                found.push((edge.to, relation, edge.into_owned()));
            }
        }
        found
    }

    fn weigh(&self, life: &mut Life, node: &Node, (actor, relation, edge): (NodeIndex, Relation, Edge), horizon: Date) {
        let acting = self.graph.node(actor);
        let begins = edge.since.or(acting.effective).or(acting.date);
        if begins.is_some_and(|begins| begins > horizon) {
            return;
        }
        let place = edge.locator.as_deref().and_then(Place::parse).map(|place| place.within(&life.outline));
        let vague = edge.locator.is_some() && place.is_none();
        let mut act = Act { actor, relation, edge, place, vague, day: None, by_then: None, rule: None, idle: None };
        let older = match (acting.date.or(acting.effective), node.date.or(node.effective)) {
            (Some(acting), Some(own)) => acting < own,
            _ => false,
        };
        if older {
            life.paradoxes.push(act);
            return;
        }
        let by = self.life_until(actor, begins.unwrap_or(horizon).min(horizon));
        match by.sort {
            Sort::Consolidation => act.idle = Some("a consolidation changes nothing".to_owned()),
            Sort::Report => act.idle = Some("a report or proposal changes nothing".to_owned()),
            _ => self.date(&mut act, &by),
        }
        if act.idle.is_some() { life.idle.push(act) } else { life.acts.push(act) }
    }

    /// The first day on which the actor itself holds.
    fn date(&self, act: &mut Act, by: &Life) {
        let Some(day) = act.edge.since.or(by.start) else {
            // Whoever reports an act that has happened was written after it.
            let teller = self.graph.find(&act.edge.source.doc);
            let teller = teller.first().filter(|teller| **teller != act.actor);
            act.by_then = teller.and_then(|teller| self.graph.node(*teller).date);
            return;
        };
        if let DocState::Ended(ending) = by.doc_state(day) {
            let ender = self.graph.node(by.acts[ending.act].actor).id.clone();
            act.idle = Some(format!("ended by {ender} before this took effect"));
            return;
        }
        match by.suspension(None, day) {
            None => act.day = Some(day),
            Some(n) => match by.acts[n].edge.until {
                Some(until) => act.day = Some(until),
                None => {
                    let suspender = self.graph.node(by.acts[n].actor).id.clone();
                    act.idle = Some(format!("suspended by {suspender} before this took effect"));
                }
            },
        }
    }

    /// A document that only corrects another lives as long as that one.
    fn follow_the_corrected(&self, life: &mut Life, own: &[std::borrow::Cow<'_, Edge>], horizon: Date) {
        let only_corrects = own.iter().all(|edge| edge.relation == Relation::Corrects);
        let Some(edge) = own.first().filter(|_| only_corrects) else { return };
        if own.iter().any(|other| other.to != edge.to) || edge.to == edge.from {
            return;
        }
        let corrected = self.life_until(edge.to, horizon);
        let over = corrected.turning_days().into_iter().find_map(|day| match corrected.doc_state(day) {
            DocState::Ended(ending) => Some(ending),
            _ => None,
        });
        if let Some(ending) = over {
            let act = corrected.acts[ending.act].clone();
            life.acts.push(Act {
                day: ending.day,
                place: None,
                vague: false,
                rule: Some("a correction is part of the corrected document and ends with it"),
                ..act
            });
        }
    }

    /// The 2015 rule: a State document falls when everything it details has ended.
    fn fall_with_the_detailed(&self, life: &mut Life, n: NodeIndex, node: &Node, horizon: Date) {
        if kind::is_party(node) || life.sort != Sort::Rule {
            return;
        }
        let edges = self.graph.outgoing(n, Relations::of(&[Relation::Details]));
        let mut parents: Vec<NodeIndex> = edges.iter().map(|edge| edge.to).filter(|to| *to != n).collect();
        parents.sort_unstable();
        parents.dedup();
        let mut falls: Vec<Act> = Vec::new();
        for parent in &parents {
            let places: Vec<Option<Place>> = edges
                .iter()
                .filter(|edge| edge.to == *parent)
                .map(|edge| edge.locator.as_deref().and_then(Place::parse))
                .collect();
            let parent_life = self.life_until(*parent, horizon);
            let Some(ending) = parent_life.end_of_all(&places) else { continue };
            let Some(day) = ending.day else { continue };
            let regime = self.regime.unwrap_or_else(|| Regime::on(day));
            if regime == Regime::Law2025 || life.signed.is_some_and(|signed| signed >= day) {
                continue;
            }
            falls.push(Act {
                day: Some(day),
                place: None,
                vague: false,
                rule: Some("2015 Law, Art. 154(4): a detailing document ends with the one it details"),
                edge: Edge { except: Vec::new(), restores: false, ..parent_life.acts[ending.act].edge.clone() },
                ..parent_life.acts[ending.act].clone()
            });
        }
        if falls.is_empty() {
            return;
        }
        // With one of several parents gone, what details that one goes, and no text says which places those are.
        if falls.len() < parents.len() {
            for act in &mut falls {
                act.vague = true;
                act.rule = Some("2015 Law, Art. 154(4): what details the ended parent ends with it");
            }
        } else {
            falls.sort_by_key(|act| act.day);
            falls = falls.pop().into_iter().collect();
        }
        life.acts.extend(falls);
    }

    /// Whether following the enders of `n`, and theirs, leads back to `n`.
    pub(super) fn runs_in_a_circle(&self, n: NodeIndex) -> bool {
        let mut seen = FxHashSet::default();
        let mut ahead = self.enders(n);
        while let Some(next) = ahead.pop() {
            if next == n {
                return true;
            }
            if seen.len() < LONGEST_CHAIN && seen.insert(next) {
                ahead.extend(self.enders(next));
            }
        }
        false
    }

    fn enders(&self, n: NodeIndex) -> Vec<NodeIndex> {
        let mut found = Vec::new();
        for edge in self.graph.incoming(n, ENDINGS) {
            if edge.relation != Relation::ReplacedBy && edge.locator.is_none() && !edge.restores {
                found.push(edge.from);
            }
        }
        for edge in self.graph.outgoing(n, Relations::of(&[Relation::ReplacedBy])) {
            if edge.locator.is_none() {
                found.push(edge.to);
            }
        }
        found
    }

    /// Follows replacements from `n` to the document that stands on `day`; `None` where the last was only ended.
    pub(super) fn end_of_chain(&self, mut n: NodeIndex, day: Date) -> Result<Option<NodeIndex>, &'static str> {
        let mut seen = FxHashSet::default();
        loop {
            if !seen.insert(n) {
                return Err("cycle");
            }
            let life = self.life(n);
            match life.doc_state(day) {
                DocState::Ended(ending) => {
                    let act = &life.acts[ending.act];
                    if act.relation != Relation::Replaces || act.rule.is_some() {
                        return Ok(None);
                    }
                    n = act.actor;
                }
                // A chain that stops only because its last link is a paradox runs on in a circle.
                _ if self.runs_in_a_circle(n) => return Err("cycle"),
                _ => return Ok(Some(n)),
            }
        }
    }
}

impl Life {
    /// When the last of these places ended for good (the whole document where one is `None`).
    fn end_of_all(&self, places: &[Option<Place>]) -> Option<Ending> {
        let last_day = self.turning_days().into_iter().next_back()?;
        if places.iter().any(Option::is_none) {
            return match self.doc_state(last_day) {
                DocState::Ended(ending) => Some(ending),
                _ => None,
            };
        }
        let mut last: Option<Ending> = None;
        for place in places.iter().flatten() {
            let DocState::Ended(ending) = self.place_state(&place.within(&self.outline), last_day) else {
                return None;
            };
            if last.as_ref().is_none_or(|last| ending.day > last.day) {
                last = Some(ending);
            }
        }
        last
    }
}
