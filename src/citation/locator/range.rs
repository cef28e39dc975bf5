//! What lies between two labels: `Điều 9 đến Điều 11`, `điểm a đến điểm đ`, `Chương I đến Chương IV`.

use super::super::date::roman;

const POINTS: [&str; 23] =
    ["a", "b", "c", "d", "đ", "e", "g", "h", "i", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v", "x", "y"];

/// What lies between two labels, both included; the two alone where no order is known.
pub(super) fn range(first: &str, last: &str) -> Vec<String> {
    if let (Ok(from), Ok(to)) = (first.parse::<u32>(), last.parse::<u32>())
        && from < to
        && to - from <= 120
    {
        return (from..=to).map(|n| n.to_string()).collect();
    }
    let place = |label: &str| POINTS.iter().position(|point| *point == label);
    if let (Some(from), Some(to)) = (place(first), place(last))
        && from < to
    {
        return POINTS[from..=to].iter().map(|point| (*point).to_owned()).collect();
    }
    let (from, to) = (roman(first), roman(last));
    if 0 < from && from < to && to - from <= 50 {
        return (from..=to).map(to_roman).collect();
    }
    vec![first.to_owned(), last.to_owned()]
}

fn to_roman(mut value: u32) -> String {
    let mut out = String::new();
    for (worth, letters) in [(50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")] {
        while value >= worth {
            out.push_str(letters);
            value -= worth;
        }
    }
    out
}
