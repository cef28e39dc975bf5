//! Who is who: copies of one paper, and the paper a reference means.

use super::misprint::Shelf;
use crate::citation::Relation;
use crate::graph::facts::{self, Facts, Reference};
use crate::graph::{Doubt, Node, NodeIndex, number_key};
use crate::text::fold;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// A document while the graph is being built.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Draft {
    pub(super) node: Node,
    pub(super) kind: Option<String>,
    pub(super) issuer: Option<String>,
    pub(super) locality: Option<String>,
}

impl Draft {
    pub(super) fn into_node(self) -> Node {
        self.node
    }
}

/// The document a reference means, and why where that is not plain.
#[derive(Clone, Debug)]
pub(super) struct Match {
    pub(super) node: NodeIndex,
    pub(super) why: Option<String>,
}

/// A reference with the document in which it stands.
pub(super) struct Mention<'m> {
    pub(super) own: &'m Facts,
    pub(super) owner: NodeIndex,
    pub(super) reference: &'m Reference,
}

/// Every document known so far.
#[derive(Debug, Default)]
pub(super) struct Registry {
    pub(super) drafts: Vec<Draft>,
    pub(super) doubts: Vec<Doubt>,
    by_number: FxHashMap<String, Vec<NodeIndex>>,
    by_name: FxHashMap<String, Vec<NodeIndex>>,
    ids: FxHashMap<String, NodeIndex>,
    pub(super) shelf: Shelf,
    /// A number was looked for among misprints.
    pub(super) asked: bool,
}

/// Which places a passive clause changes: “Điều 8 của A được sửa đổi bởi khoản 5 Điều 1 của B” has those of A beside
/// the ones of B, which are no places of A. Where B stands without places, A is meant as a whole.
pub(super) fn changed_places(own: &Facts, k: usize) -> &[String] {
    let reference = &own.references[k];
    let Some(of) = reference.of.as_deref().filter(|_| !reference.locators.is_empty()) else { return &[] };
    let named = |other: &&Reference| {
        let number = other.likely.as_deref().or(other.number.as_deref());
        let same = |name: &str| number_key(name) == number_key(of) || name_key(name).0 == name_key(of).0;
        other.sentence == reference.sentence && (number.is_some_and(same) || other.name.as_deref().is_some_and(same))
    };
    own.references[..k].iter().rev().find(named).map_or(&[], |other| &other.locators)
}

/// Why two facts are copies of one paper; `None` where they are not, or nothing shows it.
///
/// Number, date, type and issuer make a paper. Where a scan lost its number or its date, a title
/// in the same words stands in for it.
pub(super) fn same_paper(a: &Facts, b: &Facts) -> Option<&'static str> {
    let agree = |a: &Option<String>, b: &Option<String>| match (a, b) {
        (Some(a), Some(b)) => fold(a) == fold(b),
        _ => true,
    };
    let issuers = match (&a.issuer, &b.issuer) {
        (Some(a), Some(b)) => bodies_agree(&fold(a), &fold(b)) != Some(false),
        _ => true,
    };
    // `54/2014/QH13` is one paper, whatever body a copy has at its head.
    let national = |number: &str| year_of(number).is_some() && !number_is_local(number);
    let of_the_state = a.number.as_deref().is_some_and(national) && b.number.as_deref().is_some_and(national);
    let bodies = of_the_state || issuers && homes_agree(&a.locality, &b.locality) != Some(false);
    if !agree(&a.kind, &b.kind) || !bodies {
        return None;
    }
    let numbers = a.number.as_deref().zip(b.number.as_deref()).map(|(a, b)| number_key(a) == number_key(b));
    let dates = a.date.zip(b.date).map(|(a, b)| a == b);
    match (numbers, dates) {
        (Some(true), Some(true)) if issuers => Some("same number, date, type and issuer"),
        (Some(true), Some(true)) => Some("same number, date and type; the number is used once in the country"),
        (Some(true), None) if issuers && titles_agree(a, b) => {
            Some("same number, type, issuer and title; one has no date")
        }
        (None, Some(true)) if issuers && titles_agree(a, b) => {
            Some("same date, type, issuer and title; one has no number")
        }
        _ => None,
    }
}

/// Titles long enough to tell papers apart, in all but the same letters.
fn titles_agree(a: &Facts, b: &Facts) -> bool {
    let (Some(a), Some(b)) = (&a.title, &b.title) else { return false };
    let (a, b) = (name_key(a).0, name_key(b).0);
    a.chars().count().min(b.chars().count()) >= 20 && strsim::normalized_levenshtein(&a, &b) >= 0.9
}

impl Registry {
    /// Enters a held document.
    pub(super) fn hold(&mut self, own: &Facts) {
        let node = Node {
            id: own.id.clone(),
            number: own.number.clone(),
            kind: own.kind.clone(),
            issuer: own.issuer.clone(),
            date: own.date,
            effective: own.effective,
            term: None,
            title: own.title.clone(),
            held: Some(true),
            outline: own.outline.clone(),
            delayed: own.delayed.clone(),
            terms: own.terms.clone(),
            sources: Vec::new(),
            notes: Vec::new(),
        };
        let draft = Draft {
            kind: own.kind.as_deref().map(fold),
            issuer: own.issuer.as_deref().map(fold),
            locality: own.locality.clone(),
            node,
        };
        let n = self.enter(draft);
        self.shelf.enter(n, own.date, own.title.as_deref());
        for name in names_of(own) {
            self.by_name.entry(name).or_default().push(n);
        }
    }

    /// Another copy of a paper that has a node, and why it is one.
    pub(super) fn add_copy(&mut self, n: NodeIndex, copy: &Facts, why: &str) {
        let node = &mut self.drafts[n as usize].node;
        if node.sources.is_empty() {
            node.sources.push(node.id.clone());
        }
        node.sources.push(copy.id.clone());
        node.notes.push(format!("{} is a copy: {why}; the less damaged is shown", copy.id));
        self.ids.insert(copy.id.clone(), n);
        for (own, other) in
            [(&mut node.title, &copy.title), (&mut node.kind, &copy.kind), (&mut node.issuer, &copy.issuer)]
        {
            if own.is_none() {
                own.clone_from(other);
            }
        }
        node.date = node.date.or(copy.date);
        node.effective = node.effective.or(copy.effective);
        if let (None, Some(number)) = (&node.number, &copy.number) {
            node.number = Some(number.clone());
            self.by_number.entry(number_key(number)).or_default().push(n);
        }
    }

    /// The document with this id, or one of whose copies has it.
    pub(super) fn node_of(&self, id: &str) -> Option<NodeIndex> {
        self.ids.get(id).copied()
    }

    /// Enters a document under its number.
    pub(super) fn enter(&mut self, draft: Draft) -> NodeIndex {
        let n = self.drafts.len() as NodeIndex;
        if let Some(number) = &draft.node.number {
            self.by_number.entry(number_key(number)).or_default().push(n);
        }
        self.ids.insert(draft.node.id.clone(), n);
        self.drafts.push(draft);
        n
    }

    /// Enters a document under a name, as [`name_key`] gives it.
    pub(super) fn call(&mut self, name: &str, n: NodeIndex) {
        self.by_name.entry(name.to_owned()).or_default().push(n);
    }

    /// The document a numbered reference means; one that is only cited is made here.
    pub(super) fn find_by_number(&mut self, mention: &Mention<'_>) -> Option<Match> {
        let reference = mention.reference;
        let printed = reference.number.as_deref()?;
        let number = reference.likely.as_deref().unwrap_or(printed);
        let key = number_key(number);
        let mended = (number != printed).then(|| format!("printed {printed}, probably {number}"));
        if let Some(found) = self.find_seen(mention, &key) {
            return Some(found);
        }
        let known = self.by_number.get(&key).map_or(&[][..], Vec::as_slice);
        let mut best: Vec<(NodeIndex, Fit)> = Vec::new();
        for n in known {
            let Some(fit) = self.fit(mention, *n, number) else { continue };
            match best.first() {
                Some((_, before)) if before.score > fit.score => {}
                Some((_, before)) if before.score == fit.score => best.push((*n, fit)),
                _ => best = vec![(*n, fit)],
            }
        }
        match &best[..] {
            [] => {
                if let Some(found) = self.find_misprinted(mention, number) {
                    return Some(found);
                }
                let n = self.make(mention, number);
                let why = mended.unwrap_or_else(|| "cited only: no document of this number is held".to_owned());
                Some(Match { node: n, why: Some(why) })
            }
            [(n, fit)] => {
                let why = mended.or_else(|| fit.note.clone());
                let n = *n;
                let why = Some(why.unwrap_or_else(|| self.plain_why(n, reference)));
                self.learn(n, reference);
                Some(Match { node: n, why })
            }
            several => {
                let ids: Vec<String> = several.iter().map(|(n, _)| self.drafts[*n as usize].node.id.clone()).collect();
                self.doubts.push(Doubt {
                    doc: mention.own.id.clone(),
                    kind: "ambiguous".to_owned(),
                    note: format!("{number} fits {} documents: “{}”", ids.len(), reference.sentence),
                    candidates: ids,
                });
                None
            }
        }
    }

    /// Why a match without anything remarkable is one.
    fn plain_why(&self, n: NodeIndex, reference: &Reference) -> String {
        let node = &self.drafts[n as usize].node;
        let held = if node.held == Some(true) { "" } else { "cited only; " };
        let more = match (reference.date, &reference.term, reference.issuer.is_some()) {
            (Some(date), ..) if node.date == Some(date) => " and date",
            (_, Some(term), _) if node.term.as_ref() == Some(term) => " and term",
            (.., true) => " and issuer, and no other fits",
            _ => ", and no other fits",
        };
        format!("{held}same number{more}")
    }

    /// How well a document of the right number fits; `None` where something contradicts it.
    fn fit(&self, mention: &Mention<'_>, n: NodeIndex, number: &str) -> Option<Fit> {
        let reference = mention.reference;
        let other = &self.drafts[n as usize];
        let mut fit = Fit { score: u32::from(other.node.held == Some(true)), note: None };
        let own_number = mention.own.number.as_deref().is_some_and(|own| number_key(own) == number_key(number));
        if n == mention.owner && own_number && reference.date.is_none_or(|date| Some(date) == mention.own.date) {
            return Some(Fit { score: 100, note: None });
        }
        let home = reference.issuer.as_deref().map(fold).is_none_or(|issuer| facts::is_local(&issuer));
        // A ward's home is no province's: only bodies of one level are told apart by where they are.
        let levels = mention.own.issuer.as_deref().map(fold).zip(other.issuer.as_deref());
        let one_level = levels.is_none_or(|(own, other)| levels_of(&own) == levels_of(other));
        let same_home = if home && one_level { homes_agree(&mention.own.locality, &other.locality) } else { None };
        let same_day = reference.date.is_some() && reference.date == other.node.date;
        if same_home == Some(false) && !same_day {
            return None;
        }
        fit.score += 2 * u32::from(same_home == Some(true));
        let kinds = reference.kind.as_deref().map(fold).zip(other.kind.as_ref()).map(|(a, b)| a == *b);
        let issuers =
            reference.issuer.as_deref().map(fold).zip(other.issuer.as_ref()).and_then(|(a, b)| bodies_agree(&a, b));
        if let (Some(own), Some(other)) = (&reference.term, &other.node.term) {
            if own != other {
                return None;
            }
            fit.score += 8;
        }
        match (reference.date, other.node.date) {
            (Some(own), Some(date)) if own == date => {
                fit.score += 16;
                if kinds == Some(false) {
                    fit.note = Some("same number and date, though called by another type".to_owned());
                } else if issuers == Some(false) {
                    fit.note = Some("same number and date, though said to be of another issuer".to_owned());
                }
            }
            (Some(own), Some(date)) => {
                // A year in the number makes it unique within its issuer, so the date is misprinted or misread. But where
                // it denies the year of the date, either may be wrong, and only the day can tell.
                let denied = year_of(number).is_none_or(|year| year != own.year());
                let of_the_day = year_of(number).is_some() && (own.month(), own.day()) == (date.month(), date.day());
                if denied && !of_the_day || issuers == Some(false) || same_home.is_none() && facts_local(other) {
                    return None;
                }
                fit.note = Some(format!("same number; the reference has {own}, the document {date}"));
            }
            (own, date) => {
                let party_types = year_of(number).is_none() && kinds == Some(false);
                if party_types || issuers == Some(false) {
                    return None;
                }
                // Nobody cites what is not written yet, save from the passive side.
                let passive = matches!(reference.relation, Relation::ReplacedBy | Relation::AmendedBy);
                let later = match (own, date, mention.own.date) {
                    (None, Some(date), Some(citing)) => date > citing,
                    _ => false,
                };
                if later && !passive {
                    return None;
                }
                if own.is_some() && date.is_none() && other.node.held == Some(true) {
                    fit.note = Some("same number; the document's own date is not known".to_owned());
                }
            }
        }
        fit.score += u32::from(kinds == Some(true)) + u32::from(issuers == Some(true));
        Some(fit)
    }

    /// What references say of a document that is only cited.
    fn learn(&mut self, n: NodeIndex, reference: &Reference) {
        let draft = &mut self.drafts[n as usize];
        if draft.node.term.is_none() {
            draft.node.term.clone_from(&reference.term);
        }
        if draft.node.held == Some(true) {
            return;
        }
        if draft.node.date.is_none() {
            draft.node.date = reference.date;
        }
        if draft.node.kind.is_none() {
            draft.node.kind.clone_from(&reference.kind);
            draft.kind = reference.kind.as_deref().map(fold);
        }
        if draft.node.issuer.is_none() {
            draft.node.issuer.clone_from(&reference.issuer);
            draft.issuer = reference.issuer.as_deref().map(fold);
        }
        if let (None, Some(name)) = (&draft.node.title, &reference.name) {
            draft.node.title = Some(name.clone());
            self.by_name.entry(name_key(name).0).or_default().push(n);
        }
    }

    /// Enters a document that is only cited.
    fn make(&mut self, mention: &Mention<'_>, number: &str) -> NodeIndex {
        let reference = mention.reference;
        let issuer = reference.issuer.as_deref().map(fold);
        let local = issuer.as_deref().map_or_else(|| number_is_local(number), facts::is_local);
        let own_level = mention.own.issuer.as_deref().map(|own| levels_of(&fold(own)));
        let one_level = issuer.as_deref().is_none_or(|issuer| own_level.is_none_or(|own| own == levels_of(issuer)));
        let locality = mention.own.locality.clone().filter(|_| local && one_level);
        let mut id = format!("ref:{number}");
        if let Some(date) = reference.date {
            id = format!("{id}@{date}");
        } else if let Some(term) = &reference.term {
            id = format!("{id}@{term}");
        }
        let id = self.free_id(id, [locality.as_deref(), reference.kind.as_deref(), issuer.as_deref()]);
        let node = Node {
            id,
            number: Some(number.to_owned()),
            kind: reference.kind.clone(),
            issuer: reference.issuer.clone(),
            date: reference.date,
            term: reference.term.clone(),
            title: reference.name.clone(),
            held: Some(false),
            ..Node::default()
        };
        let n = self.enter(Draft { kind: reference.kind.as_deref().map(fold), issuer, locality, node });
        if let Some(name) = &reference.name {
            self.by_name.entry(name_key(name).0).or_default().push(n);
        }
        n
    }

    fn free_id(&self, id: String, extras: [Option<&str>; 3]) -> String {
        let mut id = id;
        for extra in extras.into_iter().flatten() {
            if !self.ids.contains_key(&id) {
                return id;
            }
            id = format!("{id}~{}", fold(extra).trim_start_matches('@').replace(' ', "-"));
        }
        let base = id.clone();
        let mut n = 2;
        while self.ids.contains_key(&id) {
            id = format!("{base}~{n}");
            n += 1;
        }
        id
    }

    /// The document that a reference by name means; one that is only cited is made here.
    pub(super) fn find_by_name(&mut self, mention: &Mention<'_>) -> Option<Match> {
        let reference = mention.reference;
        let name = reference.name.as_deref()?;
        let (key, year) = name_key(name);
        let year = reference.date.map(|date| date.year()).or(year);
        let known = self.by_name.get(&key).map_or(&[][..], Vec::as_slice);
        let fits = |n: &&NodeIndex| {
            let other = &self.drafts[**n as usize];
            let date = other.node.date;
            let other_year = date.map(|date| date.year()).or_else(|| other.node.number.as_deref().and_then(year_of));
            let other_year = other_year.or_else(|| other.node.title.as_deref().and_then(|title| name_key(title).1));
            let years = match (year, other_year) {
                (Some(own), Some(other)) => own == other,
                (None, None) | (None, Some(_)) => true,
                (Some(_), None) => false,
            };
            let days = reference.date.zip(date).is_none_or(|(own, other)| own == other);
            // Nobody cites what is not written yet.
            let later = match (date, other_year, mention.own.date) {
                (Some(it), _, Some(own)) => reference.date.is_none() && it > own,
                (None, Some(year), Some(own)) => year > own.year(),
                _ => false,
            };
            let homes = homes_agree(&mention.own.locality, &other.locality) != Some(false);
            years && days && !later && homes && **n != mention.owner
        };
        let mut found: Vec<NodeIndex> = known.iter().filter(fits).copied().collect();
        found.sort_unstable();
        found.dedup();
        // The bare name is no second document beside one of known year.
        let of_year = |n: &NodeIndex| {
            let node = &self.drafts[*n as usize].node;
            node.date.is_some() || node.number.is_some() || node.id.contains('@')
        };
        if found.iter().any(of_year) {
            found.retain(of_year);
        }
        match found[..] {
            [n] => {
                let other = &self.drafts[n as usize].node;
                let why = match &other.number {
                    Some(number) => format!("by name: only {number} is called so"),
                    None => "cited only; same name".to_owned(),
                };
                Some(Match { node: n, why: Some(why) })
            }
            [] => {
                let mut id = format!("ref:{}", key.replace(' ', "-"));
                match (reference.date, year) {
                    (Some(date), _) => id = format!("{id}@{date}"),
                    (None, Some(year)) => id = format!("{id}@{year}"),
                    (None, None) => {}
                }
                let local = facts::is_local(&key);
                let locality = mention.own.locality.clone().filter(|_| local);
                let id = self.free_id(id, [locality.as_deref(), None, None]);
                let node = Node {
                    id,
                    kind: reference.kind.clone(),
                    issuer: reference.issuer.clone(),
                    date: reference.date,
                    term: reference.term.clone(),
                    title: Some(name.to_owned()),
                    held: Some(false),
                    ..Node::default()
                };
                let draft = Draft { kind: reference.kind.as_deref().map(fold), issuer: None, locality, node };
                let n = self.enter(draft);
                self.by_name.entry(key).or_default().push(n);
                Some(Match { node: n, why: Some("cited only: no document of this name is held".to_owned()) })
            }
            _ => {
                let ids: Vec<String> = found.iter().map(|n| self.drafts[*n as usize].node.id.clone()).collect();
                self.doubts.push(Doubt {
                    doc: mention.own.id.clone(),
                    kind: "ambiguous".to_owned(),
                    note: format!("“{name}” fits {} documents", ids.len()),
                    candidates: ids,
                });
                None
            }
        }
    }
}

struct Fit {
    score: u32,
    note: Option<String>,
}

fn facts_local(draft: &Draft) -> bool {
    draft.issuer.as_deref().is_some_and(facts::is_local)
}

/// `12/2019/QĐ-UBND`: a suffix that every province has.
fn number_is_local(number: &str) -> bool {
    let tail = number.rsplit(['/', '-', '.']).next().unwrap_or_default();
    matches!(tail, "UB" | "UBND" | "HĐND" | "TU" | "HU" | "QU" | "ĐU" | "VPTU") || tail.ends_with("TU")
}

/// The year in `48/2019/QĐ-UBND`, and of `80/2015/QH13`.
pub(super) fn year_of(number: &str) -> Option<i16> {
    let year = number.split('/').nth(1)?;
    (year.len() == 4).then(|| year.parse().ok()).flatten()
}

/// Whether two homes are one; a place of signing and the name of a province cannot be compared.
pub(super) fn homes_agree(a: &Option<String>, b: &Option<String>) -> Option<bool> {
    let (a, b) = (a.as_deref()?, b.as_deref()?);
    let (own, other) = (a.trim_start_matches('@'), b.trim_start_matches('@'));
    if own == other || a.starts_with('@') == b.starts_with('@') { Some(own == other) } else { None }
}

/// Whether two (folded) names mean one body; `None` where that cannot be told.
pub(super) fn bodies_agree(a: &str, b: &str) -> Option<bool> {
    if a == b {
        return Some(true);
    }
    let (own, other) = (levels_of(a), levels_of(b));
    if own != 0 && other != 0 && own != other {
        return Some(false);
    }
    if a.contains(b) || b.contains(a) || strsim::normalized_levenshtein(a, b) > 0.85 {
        return Some(true);
    }
    // “Ban Thường vụ Tỉnh ủy” and “Tỉnh ủy”, “Ban Chấp hành Đảng bộ tỉnh”: one house, several bodies.
    if own == other && own != 0 { None } else { Some(false) }
}

/// Levels of government that a (folded) name speaks of, one bit each.
fn levels_of(name: &str) -> u16 {
    const LEVELS: [&str; 9] = ["tinh", "thanh", "huyen", "quan", "xa", "phuong", "thi", "khoi", "trung"];
    name.split_whitespace()
        .filter_map(|word| LEVELS.iter().position(|level| *level == word))
        .fold(0, |bits, n| bits | 1 << n)
}

/// A name folded and without year, and the year it carries: “Luật Lưu trữ năm 2011”.
pub(super) fn name_key(name: &str) -> (String, Option<i16>) {
    let folded = fold(name);
    let mut words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut year = None;
    if let [.., "nam", last] = words[..]
        && last.len() == 4
        && let Ok(number) = last.parse::<i16>()
    {
        year = Some(number);
        words.truncate(words.len() - 2);
    }
    let key = words.join(" ");
    // The long name of the constitution says no more than the short one.
    let short = key.strip_suffix(" nuoc cong hoa xa hoi chu nghia viet nam").filter(|short| *short == "hien phap");
    (short.map_or_else(|| key.clone(), str::to_owned), year)
}

/// Under which names a held document may be cited.
pub(super) fn names_of(own: &Facts) -> Vec<String> {
    let Some(title) = &own.title else { return Vec::new() };
    let title = name_key(title).0;
    let mut names = Vec::new();
    if let Some(kind) = &own.kind {
        let kind = fold(kind);
        names.push(if title.starts_with(&kind) { title.clone() } else { format!("{kind} {title}") });
    }
    if let Some(issued) = title.strip_prefix("ban hanh ").or_else(|| title.strip_prefix("ve viec ban hanh ")) {
        names.push(issued.to_owned());
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_of_two_levels_differ() {
        assert_eq!(bodies_agree("ban thuong vu thanh uy", "ban thuong vu tinh uy"), Some(false));
        assert_eq!(bodies_agree("bo luu tru", "bo truong bo luu tru"), Some(true));
        assert_eq!(bodies_agree("ban thuong vu tinh uy", "ban chap hanh dang bo tinh"), None);
        assert_eq!(bodies_agree("bo noi vu", "bo tai chinh"), Some(false));
    }

    #[test]
    fn a_national_number_is_one_paper_whatever_its_head_says() {
        let paper = |number: &str, issuer: &str| Facts {
            number: Some(number.into()),
            kind: Some("Luật".into()),
            issuer: Some(issuer.into()),
            date: Some("2014-06-23".parse().unwrap()),
            ..Facts::default()
        };
        let copies = |number: &str| same_paper(&paper(number, "Bộ Tài chính"), &paper(number, "Quốc hội")).is_some();
        assert!(copies("54/2014/QH13") && !copies("54-QĐ/TU") && !copies("54/2014/QĐ-UB"));
    }

    #[test]
    fn a_name_carries_its_year() {
        assert_eq!(name_key("Luật Lưu trữ năm 2011"), ("luat luu tru".to_owned(), Some(2011)));
        assert_eq!(name_key("Luật Khiếu nại"), ("luat khieu nai".to_owned(), None));
        let long = "Hiến pháp nước Cộng hòa xã hội chủ nghĩa Việt Nam năm 2013";
        assert_eq!(name_key(long), ("hien phap".to_owned(), Some(2013)));
    }
}
