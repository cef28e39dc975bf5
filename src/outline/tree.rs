//! From labels to places: which label opens a place, where it belongs, where it ends.
//!
//! One pass over the lines with a stack of open places. A label counts when it is due
//! (the next of its row) or when it stands where a label must stand; a label that merely
//! wrapped to the start of a line does not. Numbers keep their printed form; gaps are reported.

use super::line::{self, Line, is_upper};
use super::marker::{self, Kind, Marker};
use super::numeral::{point_letter, point_rank, roman, roman_value};
use super::place::{self, Joint};
use super::quote::{self, Closer};
use super::{Level, Node, Outline, heading};
use crate::text::{Defect, Span, fold};
use std::collections::HashMap;

/// Places nest to the right: a label closes every open place of its own rank or above it.
fn rank(level: Level) -> u8 {
    match level {
        Level::KemTheo | Level::PhuLuc => 0,
        Level::Phan => 1,
        Level::Chuong => 2,
        Level::Muc => 3,
        Level::TieuMuc => 4,
        Level::MucLama => 5,
        Level::Dieu => 6,
        Level::Khoan | Level::MucSo => 7,
        Level::MucSo2 => 8,
        Level::Diem => 9,
        Level::Tiet => 10,
    }
}

/// A row of labels below one place: the last one seen.
#[derive(Clone, Debug, Default)]
struct Row {
    last: u32,
    suffix: String,
    /// `1)` and `1.` are two rows.
    bracketed: bool,
    /// The last of a second row that restarted inside the place and makes no places.
    shadow: u32,
}

/// An open place.
#[derive(Clone, Debug)]
struct Open {
    node: usize,
    level: Level,
    rank: u8,
    rows: Rows,
}

/// What was seen below a place.
#[derive(Clone, Debug, Default)]
struct Rows {
    number: Row,
    double: Row,
    roman: Row,
    letter: Row,
    tiet: Row,
    capital: u32,
}

/// What a label would do in its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Next,
    Inserted,
    /// Some labels are missing before it.
    Gap,
    /// A row that begins anew inside the same place.
    Restart,
    No,
}

impl Row {
    fn step(&self, value: u32, suffix: &str) -> Step {
        if value == self.last + 1 && suffix.is_empty() || value == self.last + 1 && self.last > 0 {
            Step::Next
        } else if value == self.last && value > 0 && suffix > self.suffix.as_str() {
            Step::Inserted
        } else if value > self.last + 1 {
            Step::Gap
        } else if value == 1 || value == self.shadow + 1 && self.shadow > 0 {
            Step::Restart
        } else {
            Step::No
        }
    }

    fn take(&mut self, value: u32, suffix: &str) {
        self.last = value;
        suffix.clone_into(&mut self.suffix);
        self.shadow = 0;
    }
}

/// The part of the page a line belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Zone {
    Body,
    /// After recipients or signature: only attached texts and annexes open places.
    Closed,
}

/// Reads the outline of `text`, already split into `lines`.
pub(super) fn build(text: &str, lines: &[Line<'_>]) -> Outline {
    let mut builder = Builder::new(text, lines);
    builder.run();
    builder.finish()
}

struct Builder<'t> {
    text: &'t str,
    lines: &'t [Line<'t>],
    outline: Outline,
    stack: Vec<Open>,
    /// What stands outside every place of the current text.
    root: Rows,
    paths: HashMap<String, u32>,
    zone: Zone,
    /// The last article of the current text and its letters.
    article: Row,
    n_attached: u32,
    n_annexes: u32,
    /// The last numbered row of the table the lines are in.
    table: Option<u32>,
    /// End of the last line with content.
    last_end: usize,
    /// Index of the last line that was not noise.
    before: Option<usize>,
    closer: Closer,
    lines_are_paragraphs: bool,
}

impl<'t> Builder<'t> {
    fn new(text: &'t str, lines: &'t [Line<'t>]) -> Builder<'t> {
        Builder {
            text,
            lines,
            outline: Outline::default(),
            stack: Vec::new(),
            root: Rows::default(),
            paths: HashMap::new(),
            zone: Zone::Body,
            article: Row::default(),
            n_attached: 0,
            n_annexes: 0,
            table: None,
            last_end: 0,
            before: None,
            closer: Closer::new(text.len()),
            lines_are_paragraphs: line::are_paragraphs(lines),
        }
    }

    fn run(&mut self) {
        let attached = place::attached_headings(self.lines);
        let mut attached = attached.into_iter().peekable();
        let mut contents_until = 0;
        // Lines before this one belong to a quotation; whether its end was found.
        let mut quoted: Option<(usize, Option<usize>)> = None;
        let mut index = 0;
        while index < self.lines.len() {
            let line = self.lines[index];
            while attached.peek().is_some_and(|(at, _)| *at < index) {
                attached.next();
            }
            let is_attached = attached.peek().is_some_and(|(at, _)| *at == index);
            if let Some((begin, end)) = quoted {
                let over = end.is_some_and(|end| index > end);
                if over || self.breaks_quotation(index, end.is_some()) || is_attached && end.is_none() {
                    if !over {
                        self.cut_quotation(begin);
                    }
                    quoted = None;
                } else {
                    self.pass(index);
                    index += 1;
                    continue;
                }
            }
            if index < contents_until {
                self.pass(index);
                index += 1;
                continue;
            }
            if is_attached {
                let after = attached.peek().map_or(index + 1, |(_, after)| *after);
                if self.opens_attached() {
                    self.attach(index, after);
                    index = after;
                    continue;
                }
            }
            if place::is_contents_heading(line.text) {
                contents_until = self.contents_end(index, attached.peek().map_or(usize::MAX, |(at, _)| *at));
                self.pass(index);
                index += 1;
                continue;
            }
            self.line(index);
            let before = &self.text[..line.start];
            if let Some(opening) = quote::opening(line.text, before) {
                let end = self.closer.close(self.lines, index, opening.at);
                let limit = end.unwrap_or((self.lines.len() - 1, self.lines.last().map_or(0, |line| line.text.len())));
                // An unannounced quotation of one label that never ends is a slip of the engine.
                if end.is_some() || opening.structural {
                    self.outline.quoted.push(quote::wording(self.lines, index, opening.at, limit));
                    if end.is_none_or(|(end, _)| end > index) {
                        quoted = Some((index, end.map(|(end, _)| end)));
                    }
                    if end.is_none() {
                        self.defect("quotation", index, "the new wording is never closed".to_owned());
                    }
                }
                let _ = opening.at_line_start;
            }
            self.pass(index);
            index += 1;
        }
    }

    /// Goes past a line that opened nothing or whose place is open by now.
    fn pass(&mut self, index: usize) {
        let line = &self.lines[index];
        self.last_end = line.end();
        // Page numbers and specks neither end nor continue a sentence.
        let ends = line.text.ends_with(['.', ';', ':', ')']) && line.text.len() > 2;
        let is_noise = !ends && (line.text.len() <= 3 || !line.text.chars().take(40).any(char::is_alphabetic));
        if !is_noise || line.text.len() > 40 {
            self.before = Some(index);
        }
    }

    /// One line outside quotations and tables of contents.
    fn line(&mut self, index: usize) {
        let line = self.lines[index];
        if place::is_recipients(line.text) || place::is_signature(line.text) && self.has_places() {
            self.close_all();
            self.zone = Zone::Closed;
            self.table = None;
            return;
        }
        if place::is_enacting(line.text) && self.n_attached == 0 && self.n_annexes == 0 && self.article.last == 0 {
            self.close_all();
            self.table = None;
            return;
        }
        if self.zone == Zone::Closed
            && self.n_annexes == 0
            && place::heads_attached(self.lines, index)
            && self.opens_attached()
        {
            self.attach(index, index + 1);
            return;
        }
        if place::is_table_head(line.text) && self.zone == Zone::Body {
            self.table.get_or_insert(0);
            return;
        }
        if place::has_leaders(line.text) {
            if let Some(Marker { kind: Kind::Number(value, _), .. }) = marker::read(line.text) {
                self.table = Some(value);
            }
            return;
        }
        if let Some(marker) = marker::read(line.text) {
            let mut joint = place::joint(self.before.map(|at| &self.lines[at]), &line);
            // Where each line is a paragraph, no line runs on.
            if joint == Joint::Loose && self.lines_are_paragraphs {
                joint = Joint::Free;
            }
            self.label(index, marker, joint);
        }
    }

    /// Decides on one label.
    fn label(&mut self, index: usize, marker: Marker, joint: Joint) {
        if let Kind::Annex(label) = &marker.kind {
            if joint != Joint::Bound && (joint == Joint::Free || is_upper(self.lines[index].text)) {
                self.annex(index, label.clone(), marker.rest);
            }
            return;
        }
        if joint == Joint::Bound {
            return;
        }
        if self.zone == Zone::Closed {
            // An attached text whose heading was lost.
            let begins = match &marker.kind {
                Kind::Article(1, suffix) => suffix.is_empty() && marker.closed_by.is_some(),
                Kind::Chapter(label) | Kind::Part(label) => matches!(label.as_str(), "I" | "1"),
                _ => false,
            };
            if !begins || self.article.last == 0 || self.n_annexes > 0 {
                return;
            }
            self.attach(index, index);
        }
        let rest = marker.rest;
        let line = self.lines[index];
        match marker.kind {
            Kind::Part(label) => self.division(index, Level::Phan, label, rest),
            Kind::Chapter(label) => self.division(index, Level::Chuong, label, rest),
            Kind::Section(label) => self.division(index, Level::Muc, label, rest),
            Kind::Subsection(label) => self.division(index, Level::TieuMuc, label, rest),
            Kind::Article(value, suffix) => {
                if self.article_counts(value, &suffix, &line, &line.text[rest..], marker.closed_by, joint) {
                    self.article_opens(index, value, suffix, rest);
                }
            }
            Kind::Number(value, suffix) => self.number(index, value, suffix, marker.closed_by, rest, joint),
            Kind::Double(major, minor) => self.double(index, major, minor, rest, joint),
            Kind::Roman(value, label) => self.roman(index, value, label, marker.closed_by, rest, joint),
            Kind::Capital(letter) => self.capital(index, letter, rest, joint),
            Kind::Letter(letter, suffix) => self.letter(index, letter, suffix, marker.closed_by, rest, joint),
            Kind::Tiet(label) => self.tiet(index, label, rest, joint),
            Kind::Annex(_) => {}
        }
    }

    fn has_places(&self) -> bool {
        !self.outline.nodes.is_empty()
    }

    /// Whether a heading of an attached text opens one: something must have gone before that it is attached to.
    fn opens_attached(&self) -> bool {
        self.outline
            .nodes
            .iter()
            .any(|node| node.level == Level::Dieu || node.level == Level::MucSo || node.level == Level::MucLama)
    }

    fn rows(&mut self) -> &mut Rows {
        match self.stack.last_mut() {
            Some(open) => &mut open.rows,
            None => &mut self.root,
        }
    }

    /// The rows of the innermost open place above `rank`, where a label of that rank belongs.
    fn rows_above(&mut self, rank: u8) -> &mut Rows {
        match self.stack.iter().rposition(|open| open.rank < rank) {
            Some(at) => &mut self.stack[at].rows,
            None => &mut self.root,
        }
    }

    fn defect(&mut self, kind: &str, index: usize, note: String) {
        self.outline.defects.push(Defect { kind: kind.to_owned(), line: self.lines[index].number + 1, note });
    }

    /// Ends every place of rank `rank` and below.
    fn close(&mut self, rank: u8) {
        while let Some(open) = self.stack.last() {
            if open.rank < rank {
                break;
            }
            let node = &mut self.outline.nodes[open.node];
            node.span.end = self.last_end.max(node.span.end);
            self.stack.pop();
        }
    }

    fn close_all(&mut self) {
        self.close(0);
    }

    /// Opens a place at line `index`, below whatever is open above its rank.
    fn open(&mut self, index: usize, level: Level, own_rank: u8, label: String, heading: Option<String>) {
        self.close(own_rank);
        let mut path = match self.stack.last() {
            Some(open) => format!("{}/", self.outline.nodes[open.node].path),
            None => String::new(),
        };
        path.push_str(level.name());
        path.push(':');
        path.push_str(&label);
        let n_seen = self.paths.entry(path.clone()).or_insert(0);
        *n_seen += 1;
        if *n_seen > 1 {
            // A label printed twice stays two places.
            path = format!("{path}~{n_seen}");
            self.paths.insert(path.clone(), 1);
        }
        let line = &self.lines[index];
        self.stack.push(Open { node: self.outline.nodes.len(), level, rank: own_rank, rows: Rows::default() });
        self.outline.nodes.push(Node { path, level, label, heading, span: Span::new(line.start, line.end()) });
    }

    /// Opens an attached text at line `index`; its note stands on line `after`.
    fn attach(&mut self, index: usize, after: usize) {
        self.close_all();
        self.zone = Zone::Body;
        self.table = None;
        self.article = Row::default();
        self.root = Rows::default();
        self.n_attached += 1;
        let heading = heading::of_attached(&self.lines[index..after.max(index)]);
        self.open(index, Level::KemTheo, 0, self.n_attached.to_string(), heading);
        for at in index..after {
            self.pass(at);
        }
    }

    fn annex(&mut self, index: usize, label: Option<String>, rest: usize) {
        self.close_all();
        self.zone = Zone::Body;
        self.table = None;
        self.article = Row::default();
        self.n_annexes += 1;
        let label = label.unwrap_or_else(|| roman(self.n_annexes));
        let heading = heading::of_division(self.lines, index, rest);
        self.open(index, Level::PhuLuc, 0, label, heading);
    }

    fn division(&mut self, index: usize, level: Level, mut label: String, rest: usize) {
        // `Chương 11` among Roman chapters is a misread II.
        let own_rank = rank(level);
        if label.bytes().all(|b| b == b'1') && label.len() < 4 {
            let misread = roman(label.len() as u32);
            let before = self.outline.nodes.iter().rev().find(|node| node.level == level);
            if before
                .is_some_and(|node| roman_value(&node.label).is_some_and(|value| value as usize + 1 == misread.len()))
            {
                label = misread;
            }
        }
        let heading = heading::of_division(self.lines, index, rest);
        if let Some(open) = self.stack.iter().rev().find(|open| open.rank == own_rank && open.level == level) {
            let node = &self.outline.nodes[open.node];
            let (read, last) = (roman_value(&label), roman_value(&node.label));
            let same_title = match (&heading, &node.heading) {
                (Some(own), Some(above)) => fold(own) == fold(above),
                _ => true,
            };
            // A running header repeats the place that is open.
            if node.label == label && same_title {
                return;
            }
            if level == Level::Chuong && read == Some(1) && last.is_some() && self.next_article_is_first(index) {
                // An attached text whose heading was lost.
                self.attach(index, index);
            } else if let (Some(read), Some(last)) = (read, last)
                && read <= last
                && !same_title
            {
                // A stroke was lost: the second Chương I is Chương II.
                label = roman(last + 1);
            }
        }
        self.table = None;
        self.open(index, level, own_rank, label, heading);
    }

    /// Whether the articles begin anew after line `index`.
    fn next_article_is_first(&self, index: usize) -> bool {
        self.article.last > 0
            && self.lines[index + 1..]
                .iter()
                .take(40)
                .find_map(|line| match marker::read(line.text)?.kind {
                    Kind::Article(value, _) => Some(value == 1),
                    _ => None,
                })
                .unwrap_or(false)
    }

    /// Whether `Điều 5…` opens an article.
    fn article_counts(
        &self,
        value: u32,
        suffix: &str,
        line: &Line<'_>,
        rest: &str,
        closed_by: Option<char>,
        joint: Joint,
    ) -> bool {
        let is_due = value == self.article.last + 1 && suffix.is_empty();
        let first = rest.chars().next();
        // «Điều 3 của Nghị định này», «Điều 15 Luật …» are references; «Điều 5 Phạm vi» may be a heading that lost its point.
        let well_formed = match (closed_by, first) {
            (Some(','), Some(c)) => is_due && c.is_uppercase() && joint == Joint::Free && !begins_with_act(rest),
            (Some(',' | ';'), _) => false,
            (Some(_), Some(c)) => c.is_uppercase() || matches!(c, '“' | '"' | '(' | '[') || is_due,
            (_, None) => true,
            (None, Some(c)) => is_due && c.is_uppercase() && !begins_with_act(rest),
        };
        if !well_formed || value > 999 {
            return false;
        }
        match self.article.step(value, suffix) {
            Step::Next => joint == Joint::Free || first.is_none_or(|c| !c.is_lowercase()),
            Step::Inserted => true,
            Step::Gap => {
                joint == Joint::Free && first.is_none_or(|c| c.is_uppercase() || c == '“')
                    || line.after_blank && closed_by.is_some()
            }
            // Out of order, but plainly a heading and not there yet.
            Step::Restart | Step::No => {
                joint == Joint::Free
                    && closed_by.is_some()
                    && first.is_some_and(char::is_uppercase)
                    && !self.knows_article(value, suffix)
            }
        }
    }

    /// Whether the current text has this article already.
    fn knows_article(&self, value: u32, suffix: &str) -> bool {
        let label = format!("{value}{suffix}");
        for node in self.outline.nodes.iter().rev().take(2000) {
            if node.level == Level::Dieu && node.label == label {
                return true;
            }
            if matches!(node.level, Level::KemTheo | Level::PhuLuc) {
                return false;
            }
        }
        false
    }

    fn article_opens(&mut self, index: usize, value: u32, suffix: String, rest: usize) {
        if value > self.article.last + 1 && self.article.last > 0 {
            let (from, to) = (self.article.last + 1, value - 1);
            self.gap(index, "dieu", from, to);
        }
        self.table = None;
        // Roman parts inside an article end with it.
        let heading = heading::of_article(self.lines, index, rest);
        if let Some(at) = self.stack.iter().position(|open| open.level == Level::Dieu) {
            let own_rank = self.stack[at].rank;
            self.close_from(at);
            self.open(index, Level::Dieu, own_rank, format!("{value}{suffix}"), heading);
        } else {
            self.open(index, Level::Dieu, rank(Level::Dieu), format!("{value}{suffix}"), heading);
        }
        if value >= self.article.last {
            self.article.take(value, &suffix);
        }
    }

    /// Ends the open place at `at` of the stack and all below it.
    fn close_from(&mut self, at: usize) {
        while self.stack.len() > at {
            let Some(open) = self.stack.pop() else { break };
            let node = &mut self.outline.nodes[open.node];
            node.span.end = self.last_end.max(node.span.end);
        }
    }

    fn gap(&mut self, index: usize, name: &str, from: u32, to: u32) {
        let note =
            if from == to { format!("{name} {from} is missing") } else { format!("{name} {from}-{to} are missing") };
        self.defect("gap", index, note);
    }

    fn number(&mut self, index: usize, value: u32, suffix: String, closed_by: Option<char>, rest: usize, joint: Joint) {
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
        if let Some(last) = self.table {
            if value == last + 1 && suffix.is_empty() || last == 0 && value == 1 {
                self.table = Some(value);
                return;
            }
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

    fn double(&mut self, index: usize, major: u32, minor: u32, rest: usize, joint: Joint) {
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

    fn roman(&mut self, index: usize, value: u32, label: String, closed_by: Option<char>, rest: usize, joint: Joint) {
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
            next_upper || closed_by.is_some() && next_upper
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
        let (step, value, label) =
            if upper && joint != Joint::Bound && value != due && last > 0 && self.is_misread_roman(index, value, due) {
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
    fn is_misread_roman(&self, index: usize, value: u32, due: u32) -> bool {
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
    fn next_label_is_number(&self, index: usize, due: u32) -> bool {
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

    fn capital(&mut self, index: usize, letter: char, rest: usize, joint: Joint) {
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
    fn misread_point(&mut self, index: usize, value: u32, rest: usize) -> bool {
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

    fn letter(
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
            bracketed || joint == Joint::Free
        } else {
            rank_of > last + 1
                && rank_of <= last + 4
                && joint == Joint::Free
                && bracketed
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

    fn point(&mut self, index: usize, letter: char, suffix: String, rest: usize) {
        let own_rank = rank(Level::Diem);
        let value = point_rank(letter).map_or(0, |at| at as u32);
        self.rows_above(own_rank).letter.take(value, &suffix);
        let heading = heading::of_item(self.lines, index, rest);
        self.open(index, Level::Diem, own_rank, format!("{letter}{suffix}"), heading);
    }

    fn tiet(&mut self, index: usize, label: String, rest: usize, joint: Joint) {
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

    /// The first line after a table of contents whose heading is at `index`; an attached text at `limit` ends it.
    fn contents_end(&self, index: usize, limit: usize) -> usize {
        let label = |line: &Line<'_>| {
            let kind = marker::read(line.text)?.kind;
            (!matches!(kind, Kind::Letter(..) | Kind::Tiet(_) | Kind::Double(..) | Kind::Annex(_))).then_some(kind)
        };
        let first = self.lines[index + 1..]
            .iter()
            .take(6)
            .enumerate()
            .find_map(|(at, line)| Some((index + 1 + at, label(line)?)));
        let Some((first, kind)) = first else { return index + 1 };
        // The row of the first entry begins anew where the text begins.
        let row = std::mem::discriminant(&kind);
        let mut seen = vec![kind];
        for (at, line) in self.lines.iter().enumerate().skip(first + 1) {
            if at == limit {
                return at;
            }
            let Some(kind) = label(line).filter(|kind| std::mem::discriminant(kind) == row) else { continue };
            let begins = match &kind {
                Kind::Part(label) | Kind::Chapter(label) | Kind::Section(label) => {
                    matches!(label.as_str(), "I" | "1" | "A")
                }
                Kind::Article(value, _) | Kind::Number(value, _) | Kind::Roman(value, _) => *value == 1,
                _ => false,
            };
            if begins || seen.contains(&kind) {
                return at;
            }
            if seen.len() < 400 {
                seen.push(kind);
            }
        }
        // Contents at the end of a text whose first label came before.
        if self.has_places() { self.lines.len() } else { index + 1 }
    }

    /// Whether line `index` cannot belong to the quotation that is open.
    fn breaks_quotation(&self, index: usize, closes: bool) -> bool {
        let line = &self.lines[index];
        if !closes && (place::is_recipients(line.text) || place::is_signature(line.text)) {
            return true;
        }
        let Some(marker) = marker::read(line.text) else { return false };
        let rest = &line.text[marker.rest..];
        match &marker.kind {
            Kind::Number(value, suffix) => {
                let due =
                    self.stack.iter().rev().find(|open| open.level == Level::Dieu || open.level == Level::MucLama);
                let due = due.map_or(self.root.number.last, |open| open.rows.number.last) + 1;
                *value == due && suffix.is_empty() && orders_change(rest)
            }
            Kind::Letter(letter, suffix) => {
                let khoan = self.stack.iter().rev().find(|open| matches!(open.level, Level::Khoan | Level::MucSo));
                let due = khoan.map_or(0, |open| open.rows.letter.last) + 1;
                suffix.is_empty()
                    && due > 1
                    && point_rank(*letter).is_some_and(|at| at as u32 == due)
                    && orders_change(rest)
            }
            Kind::Article(value, suffix) => {
                let due = self.article.last + 1;
                if *value != due || !suffix.is_empty() || marker.closed_by.is_none() {
                    return false;
                }
                let folded = fold(&rest[..rest.char_indices().nth(90).map_or(rest.len(), |(at, _)| at)]);
                orders_change(rest)
                    || folded.contains("hieu luc")
                    || folded.contains("trach nhiem thi hanh")
                    || folded.contains("to chuc thuc hien")
                    || folded.contains("chiu trach nhiem")
                    || folded.starts_with("dieu khoan")
            }
            _ => false,
        }
    }

    /// Ends an unclosed quotation before the line that is next.
    fn cut_quotation(&mut self, begin: usize) {
        let end = self.last_end;
        if let Some(span) = self.outline.quoted.last_mut() {
            span.end = end.max(span.start);
        }
        self.defect("quotation", begin, "the new wording runs on to the next instruction".to_owned());
    }

    fn finish(mut self) -> Outline {
        self.close_all();
        self.outline
    }
}

/// Whether the text names an act, so that «Điều 15 Luật …» is a reference.
fn begins_with_act(rest: &str) -> bool {
    const ACTS: [&str; 18] = [
        "Luật",
        "Nghị",
        "Thông",
        "Quyết",
        "Quy",
        "Hiến",
        "Bộ luật",
        "Pháp",
        "Điều",
        "Chương",
        "Chỉ thị",
        "Mục",
        "Phụ",
        "Phần",
        "Hiệp",
        "Công ước",
        "Văn bản",
        "Bộ Luật",
    ];
    ACTS.iter().any(|act| rest.starts_with(act))
}

/// Whether an instruction to change another text begins here: `Sửa đổi khoản 2`, `Bãi bỏ điểm b`.
fn orders_change(rest: &str) -> bool {
    let end = rest.char_indices().nth(14).map_or(rest.len(), |(at, _)| at);
    let folded = fold(&rest[..end]);
    [
        "sua doi",
        "bo sung",
        "bai bo",
        "huy bo",
        "thay the",
        "thay cum",
        "thay tu",
        "dinh chinh",
        "bo cum",
        "sua ten",
        "bo khoan",
        "bo diem",
    ]
    .iter()
    .any(|verb| folded.starts_with(verb))
}
