//! One number, one name or one shelf: its papers are kept, its references pass through.

use super::{Asking, Body, CUT, Emit, Named, Paper, Row, Table, light, row};
use crate::graph::NodeIndex;
use crate::graph::build::identity::{self, Match, Mention, Registry};
use crate::graph::build::misprint;
use rustc_hash::{FxHashMap, FxHashSet};

/// The registry as far as one group sees it.
#[derive(Debug, Default)]
pub(super) struct Lookup {
    registry: Registry,
    /// Papers of a foreign number that a misprint may mean, with the term each learns and when.
    found: FxHashMap<NodeIndex, Option<(String, String)>>,
    /// Orders of the references whose misprints have been looked for.
    asked: FxHashSet<String>,
    /// Papers made here, with the order of the reference that made each.
    made: Vec<(NodeIndex, String)>,
    /// Held papers whose term is told already.
    told: FxHashSet<NodeIndex>,
    /// Where a paper lies on the shelves.
    shelves: FxHashMap<NodeIndex, Vec<String>>,
    /// Stand-ins for citing papers that do not belong to the group.
    strangers: FxHashMap<String, NodeIndex>,
    /// On a shelf: its papers.
    papers: Vec<Paper>,
}

impl Lookup {
    /// A row of the group of a number.
    pub(super) fn number(&mut self, key: &str, row: Row, emit: Emit<'_>) {
        match row.body {
            Body::Paper(paper) if row.to == Table::Found => self.may_mean(paper),
            Body::Paper(paper) => {
                let shelves = misprint::shelf_keys(paper.day, paper.title.as_deref());
                let n = self.registry.enter(paper.draft);
                self.shelves.insert(n, shelves);
            }
            Body::Asked(order) => {
                self.asked.insert(order);
            }
            Body::Mention(asking) => self.find_number(key, &row.order, &asking, emit),
            _ => {}
        }
    }

    /// Enters a paper of another number once.
    fn may_mean(&mut self, paper: Paper) {
        if self.registry.node_of(&paper.draft.node.id).is_some() {
            return;
        }
        let n = self.registry.enter(paper.draft);
        self.registry.shelf.enter(n, paper.day, paper.title.as_deref());
        self.found.insert(n, paper.learned);
    }

    fn find_number(&mut self, key: &str, order: &str, asking: &Asking, emit: Emit<'_>) {
        for (n, learned) in &mut self.found {
            if learned.as_ref().is_some_and(|(_, at)| at.as_str() < order) {
                self.registry.drafts[*n as usize].node.term = learned.take().map(|(term, _)| term);
            }
        }
        let mention = self.mention(asking);
        self.registry.asked = false;
        let n_before = self.registry.drafts.len();
        let found = self.registry.find_by_number(&mention);
        if self.registry.asked && !self.asked.contains(order) {
            let number = asking.reference.likely.as_ref().or(asking.reference.number.as_ref());
            for shelf in number.map(|number| misprint::request_keys(&asking.reference, number)).unwrap_or_default() {
                // The answer must find its way back.
                let place = format!("2{CUT}{key}{CUT}{order}");
                emit(row(Table::Requests, shelf, place, Body::Mention(Box::new(asking.clone()))));
            }
        }
        if let Some(Match { node, .. }) = &found {
            self.tell_term(*node, order, emit);
        }
        self.answer(n_before, order, asking, found, emit);
    }

    /// What a reference taught of a held paper concerns those who may mean it by a misprint.
    fn tell_term(&mut self, n: NodeIndex, order: &str, emit: Emit<'_>) {
        let node = &self.registry.drafts[n as usize].node;
        let Some(term) = node.term.clone().filter(|_| node.held == Some(true) && !self.found.contains_key(&n)) else {
            return;
        };
        if !self.told.insert(n) {
            return;
        }
        let learned = Body::Learned { id: node.id.clone(), term, at: order.to_owned() };
        for shelf in self.shelves.get(&n).into_iter().flatten() {
            emit(row(Table::Learned, shelf.clone(), format!("1{CUT}{}", node.id), learned.clone()));
        }
        emit(row(Table::Term, node.id.clone(), "", learned));
    }

    /// A row of the group of a name.
    pub(super) fn name(&mut self, row: Row, emit: Emit<'_>) {
        match row.body {
            Body::Paper(paper) if self.registry.node_of(&paper.draft.node.id).is_none() => {
                let n = self.registry.enter(paper.draft);
                self.registry.call(&row.key, n);
            }
            Body::Mention(asking) => {
                let mention = self.mention(&asking);
                let n_before = self.registry.drafts.len();
                let found = self.registry.find_by_name(&mention);
                self.answer(n_before, &row.order, &asking, found, emit);
            }
            _ => {}
        }
    }

    /// A row of a shelf: papers, what is learned of them, then requests.
    pub(super) fn shelf(&mut self, row: Row, emit: Emit<'_>) {
        match row.body {
            Body::Paper(paper) => self.papers.push(paper),
            Body::Learned { id, term, at } => {
                for paper in self.papers.iter_mut().filter(|paper| paper.draft.node.id == id) {
                    paper.learned = Some((term.clone(), at.clone()));
                }
            }
            Body::Mention(asking) => {
                let mut place = row.order.splitn(3, CUT).skip(1);
                let (Some(key), Some(order)) = (place.next(), place.next()) else { return };
                emit(super::row(Table::Found, key, format!("0{CUT}4{CUT}{order}"), Body::Asked(order.to_owned())));
                let mention = Mention { own: &asking.own, owner: NodeIndex::MAX, reference: &asking.reference };
                let number = asking.reference.likely.as_ref().or(asking.reference.number.as_ref());
                let fitting = self.papers.iter().filter(|paper| {
                    paper.draft.node.id != asking.owner
                        && number.is_some_and(|number| misprint::may_mean(&paper.draft, &mention, number))
                });
                for paper in fitting {
                    let order = format!("0{CUT}5{CUT}{}", paper.draft.node.id);
                    emit(super::row(Table::Found, key, order, Body::Paper(paper.clone())));
                }
            }
            _ => {}
        }
    }

    /// The reference as the registry asks for it.
    fn mention<'a>(&mut self, asking: &'a Asking) -> Mention<'a> {
        let stranger = NodeIndex::MAX - self.strangers.len() as NodeIndex;
        let owner = match self.registry.node_of(&asking.owner) {
            Some(n) => n,
            None => *self.strangers.entry(asking.owner.clone()).or_insert(stranger),
        };
        Mention { own: &asking.own, owner, reference: &asking.reference }
    }

    fn answer(&mut self, n_before: usize, order: &str, asking: &Asking, found: Option<Match>, emit: Emit<'_>) {
        let made = (n_before..self.registry.drafts.len()).map(|n| (n as NodeIndex, order.to_owned()));
        self.made.extend(made);
        for doubt in self.registry.doubts.drain(..) {
            emit(row(Table::Doubts, doubt.doc.clone(), "", Body::Doubt(doubt)));
        }
        let Some(Match { node, why }) = found else { return };
        let Asking { own, k, acts, .. } = asking;
        let node = self.registry.drafts[node as usize].node.id.clone();
        let place = format!("2{CUT}{k:08}{CUT}{}", u8::from(*acts));
        emit(row(Table::Met, own.id.clone(), place, Body::Met { k: *k, acts: *acts, node, why }));
    }

    /// Papers that are only cited, as all references together describe them.
    pub(super) fn end(self, emit: Emit<'_>) {
        for (n, order) in self.made {
            let draft = &self.registry.drafts[n as usize];
            let named = Named { id: draft.node.id.clone(), draft: draft.clone() };
            // One without a number was made under its name, where it is known.
            if let (Some(title), Some(_)) = (&draft.node.title, &draft.node.number) {
                let paper = Paper { draft: light(draft), day: None, title: None, learned: None };
                let place = format!("0{CUT}1{CUT}{order}");
                emit(row(Table::Called, identity::name_key(title).0, place, Body::Paper(paper)));
            }
            let place = format!("3{CUT}{}", named.id);
            emit(row(Table::Draft, named.id.clone(), place, Body::Named(named.clone())));
            emit(row(Table::Made, named.id.clone(), order.clone(), Body::Made(named, order)));
        }
    }
}
