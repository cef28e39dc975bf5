//! Which words are spellable Vietnamese syllables: onset, rime and tone fit together.
//!
//! Judges a whole word in NFC; knows no dictionary, so `nghiêng` and the unused `nghiểng` both pass
//! and `nghuyên` does not. Used to tell encodings apart, never to correct.

use rustc_hash::FxHashSet;
use std::sync::LazyLock;

/// Vowels with their tones: level, huyền, hỏi, ngã, sắc, nặng.
const VOWELS: [(u8, &str); 12] = [
    (b'a', "aàảãáạ"),
    (b'A', "ăằẳẵắặ"),
    (b'B', "âầẩẫấậ"),
    (b'e', "eèẻẽéẹ"),
    (b'E', "êềểễếệ"),
    (b'i', "iìỉĩíị"),
    (b'o', "oòỏõóọ"),
    (b'O', "ôồổỗốộ"),
    (b'P', "ơờởỡớợ"),
    (b'u', "uùủũúụ"),
    (b'U', "ưừửữứự"),
    (b'y', "yỳỷỹýỵ"),
];

/// Every rime of the standard orthography without its tone.
const RIMES: &str = "\
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây \
e ec em en eng eo ep et ê êch êm ên ênh êp êt êu \
i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu \
o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo oet oc oi om on ong op ot ooc oong \
ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt \
u ua uc ui um un ung up ut uân uâng uât uây uê uênh uêch uy uya uych uynh uyt uyu uyên uyêt uyp \
uôc uôi uôm uôn uông uôt uơ \
ư ưa ưc ưi ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu \
y yêm yên yêng yêt yêu";

/// Rimes after `qu`, whose `u` is the glide.
const RIMES_AFTER_QU: &str = "\
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc ân âng ât âu ây e en eo et ec em ê ên êch ênh êt êu \
i in inh it ich y ynh yt ych yên yêt ơ ôc";

struct Tables {
    /// Letter and tone of each character below U+1F00; letter 0 where it is no Vietnamese letter.
    letters: Vec<(u8, u8)>,
    rimes: FxHashSet<u64>,
    rimes_after_qu: FxHashSet<u64>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let mut letters = vec![(0, 0); 0x1F00];
    for c in "bcdghklmnpqrstvx".chars() {
        for cased in [c, c.to_ascii_uppercase()] {
            letters[cased as usize] = (c as u8, 0);
        }
    }
    for cased in ['đ', 'Đ'] {
        letters[cased as usize] = (b'D', 0);
    }
    for (letter, row) in VOWELS {
        for (tone, c) in (0u8..).zip(row.chars()) {
            for cased in std::iter::once(c).chain(c.to_uppercase()) {
                letters[cased as usize] = (letter, tone);
            }
        }
    }
    let packed = |list: &str| {
        list.split_whitespace()
            .map(|rime| pack(&rime.chars().map(|c| letters[c as usize].0).collect::<Vec<u8>>()))
            .collect()
    };
    let (rimes, rimes_after_qu) = (packed(RIMES), packed(RIMES_AFTER_QU));
    Tables { letters, rimes, rimes_after_qu }
});

/// At most eight letters as one number.
fn pack(letters: &[u8]) -> u64 {
    letters.iter().fold(0, |packed, letter| packed << 8 | u64::from(*letter))
}

/// Longest spelling, `nghiêng`, in letters.
const LONGEST: usize = 7;

/// Whether `word` is spelled as a Vietnamese syllable, in any case of letters.
///
/// The tone must stand where orthography puts it on a marked vowel, and a stop
/// at the end takes only sắc or nặng: `các`, `tiếp` pass; `cac`, `tíêp`, `Quyét` do not.
pub(crate) fn is_spellable(word: &str) -> bool {
    let tables = &*TABLES;
    let mut letters = [0u8; LONGEST];
    let mut n = 0;
    let (mut tone, mut toned_at) = (0, 0);
    for c in word.chars() {
        let (letter, its_tone) = *tables.letters.get(c as usize).unwrap_or(&(0, 0));
        if letter == 0 || n == LONGEST {
            return false;
        }
        if its_tone != 0 {
            if tone != 0 {
                return false;
            }
            (tone, toned_at) = (its_tone, n);
        }
        letters[n] = letter;
        n += 1;
    }
    let word = &letters[..n];
    // The tone belongs on the last marked vowel where there is one.
    let last_marked = word.iter().rposition(|letter| matches!(letter, b'A' | b'B' | b'E' | b'O' | b'P' | b'U'));
    if tone != 0 && last_marked.is_some_and(|at| at != toned_at) {
        return false;
    }
    // Without one it belongs on the first of two vowels that close a syllable; `hòa` and `hoà` are both right.
    let misplaced = matches!(
        word,
        [.., b'a', b'i' | b'o' | b'u' | b'y'] | [.., b'e' | b'i', b'o' | b'u'] | [.., b'o' | b'u', b'i']
    ) && tone != 0
        && toned_at == n - 1
        && !matches!(word, [b'g', b'i', b'o' | b'u'] | [b'q', b'u', b'i']);
    if misplaced {
        return false;
    }
    let stops = matches!(word, [.., b'c' | b'p' | b't'] | [.., b'c', b'h']);
    if stops && !(tone == 4 || tone == 5) {
        return false;
    }
    let n_onset = word.iter().take_while(|letter| !is_vowel(**letter)).count();
    let (onset, rime) = word.split_at(n_onset);
    let fits = |rime: &[u8]| tables.rimes.contains(&pack(rime));
    let front = matches!(rime.first(), Some(b'e' | b'E' | b'i' | b'y'));
    match onset {
        b"q" => rime.first() == Some(&b'u') && tables.rimes_after_qu.contains(&pack(&rime[1..])),
        b"g" => match rime {
            [b'i'] => true,
            [b'i', rest @ ..] if rest.first() != Some(&b'y') && fits(rest) => true,
            [b'i', ..] => fits(rime),
            _ => !front && fits(rime),
        },
        b"c" | b"ng" => !front && fits(rime),
        b"k" | b"gh" | b"ngh" => front && fits(rime),
        b"" => fits(rime) && !matches!(rime, [b'i', b'E', ..]),
        b"b" | b"ch" | b"d" | b"D" | b"h" | b"kh" | b"l" | b"m" | b"n" | b"nh" | b"p" | b"ph" | b"r" | b"s" | b"t"
        | b"th" | b"tr" | b"v" | b"x" => fits(rime) && !matches!(rime, [b'y', b'E', ..]),
        _ => false,
    }
}

fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'a' | b'A' | b'B' | b'e' | b'E' | b'i' | b'o' | b'O' | b'P' | b'u' | b'U' | b'y')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_heading_are_spellable() {
        for word in "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Quyết định giếng gì giữ quốc quý khuỷu thuở ủy uỷ nghiêng \
                     yêu đường rượu xoong Ủy ở Ý huyện giò giỏ giũ quí quỉ hoà hòa mão tại khuỷu quào"
            .split_whitespace()
        {
            assert!(is_spellable(word), "{word}");
        }
    }

    #[test]
    fn damaged_and_foreign_words_are_not() {
        for word in
            "Quyét hién veé thwc tíêp cac décision été für über señor Céng héi nghuyên kà cê gế Điêù maõ taïi caáu roõi"
                .split_whitespace()
        {
            assert!(!is_spellable(word), "{word}");
        }
    }
}
