//! From clauses to iterators: which terms are looked up, and what each is worth.

use super::analyzer::Forms;
use super::cursor::{Bonus, Cursor, List, Phrase, Slot};
use super::query::Clause;
use super::schema::Fields;
use super::synonyms::Synonyms;
use rustc_hash::FxHashMap;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use tantivy::postings::SegmentPostings;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Searcher, SegmentReader, Term};

/// A syllable typed with marks but found with others is worth this much of itself.
const OTHER_MARKS: f64 = 1.0 / 3.0;
/// A doubtful reading or the raw form of the scan.
const DOUBTFUL: f64 = 0.2;
/// Two neighbours of the query standing together.
const TOGETHER: f64 = 0.6;
/// A word in the title or heading.
const IN_HEAD: f64 = 0.5;
/// Two neighbours in the title or heading.
const HEAD_TOGETHER: f64 = 1.2;
/// A synonym, beside the word typed.
const SYNONYM: f64 = 0.8;
/// Words that a prefix may stand for.
const MOST_EXPANSIONS: usize = 48;

/// How many units have a term, counting living documents only.
pub(crate) struct Statistics<'i> {
    pub(crate) searcher: &'i Searcher,
    pub(crate) fields: Fields,
    pub(crate) known: &'i Mutex<FxHashMap<(Field, Box<str>), u32>>,
}

impl Statistics<'_> {
    /// Units with `term`.
    pub(crate) fn frequency(&self, field: Field, term: &str) -> u32 {
        let key = (field, term.into());
        if let Some(known) = self.known.lock().ok().and_then(|known| known.get(&key).copied()) {
            return known;
        }
        let wanted = Term::from_field_text(field, term);
        let mut sum = 0;
        for segment in self.searcher.segment_readers() {
            let Ok(inverted) = segment.inverted_index(field) else { continue };
            sum += match segment.alive_bitset() {
                None => inverted.doc_freq(&wanted).unwrap_or(0),
                Some(alive) => match inverted.read_postings(&wanted, IndexRecordOption::Basic) {
                    Ok(Some(postings)) => postings.doc_freq_given_deletes(alive),
                    _ => 0,
                },
            };
        }
        if let Ok(mut known) = self.known.lock() {
            known.insert(key, sum);
        }
        sum
    }

    /// What finding `term` is worth: much if it is rare.
    pub(crate) fn worth(&self, field: Field, term: &str) -> f64 {
        self.worth_of(self.frequency(field, term))
    }

    /// The same for a known frequency.
    pub(crate) fn worth_of(&self, frequency: u32) -> f64 {
        let (units, with) = (self.searcher.num_docs() as f64, f64::from(frequency));
        (1.0 + (units - with + 0.5).max(0.0) / (with + 0.5)).ln()
    }
}

/// A condition with its weights, the same for every segment.
#[derive(Debug)]
pub(crate) enum Plan {
    Nothing,
    Slot { folded: Box<str>, exact: Option<Box<str>>, key: Box<str>, w_folded: f64, w_exact: f64, w_doubt: f64 },
    Phrase { terms: Vec<(Field, Box<str>)>, weight: f64 },
    Plain { field: Field, term: Box<str>, weight: f64 },
    Any(Vec<Plan>),
    Group { parts: Vec<(Plan, f64)>, without: Vec<Plan>, bonuses: Vec<Extra>, share: Option<f64> },
    Where(Rc<[bool]>),
}

/// A term that adds to the score without being needed.
#[derive(Debug)]
pub(crate) struct Extra {
    field: Field,
    term: Box<str>,
    weight: f64,
    by_length: bool,
}

/// Makes plans of clauses.
pub(crate) struct Planner<'p> {
    pub(crate) statistics: &'p Statistics<'p>,
    pub(crate) synonyms: &'p Synonyms,
    /// Which documents a filter allows.
    pub(crate) allow: &'p dyn Fn(&super::query::Filter) -> Rc<[bool]>,
    /// Other spellings of folded words, with how likely each is.
    pub(crate) corrections: &'p FxHashMap<Box<str>, Vec<(Box<str>, f64)>>,
}

impl Planner<'_> {
    /// The plan of clauses joined by “and”; with `share`, of those that together carry
    /// that share of the query's weight.
    pub(crate) fn group(&self, clauses: &[Clause], share: Option<f64>) -> Plan {
        let fields = self.statistics.fields;
        let mut parts: Vec<(Plan, f64)> = Vec::new();
        let mut without = Vec::new();
        let mut bonuses = Vec::new();
        let words: Vec<Option<&Forms>> = clauses
            .iter()
            .map(|clause| match clause {
                Clause::Word { forms, prefix: false } => Some(forms),
                _ => None,
            })
            .collect();
        self.bonuses(&words, &mut bonuses);
        let mut at = 0;
        while at < clauses.len() {
            let run: Vec<&Forms> = words[at..].iter().map_while(|word| *word).collect();
            if let Some((length, also)) = self.synonyms.longest(&run) {
                let own: Vec<(Plan, f64)> = run[..length].iter().map(|forms| self.word(forms)).collect();
                let weight: f64 = own.iter().map(|(_, weight)| weight).sum();
                let mut alternatives = vec![match own.len() {
                    1 => own.into_iter().next().map_or(Plan::Nothing, |(plan, _)| plan),
                    _ => Plan::Group { parts: own, without: Vec::new(), bonuses: Vec::new(), share: None },
                }];
                alternatives.extend(also.iter().map(|words| self.together(words)));
                parts.push((Plan::Any(alternatives), weight));
                at += length;
                continue;
            }
            match &clauses[at] {
                Clause::Word { forms, prefix: false } => parts.push(self.word(forms)),
                Clause::Word { forms, prefix: true } => parts.push((self.prefix(forms), 2.0)),
                Clause::Not(inner) => without.push(self.strict(inner)),
                Clause::Field(super::query::Filter::Article(label)) => {
                    let term = format!("dieu:{label}").into();
                    parts.push((Plan::Plain { field: fields.place, term, weight: 0.0 }, 1e6));
                }
                // Filters are never given up when words are.
                Clause::Field(filter) => parts.push((Plan::Where((self.allow)(filter)), 1e6)),
                Clause::Phrase(words) => {
                    let plan = self.phrase(words);
                    parts.push((plan, 1e6));
                }
                Clause::All(inner) => {
                    let plan = self.group(inner, share);
                    let weight = weight_of(&plan);
                    parts.push((plan, weight));
                }
                Clause::Any(inner) => {
                    let plans: Vec<Plan> = inner.iter().map(|clause| self.clause(clause)).collect();
                    parts.push((Plan::Any(plans), 4.0));
                }
            }
            at += 1;
        }
        if parts.is_empty() && !without.is_empty() {
            parts.push((Plan::Where((self.allow)(&super::query::Filter::Title(String::new()))), 1.0));
        }
        Plan::Group { parts, without, bonuses, share }
    }

    fn clause(&self, clause: &Clause) -> Plan {
        self.group(std::slice::from_ref(clause), None)
    }

    /// What must not be there: as written, nothing else.
    fn strict(&self, clause: &Clause) -> Plan {
        match clause {
            Clause::Word { forms, prefix: false } => {
                let (field, term) = self.term(forms);
                Plan::Plain { field, term, weight: 0.0 }
            }
            other => self.clause(other),
        }
    }

    fn term(&self, forms: &Forms) -> (Field, Box<str>) {
        let fields = self.statistics.fields;
        if forms.is_marked() { (fields.exact, forms.exact.clone()) } else { (fields.folded, forms.folded.clone()) }
    }

    /// One syllable and what it is worth.
    fn word(&self, forms: &Forms) -> (Plan, f64) {
        let own = self.slot(forms, 1.0);
        let Some(others) = self.corrections.get(&forms.exact) else { return own };
        let mut plans = vec![own.0];
        let mut weight: f64 = own.1;
        if self.statistics.frequency(self.statistics.fields.folded, &forms.folded) == 0 {
            weight = 0.0;
        }
        for (other, likely) in others {
            let (plan, worth) = self.slot(&Forms::of(other), *likely);
            weight = weight.max(worth);
            plans.push(plan);
        }
        (Plan::Any(plans), weight)
    }

    fn slot(&self, forms: &Forms, scale: f64) -> (Plan, f64) {
        let fields = self.statistics.fields;
        let folded = self.statistics.worth(fields.folded, &forms.folded) * scale;
        let marked = forms.is_marked();
        let exact = marked.then(|| self.statistics.worth(fields.exact, &forms.exact) * scale);
        let plan = Plan::Slot {
            folded: forms.folded.clone(),
            exact: marked.then(|| forms.exact.clone()),
            key: if marked { forms.exact_key().into() } else { forms.folded.clone() },
            w_folded: if marked { folded * OTHER_MARKS } else { folded },
            w_exact: exact.unwrap_or(0.0),
            w_doubt: folded * DOUBTFUL,
        };
        (plan, folded)
    }

    /// Syllables one after another, marked ones as written.
    fn phrase(&self, words: &[Forms]) -> Plan {
        let terms: Vec<(Field, Box<str>)> = words.iter().map(|forms| self.term(forms)).collect();
        let weight = terms.iter().map(|(field, term)| self.statistics.worth(*field, term)).sum();
        match <[_; 1]>::try_from(terms) {
            Ok([(field, term)]) => Plan::Plain { field, term, weight },
            Err(terms) => Plan::Phrase { terms, weight },
        }
    }

    /// The wording of a synonym, found by its pairs of neighbours.
    fn together(&self, words: &[Forms]) -> Plan {
        let fields = self.statistics.fields;
        if let [word] = words {
            let (field, term) = self.term(word);
            let weight = self.statistics.worth(field, &term) * SYNONYM;
            return Plan::Plain { field, term, weight };
        }
        let parts = words
            .windows(2)
            .map(|pair| {
                let term: Box<str> = format!("{} {}", pair[0].folded, pair[1].folded).into();
                let weight = self.statistics.worth(fields.pairs, &term) * SYNONYM;
                (Plan::Plain { field: fields.pairs, term, weight }, weight)
            })
            .collect();
        Plan::Group { parts, without: Vec::new(), bonuses: Vec::new(), share: None }
    }

    fn prefix(&self, forms: &Forms) -> Plan {
        let (field, beginning) = self.term(forms);
        let mut found: FxHashMap<Box<str>, u32> = FxHashMap::default();
        for segment in self.statistics.searcher.segment_readers() {
            let Ok(inverted) = segment.inverted_index(field) else { continue };
            let Ok(mut stream) = inverted.terms().range().ge(beginning.as_bytes()).into_stream() else { continue };
            while stream.advance() && stream.key().starts_with(beginning.as_bytes()) {
                if let Ok(term) = std::str::from_utf8(stream.key()) {
                    *found.entry(term.into()).or_default() += stream.value().doc_freq;
                }
            }
        }
        let mut found: Vec<(Box<str>, u32)> = found
            .into_keys()
            .map(|term| {
                let frequency = self.statistics.frequency(field, &term);
                (term, frequency)
            })
            .filter(|(_, frequency)| *frequency > 0)
            .collect();
        found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        found.truncate(MOST_EXPANSIONS);
        let plain = |(term, frequency)| Plan::Plain { field, term, weight: self.statistics.worth_of(frequency) };
        Plan::Any(found.into_iter().map(plain).collect())
    }

    fn bonuses(&self, words: &[Option<&Forms>], bonuses: &mut Vec<Extra>) {
        let fields = self.statistics.fields;
        let best = |forms: &Forms| -> Box<str> {
            self.corrections
                .get(&forms.exact)
                .and_then(|others| others.first())
                .map_or_else(|| forms.folded.clone(), |(other, _)| Forms::of(other).folded)
        };
        for (n, word) in words.iter().enumerate() {
            let Some(forms) = word else { continue };
            let folded = best(forms);
            let exact = forms.is_marked() && folded == forms.folded;
            let term: Box<str> = if exact { forms.exact_key().into() } else { folded.clone() };
            let worth = self.statistics.worth(fields.folded, &folded);
            bonuses.push(Extra { field: fields.head, term, weight: worth * IN_HEAD, by_length: false });
            let Some(Some(next)) = words.get(n + 1) else { continue };
            let term: Box<str> = format!("{folded} {}", best(next)).into();
            let worth = self.statistics.worth(fields.pairs, &term);
            bonuses.push(Extra {
                field: fields.head,
                term: term.clone(),
                weight: worth * HEAD_TOGETHER,
                by_length: false,
            });
            bonuses.push(Extra { field: fields.pairs, term, weight: worth * TOGETHER, by_length: true });
        }
    }
}

fn weight_of(plan: &Plan) -> f64 {
    match plan {
        Plan::Group { parts, .. } => parts.iter().map(|(_, weight)| weight).sum(),
        _ => 1.0,
    }
}

/// One segment and the document of each of its units.
pub(crate) struct Place<'s> {
    pub(crate) reader: &'s SegmentReader,
    pub(crate) fields: Fields,
    pub(crate) units: Arc<[u32]>,
}

impl Place<'_> {
    fn postings(&self, field: Field, term: &str, option: IndexRecordOption) -> Option<SegmentPostings> {
        let inverted = self.reader.inverted_index(field).ok()?;
        inverted.read_postings(&Term::from_field_text(field, term), option).ok()?
    }

    fn list(&self, field: Field, term: &str, weight: f64) -> Option<List> {
        self.postings(field, term, IndexRecordOption::WithFreqs).map(|postings| List { postings, weight })
    }

    /// The plan's iterator over this segment.
    pub(crate) fn cursor(&self, plan: &Plan) -> Cursor {
        let fields = self.fields;
        match plan {
            Plan::Nothing => Cursor::Nothing,
            Plan::Slot { folded, exact, key, w_folded, w_exact, w_doubt } => {
                let doubt = self.list(fields.doubt, key, *w_doubt);
                let folded = match self.list(fields.folded, folded, *w_folded) {
                    Some(list) => list,
                    None if doubt.is_none() => return Cursor::Nothing,
                    None => List { postings: SegmentPostings::empty(), weight: 0.0 },
                };
                let exact = exact.as_ref().and_then(|exact| self.list(fields.exact, exact, *w_exact));
                Cursor::Slot(Box::new(Slot { folded, exact, doubt }))
            }
            Plan::Phrase { terms, weight } => {
                let option = IndexRecordOption::WithFreqsAndPositions;
                let lists: Option<Vec<_>> =
                    terms.iter().map(|(field, term)| self.postings(*field, term, option)).collect();
                lists.map_or(Cursor::Nothing, |lists| Cursor::Phrase(Phrase::new(lists, *weight)))
            }
            Plan::Plain { field, term, weight } => {
                self.list(*field, term, *weight).map_or(Cursor::Nothing, |list| Cursor::Plain(Box::new(list)))
            }
            Plan::Any(plans) => Cursor::Any(plans.iter().map(|plan| self.cursor(plan)).collect()),
            Plan::Where(allowed) => Cursor::where_allowed(Arc::clone(&self.units), Rc::clone(allowed)),
            Plan::Group { parts, without, bonuses, share } => {
                let bonuses = bonuses
                    .iter()
                    .filter_map(|extra| {
                        let list = self.list(extra.field, &extra.term, extra.weight)?;
                        Some(Bonus { list, by_length: extra.by_length })
                    })
                    .collect();
                let without = without.iter().map(|plan| self.cursor(plan)).collect();
                let cursors = parts.iter().map(|(plan, weight)| (self.cursor(plan), *weight));
                match share {
                    Some(share) => Cursor::most(cursors.collect(), *share, without, bonuses),
                    None => Cursor::all(cursors.map(|(cursor, _)| cursor).collect(), without, bonuses),
                }
            }
        }
    }
}
