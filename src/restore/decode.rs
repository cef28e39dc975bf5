//! One document through the decoder: tokens, columns, paths, and the restored text with its map.

use super::candidate::{Candidate, Form, Lexicon, Maker};
use super::channel::{Channel, Reading, Unseen};
use super::lattice::Search;
use super::ngram::Ngram;
use super::regime::{Evidence, Regime};
use super::syllable::Shape;
use super::{Edit, Restored, code, regime};
use crate::text::Span;
use rustc_hash::FxHashMap;

/// Everything the decoder shares between threads.
#[derive(Debug)]
pub(crate) struct Decoder {
    pub(crate) channel: Channel,
    pub(crate) lexicon: Lexicon,
}

/// One thread's memory: candidates by token.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    search: Search,
    /// By regime: misread, stripped.
    known: [FxHashMap<Box<str>, u32>; 2],
    judged: FxHashMap<Box<str>, Evidence>,
    columns: Vec<Vec<Candidate>>,
    unseen: Unseen,
}

/// A token of the source.
#[derive(Clone, Copy, Debug)]
struct Token {
    span: Span,
    line: u32,
    column: u32,
}

impl Decoder {
    pub(crate) fn restore(&self, ngram: Ngram<'_>, scratch: &mut Scratch, text: &str) -> Restored {
        let maker = Maker { channel: &self.channel, lexicon: &self.lexicon, ngram };
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
                let known = &mut scratch.known[usize::from(regime == Regime::Stripped)];
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
                tokens.push(Token { span: Span::new(start, start + token.len()), line: number as u32, column });
            }
            if line.trim_end().ends_with(['.', ';', ':']) && tokens.len() > begin {
                paragraphs.push((begin, tokens.len()));
                begin = tokens.len();
            }
        }
        if tokens.len() > begin {
            paragraphs.push((begin, tokens.len()));
        }
        let mut chosen = Vec::with_capacity(tokens.len());
        let mut path = Vec::new();
        for (from, to) in paragraphs {
            let columns = &scratch.columns;
            scratch.search.best_path(
                ngram,
                tokens[from..to].iter().map(|token| columns[token.column as usize].as_slice()),
                &mut path,
            );
            chosen.extend_from_slice(&path);
        }
        let mut out = Restored { n_syllables, ..Restored::default() };
        self.emit(text, &lines, &tokens, &chosen, &scratch.columns, &mut out);
        out
    }

    fn emit(
        &self,
        text: &str,
        lines: &[&str],
        tokens: &[Token],
        chosen: &[usize],
        columns: &[Vec<Candidate>],
        out: &mut Restored,
    ) {
        let mut copied = 0;
        let mut piece = String::new();
        let mut starts = true;
        for (token, choice) in tokens.iter().zip(chosen) {
            let candidate = &columns[token.column as usize][*choice];
            let source = Span::new(token.span.start + candidate.core.0, token.span.start + candidate.core.1);
            let upper = is_heading(lines[token.line as usize]);
            piece.clear();
            let say = |reading: &Reading, starts: bool, piece: &mut String| {
                let prior = match (upper, starts) {
                    (true, _) => [3_000, 2_500, 0],
                    (false, true) => [500, 300, 2_500],
                    (false, false) => [60, 800, 2_500],
                };
                let shape = Shape::ALL
                    .into_iter()
                    .min_by_key(|shape| reading.costs[*shape as usize] + prior[*shape as usize])
                    .unwrap_or(Shape::Lower);
                shape.apply(&self.channel.spell(reading.syllable), piece);
            };
            match &candidate.form {
                Form::Keep => piece.push_str(source.of(text)),
                Form::Text(repaired) => piece.push_str(repaired),
                Form::Syllable(reading) => say(reading, starts, &mut piece),
                Form::Pair(first, second, glue) => {
                    say(first, starts, &mut piece);
                    piece.push_str(glue);
                    say(second, false, &mut piece);
                }
            }
            starts = text[source.end..token.span.end].contains(['.', '?', '!', ';', ':'])
                || (starts && !piece.contains(char::is_alphabetic));
            if piece == source.of(text) {
                continue;
            }
            out.text.push_str(&text[copied..source.start]);
            let at = out.text.len();
            out.text.push_str(&piece);
            copied = source.end;
            let edited = Span::new(at, out.text.len());
            out.map.push(edited, source);
            out.edits.push(Edit { span: edited, source, confidence: 1000, runner_up: None });
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
