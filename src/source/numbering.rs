//! Word's automatic numbers: `Điều 3.`, `2.`, `a)` that stand in no text but in `numbering.xml`.

use super::xml::{self, Node};
use rustc_hash::FxHashMap;

/// One level of a list.
#[derive(Clone, Debug, Default)]
struct Level {
    start: i64,
    format: String,
    /// `Điều %1.`: the numbers of the levels put into a text.
    text: String,
    /// Whether a blank follows.
    spaced: bool,
    /// Figures only, whatever the levels above use (`1.2` under `Chương I`).
    legal: bool,
    /// The level whose step begins this one anew; the level above by default.
    restart: Option<usize>,
    style: Option<String>,
}

#[derive(Clone, Debug, Default)]
struct Num {
    /// Lists of one abstract list count together.
    abstract_id: String,
    start_overrides: FxHashMap<usize, i64>,
    levels: FxHashMap<usize, Level>,
}

/// The lists of one document and where each of them stands.
#[derive(Debug, Default)]
pub(crate) struct Numbering {
    levels: FxHashMap<String, FxHashMap<usize, Level>>,
    nums: FxHashMap<String, Num>,
    counters: FxHashMap<String, [Option<i64>; N_LEVELS]>,
    begun: FxHashMap<String, ()>,
}

const N_LEVELS: usize = 9;
/// A longer level text is no number.
const LONGEST_TEXT: usize = 64;

impl Numbering {
    /// Reads `numbering.xml`; what is malformed is left out.
    pub(crate) fn read(part: &str) -> Numbering {
        let mut numbering = Numbering::default();
        let root = xml::tree(part);
        let mut links: Vec<(String, String)> = Vec::new();
        for list in root.descendants("abstractNum") {
            let id = list.attribute("abstractNumId").unwrap_or_default().to_owned();
            numbering.levels.insert(id.clone(), levels(list));
            if let Some(link) = list.child("numStyleLink").and_then(|link| link.attribute("val")) {
                links.push((id, link.to_owned()));
            }
        }
        for (id, style) in links {
            // A list may borrow its levels from the list that defines a style.
            let lender = root
                .descendants("abstractNum")
                .into_iter()
                .find(|list| list.child("styleLink").and_then(|link| link.attribute("val")) == Some(style.as_str()))
                .map(levels);
            if let Some(lent) = lender {
                numbering.levels.insert(id, lent);
            }
        }
        for num in root.descendants("num") {
            let mut read = Num {
                abstract_id: num
                    .child("abstractNumId")
                    .and_then(|id| id.attribute("val"))
                    .unwrap_or_default()
                    .to_owned(),
                levels: levels_of_overrides(num),
                ..Num::default()
            };
            for change in num.children("lvlOverride") {
                let level = number(change.attribute("ilvl")).unwrap_or(0);
                if let Some(start) = change.child("startOverride").and_then(|start| number(start.attribute("val"))) {
                    read.start_overrides.insert(level as usize, start);
                }
            }
            numbering.nums.insert(num.attribute("numId").unwrap_or_default().to_owned(), read);
        }
        numbering
    }

    /// The level of list `num` that paragraphs of `style` take by themselves.
    pub(crate) fn level_of_style(&self, num: &str, style: &str) -> Option<usize> {
        let levels = self.levels.get(&self.nums.get(num)?.abstract_id)?;
        levels.iter().find(|(_, level)| level.style.as_deref() == Some(style)).map(|(n, _)| *n)
    }

    /// Counts one paragraph of list `num` at `level` and gives its printed number, with the
    /// blank after it; nothing where the list is unknown or prints none.
    pub(crate) fn next(&mut self, num: &str, level: usize) -> Option<String> {
        let list = self.nums.get(num)?;
        let levels = self.levels.get(&list.abstract_id);
        let of = |n: usize| list.levels.get(&n).or_else(|| levels.and_then(|levels| levels.get(&n)));
        let this = of(level)?;
        let counters = self.counters.entry(list.abstract_id.clone()).or_default();
        if self.begun.insert(num.to_owned(), ()).is_none() {
            for (n, start) in &list.start_overrides {
                if *n < N_LEVELS {
                    counters[*n] = Some(start.saturating_sub(1));
                }
            }
        }
        let counter = counters.get_mut(level)?;
        *counter = Some(counter.map_or(this.start, |n| n.saturating_add(1)));
        for (n, deeper) in counters.iter_mut().enumerate().skip(level + 1) {
            if of(n).and_then(|level| level.restart).is_none_or(|restart| restart > level) {
                *deeper = None;
            }
        }
        if this.text.is_empty() {
            return None;
        }
        let mut printed = String::new();
        if this.format == "bullet" {
            // Symbol fonts keep their signs in the private area.
            printed.extend(this.text.chars().map(|c| if ('\u{E000}'..='\u{F8FF}').contains(&c) { '•' } else { c }));
        } else {
            let mut chars = this.text.chars();
            while let Some(c) = chars.next()
                && printed.len() < LONGEST_TEXT * 4
            {
                let digit = if c == '%' { chars.clone().next().and_then(|c| c.to_digit(10)) } else { None };
                match digit {
                    Some(n @ 1..=9) => {
                        chars.next();
                        let n = n as usize - 1;
                        let value = counters[n].or_else(|| of(n).map(|level| level.start)).unwrap_or(1);
                        let format = of(n).map_or("decimal", |level| level.format.as_str());
                        printed.push_str(&spell(value, if this.legal { "decimal" } else { format }));
                    }
                    _ => printed.push(c),
                }
            }
        }
        // Words run into the number where the list asks for no blank after `Chương %1` or `Điều %2.`.
        if this.spaced || printed.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | ')' | ':')) {
            printed.push(' ');
        }
        Some(printed)
    }
}

fn levels(list: &Node) -> FxHashMap<usize, Level> {
    list.children("lvl").filter_map(level).collect()
}

fn levels_of_overrides(num: &Node) -> FxHashMap<usize, Level> {
    num.children("lvlOverride").flat_map(|change| change.children("lvl")).filter_map(level).collect()
}

fn level(node: &Node) -> Option<(usize, Level)> {
    let n = usize::try_from(number(node.attribute("ilvl"))?).ok().filter(|n| *n < N_LEVELS)?;
    let value = |name: &str| node.child(name).and_then(|child| child.attribute("val"));
    let text = value("lvlText").filter(|text| text.chars().count() <= LONGEST_TEXT).unwrap_or_default();
    let level = Level {
        start: number(value("start")).unwrap_or(1),
        format: value("numFmt").unwrap_or("decimal").to_owned(),
        text: text.to_owned(),
        spaced: value("suff") != Some("nothing"),
        legal: node.child("isLgl").is_some_and(|on| on.attribute("val") != Some("0")),
        restart: number(value("lvlRestart")).and_then(|n| usize::try_from(n).ok()),
        style: value("pStyle").map(str::to_owned),
    };
    Some((n, level))
}

fn number(text: Option<&str>) -> Option<i64> {
    text?.parse().ok()
}

/// A number in one of Word's formats; figures where the format is not known.
pub(crate) fn spell(n: i64, format: &str) -> String {
    match format {
        "none" => String::new(),
        "lowerLetter" => letters(n),
        "upperLetter" => letters(n).to_uppercase(),
        "lowerRoman" => roman(n).to_lowercase(),
        "upperRoman" => roman(n),
        "decimalZero" => format!("{n:02}"),
        _ => n.to_string(),
    }
}

/// a … z, aa, bb …, as Word counts.
fn letters(n: i64) -> String {
    if !(1..=26 * LONGEST_TEXT as i64).contains(&n) {
        return n.to_string();
    }
    let letter = char::from(b'a' + ((n - 1) % 26) as u8);
    std::iter::repeat_n(letter, ((n - 1) / 26 + 1) as usize).collect()
}

fn roman(n: i64) -> String {
    const SIGNS: [(i64, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    if !(1..4000).contains(&n) {
        return n.to_string();
    }
    let mut rest = n;
    let mut out = String::new();
    for (value, sign) in SIGNS {
        while rest >= value {
            out.push_str(sign);
            rest -= value;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const PART: &str = r#"<w:numbering xmlns:w="w"><w:abstractNum w:abstractNumId="0">
        <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="upperRoman"/><w:lvlText w:val="Chương %1"/></w:lvl>
        <w:lvl w:ilvl="1"><w:start w:val="1"/><w:lvlRestart w:val="0"/><w:lvlText w:val="Điều %2."/></w:lvl>
        <w:lvl w:ilvl="2"><w:start w:val="1"/><w:lvlText w:val="%3."/></w:lvl>
        <w:lvl w:ilvl="3"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%4)"/></w:lvl>
        </w:abstractNum><w:num w:numId="5"><w:abstractNumId w:val="0"/></w:num></w:numbering>"#;

    #[test]
    fn articles_run_on_through_chapters_and_clauses_begin_anew() {
        let mut numbering = Numbering::read(PART);
        let printed: Vec<String> =
            [0, 1, 2, 2, 3, 1, 2, 0, 1, 3].iter().filter_map(|level| numbering.next("5", *level)).collect();
        assert_eq!(
            printed,
            ["Chương I ", "Điều 1. ", "1. ", "2. ", "a) ", "Điều 2. ", "1. ", "Chương II ", "Điều 3. ", "a) "]
        );
        assert_eq!(numbering.next("9", 0), None);
    }

    #[test]
    fn numbers_are_spelled_as_word_does() {
        assert_eq!([letters(1), letters(27), roman(1994), spell(3, "decimalZero")], ["a", "aa", "MCMXCIV", "03"]);
    }
}
