//! Codes of document numbers: the letter group only is repaired, against the codes in use;
//! a digit is never touched.

/// Codes and their parts that hold a letter the engine does not know, and their look-alikes'
/// pattern: an `Đ` may have been read as `D`, `B`, `P` or `Ð`, an `Ư` as `U`.
const CODES: [&str; 34] = [
    "QĐ", "QĐi", "NĐ", "HĐND", "HĐ", "CĐ", "ĐU", "ĐUK", "ĐA", "LĐTBXH", "BLĐTBXH", "SLĐTBXH", "GDĐT", "BGDĐT", "SGDĐT",
    "GDDT", "TLĐ", "LĐLĐ", "ĐTN", "BCĐ", "HĐTV", "HĐQT", "TĐ", "ĐĐBQH", "ĐBQH", "BXD", "ĐĐ", "BCSĐ", "CTĐ", "VBHN",
    "HĐBT", "QĐUB", "TVĐU", "BĐKH",
];

/// Codes as they stand, without a letter that gets lost. `CTr` keeps its small letter.
const PLAIN: [&str; 41] = [
    "CT", "XH", "TU", "TW", "KL", "NQ", "TB", "VPTU", "CTr", "CTR", "KH", "HD", "BC", "TTr", "TTg", "CP", "UBND", "UB",
    "BNV", "BTC", "BTP", "BCA", "BQP", "BYT", "BTTTT", "TT", "TTLT", "QC", "QH", "PL", "UBTVQH", "TANDTC", "VKSNDTC",
    "BTGTU", "BTCTU", "BDVTU", "UBKTTU", "NC", "VX", "GM", "CV",
];

/// The repaired core of a document number, or the core itself when it is one and is right;
/// `None` when it is no document number.
///
/// `446-QB/TU` → `446-QĐ/TU`, `15/2020/ND-CP` → `15/2020/NĐ-CP`, `QD-UBND` → `QĐ-UBND`;
/// not `tế-xã`, not `30/7/2021`, not `2020-2025`.
///
/// `spelled` knows abbreviations beyond the codes: `QLDD` → `QLĐĐ`.
pub(crate) fn repair(core: &str, spelled: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    if !core.contains(['-', '/']) {
        return None;
    }
    if let Some((_, short)) = SHORT.iter().find(|(read, _)| *read == core) {
        return Some((*short).to_owned());
    }
    let mut out = String::with_capacity(core.len() + 2);
    let mut n_codes = 0;
    let mut n_numbers = 0;
    for piece in core.split_inclusive(['-', '/']) {
        let (group, sign) = match piece.strip_suffix(['-', '/']) {
            Some(group) => (group, &piece[group.len()..]),
            None => (piece, ""),
        };
        if let Some(session) = session(group) {
            n_codes += 1;
            out.push_str(&session);
        } else if group.bytes().any(|b| b.is_ascii_digit()) {
            n_numbers += 1;
            out.push_str(group);
        } else if group.is_empty() {
            // `446-/TU` keeps its gap.
        } else {
            let letters = group.chars().count();
            let capitals = group.chars().filter(|c| c.is_uppercase()).count();
            if capitals == 0 || capitals + 2 < letters || group.chars().any(|c| !c.is_alphabetic()) {
                return None;
            }
            if let Some(code) = known(group) {
                n_codes += 1;
                out.push_str(code);
            } else {
                if capitals < letters {
                    return None;
                }
                out.push_str(spelled(group).or_else(|| within(group)).as_deref().unwrap_or(group));
            }
        }
        out.push_str(sign);
    }
    (n_codes > 0 && (n_numbers > 0 || n_codes > 1)).then_some(out)
}

/// Bodies whose abbreviation stands inside longer ones (`TTHĐNDTP`), as read and as written.
const WITHIN: [(&str, &str); 9] = [
    ("HDND", "HĐND"),
    ("HDBND", "HĐND"),
    ("HDPND", "HĐND"),
    ("HBND", "HĐND"),
    ("HPND", "HĐND"),
    ("DDBQH", "ĐĐBQH"),
    ("DBQH", "ĐBQH"),
    ("LDTBXH", "LĐTBXH"),
    ("TDTN", "TĐTN"),
];

/// A longer abbreviation with the bodies in it repaired: `TTHDNDTP` → `TTHĐNDTP`; `None` where there are none,
/// and for anything but capitals with `&` or `.` between.
pub(crate) fn within(core: &str) -> Option<String> {
    if core.len() < 4 || !core.chars().all(|c| c.is_uppercase() || matches!(c, '&' | '.')) {
        return None;
    }
    let mut out = core.to_owned();
    for (read, written) in WITHIN {
        out = out.replace(read, written);
    }
    (out != core).then_some(out)
}

/// Abbreviations with a stroke in small letters too, as read and as written.
const SHORT: [(&str, &str); 4] = [("D/c", "Đ/c"), ("B/c", "Đ/c"), ("P/c", "Đ/c"), ("d/c", "đ/c")];

/// The code of a National Assembly's term, its number read in letters: `QH1S` → `QH15`, `OHI3` → `QH13`;
/// digits stay what they are.
fn session(group: &str) -> Option<String> {
    let rest = ["UBTVQH", "QH", "OH"].into_iter().find_map(|code| group.strip_prefix(code))?;
    // The edge of the letter before it, read as a stroke: `QHI15`.
    let rest = match rest.strip_prefix(['I', 'l', '|']) {
        Some(digits) if digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit()) => digits,
        _ => rest,
    };
    let digits: Option<String> = rest
        .chars()
        .map(|c| match c {
            '0'..='9' => Some(c),
            'I' | 'l' | '|' => Some('1'),
            'S' => Some('5'),
            'O' => Some('0'),
            _ => None,
        })
        .collect();
    let digits = digits.filter(|digits| digits.len() == 2 && rest.bytes().any(|b| b.is_ascii_digit()))?;
    Some(format!("{}{digits}", if group.starts_with("UB") { "UBTVQH" } else { "QH" }))
}

/// A Roman numeral as it may be meant by `core`, and how many of its letters were something else:
/// `IIl` → `III`, `1I` → `II`, `HI` → `III`; `None` where it is none or shows no damage.
pub(crate) fn roman(core: &str) -> Option<(String, i32)> {
    let mut out = String::new();
    let mut n_apart = 0;
    for c in core.chars() {
        match c {
            'I' | 'V' | 'X' => out.push(c),
            'l' | '1' | '|' | '!' | 'i' | 'T' | 'L' | 'J' => {
                out.push('I');
                n_apart += 1;
            }
            'H' | 'N' | 'U' => {
                out.push_str("II");
                n_apart += 1;
            }
            'Y' => {
                out.push('V');
                n_apart += 1;
            }
            _ => return None,
        }
    }
    (n_apart > 0 && core.len() > 1 && core.contains(['I', 'V', 'X']) && of_roman(&out).is_some())
        .then_some((out, n_apart))
}

/// The value of a Roman numeral up to 39 in its usual spelling.
pub(crate) fn of_roman(text: &str) -> Option<u32> {
    (1..40).find(|n| to_roman(*n) == text)
}

/// A Roman numeral below 40.
pub(crate) fn to_roman(n: u32) -> String {
    const ONES: [&str; 10] = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"];
    format!("{}{}", "X".repeat(n as usize / 10), ONES[n as usize % 10])
}

/// `số` that ran into its number: `s6118/2008/ND-CP` → `số 118/2008/NĐ-CP`; `None` for anything else.
/// The digit after the `s` is the vowel, so the number itself keeps all its digits.
pub(crate) fn run_together(core: &str) -> Option<String> {
    let rest = core.strip_prefix(['s', 'S'])?;
    let number =
        rest.strip_prefix(['6', '0', '5', 'ó', 'ô', 'é', 'o', 'b'])?.trim_start_matches(['&', '.', ':', '’', '\'']);
    if !number.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let repaired = repair(number, &|_| None)?;
    Some(format!("{} {repaired}", if core.starts_with('S') { "Số" } else { "số" }))
}

/// The code that `group` is or was; the plain ones first, so that `CT` is not taken for another.
fn known(group: &str) -> Option<&'static str> {
    if let Some(code) = PLAIN.iter().find(|code| **code == group) {
        return Some(code);
    }
    CODES.iter().chain(["TTg"].iter()).find(|code| looks_like(group, code)).copied()
}

/// Whether `code` may have been read as `group`: look-alikes, and an `Đ` read as two letters.
fn looks_like(group: &str, code: &str) -> bool {
    let mut letters = code.chars();
    let Some(written) = letters.next() else { return group.is_empty() };
    let mut read = group.chars();
    let Some(first) = read.next() else { return false };
    let rest = read.as_str();
    let alike = first == written
        || match written {
            'Đ' => matches!(first, 'D' | 'B' | 'P' | 'Ð'),
            'Q' => matches!(first, 'O'),
            'g' => matches!(first, 'e' | 'p' | 'q' | 'y'),
            _ => false,
        };
    let two = match written {
        'Đ' => rest.strip_prefix(['B', 'P', 'D']).filter(|_| matches!(first, 'D' | 'Đ' | 'B' | 'P')),
        'g' => rest.strip_prefix(['g', 'p']).filter(|_| first == 'e'),
        _ => None,
    };
    (alike && looks_like(rest, letters.as_str())) || two.is_some_and(|rest| looks_like(rest, letters.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letter_groups_are_repaired_and_digits_never() {
        let cases = [
            ("446-QB/TU", "446-QĐ/TU"),
            ("84-QP/TU", "84-QĐ/TU"),
            ("446-OD/TU", "446-QĐ/TU"),
            ("15/2020/ND-CP", "15/2020/NĐ-CP"),
            ("60/2025/NQ-HDND", "60/2025/NQ-HĐND"),
            ("07-CT/TU", "07-CT/TU"),
            ("QB/TU", "QĐ/TU"),
            ("19/2013/QDB-UBND", "19/2013/QĐ-UBND"),
            ("186/2006/QD-TTe", "186/2006/QĐ-TTg"),
            ("226/CD-TTeg", "226/CĐ-TTg"),
            ("114/2025/QH1S", "114/2025/QH15"),
            ("76/2025/UBTVQHI15", "76/2025/UBTVQH15"),
            ("08-QDi/TW", "08-QĐi/TW"),
            ("97/2015/OH13", "97/2015/QH13"),
            ("CT-XH", "CT-XH"),
        ];
        for (read, written) in cases {
            assert_eq!(repair(read, &|_| None).as_deref(), Some(written), "{read}");
        }
        assert_eq!(run_together("s6118/2008/ND-CP").as_deref(), Some("số 118/2008/NĐ-CP"));
        assert_eq!(run_together("so118"), None);
        for other in ["té-xa", "30/7/2021", "2020-2025", "va/hoac", "446-"] {
            assert_eq!(repair(other, &|_| None), None, "{other}");
        }
        let spelled = |group: &str| (group == "QLDD").then(|| "QLĐĐ".to_owned());
        assert_eq!(repair("107/UBND-QLDD", &spelled).as_deref(), Some("107/UBND-QLĐĐ"));
    }

    #[test]
    fn roman_numerals_are_seen_through_their_look_alikes() {
        assert_eq!(roman("IIl"), Some(("III".into(), 1)));
        assert_eq!(roman("1I"), Some(("II".into(), 1)));
        assert_eq!(roman("XVl"), Some(("XVI".into(), 1)));
        assert_eq!(within("TTHDNDTP").as_deref(), Some("TTHĐNDTP"));
        assert_eq!(within("HDND&DBQH").as_deref(), Some("HĐND&ĐBQH"));
        assert_eq!(within("UBND"), None);
        // Undamaged, or no numeral at all.
        for other in ["III", "1", "11", "lI1I", "Il4", "TT"] {
            assert_eq!(roman(other), None, "{other}");
        }
        assert_eq!(of_roman("XXIV"), Some(24));
    }
}
