//! Which words follow which: what the language model holds of two words, as fast as memory allows.
//!
//! Asked more often than anything else of the model, a dozen times for every token read. Each word
//! has a small hash table of the words after it, so that a look-up touches one cache line, and all
//! look-ups after one word touch the same few. Unpacked when a model is read.

use super::ngram::WordId;
use serde::{Deserialize, Serialize};

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

/// Where the table of one word lies: first cell, and its number of cells less one.
#[derive(Clone, Copy, Debug, Default)]
struct Region {
    base: u32,
    mask: u32,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Followers {
    regions: Box<[Region]>,
    /// A word in the low half, [`HELD`] and its value in the high half; 0 where there is none.
    cells: Box<[u32]>,
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

impl Followers {
    /// Unpacks such a section; `None` when the bytes are not one. No bytes are no pairs.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Followers> {
        if bytes.is_empty() {
            return Some(Followers::default());
        }
        let listed: Listed = postcard::from_bytes(&zstd::decode_all(bytes).ok()?).ok()?;
        let n_pairs: usize = listed.counts.iter().map(|count| usize::from(*count)).sum();
        if [listed.steps.len(), listed.low.len(), listed.high.len()] != [n_pairs; 3] {
            return None;
        }
        let mut base = 0;
        let region = |count: &u16| {
            // At most three cells of four are taken, so that a search ends soon.
            let n_cells = (usize::from(*count) * 4 / 3 + 1).next_power_of_two() as u32;
            let region = Region { base, mask: n_cells - 1 };
            base += n_cells;
            region
        };
        let regions: Box<[Region]> = listed.counts.iter().map(region).collect();
        let mut cells = vec![0u32; base as usize].into_boxed_slice();
        let mut rest = 0;
        for (region, count) in regions.iter().zip(&listed.counts) {
            let mut word = 0u16;
            for at in rest..rest + usize::from(*count) {
                word = word.checked_add(listed.steps[at])?;
                let value = HELD | u16::from_le_bytes([listed.low[at], listed.high[at]]);
                let mut place = slot(WordId(word));
                while cells[(region.base + (place & region.mask)) as usize] != 0 {
                    place += 1;
                }
                cells[(region.base + (place & region.mask)) as usize] = u32::from(value) << 16 | u32::from(word);
            }
            rest += usize::from(*count);
        }
        Some(Followers { regions, cells })
    }

    /// The value of a pair with [`HELD`], or 0 where it is not held.
    #[inline]
    pub(crate) fn of(&self, before: WordId, word: WordId) -> u16 {
        self.settle(before, word, self.glance(before, word))
    }

    /// The first cell that may hold a pair, for [`Followers::settle`]: without a branch on what is
    /// there, so that many look-ups wait for memory together.
    #[inline]
    pub(crate) fn glance(&self, before: WordId, word: WordId) -> u32 {
        match self.regions.get(usize::from(before.0)) {
            Some(region) => self.cells[(region.base + (slot(word) & region.mask)) as usize],
            None => 0,
        }
    }

    /// As [`Followers::of`], where the first cell was looked at.
    #[inline]
    pub(crate) fn settle(&self, before: WordId, word: WordId, mut cell: u32) -> u16 {
        let mut place = slot(word);
        while cell as u16 != word.0 && cell != 0 {
            let region = self.regions[usize::from(before.0)];
            place += 1;
            cell = self.cells[(region.base + (place & region.mask)) as usize];
        }
        (cell >> 16) as u16
    }
}

/// Where a word is looked for first, to be cut to a table's size.
#[inline]
fn slot(word: WordId) -> u32 {
    u32::from(word.0).wrapping_mul(0x9e37_79b1) >> 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_found_with_its_value_and_no_other() {
        let words = |n: u16| (1..n).map(WordId);
        let all = |(before, word): &(WordId, WordId)| (before.0 * 7 + word.0 * 3) % 5 < 2;
        let pairs: Vec<_> = words(90).flat_map(|before| words(300).map(move |word| (before, word))).collect();
        let held: Vec<_> =
            pairs.iter().filter(|pair| all(pair)).map(|(before, word)| (*before, *word, word.0 % 4_000)).collect();
        let followers = Followers::from_bytes(&to_bytes(300, &held)).unwrap();
        for pair in pairs {
            let expected = if all(&pair) { HELD | (pair.1.0 % 4_000) } else { 0 };
            assert_eq!(followers.of(pair.0, pair.1), expected, "{pair:?}");
        }
        assert_eq!(followers.of(WordId(299), WordId(5)), 0);
        assert_eq!(Followers::from_bytes(&[]).unwrap().of(WordId(1), WordId(1)), 0);
        assert!(Followers::from_bytes(b"not a section").is_none());
    }
}
