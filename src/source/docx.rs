//! Word 2007 and later: text in reading order, with the numbers Word prints by itself.
//!
//! Tracked insertions are taken, deletions dropped; text boxes follow their paragraph; a table row
//! is a line; notes stand at the end under `[1]`; headers, footers and hidden text are left out.
//! Page breaks come out as form feeds where Word noted them.

use super::encoding::mend_text;
use super::numbering::Numbering;
use super::rows::{self, Row};
use super::xml::{self, Node};
use super::{Decoded, Limits, Refused, archive, legacy};
use crate::text::Defect;
use quick_xml::Reader;
use quick_xml::events::Event;
use rustc_hash::FxHashMap;

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
        styles: styles(&optional("word/styles.xml")),
        ..Body::default()
    };
    let footnotes = notes(&optional("word/footnotes.xml"));
    let endnotes = notes(&optional("word/endnotes.xml"));
    let broken = reader.read(&document);
    let mut text = reader.text();
    let mut n_notes = 0;
    for (kind, id) in &reader.notes {
        n_notes += 1;
        let note = match kind {
            NoteKind::Footnote => footnotes.get(id),
            NoteKind::Endnote => endnotes.get(id),
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

/// What a paragraph style says of numbers.
#[derive(Debug, Default)]
struct Style {
    based_on: Option<String>,
    num: Option<String>,
    level: Option<usize>,
    capitals: bool,
}

fn styles(part: &str) -> FxHashMap<String, Style> {
    let root = xml::tree(part);
    let mut styles = FxHashMap::default();
    for style in root.descendants("style") {
        let value = |node: Option<&Node>| node.and_then(|node| node.attribute("val")).map(str::to_owned);
        let num = style.child("pPr").and_then(|properties| properties.child("numPr"));
        let read = Style {
            based_on: value(style.child("basedOn")),
            num: value(num.and_then(|num| num.child("numId"))),
            level: value(num.and_then(|num| num.child("ilvl"))).and_then(|level| level.parse().ok()),
            capitals: style.child("rPr").and_then(|run| run.child("caps")).is_some_and(is_on),
        };
        styles.insert(style.attribute("styleId").unwrap_or_default().to_owned(), read);
    }
    styles
}

fn is_on(node: &Node) -> bool {
    !matches!(node.attribute("val"), Some("0" | "false" | "off" | "none"))
}

/// Text of each note by its id, lines joined.
fn notes(part: &str) -> FxHashMap<String, String> {
    let mut notes = FxHashMap::default();
    let mut reader = Reader::from_str(part);
    reader.config_mut().check_end_names = false;
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
    style: Option<String>,
    num: Option<String>,
    level: Option<usize>,
    /// Its end was deleted under tracked changes: the next one joins on.
    joined: bool,
    /// Its number stands in front already.
    numbered: bool,
    run: Run,
}

/// How the run being read prints.
#[derive(Debug, Default)]
struct Run {
    capitals: Option<bool>,
    hidden: bool,
    font: Font,
}

/// Fonts that give letters another meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Font {
    #[default]
    Plain,
    /// `.VnTime`, and `.VnTimeH`, which prints capitals.
    Abc { capitals: bool },
    /// `VNI-Times`.
    Vni,
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
    in_row: bool,
}

/// The reader of the main part. Stacks are bounded by [`DEEPEST`].
#[derive(Debug, Default)]
struct Body {
    numbering: Numbering,
    styles: FxHashMap<String, Style>,
    blocks: Vec<Block>,
    paragraphs: Vec<Paragraph>,
    tables: Vec<Table>,
    notes: Vec<(NoteKind, String)>,
    page_break: bool,
}

/// Blocks within blocks (cells, boxes) beyond which text is run together.
const DEEPEST: usize = 64;

impl Body {
    /// Reads the main part; whether it broke off.
    fn read(&mut self, part: &str) -> bool {
        let mut reader = Reader::from_str(part);
        reader.config_mut().check_end_names = false;
        self.blocks.push(Block::default());
        // Elements whose content is not read: deletions, fallbacks, field codes.
        let mut skipped = 0usize;
        let mut open: Vec<String> = Vec::new();
        let mut in_text = false;
        loop {
            match reader.read_event() {
                Ok(Event::Start(tag)) => {
                    let node = xml::element(&tag);
                    if skipped > 0 || is_skipped(&node.name) {
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
            text.push_str(line.trim_end());
            text.push('\n');
            text
        })
    }

    fn start(&mut self, node: &Node, open: &[String]) {
        let parent = open.last().map(String::as_str).unwrap_or_default();
        let value = || node.attribute("val").map(str::to_owned);
        match node.name.as_str() {
            "p" if self.paragraphs.len() < DEEPEST => self.paragraphs.push(Paragraph::default()),
            "tbl" if self.tables.len() < DEEPEST => self.tables.push(Table::default()),
            "tr" => {
                if let Some(table) = self.tables.last_mut() {
                    table.in_row = true;
                }
            }
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
            "numId" => self.with_paragraph(|paragraph| paragraph.num = value()),
            "ilvl" => {
                let level = node.attribute("val").and_then(|level| level.parse().ok());
                self.with_paragraph(|paragraph| paragraph.level = level);
            }
            "pageBreakBefore" if is_on(node) => self.page_break = true,
            "lastRenderedPageBreak" => self.page_break = true,
            "del" if parent == "rPr" && open.iter().rev().nth(1).is_some_and(|name| name == "pPr") => {
                self.with_paragraph(|paragraph| paragraph.joined = true);
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
                let font = font(name);
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
            "p" => self.end_paragraph(),
            "tc" => {
                let lines = self.close_block();
                match self.tables.last_mut() {
                    Some(table) => table.row.push(lines),
                    None => self.write_lines(lines.into_iter()),
                }
            }
            "tr" => {
                if let Some(table) = self.tables.last_mut() {
                    let row = std::mem::take(&mut table.row);
                    table.rows.push(row);
                    table.in_row = false;
                }
            }
            "tbl" => {
                if let Some(table) = self.tables.pop() {
                    let mut text = String::new();
                    rows::write(&table.rows, table.ruled, &mut text);
                    self.write_lines(text.lines().map(str::to_owned));
                }
            }
            "txbxContent" => {
                let lines = self.close_block();
                // The box is inside a paragraph; its lines follow what stands there already.
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    if !paragraph.text.is_empty() {
                        paragraph.text.push('\n');
                    }
                    paragraph.text.push_str(&lines.join("\n"));
                    paragraph.text.push('\n');
                }
            }
            "pPr" if open.last().is_some_and(|parent| parent == "p") => self.number_paragraph(),
            _ => {}
        }
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

    /// Puts the automatic number in front, once the paragraph's properties are known.
    fn number_paragraph(&mut self) {
        let Some(paragraph) = self.paragraphs.last_mut() else { return };
        if std::mem::replace(&mut paragraph.numbered, true) {
            return;
        }
        let (mut num, mut level) = (paragraph.num.clone(), paragraph.level);
        let mut style = paragraph.style.as_deref();
        // A style may be based on itself in a broken file.
        for _ in 0..16 {
            let Some((name, found)) = style.and_then(|name| Some((name, self.styles.get(name)?))) else { break };
            if num.is_none()
                && let Some(of_style) = &found.num
            {
                num = Some(of_style.clone());
                level = level.or(found.level).or_else(|| self.numbering.level_of_style(of_style, name));
            }
            level = level.or(found.level);
            style = found.based_on.as_deref();
        }
        if let Some(num) = num.filter(|num| num != "0")
            && let Some(printed) = self.numbering.next(&num, level.unwrap_or(0))
        {
            paragraph.text.push_str(&printed);
        }
    }

    fn end_paragraph(&mut self) {
        let Some(paragraph) = self.paragraphs.pop() else { return };
        let break_before = std::mem::take(&mut self.page_break);
        let joined = paragraph.joined;
        let Some(block) = self.blocks.last_mut() else { return };
        let mut lines = paragraph.text.split('\n').map(str::to_owned);
        if block.open
            && let (Some(last), Some(first)) = (block.lines.last_mut(), lines.next())
        {
            last.push_str(&first);
        }
        let at = block.lines.len();
        block.lines.extend(lines);
        block.open = joined;
        if self.blocks.len() == 1 && break_before {
            match self.blocks[0].lines.get_mut(at) {
                Some(line) => line.insert(0, '\u{0C}'),
                None => self.page_break = true,
            }
        } else {
            self.page_break |= break_before;
        }
    }

    fn write_lines(&mut self, lines: impl Iterator<Item = String>) {
        if let Some(block) = self.blocks.last_mut() {
            block.open = false;
            block.lines.extend(lines);
        }
    }

    fn push(&mut self, text: &str) {
        let Some(paragraph) = self.paragraphs.last_mut() else { return };
        if paragraph.run.hidden {
            return;
        }
        let of_style = || {
            let style = paragraph.style.as_deref().and_then(|style| self.styles.get(style));
            style.is_some_and(|style| style.capitals)
        };
        let mut capitals = paragraph.run.capitals.unwrap_or_else(of_style);
        let read = match paragraph.run.font {
            Font::Plain => text.to_owned(),
            Font::Abc { capitals: font_capitals } => {
                capitals |= font_capitals;
                legacy::read_as(text, legacy::Reading::Tcvn3)
            }
            Font::Vni => legacy::read_as(text, legacy::Reading::Vni),
        };
        if capitals {
            paragraph.text.extend(read.chars().flat_map(char::to_uppercase));
        } else {
            paragraph.text.push_str(&read);
        }
    }
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

fn font(name: &str) -> Font {
    if name.starts_with(".Vn") {
        Font::Abc { capitals: name.ends_with('H') }
    } else if name.starts_with("VNI-") {
        Font::Vni
    } else {
        Font::Plain
    }
}
