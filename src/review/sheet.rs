//! The queue as a sheet that an office can fill in, and the sheet back as decisions.
//!
//! Comma-separated with a byte order mark, so that spreadsheets take it for UTF-8; read back with
//! commas, semicolons or tabs, whatever the spreadsheet made of it. The column `answer` is the one
//! to fill in: the right reading, `=` or `ok` where the machine is right, `no` where there is no
//! such relation; an empty cell decides nothing.

use super::{Answer, Item};
use crate::decision::Decision;
use jiff::Timestamp;
use std::collections::HashMap;
use std::io::Write;

const COLUMNS: [&str; 12] = [
    "key",
    "kind",
    "doc",
    "line",
    "scan",
    "reading",
    "answer",
    "everywhere",
    "choices",
    "places",
    "scanned line",
    "note",
];

/// Writes the queue as a sheet.
pub fn export(items: &[Item], out: &mut impl Write) -> std::io::Result<()> {
    out.write_all("\u{feff}".as_bytes())?;
    let mut sheet = csv::Writer::from_writer(out);
    sheet.write_record(COLUMNS)?;
    for item in items {
        let choices = item.choices.join(" | ");
        let note = if item.note.is_empty() { item.reading_line.trim() } else { &item.note };
        let everywhere = if item.places > 1 { "yes" } else { "" };
        let (line, places) = (item.line.to_string(), item.places.to_string());
        let cells: [&str; 12] = [
            &item.key,
            item.kind.name(),
            &item.doc,
            &line,
            &item.scan,
            &item.reading,
            "",
            everywhere,
            &choices,
            &places,
            item.scan_line.trim(),
            note,
        ];
        sheet.write_record(cells.map(guarded))?;
    }
    sheet.flush()
}

/// A cell that no spreadsheet takes for a formula.
fn guarded(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\'']) { format!("'{cell}") } else { cell.to_owned() }
}

fn unguarded(cell: &str) -> &str {
    let cell = cell.trim();
    cell.strip_prefix('\'').unwrap_or(cell)
}

/// What came of a sheet.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// The decisions, in the order of the rows.
    pub decisions: Vec<Decision>,
    /// Rows left without an answer.
    pub n_empty: usize,
    /// Rows that answer nothing in the queue any more, or cannot be read: row number and why.
    pub refused: Vec<(usize, String)>,
}

/// Reads a filled-in sheet against the queue as it is now; `Err` says what is wrong with the sheet.
pub fn import(sheet: &[u8], items: &[Item], who: &str, at: Timestamp) -> Result<Imported, String> {
    let sheet = sheet.strip_prefix("\u{feff}".as_bytes()).unwrap_or(sheet);
    let head = sheet.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let often = |sign: u8| head.iter().filter(|byte| **byte == sign).count();
    let delimiter = [b',', b';', b'\t'].into_iter().max_by_key(|sign| often(*sign)).unwrap_or(b',');
    let mut rows = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(sheet);
    let headers = rows.headers().map_err(|cause| cause.to_string())?.clone();
    let column = |name: &str| headers.iter().position(|header| header.trim().eq_ignore_ascii_case(name));
    let (Some(key), Some(answer)) = (column("key"), column("answer")) else {
        return Err("the sheet has no columns `key` and `answer`; fill in one that `vanban review export` wrote".into());
    };
    let everywhere = column("everywhere");
    let reason = column("reason");
    let by_key: HashMap<&str, &Item> = items.iter().map(|item| (item.key.as_str(), item)).collect();
    let mut imported = Imported::default();
    for (n, row) in rows.records().enumerate() {
        let n = n + 2;
        let row = match row {
            Ok(row) => row,
            Err(cause) => {
                imported.refused.push((n, cause.to_string()));
                continue;
            }
        };
        let cell = |column: usize| unguarded(row.get(column).unwrap_or_default());
        let said = cell(answer);
        if said.is_empty() {
            imported.n_empty += 1;
            continue;
        }
        let Some(item) = by_key.get(cell(key)) else {
            imported.refused.push((n, format!("“{said}” answers nothing in the queue any more")));
            continue;
        };
        let answer = match said {
            "=" | "ok" | "OK" | "Ok" => Answer::Right,
            "no" | "No" | "NO" if item.edge.is_some() => Answer::NoEdge,
            _ => Answer::Reads(said.to_owned()),
        };
        let everywhere = everywhere.is_some_and(|column| matches!(cell(column), "yes" | "Yes" | "x" | "1" | "true"));
        let decisions = item.answer(&answer, everywhere, who, at, reason.map(cell).unwrap_or_default());
        if decisions.is_empty() {
            imported.refused.push((n, format!("“{said}” is no answer to a {}; write ok", item.kind.name())));
        }
        imported.decisions.extend(decisions);
    }
    Ok(imported)
}
