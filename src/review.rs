//! What a person should look at (*rà soát*): one queue over the whole store, the answers that matter
//! most first.
//!
//! Takes a published generation and the decisions so far; gives [`Item`]s, and makes a
//! [`Decision`] of each answer. Nothing here writes: [`crate::decision::append`] does, and the next
//! `reindex` applies it.
//!
//! An entry is worth what its answer is expected to mend: the chance that the reading is wrong, times
//! how much its place matters, times the places where the same damage was read the same way between
//! the same words.

mod chance;
mod changes;
mod gather;
mod matters;
mod relations;
mod sheet;

pub use changes::{Change, changes};
pub use gather::{disputes, doubts, queue};
pub use sheet::{Imported, export, import};

use crate::decision::{Decision, EdgeFact, What};
use jiff::Timestamp;
use serde::Serialize;
use std::ops::Range;

/// What sort of doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Two people disagree.
    Conflict,
    /// A decision whose line is nowhere in the archive any more.
    Lost,
    /// A number printed so that it contradicts itself, or the archive.
    Number,
    /// A relation that changes what is in force, and is not certain.
    Edge,
    /// A doubtful name that stands nowhere else.
    Name,
    /// A doubtful reading.
    Reading,
    /// Something the graph refused to decide.
    Graph,
    /// Several files of one paper.
    Duplicate,
    /// A file that could not be taken.
    SetAside,
}

impl Kind {
    /// All of them, as the queue lists them.
    pub const ALL: [Kind; 9] = [
        Kind::Conflict,
        Kind::Lost,
        Kind::Number,
        Kind::Edge,
        Kind::Name,
        Kind::Reading,
        Kind::Graph,
        Kind::Duplicate,
        Kind::SetAside,
    ];

    /// Its name in lists and sheets.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Conflict => "conflict",
            Kind::Lost => "lost",
            Kind::Number => "number",
            Kind::Edge => "edge",
            Kind::Name => "name",
            Kind::Reading => "reading",
            Kind::Graph => "graph",
            Kind::Duplicate => "duplicate",
            Kind::SetAside => "set_aside",
        }
    }
}

/// One entry of the queue.
#[derive(Clone, Debug, Serialize)]
pub struct Item {
    /// Names it as long as the doubt stays the same.
    pub key: String,
    /// What sort of doubt.
    pub kind: Kind,
    /// Expected worth of an answer; the queue's order.
    pub worth: f64,
    /// The document in which it is shown.
    pub doc: String,
    /// Line of the source, counted from 1; 0 where no line is meant.
    pub line: usize,
    /// Characters of that line before `scan`.
    pub column: usize,
    /// The scanned stretch.
    pub scan: String,
    /// How it is read now; for other doubts, what stands now.
    pub reading: String,
    /// Other readings that came close, likeliest first; of several papers their ids.
    pub choices: Vec<String>,
    /// What the choices are called, where they are ids.
    pub names: Vec<String>,
    /// The chance that it is right, in thousandths; 0 where none is known.
    pub confidence: u16,
    /// The whole scanned line, and the whole line as read.
    pub scan_line: String,
    /// See [`Item::scan_line`].
    pub reading_line: String,
    /// The nearest lines with letters above and below, as read.
    pub above: String,
    /// See [`Item::above`].
    pub below: String,
    /// Places that one answer settles, this one included.
    pub places: usize,
    /// Some of the others: document and line, which is 0 for a whole paper.
    pub elsewhere: Vec<(String, usize)>,
    /// What is doubted, in a sentence, where the reading does not say it.
    pub note: String,
    /// The decisions it is about: of a conflict the earlier and the later one, or the one that lost its place.
    #[serde(skip)]
    pub decisions: Vec<Decision>,
    /// The place, for the decision's anchor.
    #[serde(skip)]
    pub anchor: Option<Box<Decision>>,
    /// The relation that is doubted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edge: Option<EdgeFact>,
}

/// A person's answer to an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is right as it stands; what is undecided or lost stays so and is asked about no more.
    Right,
    /// It reads so; for a number, that is the number meant; for an edge, the paper meant; of two people, the
    /// one who said so is right.
    Reads(String),
    /// There is no such relation.
    NoEdge,
}

impl Item {
    /// Bytes of [`Item::scan_line`] that were read, for a page that brings them out.
    pub fn scan_place(&self) -> Option<Range<usize>> {
        let start = self.scan_line.char_indices().nth(self.column).map(|(at, _)| at)?;
        self.scan_line[start..].starts_with(&self.scan).then(|| start..start + self.scan.len())
    }

    /// Bytes of [`Item::reading_line`] that are doubted: of words that stand there twice the one that lies
    /// as far along the line as the scanned stretch does on its own.
    pub fn reading_place(&self) -> Option<Range<usize>> {
        if self.reading.is_empty() {
            return None;
        }
        let share = |at: usize, line: &str| at as f64 / line.len().max(1) as f64;
        let want = share(self.scan_place()?.start, &self.scan_line);
        let line = &self.reading_line;
        let whole = |at: &usize| {
            let beside = [line[..*at].chars().next_back(), line[at + self.reading.len()..].chars().next()];
            !beside.into_iter().flatten().any(char::is_alphanumeric)
        };
        let places = line.match_indices(&self.reading).map(|(at, _)| at).filter(whole);
        let far = |at: &usize| (share(*at, line) - want).abs();
        let start = places.min_by(|a, b| far(a).total_cmp(&far(b)))?;
        Some(start..start + self.reading.len())
    }

    /// The decisions that an answer makes. `everywhere` settles all of [`Item::places`].
    pub fn answer(&self, answer: &Answer, everywhere: bool, who: &str, at: Timestamp, reason: &str) -> Vec<Decision> {
        let blank = |what| Decision {
            item: self.key.clone(),
            reason: reason.to_owned(),
            doc: self.doc.clone(),
            ..Decision::new(at, who, what)
        };
        let edge = |what, to: Option<&str>| {
            let edge = self.edge.clone().map(|edge| EdgeFact { to: to.map_or(edge.to, str::to_owned), ..edge });
            Decision { edge, ..blank(what) }.sealed()
        };
        let taken_back = |n: usize| self.decisions.get(n).map(|one| undo(one, who, at, reason)).into_iter().collect();
        match (self.kind, answer) {
            (Kind::Conflict, Answer::Right) => return taken_back(0),
            (Kind::Conflict, Answer::Reads(said)) if self.choices.first() == Some(said) => return taken_back(1),
            (Kind::Lost, Answer::Right) => return taken_back(0),
            (Kind::Conflict | Kind::Lost, _) => return Vec::new(),
            // Nothing is linked yet that would have to go.
            (Kind::Graph, Answer::Reads(to)) if self.edge.is_some() => {
                return vec![edge(What::AddEdge, Some(to.trim()))];
            }
            (Kind::Graph, Answer::Reads(_)) => return Vec::new(),
            (Kind::Graph, _) => return vec![blank(What::Dismiss).sealed()],
            _ => {}
        }
        match (answer, &self.anchor) {
            (Answer::NoEdge, _) if self.edge.is_some() => vec![edge(What::RemoveEdge, None)],
            (Answer::Reads(to), _) if self.edge.is_some() => {
                vec![edge(What::RemoveEdge, None), edge(What::AddEdge, Some(to.trim()))]
            }
            (Answer::Right, None) | (Answer::NoEdge, _) => vec![blank(What::Dismiss).sealed()],
            (Answer::Reads(_), None) => Vec::new(),
            (answer, Some(anchor)) => {
                let new = match answer {
                    Answer::Reads(new) => new.trim(),
                    _ => self.reading.as_str(),
                };
                let what = if new == self.reading { What::Accept } else { What::Correct };
                let decision = Decision {
                    at,
                    who: who.trim().to_owned(),
                    what,
                    old: self.reading.clone(),
                    new: new.to_owned(),
                    everywhere,
                    reason: reason.to_owned(),
                    item: self.key.clone(),
                    ..(**anchor).clone()
                };
                vec![decision.sealed()]
            }
        }
    }
}

/// The decision that `decision` no longer holds.
pub fn undo(decision: &Decision, who: &str, at: Timestamp, reason: &str) -> Decision {
    let undoes = decision.id.clone();
    Decision { undoes, reason: reason.to_owned(), ..Decision::new(at, who, What::Undo) }.sealed()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item() -> Item {
        Item {
            key: String::new(),
            kind: Kind::Reading,
            worth: 1.0,
            doc: "a.txt".into(),
            line: 3,
            column: 12,
            scan: "va".into(),
            reading: "và".into(),
            choices: Vec::new(),
            names: Vec::new(),
            confidence: 500,
            scan_line: "va vang bac va da quy".into(),
            reading_line: "và vàng bạc và đá quý".into(),
            places: 1,
            elsewhere: Vec::new(),
            note: String::new(),
            above: String::new(),
            below: String::new(),
            decisions: Vec::new(),
            anchor: None,
            edge: None,
        }
    }

    #[test]
    fn answers_to_disputes_take_a_decision_back() {
        let decision = |who: &str, new: &str| {
            let decision = Decision::new(Timestamp::UNIX_EPOCH, who, What::Correct);
            Decision { new: new.into(), ..decision }.sealed()
        };
        let (earlier, later) = (decision("An", "xã"), decision("Bình", "xa"));
        let taken_back = |item: &Item, answer: Answer| -> Vec<String> {
            let made = item.answer(&answer, true, "Chi", Timestamp::UNIX_EPOCH, "");
            assert!(made.iter().all(|one| one.what == What::Undo));
            made.into_iter().map(|one| one.undoes).collect()
        };
        let conflict = Item {
            kind: Kind::Conflict,
            reading: "xa".into(),
            choices: vec!["xã".into()],
            decisions: vec![earlier.clone(), later.clone()],
            ..item()
        };
        assert_eq!(taken_back(&conflict, Answer::Right), [earlier.id.as_str()]);
        assert_eq!(taken_back(&conflict, Answer::Reads("xã".into())), [later.id.as_str()]);
        assert!(taken_back(&conflict, Answer::Reads("xá".into())).is_empty());
        let lost = Item { kind: Kind::Lost, decisions: vec![later.clone()], ..item() };
        assert_eq!(taken_back(&lost, Answer::Right), [later.id.as_str()]);
        assert!(taken_back(&lost, Answer::NoEdge).is_empty());
    }

    #[test]
    fn an_undecided_reference_is_linked_or_left_open() {
        let edge = EdgeFact { from: "a.txt".into(), to: String::new(), relation: "cites".into(), locator: None };
        let item = Item { kind: Kind::Graph, edge: Some(edge), ..item() };
        let made = item.answer(&Answer::Reads("25-NQ/TW@2008-07-30".into()), false, "An", Timestamp::UNIX_EPOCH, "");
        assert_eq!(made.len(), 1, "there is no edge to take away");
        assert_eq!((made[0].what, made[0].edge.as_ref().unwrap().to.as_str()), (What::AddEdge, "25-NQ/TW@2008-07-30"));
        let made = item.answer(&Answer::Right, false, "An", Timestamp::UNIX_EPOCH, "");
        assert_eq!(made[0].what, What::Dismiss);
        let unknown = Item { edge: None, ..item };
        assert!(unknown.answer(&Answer::Reads("x".into()), false, "An", Timestamp::UNIX_EPOCH, "").is_empty());
    }

    #[test]
    fn the_doubted_word_is_brought_out_where_it_stands() {
        let item = item();
        assert_eq!(item.scan_place(), Some(12..14));
        let place = item.reading_place().unwrap();
        assert!(place.start > 10 && &item.reading_line[place] == "và");
        assert_eq!(Item { reading: "ngà".into(), ..item }.reading_place(), None);
    }
}
