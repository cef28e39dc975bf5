//! Text → language model: vocabulary, counts, mixture, size, and the file's sections.

use super::case;
use super::count::{self, Gram, Level};
use super::followers;
use super::learn;
use super::mix;
use super::model::Model;
use super::ngram::{self, BACKOFF_BITS, COST_BITS, MAX_ORDER, NO_CONTEXT, WordId};
use super::table::Table;
use super::token;
use crate::text::fold;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// One body of text to learn from, one paragraph a line.
#[derive(Clone, Copy, Debug)]
pub struct Text<'t> {
    /// What progress reports call it.
    pub name: &'t str,
    /// Its part in the mixture; the parts are scaled to sum to one.
    pub weight: f64,
    /// The text, NFC.
    pub text: &'t str,
}

/// All that a model is made of.
#[derive(Clone, Debug)]
pub struct Recipe<'t> {
    /// What the language model is counted from.
    pub texts: Vec<Text<'t>>,
    /// Aligned pairs, a row each: written, tab, read. Empty rows are passed over.
    pub pairs: Vec<&'t str>,
    /// The longest n-gram, 2 to 5 words.
    pub order: usize,
    /// N-grams of two and more words to keep.
    pub n_grams: usize,
}

/// A model and what went into it.
#[derive(Debug)]
pub struct Learned {
    /// The model, ready to write.
    pub model: Model,
    /// Words of each text, class tokens included, in the recipe's order.
    pub n_words: Vec<usize>,
    /// Words of the vocabulary.
    pub vocabulary: usize,
    /// N-grams kept, by length.
    pub n_grams: Vec<usize>,
    /// Rows of pairs learned from.
    pub n_pairs: usize,
}

/// Bits by which the tables tell an n-gram from a stranger. 10 loses 0.02 points on stripped text, 16 gains nothing.
const FINGERPRINT_BITS: u32 = 12;
/// How much choices among all words count beside those among spellings that differ in marks alone.
const PLAIN: f64 = 0.5;

/// Paragraphs of each text from which capitals are learned; more change nothing.
const CASE_LINES: usize = 60_000;

/// Learns a model. `progress` hears each step by name as it begins.
///
/// The same recipe gives the same bytes, whatever the number of threads.
pub fn train(recipe: &Recipe<'_>, progress: &dyn Fn(&str)) -> Learned {
    progress("vocabulary");
    let vocabulary = vocabulary(&recipe.texts);
    let (mut levels, shares, n_words) = full(&recipe.texts, &vocabulary, recipe.order, progress);
    progress("choosing n-grams");
    mix::prune(&mut levels, &shares, &classes(&vocabulary), PLAIN, recipe.n_grams);
    progress("tables");
    let (vocab, ngram, pairs) = sections(&levels, &vocabulary, FINGERPRINT_BITS);
    progress("channel");
    let mut trainer = learn::Trainer::default();
    let mut n_pairs = 0;
    for (written, read) in recipe.pairs.iter().flat_map(|pairs| pairs.lines()).filter_map(|row| row.split_once('\t')) {
        trainer.add_pair(written, read);
        n_pairs += 1;
    }
    let channel = trainer.finish(vocabulary.iter().map(String::as_str)).to_bytes();
    progress("capitals");
    let mut trainer = case::Trainer::default();
    for text in recipe.texts.iter().filter(|text| text.name != "news") {
        text.text.lines().take(CASE_LINES).for_each(|line| trainer.add_line(line));
    }
    // The first word is no word.
    let case = trainer.finish(&vocabulary[1..]);
    let sections = [("vocab", vocab), ("ngram", ngram), ("pairs", pairs), ("channel", channel), ("case", case)];
    let model = Model::new(&sections);
    let n_grams = levels.iter().map(|level| level.grams.len()).collect();
    Learned { model, n_words, vocabulary: vocabulary.len(), n_grams, n_pairs }
}

/// The paragraphs of a document printed in lines, one a line: a paragraph ends at
/// an empty or indented line and where the line before closes a sentence or member.
pub fn paragraphs(printed: &str) -> String {
    let mut paragraphs = String::with_capacity(printed.len());
    let mut open = false;
    for line in printed.lines() {
        let words = line.trim();
        if words.is_empty() || line.starts_with("  ") || paragraphs.ends_with(['.', ';', ':']) {
            open = false;
        }
        if !words.is_empty() {
            if !paragraphs.is_empty() {
                paragraphs.push(if open { ' ' } else { '\n' });
            }
            paragraphs.push_str(words);
            open = true;
        }
    }
    paragraphs.push('\n');
    paragraphs
}

/// How often a word must occur in a text of so many tokens to enter the vocabulary by it alone.
fn min_count(n_tokens: usize) -> u32 {
    2 + (n_tokens / 4_000_000) as u32
}

/// Stretches of about a megabyte that end at a line's end.
fn stretches(text: &str) -> Vec<&str> {
    let mut rest = text;
    let mut stretches = Vec::new();
    while !rest.is_empty() {
        let mut end = rest.len().min(1 << 20);
        end = rest.as_bytes()[end..].iter().position(|b| *b == b'\n').map_or(rest.len(), |at| end + at + 1);
        let (stretch, after) = rest.split_at(end);
        stretches.push(stretch);
        rest = after;
    }
    stretches
}

/// What each token of a text becomes, remembered, as most tokens come again.
fn for_each_word<'t, T: Clone>(
    text: &'t str,
    memory: &mut FxHashMap<&'t str, Vec<T>>,
    make: impl Fn(&str) -> T,
    mut paragraph: impl FnMut(),
    mut emit: impl FnMut(&T),
) {
    for line in text.lines() {
        paragraph();
        for token in line.split_whitespace() {
            let made = memory.entry(token).or_insert_with(|| {
                let mut made = Vec::new();
                token::token_words(token, &mut |word: &str| made.push(make(word)));
                made
            });
            made.iter().for_each(&mut emit);
        }
    }
}

/// The words of all texts that occur often enough in one of them, in byte order,
/// after an empty one.
pub(crate) fn vocabulary(texts: &[Text<'_>]) -> Vec<String> {
    let mut words: Vec<String> = token::CLASSES.iter().map(ToString::to_string).collect();
    words.push(String::new());
    for text in texts {
        let counts = stretches(text.text)
            .into_par_iter()
            .map(|stretch| {
                let mut tokens: FxHashMap<&str, u32> = FxHashMap::default();
                for token in stretch.split_whitespace() {
                    *tokens.entry(token).or_default() += 1;
                }
                let mut counts: FxHashMap<String, u32> = FxHashMap::default();
                for (token, count) in tokens {
                    token::token_words(token, &mut |word: &str| {
                        if !word.starts_with('<') {
                            *counts.entry(word.to_owned()).or_default() += count;
                        }
                    });
                }
                counts
            })
            .reduce(FxHashMap::default, |mut all, counts| {
                for (word, count) in counts {
                    *all.entry(word).or_default() += count;
                }
                all
            });
        let min_count = min_count(counts.values().map(|count| *count as usize).sum());
        words.extend(counts.into_iter().filter(|(_, count)| *count >= min_count).map(|(word, _)| word));
    }
    words.sort_unstable();
    words.dedup();
    assert!(words.len() < usize::from(u16::MAX), "a vocabulary holds fewer than 65,535 words");
    words
}

/// The words of a text as ids, each paragraph led by the id of [`token::BEGIN`].
pub(crate) fn encode(text: &str, vocabulary: &[String]) -> Vec<u16> {
    let ids: FxHashMap<&str, u16> =
        vocabulary.iter().enumerate().map(|(id, word)| (word.as_str(), id as u16)).collect();
    let (begin, unknown) = (ids[token::BEGIN], ids[token::UNKNOWN]);
    let encoded: Vec<Vec<u16>> = stretches(text)
        .into_par_iter()
        .map(|stretch| {
            let words = std::cell::RefCell::new(Vec::with_capacity(stretch.len() / 5));
            for_each_word(
                stretch,
                &mut FxHashMap::default(),
                |word| ids.get(word).copied().unwrap_or(unknown),
                || words.borrow_mut().push(begin),
                |id| words.borrow_mut().push(*id),
            );
            words.into_inner()
        })
        .collect();
    encoded.concat()
}

/// For each word, a number it shares with the words that differ from it in marks alone.
pub(crate) fn classes(vocabulary: &[String]) -> Vec<u16> {
    let mut first: FxHashMap<String, u16> = FxHashMap::default();
    vocabulary.iter().enumerate().map(|(id, word)| *first.entry(fold(word)).or_insert(id as u16)).collect()
}

/// The full mixed model and, per n-gram, the share of its context among all words.
pub(crate) fn full(
    texts: &[Text<'_>],
    vocabulary: &[String],
    order: usize,
    progress: &dyn Fn(&str),
) -> (Vec<Level>, mix::ContextShares, Vec<usize>) {
    let begin = vocabulary.binary_search_by(|word| word.as_str().cmp(token::BEGIN)).expect("a class") as u16;
    let total: f64 = texts.iter().map(|text| text.weight).sum();
    let weights: Vec<f64> = texts.iter().map(|text| text.weight / total).collect();
    let mut models = Vec::new();
    let mut contexts: Vec<Vec<(Vec<Gram>, Vec<u32>)>> = Vec::new();
    let mut n_words = Vec::new();
    // Five-word n-grams seen once are most of all n-grams and least of the gain.
    let cutoff = u32::from(order > 4);
    for text in texts {
        progress(&format!("counting {}", text.name));
        let words = encode(text.text, vocabulary);
        n_words.push(words.len());
        let counts = count::count(&words, begin, order);
        contexts.push(counts.iter().map(|level| (level.grams.clone(), level.raw.clone())).collect());
        models.push(count::estimate(counts, cutoff, vocabulary.len()));
    }
    progress("mixing");
    let levels = mix::mix(models, &weights);
    let shares = levels
        .iter()
        .enumerate()
        .map(|(n, level)| {
            let mut shares = vec![0f32; level.grams.len()];
            if n == 0 {
                return shares;
            }
            for (text, weight) in
                contexts.iter().zip(&weights).enumerate().map(|(t, (c, w))| (c, w / n_words[t] as f64))
            {
                let (grams, raw) = &text[n - 1];
                let mut at = 0;
                for (index, gram) in level.grams.iter().enumerate() {
                    let context = gram >> 16;
                    while at < grams.len() && grams[at] < context {
                        at += 1;
                    }
                    if grams.get(at) == Some(&context) {
                        shares[index] += (f64::from(raw[at]) * weight) as f32;
                    }
                }
            }
            shares
        })
        .collect();
    (levels, shares, n_words)
}

fn millibans(prob: f32) -> i16 {
    (-1000.0 * f64::from(prob).max(1e-30).log10()).round().clamp(-30_000.0, 30_000.0) as i16
}

/// `2^bits` values that stand for `values` with little error, in rising order; equal shares each.
fn codebook(mut values: Vec<i16>, size: usize) -> Vec<i16> {
    values.sort_unstable();
    if values.is_empty() {
        return vec![0; size];
    }
    // Half by shares, half by range, so that rare large values keep a near code.
    let mut codes: Vec<i16> = (0..size)
        .map(|code| {
            let (first, end) =
                (values.len() * code / size, (values.len() * (code + 1) / size).max(values.len() * code / size + 1));
            let slice = &values[first..end.min(values.len())];
            (slice.iter().map(|value| i64::from(*value)).sum::<i64>() / slice.len() as i64) as i16
        })
        .collect();
    for _ in 0..30 {
        let mut sums = vec![(0i64, 0i64); size];
        for value in &values {
            let code = nearest(&codes, *value);
            sums[code].0 += i64::from(*value);
            sums[code].1 += 1;
        }
        for (code, (sum, count)) in codes.iter_mut().zip(sums) {
            if count > 0 {
                *code = (sum as f64 / count as f64).round() as i16;
            }
        }
        codes.sort_unstable();
    }
    codes
}

fn nearest(codes: &[i16], value: i16) -> usize {
    let at = codes.partition_point(|code| *code < value);
    match at {
        0 => 0,
        at if at == codes.len() => at - 1,
        at if i32::from(codes[at]) - i32::from(value) < i32::from(value) - i32::from(codes[at - 1]) => at,
        at => at - 1,
    }
}

/// The sections `vocab`, `ngram` and `pairs` of a model file.
fn sections(levels: &[Level], vocabulary: &[String], fingerprint_bits: u32) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    assert!(levels.len() <= MAX_ORDER);
    let mut vocab = (vocabulary.len() as u32).to_le_bytes().to_vec();
    let mut offset = 0u32;
    vocab.extend(offset.to_le_bytes());
    for word in vocabulary {
        offset += word.len() as u32;
        vocab.extend(offset.to_le_bytes());
    }
    vocab.extend(vocabulary.iter().flat_map(|word| word.bytes()));

    let mut bytes = vec![levels.len() as u8, 0, 0, 0];
    // A context is an n-gram that begins a longer one.
    let is_context: Vec<Vec<bool>> = (0..levels.len())
        .map(|n| {
            let mut flags = vec![false; levels[n].grams.len()];
            if let Some(upper) = levels.get(n + 1) {
                for (context, ..) in count::runs(upper.grams.len(), |at| upper.grams[at] >> 16) {
                    flags[levels[n].grams.binary_search(&context).expect("every context is held")] = true;
                }
            }
            flags
        })
        .collect();
    let mut unigrams = vec![(9_000i16, NO_CONTEXT); vocabulary.len()];
    for (at, gram) in levels[0].grams.iter().enumerate() {
        let backoff = if is_context[0][at] { millibans(levels[0].backoff[at]) } else { NO_CONTEXT };
        unigrams[*gram as usize] = (millibans(levels[0].prob[at]), backoff);
    }
    for (cost, backoff) in unigrams {
        bytes.extend(cost.to_le_bytes());
        bytes.extend(backoff.to_le_bytes());
    }
    let mut pairs = Vec::new();
    for n in 2..=levels.len() {
        let level = &levels[n - 1];
        // Whether some longer n-gram ends so, that is, whether looking further can pay.
        let mut extends = vec![false; level.grams.len()];
        if let Some(upper) = levels.get(n) {
            for gram in &upper.grams {
                extends[level.grams.binary_search(&count::tail(*gram, n)).expect("every end is held")] = true;
            }
        }
        let costs = codebook(level.prob.iter().map(|prob| millibans(*prob)).collect(), 1 << COST_BITS);
        let weights = (0..level.grams.len()).filter(|at| is_context[n - 1][*at]).map(|at| millibans(level.backoff[at]));
        let backoffs = codebook(weights.collect(), (1 << BACKOFF_BITS) - 1);
        let value = |at: usize| {
            let cost = nearest(&costs, millibans(level.prob[at])) as u64;
            let backoff = match is_context[n - 1][at] {
                true => 1 + nearest(&backoffs, millibans(level.backoff[at])) as u64,
                false => 0,
            };
            u64::from(extends[at]) << (COST_BITS + BACKOFF_BITS) | backoff << COST_BITS | cost
        };
        bytes.extend(costs.iter().flat_map(|cost| cost.to_le_bytes()));
        bytes.extend([0, 0]);
        bytes.extend(backoffs.iter().flat_map(|cost| cost.to_le_bytes()));
        if n == 2 {
            let word = |gram: Gram| WordId(gram as u16);
            let pair = |(at, gram): (usize, &Gram)| (word(gram >> 16), word(*gram), value(at) as u16);
            pairs =
                followers::to_bytes(vocabulary.len(), &level.grams.iter().enumerate().map(pair).collect::<Vec<_>>());
            continue;
        }
        let entries: Vec<(u64, u64)> =
            level.grams.iter().enumerate().map(|(at, gram)| (hash(*gram, n), value(at))).collect();
        // The longest n-grams are nobody's context.
        let value_bits = if n == levels.len() { COST_BITS } else { COST_BITS + BACKOFF_BITS + 1 };
        bytes.extend(Table::build(&entries, value_bits, fingerprint_bits));
    }
    (vocab, bytes, pairs)
}

/// The hash under which an n-gram is looked up.
fn hash(gram: Gram, n: usize) -> u64 {
    let word = |at: usize| WordId((gram >> (16 * at)) as u16);
    (1..n).fold(ngram::hash_word(word(0)), |hash, at| ngram::extend(hash, word(at)))
}
