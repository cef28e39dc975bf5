//! One document through the decoder: tokens, columns, paths, and the restored text with its map.

use super::calibration::{Signs, Sort};
use super::candidate::{Candidate, Form, Maker};
use super::case::{Shapes, ShapesHere};
use super::channel::{Channel, Reading};
use super::habits::{Habits, Segments};
use super::lattice::{Choice, Search, weighted};
use super::lexicon::Lexicon;
use super::memory::{CERTAIN, Memory};
use super::ngram::{MAX_ORDER, Ngram, State, WordId};
use super::pairs::Reach;
use super::regime::{LineEvidence, Regime};
use super::seen::Seen;
use super::syllable::Shape;
use super::{Edit, Restored, code, label, noise, regime};
use crate::text::{Defect, Span};
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

/// One thread's scratch space and memory.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    search: Search,
    pub(super) seen: Seen,
    pub(super) segments: Segments,
    pub(super) habits: Habits,
    /// Numbers of the tokens of the text, line by line.
    numbers: Vec<u32>,
    pub(super) tokens: Vec<Token>,
    /// Tokens that are searched together: from one sentence's or member's end to the next.
    paragraphs: Vec<(usize, usize)>,
    pub(super) chosen: Vec<Choice>,
    /// Which tokens are no text.
    pub(super) noise: Vec<bool>,
    path: Vec<Choice>,
}

/// An unchanged token is reported where another reading has at least this many thousandths, or where as many
/// are missing from its surety.
const DOUBT: u16 = 100;
/// A token with at least this many thousandths after the first pass is not asked again.
pub(super) const SURE: u16 = 975;
/// A token with at least this many is not asked again even beside doubtful ones.
const PINNED: u16 = 999;
/// Tokens behind a doubtful one that bear witness in the second pass: as many as an n-gram sees.
const WITNESSES: usize = 3;

/// What a syllable in capitals costs more where no word beside it is: `Bộ trưởng BO Nội vụ`.
const APART: i32 = 1_000;

/// Tokens on either side that judge whether an edge of a line is noise.
const AROUND: usize = 30;

/// A token of the source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) span: Span,
    line: u32,
    pub(super) column: u32,
    /// Of a line read by an engine that knew no Vietnamese.
    pub(super) misread: bool,
    /// In a line that is set in capitals.
    heading: bool,
    /// Opens a sentence, or stands in a heading.
    pub(super) opens: bool,
}

/// What decides the case of a token beside what was read.
#[derive(Clone, Copy, Debug)]
struct Place {
    opens: bool,
    heading: bool,
    /// What each shape costs after the document's own habit.
    here: [i32; 3],
}

impl Decoder {
    pub(crate) fn restore(&self, ngram: &Ngram<'_>, scratch: &mut Scratch, text: &str) -> Restored {
        if scratch.seen.make_room() {
            scratch.segments = Segments::default();
        }
        let lines: Vec<&str> = text.split('\n').collect();
        self.read(ngram, scratch, text, &lines);
        let memory = self.first_pass(ngram, scratch);
        self.noise(ngram, scratch, text, &lines);
        let n_columns = scratch.seen.n_columns();
        self.adapt_columns(ngram, scratch, text);
        self.second_pass(ngram, scratch, &memory);
        let mut out = Restored { n_syllables: scratch.numbers.len(), ..Restored::default() };
        self.emit(text, ngram, scratch, &memory, &mut out);
        scratch.seen.keep(n_columns);
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
        // The last token of the text so far, where a document number may go on in the next line.
        let mut open_code: Option<(usize, &str)> = None;
        let mut rest = numbers.iter();
        for (number, line) in lines.iter().enumerate() {
            let base = line.as_ptr() as usize - text.as_ptr() as usize;
            let regime = regimes[number];
            if regime == Regime::Clean || line.trim().is_empty() {
                let n_tokens = if regime == Regime::Clean { line.split_whitespace().count() } else { 0 };
                open_code = open_code.filter(|_| is_page_number(line));
                rest.by_ref().take(n_tokens).for_each(drop);
                end_paragraph(paragraphs, tokens.len());
                continue;
            }
            let heading = is_heading(line);
            let mut words = line.split_whitespace().zip(rest.by_ref()).peekable();
            while let Some((mut token, known)) = words.next() {
                let mut known = *known;
                // A blank inside a document number: `446- QB/TU`.
                let broken = |next: &str| {
                    token.ends_with(['-', '/'])
                        || (token.ends_with("QH") && (1..=3).contains(&next.len()) && next.starts_with('1'))
                };
                if let Some((next, _)) = words.peek().filter(|(next, _)| broken(next)) {
                    let from = token.as_ptr() as usize - line.as_ptr() as usize;
                    let to = next.as_ptr() as usize - line.as_ptr() as usize + next.len();
                    if code::repair(&joined(&line[from..to]), &|_| None).is_some() {
                        token = &line[from..to];
                        known = seen.token(&maker, token);
                        words.next();
                    }
                }
                let start = base + (token.as_ptr() as usize - line.as_ptr() as usize);
                let head = if is_page_number(line) { None } else { open_code.take() };
                let continued = head.and_then(|(at, head)| Some((at, maker.broken_code(head, token)?)));
                maker.opens = opens || heading || tokens.len() == begin(paragraphs);
                opens = token.ends_with(['.', ':', ';', '?', '!']) || (opens && !token.contains(char::is_alphabetic));
                tokens.push(Token {
                    span: Span::new(start, start + token.len()),
                    line: number as u32,
                    misread: regime == Regime::Misread,
                    heading,
                    column: seen.column(&maker, known, token, regime),
                    opens: maker.opens,
                });
                if let (Some((at, [head, tail])), Some(own)) = (continued, tokens.last_mut()) {
                    own.column = seen.add(ngram, tail);
                    tokens[at].column = seen.add(ngram, head);
                }
                let goes_on = words.peek().is_none() && token.ends_with(['-', '/']);
                if goes_on && token.contains(|c: char| c.is_ascii_digit()) {
                    open_code = Some((tokens.len() - 1, token));
                }
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
            search.run(Reach::NARROW, ngram, common.as_ref(), ngram.begin(), columns, path);
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

    /// Which tokens are no text: whole lines, and what the text is cheaper without at the edges of lines.
    fn noise(&self, ngram: &Ngram<'_>, scratch: &mut Scratch, text: &str, lines: &[&str]) {
        let Scratch { search, seen, tokens, paragraphs, chosen, noise, .. } = scratch;
        noise.clear();
        noise.resize(tokens.len(), false);
        let mut at = 0;
        while at < tokens.len() {
            let line = tokens[at].line;
            let end = at + tokens[at..].iter().take_while(|token| token.line == line).count();
            let (from, to) = (at, end);
            at = end;
            if !tokens[from].misread {
                continue;
            }
            let words: Vec<&str> = tokens[from..to].iter().map(|token| token.span.of(text)).collect();
            let before = line.checked_sub(1).map(|before| lines[before as usize]);
            let apart = before.is_none_or(|before| before.trim().is_empty() || is_heading(before));
            let cost = || chosen[from..to].iter().map(|choice| choice.language).sum();
            if noise::is_noise(&words) || (apart && noise::is_strange(&words, cost())) {
                noise[from..to].fill(true);
                continue;
            }
            let (lead, trail) = noise::edges(&words);
            for (from, to) in [(from, from + lead), (to - trail, to)] {
                if from == to {
                    continue;
                }
                let Some(&(begin, stop)) = paragraphs.get(paragraphs.partition_point(|(_, stop)| *stop <= from)) else {
                    continue;
                };
                let (begin, stop) = (begin.max(from.saturating_sub(AROUND)), stop.min(to + AROUND));
                let mut cost = |noise: &[bool]| -> i32 {
                    let kept = (begin..stop).filter(|at| !noise[*at]);
                    let mut path = Vec::new();
                    let column = |at: usize| seen.steps(tokens[at].column);
                    search.run(Reach::NARROW, ngram, None, ngram.begin(), kept.map(column), &mut path);
                    path.iter().map(|choice| choice.language).sum()
                };
                let with = cost(noise);
                noise[from..to].fill(true);
                let without = cost(noise);
                let left_out: Vec<&str> = tokens[from..to].iter().map(|token| token.span.of(text)).collect();
                let price = noise::price(&left_out);
                if with - without <= price {
                    noise[from..to].fill(false);
                }
            }
        }
        // A page of nothing but noise stays as it is.
        if noise.iter().all(|noise| *noise) {
            noise.fill(false);
        }
    }

    /// Reads what is doubtful again, with what the document itself has taught.
    fn second_pass(&self, ngram: &Ngram<'_>, scratch: &mut Scratch, memory: &Memory) {
        let Scratch { search, seen, tokens, paragraphs, chosen, path, noise, .. } = scratch;
        for &(from, to) in paragraphs.iter() {
            let mut at = from;
            while let Some(first) = (at..to).find(|at| chosen[*at].confidence < SURE && !noise[*at]) {
                let mut end = first + 1;
                let mut last = first;
                while end < to && end - last <= WITNESSES {
                    if chosen[end].confidence < SURE {
                        last = end;
                    }
                    end += 1;
                }
                let begin = (from..first).rev().take(2 * MAX_ORDER).next_back().unwrap_or(first);
                let mut state = if begin == from { ngram.begin() } else { State::default() };
                for at in (begin..first).filter(|at| !noise[*at]) {
                    for word in seen.candidates(tokens[at].column)[chosen[at].candidate].words() {
                        state = ngram.cost(&state, *word).1;
                    }
                }
                let kept = || (first..end).filter(|at| !noise[*at]);
                let columns = kept().map(|at| match chosen[at].confidence {
                    PINNED.. => seen.steps(tokens[at].column).pinned(chosen[at].candidate),
                    _ => seen.steps(tokens[at].column),
                });
                search.run(Reach::WIDE, ngram, Some(memory), state, columns, path);
                for (at, choice) in kept().zip(path.iter()).filter(|(at, _)| *at <= last) {
                    chosen[at] = *choice;
                }
                at = end;
            }
        }
    }

    /// The shape of a reading where it stands, and by how many millibans it is ahead of any other.
    fn shape(&self, reading: &Reading, place: Place) -> (Shape, i32) {
        let Place { opens, heading, here } = place;
        let usual = match (heading, opens) {
            (true, _) => [3_000, 2_500, 0],
            (false, true) => [500, 300, 2_500 + APART],
            (false, false) => {
                let word = self.lexicon.word(reading.syllable);
                let [lower, title, upper] = word.map_or([60, 700, 1_500], |word| self.shapes.costs(word));
                [lower, title, upper + APART]
            }
        };
        let mut ranked = Shape::ALL.map(|shape| {
            let own = shape as usize;
            (reading.costs[own] + usual[own] + if heading || opens { 0 } else { here[own] }, shape)
        });
        ranked.sort();
        let [(best, shape), (second, _), _] = ranked;
        (shape, second - best)
    }

    /// Writes what a candidate puts in the place of `scanned`, and by how many millibans its case is ahead of any other.
    fn say(&self, candidate: &Candidate, scanned: &str, place: Place, out: &mut String) -> i32 {
        let say = |reading: &Reading, opens: bool, out: &mut String| -> i32 {
            let (shape, ahead) = self.shape(reading, Place { opens, ..place });
            self.channel.write(reading.syllable, shape, out);
            ahead
        };
        match &candidate.form {
            Form::Keep => out.push_str(scanned),
            Form::Text(repaired) => out.push_str(repaired),
            Form::Syllable(reading) => return say(reading, place.opens, out),
            Form::Pair(pair) => {
                let (first, second, glue) = &**pair;
                let ahead = say(first, place.opens, out);
                out.push_str(glue);
                return ahead.min(say(second, false, out));
            }
        }
        i32::MAX
    }

    fn emit(&self, text: &str, ngram: &Ngram<'_>, scratch: &Scratch, memory: &Memory, out: &mut Restored) {
        let Scratch { tokens, chosen, noise, seen, .. } = scratch;
        // A capital Í is read as a small i: `PHO Bi THU`.
        let capitals = |token: &Token| {
            let letters = || token.span.of(text).chars().filter(|c| c.is_alphabetic());
            letters().count() > 1
                && letters().any(|c| c.is_uppercase())
                && letters().all(|c| c.is_uppercase() || c == 'i')
        };
        let in_capitals: Vec<bool> = tokens.iter().map(capitals).collect();
        let headings: Vec<bool> = tokens
            .iter()
            .enumerate()
            .map(|(at, token)| {
                let beside = |other: usize| in_capitals[other] && tokens[other].line == token.line;
                token.heading
                    || (in_capitals[at] && ((at > 0 && beside(at - 1)) || (at + 1 < tokens.len() && beside(at + 1))))
            })
            .collect();
        let column = |at: usize| seen.candidates(tokens[at].column);
        let say_so = |at: usize, choice: &Choice, here: [i32; 3], piece: &mut String| {
            let (token, candidate) = (&tokens[at], &column(at)[choice.candidate]);
            let core = Span::new(token.span.start + candidate.core.0, token.span.start + candidate.core.1);
            let ahead =
                self.say(candidate, core.of(text), Place { opens: token.opens, heading: headings[at], here }, piece);
            (core, ahead)
        };
        let pair = |at: usize| -> Option<(WordId, WordId)> {
            if noise[at] || at == 0 || noise[at - 1] || tokens[at].opens || headings[at] {
                return None;
            }
            let (one, two) = (&column(at - 1)[chosen[at - 1].candidate], &column(at)[chosen[at].candidate]);
            let before = one.words().last()?;
            matches!(two.form, Form::Syllable(_)).then_some((*before, two.words[0]))
        };
        let mut shapes = ShapesHere::default();
        for (at, choice) in chosen.iter().enumerate() {
            let Some((before, word)) = pair(at) else { continue };
            if let Form::Syllable(reading) = &column(at)[choice.candidate].form {
                let place = Place { opens: tokens[at].opens, heading: headings[at], here: [0; 3] };
                let shape = match self.shape(reading, place).0 {
                    // One capital is no word in capitals.
                    Shape::Upper if ngram.word(word).chars().nth(1).is_none() => Shape::Title,
                    shape => shape,
                };
                shapes.add((before, word), shape);
            }
        }
        let mut piece = String::new();
        let say = |at: usize, choice: &Choice, piece: &mut String| {
            say_so(at, choice, pair(at).map_or([0; 3], |pair| shapes.costs(pair)), piece)
        };
        let labels = self.labels(text, tokens, noise, &|at, piece| say(at, &chosen[at], piece).0);
        let mut copied = 0;
        let mut other = String::new();
        let mut at = 0;
        while at < tokens.len() {
            let (token, choice) = (&tokens[at], &chosen[at]);
            if noise[at] {
                let end = at + (at..tokens.len()).take_while(|at| noise[*at] && tokens[*at].line == token.line).count();
                copied = leave_out(text, copied, Span::new(token.span.start, tokens[end - 1].span.end), out);
                out.defects.push(Defect {
                    kind: "noise".into(),
                    line: token.line as usize + 1,
                    note: format!(
                        "left out as no text: {}",
                        Span::new(token.span.start, tokens[end - 1].span.end).of(text)
                    ),
                });
                at = end;
                continue;
            }
            piece.clear();
            let (mut source, ahead) = say(at, choice, &mut piece);
            if let Some((length, label)) = labels.get(&at) {
                source = Span::new(token.span.start, token.span.start + length);
                piece.clone_from(label);
            }
            let candidate = &column(at)[choice.candidate];
            let sort = Sort::of(candidate, &piece, *ngram, ahead);
            let changed = piece != source.of(text);
            let signs = Signs {
                sort,
                scanned: source.of(text),
                reading: &piece,
                doubt: choice.doubt,
                beside: [at.checked_sub(1), Some(at + 1)].map(|other| {
                    let other = other.filter(|other| tokens.get(*other).is_some_and(|one| one.line == token.line))?;
                    Some(chosen[other].doubt)
                }),
                channel: weighted(candidate.cost),
                language: choice.language - weighted(candidate.cost),
                same_word: sort.is_word()
                    && choice.runner_up.is_some_and(|(idx, _)| column(at)[idx].is_same_word(candidate)),
                times: match (sort.is_word(), candidate.words().first()) {
                    (true, Some(word)) => memory.times(*word).saturating_sub(u32::from(choice.confidence >= CERTAIN)),
                    _ => 0,
                },
                heading: headings[at],
            };
            let confidence = signs.surety();
            let runner_up = choice.runner_up.filter(|(_, share)| changed || *share >= DOUBT).map(|(idx, _)| {
                other.clear();
                say(at, &Choice { candidate: idx, ..*choice }, &mut other);
                other.as_str().into()
            });
            at += 1;
            let sure = runner_up.is_none() || choice.confidence > 1000 - DOUBT;
            let kept = !changed && sure && confidence >= 1000 - DOUBT;
            if kept {
                let begin = out.text.len() + source.start - copied;
                out.sureties.push((Span::new(begin, begin + source.len()), confidence));
                continue;
            }
            out.text.push_str(&text[copied..source.start]);
            let begin = out.text.len();
            out.text.push_str(&piece);
            copied = source.end;
            let edited = Span::new(begin, out.text.len());
            out.map.push(edited, source);
            out.sureties.push((edited, confidence));
            out.edits.push(Edit {
                span: edited,
                source,
                confidence,
                teaches: if sort.is_guess() { 0 } else { choice.confidence },
                runner_up,
                channel: weighted(candidate.cost),
                language: choice.language - weighted(candidate.cost),
            });
        }
        out.text.push_str(&text[copied..]);
    }

    /// Labels at the heads of lines that were misread: by token, the bytes of it that are the label, and what it is.
    fn labels(
        &self,
        text: &str,
        tokens: &[Token],
        noise: &[bool],
        say: &dyn Fn(usize, &mut String) -> Span,
    ) -> FxHashMap<usize, (usize, String)> {
        let mut found = Vec::new();
        let mut places = Vec::new();
        let mut line = u32::MAX;
        for (at, token) in tokens.iter().enumerate().filter(|(at, _)| !noise[*at]) {
            if std::mem::replace(&mut line, token.line) == token.line {
                continue;
            }
            let head: Vec<usize> = (at..tokens.len()).take_while(|at| tokens[*at].line == line).take(4).collect();
            let scanned: Vec<&str> = head.iter().map(|at| tokens[*at].span.of(text)).collect();
            let restored: Vec<String> = head[..head.len().min(2)]
                .iter()
                .map(|at| {
                    let mut piece = String::new();
                    let core = say(*at, &mut piece);
                    let span = tokens[*at].span;
                    format!("{}{piece}{}", &text[span.start..core.start], &text[core.end..span.end])
                })
                .collect();
            if let Some((idx, length, label)) = label::find(&scanned, &restored) {
                places.push((head[idx], length));
                found.push(label);
            }
        }
        label::repairs(&found).into_iter().map(|(idx, text)| (places[idx].0, (places[idx].1, text))).collect()
    }
}

/// Leaves `source` out of the restored text with the blanks before it; how far the source is used up.
///
/// An empty piece records what was left out, so that its neighbours do not answer for it. At either
/// end of a text it is joined to the nearest character, so that the whole stands for the whole.
fn leave_out(text: &str, copied: usize, source: Span, out: &mut Restored) -> usize {
    let before = &text[copied..source.start];
    let mut start = copied + before.trim_end_matches([' ', '\t']).len();
    let mut end = source.end;
    let mut stands = String::new();
    if text[..start].ends_with('\n') {
        // A whole line, or its beginning: the blanks after it go as well.
        end += text[end..].len() - text[end..].trim_start_matches([' ', '\t']).len();
    }
    if start == 0 {
        if let Some(next) = text[end..].chars().next() {
            stands.push(next);
            end += next.len_utf8();
        }
    } else if end == text.len()
        && let Some(last) = text[copied..start].chars().next_back()
    {
        stands.push(last);
        start -= last.len_utf8();
    }
    out.text.push_str(&text[copied..start]);
    let at = out.text.len();
    out.text.push_str(&stands);
    out.map.push(Span::new(at, out.text.len()), Span::new(start, end));
    end
}

/// `text` without its blanks.
pub(crate) fn joined(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Whether a line is blank or stands between two pages.
fn is_page_number(line: &str) -> bool {
    line.trim().bytes().all(|b| b.is_ascii_digit())
}

/// Whether a line is set in capitals. Those of a document number say nothing: `Số: 12/2013/QĐ-UBND`.
fn is_heading(line: &str) -> bool {
    let (mut upper, mut lower) = (0, 0);
    let words = line.split_whitespace().filter(|word| !word.contains(|c: char| c.is_ascii_digit()));
    for c in words.flat_map(str::chars).filter(|c| c.is_alphabetic()) {
        if c.is_uppercase() { upper += 1 } else { lower += 1 }
    }
    upper > 3 && upper > 3 * lower
}
