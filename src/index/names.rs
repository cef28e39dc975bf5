//! Types and issuers, each once: what filters compare and facets count.

use super::Index;
use super::analyzer::key;
use super::cards::Card;
use super::numbers;
use super::query::{FieldName, Filter, Fit};
use jiff::civil::Date;
use rustc_hash::{FxBuildHasher, FxHashMap};
use serde::Serialize;
use std::hash::BuildHasher;
use std::sync::Arc;

/// Filters remembered as sets of units.
const REMEMBERED: usize = 64;

/// English names of types, and the folded names they stand for.
const KINDS: [(&str, &str); 15] = [
    ("circular", "thong tu"),
    ("code", "bo luat"),
    ("conclusion", "ket luan"),
    ("decision", "quyet dinh"),
    ("decree", "nghi dinh"),
    ("directive", "chi thi"),
    ("guidance", "huong dan"),
    ("law", "luat"),
    ("letter", "cong van"),
    ("notice", "thong bao"),
    ("ordinance", "phap lenh"),
    ("plan", "ke hoach"),
    ("regulation", "quy dinh"),
    ("report", "bao cao"),
    ("resolution", "nghi quyet"),
];

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

/// Different names, numbered. The first is that of documents that have none.
#[derive(Debug)]
pub(crate) struct Names {
    shown: Vec<String>,
    folded: Vec<String>,
    numbers: FxHashMap<String, u32>,
}

impl Names {
    fn new() -> Names {
        Names { shown: vec![String::new()], folded: vec![String::new()], numbers: FxHashMap::default() }
    }

    fn number(&mut self, name: &str) -> u32 {
        if name.trim().is_empty() {
            return 0;
        }
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.shown.len() as u32;
        self.shown.push(name.to_owned());
        self.folded.push(key(name));
        self.numbers.insert(name.to_owned(), number);
        number
    }

    /// The names that have one of `values` as whole words, by number.
    fn with(&self, values: &[String]) -> Vec<bool> {
        let has = |name: &String, value: &String| format!(" {name} ").contains(&format!(" {value} "));
        self.folded.iter().map(|name| values.iter().any(|value| has(name, value))).collect()
    }

    /// How a folded value fits the names.
    fn fit(&self, value: &str) -> Fit {
        let mut fit = Fit::No;
        for name in &self.folded {
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
}

/// All names of the archive.
#[derive(Debug)]
pub(crate) struct AllNames {
    kinds: Names,
    issuers: Names,
    /// Issuers in both forms, short and as printed.
    bodies: Names,
}

impl AllNames {
    /// The folded type of that number.
    pub(crate) fn kind(&self, number: u32) -> &str {
        &self.kinds.folded[number as usize]
    }

    /// The folded issuer of that number, in both forms.
    pub(crate) fn body(&self, number: u32) -> &str {
        &self.bodies.folded[number as usize]
    }
}

/// What filters and facets compare of one document; small, since facets look at thousands of them.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) kind: u32,
    issuer: u32,
    pub(crate) body: u32,
    /// Of signing; 0 if there is no date.
    year: u16,
}

/// The folded titles of all cards.
#[derive(Debug, Default)]
pub(crate) struct Titles {
    whole: Vec<String>,
    /// The words of type and title of each, one after another, as [`word_key`] tells them apart.
    words: Vec<u32>,
    ends: Vec<u32>,
}

impl Titles {
    /// The folded title of a card.
    pub(crate) fn whole(&self, card: u32) -> &str {
        &self.whole[card as usize]
    }

    /// The words of its type and title, in order.
    pub(crate) fn words(&self, card: u32) -> &[u32] {
        let start = card.checked_sub(1).map_or(0, |before| self.ends[before as usize]);
        &self.words[start as usize..self.ends[card as usize] as usize]
    }
}

/// A word in a number's room. Two words may share one: a title is then taken for a better match than it is.
pub(crate) fn word_key(word: &str) -> u32 {
    (FxBuildHasher.hash_one(word) >> 32) as u32
}

/// The names of all cards, the keys of each, and the titles.
pub(crate) fn collect(cards: &[Card]) -> (AllNames, Vec<Keys>, Titles) {
    let mut names = AllNames { kinds: Names::new(), issuers: Names::new(), bodies: Names::new() };
    let mut titles = Titles::default();
    let keys = cards
        .iter()
        .map(|card| {
            let (short, printed) = (card.issuer.as_deref(), card.issuer_printed.as_deref());
            let body = format!("{} {}", short.unwrap_or_default(), printed.unwrap_or_default());
            let kind = names.kinds.number(card.kind.as_deref().unwrap_or_default());
            let title = key(card.title.as_deref().unwrap_or_default());
            let words = names.kinds.folded[kind as usize].split(' ').chain(title.split(' '));
            titles.words.extend(words.filter(|word| !word.is_empty()).map(word_key));
            titles.ends.push(titles.words.len() as u32);
            titles.whole.push(title);
            Keys {
                kind,
                issuer: names.issuers.number(short.unwrap_or_default()),
                body: names.bodies.number(&body),
                year: card.date.map_or(0, |date| u16::try_from(date.year()).unwrap_or(0)),
            }
        })
        .collect();
    (names, keys, titles)
}

/// The status of every card on one day.
#[derive(Debug)]
pub(crate) struct Day {
    at: Option<Date>,
    names: Vec<String>,
    of: Vec<u8>,
}

/// Sets of units that filters allowed before.
pub(crate) type Remembered = Vec<(Filter, Option<Date>, Arc<[u64]>)>;

impl Index {
    /// How a name typed without quotes fits the types or issuers of the archive.
    pub(crate) fn fit(&self, field: FieldName, value: &str) -> Fit {
        match field {
            FieldName::Kind => self.names.kinds.fit(value),
            _ => self.names.bodies.fit(value),
        }
    }

    /// The status of every card on a day; the last day asked for is remembered.
    fn day_of(&self, at: Option<Date>) -> Arc<Day> {
        let remembered = || self.day.lock().ok()?.as_ref().filter(|day| day.at == at).map(Arc::clone);
        if let Some(day) = remembered() {
            return day;
        }
        let mut names: Vec<String> = Vec::new();
        let of = self.cards.iter().map(|card| {
            let status = at.and_then(|at| self.validity.status(&card.id, at)).unwrap_or("unknown");
            let known = names.iter().position(|name| name == status);
            known.unwrap_or_else(|| {
                names.push(status.to_owned());
                names.len() - 1
            }) as u8
        });
        let of = of.collect();
        let day = Arc::new(Day { at, names, of });
        if let Ok(mut last) = self.day.lock() {
            *last = Some(Arc::clone(&day));
        }
        day
    }

    /// The units a filter allows.
    pub(crate) fn allow(&self, filter: &Filter, at: Option<Date>) -> Arc<[u64]> {
        let at = at.filter(|_| matches!(filter, Filter::Status(_)));
        let remembered = || {
            let filters = self.filters.lock().ok()?;
            let found = filters.iter().find(|(own, day, _)| own == filter && *day == at);
            found.map(|(.., set)| Arc::clone(set))
        };
        if let Some(set) = remembered() {
            return set;
        }
        let allowed = self.allowed(filter, at);
        let set = self.space.units_of((0..self.cards.len() as u32).filter(|card| allowed[*card as usize]));
        if let Ok(mut filters) = self.filters.lock() {
            if filters.len() >= REMEMBERED {
                filters.remove(0);
            }
            filters.push((filter.clone(), at, Arc::clone(&set)));
        }
        set
    }

    fn allowed(&self, filter: &Filter, at: Option<Date>) -> Vec<bool> {
        let readings = |value: &String| {
            let mut all = self.synonyms.readings(value);
            all.push(value.clone());
            all
        };
        match filter {
            Filter::Number(value) => {
                let parts = numbers::parts(value);
                (0..self.cards.len()).map(|n| self.numbers.has(n, &parts)).collect()
            }
            Filter::Kind(value) => {
                let mut all = readings(value);
                all.extend(KINDS.iter().filter(|(name, _)| name == value).map(|(_, kind)| (*kind).to_owned()));
                let with = self.names.kinds.with(&all);
                self.keys.iter().map(|keys| with[keys.kind as usize]).collect()
            }
            Filter::Issuer(value) => {
                let with = self.names.bodies.with(&readings(value));
                self.keys.iter().map(|keys| with[keys.body as usize]).collect()
            }
            Filter::Title(value) => {
                let has = |title: &str| value.split(' ').all(|word| title.split(' ').any(|own| own == word));
                self.titles.whole.iter().map(|title| has(title)).collect()
            }
            Filter::Dates(from, to) => {
                self.cards.iter().map(|card| card.date.is_some_and(|date| *from <= date && date <= *to)).collect()
            }
            Filter::Status(status) => {
                let day = self.day_of(at);
                day.of.iter().map(|own| day.names[*own as usize] == *status).collect()
            }
            Filter::Article(_) => vec![true; self.cards.len()],
        }
    }

    /// Counts documents by what they are.
    pub(crate) fn facets(&self, documents: &[u32], at: Option<Date>) -> Facets {
        let mut kinds = vec![0; self.names.kinds.shown.len()];
        let mut issuers = vec![0; self.names.issuers.shown.len()];
        let day = at.map(|_| self.day_of(at));
        let mut statuses = vec![0; day.as_ref().map_or(0, |day| day.names.len())];
        let mut years: Vec<usize> = Vec::new();
        for &document in documents {
            let keys = &self.keys[document as usize];
            kinds[keys.kind as usize] += 1;
            issuers[keys.issuer as usize] += 1;
            if years.len() <= keys.year as usize {
                years.resize(keys.year as usize + 1, 0);
            }
            years[keys.year as usize] += 1;
            if let Some(day) = &day {
                statuses[day.of[document as usize] as usize] += 1;
            }
        }
        let dated = years.iter().enumerate().skip(1).rev().filter(|(_, count)| **count > 0);
        Facets {
            kinds: by_size(&self.names.kinds.shown, &kinds),
            issuer: by_size(&self.names.issuers.shown, &issuers),
            year: dated.map(|(year, count)| (year as i16, *count)).collect(),
            status: day.map_or_else(Vec::new, |day| by_size(&day.names, &statuses)),
        }
    }
}

/// The names that occur, the most frequent first.
fn by_size(names: &[String], counts: &[usize]) -> Vec<(String, usize)> {
    let mut found: Vec<(&String, usize)> = names
        .iter()
        .zip(counts)
        .filter(|(name, count)| **count > 0 && !name.is_empty())
        .map(|(n, c)| (n, *c))
        .collect();
    found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    found.into_iter().map(|(name, count)| (name.clone(), count)).collect()
}
