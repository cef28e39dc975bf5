//! The Vietnamese syllable (*tiếng*) as onset (*âm đầu*) and rime with tone (*vần*).
//!
//! Spelling is closed: a syllable is one of 27 onsets and one of about 700 rimes.
//! That is what lets a channel learned from some syllables speak of all others.

use unicode_normalization::UnicodeNormalization;

/// Onsets, longest spelling first where one is the beginning of another. The empty onset is last.
pub(crate) const ONSETS: [&str; 28] = [
    "ngh", "ng", "nh", "gh", "gi", "kh", "ph", "qu", "th", "tr", "ch", "b", "c", "d", "đ", "g", "h", "k", "l", "m",
    "n", "p", "r", "s", "t", "v", "x", "",
];

/// Index of the empty onset.
pub(crate) const NO_ONSET: u8 = 27;

/// Rimes without tone, as spelled.
const RIMES: [&str; 171] = [
    "a", "ac", "ach", "ai", "am", "an", "ang", "anh", "ao", "ap", "at", "au", "ay", "e", "ec", "em", "en", "eng", "eo",
    "ep", "et", "i", "ia", "ich", "im", "in", "inh", "ip", "it", "iu", "iêc", "iêm", "iên", "iêng", "iêp", "iêt",
    "iêu", "o", "oa", "oac", "oach", "oai", "oam", "oan", "oang", "oanh", "oao", "oap", "oat", "oay", "oc", "oe",
    "oen", "oeo", "oet", "oi", "om", "on", "ong", "ooc", "oong", "op", "ot", "oăc", "oăm", "oăn", "oăng", "oăp", "oăt",
    "u", "ua", "uc", "ui", "um", "un", "ung", "up", "ut", "uy", "uya", "uych", "uyn", "uynh", "uyp", "uyt", "uyu",
    "uyêc", "uyên", "uyêt", "uân", "uâng", "uât", "uây", "uê", "uêch", "uên", "uênh", "uôc", "uôi", "uôm", "uôn",
    "uông", "uôt", "uơ", "y", "ych", "yn", "ynh", "yt", "yêm", "yên", "yêng", "yêt", "yêu", "âc", "âm", "ân", "âng",
    "âp", "ât", "âu", "ây", "ê", "êch", "êm", "ên", "êng", "ênh", "êp", "êt", "êu", "ô", "ôc", "ôi", "ôm", "ôn", "ông",
    "ôp", "ôt", "ăc", "ăm", "ăn", "ăng", "ăp", "ăt", "ơ", "ơi", "ơm", "ơn", "ơng", "ơp", "ơt", "ư", "ưa", "ưc", "ưi",
    "ưm", "ưn", "ưng", "ưp", "ưt", "ưu", "ươ", "ươc", "ươi", "ươm", "ươn", "ương", "ươp", "ươt", "ươu",
];

/// The tone marks as they stand in decomposed text.
const TONES: [char; 5] = ['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'];

/// How a word is written: `điều`, `Điều`, `ĐIỀU`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Shape {
    Lower = 0,
    Title = 1,
    Upper = 2,
}

impl Shape {
    /// All three, in index order.
    pub(crate) const ALL: [Shape; 3] = [Shape::Lower, Shape::Title, Shape::Upper];

    /// The shape of a written word; `None` for mixed case. A single capital letter counts as title case.
    pub(crate) fn of(word: &str) -> Option<Shape> {
        let mut letters = word.chars().filter(|c| c.is_alphabetic());
        let first = letters.next()?;
        let (mut any_upper, mut any_lower) = (false, false);
        for c in letters {
            any_upper |= c.is_uppercase();
            any_lower |= !c.is_uppercase();
        }
        match (first.is_uppercase(), any_upper, any_lower) {
            (false, false, _) => Some(Shape::Lower),
            (true, false, _) => Some(Shape::Title),
            (true, true, false) => Some(Shape::Upper),
            _ => None,
        }
    }

    /// `word` (lower case) in this shape.
    pub(crate) fn apply(self, word: &str, out: &mut String) {
        match self {
            Shape::Lower => out.push_str(word),
            Shape::Upper => out.extend(word.chars().flat_map(char::to_uppercase)),
            Shape::Title => {
                let mut chars = word.chars();
                if let Some(first) = chars.next() {
                    out.extend(first.to_uppercase());
                    out.push_str(chars.as_str());
                }
            }
        }
    }
}

/// Onset index and rime of a lower-case syllable with old tone placement; `None` where the
/// spelling is not Vietnamese (`internet`, `ubnd`, `tác` without its tone).
pub(crate) fn split(word: &str) -> Option<(u8, &str)> {
    for (idx, onset) in ONSETS.iter().enumerate() {
        let Some(rime) = word.strip_prefix(onset) else { continue };
        if rime_is_spelled(rime) {
            return Some((idx as u8, rime));
        }
    }
    None
}

fn rime_is_spelled(rime: &str) -> bool {
    let mut tone = None;
    let bare: String = rime
        .nfd()
        .filter(|c| {
            let is_tone = TONES.contains(c);
            if is_tone {
                tone = Some(*c);
            }
            !is_tone
        })
        .nfc()
        .collect();
    if !RIMES.contains(&bare.as_str()) {
        return false;
    }
    // A stopped syllable carries sắc or nặng, never another tone nor none.
    let stopped = bare.ends_with(['c', 'p', 't']) || bare.ends_with("ch");
    !stopped || matches!(tone, Some('\u{301}' | '\u{323}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syllables_split_into_onset_and_rime() {
        let parts = |word| split(word).map(|(onset, rime)| (ONSETS[onset as usize], rime));
        assert_eq!(parts("nghiệp"), Some(("ngh", "iệp")));
        assert_eq!(parts("giữa"), Some(("gi", "ữa")));
        assert_eq!(parts("gì"), Some(("g", "ì")));
        assert_eq!(parts("quyết"), Some(("qu", "yết")));
        assert_eq!(parts("ủy"), Some(("", "ủy")));
        assert_eq!(parts("internet"), None);
        assert_eq!(parts("ubnd"), None);
        assert_eq!(parts("tac"), None);
        assert_eq!(parts(""), None);
    }

    #[test]
    fn shapes_are_told_apart_and_applied() {
        assert_eq!(Shape::of("điều"), Some(Shape::Lower));
        assert_eq!(Shape::of("Ở"), Some(Shape::Title));
        assert_eq!(Shape::of("QĐ"), Some(Shape::Upper));
        assert_eq!(Shape::of("nĐ"), None);
        let mut out = String::new();
        Shape::Title.apply("đảng", &mut out);
        Shape::Upper.apply("ủy", &mut out);
        assert_eq!(out, "ĐảngỦY");
    }
}
