//! Places named in words or as a path, and whether one lies within another.
//!
//! *điểm d* and *điểm đ* are two places; `Điều 1` of a decision and `Điều 1` of the
//! regulation it attaches are two places; `Chương III` and `Chương 3` are one.

use std::borrow::Cow;
use std::fmt;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// What sort of unit a step names. Party sections and State sections meet where people call both *Mục*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are the Vietnamese words")]
pub enum Unit {
    Phan,
    Chuong,
    Muc,
    TieuMuc,
    Dieu,
    Khoan,
    Diem,
    Tiet,
    /// A form, table or numbered item (*mẫu*, *biểu*, *bảng*, *số thứ tự*), mostly of an annex.
    Mau,
}

/// Words of locators, longest first, with the unit they name.
const WORDS: [(&str, Unit); 13] = [
    ("tiểu mục", Unit::TieuMuc),
    ("chương", Unit::Chuong),
    ("khoản", Unit::Khoan),
    ("phần", Unit::Phan),
    ("điều", Unit::Dieu),
    ("điểm", Unit::Diem),
    ("tiết", Unit::Tiet),
    ("mục", Unit::Muc),
    ("ý", Unit::Tiet),
    ("mẫu", Unit::Mau),
    ("biểu", Unit::Mau),
    ("bảng", Unit::Mau),
    ("thứ tự", Unit::Mau),
];

/// Levels of outline paths.
const LEVELS: [(&str, Unit); 11] = [
    ("phan", Unit::Phan),
    ("chuong", Unit::Chuong),
    ("muc", Unit::Muc),
    ("muc_lama", Unit::Muc),
    ("tieu_muc", Unit::TieuMuc),
    ("dieu", Unit::Dieu),
    ("khoan", Unit::Khoan),
    ("muc_so", Unit::Khoan),
    ("diem", Unit::Diem),
    ("muc_so2", Unit::Diem),
    ("tiet", Unit::Tiet),
];

/// A place inside a document, comparable whichever way it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// In the attached text (*Quy chế kèm theo*), not in the decision itself.
    pub attached: bool,
    /// In this annex; an annex counts as the document's whether or not the attached text carries it.
    pub annex: Option<String>,
    /// Outermost first.
    pub steps: Vec<(Unit, String)>,
}

impl Place {
    /// Reads `điểm a khoản 2 Điều 5 Quy chế kèm theo` or `kem_theo:1/dieu:5/khoan:2/diem:a`.
    ///
    /// `None` where no place is named, as in “các dự án đã phê duyệt”.
    pub fn parse(words: &str) -> Option<Place> {
        let composed: Cow<'_, str> =
            if is_nfc(words) { Cow::Borrowed(words) } else { Cow::Owned(words.nfc().collect()) };
        let words = composed.trim();
        let place = if words.contains(':') { Place::from_path(words)? } else { Place::from_words(words)? };
        (place.attached || place.annex.is_some() || !place.steps.is_empty()).then_some(place)
    }

    fn from_path(path: &str) -> Option<Place> {
        let mut place = Place::default();
        for step in path.split('/') {
            let (level, label) = step.split_once(':')?;
            match level {
                "kem_theo" => place.attached = true,
                "phu_luc" => place.annex = Some(plain_label(label, true)),
                _ => {
                    let unit = LEVELS.iter().find(|(name, _)| *name == level)?.1;
                    place.steps.push((unit, plain_label(label, unit <= Unit::Muc)));
                }
            }
        }
        Some(place.settled())
    }

    fn from_words(words: &str) -> Option<Place> {
        let lower = words.to_lowercase();
        let mut tokens = lower
            .split(|c: char| c.is_whitespace() || c == ',' || c == ';')
            .filter(|token| !token.is_empty())
            .peekable();
        let mut place = Place::default();
        let mut inside = Vec::new();
        while let Some(token) = tokens.next() {
            let mut word = token.to_owned();
            if let Some(next) = tokens.peek() {
                let pair = format!("{token} {next}");
                if matches!(pair.as_str(), "tiểu mục" | "phụ lục" | "kèm theo" | "thứ tự") {
                    word = pair;
                    tokens.next();
                }
            }
            if word == "kèm theo" {
                place.attached = true;
                continue;
            }
            let unit = WORDS.iter().find(|(name, _)| *name == word).map(|(_, unit)| *unit);
            if unit.is_none() && word != "phụ lục" {
                continue;
            }
            while tokens.peek().is_some_and(|next| matches!(*next, "số" | "thứ")) {
                tokens.next();
            }
            let label = tokens.peek().and_then(|next| label_of(next));
            if label.is_some() {
                tokens.next();
            }
            match (unit, label) {
                (Some(Unit::Mau), Some(label)) => {
                    let label = plain_label(&label, false);
                    inside.push((Unit::Mau, if word == "mẫu" { label } else { format!("{word} {label}") }));
                }
                (Some(unit), Some(label)) => inside.push((unit, plain_label(&label, unit <= Unit::Muc))),
                (None, label) => place.annex = Some(label.map_or_else(|| "1".to_owned(), |l| plain_label(&l, true))),
                (Some(_), None) => {}
            }
        }
        place.steps = inside;
        Some(place.settled())
    }

    fn settled(mut self) -> Place {
        self.steps.sort_by_key(|(unit, _)| *unit);
        self.steps.dedup();
        if self.annex.is_some() {
            self.attached = false;
        }
        self
    }

    /// Whether `other` is this place or lies within it.
    ///
    /// An article needs no chapter to be found, since its number runs through the
    /// text; but a chapter is known to hold an article only if `other` says so.
    pub fn covers(&self, other: &Place) -> bool {
        if self.annex.is_some() || other.annex.is_some() {
            if self.annex != other.annex {
                return false;
            }
        } else if self.attached != other.attached {
            return false;
        }
        self.steps.iter().all(|step| other.steps.contains(step))
    }

    /// Whether the two share any text, as far as their names tell.
    pub fn meets(&self, other: &Place) -> bool {
        self.covers(other) || other.covers(self)
    }

    /// The same place with the outer steps that `outline` (paths) knows, so that a
    /// chapter can be seen to hold it; in the attached text if it exists only there.
    pub fn within<'o>(&self, outline: impl IntoIterator<Item = &'o Place>) -> Place {
        let known: Vec<&Place> = outline.into_iter().collect();
        let mut want = self.clone();
        if !want.attached && want.annex.is_none() && !want.steps.is_empty() {
            let exists = |want: &Place| known.iter().any(|place| want.head().covers(place));
            let mut moved = want.clone();
            moved.attached = true;
            if !exists(&want) && exists(&moved) {
                want = moved;
            }
        }
        let head = want.head();
        // The shortest path that holds the article names exactly its ancestors.
        let best = known.iter().filter(|place| head.covers(place)).min_by_key(|place| place.steps.len());
        if let Some(best) = best {
            for step in &best.steps {
                if !want.steps.contains(step) && step.0 < head.steps.last().map_or(Unit::Phan, |last| last.0) {
                    want.steps.push(step.clone());
                }
            }
            want.steps.sort_by_key(|(unit, _)| *unit);
        }
        want
    }

    /// Down to the article, or to the first step where there is none.
    pub(crate) fn head(&self) -> Place {
        let mut head = self.clone();
        head.steps.retain(|(unit, _)| *unit <= Unit::Dieu);
        if head.steps.is_empty() {
            head.steps = self.steps.iter().take(1).cloned().collect();
        }
        head
    }
}

impl fmt::Display for Place {
    /// In words, from the inside out: `điểm a khoản 2 Điều 5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut gap = "";
        for (unit, label) in self.steps.iter().rev() {
            let word = match unit {
                Unit::Phan => "Phần",
                Unit::Chuong => "Chương",
                Unit::Muc => "Mục",
                Unit::TieuMuc => "Tiểu mục",
                Unit::Dieu => "Điều",
                Unit::Khoan => "khoản",
                Unit::Diem => "điểm",
                Unit::Tiet => "tiết",
                Unit::Mau if label.contains(' ') => {
                    write!(f, "{gap}{label}")?;
                    gap = " ";
                    continue;
                }
                Unit::Mau => "Mẫu",
            };
            let label = if matches!(unit, Unit::Chuong) { to_roman(label) } else { label.clone() };
            write!(f, "{gap}{word} {label}")?;
            gap = " ";
        }
        if let Some(annex) = &self.annex {
            write!(f, "{gap}Phụ lục {}", to_roman(annex))?;
        } else if self.attached {
            write!(f, "{gap}văn bản kèm theo")?;
        }
        Ok(())
    }
}

/// `5`, `12a`, `II`, `đ1`, `1.2`, `nhất`; not a word such as `của`.
fn label_of(token: &str) -> Option<String> {
    let token = token.trim_matches(|c: char| !c.is_alphanumeric());
    let ordinal = ["nhất", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười"];
    if let Some(n) = ordinal.iter().position(|word| *word == token) {
        return Some((n + 1).to_string());
    }
    let starts_with_digit = token.starts_with(|c: char| c.is_ascii_digit());
    let letter = {
        let mut chars = token.chars();
        chars.next().is_some_and(char::is_alphabetic) && chars.all(|c| c.is_ascii_digit())
    };
    let roman = {
        let head = token.trim_end_matches(['a', 'b']);
        !head.is_empty() && head.chars().all(|c| "ivxl".contains(c))
    };
    (starts_with_digit || letter || roman).then(|| token.to_owned())
}

/// Without leading zeros, lower case, and Arabic where Roman figures may stand for a number.
fn plain_label(label: &str, roman: bool) -> String {
    let label = label.to_lowercase();
    if roman {
        let head = label.trim_end_matches(|c: char| !"ivxlc".contains(c));
        if let Some(n) = from_roman(head) {
            return format!("{n}{}", &label[head.len()..]);
        }
    }
    let plain = label.trim_start_matches('0');
    if plain.starts_with(|c: char| c.is_ascii_digit()) { plain.to_owned() } else { label }
}

fn from_roman(word: &str) -> Option<u32> {
    let value = |c| match c {
        'i' => Some(1),
        'v' => Some(5),
        'x' => Some(10),
        'l' => Some(50),
        'c' => Some(100),
        _ => None,
    };
    let digits: Option<Vec<u32>> = word.chars().map(value).collect();
    let digits = digits.filter(|digits| !digits.is_empty())?;
    let mut sum = 0;
    for (n, digit) in digits.iter().enumerate() {
        let smaller = digits.get(n + 1).is_some_and(|next| next > digit);
        sum = if smaller { sum - i64::from(*digit) } else { sum + i64::from(*digit) };
    }
    u32::try_from(sum).ok().filter(|n| *n > 0)
}

fn to_roman(label: &str) -> String {
    let digits: String = label.chars().take_while(char::is_ascii_digit).collect();
    let Ok(mut n) = digits.parse::<u32>() else { return label.to_owned() };
    if n == 0 || n > 89 {
        return label.to_owned();
    }
    let mut roman = String::new();
    for (value, word) in [(50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")] {
        while n >= value {
            roman.push_str(word);
            n -= value;
        }
    }
    roman + &label[digits.len()..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(words: &str) -> Place {
        Place::parse(words).unwrap()
    }

    #[test]
    fn words_and_paths_meet() {
        assert_eq!(place("điểm a khoản 2 Điều 5"), place("dieu:5/khoan:2/diem:a"));
        assert_eq!(place("Mục 2 Chương IV Quy định kèm theo"), place("kem_theo:1/chuong:IV/muc:2"));
        assert_eq!(place("Phụ lục số 01"), place("phu_luc:I"));
        assert_eq!(place("khoản 3 Mục II"), place("muc_lama:II/muc_so:3"));
        assert_eq!(place("Phần thứ nhất"), place("phan:1"));
    }

    #[test]
    fn a_form_is_not_the_annex_that_holds_it() {
        let (form, annex) = (place("Mẫu số 03 Phụ lục II"), place("Phụ lục II"));
        assert!(annex.covers(&form) && !form.covers(&annex));
        assert!(!form.meets(&place("Mẫu số 04 Phụ lục II")) && !form.meets(&place("Bảng 3 Phụ lục II")));
        assert!(!place("số thứ tự 5 Phụ lục I").covers(&place("Phụ lục I")));
        assert_eq!(form.to_string(), "Mẫu 3 Phụ lục II");
        assert_eq!(place("Bảng 3 Phụ lục II").to_string(), "bảng 3 Phụ lục II");
    }

    #[test]
    fn what_is_no_place_is_none() {
        assert_eq!(Place::parse("các dự án đã được phê duyệt"), None);
        assert_eq!(Place::parse(""), None);
    }

    #[test]
    fn points_d_and_dd_differ() {
        assert!(!place("điểm d khoản 1 Điều 3").covers(&place("điểm đ khoản 1 Điều 3")));
    }

    #[test]
    fn ancestors_cover_and_siblings_do_not() {
        assert!(place("khoản 2 Điều 5").covers(&place("điểm a khoản 2 Điều 5")));
        assert!(!place("khoản 2 Điều 5").covers(&place("khoản 1 Điều 5")));
        assert!(!place("Điều 5").covers(&place("Điều 5 Quy chế kèm theo")));
        assert!(place("Quy chế kèm theo").covers(&place("Điều 5 Quy chế kèm theo")));
        assert!(!place("Điều 2").covers(&place("Điều 2 Phụ lục I")));
        assert!(!place("Điều 5").covers(&place("Điều 5a")));
    }

    #[test]
    fn an_outline_tells_the_chapter() {
        let outline = [place("chuong:III"), place("chuong:III/dieu:12"), place("chuong:IV/dieu:13")];
        let unit = place("khoản 1 Điều 12").within(&outline);
        assert!(place("Chương III").covers(&unit));
        assert!(!place("Chương IV").covers(&unit));
        let attached = [place("dieu:1"), place("kem_theo:1/chuong:I/dieu:7")];
        assert!(place("Chương I Quy chế kèm theo").covers(&place("Điều 7").within(&attached)));
        assert!(!place("Điều 1").within(&attached).attached);
    }

    #[test]
    fn display_runs_from_the_inside_out() {
        assert_eq!(place("chuong:4/muc:2").to_string(), "Mục 2 Chương IV");
        assert_eq!(place("kem_theo:1/dieu:5/khoan:2").to_string(), "khoản 2 Điều 5 văn bản kèm theo");
    }
}
