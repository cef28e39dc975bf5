//! `vanban status`: in force or not on a day, and why.

use crate::{Failure, Status};
use jiff::civil::Date;
use std::io::Write;
use std::path::{Path, PathBuf};
use vanban::graph::file::GraphFile;
use vanban::graph::trace::short_name;
use vanban::graph::validity::{self, Answer, Question, Regime};
use vanban::graph::{self, Graph, Lineage};
use vanban::store::Store;

/// Say whether a document, or one place of it, is in force on a day, and prove it
///
/// The answer names the day, the ender, the rule applied and the sentence that says so.
///
/// Example: vanban status 84-QĐ/TU --at 2022-01-01 --locator "khoản 2 Điều 5"
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Number (`84-QĐ/TU`, or `84-QĐ/TU@2011-03-04` where a number was used twice) or id
    #[arg(value_name = "NUMBER")]
    number: String,
    /// A place: “điểm a khoản 2 Điều 5”, or dieu:5/khoan:2
    #[arg(long, short, visible_alias = "path", value_name = "PLACE")]
    locator: Option<String>,
    /// The day asked about [default: today in Vietnam]
    #[arg(long, value_name = "DATE", value_parser = crate::values::day)]
    at: Option<Date>,
    /// Law that decides whether a detailing document falls with its parent [default: by date]
    #[arg(long, value_name = "YEAR", value_parser = ["2015", "2025"])]
    regime: Option<String>,
    /// Graph to ask instead of the store: graph JSON, or a file of `export --format packed`
    #[arg(long, value_name = "FILE")]
    graph: Option<PathBuf>,
    /// One JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: crate::StoreArg,
}

/// The graph of a file, JSON or packed, or else of the store's current generation.
pub(crate) fn open_graph(file: Option<&Path>, store: &crate::StoreArg) -> Result<Box<dyn Lineage>, Failure> {
    match file {
        Some(file) if GraphFile::is_at(file)? => Ok(Box::new(GraphFile::open(file)?)),
        Some(file) => Ok(Box::new(Graph::read_json(file)?)),
        None => Ok(Box::new(GraphFile::open(&Store::open(&store.store)?.current()?.graph_path())?)),
    }
}

pub(crate) fn run(args: &Args) -> Result<Status, Failure> {
    let graph = open_graph(args.graph.as_deref(), &args.store)?;
    let at = args.at.unwrap_or_else(crate::today);
    let regime = args.regime.as_deref().map(|year| if year == "2015" { Regime::Law2015 } else { Regime::Law2025 });
    let found = graph.find(&args.number);
    let out = &mut anstream::stdout().lock();
    let answer = match found[..] {
        [node] => validity::status(&*graph, node, &Question { locator: args.locator.as_deref(), at, regime }),
        [] => Answer { warning: Some(format!("{} is not in the graph", args.number)), ..Answer::default() },
        _ => {
            let ids: Vec<String> = found.iter().map(|node| graph.node(*node).id.clone()).collect();
            let warning = format!("{} fits {}", args.number, ids.join(", "));
            Answer { error: Some("ambiguous".to_owned()), warning: Some(warning), ..Answer::default() }
        }
    };
    if args.json {
        serde_json::to_writer(&mut *out, &answer)?;
        writeln!(out)?;
    } else {
        print(out, &*graph, args, &answer, at)?;
    }
    Ok(if found.is_empty() { Status::NothingFound } else { Status::Done })
}

/// The number, and the id behind it.
fn named(graph: &dyn Lineage, id: &str) -> String {
    let node = graph.find(id).first().map(|node| graph.node(*node).into_owned());
    match node.as_ref().map(short_name) {
        Some(name) if name != id => format!("{name} ({id})"),
        _ => id.to_owned(),
    }
}

fn print(out: &mut impl Write, graph: &dyn Lineage, args: &Args, answer: &Answer, at: Date) -> std::io::Result<()> {
    let named = |id: &String| named(graph, id);
    let place = args.locator.as_deref().map(|words| format!("{words}, ")).unwrap_or_default();
    let style = match answer.status {
        validity::Status::InForce => anstyle::AnsiColor::Green,
        validity::Status::Expired | validity::Status::Void => anstyle::AnsiColor::Red,
        _ => anstyle::AnsiColor::Yellow,
    };
    let style = style.on_default().bold();
    writeln!(
        out,
        "{place}{} on {at}: {style}{}{style:#} ({})",
        args.number,
        answer.status.label(),
        answer.status.name()
    )?;
    let rows = [
        ("until", answer.until.map(|day| day.to_string())),
        ("by", answer.by.as_ref().map(named)),
        ("current", answer.current.as_ref().map(named)),
        (
            "amended by",
            (!answer.amended_by.is_empty()).then(|| answer.amended_by.iter().map(named).collect::<Vec<_>>().join(", ")),
        ),
        ("rule", answer.rule.clone()),
        ("warning", answer.warning.clone()),
        ("error", answer.error.clone()),
        ("text", (!answer.known_text).then(|| "not held".to_owned())),
    ];
    for (name, value) in rows {
        if let Some(value) = value {
            writeln!(out, "  {name:<11} {value}")?;
        }
    }
    for note in &answer.notes {
        writeln!(out, "  {:<11} {note}", "note")?;
    }
    for reason in &answer.why {
        let locator = reason.locator.as_deref().map(|words| format!(" ({words})")).unwrap_or_default();
        let since = reason.since.map(|day| format!(" from {day}")).unwrap_or_default();
        writeln!(out, "  - {} {}{locator}{since}", named(&reason.from), graph::relation_name(reason.relation))?;
        if !reason.sentence.is_empty() {
            writeln!(out, "      “{}”", reason.sentence.split_whitespace().collect::<Vec<_>>().join(" "))?;
        }
        if let Some(note) = &reason.note {
            writeln!(out, "      {note}")?;
        }
    }
    Ok(())
}
