//! Learns the channel from word pairs (written, read) by expectation maximisation.
//!
//! Floating point is used here only, in a fixed order of sums, and ends in integer costs:
//! the same pairs give the same tables on every machine.

mod adapt;

pub(crate) use adapt::{Counts, adapt};

use super::channel::{PartRead, SyllableId, Tables, WholeRead, rime_shape};
use super::syllable::{self, NO_ONSET, ONSETS, Shape};
use crate::text::{fold_char, old_tone_placement};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use unicode_normalization::UnicodeNormalization;

/// Rounds of re-estimation; the tables change by less than a millesimal after the fourth.
const ROUNDS: usize = 4;
/// What a written chunk of one or two letters may have been read as, at most.
const LONGEST_READ: usize = 3;

/// How far a reading no pair showed is trusted even for the commonest syllable: the pairs come
/// from rendered pages, and a real scanner errs in ways they never show.
const OTHER_ENGINE: f64 = 0.15;

type Chunk = ([char; 2], [char; LONGEST_READ]);

/// Collects pairs; [`Trainer::finish`] learns.
#[derive(Debug, Default)]
pub(crate) struct Trainer {
    /// (word as written, letters as read) → times seen.
    counts: BTreeMap<(String, String), u32>,
}

impl Trainer {
    /// Adds one aligned pair as printed: edge punctuation is paired off first.
    pub(crate) fn add_pair(&mut self, written: &str, read: &str) {
        if written.contains(char::is_whitespace) || read.contains(char::is_whitespace) {
            return;
        }
        let written: String = written.nfc().collect();
        if let Some((word, letters)) = cores(&written, read) {
            *self.counts.entry((word.to_owned(), letters.to_owned())).or_default() += 1;
        }
    }

    /// Learns the tables. `lexicon` adds syllables (lower case) that the pairs may lack.
    pub(crate) fn finish<'w>(self, lexicon: impl Iterator<Item = &'w str>) -> Tables {
        let mut pairs = Vec::new();
        let mut rimes: BTreeMap<String, u16> = BTreeMap::new();
        for word in lexicon {
            if let Some((_, rime)) = syllable::split(&old_tone_placement(word)) {
                rimes.insert(rime.to_owned(), 0);
            }
        }
        for ((word, read), count) in &self.counts {
            let (Some(shape), lower) = (Shape::of(word), old_tone_placement(&word.to_lowercase())) else { continue };
            let Some((onset, rime)) = syllable::split(&lower) else { continue };
            rimes.insert(rime.to_owned(), 0);
            pairs.push((onset, rime.to_owned(), shape, read.as_str(), f64::from(*count)));
        }
        for (idx, slot) in rimes.values_mut().enumerate() {
            *slot = idx as u16;
        }
        let pairs: Vec<Pair<'_>> = pairs
            .into_iter()
            .map(|(onset, rime, shape, read, count)| Pair { onset, rime: rimes[&rime], shape, read, count })
            .collect();
        let rimes: Vec<String> = rimes.into_keys().collect();
        let chunks = learn_chunks(&self.counts);
        let parts = learn_parts(&pairs, &rimes, &chunks);
        tables(&pairs, rimes, &chunks, parts)
    }
}

#[derive(Debug)]
struct Pair<'t> {
    onset: u8,
    rime: u16,
    shape: Shape,
    read: &'t str,
    count: f64,
}

/// The written word and the letters read for it, edge punctuation paired off;
/// `None` where a side is empty or the word holds a digit.
pub(crate) fn cores<'t>(written: &'t str, read: &'t str) -> Option<(&'t str, &'t str)> {
    let word = written.trim_matches(|c: char| !c.is_alphanumeric());
    if word.is_empty() || !word.chars().all(char::is_alphabetic) {
        return None;
    }
    let lead = written.find(word).unwrap_or(0);
    let n_lead = written[..lead].chars().count();
    let n_trail = written[lead + word.len()..].chars().count();
    let mut letters = read;
    for _ in 0..n_lead {
        letters = letters.strip_prefix(|c: char| !c.is_alphanumeric()).unwrap_or(letters);
    }
    for _ in 0..n_trail {
        letters = letters.strip_suffix(|c: char| !c.is_alphanumeric()).unwrap_or(letters);
    }
    (!letters.is_empty() && letters.chars().count() <= 16).then_some((word, letters))
}

fn chunk(written: &[char], read: &[char]) -> Chunk {
    let mut key = (['\0'; 2], ['\0'; LONGEST_READ]);
    key.0[..written.len()].copy_from_slice(written);
    key.1[..read.len()].copy_from_slice(read);
    key
}

/// What a chunk is worth before anything was learned: the same letter without marks is likely.
fn first_guess(written: &[char], read: &[char]) -> f64 {
    match (written.len(), read.len()) {
        (1, 1) if fold_char(written[0]) == fold_char(read[0]) => 1.0,
        (1, 1) if fold_char(written[0]).eq_ignore_ascii_case(&fold_char(read[0])) => 0.2,
        (1, 1) => 0.05,
        (1, 0) => 0.01,
        (1, 2) => 0.02,
        (1, _) => 0.004,
        (_, 0) => 0.001,
        (_, 1) => 0.02,
        (_, _) => 0.004,
    }
}

#[derive(Debug, Default)]
struct Chunks {
    probability: FxHashMap<Chunk, f64>,
    learned: bool,
}

impl Chunks {
    /// Every chunk is possible, but an unseen one hardly.
    const UNSEEN: f64 = 1e-6;

    fn of(&self, written: &[char], read: &[char]) -> f64 {
        if !self.learned {
            return first_guess(written, read);
        }
        self.probability.get(&chunk(written, read)).copied().unwrap_or(if written.len() == 1 {
            Self::UNSEEN
        } else {
            0.0
        })
    }

    /// Sums over all segmentations: `[i][j]` is the probability of `written[..i]` read as `read[..j]`.
    fn forward(&self, written: &[char], read: &[char]) -> Vec<Vec<f64>> {
        let mut sum = vec![vec![0.0; read.len() + 1]; written.len() + 1];
        sum[0][0] = 1.0;
        for i in 0..written.len() {
            for j in 0..=read.len() {
                if sum[i][j] == 0.0 {
                    continue;
                }
                for n in 1..=2.min(written.len() - i) {
                    for m in 0..=LONGEST_READ.min(read.len() - j) {
                        sum[i + n][j + m] += sum[i][j] * self.of(&written[i..i + n], &read[j..j + m]);
                    }
                }
            }
        }
        sum
    }

    fn total(&self, written: &[char], read: &[char]) -> f64 {
        self.forward(written, read)[written.len()][read.len()]
    }
}

fn learn_chunks(counts: &BTreeMap<(String, String), u32>) -> Chunks {
    let mut chunks = Chunks::default();
    for _ in 0..ROUNDS {
        let mut expected: FxHashMap<Chunk, f64> = FxHashMap::default();
        for ((word, read), count) in counts {
            let written: Vec<char> = word.chars().collect();
            let read: Vec<char> = read.chars().collect();
            let forward = chunks.forward(&written, &read);
            let total = forward[written.len()][read.len()];
            if total <= 1e-30 || written.len() > 9 {
                continue;
            }
            // Read backwards from the end.
            let mut rest = vec![vec![0.0; read.len() + 1]; written.len() + 1];
            rest[written.len()][read.len()] = 1.0;
            for i in (0..written.len()).rev() {
                for j in (0..=read.len()).rev() {
                    for n in 1..=2.min(written.len() - i) {
                        for m in 0..=LONGEST_READ.min(read.len() - j) {
                            let p = chunks.of(&written[i..i + n], &read[j..j + m]) * rest[i + n][j + m];
                            rest[i][j] += p;
                            let share = forward[i][j] * p / total;
                            if share > 1e-4 {
                                *expected.entry(chunk(&written[i..i + n], &read[j..j + m])).or_default() +=
                                    share * f64::from(*count);
                            }
                        }
                    }
                }
            }
        }
        // Normalised over all chunks that begin with the same letter in the same company, so that
        // one- and two-letter chunks compete.
        let mut sums: FxHashMap<char, f64> = FxHashMap::default();
        let mut ordered: Vec<(Chunk, f64)> = expected.into_iter().collect();
        ordered.sort_by_key(|(chunk, _)| *chunk);
        let mut pair_sums: FxHashMap<[char; 2], f64> = FxHashMap::default();
        for ((written, _), mass) in &ordered {
            *sums.entry(written[0]).or_default() += mass;
            *pair_sums.entry(*written).or_default() += mass;
        }
        chunks.probability = ordered
            .into_iter()
            .filter(|(_, mass)| *mass > 0.05)
            .map(|((written, read), mass)| {
                let p = if written[1] == '\0' {
                    mass / (sums[&written[0]] + 1.0)
                } else {
                    // A pair is rarer than its letters; judge it among pairs, and ask two sightings of it.
                    0.5 * mass / (pair_sums[&written] + 2.0)
                };
                ((written, read), p)
            })
            .collect();
        chunks.learned = true;
    }
    chunks
}

/// Expected counts of parts (`index * 3 + shape`) having been read as a string.
#[derive(Debug, Default)]
struct Parts {
    onsets: BTreeMap<(u16, String), f64>,
    rimes: BTreeMap<(u16, String), f64>,
}

fn spelled(part: &str, shape: Shape) -> Vec<char> {
    let mut out = String::new();
    shape.apply(part, &mut out);
    out.chars().collect()
}

fn units(pair: &Pair<'_>) -> (u16, u16) {
    let onset = u16::from(pair.onset) * 3 + pair.shape as u16;
    (onset, pair.rime * 3 + rime_shape(pair.onset, pair.shape) as u16)
}

fn learn_parts(pairs: &[Pair<'_>], rimes: &[String], chunks: &Chunks) -> Parts {
    let mut parts = Parts::default();
    let mut learned = false;
    for _ in 0..ROUNDS {
        let mut next = Parts::default();
        let onset_sums = sums(&parts.onsets);
        let rime_sums = sums(&parts.rimes);
        for pair in pairs {
            let (onset, rime) = units(pair);
            if pair.onset == NO_ONSET {
                *next.rimes.entry((rime, pair.read.to_owned())).or_default() += pair.count;
                continue;
            }
            let onset_chars = spelled(ONSETS[pair.onset as usize], pair.shape);
            let rime_chars = spelled(&rimes[pair.rime as usize], rime_shape(pair.onset, pair.shape));
            let cuts: Vec<usize> =
                pair.read.char_indices().map(|(at, _)| at).filter(|at| *at > 0).chain([pair.read.len()]).collect();
            let mut weights = Vec::with_capacity(cuts.len());
            for cut in &cuts {
                let (head, tail) = pair.read.split_at(*cut);
                let head_chars: Vec<char> = head.chars().collect();
                let tail_chars: Vec<char> = tail.chars().collect();
                let mut weight = chunks.total(&onset_chars, &head_chars) * chunks.total(&rime_chars, &tail_chars);
                if learned {
                    let seen = |table: &BTreeMap<(u16, String), f64>,
                                sums: &FxHashMap<u16, (f64, f64)>,
                                unit,
                                read: &str,
                                p| {
                        let (n, kinds) = sums.get(&unit).copied().unwrap_or_default();
                        let c = table.get(&(unit, read.to_owned())).copied().unwrap_or_default();
                        (c + (kinds + 1.0) * p) / (n + kinds + 1.0)
                    };
                    weight = seen(&parts.onsets, &onset_sums, onset, head, chunks.total(&onset_chars, &head_chars))
                        * seen(&parts.rimes, &rime_sums, rime, tail, chunks.total(&rime_chars, &tail_chars));
                }
                weights.push(weight);
            }
            let total: f64 = weights.iter().sum();
            if total <= 1e-30 {
                continue;
            }
            for (cut, weight) in cuts.iter().zip(weights) {
                let share = weight / total;
                if share > 1e-3 {
                    let (head, tail) = pair.read.split_at(*cut);
                    *next.onsets.entry((onset, head.to_owned())).or_default() += share * pair.count;
                    *next.rimes.entry((rime, tail.to_owned())).or_default() += share * pair.count;
                }
            }
        }
        parts = next;
        learned = true;
    }
    parts
}

/// Per unit: mass and number of different readings.
fn sums(table: &BTreeMap<(u16, String), f64>) -> FxHashMap<u16, (f64, f64)> {
    let mut out: FxHashMap<u16, (f64, f64)> = FxHashMap::default();
    for ((unit, _), mass) in table {
        let entry = out.entry(*unit).or_default();
        entry.0 += mass;
        entry.1 += (*mass).min(1.0);
    }
    out
}

fn millibans(p: f64) -> u16 {
    (-1000.0 * p.max(1e-20).log10()).round().clamp(0.0, 20_000.0) as u16
}

/// Smooths part counts with chunks and turns the table round: by what was read.
fn part_table(
    table: &BTreeMap<(u16, String), f64>,
    spellings: &[Vec<char>],
    chunks: &Chunks,
) -> BTreeMap<String, Vec<PartRead>> {
    let sums = sums(table);
    let mut reads: BTreeMap<&str, f64> = BTreeMap::new();
    for ((_, read), mass) in table {
        *reads.entry(read).or_default() += mass;
    }
    // Every part may come through without its marks, whether or not a pair showed it.
    let bare: Vec<String> = spellings.iter().map(|chars| chars.iter().map(|c| fold_char(*c)).collect()).collect();
    for read in &bare {
        *reads.entry(read).or_default() += 1.0;
    }
    let mut out = BTreeMap::new();
    for (read, mass) in reads {
        if mass < 0.3 {
            continue;
        }
        let chars: Vec<char> = read.chars().collect();
        let mut found = Vec::new();
        for (unit, spelling) in spellings.iter().enumerate() {
            if spelling.len().abs_diff(chars.len()) > 3 {
                continue;
            }
            let unit = unit as u16;
            let seen = table.get(&(unit, read.to_owned())).copied().unwrap_or_default();
            let smooth = chunks.total(spelling, &chars);
            let (n, kinds) = sums.get(&unit).copied().unwrap_or_default();
            let p = (seen + (kinds + 1.0) * smooth) / (n + kinds + 1.0);
            let p = (1.0 - OTHER_ENGINE) * p + OTHER_ENGINE * smooth;
            if p > 1e-7 {
                found.push((p, unit));
            }
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let best = found.first().map_or(0.0, |entry| entry.0);
        found.retain(|entry| entry.0 > best * 2e-5);
        found.truncate(60);
        let list = found.into_iter().map(|(p, unit)| PartRead { unit, cost: millibans(p) }).collect();
        out.insert(read.to_owned(), list);
    }
    out
}

fn tables(pairs: &[Pair<'_>], rimes: Vec<String>, chunks: &Chunks, parts: Parts) -> Tables {
    let spell_all = |part: &String| Shape::ALL.map(|shape| spelled(part, shape));
    let onset_spellings: Vec<Vec<char>> = ONSETS.iter().flat_map(|onset| spell_all(&onset.to_string())).collect();
    let rime_spellings: Vec<Vec<char>> = rimes.iter().flat_map(spell_all).collect();
    let mut onset_reads = part_table(&parts.onsets, &onset_spellings, chunks);
    for list in onset_reads.values_mut() {
        list.retain(|part| part.unit / 3 != u16::from(NO_ONSET));
    }
    let rime_reads = part_table(&parts.rimes, &rime_spellings, chunks);

    let cost_of = |table: &BTreeMap<String, Vec<PartRead>>, unit: u16, read: &str| {
        table.get(read)?.iter().find(|part| part.unit == unit).map(|part| i32::from(part.cost))
    };
    let factored = |pair: &Pair<'_>| -> f64 {
        let (onset, rime) = units(pair);
        let mut best = 20_000;
        if pair.onset == NO_ONSET {
            best = cost_of(&rime_reads, rime, pair.read).unwrap_or(best);
        }
        for at in pair.read.char_indices().map(|(at, _)| at).skip(1).chain([pair.read.len()]) {
            let (head, tail) = pair.read.split_at(at);
            if let (Some(a), Some(b)) = (cost_of(&onset_reads, onset, head), cost_of(&rime_reads, rime, tail)) {
                best = best.min(a + b);
            }
        }
        10f64.powf(-f64::from(best) / 1000.0)
    };
    // Whole syllables, with as much trust in novelty as novelties were met.
    let mut totals: BTreeMap<(SyllableId, u8), (f64, f64)> = BTreeMap::new();
    for pair in pairs {
        let entry = totals.entry((SyllableId::new(pair.onset, pair.rime), pair.shape as u8)).or_default();
        entry.0 += pair.count;
        entry.1 += 1.0;
    }
    let mut whole_reads: BTreeMap<String, Vec<WholeRead>> = BTreeMap::new();
    for pair in pairs {
        let syllable = SyllableId::new(pair.onset, pair.rime);
        let (n, kinds) = totals[&(syllable, pair.shape as u8)];
        let alone = factored(pair);
        let p = ((pair.count + kinds * alone) / (n + kinds)).max(OTHER_ENGINE * alone);
        let expected = (kinds / (n + kinds)).max(OTHER_ENGINE) * alone;
        if p > expected * 1.26 {
            let whole = WholeRead { syllable, shape: pair.shape as u8, cost: millibans(p) };
            whole_reads.entry(pair.read.to_owned()).or_default().push(whole);
        }
    }
    let novelty = totals
        .into_iter()
        .map(|((syllable, shape), (n, kinds))| (syllable, shape, millibans((kinds / (n + kinds)).max(OTHER_ENGINE))))
        .collect();
    let text = |chars: &[char]| chars.iter().filter(|c| **c != '\0').collect::<String>();
    let mut chunk_rows: Vec<(String, String, u16)> = chunks
        .probability
        .iter()
        .filter(|(_, p)| **p > 1e-5)
        .map(|((written, read), p)| (text(written), text(read), millibans(*p)))
        .collect();
    chunk_rows.sort();
    Tables {
        rimes,
        onset_reads: onset_reads.into_iter().collect(),
        rime_reads: rime_reads.into_iter().collect(),
        whole_reads: whole_reads.into_iter().collect(),
        novelty,
        chunks: chunk_rows,
    }
}
