//! Words exchanged throughout a place: laid on where they stand there, told where they do not.

use super::{Change, Page, rewrites};
use crate::graph::place::Place;
use crate::text::Span;
use regex::Regex;

impl Page<'_> {
    /// Puts new words in the place of old ones throughout a place, or throughout the document.
    pub(super) fn exchange(&mut self, place: Option<&Place>, was: &str, text: &str, blank: &Change) {
        let found = place.map(|place| (place, self.index_of(place)));
        let mut change = Change {
            locator: place.map_or_else(|| "toàn văn bản".to_owned(), Place::to_string),
            action: "phrase".to_owned(),
            was: Some(was.to_owned()),
            text: Some(text.to_owned()),
            ..blank.clone()
        };
        let whole = Span::new(0, self.document.restored.text.len());
        let (within, exact) = match found {
            None => (whole, true),
            Some((_, Some(n))) => (self.span(n), true),
            Some((place, None)) => {
                change.at = self.above(place);
                (change.at.map_or(whole, |n| self.span(n)), false)
            }
        };
        change.at = found.and_then(|(_, n)| n).or(change.at);
        let mut pieces: Vec<(Option<usize>, Span)> = Vec::new();
        let mut n_found = 0;
        for found in occurrences(&self.document.restored.text, within, was) {
            n_found += 1;
            let piece = self.piece(found);
            if !pieces.contains(&piece) {
                pieces.push(piece);
            }
        }
        // Of a place that the outline does not know, only the one occurrence around it is sure.
        let refused = match n_found {
            0 => Some("the words to be exchanged do not stand there"),
            1 => None,
            _ if exact => None,
            _ => Some("the document has no such place, and the words stand in several"),
        };
        if let Some(note) = refused {
            change.certain = false;
            change.note = Some(note.to_owned());
            change.path = change.at.map(|n| self.path(n));
            self.changes.push(change);
            return;
        }
        for (n, piece) in pieces {
            let over = self.changes.iter().position(|other| {
                let rewritten = rewrites(other) && other.at.is_some_and(|at| self.span(at).contains(piece));
                rewritten || other.patch.as_ref().is_some_and(|(span, _)| *span == piece)
            });
            let mut own = Change { at: n, path: n.map(|n| self.path(n)), ..change.clone() };
            match over.map(|k| &self.changes[k]) {
                // Words that an earlier act exchanged in the same stretch stay exchanged.
                Some(Change { patch: Some((span, before)), .. }) => {
                    let now = exchanged(before, was, text);
                    if now == *before {
                        own.certain = false;
                        own.note = Some("an earlier act changed the words to be exchanged".to_owned());
                    } else {
                        let span = *span;
                        let k = over.expect("matched just now");
                        self.changes[k].patch = None;
                        own.patch = Some((span, now));
                    }
                }
                Some(_) => {
                    own.certain = false;
                    own.note = Some("an earlier act gave the place a new wording".to_owned());
                }
                None => own.patch = Some((piece, exchanged(piece.of(&self.document.restored.text), was, text))),
            }
            self.changes.push(own);
        }
    }

    /// The deepest place around a stretch, and as much of its text as holds no other place; outside of all places
    /// the stretch alone.
    fn piece(&self, found: Span) -> (Option<usize>, Span) {
        let nodes = &self.document.outline.nodes;
        let around = nodes.iter().enumerate().filter(|(_, node)| node.span.contains(found));
        let Some((n, node)) = around.min_by_key(|(_, node)| node.span.end - node.span.start) else {
            return (None, found);
        };
        let inner = nodes.iter().filter(|other| node.span.contains(other.span) && other.path != node.path);
        let (mut start, mut end) = (node.span.start, node.span.end);
        for other in inner {
            if other.span.end <= found.start {
                start = start.max(other.span.end);
            } else if other.span.start >= found.end {
                end = end.min(other.span.start);
            }
        }
        (Some(n), Span::new(start, end))
    }
}

/// Where these words stand, whatever the breaks of lines between them.
fn occurrences(text: &str, within: Span, words: &str) -> Vec<Span> {
    let Some(pattern) = pattern(words) else { return Vec::new() };
    pattern
        .find_iter(within.of(text))
        .map(|found| Span::new(within.start + found.start(), within.start + found.end()))
        .collect()
}

/// The text with the old words changed into the new.
fn exchanged(text: &str, was: &str, new: &str) -> String {
    pattern(was).map_or_else(|| text.to_owned(), |pattern| pattern.replace_all(text, regex::NoExpand(new)).into_owned())
}

/// Whole words, however they are broken into lines.
fn pattern(words: &str) -> Option<Regex> {
    let parts: Vec<String> = words.split_whitespace().map(regex::escape).collect();
    if parts.is_empty() {
        return None;
    }
    let edge = |c: Option<char>| if c.is_some_and(char::is_alphanumeric) { r"\b" } else { "" };
    let (first, last) = (edge(words.chars().next()), edge(words.chars().next_back()));
    Regex::new(&format!("{first}{}{last}", parts.join(r"\s+"))).ok()
}
