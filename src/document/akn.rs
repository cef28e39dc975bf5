//! Akoma Ntoso 3.0: a document as XML that follows the OASIS schema.
//!
//! A paper with articles is an `act`, every other one a `doc`. Attached texts and annexes are
//! attachments with identifiers of their own; new wording of another act stands in
//! `mod/quotedStructure`; references are `ref` with the name of the cited work. The text is the
//! restored one; where it came from in the scan stays in the record, joined by path.
//!
//! What the page does not say is not invented: a work without a date is dated `0001-01-01` with
//! the name `unknown`, since the schema demands a date, and its name in `FRBRuri` has none.

mod names;

pub use names::slug;

use super::Document;
use crate::citation::{Citation, Target};
use crate::outline::{Level, Node};
use crate::text::Span;
use jiff::civil::Date;
use names::{cited_name, id_part, join, label_end, work_name};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use std::collections::HashSet;

/// The namespace of the standard.
const NAMESPACE: &str = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0";

/// Writes one document.
pub fn write(document: &Document) -> String {
    let mut page = Page {
        writer: Writer::new_with_indent(Vec::new(), b' ', 1),
        text: &document.restored.text,
        citations: document.citations.iter().filter(|citation| leads_out(citation)).collect(),
        quoted: &document.outline.quoted,
        ids: HashSet::new(),
    };
    page.citations.sort_by_key(|citation| (citation.span.start, citation.span.end));
    page.document(document);
    // The writer holds strings only.
    String::from_utf8(page.writer.into_inner()).unwrap_or_default()
}

/// Whether a citation names another work.
fn leads_out(citation: &Citation) -> bool {
    citation.target != Target::SelfDocument && (citation.number.is_some() || citation.name.is_some())
}

struct Page<'d> {
    writer: Writer<Vec<u8>>,
    text: &'d str,
    citations: Vec<&'d Citation>,
    quoted: &'d [Span],
    ids: HashSet<String>,
}

impl Page<'_> {
    fn document(&mut self, document: &Document) {
        let nodes = &document.outline.nodes;
        let own_end =
            nodes.iter().position(|node| matches!(node.level, Level::KemTheo | Level::PhuLuc)).unwrap_or(nodes.len());
        let (own, attached) = nodes.split_at(own_end);
        let is_act = own.iter().any(|node| node.level == Level::Dieu);
        let header = &document.header;
        let kind = header.kind.as_deref().map_or_else(|| "van-ban".to_owned(), slug);
        let work = work_name(
            header.kind.as_deref(),
            header.issuer_printed.as_deref().or(header.issuer.as_deref()),
            header.date,
            header.number.as_deref(),
        );
        let work = if work.is_empty() { format!("/akn/vn/doc/{}", slug(&document.id.0)) } else { work };

        self.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        self.open("akomaNtoso", &[("xmlns", NAMESPACE)]);
        let element = if is_act { "act" } else { "doc" };
        self.open(element, &[("name", &kind), ("contains", "originalVersion")]);
        let author = header.issuer_printed.as_deref().or(header.issuer.as_deref());
        self.meta(&work, "!main", header.date, author, header.number.as_deref(), header.title.as_deref());

        let first = own.first().map_or(self.text.len(), |node| node.span.start);
        let first = attached.first().map_or(first, |node| first.min(node.span.start));
        self.beginning(Span::new(0, first));

        let body_end = own.last().map_or(first, |_| own.iter().map(|node| node.span.end).max().unwrap_or(first));
        self.open(if is_act { "body" } else { "mainBody" }, &[]);
        if own.is_empty() {
            let end = attached.first().map_or(self.text.len(), |node| node.span.start);
            // Without places all is in the beginning, but the element must not be empty.
            self.blocks(Span::new(first.min(end), end), true);
        } else {
            self.siblings(own, "", first, body_end);
        }
        self.close(if is_act { "body" } else { "mainBody" });

        let own_text_end = attached.first().map_or(self.text.len(), |node| node.span.start);
        if !own.is_empty() && self.has_text(Span::new(body_end, own_text_end)) {
            self.open("conclusions", &[]);
            self.blocks(Span::new(body_end, own_text_end), false);
            self.close("conclusions");
        }
        if !attached.is_empty() {
            self.attachments(attached, &work, header.date, author);
        }
        self.close(element);
        self.close("akomaNtoso");
    }

    /// Title, number and the basis of the document.
    fn beginning(&mut self, span: Span) {
        if !self.has_text(span) {
            return;
        }
        // The basis begins with the first «Căn cứ».
        let basis = paragraphs(self.text, span)
            .into_iter()
            .find(|paragraph| is_basis(paragraph.of(self.text)))
            .map(|paragraph| paragraph.start);
        let head_end = basis.unwrap_or(span.end);
        if self.has_text(Span::new(span.start, head_end)) {
            self.open("preface", &[]);
            self.blocks(Span::new(span.start, head_end), false);
            self.close("preface");
        }
        let Some(from) = basis else { return };
        self.open("preamble", &[]);
        let mut in_citations = false;
        let mut n_citations = 0;
        for paragraph in paragraphs(self.text, Span::new(from, span.end)) {
            if is_basis(paragraph.of(self.text)) {
                if !in_citations {
                    let id = self.id("preamble__citations");
                    self.open("citations", &[("eId", &id)]);
                    in_citations = true;
                }
                n_citations += 1;
                let id = self.id(&format!("preamble__citations__citation_{n_citations}"));
                self.open("citation", &[("eId", &id)]);
                self.paragraph(paragraph);
                self.close("citation");
            } else {
                if in_citations {
                    self.close("citations");
                    in_citations = false;
                }
                self.paragraph(paragraph);
            }
        }
        if in_citations {
            self.close("citations");
        }
        self.close("preamble");
    }

    /// Nodes that follow one another below one place, and the text between them.
    fn siblings(&mut self, nodes: &[Node], prefix: &str, from: usize, to: usize) {
        let mut at = 0;
        let mut last = from;
        while at < nodes.len() {
            let node = &nodes[at];
            let n_below = nodes[at + 1..].iter().take_while(|next| next.span.start < node.span.end).count();
            self.between(Span::new(last, node.span.start.max(last)), prefix);
            self.place(node, &nodes[at + 1..at + 1 + n_below], prefix);
            last = node.span.end.max(last);
            at += 1 + n_below;
        }
        self.between(Span::new(last.min(to), to.max(last.min(to))), prefix);
    }

    /// Text that belongs to no place, among places.
    fn between(&mut self, span: Span, prefix: &str) {
        if !self.has_text(span) {
            return;
        }
        let id = self.id(&join(prefix, "doan"));
        self.open("hcontainer", &[("eId", &id), ("name", "doan")]);
        let content = self.id(&format!("{id}__content"));
        self.open("content", &[("eId", &content)]);
        self.blocks(span, true);
        self.close("content");
        self.close("hcontainer");
    }

    fn place(&mut self, node: &Node, below: &[Node], prefix: &str) {
        let (element, short, name) = match node.level {
            Level::Phan => ("part", "part", None),
            Level::Chuong => ("chapter", "chp", None),
            Level::Muc => ("section", "sec", None),
            Level::TieuMuc => ("subsection", "subsec", None),
            Level::Dieu => ("article", "art", None),
            Level::Khoan | Level::MucSo => ("paragraph", "para", None),
            Level::MucSo2 => ("subparagraph", "subpara", None),
            Level::Diem => ("point", "point", None),
            Level::Tiet => ("hcontainer", "tiet", Some("tiet")),
            Level::MucLama => ("hcontainer", "muc", Some("muc-la-ma")),
            Level::KemTheo | Level::PhuLuc => ("hcontainer", "att", Some("phu-luc")),
        };
        // Articles are numbered through a whole text; their names do not hang on chapters.
        let prefix = if node.level == Level::Dieu {
            prefix.split("__").find(|part| part.starts_with("att_")).unwrap_or("")
        } else {
            prefix
        };
        let id = self.id(&join(prefix, &format!("{short}_{}", id_part(&node.label))));
        match name {
            Some(name) => self.open(element, &[("eId", &id), ("name", name)]),
            None => self.open(element, &[("eId", &id)]),
        }
        let own_end = below.first().map_or(node.span.end, |child| child.span.start);
        let own = Span::new(node.span.start, own_end.max(node.span.start));
        let rest = self.label_and_heading(node, own);
        if below.is_empty() {
            let content = self.id(&format!("{id}__content"));
            self.open("content", &[("eId", &content)]);
            self.blocks(Span::new(rest, own.end), true);
            self.close("content");
        } else {
            if self.has_text(Span::new(rest, own.end)) {
                let intro = self.id(&format!("{id}__intro"));
                self.open("intro", &[("eId", &intro)]);
                self.blocks(Span::new(rest, own.end), true);
                self.close("intro");
            }
            self.siblings(below, &id, own.end, own.end);
            let last = below.iter().map(|child| child.span.end).max().unwrap_or(own.end);
            if self.has_text(Span::new(last.min(node.span.end), node.span.end)) {
                let wrap = self.id(&format!("{id}__wrapup"));
                self.open("wrapUp", &[("eId", &wrap)]);
                self.blocks(Span::new(last.min(node.span.end), node.span.end), true);
                self.close("wrapUp");
            }
        }
        self.close(element);
    }

    /// Writes `num` and `heading`; gives the byte at which the text of the place begins.
    fn label_and_heading(&mut self, node: &Node, own: Span) -> usize {
        let text = own.of(self.text);
        let first_line = text.lines().next().unwrap_or("");
        // The label as printed: up to the closing mark after it.
        let label_end = label_end(first_line, &node.label, node.level);
        let label = first_line[..label_end].trim();
        if !label.is_empty() {
            self.leaf("num", label);
        }
        let mut rest = own.start + label_end;
        if let Some(heading) = &node.heading {
            let wanted: String = heading.split_whitespace().collect();
            let mut seen = String::new();
            let mut end = None;
            for (at, c) in self.text[rest..own.end].char_indices() {
                if c.is_whitespace() || seen.is_empty() && !c.is_alphanumeric() && !wanted.starts_with(c) {
                    continue;
                }
                seen.push(c);
                if seen.len() >= wanted.len() {
                    end = (seen == wanted).then_some(rest + at + c.len_utf8());
                    break;
                }
            }
            if let Some(end) = end {
                self.leaf("heading", heading);
                rest = end;
            }
        }
        rest
    }

    /// Attached texts and annexes.
    fn attachments(&mut self, nodes: &[Node], work: &str, date: Option<Date>, author: Option<&str>) {
        self.open("attachments", &[]);
        let mut at = 0;
        let mut nth = 0;
        while at < nodes.len() {
            let node = &nodes[at];
            let n_below =
                nodes[at + 1..].iter().take_while(|next| !matches!(next.level, Level::KemTheo | Level::PhuLuc)).count();
            let below = &nodes[at + 1..at + 1 + n_below];
            let until = nodes.get(at + 1 + n_below).map_or(self.text.len(), |next| next.span.start);
            nth += 1;
            let id = self.id(&format!("att_{nth}"));
            self.open("attachment", &[("eId", &id)]);
            let name = match node.level {
                Level::PhuLuc => "phu-luc".to_owned(),
                _ => node.heading.as_deref().map_or_else(
                    || "quy-che".to_owned(),
                    |heading| slug(&heading.split_whitespace().take(2).collect::<Vec<_>>().join(" ")),
                ),
            };
            self.open("doc", &[("name", &name), ("contains", "originalVersion")]);
            self.meta(work, &format!("!{name}_{nth}"), date, author, None, node.heading.as_deref());
            let first = below.first().map_or(node.span.end, |child| child.span.start);
            if self.has_text(Span::new(node.span.start, first)) && !below.is_empty() {
                self.open("preface", &[]);
                self.blocks(Span::new(node.span.start, first), false);
                self.close("preface");
            }
            self.open("mainBody", &[]);
            if below.is_empty() {
                self.blocks(Span::new(node.span.start, until.max(node.span.start)), true);
            } else {
                self.siblings(below, &id, first, node.span.end.max(first));
            }
            self.close("mainBody");
            let end = node.span.end.max(first);
            if !below.is_empty() && self.has_text(Span::new(end, until.max(end))) {
                self.open("conclusions", &[]);
                self.blocks(Span::new(end, until.max(end)), false);
                self.close("conclusions");
            }
            self.close("doc");
            self.close("attachment");
            at += 1 + n_below;
        }
        self.close("attachments");
    }

    fn meta(
        &mut self,
        work: &str,
        component: &str,
        date: Option<Date>,
        author: Option<&str>,
        number: Option<&str>,
        title: Option<&str>,
    ) {
        let day = date.map_or_else(|| "0001-01-01".to_owned(), |date| date.to_string());
        let named = if date.is_some() { "ky" } else { "unknown" };
        let author_ref = format!("#{}", author.map_or_else(|| "vanban".to_owned(), slug));
        let version = if date.is_some() { format!("vie@{day}") } else { "vie@".to_owned() };
        self.open("meta", &[]);
        self.open("identification", &[("source", "#vanban")]);
        let expression = format!("{work}/{version}");
        let manifestation = format!("{expression}.xml");
        for (level, uri) in [("FRBRWork", work), ("FRBRExpression", &expression), ("FRBRManifestation", &manifestation)]
        {
            self.open(level, &[]);
            let this = match level {
                "FRBRManifestation" => format!("{expression}/{component}.xml"),
                _ => format!("{uri}/{component}"),
            };
            self.empty("FRBRthis", &[("value", &this)]);
            self.empty("FRBRuri", &[("value", uri)]);
            self.empty("FRBRdate", &[("date", &day), ("name", named)]);
            self.empty("FRBRauthor", &[("href", if level == "FRBRManifestation" { "#vanban" } else { &author_ref })]);
            match level {
                "FRBRWork" => {
                    self.empty("FRBRcountry", &[("value", "vn")]);
                    if let Some(number) = number {
                        self.empty("FRBRnumber", &[("value", number)]);
                    }
                    if let Some(title) = title {
                        self.empty("FRBRname", &[("value", &clean(title))]);
                    }
                }
                "FRBRExpression" => self.empty("FRBRlanguage", &[("language", "vie")]),
                _ => {}
            }
            self.close(level);
        }
        self.close("identification");
        self.open("references", &[("source", "#vanban")]);
        let id = self.id("vanban");
        self.empty(
            "TLCOrganization",
            &[("eId", &id), ("href", "/ontology/organization/vn/vanban"), ("showAs", "vanban")],
        );
        if let Some(author) = author {
            let id = self.id(&slug(author));
            self.empty(
                "TLCOrganization",
                &[
                    ("eId", &id),
                    ("href", &format!("/ontology/organization/vn/{}", slug(author))),
                    ("showAs", &clean(author)),
                ],
            );
        }
        self.close("references");
        self.close("meta");
    }

    /// The paragraphs of a stretch of text; one empty paragraph where there is none and one is needed.
    fn blocks(&mut self, span: Span, needed: bool) {
        let mut n_written = 0;
        for paragraph in paragraphs(self.text, span) {
            self.paragraph(paragraph);
            n_written += 1;
        }
        if n_written == 0 && needed {
            self.empty("p", &[]);
        }
    }

    /// One `p` with its references and its new wording.
    fn paragraph(&mut self, span: Span) {
        self.open("p", &[]);
        // New wording that begins here is written once, as a structure; the paragraphs it runs
        // through are cut at their own ends.
        let first = self.quoted.partition_point(|quoted| quoted.end <= span.start);
        let mut at = span.start;
        for index in first..self.quoted.len() {
            let quoted = self.quoted[index];
            if quoted.start >= span.end {
                break;
            }
            let start = quoted.start.max(at);
            let end = quoted.end.min(span.end);
            if start >= end {
                continue;
            }
            self.inline(Span::new(at, start));
            let id = self.id(&format!("mod_{}", index + 1));
            self.open("mod", &[("eId", &id)]);
            let inner = self.id(&format!("{id}__qstr_1"));
            self.open("quotedStructure", &[("eId", &inner)]);
            self.open("p", &[]);
            self.inline(Span::new(start, end));
            self.close("p");
            self.close("quotedStructure");
            self.close("mod");
            at = end;
        }
        self.inline(Span::new(at, span.end));
        self.close("p");
    }

    /// Text with references.
    fn inline(&mut self, span: Span) {
        let first = self.citations.partition_point(|citation| citation.span.start < span.start);
        let mut at = span.start;
        let mut index = first;
        while let Some(&citation) = self.citations.get(index) {
            index += 1;
            if citation.span.start >= span.end {
                break;
            }
            if citation.span.start < at || citation.span.end > span.end {
                continue;
            }
            self.words(&self.text[at..citation.span.start]);
            let href = cited_name(citation);
            self.open("ref", &[("href", &href)]);
            self.words(citation.span.of(self.text));
            self.close("ref");
            at = citation.span.end;
        }
        self.words(&self.text[at..span.end]);
    }

    /// Characters with single blanks between words; what XML forbids is left out.
    fn words(&mut self, text: &str) {
        let mut flat = String::with_capacity(text.len());
        if text.starts_with(char::is_whitespace) {
            flat.push(' ');
        }
        for word in text.split_whitespace() {
            if !flat.is_empty() && !flat.ends_with(' ') {
                flat.push(' ');
            }
            flat.extend(word.chars().filter(|c| is_xml(*c)));
        }
        if text.ends_with(char::is_whitespace) && !flat.ends_with(' ') {
            flat.push(' ');
        }
        if !flat.is_empty() {
            self.event(Event::Text(BytesText::new(&flat)));
        }
    }

    fn has_text(&self, span: Span) -> bool {
        span.start < span.end && span.of(self.text).chars().any(|c| !c.is_whitespace() && is_xml(c))
    }

    /// A name not used before.
    fn id(&mut self, wanted: &str) -> String {
        if self.ids.insert(wanted.to_owned()) {
            return wanted.to_owned();
        }
        let mut nth = 2;
        loop {
            let id = format!("{wanted}_{nth}");
            if self.ids.insert(id.clone()) {
                return id;
            }
            nth += 1;
        }
    }

    fn leaf(&mut self, element: &str, text: &str) {
        self.open(element, &[]);
        self.words(text.trim());
        self.close(element);
    }

    fn open(&mut self, element: &str, attributes: &[(&str, &str)]) {
        let start = BytesStart::new(element).with_attributes(attributes.iter().copied());
        self.event(Event::Start(start));
    }

    fn empty(&mut self, element: &str, attributes: &[(&str, &str)]) {
        let start = BytesStart::new(element).with_attributes(attributes.iter().copied());
        self.event(Event::Empty(start));
    }

    fn close(&mut self, element: &str) {
        self.event(Event::End(BytesEnd::new(element)));
    }

    fn event(&mut self, event: Event<'_>) {
        self.writer.write_event(event).expect("writing to memory cannot fail");
    }
}

/// Whether XML 1.0 may hold the character.
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn clean(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().filter(|c| is_xml(*c)).collect()
}

/// Whether a paragraph belongs to the basis: «Căn cứ …», «Theo đề nghị …», «Xét …».
fn is_basis(paragraph: &str) -> bool {
    super::header::begins_basis(paragraph)
}

/// Splits a stretch of text into paragraphs: at empty lines, at lines that begin an item, after lines that end a sentence.
fn paragraphs(text: &str, span: Span) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    let mut at = span.start;
    let mut open = false;
    for raw in span.of(text).split_inclusive('\n') {
        let line = raw.trim();
        let start = at + (raw.len() - raw.trim_start().len());
        let end = start + line.len();
        at += raw.len();
        if line.is_empty() || !line.chars().any(|c| !c.is_whitespace() && is_xml(c)) {
            open = false;
            continue;
        }
        match found.last_mut() {
            Some(last) if open && !line.starts_with(['-', '–', '+', '•', '*']) && !is_basis(line) => last.end = end,
            _ => found.push(Span::new(start, end)),
        }
        open = !line.ends_with(['.', ';', ':', '!', '?']);
    }
    found
}
