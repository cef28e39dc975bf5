//! What an adaptation learns from: a fair draw of the archive, and all that people decided on.

use super::walk;
use crate::decision::{Decision, Decisions, Placer};
use crate::error::Error;
use crate::restore::{Lesson, Rule, Verdict};
use crate::source::{self, Limits};
use rayon::prelude::*;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Bytes of damaged text learned from. More teaches nothing new and takes minutes.
const SAMPLE: usize = 6 << 20;
/// Bytes of clean text, which teaches terms and names alone.
const CLEAN_SAMPLE: usize = 2 << 20;
/// Files read at a time.
const BATCH: usize = 64;
/// Larger files are passed over: one of them would be most of the sample.
const MOST_FILE: u64 = 4 << 20;

/// The texts below `paths` to learn from, with what `decisions` settles in them, and the verdicts.
///
/// Files that a decision names come first, then all others by the hash of their id, which is a draw
/// that neither names nor folders bias and that is the same every night. Files that cannot be read
/// teach nothing, and are left to `reindex` to report. `store` is the folder left out of the walk.
pub fn lessons(paths: &[PathBuf], store: &Path, decisions: &Decisions) -> Result<(Vec<Lesson>, Vec<Verdict>), Error> {
    let found = walk::walk(paths, store, |_| ())?;
    let limits = Limits { scan_cache: Some(store.join("scans")).filter(|_| store.is_dir()), ..Limits::default() };
    let decided: HashSet<&str> = decisions.holding().map(|decision| file_of(&decision.doc)).collect();
    let mut files: Vec<&walk::Found> = found.files.iter().collect();
    files.retain(|file| !walk::is_no_paper(&file.id) && file.stat.size <= MOST_FILE);
    files
        .sort_by_cached_key(|file| (!decided.contains(file.id.as_str()), *blake3::hash(file.id.as_bytes()).as_bytes()));
    let ids: HashSet<&str> = found.files.iter().map(|file| file.id.as_str()).collect();
    let placer = Placer::new(decisions, |id| ids.contains(file_of(id)));
    let read = |file: &&walk::Found| -> Vec<Lesson> {
        let Ok(bytes) = std::fs::read(found.roots[file.root].join(&file.id)) else { return Vec::new() };
        let hash = format!("blake3:{}", blake3::hash(&bytes).to_hex());
        let parts = source::read(&file.id, &bytes, &limits).unwrap_or_default();
        let decoded =
            parts.into_iter().filter_map(|part| Some((format!("{}{}", file.id, part.suffix), part.content.ok()?)));
        decoded
            .map(|(id, decoded)| {
                let pins = placer.place(&id, &hash, &decoded.text);
                let settled = pins.into_iter().map(|pin| (pin.span, pin.reading)).collect();
                Lesson { text: decoded.text, settled }
            })
            .collect()
    };
    let (mut n_damaged, mut n_clean) = (0, 0);
    let mut lessons = Vec::new();
    for batch in files.chunks(BATCH) {
        if n_damaged >= SAMPLE {
            break;
        }
        let read: Vec<Vec<Lesson>> = batch.par_iter().map(read).collect();
        for lesson in read.into_iter().flatten() {
            let (n, most) = match lesson.looks_damaged() {
                true => (&mut n_damaged, SAMPLE),
                false => (&mut n_clean, CLEAN_SAMPLE),
            };
            if *n < most || !lesson.settled.is_empty() {
                *n += lesson.text.len();
                lessons.push(lesson);
            }
        }
    }
    Ok((lessons, verdicts(decisions)))
}

/// What people decided on readings, as rules are made from it.
fn verdicts(decisions: &Decisions) -> Vec<Verdict> {
    let readings = decisions.holding().filter(|decision| decision.is_reading());
    let verdict = |decision: &Decision| Verdict {
        rule: Rule {
            scan: decision.scan.clone(),
            old: decision.old.clone(),
            new: decision.new.clone(),
            beside: decision.beside.clone(),
            decisions: vec![decision.id.clone()],
        },
        everywhere: decision.everywhere,
    };
    readings.map(verdict).collect()
}

/// The file that holds the document called `id`: a paper in a mail or an archive is `file!/name`.
pub(crate) fn file_of(id: &str) -> &str {
    id.split("!/").next().unwrap_or(id)
}
