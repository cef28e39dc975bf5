//! In force on a date or not, and why.
//!
//! A document's life is read off the acts of others upon it. Each act counts from
//! the first day on which the acting document itself is in force, so an act that
//! is void or suspended does nothing. Nothing revives but what is expressly restored.

mod judge;
mod life;

use super::kind::{self, Sort};
use super::place::Place;
use super::{Edge, Lineage, NodeIndex, Relations};
use crate::citation::Relation;
use jiff::civil::Date;
use judge::Judge;
use life::{Act, DocState, Ending, Life};
use serde::{Deserialize, Serialize};

/// The answer's first word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Holds.
    InForce,
    /// No longer holds.
    Expired,
    /// Holds but for some of its places.
    PartlyExpired,
    /// Does not hold for the time being.
    Suspended,
    /// Issued, but its first day has not come.
    NotYet,
    /// Ended before its first day.
    Void,
    /// Not a paper that holds or does not: a consolidation, a report, a letter that rules nothing.
    NotApplicable,
    /// The graph does not tell.
    #[default]
    Unknown,
}

impl Status {
    /// The word of the JSON form.
    pub fn name(self) -> &'static str {
        match self {
            Status::InForce => "in_force",
            Status::Expired => "expired",
            Status::PartlyExpired => "partly_expired",
            Status::Suspended => "suspended",
            Status::NotYet => "not_yet",
            Status::Void => "void",
            Status::NotApplicable => "not_applicable",
            Status::Unknown => "unknown",
        }
    }

    /// For people: *còn hiệu lực*, …
    pub fn label(self) -> &'static str {
        match self {
            Status::InForce => "còn hiệu lực",
            Status::Expired => "hết hiệu lực",
            Status::PartlyExpired => "hết hiệu lực một phần",
            Status::Suspended => "ngưng hiệu lực",
            Status::NotYet => "chưa có hiệu lực",
            Status::Void => "không phát sinh hiệu lực",
            Status::NotApplicable => "không thuộc diện xét hiệu lực",
            Status::Unknown => "chưa xác định",
        }
    }
}

/// Which law says what becomes of a document when the one it details ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regime {
    /// It ends too (2015, Art. 154).
    Law2015,
    /// It goes on (2025, Art. 57).
    Law2025,
}

impl Regime {
    /// The law in force on the day the parent ended.
    pub fn on(day: Date) -> Regime {
        if day < LAW_2025_FROM { Regime::Law2015 } else { Regime::Law2025 }
    }
}

/// First day of Luật 64/2025/QH15.
const LAW_2025_FROM: Date = Date::constant(2025, 4, 1);

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question<'q> {
    /// A place, in words or as a path; the whole document where `None`.
    pub locator: Option<&'q str>,
    /// The day.
    pub at: Date,
    /// Overrides [`Regime::on`].
    pub regime: Option<Regime>,
}

impl Question<'_> {
    /// The whole document on a day.
    pub fn on(at: Date) -> Question<'static> {
        Question { locator: None, at, regime: None }
    }
}

/// One step of the proof.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// Id of the acting document.
    pub from: String,
    /// What it does.
    pub relation: Relation,
    /// The place concerned.
    pub locator: Option<String>,
    /// Its words.
    pub sentence: String,
    /// First day of the effect, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Date>,
    /// Why this act counts or does not, where that is not plain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What the graph says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The finding.
    pub status: Status,
    /// First day on which it no longer holds; of a suspension, the first day after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Id of the immediate ender or suspender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Id at the end of the chain of replacements, as of the day asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    /// Ids in order of effect.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amended_by: Vec<String>,
    /// What a reader should know although it changes nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// The rule applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What makes the graph contradict itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Whether the text is held.
    pub known_text: bool,
    /// What was merged, mended or overridden to come to this document.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The proof.
    pub why: Vec<Reason>,
}

/// A stretch of days, `[from, until)`, with one status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// First day; from the beginning of time where `None`.
    pub from: Option<Date>,
    /// First day after; for good where `None`.
    pub until: Option<Date>,
    /// What holds in between.
    pub status: Status,
}

/// What the graph knows about one document, or one place of it, on a day.
///
/// # Panics
/// If `node` is not below [`Lineage::node_count`].
pub fn status(graph: &dyn Lineage, node: NodeIndex, question: &Question<'_>) -> Answer {
    let judge = Judge::new(graph, question.regime);
    let life = judge.life(node);
    let notes = graph.node(node).notes.clone();
    Answer { notes, ..Inquiry { judge: &judge, life: &life, node, at: question.at }.answer(question.locator, true) }
}

/// Status of the whole document on a day.
pub fn status_at(graph: &dyn Lineage, node: NodeIndex, at: Date) -> Answer {
    status(graph, node, &Question::on(at))
}

/// The status of each of `nodes` on a day, without its proof and without warnings of lost bases; what they have
/// in common is looked at once.
pub fn statuses_at(graph: &dyn Lineage, nodes: &[NodeIndex], at: Date) -> Vec<Answer> {
    let judge = Judge::new(graph, None);
    let answer =
        |node: &NodeIndex| Inquiry { judge: &judge, life: &judge.life(*node), node: *node, at }.answer(None, false);
    nodes.iter().map(answer).collect()
}

/// The status of a document from the beginning of time to its end, as known today.
///
/// Never empty; the intervals touch, and no two neighbours have the same status.
pub fn timeline(graph: &dyn Lineage, node: NodeIndex) -> Vec<Interval> {
    let judge = Judge::new(graph, None);
    let life = judge.life(node);
    let on = |at: Date| Inquiry { judge: &judge, life: &life, node, at }.answer(None, false).status;
    let mut found = vec![Interval { from: None, until: None, status: on(Date::MIN) }];
    for day in life.turning_days() {
        let status = on(day);
        let last = found.last_mut().expect("begins with one");
        if last.status != status {
            last.until = Some(day);
            found.push(Interval { from: Some(day), until: None, status });
        }
    }
    found
}

/// Acts that end, whole or in part.
pub(crate) const ENDINGS: Relations =
    Relations::of(&[Relation::Replaces, Relation::Repeals, Relation::EndsEffect, Relation::ReplacedBy]);

struct Inquiry<'i, 'g> {
    judge: &'i Judge<'g>,
    life: &'i Life,
    node: NodeIndex,
    at: Date,
}

impl Inquiry<'_, '_> {
    fn id(&self, node: NodeIndex) -> String {
        self.judge.graph.id(node)
    }

    fn answer(&self, locator: Option<&str>, proven: bool) -> Answer {
        let mut answer = Answer { known_text: self.life.held, ..Answer::default() };
        let place = match locator.map(|words| (words, Place::parse(words))) {
            None => None,
            Some((_, Some(place))) => Some(place.within(&self.life.outline)),
            Some((words, None)) => {
                answer.warning = Some(format!("“{words}” names no place; the whole document is not meant"));
                return answer;
            }
        };
        if let Some(sentence) = self.not_applicable() {
            answer.status = Status::NotApplicable;
            answer.rule = Some(sentence.to_owned());
            return answer;
        }
        if let Some(place) = place.as_ref().filter(|place| !self.life.has(place)) {
            answer.warning = Some(format!("the outline of the document has no {place}"));
        }
        if self.judge.runs_in_a_circle(self.node) {
            answer.error = Some("cycle".to_owned());
            if proven {
                self.explain(&mut answer, place.as_ref());
            }
            return answer;
        }
        self.find_status(&mut answer, place.as_ref());
        self.note_paradoxes(&mut answer, place.as_ref());
        if !proven {
            return answer;
        }
        self.note_amendments(&mut answer, place.as_ref());
        if matches!(answer.status, Status::InForce | Status::PartlyExpired | Status::Suspended) {
            self.warn_of_bases(&mut answer);
            self.warn_of_terms(&mut answer);
            self.warn_of_the_amended(&mut answer);
        }
        self.explain(&mut answer, place.as_ref());
        answer
    }

    /// The rule by which this paper has no validity of its own.
    fn not_applicable(&self) -> Option<&'static str> {
        match self.life.sort {
            Sort::Consolidation => Some("a consolidation restates other acts and has no validity of its own"),
            Sort::Rule => None,
            Sort::Report | Sort::Letter if self.life.rules => None,
            Sort::Report => Some("a report or proposal rules nothing and has no validity of its own"),
            Sort::Letter => Some("a letter that rules nothing has no validity of its own"),
        }
    }

    fn find_status(&self, answer: &mut Answer, place: Option<&Place>) {
        let start = place.and_then(|place| self.life.delay(place)).or(self.life.start);
        let state = match place {
            None => self.life.doc_state(self.at),
            Some(place) => self.life.place_state(place, self.at),
        };
        match state {
            DocState::Ended(ending) => self.ended(answer, &ending, start),
            DocState::Doubtful(act) => {
                let act = &self.life.acts[act];
                answer.by = Some(self.id(act.actor));
                answer.warning = Some(format!("{} ends it on a day that is not known", self.id(act.actor)));
            }
            _ if start.is_some_and(|start| self.at < start) => {
                answer.status = Status::NotYet;
                answer.rule = Some(format!("holds from {}", start.expect("compared just now")));
            }
            DocState::Partly(act) => {
                answer.status = Status::PartlyExpired;
                let actor = self.life.acts[act].actor;
                answer.by = (actor != self.node).then(|| self.id(actor));
                answer.rule = self.life.acts[act].rule.map(str::to_owned);
                self.suspension(answer, place);
            }
            DocState::Whole if start.is_none() => {
                answer.warning.get_or_insert_with(|| "no first day is known".to_owned());
            }
            DocState::Whole if !self.life.held && !self.life.first_day_stated && !self.life.ends_later(self.at) => {
                answer.warning =
                    Some("only cited: the text is not in the archive, and nothing held ends it".to_owned());
            }
            DocState::Whole => {
                answer.status = Status::InForce;
                self.suspension(answer, place);
            }
        }
    }

    fn ended(&self, answer: &mut Answer, ending: &Ending, start: Option<Date>) {
        let act = &self.life.acts[ending.act];
        answer.by = (act.actor != self.node).then(|| self.id(act.actor));
        answer.rule = act.rule.map(str::to_owned);
        if let (Some(day), Some(start)) = (ending.day, start)
            && day <= start
        {
            answer.status = Status::Void;
            answer.rule.get_or_insert_with(|| "ended before its first day, so it never took effect".to_owned());
            return;
        }
        answer.status = Status::Expired;
        answer.until = ending.day;
        if ending.day.is_none() {
            answer.warning = Some(format!("{} ended it on a day that is not known", self.id(act.actor)));
        }
        if !act.edge.except.is_empty() && act.edge.spared().next().is_none() {
            answer.warning = Some(format!("spared: {}", act.edge.except.join("; ")));
        }
        let chain = &self.life.acts[ending.chain];
        if chain.relation == Relation::Replaces && chain.rule.is_none() {
            match self.judge.end_of_chain(chain.actor, self.at) {
                Ok(current) => answer.current = current.map(|node| self.id(node)),
                Err(error) => answer.error = Some(error.to_owned()),
            }
        }
    }

    /// Turns *in force* into *suspended*, or warns of suspended places.
    fn suspension(&self, answer: &mut Answer, place: Option<&Place>) {
        if let Some(act) = self.life.suspension(place, self.at) {
            let act = &self.life.acts[act];
            answer.status = Status::Suspended;
            answer.by = Some(self.id(act.actor));
            answer.until = act.edge.until;
            if act.edge.until.is_none() && self.judge.life(act.actor).is_over(self.at) {
                answer.warning = Some(format!(
                    "{} no longer holds, but no act says that what it suspended resumes",
                    self.id(act.actor)
                ));
            }
            return;
        }
        let parts: Vec<String> = self.life.suspended_parts(place, self.at).iter().map(|p| p.to_string()).collect();
        if !parts.is_empty() {
            warn(answer, format!("suspended in part: {}", parts.join("; ")));
        }
    }

    fn note_amendments(&self, answer: &mut Answer, place: Option<&Place>) {
        let mut acts: Vec<&Act> = self.life.amendments(place, self.at).collect();
        acts.sort_by_key(|act| (act.day, act.actor));
        for act in acts {
            let id = self.id(act.actor);
            if !answer.amended_by.contains(&id) {
                answer.amended_by.push(id);
            }
        }
    }

    fn note_paradoxes(&self, answer: &mut Answer, place: Option<&Place>) {
        let concerned =
            |act: &&Act| place.is_none_or(|place| act.place.as_ref().is_none_or(|other| other.meets(place)));
        for act in self.life.paradoxes.iter().filter(concerned) {
            match act.relation {
                Relation::Amends | Relation::Corrects => {
                    warn(answer, format!("{} is older than what it amends", self.id(act.actor)));
                }
                _ => {
                    answer.error.get_or_insert_with(|| "replacer_older_than_target".to_owned());
                    if answer.status == Status::InForce {
                        answer.status = Status::Unknown;
                    }
                }
            }
        }
    }

    fn warn_of_bases(&self, answer: &mut Answer) {
        for edge in self.judge.graph.outgoing(self.node, BASES) {
            let parent = self.judge.life(edge.to);
            let place = edge.locator.as_deref().and_then(Place::parse).map(|place| place.within(&parent.outline));
            let state = match &place {
                None => parent.doc_state(self.at),
                Some(place) => parent.place_state(place, self.at),
            };
            let DocState::Ended(ending) = state else { continue };
            let act = &parent.acts[ending.act];
            if act.actor == self.node {
                continue;
            }
            let word = match act.relation {
                Relation::Replaces => "replaced",
                Relation::Repeals => "repealed",
                _ => "ended",
            };
            let before = matches!((ending.day, self.life.signed), (Some(day), Some(signed)) if day <= signed);
            let already = if before { "already " } else { "" };
            let warning = format!("basis {already}{word} by {}", self.id(act.actor));
            if answer.warning.as_ref().is_some_and(|known| known.split("; ").any(|part| part == warning)) {
                continue;
            }
            warn(answer, warning);
            if !before && answer.rule.is_none() {
                let rule = if kind::is_party(&self.judge.graph.node(self.node)) {
                    "Party papers: no cascade; continues until itself replaced or repealed"
                } else if edge.relation == Relation::Details {
                    "2025 Law, Art. 57(2): a detailing document continues unless contrary or announced ended"
                } else {
                    "only a detailing document can fall with its basis"
                };
                answer.rule = Some(rule.to_owned());
            }
            answer.why.push(reason(self.judge.graph, &edge, edge.from, edge.relation, None, None));
            answer.why.push(reason(self.judge.graph, &act.edge, act.actor, act.relation, act.day, None));
        }
    }

    /// A term that has run out on its face, though an amendment may have moved it.
    fn warn_of_terms(&self, answer: &mut Answer) {
        let moved = self.life.idle.iter().filter(|act| act.actor == self.node);
        for act in moved.filter(|act| act.edge.since.is_some_and(|day| day <= self.at)) {
            warn(answer, act.idle.clone().unwrap_or_default());
        }
    }

    /// What only amends others lives on in words that are gone, once these have ended; no rule ends it.
    fn warn_of_the_amended(&self, answer: &mut Answer) {
        let own = self.judge.graph.links_out(self.node, Relations::CHANGES, usize::MAX);
        if own.is_empty() || own.iter().any(|link| link.relation != Relation::Amends) {
            return;
        }
        let ends: Option<Vec<NodeIndex>> = own
            .iter()
            .map(|link| {
                let life = self.judge.life(link.to);
                match life.doc_state(self.at) {
                    DocState::Ended(ending) => Some(life.acts[ending.act].actor),
                    _ => None,
                }
            })
            .collect();
        if let Some(by) = ends.as_ref().and_then(|ends| ends.last()) {
            warn(answer, format!("what it amends was ended by {}", self.id(*by)));
        }
    }

    /// The acts behind the answer, in order of effect.
    fn explain(&self, answer: &mut Answer, place: Option<&Place>) {
        let concerned =
            |act: &&Act| place.is_none_or(|place| act.place.as_ref().is_none_or(|other| other.meets(place)));
        let mut acts: Vec<&Act> = self.life.acts.iter().filter(concerned).collect();
        acts.sort_by_key(|act| (act.day, act.actor));
        let mut why: Vec<Reason> = Vec::new();
        for act in acts {
            let later = act.day.is_some_and(|day| day > self.at);
            let note = if later { Some("takes effect after the day asked".to_owned()) } else { act.note() };
            why.push(reason(self.judge.graph, &act.edge, act.actor, act.relation, act.day, note));
        }
        for act in self.life.paradoxes.iter().filter(concerned) {
            let note = Some("older than what it acts on; not counted".to_owned());
            why.push(reason(self.judge.graph, &act.edge, act.actor, act.relation, None, note));
        }
        for act in self.life.idle.iter().filter(concerned) {
            why.push(reason(self.judge.graph, &act.edge, act.actor, act.relation, None, act.idle.clone()));
        }
        why.append(&mut answer.why);
        why.dedup();
        answer.why = why;
    }
}

/// Relations whose end of the parent is worth a warning.
const BASES: Relations = Relations::of(&[Relation::Basis, Relation::Details, Relation::Guides, Relation::Implements]);

fn warn(answer: &mut Answer, warning: String) {
    answer.warning = Some(match answer.warning.take() {
        Some(before) => format!("{before}; {warning}"),
        None => warning,
    });
}

fn reason(
    graph: &dyn Lineage,
    edge: &Edge,
    actor: NodeIndex,
    relation: Relation,
    since: Option<Date>,
    note: Option<String>,
) -> Reason {
    Reason {
        from: graph.id(actor),
        relation,
        locator: edge.locator.clone(),
        sentence: edge.sentence.clone(),
        since,
        note: note.or_else(|| edge.why.clone()),
    }
}
