//! Labels inside articles and papers: clauses, Roman and Arabic sections, points, sub-points.

use super::super::numeral::{point_letter, point_rank, roman, roman_value};
use super::super::place::Joint;
use super::super::{Level, heading, marker};
use super::{Builder, Step, rank};
use crate::outline::marker::Kind;
use crate::text::is_upper;

impl Builder<'_> {
    pub(super) fn number(
        &mut self,
        index: usize,
        value: u32,
        suffix: String,
        closed_by: Option<char>,
        rest: usize,
        joint: Joint,
    ) {
        let line = self.lines[index];
        let rest_text = &line.text[rest..];
        let bracketed = closed_by == Some(')');
        // `1. ÁP DỤNG CHUNG` with another 1. below it is a misread I.
        if value == 1
            && suffix.is_empty()
            && is_upper(rest_text)
            && self.rows_above(rank(Level::MucLama)).roman.last == 0
            && self.next_label_is_number(index, 1)
        {
            return self.roman(index, 1, "I".to_owned(), closed_by, rest, joint);
        }
        if let Some(last) = self.table
            && (value == last + 1 && suffix.is_empty() || last == 0 && value == 1)
        {
            self.table = Some(value);
            return;
        }
        // `6)` may be a misread point.
        if bracketed && suffix.is_empty() && self.misread_point(index, value, rest) {
            return;
        }
        let in_article = self.stack.iter().any(|open| open.level == Level::Dieu);
        let level = if in_article { Level::Khoan } else { Level::MucSo };
        let own_rank = rank(level);
        let row = &self.rows_above(own_rank).number;
        let same_row = row.last == 0 || row.bracketed == bracketed;
        let first = rest_text.chars().next();
        let low = first.is_some_and(char::is_lowercase);
        let step = row.step(value, &suffix);
        let last = row.last;
        let counts = match step {
            _ if !same_row => false,
            Step::Next if row.shadow > 0 && value == row.shadow + 1 && value != last + 1 => false,
            Step::Next => {
                joint == Joint::Free || !low && (closed_by != Some(',') && first.is_some() || self.table.is_some())
            }
            Step::Inserted => joint == Joint::Free && !suffix.is_empty(),
            Step::Gap => {
                joint == Joint::Free
                    && !low
                    && first.is_some()
                    && closed_by != Some(',')
                    && suffix.len() <= 1
                    && if last == 0 { value <= 9 } else { value <= last + 12 }
                    && self.table.is_none()
            }
            Step::Restart | Step::No => false,
        };
        if !counts {
            if matches!(step, Step::Restart) || value == self.rows_above(own_rank).number.shadow + 1 {
                self.rows_above(own_rank).number.shadow = value;
            }
            return;
        }
        if step == Step::Gap {
            self.gap(index, level.name(), last + 1, value - 1);
        }
        self.table = None;
        let row = &mut self.rows_above(own_rank).number;
        row.take(value, &suffix);
        row.bracketed = bracketed;
        let heading = heading::of_item(self.lines, index, rest);
        self.open(index, level, own_rank, format!("{value}{suffix}"), heading);
    }

    pub(super) fn double(&mut self, index: usize, major: u32, minor: u32, rest: usize, joint: Joint) {
        let Some(at) = self.stack.iter().rposition(|open| matches!(open.level, Level::MucSo | Level::Khoan)) else {
            return;
        };
        if self.outline.nodes[self.stack[at].node].label != major.to_string() {
            return;
        }
        let line = self.lines[index];
        let first = line.text[rest..].chars().next();
        let low = first.is_some_and(char::is_lowercase);
        let row = &self.stack[at].rows.double;
        let counts = match row.step(minor, "") {
            Step::Next => joint == Joint::Free || first.is_some_and(char::is_uppercase),
            Step::Gap => joint == Joint::Free && !low && first.is_some() && row.last > 0 && minor <= row.last + 6,
            _ => false,
        };
        if !counts {
            return;
        }
        let last = row.last;
        if minor > last + 1 {
            self.gap(index, "muc_so2", last + 1, minor - 1);
        }
        self.stack[at].rows.double.take(minor, "");
        let heading = heading::of_item(self.lines, index, rest);
        self.open(index, Level::MucSo2, rank(Level::MucSo2), format!("{major}.{minor}"), heading);
    }

    pub(super) fn roman(
        &mut self,
        index: usize,
        value: u32,
        label: String,
        closed_by: Option<char>,
        rest: usize,
        joint: Joint,
    ) {
        let line = self.lines[index];
        let rest_text = &line.text[rest..];
        // Inside an article whose text has no Roman parts above it, they are parts of the article.
        let article = self.stack.iter().position(|open| open.level == Level::Dieu);
        let above = self.stack.iter().position(|open| open.level == Level::MucLama);
        let inside = match (article, above) {
            (Some(article), Some(above)) => above > article,
            (Some(_), None) => true,
            _ => false,
        };
        let parent_rank = if inside { rank(Level::Dieu) + 1 } else { rank(Level::MucLama) };
        let capital_due = self.rows_above(rank(Level::Phan)).capital;
        if label.len() == 1 && line.text.starts_with(['I', 'V', 'X']) && capital_due > 0 {
            let letter = line.text.chars().next().unwrap_or('I');
            if capital_due + 1 == letter as u32 - 'A' as u32 + 1 {
                return self.capital(index, letter, rest, joint);
            }
        }
        let row = self.rows_above(parent_rank).roman.clone();
        let first = rest_text.chars().next();
        let upper = is_upper(rest_text);
        let next_upper = self.lines.get(index + 1).is_some_and(|line| is_upper(line.text));
        let titled = if rest_text.is_empty() {
            next_upper
        } else {
            first.is_some_and(|c| c.is_uppercase() || matches!(c, '“' | '"'))
        };
        let (step, last) = (row.step(value, ""), row.last);
        // `l.` and `I.` at the head of a row of numbers are the figure one.
        if value == 1 && last == 0 && !upper && closed_by == Some('.') && self.next_label_is_number(index, 2) {
            return self.number(index, 1, String::new(), closed_by, rest, joint);
        }
        // Strokes are lost and doubled: `I-`, `IIl-`, `Wi-` where II is due.
        let due = last + 1;
        // `IL. MỤC ĐÍCH` at the head of the row: the L is half of the label's point.
        let blurred = last > 0 || value == 2 && line.text.chars().take(3).any(|c| matches!(c, 'L' | 'l' | '1' | '|'));
        let (step, value, label) =
            if upper && joint != Joint::Bound && value != due && blurred && self.is_misread_roman(index, value, due) {
                (Step::Next, due, roman(due))
            } else {
                (step, value, label)
            };
        let counts = titled
            && value > 0
            && match step {
                Step::Next => joint == Joint::Free || upper,
                Step::Gap => joint == Joint::Free && last > 0 && value <= last + 4 && upper,
                Step::Restart => joint == Joint::Free && upper && !inside,
                Step::Inserted | Step::No => false,
            };
        if !counts {
            return;
        }
        if step == Step::Gap {
            self.gap(index, "muc_lama", last + 1, value - 1);
        }
        self.table = None;
        self.rows_above(parent_rank).roman.take(value, "");
        let heading = heading::of_item(self.lines, index, rest);
        let own_rank = parent_rank;
        self.open(index, Level::MucLama, own_rank, label, heading);
    }

    /// Whether a Roman number read as `value` in front of a title stands for `due`.
    pub(super) fn is_misread_roman(&self, index: usize, value: u32, due: u32) -> bool {
        let line = self.lines[index].text;
        let next = self.lines[index + 1..].iter().take(400).find_map(|line| match marker::read(line.text)?.kind {
            Kind::Roman(value, _) => Some(value),
            Kind::Annex(_) => Some(99),
            _ => None,
        });
        if value == 0 {
            return true;
        }
        if value < due {
            // A row that begins anew goes on with II.
            return !(value == 1 && due > 2 && next == Some(2));
        }
        let strokes_unsure =
            line.chars().take(5).any(|c| matches!(c, 'l' | '1' | '|' | '!' | 'i' | ']' | 'T' | 'L' | 'H'));
        value == due + 1 && next.map_or(strokes_unsure, |next| next <= due + 1)
    }

    /// Whether the next label in sight is the number `due`.
    pub(super) fn next_label_is_number(&self, index: usize, due: u32) -> bool {
        self.lines[index + 1..]
            .iter()
            .take(60)
            .filter_map(|line| marker::read(line.text))
            .find_map(|marker| match marker.kind {
                Kind::Number(value, _) => Some(value == due),
                Kind::Roman(..) | Kind::Article(..) | Kind::Chapter(_) => Some(false),
                _ => None,
            })
            .unwrap_or(false)
    }

    pub(super) fn capital(&mut self, index: usize, letter: char, rest: usize, joint: Joint) {
        let rest_text = &self.lines[index].text[rest..];
        let due = self.rows_above(rank(Level::Phan)).capital + 1;
        let value = letter as u32 - 'A' as u32 + 1;
        // «H.» may be a misread II.
        if letter == 'H' && value != due {
            return self.roman(index, 2, "II".to_owned(), Some('.'), rest, joint);
        }
        if value != due || !is_upper(rest_text) || joint != Joint::Free || self.article.last > 0 {
            return;
        }
        self.rows_above(rank(Level::Phan)).capital = value;
        self.table = None;
        let heading = heading::of_division(self.lines, index, rest);
        self.open(index, Level::Phan, rank(Level::Phan), letter.to_string(), heading);
    }

    /// Takes `6)`, `9)`, `0)` for the point that is due and looks like it.
    pub(super) fn misread_point(&mut self, index: usize, value: u32, rest: usize) -> bool {
        let due = point_letter(self.rows_above(rank(Level::Diem)).letter.last as usize + 1);
        let looks = matches!(
            (value, due),
            (6, Some('b')) | (9, Some('g' | 'q')) | (0, Some('o')) | (4, Some('đ' | 'a')) | (1, Some('i' | 'l'))
        );
        if looks
            && let Some(letter) = due
            && letter != 'a'
        {
            self.point(index, letter, String::new(), rest);
            return true;
        }
        false
    }

    pub(super) fn letter(
        &mut self,
        index: usize,
        letter: char,
        suffix: String,
        closed_by: Option<char>,
        rest: usize,
        joint: Joint,
    ) {
        let line = self.lines[index];
        let rest_text = &line.text[rest..];
        let bracketed = closed_by == Some(')');
        if matches!(letter, 'l' | 'i')
            && !bracketed
            && is_upper(rest_text)
            && self.rows_above(rank(Level::MucLama)).roman.last > 0
        {
            return self.roman(index, 1, "I".to_owned(), closed_by, rest, joint);
        }
        // `l. Nâng cao` where the figure one is due.
        if matches!(letter, 'l' | 'i')
            && !bracketed
            && joint == Joint::Free
            && rest_text.starts_with(char::is_uppercase)
        {
            let row = &self.rows_above(rank(Level::Khoan)).number;
            if row.last == 0 && self.rows().letter.last == 0 && self.next_label_is_number(index, 2) {
                return self.number(index, 1, String::new(), closed_by, rest, joint);
            }
        }
        if self.stack.is_empty() && self.n_annexes == 0 && self.n_attached == 0 && !bracketed {
            return;
        }
        let row = &self.rows_above(rank(Level::Diem)).letter;
        let last = row.last;
        let mut rank_of = point_rank(letter).map_or(0, |at| at as u32);
        let mut letter = letter;
        // A lost stroke: the second d) in a row is đ).
        if letter == 'd' && last == 4 && suffix.is_empty() {
            (letter, rank_of) = ('đ', 5);
        }
        let due = point_letter(last as usize + 1);
        if rank_of != last + 1 && suffix.is_empty() && bracketed && last > 0 {
            let looks = match due {
                Some('i') => matches!(letter, 'l' | 't' | 'j'),
                Some('l') => matches!(letter, 'i' | 'f'),
                Some('c') => matches!(letter, 'e' | 'o'),
                Some('e') => matches!(letter, 'c' | 'o'),
                Some('b') => letter == 'h',
                Some('h') => matches!(letter, 'b' | 'n'),
                Some('g') => matches!(letter, 'q' | 'p'),
                Some('đ') => letter == 'a',
                _ => false,
            };
            if looks && let Some(meant) = due {
                letter = meant;
                rank_of = last + 1;
            }
        }
        let first = rest_text.chars().next();
        let counts = if !suffix.is_empty() {
            rank_of == last && last > 0 && bracketed
        } else if rank_of == 0 {
            false
        } else if rank_of == last + 1 {
            // Below a heading that ends without a mark, `a/ Ưu điểm` begins large.
            bracketed
                || joint == Joint::Free
                || first.is_some_and(char::is_uppercase) && (last > 0 || closed_by == Some('/'))
        } else {
            rank_of > last + 1
                && rank_of <= last + 4
                && joint == Joint::Free
                && (bracketed || closed_by != Some('.') && first.is_some_and(char::is_uppercase))
                && first.is_some()
                && (last > 0 || rank_of <= 4)
        };
        if !counts {
            return;
        }
        if suffix.is_empty() && rank_of > last + 1 {
            let missing: Vec<String> = (last + 1..rank_of)
                .filter_map(|at| point_letter(at as usize))
                .map(|letter| letter.to_string())
                .collect();
            self.defect("gap", index, format!("diem {} missing", missing.join(", ")));
        }
        self.point(index, letter, suffix, rest);
    }

    /// Whether `a Tiếp tục …` at `index` is a point whose dash was lost: `b- …` comes before any larger label.
    pub(super) fn is_bare_first_point(&mut self, index: usize) -> bool {
        let text = self.lines[index].text;
        let bare = text.strip_prefix("a ").is_some_and(|rest| rest.starts_with(char::is_uppercase));
        if !bare || self.stack.is_empty() || self.rows_above(rank(Level::Diem)).letter.last > 0 {
            return false;
        }
        let below = self.lines[index + 1..].iter().take(12).find_map(|line| marker::read(line.text));
        below.is_some_and(|marker| matches!(marker.kind, Kind::Letter('b', _)))
    }

    pub(super) fn point(&mut self, index: usize, letter: char, suffix: String, rest: usize) {
        let own_rank = rank(Level::Diem);
        let value = point_rank(letter).map_or(0, |at| at as u32);
        self.rows_above(own_rank).letter.take(value, &suffix);
        let heading = heading::of_item(self.lines, index, rest);
        self.open(index, Level::Diem, own_rank, format!("{letter}{suffix}"), heading);
    }

    pub(super) fn tiet(&mut self, index: usize, label: String, rest: usize, joint: Joint) {
        let own_rank = rank(Level::Tiet);
        let value = match label.split_once('.') {
            Some((letter, figure)) => {
                let in_point = self
                    .stack
                    .iter()
                    .rev()
                    .find(|open| open.level == Level::Diem)
                    .is_some_and(|open| self.outline.nodes[open.node].label == letter);
                if !in_point {
                    return;
                }
                figure.parse().unwrap_or(0)
            }
            None => roman_value(&label.to_ascii_uppercase()).unwrap_or(0),
        };
        if self.stack.is_empty() || joint == Joint::Bound {
            return;
        }
        let row = &mut self.rows_above(own_rank).tiet;
        if row.step(value, "") != Step::Next {
            return;
        }
        row.take(value, "");
        let heading = heading::of_item(self.lines, index, rest);
        self.open(index, Level::Tiet, own_rank, label, heading);
    }
}
