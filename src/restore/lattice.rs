//! The search: a column of candidates per token, the cheapest path, and how sure each choice is.
//!
//! Two passes. Pairs of words alone, forwards and backwards, say which candidates can be on a good
//! path at all; a beam over language model states decides between those. Costs are integers, so
//! that ties are exact; on a tie the earlier candidate wins, and the scanned form is always the
//! first of its column.
//! Posteriors come from the same beam, forwards and backwards, in integers too.

use super::candidate::MOST_WORDS;
use super::memory::{Memory, NEVER};
use super::ngram::{Ngram, State, WordId};
use super::pairs::{Pairs, Reach};
use std::sync::LazyLock;

/// States kept per column.
const BEAM: usize = 9;
/// A state this much dearer than the cheapest of its column is given up.
const WIDTH: i32 = 4_000;
/// What a longer context can gain over two words, as far as the search hopes.
const HOPE: i32 = 1_000;
/// What any context can gain over none, likewise. Both cost no accuracy on the development set.
const BOLD_HOPE: i32 = 3_000;
/// Costs are divided by this many hundredths before they are read as probabilities: channel and
/// language err together, so their product is surer than it should be.
const TEMPERATURE: i32 = 125;
/// Steps of one column, at most.
pub(crate) const MOST_STEPS: usize = 96;

/// What the search sees of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Channel cost as the search counts it.
    pub(crate) cost: i32,
    pub(crate) words: [WordId; MOST_WORDS],
    pub(crate) n_words: u8,
    /// What the first word costs without context.
    pub(crate) alone: i16,
    /// What the further words cost, each after the one before it alone.
    pub(crate) onward: i16,
    /// Place of the candidate in its column.
    pub(crate) candidate: u16,
}

/// The steps of one token, the most promising first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steps<'c> {
    pub(crate) steps: &'c [Step],
    /// The place of the one step that is left to choose, where the choice stands.
    pub(crate) only: Option<usize>,
}

impl Steps<'_> {
    /// The same with this candidate alone.
    pub(crate) fn pinned(self, candidate: usize) -> Self {
        Steps { only: self.steps.iter().position(|step| usize::from(step.candidate) == candidate), ..self }
    }

    /// The steps that may be chosen, by their places.
    pub(crate) fn open(&self) -> std::ops::Range<usize> {
        self.only.map_or(0..self.steps.len(), |only| only..only + 1)
    }
}

#[derive(Clone, Copy, Debug)]
struct Node {
    state: State,
    /// Of the cheapest path to here.
    cost: i32,
    /// Of all paths to here together, tempered.
    mass: i32,
    /// Of all paths from here to the end, tempered.
    rest: i32,
    back: u32,
    candidate: u16,
}

#[derive(Clone, Copy, Debug)]
struct Arc {
    from: u32,
    to: u32,
    cost: i32,
    candidate: u16,
}

/// What was chosen in one column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) candidate: usize,
    /// Posterior in thousandths.
    pub(crate) confidence: u16,
    /// What is left for all other candidates together, in millibans.
    pub(crate) doubt: i32,
    /// The next best candidate and its posterior, where one was in reach.
    pub(crate) runner_up: Option<(usize, u16)>,
    /// Cost of the choice where it stands, channel and language together, in millibans.
    pub(crate) language: i32,
}

/// The scratch space of searches.
#[derive(Debug, Default)]
pub(crate) struct Search {
    nodes: Vec<Node>,
    next: Vec<Node>,
    next_arcs: Vec<Arc>,
    arcs: Vec<Arc>,
    /// First node and first arc of each column.
    starts: Vec<(usize, usize)>,
    posteriors: Vec<i32>,
    order: Vec<u64>,
    /// Where a surviving state of `next` went.
    survivors: Vec<u32>,
    places: Places,
    pairs: Pairs,
}

/// Channel costs count for this many hundredths: the channel was learned from rendered pages, and
/// a real scanner surprises it more. Seed 000 gains 0.3 points over 100, the development set nothing.
const CHANNEL_PERCENT: i32 = 85;

/// A channel cost as the search counts it.
pub(crate) fn weighted(channel: i32) -> i32 {
    channel * CHANNEL_PERCENT / 100
}

fn tempered(cost: i32) -> i32 {
    cost * 100 / TEMPERATURE
}

/// `-log(10^-a + 10^-b)` in millibans.
#[inline]
fn add(a: i32, b: i32) -> i32 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    match high.saturating_sub(low) {
        apart @ 0..2_600 => low - i32::from(SUMS[apart as usize / 8]),
        _ => low,
    }
}

/// `1000 · log10(1 + 10^(-8i/1000))`, rounded.
static SUMS: LazyLock<[i16; 325]> = LazyLock::new(|| {
    std::array::from_fn(|idx| (1000.0 * (1.0 + 10f64.powf(-(idx as f64) * 8.0 / 1000.0)).log10()).round() as i16)
});

/// `1000 · 10^(-i/1000)`, rounded; all further ones are 0.
static SHARES: LazyLock<Box<[u16]>> =
    LazyLock::new(|| (0..3_302).map(|idx| (1000.0 * 10f64.powf(-f64::from(idx) / 1000.0)).round() as u16).collect());

impl Search {
    /// The choice in each column, first to last, after `begin`. `memory` is what the document
    /// itself has taught.
    pub(crate) fn run<'c>(
        &mut self,
        reach: Reach,
        ngram: &Ngram<'_>,
        memory: Option<&Memory>,
        begin: State,
        columns: impl Iterator<Item = Steps<'c>>,
        out: &mut Vec<Choice>,
    ) {
        let columns: Vec<Steps<'c>> = columns.collect();
        self.pairs.prune(reach, ngram, memory, begin, &columns);
        self.nodes.clear();
        self.arcs.clear();
        self.starts.clear();
        self.nodes.push(Node { state: begin, cost: 0, mass: 0, rest: NEVER, back: 0, candidate: 0 });
        let mut from = 0;
        for (at, column) in columns.into_iter().enumerate() {
            self.starts.push((from, self.arcs.len()));
            from = self.step(ngram, memory, column, self.pairs.kept(at), from);
        }
        self.backward(from, out);
    }

    /// One column: from the nodes `from..` to new ones; their first index.
    fn step(
        &mut self,
        ngram: &Ngram<'_>,
        memory: Option<&Memory>,
        column: Steps<'_>,
        kept: u128,
        from: usize,
    ) -> usize {
        let to = self.nodes.len();
        self.next.clear();
        self.next_arcs.clear();
        self.places.clear();
        let mut limit = i32::MAX;
        for back in from..to {
            let node = self.nodes[back];
            let last = node.state.last().unwrap_or_default();
            let after = memory.map(|memory| memory.after(node.state.last()));
            let given_up = node.state.given_up(1) - BOLD_HOPE;
            let mut rest = kept;
            while rest != 0 {
                let number = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                let step = &column.steps[number];
                let mut path = step.cost;
                if node.cost + path >= limit {
                    continue;
                }
                let after = after.zip(memory.map(|memory| memory.alone(step.words[0])));
                let mut state = node.state;
                if step.n_words > 0 {
                    let word = step.words[0];
                    let hope = i32::from(step.alone) + given_up;
                    let hope = after.map_or(hope, |(after, alone)| after.cost(hope, word, alone));
                    if node.cost + path + hope >= limit {
                        continue;
                    }
                    let pair = ngram.pair(last, word);
                    let (near, exact) = ngram.near_cost(&state, word, pair);
                    let hope = if exact { near } else { near - HOPE };
                    let hope = after.map_or(hope, |(after, alone)| after.cost(hope, word, alone));
                    if node.cost + path + hope >= limit {
                        continue;
                    }
                    let (cost, reached) = ngram.cost_after(&state, word, pair);
                    path += after.map_or(cost, |(after, alone)| after.cost(cost, word, alone));
                    state = reached;
                    for word in &step.words[1..usize::from(step.n_words)] {
                        if node.cost + path >= limit {
                            break;
                        }
                        let (cost, after) = ngram.cost(&state, *word);
                        path += memory
                            .map_or(cost, |memory| memory.after(state.last()).cost(cost, *word, memory.alone(*word)));
                        state = after;
                    }
                }
                let cost = node.cost + path;
                if cost >= limit {
                    continue;
                }
                limit = limit.min(cost.saturating_add(WIDTH));
                let mass = node.mass + tempered(path);
                let place = self.places.of(state.key(), self.next.len());
                match self.next.get_mut(place) {
                    Some(other) => {
                        other.mass = add(other.mass, mass);
                        if (cost, step.candidate) < (other.cost, other.candidate) {
                            (other.cost, other.back, other.candidate) = (cost, back as u32, step.candidate);
                        }
                    }
                    None => self.next.push(Node {
                        state,
                        cost,
                        mass,
                        rest: NEVER,
                        back: back as u32,
                        candidate: step.candidate,
                    }),
                }
                let arc = Arc { from: back as u32, to: place as u32, candidate: step.candidate, cost: path };
                self.next_arcs.push(arc);
            }
        }
        // The beam, in order of cost; where each survivor went, so that its arcs can follow.
        self.order.clear();
        self.order.extend(self.next.iter().enumerate().filter(|(_, node)| node.cost < limit).map(|(place, node)| {
            // Costs are above -2^31, so that this orders them.
            ((i64::from(node.cost) - i64::from(i32::MIN)) as u64) << 32 | u64::from(node.candidate) << 16 | place as u64
        }));
        self.order.sort_unstable();
        self.order.truncate(BEAM);
        self.survivors.clear();
        self.survivors.resize(self.next.len(), u32::MAX);
        for (rank, key) in self.order.iter().enumerate() {
            let place = usize::from(*key as u16);
            self.survivors[place] = (to + rank) as u32;
            self.nodes.push(self.next[place]);
        }
        for arc in &self.next_arcs {
            let place = self.survivors[arc.to as usize];
            if place != u32::MAX {
                self.arcs.push(Arc { to: place, ..*arc });
            }
        }
        to
    }

    fn backward(&mut self, last: usize, out: &mut Vec<Choice>) {
        out.clear();
        let shares = &**SHARES;
        let share = |cost: i32| shares.get(cost.max(0) as usize).copied().unwrap_or(0);
        let mut at = (last..self.nodes.len()).min_by_key(|at| self.nodes[*at].cost).unwrap_or(0);
        let mut total = NEVER;
        for node in &mut self.nodes[last..] {
            node.rest = 0;
            total = add(total, node.mass);
        }
        let mut end = self.arcs.len();
        for &(_, start) in self.starts.iter().rev() {
            self.posteriors.clear();
            for idx in (start..end).rev() {
                let arc = self.arcs[idx];
                let onward = self.nodes[arc.to as usize].rest;
                if onward >= NEVER {
                    continue;
                }
                let onward = onward + tempered(arc.cost);
                let origin = &mut self.nodes[arc.from as usize];
                origin.rest = if origin.rest >= NEVER { onward } else { add(origin.rest, onward) };
                let share = origin.mass + onward - total;
                let candidate = usize::from(arc.candidate);
                if self.posteriors.len() <= candidate {
                    self.posteriors.resize(candidate + 1, NEVER);
                }
                let own = &mut self.posteriors[candidate];
                *own = if *own >= NEVER { share } else { add(*own, share) };
            }
            end = start;
            let node = self.nodes[at];
            let chosen = usize::from(node.candidate);
            let second =
                (0..self.posteriors.len()).filter(|idx| *idx != chosen).min_by_key(|idx| self.posteriors[*idx]);
            let others = (0..self.posteriors.len()).filter(|idx| *idx != chosen).map(|idx| self.posteriors[idx]);
            out.push(Choice {
                candidate: chosen,
                doubt: others.fold(NEVER, |sum, other| if other >= NEVER { sum } else { add(sum, other) }).max(0),
                confidence: share(self.posteriors.get(chosen).copied().unwrap_or(NEVER)).min(1_000),
                runner_up: second
                    .filter(|idx| self.posteriors[*idx] < 3_000)
                    .map(|idx| (idx, share(self.posteriors[idx]))),
                language: node.cost - self.nodes[node.back as usize].cost,
            });
            at = node.back as usize;
        }
        out.reverse();
    }
}

/// From a state's key to its place among the arrivals of one column.
#[derive(Debug)]
struct Places {
    slots: Box<[(u64, u32, u32); Places::SLOTS]>,
    round: u32,
}

impl Default for Places {
    fn default() -> Places {
        Places { slots: Box::new([(0, 0, 0); Places::SLOTS]), round: 0 }
    }
}

impl Places {
    /// More than a full beam and a full column can make.
    const SLOTS: usize = 1_024;
    const _FIT: () = assert!(Places::SLOTS > BEAM * MOST_STEPS);

    fn clear(&mut self) {
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            *self = Places { round: 1, ..Places::default() };
        }
    }

    /// The place under which `key` came first; `fresh`, if it did not come yet.
    #[inline]
    fn of(&mut self, key: u64, fresh: usize) -> usize {
        let mut slot = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54) as usize;
        loop {
            let held = &mut self.slots[slot % Places::SLOTS];
            if held.2 != self.round {
                *held = (key, fresh as u32, self.round);
                return fresh;
            }
            if held.0 == key {
                return held.1 as usize;
            }
            slot += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::train::{Recipe, Text, train};
    use super::*;

    fn step(ngram: &Ngram<'_>, word: &str, cost: i32, candidate: u16) -> Step {
        let id = ngram.id(word).unwrap();
        let mut words = [WordId::default(); MOST_WORDS];
        words[0] = id;
        Step { cost, words, n_words: 1, alone: ngram.unigram_cost(id) as i16, onward: 0, candidate }
    }

    /// Which candidates are chosen where each column offers these words at these channel costs.
    fn chosen(ngram: &Ngram<'_>, search: &mut Search, columns: &[&[(&str, i32)]]) -> Vec<usize> {
        let steps: Vec<Vec<Step>> = columns
            .iter()
            .map(|column| (0..).zip(*column).map(|(at, (word, cost))| step(ngram, word, *cost, at)).collect())
            .collect();
        let columns = steps.iter().map(|steps| Steps { steps, only: None });
        let mut out = Vec::new();
        search.run(Reach::WIDE, ngram, None, ngram.begin(), columns, &mut out);
        out.iter().map(|choice| choice.candidate).collect()
    }

    #[test]
    fn language_outweighs_an_undamaged_spelling() {
        // `khoản điều` is all that the text ever says, `khoan dieu` hardly anything:
        //
        //        scanned: "khoan"              "dieu"
        //  <s> --+300--> khoản(300) --+300--> điều(300) --> chosen
        //   \----+0----> khoan(0)   --+0----> dieu(0)   --> dearer by what language says
        let text = format!("{}khoan\ndieu\nkhoan\ndieu\n", "khoản điều\n".repeat(50));
        let texts = vec![Text { name: "tiny", weight: 1.0, text: &text }];
        let model = train(&Recipe { texts, pairs: Vec::new(), order: 3, n_grams: 1000 }, &|_| ()).model;
        let (ngram, mut search) = (model.ngram(), Search::default());
        let columns: [&[(&str, i32)]; 2] = [&[("khoan", 0), ("khoản", 300)], &[("dieu", 0), ("điều", 300)]];
        assert_eq!(chosen(&ngram, &mut search, &columns), [1, 1]);
        let columns: [&[(&str, i32)]; 2] = [&[("khoản", 0), ("khoan", 9_000)], &[("điều", 0), ("dieu", 300)]];
        assert_eq!(chosen(&ngram, &mut search, &columns), [0, 0]);
    }

    #[test]
    fn a_tie_keeps_the_scanned_form() {
        let texts = vec![Text { name: "tiny", weight: 1.0, text: "ủy viên\nủy ban\nủy viên\nủy ban\n" }];
        let model = train(&Recipe { texts, pairs: Vec::new(), order: 2, n_grams: 100 }, &|_| ()).model;
        let (ngram, mut search) = (model.ngram(), Search::default());
        assert_eq!(chosen(&ngram, &mut search, &[&[("ủy", 100), ("ủy", 100)], &[("ban", 7), ("ban", 7)]]), [0, 0]);
    }
}
