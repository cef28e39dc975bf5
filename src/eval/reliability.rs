//! Whether the surety of a reading is worth what it says.

use super::{Tally, align, lines, unified};
use crate::restore::Restored;
use unicode_normalization::UnicodeNormalization;

/// Syllables of damaged lines with how sure the restorer was, and whether it was right.
#[derive(Clone, Debug, Default)]
pub struct Reliability {
    judged: Vec<(u16, bool)>,
}

/// A tenth of the judged syllables, by surety.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decile {
    /// Syllables in it.
    pub n: usize,
    /// Mean surety, per cent.
    pub sure: f64,
    /// Share right, per cent.
    pub right: f64,
}

impl Reliability {
    /// Judges one text; nothing where `gold` has another number of lines.
    pub fn judge(&mut self, gold: &str, restored: &Restored) {
        let (gold, found) = (lines(gold), lines(&restored.text));
        if gold.len() != found.len() {
            return;
        }
        let mut sureties = restored.sureties.iter().peekable();
        for (gold, found) in gold.iter().zip(&found) {
            let base = found.as_ptr() as usize - restored.text.as_ptr() as usize;
            let wanted = super::tokens(gold);
            let (mut places, mut said) = (Vec::new(), Vec::new());
            for token in found.split_whitespace() {
                let plain: String = token.nfc().collect();
                let plain = unified(&plain).trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
                if !plain.is_empty() {
                    let start = base + token.as_ptr() as usize - found.as_ptr() as usize;
                    places.push((start, start + token.len()));
                    said.push(plain);
                }
            }
            let aligned = align(&wanted, &said);
            let right = aligned.iter().filter_map(|(gold, said)| said.map(|said| *gold == Some(said)));
            for ((start, end), right) in places.into_iter().zip(right) {
                while sureties.next_if(|(span, _)| span.start < start).is_some() {}
                if let Some((_, sure)) = sureties.next_if(|(span, _)| span.start < end) {
                    self.judged.push((*sure, right));
                }
            }
        }
    }

    /// Pools another text's syllables into these.
    pub fn add(&mut self, other: &Reliability) {
        self.judged.extend_from_slice(&other.judged);
    }

    /// Each syllable's surety in thousandths, and whether it was right.
    pub fn judged(&self) -> &[(u16, bool)] {
        &self.judged
    }

    /// Ten parts of equal size, the least sure first; equal sureties are as good as each other, so
    /// that where they straddle two parts both get the same share of errors.
    pub fn deciles(&self) -> Vec<Decile> {
        let shares = self.by_surety();
        let n = self.judged.len();
        (0..10)
            .map(|part| {
                let (from, to) = (n * part / 10, n * (part + 1) / 10);
                let (mut sure, mut right, mut at) = (0.0, 0.0, 0);
                for (surety, all, good) in &shares {
                    let inside = (at + all).min(to).saturating_sub(at.max(from)) as f64;
                    sure += f64::from(*surety) / 10.0 * inside;
                    right += 100.0 * *good as f64 / *all as f64 * inside;
                    at += all;
                }
                let size = (to - from).max(1) as f64;
                Decile { n: to - from, sure: sure / size, right: right / size }
            })
            .collect()
    }

    /// How many of the surest `per_cent` of syllables were wrong, as [`Reliability::deciles`] shares out ties.
    pub fn surest(&self, per_cent: usize) -> Tally {
        let n = self.judged.len() * per_cent / 100;
        let (mut left, mut wrong) = (n, 0.0);
        for (_, all, good) in self.by_surety().iter().rev() {
            let inside = left.min(*all);
            wrong += (all - good) as f64 * inside as f64 / *all as f64;
            left -= inside;
        }
        Tally { n, wrong: wrong.round() as usize }
    }

    /// Each surety that occurs, rising: how many have it, and how many of them are right.
    fn by_surety(&self) -> Vec<(u16, usize, usize)> {
        let mut counts = std::collections::BTreeMap::<u16, (usize, usize)>::new();
        for (surety, right) in &self.judged {
            let entry = counts.entry(*surety).or_default();
            entry.0 += 1;
            entry.1 += usize::from(*right);
        }
        counts.into_iter().map(|(surety, (all, good))| (surety, all, good)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::{Adaptation, Model, Restorer, take_signs};
    use crate::text::Span;
    use std::fmt::Write;
    use std::path::PathBuf;

    #[test]
    fn sureties_meet_their_syllables() {
        let text = "Ban Dan vận\nủy ban";
        let spans = [("Ban", 990), ("Dan", 500), ("vận", 980), ("ủy", 900)];
        let sureties = spans
            .iter()
            .map(|(word, surety)| {
                let start = text.find(word).unwrap();
                (Span::new(start, start + word.len()), *surety)
            })
            .collect();
        let restored = Restored { text: text.into(), sureties, ..Restored::default() };
        let mut reliability = Reliability::default();
        reliability.judge("Ban Dân vận\nủy ban", &restored);
        // `ban` stands in no damaged line.
        assert_eq!(reliability.judged(), [(990, true), (500, false), (980, true), (900, true)]);
        assert_eq!(reliability.surest(75), Tally { n: 3, wrong: 0 });
    }

    #[test]
    fn equal_sureties_share_their_errors() {
        let judged = (0..20).map(|at| (900, at != 0)).collect();
        let deciles = Reliability { judged }.deciles();
        assert!(deciles.iter().all(|decile| *decile == Decile { n: 2, sure: 90.0, right: 95.0 }));
    }

    /// Rows for `benches/calibration.py`: right or not, then the signs, of every syllable that a folder of pairs judges.
    #[test]
    fn signs_to_fit() {
        let path = |name: &str| std::env::var_os(name).map(PathBuf::from);
        let (Some(pairs), Some(rows)) = (path("VANBAN_PAIRS"), path("VANBAN_SIGNS")) else {
            println!("skipped: VANBAN_PAIRS names no folder of pairs, or VANBAN_SIGNS no file for their signs");
            return;
        };
        let model = Model::embedded();
        let restorer = match path("VANBAN_ADAPT") {
            Some(path) => Restorer::adapted(model.clone(), &Adaptation::read(&path, &model).unwrap()),
            None => Restorer::new(model),
        };
        let mut names: Vec<PathBuf> = std::fs::read_dir(pairs).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.retain(|path| path.to_string_lossy().ends_with(".clean.txt"));
        names.sort();
        let mut out = String::new();
        for path in names {
            let scan = path.to_string_lossy().replace(".clean.txt", ".ocr.txt");
            take_signs();
            let mut restored = restorer.worker().restore(&std::fs::read_to_string(scan).unwrap());
            let seen = take_signs();
            assert_eq!(seen.len(), restored.sureties.len());
            // Each surety gives way to its number, so that the judge tells which signs it judged.
            restored.sureties.iter_mut().zip(0..).for_each(|((_, sure), n)| *sure = n);
            let mut judge = Reliability::default();
            judge.judge(&std::fs::read_to_string(path).unwrap(), &restored);
            for (n, right) in judge.judged() {
                let signs = seen[usize::from(*n)].iter().map(i32::to_string).collect::<Vec<_>>();
                writeln!(out, "{}\t{}", u8::from(*right), signs.join("\t")).unwrap();
            }
        }
        assert!(!out.is_empty(), "no pairs there");
        std::fs::write(rows, out).unwrap();
    }
}
