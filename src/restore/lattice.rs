//! The search: a column of candidates per token, and the cheapest path through them.
//!
//! A beam over language model states. Costs are integers, so that ties are exact; on a tie
//! the earlier candidate wins, and the scanned form is always the first of its column.

use super::candidate::Candidate;
use super::ngram::{Ngram, State};

/// States kept per column.
const BEAM: usize = 14;
/// A state this much dearer than the cheapest of its column is given up.
const WIDTH: i32 = 5_000;

#[derive(Clone, Copy, Debug)]
struct Node {
    state: State,
    cost: i32,
    back: u32,
    candidate: u32,
}

/// The scratch space of one search.
#[derive(Debug, Default)]
pub(crate) struct Search {
    nodes: Vec<Node>,
    next: Vec<Node>,
    /// First node of each column.
    starts: Vec<usize>,
}

impl Search {
    /// The index of the chosen candidate in each column, first to last.
    pub(crate) fn best_path<'c>(
        &mut self,
        ngram: Ngram<'_>,
        columns: impl Iterator<Item = &'c [Candidate]>,
        out: &mut Vec<usize>,
    ) {
        self.nodes.clear();
        self.starts.clear();
        self.nodes.push(Node { state: ngram.begin(), cost: 0, back: 0, candidate: 0 });
        self.starts.push(0);
        let mut from = 0;
        for column in columns {
            let to = self.nodes.len();
            self.next.clear();
            let mut limit = i32::MAX;
            for back in from..to {
                let node = self.nodes[back];
                for (idx, candidate) in column.iter().enumerate() {
                    let mut cost = node.cost + candidate.cost;
                    if cost >= limit {
                        continue;
                    }
                    let mut state = node.state;
                    for word in &candidate.words[..candidate.n_words] {
                        let (step, after) = ngram.cost(&state, *word);
                        cost += step;
                        state = after;
                    }
                    if cost >= limit {
                        continue;
                    }
                    limit = limit.min(cost.saturating_add(WIDTH));
                    let arrived = Node { state, cost, back: back as u32, candidate: idx as u32 };
                    match self.next.iter_mut().find(|other| other.state == state) {
                        Some(other) if other.cost <= cost => {}
                        Some(other) => *other = arrived,
                        None => self.next.push(arrived),
                    }
                }
            }
            self.next.sort_by_key(|node| node.cost);
            self.next.truncate(BEAM);
            from = to;
            self.starts.push(from);
            self.nodes.extend(self.next.iter().filter(|node| node.cost < limit));
        }
        out.clear();
        let mut at = (from..self.nodes.len()).min_by_key(|at| self.nodes[*at].cost).unwrap_or(0);
        for _ in 1..self.starts.len() {
            out.push(self.nodes[at].candidate as usize);
            at = self.nodes[at].back as usize;
        }
        out.reverse();
    }
}
