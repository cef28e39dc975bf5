//! One document through the decoder: tokens, columns, paths, and the restored text with its map.

use super::candidate::{Candidate, Form, Lexicon, Maker};
use super::case::Shapes;
use super::channel::{Channel, Reading, Unseen};
use super::lattice::{Choice, Search, weighted};
use super::memory::{CERTAIN, Memory};
use super::ngram::Ngram;
use super::regime::{Evidence, Regime};
use super::syllable::Shape;
use super::{Edit, Restored, code, regime};
use crate::text::Span;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Everything the decoder shares between threads.
#[derive(Debug)]
pub(crate) struct Decoder {
    pub(crate) channel: Channel,
    pub(crate) lexicon: Lexicon,
    pub(crate) shapes: Shapes,
    /// What the archive has taught; `None` without an adaptation.
    pub(crate) archive: Option<Arc<Memory>>,
}

/// One thread's memory: candidates by token.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    search: Search,
    /// By regime (misread, stripped), then where capitals say nothing, the same again.
    known: [FxHashMap<Box<str>, u32>; 4],
    judged: FxHashMap<Box<str>, Evidence>,
    columns: Vec<Vec<Candidate>>,
    unseen: Unseen,
}

/// An unchanged token is reported where another reading has at least this many thousandths.
const DOUBT: u16 = 100;

/// A token of the source.
#[derive(Clone, Copy, Debug)]
struct Token {
    span: Span,
    line: u32,
    column: u32,
    /// Opens a sentence, or stands in a heading.
    opens: bool,
}

impl Decoder {
    pub(crate) fn restore(&self, ngram: Ngram<'_>, scratch: &mut Scratch, text: &str) -> Restored {
        let mut maker =
            Maker { channel: &self.channel, lexicon: &self.lexicon, ngram, shapes: &self.shapes, opens: true };
        let lines: Vec<&str> = text.split('\n').collect();
        let mut n_syllables = 0;
        let mut evidence: Vec<Vec<Evidence>> = Vec::with_capacity(lines.len());
        for line in &lines {
            let judge = |token: &str| match scratch.judged.get(token) {
                Some(known) => *known,
                None => {
                    let evidence = regime::judge(&self.lexicon, ngram, token);
                    scratch.judged.insert(token.into(), evidence);
                    evidence
                }
            };
            evidence.push(line.split_whitespace().map(judge).collect());
            n_syllables += evidence[evidence.len() - 1].len();
        }
        let regimes = regime::of_lines(&evidence);
        let mut tokens: Vec<Token> = Vec::new();
        let mut paragraphs: Vec<(usize, usize)> = Vec::new();
        let mut begin = 0;
        let mut opens = true;
        for (number, line) in lines.iter().enumerate() {
            let base = line.as_ptr() as usize - text.as_ptr() as usize;
            let regime = regimes[number];
            if line.trim().is_empty() || regime == Regime::Clean {
                if tokens.len() > begin {
                    paragraphs.push((begin, tokens.len()));
                    begin = tokens.len();
                }
                continue;
            }
            let heading = is_heading(line);
            let mut words = line.split_whitespace().peekable();
            while let Some(mut token) = words.next() {
                // A blank inside a document number: `446- QB/TU`.
                if let Some(next) = words.peek().filter(|_| token.ends_with(['-', '/'])) {
                    let from = token.as_ptr() as usize - line.as_ptr() as usize;
                    let to = next.as_ptr() as usize - line.as_ptr() as usize + next.len();
                    if code::repair(&joined(&line[from..to])).is_some() {
                        token = &line[from..to];
                        words.next();
                    }
                }
                let start = base + (token.as_ptr() as usize - line.as_ptr() as usize);
                maker.opens = opens || heading || tokens.len() == begin;
                opens = token.ends_with(['.', ':', ';', '?', '!']) || (opens && !token.contains(char::is_alphabetic));
                let known = &mut scratch.known[usize::from(regime == Regime::Stripped) + 2 * usize::from(maker.opens)];
                let column = match known.get(token) {
                    Some(column) => *column,
                    None => {
                        let column = scratch.columns.len() as u32;
                        scratch.columns.push(match regime {
                            Regime::Stripped => maker.stripped(token),
                            _ => maker.candidates(token, &mut scratch.unseen),
                        });
                        known.insert(token.into(), column);
                        column
                    }
                };
                tokens.push(Token {
                    span: Span::new(start, start + token.len()),
                    line: number as u32,
                    column,
                    opens: maker.opens,
                });
            }
            if line.trim_end().ends_with(['.', ';', ':']) && tokens.len() > begin {
                paragraphs.push((begin, tokens.len()));
                begin = tokens.len();
            }
        }
        if tokens.len() > begin {
            paragraphs.push((begin, tokens.len()));
        }
        let mut chosen: Vec<Choice> = Vec::with_capacity(tokens.len());
        let mut path = Vec::new();
        let mut memory = Memory::within(self.archive.as_ref());
        let common = self.archive.is_some().then(|| Memory::within(self.archive.as_ref()));
        // The first pass learns the document's own words, the second uses them.
        for pass in 0..2 {
            chosen.clear();
            for &(from, to) in &paragraphs {
                let columns = &scratch.columns;
                scratch.search.run(
                    ngram,
                    if pass == 1 { Some(&memory) } else { common.as_ref() },
                    tokens[from..to].iter().map(|token| columns[token.column as usize].as_slice()),
                    &mut path,
                );
                if pass == 0 {
                    let mut before = None;
                    for (token, choice) in tokens[from..to].iter().zip(&path) {
                        let candidate = &columns[token.column as usize][choice.candidate];
                        for word in &candidate.words[..candidate.n_words] {
                            if choice.confidence >= CERTAIN {
                                memory.add(before, *word);
                                before = Some(*word);
                            } else {
                                before = None;
                            }
                        }
                    }
                }
                chosen.extend_from_slice(&path);
            }
        }
        let mut out = Restored { n_syllables, ..Restored::default() };
        self.emit(text, &lines, &tokens, &chosen, &scratch.columns, &mut out);
        out
    }

    /// Writes what a candidate puts in the place of `scanned`.
    fn say(&self, candidate: &Candidate, scanned: &str, opens: bool, heading: bool, out: &mut String) {
        let say = |reading: &Reading, opens: bool, out: &mut String| {
            let usual = match (heading, opens) {
                (true, _) => [3_000, 2_500, 0],
                (false, true) => [500, 300, 2_500],
                (false, false) => {
                    self.lexicon.word(reading.syllable).map_or([60, 700, 1_500], |word| self.shapes.costs(word))
                }
            };
            let shape = Shape::ALL
                .into_iter()
                .min_by_key(|shape| reading.costs[*shape as usize] + usual[*shape as usize])
                .unwrap_or(Shape::Lower);
            shape.apply(&self.channel.spell(reading.syllable), out);
        };
        match &candidate.form {
            Form::Keep => out.push_str(scanned),
            Form::Text(repaired) => out.push_str(repaired),
            Form::Syllable(reading) => say(reading, opens, out),
            Form::Pair(first, second, glue) => {
                say(first, opens, out);
                out.push_str(glue);
                say(second, false, out);
            }
        }
    }

    fn emit(
        &self,
        text: &str,
        lines: &[&str],
        tokens: &[Token],
        chosen: &[Choice],
        columns: &[Vec<Candidate>],
        out: &mut Restored,
    ) {
        let mut copied = 0;
        let (mut piece, mut other) = (String::new(), String::new());
        for (token, choice) in tokens.iter().zip(chosen) {
            let column = &columns[token.column as usize];
            let candidate = &column[choice.candidate];
            let heading = is_heading(lines[token.line as usize]);
            let source = Span::new(token.span.start + candidate.core.0, token.span.start + candidate.core.1);
            piece.clear();
            self.say(candidate, source.of(text), token.opens, heading, &mut piece);
            let changed = piece != source.of(text);
            let runner_up = choice.runner_up.filter(|(_, share)| changed || *share >= DOUBT).map(|(idx, _)| {
                other.clear();
                let candidate = &column[idx];
                let core = Span::new(token.span.start + candidate.core.0, token.span.start + candidate.core.1);
                self.say(candidate, core.of(text), token.opens, heading, &mut other);
                other.as_str().into()
            });
            if !changed && (runner_up.is_none() || choice.confidence > 1000 - DOUBT) {
                continue;
            }
            out.text.push_str(&text[copied..source.start]);
            let at = out.text.len();
            out.text.push_str(&piece);
            copied = source.end;
            let edited = Span::new(at, out.text.len());
            out.map.push(edited, source);
            out.edits.push(Edit {
                span: edited,
                source,
                confidence: choice.confidence,
                runner_up,
                channel: weighted(candidate.cost),
                language: choice.language - weighted(candidate.cost),
            });
        }
        out.text.push_str(&text[copied..]);
    }
}

/// `text` without its blanks.
pub(crate) fn joined(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Whether a line is set in capitals.
fn is_heading(line: &str) -> bool {
    let (mut upper, mut lower) = (0, 0);
    for c in line.chars().filter(|c| c.is_alphabetic()) {
        if c.is_uppercase() { upper += 1 } else { lower += 1 }
    }
    upper > 3 && upper > 3 * lower
}
