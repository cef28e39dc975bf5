//! The search: a column of candidates per token, the cheapest path, and how sure each choice is.
//!
//! Two passes. Pairs of words alone, forwards and backwards, say which candidates can be on a good
//! path at all; a beam over language model states decides between those. Costs are integers, so that ties are exact; on a tie
//! the earlier candidate wins, and the scanned form is always the first of its column.
//! Posteriors come from the same beam, forwards and backwards, in integers too.

use super::candidate::MOST_WORDS;
use super::memory::{Alone, Memory};
use super::ngram::{Ngram, Pair, State, WordId};
use std::sync::LazyLock;

/// States kept per column.
const BEAM: usize = 10;
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

/// A step is likely as long as it is no more than this dearer than the best, by words alone.
const LIKELY: i32 = 800;

/// How far the pass over pairs of words looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reach {
    /// A candidate whose best path is this much dearer than the best of all is given up.
    margin: i32,
    /// As soon as a path is this much dearer than another to the same column, likewise.
    behind: i32,
    /// What a pair can gain over its words apart, as far as the pass hopes.
    hope: i32,
}

impl Reach {
    /// To find what is doubtful.
    pub(crate) const NARROW: Reach = Reach { margin: 3_000, behind: 3_000, hope: 2_000 };
    /// To decide it.
    pub(crate) const WIDE: Reach = Reach { margin: 4_000, behind: 4_500, hope: 3_000 };
}

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

/// The steps of one token, the most promising first, under a number of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steps<'c> {
    pub(crate) steps: &'c [Step],
    pub(crate) column: u32,
    /// The place of the one step that is left to choose, where the choice stands.
    pub(crate) only: Option<usize>,
}

impl Steps<'_> {
    /// The same with this candidate alone.
    pub(crate) fn pinned(self, candidate: usize) -> Self {
        Steps { only: self.steps.iter().position(|step| usize::from(step.candidate) == candidate), ..self }
    }

    /// The steps that may be chosen, by their places.
    fn open(&self) -> std::ops::Range<usize> {
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
    rows: Rows,
    pairs: Pairs,
}

/// The pass over pairs of words.
#[derive(Debug, Default)]
struct Pairs {
    /// The latest word, and the cheapest path to it and from it.
    nodes: Vec<(WordId, i32, i32)>,
    /// From which node to which, at what cost, by which step.
    links: Vec<(u32, u32, i32, u16)>,
    /// First node and first link of each column.
    starts: Vec<(u32, u32)>,
    /// The steps of each column that are worth a look, by bit.
    kept: Vec<u128>,
    /// The node of each step in the column under way.
    node_of: Vec<u32>,
    /// What the document says of each step's first word by itself.
    alone: Vec<Alone>,
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

const NEVER: i32 = i32::MAX / 2;

impl Search {
    /// Forgets all columns, whose numbers may then be given anew.
    pub(crate) fn forget(&mut self) {
        self.rows.clear();
    }

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
        self.prune(reach, ngram, memory, begin, &columns);
        self.nodes.clear();
        self.arcs.clear();
        self.starts.clear();
        self.nodes.push(Node { state: begin, cost: 0, mass: 0, rest: NEVER, back: 0, candidate: 0 });
        let mut from = 0;
        for (at, column) in columns.into_iter().enumerate() {
            self.starts.push((from, self.arcs.len()));
            from = self.step(ngram, memory, column, self.pairs.kept[at], from);
        }
        self.backward(from, out);
    }

    /// Fills `pairs.kept`: the steps that a path by pairs of words does not rule out.
    fn prune<'c>(
        &mut self,
        reach: Reach,
        ngram: &Ngram<'_>,
        memory: Option<&Memory>,
        begin: State,
        columns: &[Steps<'c>],
    ) {
        // Node, cell and step; and cell, word before and step.
        let mut tries: Vec<(u32, u32, u16)> = Vec::new();
        let mut asked: Vec<(u32, WordId, &'c Step)> = Vec::new();
        let mut held: Vec<Pair> = Vec::new();
        let Search { rows, pairs, .. } = self;
        let Pairs { nodes, links, starts, kept, node_of, alone } = pairs;
        nodes.clear();
        links.clear();
        starts.clear();
        nodes.push((begin.last().unwrap_or_default(), 0, NEVER));
        let mut from = 0;
        for column in columns {
            let (to, first) = (nodes.len(), links.len());
            starts.push((from as u32, first as u32));
            alone.clear();
            if let Some(memory) = memory {
                let open = column.open();
                let of = |(number, step): (usize, &Step)| match open.contains(&number) {
                    true => memory.alone(step.words[0]),
                    false => Alone::default(),
                };
                alone.extend(column.steps.iter().enumerate().map(of));
            }
            let steps = column.steps;
            let open = column.open();
            let cheapest = steps[open.clone()].iter().map(|step| step.cost + i32::from(step.alone)).min();
            let nearest = nodes[from..to].iter().map(|(last, so_far, _)| so_far + ngram.backoff(*last)).min();
            let expected = cheapest.unwrap_or_default() + nearest.unwrap_or_default();
            rows.make_room(to - from, steps.len());
            // The likely ones first, so that the others have something to beat. In each round: what is
            // worth a look, judged by words alone; then all look-ups together, since each waits for
            // memory; then what they say.
            let (mut limit, mut found) = (expected + reach.behind, i32::MAX);
            for likely in [true, false] {
                tries.clear();
                asked.clear();
                for back in from..to {
                    let (last, so_far, _) = nodes[back];
                    let given_up = ngram.backoff(last);
                    let after = memory.map(|memory| memory.after((last.0 != 0).then_some(last)));
                    let row = rows.row(last, *column);
                    for number in open.clone() {
                        let step = &steps[number];
                        let cost = so_far + step.cost;
                        let apart = i32::from(step.alone) + given_up;
                        if (cost + apart <= expected + LIKELY) != likely {
                            // The most promising come first, by words alone.
                            if likely { break } else { continue }
                        }
                        let hope = apart - reach.hope;
                        if step.n_words > 0 && cost + hope >= limit {
                            let Some(after) = after else { break };
                            if cost + after.least(hope) >= limit
                                || cost + after.cost(hope, step.words[0], alone[number]) >= limit
                            {
                                continue;
                            }
                        }
                        tries.push((back as u32, (row + number) as u32, number as u16));
                        if step.n_words > 0 && rows.cells[row + number].cost == i16::MIN {
                            asked.push(((row + number) as u32, last, step));
                        }
                    }
                }
                held.clear();
                held.extend(asked.iter().map(|(_, last, step)| ngram.pair(*last, step.words[0])));
                for ((cell, last, step), pair) in asked.iter().zip(held.iter()) {
                    rows.cells[*cell as usize] = Cell { pair: *pair, cost: ngram.pair_cost(*last, *pair, step.alone) };
                }
                for &(back, cell, number) in tries.iter() {
                    let (last, so_far, _) = nodes[back as usize];
                    let step = &steps[usize::from(number)];
                    let mut cost = step.cost;
                    if step.n_words > 0 {
                        let language = i32::from(rows.cells[cell as usize].cost);
                        cost += i32::from(step.onward)
                            + memory.map_or(language, |memory| {
                                let after = memory.after((last.0 != 0).then_some(last));
                                after.cost(language, step.words[0], alone[usize::from(number)])
                            });
                    }
                    if so_far + cost < found {
                        found = found.min(so_far + cost + reach.behind);
                        links.push((back, 0, cost, number));
                    }
                }
                limit = found;
            }
            node_of.clear();
            node_of.resize(column.steps.len(), u32::MAX);
            for link in &mut links[first..] {
                let (word, so_far, _) = nodes[link.0 as usize];
                let cost = so_far + link.2;
                let number = usize::from(link.3);
                let step = &column.steps[number];
                let mut place = node_of[number];
                if place == u32::MAX {
                    let word = match step.n_words {
                        0 => word,
                        n => ngram.context(step.words[usize::from(n) - 1]),
                    };
                    let known = nodes[to..].iter().position(|node| node.0 == word);
                    place = (to + known.unwrap_or(nodes.len() - to)) as u32;
                    if known.is_none() {
                        nodes.push((word, cost, NEVER));
                    }
                    if step.n_words > 0 {
                        node_of[number] = place;
                    }
                }
                link.1 = place;
                let node = &mut nodes[place as usize];
                node.1 = node.1.min(cost);
            }
            from = to;
        }
        for node in &mut nodes[from..] {
            node.2 = 0;
        }
        let best = nodes[from..].iter().map(|node| node.1).min().unwrap_or_default();
        kept.clear();
        let mut end = links.len();
        for (_, first) in starts.iter().rev() {
            let first = *first as usize;
            let mut bits = 0u128;
            for (back, place, cost, number) in &links[first..end] {
                let onward = cost + nodes[*place as usize].2;
                let node = &mut nodes[*back as usize];
                node.2 = node.2.min(onward);
                if node.1 + onward <= best + reach.margin {
                    bits |= 1 << number;
                }
            }
            kept.push(bits);
            end = first;
        }
        kept.reverse();
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
        self.rows.make_room(to - from, column.steps.len());
        for back in from..to {
            let node = self.nodes[back];
            let last = node.state.last().unwrap_or_default();
            let after = memory.map(|memory| memory.after(node.state.last()));
            let given_up = node.state.given_up(1) - BOLD_HOPE;
            let row = self.rows.row(last, column);
            let mut rest = kept;
            while rest != 0 {
                let number = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                let step = &column.steps[number];
                let alone = memory.map(|memory| memory.alone(step.words[0]));
                let after = after.zip(alone);
                let mut path = step.cost;
                if node.cost + path >= limit {
                    continue;
                }
                let mut state = node.state;
                if step.n_words > 0 {
                    let word = step.words[0];
                    let hope = i32::from(step.alone) + given_up;
                    let hope = after.map_or(hope, |(after, alone)| after.cost(hope, word, alone));
                    if node.cost + path + hope >= limit {
                        continue;
                    }
                    let cell = &mut self.rows.cells[row + number];
                    if cell.cost == i16::MIN {
                        *cell = Cell::of(ngram, last, step);
                    }
                    let pair = cell.pair;
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

/// What the language model holds of a step's first word after a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cell {
    pair: Pair,
    /// Of the word after that word alone.
    cost: i16,
}

impl Cell {
    /// Not asked yet; no word costs this.
    const UNASKED: Cell = Cell { pair: Pair::NONE, cost: i16::MIN };

    #[inline]
    fn of(ngram: &Ngram<'_>, last: WordId, step: &Step) -> Cell {
        let pair = ngram.pair(last, step.words[0]);
        Cell { pair, cost: ngram.pair_cost(last, pair, step.alone) }
    }
}

/// What the language model holds of the first words of a column after a word: text repeats
/// itself, and the look-ups wait for memory.
#[derive(Debug, Default)]
struct Rows {
    /// The word before and the column, and where the row begins.
    slots: Vec<(u64, u32)>,
    n_rows: usize,
    cells: Vec<Cell>,
}

impl Rows {
    const FEWEST_SLOTS: usize = 1 << 10;
    /// Rows and cells kept: about a megabyte and a half with the slots.
    const MOST_ROWS: usize = 1 << 16;
    const MOST_CELLS: usize = 1 << 20;

    fn clear(&mut self) {
        self.slots.clear();
        self.cells.clear();
        self.n_rows = 0;
    }

    /// Makes room for further rows of `length` cells, if need be by forgetting all others.
    fn make_room(&mut self, n_rows: usize, length: usize) {
        if self.n_rows + n_rows > Rows::MOST_ROWS || self.cells.len() + n_rows * length > Rows::MOST_CELLS {
            self.clear();
        }
    }

    /// Where the row of `column` after `last` begins; its cells are asked for one by one.
    #[inline]
    fn row(&mut self, last: WordId, column: Steps<'_>) -> usize {
        if 2 * self.n_rows >= self.slots.len() {
            self.grow();
        }
        // Never 0, which marks a free slot.
        let key = (u64::from(last.0) + 1) << 32 | u64::from(column.column);
        let slot = self.slot(key);
        let held = &mut self.slots[slot];
        if held.0 == 0 {
            *held = (key, self.cells.len() as u32);
            self.n_rows += 1;
            self.cells.resize(self.cells.len() + column.steps.len(), Cell::UNASKED);
        }
        self.slots[slot].1 as usize
    }

    /// Where `key` is, or is to be.
    #[inline]
    fn slot(&self, key: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize & mask;
        while self.slots[slot].0 != key && self.slots[slot].0 != 0 {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        let n_slots = (2 * self.slots.len()).max(Rows::FEWEST_SLOTS);
        for held in std::mem::replace(&mut self.slots, vec![(0, 0); n_slots]) {
            if held.0 != 0 {
                let slot = self.slot(held.0);
                self.slots[slot] = held;
            }
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
        let columns = (0..).zip(&steps).map(|(column, steps)| Steps { steps, column, only: None });
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
        // What was searched before is remembered, and changes nothing until it is forgotten.
        assert_eq!(chosen(&ngram, &mut search, &columns), [1, 1]);
        search.forget();
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

    #[test]
    fn many_rows_are_held_and_found_again() {
        let mut rows = Rows::default();
        let steps = [Step { cost: 0, words: [WordId(1); 3], n_words: 1, alone: 0, onward: 0, candidate: 0 }; 2];
        for round in 0..2 {
            for column in 0..3_000 {
                let row = rows.row(WordId(column as u16 % 7), Steps { steps: &steps, column, only: None });
                assert_eq!(rows.cells[row + 1] == Cell::UNASKED, round == 0, "column {column}");
                rows.cells[row + 1] = Cell::default();
            }
        }
    }
}
