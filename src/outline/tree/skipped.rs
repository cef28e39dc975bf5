//! Stretches that make no places: tables of contents, and new wording that an act quotes.

use super::super::line::Line;
use super::super::numeral::point_rank;
use super::super::{Level, marker, place, quote};
use super::Builder;
use crate::outline::marker::Kind;
use crate::text::fold;

impl Builder<'_> {
    /// The first line after a table of contents whose heading is at `index`; an attached text at `limit` ends it.
    pub(super) fn contents_end(&self, index: usize, limit: usize) -> usize {
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
    pub(super) fn breaks_quotation(&mut self, index: usize, closes: bool) -> bool {
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
                let inner_due = self.quoted_article + 1;
                if self.quoted_article > 0 && *value == inner_due {
                    // The next article of the new wording itself, unless this one orders a change.
                    let is_order = *value == due && orders_change(rest);
                    if !is_order {
                        self.quoted_article = *value;
                    }
                    return is_order;
                }
                let heads = suffix.is_empty() && marker.closed_by.is_some() && rest.starts_with(char::is_uppercase);
                if !heads || *value < due || *value > due + 3 {
                    return false;
                }
                if self.quoted_article == 0 {
                    // New wording of a clause holds no articles.
                    return true;
                }
                let folded = fold(&rest[..rest.char_indices().nth(90).map_or(rest.len(), |(at, _)| at)]);
                *value == due
                    && (!closes
                        || orders_change(rest)
                        || ["hieu luc", "trach nhiem thi hanh", "to chuc thuc hien", "chiu trach nhiem"]
                            .iter()
                            .any(|words| folded.contains(words))
                        || folded.starts_with("dieu khoan"))
            }
            _ => false,
        }
    }

    /// Whether new wording begins at line `index` although its opening mark was lost: `Sửa đổi Điều 5 như sau:` / `Điều 5. …`.
    pub(super) fn opens_without_mark(&self, index: usize, before: &str) -> bool {
        let Some(above) = self.before.map(|at| self.lines[at].text) else { return false };
        if !above.ends_with(':') {
            return false;
        }
        let Some(Kind::Article(value, suffix)) = marker::read(self.lines[index].text).map(|marker| marker.kind) else {
            return false;
        };
        let named = format!("dieu {value}{suffix}");
        let above = fold(above);
        let names = above
            .match_indices(&named)
            .any(|(at, _)| !above[at + named.len()..].starts_with(|c: char| c.is_ascii_alphanumeric()));
        names && quote::announces(before)
    }

    /// Ends an unclosed quotation before the line that is next.
    pub(super) fn cut_quotation(&mut self, begin: usize) {
        let end = self.last_end;
        if let Some(span) = self.outline.quoted.last_mut() {
            span.end = end.max(span.start);
        }
        self.defect("quotation", begin, "the new wording runs on to the next instruction".to_owned());
    }
}

/// Whether an instruction to change another text begins here: `Sửa đổi khoản 2`, `Bãi bỏ điểm b`,
/// `Điều 6 được sửa đổi như sau:`.
fn orders_change(rest: &str) -> bool {
    let end = rest.char_indices().nth(120).map_or(rest.len(), |(at, _)| at);
    let folded = fold(&rest[..end]);
    let (unit, tail) = folded.split_once(' ').unwrap_or((&folded, ""));
    let place = matches!(unit, "dieu" | "khoan" | "diem" | "chuong" | "muc" | "phu" | "ten" | "tai");
    if place && tail.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        let passive = tail.find("duoc ").map_or("", |at| &tail[at + "duoc ".len()..]);
        return ["sua doi", "bo sung", "thay the", "bai bo"].iter().any(|verb| passive.starts_with(verb));
    }
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
