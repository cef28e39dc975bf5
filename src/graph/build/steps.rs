//! The graph of [`Graph::from_facts`](crate::graph::Graph::from_facts) made in steps that each see one group of
//! rows, for engines that sort and join.
//!
//! An archive too large for one machine is linked by the same rules: what decides a reference is
//! what bears the same number or name, so rows are brought together by that key, in the order in
//! which one machine would meet them, and [`Group`] lets the registry decide. An engine shuffles
//! rows between the steps and knows no rule.
//!
//! ```text
//! papers   facts, one by one             → facts, copies, pairs
//! pairs    papers of one number or day   → which two are copies of one paper
//! copies   the copies of one paper       → owner, node, held, called, shelved
//! mentions facts, owner                  → cites
//! numbers  held, found, cites            → met, made, called, learned, term, requests
//! shelf    shelved, learned, requests    → found: papers that a misprinted number may mean
//! named    facts, owner, met             → calls, met
//! names    called, calls                 → met, made
//! acting   facts, owner, met             → cites, calls: third papers that act
//! edges    facts, owner, met, draft      → spoken
//! settle   spoken, of one pair of papers → edges
//! ```
//!
//! `numbers` is repeated for the keys of `requests` until it asks nothing new and `learned` stays
//! the same; `numbers` and `names` once more for the keys of `acting`. A repeated group replaces
//! what it gave before: every row says by which group it was given. [`join`] makes the graph.

mod documents;
mod joined;
mod lookup;

pub use joined::join;

use super::identity::{self, Draft, Registry};
use super::{Detail, hold, misprint};
use crate::graph::facts::{Facts, Reference};
use crate::graph::{Doubt, Edge, Node, number_key};
use jiff::civil::Date;
use lookup::Lookup;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// Between the parts of a key or an order; below every character of an id.
const CUT: char = '\u{1}';

/// One row between two steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The table it belongs to.
    pub to: Table,
    /// Rows of one key are a group.
    pub key: String,
    /// Its place in the group, by bytes.
    #[serde(default)]
    pub order: String,
    /// The step and group that gave it; a repeated group replaces its rows.
    #[serde(default)]
    pub by: String,
    /// What it says.
    pub body: Body,
}

/// Where rows go; see the module's list of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "as in the module's list of steps")]
pub enum Table {
    Facts,
    Copies,
    Pairs,
    Owner,
    Node,
    Held,
    Called,
    Shelved,
    Cites,
    Calls,
    Met,
    Made,
    Learned,
    Term,
    Requests,
    Found,
    Draft,
    Spoken,
    Edges,
    Doubts,
}

/// What a row says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// A document's facts; without its references where only who it is matters.
    Facts(Box<Facts>),
    /// Two documents that are copies of one paper.
    Pair(String, String),
    /// The paper that a document is a copy of, or that a reference of it means.
    Named(Named),
    /// A paper that is held, whole.
    Node(Box<Node>),
    /// A paper as references meet it.
    Paper(Paper),
    /// What a reference taught of a held paper, and when.
    Learned {
        /// Id of the paper.
        id: String,
        /// Term of its issuing body.
        term: String,
        /// Order of the reference.
        at: String,
    },
    /// A reference and who makes it.
    Mention(Box<Asking>),
    /// The number of this reference was looked for among misprints.
    Asked(String),
    /// The paper that reference `k` means, or its third paper that acts.
    Met {
        /// Place among the document's references.
        k: usize,
        /// Whether it is the one that acts.
        acts: bool,
        /// Id of the paper.
        node: String,
        /// Why.
        why: Option<String>,
    },
    /// A paper that is only cited, in the order in which one machine makes it.
    Made(Named, String),
    /// What a document says of two papers.
    Spoken(Box<Spoken>),
    /// Something not decided.
    Doubt(Doubt),
}

/// A paper under its id, as references see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Named {
    id: String,
    draft: Draft,
}

/// A paper with what it is looked up by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Paper {
    draft: Draft,
    /// Day and title it had before copies filled gaps.
    day: Option<Date>,
    title: Option<String>,
    /// Its term, and from which reference on it is known.
    learned: Option<(String, String)>,
}

/// A reference with the little of its document that decides what it means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asking {
    own: Facts,
    owner: String,
    k: usize,
    acts: bool,
    reference: Reference,
}

/// An edge before the edges between two papers are compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spoken {
    from: String,
    to: String,
    /// The acting paper says so itself.
    by_actor: bool,
    edge: Edge,
}

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in the module's list of steps")]
pub enum Step {
    Papers,
    Pairs,
    Copies,
    Mentions,
    Numbers,
    Shelf,
    Named,
    Names,
    Acting,
    Edges,
    Settle,
}

impl Step {
    /// Every step, in the order of the module's list.
    pub const ALL: [Step; 11] = [
        Step::Papers,
        Step::Pairs,
        Step::Copies,
        Step::Mentions,
        Step::Numbers,
        Step::Shelf,
        Step::Named,
        Step::Names,
        Step::Acting,
        Step::Edges,
        Step::Settle,
    ];

    /// What it is called, on command lines and in rows.
    pub fn name(self) -> &'static str {
        self.words().0
    }

    /// What a group of it is, and what it gives.
    pub fn gist(self) -> &'static str {
        self.words().1
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Step::Papers => ("papers", "Facts, one by one: themselves, and who may be a copy of whom"),
            Step::Pairs => ("pairs", "Papers of one number or day: pairs of copies"),
            Step::Copies => ("copies", "Copies of one paper: the paper"),
            Step::Mentions => ("mentions", "A document: its references by number"),
            Step::Numbers => ("numbers", "A number: the papers that bear it, and which one each reference means"),
            Step::Shelf => ("shelf", "A day or a title: papers that a misprinted number may mean"),
            Step::Named => ("named", "A document: its references by name"),
            Step::Names => ("names", "A name: which paper each reference means"),
            Step::Acting => ("acting", "A document: third papers that act in it"),
            Step::Edges => ("edges", "A document: what it says"),
            Step::Settle => ("settle", "Two papers: what is said of them"),
        }
    }
}

/// Takes what a step gives.
pub type Emit<'e> = &'e mut dyn FnMut(Row);

/// One group on its way through a step: its rows in order, then [`Group::end`].
///
/// The groups of `numbers`, `names` and `shelf`, which may be long, keep the papers and pass the
/// references through; the others keep their rows.
#[derive(Debug)]
pub struct Group {
    step: Step,
    key: String,
    rows: Vec<Body>,
    lookup: Lookup,
}

impl Group {
    /// Begins the group of `key`.
    pub fn new(step: Step, key: &str) -> Group {
        Group { step, key: key.to_owned(), rows: Vec::new(), lookup: Lookup::default() }
    }

    /// The key it was begun with.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Takes the next row.
    pub fn take(&mut self, row: Row, emit: Emit<'_>) {
        let by = format!("{}{CUT}{}", self.step.name(), self.key);
        let emit = &mut |row: Row| emit(Row { by: by.clone(), ..row });
        match self.step {
            Step::Papers => {
                if let Body::Facts(facts) = row.body {
                    papers(*facts, emit);
                }
            }
            Step::Numbers => self.lookup.number(&self.key, row, emit),
            Step::Names => self.lookup.name(row, emit),
            Step::Shelf => self.lookup.shelf(row, emit),
            _ => self.rows.push(row.body),
        }
    }

    /// Gives what only the whole group can say.
    pub fn end(self, emit: Emit<'_>) {
        let by = format!("{}{CUT}{}", self.step.name(), self.key);
        let emit = &mut |row: Row| emit(Row { by: by.clone(), ..row });
        match self.step {
            Step::Papers | Step::Shelf => {}
            Step::Numbers | Step::Names => self.lookup.end(emit),
            Step::Pairs => pairs(&facts_of(self.rows), self.key.starts_with('n'), emit),
            Step::Copies => copies(self.rows, emit),
            Step::Mentions => documents::mentions(self.rows, emit),
            Step::Named => documents::named(self.rows, emit),
            Step::Acting => documents::acting(self.rows, emit),
            Step::Edges => documents::edges(self.rows, emit),
            Step::Settle => joined::settle(self.rows, emit),
        }
    }
}

fn row(to: Table, key: impl Into<String>, order: impl Into<String>, body: Body) -> Row {
    Row { to, key: key.into(), order: order.into(), by: String::new(), body }
}

fn facts_of(bodies: Vec<Body>) -> Vec<Facts> {
    let facts = bodies.into_iter().filter_map(|body| match body {
        Body::Facts(facts) => Some(*facts),
        _ => None,
    });
    facts.collect()
}

/// One document: itself, and what may tell that it is a copy.
fn papers(facts: Facts, emit: Emit<'_>) {
    let id = facts.id.clone();
    let who = Facts { references: Vec::new(), ..facts.clone() };
    let light = Facts { outline: Vec::new(), delayed: Vec::new(), terms: Vec::new(), ..who.clone() };
    let keys = [
        facts.number.as_deref().map(|number| format!("n{}", number_key(number))),
        facts.date.map(|date| format!("d{date}")),
    ];
    for key in keys.into_iter().flatten() {
        emit(row(Table::Pairs, key, id.clone(), Body::Facts(Box::new(light.clone()))));
    }
    emit(row(Table::Copies, id.clone(), id.clone(), Body::Facts(Box::new(who))));
    emit(row(Table::Facts, id, "0", Body::Facts(Box::new(facts))));
}

/// Pairs of copies: of one number all may be, of one day only where a number was lost.
fn pairs(group: &[Facts], of_number: bool, emit: Emit<'_>) {
    let mut pair = |a: &Facts, b: &Facts| {
        if a.id != b.id && identity::same_paper(a, b).is_some() {
            let (a, b) = (a.id.clone().min(b.id.clone()), a.id.clone().max(b.id.clone()));
            emit(row(Table::Pairs, a.clone(), b.clone(), Body::Pair(a, b)));
        }
    };
    // Papers of one number and two days are two papers, and of one day there are many.
    let mut of_day: FxHashMap<Date, Vec<&Facts>> = FxHashMap::default();
    for facts in group {
        let alone = if of_number { facts.date.is_none() } else { facts.number.is_none() };
        match facts.date {
            _ if alone => group.iter().for_each(|other| pair(facts, other)),
            Some(date) if of_number => of_day.entry(date).or_default().push(facts),
            _ => {}
        }
    }
    for group in of_day.values() {
        for (n, a) in group.iter().enumerate() {
            group[n + 1..].iter().for_each(|b| pair(a, b));
        }
    }
}

/// The copies of one paper become one node.
fn copies(rows: Vec<Body>, emit: Emit<'_>) {
    let mut facts = facts_of(rows);
    facts.sort_by(|a, b| a.id.cmp(&b.id));
    let mut registry = Registry::default();
    let owners = hold(&mut registry, &facts);
    for (n, own) in facts.iter().enumerate() {
        let draft = &registry.drafts[owners[n] as usize];
        let named = Named { id: draft.node.id.clone(), draft: light(draft) };
        emit(row(Table::Owner, own.id.clone(), "1", Body::Named(named)));
    }
    for (n, draft) in registry.drafts.iter().enumerate() {
        let id = &draft.node.id;
        emit(row(Table::Node, id.clone(), "", Body::Node(Box::new(draft.node.clone()))));
        let named = Named { id: id.clone(), draft: light(draft) };
        emit(row(Table::Draft, id.clone(), format!("3{CUT}{id}"), Body::Named(named)));
        let Some(head) = facts.iter().find(|facts| facts.id == *id) else { continue };
        let (day, title) = (head.date, head.title.clone());
        let paper = Paper { draft: light(draft), day, title, learned: None };
        let give = |emit: Emit<'_>, to, key: String, order| emit(row(to, key, order, Body::Paper(paper.clone())));
        if let Some(number) = &draft.node.number {
            // A number that a copy lent comes behind those that papers have of their own.
            let lender = facts
                .iter()
                .enumerate()
                .filter(|(m, other)| head.number.is_none() && owners[*m] as usize == n && other.number.is_some());
            let order = match lender.map(|(_, other)| (other.damage, &other.id)).min() {
                Some((damage, lender)) => format!("0{CUT}1{CUT}{damage:010}{CUT}{lender}"),
                None => format!("0{CUT}0{CUT}{id}"),
            };
            give(emit, Table::Held, number_key(number), order);
        }
        for name in identity::names_of(head) {
            give(emit, Table::Called, name, format!("0{CUT}0{CUT}{id}"));
        }
        for key in misprint::shelf_keys(day, paper.title.as_deref()) {
            give(emit, Table::Shelved, key, format!("0{CUT}{id}"));
        }
    }
}

/// A draft without what only the finished graph shows.
fn light(draft: &Draft) -> Draft {
    let node = Node {
        outline: Vec::new(),
        delayed: Vec::new(),
        terms: Vec::new(),
        sources: Vec::new(),
        notes: Vec::new(),
        ..draft.node.clone()
    };
    Draft { node, ..draft.clone() }
}

/// In which of the rounds of `link` a reference is looked up.
fn round(reference: &Reference) -> u8 {
    match Detail::of(reference) {
        Detail::Dated => 1,
        Detail::Numbered => 2,
        Detail::NamedOfYear => 3,
        Detail::Named => 4,
    }
}
