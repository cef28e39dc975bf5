//! From clauses to a plan: which terms are looked up, what a unit must have, and what each thing is worth.

use super::analyzer::{Forms, has_figure};
use super::query::{Clause, Filter};
use super::schema::Fields;
use super::space::{Known, Space};
use super::suggest::Corrections;
use super::synonyms::Synonyms;
use rustc_hash::FxHashMap;
use std::sync::Arc;
use tantivy::schema::Field;

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

/// How many units have a term, counting living documents only, and what that makes it worth.
#[derive(Clone, Copy)]
pub(crate) struct Statistics<'i> {
    pub(crate) space: &'i Space,
    pub(crate) fields: Fields,
}

impl Statistics<'_> {
    /// Units with `term`.
    pub(crate) fn frequency(&self, field: Field, term: &str) -> u32 {
        self.space.term(field, term).frequency
    }

    /// What finding `term` is worth: much if it is rare.
    pub(crate) fn worth(&self, field: Field, term: &str) -> f64 {
        self.worth_of(self.frequency(field, term))
    }

    /// The same for a known frequency.
    pub(crate) fn worth_of(&self, frequency: u32) -> f64 {
        let (units, with) = (self.space.living() as f64, f64::from(frequency));
        (1.0 + (units - with + 0.5).max(0.0) / (with + 0.5)).ln()
    }
}

/// What a set of units comes from.
pub(crate) enum Leaf {
    /// A term.
    Term(Arc<Known>),
    /// Terms one after another.
    Phrase(Vec<Arc<Known>>),
    /// A filter.
    Allowed(Arc<[u64]>),
}

impl Leaf {
    /// Roughly how many units it has.
    fn size(&self) -> u64 {
        match self {
            Leaf::Term(known) => u64::from(known.frequency),
            Leaf::Phrase(words) => words.iter().map(|known| u64::from(known.frequency)).min().unwrap_or(0),
            Leaf::Allowed(set) => set.iter().map(|word| u64::from(word.count_ones())).sum(),
        }
    }
}

/// A condition on units; numbers are those of [`Plan::leaves`].
pub(crate) enum Test {
    /// Has it.
    Leaf(usize),
    /// The rarest first.
    All(Vec<Test>),
    /// At least one; none of nothing.
    Any(Vec<Test>),
    /// Has it not.
    Not(Box<Test>),
}

/// One thing asked for: found in any of its readings, the best of which counts.
pub(crate) struct Slot {
    /// The dearest first.
    pub(crate) readings: Vec<Reading>,
    /// Its share of the query.
    pub(crate) weight: f64,
}

/// One way to find a slot.
pub(crate) struct Reading {
    /// Leaves that must all be there; how often the first one is there counts.
    pub(crate) needs: Vec<usize>,
    /// What it is worth.
    pub(crate) weight: f64,
    /// Whether another reading of the slot is there wherever this one is.
    pub(crate) implied: bool,
}

/// A term that adds to the score without being needed.
pub(crate) struct Bonus {
    pub(crate) leaf: usize,
    pub(crate) weight: f64,
    pub(crate) found: Place,
}

/// Where a bonus is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A word in the title or heading.
    Head,
    /// Two neighbours in the title or heading.
    HeadPair,
    /// Two neighbours in the text.
    Pair,
}

/// A query with its weights, the same for every segment.
pub(crate) struct Plan {
    pub(crate) leaves: Vec<Leaf>,
    pub(crate) test: Test,
    pub(crate) slots: Vec<Slot>,
    pub(crate) bonuses: Vec<Bonus>,
    /// Whether a part of the slots is enough; else `test` asks for all of them.
    pub(crate) most: bool,
}

/// Makes a plan of clauses.
pub(crate) struct Planner<'p> {
    statistics: Statistics<'p>,
    synonyms: &'p Synonyms,
    /// The units a filter allows.
    allow: &'p dyn Fn(&Filter) -> Arc<[u64]>,
    /// Other spellings of words, with how likely each is.
    corrections: &'p Corrections,
    numbers: FxHashMap<(Field, Box<str>), usize>,
    plan: Plan,
}

impl<'p> Planner<'p> {
    /// The plan of clauses joined by “and”; with `most`, words may be missing.
    pub(crate) fn plan(
        statistics: Statistics<'p>,
        synonyms: &'p Synonyms,
        allow: &'p dyn Fn(&Filter) -> Arc<[u64]>,
        corrections: &'p Corrections,
        clauses: &[Clause],
        most: bool,
    ) -> Plan {
        let plan =
            Plan { leaves: Vec::new(), test: Test::All(Vec::new()), slots: Vec::new(), bonuses: Vec::new(), most };
        let mut planner = Planner { statistics, synonyms, allow, corrections, numbers: FxHashMap::default(), plan };
        let test = planner.group(clauses);
        let mut plan = planner.plan;
        plan.test = test;
        plan
    }

    fn leaf(&mut self, field: Field, term: &str) -> usize {
        if let Some(number) = self.numbers.get(&(field, Box::from(term))) {
            return *number;
        }
        let number = self.push(Leaf::Term(self.statistics.space.term(field, term)));
        self.numbers.insert((field, term.into()), number);
        number
    }

    fn push(&mut self, leaf: Leaf) -> usize {
        self.plan.leaves.push(leaf);
        self.plan.leaves.len() - 1
    }

    fn size(&self, test: &Test) -> u64 {
        match test {
            Test::Leaf(leaf) => self.plan.leaves[*leaf].size(),
            Test::All(parts) => parts.iter().map(|part| self.size(part)).min().unwrap_or(u64::MAX),
            Test::Any(parts) => parts.iter().map(|part| self.size(part)).fold(0, u64::saturating_add),
            Test::Not(_) => u64::MAX,
        }
    }

    fn all(&self, mut parts: Vec<Test>) -> Test {
        if parts.len() == 1 {
            return parts.remove(0);
        }
        parts.sort_by_key(|part| self.size(part));
        Test::All(parts)
    }

    /// What the readings of a slot ask for.
    fn test_of(&self, slot: &Slot) -> Test {
        let reading = |reading: &Reading| self.all(reading.needs.iter().map(|leaf| Test::Leaf(*leaf)).collect());
        Test::Any(slot.readings.iter().filter(|reading| !reading.implied).map(reading).collect())
    }

    /// What clauses joined by “and” ask for. With `most` that leaves words out.
    fn group(&mut self, clauses: &[Clause]) -> Test {
        let words: Vec<Option<&Forms>> = clauses
            .iter()
            .map(|clause| match clause {
                Clause::Word { forms, prefix: false } => Some(forms),
                _ => None,
            })
            .collect();
        self.bonuses(&words);
        let mut parts: Vec<Test> = Vec::new();
        let mut at = 0;
        while at < clauses.len() {
            let run: Vec<&Forms> = words[at..].iter().map_while(|word| *word).collect();
            let first = self.plan.slots.len();
            if !run.is_empty() {
                let synonyms = self.synonyms;
                let (length, also) = synonyms.longest(&run).unwrap_or((1, &[]));
                for forms in &run[..length] {
                    let slot = self.word(forms);
                    self.plan.slots.push(slot);
                }
                for wording in also {
                    self.synonym(first, wording);
                }
                at += length;
            } else {
                let part = self.clause(&clauses[at]);
                parts.extend(part);
                at += 1;
            }
            if !self.plan.most && !run.is_empty() {
                parts.extend(self.plan.slots[first..].iter().map(|slot| self.test_of(slot)));
            }
        }
        self.all(parts)
    }

    /// What a clause that is no word asks for, if it is needed.
    fn clause(&mut self, clause: &Clause) -> Option<Test> {
        let fields = self.statistics.fields;
        let first = self.plan.slots.len();
        match clause {
            Clause::Word { forms, prefix } => {
                let slot = if *prefix { self.prefix(forms) } else { self.word(forms) };
                self.plan.slots.push(slot);
            }
            Clause::Not(inner) => return Some(Test::Not(Box::new(self.strict(inner)))),
            Clause::Field(Filter::Article(label)) => {
                return Some(Test::Leaf(self.leaf(fields.place, &format!("dieu:{label}"))));
            }
            // Filters are never given up when words are.
            Clause::Field(filter) => {
                let set = (self.allow)(filter);
                return Some(Test::Leaf(self.push(Leaf::Allowed(set))));
            }
            Clause::Phrase(words) => {
                let slot = self.phrase(words);
                let test = self.test_of(&slot);
                self.plan.slots.push(slot);
                return Some(test);
            }
            Clause::All(inner) => return Some(self.group(inner)),
            Clause::Any(inner) => {
                let part = |clause| self.group(std::slice::from_ref(clause));
                return Some(Test::Any(inner.iter().map(part).collect()));
            }
        }
        (!self.plan.most).then(|| self.all(self.plan.slots[first..].iter().map(|slot| self.test_of(slot)).collect()))
    }

    /// What must not be there: as written, nothing else. Adds nothing to any score.
    fn strict(&mut self, clause: &Clause) -> Test {
        if let Clause::Word { forms, prefix: false } = clause {
            let (field, term) = self.term(forms);
            return Test::Leaf(self.leaf(field, &term));
        }
        let (slots, bonuses) = (self.plan.slots.len(), self.plan.bonuses.len());
        let most = std::mem::replace(&mut self.plan.most, false);
        let test = self.group(std::slice::from_ref(clause));
        self.plan.most = most;
        self.plan.slots.truncate(slots);
        self.plan.bonuses.truncate(bonuses);
        test
    }

    fn term(&self, forms: &Forms) -> (Field, Box<str>) {
        let fields = self.statistics.fields;
        if forms.is_marked() { (fields.exact, forms.exact.clone()) } else { (fields.folded, forms.folded.clone()) }
    }

    /// One syllable, with what it may have been.
    fn word(&mut self, forms: &Forms) -> Slot {
        let mut slot = self.slot(forms, 1.0);
        let corrections = self.corrections;
        if let Some(others) = corrections.get(&forms.exact) {
            if self.statistics.frequency(self.statistics.fields.folded, &forms.folded) == 0 {
                slot.weight = 0.0;
            }
            for (other, likely) in others.iter().filter(|(other, _)| *other != forms.exact) {
                let other = self.slot(&Forms::of(other), *likely);
                slot.weight = slot.weight.max(other.weight);
                slot.readings.extend(other.readings);
            }
            slot.readings.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        }
        slot
    }

    fn slot(&mut self, forms: &Forms, scale: f64) -> Slot {
        let fields = self.statistics.fields;
        let folded = self.statistics.worth(fields.folded, &forms.folded) * scale;
        let marked = forms.is_marked();
        let key = if marked { forms.exact_key().into() } else { forms.folded.clone() };
        let mut readings = Vec::new();
        let mut add = |planner: &mut Self, field: Field, term: &str, weight: f64, implied: bool| {
            if planner.statistics.frequency(field, term) > 0 {
                readings.push(Reading { needs: vec![planner.leaf(field, term)], weight, implied });
            }
        };
        if marked {
            let exact = self.statistics.worth(fields.exact, &forms.exact) * scale;
            // Where the exact form stands the folded one does.
            add(self, fields.exact, &forms.exact, exact, true);
            add(self, fields.folded, &forms.folded, folded * OTHER_MARKS, false);
        } else {
            add(self, fields.folded, &forms.folded, folded, false);
        }
        add(self, fields.doubt, &key, folded * DOUBTFUL, false);
        Slot { readings, weight: folded }
    }

    /// Syllables one after another, marked ones as written.
    fn phrase(&mut self, words: &[Forms]) -> Slot {
        let terms: Vec<(Field, Box<str>)> = words.iter().map(|forms| self.term(forms)).collect();
        let weight = terms.iter().map(|(field, term)| self.statistics.worth(*field, term)).sum();
        let leaf = match &terms[..] {
            [(field, term)] => self.leaf(*field, term),
            _ => {
                let known = terms.iter().map(|(field, term)| self.statistics.space.term(*field, term)).collect();
                self.push(Leaf::Phrase(known))
            }
        };
        Slot { readings: vec![Reading { needs: vec![leaf], weight, implied: false }], weight }
    }

    /// Lets the slots from `first` on be found by another wording, told by its pairs of neighbours.
    fn synonym(&mut self, first: usize, words: &[Forms]) {
        let fields = self.statistics.fields;
        let mut terms: Vec<(Field, Box<str>)> = Vec::new();
        for pair in words.windows(2) {
            let [left, right] = [&pair[0], &pair[1]];
            if has_figure(&left.folded) || has_figure(&right.folded) {
                terms.extend([self.term(left), self.term(right)]);
            } else {
                terms.push((fields.pairs, format!("{} {}", left.folded, right.folded).into()));
            }
        }
        if let [word] = words {
            terms.push(self.term(word));
        }
        if terms.iter().any(|(field, term)| self.statistics.frequency(*field, term) == 0) {
            return;
        }
        let worth: f64 = terms.iter().map(|(field, term)| self.statistics.worth(*field, term)).sum();
        let needs: Vec<usize> = terms.iter().map(|(field, term)| self.leaf(*field, term)).collect();
        let total: f64 = self.plan.slots[first..].iter().map(|slot| slot.weight).sum();
        let n = (self.plan.slots.len() - first) as f64;
        for slot in &mut self.plan.slots[first..] {
            let share = if total > 0.0 { slot.weight / total } else { 1.0 / n };
            slot.readings.push(Reading { needs: needs.clone(), weight: worth * SYNONYM * share, implied: false });
            slot.readings.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        }
    }

    fn prefix(&mut self, forms: &Forms) -> Slot {
        let (field, beginning) = self.term(forms);
        let mut found: FxHashMap<Box<str>, u32> = FxHashMap::default();
        for inverted in self.statistics.space.dictionaries(field) {
            let Ok(mut stream) = inverted.terms().range().ge(beginning.as_bytes()).into_stream() else { continue };
            while stream.advance() && stream.key().starts_with(beginning.as_bytes()) {
                if let Ok(term) = std::str::from_utf8(stream.key()) {
                    *found.entry(term.into()).or_default() += stream.value().doc_freq;
                }
            }
        }
        // Deleted documents are still counted here: twice as many as are kept are looked at.
        let mut listed: Vec<(Box<str>, u32)> = found.into_iter().collect();
        listed.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let mut found: Vec<(Box<str>, u32)> = Vec::new();
        for (term, _) in listed.into_iter().take(2 * MOST_EXPANSIONS) {
            let frequency = self.statistics.frequency(field, &term);
            if frequency > 0 {
                found.push((term, frequency));
            }
        }
        found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        found.truncate(MOST_EXPANSIONS);
        let mut readings: Vec<Reading> = Vec::new();
        for (term, frequency) in found {
            let weight = self.statistics.worth_of(frequency);
            readings.push(Reading { needs: vec![self.leaf(field, &term)], weight, implied: false });
        }
        readings.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        Slot { readings, weight: 2.0 }
    }

    fn bonuses(&mut self, words: &[Option<&Forms>]) {
        let fields = self.statistics.fields;
        let corrections = self.corrections;
        let best = |forms: &Forms| -> Box<str> {
            corrections
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
            self.bonus(fields.head, &term, worth * IN_HEAD, Place::Head);
            let Some(Some(next)) = words.get(n + 1) else { continue };
            let term: Box<str> = format!("{folded} {}", best(next)).into();
            let worth = self.statistics.worth(fields.pairs, &term);
            self.bonus(fields.head, &term, worth * HEAD_TOGETHER, Place::HeadPair);
            self.bonus(fields.pairs, &term, worth * TOGETHER, Place::Pair);
        }
    }

    fn bonus(&mut self, field: Field, term: &str, weight: f64, found: Place) {
        if self.statistics.frequency(field, term) > 0 {
            let leaf = self.leaf(field, term);
            self.plan.bonuses.push(Bonus { leaf, weight, found });
        }
    }
}
