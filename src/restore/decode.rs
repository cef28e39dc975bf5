//! One document through the decoder: tokens, columns, paths, and the restored text with its map.

use super::candidate::{Candidate, Form, Lexicon, Maker};
use super::case::Shapes;
use super::channel::{Channel, Reading};
use super::lattice::{Choice, Search, weighted};
use super::memory::{CERTAIN, Memory};
use super::ngram::{MAX_ORDER, Ngram, State};
use super::regime::{LineEvidence, Regime};
use super::seen::Seen;
use super::syllable::Shape;
use super::{Edit, Restored, code, regime};
use crate::text::Span;
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

/// One thread's scratch space and memory.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    search: Search,
    seen: Seen,
    /// Numbers of the tokens of the text, line by line.
    numbers: Vec<u32>,
    tokens: Vec<Token>,
    /// Tokens that are searched together: from one sentence's or member's end to the next.
    paragraphs: Vec<(usize, usize)>,
    chosen: Vec<Choice>,
    path: Vec<Choice>,
}

/// An unchanged token is reported where another reading has at least this many thousandths.
const DOUBT: u16 = 100;
/// A token with at least this many thousandths after the first pass is not asked again.
const SURE: u16 = 990;
/// Tokens behind a doubtful one that bear witness in the second pass: as many as an n-gram sees.
const WITNESSES: usize = 3;

/// A token of the source.
#[derive(Clone, Copy, Debug)]
struct Token {
    span: Span,
    column: u32,
    /// Opens a sentence, or stands in a heading.
    opens: bool,
    heading: bool,
}

impl Decoder {
    pub(crate) fn restore(&self, ngram: &Ngram<'_>, scratch: &mut Scratch, text: &str) -> Restored {
        if scratch.seen.make_room() {
            scratch.search.forget();
        }
        let lines: Vec<&str> = text.split('\n').collect();
        self.read(ngram, scratch, text, &lines);
        let memory = self.first_pass(ngram, scratch);
        self.second_pass(ngram, scratch, &memory);
        let mut out = Restored { n_syllables: scratch.numbers.len(), ..Restored::default() };
        self.emit(text, scratch, &mut out);
        out
    }

    /// Fills `scratch` with the tokens of all damaged lines and their columns.
    fn read(&self, ngram: &Ngram<'_>, scratch: &mut Scratch, text: &str, lines: &[&str]) {
        let mut maker =
            Maker { channel: &self.channel, lexicon: &self.lexicon, ngram: *ngram, shapes: &self.shapes, opens: true };
        let Scratch { seen, numbers, tokens, paragraphs, .. } = scratch;
        numbers.clear();
        tokens.clear();
        paragraphs.clear();
        let judge = |line: &&str| {
            let mut evidence = LineEvidence::default();
            for token in line.split_whitespace() {
                let number = seen.token(&maker, token);
                evidence.add(seen.evidence(number));
                numbers.push(number);
            }
            evidence
        };
        let evidence: Vec<LineEvidence> = lines.iter().map(judge).collect();
        let regimes = regime::of_lines(&evidence);
        let mut opens = true;
        // Where the paragraph under way began, which is where the last one ended.
        let begin = |paragraphs: &[(usize, usize)]| paragraphs.last().map_or(0, |(_, end)| *end);
        let end_paragraph = |paragraphs: &mut Vec<(usize, usize)>, n_tokens: usize| {
            let begin = begin(paragraphs);
            if n_tokens > begin {
                paragraphs.push((begin, n_tokens));
            }
        };
        let mut rest = numbers.iter();
        for (number, line) in lines.iter().enumerate() {
            let base = line.as_ptr() as usize - text.as_ptr() as usize;
            let regime = regimes[number];
            if regime == Regime::Clean || line.trim().is_empty() {
                let n_tokens = if regime == Regime::Clean { line.split_whitespace().count() } else { 0 };
                rest.by_ref().take(n_tokens).for_each(drop);
                end_paragraph(paragraphs, tokens.len());
                continue;
            }
            let heading = is_heading(line);
            let mut words = line.split_whitespace().zip(rest.by_ref()).peekable();
            while let Some((mut token, known)) = words.next() {
                let mut known = *known;
                // A blank inside a document number: `446- QB/TU`.
                if let Some((next, _)) = words.peek().filter(|_| token.ends_with(['-', '/'])) {
                    let from = token.as_ptr() as usize - line.as_ptr() as usize;
                    let to = next.as_ptr() as usize - line.as_ptr() as usize + next.len();
                    if code::repair(&joined(&line[from..to])).is_some() {
                        token = &line[from..to];
                        known = seen.token(&maker, token);
                        words.next();
                    }
                }
                let start = base + (token.as_ptr() as usize - line.as_ptr() as usize);
                maker.opens = opens || heading || tokens.len() == begin(paragraphs);
                opens = token.ends_with(['.', ':', ';', '?', '!']) || (opens && !token.contains(char::is_alphabetic));
                tokens.push(Token {
                    span: Span::new(start, start + token.len()),
                    column: seen.column(&maker, known, token, regime),
                    opens: maker.opens,
                    heading,
                });
            }
            if line.trim_end().ends_with(['.', ';', ':']) {
                end_paragraph(paragraphs, tokens.len());
            }
        }
        end_paragraph(paragraphs, tokens.len());
    }

    /// Reads the text by language and channel alone; what it teaches of itself.
    fn first_pass(&self, ngram: &Ngram<'_>, scratch: &mut Scratch) -> Memory {
        let Scratch { search, seen, tokens, paragraphs, chosen, path, .. } = scratch;
        let mut memory = Memory::within(self.archive.as_ref());
        let common = self.archive.is_some().then(|| Memory::within(self.archive.as_ref()));
        chosen.clear();
        for &(from, to) in paragraphs.iter() {
            let columns = tokens[from..to].iter().map(|token| seen.steps(token.column));
            search.run(ngram, common.as_ref(), ngram.begin(), columns, path);
            let mut before = None;
            for (token, choice) in tokens[from..to].iter().zip(path.iter()) {
                let candidate = &seen.candidates(token.column)[choice.candidate];
                for word in candidate.words() {
                    if choice.confidence >= CERTAIN {
                        memory.add(before, *word);
                        before = Some(*word);
                    } else {
                        before = None;
                    }
                }
            }
            chosen.append(path);
        }
        memory
    }

    /// Reads what is doubtful again, with what the document itself has taught.
    fn second_pass(&self, ngram: &Ngram<'_>, scratch: &mut Scratch, memory: &Memory) {
        let Scratch { search, seen, tokens, paragraphs, chosen, path, .. } = scratch;
        for &(from, to) in paragraphs.iter() {
            let mut at = from;
            while let Some(first) = (at..to).find(|at| chosen[*at].confidence < SURE) {
                let mut end = first + 1;
                let mut last = first;
                while end < to && end - last <= WITNESSES {
                    if chosen[end].confidence < SURE {
                        last = end;
                    }
                    end += 1;
                }
                let begin = (from..first).rev().take(2 * MAX_ORDER).last().unwrap_or(first);
                let mut state = if begin == from { ngram.begin() } else { State::default() };
                for at in begin..first {
                    for word in seen.candidates(tokens[at].column)[chosen[at].candidate].words() {
                        state = ngram.cost(&state, *word).1;
                    }
                }
                let columns = tokens[first..end].iter().map(|token| seen.steps(token.column));
                search.run(ngram, Some(memory), state, columns, path);
                chosen[first..=last].copy_from_slice(&path[..=last - first]);
                at = end;
            }
        }
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
            self.channel.write(reading.syllable, shape, out);
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

    fn emit(&self, text: &str, scratch: &Scratch, out: &mut Restored) {
        let mut copied = 0;
        let (mut piece, mut other) = (String::new(), String::new());
        for (token, choice) in scratch.tokens.iter().zip(&scratch.chosen) {
            let column = scratch.seen.candidates(token.column);
            let candidate = &column[choice.candidate];
            let heading = token.heading;
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
