//! Web pages: text of the blocks in order, rows of tables, numbers of lists, notes as `[1]`; no
//! scripts, menus, hidden or deleted text, no running heads of LibreOffice.
//!
//! Only the tokenizer of html5ever is used: no tree is built, so that nesting costs nothing.

use super::encoding::{mend_bytes, mend_text};
use super::numbering;
use super::rows::{self, Row};
use super::{Decoded, Refused};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use std::cell::RefCell;

/// Reads a web page.
pub(crate) fn read(bytes: &[u8]) -> Result<Decoded, Refused> {
    let (page, is_unicode) = super::encoding::page_text(bytes);
    let text = text_of(&page);
    if text.trim().is_empty() {
        return Err(Refused {
            reason: "empty",
            message: "the page holds no text; save it again from a browser".into(),
        });
    }
    Ok(if is_unicode { mend_text(text, "html") } else { mend_bytes(text, "html") })
}

/// The text of markup.
pub(crate) fn text_of(page: &str) -> String {
    // What is concealed and never closed may be all there is.
    read_page(page, true).or_else(|| read_page(page, false)).unwrap_or_default()
}

/// The text; `None` where something concealed is still open at the end.
fn read_page(page: &str, conceals: bool) -> Option<String> {
    let sink = Sink { page: RefCell::new(Page { conceals, ..Page::default() }) };
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(page));
    // The tokenizer stops at every script; what it says of encodings is not wanted.
    while !input.is_empty() {
        let _ = tokenizer.feed(&input);
    }
    tokenizer.end();
    let mut page = tokenizer.sink.page.into_inner();
    page.end_tables();
    page.end_line();
    let text = page.lines.iter().fold(String::new(), |mut text, line| {
        text.push_str(line);
        text.push('\n');
        text
    });
    page.concealed.is_none().then_some(text)
}

#[derive(Default)]
struct Sink {
    page: RefCell<Page>,
}

#[derive(Default)]
struct Table {
    rows: Vec<Row>,
    row: Row,
    ruled: bool,
    /// Lines of the text around the table.
    outside: Vec<String>,
    in_cell: bool,
}

#[derive(Default)]
struct Page {
    lines: Vec<String>,
    line: String,
    tables: Vec<Table>,
    /// Depth of elements whose text is not read.
    hidden: usize,
    /// Whether elements may be concealed.
    conceals: bool,
    /// The concealed element being passed over, and how deep in others of its name.
    concealed: Option<(String, usize)>,
    preformatted: usize,
    lists: Vec<List>,
    /// What stands before the next text: the number of a list's item.
    label: String,
    superscript: usize,
    anchor: Option<Anchor>,
}

/// A list being read.
struct List {
    /// The number of the next item, and its form as Word names it; none where items have dashes.
    numbers: Option<(i64, &'static str)>,
}

/// A link within the page being read: it may be the sign of a note.
struct Anchor {
    /// Where it begins in the line.
    from: usize,
    role: Role,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Link,
    /// Leads to a note, or stands before it.
    Note,
    /// Leads back from a note.
    Back,
}

/// Tables within tables beyond which cells are plain text.
const DEEPEST: usize = 16;

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut page = self.page.borrow_mut();
        match token {
            Token::CharacterTokens(text) if page.hidden == 0 && page.concealed.is_none() => page.push(&text),
            Token::TagToken(tag) => return page.tag(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Page {
    fn push(&mut self, text: &str) {
        if !self.label.is_empty() && !text.trim().is_empty() {
            self.line = std::mem::take(&mut self.label);
        }
        if self.preformatted > 0 {
            for (n, line) in text.split('\n').enumerate() {
                if n > 0 {
                    self.end_line();
                }
                self.line.push_str(line);
            }
            return;
        }
        // Blanks collapse; a non-breaking one is kept by the page's author on purpose.
        for c in text.chars() {
            if c.is_ascii_whitespace() {
                if !self.line.is_empty() && !self.line.ends_with([' ', '\t']) {
                    self.line.push(' ');
                }
            } else {
                self.line.push(c);
            }
        }
    }

    /// Ends the line if anything stands on it.
    fn end_line(&mut self) {
        let line = self.line.trim_end();
        if !line.is_empty() {
            self.lines.push(line.to_owned());
        }
        self.line.clear();
        self.anchor = None;
    }

    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        let start = tag.kind == TagKind::StartTag;
        let attribute =
            |wanted: &str| tag.attrs.iter().find(|held| &*held.name.local == wanted).map(|held| &*held.value);
        let is_raw = matches!(name, "script" | "style" | "title" | "textarea" | "iframe");
        if !is_raw && self.passes_over(name, start && !tag.self_closing, &attribute) {
            return TokenSinkResult::Continue;
        }
        match name {
            "script" | "style" | "title" | "textarea" | "iframe" => {
                if !start {
                    self.hidden = self.hidden.saturating_sub(1);
                } else if !tag.self_closing {
                    self.hidden += 1;
                    return match name {
                        "script" => TokenSinkResult::RawData(RawKind::ScriptData),
                        "style" | "iframe" => TokenSinkResult::RawData(RawKind::Rawtext),
                        _ => TokenSinkResult::RawData(RawKind::Rcdata),
                    };
                }
            }
            "br" => {
                let line = self.line.trim_end().to_owned();
                self.lines.push(line);
                self.line.clear();
            }
            "pre" => {
                self.end_line();
                self.preformatted = if start { self.preformatted + 1 } else { self.preformatted.saturating_sub(1) };
            }
            "sup" if start => {
                self.superscript += 1;
                if let Some(anchor) = self.anchor.as_mut().filter(|anchor| anchor.role == Role::Link) {
                    anchor.role = Role::Note;
                }
            }
            "sup" => self.superscript = self.superscript.saturating_sub(1),
            "a" => self.anchor(start, attribute("href"), attribute("class").unwrap_or_default()),
            "ol" | "ul" => {
                self.end_line();
                if start && self.lists.len() < DEEPEST {
                    let first = attribute("start").and_then(|n| n.parse().ok()).unwrap_or(1);
                    let form = form_of(attribute("type"), attribute("style"));
                    self.lists.push(List { numbers: (name == "ol").then_some((first, form)) });
                } else if !start {
                    self.lists.pop();
                }
            }
            "li" => {
                self.end_line();
                self.label.clear();
                if start {
                    let value = attribute("value").and_then(|n| n.parse().ok());
                    let is_note = attribute("id").is_some_and(|id| id.starts_with("fn"));
                    self.item(value, is_note);
                }
            }
            "table" => self.table(start, is_ruled(attribute("border"), attribute("style"))),
            "tr" => self.end_row(),
            "td" | "th" => {
                self.end_cell();
                if start && let Some(table) = self.tables.last_mut() {
                    table.ruled |= name == "th" || is_ruled(None, attribute("style"));
                    table.in_cell = true;
                }
            }
            "p" | "div" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote" | "section" | "article" | "header"
            | "footer" | "hr" | "dl" | "dt" | "dd" | "center" | "body" | "form" | "figure" | "address" | "main"
            | "nav" | "aside" | "tbody" | "thead" | "tfoot" | "caption" => self.end_line(),
            _ => {}
        }
        TokenSinkResult::Continue
    }

    /// Whether the tag belongs to something concealed, or begins it.
    fn passes_over<'a>(&mut self, name: &str, opens: bool, attribute: &impl Fn(&str) -> Option<&'a str>) -> bool {
        if let Some((concealed, depth)) = &mut self.concealed {
            if concealed == name {
                *depth = if opens { *depth + 1 } else { *depth - 1 };
                if *depth == 0 {
                    self.concealed = None;
                }
            }
            return true;
        }
        let is_void =
            matches!(name, "br" | "hr" | "img" | "input" | "meta" | "link" | "col" | "wbr" | "embed" | "area");
        if !self.conceals || !opens || is_void {
            return false;
        }
        // LibreOffice writes its running heads into the page.
        let is_running_head = name == "div" && matches!(attribute("title"), Some("header" | "footer"));
        let is_hidden = attribute("hidden").is_some()
            || attribute("style").is_some_and(|style| squeezed(style).contains("display:none"));
        let is_no_text = matches!(name, "noscript" | "template" | "select" | "svg" | "nav" | "del");
        if is_running_head || is_hidden || is_no_text {
            self.concealed = Some((name.to_owned(), 1));
        }
        self.concealed.is_some()
    }

    /// The sign of a note is put in brackets; the way back from it is left out.
    fn anchor(&mut self, start: bool, href: Option<&str>, class: &str) {
        if start {
            let role = match class {
                _ if !href.is_some_and(|href| href.starts_with('#')) => None,
                "footnote-back" => Some(Role::Back),
                "sdfootnoteanc" | "sdfootnotesym" | "sdendnoteanc" | "sdendnotesym" | "footnote-ref" => {
                    Some(Role::Note)
                }
                _ => Some(if self.superscript > 0 { Role::Note } else { Role::Link }),
            };
            self.anchor = role.map(|role| Anchor { from: self.line.len() + self.label.len(), role });
            return;
        }
        let Some(Anchor { from, role }) = self.anchor.take() else { return };
        let Some(sign) = self.line.get(from..).map(|sign| sign.trim().to_owned()) else { return };
        let is_sign = (1..=4).contains(&sign.chars().count()) && sign.chars().all(|c| c.is_alphanumeric() || c == '*');
        match role {
            Role::Back => self.line.truncate(from),
            Role::Note if is_sign => {
                self.line.truncate(from);
                self.line.push_str(&format!("[{sign}]"));
                if from == 0 {
                    self.line.push(' ');
                }
            }
            Role::Note | Role::Link => {}
        }
    }

    fn item(&mut self, value: Option<i64>, is_note: bool) {
        let Some(List { numbers: Some((next, form)) }) = self.lists.last_mut() else {
            self.label.push_str("- ");
            return;
        };
        let n = value.unwrap_or(*next);
        *next = n.saturating_add(1);
        let number = numbering::spell(n, form);
        self.label = if is_note { format!("[{number}] ") } else { format!("{number}. ") };
    }

    fn table(&mut self, start: bool, ruled: bool) {
        self.end_line();
        if start && self.tables.len() < DEEPEST {
            let outside = std::mem::take(&mut self.lines);
            self.tables.push(Table { ruled, outside, ..Table::default() });
        } else if !start {
            self.end_row();
            self.end_table();
        }
    }

    fn end_cell(&mut self) {
        self.end_line();
        if let Some(table) = self.tables.last_mut() {
            let lines = std::mem::take(&mut self.lines);
            if table.in_cell {
                table.row.push(lines);
                table.in_cell = false;
            } else {
                // Text between cells belongs before the table.
                table.outside.extend(lines);
            }
        }
    }

    fn end_row(&mut self) {
        self.end_cell();
        if let Some(table) = self.tables.last_mut()
            && !table.row.is_empty()
        {
            let row = std::mem::take(&mut table.row);
            table.rows.push(row);
        }
    }

    fn end_table(&mut self) {
        if let Some(table) = self.tables.pop() {
            self.lines = table.outside;
            let mut text = String::new();
            rows::write(&table.rows, table.ruled, &mut text);
            self.lines.extend(text.lines().map(str::to_owned));
        }
    }

    fn end_tables(&mut self) {
        while !self.tables.is_empty() {
            self.end_row();
            self.end_table();
        }
    }
}

fn squeezed(style: &str) -> String {
    style.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// Whether lines are drawn around cells.
fn is_ruled(border: Option<&str>, style: Option<&str>) -> bool {
    border.is_some_and(|border| border != "0")
        || style.map(squeezed).is_some_and(|style| style.contains("border") && style.contains("solid"))
}

/// How a list is numbered, by the name Word has for it.
fn form_of(kind: Option<&str>, style: Option<&str>) -> &'static str {
    let style = style.map(squeezed).unwrap_or_default();
    let styled = |name: &str| style.contains(&format!("list-style-type:{name}"));
    match kind {
        Some("a") => "lowerLetter",
        Some("A") => "upperLetter",
        Some("i") => "lowerRoman",
        Some("I") => "upperRoman",
        _ if styled("lower-alpha") || styled("lower-latin") => "lowerLetter",
        _ if styled("upper-alpha") || styled("upper-latin") => "upperLetter",
        _ if styled("lower-roman") => "lowerRoman",
        _ if styled("upper-roman") => "upperRoman",
        _ => "decimal",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_lists_and_tables_become_lines() {
        let page = "<html><head><title>x</title><style>p{}</style></head><body><table><tr><td>ỦY BAN<br>TỈNH</td>\
                    <td>CỘNG HÒA</td></tr></table><p>Điều&nbsp;1.\n Phạm vi</p><ol><li>Một<li>Hai</ol>\
                    <script>if (a < b) {}</script><table border=1><tr><th>TT<th>Tên<tr><td>1<td>Luật</table></body>";
        assert_eq!(
            text_of(page),
            "ỦY BAN    CỘNG HÒA\nTỈNH\nĐiều\u{A0}1. Phạm vi\n1. Một\n2. Hai\nTT | Tên\n1 | Luật\n"
        );
    }

    fn check(page: &str, expected: &str) {
        assert_eq!(text_of(page), expected, "{page}");
    }

    #[test]
    fn items_keep_their_number_before_their_paragraph() {
        check(
            "<ol type=I><li><p>Chung</p><ol type=a start=2><li>x<li value=5><p>y</ol></ol>",
            "I. Chung\nb. x\ne. y\n",
        );
        check("<ul><li></li><li><p>một</p><p>hai</p></ul>", "- một\nhai\n");
    }

    #[test]
    fn notes_have_their_sign_in_brackets() {
        check(
            "<p>cấp ủy<a class=sdfootnoteanc href='#n'><sup>1</sup></a> tỉnh, 5 m<sup>2</sup>",
            "cấp ủy[1] tỉnh, 5 m2\n",
        );
        check("<p><a class=sdfootnotesym href='#a'>1</a>Gồm", "[1] Gồm\n");
        check("<ol><li id=fn1><p>Gồm<a href='#r' class=footnote-back>↩</a></p></li></ol>", "[1] Gồm\n");
        check("<p>theo <a href='#d5'>Điều 5</a><sup><a href='#c'>[2]</a></sup>", "theo Điều 5[2]\n");
    }

    #[test]
    fn concealed_text_is_left_out_unless_it_never_ends() {
        let hidden = "<div title=header>Công báo<div>số</div></div><nav>Trang chủ</nav><p style='display: none'>x</p>";
        check(&format!("{hidden}<p>Điều <del>cũ</del>1</p>"), "Điều 1\n");
        check("<div hidden><p>Điều 1</p>", "Điều 1\n");
    }
}
