//! From labels to places: which label opens a place, where it belongs, where it ends.
//!
//! One pass over the lines with a stack of open places. A label counts when it is due
//! (the next of its row) or when it stands where a label must stand; a label that merely
//! wrapped to the start of a line does not. Numbers keep their printed form; gaps are reported.

mod articles;
mod items;
mod skipped;

use super::line::{self, Line};
use super::marker::{self, Kind, Marker};
use super::numeral::{roman, roman_value};
use super::place::{self, Joint};
use super::quote::{self, Closer, Opening};
use super::{Level, Node, Outline, heading};
use crate::text::is_upper;
use crate::text::{Defect, Span, fold};
use rustc_hash::FxHashMap;

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
        if value == self.last + 1 && (suffix.is_empty() || self.last > 0) {
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
    paths: FxHashMap<String, u32>,
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
    /// The last article inside the open quotation; 0 where it holds none.
    quoted_article: u32,
}

impl<'t> Builder<'t> {
    fn new(text: &'t str, lines: &'t [Line<'t>]) -> Builder<'t> {
        Builder {
            text,
            lines,
            outline: Outline::default(),
            stack: Vec::new(),
            root: Rows::default(),
            paths: FxHashMap::default(),
            zone: Zone::Body,
            article: Row::default(),
            n_attached: 0,
            n_annexes: 0,
            table: None,
            last_end: 0,
            before: None,
            closer: Closer::new(text.len()),
            lines_are_paragraphs: line::are_paragraphs(lines),
            quoted_article: 0,
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
            let before = &self.text[..line.start];
            let unmarked = self.opens_without_mark(index, before);
            if !unmarked {
                self.line(index);
            }
            let opening = match unmarked {
                true => Some(Opening { at: 0, structural: true, announced: true }),
                false => quote::opening(line.text, before),
            };
            if let Some(opening) = opening {
                let end = self.closer.close(self.lines, index, opening.at);
                let limit = end.unwrap_or((self.lines.len() - 1, self.lines.last().map_or(0, |line| line.text.len())));
                // An unannounced quotation that never ends is a slip of the engine.
                if end.is_some() || opening.structural && opening.announced {
                    self.outline.quoted.push(quote::wording(self.lines, index, opening.at, limit));
                    self.quoted_article = match marker::read(&line.text[opening.at..]).map(|marker| marker.kind) {
                        Some(Kind::Article(value, _)) => value,
                        // A chapter begins with some article of its own.
                        Some(Kind::Chapter(_) | Kind::Section(_) | Kind::Part(_)) => u32::MAX - 1,
                        _ => 0,
                    };
                    if end.is_none_or(|(end, _)| end > index) {
                        quoted = Some((index, end.map(|(end, _)| end)));
                    }
                    if end.is_none() {
                        self.defect("quotation", index, "the new wording is never closed".to_owned());
                    }
                }
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
        if place::is_blank_to_fill(line.text) {
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
        } else if self.zone == Zone::Body && self.is_bare_first_point(index) {
            self.point(index, 'a', String::new(), 2);
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
        if joint == Joint::Bound && !self.heads_below_reference(index, &marker) {
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
        let heading = heading::of_division(self.lines, index, rest);
        if label.is_none() && self.annex_label_follows(index) {
            return;
        }
        if let Some(open) = self.stack.first().filter(|open| open.level == Level::PhuLuc) {
            let node = &self.outline.nodes[open.node];
            let same_title = match (&heading, &node.heading) {
                (Some(own), Some(above)) => fold(own) == fold(above),
                _ => true,
            };
            // A running header, or the heading printed twice.
            if label.as_ref() == Some(&node.label) && same_title {
                return;
            }
        }
        self.close_all();
        self.zone = Zone::Body;
        self.table = None;
        self.article = Row::default();
        self.n_annexes += 1;
        let label = label.unwrap_or_else(|| roman(self.n_annexes));
        self.open(index, Level::PhuLuc, 0, label, heading);
    }

    /// Whether `PHỤ LỤC` at `index` only heads the annexes that follow at once, each with its own label.
    fn annex_label_follows(&self, index: usize) -> bool {
        let below = self.lines[index + 1..].iter().take(6).find_map(|line| marker::read(line.text));
        below.is_some_and(|marker| matches!(marker.kind, Kind::Annex(Some(_))))
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

    fn finish(mut self) -> Outline {
        self.close_all();
        self.outline
    }
}
