//! One pass over all units: which satisfy the plan, in which documents, and the likeliest of them.
//!
//! A window at a time. What each reading and bonus is worth is a small integer here, and the
//! sums of sixty-four units are added at once, bit by bit, in planes: plane *p* holds bit *p* of
//! every unit's sum. How often a word is there does not count yet; that is for the second look
//! at the best few. Sums are exact and ties are decided by document, so that the answer does not
//! depend on how the index was built.

use super::phrase::Phrase;
use super::plan::{Leaf, Plan, Test};
use super::space::{LENGTH_PLANES, Space, Units, WINDOW, WORDS, Window};
use std::sync::Arc;
use tantivy::TERMINATED;
use tantivy::schema::IndexRecordOption;

/// Bits of a sum.
const PLANES: usize = 10;
/// The largest sum a unit may reach.
const LARGEST: f64 = 1000.0;
/// What the shortest units are ahead of the longest, as a share of all slots.
const SHORT: f64 = 0.4;
/// Where words may be missing: what a slot is worth for being there at all, beside its weight.
const THERE: f64 = 2.5;
/// Things that can be told apart of one unit; those of longer queries have no say in the first look.
pub(crate) const TRAITS: usize = 256;
/// Windows with fewer units than this are summed unit by unit.
const FEW: u32 = 24;

/// A unit that may be among the best, and what it has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    pub(crate) unit: u32,
    pub(crate) card: u32,
    sum: u16,
    traits: [u64; TRAITS / 64],
}

impl Candidate {
    /// Whether it has a trait: the readings of all slots first, then the bonuses.
    pub(crate) fn has(&self, n: usize) -> bool {
        n < TRAITS && self.traits[n / 64] >> (n % 64) & 1 == 1
    }
}

/// What is wanted of a pass.
pub(crate) struct Wanted {
    /// Candidates at most.
    pub(crate) candidates: usize,
    /// Of one document at most.
    pub(crate) per_document: usize,
    /// Whether the documents are listed.
    pub(crate) documents: bool,
}

/// What a pass found.
#[derive(Default)]
pub(crate) struct Swept {
    /// The likeliest units, in order of their numbers.
    pub(crate) candidates: Vec<Candidate>,
    /// Every document with a unit that satisfies the plan, in no order.
    pub(crate) documents: Vec<u32>,
}

// A query holds a handful of these; a box would cost a jump a window.
#[allow(clippy::large_enum_variant)]
enum Source {
    Units(Units),
    Phrase { words: Vec<Arc<super::space::Known>>, open: Option<(u32, Option<Phrase>)> },
}

/// Sets of the window at hand, each filled when first asked for.
struct Sets<'s> {
    space: &'s Space,
    window: usize,
    sources: Vec<Source>,
    windows: Vec<Window>,
    /// The window each set was last filled for, and whether anything is in it.
    filled: Vec<(usize, bool)>,
}

impl Sets<'_> {
    /// The set of a leaf; `None` if it is empty.
    fn get(&mut self, leaf: usize) -> Option<&Window> {
        if self.filled[leaf].0 != self.window {
            self.windows[leaf] = [0; WORDS];
            let out = &mut self.windows[leaf];
            let any = match &mut self.sources[leaf] {
                Source::Units(units) => units.fill(self.space, self.window, out),
                Source::Phrase { words, open } => fill_phrase(self.space, words, open, self.window, out),
            };
            self.filled[leaf] = (self.window, any);
        }
        self.filled[leaf].1.then(|| &self.windows[leaf])
    }

    /// Narrows `set` to the units that pass a test; tells whether any is left.
    fn narrow(&mut self, test: &Test, set: &mut Window) -> bool {
        match test {
            Test::Leaf(leaf) => match self.get(*leaf) {
                Some(own) => and(set, own),
                None => false,
            },
            Test::All(parts) => parts.iter().all(|part| self.narrow(part, set)),
            Test::Any(parts) => {
                if let [part] = &parts[..] {
                    return self.narrow(part, set);
                }
                let mut any = [0; WORDS];
                for part in parts {
                    let mut own = *set;
                    if self.narrow(part, &mut own) {
                        or(&mut any, &own);
                    }
                }
                *set = any;
                set.iter().any(|word| *word != 0)
            }
            Test::Not(inner) => {
                let mut own = *set;
                if self.narrow(inner, &mut own) {
                    and_not(set, &own);
                }
                set.iter().any(|word| *word != 0)
            }
        }
    }
}

fn fill_phrase(
    space: &Space,
    words: &[Arc<super::space::Known>],
    open: &mut Option<(u32, Option<Phrase>)>,
    window: usize,
    out: &mut Window,
) -> bool {
    let (segment, start) = space.place(window);
    if open.as_ref().is_none_or(|(own, _)| *own != segment) {
        *open = Some((segment, phrase(space, words, segment)));
    }
    let Some((_, Some(phrase))) = open else { return false };
    let end = start + WINDOW as u32;
    let mut any = false;
    let mut doc = phrase.find(start);
    while doc < end && doc != TERMINATED {
        let unit = (doc - start) as usize;
        out[unit / 64] |= 1 << (unit % 64);
        any = true;
        doc = phrase.find(doc + 1);
    }
    any
}

/// A phrase in one segment.
pub(crate) fn phrase(space: &Space, words: &[Arc<super::space::Known>], segment: u32) -> Option<Phrase> {
    let option = IndexRecordOption::WithFreqsAndPositions;
    let lists: Option<Vec<_>> = words.iter().map(|known| space.postings(known, segment, option)).collect();
    lists.map(Phrase::new)
}

fn and(set: &mut Window, other: &Window) -> bool {
    let mut any = 0;
    for (word, other) in set.iter_mut().zip(other) {
        *word &= other;
        any |= *word;
    }
    any != 0
}

fn or(set: &mut Window, other: &Window) {
    set.iter_mut().zip(other).for_each(|(word, other)| *word |= other);
}

fn and_not(set: &mut Window, other: &Window) {
    set.iter_mut().zip(other).for_each(|(word, other)| *word &= !other);
}

/// A trait's units in the window, what it adds to their sums, and its number if it has one.
struct Trait {
    set: Window,
    worth: u16,
    number: usize,
}

/// The weights of a plan as small integers.
struct Worths {
    /// For each slot those of its readings, and that of being there at all.
    slots: Vec<(Vec<u16>, u16)>,
    bonuses: Vec<u16>,
    lengths: [u16; LENGTH_PLANES],
}

impl Worths {
    fn of(plan: &Plan) -> Worths {
        let best = |readings: &[super::plan::Reading]| readings.first().map_or(0.0, |reading| reading.weight);
        let there = if plan.most { THERE } else { 0.0 };
        let slots: f64 = plan.slots.iter().map(|slot| best(&slot.readings)).sum();
        let presence: f64 = plan.slots.iter().map(|slot| slot.weight * there).sum();
        let bonuses: f64 = plan.bonuses.iter().map(|bonus| bonus.weight).sum();
        let short = SHORT * slots;
        let unit = LARGEST / (slots + presence + bonuses + short).max(1e-9);
        let small = |weight: f64| (weight * unit).round().max(0.0) as u16;
        Worths {
            slots: plan
                .slots
                .iter()
                .map(|slot| {
                    (slot.readings.iter().map(|reading| small(reading.weight)).collect(), small(slot.weight * there))
                })
                .collect(),
            bonuses: plan.bonuses.iter().map(|bonus| small(bonus.weight)).collect(),
            lengths: std::array::from_fn(|plane| small(short * f64::from(1 << plane) / 7.0)),
        }
    }
}

/// The best candidates so far.
struct Best<'w> {
    wanted: &'w Wanted,
    kept: Vec<Candidate>,
    /// Units below this sum are out.
    least: u16,
}

impl Best<'_> {
    fn add(&mut self, candidate: Candidate) {
        self.kept.push(candidate);
        if self.kept.len() >= 4 * self.wanted.candidates + 64 {
            self.prune();
        }
    }

    /// Keeps the best, never more of one document than wanted.
    fn prune(&mut self) {
        self.kept.sort_unstable_by(|a, b| b.sum.cmp(&a.sum).then(a.card.cmp(&b.card)).then(a.unit.cmp(&b.unit)));
        let mut counts: rustc_hash::FxHashMap<u32, usize> = rustc_hash::FxHashMap::default();
        let most = self.wanted.per_document;
        self.kept.retain(|candidate| {
            let count = counts.entry(candidate.card).or_default();
            *count += 1;
            *count <= most
        });
        self.kept.truncate(self.wanted.candidates);
        if self.kept.len() == self.wanted.candidates {
            self.least = self.kept.last().map_or(0, |last| last.sum);
        }
    }
}

/// Sweeps over all units.
pub(crate) fn sweep(space: &Space, plan: &Plan, wanted: &Wanted) -> Swept {
    let sources: Vec<Source> = plan
        .leaves
        .iter()
        .map(|leaf| match leaf {
            Leaf::Term(known) => Source::Units(Units::of(space, known)),
            Leaf::Allowed(set) => Source::Units(Units::Set(Arc::clone(set))),
            Leaf::Phrase(words) => Source::Phrase { words: words.clone(), open: None },
        })
        .collect();
    let n = sources.len();
    let mut sets =
        Sets { space, window: 0, sources, windows: vec![[0; WORDS]; n], filled: vec![(usize::MAX, false); n] };
    let worths = Worths::of(plan);
    let mut best = Best { wanted, kept: Vec::new(), least: 0 };
    let mut documents = Vec::new();
    let mut traits: Vec<Trait> = Vec::new();
    for window in 0..space.n_windows() {
        sets.window = window;
        let mut units = *space.alive(window);
        if !sets.narrow(&plan.test, &mut units) {
            continue;
        }
        if wanted.documents {
            list_documents(space, window, &units, &mut documents);
        }
        traits.clear();
        if wanted.candidates > 0 && collect(plan, &worths, &mut sets, &mut units, best.least, &mut traits) {
            rank(space, window, &units, &traits, &mut best);
        }
    }
    best.prune();
    best.kept.sort_unstable_by_key(|candidate| candidate.unit);
    Swept { candidates: best.kept, documents }
}

/// Adds the documents of a window. The units of a document are neighbours.
fn list_documents(space: &Space, window: usize, units: &Window, documents: &mut Vec<u32>) {
    for (n, word) in units.iter().enumerate() {
        let first = (window * WINDOW + n * 64) as u32;
        let mut rest = *word;
        while rest != 0 {
            let card = space.card(first + rest.trailing_zeros());
            if documents.last() != Some(&card) {
                documents.push(card);
            }
            let end = space.span(card).1 - first;
            rest = if end >= 64 { 0 } else { rest & (u64::MAX << end) };
        }
    }
}

/// The traits of the units of a window; tells whether any unit can reach `least`.
fn collect(
    plan: &Plan,
    worths: &Worths,
    sets: &mut Sets<'_>,
    units: &mut Window,
    least: u16,
    traits: &mut Vec<Trait>,
) -> bool {
    let mut number = 0;
    let mut any = [0; WORDS];
    let mut reachable = worths.bonuses.iter().chain(&worths.lengths).map(|worth| u32::from(*worth)).sum::<u32>();
    for (slot, (readings, there)) in plan.slots.iter().zip(&worths.slots) {
        let mut found = [0; WORDS];
        let mut dearest = 0;
        for (reading, &worth) in slot.readings.iter().zip(readings) {
            let mut set = *units;
            and_not(&mut set, &found);
            if reading.needs.iter().all(|leaf| sets.get(*leaf).is_some_and(|own| and(&mut set, own))) {
                or(&mut found, &set);
                dearest = dearest.max(worth);
                traits.push(Trait { set, worth, number });
            }
            number += 1;
        }
        if *there > 0 && found.iter().any(|word| *word != 0) {
            traits.push(Trait { set: found, worth: *there, number: usize::MAX });
            dearest += there;
        }
        reachable += u32::from(dearest);
        or(&mut any, &found);
    }
    if plan.most && !and(units, &any) {
        return false;
    }
    if reachable < u32::from(least) {
        return false;
    }
    for (bonus, &worth) in plan.bonuses.iter().zip(&worths.bonuses) {
        let mut set = *units;
        if sets.get(bonus.leaf).is_some_and(|own| and(&mut set, own)) {
            traits.push(Trait { set, worth, number });
        }
        number += 1;
    }
    for (plane, &worth) in worths.lengths.iter().enumerate() {
        let mut set = *units;
        if and(&mut set, sets.space.lengths(plane, sets.window)) {
            traits.push(Trait { set, worth, number: usize::MAX });
        }
    }
    true
}

/// Sums up the traits of each unit and offers the best.
fn rank(space: &Space, window: usize, units: &Window, traits: &[Trait], best: &mut Best<'_>) {
    let many = units.iter().map(|word| word.count_ones()).sum::<u32>() >= FEW;
    let planes = if many { add_up(traits) } else { [[0; WORDS]; PLANES] };
    for n in 0..WORDS {
        let mut rest = units[n];
        if many && rest != 0 {
            rest = at_least(&planes, n, best.least, rest);
        }
        while rest != 0 {
            let bit = rest.trailing_zeros();
            rest &= rest - 1;
            let sum = match many {
                true => (0..PLANES).map(|plane| ((planes[plane][n] >> bit & 1) as u16) << plane).sum(),
                false => traits.iter().map(|own| (own.set[n] >> bit & 1) as u16 * own.worth).sum::<u16>(),
            };
            let unit = (window * WINDOW + n * 64) as u32 + bit;
            let card = space.card(unit);
            let last = best.kept.get(best.wanted.candidates.wrapping_sub(1));
            // On a tie the documents with the smaller numbers stay.
            if sum < best.least || (sum == best.least && best.least > 0 && last.is_some_and(|last| last.card < card)) {
                continue;
            }
            let mut own = [0; TRAITS / 64];
            for found in traits.iter().filter(|found| found.number < TRAITS) {
                own[found.number / 64] |= (found.set[n] >> bit & 1) << (found.number % 64);
            }
            best.add(Candidate { unit, card, sum, traits: own });
        }
    }
}

/// The sums of all units of a window, as planes.
fn add_up(traits: &[Trait]) -> [Window; PLANES] {
    let mut planes = [[0; WORDS]; PLANES];
    for found in traits {
        let mut carry = [0_u64; WORDS];
        let lowest = found.worth.trailing_zeros().min(15) as usize;
        for (bit, plane) in planes.iter_mut().enumerate().skip(lowest) {
            if found.worth >> bit == 0 && carry.iter().all(|word| *word == 0) {
                break;
            }
            if found.worth >> bit & 1 == 1 {
                for ((sum, carry), own) in plane.iter_mut().zip(&mut carry).zip(&found.set) {
                    let (a, b) = (*sum, *own);
                    *sum = a ^ b ^ *carry;
                    *carry = (a & b) | (*carry & (a ^ b));
                }
            } else {
                for (sum, carry) in plane.iter_mut().zip(&mut carry) {
                    let a = *sum;
                    *sum = a ^ *carry;
                    *carry &= a;
                }
            }
        }
    }
    planes
}

/// Of the units `of` in word `n`, those whose sum is `least` or more.
fn at_least(planes: &[Window; PLANES], n: usize, least: u16, of: u64) -> u64 {
    let (mut more, mut same) = (0, of);
    for plane in (0..PLANES).rev() {
        let own = planes[plane][n];
        if least >> plane & 1 == 1 {
            same &= own;
        } else {
            more |= same & own;
            same &= !own;
        }
    }
    more | same
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_in_planes_are_the_sums_of_every_unit() {
        let traits: Vec<Trait> = [3_u16, 5, 60, 127, 300, 1, 0]
            .iter()
            .enumerate()
            .map(|(n, &worth)| {
                let word = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(2 * n as u64 + 1);
                let set = std::array::from_fn(|at| word.rotate_left((at * 7) as u32));
                Trait { set, worth, number: n }
            })
            .collect();
        let planes = add_up(&traits);
        for n in 0..WORDS {
            for bit in 0..64 {
                let own: u16 = traits.iter().map(|own| (own.set[n] >> bit & 1) as u16 * own.worth).sum();
                let sum: u16 = (0..PLANES).map(|plane| ((planes[plane][n] >> bit & 1) as u16) << plane).sum();
                assert_eq!(own, sum);
                for least in [0, 1, own, own + 1, 400] {
                    assert_eq!(at_least(&planes, n, least, 1 << bit) != 0, own >= least);
                }
            }
        }
    }
}
