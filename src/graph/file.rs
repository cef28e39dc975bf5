//! The graph on disk: opened in no time, read only where asked.
//!
//! Sorted arrays and heaps, little-endian, mapped into memory. A question touches the
//! neighbourhood it is about; the size of the graph costs one binary search.
//!
//! ```text
//! magic, version, counts, section table         written last, so that a torn file is no graph
//! nodes     heap of records + offsets           edges   heap of records + offsets, by (from, relation, to)
//! dates     day of signing of each node
//! ends      from, to, key of each edge          out     first edge of each node
//! in        first incoming slot of each node, slots by (to, key, from): edge, from, key
//! ids       sorted keys → node                  numbers sorted keys → node
//! doubts
//! ```
//!
//! An edge's key is its relation, with the high bit set where the edge restores: the few that
//! restore are found among many mentions without reading those. The other end of an edge, in
//! either list, has its high bit set where the edge names a place: what a list tells of its
//! edges lies together, and nothing else is read to walk along them.

mod write;

pub use write::write;

use super::{
    Delay, Doubt, Edge, EdgeIndex, Graph, Lineage, Link, Node, NodeIndex, Relations, Source, Term, number_key,
    split_dated,
};
use crate::citation::Relation;
use crate::error::Error;
use jiff::civil::Date;
use memmap2::Mmap;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

const MAGIC: [u8; 8] = *b"vanbangr";
/// Changes with every change of the layout; a file of another version is not opened.
pub const VERSION: u32 = 4;
/// Magic, version, node count, edge count, then (offset, length) of each section.
const HEADER: usize = 8 + 4 + 4 + 8 + N_SECTIONS * 16;
const N_SECTIONS: usize = 18;

/// Sections in the order of the table.
#[derive(Clone, Copy)]
enum Section {
    NodeHeap,
    NodeOffsets,
    NodeDay,
    EdgeHeap,
    EdgeOffsets,
    EdgeFrom,
    EdgeTo,
    EdgeKey,
    OutStart,
    InStart,
    InEdge,
    InFrom,
    InKey,
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

/// Set in the key of an edge that restores.
const RESTORES: u8 = 0x80;
/// Set in the other end of an edge that names a place; so a graph has less than 2³¹ documents.
const PLACED: u32 = 1 << 31;
/// Stands for no day of signing.
const NO_DAY: i32 = i32::MIN;
/// Days of signing are counted from here.
const FIRST_DAY: Date = Date::constant(1970, 1, 1);

fn key_of(edge: &Edge) -> u8 {
    edge.relation as u8 | if edge.restores { RESTORES } else { 0 }
}

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
    terms: Cow<'a, [Term]>,
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

    /// Whether the file at `path` is one, to tell it from graph JSON.
    pub fn is_at(path: &Path) -> Result<bool, Error> {
        let mut head = Vec::with_capacity(MAGIC.len());
        let file = File::open(path).map_err(|cause| Error::io(path, cause))?;
        file.take(MAGIC.len() as u64).read_to_end(&mut head).map_err(|cause| Error::io(path, cause))?;
        Ok(head == MAGIC)
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
            terms: record.terms.into_owned(),
            sources: record.sources.into_owned(),
            notes: record.notes.into_owned(),
        }
    }

    /// The id alone, which opens the record.
    fn id_of(&self, n: NodeIndex) -> &str {
        let bytes = self.record(Section::NodeHeap, Section::NodeOffsets, n as usize);
        postcard::take_from_bytes::<&str>(bytes).map_or("", |(id, _)| id)
    }

    fn read_edge(&self, n: usize) -> Edge {
        let bytes = self.record(Section::EdgeHeap, Section::EdgeOffsets, n);
        let from = self.word(Section::EdgeFrom, n);
        let to = self.word(Section::EdgeTo, n) & !PLACED;
        let mut edge = Edge { from, to, relation: relation_of(self.key(Section::EdgeKey, n)), ..Edge::default() };
        if let Ok(record) = postcard::from_bytes::<EdgeRecord<'_>>(bytes) {
            let [locator, teller, why] = record.texts.map(|text| text.map(Cow::into_owned));
            let [since, until, except_until] = record.dates;
            let doc = teller.unwrap_or_else(|| self.id_of(from).to_owned());
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

    fn key(&self, keys: Section, slot: usize) -> u8 {
        self.section(keys).get(slot).copied().unwrap_or_default()
    }

    /// Slots of the wanted relations in a run whose keys, in `keys`, are in order.
    fn wanted(&self, run: Range<usize>, relations: Relations, keys: Section) -> Vec<Range<usize>> {
        if relations == Relations::ALL || run.is_empty() {
            return vec![run];
        }
        let keys = self.section(keys);
        let key = |slot: usize| keys.get(slot).copied().unwrap_or_default();
        let restoring = Relations::RESTORING.and(relations) == Relations::RESTORING;
        let any_restores = key(run.end - 1) & RESTORES != 0;
        let mut found: Vec<Range<usize>> = Vec::new();
        for flag in [0, RESTORES] {
            if flag != 0 && !any_restores {
                break;
            }
            for relation in RELATIONS {
                if !(relations.has(relation) || restoring && flag != 0) {
                    continue;
                }
                let wanted = relation as u8 | flag;
                let first = partition(run.clone(), |slot| key(slot) < wanted);
                let last = partition(first..run.end, |slot| key(slot) <= wanted);
                if first < last {
                    found.push(first..last);
                }
            }
        }
        found
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

fn relation_of(key: u8) -> Relation {
    RELATIONS.get(usize::from(key & !RESTORES)).copied().unwrap_or_default()
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

    fn id(&self, n: NodeIndex) -> String {
        self.id_of(n).to_owned()
    }

    fn signed(&self, n: NodeIndex) -> Option<Date> {
        let days = self.word(Section::NodeDay, n as usize) as i32;
        if days == NO_DAY {
            return None;
        }
        FIRST_DAY.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
    }

    fn name_hash(&self, n: NodeIndex) -> u64 {
        // The front of the record alone: places and notes stay unread.
        type Head<'a> = (&'a str, [Option<&'a str>; 5], [Option<Date>; 2]);
        let bytes = self.record(Section::NodeHeap, Section::NodeOffsets, n as usize);
        match postcard::take_from_bytes::<Head<'_>>(bytes) {
            Ok(((id, [number, _, _, _, title], [date, _]), _)) => {
                super::name_hash(number.or(title).unwrap_or(id), date)
            }
            Err(_) => super::name_hash("", None),
        }
    }

    fn links_out(&self, n: NodeIndex, relations: Relations, limit: usize) -> Vec<Link> {
        let run = self.long(Section::OutStart, n as usize)..self.long(Section::OutStart, n as usize + 1);
        let slots = self.wanted(run, relations, Section::EdgeKey).into_iter().flatten();
        let link = |edge: usize| {
            let (end, key) = (self.word(Section::EdgeTo, edge), self.key(Section::EdgeKey, edge));
            Link {
                edge: edge as EdgeIndex,
                from: n,
                to: end & !PLACED,
                relation: relation_of(key),
                restores: key & RESTORES != 0,
                whole: end & PLACED == 0,
            }
        };
        slots.take(limit).map(link).collect()
    }

    fn links_in(&self, n: NodeIndex, relations: Relations, limit: usize) -> Vec<Link> {
        let run = self.long(Section::InStart, n as usize)..self.long(Section::InStart, n as usize + 1);
        let slots = self.wanted(run, relations, Section::InKey).into_iter().flatten();
        let link = |slot: usize| {
            let (end, key) = (self.word(Section::InFrom, slot), self.key(Section::InKey, slot));
            Link {
                edge: self.word(Section::InEdge, slot),
                from: end & !PLACED,
                to: n,
                relation: relation_of(key),
                restores: key & RESTORES != 0,
                whole: end & PLACED == 0,
            }
        };
        slots.take(limit).map(link).collect()
    }

    fn edge(&self, edge: EdgeIndex) -> Cow<'_, Edge> {
        Cow::Owned(self.read_edge(edge as usize))
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
            {"from":"B","to":"A","relation":"cites","locator":"Điều 3","restores":true},
            {"from":"A2","to":"A","relation":"cites"},
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
            assert_eq!((file.signed(n), file.name_hash(n)), (graph.signed(n), graph.name_hash(n)));
            let some = Relations::of(&[Relation::Basis, Relation::Cites, Relation::Amends]);
            for relations in [Relations::ALL, some, Relations::RESTORING, Relations::CHANGES] {
                let sort = |edges: Vec<Cow<'_, Edge>>| {
                    let mut edges: Vec<Edge> = edges.into_iter().map(Cow::into_owned).collect();
                    edges.sort_by_key(|edge| (edge.from, edge.to, edge.relation));
                    edges
                };
                assert_eq!(sort(file.outgoing(n, relations)), sort(graph.outgoing(n, relations)));
                assert_eq!(sort(file.incoming(n, relations)), sort(graph.incoming(n, relations)));
                let told = |links: Vec<Link>| {
                    let mut told: Vec<_> = links
                        .into_iter()
                        .map(|link| (link.from, link.to, link.relation, link.restores, link.whole))
                        .collect();
                    told.sort();
                    told
                };
                for limit in [usize::MAX, 1_000] {
                    assert_eq!(told(file.links_out(n, relations, limit)), told(graph.links_out(n, relations, limit)));
                    assert_eq!(told(file.links_in(n, relations, limit)), told(graph.links_in(n, relations, limit)));
                }
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
