//! How this very page was misread: chunks of its certain syllables, counted, for its doubtful ones.
//!
//! Every scanner has its own way with a letter: where `cấp` came as `cip` and `đất` as `dit`, `liy` is
//! `lấy`. Only syllables the first pass was sure of are counted, and the general channel keeps
//! [`PRIOR`] sightings of every chunk for itself, so that a short page changes little.

use super::chunk::Chunk;
use rustc_hash::FxHashMap;

/// Sightings of a written chunk for which the general channel stands.
const PRIOR: f64 = 8.0;
/// A reading gets cheaper by at most this, dearer by at most [`DEARER`], in millibans.
const CHEAPER: i32 = 2_500;
const DEARER: i32 = 600;

/// Chunk counts of one document.
#[derive(Debug, Default)]
pub(crate) struct Habits {
    read: FxHashMap<Chunk, u32>,
    written: FxHashMap<[char; 2], u32>,
}

impl Habits {
    /// Counts a certain syllable that occurs `n` times.
    pub(crate) fn add(&mut self, chunks: &[(Chunk, i32)], n: u32) {
        for (chunk, _) in chunks {
            *self.read.entry(*chunk).or_default() += n;
            *self.written.entry(chunk.0).or_default() += n;
        }
    }

    /// By how much this document makes a reading dearer or, below zero, cheaper.
    pub(crate) fn change(&self, chunks: &[(Chunk, i32)]) -> i32 {
        let one = |(chunk, cost): &(Chunk, i32)| {
            let Some(total) = self.written.get(&chunk.0) else { return 0 };
            let seen = f64::from(self.read.get(chunk).copied().unwrap_or_default());
            let general = 10f64.powf(-f64::from(*cost) / 1000.0);
            let here = (seen + PRIOR * general) / (f64::from(*total) + PRIOR);
            (-1000.0 * here.log10()).round() as i32 - cost
        };
        chunks.iter().map(one).sum::<i32>().clamp(-CHEAPER, DEARER)
    }
}

/// What a candidate's chunks were read as, each with its trained cost.
type Chunks = Box<[(Chunk, i32)]>;

/// The chunks of each candidate that was ever asked for, by column and candidate.
#[derive(Debug, Default)]
pub(crate) struct Segments {
    known: FxHashMap<(u32, u32), Chunks>,
}

impl Segments {
    /// What is known under `key`, or else what `segment` finds out.
    pub(crate) fn of(&mut self, key: (u32, u32), segment: impl FnOnce() -> Vec<(Chunk, i32)>) -> &[(Chunk, i32)] {
        self.known.entry(key).or_insert_with(|| segment().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_habit_makes_its_chunk_cheaper_and_its_rivals_dearer() {
        let usual = ((['ấ', '\0'], ['a', '\0', '\0']), 300);
        let odd = ((['ấ', '\0'], ['i', '\0', '\0']), 2_000);
        let mut habits = Habits::default();
        assert_eq!(habits.change(&[odd]), 0);
        habits.add(&[odd], 8);
        // (8 + 8 · 0.01) / 16 = 0.505, and 8 · 0.501 / 16 = 0.2506.
        assert_eq!(habits.change(&[odd]), 297 - 2_000);
        assert_eq!(habits.change(&[usual]), 601 - 300);
    }
}
