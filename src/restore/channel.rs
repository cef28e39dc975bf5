//! The channel: what a damaged syllable may have been, and at what cost.
//!
//! Three memories are interpolated, each smoothing the one before it: the whole syllable
//! (`Nghị` read `Nghi`), onset and rime apart (`Ngh`+`ị`), and chunks of one or two written
//! letters read as none to three. All lookups are by what was *read*, so that candidates of
//! a token cost a few hash probes. Knows nothing of language or of neighbouring words.

use super::syllable::{NO_ONSET, ONSETS, Shape};
use rustc_hash::{FxBuildHasher, FxHashMap};
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
    /// By onset, rime and shape.
    novelty: Vec<u16>,
    chunks: Chunks,
    /// The spelling of each unit (`rime * 3 + shape`) in chunk numbers.
    rime_units: Units,
    onset_units: Units,
}

/// One or two written letters and the none to three letters read for them; no letter is `'\0'`.
pub(crate) type Chunk = ([char; 2], [char; 3]);

/// The chunk memory, by what was read.
#[derive(Debug, Default)]
struct Chunks {
    written: FxHashMap<[char; 2], u16>,
    reads: FxHashMap<[char; 3], Vec<(u16, u16)>>,
    costs: FxHashMap<Chunk, u16>,
}

/// A written part as chunk numbers: of each letter, and of each letter with the next.
#[derive(Debug, Default)]
struct Unit {
    single: Vec<u16>,
    double: Vec<u16>,
}

impl Unit {
    /// Letters from the first on that this part and `other` have in common.
    fn shared(&self, other: &Unit) -> usize {
        let singles = self.single.iter().zip(&other.single).take_while(|(own, other)| own == other).count();
        let doubles = self.double.iter().zip(&other.double).take_while(|(own, other)| own == other).count();
        singles.min(doubles + 1)
    }
}

/// Written parts by number.
#[derive(Debug, Default)]
struct Units {
    units: Vec<Unit>,
    /// Their numbers, like beginnings together, and how many letters each shares with the one before it.
    order: Vec<(u16, u8)>,
}

impl Units {
    fn new(units: Vec<Unit>) -> Units {
        let mut numbers: Vec<u16> = (0..units.len() as u16).collect();
        let unit = |number: u16| &units[usize::from(number)];
        numbers.sort_by(|one, other| unit(*one).single.cmp(&unit(*other).single));
        let before = std::iter::once(None).chain(numbers.iter().map(|number| Some(*number)));
        let shared = |(number, before): (&u16, Option<u16>)| {
            (*number, before.map_or(0, |before| unit(*number).shared(unit(before)) as u8))
        };
        let order = numbers.iter().zip(before).map(shared).collect();
        Units { units, order }
    }
}

/// No chunk.
const NO_CHUNK: u16 = u16::MAX;
/// A letter that no chunk explains: read as any other, or put in by a speck.
const STRANGE: i32 = 4_200;

/// A letter with a mark is read as anything more often than a plain one: real scanners have more ways
/// with marks than rendered pages show (`bộ` read `by`, `lấy` read `liy`).
const STRANGE_MARKED: i32 = 2_800;
const LOST_MARKED: i32 = 3_500;

/// What a written letter costs that was read as none the tables know for it.
fn strange(written: char) -> i32 {
    if written.is_ascii() || matches!(written, 'đ' | 'Đ') { STRANGE } else { STRANGE_MARKED }
}

/// What a letter costs that stands for nothing: a mark read as a letter of its own (`déan`, `xé4c`).
fn put_in(c: char) -> i32 {
    match c {
        'é' | '4' | '6' | 'd' | 'a' | '1' => 2_500,
        'i' | 'u' | 'y' | 'r' | 't' | 'e' | 'o' | 'f' => 3_000,
        _ if !c.is_alphanumeric() => 2_700,
        _ => 3_600,
    }
}

fn chunk(written: &[char], read: &[char]) -> Chunk {
    let mut chunk = (['\0'; 2], ['\0'; 3]);
    chunk.0[..written.len()].copy_from_slice(written);
    chunk.1[..read.len()].copy_from_slice(read);
    chunk
}

impl Chunks {
    fn new(rows: &[(String, String, u16)]) -> Chunks {
        let mut chunks = Chunks::default();
        for (written, read, cost) in rows {
            let mut spelled = ['\0'; 2];
            for (slot, c) in spelled.iter_mut().zip(written.chars()) {
                *slot = c;
            }
            let next = chunks.written.len() as u16;
            let number = *chunks.written.entry(spelled).or_insert(next);
            let mut key = ['\0'; 3];
            for (slot, c) in key.iter_mut().zip(read.chars()) {
                *slot = c;
            }
            chunks.reads.entry(key).or_default().push((number, *cost));
            chunks.costs.insert((spelled, key), *cost);
        }
        chunks
    }

    /// The cheapest way to read `written` as `read`, chunk by chunk; empty where there is none.
    fn segment(&self, written: &[char], read: &[char]) -> Vec<(Chunk, i32)> {
        let width = read.len() + 1;
        let mut best = vec![(FAR, 0usize, 0usize); (written.len() + 1) * width];
        best[0].0 = 0;
        for i in 0..=written.len() {
            for j in 0..=read.len() {
                let here = best[i * width + j].0;
                if here >= FAR {
                    continue;
                }
                for n in 0..=2.min(written.len() - i) {
                    for m in 0..=3.min(read.len() - j) {
                        let Some(cost) = self.cost(&written[i..i + n], &read[j..j + m]) else { continue };
                        let there = &mut best[(i + n) * width + j + m];
                        if here + cost < there.0 {
                            *there = (here + cost, n, m);
                        }
                    }
                }
            }
        }
        let (mut i, mut j) = (written.len(), read.len());
        let mut out = Vec::new();
        while i + j > 0 {
            let (cost, n, m) = best[i * width + j];
            if cost >= FAR {
                return Vec::new();
            }
            (i, j) = (i - n, j - m);
            out.push((chunk(&written[i..i + n], &read[j..j + m]), cost - best[i * width + j].0));
        }
        out
    }

    fn cost(&self, written: &[char], read: &[char]) -> Option<i32> {
        match (written.len(), read.len()) {
            (0, 1) => Some(put_in(read[0])),
            (0, _) => None,
            (n, m) => {
                let known = self.costs.get(&chunk(written, read)).map(|cost| i32::from(*cost));
                let unknown = match m {
                    0 if n == 1 && strange(written[0]) < STRANGE => Some(LOST_MARKED),
                    1 if n == 1 => Some(strange(written[0])),
                    _ => None,
                };
                known.into_iter().chain(unknown).min()
            }
        }
    }

    fn unit(&self, written: &str) -> Unit {
        let chars: Vec<char> = written.chars().collect();
        let number = |a: char, b: char| self.written.get(&[a, b]).copied().unwrap_or(NO_CHUNK);
        Unit {
            single: chars.iter().map(|c| number(*c, '\0')).collect(),
            double: chars.windows(2).map(|pair| number(pair[0], pair[1])).collect(),
        }
    }

    /// The cheapest units that explain `read`, as a part table would list them.
    fn explain(&self, read: &[char], units: &Units, wanted: impl Fn(u16) -> bool) -> Box<[PartRead]> {
        const WORST: i32 = 9_000;
        let n_written = self.written.len();
        let n_read = read.len();
        // costs[(j * 4 + m) * n_written + chunk]: that chunk read as read[j..j + m].
        let mut costs = vec![FAR as u16; (n_read + 1) * 4 * n_written];
        for j in 0..=n_read {
            for m in 0..=3.min(n_read - j) {
                let mut key = ['\0'; 3];
                key[..m].copy_from_slice(&read[j..j + m]);
                for (chunk, cost) in self.reads.get(&key).map_or(&[][..], Vec::as_slice) {
                    costs[(j * 4 + m) * n_written + *chunk as usize] = *cost;
                }
            }
        }
        let cost = |chunk: u16, j: usize, m: usize| match chunk {
            NO_CHUNK => FAR,
            chunk => i32::from(costs[(j * 4 + m) * n_written + usize::from(chunk)]),
        };
        let put_in: Vec<i32> = read.iter().map(|c| put_in(*c)).collect();
        let width = n_read + 1;
        // best[i * width + j]: the first i letters read as the first j; and the least of each row.
        let mut best = [FAR; 12 * 8];
        let mut least = [FAR; 12 * 8];
        let mut found = Vec::new();
        let mut n_rows = 0;
        if width <= best.len() {
            best[0] = 0;
            least[0] = 0;
            for j in 1..width {
                best[j] = (best[j - 1] + put_in[j - 1]).min(FAR);
            }
        }
        for &(number, shared) in &units.order {
            let unit = &units.units[usize::from(number)];
            let n = unit.single.len();
            // Rows of letters that the unit before had too stand already.
            n_rows = n_rows.min(usize::from(shared));
            if !wanted(number) || n == 0 || n.abs_diff(n_read) > 3 || (n + 1) * width > best.len() {
                continue;
            }
            while n_rows < n && least[n_rows].min(least[n_rows.saturating_sub(1)]) < WORST {
                let i = n_rows + 1;
                least[i] = FAR;
                for j in 0..width {
                    let mut cheapest = if j > 0 { best[i * width + j - 1] + put_in[j - 1] } else { FAR };
                    for m in 0..=3.min(j) {
                        let strange = if m == 1 { STRANGE } else { FAR };
                        let single = cost(unit.single[i - 1], j - m, m).min(strange);
                        cheapest = cheapest.min(best[(i - 1) * width + j - m] + single);
                        if i > 1 {
                            let double = cost(unit.double[i - 2], j - m, m);
                            cheapest = cheapest.min(best[(i - 2) * width + j - m] + double);
                        }
                    }
                    best[i * width + j] = cheapest.min(FAR);
                    least[i] = least[i].min(cheapest);
                }
                n_rows = i;
            }
            if n_rows >= n && best[n * width + n_read] < WORST {
                found.push(PartRead { unit: number, cost: best[n * width + n_read] as u16 });
            }
        }
        found.sort_by_key(|part| (part.cost, part.unit));
        found.truncate(40);
        found.into()
    }
}

/// Place of a syllable in a shape in a table by onset, rime and shape.
fn place(syllable: SyllableId, shape: u8, n_rimes: usize) -> usize {
    (usize::from(syllable.onset()) * n_rimes + usize::from(syllable.rime())) * 3 + usize::from(shape)
}

/// Explanations of parts that no pair ever showed, by what was read.
#[derive(Debug, Default)]
pub(crate) struct Unseen {
    /// Of rimes that follow an onset, and of rimes that stand alone and may so be in title case.
    rimes: [FxHashMap<Box<str>, Box<[PartRead]>>; 2],
    onsets: FxHashMap<Box<str>, Box<[PartRead]>>,
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
            onset_reads: tables.onset_reads.into_iter().map(|(key, list)| (key.into(), list.into())).collect(),
            rime_reads: tables.rime_reads.into_iter().map(|(key, list)| (key.into(), list.into())).collect(),
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

    /// All readings of `read` that `accept` takes as syllables of the language, cheapest first;
    /// ties by syllable number. Empty where nothing comes near.
    pub(crate) fn readings(&self, read: &str, accept: impl Fn(SyllableId) -> bool, out: &mut Vec<Reading>) {
        out.clear();
        let mut found: FxHashMap<SyllableId, [i32; 3]> = FxHashMap::with_capacity_and_hasher(400, FxBuildHasher);
        let mut add = |syllable: SyllableId, shape: usize, cost: i32| {
            let costs = found.entry(syllable).or_insert([FAR; 3]);
            costs[shape] = costs[shape].min(cost);
        };
        for at in read.char_indices().map(|(at, _)| at).chain([read.len()]) {
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
    /// letter. Slow, so it is asked only where the tables have no good answer; adds to `out`.
    pub(crate) fn strained_readings(
        &self,
        read: &str,
        accept: impl Fn(SyllableId) -> bool,
        unseen: &mut Unseen,
        out: &mut Vec<Reading>,
    ) {
        let chars: Vec<char> = read.chars().collect();
        if chars.len() > 9 {
            return;
        }
        let mut found: FxHashMap<SyllableId, [i32; 3]> =
            out.iter().map(|known| (known.syllable, known.costs)).collect();
        for cut in 0..=4.min(chars.len() - 1) {
            let (head, tail): (String, String) = (chars[..cut].iter().collect(), chars[cut..].iter().collect());
            if tail.chars().count() > 7 {
                continue;
            }
            let upper = tail.chars().filter(|c| c.is_uppercase()).count() * 2
                > tail.chars().filter(|c| c.is_alphabetic()).count();
            let rimes = unseen.rimes[usize::from(cut == 0)].entry(tail.as_str().into()).or_insert_with(|| {
                self.chunks.explain(&chars[cut..], &self.rime_units, |unit| match unit % 3 {
                    0 => !upper || chars.len() - cut == 1,
                    1 => cut == 0,
                    _ => upper,
                })
            });
            if cut == 0 {
                for rime in rimes.iter() {
                    let syllable = SyllableId::new(NO_ONSET, rime.unit / 3);
                    if accept(syllable) {
                        let shape = usize::from(rime.unit % 3);
                        let cost = i32::from(rime.cost) + self.novelty(syllable, shape as u8);
                        let costs = found.entry(syllable).or_insert([FAR; 3]);
                        costs[shape] = costs[shape].min(cost);
                    }
                }
                continue;
            }
            let known = self.onset_reads.get(head.as_str());
            let onsets = match known {
                Some(onsets) => onsets,
                None => unseen
                    .onsets
                    .entry(head.as_str().into())
                    .or_insert_with(|| self.chunks.explain(&chars[..cut], &self.onset_units, |_| true)),
            };
            for onset in onsets.iter().take(12) {
                let shape = onset.unit % 3;
                for rime in rimes.iter() {
                    let fits = if shape < 2 { rime.unit % 3 == 0 } else { rime.unit % 3 == 2 };
                    let syllable = SyllableId::new((onset.unit / 3) as u8, rime.unit / 3);
                    if fits && accept(syllable) {
                        let cost = i32::from(onset.cost) + i32::from(rime.cost) + self.novelty(syllable, shape as u8);
                        let costs = found.entry(syllable).or_insert([FAR; 3]);
                        costs[usize::from(shape)] = costs[usize::from(shape)].min(cost);
                    }
                }
            }
        }
        out.clear();
        out.extend(found.into_iter().map(|(syllable, costs)| Reading { syllable, costs }));
        out.sort_unstable_by_key(|reading| (reading.best(), reading.syllable));
        out.truncate(60);
    }
}

/// The shape of a syllable's rime when the syllable has `shape`.
pub(crate) fn rime_shape(onset: u8, shape: Shape) -> Shape {
    match shape {
        Shape::Title if onset != NO_ONSET => Shape::Lower,
        _ => shape,
    }
}
