//! `vanban review`: a person decides where the machine is unsure.

mod screen;

use crate::{Failure, Status, StoreArg};
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use vanban::decision::{self, Decision, Decisions};
use vanban::error::Error;
use vanban::review::{self, Answer, Item, Kind};
use vanban::store::{self, Store};

/// Decide where the machine is unsure, once
///
/// Without a subcommand it goes through the queue on the terminal: doubtful readings, numbers and
/// relations, papers held twice, files set aside; what matters most, and settles most places,
/// first. Every answer is a line in the store's `decisions.jsonl`, and the next `reindex` applies it;
/// the next `reindex --full` learns from it for the rest of the archive.
///
///     vanban review --store /srv/vanban --who "Nguyễn An"
///     vanban review export > queue.csv   # fill in the column "answer", then
///     vanban review import queue.csv --who "Nguyễn An"
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    common: Common,
}

#[derive(clap::Args, Debug, Clone)]
pub(crate) struct Common {
    #[command(flatten)]
    store: StoreArg,
    /// Who decides; stands in every decision
    #[arg(long, value_name = "NAME", env = "USER", global = true, default_value = "")]
    who: String,
    /// Only doubts of this sort
    #[arg(long, value_name = "KIND", global = true, value_parser = Kind::ALL.map(Kind::name))]
    kind: Option<String>,
    /// Only doubts of documents whose id begins so
    #[arg(long, value_name = "ID", global = true)]
    doc: Option<String>,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Print the queue
    ///
    /// Example: vanban review list --kind number --limit 20
    List {
        /// Entries to print
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: usize,
        /// One JSON object an entry, all of them unless --limit is given
        #[arg(long)]
        json: bool,
    },
    /// Write the queue as a CSV sheet to fill in
    ///
    /// Example: vanban review export > queue.csv
    Export {
        /// Entries to write [default: all]
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Take the answers of a filled-in sheet
    ///
    /// Example: vanban review import queue.csv --who "Nguyễn An"
    Import {
        /// The sheet; `-` for standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Answer one entry of the queue
    ///
    /// Example: vanban review decide 3a470bcfe1 xã --who "Nguyễn An" --reason "so với bản giấy"
    Decide {
        /// The entry's key
        key: String,
        /// What it says; without it, the reading is right
        reading: Option<String>,
        /// The same in all places of the entry
        #[arg(long)]
        everywhere: bool,
        /// There is no such relation
        #[arg(long, conflicts_with = "reading")]
        no: bool,
        /// On what evidence
        #[arg(long, value_name = "TEXT", default_value = "")]
        reason: String,
    },
    /// Take a decision back
    ///
    /// Example: vanban review undo 7f3a --reason "nhầm dòng"
    Undo {
        /// The decision's id, or its beginning
        id: String,
        /// Why
        #[arg(long, value_name = "TEXT", default_value = "")]
        reason: String,
    },
    /// Print the decisions that hold, and what is wrong with the rest
    ///
    /// Example: vanban review decisions --json
    Decisions {
        /// One JSON object a decision
        #[arg(long)]
        json: bool,
    },
    /// Print every line that reads otherwise than in the generation before
    ///
    /// Example: vanban review changes --from 41
    Changes {
        /// The generation to compare with [default: the one before the current]
        #[arg(long, value_name = "N")]
        from: Option<u64>,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
}

pub(crate) fn run(args: &Args) -> Result<Status, Failure> {
    let common = &args.common;
    let path = store::decisions_path(&common.store.store);
    let mut out = anstream::stdout().lock();
    match &args.command {
        None if !std::io::stdin().is_terminal() => {
            Err("no terminal here; use `review list`, `export`, `import` or `decide`".into())
        }
        None => {
            named(common)?;
            screen::run(&queue(common)?, &path, common.who.trim())
        }
        Some(Command::List { limit, json }) => {
            let items = queue(common)?;
            for item in items.iter().take(*limit) {
                match json {
                    true => writeln!(out, "{}", serde_json::to_string(item)?)?,
                    false => writeln!(out, "{}", row(item))?,
                }
            }
            if !json {
                eprintln!("vanban: {} entries; answer them with `vanban review`", items.len());
            }
            Ok(if items.is_empty() { Status::NothingFound } else { Status::Done })
        }
        Some(Command::Export { limit }) => {
            let items = queue(common)?;
            review::export(&items[..limit.unwrap_or(items.len()).min(items.len())], &mut out)?;
            Ok(Status::Done)
        }
        Some(Command::Import { file }) => take_sheet(common, file, &path),
        Some(Command::Decide { key, reading, everywhere, no, reason }) => {
            named(common)?;
            let items = queue(common)?;
            let Some(item) = items.iter().find(|item| item.key == *key) else {
                eprintln!("vanban: no entry {key} in the queue; it may be answered already, see `vanban review list`");
                return Ok(Status::NothingFound);
            };
            let answer = match (reading, no) {
                (Some(reading), _) => Answer::Reads(reading.clone()),
                (None, true) => Answer::NoEdge,
                (None, false) => Answer::Right,
            };
            let made = item.answer(&answer, *everywhere, &common.who, jiff::Timestamp::now(), reason);
            decision::append(&path, &made)?;
            made.iter().try_for_each(|one| writeln!(out, "{}", one.id))?;
            Ok(Status::Done)
        }
        Some(Command::Undo { id, reason }) => {
            named(common)?;
            let decisions = decision::read(&path)?;
            let Some(known) = decisions.find(id) else {
                eprintln!("vanban: {}: no one decision has an id that begins with {id}", path.display());
                return Ok(Status::NothingFound);
            };
            let made = review::undo(known, &common.who, jiff::Timestamp::now(), reason);
            decision::append(&path, std::slice::from_ref(&made))?;
            writeln!(out, "{}", made.id)?;
            Ok(Status::Done)
        }
        Some(Command::Decisions { json }) => tell(&decision::read(&path)?, &path, *json, &mut out),
        Some(Command::Changes { from, json }) => {
            let store = Store::open(&common.store.store)?;
            let now = store.current()?;
            let before = store.generation(from.unwrap_or(now.number().saturating_sub(1)))?;
            for change in review::changes(&before, &now)? {
                match json {
                    true => writeln!(out, "{}", serde_json::to_string(&change)?)?,
                    false => {
                        let by = if change.decided { "decided" } else { "learned" };
                        writeln!(out, "{}:{} {by}\n- {}\n+ {}", change.doc, change.line, change.old, change.new)?;
                    }
                }
            }
            Ok(Status::Done)
        }
    }
}

/// The queue, as far as it is asked for.
fn queue(common: &Common) -> Result<Vec<Item>, Failure> {
    let generation = Store::open(&common.store.store)?.current()?;
    let decisions = decision::read(&store::decisions_path(&common.store.store))?;
    let mut items = review::queue(&generation, &decisions)?;
    if let Some(kind) = &common.kind {
        items.retain(|item| item.kind.name() == kind);
    }
    if let Some(doc) = &common.doc {
        items.retain(|item| item.doc.starts_with(doc.as_str()));
    }
    Ok(items)
}

fn named(common: &Common) -> Result<(), Failure> {
    match common.who.trim().is_empty() {
        true => Err("a decision needs a name; give --who NAME".into()),
        false => Ok(()),
    }
}

fn take_sheet(common: &Common, file: &Path, path: &Path) -> Result<Status, Failure> {
    named(common)?;
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes)?;
    } else {
        bytes = std::fs::read(file).map_err(|cause| Error::io(file, cause))?;
    }
    let imported = review::import(&bytes, &queue(common)?, common.who.trim(), jiff::Timestamp::now());
    let imported = imported.map_err(|message| Error::message(file, message))?;
    decision::append(path, &imported.decisions)?;
    for (row, why) in &imported.refused {
        eprintln!("vanban: {}: row {row}: {why}", file.display());
    }
    eprintln!(
        "vanban: {} decisions taken, {} rows without an answer, {} refused",
        imported.decisions.len(),
        imported.n_empty,
        imported.refused.len()
    );
    Ok(if imported.refused.is_empty() { Status::Done } else { Status::SomeSetAside })
}

/// One entry in one line.
fn row(item: &Item) -> String {
    let place = if item.line > 0 { format!("{}:{}", item.doc, item.line) } else { item.doc.clone() };
    let what = match item.kind {
        Kind::Reading | Kind::Name => {
            let others = item.choices.join(" | ");
            let others = if others.is_empty() { others } else { format!(" ({others})") };
            format!("{} → {}{others}", item.scan, item.reading)
        }
        _ if item.note.is_empty() => format!("{} → {}", item.scan, item.reading),
        _ => item.note.clone(),
    };
    let times = if item.places > 1 { format!(" ×{}", item.places) } else { String::new() };
    format!("{}  {:<9} {place}  {what}{times}", item.key, item.kind.name())
}

fn tell(decisions: &Decisions, path: &Path, json: bool, out: &mut impl Write) -> Result<Status, Failure> {
    for decision in decisions.holding() {
        match json {
            true => writeln!(out, "{}", serde_json::to_string(decision)?)?,
            false => writeln!(out, "{}", line(decision))?,
        }
    }
    for fault in &decisions.faults {
        eprintln!("vanban: {}: line {}: {}", path.display(), fault.line, fault.message);
    }
    for pair in decisions.conflicts() {
        eprintln!("vanban: {} contradicts {} of another person and holds", pair.later, pair.earlier);
    }
    Ok(if decisions.faults.is_empty() { Status::Done } else { Status::SomeSetAside })
}

fn line(decision: &Decision) -> String {
    let what = match &decision.edge {
        Some(edge) => format!("{} {} {}", edge.from, edge.relation, edge.to),
        None if decision.new.is_empty() => decision.item.clone(),
        None => format!("{}:{} {} → {}", decision.doc, decision.line, decision.old, decision.new),
    };
    let everywhere = if decision.everywhere { " everywhere" } else { "" };
    format!(
        "{}  {}  {}  {what}{everywhere}  {}",
        decision.id,
        decision.at.strftime("%Y-%m-%d"),
        decision.who,
        decision.reason
    )
}
