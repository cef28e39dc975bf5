//! The pass over pairs of words: which candidates of a text can be on a good path at all.
//!
//! Cheapest paths forwards and backwards, with what the language model holds of two words and no
//! more. Most candidates fall here, at a fraction of what the whole model costs to ask.

use super::lattice::{Step, Steps};
use super::memory::{Alone, Memory};
use super::ngram::{Ngram, Pair, State, WordId};

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

const NEVER: i32 = i32::MAX / 2;

/// A word on a path.
#[derive(Clone, Copy, Debug)]
struct Node {
    word: WordId,
    /// Of the cheapest path to here, and of the cheapest from here to the end.
    cost: i32,
    rest: i32,
}

/// A step from one node to another.
#[derive(Clone, Copy, Debug)]
struct Link {
    from: u32,
    to: u32,
    cost: i32,
    step: u16,
}

/// A step after a node that is worth a look.
#[derive(Clone, Copy, Debug)]
struct Try {
    from: u32,
    cell: u32,
    step: u16,
}

/// The scratch space of the pass, and the rows it has looked up.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    nodes: Vec<Node>,
    links: Vec<Link>,
    /// First node before each column and first link of each.
    starts: Vec<(usize, usize)>,
    /// The steps of each column that are kept, by bit.
    kept: Vec<u128>,
    rows: Rows,
    // The column under way: what the document says of each step's first word; of each node, where its
    // row begins and the first step that is not likely; the node each step leads to.
    alone: Vec<Alone>,
    fronts: Vec<(usize, usize)>,
    node_of: Vec<u32>,
    tries: Vec<Try>,
    /// Cells to be filled: where, after which word, for which word, and that word's cost without context.
    asked: Vec<(u32, WordId, WordId, i16)>,
    held: Vec<Pair>,
}

impl Pairs {
    /// Forgets all columns, whose numbers may then be given anew.
    pub(crate) fn forget(&mut self) {
        self.rows.clear();
    }

    /// The rows, with room for `n_rows` more of `column`.
    pub(crate) fn rows(&mut self, n_rows: usize, column: Steps<'_>) -> &mut Rows {
        self.rows.make_room(n_rows, column.steps.len());
        &mut self.rows
    }

    /// The steps of a column that the last [`Pairs::prune`] kept, by bit.
    pub(crate) fn kept(&self, column: usize) -> u128 {
        self.kept[column]
    }

    /// Decides which steps of `columns`, after `begin`, are worth more than this pass.
    pub(crate) fn prune(
        &mut self,
        reach: Reach,
        ngram: &Ngram<'_>,
        memory: Option<&Memory>,
        begin: State,
        columns: &[Steps<'_>],
    ) {
        self.nodes.clear();
        self.links.clear();
        self.starts.clear();
        self.nodes.push(Node { word: begin.last().unwrap_or_default(), cost: 0, rest: NEVER });
        let mut from = 0;
        for column in columns {
            self.starts.push((from, self.links.len()));
            let to = self.nodes.len();
            self.look(reach, ngram, memory, *column, from);
            self.arrive(ngram, *column);
            from = to;
        }
        self.keep(reach, from);
    }

    /// Links of one column from the nodes `from..`. The likely steps come first, so that the others
    /// have something to beat. In each round: what is worth a look, judged by words alone; then all
    /// look-ups together, since each waits for memory; then what they say.
    fn look(&mut self, reach: Reach, ngram: &Ngram<'_>, memory: Option<&Memory>, column: Steps<'_>, from: usize) {
        let Pairs { nodes, links, rows, alone, fronts, tries, asked, held, .. } = self;
        let (steps, open) = (column.steps, column.open());
        alone.clear();
        if let Some(memory) = memory {
            let of = |(number, step): (usize, &Step)| match open.contains(&number) {
                true => memory.alone(step.words[0]),
                false => Alone::default(),
            };
            alone.extend(steps.iter().enumerate().map(of));
        }
        let apart = |step: &Step| step.cost + i32::from(step.alone);
        let cheapest = steps[open.clone()].iter().map(apart).min().unwrap_or_default();
        let given_up = |node: &Node| node.cost + ngram.backoff(node.word);
        let nearest = nodes[from..].iter().map(given_up).min().unwrap_or_default();
        let expected = cheapest + nearest;
        rows.make_room(nodes.len() - from, steps.len());
        fronts.clear();
        let (mut limit, mut found) = (expected + reach.behind, i32::MAX);
        for likely in [true, false] {
            tries.clear();
            asked.clear();
            for (own, node) in (from..).zip(&nodes[from..]) {
                let so_far = given_up(node);
                // The most promising come first, by words alone.
                let (row, range) = if likely {
                    let is_likely = |number: &usize| so_far + apart(&steps[*number]) <= expected + LIKELY;
                    let end = open.start + open.clone().take_while(is_likely).count();
                    fronts.push((rows.row(node.word, column), end));
                    (fronts[own - from].0, open.start..end)
                } else {
                    (fronts[own - from].0, fronts[own - from].1..open.end)
                };
                let after = memory.map(|memory| memory.after((node.word.0 != 0).then_some(node.word)));
                for number in range {
                    let step = &steps[number];
                    if !likely && step.n_words > 0 && so_far + apart(step) - reach.hope >= limit {
                        let Some(after) = after else { break };
                        let hope = so_far - node.cost + i32::from(step.alone) - reach.hope;
                        let rest = node.cost + step.cost;
                        if rest + after.least(hope) >= limit
                            || rest + after.cost(hope, step.words[0], alone[number]) >= limit
                        {
                            continue;
                        }
                    }
                    let cell = (row + number) as u32;
                    tries.push(Try { from: own as u32, cell, step: number as u16 });
                    if step.n_words > 0 && rows.cells[row + number].is_unasked() {
                        asked.push((cell, node.word, step.words[0], step.alone));
                    }
                }
            }
            held.clear();
            held.extend(asked.iter().map(|(_, last, word, _)| ngram.pair(*last, *word)));
            for ((cell, last, _, alone), pair) in asked.iter().zip(&*held) {
                rows.cells[*cell as usize] = Cell { pair: *pair, cost: ngram.pair_cost(*last, *pair, *alone) };
            }
            for tried in &*tries {
                let node = &nodes[tried.from as usize];
                let step = &steps[usize::from(tried.step)];
                let mut cost = step.cost;
                if step.n_words > 0 {
                    let language = i32::from(rows.cells[tried.cell as usize].cost);
                    let here = |memory: &Memory| {
                        let after = memory.after((node.word.0 != 0).then_some(node.word));
                        after.cost(language, step.words[0], alone[usize::from(tried.step)])
                    };
                    cost += i32::from(step.onward) + memory.map_or(language, here);
                }
                if node.cost + cost < found {
                    found = found.min(node.cost + cost + reach.behind);
                    links.push(Link { from: tried.from, to: 0, cost, step: tried.step });
                }
            }
            limit = found;
        }
    }

    /// The nodes that the links of the last column lead to.
    fn arrive(&mut self, ngram: &Ngram<'_>, column: Steps<'_>) {
        let Pairs { nodes, links, starts, node_of, .. } = self;
        let (to, first) = (nodes.len(), starts.last().map_or(0, |(_, first)| *first));
        node_of.clear();
        node_of.resize(column.steps.len(), u32::MAX);
        for link in &mut links[first..] {
            let before = nodes[link.from as usize];
            let cost = before.cost + link.cost;
            let step = &column.steps[usize::from(link.step)];
            let mut place = node_of[usize::from(link.step)];
            if place == u32::MAX {
                let word = match step.n_words {
                    0 => before.word,
                    n => ngram.context(step.words[usize::from(n) - 1]),
                };
                let known = nodes[to..].iter().position(|node| node.word == word);
                place = (to + known.unwrap_or(nodes.len() - to)) as u32;
                if known.is_none() {
                    nodes.push(Node { word, cost, rest: NEVER });
                }
                if step.n_words > 0 {
                    node_of[usize::from(link.step)] = place;
                }
            }
            link.to = place;
            let node = &mut nodes[place as usize];
            node.cost = node.cost.min(cost);
        }
    }

    /// Backwards from the last nodes, which are `last..`: the steps on paths within the margin.
    fn keep(&mut self, reach: Reach, last: usize) {
        let Pairs { nodes, links, starts, kept, .. } = self;
        for node in &mut nodes[last..] {
            node.rest = 0;
        }
        let best = nodes[last..].iter().map(|node| node.cost).min().unwrap_or_default();
        kept.clear();
        let mut end = links.len();
        for (_, first) in starts.iter().rev() {
            let mut bits = 0;
            for link in &links[*first..end] {
                let onward = link.cost + nodes[link.to as usize].rest;
                let node = &mut nodes[link.from as usize];
                node.rest = node.rest.min(onward);
                if node.cost + onward <= best + reach.margin {
                    bits |= 1u128 << link.step;
                }
            }
            kept.push(bits);
            end = *first;
        }
        kept.reverse();
    }
}

/// What the language model holds of a step's first word after a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) pair: Pair,
    /// Of the word after that word alone.
    cost: i16,
}

impl Cell {
    /// Not asked yet; no word costs this.
    const UNASKED: Cell = Cell { pair: Pair::NONE, cost: i16::MIN };

    fn is_unasked(self) -> bool {
        self.cost == i16::MIN
    }
}

/// What the language model holds of the first words of a column after a word: text repeats
/// itself, and the look-ups wait for memory.
#[derive(Debug, Default)]
pub(crate) struct Rows {
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
    pub(crate) fn row(&mut self, last: WordId, column: Steps<'_>) -> usize {
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

    /// A cell of the row after `last`, which is that of `step`.
    #[inline]
    pub(crate) fn cell(&mut self, ngram: &Ngram<'_>, at: usize, last: WordId, step: &Step) -> Cell {
        if self.cells[at].is_unasked() {
            let pair = ngram.pair(last, step.words[0]);
            self.cells[at] = Cell { pair, cost: ngram.pair_cost(last, pair, step.alone) };
        }
        self.cells[at]
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
    use super::super::candidate::MOST_WORDS;
    use super::*;

    #[test]
    fn many_rows_are_held_and_found_again() {
        let mut rows = Rows::default();
        let steps =
            [Step { cost: 0, words: [WordId(1); MOST_WORDS], n_words: 1, alone: 0, onward: 0, candidate: 0 }; 2];
        for round in 0..2 {
            for column in 0..3_000 {
                let row = rows.row(WordId(column as u16 % 7), Steps { steps: &steps, column, only: None });
                assert_eq!(rows.cells[row + 1] == Cell::UNASKED, round == 0, "column {column}");
                rows.cells[row + 1] = Cell::default();
            }
        }
    }
}
