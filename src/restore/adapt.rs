//! What one archive teaches (*thích nghi*): its engine's misreadings, its terms and names, and the
//! readings its people settled.
//!
//! Learned without labels, by expectation maximisation: restore, take what was restored with
//! confidence as pairs (read, written), draw the trained channel towards them, restore again.
//! The result is an explicit file that belongs to one model, so that two runs with the same two
//! files read alike; it never depends on the number of threads.
//!
//! ```text
//! magic 8 · version u32 · BLAKE3 of what follows 32 · postcard, compressed
//! ```

use super::channel::{Channel, Tables};
use super::learn::{self, Counts};
use super::memory::Memory;
use super::model::Model;
use super::ngram::WordId;
use super::regime::is_vietnamese_only;
use super::rule::{Book, Rule, Verdict};
use super::{Restored, Restorer, token};
use crate::error::Error;
use crate::text::Span;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

const MAGIC: &[u8; 8] = b"vanbanAD";
const VERSION: u32 = 1;
const HEADER: usize = 44;

/// Rounds of restoring and counting.
const ROUNDS: usize = 2;
/// Thousandths from which a reading counts, with its posterior as the weight.
const CONFIDENT: u16 = 766;
/// The same for words and pairs of words.
const CLEAR: u16 = 948;
/// Per cent of the doubt that may be left for an adaptation to be worth its risks.
const STILL_WORTH_IT: u64 = 75;
/// What a token counts for that the decoder neither changed nor doubted.
const UNDOUBTED: u16 = 985;
/// What a person says counts as so many sightings.
const DECIDED: f64 = 4.0;
/// Sightings from which a pair of words is a term of the archive.
const TERM: u32 = 3;

/// One text of the archive, with what people decided on it.
#[derive(Clone, Debug, Default)]
pub struct Lesson {
    /// The decoded text, before restoration.
    pub text: String,
    /// Stretches of it whose reading is settled, in order and apart.
    pub settled: Vec<(Span, String)>,
}

impl Lesson {
    /// Whether the text lacks the letters that only Vietnamese has, which a fifth of all letters are.
    pub fn looks_damaged(&self) -> bool {
        let (mut letters, mut own) = (0, 0);
        for c in self.text.chars().filter(|c| c.is_alphabetic()) {
            letters += 1;
            own += usize::from(is_vietnamese_only(c));
        }
        own * 20 < letters
    }
}

/// What an archive taught, as a file holds it.
#[derive(Clone, Debug)]
pub struct Adaptation {
    body: Body,
    packed: Vec<u8>,
    fingerprint: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Body {
    /// Fingerprint of the model it was learned with.
    model: String,
    channel: Tables,
    /// Words by their number in the model, with how often they were sure.
    words: Vec<(u16, u32)>,
    pairs: Vec<(u16, u16, u32)>,
    n_words: u32,
    rules: Vec<Rule>,
    card: Card,
}

/// What it was learned from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Documents learned from.
    pub n_documents: usize,
    /// Pairs (read, written) counted in the last round.
    pub n_pairs: f64,
    /// Word pairs that are terms of the archive.
    pub n_terms: usize,
    /// Stretches in them that people settled.
    pub n_settled: usize,
    /// Rules that follow for all places.
    pub n_rules: usize,
    /// Readings expected to be wrong, in thousandths, as the model reads and as adapted.
    pub doubt: (u64, u64),
}

impl Adaptation {
    /// Learns from all of `lessons` and of what people decided. The lessons should be a fair draw of
    /// the archive in a fixed order; `progress` hears each step by name as it begins.
    ///
    /// Where the archive is of the engine that the model knows, there is nothing to learn but its
    /// accidents: unless doubt falls plainly, the channel stays as trained and no terms are kept.
    pub fn learn(
        model: &Model,
        lessons: &[Lesson],
        verdicts: &[Verdict],
        progress: &(dyn Fn(&str) + Sync),
    ) -> Adaptation {
        let trained = Tables::from_bytes(model.section("channel")).unwrap_or_default();
        let mut body = Body {
            model: model.fingerprint(),
            channel: trained.clone(),
            words: Vec::new(),
            pairs: Vec::new(),
            n_words: 0,
            rules: super::rules(verdicts),
            card: Card::default(),
        };
        for round in 1..=ROUNDS {
            progress(&format!("round {round} of {ROUNDS}: restoring"));
            let Seen { counts, words, doubt } = body.look(model, lessons);
            if round == 1 {
                body.card.doubt.0 = doubt;
            }
            progress(&format!("round {round} of {ROUNDS}: learning"));
            body.channel = learn::adapt(&trained, &counts);
            body.card.n_pairs = counts.values().sum::<f64>().round();
            words.keep(&mut body);
        }
        progress("checking");
        body.card.doubt.1 = body.look(model, lessons).doubt;
        if body.card.doubt.1 * 100 > body.card.doubt.0 * STILL_WORTH_IT {
            (body.channel, body.words, body.pairs, body.n_words) = (trained, Vec::new(), Vec::new(), 0);
        }
        body.card.n_documents = lessons.len();
        body.card.n_terms = body.pairs.len();
        body.card.n_rules = body.rules.len();
        body.card.n_settled = lessons.iter().map(|lesson| lesson.settled.len()).sum();
        Adaptation::of(body)
    }

    fn of(body: Body) -> Adaptation {
        let plain = postcard::to_allocvec(&body).expect("a body of plain data");
        let packed = zstd::encode_all(&plain[..], 9).expect("compression into memory");
        let fingerprint = blake3::hash(&packed).to_hex()[..16].to_owned();
        Adaptation { body, packed, fingerprint }
    }

    /// Reads a file for use with `model`, which must be the one it was learned with.
    pub fn read(path: &Path, model: &Model) -> Result<Adaptation, Error> {
        let bytes = std::fs::read(path).map_err(|cause| Error::io(path, cause))?;
        let adaptation = Adaptation::parse(&bytes).map_err(|reason| Error::message(path, reason))?;
        if adaptation.body.model != model.fingerprint() {
            let message = format!(
                "learned with model {}, but this is model {}; run `vanban adapt` or `vanban reindex --full` again",
                adaptation.body.model,
                model.fingerprint()
            );
            return Err(Error::message(path, message));
        }
        Ok(adaptation)
    }

    fn parse(bytes: &[u8]) -> Result<Adaptation, String> {
        const BROKEN: &str = "the adaptation is cut short or damaged; run `vanban adapt` again";
        if bytes.get(..8) != Some(MAGIC) {
            return Err("no adaptation of vanban; name a file that `vanban adapt` wrote".into());
        }
        let (header, packed) = bytes.split_at_checked(HEADER).ok_or(BROKEN)?;
        let version = u32::from_le_bytes(header[8..12].try_into().expect("four bytes"));
        if version != VERSION {
            let message =
                format!("adaptation format {version}, but this build reads {VERSION}; run `vanban adapt` again");
            return Err(message);
        }
        let hash = blake3::hash(packed);
        if header[12..] != hash.as_bytes()[..] {
            return Err(BROKEN.into());
        }
        let plain = zstd::decode_all(packed).map_err(|_| BROKEN)?;
        let body = postcard::from_bytes(&plain).map_err(|_| BROKEN)?;
        Ok(Adaptation { body, packed: packed.to_vec(), fingerprint: hash.to_hex()[..16].to_owned() })
    }

    /// The bytes of the file.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let hash = blake3::hash(&self.packed);
        [MAGIC as &[u8], &VERSION.to_le_bytes(), hash.as_bytes(), &self.packed].concat()
    }

    /// Writes the file; a reader of `path` finds the old one or the new one, whole.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let write = || -> std::io::Result<()> {
            // A pipe or a device, such as /dev/null, is written to and never replaced.
            if std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
                return std::fs::write(path, self.to_bytes());
            }
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(&self.to_bytes())?;
            file.as_file().sync_all()?;
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
            }
            file.persist(path).map(drop).map_err(|error| error.error)
        };
        write().map_err(|cause| Error::io(path, cause))
    }

    /// What tells it from any other: the first 16 hexadecimal digits of its checksum.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// What it was learned from.
    pub fn card(&self) -> Card {
        self.body.card
    }

    pub(crate) fn channel(&self) -> Channel {
        Channel::new(self.body.channel.clone())
    }

    pub(crate) fn memory(&self) -> Memory {
        self.body.memory()
    }

    pub(crate) fn book(&self) -> Book {
        Book::new(&self.body.rules)
    }
}

/// What all lessons show together.
struct Seen {
    counts: Counts,
    words: Words,
    /// Expected wrong readings in thousandths.
    doubt: u64,
}

impl Body {
    /// Restores all lessons with what is known so far.
    fn look(&self, model: &Model, lessons: &[Lesson]) -> Seen {
        let restorer = Restorer::of_parts(model.clone(), Channel::new(self.channel.clone()), Some(self.memory()));
        let workers = restorer.workers();
        let each: Vec<(Counts, Words, u64)> = lessons
            .par_iter()
            .map(|lesson| {
                let restored = workers.lend(|worker| worker.restore(&lesson.text));
                let doubt = restored.edits.iter().map(|edit| u64::from(1000 - edit.confidence.min(1000))).sum();
                let (counts, words) = see(&restorer, &restored, lesson);
                (counts, words, doubt)
            })
            .collect();
        let mut seen = Seen { counts: Counts::new(), words: Words::default(), doubt: 0 };
        for (counts, words, doubt) in each {
            for (pair, n) in counts {
                *seen.counts.entry(pair).or_default() += n;
            }
            seen.words.add(words);
            seen.doubt += doubt;
        }
        seen
    }

    fn memory(&self) -> Memory {
        Memory::of_archive(
            self.words.iter().map(|(word, n)| (WordId(*word), *n)),
            self.pairs.iter().map(|(before, word, n)| ((WordId(*before), WordId(*word)), *n)),
            self.n_words,
        )
    }
}

/// Certain words and word pairs.
#[derive(Default)]
struct Words {
    words: BTreeMap<WordId, u32>,
    pairs: BTreeMap<(WordId, WordId), u32>,
}

impl Words {
    fn add(&mut self, other: Words) {
        other.words.into_iter().for_each(|(word, n)| *self.words.entry(word).or_default() += n);
        other.pairs.into_iter().for_each(|(pair, n)| *self.pairs.entry(pair).or_default() += n);
    }

    fn keep(self, body: &mut Body) {
        body.n_words = self.words.values().sum();
        body.words = self.words.into_iter().filter(|(_, n)| *n >= TERM).map(|(word, n)| (word.0, n)).collect();
        let terms = self.pairs.into_iter().filter(|(_, n)| *n >= TERM);
        body.pairs = terms.map(|((before, word), n)| (before.0, word.0, n)).collect();
    }
}

/// What one restored text shows where it is no guess: pairs of the channel, words of the language.
fn see(restorer: &Restorer, restored: &Restored, lesson: &Lesson) -> (Counts, Words) {
    let (mut counts, mut words) = (Counts::new(), Words::default());
    let settled: Vec<(Span, &str)> = lesson.settled.iter().map(|(span, reading)| (*span, reading.as_str())).collect();
    let settled_starts: FxHashMap<usize, ()> = settled.iter().map(|(span, _)| (span.start, ())).collect();
    let restored = restored.clone().settle(&lesson.text, &settled);
    let ngram = restorer.model.ngram();
    let mut edits = restored.edits.iter().peekable();
    let mut begin = 0;
    for line in restored.text.split_inclusive('\n') {
        let end = begin + line.len();
        let mut of_line = Vec::new();
        while let Some(edit) = edits.next_if(|edit| edit.span.start < end) {
            of_line.push(edit);
        }
        // A line without a change is a clean one: it says nothing of the engine.
        let changed = of_line.iter().any(|edit| edit.span.of(&restored.text) != edit.source.of(&lesson.text));
        let mut before: Option<WordId> = None;
        let mut next = 0;
        for token in line.split_whitespace() {
            let start = token.as_ptr() as usize - restored.text.as_ptr() as usize;
            let span = Span::new(start, start + token.len());
            while next < of_line.len() && of_line[next].span.end <= span.start {
                next += 1;
            }
            let edit = of_line.get(next).filter(|edit| edit.span.overlaps(span));
            let posterior = edit.map_or(UNDOUBTED, |edit| edit.teaches);
            let decided = edit.is_some_and(|edit| settled_starts.contains_key(&edit.source.start));
            let (written, read) = match edit {
                Some(edit) => (edit.span.of(&restored.text), edit.source.of(&lesson.text)),
                None => (token, token),
            };
            // A stretch of several tokens is booked with its first.
            let first = edit.is_none_or(|edit| edit.span.start >= span.start);
            if changed && first && posterior >= CONFIDENT {
                let weight = if decided { DECIDED } else { f64::from(posterior) / 1000.0 };
                count(written, read, weight, &mut counts);
            }
            token::token_words(token, &mut |word| {
                let id = ngram.id(word).filter(|id| *id != ngram.unknown());
                let sure = id.filter(|_| posterior >= CLEAR);
                if let Some(word) = sure {
                    *words.words.entry(word).or_default() += 1;
                    if let Some(before) = before {
                        *words.pairs.entry((before, word)).or_default() += if decided { TERM } else { 1 };
                    }
                }
                before = sure;
            });
        }
        begin = end;
    }
    (counts, words)
}

/// Books one pair, word by word where a person's stretch holds several.
fn count(written: &str, read: &str, weight: f64, counts: &mut Counts) {
    let (words, reads): (Vec<&str>, Vec<&str>) =
        (written.split_whitespace().collect(), read.split_whitespace().collect());
    if words.len() != reads.len() {
        return;
    }
    for (written, read) in words.into_iter().zip(reads) {
        if let Some((word, letters)) = learn::cores(written, read) {
            *counts.entry((word.to_owned(), letters.to_owned())).or_default() += weight;
        }
    }
}
