//! Roman numbers, ordinal words and the alphabet of points.

/// Letters of points in their order. No `f j w z`, no `ă â ê ô ơ ư`.
const POINTS: [char; 23] =
    ['a', 'b', 'c', 'd', 'đ', 'e', 'g', 'h', 'i', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'x', 'y'];

/// Place of a letter among the points, from 1.
pub(super) fn point_rank(letter: char) -> Option<usize> {
    POINTS.iter().position(|&point| point == letter).map(|at| at + 1)
}

/// The letter at a place counted from 1.
pub(super) fn point_letter(rank: usize) -> Option<char> {
    rank.checked_sub(1).and_then(|at| POINTS.get(at)).copied()
}

/// The value of a well-formed Roman number below 90.
pub(super) fn roman_value(text: &str) -> Option<u32> {
    if text.len() > 9 {
        return None;
    }
    let mut value: i32 = 0;
    let mut last = 0;
    for c in text.chars().rev() {
        let digit = match c {
            'I' => 1,
            'V' => 5,
            'X' => 10,
            'L' => 50,
            _ => return None,
        };
        if digit < last {
            value -= digit;
        } else {
            value += digit;
            last = digit;
        }
    }
    (value > 0 && value < 90 && roman(value as u32) == text).then_some(value as u32)
}

/// The Roman number of a value; empty for 0 and for 90 and more.
pub(super) fn roman(value: u32) -> String {
    const TENS: [&str; 9] = ["", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX"];
    const ONES: [&str; 10] = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"];
    match TENS.get(value as usize / 10) {
        Some(tens) => format!("{tens}{}", ONES[value as usize % 10]),
        None => String::new(),
    }
}

/// What an engine that knew no Roman numbers may have meant: `I1I` → `III`, `1l` → `II`, `H` → `II`, `lV` → `IV`.
///
/// `None` where some letter fits no Roman digit, or the result is no number.
pub(super) fn mended_roman(read: &str) -> Option<String> {
    let mut mended = String::with_capacity(read.len());
    for c in read.chars() {
        match c {
            'I' | 'l' | '1' | '|' | 'i' | 'Í' | 'Ì' | '!' | 'J' | 'T' | 'L' => mended.push('I'),
            'V' | 'v' | 'Y' | 'W' => mended.push('V'),
            'X' | 'x' => mended.push('X'),
            'H' => mended.push_str("II"),
            'N' => mended.push_str("IV"),
            'M' => mended.push_str("III"),
            _ => return None,
        }
    }
    roman_value(&mended).map(|_| mended)
}

/// Figures for a folded ordinal word: `nhat` → 1, `tu` → 4.
pub(super) fn ordinal(folded: &[u8]) -> Option<u32> {
    Some(match folded {
        b"nhat" | b"mot" => 1,
        b"hai" | b"nhi" => 2,
        b"ba" => 3,
        b"tu" | b"bon" => 4,
        b"nam" => 5,
        b"sau" => 6,
        b"bay" => 7,
        b"tam" => 8,
        b"chin" => 9,
        b"muoi" => 10,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roman_numbers_go_both_ways() {
        for value in 1..90 {
            assert_eq!(roman_value(&roman(value)), Some(value));
        }
        assert_eq!(roman_value("IIII"), None);
        assert_eq!(roman_value("VX"), None);
    }

    #[test]
    fn misread_roman_numbers_are_mended() {
        assert_eq!(mended_roman("I1I").as_deref(), Some("III"));
        assert_eq!(mended_roman("1I").as_deref(), Some("II"));
        assert_eq!(mended_roman("lV").as_deref(), Some("IV"));
        assert_eq!(mended_roman("H").as_deref(), Some("II"));
        assert_eq!(mended_roman("ABC"), None);
    }

    #[test]
    fn points_d_and_dd_differ() {
        assert_eq!((point_rank('d'), point_rank('đ'), point_rank('e')), (Some(4), Some(5), Some(6)));
        assert_eq!(point_rank('f'), None);
    }
}
