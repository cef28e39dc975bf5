//! Where boxes, labels and lines go.
//!
//! Layers alternate: a column of documents, a gap of labels, a column … A line that
//! passes a layer holds a slot in it, so boxes, labels and passing lines are stacked
//! and never overlap; lines bend only between layers.

use crate::citation::Relation;
use crate::graph::{Node, NodeIndex};
use jiff::civil::Date;

/// One line of the picture.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) from: NodeIndex,
    pub(super) to: NodeIndex,
    pub(super) relation: Relation,
    pub(super) place: Option<String>,
    pub(super) n_places: usize,
    pub(super) proof: String,
    /// A reviewer says so, and not a text.
    pub(super) reviewer: bool,
    pub(super) label: String,
    pub(super) width: f64,
}

/// The course of one line, from the acting document to the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Path {
    pub(super) points: Vec<(f64, f64)>,
    /// Middle of the label.
    pub(super) label: (f64, f64),
}

/// The finished layout; the origin is the left top corner of the drawing.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    /// Left top corner of each box.
    pub(super) boxes: Vec<(f64, f64)>,
    /// One for each link.
    pub(super) paths: Vec<Path>,
    /// Left edge and years of each column of documents.
    pub(super) columns: Vec<(f64, Option<String>)>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Room between stacked things.
const BETWEEN_BOXES: f64 = 22.0;
const BETWEEN_SLOTS: f64 = 5.0;
/// Height of the slot of a passing line.
const LINE_HEIGHT: f64 = 6.0;
/// Room in which lines bend, each side of a gap.
const BEND: f64 = 24.0;
/// Sweeps over all layers; more than this changed no picture of sixty documents.
const SWEEPS: usize = 24;

/// A box, a label or a passing line in its layer.
#[derive(Clone, Debug, Default)]
struct Item {
    layer: usize,
    height: f64,
    is_box: bool,
    left: Vec<usize>,
    right: Vec<usize>,
    y: f64,
}

impl Layout {
    pub(super) fn new(nodes: &[Node], links: &[Link], box_width: f64, box_height: f64, label_height: f64) -> Layout {
        let columns = columns(nodes, links);
        let n_columns = columns.iter().max().map_or(0, |last| last + 1);
        let mut items: Vec<Item> = columns
            .iter()
            .map(|column| Item { layer: column * 2, height: box_height, is_box: true, ..Item::default() })
            .collect();
        let chains = chains(links, &columns, &mut items, n_columns, label_height);
        let mut layers: Vec<Vec<usize>> = vec![Vec::new(); (n_columns * 2).saturating_sub(1)];
        for (n, item) in items.iter().enumerate() {
            layers[item.layer].push(n);
        }
        order(&mut layers, &items);
        place(&layers, &mut items);

        let mut lefts = vec![0.0; layers.len()];
        let mut widths = vec![box_width; layers.len()];
        let mut x = 0.0;
        for layer in 0..layers.len() {
            if layer % 2 == 1 {
                let labels = chains.iter().zip(links).filter(|(chain, _)| items[chain.label].layer == layer);
                let widest = labels.map(|(_, link)| link.width).fold(20.0, f64::max);
                let bend = BEND + 0.8 * layers[layer].len().min(40) as f64;
                x += bend;
                (lefts[layer], widths[layer]) = (x, widest);
                x += widest + bend;
            } else {
                lefts[layer] = x;
                x += box_width;
            }
        }
        let boxes = (0..nodes.len()).map(|n| (lefts[items[n].layer], items[n].y - box_height / 2.0)).collect();
        let ports = Ports::new(&items, nodes.len(), box_height);
        let paths = links
            .iter()
            .zip(&chains)
            .map(|(link, chain)| {
                let label = &items[chain.label];
                let mut points = Vec::new();
                let (first, last) = (chain.slots[0], *chain.slots.last().expect("two ends at least"));
                points.push((lefts[items[first].layer] + box_width, ports.right(first, chain.slots[1])));
                for slot in &chain.slots[1..chain.slots.len() - 1] {
                    let (layer, y) = (items[*slot].layer, items[*slot].y);
                    points.push((lefts[layer], y));
                    points.push((lefts[layer] + widths[layer], y));
                }
                points.push((lefts[items[last].layer], ports.left(last, chain.slots[chain.slots.len() - 2])));
                if link.from as usize == last {
                    points.reverse();
                }
                Path { points, label: (lefts[label.layer] + widths[label.layer] / 2.0, label.y) }
            })
            .collect();
        let height = items.iter().map(|item| item.y + item.height / 2.0).fold(0.0, f64::max);
        let spans = (0..n_columns).map(|column| (lefts[column * 2], years(nodes, &columns, column))).collect();
        Layout { boxes, paths, columns: spans, width: x, height }
    }
}

/// The slots of one line from the left box to the right one.
struct Chain {
    slots: Vec<usize>,
    label: usize,
}

fn chains(links: &[Link], columns: &[usize], items: &mut Vec<Item>, n_columns: usize, label_height: f64) -> Vec<Chain> {
    let mut labels_in_gap = vec![0_usize; n_columns.max(1)];
    let mut chains = Vec::with_capacity(links.len());
    for link in links {
        let (a, b) = (link.from as usize, link.to as usize);
        let (left, right) = if columns[a] < columns[b] { (a, b) } else { (b, a) };
        // The emptiest gap takes the label; of equals the one next to the acting document.
        let gaps = columns[left]..columns[right];
        let gap = gaps.rev().min_by_key(|gap| labels_in_gap[*gap]).expect("the ends stand in two columns");
        labels_in_gap[gap] += 1;
        let mut slots = vec![left];
        let mut label = left;
        for layer in columns[left] * 2 + 1..columns[right] * 2 {
            let is_label = layer == gap * 2 + 1;
            let height = if is_label { label_height } else { LINE_HEIGHT };
            items.push(Item { layer, height, ..Item::default() });
            slots.push(items.len() - 1);
            if is_label {
                label = items.len() - 1;
            }
        }
        slots.push(right);
        for pair in slots.windows(2) {
            items[pair[0]].right.push(pair[1]);
            items[pair[1]].left.push(pair[0]);
        }
        chains.push(Chain { slots, label });
    }
    chains
}

/// The day by which a document stands in the picture; of `13/2022/QH15` without a date, the middle of its year.
fn day_of(node: &Node) -> Option<Date> {
    let year = || {
        let year = node.number.as_deref()?.split('/').nth(1)?;
        let year = (year.len() == 4).then(|| year.parse().ok()).flatten()?;
        Date::new(year, 7, 1).ok().filter(|_| (1945..2100).contains(&year))
    };
    node.date.or(node.effective).or_else(year)
}

/// The column of each document: by date, never two linked documents in one.
fn columns(nodes: &[Node], links: &[Link]) -> Vec<usize> {
    let mut days: Vec<Option<Date>> = nodes.iter().map(day_of).collect();
    // What has no date came before whoever cites it, or else after what it cites.
    for _ in 0..2 {
        for n in 0..nodes.len() {
            if days[n].is_some() {
                continue;
            }
            let before = links.iter().filter(|link| link.to as usize == n).filter_map(|link| days[link.from as usize]);
            let after = links.iter().filter(|link| link.from as usize == n).filter_map(|link| days[link.to as usize]);
            days[n] = before.min().and_then(|day| day.yesterday().ok()).or_else(|| after.max());
        }
    }
    let mut order: Vec<usize> = (0..nodes.len()).collect();
    order.sort_by_key(|n| (days[*n], *n));
    let rows = ((nodes.len() as f64).sqrt() * 1.1).ceil().clamp(3.0, 7.0) as usize;
    let mut columns = vec![0; nodes.len()];
    let (mut column, mut here): (usize, Vec<usize>) = (0, Vec::new());
    for n in order {
        let linked = links.iter().any(|link| {
            let (a, b) = (link.from as usize, link.to as usize);
            (a == n && here.contains(&b)) || (b == n && here.contains(&a))
        });
        if linked || here.len() >= rows {
            column += 1;
            here.clear();
        }
        columns[n] = column;
        here.push(n);
    }
    columns
}

/// `2011`, `2011–2013`, or nothing where no date is known.
fn years(nodes: &[Node], columns: &[usize], column: usize) -> Option<String> {
    let dates = nodes.iter().zip(columns).filter(|(_, own)| **own == column).filter_map(|(node, _)| day_of(node));
    let years: Vec<i16> = dates.map(|date| date.year()).collect();
    let (first, last) = (years.iter().min()?, years.iter().max()?);
    Some(if first == last { first.to_string() } else { format!("{first}–{last}") })
}

/// Orders each layer by the middle of its neighbours, and keeps the order with the fewest crossings.
fn order(layers: &mut Vec<Vec<usize>>, items: &[Item]) {
    let mut best = (crossings(layers, items), layers.clone());
    for sweep in 0..SWEEPS {
        let forward = sweep % 2 == 0;
        let mut at = vec![0.0; items.len()];
        for layer in layers.iter() {
            for (k, n) in layer.iter().enumerate() {
                at[*n] = (k as f64 + 0.5) / layer.len() as f64;
            }
        }
        let indices: Vec<usize> = if forward { (0..layers.len()).collect() } else { (0..layers.len()).rev().collect() };
        for layer in indices {
            let middle = |n: &usize| {
                let near = if forward { &items[*n].left } else { &items[*n].right };
                if near.is_empty() { at[*n] } else { near.iter().map(|m| at[*m]).sum::<f64>() / near.len() as f64 }
            };
            let keys: Vec<f64> =
                items.iter().enumerate().map(|(n, _)| if items[n].layer == layer { middle(&n) } else { 0.0 }).collect();
            layers[layer].sort_by(|a, b| keys[*a].total_cmp(&keys[*b]).then(a.cmp(b)));
            let n_here = layers[layer].len() as f64;
            for (k, n) in layers[layer].iter().enumerate() {
                at[*n] = (k as f64 + 0.5) / n_here;
            }
        }
        let now = crossings(layers, items);
        if now < best.0 {
            best = (now, layers.clone());
        }
    }
    *layers = best.1;
}

fn crossings(layers: &[Vec<usize>], items: &[Item]) -> usize {
    let mut at = vec![0; items.len()];
    for layer in layers {
        for (k, n) in layer.iter().enumerate() {
            at[*n] = k;
        }
    }
    let mut sum = 0;
    for layer in layers {
        let mut lines: Vec<(usize, usize)> =
            layer.iter().flat_map(|n| items[*n].right.iter().map(|m| (at[*n], at[*m]))).collect();
        lines.sort_unstable();
        for (k, (a, b)) in lines.iter().enumerate() {
            sum += lines[k + 1..].iter().filter(|(c, d)| c > a && d < b).count();
        }
    }
    sum
}

/// Gives every item its height on the page, as near to its neighbours as the order allows.
fn place(layers: &[Vec<usize>], items: &mut [Item]) {
    for layer in layers {
        let mut y = 0.0;
        for n in layer {
            y += items[*n].height / 2.0;
            items[*n].y = y;
            y += items[*n].height / 2.0 + BETWEEN_BOXES;
        }
    }
    for sweep in 0..SWEEPS {
        let indices: Vec<usize> =
            if sweep % 2 == 0 { (0..layers.len()).collect() } else { (0..layers.len()).rev().collect() };
        for index in indices {
            let layer = &layers[index];
            let wanted: Vec<(f64, f64)> = layer
                .iter()
                .map(|n| {
                    let item = &items[*n];
                    let near: Vec<usize> = match sweep {
                        _ if sweep + 4 >= SWEEPS => item.left.iter().chain(&item.right).copied().collect(),
                        _ if sweep % 2 == 0 && !item.left.is_empty() => item.left.clone(),
                        _ if sweep % 2 == 1 && !item.right.is_empty() => item.right.clone(),
                        _ => item.left.iter().chain(&item.right).copied().collect(),
                    };
                    let y = match near.len() {
                        0 => item.y,
                        k => near.iter().map(|m| items[*m].y).sum::<f64>() / k as f64,
                    };
                    // Straight lines are worth more than centred boxes.
                    (y, if item.is_box { 1.0 } else { 3.0 })
                })
                .collect();
            for (n, y) in layer.iter().zip(stack(layer, items, &wanted)) {
                items[*n].y = y;
            }
        }
    }
    let top = items.iter().map(|item| item.y - item.height / 2.0).fold(f64::MAX, f64::min);
    for item in items {
        item.y -= top;
    }
}

/// The heights nearest to the wanted ones (least squares) that keep order and distance: pooling of adjacent violators.
fn stack(layer: &[usize], items: &[Item], wanted: &[(f64, f64)]) -> Vec<f64> {
    let mut offsets = vec![0.0; layer.len()];
    for k in 1..layer.len() {
        let (above, below) = (&items[layer[k - 1]], &items[layer[k]]);
        let between = if above.is_box || below.is_box { BETWEEN_BOXES } else { BETWEEN_SLOTS };
        offsets[k] = offsets[k - 1] + (above.height + below.height) / 2.0 + between;
    }
    // Blocks of (sum of weight × place, weight, members).
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    for (k, (y, weight)) in wanted.iter().enumerate() {
        blocks.push(((y - offsets[k]) * weight, *weight, 1));
        while let [.., above, below] = &blocks[..] {
            if above.0 / above.1 <= below.0 / below.1 {
                break;
            }
            let joined = (above.0 + below.0, above.1 + below.1, above.2 + below.2);
            blocks.truncate(blocks.len() - 2);
            blocks.push(joined);
        }
    }
    let places = blocks.iter().flat_map(|(sum, weight, members)| std::iter::repeat_n(sum / weight, *members));
    places.zip(offsets).map(|(place, offset)| place + offset).collect()
}

/// Where lines meet the sides of boxes: spread, in the order of what they lead to.
struct Ports {
    left: Vec<Vec<(usize, f64)>>,
    right: Vec<Vec<(usize, f64)>>,
}

impl Ports {
    fn new(items: &[Item], n_boxes: usize, box_height: f64) -> Ports {
        let spread = |n: usize, near: &[usize]| {
            let mut sorted = near.to_vec();
            sorted.sort_by(|a, b| items[*a].y.total_cmp(&items[*b].y).then(a.cmp(b)));
            let step = (box_height * 0.7 / sorted.len() as f64).min(14.0);
            let first = items[n].y - step * (sorted.len() as f64 - 1.0) / 2.0;
            sorted.iter().enumerate().map(|(k, m)| (*m, first + step * k as f64)).collect()
        };
        Ports {
            left: (0..n_boxes).map(|n| spread(n, &items[n].left)).collect(),
            right: (0..n_boxes).map(|n| spread(n, &items[n].right)).collect(),
        }
    }

    fn left(&self, n: usize, slot: usize) -> f64 {
        Ports::at(&self.left[n], slot)
    }

    fn right(&self, n: usize, slot: usize) -> f64 {
        Ports::at(&self.right[n], slot)
    }

    fn at(ports: &[(usize, f64)], slot: usize) -> f64 {
        ports.iter().find(|(m, _)| *m == slot).map_or(0.0, |(_, y)| *y)
    }
}
