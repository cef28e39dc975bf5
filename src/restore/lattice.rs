//! The search: a column of candidates per token, the cheapest path, and how sure each choice is.
//!
//! A beam over language model states. Costs are integers, so that ties are exact; on a tie
//! the earlier candidate wins, and the scanned form is always the first of its column.
//! Posteriors come from the same beam, forwards and backwards, in integers too.

use super::candidate::Candidate;
use super::memory::Memory;
use super::ngram::{Ngram, State};

/// States kept per column.
const BEAM: usize = 10;
/// A state this much dearer than the cheapest of its column is given up.
const WIDTH: i32 = 4_000;
/// Costs are divided by this many hundredths before they are read as probabilities: channel and
/// language err together, so their product is surer than it should be.
const TEMPERATURE: i32 = 125;

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
    candidate: u32,
}

#[derive(Clone, Copy, Debug)]
struct Arc {
    from: u32,
    to: u32,
    candidate: u32,
    cost: i32,
}

/// What was chosen in one column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) candidate: usize,
    /// Posterior in thousandths.
    pub(crate) confidence: u16,
    /// The next best candidate and its posterior, where one was in reach.
    pub(crate) runner_up: Option<(usize, u16)>,
    /// Language cost of the choice, in millibans.
    pub(crate) language: i32,
}

/// The scratch space of one search.
#[derive(Debug, Default)]
pub(crate) struct Search {
    nodes: Vec<Node>,
    next: Vec<Node>,
    next_arcs: Vec<Arc>,
    arcs: Vec<Arc>,
    /// First node and first arc of each column.
    starts: Vec<(usize, usize)>,
    posteriors: Vec<i32>,
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
fn add(a: i32, b: i32) -> i32 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    match high.saturating_sub(low) {
        apart @ 0..2_600 => low - i32::from(SUMS[apart as usize / 8]),
        _ => low,
    }
}

/// `1000 · log10(1 + 10^(-8i/1000))`, rounded.
static SUMS: std::sync::LazyLock<[i16; 325]> = std::sync::LazyLock::new(|| {
    std::array::from_fn(|idx| (1000.0 * (1.0 + 10f64.powf(-(idx as f64) * 8.0 / 1000.0)).log10()).round() as i16)
});

const NEVER: i32 = i32::MAX / 2;

impl Search {
    /// The choice in each column, first to last. `memory` is what the document itself has taught.
    pub(crate) fn run<'c>(
        &mut self,
        ngram: Ngram<'_>,
        memory: Option<&Memory>,
        columns: impl Iterator<Item = &'c [Candidate]>,
        out: &mut Vec<Choice>,
    ) {
        self.nodes.clear();
        self.arcs.clear();
        self.starts.clear();
        self.nodes.push(Node { state: ngram.begin(), cost: 0, mass: 0, rest: NEVER, back: 0, candidate: 0 });
        let mut from = 0;
        for column in columns {
            self.starts.push((from, self.arcs.len()));
            from = self.step(ngram, memory, column, from);
        }
        self.backward(from, out);
    }

    /// One column: from the nodes `from..` to new ones; their first index.
    fn step(&mut self, ngram: Ngram<'_>, memory: Option<&Memory>, column: &[Candidate], from: usize) -> usize {
        let to = self.nodes.len();
        self.next.clear();
        self.next_arcs.clear();
        let mut limit = i32::MAX;
        for back in from..to {
            let node = self.nodes[back];
            for (idx, candidate) in column.iter().enumerate() {
                let mut step = weighted(candidate.cost);
                if node.cost + step >= limit {
                    continue;
                }
                let mut state = node.state;
                for word in &candidate.words[..candidate.n_words] {
                    let (cost, after) = ngram.cost(&state, *word);
                    step += memory.map_or(cost, |memory| memory.cost(cost, state.last(), *word));
                    state = after;
                }
                let cost = node.cost + step;
                if cost >= limit {
                    continue;
                }
                limit = limit.min(cost.saturating_add(WIDTH));
                let mass = node.mass + tempered(step);
                let place = match self.next.iter().position(|other| other.state == state) {
                    Some(place) => {
                        let other = &mut self.next[place];
                        other.mass = add(other.mass, mass);
                        if cost < other.cost {
                            (other.cost, other.back, other.candidate) = (cost, back as u32, idx as u32);
                        }
                        place
                    }
                    None => {
                        self.next.push(Node {
                            state,
                            cost,
                            mass,
                            rest: NEVER,
                            back: back as u32,
                            candidate: idx as u32,
                        });
                        self.next.len() - 1
                    }
                };
                self.next_arcs.push(Arc { from: back as u32, to: place as u32, candidate: idx as u32, cost: step });
            }
        }
        // The beam, in order of cost; where each survivor went, so that its arcs can follow.
        let mut order: Vec<usize> = (0..self.next.len()).filter(|place| self.next[*place].cost < limit).collect();
        order.sort_by_key(|place| self.next[*place].cost);
        order.truncate(BEAM);
        let mut places = [u32::MAX; 512];
        for (rank, place) in order.iter().enumerate() {
            if let Some(slot) = places.get_mut(*place) {
                *slot = (to + rank) as u32;
            }
        }
        self.nodes.extend(order.iter().map(|place| self.next[*place]));
        self.arcs.extend(self.next_arcs.iter().filter_map(|arc| {
            let place = *places.get(arc.to as usize)?;
            (place != u32::MAX).then_some(Arc { to: place, ..*arc })
        }));
        to
    }

    fn backward(&mut self, last: usize, out: &mut Vec<Choice>) {
        out.clear();
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
                let candidate = arc.candidate as usize;
                if self.posteriors.len() <= candidate {
                    self.posteriors.resize(candidate + 1, NEVER);
                }
                let own = &mut self.posteriors[candidate];
                *own = if *own >= NEVER { share } else { add(*own, share) };
            }
            end = start;
            let node = self.nodes[at];
            let chosen = node.candidate as usize;
            let share = |cost: i32| (1000.0 * 10f64.powf(-f64::from(cost.max(0)) / 1000.0)).round() as u16;
            let second =
                (0..self.posteriors.len()).filter(|idx| *idx != chosen).min_by_key(|idx| self.posteriors[*idx]);
            out.push(Choice {
                candidate: chosen,
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
