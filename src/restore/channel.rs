//! The channel: what a damaged syllable may have been, and at what cost.
//!
//! Three memories are interpolated, each smoothing the one before it: the whole syllable
//! (`Nghị` read `Nghi`), onset and rime apart (`Ngh`+`ị`), and chunks of one or two written
//! letters read as none to three. All lookups are by what was *read*, so that candidates of
//! a token cost a few hash probes. Knows nothing of language or of neighbouring words.

use super::chunk::{Chunk, ChunkCosts, Chunks, Units, WORST};
use super::syllable::{NO_ONSET, ONSETS, Shape};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// Readings listed of what is explained letter by letter, cheapest first.
const MOST_STRAINED: usize = 300;

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
    /// By onset, rime and shape.
    novelty: Vec<u16>,
    chunks: Chunks,
    /// The spelling of each unit (`rime * 3 + shape`) in chunk numbers.
    rime_units: Units,
    onset_units: Units,
}

/// Place of a syllable in a shape in a table by onset, rime and shape.
fn place(syllable: SyllableId, shape: u8, n_rimes: usize) -> usize {
    (usize::from(syllable.onset()) * n_rimes + usize::from(syllable.rime())) * 3 + usize::from(shape)
}

/// Explanations of parts that no pair ever showed, by what was read.
#[derive(Debug, Default)]
pub(crate) struct Unseen {
    /// Of rimes that follow an onset, and of rimes that stand alone and may so be in title case.
    rimes: [FxHashMap<Box<str>, Explained>; 2],
    onsets: FxHashMap<Box<str>, Box<[PartRead]>>,
    pub(crate) gathered: Gathered,
    costs: ChunkCosts,
}

/// The cost below which all explanations are there, and what they are.
type Explained = (i32, Box<[PartRead]>);

/// The readings of one token under way, one per syllable. Empty between tokens.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    readings: Vec<Reading>,
    /// By syllable: its place among the readings and one, or 0.
    places: Vec<u16>,
}

impl Gathered {
    fn place(&mut self, n_rimes: usize, syllable: SyllableId) -> &mut u16 {
        if self.places.is_empty() {
            self.places.resize(ONSETS.len() * n_rimes, 0);
        }
        &mut self.places[usize::from(syllable.onset()) * n_rimes + usize::from(syllable.rime())]
    }

    fn add(&mut self, n_rimes: usize, syllable: SyllableId, shape: usize, cost: i32) {
        let next = self.readings.len() as u16 + 1;
        let place = self.place(n_rimes, syllable);
        if *place == 0 {
            *place = next;
            self.readings.push(Reading { syllable, costs: [FAR; 3] });
        }
        let place = usize::from(*self.place(n_rimes, syllable)) - 1;
        let costs = &mut self.readings[place].costs;
        costs[shape] = costs[shape].min(cost);
    }

    /// What was gathered, in order, instead of what `out` held.
    fn take(&mut self, n_rimes: usize, out: &mut Vec<Reading>) {
        out.clear();
        out.append(&mut self.readings);
        for reading in &*out {
            *self.place(n_rimes, reading.syllable) = 0;
        }
        out.sort_unstable_by_key(|reading| (reading.best(), reading.syllable));
    }
}

/// Gathers the readings of one token as far as they are in reach of the cheapest.
struct Gathering<'g, P> {
    channel: &'g Channel,
    price: P,
    reach: i32,
    /// What costs this much is out of reach.
    limit: i32,
    gathered: &'g mut Gathered,
}

impl<P: Fn(SyllableId) -> Option<[i32; 3]>> Gathering<'_, P> {
    #[inline]
    fn add(&mut self, syllable: SyllableId, shape: usize, cost: i32) {
        if cost < self.limit
            && let Some(prices) = (self.price)(syllable)
        {
            self.limit = self.limit.min(cost + prices[shape] + self.reach);
            self.gathered.add(self.channel.n_rimes(), syllable, shape, cost);
        }
    }

    /// Rimes, cheapest first, that stand alone.
    fn add_bare(&mut self, rimes: &[PartRead]) {
        for rime in rimes {
            let (syllable, shape) = (SyllableId::new(NO_ONSET, rime.unit / 3), rime.unit % 3);
            let cost = i32::from(rime.cost);
            if cost >= self.limit {
                break;
            }
            self.add(syllable, usize::from(shape), cost + self.channel.novelty(syllable, shape as u8));
        }
    }

    /// Onsets and rimes, cheapest first, in every fitting pair.
    fn add_joined(&mut self, onsets: &[PartRead], rimes: &[PartRead]) {
        let least = rimes.first().map_or(FAR, |rime| i32::from(rime.cost));
        for onset in onsets {
            if i32::from(onset.cost) + least >= self.limit {
                break;
            }
            // In title case the capital is in the onset and the rime is small.
            let shape = onset.unit % 3;
            let rime_shape = if shape < 2 { 0 } else { 2 };
            for rime in rimes {
                let cost = i32::from(onset.cost) + i32::from(rime.cost);
                if cost >= self.limit {
                    break;
                }
                if rime.unit % 3 == rime_shape {
                    let syllable = SyllableId::new((onset.unit / 3) as u8, rime.unit / 3);
                    self.add(syllable, usize::from(shape), cost + self.channel.novelty(syllable, shape as u8));
                }
            }
        }
    }
}

/// Cheapest first, as [`Gathering`] needs them.
fn in_order(mut reads: Vec<PartRead>) -> Box<[PartRead]> {
    if !reads.is_sorted_by_key(|part| part.cost) {
        reads.sort_by_key(|part| part.cost);
    }
    reads.into()
}

impl Channel {
    pub(crate) fn new(tables: Tables) -> Channel {
        let rime_index =
            tables.rimes.iter().enumerate().map(|(idx, rime)| (rime.as_str().into(), idx as u16)).collect();
        let chunks = Chunks::new(&tables.chunks);
        let unit = |(part, shape): (&str, Shape)| {
            let mut spelled = String::new();
            shape.apply(part, &mut spelled);
            chunks.unit(&spelled)
        };
        let shapes = |part| Shape::ALL.map(|shape| (part, shape));
        let rime_units = Units::new(tables.rimes.iter().flat_map(|rime| shapes(rime.as_str())).map(unit).collect());
        let onset_units = Units::new(ONSETS.iter().flat_map(|onset| shapes(*onset)).map(unit).collect());
        let mut novelty = vec![0; ONSETS.len() * tables.rimes.len() * 3];
        for (syllable, shape, cost) in tables.novelty {
            if let Some(slot) = novelty.get_mut(place(syllable, shape, tables.rimes.len())) {
                *slot = cost;
            }
        }
        Channel {
            rime_index,
            rimes: tables.rimes,
            onset_reads: tables.onset_reads.into_iter().map(|(key, list)| (key.into(), in_order(list))).collect(),
            rime_reads: tables.rime_reads.into_iter().map(|(key, list)| (key.into(), in_order(list))).collect(),
            whole_reads: tables.whole_reads.into_iter().map(|(key, list)| (key.into(), list.into())).collect(),
            novelty,
            chunks,
            rime_units,
            onset_units,
        }
    }

    /// The section of a model file; `None` when the bytes are not one.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Channel> {
        Tables::from_bytes(bytes).map(Channel::new)
    }

    /// The number of a lower-case syllable of old tone placement; `None` where its rime was never heard of.
    pub(crate) fn syllable(&self, word: &str) -> Option<SyllableId> {
        // Every rime of the table is spelled as rimes are, which need not be asked again.
        ONSETS.iter().enumerate().find_map(|(onset, spelled)| {
            let rime = self.rime_index.get(word.strip_prefix(spelled)?)?;
            Some(SyllableId::new(onset as u8, *rime))
        })
    }

    /// Writes a syllable in a shape.
    pub(crate) fn write(&self, syllable: SyllableId, shape: Shape, out: &mut String) {
        let onset = syllable.onset();
        shape.apply(ONSETS[usize::from(onset)], out);
        rime_shape(onset, shape).apply(&self.rimes[usize::from(syllable.rime())], out);
    }

    /// Number of rimes; with [`ONSETS`] it bounds every [`SyllableId`].
    pub(crate) fn n_rimes(&self) -> usize {
        self.rimes.len()
    }

    /// Readings of `read`, cheapest first; ties by syllable number. Empty where nothing comes near.
    ///
    /// `price` says what each shape of a syllable costs on top, `None` of what is no syllable of the
    /// language. What is dearer than the cheapest by `reach`, price included, need not be among them.
    pub(crate) fn readings(
        &self,
        read: &str,
        price: impl Fn(SyllableId) -> Option<[i32; 3]>,
        reach: i32,
        gathered: &mut Gathered,
        out: &mut Vec<Reading>,
    ) {
        let mut gathering = Gathering { channel: self, price, reach, limit: FAR + reach, gathered };
        for whole in self.whole_reads.get(read).into_iter().flatten() {
            gathering.add(whole.syllable, usize::from(whole.shape), i32::from(whole.cost));
        }
        for at in read.char_indices().map(|(at, _)| at).chain([read.len()]) {
            let (head, tail) = read.split_at(at);
            let Some(rimes) = self.rime_reads.get(tail) else { continue };
            if at == 0 {
                gathering.add_bare(rimes);
            } else if let Some(onsets) = self.onset_reads.get(head) {
                gathering.add_joined(onsets, rimes);
            }
        }
        gathered.take(self.n_rimes(), out);
    }

    /// What it costs at most to have read `written` as `read`, letter by letter; [`FAR`] where that is no reading of it.
    pub(crate) fn at_most(&self, written: &str, read: &str) -> i32 {
        let chunks = self.segment(written, read);
        if chunks.is_empty() { FAR } else { chunks.iter().map(|(_, cost)| cost).sum() }
    }

    /// The cheapest way to read `written` as `read`, chunk by chunk with each one's cost, last first;
    /// empty where there is none.
    pub(crate) fn segment(&self, written: &str, read: &str) -> Vec<(Chunk, i32)> {
        let (written, read): (Vec<char>, Vec<char>) = (written.chars().collect(), read.chars().collect());
        self.chunks.segment(&written, &read)
    }

    fn novelty(&self, syllable: SyllableId, shape: u8) -> i32 {
        self.novelty.get(place(syllable, shape, self.rimes.len())).map_or(0, |cost| i32::from(*cost))
    }

    /// As [`Channel::readings`], but parts that no pair ever showed are explained letter by
    /// letter. Slow, so it is asked only where the tables have no good answer.
    pub(crate) fn strained_readings(
        &self,
        read: &str,
        price: impl Fn(SyllableId) -> Option<[i32; 3]>,
        reach: i32,
        limit: i32,
        unseen: &mut Unseen,
        out: &mut Vec<Reading>,
    ) {
        out.clear();
        let chars: Vec<char> = read.chars().collect();
        if chars.len() > 9 {
            return;
        }
        let Unseen { rimes: known_rimes, onsets: known_onsets, gathered, costs } = unseen;
        for (cut, (at, _)) in read.char_indices().take(5).enumerate().skip(1) {
            let head = &read[..at];
            if !self.onset_reads.contains_key(head) && !known_onsets.contains_key(head) {
                let explained = self.chunks.explain(&chars[..cut], &self.onset_units, Shape::ALL, WORST, costs);
                known_onsets.insert(head.into(), explained);
            }
        }
        // Where the onset is cheapest first, since that bounds what the others may cost.
        let mut cuts: Vec<(i32, usize, usize, &[PartRead])> = Vec::new();
        for (cut, (at, _)) in read.char_indices().take(5).enumerate().filter(|(cut, _)| chars.len() - cut <= 7) {
            let onsets = self.onset_reads.get(&read[..at]).or_else(|| known_onsets.get(&read[..at]));
            let onsets = onsets.map_or(&[][..], |onsets| &onsets[..onsets.len().min(12)]);
            match onsets.first() {
                _ if cut == 0 => cuts.push((0, cut, at, &[])),
                Some(cheapest) => cuts.push((i32::from(cheapest.cost), cut, at, onsets)),
                None => {}
            }
        }
        cuts.sort_by_key(|(cheapest, cut, ..)| (*cheapest, *cut));
        let mut gathering = Gathering { channel: self, price, reach, limit, gathered };
        for (cheapest, cut, at, onsets) in cuts {
            let worst = WORST.min(gathering.limit) - cheapest;
            if worst <= 0 {
                break;
            }
            let (tail, letters) = (&read[at..], &chars[cut..]);
            let known = &mut known_rimes[usize::from(cut == 0)];
            if known.get(tail).is_none_or(|(far, _)| *far < worst) {
                let upper = letters.iter().filter(|c| c.is_uppercase()).count() * 2
                    > letters.iter().filter(|c| c.is_alphabetic()).count();
                let wanted = |shape: &Shape| match shape {
                    Shape::Lower => !upper || letters.len() == 1,
                    Shape::Title => cut == 0,
                    Shape::Upper => upper,
                };
                let shapes = Shape::ALL.into_iter().filter(wanted);
                let explained = self.chunks.explain(letters, &self.rime_units, shapes, worst, costs);
                known.insert(tail.into(), (worst, explained));
            }
            // What is known may reach farther than was asked for here.
            let (_, rimes) = &known[tail];
            let rimes = &rimes[..rimes.partition_point(|rime| i32::from(rime.cost) < worst)];
            if cut == 0 {
                gathering.add_bare(rimes);
            } else {
                gathering.add_joined(onsets, rimes);
            }
        }
        gathered.take(self.n_rimes(), out);
        out.truncate(MOST_STRAINED);
    }
}

/// The shape of a syllable's rime when the syllable has `shape`.
pub(crate) fn rime_shape(onset: u8, shape: Shape) -> Shape {
    match shape {
        Shape::Title if onset != NO_ONSET => Shape::Lower,
        _ => shape,
    }
}
