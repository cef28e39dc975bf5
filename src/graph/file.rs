//! The graph on disk: opened in no time, read only where asked.
//!
//! Sorted arrays and heaps, little-endian, mapped into memory. A question touches the
//! neighbourhood it is about; the size of the graph costs one binary search.
//!
//! ```text
//! magic, version, counts, section table         written last, so that a torn file is no graph
//! nodes     heap of records + offsets           edges   heap of records + offsets, by (from, relation, to)
//! ends      from, to, relation of each edge     out     first edge of each node
//! in        first incoming slot of each node, slots by (to, relation, from)
//! ids       sorted keys → node                  numbers sorted keys → node
//! doubts
//! ```

use super::{Delay, Doubt, Edge, Graph, Lineage, Node, NodeIndex, Relations, Source, number_key, split_dated};
use crate::citation::Relation;
use crate::error::Error;
use jiff::civil::Date;
use memmap2::Mmap;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::Path;

const MAGIC: [u8; 8] = *b"vanbangr";
/// Changes with every change of the layout; a file of another version is not opened.
pub const VERSION: u32 = 1;
/// Magic, version, node count, edge count, then (offset, length) of each section.
const HEADER: usize = 8 + 4 + 4 + 8 + N_SECTIONS * 16;
const N_SECTIONS: usize = 15;

/// Sections in the order of the table.
#[derive(Clone, Copy)]
enum Section {
    NodeHeap,
    NodeOffsets,
    EdgeHeap,
    EdgeOffsets,
    EdgeFrom,
    EdgeTo,
    EdgeRelation,
    OutStart,
    InStart,
    InEdge,
    IdHeap,
    IdOffsets,
    NumberHeap,
    NumberOffsets,
    Doubts,
}

/// Every relation, in the order of the enum, which is the order on disk.
const RELATIONS: [Relation; 17] = [
    Relation::Basis,
    Relation::Implements,
    Relation::Details,
    Relation::Guides,
    Relation::Replaces,
    Relation::ReplacedBy,
    Relation::Repeals,
    Relation::EndsEffect,
    Relation::Amends,
    Relation::AmendedBy,
    Relation::Corrects,
    Relation::Suspends,
    Relation::Consolidates,
    Relation::AttachedTo,
    Relation::Attaches,
    Relation::RepliesTo,
    Relation::Cites,
];

type Text<'a> = Option<Cow<'a, str>>;

/// A node as stored. A form of its own, because the JSON form leaves keys out.
#[derive(Serialize, Deserialize)]
struct NodeRecord<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    texts: [Text<'a>; 5],
    dates: [Option<Date>; 2],
    held: Option<bool>,
    outline: Cow<'a, [String]>,
    delayed: Cow<'a, [Delay]>,
    sources: Cow<'a, [String]>,
    notes: Cow<'a, [String]>,
}

/// What an edge has beside its ends and its relation.
#[derive(Serialize, Deserialize)]
struct EdgeRecord<'a> {
    #[serde(borrow)]
    texts: [Text<'a>; 3],
    #[serde(borrow)]
    sentence: Cow<'a, str>,
    dates: [Option<Date>; 3],
    except: Cow<'a, [String]>,
    restores: bool,
    span: [usize; 2],
    confidence: f32,
}

#[derive(Serialize, Deserialize)]
struct DoubtRecord {
    doc: String,
    kind: String,
    note: String,
    candidates: Vec<String>,
}

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
                sources: Cow::Borrowed(&node.sources),
                notes: Cow::Borrowed(&node.notes),
            },
            buffer,
        );
    })?;
    let order = bucketed(edges, nodes.len(), |edge| edge.from, |edge| edge.to);
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
        sections.put(Section::EdgeTo, &edge.to.to_le_bytes())?;
    }
    sections.begin(Section::EdgeRelation)?;
    for edge in sorted() {
        sections.put(Section::EdgeRelation, &[edge.relation as u8])?;
    }
    sections.begin(Section::OutStart)?;
    for start in starts(nodes.len(), sorted().map(|edge| edge.from)) {
        sections.put(Section::OutStart, &start.to_le_bytes())?;
    }
    let incoming: Vec<&Edge> = sorted().collect();
    let slots = bucketed_refs(&incoming, nodes.len());
    sections.begin(Section::InStart)?;
    for start in starts(nodes.len(), slots.iter().map(|n| incoming[*n as usize].to)) {
        sections.put(Section::InStart, &start.to_le_bytes())?;
    }
    sections.begin(Section::InEdge)?;
    for slot in slots {
        sections.put(Section::InEdge, &slot.to_le_bytes())?;
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

/// Edges by one end, then relation, then the other end: buckets first, so that only small runs are sorted.
fn bucketed(
    edges: &[Edge],
    n_nodes: usize,
    end: impl Fn(&Edge) -> NodeIndex,
    other: impl Fn(&Edge) -> NodeIndex,
) -> Vec<u32> {
    let mut next = starts(n_nodes, edges.iter().map(&end));
    let bounds = next.clone();
    let mut order = vec![0_u32; edges.len()];
    for (n, edge) in edges.iter().enumerate() {
        let slot = &mut next[end(edge) as usize];
        order[*slot as usize] = n as u32;
        *slot += 1;
    }
    for run in bounds.windows(2) {
        order[run[0] as usize..run[1] as usize].sort_unstable_by_key(|n| {
            let edge = &edges[*n as usize];
            (edge.relation, other(edge), *n)
        });
    }
    order
}

fn bucketed_refs(edges: &[&Edge], n_nodes: usize) -> Vec<u32> {
    let mut next = starts(n_nodes, edges.iter().map(|edge| edge.to));
    let bounds = next.clone();
    let mut order = vec![0_u32; edges.len()];
    for (n, edge) in edges.iter().enumerate() {
        let slot = &mut next[edge.to as usize];
        order[*slot as usize] = n as u32;
        *slot += 1;
    }
    for run in bounds.windows(2) {
        let key = |n: &u32| (edges[*n as usize].relation, edges[*n as usize].from, *n);
        order[run[0] as usize..run[1] as usize].sort_unstable_by_key(key);
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

/// A graph file, open for questions. Cheap to open; shared between threads at will.
#[derive(Debug)]
pub struct GraphFile {
    map: Mmap,
    n_nodes: usize,
    n_edges: usize,
    table: [(usize, usize); N_SECTIONS],
}

/// The one unsafe line: the file belongs to a published generation, in which nothing is ever changed.
#[allow(unsafe_code)]
fn map(file: &File) -> std::io::Result<Mmap> {
    // SAFETY: writers make a new file and never touch one that was published, so the mapped bytes stay as they are.
    unsafe { Mmap::map(file) }
}

impl GraphFile {
    /// Maps the file; reads nothing but its header.
    pub fn open(path: &Path) -> Result<GraphFile, Error> {
        let fail = |cause| Error::io(path, cause);
        let map = map(&File::open(path).map_err(fail)?).map_err(fail)?;
        let refuse = |why: &str| Error::message(path, format!("{why}; run `vanban reindex --full`"));
        if map.len() < HEADER || map[..8] != MAGIC {
            return Err(refuse("not a finished graph file"));
        }
        let version = u32::from_le_bytes(map[8..12].try_into().expect("four bytes"));
        if version != VERSION {
            return Err(refuse(&format!("graph format {version}, but this build reads {VERSION}")));
        }
        let long = |at: usize| u64::from_le_bytes(map[at..at + 8].try_into().expect("eight bytes")) as usize;
        let n_nodes = u32::from_le_bytes(map[12..16].try_into().expect("four bytes")) as usize;
        let mut table = [(0, 0); N_SECTIONS];
        for (n, entry) in table.iter_mut().enumerate() {
            *entry = (long(24 + n * 16), long(32 + n * 16));
            if entry.0.checked_add(entry.1).is_none_or(|end| end > map.len()) {
                return Err(refuse("the graph file is cut short"));
            }
        }
        let n_edges = long(16);
        Ok(GraphFile { n_nodes, n_edges, table, map })
    }

    /// Edges in all.
    pub fn edge_count(&self) -> usize {
        self.n_edges
    }

    /// What was not decided.
    pub fn doubts(&self) -> Vec<Doubt> {
        let records: Vec<DoubtRecord> = postcard::from_bytes(self.section(Section::Doubts)).unwrap_or_default();
        records
            .into_iter()
            .map(|DoubtRecord { doc, kind, note, candidates }| Doubt { doc, kind, note, candidates })
            .collect()
    }

    /// The whole graph in memory, for exports.
    pub fn load(&self) -> Graph {
        let nodes = (0..self.n_nodes).map(|n| self.read_node(n as NodeIndex)).collect();
        let edges = (0..self.n_edges).map(|n| self.read_edge(n)).collect();
        Graph::from_parts(nodes, edges, self.doubts())
    }

    fn section(&self, section: Section) -> &[u8] {
        let (offset, length) = self.table[section as usize];
        &self.map[offset..offset + length]
    }

    fn word(&self, section: Section, n: usize) -> u32 {
        let bytes = self.section(section).get(n * 4..n * 4 + 4);
        bytes.map_or(0, |bytes| u32::from_le_bytes(bytes.try_into().expect("four bytes")))
    }

    fn long(&self, section: Section, n: usize) -> usize {
        let bytes = self.section(section).get(n * 8..n * 8 + 8);
        bytes.map_or(0, |bytes| u64::from_le_bytes(bytes.try_into().expect("eight bytes")) as usize)
    }

    fn record(&self, heap: Section, offsets: Section, n: usize) -> &[u8] {
        self.section(heap).get(self.long(offsets, n)..self.long(offsets, n + 1)).unwrap_or_default()
    }

    fn read_node(&self, n: NodeIndex) -> Node {
        let bytes = self.record(Section::NodeHeap, Section::NodeOffsets, n as usize);
        let Ok(record) = postcard::from_bytes::<NodeRecord<'_>>(bytes) else { return Node::default() };
        let [number, kind, issuer, term, title] = record.texts.map(|text| text.map(Cow::into_owned));
        let [date, effective] = record.dates;
        Node {
            id: record.id.into_owned(),
            number,
            kind,
            issuer,
            date,
            effective,
            term,
            title,
            held: record.held,
            outline: record.outline.into_owned(),
            delayed: record.delayed.into_owned(),
            sources: record.sources.into_owned(),
            notes: record.notes.into_owned(),
        }
    }

    fn read_edge(&self, n: usize) -> Edge {
        let bytes = self.record(Section::EdgeHeap, Section::EdgeOffsets, n);
        let from = self.word(Section::EdgeFrom, n);
        let mut edge = Edge { from, to: self.word(Section::EdgeTo, n), relation: self.relation(n), ..Edge::default() };
        if let Ok(record) = postcard::from_bytes::<EdgeRecord<'_>>(bytes) {
            let [locator, teller, why] = record.texts.map(|text| text.map(Cow::into_owned));
            let [since, until, except_until] = record.dates;
            let doc = teller.unwrap_or_else(|| self.read_node(from).id);
            edge = Edge {
                locator,
                since,
                until,
                except: record.except.into_owned(),
                except_until,
                restores: record.restores,
                sentence: record.sentence.into_owned(),
                source: Source { doc, span: record.span },
                confidence: record.confidence,
                why,
                ..edge
            };
        }
        edge
    }

    fn relation(&self, edge: usize) -> Relation {
        let byte = self.section(Section::EdgeRelation).get(edge).copied().unwrap_or_default();
        RELATIONS.get(usize::from(byte)).copied().unwrap_or_default()
    }

    /// Slots of the wanted relations in a run that is sorted by relation.
    fn of_relations(
        &self,
        run: Range<usize>,
        relations: Relations,
        edge_at: impl Fn(usize) -> usize,
    ) -> impl Iterator<Item = usize> {
        let mut wanted = Vec::new();
        if relations == Relations::ALL {
            wanted.push(run);
        } else {
            for relation in RELATIONS.into_iter().filter(|relation| relations.has(*relation)) {
                let first = partition(run.clone(), |slot| self.relation(edge_at(slot)) < relation);
                let last = partition(first..run.end, |slot| self.relation(edge_at(slot)) <= relation);
                wanted.push(first..last);
            }
        }
        wanted.into_iter().flatten()
    }

    /// Nodes under `key` in one of the sorted key sections.
    fn look_up(&self, heap: Section, offsets: Section, key: &str) -> Vec<NodeIndex> {
        let n_keys = (self.section(offsets).len() / 8).saturating_sub(1);
        let at = |n: usize| {
            let (node, key) = self.record(heap, offsets, n).split_at_checked(4).unwrap_or_default();
            (u32::from_le_bytes(node.try_into().unwrap_or_default()), key)
        };
        let first = partition(0..n_keys, |n| at(n).1 < key.as_bytes());
        (first..n_keys).map(at).take_while(|(_, found)| *found == key.as_bytes()).map(|(node, _)| node).collect()
    }
}

/// First of `range` for which `before` no longer holds.
fn partition(range: Range<usize>, before: impl Fn(usize) -> bool) -> usize {
    let Range { mut start, mut end } = range;
    while start < end {
        let middle = start + (end - start) / 2;
        if before(middle) {
            start = middle + 1;
        } else {
            end = middle;
        }
    }
    start
}

impl Lineage for GraphFile {
    fn node_count(&self) -> usize {
        self.n_nodes
    }

    fn node(&self, n: NodeIndex) -> Cow<'_, Node> {
        Cow::Owned(self.read_node(n))
    }

    fn outgoing(&self, n: NodeIndex, relations: Relations) -> Vec<Cow<'_, Edge>> {
        let run = self.long(Section::OutStart, n as usize)..self.long(Section::OutStart, n as usize + 1);
        self.of_relations(run, relations, |slot| slot).map(|edge| Cow::Owned(self.read_edge(edge))).collect()
    }

    fn incoming(&self, n: NodeIndex, relations: Relations) -> Vec<Cow<'_, Edge>> {
        let run = self.long(Section::InStart, n as usize)..self.long(Section::InStart, n as usize + 1);
        let edge_at = |slot: usize| self.word(Section::InEdge, slot) as usize;
        self.of_relations(run, relations, edge_at).map(|slot| Cow::Owned(self.read_edge(edge_at(slot)))).collect()
    }

    fn find(&self, word: &str) -> Vec<NodeIndex> {
        let by_id = self.look_up(Section::IdHeap, Section::IdOffsets, word);
        if !by_id.is_empty() {
            return by_id;
        }
        let (number, date) = split_dated(word);
        let mut found = self.look_up(Section::NumberHeap, Section::NumberOffsets, &number_key(number));
        if date.is_some() {
            found.retain(|n| self.read_node(*n).date == date);
        }
        found
    }

    fn around(&self, n: NodeIndex, relations: Relations, limit: usize) -> Vec<Cow<'_, Edge>> {
        let run = |section| self.long(section, n as usize)..self.long(section, n as usize + 1);
        let edge_at = |slot: usize| self.word(Section::InEdge, slot) as usize;
        let outgoing = self.of_relations(run(Section::OutStart), relations, |slot| slot);
        let incoming = self.of_relations(run(Section::InStart), relations, edge_at).map(edge_at);
        outgoing.chain(incoming).take(limit).map(|edge| Cow::Owned(self.read_edge(edge))).collect()
    }

    fn links(&self, n: NodeIndex) -> usize {
        let width = |section| self.long(section, n as usize + 1) - self.long(section, n as usize);
        width(Section::OutStart) + width(Section::InStart)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Graph {
        Graph::from_json(
            r#"{"docs":[
            {"id":"A","number":"84-QĐ/TU","date":"2011-03-04","effective":"2011-03-04","term":"XIV","outline":["dieu:1"]},
            {"id":"A2","number":"84-QĐ/TU","date":"2016-03-04","sources":["A2","A2-scan"]},
            {"id":"B","number":"446-QĐ/TU","date":"2021-11-26","effective":"2021-11-26"}],
            "edges":[
            {"from":"B","to":"A","relation":"replaces","sentence":"Quyết định này thay thế …","source":{"doc":"B","span":[3,9]}},
            {"from":"B","to":"A2","relation":"cites"},
            {"from":"A2","to":"A","relation":"amends","locator":"Điều 1","since":"2017-01-01","except":["Điều 2"]},
            {"from":"B","to":"23-QĐ/TW","relation":"basis","source":{"doc":"A2","span":[0,1]}}]}"#,
        )
        .unwrap()
    }

    #[test]
    fn the_file_answers_as_the_graph_does() {
        let (graph, dir) = (sample(), tempfile::tempdir().unwrap());
        let path = dir.path().join("graph");
        write(&graph, &path).unwrap();
        let file = GraphFile::open(&path).unwrap();
        assert_eq!(file.node_count(), graph.node_count());
        for n in 0..graph.node_count() as NodeIndex {
            assert_eq!(file.node(n), graph.node(n));
            assert_eq!(file.links(n), graph.links(n));
            for relations in [Relations::ALL, Relations::of(&[Relation::Basis, Relation::Cites, Relation::Amends])] {
                let sort = |edges: Vec<Cow<'_, Edge>>| {
                    let mut edges: Vec<Edge> = edges.into_iter().map(Cow::into_owned).collect();
                    edges.sort_by_key(|edge| (edge.from, edge.to, edge.relation));
                    edges
                };
                assert_eq!(sort(file.outgoing(n, relations)), sort(graph.outgoing(n, relations)));
                assert_eq!(sort(file.incoming(n, relations)), sort(graph.incoming(n, relations)));
            }
        }
        for word in ["A", "A2-scan", "84-QĐ/TU", "84-qđ/tu", "84-QĐ/TU@2016-03-04", "23-QĐ/TW", "nowhere"] {
            assert_eq!(file.find(word), graph.find(word), "{word}");
        }
        assert_eq!(file.load().nodes(), graph.nodes());
    }

    #[test]
    fn the_same_graph_gives_the_same_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (dir.path().join("a"), dir.path().join("b"));
        write(&sample(), &a).unwrap();
        write(&GraphFile::open(&a).unwrap().load(), &b).unwrap();
        assert_eq!(std::fs::read(a).unwrap(), std::fs::read(b).unwrap());
    }

    #[test]
    fn a_torn_file_is_no_graph() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("graph");
        write(&sample(), &path).unwrap();
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 9]).unwrap();
        assert!(GraphFile::open(&path).unwrap_err().to_string().contains("cut short"));
        std::fs::write(&path, vec![0; whole.len()]).unwrap();
        assert!(GraphFile::open(&path).unwrap_err().to_string().contains("not a finished graph file"));
    }
}
