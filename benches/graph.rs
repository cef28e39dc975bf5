//! Cold answers from a large graph, and the making of it.
//!
//! `VANBAN_BENCH_DOCS=1000000 cargo bench --bench graph -- status_ trace_` makes a million documents and ten million
//! edges (about 10 GB of memory while they are linked); the default is a hundredth. First it shows, for a hundredth, a
//! tenth and the whole, how long the graph takes to make, and what whole processes take that answer from it, in time
//! and in memory: time to make it grows with the graph, memory to ask it does not.
//!
//! With `VANBAN_BENCH_GRAPH=FOLDER` the graphs stay in FOLDER, and a run that finds them there only asks.

use divan::Bencher;
use jiff::civil::Date;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use vanban::citation::{Relation, Scope};
use vanban::graph::facts::{Facts, Reference};
use vanban::graph::file::{self, GraphFile};
use vanban::graph::trace::{Reach, trace};
use vanban::graph::{Edge, Graph, Lineage, Node, NodeIndex, Relations, Source, validity};

fn main() {
    for n in sizes().into_iter().filter(|n| !path_of(*n).exists() || std::env::var_os(KEPT_IN).is_none()) {
        let all = facts(n);
        let start = Instant::now();
        let graph = Graph::from_facts(all, &[]);
        let (linked, n_edges) = (start.elapsed(), graph.edges().len());
        let path = std::env::temp_dir().join("vanban-bench-linked");
        file::write(&graph, &path).unwrap();
        println!(
            "{n} documents, {n_edges} edges: linked in {linked:.2?}, with the file {:.2?}, {:.1} µs a document",
            start.elapsed(),
            start.elapsed().as_secs_f64() * 1e6 / n as f64
        );
        std::fs::remove_file(path).unwrap();
    }
    for n in sizes() {
        let path = made(n);
        println!("{n} documents, {} bytes on disk", std::fs::metadata(&path).unwrap().len());
        whole_processes(&path, n);
    }
    divan::main();
}

/// Wall time of whole processes, from their start to their last byte: what a person waits. And the memory of the
/// hungriest, with what it touched of the mapped file.
fn whole_processes(file: &Path, n: usize) {
    for (name, more) in [("status", &[][..]), ("trace --depth 3", &["--depth", "3"]), ("--version", &[])] {
        let mut random = Sequence(23);
        let mut times: Vec<Duration> = Vec::new();
        let mut most_memory = 0;
        for _ in 0..N_PROCESSES {
            let id = id_of(random.below(n), n);
            let mut command = Command::new("/usr/bin/time");
            command.args(["-f", "%M", env!("CARGO_BIN_EXE_vanban")]);
            match name {
                "--version" => command.arg(name),
                _ => command.arg(name.split(' ').next().unwrap()).arg(id).args(more).arg("--graph").arg(file),
            };
            let start = Instant::now();
            let output = command.output().expect("/usr/bin/time, of the package time");
            times.push(start.elapsed());
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let talk = String::from_utf8(output.stderr).unwrap();
            most_memory = most_memory.max(talk.lines().last().unwrap().trim().parse::<u64>().unwrap());
        }
        times.sort();
        println!(
            "  vanban {name}: median {:.1?}, 95 of 100 below {:.1?}, slowest {:.1?}; at most {most_memory} kB",
            times[N_PROCESSES / 2],
            times[N_PROCESSES * 95 / 100],
            times[N_PROCESSES - 1]
        );
    }
}

const N_PROCESSES: usize = 200;

fn id_of(k: usize, of: usize) -> String {
    format!("{}/{k}.txt", 1994 + k * 33 / of)
}

const EDGES_PER_DOCUMENT: usize = 10;
const AT: Date = Date::constant(2026, 11, 22);

fn n_documents() -> usize {
    std::env::var("VANBAN_BENCH_DOCS").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000)
}

/// A fixed sequence, so that every run measures the same graph.
struct Sequence(u64);

impl Sequence {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n
    }
}

fn date_of(n: usize, of: usize) -> Date {
    let days = (n * 12_000 / of) as i64;
    Date::constant(1994, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap()
}

/// Each number is given twice, in archives of any size.
fn number_of(k: usize, of: usize) -> String {
    format!("{}/{}/QĐ-UBND", k / 33 % (of / 66).max(1), 1994 + k % 33)
}

/// Acts upon older documents, and ten laws that all others are based on and many cite.
fn graph(n: usize) -> Graph {
    let mut random = Sequence(7);
    let nodes: Vec<Node> = (0..n)
        .map(|k| Node {
            id: id_of(k, n),
            number: Some(number_of(k, n)),
            kind: Some("Quyết định".into()),
            date: Some(date_of(k, n)),
            held: Some(true),
            ..Node::default()
        })
        .collect();
    let mut edges = Vec::with_capacity(n * EDGES_PER_DOCUMENT);
    #[allow(clippy::needless_range_loop, reason = "`from` is a document first and an index second")]
    for from in 1..n {
        for k in 0..EDGES_PER_DOCUMENT {
            let (to, relation) = match k {
                0 => (from.saturating_sub(1 + random.below(500)), Relation::Replaces),
                1 => (from.saturating_sub(1 + random.below(500)), Relation::Amends),
                2 => (random.below(10).min(from - 1), Relation::Basis),
                3 => (random.below(10).min(from - 1), Relation::Cites),
                _ => (random.below(from), Relation::Cites),
            };
            edges.push(Edge {
                from: from as NodeIndex,
                to: to as NodeIndex,
                relation,
                locator: (relation == Relation::Amends).then(|| format!("Điều {}", 1 + k)),
                sentence: "Quyết định này thay thế Quyết định số 12/2019/QĐ-UBND.".into(),
                source: Source { doc: nodes[from].id.clone(), span: [100, 160] },
                confidence: 0.97,
                ..Edge::default()
            });
        }
    }
    Graph::from_parts(nodes, edges, Vec::new())
}

/// Names the folder in which graphs are kept from one run to the next.
const KEPT_IN: &str = "VANBAN_BENCH_GRAPH";

/// A hundredth, a tenth and the whole.
fn sizes() -> [usize; 3] {
    [n_documents() / 100, n_documents() / 10, n_documents()]
}

fn path_of(n: usize) -> PathBuf {
    let folder = std::env::var_os(KEPT_IN).map_or_else(std::env::temp_dir, PathBuf::from);
    folder.join(format!("vanban-bench-graph-{n}"))
}

/// A graph of `n` documents on disk: the kept one, else a new one.
fn made(n: usize) -> PathBuf {
    let path = path_of(n);
    if !path.exists() || std::env::var_os(KEPT_IN).is_none() {
        file::write(&graph(n), &path).unwrap();
    }
    path
}

static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let path = path_of(n_documents());
    if path.exists() { path } else { made(n_documents()) }
});

/// Opens the file anew each time, so nothing but the operating system's cache is warm.
#[divan::bench]
fn status_from_a_closed_file(bencher: Bencher) {
    let mut random = Sequence(11);
    bencher.with_inputs(|| id_of(random.below(n_documents()), n_documents())).bench_local_values(|id| {
        let graph = GraphFile::open(&FILE).unwrap();
        let node = graph.find(&id)[0];
        validity::status_at(&graph, node, AT)
    });
}

#[divan::bench]
fn status_of_the_most_cited(bencher: Bencher) {
    bencher.bench_local(|| validity::status_at(&GraphFile::open(&FILE).unwrap(), 3, AT));
}

#[divan::bench]
fn trace_of_depth_three_from_a_closed_file(bencher: Bencher) {
    let mut random = Sequence(13);
    bencher.with_inputs(|| random.below(n_documents()) as NodeIndex).bench_local_values(|root| {
        let graph = GraphFile::open(&FILE).unwrap();
        trace(&graph, root, &Reach { depth: 3, relations: Relations::ALL, at: AT, limit: 60 }).distance.len()
    });
}

fn facts(n: usize) -> Vec<Facts> {
    let mut random = Sequence(17);
    (0..n)
        .map(|k| Facts {
            id: format!("{k}.txt"),
            number: Some(number_of(k, n)),
            kind: Some("Quyết định".into()),
            issuer: Some("Ủy ban nhân dân tỉnh".into()),
            locality: Some("song thao".into()),
            date: Some(date_of(k, n)),
            references: (0..EDGES_PER_DOCUMENT)
                .map(|_| {
                    let to = random.below(n);
                    Reference {
                        relation: Relation::Cites,
                        number: Some(number_of(to, n)),
                        kind: Some("Quyết định".into()),
                        date: Some(date_of(to, n)),
                        issuer: Some("Ủy ban nhân dân tỉnh".into()),
                        scope: Scope::default(),
                        sentence: "theo Quyết định số 12/2019/QĐ-UBND của Ủy ban nhân dân tỉnh".into(),
                        confidence: 0.9,
                        ..Reference::default()
                    }
                })
                .collect(),
            ..Facts::default()
        })
        .collect()
}

/// Linking alone; time grows as the documents do.
#[divan::bench(args = [1_000, 10_000], sample_count = 5)]
fn link(bencher: Bencher, n: usize) {
    bencher.with_inputs(|| facts(n)).bench_local_values(|facts| Graph::from_facts(facts, &[]));
}
