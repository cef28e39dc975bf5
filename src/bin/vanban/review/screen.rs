//! The queue on a terminal: one entry a screen, one key an answer.

use crate::{Failure, Status};
use console::{Key, Term, style};
use jiff::Timestamp;
use std::ops::Range;
use std::path::Path;
use vanban::decision::{self, Decision, What};
use vanban::review::{self, Answer, Item, Kind};

/// What was answered: the entry, and what was written.
type Made = Vec<(usize, Vec<Decision>)>;

/// Goes through the queue until `q`. Each answer is on the disk before the next entry shows.
pub(super) fn run(items: &[Item], path: &Path, who: &str) -> Result<Status, Failure> {
    let term = Term::stdout();
    let (mut at, mut said) = (0, String::new());
    let mut made = Made::new();
    let by_default = |at: usize| items.get(at).is_some_and(|item: &Item| item.places > 1);
    let mut everywhere = by_default(0);
    loop {
        draw(&term, items, at, everywhere, &made, &said)?;
        said.clear();
        let item = items.get(at);
        let answer = match (term.read_key()?, item) {
            (Key::Char('q') | Key::Escape | Key::CtrlC, _) => break,
            (Key::Char('u'), _) => {
                let Some((place, decisions)) = made.pop() else {
                    said = "nothing to undo".into();
                    continue;
                };
                let undone: Vec<Decision> =
                    decisions.iter().map(|one| review::undo(one, who, Timestamp::now(), "")).collect();
                decision::append(path, &undone)?;
                said = format!("undone: {}", shown(&decisions));
                at = place;
                everywhere = by_default(at);
                continue;
            }
            (Key::Char('b') | Key::ArrowLeft, _) => {
                at = at.saturating_sub(1);
                everywhere = by_default(at);
                continue;
            }
            (Key::Char('s' | ' ') | Key::ArrowRight, _) => {
                at = (at + 1).min(items.len());
                everywhere = by_default(at);
                continue;
            }
            (Key::Char('a'), Some(item)) if item.places > 1 => {
                everywhere = !everywhere;
                continue;
            }
            (Key::Enter | Key::Char('y'), Some(_)) => Some(Answer::Right),
            (Key::Char(digit @ '1'..='9'), Some(item)) => {
                let choice = item.choices.get(digit as usize - '1' as usize);
                choice.map(|choice| Answer::Reads(choice.clone()))
            }
            (Key::Char('e'), Some(item)) if writable(item) => {
                term.write_str("\n reads: ")?;
                let typed = term.read_line_initial_text(if item.edge.is_some() { "" } else { &item.reading })?;
                Some(Answer::Reads(typed.trim().to_owned())).filter(|_| !typed.trim().is_empty())
            }
            (Key::Char('n'), Some(item)) if item.edge.is_some() && item.kind != Kind::Graph => Some(Answer::NoEdge),
            _ => None,
        };
        let (Some(answer), Some(item)) = (answer, item) else { continue };
        if made.iter().any(|(place, _)| *place == at) {
            said = "answered already; take that back first with u, or with `vanban review undo`".into();
            continue;
        }
        let decisions = item.answer(&answer, everywhere, who, Timestamp::now(), "");
        if decisions.is_empty() {
            said = "that is no answer to this entry".into();
            continue;
        }
        decision::append(path, &decisions)?;
        said = format!("written: {}", shown(&decisions));
        made.push((at, decisions));
        at += 1;
        everywhere = by_default(at);
    }
    term.clear_screen()?;
    eprintln!("vanban: {} entries answered; `vanban reindex` applies them", made.len());
    Ok(Status::Done)
}

/// Whether an answer may be typed in.
fn writable(item: &Item) -> bool {
    item.anchor.is_some() || item.edge.is_some()
}

fn shown(decisions: &[Decision]) -> String {
    let one = |decision: &Decision| match (decision.what, decision.new.is_empty()) {
        (What::Undo, _) => format!("{} taken back", decision.undoes),
        (What::Dismiss, _) => "left as it is".to_owned(),
        (_, true) => decision.id.clone(),
        (_, false) => format!("{} → {}", decision.scan, decision.new),
    };
    decisions.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// What the return key says of an entry.
fn as_it_stands(item: &Item) -> String {
    match item.kind {
        Kind::Conflict => format!("“{}” holds; the other is taken back", item.reading),
        Kind::Lost => "take the decision back".to_owned(),
        Kind::Graph => "leave it open, and ask no more".to_owned(),
        Kind::Duplicate | Kind::SetAside => "seen; ask no more".to_owned(),
        _ if item.confidence > 0 => format!("{}  {} %", item.reading, item.confidence / 10),
        _ => item.reading.clone(),
    }
}

fn draw(term: &Term, items: &[Item], at: usize, everywhere: bool, made: &Made, said: &str) -> std::io::Result<()> {
    term.clear_screen()?;
    let n = items.len();
    let line = |label: &str, text: String| term.write_line(&format!(" {:<5} {text}", style(label).dim()));
    let Some(item) = items.get(at) else {
        term.write_line(&format!(" {} {n} of {n} · nothing is left\n", style("vanban review").bold()))?;
        term.write_line(&style(" b back  u undo  q end").dim().to_string())?;
        return tell(term, said);
    };
    let place = if item.line > 0 { format!("{} line {}", item.doc, item.line) } else { item.doc.clone() };
    let kind = item.kind.name().replace('_', " ");
    term.write_line(&format!(" {} {} of {n} · {kind} · {place}\n", style("vanban review").bold(), at + 1))?;
    if !item.scan_line.is_empty() {
        line("scan", marked(&item.scan_line, item.scan_place()))?;
    }
    if !item.reading_line.is_empty() {
        if !item.above.is_empty() {
            line("", style(&item.above).dim().to_string())?;
        }
        line("text", marked(&item.reading_line, item.reading_place()))?;
        if !item.below.is_empty() {
            line("", style(&item.below).dim().to_string())?;
        }
    }
    if !item.note.is_empty() {
        term.write_line(&format!(" {}", item.note))?;
    }
    term.write_line("")?;
    let answered = made.iter().find(|(place, _)| *place == at);
    if let Some((_, decisions)) = answered {
        term.write_line(&format!(" answered: {}", shown(decisions)))?;
    }
    term.write_line(&format!(" {}  {}", style("⏎").bold(), as_it_stands(item)))?;
    for (n, choice) in item.choices.iter().take(9).enumerate() {
        term.write_line(&format!(" {}  {}", style(n + 1).bold(), item.names.get(n).unwrap_or(choice)))?;
    }
    if item.places > 1 {
        let mark = if everywhere { "x" } else { " " };
        term.write_line(&format!("\n [{mark}] the same in {} places", item.places))?;
    }
    for (doc, line) in &item.elsewhere {
        let line = if *line > 0 { format!(" line {line}") } else { String::new() };
        term.write_line(&format!("     {doc}{line}"))?;
    }
    let key = |on: bool, words: &'static str| if on { words } else { "" };
    let keys = format!(
        "\n ⏎ as it stands{}{}{}{}  s skip  b back  u undo  q end",
        key(!item.choices.is_empty(), "  1-9 choose"),
        key(writable(item), "  e write"),
        key(item.edge.is_some() && item.kind != Kind::Graph, "  n no such relation"),
        key(item.places > 1, "  a all places"),
    );
    term.write_line(&style(keys).dim().to_string())?;
    tell(term, said)
}

fn tell(term: &Term, said: &str) -> std::io::Result<()> {
    if said.is_empty() { Ok(()) } else { term.write_line(&format!(" {}", style(said).green())) }
}

/// The line with a part of it brought out.
fn marked(line: &str, part: Option<Range<usize>>) -> String {
    match part {
        Some(part) => {
            let (before, after) = (&line[..part.start], &line[part.end..]);
            format!("{before}{}{after}", style(&line[part]).reverse())
        }
        None => line.to_owned(),
    }
}
