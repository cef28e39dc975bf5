//! `vanban show`: a document, or one place of it, as amended on a day.

use crate::{Failure, Status};
use jiff::civil::Date;
use serde_json::json;
use std::io::Write;
use vanban::document::DocumentId;
use vanban::graph::file::GraphFile;
use vanban::graph::place::Place;
use vanban::graph::validity::{self, Question};
use vanban::graph::{Lineage, consolidated};
use vanban::store::Store;

/// Show the text of a document, or of one place of it, as amended on a day
///
/// Each changed place is marked with the document that changed it. Where an amendment cannot
/// be placed with certainty, the old wording stays and the new one stands beside it.
///
/// Example: vanban show 33/2016/QĐ-UBND --locator "Điều 5" --at 2020-01-01
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Number (`84-QĐ/TU`, or `84-QĐ/TU@2011-03-04` where a number was used twice) or id
    #[arg(value_name = "NUMBER")]
    number: String,
    /// A place: dieu:5/khoan:2, or “khoản 2 Điều 5”
    #[arg(long, visible_alias = "locator", value_name = "PLACE")]
    path: Option<String>,
    /// The day [default: today in Vietnam]
    #[arg(long, value_name = "DATE", value_parser = crate::values::day)]
    at: Option<Date>,
    /// The text as it was issued, without later changes
    #[arg(long)]
    original: bool,
    /// One JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: crate::StoreArg,
}

pub(crate) fn run(args: &Args) -> Result<Status, Failure> {
    let generation = Store::open(&args.store.store)?.current()?;
    let graph = GraphFile::open(&generation.graph_path())?;
    let at = args.at.unwrap_or_else(crate::today);
    let found = graph.find(&args.number);
    let node = match found[..] {
        [node] => node,
        [] => {
            eprintln!("vanban: {} is not in the store; `vanban search` finds numbers in any spelling", args.number);
            return Ok(Status::NothingFound);
        }
        _ => {
            let ids: Vec<String> = found.iter().map(|n| graph.node(*n).id.clone()).collect();
            return Err(format!("{} fits {}; ask for one of these ids", args.number, ids.join(", ")).into());
        }
    };
    let known = graph.node(node);
    let fetch = |id: &str| generation.document(&DocumentId(id.to_owned())).ok().flatten();
    let Some(document) = generation.document(&DocumentId(known.id.clone()))? else {
        eprintln!("vanban: {} is cited, but its text is not in the store", args.number);
        return Ok(Status::NothingFound);
    };
    let place = match &args.path {
        Some(words) => Some(
            Place::parse(words)
                .ok_or_else(|| format!("“{words}” names no place; write it as dieu:5/khoan:2 or “khoản 2 Điều 5”"))?,
        ),
        None => None,
    };
    // Before its first day a document has no changes.
    let day = if args.original { Date::MIN } else { at };
    let Some(view) = consolidated::view(&graph, node, &document, day, place.as_ref(), &fetch) else {
        let places: Vec<&str> = document.outline.nodes.iter().map(|node| node.path.as_str()).take(6).collect();
        let asked = args.path.as_deref().unwrap_or_default();
        eprintln!("vanban: {} has no {asked}; its places begin with {}", args.number, places.join(", "));
        return Ok(Status::NothingFound);
    };
    let locator = args.path.as_deref();
    let printed = document.printed().map(|pages| pages.of(document.restored.source_span(view.span)));
    let answer = validity::status(&graph, node, &Question { locator, at, regime: None });
    let out = &mut anstream::stdout().lock();
    if args.json {
        let object = json!({
            "id": known.id, "number": known.number, "type": known.kind, "date": known.date, "title": known.title,
            "path": args.path, "at": at, "status": answer.status, "until": answer.until,
            "pages": document.pages, "page": printed.map(|printed| printed.page), "line": printed.map(|printed| printed.line),
            "sources": known.sources, "text": view.text, "changes": view.changes,
        });
        writeln!(out, "{object}")?;
    } else {
        writeln!(out, "{}", view.text.trim_end_matches('\n'))?;
        let name = known.number.as_deref().unwrap_or(&known.id);
        let place = printed.map(|printed| format!("; printed on {printed} of {}", known.id)).unwrap_or_default();
        eprintln!("vanban: {name} on {at}: {} ({} changes shown){place}", answer.status.name(), view.changes.len());
    }
    Ok(Status::Done)
}
