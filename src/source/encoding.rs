//! Bytes of one plain-text file → text: charset, line ends, NFC, invisible characters, `Ð`.
//!
//! Clean UTF-8 in NFC is surveyed once and copied. Everything else takes the slow way:
//! legacy charsets are left to [`super::legacy`].

use super::legacy;
use super::spelling::is_spellable;
use super::viqr::Dialect;
use super::{Decoded, Refused};
use crate::text::Defect;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Decodes one plain-text file: any Unicode form, the legacy Vietnamese charsets, and text
/// that was decoded wrongly and saved again.
///
/// Empty and binary content is refused; everything else is text in some encoding. Where no
/// encoding or several explain the bytes, they are read as windows-1252 and a defect says so.
pub fn decode(bytes: &[u8]) -> Result<Decoded, Refused> {
    if let Some(what) = super::sniff::binary_format(bytes) {
        return Err(binary(&format!("this is {what}, not plain text; give it its usual file name")));
    }
    let (text, base, mut defects) = unicode(bytes)?;
    if text.trim_matches(|c: char| c.is_whitespace() || c.is_control() || c == '\u{FEFF}').is_empty() {
        return Err(empty());
    }
    let (text, encoding) = tidy(text, base, &mut defects);
    Ok(Decoded { text, encoding, defects, pages: None })
}

/// Decodes text that a reader of another format found, so that the same damage is mended there.
pub(crate) fn mend_text(text: String, format: &str) -> Decoded {
    let mut defects = Vec::new();
    let (text, encoding) = tidy(text, Base::Unicode("utf-8"), &mut defects);
    let encoding = match encoding.as_str() {
        "utf-8" => format.to_owned(),
        found => format!("{format}/{}", found.strip_prefix("utf-8/").unwrap_or(found)),
    };
    Decoded { text, encoding, defects, pages: None }
}

/// The same for characters that stand for windows-1252 bytes.
pub(crate) fn mend_bytes(text: String, format: &str) -> Decoded {
    let mut defects = Vec::new();
    let (text, encoding) = tidy(text, Base::Bytes, &mut defects);
    Decoded { text, encoding: format!("{format}/{encoding}"), defects, pages: None }
}

/// The characters of a page in markup, and whether its bytes are Unicode; legacy charsets are
/// looked for once the markup is gone.
pub(crate) fn page_text(bytes: &[u8]) -> (String, bool) {
    match unicode(bytes) {
        Ok((text, base, _)) => (text, base != Base::Bytes),
        Err(_) => (String::from_utf8_lossy(bytes).into_owned(), true),
    }
}

/// What the bytes were before anything legacy was looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Base {
    /// Some form of Unicode, by name.
    Unicode(&'static str),
    /// No Unicode: characters stand for windows-1252 bytes.
    Bytes,
}

fn empty() -> Refused {
    Refused { reason: "empty", message: "the file holds no text; scan or export it again".into() }
}

fn binary(message: &str) -> Refused {
    Refused { reason: "binary", message: message.into() }
}

/// Bytes to characters, without looking at what they say.
fn unicode(bytes: &[u8]) -> Result<(String, Base, Vec<Defect>), Refused> {
    let mut defects = Vec::new();
    match bytes {
        [] => return Err(empty()),
        [0xFF, 0xFE, rest @ ..] => {
            return Ok((utf16(rest, u16::from_le_bytes, &mut defects), Base::Unicode("utf-16le"), defects));
        }
        [0xFE, 0xFF, rest @ ..] => {
            return Ok((utf16(rest, u16::from_be_bytes, &mut defects), Base::Unicode("utf-16be"), defects));
        }
        _ => {}
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if bytes.contains(&0) {
        return match utf16_without_bom(bytes, &mut defects) {
            Some((text, name)) => Ok((text, Base::Unicode(name), defects)),
            None => Err(binary("binary data, not text; `vanban formats` lists what can be read")),
        };
    }
    // Codes that neither text nor any charset uses for a letter; a picture or program is full of them.
    let strange =
        bytes.iter().filter(|byte| matches!(byte, 0x07 | 0x08 | 0x0E | 0x0F | 0x18 | 0x1A | 0x1B | 0x1F)).count();
    let high = bytes.iter().filter(|byte| **byte >= 0x80).count();
    if strange * 64 > bytes.len() {
        return Err(binary("binary data, not text; `vanban formats` lists what can be read"));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok((text.to_owned(), Base::Unicode("utf-8"), defects));
    }
    if high * 5 > bytes.len() * 4 {
        return Err(binary("binary data, not text; `vanban formats` lists what can be read"));
    }
    Ok(partly_utf8(bytes, defects))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16, defects: &mut Vec<Defect>) -> String {
    let pairs = bytes.chunks_exact(2);
    let cut = !pairs.remainder().is_empty();
    let units = pairs.map(|pair| unit([pair[0], pair[1]]));
    let mut n_broken = usize::from(cut);
    let text = char::decode_utf16(units)
        .map(|c| {
            c.unwrap_or_else(|_| {
                n_broken += 1;
                char::REPLACEMENT_CHARACTER
            })
        })
        .collect();
    if n_broken > 0 {
        defects.push(defect(format!("{n_broken} broken UTF-16 units")));
    }
    text
}

/// UTF-16 whose mark was lost: every plain letter has its zero on the same side.
fn utf16_without_bom(bytes: &[u8], defects: &mut Vec<Defect>) -> Option<(String, &'static str)> {
    let zeros = |side: usize| bytes.iter().skip(side).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let units = bytes.len() / 2;
    if units == 0 || even.max(odd) * 5 < units || even.min(odd) * 50 > even.max(odd) {
        return None;
    }
    let mut found = Vec::new();
    let (text, name) = if odd > even {
        (utf16(bytes, u16::from_le_bytes, &mut found), "utf-16le")
    } else {
        (utf16(bytes, u16::from_be_bytes, &mut found), "utf-16be")
    };
    let odd_ones = text.chars().filter(|c| (c.is_control() && !c.is_ascii_whitespace()) || !is_common(*c)).count();
    if odd_ones * 50 > units {
        return None;
    }
    defects.append(&mut found);
    Some((text, name))
}

/// Latin scripts, marks, punctuation and symbols: what a Vietnamese paper is made of.
fn is_common(c: char) -> bool {
    matches!(c as u32, 0x09..=0x36F | 0x1E00..=0x1EFF | 0x2000..=0x2BFF | 0xF000..=0xF0FF | 0xFB00..=0xFB06 | 0xFEFF)
}

/// Broken UTF-8, a legacy charset, or lines of both.
fn partly_utf8(bytes: &[u8], mut defects: Vec<Defect>) -> (String, Base, Vec<Defect>) {
    let measure = |bytes: &[u8]| {
        bytes.utf8_chunks().fold((0, 0), |(good, broken), chunk| {
            (good + chunk.valid().chars().filter(|c| !c.is_ascii()).count(), broken + chunk.invalid().len())
        })
    };
    let (good, broken) = measure(bytes);
    // A legacy text holds a chance pair that looks like UTF-8 now and then.
    if good < broken {
        let by_line = bytes.split(|byte| *byte == b'\n').any(|line| {
            let (good, broken) = measure(line);
            broken == 0 && good >= 8
        });
        if !by_line {
            return (windows_1252(bytes), Base::Bytes, defects);
        }
    }
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    let (mut n_lossy, mut first_lossy, mut legacy) = (0, 0, false);
    for (n, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if n > 0 {
            text.push('\n');
        }
        match measure(line) {
            (_, 0) => text.push_str(&String::from_utf8_lossy(line)),
            (good, broken) if good > broken * 2 => {
                text.push_str(&String::from_utf8_lossy(line));
                n_lossy += broken;
                first_lossy = if first_lossy == 0 { n + 1 } else { first_lossy };
            }
            _ => {
                legacy = true;
                text.push_str(&windows_1252(line));
            }
        }
    }
    if n_lossy > 0 {
        defects.push(Defect {
            kind: "encoding".into(),
            line: first_lossy,
            note: format!("{n_lossy} bytes are no UTF-8 and were replaced by U+FFFD"),
        });
    }
    if legacy && n_lossy == 0 {
        defects.push(defect("some lines are UTF-8 and some are not".into()));
    }
    (text, Base::Unicode("utf-8"), defects)
}

fn windows_1252(bytes: &[u8]) -> String {
    encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
}

fn defect(note: String) -> Defect {
    Defect { kind: "encoding".into(), line: 0, note }
}

/// Line ends, NFC, legacy charsets, invisible characters; gives the text and its encoding's name.
fn tidy(text: String, base: Base, defects: &mut Vec<Defect>) -> (String, String) {
    let survey = Survey::of(&text);
    let plain_name = match base {
        Base::Unicode(name) => name,
        Base::Bytes => "windows-1252",
    };
    let maybe_viqr = survey.n_accented * 50 < text.len() && Dialect::of(&text) != Dialect::None;
    if base != Base::Bytes && survey.is_clean() && survey.n_suspicious == 0 && !maybe_viqr {
        return (text, plain_name.to_owned());
    }
    let mut text = if survey.unclean { line_ends(&text) } else { text };
    if survey.maybe_decomposed && !is_nfc(&text) {
        text = text.nfc().collect();
        defects.push(Defect { kind: "nfd".into(), line: 0, note: "decomposed letters were composed".into() });
    }
    let mut encoding = plain_name.to_owned();
    if base == Base::Bytes || survey.n_suspicious > 0 || survey.unclean || maybe_viqr {
        let mended = legacy::mend(&text, base == Base::Bytes);
        encoding = name_of(&mended, base, plain_name);
        if encoding == "windows-1252" {
            defects.push(defect("no Vietnamese encoding explains these bytes; read as windows-1252".into()));
        }
        defects.extend(mended.defects);
        text = mended.text;
    }
    if survey.unclean || survey.n_suspicious > 0 || base == Base::Bytes {
        text = without_invisible(text, defects);
    }
    if text.contains(['Ð', 'ð', 'Ɖ', 'ɖ']) {
        text = mend_eth(text, defects);
    }
    (text, encoding)
}

/// `tcvn3`, `utf-8/tcvn3` (TCVN3 that was saved as UTF-8), `utf-8/utf-8`; several joined with `+`.
fn name_of(mended: &legacy::Mended, base: Base, plain_name: &str) -> String {
    let mut names: Vec<String> = mended
        .found
        .iter()
        .map(|found| match (*found, base) {
            ("", _) if mended.tie => "unknown".to_owned(),
            ("", _) => plain_name.to_owned(),
            ("viqr", _) | (_, Base::Bytes) => (*found).to_owned(),
            (found, Base::Unicode(name)) => format!("{name}/{found}"),
        })
        .collect();
    if names.is_empty() {
        names.push(plain_name.to_owned());
    }
    names.join("+")
}

/// What one pass over the bytes tells.
#[derive(Default)]
struct Survey {
    /// Line ends, blanks, controls or invisible characters to mend.
    unclean: bool,
    /// Characters met that may not be in NFC.
    maybe_decomposed: bool,
    /// `Ð`, `ð`, `Ɖ`.
    eth: bool,
    /// Characters above ASCII.
    n_accented: usize,
    /// Characters that Vietnamese does not use but mistaken encodings are full of.
    n_suspicious: usize,
}

impl Survey {
    fn is_clean(&self) -> bool {
        !self.unclean && !self.maybe_decomposed && !self.eth
    }

    fn of(text: &str) -> Survey {
        let mut survey = Survey::default();
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            if byte < 0x80 {
                survey.unclean |= byte < 0x20 && !matches!(byte, b'\n' | b'\t' | 0x0C) || byte == 0x7F;
                at += 1;
                continue;
            }
            survey.n_accented += 1;
            // `bytes` is UTF-8, so a lead byte has its followers.
            let second = bytes[at + 1];
            match byte {
                0xC2 => match second {
                    0xA0 => survey.unclean = true,
                    0xA7 | 0xAB | 0xB0 | 0xB2 | 0xB3 | 0xBB | 0xBD => {}
                    _ => {
                        survey.unclean |= second <= 0x9F || second == 0xAD;
                        survey.n_suspicious += 1;
                    }
                },
                0xC3 => match second {
                    0x80..=0x83 | 0x88..=0x8A | 0x8C | 0x8D | 0x92..=0x95 | 0x99 | 0x9A | 0x9D => {}
                    0xA0..=0xA3 | 0xA8..=0xAA | 0xAC | 0xAD | 0xB2..=0xB5 | 0xB9 | 0xBA | 0xBD => {}
                    _ => {
                        survey.eth |= matches!(second, 0x90 | 0xB0);
                        survey.n_suspicious += 1;
                    }
                },
                0xC4 | 0xC5 => {}
                0xC6 => survey.eth |= second == 0x89,
                0xE1 => survey.maybe_decomposed |= !matches!(second, 0xBA | 0xBB),
                0xE2 if second == 0x80 => {
                    survey.unclean |=
                        !matches!(bytes[at + 2], 0x90 | 0x93 | 0x94 | 0x98 | 0x99 | 0x9C | 0x9D | 0x9E | 0xA2 | 0xA6);
                }
                0xE2 if matches!(second, 0x81) => survey.unclean = true,
                0xE3 | 0xEF => {
                    survey.unclean = true;
                    survey.maybe_decomposed = true;
                }
                _ => survey.maybe_decomposed = true,
            }
            at += match byte {
                0xC2..=0xDF => 2,
                0xE0..=0xEF => 3,
                _ => 4,
            };
        }
        survey
    }
}

/// Every line end as `\n`, every blank as a plain one.
fn line_ends(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                out.push('\n');
            }
            '\u{0B}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            _ => out.push(c),
        }
    }
    out
}

/// Drops what no reader sees, once nothing legacy can hide in it any more, and makes every
/// kind of blank a plain one. A form feed stays: it is a page break.
fn without_invisible(text: String, defects: &mut Vec<Defect>) -> String {
    let (mut n_dropped, mut first) = (0, 0);
    let mut line = 1;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => line += 1,
            '\t' | '\u{0C}' => {}
            '\u{85}' => line += 1,
            '\u{AD}'
            | '\u{180E}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}' => {
                continue;
            }
            c if c.is_control() => {
                n_dropped += 1;
                first = if first == 0 { line } else { first };
                continue;
            }
            _ => {}
        }
        out.push(match c {
            '\u{85}' => '\n',
            '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => ' ',
            c => c,
        });
    }
    if n_dropped > 0 {
        defects.push(Defect {
            kind: "control".into(),
            line: first,
            note: format!("{n_dropped} control characters were dropped"),
        });
    }
    out
}

/// `Ð` (U+00D0) for `Đ` (U+0110): many keyboards gave the Icelandic letter. Only in text that
/// reads as Vietnamese, and only where the word then is a syllable or a code such as `QĐ`, `HĐND`.
fn mend_eth(text: String, defects: &mut Vec<Defect>) -> String {
    let words = || text.split(|c: char| !c.is_alphabetic()).filter(|word| word.len() > 1);
    let sample = || words().take(2000);
    let n_spellable = sample().filter(|word| is_spellable(&with_d(word))).count();
    if n_spellable * 5 < sample().count() * 2 {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut n_mended = 0;
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let gap = rest.find(char::is_alphabetic).unwrap_or(rest.len());
        out.push_str(&rest[..gap]);
        rest = &rest[gap..];
        let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        let word = &rest[..end];
        rest = &rest[end..];
        if word.contains(['Ð', 'ð', 'Ɖ', 'ɖ']) {
            let mended = with_d(word);
            let is_code = mended.chars().count() <= 8 && mended.chars().all(char::is_uppercase);
            if is_code || is_spellable(&mended) {
                n_mended += 1;
                out.push_str(&mended);
                continue;
            }
        }
        out.push_str(word);
    }
    if n_mended > 0 {
        defects.push(Defect {
            kind: "encoding".into(),
            line: 0,
            note: format!("{n_mended} words had the Icelandic letter for Đ"),
        });
    }
    out
}

fn with_d(word: &str) -> String {
    word.chars()
        .map(|c| match c {
            'Ð' | 'Ɖ' => 'Đ',
            'ð' | 'ɖ' => 'đ',
            c => c,
        })
        .collect()
}
