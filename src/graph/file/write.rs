//! Writes a graph file: sections in order, the header last.

use super::{
    Doubt, DoubtRecord, EdgeRecord, FIRST_DAY, HEADER, MAGIC, N_SECTIONS, NO_DAY, NodeRecord, PLACED, Section, VERSION,
    key_of,
};
use crate::error::Error;
use crate::graph::{Edge, Graph, NodeIndex, number_key};
use serde::Serialize;
use std::borrow::Cow;
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

/// Writes one section after another and remembers where.
struct Sections<'p> {
    path: &'p Path,
    out: BufWriter<File>,
    at: u64,
    table: [(u64, u64); N_SECTIONS],
}

impl Sections<'_> {
    fn begin(&mut self, section: Section) -> std::io::Result<()> {
        let pad = (8 - self.at % 8) % 8;
        self.out.write_all(&[0; 8][..pad as usize])?;
        self.at += pad;
        self.table[section as usize] = (self.at, 0);
        Ok(())
    }

    fn put(&mut self, section: Section, bytes: &[u8]) -> std::io::Result<()> {
        self.out.write_all(bytes)?;
        self.at += bytes.len() as u64;
        self.table[section as usize].1 += bytes.len() as u64;
        Ok(())
    }

    fn records<T>(
        &mut self,
        heap: Section,
        offsets: Section,
        items: impl Iterator<Item = T>,
        mut encode: impl FnMut(T, &mut Vec<u8>),
    ) -> std::io::Result<()> {
        let mut starts: Vec<u64> = vec![0];
        let mut buffer = Vec::new();
        self.begin(heap)?;
        for item in items {
            buffer.clear();
            encode(item, &mut buffer);
            self.put(heap, &buffer)?;
            starts.push(starts.last().expect("begins with one") + buffer.len() as u64);
        }
        self.begin(offsets)?;
        for start in starts {
            self.put(offsets, &start.to_le_bytes())?;
        }
        Ok(())
    }

    fn keys(&mut self, heap: Section, offsets: Section, mut keys: Vec<(String, NodeIndex)>) -> std::io::Result<()> {
        keys.sort_unstable();
        keys.dedup();
        self.records(heap, offsets, keys.into_iter(), |(key, node), buffer| {
            buffer.extend_from_slice(&node.to_le_bytes());
            buffer.extend_from_slice(key.as_bytes());
        })
    }
}

fn encode(record: &impl Serialize, buffer: &mut Vec<u8>) {
    let taken = std::mem::take(buffer);
    *buffer = postcard::to_extend(record, taken).expect("records have no part that postcard refuses");
}

/// Writes the graph to `path`. The same graph gives the same bytes.
pub fn write(graph: &Graph, path: &Path) -> Result<(), Error> {
    let fail = |cause| Error::io(path, cause);
    let file = File::create(path).map_err(fail)?;
    let mut sections =
        Sections { path, out: BufWriter::with_capacity(1 << 20, file), at: HEADER as u64, table: [(0, 0); N_SECTIONS] };
    write_sections(graph, &mut sections).map_err(fail)?;
    let Sections { out, table, path, .. } = sections;
    let mut file = out.into_inner().map_err(|cause| Error::io(path, cause.into_error()))?;
    let mut header = Vec::with_capacity(HEADER);
    header.extend_from_slice(&MAGIC);
    header.extend_from_slice(&VERSION.to_le_bytes());
    header.extend_from_slice(&(graph.nodes().len() as u32).to_le_bytes());
    header.extend_from_slice(&(graph.edges().len() as u64).to_le_bytes());
    for (offset, length) in table {
        header.extend_from_slice(&offset.to_le_bytes());
        header.extend_from_slice(&length.to_le_bytes());
    }
    file.sync_data().and_then(|()| file.seek(SeekFrom::Start(0)).map(drop)).map_err(fail)?;
    file.write_all(&header).and_then(|()| file.sync_all()).map_err(fail)
}

fn write_sections(graph: &Graph, sections: &mut Sections<'_>) -> std::io::Result<()> {
    sections.out.write_all(&[0; HEADER])?;
    let (nodes, edges) = (graph.nodes(), graph.edges());
    sections.records(Section::NodeHeap, Section::NodeOffsets, nodes.iter(), |node, buffer| {
        let text = |text: &'_ Option<String>| text.clone().map(Cow::Owned);
        let texts = [text(&node.number), text(&node.kind), text(&node.issuer), text(&node.term), text(&node.title)];
        encode(
            &NodeRecord {
                id: Cow::Borrowed(&node.id),
                texts,
                dates: [node.date, node.effective],
                held: node.held,
                outline: Cow::Borrowed(&node.outline),
                delayed: Cow::Borrowed(&node.delayed),
                terms: Cow::Borrowed(&node.terms),
                sources: Cow::Borrowed(&node.sources),
                notes: Cow::Borrowed(&node.notes),
            },
            buffer,
        );
    })?;
    sections.begin(Section::NodeDay)?;
    for node in nodes {
        let days = node.date.and_then(|date| date.since(FIRST_DAY).ok()).map_or(NO_DAY, |span| span.get_days());
        sections.put(Section::NodeDay, &days.to_le_bytes())?;
    }
    let order = bucketed(edges, nodes.len());
    sections.records(Section::EdgeHeap, Section::EdgeOffsets, order.iter(), |n, buffer| {
        let edge = &edges[*n as usize];
        // Most edges are told by their own actor, whose id need not be written again.
        let teller = (edge.source.doc != nodes[edge.from as usize].id).then_some(Cow::Borrowed(&*edge.source.doc));
        encode(
            &EdgeRecord {
                texts: [edge.locator.as_deref().map(Cow::Borrowed), teller, edge.why.as_deref().map(Cow::Borrowed)],
                sentence: Cow::Borrowed(&edge.sentence),
                dates: [edge.since, edge.until, edge.except_until],
                except: Cow::Borrowed(&edge.except),
                restores: edge.restores,
                span: edge.source.span,
                confidence: edge.confidence,
            },
            buffer,
        );
    })?;
    let sorted = || order.iter().map(|n| &edges[*n as usize]);
    sections.begin(Section::EdgeFrom)?;
    for edge in sorted() {
        sections.put(Section::EdgeFrom, &edge.from.to_le_bytes())?;
    }
    sections.begin(Section::EdgeTo)?;
    for edge in sorted() {
        sections.put(Section::EdgeTo, &end(edge.to, edge).to_le_bytes())?;
    }
    sections.begin(Section::EdgeKey)?;
    for edge in sorted() {
        sections.put(Section::EdgeKey, &[key_of(edge)])?;
    }
    sections.begin(Section::OutStart)?;
    for start in starts(nodes.len(), sorted().map(|edge| edge.from)) {
        sections.put(Section::OutStart, &start.to_le_bytes())?;
    }
    let slots = incoming(edges, &order, nodes.len());
    let edge_at = |slot: &u32| &edges[order[*slot as usize] as usize];
    sections.begin(Section::InStart)?;
    for start in starts(nodes.len(), slots.iter().map(|slot| edge_at(slot).to)) {
        sections.put(Section::InStart, &start.to_le_bytes())?;
    }
    sections.begin(Section::InEdge)?;
    for slot in &slots {
        sections.put(Section::InEdge, &slot.to_le_bytes())?;
    }
    sections.begin(Section::InFrom)?;
    for slot in &slots {
        let edge = edge_at(slot);
        sections.put(Section::InFrom, &end(edge.from, edge).to_le_bytes())?;
    }
    sections.begin(Section::InKey)?;
    for slot in &slots {
        sections.put(Section::InKey, &[key_of(edge_at(slot))])?;
    }
    let mut ids: Vec<(String, NodeIndex)> = Vec::with_capacity(nodes.len());
    let mut numbers: Vec<(String, NodeIndex)> = Vec::with_capacity(nodes.len());
    for (n, node) in nodes.iter().enumerate() {
        ids.push((node.id.clone(), n as NodeIndex));
        ids.extend(node.sources.iter().map(|source| (source.clone(), n as NodeIndex)));
        numbers.extend(node.number.as_deref().map(|number| (number_key(number), n as NodeIndex)));
    }
    sections.keys(Section::IdHeap, Section::IdOffsets, ids)?;
    sections.keys(Section::NumberHeap, Section::NumberOffsets, numbers)?;
    let doubts: Vec<DoubtRecord> = graph
        .doubts
        .iter()
        .cloned()
        .map(|Doubt { doc, kind, note, candidates }| DoubtRecord { doc, kind, note, candidates })
        .collect();
    let mut buffer = Vec::new();
    encode(&doubts, &mut buffer);
    sections.begin(Section::Doubts)?;
    sections.put(Section::Doubts, &buffer)
}

/// The end of an edge as its list has it.
fn end(n: NodeIndex, edge: &Edge) -> u32 {
    if edge.locator.is_some() { n | PLACED } else { n }
}

/// Edges by (from, key, to): buckets first, so that only small runs are sorted.
fn bucketed(edges: &[Edge], n_nodes: usize) -> Vec<u32> {
    let mut order = dealt(n_nodes, edges.iter().map(|edge| edge.from));
    let bounds = starts(n_nodes, edges.iter().map(|edge| edge.from));
    for run in bounds.windows(2) {
        order[run[0] as usize..run[1] as usize].sort_unstable_by_key(|n| {
            let edge = &edges[*n as usize];
            (key_of(edge), edge.to, *n)
        });
    }
    order
}

/// Slots of `order` by (to, key, from).
fn incoming(edges: &[Edge], order: &[u32], n_nodes: usize) -> Vec<u32> {
    let edge_at = |slot: usize| &edges[order[slot] as usize];
    let ends = || (0..order.len()).map(|slot| edge_at(slot).to);
    let mut slots = dealt(n_nodes, ends());
    for run in starts(n_nodes, ends()).windows(2) {
        slots[run[0] as usize..run[1] as usize].sort_unstable_by_key(|slot| {
            let edge = edge_at(*slot as usize);
            (key_of(edge), edge.from, *slot)
        });
    }
    slots
}

/// Positions in `ends`, by end.
fn dealt(n_nodes: usize, ends: impl Iterator<Item = NodeIndex> + Clone) -> Vec<u32> {
    let mut next = starts(n_nodes, ends.clone());
    let mut order = vec![0_u32; *next.last().expect("one more than the nodes") as usize];
    for (n, end) in ends.enumerate() {
        let slot = &mut next[end as usize];
        order[*slot as usize] = n as u32;
        *slot += 1;
    }
    order
}

/// First slot of each node, and one past the last of all.
fn starts(n_nodes: usize, ends: impl Iterator<Item = NodeIndex>) -> Vec<u64> {
    let mut starts = vec![0_u64; n_nodes + 1];
    for end in ends {
        starts[end as usize + 1] += 1;
    }
    for n in 0..n_nodes {
        starts[n + 1] += starts[n];
    }
    starts
}
