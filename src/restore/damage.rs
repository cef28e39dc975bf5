//! The channel the other way round: clean text in, out comes what an engine without Vietnamese
//! might have read.
//!
//! For load and drills. Never for training: what is drawn shows only the damage the channel knows.

use super::channel::{PartRead, SyllableId, Tables};
use super::model::Model;
use super::syllable::{self, NO_ONSET, ONSETS, Shape};
use crate::text::old_tone_placement;
use rustc_hash::FxHashMap;

/// Draws readings from `P(read | written)`.
#[derive(Debug)]
pub struct Damage {
    rimes: FxHashMap<Box<str>, u16>,
    wholes: FxHashMap<(SyllableId, u8), Readings>,
    /// By `onset * 3 + shape` and `rime * 3 + shape`.
    onset_parts: Vec<Readings>,
    rime_parts: Vec<Readings>,
    letters: FxHashMap<char, Readings>,
}

/// What something was read as, with the probability of each and those before it together.
#[derive(Clone, Debug, Default)]
struct Readings {
    up_to: Vec<(f64, Box<str>)>,
}

impl Readings {
    fn add(&mut self, cost: u16, read: &str) {
        let before = self.up_to.last().map_or(0.0, |(sum, _)| *sum);
        self.up_to.push((before + 10f64.powf(-f64::from(cost) / 1000.0), read.into()));
    }

    /// `at` is below 1; `None` where the probabilities do not reach it.
    fn draw(&self, at: f64) -> Option<&str> {
        let n = self.up_to.partition_point(|(sum, _)| *sum <= at);
        self.up_to.get(n).map(|(_, read)| &**read)
    }

    /// The same among these alone, however small their sum; `None` where there are none.
    fn draw_one(&self, at: f64) -> Option<&str> {
        self.draw(at * self.up_to.last()?.0)
    }
}

/// Numbers from 0 up to 1 in a fixed sequence (splitmix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

impl Damage {
    /// Turns the channel of `model` round. A model without one damages nothing.
    pub fn new(model: &Model) -> Damage {
        let tables = Tables::from_bytes(model.section("channel")).unwrap_or_default();
        let mut wholes: FxHashMap<(SyllableId, u8), Readings> = FxHashMap::default();
        for (read, written) in &tables.whole_reads {
            for whole in written {
                wholes.entry((whole.syllable, whole.shape)).or_default().add(whole.cost, read);
            }
        }
        let turned = |reads: &[(String, Vec<PartRead>)], n_units: usize| {
            let mut parts = vec![Readings::default(); n_units];
            for (read, written) in reads {
                written.iter().for_each(|part| parts[usize::from(part.unit)].add(part.cost, read));
            }
            parts
        };
        let mut letters: FxHashMap<char, Readings> = FxHashMap::default();
        for (written, read, cost) in &tables.chunks {
            let mut chars = written.chars();
            if let (Some(letter), None) = (chars.next(), chars.next()) {
                letters.entry(letter).or_default().add(*cost, read);
            }
        }
        Damage {
            onset_parts: turned(&tables.onset_reads, 3 * ONSETS.len()),
            rime_parts: turned(&tables.rime_reads, 3 * tables.rimes.len()),
            rimes: tables.rimes.into_iter().enumerate().map(|(n, rime)| (rime.into(), n as u16)).collect(),
            wholes,
            letters,
        }
    }

    /// `text` as it might have been read; the same `seed` gives the same reading. Figures,
    /// punctuation and line ends stay.
    pub fn text(&self, text: &str, seed: u64) -> String {
        let mut chance = Chance(seed);
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(char::is_alphabetic) {
            let end = rest[at..].find(|c: char| !c.is_alphabetic()).map_or(rest.len(), |n| at + n);
            out.push_str(&rest[..at]);
            self.word(&rest[at..end], &mut chance, &mut out);
            rest = &rest[end..];
        }
        out + rest
    }

    fn word(&self, word: &str, chance: &mut Chance, out: &mut String) {
        let lower = old_tone_placement(&word.to_lowercase());
        let parts = syllable::split(&lower).and_then(|(onset, rime)| Some((onset, *self.rimes.get(rime)?)));
        let (Some(shape), Some((onset, rime))) = (Shape::of(word), parts) else {
            for letter in word.chars() {
                match self.letters.get(&letter).and_then(|readings| readings.draw_one(chance.next())) {
                    Some(read) => out.push_str(read),
                    None => out.push(letter),
                }
            }
            return;
        };
        let known = self.wholes.get(&(SyllableId::new(onset, rime), shape as u8));
        if let Some(read) = known.and_then(|readings| readings.draw(chance.next())) {
            return out.push_str(read);
        }
        let of_onset = &self.onset_parts[usize::from(onset) * 3 + shape as usize];
        let small = if onset == NO_ONSET { shape } else { super::channel::rime_shape(onset, shape) };
        let of_rime = &self.rime_parts[usize::from(rime) * 3 + small as usize];
        let onset_read = if onset == NO_ONSET { Some("") } else { of_onset.draw_one(chance.next()) };
        match onset_read.zip(of_rime.draw_one(chance.next())) {
            Some((onset, rime)) => out.extend([onset, rime]),
            None => out.push_str(word),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "Điều 1. Quyết định số 446-QĐ/TU ngày 26/11/2021 của Ban Thường vụ Thành ủy";

    #[test]
    fn words_lose_their_marks_and_figures_stay() {
        let damage = Damage::new(&Model::embedded());
        let read = damage.text(LINE, 7);
        assert!(read.contains(" 446-") && read.contains(" 26/11/2021 "), "{read}");
        assert_ne!(read, LINE);
        assert!(!read.contains(['ề', 'ế', 'ị', 'ờ']), "{read}");
        assert_eq!(read, damage.text(LINE, 7));
        assert_ne!(damage.text(&LINE.repeat(9), 7), damage.text(&LINE.repeat(9), 8));
    }

    #[test]
    fn a_reading_is_as_frequent_as_the_channel_says() {
        let mut readings = Readings::default();
        readings.add(301, "half");
        readings.add(602, "quarter");
        let (mut half, mut none) = (0, 0);
        let mut chance = Chance(1);
        for _ in 0..10_000 {
            match readings.draw(chance.next()) {
                Some("half") => half += 1,
                Some(_) => {}
                None => none += 1,
            }
        }
        assert!((4_800..5_200).contains(&half) && (2_300..2_700).contains(&none), "{half} {none}");
    }
}
