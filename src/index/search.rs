//! One query answered: number look-ups first, then units by score, never more than a few of one document.

use super::Index;
use super::analyzer::{Forms, Memo};
use super::cards::Card;
use super::names::Facets;
use super::numbers;
use super::plan::{Leaf, Plan, Planner, Statistics, Test};
use super::query::{self, Clause, Filter, Parsed};
use super::rank::{Found, RERANKED};
use super::schema::StoredUnit;
use super::snippet::{Marker, Snippet};
use super::suggest::Corrections;
use super::sweep::{Wanted, sweep};
use super::write::failed;
use crate::error::Error;
use jiff::civil::Date;
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::cmp::Reverse;
use std::sync::Arc;
use tantivy::TantivyDocument;
use tantivy::schema::Value;

/// Fewer documents than this that have every word, and those with most of the words are shown too.
const FEW: usize = 100; // Judged queries, dev half, 2026-11: 20 loses five points of recall on topics.

/// Units of one document that have a second look, even if fewer of them may be shown.
const LOOKED_AT: usize = 3;

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
    ///
    /// As many are answered at once as there are processors; further callers wait their turn.
    pub fn search(&self, query: &Query) -> Result<Results, Error> {
        let _turn = self.gate.enter();
        let statistics = Statistics { space: &self.space, fields: self.fields };
        let Parsed { clauses, notes } = query::parse(&query.text, &|field, value| self.fit(field, value));
        let mut results = Results { notes, ..Results::default() };
        let names = |card: u32| {
            let keys = &self.keys[card as usize];
            [self.names.kind(keys.kind), self.names.body(keys.body)]
        };
        let named = self.numbers.find(&query.text, &self.cards, &self.synonyms, names);
        let has_words = clauses.iter().any(|clause| !matches!(clause, Clause::Field(_) | Clause::Not(_)));
        let by_article = clauses.iter().any(|clause| matches!(clause, Clause::Field(Filter::Article(_))));
        let per_document = if has_words || by_article { query.per_document.max(1) } else { 1 };
        // Which unit of a document is its best is told by the second look.
        let looked_at = if has_words { per_document.max(LOOKED_AT) } else { per_document };
        let order = Order {
            wanted: ((query.offset + query.limit) * looked_at.div_ceil(per_document)).clamp(RERANKED, 10_000),
            per_document,
            looked_at,
            by_date: !has_words || query.sort == Sort::Date,
        };
        let mut corrections = Corrections::default();
        let mut documents = Vec::new();
        let mut best = Vec::new();
        if !clauses.is_empty() {
            let allow = |filter: &Filter| self.allow(filter, query.at);
            let plan = |corrections: &Corrections, most: bool| {
                Planner::plan(statistics, &self.synonyms, &allow, corrections, &clauses, most)
            };
            let all = plan(&corrections, false);
            // The newest documents can be told only when all are known.
            let candidates = if order.by_date { 0 } else { order.wanted };
            let wanted = Wanted { candidates, per_document: order.looked_at, documents: true };
            let swept = sweep(&self.space, &all, &wanted);
            documents = swept.documents;
            results.complete = documents.len();
            if documents.len() < FEW && has_words && !named.whole {
                corrections = self.corrections(statistics, &clauses);
                let most = plan(&corrections, true);
                let wanted = Wanted { candidates: order.wanted, per_document: order.looked_at, documents: false };
                let swept = sweep(&self.space, &most, &wanted);
                best = self.second_look(statistics, &most, &clauses, &corrections, &swept.candidates);
                for found in &best {
                    if !documents.contains(&found.card) {
                        documents.push(found.card);
                    }
                }
                if order.by_date {
                    best.iter_mut().for_each(|found| found.first = self.day(found.card));
                    best.sort_unstable_by(|a, b| b.cmp(a));
                }
            } else if order.by_date {
                best = self.newest(statistics, all, &clauses, &documents, &order);
            } else {
                best = self.second_look(statistics, &all, &clauses, &corrections, &swept.candidates);
            }
        }
        keep_few(&mut best, order.per_document);
        results.marker = marker(&clauses, &corrections);
        let mut listed = self.pinned(&named, &clauses, query.at);
        let n_pinned = listed.len();
        for found in &listed {
            if !documents.contains(&found.card) {
                documents.push(found.card);
            }
        }
        results.total = documents.len();
        if query.facets {
            results.facets = self.facets(&documents, query.at);
        }
        for found in best {
            if !listed[..n_pinned].iter().any(|pinned| pinned.unit == found.unit) {
                listed.push(found);
            }
        }
        let mut memo = self.memos.lock().ok().and_then(|mut memos| memos.pop()).unwrap_or_default();
        for (n, found) in listed.iter().enumerate().skip(query.offset).take(query.limit) {
            let mut hit = self.hit(found, &results.marker, &mut memo, query.at)?;
            hit.by_number = n < n_pinned;
            results.hits.push(hit);
        }
        if let Ok(mut memos) = self.memos.lock() {
            memos.push(memo);
        }
        results.did_you_mean = super::suggest::meant(&clauses, &corrections, &results.hits);
        Ok(results)
    }

    /// The best units of the newest documents that satisfy a plan.
    fn newest(
        &self,
        statistics: Statistics<'_>,
        mut plan: Plan,
        clauses: &[Clause],
        documents: &[u32],
        order: &Order,
    ) -> Vec<Found> {
        let mut newest: Vec<(Reverse<i64>, u32)> =
            documents.iter().map(|card| (Reverse(self.day(*card)), *card)).collect();
        newest.sort_unstable();
        newest.truncate(order.wanted);
        let set = self.space.units_of(newest.iter().map(|(_, card)| *card));
        plan.leaves.push(Leaf::Allowed(set));
        let before = std::mem::replace(&mut plan.test, Test::All(Vec::new()));
        plan.test = Test::All(vec![Test::Leaf(plan.leaves.len() - 1), before]);
        let candidates = order.wanted * order.looked_at;
        let wanted = Wanted { candidates, per_document: order.looked_at, documents: false };
        let swept = sweep(&self.space, &plan, &wanted);
        let mut best = self.second_look(statistics, &plan, clauses, &Corrections::default(), &swept.candidates);
        best.iter_mut().for_each(|found| found.first = self.day(found.card));
        best.sort_unstable_by(|a, b| b.cmp(a));
        best
    }

    /// The documents that a number names, or the article of them that the query names.
    fn pinned(&self, named: &numbers::Found, clauses: &[Clause], at: Option<Date>) -> Vec<Found> {
        let filters: Vec<Arc<[u64]>> = clauses
            .iter()
            .filter_map(|clause| match clause {
                Clause::Field(Filter::Article(_)) => None,
                Clause::Field(filter) => Some(self.allow(filter, at)),
                _ => None,
            })
            .collect();
        let article = named.locator.iter().find(|step| step.starts_with("dieu:"));
        let article = article.map(|step| self.space.term(self.fields.place, step));
        let mut pinned = Vec::new();
        for (rank, &card) in named.cards.iter().enumerate() {
            let (first, end) = self.space.span(card);
            let allowed = |set: &Arc<[u64]>| set[first as usize / 64] >> (first % 64) & 1 == 1;
            if first == end || !filters.iter().all(allowed) {
                continue;
            }
            let mut units: Vec<u32> = Vec::new();
            if let Some(article) = &article {
                units = self.space.within(article, first, end).into_iter().take(3).collect();
            }
            if units.is_empty() {
                units.push(first);
            }
            let score = 1000.0 - rank as f64;
            pinned.extend(units.into_iter().map(|unit| Found { first: 0, score, card, unit }));
        }
        pinned
    }

    fn hit(&self, found: &Found, marker: &Marker, memo: &mut Memo, at: Option<Date>) -> Result<Hit, Error> {
        let fail = failed(&self.folder);
        let stored: TantivyDocument = self.searcher.doc(self.space.address(found.unit)).map_err(&fail)?;
        let bytes = stored.get_first(self.fields.body).and_then(|value| value.as_bytes()).unwrap_or_default();
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
}

/// How many hits, how many of one document, in which order.
struct Order {
    wanted: usize,
    per_document: usize,
    /// Units of one document that have a second look.
    looked_at: usize,
    by_date: bool,
}

/// Keeps the first `most` of each document.
fn keep_few(found: &mut Vec<Found>, most: usize) {
    let mut counts: FxHashMap<u32, usize> = FxHashMap::default();
    found.retain(|found| {
        let count = counts.entry(found.card).or_default();
        *count += 1;
        *count <= most
    });
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
            // What tells two places of one label apart is no part of the label.
            let label = label.split('~').next().unwrap_or(label);
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
