//! `vanban resolve`: the steps of linking, as filters for engines that sort and join.

use crate::{Failure, Status};
use clap::builder::PossibleValue;
use serde::{Deserialize, Serialize};
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use vanban::error::Error;
use vanban::graph::facts::Facts;
use vanban::graph::steps::{Body, Group, Row, Step, Table, join};
use vanban::graph::{Graph, file};

/// Link documents in steps, for an engine that shuffles rows between them
///
/// Reads one JSON object a line, {"key","row"}, where the lines of one key stand together in the
/// order of their rows, and writes rows; each says to which table it goes, under which key and in
/// which order. Nothing is kept from one key to the next. The driver of `vanban deploy spark` is
/// made of these steps; the graph they give is the one that `vanban reindex` makes.
///
/// `papers` reads what `vanban map --facts` writes under "facts". `graph` reads the rows of node,
/// made, term, edges and doubts, and `whole` facts; both hold everything in memory and write one
/// graph, JSON or with --packed a file that `trace`, `status` and `export --graph` open in place.
///
/// Example: vanban map --facts < scans.ndjson | jq -c .facts | vanban resolve whole > graph.json
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The step
    #[arg(value_enum)]
    step: Name,
    /// Write a packed graph to this file instead of JSON to standard output
    #[arg(long, value_name = "FILE")]
    packed: Option<PathBuf>,
}

/// A step, or what is made of everything at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    Step(Step),
    Graph,
    Whole,
}

impl Name {
    const ALL: [Name; Step::ALL.len() + 2] = {
        let mut all = [Name::Graph; Step::ALL.len() + 2];
        let mut n = 0;
        while n < Step::ALL.len() {
            all[n] = Name::Step(Step::ALL[n]);
            n += 1;
        }
        all[n + 1] = Name::Whole;
        all
    };
}

impl clap::ValueEnum for Name {
    fn value_variants<'a>() -> &'a [Name] {
        &Name::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Name::Step(step) => PossibleValue::new(step.name()).help(step.gist()),
            Name::Graph => PossibleValue::new("graph").help("Everything: the graph"),
            Name::Whole => PossibleValue::new("whole").help("The graph of facts, in one go"),
        })
    }
}

/// One line of input of a step.
#[derive(Deserialize)]
struct Input {
    key: String,
    row: Row,
}

pub(crate) fn run(args: &Args) -> Result<Status, Failure> {
    let step = match args.step {
        Name::Step(Step::Papers) => return papers(),
        Name::Graph => return write(&join(lines::<Row>().collect::<Result<Vec<Row>, _>>()?), args.packed.as_deref()),
        Name::Whole => {
            let facts = lines::<Facts>().collect::<Result<Vec<Facts>, _>>()?;
            return write(&Graph::from_facts(facts, &[]), args.packed.as_deref());
        }
        Name::Step(step) => step,
    };
    let mut out = Out::new();
    let mut group: Option<Group> = None;
    for input in lines::<Input>() {
        let Input { key, row } = input?;
        if group.as_ref().is_none_or(|group| group.key() != key) {
            if let Some(group) = group.take() {
                group.end(&mut |row| out.write(&row));
            }
            out.failed()?;
        }
        group.get_or_insert_with(|| Group::new(step, &key)).take(row, &mut |row| out.write(&row));
    }
    if let Some(group) = group {
        group.end(&mut |row| out.write(&row));
    }
    out.finish()
}

fn papers() -> Result<Status, Failure> {
    let mut out = Out::new();
    for facts in lines::<Facts>() {
        let facts = facts?;
        let mut group = Group::new(Step::Papers, &facts.id);
        let (to, key) = (Table::Facts, facts.id.clone());
        let body = Body::Facts(Box::new(facts));
        let row = Row { to, key, order: String::new(), by: String::new(), body };
        group.take(row, &mut |row| out.write(&row));
        out.failed()?;
    }
    out.finish()
}

fn write(graph: &Graph, packed: Option<&Path>) -> Result<Status, Failure> {
    match packed {
        Some(path) => file::write(graph, path)?,
        None => {
            let mut out = std::io::BufWriter::new(std::io::stdout().lock());
            graph.write_json(&mut out)?;
            out.flush()?;
        }
    }
    Ok(Status::Done)
}

/// The objects of standard input. A broken line stops the command: an engine that loses rows
/// would give another graph.
fn lines<T: for<'de> Deserialize<'de>>() -> impl Iterator<Item = Result<T, Failure>> {
    let lines = std::io::stdin().lock().lines().enumerate();
    lines.filter(|(_, line)| line.as_ref().map_or(true, |line| !line.trim().is_empty())).map(|(n, line)| {
        let line = line.map_err(|cause| Error::io("-", cause))?;
        serde_json::from_str(&line)
            .map_err(|cause| Error::message("-", format!("line {} is no row of this step: {cause}", n + 1)).into())
    })
}

/// Rows on their way to standard output, and the first error met there.
struct Out {
    out: std::io::BufWriter<std::io::StdoutLock<'static>>,
    failure: Option<Failure>,
}

impl Out {
    fn new() -> Out {
        Out { out: std::io::BufWriter::new(std::io::stdout().lock()), failure: None }
    }

    fn write(&mut self, row: &impl Serialize) {
        if self.failure.is_some() {
            return;
        }
        let line = serde_json::to_string(row).expect("a row has only plain fields");
        if let Err(cause) = writeln!(self.out, "{line}") {
            self.failure = Some(cause.into());
        }
    }

    fn failed(&mut self) -> Result<(), Failure> {
        self.failure.take().map_or(Ok(()), Err)
    }

    fn finish(mut self) -> Result<Status, Failure> {
        self.failed()?;
        self.out.flush()?;
        Ok(Status::Done)
    }
}
