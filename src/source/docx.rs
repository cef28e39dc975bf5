//! Word 2007 and later: text in reading order, with the numbers Word prints by itself.
//!
//! Tracked insertions are taken, deletions dropped; text boxes follow their paragraph; a table row
//! is a line; notes stand at the end under `[1]`; headers, footers and hidden text are left out.
//! Page breaks come out as form feeds where Word noted them.

mod styles;

use super::encoding::mend_text;
use super::legacy::Reading;
use super::numbering::Numbering;
use super::rows::{self, Row};
use super::xml::{self, Node};
use super::{Decoded, Limits, Refused, archive, capitals, legacy};
use crate::text::Defect;
use quick_xml::Reader;
use quick_xml::events::Event;
use rustc_hash::FxHashMap;
use std::ops::Range;
use styles::{Font, Styles, font, is_on};

/// Reads a `.docx`.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Decoded, Refused> {
    let mut parts = archive::Parts::open(bytes, limits)?;
    let main = parts
        .names()
        .into_iter()
        .filter(|name| name.starts_with("word/document") && name.ends_with(".xml"))
        .min_by_key(String::len)
        .ok_or_else(|| malformed("it has no word/document.xml"))?;
    let document = parts.text(&main)?.ok_or_else(|| malformed("its main part is missing"))?;
    let mut optional = |name: &str| parts.text(name).ok().flatten().unwrap_or_default();
    let mut reader = Body {
        numbering: Numbering::read(&optional("word/numbering.xml")),
        styles: Styles::read(&optional("word/styles.xml")),
        ..Body::default()
    };
    let mut footnotes = notes(&optional("word/footnotes.xml"));
    let mut endnotes = notes(&optional("word/endnotes.xml"));
    let broken = reader.read(&document);
    let mut text = reader.text();
    let mut n_notes = 0;
    for (kind, id) in &reader.notes {
        n_notes += 1;
        let note = match kind {
            NoteKind::Footnote => footnotes.remove(id),
            NoteKind::Endnote => endnotes.remove(id),
        };
        if let Some(note) = note {
            text.push_str(&format!("[{n_notes}] {}\n", note.trim()));
        }
    }
    if text.trim().is_empty() {
        return Err(Refused {
            reason: "empty",
            message: "the document holds no text; if it holds pictures of pages, export it as PDF".into(),
        });
    }
    let mut decoded = mend_text(text, "docx");
    if broken {
        let note = "the document breaks off in the middle of its XML; what came before was read".into();
        decoded.defects.push(Defect { kind: "malformed".into(), line: 0, note });
    }
    Ok(decoded)
}

fn malformed(what: &str) -> Refused {
    Refused {
        reason: "malformed",
        message: format!("the Word document is damaged ({what}); open it in LibreOffice and save it again"),
    }
}

/// Text of each note by its id, lines joined.
fn notes(part: &str) -> FxHashMap<String, String> {
    let mut notes = FxHashMap::default();
    let mut reader = Reader::from_str(part);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    let mut id = String::new();
    let mut in_text = false;
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => match tag.local_name().as_ref() {
                "footnote" | "endnote" => id = xml::element(&tag).attribute("id").unwrap_or_default().to_owned(),
                "t" => in_text = true,
                _ => {}
            },
            Ok(Event::Empty(tag)) if matches!(tag.local_name().as_ref(), "tab" | "br") => {
                notes.entry(id.clone()).or_insert_with(String::new).push(' ');
            }
            Ok(Event::End(tag)) => match tag.local_name().as_ref() {
                "t" => in_text = false,
                "p" => notes.entry(id.clone()).or_insert_with(String::new).push(' '),
                _ => {}
            },
            Ok(Event::Text(text)) if in_text => {
                notes.entry(id.clone()).or_insert_with(String::new).push_str(&text.xml10_content());
            }
            Ok(Event::GeneralRef(name)) if in_text => {
                notes.entry(id.clone()).or_insert_with(String::new).extend(xml::entity(&name.into_inner()));
            }
            Ok(Event::Eof) | Err(_) => return notes,
            Ok(_) => {}
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum NoteKind {
    Footnote,
    Endnote,
}

/// A paragraph being read.
#[derive(Debug, Default)]
struct Paragraph {
    text: String,
    /// The number that Word prints in front.
    number: String,
    style: Option<String>,
    num: Option<String>,
    level: Option<usize>,
    /// Its end was deleted under tracked changes: the next one joins on.
    joined: bool,
    /// Its number has been counted.
    numbered: bool,
    /// A page begins with it.
    breaks: bool,
    /// A page begins somewhere in it where no line ends.
    broken: bool,
    /// Stretches of its text whose font gives letters another meaning.
    legacy: Vec<Legacy>,
    /// Text boxes anchored in it.
    boxes: Vec<String>,
    run: Run,
}

/// A stretch of a paragraph in a font of old.
#[derive(Debug)]
struct Legacy {
    range: Range<usize>,
    font: Font,
    capitals: bool,
}

/// How the run being read prints.
#[derive(Debug, Default)]
struct Run {
    style: Option<String>,
    capitals: Option<bool>,
    hidden: bool,
    font: Option<Font>,
}

/// Where lines go: the page, a cell, a text box.
#[derive(Debug, Default)]
struct Block {
    lines: Vec<String>,
    /// The last line waits for the next paragraph.
    open: bool,
}

/// A table being read.
#[derive(Debug, Default)]
struct Table {
    rows: Vec<Row>,
    row: Row,
    ruled: bool,
    /// The row was deleted under tracked changes.
    deleted: bool,
    /// Rows with which a page begins.
    breaks: Vec<usize>,
}

/// The reader of the main part. Stacks are bounded by [`DEEPEST`].
#[derive(Debug, Default)]
struct Body {
    numbering: Numbering,
    styles: Styles,
    blocks: Vec<Block>,
    paragraphs: Vec<Paragraph>,
    tables: Vec<Table>,
    notes: Vec<(NoteKind, String)>,
    page_break: bool,
    /// Paragraphs, tables and cells open beyond [`DEEPEST`].
    too_deep: usize,
}

/// Blocks within blocks (cells, boxes) beyond which text is run together.
const DEEPEST: usize = 64;

impl Body {
    /// Reads the main part; whether it broke off.
    fn read(&mut self, part: &str) -> bool {
        let mut reader = Reader::from_str(part);
        reader.config_mut().check_end_names = false;
        reader.config_mut().allow_unmatched_ends = true;
        self.blocks.push(Block::default());
        // Elements whose content is not read: deletions, fallbacks, field codes.
        let mut skipped = 0usize;
        let mut open: Vec<String> = Vec::new();
        let mut in_text = false;
        loop {
            match reader.read_event() {
                Ok(Event::Start(tag)) => {
                    let node = xml::element(&tag);
                    let parent = open.last().map(String::as_str).unwrap_or_default();
                    // Of a paragraph's mark or a row, `del` only says that it was deleted.
                    let deleted = node.name == "del" && !matches!(parent, "rPr" | "trPr");
                    if skipped > 0 || deleted || is_skipped(&node.name) {
                        skipped += 1;
                        continue;
                    }
                    in_text = node.name == "t";
                    self.start(&node, &open);
                    open.push(node.name);
                }
                Ok(Event::Empty(tag)) if skipped == 0 => {
                    let node = xml::element(&tag);
                    if !is_skipped(&node.name) {
                        self.start(&node, &open);
                        self.end(&node.name, &open);
                    }
                }
                Ok(Event::End(_)) if skipped > 0 => skipped -= 1,
                Ok(Event::End(_)) => {
                    in_text = false;
                    if let Some(name) = open.pop() {
                        self.end(&name, &open);
                    }
                }
                Ok(Event::Text(text)) if in_text && skipped == 0 => self.push(&text.xml10_content()),
                Ok(Event::CData(text)) if in_text && skipped == 0 => self.push(&text.xml10_content()),
                Ok(Event::GeneralRef(name)) if in_text && skipped == 0 => {
                    if let Some(c) = xml::entity(&name.into_inner()) {
                        self.push(c.encode_utf8(&mut [0; 4]));
                    }
                }
                Ok(Event::Eof) => {
                    let broken = !open.is_empty();
                    while let Some(name) = open.pop() {
                        self.end(&name, &open);
                    }
                    return broken;
                }
                Err(_) => {
                    while let Some(name) = open.pop() {
                        self.end(&name, &open);
                    }
                    return true;
                }
                Ok(_) => {}
            }
        }
    }

    fn text(&mut self) -> String {
        let lines = std::mem::take(&mut self.blocks).into_iter().flat_map(|block| block.lines);
        lines.fold(String::new(), |mut text, line| {
            text.push_str(line.trim_end_matches([' ', '\t']));
            text.push('\n');
            text
        })
    }

    fn start(&mut self, node: &Node, open: &[String]) {
        let parent = open.last().map(String::as_str).unwrap_or_default();
        let value = || node.attribute("val").map(str::to_owned);
        match node.name.as_str() {
            // What is nested too deep is one paragraph.
            "p" | "tbl" | "tc" | "txbxContent" if self.too_deep > 0 || self.open_blocks() >= DEEPEST => {
                if self.too_deep == 0 {
                    self.paragraphs.push(Paragraph::default());
                }
                self.too_deep += 1;
            }
            "p" => self.paragraphs.push(Paragraph::default()),
            "tbl" => self.tables.push(Table::default()),
            "tc" | "txbxContent" => self.blocks.push(Block::default()),
            "tblStyle" => {
                if let Some(table) = self.tables.last_mut() {
                    table.ruled |=
                        node.attribute("val").is_some_and(|style| style.contains("Grid") || style == "Table");
                }
            }
            "top" | "bottom" | "left" | "right" | "insideH" | "insideV" | "start" | "end"
                if matches!(parent, "tblBorders" | "tcBorders") =>
            {
                if let Some(table) = self.tables.last_mut() {
                    table.ruled |= !matches!(node.attribute("val"), None | Some("nil" | "none"));
                }
            }
            "r" => {
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    paragraph.run = Run::default();
                }
            }
            "pStyle" => self.with_paragraph(|paragraph| paragraph.style = value()),
            "rStyle" => self.with_paragraph(|paragraph| paragraph.run.style = value()),
            "numId" => self.with_paragraph(|paragraph| paragraph.num = value()),
            "ilvl" => {
                let level = node.attribute("val").and_then(|level| level.parse().ok());
                self.with_paragraph(|paragraph| paragraph.level = level);
            }
            "pageBreakBefore" if is_on(node) && parent == "pPr" => self.page_break = true,
            "lastRenderedPageBreak" => match self.paragraphs.last_mut() {
                Some(paragraph) if !paragraph.text.trim().is_empty() => paragraph.broken = true,
                _ => self.page_break = true,
            },
            "del" if parent == "rPr" && open.iter().rev().nth(1).is_some_and(|name| name == "pPr") => {
                self.with_paragraph(|paragraph| paragraph.joined = true);
            }
            "del" if parent == "trPr" => {
                if let Some(table) = self.tables.last_mut() {
                    table.deleted = true;
                }
            }
            "caps" if parent == "rPr" && !in_paragraph_mark(open) => {
                let on = is_on(node);
                self.with_paragraph(|paragraph| paragraph.run.capitals = Some(on));
            }
            "vanish" if parent == "rPr" && !in_paragraph_mark(open) => {
                let on = is_on(node);
                self.with_paragraph(|paragraph| paragraph.run.hidden = on);
            }
            "rFonts" if parent == "rPr" && !in_paragraph_mark(open) => {
                let name = node.attribute("ascii").or_else(|| node.attribute("hAnsi")).unwrap_or_default();
                let font = Some(font(name)).filter(|_| !name.is_empty());
                self.with_paragraph(|paragraph| paragraph.run.font = font);
            }
            "tab" if parent == "r" => self.push("\t"),
            "br" if node.attribute("type") == Some("page") => self.page_break = true,
            "br" | "cr" => self.push("\n"),
            "noBreakHyphen" => self.push("-"),
            "sym" => {
                let code = node.attribute("char").and_then(|code| u32::from_str_radix(code, 16).ok());
                match code.and_then(char::from_u32) {
                    // The private area of symbol fonts: bullets, boxes, arrows.
                    Some('\u{E000}'..='\u{F8FF}') => self.push("•"),
                    Some(c) if !c.is_control() => self.push(c.encode_utf8(&mut [0; 4])),
                    _ => {}
                }
            }
            "footnoteReference" | "endnoteReference" => {
                let kind = if node.name == "footnoteReference" { NoteKind::Footnote } else { NoteKind::Endnote };
                self.notes.push((kind, node.attribute("id").unwrap_or_default().to_owned()));
                let mark = format!("[{}]", self.notes.len());
                self.push(&mark);
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str, open: &[String]) {
        match name {
            "p" | "tbl" | "tc" | "txbxContent" if self.too_deep > 0 => {
                self.too_deep -= 1;
                if self.too_deep == 0 {
                    self.end_paragraph();
                }
            }
            "p" => self.end_paragraph(),
            "tc" => {
                let lines = self.close_block();
                match self.tables.last_mut() {
                    Some(table) => table.row.push(lines),
                    None => self.write_lines(lines.into_iter()),
                }
            }
            "tr" => {
                let outermost = self.tables.len() == 1 && self.blocks.len() == 1;
                if let Some(table) = self.tables.last_mut() {
                    let row = std::mem::take(&mut table.row);
                    if !std::mem::take(&mut table.deleted) {
                        if outermost && std::mem::take(&mut self.page_break) {
                            table.breaks.push(table.rows.len());
                        }
                        table.rows.push(row);
                    }
                }
            }
            "tbl" => {
                if let Some(table) = self.tables.pop() {
                    let lines = rows::lines(&table.rows, table.ruled);
                    for (n, row) in lines.into_iter().enumerate() {
                        let feed = if table.breaks.contains(&n) { "\u{0C}" } else { "" };
                        self.write_lines(format!("{feed}{row}").split('\n').map(str::to_owned));
                    }
                }
            }
            "txbxContent" => {
                let lines = self.close_block();
                self.with_paragraph(|paragraph| paragraph.boxes.extend(lines));
            }
            "pPr" if open.last().is_some_and(|parent| parent == "p") => self.number_paragraph(),
            _ => {}
        }
    }

    fn open_blocks(&self) -> usize {
        self.paragraphs.len() + self.tables.len() + self.blocks.len()
    }

    fn with_paragraph(&mut self, change: impl FnOnce(&mut Paragraph)) {
        if let Some(paragraph) = self.paragraphs.last_mut() {
            change(paragraph);
        }
    }

    /// The innermost block's lines; the page itself is never closed.
    fn close_block(&mut self) -> Vec<String> {
        if self.blocks.len() > 1 { self.blocks.pop().map(|block| block.lines).unwrap_or_default() } else { Vec::new() }
    }

    /// Counts the automatic number, once the paragraph's properties are known.
    fn number_paragraph(&mut self) {
        let Some(paragraph) = self.paragraphs.last_mut() else { return };
        // A paragraph that joins on to the next takes the number of that one.
        if std::mem::replace(&mut paragraph.numbered, true) || paragraph.joined {
            return;
        }
        let (mut num, mut level) = (paragraph.num.clone(), paragraph.level);
        let style = paragraph.style.as_deref().or(self.styles.usual.as_deref());
        for (name, found) in self.styles.chain(style) {
            if num.is_none()
                && let Some(of_style) = &found.num
            {
                num = Some(of_style.clone());
                level = level.or(found.level).or_else(|| self.numbering.level_of_style(of_style, name));
            }
            level = level.or(found.level);
        }
        if let Some(num) = num.filter(|num| num != "0")
            && let Some(printed) = self.numbering.next(&num, level.unwrap_or(0))
        {
            paragraph.number = printed;
            paragraph.breaks = self.blocks.len() == 1 && std::mem::take(&mut self.page_break);
        }
    }

    fn end_paragraph(&mut self) {
        let Some(mut paragraph) = self.paragraphs.pop() else { return };
        self.page_break |= paragraph.broken;
        let mut text = legible(&paragraph);
        for line in &paragraph.boxes {
            if !text.trim().is_empty() {
                text.push('\n');
            }
            text.push_str(line);
        }
        if paragraph.breaks {
            paragraph.number.insert(0, '\u{0C}');
        }
        let Some(block) = self.blocks.last_mut() else { return };
        let mut lines = text.split('\n').map(str::to_owned);
        let first = lines.next().unwrap_or_default();
        match block.lines.last_mut().filter(|_| block.open) {
            Some(last) => *last = format!("{}{last}{first}", paragraph.number),
            None => block.lines.push(format!("{}{first}", paragraph.number)),
        }
        block.lines.extend(lines);
        block.open = paragraph.joined;
    }

    fn write_lines(&mut self, lines: impl Iterator<Item = String>) {
        if let Some(block) = self.blocks.last_mut() {
            block.open = false;
            block.lines.extend(lines);
        }
    }

    fn push(&mut self, text: &str) {
        let on_page = self.blocks.len() == 1;
        let Some(paragraph) = self.paragraphs.last_mut().filter(|paragraph| !paragraph.run.hidden) else { return };
        if on_page && !text.is_empty() && std::mem::take(&mut self.page_break) {
            if paragraph.text.is_empty() {
                paragraph.breaks = true;
            } else {
                paragraph.text.push_str("\n\u{0C}");
            }
        }
        let Paragraph { style, run, .. } = paragraph;
        let (style, run_style) = (style.as_deref().or(self.styles.usual.as_deref()), run.style.as_deref());
        let styles = &self.styles;
        let of_styles = || styles.capitals(run_style).or_else(|| styles.capitals(style)).unwrap_or_default();
        let capitals = run.capitals.unwrap_or_else(of_styles);
        let font = run.font.or_else(|| styles.font(run_style)).or_else(|| styles.font(style)).unwrap_or(styles.font);
        let from = paragraph.text.len();
        paragraph.text.push_str(text);
        match font {
            Font::Plain if capitals => {
                paragraph.text.truncate(from);
                paragraph.text.extend(text.chars().flat_map(char::to_uppercase));
            }
            Font::Plain => {}
            font => paragraph.legacy.push(Legacy { range: from..paragraph.text.len(), font, capitals }),
        }
    }
}

/// The text of a paragraph, with what its fonts make of the letters.
///
/// Papers typed anew in Unicode often keep the name of the old font: a letter that no byte stands
/// for gives them away.
fn legible(paragraph: &Paragraph) -> String {
    let stretches = || paragraph.legacy.iter().map(|legacy| &paragraph.text[legacy.range.clone()]);
    let in_unicode = stretches().any(|stretch| stretch.chars().any(is_no_byte));
    let mut text = String::with_capacity(paragraph.text.len());
    let mut written = 0;
    for (legacy, stretch) in paragraph.legacy.iter().zip(stretches()) {
        text.push_str(&paragraph.text[written..legacy.range.start]);
        written = legacy.range.end;
        let reading = match legacy.font {
            _ if in_unicode => Reading::AsIs,
            Font::Vni => Reading::Vni,
            Font::Plain | Font::Abc { .. } => Reading::Tcvn3,
        };
        let read = legacy::read_as(stretch, reading);
        if legacy.capitals || legacy.font == (Font::Abc { capitals: true }) {
            text.extend(read.chars().flat_map(char::to_uppercase));
        } else {
            text.push_str(&read);
        }
    }
    text.push_str(&paragraph.text[written..]);
    let in_abc = paragraph.legacy.iter().any(|legacy| matches!(legacy.font, Font::Abc { .. }));
    if in_abc && !in_unicode { capitals::restore(&text) } else { text }
}

/// Letters of Vietnamese in Unicode that no legacy font has a place for.
fn is_no_byte(c: char) -> bool {
    matches!(c, '\u{1EA0}'..='\u{1EF9}' | 'ă' | 'Ă' | 'đ' | 'Đ' | 'ĩ' | 'Ĩ' | 'ũ' | 'Ũ' | 'ơ' | 'Ơ' | 'ư' | 'Ư')
}

/// Properties of the paragraph mark say nothing of the text.
fn in_paragraph_mark(open: &[String]) -> bool {
    open.iter().rev().nth(1).is_some_and(|name| name == "pPr")
}

fn is_skipped(name: &str) -> bool {
    matches!(
        name,
        "delText"
            | "moveFrom"
            | "Fallback"
            | "instrText"
            | "delInstrText"
            | "pPrChange"
            | "rPrChange"
            | "sectPrChange"
            | "tblPrChange"
            | "trPrChange"
            | "tcPrChange"
            | "numberingChange"
    )
}
