//! The channel: what a damaged syllable may have been, and at what cost.
//!
//! Three memories are interpolated, each smoothing the one before it: the whole syllable
//! (`Nghị` read `Nghi`), onset and rime apart (`Ngh`+`ị`), and chunks of one or two written
//! letters read as none to three. All lookups are by what was *read*, so that candidates of
//! a token cost a few hash probes. Knows nothing of language or of neighbouring words.

use super::syllable::{NO_ONSET, ONSETS, Shape};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// Costs above this are as good as impossible.
pub(crate) const FAR: i32 = 20_000;

/// One syllable by the channel's own numbering: onset in the high half, rime in the low.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct SyllableId(pub(crate) u32);

impl SyllableId {
    pub(crate) fn new(onset: u8, rime: u16) -> SyllableId {
        SyllableId(u32::from(onset) << 16 | u32::from(rime))
    }

    pub(crate) fn onset(self) -> u8 {
        (self.0 >> 16) as u8
    }

    pub(crate) fn rime(self) -> u16 {
        self.0 as u16
    }
}

/// A reading of a token's letters: the syllable and the channel cost in each of the three shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) syllable: SyllableId,
    /// Millibans by [`Shape`]; [`FAR`] where that shape does not explain what was read.
    pub(crate) costs: [i32; 3],
}

impl Reading {
    pub(crate) fn best(&self) -> i32 {
        self.costs[0].min(self.costs[1]).min(self.costs[2])
    }
}

/// A part (onset or rime) in one shape with the cost of having been read as the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartRead {
    /// `index * 3 + shape`.
    pub(crate) unit: u16,
    pub(crate) cost: u16,
}

/// A whole syllable remembered with the cost of having been read as the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WholeRead {
    pub(crate) syllable: SyllableId,
    pub(crate) shape: u8,
    pub(crate) cost: u16,
}

/// The learned tables as they are stored.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Tables {
    /// Rimes, lower case, old tone placement; the index is the rime number.
    pub(crate) rimes: Vec<String>,
    pub(crate) onset_reads: Vec<(String, Vec<PartRead>)>,
    pub(crate) rime_reads: Vec<(String, Vec<PartRead>)>,
    pub(crate) whole_reads: Vec<(String, Vec<WholeRead>)>,
    /// What a reading not in `whole_reads` costs on top, by syllable and shape.
    pub(crate) novelty: Vec<(SyllableId, u8, u16)>,
    /// Letters and strings of the chunk memory.
    pub(crate) chunks: Vec<(String, String, u16)>,
}

impl Tables {
    /// The section of a model file: compressed, since it is unpacked into maps anyway.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let plain = postcard::to_allocvec(self).expect("tables of plain data");
        zstd::encode_all(&plain[..], 19).expect("compression into memory")
    }

    /// `None` when the bytes are not such a section.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Tables> {
        postcard::from_bytes(&zstd::decode_all(bytes).ok()?).ok()
    }
}

/// The learned channel, ready for use.
#[derive(Debug, Default)]
pub(crate) struct Channel {
    rimes: Vec<String>,
    rime_index: FxHashMap<Box<str>, u16>,
    onset_reads: FxHashMap<Box<str>, Box<[PartRead]>>,
    rime_reads: FxHashMap<Box<str>, Box<[PartRead]>>,
    whole_reads: FxHashMap<Box<str>, Box<[WholeRead]>>,
    novelty: FxHashMap<(SyllableId, u8), u16>,
    chunks: FxHashMap<Box<str>, Vec<(Box<str>, u16)>>,
}

impl Channel {
    pub(crate) fn new(tables: Tables) -> Channel {
        let rime_index =
            tables.rimes.iter().enumerate().map(|(idx, rime)| (rime.as_str().into(), idx as u16)).collect();
        let mut chunks: FxHashMap<Box<str>, Vec<(Box<str>, u16)>> = FxHashMap::default();
        for (written, read, cost) in tables.chunks {
            chunks.entry(written.into()).or_default().push((read.into(), cost));
        }
        Channel {
            rime_index,
            rimes: tables.rimes,
            onset_reads: tables.onset_reads.into_iter().map(|(key, list)| (key.into(), list.into())).collect(),
            rime_reads: tables.rime_reads.into_iter().map(|(key, list)| (key.into(), list.into())).collect(),
            whole_reads: tables.whole_reads.into_iter().map(|(key, list)| (key.into(), list.into())).collect(),
            novelty: tables.novelty.into_iter().map(|(syllable, shape, cost)| ((syllable, shape), cost)).collect(),
            chunks,
        }
    }

    /// The section of a model file; `None` when the bytes are not one.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Channel> {
        Tables::from_bytes(bytes).map(Channel::new)
    }

    /// The number of a lower-case syllable of old tone placement; `None` where its rime was never heard of.
    pub(crate) fn syllable(&self, word: &str) -> Option<SyllableId> {
        let (onset, rime) = super::syllable::split(word)?;
        Some(SyllableId::new(onset, *self.rime_index.get(rime)?))
    }

    /// The spelling of a syllable, lower case.
    pub(crate) fn spell(&self, syllable: SyllableId) -> String {
        format!("{}{}", ONSETS[syllable.onset() as usize], self.rimes[syllable.rime() as usize])
    }

    /// Number of rimes; with [`ONSETS`] it bounds every [`SyllableId`].
    pub(crate) fn n_rimes(&self) -> usize {
        self.rimes.len()
    }

    /// All readings of `read` that `accept` takes as syllables of the language, cheapest first;
    /// ties by syllable number. Empty where nothing comes near.
    pub(crate) fn readings(&self, read: &str, accept: impl Fn(SyllableId) -> bool, out: &mut Vec<Reading>) {
        out.clear();
        let mut found: FxHashMap<SyllableId, [i32; 3]> = FxHashMap::default();
        let mut add = |syllable: SyllableId, shape: usize, cost: i32| {
            let costs = found.entry(syllable).or_insert([FAR; 3]);
            costs[shape] = costs[shape].min(cost);
        };
        for at in read.char_indices().map(|(at, _)| at) {
            let (head, tail) = read.split_at(at);
            let Some(rimes) = self.rime_reads.get(tail) else { continue };
            if at == 0 {
                for rime in rimes.iter() {
                    let syllable = SyllableId::new(NO_ONSET, rime.unit / 3);
                    if accept(syllable) {
                        let shape = usize::from(rime.unit % 3);
                        add(syllable, shape, i32::from(rime.cost) + self.novelty(syllable, shape as u8));
                    }
                }
                continue;
            }
            let Some(onsets) = self.onset_reads.get(head) else { continue };
            for onset in onsets.iter() {
                let shape = onset.unit % 3;
                for rime in rimes.iter() {
                    // In title case the capital is in the onset and the rime is small.
                    let fits = match shape {
                        0 | 1 => rime.unit % 3 == 0,
                        _ => rime.unit % 3 == 2,
                    };
                    let syllable = SyllableId::new((onset.unit / 3) as u8, rime.unit / 3);
                    if fits && accept(syllable) {
                        let cost = i32::from(onset.cost) + i32::from(rime.cost) + self.novelty(syllable, shape as u8);
                        add(syllable, usize::from(shape), cost);
                    }
                }
            }
        }
        if let Some(wholes) = self.whole_reads.get(read) {
            for whole in wholes.iter() {
                add(whole.syllable, usize::from(whole.shape), i32::from(whole.cost));
            }
        }
        out.extend(found.into_iter().map(|(syllable, costs)| Reading { syllable, costs }));
        out.sort_unstable_by_key(|reading| (reading.best(), reading.syllable));
    }

    fn novelty(&self, syllable: SyllableId, shape: u8) -> i32 {
        self.novelty.get(&(syllable, shape)).map_or(0, |cost| i32::from(*cost))
    }

    /// Cost of `written` having been read as `read`, by chunks alone; [`FAR`] or more where
    /// they have nothing in common. For words that are no syllables: abbreviations, foreign words.
    pub(crate) fn chunk_cost(&self, written: &str, read: &str) -> i32 {
        let written: Vec<char> = written.chars().collect();
        let read: Vec<char> = read.chars().collect();
        let width = read.len() + 1;
        let mut best = vec![FAR; (written.len() + 1) * width];
        best[0] = 0;
        let mut key = String::new();
        for i in 0..written.len() {
            for len in 1..=2.min(written.len() - i) {
                key.clear();
                key.extend(&written[i..i + len]);
                let Some(options) = self.chunks.get(key.as_str()) else { continue };
                for (chunk, cost) in options {
                    let n = chunk.chars().count();
                    for j in 0..=read.len().saturating_sub(n) {
                        let here = best[i * width + j];
                        if here < FAR && read.len() - j >= n && chunk.chars().eq(read[j..j + n].iter().copied()) {
                            let there = &mut best[(i + len) * width + j + n];
                            *there = (*there).min(here + i32::from(*cost));
                        }
                    }
                }
            }
        }
        best[written.len() * width + read.len()]
    }
}

/// The shape of a syllable's rime when the syllable has `shape`.
pub(crate) fn rime_shape(onset: u8, shape: Shape) -> Shape {
    match shape {
        Shape::Title if onset != NO_ONSET => Shape::Lower,
        _ => shape,
    }
}
