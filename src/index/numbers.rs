//! Number look-ups: `446-QĐ/TU`, `446 QD TU`, `qđ 446`, `23/ct-ttg` go to the document at once.

use super::analyzer::{cuts, key};
use super::cards::Card;
use super::synonyms::Synonyms;
use crate::text::fold;
use rustc_hash::FxHashMap;

/// Words around a number that say nothing more.
const FILLERS: [&str; 14] =
    ["so", "ky", "hieu", "ngay", "thang", "nam", "cua", "van", "ban", "theo", "tai", "va", "ve", "viec"];

/// The parts of a number, folded, cut where letters meet digits: `80/2015/QH13` → 80 2015 qh 13.
pub(crate) fn parts(number: &str) -> Vec<String> {
    let mut parts = Vec::new();
    for (start, end) in cuts(number) {
        let folded = fold(&number[start..end]);
        let mut rest = folded.as_str();
        while let Some(first) = rest.chars().next() {
            let digit = first.is_ascii_digit();
            let end = rest.find(|c: char| c.is_ascii_digit() != digit).unwrap_or(rest.len());
            parts.push(rest[..end].to_owned());
            rest = &rest[end..];
        }
    }
    parts
}

/// A part as numbers are compared: without leading zeros.
fn bare(part: &str) -> &str {
    if part.starts_with(|c: char| c.is_ascii_digit()) {
        let bare = part.trim_start_matches('0');
        if bare.is_empty() { "0" } else { bare }
    } else {
        part
    }
}

/// A place named in a query: `Điều 5`, `khoản 2`.
pub(crate) type Locator = Vec<String>;

/// Numbers of all documents, by their first figure.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    by_figure: FxHashMap<String, Vec<u32>>,
    parts: Vec<Vec<String>>,
}

/// What a query says of numbers.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Found {
    /// Cards, the best match first.
    pub(crate) cards: Vec<u32>,
    /// Whether nothing else was asked for.
    pub(crate) whole: bool,
    /// Steps of a path, innermost last.
    pub(crate) locator: Locator,
}

impl Numbers {
    /// Collects the numbers of `cards`.
    pub(crate) fn new(cards: &[Card]) -> Numbers {
        let mut numbers = Numbers::default();
        for (n, card) in cards.iter().enumerate() {
            let parts = card.number.as_deref().map(parts).unwrap_or_default();
            if let Some(figure) = parts.iter().find(|part| part.starts_with(|c: char| c.is_ascii_digit())) {
                numbers.by_figure.entry(bare(figure).to_owned()).or_default().push(n as u32);
            }
            numbers.parts.push(parts);
        }
        numbers
    }

    /// Whether a document's number has all these parts.
    pub(crate) fn has(&self, card: usize, wanted: &[String]) -> bool {
        let parts = &self.parts[card];
        !wanted.is_empty() && wanted.iter().all(|want| parts.iter().any(|part| bare(part) == bare(want)))
    }

    /// Whether a document's number, folded and without blanks, begins so.
    pub(crate) fn begins(&self, card: usize, mut typed: &str) -> bool {
        let parts = &self.parts[card];
        for part in parts {
            if part.starts_with(typed) {
                return true;
            }
            match typed.strip_prefix(part.as_str()) {
                Some(rest) => typed = rest,
                None => return false,
            }
        }
        typed.is_empty() && !parts.is_empty()
    }

    /// Documents whose number a query names, in any spelling.
    ///
    /// `names` gives, for a card, the folded names that may stand beside its number.
    pub(crate) fn find<'n>(
        &self,
        query: &str,
        cards: &[Card],
        synonyms: &Synonyms,
        names: impl Fn(u32) -> [&'n str; 2],
    ) -> Found {
        let (rest, locator) = take_locator(query);
        let words = parts(&rest);
        let readings: Vec<Vec<String>> = words.iter().map(|word| synonyms.readings(word)).collect();
        let mut scored: Vec<(i32, u32)> = Vec::new();
        let mut whole = false;
        // A chunk with a figure and a stroke or hyphen is a number, whatever stands around it.
        let chunks: Vec<Vec<String>> = rest
            .split_whitespace()
            .filter(|chunk| chunk.contains(['/', '-', '–', '‑']) && chunk.starts_with(|c: char| c.is_ascii_digit()))
            .map(parts)
            .filter(|parts| parts.len() > 1 && parts.iter().any(|part| part.starts_with(|c: char| c.is_alphabetic())))
            .collect();
        let mut tried: Vec<u32> =
            words.iter().filter_map(|word| self.by_figure.get(bare(word))).flatten().copied().collect();
        tried.sort_unstable();
        tried.dedup();
        for n in tried {
            let card = &cards[n as usize];
            let own = &self.parts[n as usize];
            let covered = words.iter().filter(|word| own.iter().any(|part| bare(part) == bare(word))).count();
            let all = explains(card, own, &words, &readings, names(n));
            let chunk = chunks.iter().any(|chunk| self.has(n as usize, chunk));
            if !all && !chunk {
                continue;
            }
            whole |= all;
            let exact = own.iter().filter(|part| words.contains(part)).count();
            let complete = i32::from(own.iter().all(|part| words.iter().any(|word| bare(word) == bare(part))));
            scored.push((complete * 1000 + i32::from(all) * 500 + covered as i32 * 10 + exact as i32, n));
        }
        let newest = |n: u32| std::cmp::Reverse(cards[n as usize].date);
        scored.sort_by_key(|&(score, n)| (std::cmp::Reverse(score), newest(n), n));
        // Where one document fits the number completely, those that fit in part are no look-up.
        if let Some(&(best, _)) = scored.first()
            && best >= 1000
        {
            scored.retain(|&(score, _)| score >= 1000);
        }
        scored.truncate(50);
        Found { cards: scored.into_iter().map(|(_, n)| n).collect(), whole, locator }
    }
}

/// Whether every word typed belongs to the number, type, issuer or date of a document.
fn explains(card: &Card, own: &[String], words: &[String], readings: &[Vec<String>], names: [&str; 2]) -> bool {
    let figure = own.iter().find(|part| part.starts_with(|c: char| c.is_ascii_digit()));
    if !figure.is_some_and(|figure| words.iter().any(|word| bare(word) == bare(figure))) {
        return false;
    }
    let dated = |word: &str| {
        card.date.is_some_and(|date| {
            let figures = [i32::from(date.day()), i32::from(date.month()), i32::from(date.year())];
            word.parse().is_ok_and(|figure: i32| figures.contains(&figure))
        })
    };
    words.iter().zip(readings).all(|(word, readings)| {
        own.iter().any(|part| bare(part) == bare(word))
            || names.iter().any(|name| name.split(' ').any(|part| part == word))
            || dated(bare(word))
            || FILLERS.contains(&word.as_str())
            || readings.iter().any(|reading| names.iter().any(|name| name.contains(reading.as_str())))
    })
}

/// Splits “khoản 2 Điều 5 Nghị định 15/2020/NĐ-CP” into the rest and `dieu:5`, `khoan:2`.
fn take_locator(query: &str) -> (String, Locator) {
    let mut rest = Vec::new();
    let mut steps: Vec<(u8, String)> = Vec::new();
    let mut words = query.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let level = match key(word).as_str() {
            "dieu" => Some((0, "dieu")),
            "khoan" => Some((1, "khoan")),
            "diem" => Some((2, "diem")),
            _ => None,
        };
        let label = words.peek().map(|label| label.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase());
        let fits = |label: &String| match level {
            Some((2, _)) => (1..=2).contains(&label.chars().count()) && label.chars().all(char::is_alphabetic),
            Some(_) => label.starts_with(|c: char| c.is_ascii_digit()) && label.chars().all(char::is_alphanumeric),
            None => false,
        };
        match (level, label.filter(fits)) {
            (Some((rank, level)), Some(label)) => {
                steps.push((rank, format!("{level}:{label}")));
                words.next();
            }
            _ => rest.push(word),
        }
    }
    steps.sort();
    (rest.join(" "), steps.into_iter().map(|(_, step)| step).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(id: &str, number: &str, kind: &str, issuer: &str) -> Card {
        Card {
            id: id.into(),
            number: Some(number.into()),
            kind: Some(kind.into()),
            issuer: Some(issuer.into()),
            ..Card::default()
        }
    }

    fn look(query: &str) -> Vec<String> {
        let cards = [
            card("a", "446-QĐ/TU", "Quyết định", "Ban Thường vụ Thành ủy"),
            card("b", "23/CT-TTg", "Chỉ thị", "Thủ tướng Chính phủ"),
            card("c", "07-CT/TU", "Chỉ thị", "Ban Thường vụ Thành ủy"),
            card("d", "15/2020/NĐ-CP", "Nghị định", "Chính phủ"),
            card("e", "446/QĐ-UBND", "Quyết định", "Ủy ban nhân dân tỉnh"),
        ];
        let folded: Vec<[String; 2]> =
            cards.iter().map(|card| [&card.kind, &card.issuer].map(|name| key(name.as_deref().unwrap()))).collect();
        let names = |n: u32| [folded[n as usize][0].as_str(), folded[n as usize][1].as_str()];
        let found = Numbers::new(&cards).find(query, &cards, &Synonyms::embedded(), names);
        found.cards.iter().map(|n| cards[*n as usize].id.clone()).collect()
    }

    #[test]
    fn any_spelling_goes_to_the_document() {
        for query in ["446-QĐ/TU", "446-QD/TU", "446 QD TU", "446qđ/tu", "số 446 - qđ/tu", "TU 446"] {
            assert_eq!(look(query), ["a"], "{query}");
        }
        assert_eq!(look("23/ct-ttg"), ["b"]);
        assert_eq!(look("7-ct/tu"), ["c"]);
        assert_eq!(look("chỉ thị 23"), ["b"]);
        assert_eq!(look("nghi dinh 15/2020"), ["d"]);
        assert_eq!(look("qđ 446"), ["a", "e"]);
    }

    #[test]
    fn words_beside_a_number_keep_it_from_being_one() {
        assert!(look("446 hộ nghèo").is_empty());
        assert_eq!(look("thực hiện 446-QĐ/TU trong năm tới"), ["a"]);
    }

    #[test]
    fn a_locator_is_taken_out() {
        let (rest, locator) = take_locator("điểm đ khoản 2 Điều 5 Nghị định 15/2020/NĐ-CP");
        assert_eq!(rest, "Nghị định 15/2020/NĐ-CP");
        assert_eq!(locator, ["dieu:5", "khoan:2", "diem:đ"]);
        assert_eq!(take_locator("điều kiện kinh doanh").1, Locator::new());
    }
}
