//! The pass over pairs of words: which candidates of a text can be on a good path at all.
//!
//! Cheapest paths forwards and backwards, with what the language model holds of two words and no
//! more. Most candidates fall here, at a fraction of what the whole model costs to ask.

use super::followers::Glance;
use super::lattice::{Step, Steps};
use super::memory::{After, Alone, Memory, NEVER};
use super::ngram::{Ngram, State, WordId};

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
    pub(crate) const WIDE: Reach = Reach { margin: 3_500, behind: 3_500, hope: 2_500 };
}

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

/// A node that the column under way starts from.
#[derive(Clone, Copy, Debug)]
struct Front<'m> {
    node: u32,
    word: WordId,
    /// Of the cheapest path to here, and of the same with the word given up as context.
    cost: i32,
    given_up: i32,
    /// The first step that is not likely.
    unlikely: usize,
    /// What the document says of what follows.
    after: Option<After<'m>>,
}

/// A step after a front that is worth a look.
#[derive(Clone, Copy, Debug)]
struct Try {
    front: u16,
    step: u16,
    /// What was seen of the pair.
    seen: Glance,
}

/// The scratch space of the pass.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    nodes: Vec<Node>,
    links: Vec<Link>,
    /// First node before each column and first link of each.
    starts: Vec<(usize, usize)>,
    /// The steps of each column that are kept, by bit.
    kept: Vec<u128>,
    // The column under way: what the document says of each step's first word; the node each step leads to.
    alone: Vec<Alone>,
    node_of: Vec<u32>,
    tries: Vec<Try>,
}

impl Pairs {
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
        let Pairs { nodes, links, alone, tries, .. } = self;
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
        let front = |(number, node): (usize, &Node)| Front {
            node: number as u32,
            word: node.word,
            cost: node.cost,
            given_up: node.cost + ngram.backoff(node.word),
            unlikely: 0,
            after: memory.map(|memory| memory.after((node.word.0 != 0).then_some(node.word))),
        };
        let mut fronts: Vec<Front<'_>> = (from..).zip(&nodes[from..]).map(front).collect();
        let expected = cheapest + fronts.iter().map(|front| front.given_up).min().unwrap_or_default();
        let (mut limit, mut found) = (expected + reach.behind, i32::MAX);
        for likely in [true, false] {
            tries.clear();
            for (number, front) in (0..).zip(&mut fronts) {
                // The most promising come first, by words alone.
                let range = if likely {
                    let is_likely = |number: &usize| front.given_up + apart(&steps[*number]) <= expected + LIKELY;
                    front.unlikely = open.start + open.clone().take_while(is_likely).count();
                    open.start..front.unlikely
                } else {
                    front.unlikely..open.end
                };
                for step in range {
                    let own = &steps[step];
                    if !likely && own.n_words > 0 && front.given_up + apart(own) - reach.hope >= limit {
                        let Some(after) = front.after else { break };
                        let hope = front.given_up - front.cost + i32::from(own.alone) - reach.hope;
                        let rest = front.cost + own.cost;
                        if rest + after.least(hope) >= limit
                            || rest + after.cost(hope, own.words[0], alone[step]) >= limit
                        {
                            continue;
                        }
                    }
                    tries.push(Try { front: number, step: step as u16, seen: Glance::default() });
                }
            }
            for tried in &mut *tries {
                let step = &steps[usize::from(tried.step)];
                // A step without words has no first one, and no pair with it is held.
                tried.seen = ngram.glance(fronts[usize::from(tried.front)].word, step.words[0]);
            }
            for tried in &*tries {
                let front = &fronts[usize::from(tried.front)];
                let step = &steps[usize::from(tried.step)];
                let mut cost = step.cost;
                if step.n_words > 0 {
                    let language = ngram.pair_cost(ngram.settle(front.word, step.words[0], tried.seen));
                    let language = language.unwrap_or(i32::from(step.alone) + front.given_up - front.cost);
                    let here = |after: After<'_>| after.cost(language, step.words[0], alone[usize::from(tried.step)]);
                    cost += i32::from(step.onward) + front.after.map_or(language, here);
                }
                if front.cost + cost < found {
                    found = found.min(front.cost + cost + reach.behind);
                    links.push(Link { from: front.node, to: 0, cost, step: tried.step });
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
