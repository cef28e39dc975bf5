//! One document at a time: what it asks of others, and what it says of them once they are found.

use super::{Asking, Body, CUT, Emit, Named, Row, Spoken, Table, round, row};
use crate::graph::build::identity::{self, Match, Registry};
use crate::graph::build::{actor_beside, actor_reference, named_beside, speak};
use crate::graph::facts::{Facts, Reference};
use crate::graph::{NodeIndex, number_key};
use rustc_hash::FxHashMap;

/// The rows of one document.
#[derive(Debug, Default)]
struct Known {
    own: Facts,
    owner: Option<Named>,
    /// What references and those who act in them mean.
    met: FxHashMap<(usize, bool), (String, Option<String>)>,
    drafts: Vec<Named>,
}

impl Known {
    fn of(rows: Vec<Body>) -> Known {
        let mut known = Known::default();
        for body in rows {
            match body {
                Body::Facts(facts) => known.own = *facts,
                Body::Named(named) if known.owner.is_none() => known.owner = Some(named),
                Body::Named(named) => known.drafts.push(named),
                Body::Met { k, acts, node, why } => {
                    known.met.insert((k, acts), (node, why));
                }
                _ => {}
            }
        }
        known
    }

    /// A row that asks for the paper `reference` means.
    fn ask(&self, k: usize, acts: bool, reference: Reference) -> Option<Row> {
        let (to, key) = match (reference.likely.as_ref().or(reference.number.as_ref()), &reference.name) {
            (Some(number), _) => (Table::Cites, number_key(number)),
            (None, Some(name)) => (Table::Calls, identity::name_key(name).0),
            (None, None) => return None,
        };
        let of = &self.own;
        let own = Facts {
            id: of.id.clone(),
            number: of.number.clone(),
            issuer: of.issuer.clone(),
            locality: of.locality.clone(),
            date: of.date,
            damage: of.damage,
            ..Facts::default()
        };
        let round = if acts { 5 } else { round(&reference) };
        let order = format!("1{CUT}{round}{CUT}{}{CUT}{k:08}", of.id);
        let owner = self.owner.as_ref()?.id.clone();
        Some(row(to, key, order, Body::Mention(Box::new(Asking { own, owner, k, acts, reference }))))
    }

    /// Whether each reference is found; the places stand for the papers.
    fn targets(&self) -> Vec<Option<Match>> {
        let stand_in = |k: usize| Match { node: k as NodeIndex, why: None };
        (0..self.own.references.len()).map(|k| self.met.contains_key(&(k, false)).then(|| stand_in(k))).collect()
    }
}

/// References that have a number.
pub(super) fn mentions(rows: Vec<Body>, emit: Emit<'_>) {
    let known = Known::of(rows);
    for (k, reference) in known.own.references.iter().enumerate().filter(|(_, own)| own.number.is_some()) {
        known.ask(k, false, reference.clone()).into_iter().for_each(&mut *emit);
    }
}

/// References by name: those whose number stands beside them are answered, the others asked for.
pub(super) fn named(rows: Vec<Body>, emit: Emit<'_>) {
    let known = Known::of(rows);
    for (k, reference) in known.own.references.iter().enumerate().filter(|(_, own)| own.number.is_none()) {
        let beside = named_beside(&known.own, reference).and_then(|beside| known.met.get(&(beside, false)));
        match beside {
            Some((node, _)) => {
                let why = Some("named with its number in the same document".to_owned());
                let met = Body::Met { k, acts: false, node: node.clone(), why };
                emit(row(Table::Met, known.own.id.clone(), format!("2{CUT}{k:08}{CUT}0"), met));
            }
            None => known.ask(k, false, reference.clone()).into_iter().for_each(&mut *emit),
        }
    }
}

/// Third papers that act in a clause and are not named beside it.
pub(super) fn acting(rows: Vec<Body>, emit: Emit<'_>) {
    let known = Known::of(rows);
    let targets = known.targets();
    for (k, reference) in known.own.references.iter().enumerate() {
        let Some(of) = reference.of.as_deref().filter(|_| targets[k].is_some()) else { continue };
        if actor_beside(&known.own, of, &targets).is_none() {
            known.ask(k, true, actor_reference(of)).into_iter().for_each(&mut *emit);
        }
    }
}

/// What a document says, once all it means is known.
pub(super) fn edges(rows: Vec<Body>, emit: Emit<'_>) {
    let Known { own, owner, met, drafts } = Known::of(rows);
    let Some(owner) = owner else { return };
    let mut registry = Registry::default();
    for Named { id, draft } in drafts.into_iter().chain([owner.clone()]) {
        if registry.node_of(&id).is_none() {
            registry.enter(draft);
        }
    }
    let found = |k: usize, acts: bool| {
        let (node, why) = met.get(&(k, acts))?;
        Some(Match { node: registry.node_of(node)?, why: why.clone() })
    };
    let targets: Vec<Option<Match>> = (0..own.references.len()).map(|k| found(k, false)).collect();
    let actors: Vec<Option<NodeIndex>> =
        (0..own.references.len()).map(|k| found(k, true).map(|found| found.node)).collect();
    let owner = registry.node_of(&owner.id).expect("entered just above");
    let mut said = Vec::new();
    speak(&mut registry, &own, owner, &targets, |_, k, _| actors[k], &mut said);
    for (n, edge) in said.into_iter().enumerate() {
        let id = |n: NodeIndex| registry.drafts[n as usize].node.id.clone();
        let (from, to) = (id(edge.from), id(edge.to));
        let (key, order) = (format!("{from}{CUT}{to}"), format!("{}{CUT}{n:08}", own.id));
        let spoken = Spoken { from, to, by_actor: edge.from == owner, edge };
        emit(row(Table::Spoken, key, order, Body::Spoken(Box::new(spoken))));
    }
    for doubt in registry.doubts {
        emit(row(Table::Doubts, doubt.doc.clone(), "", Body::Doubt(doubt)));
    }
}
