//! Reads lives off a graph: which acts count, from which day, and what the law adds to them.

use super::life::{Act, DocState, Life};
use super::{ENDINGS, Regime};
use crate::citation::Relation;
use crate::graph::kind::{self, Sort};
use crate::graph::place::Place;
use crate::graph::{Edge, Lineage, Link, Node, NodeIndex, Relations};
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
const FALLS_WITH_IT: &str = "2015 Law, Art. 154(4): a detailing document ends with the one it details";
const FALLS_IN_PART: &str = "2015 Law, Art. 154(4): what details the ended parent ends with it";
/// Links followed upwards before the chain is taken to be broken data.
const LONGEST_CHAIN: usize = 256;

/// Reads lives off a graph, each once.
pub(super) struct Judge<'g> {
    pub(super) graph: &'g dyn Lineage,
    regime: Option<Regime>,
    lives: RefCell<FxHashMap<(NodeIndex, Date), Rc<Life>>>,
    open: RefCell<FxHashSet<NodeIndex>>,
    enders: RefCell<FxHashMap<NodeIndex, Rc<[NodeIndex]>>>,
    chains: RefCell<FxHashMap<(NodeIndex, Date), Chain>>,
}

/// The end of a chain of successors, or why it has none that can be told.
type Chain = Result<Option<NodeIndex>, &'static str>;

impl<'g> Judge<'g> {
    pub(super) fn new(graph: &'g dyn Lineage, regime: Option<Regime>) -> Judge<'g> {
        Judge {
            graph,
            regime,
            lives: RefCell::default(),
            open: RefCell::default(),
            enders: RefCell::default(),
            chains: RefCell::default(),
        }
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
        let own = self.graph.links_out(n, ACTS.or(Relations::of(&[Relation::Consolidates])), usize::MAX);
        if own.iter().any(|link| link.relation == Relation::Consolidates) {
            life.sort = Sort::Consolidation;
        }
        life.rules = life.sort == Sort::Letter && !own.is_empty();
        for edge in self.acts_on(n) {
            self.weigh(&mut life, &node, edge, horizon);
        }
        self.run_out(&mut life, n, &node);
        life.rules |= life.acts.iter().any(|act| act.is_whole() && (act.ends() || act.relation == Relation::Suspends));
        self.follow_the_corrected(&mut life, &own, horizon);
        self.fall_with_the_detailed(&mut life, n, &node, horizon);
        life
    }

    /// Acts upon `n`, as (actor, relation seen from the actor, edge).
    fn acts_on(&self, n: NodeIndex) -> Vec<(NodeIndex, Relation, Edge)> {
        let mut found = Vec::new();
        for edge in self.graph.incoming(n, ACTS.or(Relations::RESTORING)) {
            if edge.from != n {
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
            // A third document that reports an act was written after it happened.
            let teller = self.graph.find(&act.edge.source.doc);
            let teller = teller.first().filter(|teller| ![act.edge.from, act.edge.to].contains(teller));
            act.by_then = teller.and_then(|teller| self.graph.node(*teller).date);
            return;
        };
        if let DocState::Ended(ending) = by.doc_state(day) {
            let ender = self.graph.id(by.acts[ending.act].actor);
            act.idle = Some(format!("ended by {ender} before this took effect"));
            return;
        }
        match by.suspension(None, day) {
            None => act.day = Some(day),
            Some(n) => match by.acts[n].edge.until {
                Some(until) => act.day = Some(until),
                None => {
                    let suspender = self.graph.id(by.acts[n].actor);
                    act.idle = Some(format!("suspended by {suspender} before this took effect"));
                }
            },
        }
    }

    /// What the document itself says of its end, unless someone may have moved that day.
    fn run_out(&self, life: &mut Life, n: NodeIndex, node: &Node) {
        for term in &node.terms {
            let clause = term.clause.as_deref().and_then(Place::parse).map(|clause| clause.within(&life.outline));
            let mut amendments =
                life.acts.iter().filter(|act| act.amends() && act.day.is_some_and(|day| day < term.until));
            let mover = amendments.find(|act| match (&act.place, &clause) {
                (Some(place), Some(clause)) => place.meets(clause),
                _ => true,
            });
            let idle = mover.map(|act| {
                format!("its own term to {} may have been moved by {}", term.until, self.graph.id(act.actor))
            });
            let edge = Edge {
                from: n,
                to: n,
                relation: Relation::EndsEffect,
                locator: term.locator.clone(),
                since: Some(term.until),
                sentence: term.sentence.clone(),
                confidence: 1.0,
                ..Edge::default()
            };
            let place = term.locator.as_deref().and_then(Place::parse).map(|place| place.within(&life.outline));
            let act = Act {
                actor: n,
                relation: Relation::EndsEffect,
                vague: edge.locator.is_some() && place.is_none(),
                edge,
                place,
                day: Some(term.until),
                by_then: None,
                rule: Some("the term that it set itself has run out"),
                idle,
            };
            if act.idle.is_some() { life.idle.push(act) } else { life.acts.push(act) }
        }
    }

    /// A document that only corrects another lives as long as that one.
    fn follow_the_corrected(&self, life: &mut Life, own: &[Link], horizon: Date) {
        let only_corrects = own.iter().all(|link| link.relation == Relation::Corrects);
        let Some(link) = own.first().filter(|_| only_corrects) else { return };
        if own.iter().any(|other| other.to != link.to) || link.to == link.from {
            return;
        }
        let corrected = self.life_until(link.to, horizon);
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
            let (ending, whole) = match (parent_life.end_of_all(&places), parent_life.first_end_of(&places)) {
                (Some(ending), _) => (ending, true),
                (None, Some(ending)) => (ending, false),
                (None, None) => continue,
            };
            let Some(day) = ending.day else { continue };
            let regime = self.regime.unwrap_or_else(|| Regime::on(day));
            if regime == Regime::Law2025 || life.signed.is_some_and(|signed| signed >= day) {
                continue;
            }
            let fall = Act {
                day: Some(day),
                place: None,
                vague: !whole,
                rule: Some(if whole { FALLS_WITH_IT } else { FALLS_IN_PART }),
                edge: Edge { except: Vec::new(), restores: false, ..parent_life.acts[ending.act].edge.clone() },
                ..parent_life.acts[ending.act].clone()
            };
            if whole { falls.push(fall) } else { life.acts.push(fall) }
        }
        if falls.is_empty() {
            return;
        }
        // With one of several parents gone, what details that one goes, and no text says which places those are.
        if falls.len() < parents.len() {
            for act in &mut falls {
                act.vague = true;
                act.rule = Some(FALLS_IN_PART);
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
        let mut ahead = self.enders(n).to_vec();
        while let Some(next) = ahead.pop() {
            if next == n {
                return true;
            }
            if seen.len() < LONGEST_CHAIN && seen.insert(next) {
                ahead.extend_from_slice(&self.enders(next));
            }
        }
        false
    }

    /// Documents that end `n` as a whole, read once: chains of many documents run together.
    fn enders(&self, n: NodeIndex) -> Rc<[NodeIndex]> {
        if let Some(known) = self.enders.borrow().get(&n) {
            return Rc::clone(known);
        }
        let passive = Relations::of(&[Relation::ReplacedBy]);
        let active = self.graph.links_in(n, ENDINGS.without(passive), usize::MAX).into_iter();
        let active = active.filter(|link| link.whole && !link.restores).map(|link| link.from);
        let passive = self.graph.links_out(n, passive, usize::MAX).into_iter();
        let passive = passive.filter(|link| link.whole).map(|link| link.to);
        let found: Vec<NodeIndex> = active.chain(passive).collect();
        let found: Rc<[NodeIndex]> = found.into();
        self.enders.borrow_mut().insert(n, Rc::clone(&found));
        found
    }

    /// Follows replacements from `n` to the document that stands on `day`; `None` where the last was only ended.
    pub(super) fn end_of_chain(&self, n: NodeIndex, day: Date) -> Result<Option<NodeIndex>, &'static str> {
        let (mut at, mut passed) = (n, FxHashSet::default());
        let end = loop {
            if let Some(known) = self.chains.borrow().get(&(at, day)) {
                break *known;
            }
            if !passed.insert(at) {
                break Err("cycle");
            }
            let life = self.life(at);
            match life.doc_state(day) {
                DocState::Ended(ending) => {
                    let act = &life.acts[ending.chain];
                    if act.relation != Relation::Replaces || act.rule.is_some() {
                        break Ok(None);
                    }
                    at = act.actor;
                }
                // A chain that stops only because its last link is a paradox runs on in a circle.
                _ if self.runs_in_a_circle(at) => break Err("cycle"),
                _ => break Ok(Some(at)),
            }
        };
        self.chains.borrow_mut().extend(passed.into_iter().map(|passed| ((passed, day), end)));
        end
    }
}
