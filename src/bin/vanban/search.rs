//! `vanban search`: documents and articles, the best first.

use crate::{Failure, Status, StoreArg};
use anstyle::{AnsiColor, Style};
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use vanban::graph::file::GraphFile;
use vanban::graph::{Lineage, trace::status_style, validity};
use vanban::index::{Hit, Index, Interval, Query, Results, Snippet, Sort, Synonyms, Validity};
use vanban::store::Store;
use vanban::text::Span;

/// Search documents and articles
///
/// Marks may be missing, mistyped or damaged: `quyet dinh`, `quyét dinh` and `quyết định` find the
/// same, and what has the marks as typed comes first. A number in any spelling (`446 qd tu`) goes to
/// its document; `Điều 5 Nghị định 15/2020` to the article.
///
/// Words beside each other must all occur; `"a phrase"` as written; `-word` must not occur;
/// `a OR b`; `begin*`. Fields, also in English: số: (number:), loại: (type:), cơquan: (issuer:),
/// năm:2021..2023 (year:), ngày: (date:), điều:5 (article:), trạngthái: (status:), tiêuđề: (title:).
/// What cannot be understood is ignored, and said so on standard error.
///
///     vanban search 'tiep cong dan loại:"Quyết định" năm:2015..'
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// What to search; several arguments are joined with blanks
    #[arg(value_name = "QUERY", required_unless_present = "print_synonyms")]
    query: Vec<String>,
    #[command(flatten)]
    store: StoreArg,
    /// Hits at most
    #[arg(long, short = 'n', value_name = "N", default_value_t = 10)]
    limit: usize,
    /// Hits to leave out before them
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: usize,
    /// The best first, or the newest
    #[arg(long, value_name = "ORDER", default_value = "relevance", value_parser = ["relevance", "date"])]
    sort: String,
    /// Hits of one document at most
    #[arg(long, value_name = "N", default_value_t = 3)]
    per_document: usize,
    /// The day on which hits are said to be in force or not [default: today in Vietnam]
    #[arg(long, value_name = "DATE", value_parser = crate::values::day)]
    at: Option<Date>,
    /// Count the documents found by type, issuer, year and status
    #[arg(long)]
    facets: bool,
    /// Take the query as the beginning of a number or title, and say how it may go on
    #[arg(long)]
    complete: bool,
    /// Synonyms and abbreviations [default: synonyms.txt in the store, else those built in]
    #[arg(long, value_name = "FILE", env = "VANBAN_SYNONYMS")]
    synonyms: Option<PathBuf>,
    /// Print the built-in synonyms, to be edited and given back with --synonyms
    #[arg(long)]
    print_synonyms: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<Status, Failure> {
    let out = &mut anstream::stdout().lock();
    if args.print_synonyms {
        out.write_all(Synonyms::EMBEDDED.as_bytes())?;
        return Ok(Status::Done);
    }
    let generation = Store::open(&args.store.store)?.current()?;
    let graph = GraphFile::open(&generation.graph_path())?;
    let text = args.query.join(" ");
    let at = args.at.unwrap_or_else(crate::today);
    // Only a condition or a count needs the status of every document.
    let validity = match args.facets || vanban::index::asks_for_status(&text) {
        true => every_status(&graph),
        false => Validity::default(),
    };
    let mut index = Index::open(&generation.index_path(), validity)?;
    let own = args.store.store.join("synonyms.txt");
    if let Some(file) = args.synonyms.clone().or_else(|| own.exists().then_some(own)) {
        index = index.with_synonyms(Synonyms::read(&file)?);
    }
    if args.complete {
        return complete(out, &index, &text, args);
    }
    let query = Query {
        at: Some(at),
        sort: if args.sort == "date" { Sort::Date } else { Sort::Relevance },
        limit: args.limit,
        offset: args.offset,
        per_document: args.per_document,
        facets: args.facets,
        ..Query::new(text)
    };
    let mut results = index.search(&query)?;
    for hit in &mut results.hits {
        let node = graph.find(&hit.card.id).first().copied();
        hit.status = node.map(|node| validity::status_at(&graph, node, at).status.name().to_owned());
    }
    if args.json {
        json(out, &results, args.facets)?;
    } else {
        page(out, &results, args)?;
    }
    for note in &results.notes {
        eprintln!("vanban: {note}");
    }
    if results.total == 0 && results.did_you_mean.is_none() {
        eprintln!("vanban: nothing found; try fewer words, or without marks");
    }
    if let Some(meant) = &results.did_you_mean {
        eprintln!("vanban: did you mean: {meant}");
    }
    Ok(if results.total == 0 { Status::NothingFound } else { Status::Done })
}

/// The status of every held document, for all days.
pub(crate) fn every_status(graph: &dyn Lineage) -> Validity {
    let mut all = BTreeMap::new();
    for n in 0..graph.node_count() {
        let node = n as vanban::graph::NodeIndex;
        let intervals = validity::timeline(graph, node).into_iter().map(|interval| Interval {
            from: interval.from,
            until: interval.until,
            status: interval.status.name().to_owned(),
        });
        all.insert(graph.node(node).id.clone(), intervals.collect());
    }
    Validity(all)
}

fn complete(out: &mut impl Write, index: &Index, typed: &str, args: &Args) -> Result<Status, Failure> {
    let found = index.complete(typed, args.limit);
    for completion in &found {
        match args.json {
            true => writeln!(out, "{}", serde_json::to_string(completion)?)?,
            false => writeln!(out, "{}", one_line(&completion.text))?,
        }
    }
    Ok(if found.is_empty() { Status::NothingFound } else { Status::Done })
}

fn json(out: &mut impl Write, results: &Results, facets: bool) -> Result<(), Failure> {
    for hit in &results.hits {
        writeln!(out, "{}", serde_json::to_string(hit)?)?;
    }
    if facets {
        #[derive(Serialize)]
        struct Counts<'r> {
            facets: &'r vanban::index::Facets,
            total: usize,
        }
        writeln!(out, "{}", serde_json::to_string(&Counts { facets: &results.facets, total: results.total })?)?;
    }
    Ok(())
}

const NUMBER: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const MARK: Style = AnsiColor::Yellow.on_default().bold();

fn page(out: &mut impl Write, results: &Results, args: &Args) -> std::io::Result<()> {
    for (n, hit) in results.hits.iter().enumerate() {
        if n > 0 {
            writeln!(out)?;
        }
        entry(out, args.offset + n + 1, hit, results)?;
    }
    if !results.hits.is_empty() {
        let partly = results.total - results.complete.min(results.total);
        let partly = if partly > 0 { format!(", {partly} of them with most of the words only") } else { String::new() };
        writeln!(out, "\n{FAINT}{} documents{partly}{FAINT:#}", results.total)?;
    }
    if args.facets {
        let facets = &results.facets;
        let years: Vec<(String, usize)> = facets.year.iter().map(|(year, n)| (year.to_string(), *n)).collect();
        for (name, counts) in
            [("type", &facets.kinds), ("issuer", &facets.issuer), ("year", &years), ("status", &facets.status)]
        {
            let counts: Vec<String> = counts.iter().take(12).map(|(value, n)| format!("{value} ({n})")).collect();
            writeln!(out, "{FAINT}{name:<7}{FAINT:#} {}", counts.join(", "))?;
        }
    }
    Ok(())
}

fn entry(out: &mut impl Write, n: usize, hit: &Hit, results: &Results) -> std::io::Result<()> {
    let card = &hit.card;
    let number = card.number.as_deref().unwrap_or(&card.id);
    write!(out, "{n}. {NUMBER}{number}{NUMBER:#}")?;
    let date = card.date.map(|date| format!("{:02}/{:02}/{}", date.day(), date.month(), date.year()));
    for part in [card.kind.as_deref(), date.as_deref(), card.issuer.as_deref()].into_iter().flatten() {
        write!(out, " · {part}")?;
    }
    if let Some(status) = hit.status.as_deref().and_then(read_status) {
        let style = status_style(status);
        write!(out, " · {style}{}{style:#}", status.label())?;
    }
    writeln!(out)?;
    if let Some(title) = &card.title {
        write!(out, "   ")?;
        marked(out, title, &results.marker.marks(title))?;
    }
    if let Some(place) = &hit.place {
        writeln!(out, "   {FAINT}{place}{FAINT:#}")?;
    }
    let Snippet { text, marks, .. } = &hit.snippet;
    if !text.is_empty() {
        write!(out, "   … ")?;
        marked(out, text, marks)?;
    }
    if card.number.is_some() {
        writeln!(out, "   {FAINT}{}{FAINT:#}", card.id)?;
    }
    Ok(())
}

fn read_status(word: &str) -> Option<validity::Status> {
    use validity::Status::{Expired, InForce, NotApplicable, NotYet, PartlyExpired, Suspended, Unknown, Void};
    let all = [InForce, Expired, PartlyExpired, Suspended, NotYet, Void, NotApplicable, Unknown];
    all.into_iter().find(|status| status.name() == word)
}

/// A text on one line with its marks. A line break is one byte, as is the blank in its place.
fn marked(out: &mut impl Write, text: &str, marks: &[Span]) -> std::io::Result<()> {
    let text = text.replace(['\n', '\t'], " ");
    let mut at = 0;
    for mark in marks {
        write!(out, "{}{MARK}{}{MARK:#}", &text[at..mark.start], mark.of(&text))?;
        at = mark.end;
    }
    writeln!(out, "{}", &text[at..])
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
