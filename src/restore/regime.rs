//! Which damage a text has: none, lost marks only, or an engine that knew no Vietnamese.
//!
//! Decided by likelihood, line by line with some inertia, since clean and damaged pages are
//! bound together. What is judged clean is never touched.

use super::lexicon::Lexicon;
use super::ngram::Ngram;
use super::token;

/// What happened to the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Regime {
    /// Nothing: leave it.
    Clean,
    /// Marks were stripped, letters are whole.
    Stripped,
    /// Read by an engine that knew no Vietnamese.
    Misread,
}

/// How clean a token looks, in millibans; positive is clean.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Evidence {
    pub(crate) clean: i32,
    /// The token has letters and so counts at all.
    pub(crate) counts: bool,
    /// Holds what only a misreading engine leaves: `6` or `¢` among small letters, stray marks.
    pub(crate) misread: bool,
}

/// What the tokens of a line say together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LineEvidence {
    clean: i32,
    n_counted: u32,
    n_misread: u32,
}

impl LineEvidence {
    /// Adds a token's.
    pub(crate) fn add(&mut self, evidence: Evidence) {
        self.clean = self.clean.saturating_add(evidence.clean);
        self.n_counted += u32::from(evidence.counts);
        self.n_misread += u32::from(evidence.misread);
    }
}

/// A change from clean to damaged or back between two lines costs this.
const SWITCH: i32 = 2_500;
/// Share of misread tokens above which letters, and not only marks, are taken to be damaged.
const MISREAD_PER_MILLE: usize = 25;

/// Letters no engine without Vietnamese can put out.
pub(crate) fn is_vietnamese_only(c: char) -> bool {
    matches!(c, 'ă' | 'Ă' | 'đ' | 'Đ' | 'ơ' | 'Ơ' | 'ư' | 'Ư' | 'ĩ' | 'Ĩ' | 'ũ' | 'Ũ' | '\u{1ea0}'..='\u{1ef9}')
}

/// The probability that a cost stands for.
pub(crate) fn probability(cost: i32) -> f32 {
    10f32.powf(-(cost as f32) / 1000.0)
}

/// Judges one whitespace-separated token.
pub(crate) fn judge(lexicon: &Lexicon, ngram: Ngram<'_>, text: &str) -> Evidence {
    let core = text.trim_matches(|c: char| !c.is_alphanumeric());
    if !core.contains(char::is_alphabetic) {
        let misread = core.is_empty() && text.contains(['¢', '¥', '§', '&', '@', '©']);
        return Evidence { clean: 0, counts: false, misread };
    }
    let small = core.chars().filter(|c| c.is_lowercase()).count();
    let signs = core.chars().filter(|c| !c.is_alphabetic() && !matches!(c, '-' | '/' | '.' | '–' | ',')).count();
    if core.contains(is_vietnamese_only) {
        return Evidence { clean: 1_500, counts: true, misread: false };
    }
    if !core.chars().all(char::is_alphabetic) {
        let misread = small >= 1 && signs > 0 && !core.contains(['/', '@', '.']);
        return Evidence { clean: if misread { -1_500 } else { 0 }, counts: true, misread };
    }
    let word = token::canonical(core);
    let own = ngram.id(&word).filter(|id| *id != ngram.unknown());
    if core.is_ascii() {
        let mass = lexicon.mass(&word);
        if mass == 0.0 {
            // Foreign words and abbreviations say nothing.
            return Evidence { clean: 0, counts: true, misread: false };
        }
        let own = own.map_or(1e-9, |id| probability(ngram.unigram_cost(id)));
        let ratio = (1000.0 * (own / mass).max(1e-9).log10()).round() as i32;
        return Evidence { clean: ratio.max(-2_500), counts: true, misread: false };
    }
    // A mark that any Latin alphabet has: right in `các`, never in `cdé`.
    match own {
        Some(id) => {
            Evidence { clean: if ngram.unigram_cost(id) < 5_500 { 100 } else { -1_500 }, counts: true, misread: false }
        }
        None => Evidence { clean: -2_000, counts: true, misread: true },
    }
}

/// The regime of every line, from what its tokens say.
pub(crate) fn of_lines(lines: &[LineEvidence]) -> Vec<Regime> {
    // Cheapest sequence of clean (0) and damaged (1) lines; a tie stays clean.
    let mut back: Vec<[bool; 2]> = Vec::with_capacity(lines.len());
    let mut cost = [0i32, 0];
    for line in lines {
        let clean = line.clean;
        let from = [cost[1] + SWITCH < cost[0], cost[0] + SWITCH < cost[1]];
        let arrive =
            [if from[0] { cost[1] + SWITCH } else { cost[0] }, if from[1] { cost[0] + SWITCH } else { cost[1] }];
        cost = [arrive[0].saturating_sub(clean.min(0)), arrive[1].saturating_add(clean.max(0))];
        back.push(from);
    }
    let mut damaged = cost[1] < cost[0];
    let mut states = vec![damaged; lines.len()];
    for (idx, from) in back.iter().enumerate().rev() {
        states[idx] = damaged;
        if from[usize::from(damaged)] {
            damaged = !damaged;
        }
    }
    let (mut n, mut misread) = (0, 0);
    for (line, _) in lines.iter().zip(&states).filter(|(_, damaged)| **damaged) {
        n += line.n_counted as usize;
        misread += line.n_misread as usize;
    }
    let regime = if misread * 1000 > n * MISREAD_PER_MILLE { Regime::Misread } else { Regime::Stripped };
    states.into_iter().map(|damaged| if damaged { regime } else { Regime::Clean }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(clean: i32, misread: bool) -> LineEvidence {
        let mut line = LineEvidence::default();
        line.add(Evidence { clean, counts: true, misread });
        line
    }

    #[test]
    fn one_doubtful_line_among_clean_ones_stays_clean() {
        let lines = [line(9_000, false), line(-2_000, false), line(9_000, false)];
        assert_eq!(of_lines(&lines), [Regime::Clean; 3]);
    }

    #[test]
    fn a_damaged_page_in_a_clean_document_is_found() {
        let lines = [line(9_000, false), line(-9_000, true), line(-100, true), line(-9_000, true), line(9_000, false)];
        assert_eq!(of_lines(&lines), [Regime::Clean, Regime::Misread, Regime::Misread, Regime::Misread, Regime::Clean]);
    }

    #[test]
    fn lost_marks_alone_are_another_damage() {
        assert_eq!(of_lines(&[line(-9_000, false)]), [Regime::Stripped]);
        assert_eq!(of_lines(&[]), []);
    }
}
