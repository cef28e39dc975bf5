//! The language model: what a word costs after the words before it.
//!
//! Pairs of words are unpacked once (see [`Followers`]), longer n-grams used where they lie in the
//! model file, one fingerprinted table per order; costs are quantised. Costs are millibans,
//! `-1000 · log10 p`, as integers, so that ties are exact and every machine agrees.

use super::followers::{Followers, Glance, HELD};
use super::table::Table;
use super::token;
use rustc_hash::FxHasher;
use std::hash::{Hash, Hasher};

/// The longest n-gram a model may hold.
pub(crate) const MAX_ORDER: usize = 5;
/// Bits of the quantised cost of a found n-gram, and of its back-off.
pub(crate) const COST_BITS: u32 = 7;
/// See [`COST_BITS`]; code 0 means that no longer n-gram begins so.
pub(crate) const BACKOFF_BITS: u32 = 4;

/// A word of the model's vocabulary. 0 is no word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct WordId(pub(crate) u16);

/// The words before the next one, as far back as the model can use them.
///
/// Two states are equal exactly when every continuation costs the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// The latest word in the lowest 16 bits, 0 where there is none.
    words: u64,
    /// What is added when the context of 1, 2, … words is given up.
    backoffs: [i16; MAX_ORDER - 1],
}

impl std::hash::Hash for State {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write_u64(self.words);
    }
}

impl State {
    /// The latest word, where the model can use it.
    pub(crate) fn last(&self) -> Option<WordId> {
        (self.words as u16 != 0).then_some(WordId(self.words as u16))
    }

    /// Everything that tells this state from others.
    pub(crate) fn key(&self) -> u64 {
        self.words
    }

    /// What it costs to give up all contexts of `from` and more words.
    #[inline]
    pub(crate) fn given_up(&self, from: usize) -> i32 {
        // Contexts that are not there cost nothing.
        self.backoffs[from - 1..].iter().map(|backoff| i32::from(*backoff)).sum()
    }
}

/// What the codes of one order stand for.
#[derive(Clone, Copy, Debug)]
struct Codes<'m> {
    costs: &'m [u8],
    backoffs: &'m [u8],
}

/// A language model inside a model file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ngram<'m> {
    spellings: Spellings<'m>,
    /// Cost and back-off of each word, two bytes each.
    unigrams: &'m [u8],
    unpacked: &'m Unpacked,
    pairs: Option<Codes<'m>>,
    /// Of three words and more.
    orders: [Option<(Codes<'m>, Table<'m>)>; MAX_ORDER - 2],
    begin: WordId,
    unknown: WordId,
    stop: WordId,
}

/// Back-off of a word after which no longer n-gram begins.
pub(crate) const NO_CONTEXT: i16 = i16::MIN;

#[inline]
fn short(bytes: &[u8], index: usize) -> i16 {
    i16::from_le_bytes([bytes[2 * index], bytes[2 * index + 1]])
}

/// The hash of one word, to be extended by the words before it.
#[inline]
pub(crate) fn hash_word(word: WordId) -> u64 {
    extend(0x243f_6a88_85a3_08d3, word)
}

/// The hash of an n-gram, given that of its later words and the word before them.
#[inline]
pub(crate) fn extend(hash: u64, before: WordId) -> u64 {
    let mixed = (hash ^ u64::from(before.0)).wrapping_mul(0x9fb2_1c65_1e98_df25);
    mixed ^ (mixed >> 29)
}

/// The vocabulary of a model file as it is stored.
#[derive(Clone, Copy, Debug)]
struct Spellings<'m> {
    offsets: &'m [u8],
    letters: &'m str,
}

impl<'m> Spellings<'m> {
    fn parse(vocab: &'m [u8]) -> Option<Spellings<'m>> {
        let (count, rest) = vocab.split_at_checked(4)?;
        let n_words = u32::from_le_bytes(count.try_into().ok()?) as usize;
        let (offsets, letters) = rest.split_at_checked(n_words.checked_add(1)?.checked_mul(4)?)?;
        let spellings = Spellings { offsets, letters: std::str::from_utf8(letters).ok()? };
        let sound = |index: usize| {
            spellings.letters.is_char_boundary(spellings.offset(index))
                && (index == 0 || spellings.offset(index - 1) <= spellings.offset(index))
        };
        (0..=n_words).all(sound).then_some(spellings)
    }

    fn n_words(&self) -> usize {
        self.offsets.len() / 4 - 1
    }

    fn offset(&self, index: usize) -> usize {
        let bytes = &self.offsets[4 * index..4 * index + 4];
        u32::from_le_bytes(bytes.try_into().expect("four bytes")) as usize
    }

    fn word(&self, index: usize) -> &'m str {
        &self.letters[self.offset(index)..self.offset(index + 1)]
    }
}

/// What is made of a model file when it is read, for speed.
#[derive(Debug, Default)]
pub(crate) struct Unpacked {
    followers: Followers,
    /// Words by the hash of their spelling, 0 where there is none; a power of two, half of it free.
    ids: Box<[u16]>,
}

impl Unpacked {
    /// Of the sections `vocab` and `pairs`; `None` if they make no sense.
    pub(crate) fn new(vocab: &[u8], pairs: &[u8]) -> Option<Unpacked> {
        let spellings = Spellings::parse(vocab)?;
        let mut ids = vec![0; (2 * spellings.n_words()).next_power_of_two()].into_boxed_slice();
        for id in 1..spellings.n_words() {
            let mut slot = place(spellings.word(id), ids.len());
            while ids[slot] != 0 {
                slot = (slot + 1) % ids.len();
            }
            ids[slot] = u16::try_from(id).ok()?;
        }
        let words = (0..spellings.n_words()).map(|id| spellings.word(id));
        Some(Unpacked { followers: Followers::from_bytes(pairs, words)?, ids })
    }
}

/// Where a word is looked for first among `n` places, a power of two.
fn place(word: &str, n: usize) -> usize {
    let mut hasher = FxHasher::default();
    word.hash(&mut hasher);
    hasher.finish() as usize & (n - 1)
}

impl<'m> Ngram<'m> {
    /// Reads the sections `vocab` and `ngram` of a model file, which goes with `unpacked`; `None` if they make no sense.
    pub(crate) fn parse(vocab: &'m [u8], ngram: &'m [u8], unpacked: &'m Unpacked) -> Option<Ngram<'m>> {
        let spellings = Spellings::parse(vocab)?;
        let n_words = spellings.n_words();
        let (head, rest) = ngram.split_at_checked(4)?;
        let order = usize::from(head[0]);
        if !(1..=MAX_ORDER).contains(&order) || n_words < 2 || n_words > usize::from(u16::MAX) {
            return None;
        }
        let (unigrams, mut rest) = rest.split_at_checked(4 * n_words)?;
        let codes = |rest: &mut &'m [u8]| {
            let (costs, after) = rest.split_at_checked(2 << COST_BITS)?;
            let (backoffs, after) = after.split_at_checked(2 << BACKOFF_BITS)?;
            *rest = after;
            Some(Codes { costs, backoffs })
        };
        let pairs = if order > 1 { Some(codes(&mut rest)?) } else { None };
        let mut orders = [None; MAX_ORDER - 2];
        for slot in orders.iter_mut().take(order.saturating_sub(2)) {
            let codes = codes(&mut rest)?;
            let (table, after) = Table::parse(rest)?;
            *slot = Some((codes, table));
            rest = after;
        }
        let (begin, unknown, stop) = (WordId(0), WordId(0), WordId(0));
        let mut model = Ngram { spellings, unigrams, unpacked, pairs, orders, begin, unknown, stop };
        model.begin = model.id(token::BEGIN)?;
        model.unknown = model.id(token::UNKNOWN)?;
        model.stop = model.id(token::STOP).unwrap_or_default();
        Some(model)
    }

    /// Words in the vocabulary, class tokens included; ids run from 1 to below this.
    pub(crate) fn n_words(&self) -> usize {
        self.spellings.n_words()
    }

    /// The spelling of a word: lower case, old tone placement.
    pub(crate) fn word(&self, word: WordId) -> &'m str {
        self.spellings.word(usize::from(word.0))
    }

    /// The word spelled so (lower case, old tone placement), or a class token.
    pub(crate) fn id(&self, word: &str) -> Option<WordId> {
        let ids = &self.unpacked.ids;
        let mut slot = place(word, ids.len());
        while ids[slot] != 0 {
            if self.word(WordId(ids[slot])) == word {
                return Some(WordId(ids[slot]));
            }
            slot = (slot + 1) % ids.len();
        }
        None
    }

    /// The class of all words outside the vocabulary. Its cost is that of the whole class.
    pub(crate) fn unknown(&self) -> WordId {
        self.unknown
    }

    /// The end of a sentence or member, where the vocabulary has one.
    pub(crate) fn stop(&self) -> Option<WordId> {
        (self.stop.0 != 0).then_some(self.stop)
    }

    /// Every word with its spelling, class tokens included, in byte order.
    pub(crate) fn words(&self) -> impl Iterator<Item = (WordId, &'m str)> + use<'m> {
        let model = *self;
        (1..model.n_words() as u16).map(move |id| (WordId(id), model.word(WordId(id))))
    }

    /// The state at the start of a paragraph.
    pub(crate) fn begin(&self) -> State {
        let mut state = State { words: u64::from(self.begin.0), ..State::default() };
        state.backoffs[0] = short(self.unigrams, 2 * usize::from(self.begin.0) + 1);
        state
    }

    /// What a word costs without context.
    pub(crate) fn unigram_cost(&self, word: WordId) -> i32 {
        i32::from(short(self.unigrams, 2 * usize::from(word.0)))
    }

    /// What `word` costs after `state`, and the state after it.
    #[inline]
    pub(crate) fn cost(&self, state: &State, word: WordId) -> (i32, State) {
        self.cost_after(state, word, self.pair(WordId(state.words as u16), word))
    }

    /// What the model holds of `word` after `before`; word 0 is never held.
    #[inline]
    pub(crate) fn pair(&self, before: WordId, word: WordId) -> Pair {
        Pair(self.unpacked.followers.of(before, word))
    }

    /// The word as context: itself, or no word where the model holds nothing after it.
    pub(crate) fn context(&self, word: WordId) -> WordId {
        if short(self.unigrams, 2 * usize::from(word.0) + 1) == NO_CONTEXT { WordId(0) } else { word }
    }

    /// What it costs to give up `before` as context.
    pub(crate) fn backoff(&self, before: WordId) -> i32 {
        match short(self.unigrams, 2 * usize::from(before.0) + 1) {
            NO_CONTEXT => 0,
            _ if before.0 == 0 => 0,
            backoff => i32::from(backoff),
        }
    }

    /// What the model may hold of `word` after `before`, for [`Ngram::settle`]: many such look-ups wait for memory together.
    #[inline]
    pub(crate) fn glance(&self, before: WordId, word: WordId) -> Glance {
        self.unpacked.followers.glance(before, word)
    }

    /// As [`Ngram::pair`], after [`Ngram::glance`].
    #[inline]
    pub(crate) fn settle(&self, before: WordId, word: WordId, seen: Glance) -> Pair {
        Pair(self.unpacked.followers.settle(before, word, seen))
    }

    /// What a held pair's second word costs after the first alone; `None` where the pair is not held.
    #[inline]
    pub(crate) fn pair_cost(&self, pair: Pair) -> Option<i32> {
        match &self.pairs {
            Some(codes) if pair.0 & HELD != 0 => Some(codes.cost(u64::from(pair.0))),
            _ => None,
        }
    }

    /// What `word` costs after `before` alone.
    pub(crate) fn cost_of_pair(&self, before: WordId, word: WordId) -> i16 {
        let before = self.context(before);
        let cost = self.pair_cost(self.pair(before, word));
        cost.unwrap_or_else(|| self.unigram_cost(word) + self.backoff(before)) as i16
    }

    /// A cost of `word` after `state` that looks at two words only; exact where no longer n-gram
    /// can apply, which the second value says.
    #[inline]
    pub(crate) fn near_cost(&self, state: &State, word: WordId, pair: Pair) -> (i32, bool) {
        match self.pair_cost(pair) {
            Some(cost) => (cost + state.given_up(2), pair.0 & LONGER == 0 || state.words >> 16 == 0),
            None => (self.unigram_cost(word) + state.given_up(1), true),
        }
    }

    /// As [`Ngram::cost`], where [`Ngram::pair`] of the latest word and `word` is known already.
    #[inline]
    pub(crate) fn cost_after(&self, state: &State, word: WordId, pair: Pair) -> (i32, State) {
        let mut next = State::default();
        let backoff = short(self.unigrams, 2 * usize::from(word.0) + 1);
        if backoff != NO_CONTEXT {
            next.backoffs[0] = backoff;
            next.words = u64::from(word.0);
        }
        let Some(codes) = self.pairs.as_ref().filter(|_| pair.0 & HELD != 0) else {
            return (self.unigram_cost(word) + state.given_up(1), next);
        };
        let mut value = u64::from(pair.0 & !HELD);
        let mut cost = codes.cost(value);
        codes.remember(value, state.words, 1, &mut next);
        let mut found = 2;
        let mut before = state.words >> 16;
        let mut hash = 0;
        while value & u64::from(LONGER) != 0 && before != 0 {
            let Some(Some((codes, table))) = self.orders.get(found - 2) else { break };
            if found == 2 {
                hash = extend(hash_word(word), WordId(state.words as u16));
            }
            hash = extend(hash, WordId(before as u16));
            let Some(held) = table.get(hash) else { break };
            value = held;
            cost = codes.cost(value);
            codes.remember(value, before, found, &mut next);
            found += 1;
            before >>= 16;
        }
        (cost + state.given_up(found), next)
    }
}

/// What a model holds of a pair of words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pair(u16);

/// Marks, in a table's value, an n-gram that ends a longer one.
const LONGER: u16 = 1 << (COST_BITS + BACKOFF_BITS);

impl Codes<'_> {
    #[inline]
    fn cost(&self, value: u64) -> i32 {
        i32::from(short(self.costs, (value & ((1 << COST_BITS) - 1)) as usize))
    }

    /// Adds the word at the end of `before` to `next` as its word number `n`, where the n-gram of `value` is a context.
    #[inline]
    fn remember(&self, value: u64, before: u64, n: usize, next: &mut State) {
        let code = ((value >> COST_BITS) & ((1 << BACKOFF_BITS) - 1)) as usize;
        // The words between were contexts too: a model holds every end of an n-gram it holds.
        if code != 0 && n < MAX_ORDER - 1 {
            next.backoffs[n] = short(self.backoffs, code);
            next.words |= (before & 0xffff) << (16 * n);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::train::{Recipe, Text, train};

    fn recipe(text: &str) -> Recipe<'_> {
        let texts = vec![Text { name: "tiny", weight: 1.0, text }];
        Recipe { texts, pairs: Vec::new(), order: 3, n_grams: 1000 }
    }

    #[test]
    fn longer_contexts_are_used_and_useless_ones_forgotten() {
        let text = "cấp ủy đảng\ncấp ủy đảng\ncấp ủy viên\nthành ủy viên\n".repeat(3);
        let model = train(&recipe(&text), &|_| ()).model;
        let ngram = model.ngram();
        let word = |word: &str| ngram.id(word).unwrap();
        let after = |words: &[&str]| words.iter().fold(ngram.begin(), |state, w| ngram.cost(&state, word(w)).1);
        // cấp ủy → đảng twice as often as viên; thành ủy → viên always.
        let (dang, vien) = (word("đảng"), word("viên"));
        assert!(ngram.cost(&after(&["cấp", "ủy"]), dang).0 < ngram.cost(&after(&["cấp", "ủy"]), vien).0);
        assert!(ngram.cost(&after(&["thành", "ủy"]), vien).0 < ngram.cost(&after(&["thành", "ủy"]), dang).0);
        // Nothing ever follows `viên`, so what came before it is of no use.
        assert_eq!(after(&["cấp", "ủy", "viên"]), after(&["thành", "ủy", "viên"]));
        assert_ne!(after(&["cấp", "ủy"]), after(&["thành", "ủy"]));
        assert_eq!(ngram.id("xyz"), None);
        assert_eq!(ngram.words().find(|(_, spelling)| *spelling == "ủy"), Some((word("ủy"), "ủy")));
    }

    #[test]
    fn the_same_texts_give_the_same_bytes() {
        let text = "thực hiện nghị quyết của Đảng; thực hiện quy định của Nhà nước.\n".repeat(4);
        let models = [train(&recipe(&text), &|_| ()).model, train(&recipe(&text), &|_| ()).model];
        assert_eq!(models[0].fingerprint(), models[1].fingerprint());
    }
}
