//! Codes of document numbers: the letter group only is repaired, against the codes in use;
//! a digit is never touched.

/// Codes and their parts that hold a letter the engine does not know, and their look-alikes'
/// pattern: an `Đ` may have been read as `D`, `B`, `P` or `Ð`, an `Ư` as `U`.
const CODES: [&str; 33] = [
    "QĐ", "NĐ", "HĐND", "HĐ", "CĐ", "ĐU", "ĐUK", "ĐA", "LĐTBXH", "BLĐTBXH", "SLĐTBXH", "GDĐT", "BGDĐT", "SGDĐT",
    "GDDT", "TLĐ", "LĐLĐ", "ĐTN", "BCĐ", "HĐTV", "HĐQT", "TĐ", "ĐĐBQH", "ĐBQH", "BXD", "ĐĐ", "BCSĐ", "CTĐ", "VBHN",
    "HĐBT", "QĐUB", "TVĐU", "BĐKH",
];

/// Codes as they stand, without a letter that gets lost. `CTr` keeps its small letter.
const PLAIN: [&str; 40] = [
    "CT", "TU", "TW", "KL", "NQ", "TB", "VPTU", "CTr", "CTR", "KH", "HD", "BC", "TTr", "TTg", "CP", "UBND", "UB",
    "BNV", "BTC", "BTP", "BCA", "BQP", "BYT", "BTTTT", "TT", "TTLT", "QC", "QH", "PL", "UBTVQH", "TANDTC", "VKSNDTC",
    "BTGTU", "BTCTU", "BDVTU", "UBKTTU", "NC", "VX", "GM", "CV",
];

/// The repaired core of a document number, or the core itself when it is one and is right;
/// `None` when it is no document number.
///
/// `446-QB/TU` → `446-QĐ/TU`, `15/2020/ND-CP` → `15/2020/NĐ-CP`, `QD-UBND` → `QĐ-UBND`;
/// not `tế-xã`, not `30/7/2021`, not `2020-2025`.
pub(crate) fn repair(core: &str) -> Option<String> {
    if !core.contains(['-', '/']) {
        return None;
    }
    let mut out = String::with_capacity(core.len() + 2);
    let mut n_codes = 0;
    let mut n_numbers = 0;
    for piece in core.split_inclusive(['-', '/']) {
        let (group, sign) = match piece.strip_suffix(['-', '/']) {
            Some(group) => (group, &piece[group.len()..]),
            None => (piece, ""),
        };
        if group.bytes().any(|b| b.is_ascii_digit()) {
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
                out.push_str(group);
            }
        }
        out.push_str(sign);
    }
    (n_codes > 0 && (n_numbers > 0 || n_codes > 1)).then_some(out)
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
    let repaired = repair(number)?;
    Some(format!("{} {repaired}", if core.starts_with('S') { "Số" } else { "số" }))
}

/// The code that `group` is or was; the plain ones first, so that `CT` is not taken for another.
fn known(group: &str) -> Option<&'static str> {
    if let Some(code) = PLAIN.iter().find(|code| **code == group) {
        return Some(code);
    }
    CODES.iter().find(|code| looks_like(group, code)).copied()
}

fn looks_like(group: &str, code: &str) -> bool {
    group.chars().count() == code.chars().count()
        && group.chars().zip(code.chars()).all(|(read, written)| {
            read == written
                || match written {
                    'Đ' => matches!(read, 'D' | 'B' | 'P' | 'Ð'),
                    'Q' => matches!(read, 'O'),
                    _ => false,
                }
        })
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
        ];
        for (read, written) in cases {
            assert_eq!(repair(read).as_deref(), Some(written), "{read}");
        }
        assert_eq!(run_together("s6118/2008/ND-CP").as_deref(), Some("số 118/2008/NĐ-CP"));
        assert_eq!(run_together("so118"), None);
        for other in ["té-xa", "30/7/2021", "2020-2025", "va/hoac", "446-"] {
            assert_eq!(repair(other), None, "{other}");
        }
    }
}
