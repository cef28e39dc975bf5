//! Full-text search over documents and articles: with marks, without marks, in either spelling.
//!
//! [`Index::update`] writes a folder, [`Index::open`] opens one, [`Index::search`] answers
//! queries that are forgiven every mistake. Answers depend on the documents alone: not on
//! the order or the nights in which they came, nor on threads.
//!
//! Nothing here knows the date: whether a document is in force is told by [`Validity`].

mod analyzer;
mod cards;
mod cursor;
mod numbers;
mod plan;
mod query;
mod rank;
mod schema;
mod search;
mod snippet;
mod suggest;
mod synonyms;
mod units;
mod write;

pub use cards::Card;
pub use search::{Facets, Hit, Query, Results, Sort, in_words};
pub use snippet::{Marker, Snippet};
pub use suggest::{Completion, CompletionKind};
pub use synonyms::Synonyms;
pub use write::{WriteOptions, Writer, Written};

use crate::document::{Document, DocumentId};
use crate::error::Error;
use analyzer::{Memo, key};
use jiff::civil::Date;
use numbers::Numbers;
use rustc_hash::FxHashMap;
use schema::Fields;
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use tantivy::schema::Field;
use tantivy::{IndexReader, ReloadPolicy};

/// Format of the index folder; a folder of another format is not opened.
pub const FORMAT: u32 = schema::VERSION;

/// For how long a document has a status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interval {
    /// First day; `None`: from the beginning.
    pub from: Option<Date>,
    /// First day on which it no longer holds; `None`: for good.
    pub until: Option<Date>,
    /// `in_force`, `expired`, `partly_expired`, `suspended`, `not_yet`, `void`, `not_applicable`, `unknown`.
    pub status: String,
}

/// What the graph knows of every document's validity, whatever the date.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validity(pub BTreeMap<String, Vec<Interval>>);

impl Validity {
    /// The status of a document on a date; of two intervals that hold the later one wins.
    pub fn status(&self, id: &str, at: Date) -> Option<&str> {
        let holds = |interval: &&Interval| {
            interval.from.is_none_or(|from| from <= at) && interval.until.is_none_or(|until| at < until)
        };
        self.0.get(id)?.iter().rev().find(holds).map(|interval| interval.status.as_str())
    }
}

/// An open index. Cheap to share between threads; it stays as it was when it was opened.
pub struct Index {
    folder: PathBuf,
    fields: Fields,
    reader: IndexReader,
    binding: String,
    cards: Vec<Card>,
    /// Folded type, issuer and title of each card.
    keys: Vec<Keys>,
    /// For each segment, the card of each unit.
    units: Vec<Arc<[u32]>>,
    numbers: Numbers,
    validity: Validity,
    synonyms: Synonyms,
    /// Frequencies looked up so far.
    frequencies: Mutex<FxHashMap<(Field, Box<str>), u32>>,
    /// Spellings met so far, one memory per thread that searches at the same time.
    memos: Mutex<Vec<Memo>>,
    /// The readings of each folded syllable, collected when first needed.
    readings: OnceLock<FxHashMap<Box<str>, Vec<Box<str>>>>,
}

/// What filters compare.
#[derive(Debug, Default)]
struct Keys {
    kind: String,
    issuer: String,
    title: String,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").field("folder", &self.folder).field("documents", &self.cards.len()).finish()
    }
}

impl Index {
    /// Writes a new index folder `into`: the documents of `prev` without `removed`, with
    /// `added` new or in place of those of the same id.
    ///
    /// `prev` is not touched, whatever happens; its files are linked where the file system
    /// allows it. `into` should be empty, and is useless if this fails.
    pub fn update<D: Borrow<Document>>(
        prev: Option<&Path>,
        into: &Path,
        removed: &[DocumentId],
        added: impl IntoIterator<Item = D>,
        options: &WriteOptions,
    ) -> Result<Written, Error> {
        write::update(prev, into, removed, added, options)
    }

    /// Opens an index folder, with the embedded synonyms.
    pub fn open(folder: &Path, validity: Validity) -> Result<Index, Error> {
        let fail = write::failed(folder);
        let (index, fields) = write::open_folder(folder, true)?;
        let payload = write::payload(folder, &index)?;
        let cards = cards::read(folder, &payload.cards)?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(&fail)?;
        let units = read_units(&reader, &cards).map_err(&fail)?;
        let keys = cards
            .iter()
            .map(|card| Keys {
                kind: key(card.kind.as_deref().unwrap_or_default()),
                issuer: key(&format!(
                    "{} {}",
                    card.issuer.as_deref().unwrap_or_default(),
                    card.issuer_printed.as_deref().unwrap_or_default()
                )),
                title: key(card.title.as_deref().unwrap_or_default()),
            })
            .collect();
        Ok(Index {
            folder: folder.to_owned(),
            fields,
            reader,
            binding: payload.binding,
            numbers: Numbers::new(&cards),
            cards,
            keys,
            units,
            validity,
            synonyms: Synonyms::embedded(),
            frequencies: Mutex::default(),
            memos: Mutex::default(),
            readings: OnceLock::new(),
        })
    }

    /// The same index with another list of synonyms.
    pub fn with_synonyms(mut self, synonyms: Synonyms) -> Index {
        self.synonyms = synonyms;
        self
    }

    /// What [`WriteOptions::binding`] said when the index was written.
    pub fn binding(&self) -> &str {
        &self.binding
    }

    /// The cards of all documents, sorted by id.
    pub fn cards(&self) -> &[Card] {
        &self.cards
    }

    /// The card of one document.
    pub fn card(&self, id: &str) -> Option<&Card> {
        self.cards.binary_search_by(|card| card.id.as_str().cmp(id)).ok().map(|n| &self.cards[n])
    }

    /// The status of a document on a date, as the graph told it.
    pub fn status(&self, id: &str, at: Date) -> Option<&str> {
        self.validity.status(id, at)
    }

    /// Reads every file of the index and names those whose checksum is wrong.
    pub fn check(&self) -> Result<Vec<PathBuf>, Error> {
        let damaged = self.reader.searcher().index().validate_checksum().map_err(write::failed(&self.folder))?;
        let mut damaged: Vec<PathBuf> = damaged.into_iter().map(|name| self.folder.join(name)).collect();
        damaged.sort();
        Ok(damaged)
    }
}

/// Whether a query has a condition on the status, so that [`Validity`] must know every document.
pub fn asks_for_status(text: &str) -> bool {
    fn asks(clause: &query::Clause) -> bool {
        match clause {
            query::Clause::Field(query::Filter::Status(_)) => true,
            query::Clause::All(inner) | query::Clause::Any(inner) => inner.iter().any(asks),
            query::Clause::Not(inner) => asks(inner),
            _ => false,
        }
    }
    query::parse(text, &|_, _| query::Fit::No).clauses.iter().any(asks)
}

/// One indexed part of a document, for engines that index the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Path of the article or section; `None` for the document's own head.
    pub path: Option<String>,
    /// Title or heading.
    pub head: String,
    /// Type, number, issuer, year, title and headings above.
    pub context: String,
    /// Verbatim part of the restored text.
    pub text: String,
}

/// The parts into which a document is divided for search, in order; together they are its text.
pub fn passages(document: &Document) -> Vec<Passage> {
    units::units(document)
        .into_iter()
        .map(|unit| Passage { path: unit.stored.path, head: unit.head, context: unit.context, text: unit.stored.text })
        .collect()
}

/// The card of each unit of each segment, by the column of ids.
fn read_units(reader: &IndexReader, cards: &[Card]) -> tantivy::Result<Vec<Arc<[u32]>>> {
    let searcher = reader.searcher();
    let mut all = Vec::new();
    for segment in searcher.segment_readers() {
        let mut units = vec![u32::MAX; segment.max_doc() as usize];
        if let Some(ids) = segment.fast_fields().str("id")? {
            let mut card_of = vec![u32::MAX; ids.num_terms()];
            let mut id = String::new();
            for (ordinal, card) in card_of.iter_mut().enumerate() {
                id.clear();
                if ids.ord_to_str(ordinal as u64, &mut id)?
                    && let Ok(n) = cards.binary_search_by(|card| card.id.as_str().cmp(&id))
                {
                    *card = n as u32;
                }
            }
            for (unit, card) in units.iter_mut().enumerate() {
                if let Some(ordinal) = ids.ords().first(unit as u32) {
                    *card = card_of[ordinal as usize];
                }
            }
        }
        all.push(units.into());
    }
    Ok(all)
}
