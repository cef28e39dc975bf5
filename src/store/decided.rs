//! What people decided, as one generation took it: which decisions found their place, and where.
//!
//! A generation keeps a copy of the decisions it was made with, so that the next night knows which
//! documents new decisions concern, and the adaptation its texts were read with.

use super::generation::{ADAPTATION, DECIDED, DECISIONS, Generation};
use super::{decisions_path, disk, lessons, report};
use crate::citation::Relation;
use crate::decision::{self, Decisions, Placer, What};
use crate::error::Error;
use crate::graph::overrides::{Act, Override, Overrides};
use crate::restore::{Adaptation, Model};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Ids of the decisions that hold in each document, and of those that found no place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Decided {
    /// By document id.
    pub applied: BTreeMap<String, Vec<String>>,
    /// Decisions on readings that no document of the archive shows any more.
    pub lost: Vec<String>,
}

/// Decisions and adaptation of this night and of the last generation.
pub(crate) struct Taught {
    pub(crate) decisions: Decisions,
    pub(crate) edges: Overrides,
    before: Decisions,
    pub(crate) adaptation: Option<Adaptation>,
    decided: Decided,
    decided_before: Decided,
}

impl Taught {
    /// Reads the decisions, and the adaptation of `before`; a full run learns a new one from `paths`.
    pub(crate) fn tonight(
        store: &Path,
        paths: &[PathBuf],
        model: &Model,
        before: Option<&Generation>,
        full: bool,
    ) -> Result<Taught, Error> {
        let decisions = decision::read(&decisions_path(store))?;
        let adaptation = match (full, before.map(|before| before.folder().join(ADAPTATION))) {
            (true, _) => {
                let (lessons, verdicts) = lessons::lessons(paths, store, &decisions)?;
                Some(Adaptation::learn(model, &lessons, &verdicts, &|_| ()))
            }
            (false, Some(path)) if path.exists() => match Adaptation::read(&path, model) {
                Ok(adaptation) => Some(adaptation),
                // A new model reads everything anew; until it learned the archive, it reads it unadapted.
                Err(error) => {
                    tracing::warn!(%error, "the adaptation is left out");
                    None
                }
            },
            _ => None,
        };
        let (then, decided_before) = match before {
            Some(before) => (decision::read(&before.folder().join(DECISIONS))?, before.decided()?),
            None => Default::default(),
        };
        let edges = edges(store, paths, &decisions)?;
        Ok(Taught { decisions, edges, before: then, adaptation, decided: Decided::default(), decided_before })
    }

    /// For documents that were read elsewhere, with `adaptation`: what people decided on readings since the
    /// last generation waits for a night that reads the files; what they decided on edges holds.
    pub(crate) fn elsewhere(
        store: &Path,
        before: Option<&Generation>,
        adaptation: Option<Adaptation>,
    ) -> Result<Taught, Error> {
        let edges = edges(store, &[], &decision::read(&decisions_path(store))?)?;
        let (decisions, decided_before) = match before {
            Some(before) => (decision::read(&before.folder().join(DECISIONS))?, before.decided()?),
            None => Default::default(),
        };
        let before = decisions.clone();
        Ok(Taught { decisions, edges, before, adaptation, decided: Decided::default(), decided_before })
    }

    pub(crate) fn touched(&self) -> decision::Touched<'_> {
        self.decisions.touched(&self.before)
    }

    pub(crate) fn placer(&self, ids: &BTreeSet<&str>) -> Placer {
        Placer::new(&self.decisions, |id| ids.contains(lessons::file_of(id)))
    }

    /// Books the decisions that hold in a document just read.
    pub(crate) fn applied(&mut self, id: &str, decisions: Vec<String>) {
        self.decided.applied.insert(id.to_owned(), decisions);
    }

    /// Books a document that is taken over under a new name.
    pub(crate) fn renamed(&mut self, old: &str, new: &str) {
        let known = self.decided_before.applied.get(old).cloned().unwrap_or_default();
        self.decided.applied.insert(new.to_owned(), known);
    }

    /// The whole, now that it is known which documents the generation holds; gives the figures.
    pub(crate) fn complete<'e>(&mut self, held: impl Iterator<Item = &'e str>) -> report::Decisions {
        let mut applied = std::mem::take(&mut self.decided.applied);
        for id in held {
            let here = applied.remove(id).or_else(|| self.decided_before.applied.get(id).cloned());
            if let Some(here) = here.filter(|here| !here.is_empty()) {
                self.decided.applied.insert(id.to_owned(), here);
            }
        }
        let placed: BTreeSet<&String> = self.decided.applied.values().flatten().collect();
        let readings = self.decisions.holding().filter(|decision| decision.is_reading());
        self.decided.lost = readings.filter(|one| !placed.contains(&one.id)).map(|one| one.id.clone()).collect();
        report::Decisions {
            holding: self.decisions.holding().count() as u64,
            applied: self.decided.applied.values().map(|ids| ids.len() as u64).sum(),
            lost: self.decided.lost.clone(),
            conflicts: self.decisions.conflicts().to_vec(),
            faults: self.decisions.faults.clone(),
        }
    }

    /// Writes into the generation's folder what it was made with.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), Error> {
        let mut lines = Vec::new();
        for decision in &self.decisions.all {
            serde_json::to_writer(&mut lines, decision).expect("a decision has only plain fields");
            lines.push(b'\n');
        }
        disk::write_new(&folder.join(DECISIONS), &lines)?;
        let json = serde_json::to_vec_pretty(&self.decided).expect("plain fields");
        disk::write_new(&folder.join(DECIDED), &json)?;
        match &self.adaptation {
            Some(adaptation) => disk::write_new(&folder.join(ADAPTATION), &adaptation.to_bytes()),
            None => Ok(()),
        }
    }
}

/// The reviewer's edges: those of the files beside the archive, of the one in the store, then those decided
/// in review. Of two that contradict each other the later holds.
fn edges(store: &Path, paths: &[PathBuf], decisions: &Decisions) -> Result<Overrides, Error> {
    let mut edges = Overrides::default();
    for folder in paths.iter().filter(|path| path.is_dir()) {
        edges.read_from(folder, None)?;
    }
    edges.read_from(store, Some("store"))?;
    for decision in decisions.holding() {
        let act = match decision.what {
            What::RemoveEdge => Act::Remove,
            What::AddEdge => Act::Add,
            _ => continue,
        };
        let Some(edge) = &decision.edge else { continue };
        let relation: Result<Relation, _> = serde_json::from_value(edge.relation.clone().into());
        let Ok(relation) = relation else {
            tracing::warn!(
                decision = decision.id,
                relation = edge.relation,
                "no such relation; the decision is left out"
            );
            continue;
        };
        edges.facts.push(Override {
            act,
            from: edge.from.clone(),
            to: edge.to.clone(),
            relation,
            locator: edge.locator.clone(),
            date: None,
            since: None,
            until: None,
            who: decision.who.clone(),
            note: decision.reason.clone(),
            place: format!("decision {}", decision.id),
        });
    }
    Ok(edges)
}
