//! A person's decisions on what the machine was unsure of (*quyết định rà soát*): one line
//! each in an append-only file that people can read and `diff`.
//!
//! ```json
//! {"id":"5be1…","at":"2026-11-28T02:10:00Z","who":"An","what":"correct","doc":"2021/446.txt","line":12,
//!  "scan":"ngudi","old":"người","new":"ngươi","reason":"bản gốc","hash":"blake3:…","span":[310,315],
//!  "source":"…","above":"…","below":"…"}
//! ```
//! A decision knows its place by the source line and its neighbours, not by the file alone: see
//! [`Placer`]. What no longer finds its place is reported, never dropped. Nothing here restores
//! or learns; `restore` and `store` do, with what [`Decisions`] holds.

mod file;
mod place;

pub use file::{append, read};
pub use place::{Pin, Placer};

use crate::text::Span;
use jiff::Timestamp;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The reading is right as it stands, so `new` equals `old`.
    Accept,
    /// The page says `new`.
    Correct,
    /// There is no such relation between the two papers of [`Decision::edge`].
    RemoveEdge,
    /// There is that relation.
    AddEdge,
    /// The entry of the queue named by [`Decision::item`] needs nothing.
    Dismiss,
    /// The decision named by [`Decision::undoes`] no longer holds.
    Undo,
}

/// A relation between two papers, as the graph's overrides name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeFact {
    /// Id, number, or `number@date` of the acting paper.
    pub from: String,
    /// The same of the paper acted on.
    pub to: String,
    /// The relation's name in records: `replaces`.
    pub relation: String,
    /// The one place concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locator: Option<String>,
}

/// One line of the file. What does not apply is left out of the line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Twelve hexadecimal digits that no other decision has; made by [`Decision::sealed`].
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// Who; never empty.
    pub who: String,
    /// What.
    pub what: What,
    /// Id of the document at the time.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub doc: String,
    /// Line of the source, counted from 1; 0 where no line is meant.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub line: usize,
    /// Characters of that line before `scan`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub column: usize,
    /// The source text in question.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scan: String,
    /// How it was read.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub old: String,
    /// How it is to be read.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub new: String,
    /// What was read before and after it: the same damage between the same words is the same word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<[String; 2]>,
    /// The same damage read the same way between the same words is to be read so in the whole archive.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub everywhere: bool,
    /// On what evidence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The relation that is right or wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edge: Option<EdgeFact>,
    /// The entry of the review queue that it answers.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub item: String,
    /// The decision that no longer holds.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub undoes: String,
    /// `blake3:` and hash of the bytes the document was read from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hash: String,
    /// Where `scan` stands: characters of the source text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<[usize; 2]>,
    /// The whole source line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The nearest line above with letters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub above: String,
    /// The nearest line below with letters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub below: String,
}

fn is_zero(n: &usize) -> bool {
    *n == 0
}

impl Decision {
    /// A decision with nothing in it yet but who, when and what.
    pub fn new(at: Timestamp, who: &str, what: What) -> Decision {
        let none = String::new;
        Decision {
            id: none(),
            at,
            who: who.trim().to_owned(),
            what,
            doc: none(),
            line: 0,
            column: 0,
            scan: none(),
            old: none(),
            new: none(),
            beside: None,
            everywhere: false,
            reason: none(),
            edge: None,
            item: none(),
            undoes: none(),
            hash: none(),
            span: None,
            source: none(),
            above: none(),
            below: none(),
        }
    }

    /// Puts down where in `source` (the decoded text of document `doc`) the reading stands.
    pub fn at_place(mut self, doc: &str, hash: &str, source: &str, span: Span) -> Decision {
        let begin = source[..span.start].rfind('\n').map_or(0, |at| at + 1);
        let end = source[span.start..].find('\n').map_or(source.len(), |at| span.start + at);
        let has_letters = |line: &&str| line.contains(char::is_alphanumeric);
        let start = source[..span.start].chars().count();
        self.doc = doc.to_owned();
        self.hash = hash.to_owned();
        self.line = source[..span.start].matches('\n').count() + 1;
        self.column = source[begin..span.start].chars().count();
        self.span = Some([start, start + span.of(source).chars().count()]);
        self.scan = span.of(source).to_owned();
        self.source = source[begin..end].to_owned();
        self.above = source[..begin].lines().rev().find(has_letters).unwrap_or_default().to_owned();
        self.below = source[end..].lines().find(has_letters).unwrap_or_default().to_owned();
        self
    }

    /// The same with its id, which depends on all the rest.
    pub fn sealed(mut self) -> Decision {
        self.id.clear();
        let line = serde_json::to_vec(&self).expect("a decision has only plain fields");
        self.id = blake3::hash(&line).to_hex()[..12].to_owned();
        self
    }

    /// Whether it says how a stretch of text reads.
    pub fn is_reading(&self) -> bool {
        matches!(self.what, What::Accept | What::Correct) && self.span.is_some() && !self.scan.is_empty()
    }

    /// What two decisions have in common that cannot both hold.
    fn key(&self) -> String {
        match (&self.edge, self.is_reading()) {
            (Some(edge), _) => {
                format!(
                    "edge\n{}\n{}\n{}\n{}",
                    edge.from,
                    edge.relation,
                    edge.to,
                    edge.locator.as_deref().unwrap_or("")
                )
            }
            (None, true) => {
                format!("reading\n{}\n{}\n{}\n{}\n{}", self.doc, self.above, self.source, self.below, self.column)
            }
            (None, false) => format!("item\n{}", self.item),
        }
    }

    /// Bytes of [`Decision::source`] that [`Decision::scan`] takes up; `None` where the two do not fit.
    pub(crate) fn place_in_line(&self) -> Option<Span> {
        let start = self.source.char_indices().map(|(at, _)| at).chain([self.source.len()]).nth(self.column)?;
        self.source[start..].starts_with(&self.scan).then(|| Span::new(start, start + self.scan.len()))
    }
}

/// A line of the file that cannot be used, and why. It stays in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Line of the file, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

/// Two decisions of different people on the same thing that say different things.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// Id of the earlier one, which does not hold.
    pub earlier: String,
    /// Id of the later one, which holds.
    pub later: String,
}

/// What the file says, put together.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    /// Every decision, in the order of the file.
    pub all: Vec<Decision>,
    /// Lines that are no decision.
    pub faults: Vec<Fault>,
    /// Places of those in [`Decisions::all`] that hold, in order: not undone, and the last on their matter.
    holding: Vec<usize>,
    conflicts: Vec<Conflict>,
}

impl Decisions {
    /// Puts decisions together; later lines outweigh earlier ones on the same matter.
    pub fn new(all: Vec<Decision>, faults: Vec<Fault>) -> Decisions {
        let mut undone: FxHashMap<&str, bool> = FxHashMap::default();
        // An undoing may itself be undone, so the last word is read first.
        for decision in all.iter().rev().filter(|decision| decision.what == What::Undo) {
            if !undone.contains_key(decision.id.as_str()) {
                undone.insert(&decision.undoes, true);
            }
        }
        let mut last: FxHashMap<String, usize> = FxHashMap::default();
        let mut holding: Vec<Option<usize>> = Vec::new();
        let mut conflicts = Vec::new();
        for (n, decision) in all.iter().enumerate() {
            if decision.what == What::Undo || undone.contains_key(decision.id.as_str()) {
                continue;
            }
            let slot = holding.len();
            if let Some(before) = last.insert(decision.key(), slot)
                && let Some(m) = holding[before].take()
            {
                let earlier = &all[m];
                let differs = (earlier.what, &earlier.new) != (decision.what, &decision.new);
                // A reading confirmed is the same answer as one corrected to the same words.
                let same_words = earlier.is_reading() && decision.is_reading() && earlier.new == decision.new;
                if differs && !same_words && earlier.who != decision.who {
                    conflicts.push(Conflict { earlier: earlier.id.clone(), later: decision.id.clone() });
                }
            }
            holding.push(Some(n));
        }
        let holding = holding.into_iter().flatten().collect();
        Decisions { all, faults, holding, conflicts }
    }

    /// The decisions that hold, in the order of the file.
    pub fn holding(&self) -> impl Iterator<Item = &Decision> {
        self.holding.iter().map(|n| &self.all[*n])
    }

    /// The entries of the review queue that decisions answer.
    pub fn answered(&self) -> impl Iterator<Item = &str> {
        self.holding().map(|decision| decision.item.as_str()).filter(|item| !item.is_empty())
    }

    /// Where two people disagree.
    pub fn conflicts(&self) -> &[Conflict] {
        &self.conflicts
    }

    /// The decision called `id`; the beginning of an id is enough where no other begins so.
    pub fn find(&self, id: &str) -> Option<&Decision> {
        let mut found = self.all.iter().filter(|decision| !id.is_empty() && decision.id.starts_with(id));
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The documents, by id and by hash, on whose readings the two files differ.
    pub fn touched<'d>(&'d self, before: &'d Decisions) -> Touched<'d> {
        let ids = |decisions: &'d Decisions| -> FxHashMap<&'d str, &'d Decision> {
            decisions.holding().filter(|one| one.is_reading()).map(|one| (one.id.as_str(), one)).collect()
        };
        let (now, then) = (ids(self), ids(before));
        let mut touched = Touched::default();
        let apart = now
            .iter()
            .filter(|(id, _)| !then.contains_key(*id))
            .chain(then.iter().filter(|(id, _)| !now.contains_key(*id)));
        for (_, decision) in apart {
            touched.docs.insert(&decision.doc);
            touched.hashes.insert(&decision.hash);
        }
        touched
    }
}

/// Documents that must be read again because decisions on them are new or gone.
#[derive(Clone, Debug, Default)]
pub struct Touched<'d> {
    docs: FxHashSet<&'d str>,
    hashes: FxHashSet<&'d str>,
}

impl Touched<'_> {
    /// Whether the document of this id, or these bytes, is one of them.
    pub fn holds(&self, id: &str, hash: Option<&str>) -> bool {
        self.docs.contains(id) || hash.is_some_and(|hash| self.hashes.contains(hash))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.docs.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "Dang uy phudng\n\nCan ctf Nghi quyét va ctf\nDiéu 1";

    fn decide(who: &str, seconds: i64, new: &str) -> Decision {
        let at = Timestamp::from_second(seconds).unwrap();
        let span = Span::new(SOURCE.rfind("ctf").unwrap(), SOURCE.rfind("ctf").unwrap() + 3);
        let decision = Decision::new(at, who, What::Correct).at_place("a.txt", "blake3:0", SOURCE, span);
        Decision { old: "của".into(), new: new.into(), ..decision }.sealed()
    }

    #[test]
    fn a_decision_knows_its_line_and_neighbours() {
        let decision = decide("An", 0, "cứ");
        assert_eq!((decision.line, decision.column), (3, 22));
        assert_eq!(decision.place_in_line(), Some(Span::new(23, 26)));
        assert_eq!((decision.above.as_str(), decision.below.as_str()), ("Dang uy phudng", "Diéu 1"));
    }

    #[test]
    fn the_last_word_holds_and_other_people_are_told() {
        let (first, second) = (decide("An", 1, "cứ"), decide("Bình", 2, "căn"));
        let undo = Decision { undoes: second.id.clone(), ..Decision::new(second.at, "An", What::Undo) }.sealed();
        let holding = |all: &[&Decision]| {
            let decisions = Decisions::new(all.iter().map(|one| (*one).clone()).collect(), Vec::new());
            let new: Vec<String> = decisions.holding().map(|one| one.new.clone()).collect();
            (new, decisions.conflicts().len())
        };
        assert_eq!(holding(&[&first, &second]), (vec!["căn".to_owned()], 1));
        assert_eq!(holding(&[&first, &second, &undo]), (vec!["cứ".to_owned()], 0));
        let redo = Decision { undoes: undo.id.clone(), ..Decision::new(second.at, "An", What::Undo) }.sealed();
        assert_eq!(holding(&[&first, &second, &undo, &redo]), (vec!["căn".to_owned()], 1));
        assert_eq!(holding(&[&first, &decide("An", 3, "căn")]), (vec!["căn".to_owned()], 0));
    }

    #[test]
    fn documents_are_touched_by_what_is_new_or_gone() {
        let decisions = |all: Vec<Decision>| Decisions::new(all, Vec::new());
        let (old, new) =
            (decisions(vec![decide("An", 1, "cứ")]), decisions(vec![decide("An", 1, "cứ"), decide("An", 2, "căn")]));
        assert!(new.touched(&old).holds("a.txt", None));
        assert!(old.touched(&new).holds("b.txt", Some("blake3:0")));
        assert!(new.touched(&new).is_empty());
    }
}
