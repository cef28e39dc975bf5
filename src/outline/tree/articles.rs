//! Articles: which `Điều 5…` opens one, and which is a reference that wrapped to the start of a line.

use super::super::line::Line;
use super::super::place::Joint;
use super::super::{Level, heading, marker};
use super::{Builder, Step, rank};
use crate::outline::marker::{Kind, Marker};

impl Builder<'_> {
    /// Whether `Điều 6. Sửa đổi …` is a heading although the line before ends in a place: `- Bãi bỏ khoản 2`.
    ///
    /// A line that wraps is full; a short one has ended.
    pub(super) fn heads_below_reference(&self, index: usize, marker: &Marker) -> bool {
        let Kind::Article(value, suffix) = &marker.kind else { return false };
        let rest = &self.lines[index].text[marker.rest..];
        let short = self.before.is_some_and(|at| self.lines[at].text.chars().take(71).count() <= 70);
        short
            && *value == self.article.last + 1
            && suffix.is_empty()
            && matches!(marker.closed_by, Some('.' | ':'))
            && rest.starts_with(char::is_uppercase)
            && !begins_with_act(rest)
    }

    /// Whether the articles begin anew after line `index`.
    pub(super) fn next_article_is_first(&self, index: usize) -> bool {
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
    pub(super) fn article_counts(
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
    pub(super) fn knows_article(&self, value: u32, suffix: &str) -> bool {
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

    pub(super) fn article_opens(&mut self, index: usize, value: u32, suffix: String, rest: usize) {
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
