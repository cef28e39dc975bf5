//! The queue on a terminal: one entry a screen, one key an answer.

use crate::{Failure, Status};
use console::{Key, Term, style};
use jiff::Timestamp;
use std::ops::Range;
use std::path::Path;
use vanban::decision::{self, Decision};
use vanban::review::{self, Answer, Item};

/// Goes through the queue until its end or `q`. Each answer is on the disk before the next entry shows.
pub(super) fn run(items: &[Item], path: &Path, who: &str) -> Result<Status, Failure> {
    let term = Term::stdout();
    let (mut at, mut said) = (0, String::new());
    let mut made: Vec<(usize, Vec<Decision>)> = Vec::new();
    let mut everywhere = items.first().is_some_and(|item| item.places > 1);
    while at < items.len() {
        let item = &items[at];
        draw(&term, item, at, items.len(), everywhere, &said)?;
        said.clear();
        let answer = match term.read_key()? {
            Key::Enter | Key::Char('y') => Some(Answer::Right),
            Key::Char(digit @ '1'..='9') => {
                let choice = item.choices.get(digit as usize - '1' as usize);
                choice.map(|choice| Answer::Reads(choice.clone()))
            }
            Key::Char('e') if item.anchor.is_some() || item.edge.is_some() => {
                term.write_str("\n reads: ")?;
                let typed = term.read_line_initial_text(if item.edge.is_some() { "" } else { &item.reading })?;
                Some(Answer::Reads(typed.trim().to_owned())).filter(|_| !typed.trim().is_empty())
            }
            Key::Char('n') if item.edge.is_some() => Some(Answer::NoEdge),
            Key::Char('a') if item.places > 1 => {
                everywhere = !everywhere;
                continue;
            }
            Key::Char('s' | ' ') | Key::ArrowRight => {
                at += 1;
                everywhere = items.get(at).is_some_and(|item| item.places > 1);
                continue;
            }
            Key::Char('b') | Key::ArrowLeft => {
                at = at.saturating_sub(1);
                everywhere = items[at].places > 1;
                continue;
            }
            Key::Char('u') => {
                let Some((place, decisions)) = made.pop() else {
                    said = "nothing to undo".into();
                    continue;
                };
                let undone: Vec<Decision> =
                    decisions.iter().map(|one| review::undo(one, who, Timestamp::now(), "")).collect();
                decision::append(path, &undone)?;
                said = format!("undone: {}", shown(&decisions));
                at = place;
                everywhere = items[at].places > 1;
                continue;
            }
            Key::Char('q') | Key::Escape | Key::CtrlC => break,
            _ => None,
        };
        let Some(answer) = answer else { continue };
        let decisions = item.answer(&answer, everywhere, who, Timestamp::now(), "");
        if decisions.is_empty() {
            said = "that is no answer to this entry".into();
            continue;
        }
        decision::append(path, &decisions)?;
        said = format!("written: {}", shown(&decisions));
        made.push((at, decisions));
        at += 1;
        everywhere = items.get(at).is_some_and(|item| item.places > 1);
    }
    term.clear_screen()?;
    eprintln!("vanban: {} entries answered; `vanban reindex` applies them", made.len());
    Ok(Status::Done)
}

fn shown(decisions: &[Decision]) -> String {
    let one = |decision: &Decision| match decision.new.is_empty() {
        true => decision.id.clone(),
        false => format!("{} → {}", decision.scan, decision.new),
    };
    decisions.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn draw(term: &Term, item: &Item, at: usize, n: usize, everywhere: bool, said: &str) -> std::io::Result<()> {
    term.clear_screen()?;
    let place = if item.line > 0 { format!("{} line {}", item.doc, item.line) } else { item.doc.clone() };
    term.write_line(&format!(
        " {} {} of {n} · {} · {place}",
        style("vanban review").bold(),
        at + 1,
        item.kind.name().replace('_', " "),
    ))?;
    term.write_line("")?;
    if !item.scan_line.is_empty() {
        term.write_line(&format!(" scan  {}", marked(&item.scan_line, item.scan_place())))?;
    }
    if !item.reading_line.is_empty() {
        term.write_line(&format!(" text  {}", marked(&item.reading_line, item.reading_place())))?;
    }
    if !item.note.is_empty() {
        term.write_line(&format!(" {}", item.note))?;
    }
    term.write_line("")?;
    if !item.reading.is_empty() {
        let sure = match item.confidence {
            0 => String::new(),
            share => format!("  {} %", share / 10),
        };
        term.write_line(&format!(" {}  {}{sure}", style("⏎").bold(), item.reading))?;
    }
    for (n, choice) in item.choices.iter().take(9).enumerate() {
        term.write_line(&format!(" {}  {choice}", style(n + 1).bold()))?;
    }
    if item.places > 1 {
        let mark = if everywhere { "x" } else { " " };
        term.write_line(&format!("\n [{mark}] the same in {} places", item.places))?;
        for (doc, line) in &item.elsewhere {
            term.write_line(&format!("     {doc} line {line}"))?;
        }
    }
    let edge = if item.edge.is_some() { "  n no such relation" } else { "" };
    let all = if item.places > 1 { "  a all places" } else { "" };
    let keys = format!("\n ⏎ right  1-9 choose  e write{edge}{all}  s skip  b back  u undo  q end");
    term.write_line(&style(keys).dim().to_string())?;
    if !said.is_empty() {
        term.write_line(&format!(" {}", style(said).green()))?;
    }
    Ok(())
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
