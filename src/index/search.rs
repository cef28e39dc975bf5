//! One query answered: number look-ups first, then units by score, never more than a few of one document.

use super::Index;
use super::analyzer::{Forms, Memo};
use super::cards::Card;
use super::numbers;
use super::plan::{Place, Planner, Statistics};
use super::query::{self, Clause, FieldName, Filter, Fit, Parsed};
use super::rank::{Found, Order, RERANKED, Run};
use super::schema::StoredUnit;
use super::snippet::{Marker, Snippet};
use super::suggest::Corrections;
use super::write::failed;
use crate::error::Error;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use tantivy::schema::{IndexRecordOption, Value};
use tantivy::{DocAddress, DocSet, Searcher, TERMINATED, TantivyDocument, Term};

/// Fewer documents than this that have every word, and those with most of the words are shown too.
const FEW: usize = 100; // Judged queries, dev half, 2026-11: 20 loses five points of recall on topics.
/// The share of a query's weight that a unit must have to be shown for most of its words.
const MOST: f64 = 0.25; // Judged queries, dev half, 2026-11: 0.55 loses eight points on misspelt ones.

/// In which order hits come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// The best first.
    #[default]
    Relevance,
    /// The newest document first; undated ones last.
    Date,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Query {
    /// What was typed.
    pub text: String,
    /// The day on which `trạngthái:` and the status of hits are judged; `None`: no status.
    pub at: Option<Date>,
    /// The order.
    pub sort: Sort,
    /// How many hits at most.
    pub limit: usize,
    /// How many hits to leave out before them.
    pub offset: usize,
    /// How many hits one document may have among all hits.
    pub per_document: usize,
    /// Whether to count facets.
    pub facets: bool,
}

impl Query {
    /// The first ten hits for `text`, by relevance, with facets.
    pub fn new(text: impl Into<String>) -> Query {
        let text = text.into();
        Query { text, at: None, sort: Sort::Relevance, limit: 10, offset: 0, per_document: 3, facets: true }
    }
}

/// A document or one place of it that answers the query.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hit {
    /// The document.
    #[serde(flatten)]
    pub card: Card,
    /// Path of the place, down to the clause shown; `None`: the document as a whole.
    pub path: Option<String>,
    /// The path in words: `Chương II › Điều 5 › khoản 2`.
    pub place: Option<String>,
    /// Status on the day asked for.
    pub status: Option<String>,
    /// The part of the text that answers.
    pub snippet: Snippet,
    /// Comparable within one answer only.
    pub score: f64,
    /// Found by its number.
    pub by_number: bool,
}

/// How the documents found divide, the largest group first; by year the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Facets {
    /// By type word.
    #[serde(rename = "type")]
    pub kinds: Vec<(String, usize)>,
    /// By issuer.
    pub issuer: Vec<(String, usize)>,
    /// By year of signing.
    pub year: Vec<(i16, usize)>,
    /// By status on the day asked for.
    pub status: Vec<(String, usize)>,
}

/// An answer.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Results {
    /// The hits asked for.
    pub hits: Vec<Hit>,
    /// Documents found.
    pub total: usize,
    /// Documents among them that have every word.
    pub complete: usize,
    /// How they divide.
    pub facets: Facets,
    /// What was ignored or mended in the query.
    pub notes: Vec<String>,
    /// A query that may have been meant.
    pub did_you_mean: Option<String>,
    /// What to mark in titles and other texts beside the hits.
    #[serde(skip)]
    pub marker: Marker,
}

impl Index {
    /// Answers a query. Fails only if the folder cannot be read.
    pub fn search(&self, query: &Query) -> Result<Results, Error> {
        let searcher = self.reader.searcher();
        let statistics = Statistics { searcher: &searcher, fields: self.fields, known: &self.frequencies };
        let Parsed { clauses, notes } = query::parse(&query.text, &|field, value| self.fit(field, value));
        let mut results = Results { notes, ..Results::default() };
        let places: Vec<Place<'_>> = searcher
            .segment_readers()
            .iter()
            .zip(&self.units)
            .map(|(reader, units)| Place { reader, fields: self.fields, units: Arc::clone(units) })
            .collect();
        let named = self.numbers.find(&query.text, &self.cards, &self.synonyms);
        let allow = |filter: &Filter| self.allow(filter, query.at);
        let mut corrections = Corrections::default();
        let has_words = clauses.iter().any(|clause| !matches!(clause, Clause::Field(_) | Clause::Not(_)));
        let by_article = clauses.iter().any(|clause| matches!(clause, Clause::Field(Filter::Article(_))));
        let order = Order {
            wanted: (query.offset + query.limit).clamp(RERANKED, 10_000),
            per_document: if has_words || by_article { query.per_document.max(1) } else { 1 },
            sort: if has_words { query.sort } else { Sort::Date },
        };
        let mut run = Run::default();
        if !clauses.is_empty() {
            let planner =
                Planner { statistics: &statistics, synonyms: &self.synonyms, allow: &allow, corrections: &corrections };
            run = self.run(&places, &planner.group(&clauses, None), &order)?;
            results.complete = run.documents.len();
            if run.documents.len() < FEW && has_words && !named.whole {
                corrections = self.corrections(&statistics, &clauses);
                let planner = Planner {
                    statistics: &statistics,
                    synonyms: &self.synonyms,
                    allow: &allow,
                    corrections: &corrections,
                };
                let more = self.run(&places, &planner.group(&clauses, Some(MOST)), &order)?;
                if more.documents.len() > run.documents.len() {
                    run = more;
                }
            }
            if order.sort == Sort::Relevance {
                self.rerank(&places, &statistics, &clauses, &corrections, &mut run.best)?;
            }
        }
        results.marker = marker(&clauses, &corrections);
        let mut listed = self.pinned(&places, &named, &clauses, query.at)?;
        let n_pinned = listed.len();
        let mut documents = run.documents;
        documents.extend(listed.iter().map(|found| found.card));
        documents.sort_unstable();
        documents.dedup();
        results.total = documents.len();
        if query.facets {
            results.facets = self.facets(&documents, query.at);
        }
        for found in run.best {
            let twice = |pinned: &Found| (pinned.segment, pinned.unit) == (found.segment, found.unit);
            if !listed[..n_pinned].iter().any(twice) {
                listed.push(found);
            }
        }
        let mut memo = self.memos.lock().ok().and_then(|mut memos| memos.pop()).unwrap_or_default();
        for (n, found) in listed.iter().enumerate().skip(query.offset).take(query.limit) {
            let mut hit = self.hit(&searcher, found, &results.marker, &mut memo, query.at)?;
            hit.by_number = n < n_pinned;
            results.hits.push(hit);
        }
        if let Ok(mut memos) = self.memos.lock() {
            memos.push(memo);
        }
        results.did_you_mean = super::suggest::meant(&clauses, &corrections, &results.hits);
        Ok(results)
    }

    /// The documents that a number names, or the article of them that the query names.
    fn pinned(
        &self,
        places: &[Place<'_>],
        named: &numbers::Found,
        clauses: &[Clause],
        at: Option<Date>,
    ) -> Result<Vec<Found>, Error> {
        let filters: Vec<Rc<[bool]>> = clauses
            .iter()
            .filter_map(|clause| match clause {
                Clause::Field(Filter::Article(_)) | Clause::Word { .. } => None,
                Clause::Field(filter) => Some(self.allow(filter, at)),
                _ => None,
            })
            .collect();
        let mut pinned = Vec::new();
        for (rank, &card) in named.cards.iter().enumerate() {
            if !filters.iter().all(|allowed| allowed[card as usize]) {
                continue;
            }
            let id = Term::from_field_text(self.fields.id, &self.cards[card as usize].id);
            for (n, place) in places.iter().enumerate() {
                let postings = |term: &Term| -> Result<Vec<u32>, Error> {
                    let found = place
                        .reader
                        .inverted_index(term.field())
                        .and_then(|inverted| Ok(inverted.read_postings(term, IndexRecordOption::Basic)?))
                        .map_err(failed(&self.folder))?;
                    let mut units = Vec::new();
                    if let Some(mut postings) = found {
                        while postings.doc() != TERMINATED {
                            if !place.reader.is_deleted(postings.doc()) {
                                units.push(postings.doc());
                            }
                            postings.advance();
                        }
                    }
                    Ok(units)
                };
                let own = postings(&id)?;
                let mut units = Vec::new();
                if let Some(step) = named.locator.iter().find(|step| step.starts_with("dieu:")) {
                    let there = postings(&Term::from_field_text(self.fields.place, step))?;
                    units = own.iter().copied().filter(|unit| there.binary_search(unit).is_ok()).take(3).collect();
                }
                if units.is_empty() {
                    units.extend(own.first());
                }
                let score = 1000.0 - rank as f64;
                pinned.extend(units.into_iter().map(|unit| Found { first: 0, score, card, segment: n as u32, unit }));
            }
        }
        Ok(pinned)
    }

    fn hit(
        &self,
        searcher: &Searcher,
        found: &Found,
        marker: &Marker,
        memo: &mut Memo,
        at: Option<Date>,
    ) -> Result<Hit, Error> {
        let row: TantivyDocument =
            searcher.doc(DocAddress::new(found.segment, found.unit)).map_err(failed(&self.folder))?;
        let bytes = row.get_first(self.fields.body).and_then(|value| value.as_bytes()).unwrap_or_default();
        let unit: StoredUnit =
            postcard::from_bytes(bytes).map_err(|cause| Error::message(&self.folder, cause.to_string()))?;
        let snippet = marker.snippet(&unit, memo);
        let card = self.cards[found.card as usize].clone();
        // The innermost place at the first thing marked.
        let point = snippet.span.start + snippet.marks.first().map_or(0, |mark| mark.start);
        let inner = unit.inner.iter().rev().find(|(start, path)| {
            unit.start + *start as usize <= point
                && unit.path.as_ref().is_some_and(|own| path.starts_with(&format!("{own}/")))
        });
        let path = inner.map(|(_, path)| path.clone()).or_else(|| unit.path.clone());
        Ok(Hit {
            status: at.and_then(|at| self.validity.status(&card.id, at)).map(str::to_owned),
            place: path.as_deref().map(in_words),
            path,
            card,
            snippet,
            score: found.score,
            by_number: false,
        })
    }

    /// How a name typed without quotes fits the types or issuers of the archive.
    fn fit(&self, field: FieldName, value: &str) -> Fit {
        let mut fit = Fit::No;
        for keys in &self.keys {
            let name = match field {
                FieldName::Kind => &keys.kind,
                _ => &keys.issuer,
            };
            if let Some(at) = name.find(value)
                && (at == 0 || name.as_bytes()[at - 1] == b' ')
            {
                match name.as_bytes().get(at + value.len()) {
                    None | Some(b' ') => return Fit::Whole,
                    _ => fit = Fit::Begins,
                }
            }
        }
        fit
    }

    /// Which documents a filter allows; an empty title allows all.
    fn allow(&self, filter: &Filter, at: Option<Date>) -> Rc<[bool]> {
        let readings = |value: &str| {
            let mut all = self.synonyms.readings(value);
            all.push(value.to_owned());
            all
        };
        let has = |name: &str, value: &str| format!(" {name} ").contains(&format!(" {value} "));
        match filter {
            Filter::Number(value) => {
                let parts = numbers::parts(value);
                (0..self.cards.len()).map(|n| self.numbers.has(n, &parts)).collect()
            }
            Filter::Kind(value) => {
                let values = readings(value);
                self.keys.iter().map(|keys| values.iter().any(|value| has(&keys.kind, value))).collect()
            }
            Filter::Issuer(value) => {
                let values = readings(value);
                self.keys.iter().map(|keys| values.iter().any(|value| has(&keys.issuer, value))).collect()
            }
            Filter::Title(value) => self
                .keys
                .iter()
                .map(|keys| value.split(' ').all(|word| word.is_empty() || has(&keys.title, word)))
                .collect(),
            Filter::Dates(from, to) => {
                self.cards.iter().map(|card| card.date.is_some_and(|date| *from <= date && date <= *to)).collect()
            }
            Filter::Status(status) => self
                .cards
                .iter()
                .map(|card| match at {
                    Some(at) => self.validity.status(&card.id, at).unwrap_or("unknown") == *status,
                    None => *status == "unknown",
                })
                .collect(),
            Filter::Article(_) => vec![true; self.cards.len()].into(),
        }
    }

    fn facets(&self, documents: &[u32], at: Option<Date>) -> Facets {
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        let mut issuers: BTreeMap<&str, usize> = BTreeMap::new();
        let mut statuses: BTreeMap<&str, usize> = BTreeMap::new();
        let mut years: BTreeMap<i16, usize> = BTreeMap::new();
        for &document in documents {
            let card = &self.cards[document as usize];
            if let Some(kind) = &card.kind {
                *kinds.entry(kind).or_default() += 1;
            }
            if let Some(issuer) = &card.issuer {
                *issuers.entry(issuer).or_default() += 1;
            }
            if let Some(date) = card.date {
                *years.entry(date.year()).or_default() += 1;
            }
            if let Some(at) = at {
                *statuses.entry(self.validity.status(&card.id, at).unwrap_or("unknown")).or_default() += 1;
            }
        }
        let by_size = |counts: BTreeMap<&str, usize>| {
            let mut counts: Vec<(String, usize)> =
                counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
            counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            counts
        };
        Facets {
            kinds: by_size(kinds),
            issuer: by_size(issuers),
            year: years.into_iter().rev().collect(),
            status: by_size(statuses),
        }
    }
}

/// What to mark: every word that is not refused, and what it was corrected to.
fn marker(clauses: &[Clause], corrections: &Corrections) -> Marker {
    fn add(clause: &Clause, corrections: &Corrections, marker: &mut Marker) {
        match clause {
            Clause::Word { forms, prefix: true } => marker.prefix(forms),
            Clause::Word { forms, .. } => {
                marker.word(forms);
                for (other, _) in corrections.get(&forms.exact).into_iter().flatten() {
                    marker.word(&Forms::of(other));
                }
            }
            Clause::Phrase(words) => words.iter().for_each(|forms| marker.word(forms)),
            Clause::All(inner) | Clause::Any(inner) => inner.iter().for_each(|inner| add(inner, corrections, marker)),
            Clause::Not(_) | Clause::Field(_) => {}
        }
    }
    let mut marker = Marker::default();
    clauses.iter().for_each(|clause| add(clause, corrections, &mut marker));
    marker
}

/// `kem_theo:1/chuong:II/dieu:5/khoan:2` → `Văn bản kèm theo › Chương II › Điều 5 › khoản 2`.
pub fn in_words(path: &str) -> String {
    path.split('/')
        .map(|step| {
            let (level, label) = step.split_once(':').unwrap_or((step, ""));
            match level {
                "phan" => format!("Phần {label}"),
                "chuong" => format!("Chương {label}"),
                "muc" | "muc_lama" | "muc_so" | "muc_so2" => format!("Mục {label}"),
                "tieu_muc" => format!("Tiểu mục {label}"),
                "dieu" => format!("Điều {label}"),
                "khoan" => format!("khoản {label}"),
                "diem" => format!("điểm {label}"),
                "tiet" => format!("tiết {label}"),
                "kem_theo" if label == "1" => "Văn bản kèm theo".to_owned(),
                "kem_theo" => format!("Văn bản kèm theo {label}"),
                "phu_luc" => format!("Phụ lục {label}"),
                _ => step.to_owned(),
            }
        })
        .collect::<Vec<_>>()
        .join(" › ")
}
