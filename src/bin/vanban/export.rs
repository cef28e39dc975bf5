//! `vanban export`: hand the store over.

mod bulk;
mod parquet;

use crate::{Failure, Status};
use jiff::civil::Date;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use vanban::document::{Record, akn};
use vanban::error::Error;
use vanban::graph::file::GraphFile;
use vanban::graph::{Graph, export, linked};
use vanban::store::{Generation, Store};

/// Write the whole store, or a graph, in a form that other programs read
///
/// `csv` writes the two tables nodes.csv and edges.csv into a folder, `akn` one file for each
/// document; the others write one file or standard output. `bulk` is for search engines that
/// `vanban deploy search` prints the settings of.
///
/// Example: vanban export --format graphml --out lineage.graphml
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Form of the output
    #[arg(long, value_enum)]
    format: Format,
    /// File, or folder for `csv` and `akn` [default: standard output]
    #[arg(long, short, value_name = "PATH")]
    out: Option<PathBuf>,
    /// The day for which statuses are given [default: today in Vietnam]
    #[arg(long, value_name = "DATE", value_parser = crate::values::day)]
    at: Option<Date>,
    /// Graph to export instead of the store, JSON or packed
    #[arg(long, value_name = "FILE")]
    graph: Option<PathBuf>,
    /// `bulk`: write these records instead of the store's, NDJSON as `map` gives it, `-` for standard input
    #[arg(long, value_name = "FILE")]
    records: Option<PathBuf>,
    /// `bulk`: name of the index
    #[arg(long, value_name = "NAME", default_value = "vanban")]
    index: String,
    #[command(flatten)]
    store: crate::StoreArg,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// One record a line
    Ndjson,
    /// Graph JSON
    Graph,
    /// The graph as a store keeps it: `trace` and `status --graph` open it at once, however large
    Packed,
    /// Tables of nodes and edges
    Csv,
    /// GraphML
    Graphml,
    /// GEXF 1.3 with intervals of validity
    Gexf,
    /// JSON-LD with the names of schema.org and ELI
    Jsonld,
    /// Akoma Ntoso 3.0
    Akn,
    /// The records as Parquet, a row a document, nested as in NDJSON
    Parquet,
    /// Actions for `_bulk` of OpenSearch, Elasticsearch and Quickwit, texts cut and folded as ours are
    Bulk,
}

pub(crate) fn run(args: &Args) -> Result<Status, Failure> {
    let at = args.at.unwrap_or_else(crate::today);
    match args.format {
        Format::Ndjson => {
            let generation = Store::open(&args.store.store)?.current()?;
            let graph = GraphFile::open(&generation.graph_path())?;
            let mut out = open(args.out.as_deref())?;
            for record in records(&generation, &graph) {
                serde_json::to_writer(&mut out, &record?)?;
                writeln!(out)?;
            }
            out.flush()?;
        }
        Format::Bulk => {
            let mut out = open(args.out.as_deref())?;
            match &args.records {
                Some(file) => bulk::write(bulk::records(file)?, &args.index, &mut out)?,
                None => {
                    let generation = Store::open(&args.store.store)?.current()?;
                    let graph = GraphFile::open(&generation.graph_path())?;
                    bulk::write(records(&generation, &graph), &args.index, &mut out)?;
                }
            }
            out.flush()?;
        }
        Format::Parquet => {
            let generation = Store::open(&args.store.store)?.current()?;
            let graph = GraphFile::open(&generation.graph_path())?;
            parquet::write(records(&generation, &graph), open(args.out.as_deref())?)?;
        }
        Format::Akn => {
            let generation = Store::open(&args.store.store)?.current()?;
            let folder = folder(args.out.as_deref())?;
            for document in generation.documents() {
                let document = document?;
                let file = folder.join(format!("{}.xml", document.id));
                if let Some(parent) = file.parent() {
                    std::fs::create_dir_all(parent).map_err(|cause| Error::io(parent, cause))?;
                }
                std::fs::write(&file, akn::write(&document)).map_err(|cause| Error::io(&file, cause))?;
            }
        }
        Format::Csv => {
            let graph = load(args)?;
            let folder = folder(args.out.as_deref())?;
            export::write_csv_nodes(&graph, at, &mut open(Some(&folder.join("nodes.csv")))?)?;
            export::write_csv_edges(&graph, &mut open(Some(&folder.join("edges.csv")))?)?;
        }
        Format::Packed => {
            let path = args.out.as_deref().ok_or("a packed graph is opened in place: name a file with --out")?;
            vanban::graph::file::write(&load(args)?, path)?;
        }
        Format::Graph | Format::Graphml | Format::Gexf | Format::Jsonld => {
            let graph = load(args)?;
            let mut out = open(args.out.as_deref())?;
            match args.format {
                Format::Graph => graph.write_json(&mut out)?,
                Format::Graphml => export::write_graphml(&graph, at, &mut out)?,
                Format::Gexf => export::write_gexf(&graph, &mut out)?,
                _ => export::write_jsonld(&graph, at, &mut out)?,
            }
            out.flush()?;
        }
    }
    Ok(Status::Done)
}

/// What the store holds, each citation with the held document it leads to.
fn records<'s>(generation: &'s Generation, graph: &'s GraphFile) -> impl Iterator<Item = Result<Record, Error>> + 's {
    generation.documents().map(|document| {
        let mut document = document?;
        linked::link(graph, &mut document);
        Ok(document.record())
    })
}

fn load(args: &Args) -> Result<Graph, Failure> {
    match &args.graph {
        Some(file) if GraphFile::is_at(file)? => Ok(GraphFile::open(file)?.load()),
        Some(file) => Ok(Graph::read_json(file)?),
        None => Ok(GraphFile::open(&Store::open(&args.store.store)?.current()?.graph_path())?.load()),
    }
}

fn open(path: Option<&Path>) -> Result<Box<dyn Write + Send>, Failure> {
    match path {
        Some(path) => Ok(Box::new(BufWriter::new(File::create(path).map_err(|cause| Error::io(path, cause))?))),
        None => Ok(Box::new(BufWriter::new(std::io::stdout()))),
    }
}

fn folder(path: Option<&Path>) -> Result<&Path, Failure> {
    let path = path.ok_or("this form is more than one file: name a folder with --out")?;
    std::fs::create_dir_all(path).map_err(|cause| Error::io(path, cause))?;
    Ok(path)
}
