//! Full-text search over documents and articles: with marks, without marks, in either spelling.
//!
//! [`Index::update`] writes a folder, [`Index::open`] opens one, [`Index::search`] answers
//! queries that are forgiven every mistake. Answers depend on the documents alone: not on
//! the order or the nights in which they came, nor on threads.
//!
//! Nothing here knows the date: whether a document is in force is told by [`Validity`].

mod analyzer;
mod cards;
mod crew;
mod gate;
mod lexicon;
mod names;
mod numbers;
mod phrase;
mod plan;
mod query;
mod rank;
mod schema;
mod search;
mod segment;
mod snippet;
mod space;
mod suggest;
mod sweep;
mod synonyms;
mod units;
mod write;

pub use analyzer::spellings;
pub use cards::Card;
pub use names::Facets;
pub use search::{Hit, Query, Results, Sort, in_words};
pub use snippet::{Marker, Snippet};
pub use suggest::{Completion, CompletionKind};
pub use synonyms::Synonyms;
pub use write::{WriteOptions, Writer, Written};

use crate::document::{Document, DocumentId};
use crate::error::Error;
use analyzer::Memo;
use gate::Gate;
use jiff::civil::Date;
use lexicon::Lexicon;
use names::{AllNames, Day, Keys, Remembered, Titles};
use numbers::Numbers;
use schema::Fields;
use space::Space;
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use tantivy::{ReloadPolicy, Searcher};

/// Format of the index folder; a folder of another format is not opened.
pub const FORMAT: u32 = schema::VERSION;

/// Blocks of texts kept decompressed, per segment; some ten kilobytes each.
const BLOCKS_KEPT: usize = 512;

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
    searcher: Searcher,
    binding: String,
    cards: Vec<Card>,
    /// What filters compare, for each card.
    keys: Vec<Keys>,
    names: AllNames,
    titles: Titles,
    space: Space,
    numbers: Numbers,
    validity: Validity,
    synonyms: Synonyms,
    gate: Gate,
    /// Spellings met so far, one memory per thread that searches at the same time.
    memos: Mutex<Vec<Memo>>,
    /// Collected when the first damaged word is asked for.
    lexicon: OnceLock<Lexicon>,
    day: Mutex<Option<Arc<Day>>>,
    filters: Mutex<Remembered>,
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
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual);
        let reader = reader.doc_store_cache_num_blocks(BLOCKS_KEPT).try_into();
        let searcher = reader.map_err(&fail)?.searcher();
        let space = Space::new(&searcher, fields, &cards).map_err(&fail)?;
        let (names, keys, titles) = names::collect(&cards);
        Ok(Index {
            folder: folder.to_owned(),
            fields,
            searcher,
            binding: payload.binding,
            numbers: Numbers::new(&cards),
            cards,
            keys,
            names,
            titles,
            space,
            validity,
            synonyms: Synonyms::embedded(),
            gate: Gate::new(),
            memos: Mutex::default(),
            lexicon: OnceLock::new(),
            day: Mutex::default(),
            filters: Mutex::default(),
        })
    }

    /// The same index with another list of synonyms.
    pub fn with_synonyms(mut self, synonyms: Synonyms) -> Index {
        self.synonyms = synonyms;
        self.filters = Mutex::default();
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
        let damaged = self.searcher.index().validate_checksum().map_err(write::failed(&self.folder))?;
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
