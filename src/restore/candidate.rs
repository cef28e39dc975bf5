//! One scanned token → what it may say: syllables, a number, a code, or just what it shows.
//!
//! Depends on the token's letters alone, so that a worker remembers it. Edge punctuation is
//! peeled as an *alternative*: in `duo’` the mark is part of the word, in `duoc’` it is not.

mod farther;

use super::case::{Shapes, like, one_case};
use super::channel::{Channel, Reading, SyllableId, Unseen};
use super::code;
use super::edge::{lead_cost, peelings, stops, trail_cost};
use super::lexicon::Lexicon;
use super::ngram::{Ngram, WordId};
use super::syllable::Shape;
use super::token;
use crate::text::{fold, fold_char};

/// Columns are cut to this many candidates.
const MOST_CANDIDATES: usize = 18;
/// A candidate this much dearer than the cheapest, channel and word frequency together, is dropped.
const REACH: i32 = 5_000;
/// Where the tables offer nothing cheaper than this, letters are explained one by one.
const STRAINED: i32 = 2_500;
/// What a capital inside a word costs that is none; asked where nothing nearer is found.
const MIXED: i32 = 2_000;
/// Words of the language model one token can stand for: two syllables and a stop.
pub(crate) const MOST_WORDS: usize = 3;

/// What a candidate puts in the place of the token's core.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The core as it was scanned.
    Keep,
    /// One syllable.
    Syllable(Reading),
    /// Two syllables with this between them: a blank that was lost, a hyphen that was kept.
    Pair(Box<(Reading, Reading, Box<str>)>),
    /// A fixed text: a repaired code or numeral.
    Text(Box<str>),
}

/// One candidate of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// Bytes of the token that are replaced; what is outside stays.
    pub(crate) core: (usize, usize),
    pub(crate) form: Form,
    /// What the language model reads.
    pub(crate) words: [WordId; MOST_WORDS],
    pub(crate) n_words: u8,
    /// Channel cost, punctuation included.
    pub(crate) cost: i32,
}

impl Candidate {
    /// What the language model reads.
    pub(crate) fn words(&self) -> &[WordId] {
        &self.words[..usize::from(self.n_words)]
    }

    /// Whether both are one word, the same but for how it is written.
    pub(crate) fn is_same_word(&self, other: &Candidate) -> bool {
        let is_one = |candidate: &Candidate| !matches!(candidate.form, Form::Pair(_));
        is_one(self) && is_one(other) && self.words().first() == other.words().first()
    }

    /// Lets the language model read `word` as well, where there is room.
    fn push(&mut self, word: WordId) {
        if let Some(slot) = self.words.get_mut(usize::from(self.n_words)) {
            *slot = word;
            self.n_words += 1;
        }
    }
}

/// Everything candidates are made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Maker<'m> {
    pub(crate) channel: &'m Channel,
    pub(crate) lexicon: &'m Lexicon,
    pub(crate) ngram: Ngram<'m>,
    pub(crate) shapes: &'m Shapes,
    /// Whether the token opens a sentence or stands in a heading, where capitals say nothing.
    pub(crate) opens: bool,
}

/// What case costs where it says nothing of the word.
const OPENING: [i32; 3] = [60, 700, 1_500];

impl Maker<'_> {
    /// What each shape of a syllable costs; `None` where the language does not use it.
    fn price(&self, syllable: SyllableId) -> Option<[i32; 3]> {
        let word = self.lexicon.word(syllable)?;
        Some(if self.opens { OPENING } else { self.shapes.costs(word) })
    }

    /// Channel cost of a reading in its best shape, with what that shape costs the word.
    fn reading_cost(&self, reading: &Reading) -> i32 {
        let prices = self.price(reading.syllable).unwrap_or(OPENING);
        (0..3).map(|shape| reading.costs[shape] + prices[shape]).min().unwrap_or(i32::MAX)
    }

    fn readings(&self, read: &str, unseen: &mut Unseen, out: &mut Vec<Reading>) {
        self.channel.readings(read, |syllable| self.price(syllable), REACH, &mut unseen.gathered, out);
    }

    /// The candidates that `make` finds for a token without the mark of a note (`cấp[5],`), which stays as it is;
    /// `None` where there is no such mark.
    fn without_note(text: &str, make: impl FnOnce(&str) -> Vec<Candidate>) -> Option<Vec<Candidate>> {
        let (word, rest) = text.split_once('[')?;
        let (digits, trail) = rest.split_once(']')?;
        let is_note = matches!(digits.len(), 1..=3) && digits.bytes().all(|b| b.is_ascii_digit());
        if !is_note || !word.ends_with(char::is_alphanumeric) || trail.contains(char::is_alphanumeric) {
            return None;
        }
        let mut out = make(&format!("{word}{trail}"));
        // What takes the punctuation for letters of the word would take the mark with it.
        out[0].core.1 = out[0].core.1.min(word.len());
        out.retain(|candidate| candidate.core.1 <= word.len());
        Some(out)
    }

    /// All candidates of `text`, the scanned form first, the rest cheapest first.
    pub(crate) fn candidates(&self, text: &str, unseen: &mut Unseen) -> Vec<Candidate> {
        if let Some(out) = Self::without_note(text, |word| self.candidates(word, unseen)) {
            return out;
        }
        let mut out = vec![self.keep(text)];
        let core = text.trim_matches(|c: char| !c.is_alphanumeric());
        if !text.contains(|c: char| c.is_alphanumeric() || "&@¢¥§€£®©$|".contains(c)) || is_address(text) {
            return out;
        }
        if let Some(class) = self.code(core) {
            self.push_code(text, core, class, &mut out);
            return out;
        }
        if let Some(apart) = code::run_together(core) {
            self.push_code(text, core, apart, &mut out);
            return out;
        }
        if core.len() > 2 && core.bytes().filter(u8::is_ascii_digit).count() * 2 > core.len() {
            let small = core.len() == 3 && core.bytes().all(|b| b.is_ascii_digit());
            if !small && !core.contains(char::is_alphabetic) {
                return out;
            }
        }
        let mut readings = Vec::new();
        for (start, end) in peelings(text) {
            let punctuation = lead_cost(&text[..start]) + trail_cost(&text[end..]);
            self.readings(&text[start..end], unseen, &mut readings);
            self.syllables(text, (start, end), punctuation, &readings, &mut out);
        }
        let nearest = out[1..].iter().map(|candidate| candidate.cost).min().unwrap_or(i32::MAX);
        if nearest > MIXED
            && let Some(small) = one_case(core)
        {
            let (start, end) = out[0].core;
            let punctuation = lead_cost(&text[..start]) + trail_cost(&text[end..]) + MIXED;
            self.readings(&small, unseen, &mut readings);
            self.syllables(text, (start, end), punctuation, &readings, &mut out);
        }
        let nearest = out[1..].iter().map(|candidate| candidate.cost).min().unwrap_or(i32::MAX);
        if nearest > STRAINED && !self.is_sound(core, &out[0]) {
            self.strained(text, nearest, unseen, &mut readings, &mut out);
        }
        self.others(text, core, &mut out);
        self.number(text, core, &mut out);
        self.roman(text, core, &mut out);
        let nearest = out[1..].iter().map(|candidate| candidate.cost).min().unwrap_or(i32::MAX);
        if nearest > 4_500 {
            self.pairs(text, core, unseen, &mut out);
        }
        self.cut(&mut out);
        out
    }

    /// What speaks against a candidate before its neighbours are asked: channel and frequency of its word.
    fn promise(&self, candidate: &Candidate) -> i32 {
        candidate.cost + candidate.words().first().map_or(0, |word| self.ngram.unigram_cost(*word))
    }

    /// All candidates of `text` where marks were lost and letters are whole: the scanned form
    /// first, then every word of the same stripped spelling.
    pub(crate) fn stripped(&self, text: &str) -> Vec<Candidate> {
        if let Some(out) = Self::without_note(text, |word| self.stripped(word)) {
            return out;
        }
        let mut out = vec![self.keep(text)];
        let core = text.trim_matches(|c: char| !c.is_alphanumeric());
        if core.is_empty() || is_address(text) {
            return out;
        }
        if let Some(class) = self.code(core) {
            self.push_code(text, core, class, &mut out);
            return out;
        }
        out[0].cost = if out[0].words[0] == self.ngram.unknown() {
            strange_cost(core, core)
        } else {
            self.case_cost(out[0].words[0], Shape::of(core))
        };
        let folded = fold(core);
        let Some(words) = self.lexicon.stripped(&folded) else {
            self.compound(text, core, &mut out);
            return out;
        };
        let shape = Shape::of(core);
        let as_read = token::canonical(core);
        // A mark that survived is right more often than not.
        let contradiction = if core.is_ascii() { 0 } else { 2_500 };
        for word in words {
            let written = self.ngram.word(*word);
            if written == as_read {
                continue;
            }
            let mut spelled = String::new();
            match shape {
                Some(shape) => shape.apply(written, &mut spelled),
                None => like(written, core, &mut spelled),
            }
            let mut candidate = out[0].clone();
            candidate.words[0] = *word;
            candidate.cost = contradiction + self.case_cost(*word, shape);
            candidate.form = Form::Text(spelled.into());
            out.push(candidate);
        }
        out
    }

    fn case_cost(&self, word: WordId, shape: Option<Shape>) -> i32 {
        match shape {
            Some(shape) if !self.opens => self.shapes.costs(word)[shape as usize],
            _ => 0,
        }
    }

    /// `kinh te-xa`: the parts of a compound one by one, at most two of them.
    fn compound(&self, text: &str, core: &str, out: &mut Vec<Candidate>) {
        let Some((head, tail)) = core.split_once(['-', '/', '–']) else { return };
        let glue = &core[head.len()..core.len() - tail.len()];
        let all = |part: &str| -> Vec<(WordId, String)> {
            let (Some(shape), Some(words)) = (Shape::of(part), self.lexicon.stripped(&fold(part))) else {
                return Vec::new();
            };
            let spell = |word: &WordId| {
                let mut spelled = String::new();
                shape.apply(self.ngram.word(*word), &mut spelled);
                (*word, spelled)
            };
            words.iter().map(spell).collect()
        };
        let stop = if stops(&text[out[0].core.1..]) { self.ngram.stop() } else { None };
        for (one, first) in all(head) {
            for (two, second) in all(tail) {
                let mut candidate = out[0].clone();
                candidate.words = [one, two, stop.unwrap_or_default()];
                candidate.n_words = 2 + u8::from(stop.is_some());
                candidate.cost = 0;
                candidate.form = Form::Text(format!("{first}{glue}{second}").into());
                out.push(candidate);
            }
        }
    }

    fn keep(&self, text: &str) -> Candidate {
        let core = text.trim_matches(|c: char| !c.is_alphanumeric());
        let start = if core.is_empty() { 0 } else { core.as_ptr() as usize - text.as_ptr() as usize };
        let mut keep = Candidate {
            core: (start, start + core.len()),
            form: Form::Keep,
            words: [WordId(0); MOST_WORDS],
            n_words: 0,
            cost: lead_cost(&text[..start]).min(3_000) + trail_cost(&text[start + core.len()..]).min(3_000),
        };
        let mut cost = 0;
        token::token_words(text, &mut |word| {
            let id = self.ngram.id(word).unwrap_or(self.ngram.unknown());
            if id == self.ngram.unknown() {
                // A word nobody knows pays for its spelling.
                cost += strange_cost(word, core);
            } else if word.starts_with('<') {
                cost += class_cost(word, core);
            } else {
                cost += if self.lexicon.syllable(id).is_some() { 2_500 } else { 150 };
            }
            keep.push(id);
        });
        if core.is_empty() && text.contains(['&', '@', '¢', '¥', '§', '£', '€', '|']) {
            cost += 3_500;
        }
        // A sign inside is part of a compound, or else of a letter.
        let signs = core
            .chars()
            .filter(|c| !c.is_alphanumeric() && !matches!(c, '-' | '/' | '.' | ',' | '–' | ':' | '&'))
            .count();
        cost += 3_000 * signs.min(2) as i32;
        keep.cost += cost;
        keep
    }

    /// A document number, a code or a longer abbreviation, its letters repaired.
    fn code(&self, core: &str) -> Option<String> {
        let spelled = |group: &str| self.lexicon.abbreviation(self.ngram, group);
        code::repair(&super::decode::joined(core), &spelled).or_else(|| code::within(core))
    }

    fn push_code(&self, text: &str, core: &str, repaired: String, out: &mut Vec<Candidate>) {
        let keep = &mut out[0];
        if repaired == core {
            keep.cost = 0;
            return;
        }
        keep.cost = 9_000;
        let mut candidate = Candidate { form: Form::Text(repaired.clone().into()), cost: 0, ..keep.clone() };
        let mut whole = repaired;
        whole.push_str(&text[candidate.core.1..]);
        candidate.n_words = 0;
        token::token_words(&whole, &mut |word| {
            candidate.push(self.ngram.id(word).unwrap_or(self.ngram.unknown()));
        });
        out.push(candidate);
    }

    /// A document number that a line's end broke (`84-QD/`, `TU,`): the candidates before and after the
    /// break; `None` where the two are no number.
    pub(crate) fn broken_code(&self, head: &str, tail: &str) -> Option<[Vec<Candidate>; 2]> {
        let is_mark = |c: char| !c.is_alphanumeric();
        let (start, end) = (head.len() - head.trim_start_matches(is_mark).len(), tail.trim_end_matches(is_mark).len());
        let spelled = |group: &str| self.lexicon.abbreviation(self.ngram, group);
        let whole = code::repair(&format!("{}{}", &head[start..], &tail[..end]), &spelled)?;
        let n_before = head.matches(['-', '/']).count();
        let (broken, _) = whole.match_indices(['-', '/']).nth(n_before.checked_sub(1)?)?;
        let (first, second) = whole.split_at(broken + 1);
        let part = |text: &str, core: (usize, usize), repaired: &str, words: [WordId; MOST_WORDS], n_words: u8| {
            let mut keep = Candidate { core, words, n_words, cost: 0, ..self.keep(text) };
            if repaired == &text[core.0..core.1] {
                return vec![keep];
            }
            let candidate = Candidate { form: Form::Text(repaired.into()), ..keep.clone() };
            keep.cost = 9_000;
            vec![keep, candidate]
        };
        let number = self.ngram.id(token::CODE);
        // What follows the break is the same word still.
        let stop = if stops(&tail[end..]) { self.ngram.stop() } else { None };
        let words = |word: Option<WordId>| [word.unwrap_or_default(), WordId(0), WordId(0)];
        Some([
            part(head, (start, head.len()), first, words(number), u8::from(number.is_some())),
            part(tail, (0, end), second, words(stop), u8::from(stop.is_some())),
        ])
    }

    fn syllables(
        &self,
        text: &str,
        core: (usize, usize),
        punctuation: i32,
        readings: &[Reading],
        out: &mut Vec<Candidate>,
    ) {
        let stop = if stops(&text[core.1..]) { self.ngram.stop() } else { None };
        let costs: Vec<i32> = readings.iter().map(|reading| self.reading_cost(reading)).collect();
        let Some(best) = costs.iter().min().copied() else { return };
        let n_before = out.len();
        for (reading, cost) in readings.iter().zip(costs).filter(|(_, cost)| *cost < best + REACH) {
            let Some(word) = self.lexicon.word(reading.syllable) else { continue };
            let cost = punctuation + cost;
            // The same syllable by another peeling: the cheaper explanation stands.
            let same = out[..n_before]
                .iter_mut()
                .find(|other| matches!(&other.form, Form::Syllable(known) if known.syllable == reading.syllable));
            let candidate = Candidate {
                core,
                form: Form::Syllable(*reading),
                words: [word, stop.unwrap_or_default(), WordId(0)],
                n_words: 1 + u8::from(stop.is_some()),
                cost,
            };
            match same {
                Some(other) if other.cost <= cost => {}
                Some(other) => *other = candidate,
                None => out.push(candidate),
            }
        }
    }

    /// Abbreviations and foreign names that lost a mark: `HDND`, `Dak`.
    fn others(&self, text: &str, core: &str, out: &mut Vec<Candidate>) {
        let Some(words) = self.lexicon.others(core) else { return };
        let Some(shape) = Shape::of(core).filter(|shape| *shape != Shape::Lower) else { return };
        for word in words.iter().filter(|word| self.ngram.unigram_cost(**word) < 5_400) {
            let written = self.ngram.word(*word);
            let n_apart = written
                .chars()
                .zip(core.chars().flat_map(char::to_lowercase))
                .filter(|(written, read)| fold_char(*written) != fold_char(*read))
                .count() as i32;
            let mut spelled = String::new();
            shape.apply(written, &mut spelled);
            let mut candidate = out[0].clone();
            candidate.words[0] = *word;
            candidate.cost =
                trail_cost(&text[candidate.core.1..]) + lead_cost(&text[..candidate.core.0]) + 300 + 900 * n_apart;
            candidate.form = Form::Text(spelled.into());
            out.push(candidate);
        }
    }

    /// A number some digit of which was read as a letter: `|` for 1, `O1` for 01.
    fn number(&self, text: &str, core: &str, out: &mut Vec<Candidate>) {
        let inner = if core.is_empty() { text.trim_end_matches(['.', ',', ';', ':', ')']) } else { core };
        if text == "|" {
            // The rule of a table.
            return;
        }
        let mut n_letters = 0;
        let digits: Option<String> = inner
            .chars()
            .map(|c| {
                let digit = match c {
                    '0'..='9' => return Some(c),
                    'O' => '0',
                    'l' | '|' => '1',
                    'I' if inner.len() > 1 => '1',
                    'S' => '5',
                    _ => return None,
                };
                n_letters += 1;
                Some(digit)
            })
            .collect();
        let Some(digits) = digits.filter(|digits| !digits.is_empty() && n_letters == 1 && digits.len() <= 3) else {
            return;
        };
        let Some(number) = self.ngram.id(token::NUMBER) else { return };
        let start = inner.as_ptr() as usize - text.as_ptr() as usize;
        let end = start + inner.len();
        let stop = if stops(&text[end..]) { self.ngram.stop() } else { None };
        out.push(Candidate {
            core: (start, end),
            words: [number, stop.unwrap_or_default(), WordId(0)],
            n_words: 1 + u8::from(stop.is_some()),
            cost: trail_cost(&text[end..]) + lead_cost(&text[..start]) + 2_000 + class_cost(token::NUMBER, &digits),
            form: Form::Text(digits.into()),
        });
    }

    /// A Roman numeral some letter of which was read as another: `IIl`, `1I`.
    fn roman(&self, text: &str, core: &str, out: &mut Vec<Candidate>) {
        let (Some((numeral, n_apart)), Some(word)) = (code::roman(core), self.ngram.id(token::ROMAN)) else { return };
        let (start, end) = out[0].core;
        let stop = if stops(&text[end..]) { self.ngram.stop() } else { None };
        out.push(Candidate {
            core: (start, end),
            words: [word, stop.unwrap_or_default(), WordId(0)],
            n_words: 1 + u8::from(stop.is_some()),
            cost: trail_cost(&text[end..]) + lead_cost(&text[..start]) + 600 + 700 * n_apart,
            form: Form::Text(numeral.into()),
        });
    }

    /// Two syllables that ran together, or were joined by a hyphen or a speck.
    fn pairs(&self, text: &str, core: &str, unseen: &mut Unseen, out: &mut Vec<Candidate>) {
        let start = core.as_ptr() as usize - text.as_ptr() as usize;
        let span = (start, start + core.len());
        let punctuation = lead_cost(&text[..span.0]) + trail_cost(&text[span.1..]);
        let stop = if stops(&text[span.1..]) { self.ngram.stop() } else { None };
        let (mut heads, mut tails) = (Vec::new(), Vec::new());
        for (at, c) in core.char_indices().skip(1) {
            let (head, mut tail) = core.split_at(at);
            let (mut glue, mut penalty) = (" ", 4_300);
            if !c.is_alphanumeric() {
                tail = &tail[c.len_utf8()..];
                (glue, penalty) = match c {
                    '-' => ("-", 1_000),
                    '/' => ("/", 1_500),
                    '–' => ("–", 1_500),
                    _ => (" ", 3_500),
                };
            }
            if head.is_empty() || tail.is_empty() {
                continue;
            }
            self.readings(head, unseen, &mut heads);
            if heads.first().is_none_or(|reading| self.reading_cost(reading) > 5_000) {
                continue;
            }
            self.readings(tail, unseen, &mut tails);
            for first in heads.iter().take(6).filter(|reading| self.reading_cost(reading) < 5_000) {
                for second in tails.iter().take(6).filter(|reading| self.reading_cost(reading) < 5_000) {
                    let (Some(one), Some(two)) =
                        (self.lexicon.word(first.syllable), self.lexicon.word(second.syllable))
                    else {
                        continue;
                    };
                    out.push(Candidate {
                        core: span,
                        form: Form::Pair(Box::new((*first, *second, glue.into()))),
                        words: [one, two, stop.unwrap_or_default()],
                        n_words: 2 + u8::from(stop.is_some()),
                        cost: punctuation + penalty + self.reading_cost(first) + self.reading_cost(second),
                    });
                }
            }
        }
    }

    /// Keeps the scanned form and the most promising others, in a fixed order.
    fn cut(&self, out: &mut Vec<Candidate>) {
        let promise = |candidate: &Candidate| self.promise(candidate);
        out[1..].sort_by_cached_key(promise);
        if let Some(best) = out.get(1).map(promise) {
            let keep = out[1..].iter().take_while(|candidate| promise(candidate) < best + REACH).count();
            out.truncate(1 + keep.min(MOST_CANDIDATES));
            // The scanned form of a token that reads well otherwise is no rival.
            out.truncate(1 + MOST_CANDIDATES);
        }
        out[1..].sort_by_key(|candidate| candidate.cost);
    }
}

/// What the spelling of a word outside the vocabulary costs. The engine reads foreign words and
/// abbreviations faithfully, so a mark in one, or a sign, means damage.
fn strange_cost(word: &str, core: &str) -> i32 {
    let letters = word.chars().count() as i32;
    let marks = word.chars().filter(|c| !c.is_ascii_alphanumeric()).count() as i32;
    let signs = core.chars().filter(|c| !c.is_alphanumeric()).count() as i32;
    let capitals = core.starts_with(char::is_uppercase);
    let per_letter = if capitals { 850 } else { 1_100 };
    1_000 + per_letter * letters + 2_500 * marks.min(2) + 1_500 * signs.min(2)
}

/// What a class word pays for the particular spelling: `14` is one number of many, and
/// `S6` is hardly ever meant.
fn class_cost(class: &str, core: &str) -> i32 {
    let digits = core.bytes().filter(u8::is_ascii_digit).count() as i32;
    match class {
        token::NUMBER if digits == core.len() as i32 => match digits {
            1 => 700,
            2 => 1_500,
            _ => 2_400,
        },
        token::CODE if !core.contains(['-', '/', '.']) => {
            let small = core.chars().filter(|c| c.is_lowercase()).count() as i32;
            if core.starts_with(|c: char| c.is_ascii_digit()) && small <= 1 {
                1_500 + 500 * digits
            } else {
                3_000 + 1_500 * small
            }
        }
        token::ROMAN => 600,
        _ => 0,
    }
}

/// Web and mail addresses: never language.
fn is_address(text: &str) -> bool {
    let text = text.trim_end_matches(['.', ',', ';', ')']);
    text.contains("://")
        || text.starts_with("www.")
        || [".vn", ".com", ".org", ".net", ".gov"].iter().any(|end| text.ends_with(end) && text.len() > end.len() + 1)
        || (text.len() > 6 && text.contains('@') && text.contains('.') && !text.starts_with('@'))
}
