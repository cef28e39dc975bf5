//! `vanban trace`: who replaces, amends, implements and cites whom.

use crate::status::open_graph;
use crate::{Failure, Status};
use jiff::civil::Date;
use std::io::Write;
use std::path::PathBuf;
use vanban::citation::Relation;
use vanban::graph::svg::{self, Style};
use vanban::graph::trace::{Reach, trace, write_tree};
use vanban::graph::{Relations, export};

/// Show which documents replace, amend, implement or cite which, both ways
///
/// Documents joined by replacement or amendment come first, then those nearer to the one asked
/// about. With --at, the graph is shown as of that day: papers signed
/// later are left out.
///
/// Example: vanban trace 84-QĐ/TU --depth 2 --format svg > lineage.svg
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Number (`84-QĐ/TU`, or `84-QĐ/TU@2011-03-04` where a number was used twice) or id
    #[arg(value_name = "NUMBER")]
    number: String,
    /// Steps away from the document
    #[arg(long, value_name = "N", default_value_t = 2)]
    depth: usize,
    /// The day as of which the graph is shown [default: today in Vietnam]
    #[arg(long, value_name = "DATE", value_parser = crate::values::day)]
    at: Option<Date>,
    /// Follow only these relations (`replaces,amends`)
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = relation)]
    relation: Vec<Relation>,
    /// Documents shown at most
    #[arg(long, value_name = "N", default_value_t = 60)]
    limit: usize,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Link each box of the picture to this address followed by the document's id
    #[arg(long, value_name = "ADDRESS")]
    link_prefix: Option<String>,
    /// Graph to ask instead of the store: graph JSON, or a file of `export --format packed`
    #[arg(long, value_name = "FILE")]
    graph: Option<PathBuf>,
    #[command(flatten)]
    store: crate::StoreArg,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A tree
    Text,
    /// Graph JSON
    Json,
    /// Graphviz
    Dot,
    /// A picture
    Svg,
    /// GraphML
    Graphml,
}

fn relation(name: &str) -> Result<Relation, String> {
    serde_json::from_value(name.into()).map_err(|unknown| unknown.to_string())
}

pub(crate) fn run(args: &Args) -> Result<Status, Failure> {
    let graph = open_graph(args.graph.as_deref(), &args.store)?;
    let found = graph.find(&args.number);
    let root = match found[..] {
        [root] => root,
        [] => {
            eprintln!("vanban: {} is not in the graph; `vanban search` finds numbers in any spelling", args.number);
            return Ok(Status::NothingFound);
        }
        _ => {
            let ids: Vec<String> = found.iter().map(|n| graph.node(*n).id.clone()).collect();
            return Err(format!("{} fits {}; ask for one of these ids", args.number, ids.join(", ")).into());
        }
    };
    let at = args.at.unwrap_or_else(crate::today);
    let relations = if args.relation.is_empty() { Relations::ALL } else { Relations::of(&args.relation) };
    let trace = trace(&*graph, root, &Reach { depth: args.depth, relations, at, limit: args.limit.max(1) });
    let mut out = std::io::BufWriter::new(anstream::stdout().lock());
    match args.format {
        Format::Text => write_tree(&trace, &mut out)?,
        Format::Json => trace.graph.write_json(&mut out)?,
        Format::Dot => export::write_dot(&trace.graph, at, &mut out)?,
        Format::Graphml => export::write_graphml(&trace.graph, at, &mut out)?,
        Format::Svg => {
            let style = Style { link_prefix: args.link_prefix.clone(), ..Style::default() };
            writeln!(out, "{}", svg::draw(&trace, &style).svg)?;
        }
    }
    out.flush()?;
    if trace.cut && args.format != Format::Text {
        eprintln!("vanban: more is there than {} documents; raise --limit to see it", args.limit);
    }
    Ok(Status::Done)
}
