//! Web pages: text of the blocks in order, rows of tables, no scripts, no menus hidden in markup.
//!
//! Only the tokenizer of html5ever is used: no tree is built, so that nesting costs nothing.

use super::encoding::{mend_bytes, mend_text};
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
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
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
    page.lines.iter().fold(String::new(), |mut text, line| {
        text.push_str(line);
        text.push('\n');
        text
    })
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
    preformatted: usize,
    items: Vec<Option<usize>>,
}

/// Tables within tables beyond which cells are plain text.
const DEEPEST: usize = 16;

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut page = self.page.borrow_mut();
        match token {
            Token::CharacterTokens(text) if page.hidden == 0 => page.push(&text),
            Token::TagToken(tag) => return page.tag(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Page {
    fn push(&mut self, text: &str) {
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
    }

    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        let start = tag.kind == TagKind::StartTag;
        let attribute =
            |wanted: &str| tag.attrs.iter().find(|held| &*held.name.local == wanted).map(|held| &*held.value);
        match name {
            "script" | "style" | "noscript" | "template" | "title" | "textarea" | "iframe" | "select" | "svg" => {
                if !start {
                    self.hidden = self.hidden.saturating_sub(1);
                } else if !tag.self_closing {
                    self.hidden += 1;
                    return match name {
                        "script" => TokenSinkResult::RawData(RawKind::ScriptData),
                        "style" | "iframe" => TokenSinkResult::RawData(RawKind::Rawtext),
                        "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
                        _ => TokenSinkResult::Continue,
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
            "ol" | "ul" => {
                self.end_line();
                if start && self.items.len() < DEEPEST {
                    let first = attribute("start").and_then(|n| n.parse().ok()).unwrap_or(1);
                    self.items.push((name == "ol").then_some(first));
                } else if !start {
                    self.items.pop();
                }
            }
            "li" => {
                self.end_line();
                if start {
                    match self.items.last_mut() {
                        Some(Some(n)) => {
                            self.line = format!("{n}. ");
                            *n = n.saturating_add(1);
                        }
                        _ => self.line.push_str("- "),
                    }
                }
            }
            "table" => self.table(start, attribute("border").is_some_and(|border| border != "0")),
            "tr" => self.end_row(),
            "td" | "th" => {
                self.end_cell();
                if start && let Some(table) = self.tables.last_mut() {
                    table.ruled |= name == "th";
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
}
