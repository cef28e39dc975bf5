//! Which words follow which: what the language model holds of two words, as fast as memory allows.
//!
//! Asked more often than anything else of the model, dozens of times for every token read. Each word
//! has a small hash table of the words after it, and what a token may be (`của`, `cửa`, `cứa`) lies
//! together there: words that look alike share a line of the cache. Unpacked when a model is read.

use super::ngram::WordId;
use crate::text::fold_char;
use rustc_hash::FxHasher;
use serde::{Deserialize, Serialize};
use std::hash::Hasher;

/// Marks, in a cell, a pair that the model holds.
pub(crate) const HELD: u16 = 1 << 15;

/// The pairs as a model file lists them, by first word and then by second.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Listed {
    /// Followers of each word.
    counts: Vec<u16>,
    /// Each follower less the one before it.
    steps: Vec<u16>,
    /// Low and high bytes of the values.
    low: Vec<u8>,
    high: Vec<u8>,
}

/// Words that a line of the cache takes.
const LINE: usize = 16;

/// Words after one word: 0 where there is none, from the first place on.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
struct Line {
    words: [u16; LINE],
    /// [`HELD`] and the value of each.
    values: [u16; LINE],
}

/// The lines of one word.
#[derive(Clone, Copy, Debug, Default)]
struct Region {
    first: u32,
    n_lines: u32,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Followers {
    regions: Box<[Region]>,
    /// The first is empty, for words that nothing follows.
    lines: Box<[Line]>,
    /// How far into a table each word is looked for, as a share of 2^16.
    slots: Box<[u16]>,
}

/// The section of a model file for pairs (first word, second word, value below [`HELD`]) in order, of
/// a vocabulary of `n_words`.
pub(crate) fn to_bytes(n_words: usize, pairs: &[(WordId, WordId, u16)]) -> Vec<u8> {
    let mut listed = Listed { counts: vec![0; n_words], ..Listed::default() };
    let mut last = (WordId(0), WordId(0));
    for &(before, word, value) in pairs {
        listed.counts[usize::from(before.0)] += 1;
        listed.steps.push(word.0 - if before == last.0 { last.1.0 } else { 0 });
        listed.low.push(value as u8);
        listed.high.push((value >> 8) as u8);
        last = (before, word);
    }
    let plain = postcard::to_allocvec(&listed).expect("lists of plain data");
    zstd::encode_all(&plain[..], 19).expect("compression into memory")
}

/// How far into a table a word so spelled is looked for: as far as all that look like it.
fn slot(word: &str) -> u16 {
    let mut hasher = FxHasher::default();
    for c in word.chars() {
        hasher.write_u32(u32::from(fold_char(c)));
    }
    (hasher.finish() >> 32) as u16
}

impl Followers {
    /// Unpacks such a section, for words so spelled; `None` when the bytes are not one. No bytes are no pairs.
    pub(crate) fn from_bytes<'w>(bytes: &[u8], words: impl Iterator<Item = &'w str>) -> Option<Followers> {
        let listed: Listed = match bytes {
            [] => Listed::default(),
            bytes => postcard::from_bytes(&zstd::decode_all(bytes).ok()?).ok()?,
        };
        let n_pairs: usize = listed.counts.iter().map(|count| usize::from(*count)).sum();
        let slots: Box<[u16]> = words.map(slot).collect();
        if [listed.steps.len(), listed.low.len(), listed.high.len()] != [n_pairs; 3] {
            return None;
        }
        let mut first = 0;
        let region = |count: &u16| {
            // At most every second place is taken, so that few lines are full.
            let n_lines = (u32::from(*count) * 2).div_ceil(LINE as u32);
            first += n_lines;
            Region { first: first - n_lines + 1, n_lines }
        };
        let regions: Box<[Region]> = listed.counts.iter().map(region).collect();
        let lines = vec![Line::default(); first as usize + 1].into_boxed_slice();
        let mut followers = Followers { regions, lines, slots };
        let mut rest = 0;
        for (region, count) in followers.regions.iter().zip(&listed.counts) {
            let mut word = 0u16;
            for at in rest..rest + usize::from(*count) {
                word = word.checked_add(listed.steps[at])?;
                let mut line = region.line(*followers.slots.get(usize::from(word))?);
                let free = loop {
                    match followers.lines[line].words.iter().position(|word| *word == 0) {
                        Some(free) => break free,
                        None => line = region.after(line),
                    }
                };
                followers.lines[line].words[free] = word;
                followers.lines[line].values[free] = HELD | u16::from_le_bytes([listed.low[at], listed.high[at]]);
            }
            rest += usize::from(*count);
        }
        Some(followers)
    }

    /// The value of a pair with [`HELD`], or 0 where it is not held.
    #[inline]
    pub(crate) fn of(&self, before: WordId, word: WordId) -> u16 {
        self.settle(before, word, self.glance(before, word))
    }

    /// What the first line that may hold a pair says of it, for [`Followers::settle`]: without a branch
    /// on what is there, so that many look-ups wait for memory together.
    #[inline]
    pub(crate) fn glance(&self, before: WordId, word: WordId) -> Glance {
        match (self.regions.get(usize::from(before.0)), self.slots.get(usize::from(word.0))) {
            (Some(region), Some(slot)) => self.lines[region.line(*slot)].of(word),
            _ => Glance(0),
        }
    }

    /// As [`Followers::of`], after [`Followers::glance`].
    #[inline]
    pub(crate) fn settle(&self, before: WordId, word: WordId, seen: Glance) -> u16 {
        if seen.0 == Glance::FULL { self.beyond(before, word) } else { seen.0 }
    }

    /// As [`Followers::of`], where the first line is full of others.
    #[cold]
    fn beyond(&self, before: WordId, word: WordId) -> u16 {
        let region = self.regions[usize::from(before.0)];
        let mut line = region.line(self.slots[usize::from(word.0)]);
        loop {
            line = region.after(line);
            match self.lines[line].of(word) {
                Glance(Glance::FULL) => {}
                Glance(value) => return value,
            }
        }
    }
}

/// What one line says of a word: its value with [`HELD`], 0 where it is not held, or that the next line has to be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Glance(u16);

impl Glance {
    /// No value, since those have [`HELD`].
    const FULL: u16 = 1;
}

impl Line {
    #[inline]
    fn of(&self, word: WordId) -> Glance {
        // Spelled so that all sixteen are compared at once.
        let own = |at: usize| self.values[at] & u16::from(self.words[at] == word.0).wrapping_neg();
        let both: [u16; LINE / 2] = std::array::from_fn(|at| own(at) | own(at + LINE / 2));
        let value = both.into_iter().fold(0, |value, own| value | own);
        let full = u16::from(value == 0 && self.words[LINE - 1] != 0) * Glance::FULL;
        Glance(value | full)
    }
}

impl Region {
    /// The line in which a word is looked for first.
    #[inline]
    fn line(self, slot: u16) -> usize {
        (self.first + ((u32::from(slot) * self.n_lines) >> 16)) as usize * usize::from(self.n_lines > 0)
    }

    /// The line after a full one.
    fn after(self, line: usize) -> usize {
        let next = line as u32 + 1 - self.first;
        (self.first + next % self.n_lines) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_found_with_its_value_and_no_other() {
        let words = |n: u16| (1..n).map(WordId);
        let spelled: Vec<String> = (0..300).map(|n| n.to_string()).collect();
        let names = || spelled.iter().map(String::as_str);
        let all = |(before, word): &(WordId, WordId)| (before.0 * 7 + word.0 * 3) % 5 < 2;
        let pairs: Vec<_> = words(90).flat_map(|before| words(300).map(move |word| (before, word))).collect();
        let held: Vec<_> =
            pairs.iter().filter(|pair| all(pair)).map(|(before, word)| (*before, *word, word.0 % 4_000)).collect();
        let followers = Followers::from_bytes(&to_bytes(300, &held), names()).unwrap();
        for pair in pairs {
            let expected = if all(&pair) { HELD | (pair.1.0 % 4_000) } else { 0 };
            assert_eq!(followers.of(pair.0, pair.1), expected, "{pair:?}");
        }
        assert_eq!(followers.of(WordId(299), WordId(5)), 0);
        assert_eq!(Followers::from_bytes(&[], names()).unwrap().of(WordId(1), WordId(1)), 0);
        assert!(Followers::from_bytes(b"not a section", names()).is_none());
    }
}
