//! How this very page was misread: chunks of its certain syllables, counted, for its doubtful ones.
//!
//! Every scanner has its own way with a letter: where `cấp` came as `cip` and `đất` as `dit`, `liy` is
//! `lấy`. Only syllables the first pass was sure of are counted, and the general channel keeps
//! [`PRIOR`] sightings of every chunk for itself, so that a short page changes little.

use super::chunk::Chunk;
use rustc_hash::FxHashMap;
use std::ops::Range;

/// Sightings of a written chunk for which the general channel stands.
const PRIOR: f64 = 8.0;
/// A reading gets cheaper by at most this, dearer by at most [`DEARER`], in millibans.
const CHEAPER: i32 = 2_500;
const DEARER: i32 = 600;

/// A chunk as this thread numbers it.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// The number of what was written.
    written: u32,
    /// Trained cost, and the probability it stands for.
    cost: i32,
    general: f64,
}

/// The chunks of each candidate that was ever asked for, by column and candidate; chunks by number.
#[derive(Debug, Default)]
pub(crate) struct Segments {
    known: FxHashMap<(u32, u32), Range<u32>>,
    pieces: Vec<u32>,
    numbers: FxHashMap<Chunk, u32>,
    written: FxHashMap<[char; 2], u32>,
    chunks: Vec<Known>,
}

impl Segments {
    /// The chunks known under `key`, or else those that `segment` finds, each with its trained cost.
    pub(crate) fn of(&mut self, key: (u32, u32), segment: impl FnOnce() -> Vec<(Chunk, i32)>) -> &[u32] {
        let Segments { known, pieces, numbers, written, chunks } = self;
        let range = known.entry(key).or_insert_with(|| {
            let start = pieces.len() as u32;
            pieces.extend(segment().into_iter().map(|(chunk, cost)| {
                *numbers.entry(chunk).or_insert_with(|| {
                    let next = written.len() as u32;
                    let written = *written.entry(chunk.0).or_insert(next);
                    chunks.push(Known { written, cost, general: 10f64.powf(-f64::from(cost) / 1000.0) });
                    chunks.len() as u32 - 1
                })
            }));
            start..pieces.len() as u32
        });
        &pieces[range.start as usize..range.end as usize]
    }

    /// The chunks known under `key`; none where it was never asked for.
    pub(crate) fn known(&self, key: (u32, u32)) -> &[u32] {
        let range = self.known.get(&key).cloned().unwrap_or_default();
        &self.pieces[range.start as usize..range.end as usize]
    }
}

/// Chunk counts of one document, by the numbers of [`Segments`].
#[derive(Debug, Default)]
pub(crate) struct Habits {
    read: Vec<u32>,
    written: Vec<u32>,
    /// By how much each chunk got dearer, once that was asked.
    changes: Vec<Option<i32>>,
}

impl Habits {
    /// Forgets the document before.
    pub(crate) fn begin(&mut self, segments: &Segments) {
        for counts in [&mut self.read, &mut self.written] {
            counts.clear();
            counts.resize(segments.chunks.len(), 0);
        }
        self.changes.clear();
        self.changes.resize(segments.chunks.len(), None);
    }

    /// Counts a certain syllable that occurs `n` times.
    pub(crate) fn add(&mut self, segments: &Segments, chunks: &[u32], n: u32) {
        for chunk in chunks {
            self.read[*chunk as usize] += n;
            self.written[segments.chunks[*chunk as usize].written as usize] += n;
        }
    }

    /// By how much this document makes a reading dearer or, below zero, cheaper.
    pub(crate) fn change(&mut self, segments: &Segments, chunks: &[u32]) -> i32 {
        let Habits { read, written, changes } = self;
        let one = |chunk: &u32| {
            *changes[*chunk as usize].get_or_insert_with(|| {
                let known = segments.chunks[*chunk as usize];
                let total = f64::from(written[known.written as usize]);
                if total == 0.0 {
                    return 0;
                }
                let here = (f64::from(read[*chunk as usize]) + PRIOR * known.general) / (total + PRIOR);
                (-1000.0 * here.log10()).round() as i32 - known.cost
            })
        };
        chunks.iter().map(one).sum::<i32>().clamp(-CHEAPER, DEARER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_habit_makes_its_chunk_cheaper_and_its_rivals_dearer() {
        let usual = ((['ấ', '\0'], ['a', '\0', '\0']), 300);
        let odd = ((['ấ', '\0'], ['i', '\0', '\0']), 2_000);
        let mut segments = Segments::default();
        let usual = segments.of((0, 0), || vec![usual]).to_vec();
        let odd = segments.of((0, 1), || vec![odd]).to_vec();
        let mut habits = Habits::default();
        habits.begin(&segments);
        assert_eq!(habits.change(&segments, &odd), 0);
        habits.begin(&segments);
        habits.add(&segments, &odd, 8);
        // (8 + 8 · 0.01) / 16 = 0.505, and 8 · 0.501 / 16 = 0.2506.
        assert_eq!(habits.change(&segments, &odd), 297 - 2_000);
        assert_eq!(habits.change(&segments, &usual), 601 - 300);
        habits.begin(&segments);
        assert_eq!(habits.change(&segments, &odd), 0);
    }
}
