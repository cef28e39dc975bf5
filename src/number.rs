//! Document numbers (*số, ký hiệu*): `15/2020/NĐ-CP`, `114-KL/TW`, `80/2015/QH13`.
//!
//! Grammar and codes only; finding them in running text is [`crate::citation`]'s work.
//!
//! ```text
//! state    := N ["/" YYYY] "/" TYPE {"-" ISSUER}   76/NQ-CP · 48/2019/QĐ-UBND
//! assembly := N "/" YYYY "/" ("QH"|"UBTVQH") TERM  80/2015/QH13
//! letter   := N "/" ISSUER "-" UNIT                1234/UBND-NC
//! old      := N "/" ISSUER | N "-" ISSUER          45/CP · 236-HĐBT · 64-SL
//! party    := N "-" TYPE "/" ISSUER                23-QĐ/TW · 319-TB/VPTU
//! ```

mod code;

use code::{ISSUERS, grown_together, is_kind, is_party_issuer, latin, repair};

pub use code::kind_of_code;
pub(crate) use code::looks_like;

/// Which of the grammars a number follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `48/2019/QĐ-UBND`, `76/NQ-CP`.
    State,
    /// `80/2015/QH13`: laws and resolutions share it.
    Assembly,
    /// `1234/UBND-NC`: a letter, whose number carries no type.
    Letter,
    /// `45/CP`, `236-HĐBT`, `64-SL`.
    Old,
    /// `23-QĐ/TW`.
    Party,
}

/// A number as the page has it, read by [`scan`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentNumber {
    /// Which grammar.
    pub style: Style,
    /// The serial as printed, leading zero kept: `07`.
    pub serial: String,
    /// The year inside the number.
    pub year: Option<i16>,
    /// The letter groups, repaired: `["QĐ", "UBND"]`.
    pub groups: Vec<String>,
    /// Whether a misread group was repaired.
    pub repaired: bool,
    /// Whether the letters are known codes, so that the number stands without a type word.
    pub known: bool,
}

impl DocumentNumber {
    /// Canonical spelling.
    pub fn canonical(&self) -> String {
        self.with_serial(&self.serial)
    }

    /// The canonical spelling of another number of the same series (“số 22, 24-QĐ/TW”).
    pub fn with_serial(&self, serial: &str) -> String {
        let mut out = String::with_capacity(24);
        out.push_str(serial);
        match self.style {
            Style::Party => {
                out.push('-');
                let (issuer, kinds) = self.groups.split_last().expect("a number has a group");
                out.push_str(&kinds.join("-"));
                out.push('/');
                out.push_str(issuer);
            }
            Style::Old if self.groups[0].starts_with('-') => {
                out.push_str(&self.groups[0]);
            }
            _ => {
                out.push('/');
                if let Some(year) = self.year {
                    out.push_str(&year.to_string());
                    out.push('/');
                }
                out.push_str(&self.groups.join("-"));
            }
        }
        out
    }

    /// The code of the type, where the number carries one: `QĐ`.
    pub fn kind_code(&self) -> Option<&str> {
        match self.style {
            Style::State | Style::Party => self.groups.first().map(String::as_str),
            _ => None,
        }
    }

    /// The code of the issuer: `UBND`, `TU`, `QH13`.
    pub fn issuer_code(&self) -> Option<&str> {
        match self.style {
            Style::State => self.groups.get(1).map(String::as_str),
            Style::Party => self.groups.last().map(String::as_str),
            Style::Assembly | Style::Letter => self.groups.first().map(String::as_str),
            Style::Old => self.groups.first().map(|group| group.trim_start_matches('-')),
        }
    }
}

/// What follows a stop inside a group: two to four capitals or figures and no more, as in `UBND.VX`.
fn is_subunit(rest: &str) -> bool {
    let length = rest.chars().take(5).take_while(|c| c.is_uppercase() || c.is_ascii_digit()).count();
    let behind = rest.chars().nth(length);
    (2..=4).contains(&length) && !behind.is_some_and(char::is_alphabetic)
}

/// One letter group at `at`: its text, or nothing. Takes `QĐ`, `TTg`, `QH13`, `BLTr`, `UBND`;
/// not `Chính`, `Ban`, `Hà`: a code has two capitals at least, or is the single `L`, and no marked small letter.
fn group_at(text: &str, at: usize) -> Option<&str> {
    let mut end = at;
    let mut capitals = 0;
    let mut small = 0;
    for (offset, c) in text[at..].char_indices() {
        let whole = at + offset + c.len_utf8();
        if c.is_uppercase() {
            capitals += 1;
        } else if c.is_ascii_lowercase() {
            small += 1;
        } else if c.is_ascii_digit() && offset > 0 {
            // A term or a section: `QH13`, `NV3`.
        } else if c == '&' && offset > 0 && text[whole..].starts_with(|next: char| next.is_uppercase()) {
            // `STC-QLG&TSC`.
        } else if c == '.' && offset > 0 && is_subunit(&text[whole..]) {
            // `UBND.VX`, `CCTKV.05`.
        } else {
            if c.is_alphabetic() {
                return cut_off(&text[at..at + offset]);
            }
            break;
        }
        end = whole;
        if offset > 24 {
            return None;
        }
    }
    let group = &text[at..end];
    let first_upper = group.starts_with(char::is_uppercase);
    (first_upper && (capitals >= 2 || group == "L") && small <= 4 && small <= capitals + 1).then_some(group)
}

/// ` | |`, ` I1`, ` l l`: the eleventh term in strokes that stand apart; their length in bytes.
fn two_strokes(text: &str) -> Option<usize> {
    let mut n_strokes = 0;
    let mut end = 0;
    for (at, c) in text.char_indices().take(6) {
        match c {
            '|' | 'I' | 'l' | '1' => {
                n_strokes += 1;
                end = at + 1;
            }
            ' ' if n_strokes < 2 => {}
            _ if c.is_alphanumeric() => return None,
            _ => break,
        }
    }
    (n_strokes == 2).then_some(end)
}

/// The code that ran into the next word: `BTC` of `BTCngày`, `TTg` of `TTgvề`; `None` for a common word.
fn cut_off(grown: &str) -> Option<&str> {
    let code = match grown.strip_prefix("TTg") {
        Some(_) => &grown[..3],
        None => grown.trim_end_matches(|c: char| c.is_ascii_lowercase()),
    };
    let capitals = code.chars().filter(|c| c.is_uppercase()).count();
    (capitals >= 2 && capitals + 1 >= code.chars().count()).then_some(code)
}

/// Skips blanks and at most two line breaks, as where a number runs over a line.
fn skip_blank(text: &str, at: usize) -> usize {
    let mut breaks = 0;
    for (offset, c) in text[at..].char_indices() {
        match c {
            '\n' if breaks < 2 => breaks += 1,
            ' ' | '\t' | '\u{a0}' | '\u{c}' | '\r' => {}
            _ => return at + offset,
        }
        if offset > 64 {
            return at;
        }
    }
    at
}

/// A separator at `at` with the blanks around it: whether it is a slash, and where the next part begins.
fn separator(text: &str, at: usize) -> Option<(bool, usize, bool)> {
    let sign = skip_blank(text, at);
    let c = text[sign..].chars().next()?;
    let slash = match c {
        '/' => true,
        '-' | '–' | '—' | '‐' | '‑' | '−' => false,
        _ => return None,
    };
    let mut next = skip_blank(text, sign + c.len_utf8());
    // `NĐ- -CP`: a stroke that was read twice.
    if !slash && next > sign + c.len_utf8() && text[next..].starts_with('-') {
        next = skip_blank(text, next + 1);
    }
    // Blanks on both sides make a dash of the sentence, not of a number.
    let loose = sign > at && next > sign + c.len_utf8();
    Some((slash, next, loose))
}

fn digits_at(text: &str, at: usize, most: usize) -> usize {
    let bytes = text.as_bytes();
    let mut end = at;
    while end < bytes.len() && bytes[end].is_ascii_digit() && end - at <= most {
        end += 1;
    }
    if end - at > most { at } else { end }
}

/// Reads a number that begins at byte `at` of `text`: the number and its end.
///
/// Blanks and a line break around the separators are bridged (`23-⏎QĐ/TW`, `47/2006/⏎QĐ-UBND`).
/// Takes `07- CT/TW`, `212-QĐ-TU`, `01/2015/TTLT-BTC-BTP`; refuses `30/7/2021`, `2020 - 2025`,
/// `0913/246/789`, `15-LD/0123`, `25/36 Chỉ tiêu`.
pub fn scan(text: &str, at: usize) -> Option<(DocumentNumber, usize)> {
    let serial_end = digits_at(text, at, 6);
    if serial_end == at {
        return None;
    }
    let mut here = serial_end;
    // `0S-HD/UBKTTU`, `1O-QĐ/TU`: a figure that was read as a letter.
    let misread = text.as_bytes().get(here).and_then(|byte| match byte {
        b'S' => Some('5'),
        b'O' | b'o' => Some('0'),
        b'I' | b'l' => Some('1'),
        _ => None,
    });
    let misread = misread.filter(|_| matches!(text.as_bytes().get(here + 1), Some(b'/' | b'-')));
    here += usize::from(misread.is_some());
    // `05a-QĐ/TU`: a letter that splits a serial.
    let bytes = text.as_bytes();
    let letter = bytes.get(here).filter(|byte| byte.is_ascii_lowercase()).map(|byte| *byte as char);
    let letter = letter.filter(|_| matches!(bytes.get(here + 1), Some(b'/' | b'-')));
    here += usize::from(letter.is_some());
    // `66.7/2025/NQ-CP`: one of several resolutions that share a serial.
    let mut part = "";
    if bytes.get(here) == Some(&b'.') {
        let end = digits_at(text, here + 1, 2);
        if end > here + 1 && bytes.get(end) == Some(&b'/') && digits_at(text, end + 1, 4) == end + 5 {
            part = &text[here..end];
            here = end;
        }
    }
    let (slash, mut next, loose) = separator(text, here)?;
    let mut year = None;
    if slash {
        let year_end = digits_at(text, next, 4);
        // `27/202 1/QĐ-UBND`: the last figure of the year stands apart.
        let apart = usize::from(bytes.get(year_end) == Some(&b' '));
        let figure = bytes.get(year_end + apart).map_or(b' ', |byte| match byte {
            // `202 L/NĐ-CP`, `202l/`: the figure one.
            b'l' | b'I' | b'L' | b'|' => b'1',
            other => *other,
        });
        let split = year_end == next + 3 && figure.is_ascii_digit() && bytes.get(year_end + apart + 1) == Some(&b'/');
        let figures = year_end;
        let year_end = if split { year_end + apart + 1 } else { year_end };
        if split || year_end == next + 4 || year_end == next + 2 {
            let value: i16 = text[next..figures].parse().ok()?;
            let value = if split { value * 10 + i16::from(figure - b'0') } else { value };
            let (again, after, _) = separator(text, year_end)?;
            if !again && !split && year_end != next + 4 {
                return None;
            }
            let full = if value < 100 { 1900 + value } else { value };
            if !(1940..2100).contains(&full) {
                return None;
            }
            year = Some(full);
            next = after;
        }
    }
    let first = group_at(text, next)?;
    let mut serial = text[at..serial_end].to_owned();
    serial.extend(misread);
    serial.extend(letter);
    serial.push_str(part);
    let mut groups: Vec<&str> = vec![first];
    let mut slashes = vec![slash];
    let mut end = next + first.len();
    while groups.len() < 7 {
        let Some((slash, next, loose)) = separator(text, end) else { break };
        let Some(group) = group_at(text, next) else { break };
        // `12/2020/QĐ – UBND`: a type alone is no whole number yet.
        let unfinished = groups.len() == 1
            && !slash
            && (is_kind(first) || repair(first, true, None).is_some_and(|right| is_kind(&right)));
        if loose && !unfinished || (next > end + 4 && !slash && group.len() > 12) {
            break;
        }
        groups.push(group);
        slashes.push(slash);
        end = next + group.len();
    }
    // `UBTVQH 11`, `QHI 1`: the figures of the term stand apart.
    let mut apart = String::new();
    let last = groups[groups.len() - 1];
    if last.contains("QH") && !last.ends_with(|c: char| c.is_ascii_digit()) && bytes.get(end) == Some(&b' ') {
        let stop = digits_at(text, end + 1, 2);
        let free = !matches!(bytes.get(stop), Some(b'/' | b'-' | b'.'));
        if stop > end + 1 && free {
            apart = format!("{last}{}", &text[end + 1..stop]);
            end = stop;
        } else if let Some(length) = two_strokes(&text[end..]) {
            apart = format!("{last}11");
            end += length;
        }
    }
    if !apart.is_empty() {
        let count = groups.len();
        groups[count - 1] = &apart;
    }
    let mut repaired = false;
    let mut owned: Vec<String> = Vec::with_capacity(groups.len());
    for (n, group) in groups.iter().enumerate() {
        let group = &latin(group);
        if groups.len() == 1
            && slashes[0]
            && year.is_some()
            && let Some((kind, issuer)) = grown_together(group)
        {
            repaired = true;
            owned = vec![kind.to_owned(), issuer.to_owned()];
            slashes.push(false);
            break;
        }
        match repair(group, n == 0, groups.get(n + 1).copied()) {
            Some(right) => {
                // Case alone is spelling, not damage.
                repaired |= !right.eq_ignore_ascii_case(group) && group != "TƯ";
                owned.push(right);
            }
            None => owned.push(group.clone().into_owned()),
        }
    }
    let number = classify(serial, year, owned, &slashes, loose, repaired)?;
    Some((number, end))
}

fn classify(
    serial: String,
    year: Option<i16>,
    mut groups: Vec<String>,
    slashes: &[bool],
    loose: bool,
    repaired: bool,
) -> Option<DocumentNumber> {
    let assembly = |group: &str| {
        ["UBTVQH", "QH"].iter().any(|head| {
            group
                .strip_prefix(head)
                .is_some_and(|term| !term.is_empty() && term.len() <= 2 && term.bytes().all(|b| b.is_ascii_digit()))
        })
    };
    let first_kind = is_kind(&groups[0]);
    let issuer_known = |group: &String| {
        ISSUERS.contains(&group.as_str()) || is_party_issuer(group) || assembly(group) || group.starts_with("HĐND")
    };
    if slashes[0] {
        if year.is_some() && assembly(&groups[0]) {
            return Some(DocumentNumber { style: Style::Assembly, serial, year, groups, repaired, known: true });
        }
        // `12/NQ/TW`: the slash stands for either sign.
        let style = if first_kind && groups.len() > 1 {
            Style::State
        } else if groups.len() == 1 && year.is_none() {
            Style::Old
        } else if year.is_none() {
            Style::Letter
        } else {
            Style::State
        };
        let known = match style {
            Style::State => first_kind && (year.is_some() || groups.len() > 1),
            Style::Old => matches!(groups[0].as_str(), "CP" | "TTg" | "HĐBT" | "HĐCP" | "SL"),
            Style::Letter => issuer_known(&groups[0]) && groups.len() > 1,
            _ => false,
        };
        if loose && !known {
            return None;
        }
        return Some(DocumentNumber { style, serial, year, groups, repaired, known });
    }
    if groups.len() == 1 {
        let old = matches!(groups[0].as_str(), "SL" | "CP" | "HĐBT" | "HĐCP" | "TTg" | "LCT");
        if !old || loose {
            return None;
        }
        groups[0].insert(0, '-');
        return Some(DocumentNumber { style: Style::Old, serial, year, groups, repaired, known: true });
    }
    // `212-QĐ-TU` is `212-QĐ/TU`; `31-HD/TĐTN-BTG` keeps its joint issuer.
    let mut known = first_kind && groups[1..].iter().any(issuer_known);
    if slashes[1..].iter().any(|slash| *slash) {
        let cut = slashes[1..].iter().position(|slash| *slash).expect("just seen") + 1;
        let issuer = groups[cut..].join("-");
        groups.truncate(cut);
        groups.push(issuer);
        known |= first_kind;
    } else if !(first_kind && groups.len() == 2 && is_party_issuer(&groups[1])) {
        return None;
    }
    if loose && !known {
        return None;
    }
    Some(DocumentNumber { style: Style::Party, serial, year, groups, repaired, known })
}

/// The canonical spelling of a printed number: no blanks, `QĐ` with Đ, digits and
/// leading zeros as printed. `None` where it does not follow the grammar of numbers.
pub fn canonical(printed: &str) -> Option<String> {
    let printed = printed.trim();
    let (number, end) = scan(printed, 0)?;
    (end == printed.len()).then(|| number.canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_style_are_spelt_canonically() {
        for (printed, right) in [
            ("76/NQ-CP", "76/NQ-CP"),
            ("48/2019/QD-UBND", "48/2019/QĐ-UBND"),
            ("80/2015/QH13", "80/2015/QH13"),
            ("143/2025/QHI15", "143/2025/QH15"),
            ("351/2017/UBTVQH14", "351/2017/UBTVQH14"),
            ("1234/UBND-NC", "1234/UBND-NC"),
            ("08/VBHN-VPQH", "08/VBHN-VPQH"),
            ("45/CP", "45/CP"),
            ("236-HĐBT", "236-HĐBT"),
            ("64-SL", "64-SL"),
            ("23-\nQD/TW", "23-QĐ/TW"),
            ("446- QB/TU", "446-QĐ/TU"),
            ("66.7/2025/NQ-CP", "66.7/2025/NQ-CP"),
            ("102/202 L/NĐ-CP", "102/2021/NĐ-CP"),
            ("12/2020/QĐ – UBND", "12/2020/QĐ-UBND"),
            ("22/2023/OH15", "22/2023/QH15"),
            ("70/2023/NĐ- -CP", "70/2023/NĐ-CP"),
            ("105/2025/TT-BT\u{421}", "105/2025/TT-BTC"),
            ("214/2025/NĐCP", "214/2025/NĐ-CP"),
            ("37/2025/TTBNNMT", "37/2025/TT-BNNMT"),
            ("77/2006/QĐ.UBND", "77/2006/QĐ-UBND"),
            ("446-OD/TU", "446-QĐ/TU"),
            ("07- CT/TW", "07-CT/TW"),
            ("212-QĐ-TU", "212-QĐ/TU"),
            ("319-TB/VPTU", "319-TB/VPTU"),
            ("268-CV/DU", "268-CV/ĐU"),
            ("31-HD/TĐTN-BTG", "31-HD/TĐTN-BTG"),
            ("01/2015/TTLT-BTC-BTP", "01/2015/TTLT-BTC-BTP"),
            ("47/2006/\nQĐ-UBND", "47/2006/QĐ-UBND"),
            ("219/2025/NĐ- CP", "219/2025/NĐ-CP"),
            ("34/2007/PL-UBTVQH11", "34/2007/PL-UBTVQH11"),
            ("11-QĐi/TW", "11-QĐi/TW"),
            ("77/TTrLN-SNV-STC", "77/TTrLN-SNV-STC"),
            ("915/TTT-NV3", "915/TTT-NV3"),
            ("34/2007/PL-UBTVQH | |", "34/2007/PL-UBTVQH11"),
            ("02-OC/TU", "02-QC/TU"),
            ("619/TIr-STNMT", "619/TTr-STNMT"),
            ("08-QBi/TW", "08-QĐi/TW"),
            ("21-HD/BTGTHU", "21-HD/BTGTU"),
        ] {
            assert_eq!(canonical(printed).as_deref(), Some(right), "{printed}");
        }
    }

    #[test]
    fn a_code_ends_where_the_next_word_ran_into_it() {
        for (text, right) in [
            ("84/2016/TT-BTCngày 17/6", "84/2016/TT-BTC"),
            ("07/CT-TTgvề việc", "07/CT-TTg"),
            ("446-QĐ/TUcủa Ban", "446-QĐ/TU"),
        ] {
            assert_eq!(scan(text, 0).map(|(number, _)| number.canonical()).as_deref(), Some(right), "{text}");
        }
        assert_eq!(scan("12/Chính phủ", 0), None);
    }

    #[test]
    fn dates_fractions_telephones_and_plates_are_no_numbers() {
        for printed in
            ["30/7/2021", "3/4", "0913/246/789", "15-LD/0123", "2020 - 2025", "2021-2030", "15A-446.84", "12/kg"]
        {
            assert_eq!(canonical(printed), None, "{printed}");
        }
    }

    #[test]
    fn a_dash_of_the_sentence_ends_the_number() {
        let text = "76/NQ-CP - UBND thành phố";
        let (number, end) = scan(text, 0).expect("a number");
        assert_eq!((number.canonical().as_str(), &text[..end]), ("76/NQ-CP", "76/NQ-CP"));
    }
}
