//! Names of persons: what the engine read, where the language model knew better than the page.
//!
//! A model of running text has seen few names, and makes `Vi` a `Vũ`. A syllable of a name that
//! was read as a sound syllable keeps its letters; only marks are taken from the restoration.

use super::words::capitalised;
use crate::text::fold;

/// Clusters of vowels, folded.
const VOWELS: [&str; 40] = [
    "a", "e", "i", "o", "u", "y", "ai", "ao", "au", "ay", "eo", "eu", "ia", "ie", "ieu", "iu", "oa", "oai", "oao",
    "oay", "oe", "oeo", "oi", "oo", "ua", "uai", "uao", "uau", "uay", "ue", "ui", "uo", "uoi", "uou", "uu", "uy",
    "uya", "uye", "uyu", "yeu",
];

/// Onsets, folded; none is one.
const ONSETS: [&str; 26] = [
    "", "b", "c", "ch", "d", "g", "gh", "gi", "h", "k", "kh", "l", "m", "n", "ng", "ngh", "nh", "p", "ph", "qu", "r",
    "s", "t", "th", "tr", "v",
];

/// Codas; none is one.
const CODAS: [&str; 9] = ["", "c", "ch", "m", "n", "ng", "nh", "p", "t"];

/// Whether folded letters are a syllable that Vietnamese could have.
fn is_syllable(folded: &str) -> bool {
    if folded.is_empty() || folded.len() > 7 || !folded.is_ascii() {
        return false;
    }
    let onsets = ONSETS.iter().copied().chain(["x"]);
    onsets.filter_map(|onset| folded.strip_prefix(onset)).any(|rime| {
        CODAS.iter().filter_map(|coda| rime.strip_suffix(coda)).any(|vowels| VOWELS.contains(&vowels) || vowels == "ye")
    })
}

/// The name `restored` with the letters of `read` wherever restoration changed a sound syllable into another.
pub(super) fn keep_letters(restored: &str, read: &str) -> String {
    let kept: Vec<&str> = restored.split_whitespace().collect();
    let seen: Vec<&str> = read.split_whitespace().collect();
    if kept.len() != seen.len() {
        return restored.to_owned();
    }
    let words: Vec<&str> = kept
        .iter()
        .zip(&seen)
        .map(|(&kept, &seen)| {
            let (new, old) = (fold(kept), fold(seen));
            let sound = seen.starts_with(char::is_uppercase)
                && seen.chars().skip(1).all(char::is_lowercase)
                && is_syllable(&old);
            // The commonest middle name of women, with the mark it always has.
            if new == old || !sound {
                kept
            } else if seen == "Thi" {
                "Thị"
            } else {
                seen
            }
        })
        .collect();
    words.iter().map(|word| capitalised(word)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_syllables_keep_their_letters() {
        assert_eq!(keep_letters("Vũ Đức Thuận", "Vi Dite Thuan"), "Vi Đức Thuận");
        assert_eq!(keep_letters("Kiểu Thứ Hai Văn", "Kiéu Thi Hai Van"), "Kiểu Thị Hai Văn");
        assert_eq!(keep_letters("Nguyễn Văn A", "Nguyén Van"), "Nguyễn Văn A");
    }

    #[test]
    fn syllables_are_told_from_noise() {
        for sound in ["vi", "thi", "nguyen", "khuyen", "quang", "xa", "yen"] {
            assert!(is_syllable(sound), "{sound}");
        }
        for noise in ["dite", "hitu", "vii", "phtng", "bii"] {
            assert!(!is_syllable(noise), "{noise}");
        }
    }
}
