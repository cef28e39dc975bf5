//! The restored text as a page: doubtful syllables underlined, citations linked, places anchored.
//!
//! What a doubtful syllable was and might be stands in a popover beside it, which needs no script.

use super::page::{Lang, decimal};
use maud::{Markup, html};
use vanban::document::Document;
use vanban::outline::{Level, Node};
use vanban::restore::Edit;
use vanban::text::Span;

/// Where a citation of the text leads.
pub(super) struct CitationLink {
    /// Bytes of the restored text.
    pub(super) span: Span,
    /// Address of the document meant, or of a search for it.
    pub(super) href: String,
    /// Whether its text is held.
    pub(super) held: bool,
    /// What hovering says.
    pub(super) title: String,
}

/// A document with all that its pages show in the text.
pub(super) struct Reading<'d> {
    pub(super) lang: Lang,
    pub(super) document: &'d Document,
    pub(super) links: &'d [CitationLink],
}

/// Syllables of a page that explain themselves beside the text; the others when hovered over.
const MOST_POPOVERS: usize = 1500;

/// Degrees of doubt, by posterior in thousandths: dotted, dashed, wavy.
pub(super) fn degree(edit: &Edit) -> Option<&'static str> {
    match edit.confidence {
        0..700 => Some("d3"),
        700..900 => Some("d2"),
        900..980 => Some("d1"),
        _ => None,
    }
}

/// Spans of the lines of `text`, without their line ends.
pub(super) fn lines(text: &str) -> Vec<Span> {
    let mut start = 0;
    text.split('\n')
        .map(|line| {
            let span = Span::new(start, start + line.len());
            start = span.end + 1;
            span
        })
        .collect()
}

impl Reading<'_> {
    /// The next best reading, where it is another one.
    fn runner_up<'e>(&self, edit: &'e Edit) -> Option<&'e str> {
        edit.runner_up.as_deref().filter(|second| *second != edit.span.of(&self.document.restored.text))
    }

    fn short(&self, edit: &Edit) -> String {
        let (scan, reading) = (edit.source.of(&self.document.source), edit.span.of(&self.document.restored.text));
        let mut out = format!("{scan} → {reading}, {} %", decimal(self.lang, f64::from(edit.confidence) / 10.0));
        if let Some(second) = self.runner_up(edit) {
            out.push_str(&format!("; {} {second}", self.lang.pick("cách đọc khác:", "runner-up:")));
        }
        out
    }

    /// Scan, reading, how sure, what else, and why.
    pub(super) fn explanation(&self, edit: &Edit) -> Markup {
        let lang = self.lang;
        // Costs are millibans; people read powers of ten.
        let power = |cost: i32| decimal(lang, f64::from(cost) / 1000.0);
        html! {
            span.row { b { (lang.pick("bản quét", "scan")) } span.scan { (edit.source.of(&self.document.source)) } }
            span.row { b { (lang.pick("đọc là", "reading")) }
                span { strong { (edit.span.of(&self.document.restored.text)) } " " (decimal(lang, f64::from(edit.confidence) / 10.0)) " %" } }
            @if let Some(second) = self.runner_up(edit) { span.row { b { (lang.pick("hoặc là", "runner-up")) } span { (second) } } }
            span.row { b { (lang.pick("vì", "why")) }
                span { (lang.pick("nét chữ", "shape")) " " (power(edit.channel)) " · " (lang.pick("câu văn", "sentence")) " " (power(edit.language)) } }
            span.row.note { (lang.pick("Càng nhỏ càng hợp (−log₁₀ xác suất).", "The smaller the likelier (−log₁₀ of the probability).")) }
        }
    }

    /// The part of the restored text inside `within`, marked up.
    fn marked(&self, within: Span) -> Markup {
        let text = &self.document.restored.text;
        let all = &self.document.restored.edits;
        let first = all.partition_point(|edit| edit.span.end <= within.start);
        let edits = &all[first..];
        let edits = &edits[..edits.partition_point(|edit| edit.span.start < within.end)];
        let doubtful: Vec<(usize, &Edit, &str)> = edits
            .iter()
            .enumerate()
            .filter_map(|(n, edit)| degree(edit).map(|degree| (first + n, edit, degree)))
            .collect();
        let links: Vec<&CitationLink> = self.links.iter().filter(|link| link.span.overlaps(within)).collect();
        let mut cuts = vec![within.start, within.end];
        cuts.extend(doubtful.iter().flat_map(|(_, edit, _)| [edit.span.start, edit.span.end]));
        cuts.extend(links.iter().flat_map(|link| [link.span.start, link.span.end]));
        cuts.retain(|cut| (within.start..=within.end).contains(cut));
        cuts.sort_unstable();
        cuts.dedup();
        // Pieces of one link stay in one link.
        let mut runs: Vec<(Option<&CitationLink>, Vec<Span>)> = Vec::new();
        for pair in cuts.windows(2) {
            let piece = Span::new(pair[0], pair[1]);
            let link = links.iter().find(|link| link.span.overlaps(piece)).copied();
            match runs.last_mut() {
                Some((last, pieces)) if last.map(|link| link.span) == link.map(|link| link.span) => pieces.push(piece),
                _ => runs.push((link, vec![piece])),
            }
        }
        let inner = |piece: Span, in_link: bool| {
            let doubt = doubtful.iter().find(|(_, edit, _)| edit.span.overlaps(piece));
            html! {
                @match doubt {
                    None => (piece.of(text)),
                    Some((n, edit, degree)) if in_link || *n > MOST_POPOVERS || edit.span.start < piece.start => {
                        span.doubt.(degree) title=(self.short(edit)) { (piece.of(text)) }
                    }
                    Some((n, edit, degree)) => {
                        span.doubt.(degree) {
                            button type="button" popovertarget={ "e" (n) } { (piece.of(text)) }
                            span.why popover id={ "e" (n) } { (self.explanation(edit)) }
                        }
                    }
                }
            }
        };
        html! {
            @for (link, pieces) in &runs {
                @match link {
                    Some(link) => a.cite.missing[!link.held] href=(link.href) title=(link.title) {
                        @for piece in pieces { (inner(*piece, true)) }
                    },
                    None => @for piece in pieces { (inner(*piece, false)) },
                }
            }
        }
    }

    /// The whole restored text in paragraphs, each printed line and each place with an anchor.
    pub(super) fn paper(&self) -> Markup {
        let text = &self.document.restored.text;
        let nodes = &self.document.outline.nodes;
        html! {
            article.paper lang="vi" {
                @for paragraph in paragraphs(text, nodes) {
                    @let own = beginning(nodes, paragraph[0].1);
                    @let class = own.first().map_or("", heading_class);
                    p.(class).head[is_centred(&paragraph, text)] {
                        @for node in own { span.anchor id=(node.path) {} }
                        @for (n, line) in &paragraph { span.line id={ "L" (n + 1) } { (self.marked(*line)) } " " }
                    }
                }
            }
        }
    }

    /// Scan and restored text, line for line.
    pub(super) fn side_by_side(&self) -> Markup {
        let scanned: Vec<&str> = self.document.source.split('\n').collect();
        let nodes = &self.document.outline.nodes;
        let lang = self.lang;
        html! {
            table.compare {
                caption.unseen { (lang.pick("Bản quét và bản phục hồi, từng dòng", "Scan and restored text, line for line")) }
                thead { tr { th.n scope="col" { "#" } th scope="col" { (lang.pick("Bản quét", "Scan")) } th scope="col" { (lang.pick("Phục hồi", "Restored")) } } }
                tbody {
                    @for (n, line) in lines(&self.document.restored.text).into_iter().enumerate() {
                        tr id={ "L" (n + 1) } {
                            td.n { (n + 1) }
                            td.scan {
                                @for node in beginning(nodes, line) { span.anchor id=(node.path) {} }
                                (scanned.get(n).copied().unwrap_or(""))
                            }
                            td lang="vi" { (self.marked(line)) }
                        }
                    }
                }
            }
        }
    }

    /// Every doubtful syllable with its line, the most doubtful first.
    ///
    /// `text_page` is the address of the page with the whole text.
    pub(super) fn doubts(&self, text_page: &str) -> Markup {
        let (lang, text) = (self.lang, &self.document.restored.text);
        let lines = lines(text);
        let mut doubtful: Vec<&Edit> =
            self.document.restored.edits.iter().filter(|edit| degree(edit).is_some()).collect();
        doubtful.sort_by_key(|edit| (edit.confidence, edit.span.start));
        html! {
            @if doubtful.is_empty() { p.lead { (lang.pick("Không có chỗ nào máy còn ngờ.", "Nothing here is in doubt.")) } }
            @else {
                p.soft { (doubtful.len()) " " (lang.pick("chỗ, chỗ ngờ nhất trước. Nét chữ và câu văn: càng nhỏ càng hợp (−log₁₀ xác suất).", "places, the most doubtful first. Shape and sentence: the smaller the likelier (−log₁₀ of the probability).")) }
                div.scroll tabindex="0" role="region" aria-label=(lang.pick("Các chỗ ngờ", "Doubtful places")) { table.stacked.inline {
                    thead { tr {
                        th.n scope="col" { (lang.pick("Dòng", "Line")) } th scope="col" { (lang.pick("Bản quét", "Scan")) }
                        th scope="col" { (lang.pick("Đọc là", "Reading")) } th scope="col" { (lang.pick("Hoặc là", "Runner-up")) }
                        th.n scope="col" { (lang.pick("Chắc", "Sure")) } th.n scope="col" { (lang.pick("Nét chữ", "Shape")) }
                        th.n scope="col" { (lang.pick("Câu văn", "Sentence")) } th scope="col" { (lang.pick("Trong dòng", "In its line")) }
                    } }
                    tbody { @for edit in doubtful.iter().take(MOST_POPOVERS) {
                        @let n = lines.partition_point(|line| line.end < edit.span.start);
                        @let line = lines.get(n).copied().unwrap_or(edit.span);
                        tr {
                            td.n data-label=(lang.pick("Dòng", "Line")) { a href={ (text_page) "#L" (n + 1) } { (n + 1) } }
                            td.scan { (edit.source.of(&self.document.source)) }
                            td lang="vi" { strong { (edit.span.of(text)) } }
                            td lang="vi" data-label=[self.runner_up(edit).map(|_| lang.pick("hoặc", "or"))] { (self.runner_up(edit).unwrap_or("")) }
                            td.n data-label=(lang.pick("chắc", "sure")) { (decimal(lang, f64::from(edit.confidence) / 10.0)) " %" }
                            td.n.desk { (decimal(lang, f64::from(edit.channel) / 1000.0)) }
                            td.n.desk { (decimal(lang, f64::from(edit.language) / 1000.0)) }
                            td.context lang="vi" {
                                (text.get(line.start..edit.span.start).unwrap_or(""))
                                mark { (edit.span.of(text)) }
                                (text.get(edit.span.end..line.end.max(edit.span.end)).unwrap_or(""))
                            }
                        }
                    } }
                } }
            }
        }
    }
}

/// The places that begin on a line.
fn beginning(nodes: &[Node], line: Span) -> &[Node] {
    let own = &nodes[nodes.partition_point(|node| node.span.start < line.start)..];
    &own[..own.partition_point(|node| node.span.start <= line.end)]
}

/// Any text in paragraphs, laid out as its own outline says.
pub(super) fn flowing(text: &str) -> Markup {
    let nodes = vanban::outline::parse(text).nodes;
    html! {
        @for paragraph in paragraphs(text, &nodes) {
            @let class = beginning(&nodes, paragraph[0].1).first().map_or("", heading_class);
            p.(class).head[is_centred(&paragraph, text)] {
                @for (_, line) in &paragraph { (line.of(text)) " " }
            }
        }
    }
}

fn heading_class(node: &Node) -> &'static str {
    match node.level {
        Level::Phan | Level::Chuong | Level::Muc => "division",
        Level::Dieu if node.heading.is_some() => "article",
        Level::Dieu => "begins",
        Level::KemTheo | Level::PhuLuc => "division attached",
        _ => "",
    }
}

/// The share of the width of a page that a line fills if the next one goes on with it.
const FULL: f64 = 0.78;

/// The printed lines (number from 0, span) of each paragraph; blank ones belong to none.
///
/// A line goes on with the one before where that one filled the page and ended no sentence, and no place begins.
fn paragraphs(text: &str, nodes: &[Node]) -> Vec<Vec<(usize, Span)>> {
    let lines = lines(text);
    let length = |span: &Span| span.of(text).trim().chars().count();
    let mut lengths: Vec<usize> = lines.iter().map(length).filter(|length| *length > 0).collect();
    lengths.sort_unstable();
    let full = lengths.get(lengths.len() * 9 / 10).map_or(0.0, |length| *length as f64 * FULL);
    let mut out: Vec<Vec<(usize, Span)>> = Vec::new();
    let mut goes_on = false;
    for (n, line) in lines.into_iter().enumerate() {
        let words = line.of(text).trim();
        if words.is_empty() {
            goes_on = false;
            continue;
        }
        let begins = !beginning(nodes, line).is_empty() || words.starts_with(['-', '–', '+', '•']);
        match out.last_mut().filter(|_| goes_on && !begins) {
            Some(paragraph) => paragraph.push((n, line)),
            None => out.push(vec![(n, line)]),
        }
        goes_on = length(&line) as f64 >= full && !words.ends_with(['.', ':', ';', '!', '?']) && !is_capitals(words);
    }
    out
}

/// Whether all its letters, and there are some, are capitals.
pub(super) fn is_capitals(text: &str) -> bool {
    let mut letters = text.chars().filter(|c| c.is_alphabetic()).peekable();
    letters.peek().is_some() && letters.all(|c| !c.is_lowercase())
}

/// One line, all in capitals: a head or a title of its own.
fn is_centred(paragraph: &[(usize, Span)], text: &str) -> bool {
    matches!(paragraph, [(_, line)] if is_capitals(line.of(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flowing(text: &str) -> Vec<usize> {
        paragraphs(text, &[]).iter().map(Vec::len).collect()
    }

    #[test]
    fn full_lines_flow_on_and_short_ones_end_a_paragraph() {
        let text = "Ban Thường vụ yêu cầu các cấp ủy, tổ chức đảng\nthực hiện nghiêm túc các nội dung sau đây trong\nthời gian tới.\n\
                    TỈNH ỦY SÔNG THAO\n- Các cấp ủy, tổ chức đảng trực thuộc Tỉnh ủy và\n- Ban Tuyên giáo";
        assert_eq!(flowing(text), [3, 1, 1, 1]);
    }

    #[test]
    fn blank_lines_part_paragraphs() {
        assert_eq!(flowing("một hai ba\n\nbốn năm sáu"), [1, 1]);
        assert_eq!(flowing(""), Vec::<usize>::new());
    }
}
