//! The trained channel drawn towards one archive: its expected pairs against the trained costs.
//!
//! Every probability becomes `(K · trained + counted) / (K + total)`, so that what the archive says
//! little about stays as it was trained. `K` is learned too: an archive that reads as the training
//! pairs do makes the trained costs worth many sightings, a strange engine makes them worth few. A
//! reading that the archive never shows is never charged much more than before: an archive holds
//! more engines than one.

use super::{Chunk, Chunks, LONGEST_READ, OTHER_ENGINE, Pair, chunk, millibans, spelled, units};
use crate::restore::channel::{PartRead, SyllableId, Tables, WholeRead};
use crate::restore::syllable::{self, NO_ONSET, ONSETS, Shape};
use crate::text::old_tone_placement;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// Expected times of (word as written, letters as read).
pub(crate) type Counts = BTreeMap<(String, String), f64>;

/// Sightings that a trained probability may be worth, least first. Below the least the archive's
/// accidents would be learned; at the last it is taken as it was trained.
const WORTHS: [f64; 11] = [6.0, 12.0, 24.0, 48.0, 96.0, 192.0, 384.0, 768.0, 1_536.0, 3_072.0, 6_144.0];
/// Rounds in which letters and parts are counted anew; the second changes little, the third nothing.
const ROUNDS: usize = 2;

/// The tables that the archive's pairs make of the trained ones. Words of unknown shape or rime say nothing.
pub(crate) fn adapt(trained: &Tables, counts: &Counts) -> Tables {
    let rime_index: FxHashMap<&str, u16> =
        trained.rimes.iter().enumerate().map(|(n, rime)| (rime.as_str(), n as u16)).collect();
    let pairs: Vec<Pair<'_>> = counts
        .iter()
        .filter_map(|((word, read), count)| {
            let (shape, lower) = (Shape::of(word)?, old_tone_placement(&word.to_lowercase()));
            let (onset, rime) = syllable::split(&lower)?;
            Some(Pair { onset, rime: *rime_index.get(rime)?, shape, read, count: *count })
        })
        .collect();
    if pairs.is_empty() {
        return trained.clone();
    }
    let chunks = adapt_chunks(&trained.chunks, counts);
    let spell_all = |part: &str| Shape::ALL.map(|shape| spelled(part, shape));
    let onsets: Vec<Vec<char>> = ONSETS.iter().flat_map(|onset| spell_all(onset)).collect();
    let rimes: Vec<Vec<char>> = trained.rimes.iter().flat_map(|rime| spell_all(rime)).collect();
    let mut onset_part = Part::new(&trained.onset_reads, &onsets, &chunks);
    let mut rime_part = Part::new(&trained.rime_reads, &rimes, &chunks);
    for _ in 0..ROUNDS {
        count_parts(&pairs, &mut onset_part, &mut rime_part);
    }
    let onset_reads = onset_part.table(|unit| unit / 3 != u16::from(NO_ONSET));
    let rime_reads = rime_part.table(|_| true);
    let (whole_reads, novelty) = wholes(trained, &pairs, &onset_part, &rime_part);
    let text = |chars: &[char]| chars.iter().filter(|c| **c != '\0').collect::<String>();
    let mut rows: Vec<(String, String, u16)> = chunks
        .probability
        .iter()
        .filter(|(_, p)| **p > 1e-5)
        .map(|((written, read), p)| (text(written), text(read), millibans(*p)))
        .collect();
    rows.sort();
    Tables { rimes: trained.rimes.clone(), onset_reads, rime_reads, whole_reads, novelty, chunks: rows }
}

/// The worth of the trained probabilities under which the archive is likeliest, each sighting judged
/// by all the others. Rows are (trained probability, sightings, sightings of all readings).
fn worth(rows: &[(f64, f64, f64)]) -> f64 {
    let likelihood = |worth: f64| -> f64 {
        let one = |(p, seen, total): &(f64, f64, f64)| {
            let rest = worth * p.max(1e-7) + (seen - 1.0).max(0.0);
            seen * (rest / (worth + (total - 1.0).max(0.0))).ln()
        };
        rows.iter().map(one).sum()
    };
    let best = WORTHS.into_iter().map(|worth| (likelihood(worth), worth)).max_by(|a, b| a.0.total_cmp(&b.0));
    best.map_or(WORTHS[WORTHS.len() - 1], |(_, worth)| worth)
}

fn probability(cost: u16) -> f64 {
    10f64.powf(-f64::from(cost) / 1000.0)
}

/// Letters and pairs of letters, by expectation maximisation from the trained ones.
fn adapt_chunks(rows: &[(String, String, u16)], counts: &Counts) -> Chunks {
    let trained: BTreeMap<Chunk, f64> = rows
        .iter()
        .map(|(written, read, cost)| {
            let (written, read): (Vec<char>, Vec<char>) = (written.chars().collect(), read.chars().collect());
            (chunk(&written, &read), probability(*cost))
        })
        .collect();
    let mut chunks = Chunks { probability: trained.iter().map(|(key, p)| (*key, *p)).collect(), learned: true };
    let words: Vec<(Vec<char>, Vec<char>, f64)> = counts
        .iter()
        .map(|((word, read), count)| (word.chars().collect(), read.chars().collect(), *count))
        .filter(|(word, _, _): &(Vec<char>, _, _)| word.len() <= 9)
        .collect();
    for _ in 0..ROUNDS {
        let expected = expect(&chunks, &words);
        let mut sums: FxHashMap<char, f64> = FxHashMap::default();
        let mut pair_sums: FxHashMap<[char; 2], f64> = FxHashMap::default();
        for ((written, _), mass) in &expected {
            *sums.entry(written[0]).or_default() += mass;
            *pair_sums.entry(*written).or_default() += mass;
        }
        let keys: BTreeSet<Chunk> = trained.keys().chain(expected.keys()).copied().collect();
        let row = |key: &Chunk| {
            let (written, _) = key;
            let before = trained.get(key).copied().unwrap_or_default();
            let seen = expected.get(key).copied().unwrap_or_default();
            match written[1] {
                '\0' => (before, seen, sums.get(&written[0]).copied().unwrap_or_default()),
                // As in training: a pair is judged among pairs, at half the weight.
                _ => (before, 0.5 * seen, pair_sums.get(written).copied().unwrap_or_default()),
            }
        };
        let singles = expected.keys().filter(|(written, _)| written[1] == '\0').map(row);
        let worth = worth(&singles.collect::<Vec<_>>());
        chunks.probability = keys
            .into_iter()
            .map(|key| {
                let (before, seen, total) = row(&key);
                let p = (worth * before + seen) / (worth + total);
                (key, p.max(OTHER_ENGINE * before))
            })
            .filter(|(_, p)| *p > 1e-6)
            .collect();
    }
    chunks
}

/// Expected times of each chunk, in a fixed order of sums.
fn expect(chunks: &Chunks, words: &[(Vec<char>, Vec<char>, f64)]) -> BTreeMap<Chunk, f64> {
    let shares: Vec<Vec<(Chunk, f64)>> = words
        .par_iter()
        .map(|(written, read, count)| {
            let forward = chunks.forward(written, read);
            let total = forward[written.len()][read.len()];
            let mut shares = Vec::new();
            if total <= 1e-30 {
                return shares;
            }
            let mut rest = vec![vec![0.0; read.len() + 1]; written.len() + 1];
            rest[written.len()][read.len()] = 1.0;
            for i in (0..written.len()).rev() {
                for j in (0..=read.len()).rev() {
                    for n in 1..=2.min(written.len() - i) {
                        for m in 0..=LONGEST_READ.min(read.len() - j) {
                            let p = chunks.of(&written[i..i + n], &read[j..j + m]) * rest[i + n][j + m];
                            rest[i][j] += p;
                            let share = forward[i][j] * p / total;
                            if share > 1e-3 {
                                shares.push((chunk(&written[i..i + n], &read[j..j + m]), share * count));
                            }
                        }
                    }
                }
            }
            shares
        })
        .collect();
    let mut expected = BTreeMap::new();
    for (chunk, share) in shares.into_iter().flatten() {
        *expected.entry(chunk).or_default() += share;
    }
    expected
}

/// Onsets or rimes: trained costs, and what the archive shows.
struct Part<'t> {
    trained: &'t [(String, Vec<PartRead>)],
    known: FxHashMap<(&'t str, u16), f64>,
    spellings: &'t [Vec<char>],
    chunks: &'t Chunks,
    counted: BTreeMap<(&'t str, u16), f64>,
    totals: FxHashMap<u16, f64>,
    /// See [`worth`].
    worth: f64,
}

impl<'t> Part<'t> {
    fn new(trained: &'t [(String, Vec<PartRead>)], spellings: &'t [Vec<char>], chunks: &'t Chunks) -> Part<'t> {
        let rows = trained.iter().flat_map(|(read, list)| list.iter().map(move |part| (read.as_str(), part)));
        let known = rows.map(|(read, part)| ((read, part.unit), probability(part.cost))).collect();
        Part {
            trained,
            known,
            spellings,
            chunks,
            counted: BTreeMap::new(),
            totals: FxHashMap::default(),
            worth: WORTHS[0],
        }
    }

    /// Letter by letter.
    fn smooth(&self, unit: u16, read: &str) -> f64 {
        let spelling = &self.spellings[usize::from(unit)];
        let chars: Vec<char> = read.chars().collect();
        if spelling.len().abs_diff(chars.len()) > 3 { 0.0 } else { self.chunks.total(spelling, &chars) }
    }

    /// Probability that `unit` is read so, before the archive's parts are counted.
    fn prior(&self, unit: u16, read: &str) -> f64 {
        let smooth = self.smooth(unit, read);
        let trained = self.known.get(&(read, unit)).copied();
        trained.map_or(smooth, |trained| (1.0 - OTHER_ENGINE) * trained + OTHER_ENGINE * smooth)
    }

    /// Probability that `unit` is read so.
    fn of(&self, unit: u16, read: &str) -> f64 {
        let trained = self.known.get(&(read, unit)).copied();
        let prior = self.prior(unit, read);
        let counted = self.counted.get(&(read, unit)).copied().unwrap_or_default();
        let total = self.totals.get(&unit).copied().unwrap_or_default();
        let p = (self.worth * prior + counted) / (self.worth + total);
        p.max(OTHER_ENGINE * trained.unwrap_or_default())
    }

    fn recount(&mut self, counted: BTreeMap<(&'t str, u16), f64>) {
        self.totals.clear();
        for ((_, unit), mass) in &counted {
            *self.totals.entry(*unit).or_default() += mass;
        }
        self.counted = counted;
        let row = |((read, unit), seen): (&(&'t str, u16), &f64)| (self.prior(*unit, read), *seen, self.totals[unit]);
        let rows: Vec<(f64, f64, f64)> = self.counted.iter().map(row).collect();
        self.worth = worth(&rows);
    }

    /// The table by what was read: the trained keys, and what the archive shows besides.
    fn table(&self, wanted: impl Fn(u16) -> bool + Sync) -> Vec<(String, Vec<PartRead>)> {
        let mut mass: BTreeMap<&str, f64> = self.trained.iter().map(|(read, _)| (read.as_str(), f64::MAX)).collect();
        let mut units_of: FxHashMap<&str, Vec<u16>> = FxHashMap::default();
        for ((read, unit), seen) in &self.counted {
            *mass.entry(read).or_default() += seen;
            units_of.entry(read).or_default().push(*unit);
        }
        let trained: FxHashMap<&str, &[PartRead]> =
            self.trained.iter().map(|(read, list)| (read.as_str(), list.as_slice())).collect();
        let keys: Vec<&str> = mass.into_iter().filter(|(_, mass)| *mass >= 0.5).map(|(read, _)| read).collect();
        keys.into_par_iter()
            .map(|read| {
                let mut candidates: Vec<u16> = match trained.get(read) {
                    Some(list) => list.iter().map(|part| part.unit).collect(),
                    None => (0..self.spellings.len() as u16).collect(),
                };
                candidates.extend(units_of.get(read).into_iter().flatten());
                candidates.sort_unstable();
                candidates.dedup();
                let mut found: Vec<(f64, u16)> = candidates
                    .into_iter()
                    .filter(|unit| wanted(*unit))
                    .map(|unit| (self.of(unit, read), unit))
                    .filter(|(p, _)| *p > 1e-7)
                    .collect();
                found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
                let best = found.first().map_or(0.0, |entry| entry.0);
                found.retain(|entry| entry.0 > best * 2e-5);
                found.truncate(60);
                let list = found.into_iter().map(|(p, unit)| PartRead { unit, cost: millibans(p) }).collect();
                (read.to_owned(), list)
            })
            .filter(|(_, list): &(_, Vec<PartRead>)| !list.is_empty())
            .collect()
    }
}

/// Splits each pair's letters between onset and rime, and books the shares.
fn count_parts<'t>(pairs: &[Pair<'t>], onsets: &mut Part<'t>, rimes: &mut Part<'t>) {
    let shares: Vec<Vec<(&'t str, &'t str, f64)>> = pairs
        .par_iter()
        .map(|pair| {
            if pair.onset == NO_ONSET {
                return vec![("", pair.read, pair.count)];
            }
            let (onset, rime) = units(pair);
            let cuts = pair.read.char_indices().map(|(at, _)| at).filter(|at| *at > 0).chain([pair.read.len()]);
            let split = cuts.map(|cut| pair.read.split_at(cut));
            let weighed: Vec<_> =
                split.map(|(head, tail)| (head, tail, onsets.of(onset, head) * rimes.of(rime, tail))).collect();
            let total: f64 = weighed.iter().map(|(_, _, weight)| weight).sum();
            let share = |(head, tail, weight)| (head, tail, pair.count * weight / total.max(1e-30));
            weighed.into_iter().map(share).filter(|(_, _, share)| *share > 1e-3 * pair.count).collect()
        })
        .collect();
    let (mut of_onsets, mut of_rimes): (BTreeMap<_, f64>, BTreeMap<_, f64>) = Default::default();
    for (pair, shares) in pairs.iter().zip(shares) {
        let (onset, rime) = units(pair);
        for (head, tail, share) in shares {
            *of_rimes.entry((tail, rime)).or_default() += share;
            if pair.onset != NO_ONSET {
                *of_onsets.entry((head, onset)).or_default() += share;
            }
        }
    }
    onsets.recount(of_onsets);
    rimes.recount(of_rimes);
}

type Wholes = (Vec<(String, Vec<WholeRead>)>, Vec<(SyllableId, u8, u16)>);

/// Whole syllables: what the archive shows of each, and less of what it never shows.
fn wholes(trained: &Tables, pairs: &[Pair<'_>], onsets: &Part<'_>, rimes: &Part<'_>) -> Wholes {
    let key = |pair: &Pair<'_>| (SyllableId::new(pair.onset, pair.rime), pair.shape as u8);
    let mut totals: BTreeMap<(SyllableId, u8), (f64, f64)> = BTreeMap::new();
    for pair in pairs {
        let entry = totals.entry(key(pair)).or_default();
        entry.0 += pair.count;
        entry.1 += pair.count.min(1.0);
    }
    let before: BTreeMap<(SyllableId, u8), f64> =
        trained.novelty.iter().map(|(syllable, shape, cost)| ((*syllable, *shape), probability(*cost))).collect();
    let known: FxHashMap<(&str, SyllableId, u8), f64> = trained
        .whole_reads
        .iter()
        .flat_map(|(read, list)| list.iter().map(move |whole| (read.as_str(), whole)))
        .map(|(read, whole)| ((read, whole.syllable, whole.shape), probability(whole.cost)))
        .collect();
    let factored: Vec<f64> = pairs
        .par_iter()
        .map(|pair| {
            let (onset, rime) = units(pair);
            if pair.onset == NO_ONSET {
                return rimes.of(rime, pair.read);
            }
            let cuts = pair.read.char_indices().map(|(at, _)| at).filter(|at| *at > 0).chain([pair.read.len()]);
            let split = cuts.map(|cut| pair.read.split_at(cut));
            split.map(|(head, tail)| onsets.of(onset, head) * rimes.of(rime, tail)).fold(0.0, f64::max)
        })
        .collect();
    let prior = |pair: &Pair<'_>, alone: f64, novelty: f64| {
        let (syllable, shape) = key(pair);
        known.get(&(pair.read, syllable, shape)).copied().unwrap_or(novelty * alone)
    };
    let old_novelty = |key: &(SyllableId, u8)| before.get(key).copied().unwrap_or(1.0);
    let row = |(pair, alone): (&Pair<'_>, &f64)| {
        let key = key(pair);
        (prior(pair, *alone, old_novelty(&key)), pair.count, totals[&key].0)
    };
    let worth = worth(&pairs.iter().zip(&factored).map(row).collect::<Vec<_>>());
    let mut novelty = before.clone();
    for (key, (n, kinds)) in &totals {
        let new = (worth * old_novelty(key) + kinds) / (worth + n);
        novelty.insert(*key, new.clamp(OTHER_ENGINE, 1.0));
    }
    let mut reads: BTreeMap<&str, BTreeMap<(SyllableId, u8), f64>> = BTreeMap::new();
    for (read, list) in &trained.whole_reads {
        let by_syllable = reads.entry(read).or_default();
        for whole in list {
            let key = (whole.syllable, whole.shape);
            let n = totals.get(&key).map_or(0.0, |total| total.0);
            by_syllable.insert(key, probability(whole.cost) * (worth / (worth + n)).max(OTHER_ENGINE));
        }
    }
    for (pair, alone) in pairs.iter().zip(factored) {
        let key = key(pair);
        let expected = novelty[&key] * alone;
        let p = (worth * prior(pair, alone, novelty[&key]) + pair.count) / (worth + totals[&key].0);
        if p > expected * 1.26 {
            reads.entry(pair.read).or_default().insert(key, p.min(1.0));
        }
    }
    let rows = reads.into_iter().map(|(read, list)| {
        let row = list.into_iter().map(|((syllable, shape), p)| WholeRead { syllable, shape, cost: millibans(p) });
        (read.to_owned(), row.collect())
    });
    (rows.collect(), novelty.into_iter().map(|((syllable, shape), p)| (syllable, shape, millibans(p))).collect())
}

#[cfg(test)]
mod tests {
    use super::super::Trainer;
    use super::*;

    fn trained() -> Tables {
        let mut trainer = Trainer::default();
        for (written, read) in [("của", "cua"), ("Đảng", "Dang"), ("ủy", "uy"), ("cứ", "cu"), ("dân", "dan")]
        {
            (0..20).for_each(|_| trainer.add_pair(written, read));
        }
        trainer.finish(["của", "cùa", "cũ", "đảng", "ủy", "cứ", "dân"].into_iter())
    }

    /// Cost of `read` having been `word`, by the whole syllable or by its parts.
    fn cost(tables: &Tables, word: &str, read: &str) -> i32 {
        let channel = crate::restore::channel::Channel::new(tables.clone());
        let syllable = channel.syllable(word).unwrap();
        let mut out = Vec::new();
        channel.readings(read, |_| Some([0; 3]), 20_000, &mut Default::default(), &mut out);
        out.iter().find(|reading| reading.syllable == syllable).map_or(20_000, |reading| reading.costs[0])
    }

    #[test]
    fn what_the_archive_shows_gets_cheaper_and_the_rest_hardly_dearer() {
        let trained = trained();
        let counts = Counts::from([(("của".into(), "cüa".into()), 30.0), (("cứ".into(), "cü".into()), 2.0)]);
        let adapted = adapt(&trained, &counts);
        assert!(cost(&adapted, "của", "cüa") < 500);
        assert!(cost(&adapted, "của", "cüa") + 1_000 < cost(&trained, "của", "cüa"));
        assert!(cost(&adapted, "của", "cua") <= cost(&trained, "của", "cua") + 900);
        assert_eq!(cost(&adapted, "dân", "dan"), cost(&trained, "dân", "dan"));
    }

    #[test]
    fn a_strange_engine_makes_training_worth_little_and_a_known_one_much() {
        // Of a hundred sightings each, as trained and otherwise.
        let known: Vec<_> = [0.9, 0.1].map(|p| (p, 100.0 * p, 100.0)).into();
        let strange: Vec<_> = [(0.9, 10.0, 100.0), (0.1, 90.0, 100.0)].into();
        assert_eq!(worth(&known), WORTHS[WORTHS.len() - 1]);
        assert_eq!(worth(&strange), WORTHS[0]);
    }

    #[test]
    fn nothing_seen_changes_nothing() {
        let trained = trained();
        assert_eq!(adapt(&trained, &Counts::new()).to_bytes(), trained.to_bytes());
    }
}
