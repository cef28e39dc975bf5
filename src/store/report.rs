//! What one night did: for programs as JSON, for people as one page.

use super::catalogue::{Entry, State};
use super::generation::set_aside_of;
use crate::decision::{Conflict, Fault};
use crate::graph::diff::Change;
use crate::graph::overrides;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;

/// One night's report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Version of the program.
    pub program: String,
    /// When the run began.
    pub started: Option<jiff::Timestamp>,
    /// How long it took.
    pub seconds: f64,
    /// The given paths.
    pub paths: Vec<String>,
    /// The generation that is current after the run.
    pub generation: Option<u64>,
    /// The one that was current before it.
    pub previous: Option<u64>,
    /// Whether a new generation was published; not where nothing changed, nor on a dry run.
    pub published: bool,
    /// Nothing was written, on request.
    pub dry_run: bool,
    /// What the archive held.
    pub files: Files,
    /// What the store holds now.
    pub documents: Totals,
    /// Ids of new documents.
    pub added: Vec<String>,
    /// Ids of documents whose text or reading is new.
    pub changed: Vec<String>,
    /// Ids of documents whose file is gone.
    pub removed: Vec<String>,
    /// Old and new ids of documents whose file has another name.
    pub renamed: Vec<(String, String)>,
    /// Edges that change validity, and statuses, that came and went since the last generation, by document.
    #[serde(default)]
    pub lineage: Vec<Change>,
    /// Everything that is set aside now, in id order.
    pub set_aside: Vec<SetAside>,
    /// What people decided, and what of it no longer applies.
    #[serde(default)]
    pub decisions: Decisions,
    /// A reviewer's edges, and what of them is of no use.
    #[serde(default)]
    pub overrides: Overrides,
    /// Documents that could be read better from the pictures of their pages, which are held, and how.
    #[serde(default)]
    pub rescan: Vec<(String, String)>,
    /// Documents with most doubtful readings among the new and changed, worst first.
    pub doubtful: Vec<(String, u64)>,
    /// Bytes of files read.
    pub bytes_read: u64,
    /// Seconds by stage.
    pub stages: BTreeMap<String, f64>,
}

/// Decisions of people, as this run met them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Decisions {
    /// Decisions that hold.
    pub holding: u64,
    /// Places whose reading they settle.
    pub applied: u64,
    /// Ids of those whose line is nowhere in the archive any more.
    pub lost: Vec<String>,
    /// Where two people disagree; the later one holds.
    pub conflicts: Vec<Conflict>,
    /// Lines of the file that are no decision.
    pub faults: Vec<Fault>,
}

/// The files `overrides.jsonl`, as this run met them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Overrides {
    /// Facts applied, those decided in review included.
    pub holding: u64,
    /// Facts that fit nothing or two documents, and those that a later one contradicts.
    pub doubtful: Vec<String>,
    /// Lines that are no fact.
    pub faults: Vec<overrides::Fault>,
}

/// Files of the archive by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it; `ignored` are those of no document format")]
pub struct Files {
    pub found: u64,
    pub ignored: u64,
    pub unchanged: u64,
    pub read: u64,
    pub set_aside: u64,
}

/// Figures over all documents held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Totals {
    pub documents: u64,
    /// Those of which at least one syllable in fifty was changed.
    pub damaged: u64,
    pub clean: u64,
    pub syllables: u64,
    pub syllables_changed: u64,
    /// Readings on which another came close.
    pub doubtful: u64,
    pub citations: u64,
    /// Citations that lead to a document held.
    pub resolved: u64,
    /// Groups of documents that replace, repeal, suspend or amend one another.
    pub lineages: u64,
    /// References between several documents that fit, and other things left undecided.
    pub doubts: u64,
}

/// A file that was not taken, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// As in [`crate::document::DocumentId`]; bytes that are no UTF-8 as `\xNN`.
    pub id: String,
    /// A stable word.
    pub reason: String,
    /// One line with the remedy.
    pub message: String,
    /// When this reason was first met.
    pub first_seen: Option<jiff::Timestamp>,
    /// Not yet so in the generation before.
    pub new: bool,
}

impl Report {
    /// The page for people. Every line stands for itself, so that a log stays readable.
    pub fn page(&self) -> String {
        let mut page = String::new();
        let totals = &self.documents;
        let line = |page: &mut String, name: &str, text: String| {
            let _ = writeln!(page, "{name:<12} {text}");
        };
        let outcome = match (self.generation, self.published) {
            (Some(number), true) => format!("generation {number} published"),
            (Some(number), false) if !self.dry_run => format!("nothing changed; generation {number} stands"),
            _ if self.dry_run => "dry run; nothing was written".into(),
            _ => "nothing published".into(),
        };
        line(&mut page, "store", outcome);
        line(
            &mut page,
            "documents",
            format!(
                "{} ({} damaged, {} clean)",
                grouped(totals.documents),
                grouped(totals.damaged),
                grouped(totals.clean)
            ),
        );
        line(
            &mut page,
            "files",
            format!(
                "{} found: {} read, {} unchanged, {} ignored, {} set aside",
                grouped(self.files.found),
                grouped(self.files.read),
                grouped(self.files.unchanged),
                grouped(self.files.ignored),
                grouped(self.files.set_aside)
            ),
        );
        line(
            &mut page,
            "came",
            format!(
                "{} new, {} changed, {} renamed, {} removed",
                grouped(self.added.len() as u64),
                grouped(self.changed.len() as u64),
                grouped(self.renamed.len() as u64),
                grouped(self.removed.len() as u64)
            ),
        );
        line(
            &mut page,
            "syllables",
            format!(
                "{} changed of {}, {} doubtful",
                grouped(totals.syllables_changed),
                grouped(totals.syllables),
                grouped(totals.doubtful)
            ),
        );
        line(
            &mut page,
            "citations",
            format!(
                "{} found, {} resolved; {} lineages",
                grouped(totals.citations),
                grouped(totals.resolved),
                grouped(totals.lineages)
            ),
        );
        if !self.rescan.is_empty() {
            let n = grouped(self.rescan.len() as u64);
            line(
                &mut page,
                "read anew",
                format!("{n} documents could be read better from their pictures; the report says how"),
            );
        }
        let megabytes = self.bytes_read as f64 / 1e6;
        line(
            &mut page,
            "time",
            format!("{:.1} s, {megabytes:.1} MB read, {:.1} MB/s", self.seconds, megabytes / self.seconds.max(1e-3)),
        );
        let stages: Vec<String> = self.stages.iter().map(|(name, seconds)| format!("{name} {seconds:.1} s")).collect();
        if !stages.is_empty() {
            line(&mut page, "stages", stages.join(", "));
        }
        page
    }

    /// The page, and below it the lists: what came, changed, left, was set aside, is doubtful.
    pub fn full_page(&self) -> String {
        const MOST: usize = 50;
        let mut page = self.page();
        let mut list = |title: &str, rows: Vec<String>| {
            if rows.is_empty() {
                return;
            }
            let _ = writeln!(page, "\n{title} ({})", rows.len());
            rows.iter().take(MOST).for_each(|row| {
                let _ = writeln!(page, "  {row}");
            });
            if rows.len() > MOST {
                let _ = writeln!(page, "  … and {} more, in the JSON report", rows.len() - MOST);
            }
        };
        list("New", self.added.clone());
        list("Changed", self.changed.clone());
        list("Renamed", self.renamed.iter().map(|(old, new)| format!("{old} → {new}")).collect());
        list("Removed", self.removed.clone());
        list("Lineage", self.lineage_lines());
        list("Set aside", self.set_aside.iter().map(|one| format!("{}: {}", one.id, one.message)).collect());
        list("Could be read anew", self.rescan.iter().map(|(id, how)| format!("{id}: {how}")).collect());
        let decisions = &self.decisions;
        list("Decisions whose line is gone", decisions.lost.clone());
        let pairs = decisions.conflicts.iter();
        list("Decisions that disagree", pairs.map(|pair| format!("{} against {}", pair.later, pair.earlier)).collect());
        let faults = decisions.faults.iter();
        list("Unusable lines of decisions", faults.map(|fault| format!("{}: {}", fault.line, fault.message)).collect());
        list("Overrides in doubt", self.overrides.doubtful.clone());
        let faults = self.overrides.faults.iter();
        let rows = faults.map(|fault| format!("{}, line {}: {}", fault.file, fault.line, fault.message));
        list("Unusable lines of overrides", rows.collect());
        list("Doubtful readings", self.doubtful.iter().map(|(id, n)| format!("{n:>6}  {id}")).collect());
        page
    }
}

impl Report {
    /// Each document once, what came (+), went (-) and holds now (=) below it.
    pub fn lineage_lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for of_one in self.lineage.chunk_by(|a, b| a.doc == b.doc) {
            lines.push(match of_one[0].name == of_one[0].doc {
                true => of_one[0].doc.clone(),
                false => format!("{} ({})", of_one[0].name, of_one[0].doc),
            });
            lines.extend(of_one.iter().map(|change| {
                let sign = match &*change.kind {
                    "edge_gained" => '+',
                    "edge_lost" => '-',
                    _ => '=',
                };
                format!("  {sign} {}", change.what)
            }));
        }
        lines
    }

    /// Lists and totals, from the catalogues of the last generation and of this one.
    pub(crate) fn tell_differences(&mut self, old: &[Entry], new: &[Entry]) {
        let held = |entry: &&Entry| entry.is_held();
        let old_ids: HashMap<&str, &Entry> = old.iter().map(|entry| (entry.id.as_str(), entry)).collect();
        let new_ids: HashSet<&str> = new.iter().filter(held).map(|entry| entry.id.as_str()).collect();
        let mut gone: BTreeMap<[u8; 32], Vec<&str>> = BTreeMap::new();
        for entry in old.iter().filter(held).filter(|entry| !new_ids.contains(entry.id.as_str())) {
            gone.entry(entry.hash.unwrap_or_default()).or_default().push(&entry.id);
        }
        for entry in new {
            let before = old_ids.get(entry.id.as_str()).copied();
            match &entry.state {
                State::Held { summary, document, .. } => {
                    let totals = &mut self.documents;
                    totals.documents += 1;
                    let damaged = summary.n_changed * 50 >= summary.n_syllables.max(1);
                    totals.damaged += u64::from(damaged);
                    totals.clean += u64::from(!damaged);
                    totals.syllables += u64::from(summary.n_syllables);
                    totals.syllables_changed += u64::from(summary.n_changed);
                    totals.doubtful += u64::from(summary.n_doubtful);
                    totals.citations += u64::from(summary.n_citations);
                    let fresh = match before.map(|before| (&before.state, before.hash)) {
                        Some((State::Held { document: slot, .. }, hash)) => {
                            let changed = hash != entry.hash || slot != document;
                            if changed {
                                self.changed.push(entry.id.clone());
                            }
                            changed
                        }
                        _ => match gone.get_mut(&entry.hash.unwrap_or_default()).and_then(Vec::pop) {
                            Some(name) => {
                                self.renamed.push((name.to_owned(), entry.id.clone()));
                                false
                            }
                            None => {
                                self.added.push(entry.id.clone());
                                true
                            }
                        },
                    };
                    if fresh && summary.n_doubtful > 0 {
                        self.doubtful.push((entry.id.clone(), u64::from(summary.n_doubtful)));
                    }
                }
                State::SetAside { reason, .. } => {
                    let known = before.is_some_and(
                        |before| matches!(&before.state, State::SetAside { reason: known, .. } if known == reason),
                    );
                    self.set_aside.extend(set_aside_of(entry).map(|one| SetAside { new: !known, ..one }));
                }
                State::Ignored => {}
            }
        }
        self.rescan = rescans(new);
        self.removed = gone.into_values().flatten().map(str::to_owned).collect();
        self.removed.sort();
        self.files.set_aside = self.set_aside.len() as u64;
        self.doubtful.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        self.doubtful.truncate(20);
    }
}

/// Damaged documents whose pages are held as pictures.
fn rescans(entries: &[Entry]) -> Vec<(String, String)> {
    let parts = |id: &str| id.rsplit_once('.').map(|(stem, extension)| (stem.to_owned(), extension.to_lowercase()));
    let mut pictures: HashMap<String, &str> = HashMap::new();
    for entry in entries.iter().filter(|entry| entry.state != State::Ignored) {
        if let Some((stem, extension)) = parts(entry.file())
            && PICTURES.contains(&extension.as_str())
        {
            pictures.insert(stem, entry.file());
        }
    }
    let how = |entry: &Entry| {
        let State::Held { summary, .. } = entry.state else { return None };
        if summary.rescan {
            return Some("apt install tesseract-ocr tesseract-ocr-vie, then `vanban reindex --full`".to_owned());
        }
        let (stem, extension) = parts(entry.file())?;
        let badly = summary.n_changed * 10 >= summary.n_syllables.max(1);
        let picture = pictures.get(&stem).filter(|_| badly && !PICTURES.contains(&extension.as_str()))?;
        Some(format!(
            "its pages are held as {picture}, which is read by itself; where that reads better, take this text out of the archive"
        ))
    };
    entries.iter().filter_map(|entry| Some((entry.id.clone(), how(entry)?))).collect()
}

/// Files that hold pictures of pages, by extension.
const PICTURES: [&str; 8] = ["pdf", "tif", "tiff", "png", "jpg", "jpeg", "webp", "bmp"];

/// `1234567` as `1,234,567`.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_grouped_in_threes() {
        assert_eq!([0, 999, 1000, 1234567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
