//! The restored text as a page: doubtful syllables underlined, citations linked, places anchored.

use super::page::Lang;
use maud::{Markup, html};
use vanban::document::Document;
use vanban::outline::Level;
use vanban::restore::Edit;
use vanban::text::Span;

/// Where a citation of the text leads.
pub(crate) struct CitationLink {
    /// Bytes of the restored text.
    pub(crate) span: Span,
    /// Address of the held document, or `None` where the target is not held.
    pub(crate) href: Option<String>,
    /// What hovering says.
    pub(crate) title: String,
}

/// Degrees of doubt, by posterior in thousandths: dotted, dashed, wavy.
fn degree(edit: &Edit) -> Option<&'static str> {
    match edit.confidence {
        0..700 => Some("u3"),
        700..900 => Some("u2"),
        900..980 => Some("u1"),
        _ => None,
    }
}

fn explain(lang: Lang, document: &Document, edit: &Edit) -> String {
    let scan = edit.source.of(&document.source);
    let reading = edit.span.of(&document.restored.text);
    let mut out = format!("{scan} → {reading} · {:.1} %", f64::from(edit.confidence) / 10.0);
    if let Some(second) = &edit.runner_up {
        out.push_str(&format!(" · {} {second}", lang.pick("cách đọc khác:", "runner-up:")));
    }
    out
}

/// The part of the restored text inside `within`, marked up.
pub(crate) fn marked(lang: Lang, document: &Document, links: &[CitationLink], within: Span) -> Markup {
    let text = &document.restored.text;
    let edits = &document.restored.edits;
    let mut cuts = vec![within.start, within.end];
    let first_edit = edits.partition_point(|edit| edit.span.end <= within.start);
    let edits = &edits[first_edit..];
    let edits = &edits[..edits.partition_point(|edit| edit.span.start < within.end)];
    for edit in edits.iter().filter(|edit| degree(edit).is_some()) {
        cuts.extend([edit.span.start, edit.span.end]);
    }
    let links: Vec<&CitationLink> = links.iter().filter(|link| link.span.overlaps(within)).collect();
    for link in &links {
        cuts.extend([link.span.start, link.span.end]);
    }
    cuts.retain(|cut| (within.start..=within.end).contains(cut));
    cuts.sort_unstable();
    cuts.dedup();
    let doubtful = |piece: Span| {
        let edit = edits.iter().find(|edit| edit.span.overlaps(piece))?;
        Some((degree(edit)?, explain(lang, document, edit)))
    };
    html! {
        @for pair in cuts.windows(2) {
            @let piece = Span::new(pair[0], pair[1]);
            @let inner = html! {
                @if let Some((class, title)) = doubtful(piece) {
                    span.(class) title=(title) { (piece.of(text)) }
                } @else {
                    (piece.of(text))
                }
            };
            @match links.iter().find(|link| link.span.overlaps(piece)) {
                Some(CitationLink { href: Some(href), title, .. }) => a.cite href=(href) title=(title) { (inner) },
                Some(CitationLink { href: None, title, .. }) => span.cite.missing title=(title) { (inner) },
                None => (inner),
            }
        }
    }
}

/// Spans of the lines of `text`, without their line ends.
pub(crate) fn lines(text: &str) -> Vec<Span> {
    let mut start = 0;
    text.split('\n')
        .map(|line| {
            let span = Span::new(start, start + line.len());
            start = span.end + 1;
            span
        })
        .collect()
}

/// The whole restored text, one block a printed line, each place with an anchor named by its path.
pub(crate) fn paper(lang: Lang, document: &Document, links: &[CitationLink]) -> Markup {
    let text = &document.restored.text;
    let nodes = &document.outline.nodes;
    html! {
        article.paper lang="vi" {
            @for (n, line) in lines(text).into_iter().enumerate() {
                @let starting = &nodes[nodes.partition_point(|node| node.span.start < line.start)..];
                @let starting = &starting[..starting.partition_point(|node| node.span.start <= line.end)];
                @let class = starting.first().map_or("", |node| heading_class(node.level));
                @for node in starting { a id=(node.path) {} }
                div.line.(class).blank[line.of(text).trim().is_empty()] id={ "L" (n + 1) } { (marked(lang, document, links, line)) }
            }
        }
    }
}

fn heading_class(level: Level) -> &'static str {
    match level {
        Level::Phan => "phan",
        Level::Chuong => "chuong",
        Level::Muc => "muc",
        Level::Dieu => "dieu",
        Level::KemTheo => "kem_theo",
        Level::PhuLuc => "phu_luc",
        _ => "",
    }
}

/// Scan and restored text, line for line.
pub(crate) fn side_by_side(lang: Lang, document: &Document, links: &[CitationLink]) -> Markup {
    let scanned: Vec<&str> = document.source.split('\n').collect();
    html! {
        div.scroll { table.compare {
            caption.small { (lang.pick("Bản quét và bản phục hồi, từng dòng", "Scan and restored text, line for line")) }
            thead { tr { th.n { "#" } th { (lang.pick("Bản quét", "Scan")) } th { (lang.pick("Phục hồi", "Restored")) } } }
            tbody {
                @for (n, line) in lines(&document.restored.text).into_iter().enumerate() {
                    tr {
                        td.n { (n + 1) }
                        td.scan { (scanned.get(n).copied().unwrap_or("")) }
                        td lang="vi" { (marked(lang, document, links, line)) }
                    }
                }
            }
        } }
    }
}
