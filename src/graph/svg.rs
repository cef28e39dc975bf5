//! A lineage as a picture: time runs from left to right, acts point back to what they act on.
//!
//! Documents stand in columns by date. Every label has a slot of its own in the gap
//! between columns and every line bends only between slots, so nothing overlaps.

mod fit;
mod layout;
mod legend;
mod words;

use super::kind::{self, Sort};
use super::trace::{Trace, short_name};
use super::validity::Status;
use super::{Node, NodeIndex};
use crate::citation::Relation;
use fit::{cut, text_width, two_lines};
use layout::{Layout, Link};
use quick_xml::Writer;
use quick_xml::events::BytesText;
use rustc_hash::FxHashSet;
use std::io;

pub use words::Language;

/// Where the picture links and in which language it speaks.
#[derive(Clone, Debug, Default)]
pub struct Style {
    /// Put before the percent-encoded id in every link; no links where `None`.
    pub link_prefix: Option<String>,
    /// Put behind the id in every link, such as a query.
    pub link_suffix: String,
    /// Of what stands in no document.
    pub language: Language,
}

/// What a kind of edge looks like.
struct Line {
    color: &'static str,
    dash: &'static str,
    width: &'static str,
}

const LINES: [Line; 5] = [
    Line { color: "#b3261e", dash: "", width: "2.2" },
    Line { color: "#b26a00", dash: "", width: "1.8" },
    Line { color: "#6b4fa3", dash: "7 4", width: "1.8" },
    Line { color: "#2f6db3", dash: "", width: "1.3" },
    Line { color: "#8a9099", dash: "2 4", width: "1.2" },
];

fn line_of(relation: Relation) -> usize {
    match relation {
        Relation::Replaces | Relation::ReplacedBy | Relation::Repeals | Relation::EndsEffect => 0,
        Relation::Amends | Relation::AmendedBy | Relation::Corrects => 1,
        Relation::Suspends | Relation::Consolidates => 2,
        Relation::Basis | Relation::Implements | Relation::Details | Relation::Guides => 3,
        Relation::AttachedTo | Relation::Attaches | Relation::RepliesTo | Relation::Cites => 4,
    }
}

/// What a status looks like: border, fill, opacity of the whole box.
fn box_of(status: Status) -> (&'static str, &'static str, &'static str) {
    match status {
        Status::InForce => ("#1e7d45", "#f3faf5", "1"),
        Status::PartlyExpired => ("#b26a00", "#fff8ec", "1"),
        Status::Suspended => ("#6b4fa3", "#f6f2fc", "1"),
        Status::NotYet => ("#2f6db3", "#f1f7fd", "1"),
        Status::Expired | Status::Void => ("#9a9fa6", "#f2f2f3", "0.62"),
        Status::NotApplicable | Status::Unknown => ("#8a9099", "#ffffff", "1"),
    }
}

/// Boxes.
const BOX_WIDTH: f64 = 232.0;
const BOX_HEIGHT: f64 = 80.0;
/// Letters of the title that fit one line of a box.
const TITLE_LETTERS: usize = 34;
/// Letters of the name in bold, in the widest of the fonts named below.
const NAME_LETTERS: usize = 24;
/// Letters of the last line, likewise.
const STATUS_LETTERS: usize = 34;
/// Labels on lines.
const LABEL_HEIGHT: f64 = 18.0;
const LABEL_LETTERS: usize = 30;
/// Above and below the drawing.
const HEAD: f64 = 64.0;
const FOOT: f64 = 84.0;
const MARGIN: f64 = 28.0;
const FONT: &str = "'Noto Sans', 'Be Vietnam Pro', 'Segoe UI', 'DejaVu Sans', Arial, sans-serif";

/// A rectangle of the picture, for checks: left, top, width, height.
pub type Rect = (f64, f64, f64, f64);

/// The picture and where its boxes and labels lie.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The SVG document.
    pub svg: String,
    /// Boxes and labels; no two of them overlap.
    pub rects: Vec<Rect>,
}

/// Draws a trace.
pub fn draw(trace: &Trace, style: &Style) -> Picture {
    let nodes = trace.graph.nodes();
    let links = links(trace, style.language);
    let layout = Layout::new(nodes, &links, BOX_WIDTH, BOX_HEIGHT, LABEL_HEIGHT);
    let mut bytes = Vec::new();
    write(trace, style, &links, &layout, &mut Writer::new_with_indent(&mut bytes, b' ', 1))
        .expect("writing to memory does not fail");
    let mut rects: Vec<Rect> = Vec::new();
    for n in 0..nodes.len() {
        let (x, y) = layout.boxes[n];
        rects.push((x + MARGIN, y + HEAD, BOX_WIDTH, BOX_HEIGHT));
    }
    for (link, path) in links.iter().zip(&layout.paths) {
        let (x, y) = path.label;
        rects.push((x - link.width / 2.0 + MARGIN, y - LABEL_HEIGHT / 2.0 + HEAD, link.width, LABEL_HEIGHT));
    }
    Picture { svg: String::from_utf8(bytes).expect("written from strings"), rects }
}

/// One line for each pair of documents and family of relations.
fn links(trace: &Trace, language: Language) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    for edge in trace.graph.edges() {
        // Passive edges are drawn as the acts they tell of.
        let (from, to, relation) = match edge.relation {
            Relation::ReplacedBy => (edge.to, edge.from, Relation::Replaces),
            Relation::AmendedBy => (edge.to, edge.from, Relation::Amends),
            relation => (edge.from, edge.to, relation),
        };
        let same = |link: &&mut Link| link.from == from && link.to == to && line_of(link.relation) == line_of(relation);
        match links.iter_mut().find(same) {
            Some(link) => {
                link.n_places += usize::from(edge.locator.is_some());
                if relation < link.relation {
                    link.relation = relation;
                    link.place.clone_from(&edge.locator);
                }
                if link.proof.is_empty() {
                    link.proof.clone_from(&edge.sentence);
                }
                link.reviewer |= edge.is_override();
            }
            None => links.push(Link {
                from,
                to,
                relation,
                place: edge.locator.clone(),
                n_places: usize::from(edge.locator.is_some()),
                proof: edge.sentence.clone(),
                reviewer: edge.is_override(),
                label: String::new(),
                width: 0.0,
            }),
        }
    }
    // A mere mention beside an act between the same two says nothing more.
    let acts: FxHashSet<(NodeIndex, NodeIndex)> =
        links.iter().filter(|link| line_of(link.relation) < 4).map(|link| (link.from, link.to)).collect();
    links.retain(|link| line_of(link.relation) < 4 || !acts.contains(&(link.from, link.to)));
    for link in &mut links {
        let words = language.relation(link.relation);
        link.label = match (&link.place, link.n_places) {
            (Some(place), 1) => cut(&format!("{words}: {place}"), LABEL_LETTERS),
            (_, 0) => words.to_owned(),
            (_, n) => format!("{words}: {n} {}", language.pick("chỗ", if n == 1 { "place" } else { "places" })),
        };
        if link.reviewer {
            link.label.push_str(language.pick(" (người soát)", " (reviewer)"));
        }
        link.width = text_width(&link.label, 11.0) + 12.0;
    }
    links
}

type Out<'w> = Writer<&'w mut Vec<u8>>;

fn n(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

struct Text<'t> {
    x: f64,
    y: f64,
    size: &'t str,
    weight: &'t str,
    fill: &'t str,
    anchor: &'t str,
}

fn text(out: &mut Out<'_>, at: &Text<'_>, words: &str) -> io::Result<()> {
    out.create_element("text")
        .with_attribute(("x", &*n(at.x)))
        .with_attribute(("y", &*n(at.y)))
        .with_attribute(("font-size", at.size))
        .with_attribute(("font-weight", at.weight))
        .with_attribute(("fill", at.fill))
        .with_attribute(("text-anchor", at.anchor))
        .write_text_content(BytesText::new(words))?;
    Ok(())
}

fn write(trace: &Trace, style: &Style, links: &[Link], layout: &Layout, out: &mut Out<'_>) -> io::Result<()> {
    let root = &trace.graph.nodes()[0];
    let language = style.language;
    let width = (layout.width + 2.0 * MARGIN).max(legend::width(language));
    let height = layout.height + HEAD + FOOT;
    let title = format!("{} {}", language.pick("Lịch sử hiệu lực của", "Lineage of"), short_name(root));
    out.create_element("svg")
        .with_attribute(("xmlns", "http://www.w3.org/2000/svg"))
        .with_attribute(("width", &*n(width)))
        .with_attribute(("height", &*n(height)))
        .with_attribute(("viewBox", &*format!("0 0 {} {}", n(width), n(height))))
        // What holds links is no image to a screen reader.
        .with_attribute(("role", if style.link_prefix.is_some() { "group" } else { "img" }))
        .with_attribute(("lang", language.code()))
        .with_attribute(("font-family", FONT))
        .write_inner_content(|out| {
            out.create_element("title").write_text_content(BytesText::new(&title))?;
            let (n_nodes, n_links, day) = (trace.graph.nodes().len(), links.len(), language.day(trace.at));
            let desc = match language {
                Language::Vietnamese => {
                    format!("{n_nodes} văn bản, {n_links} quan hệ, tại ngày {day}; thời gian từ trái sang phải")
                }
                Language::English => {
                    format!("{n_nodes} documents, {n_links} relations, on {day}; time runs from left to right")
                }
            };
            out.create_element("desc").write_text_content(BytesText::new(&desc))?;
            markers(out)?;
            out.create_element("rect")
                .with_attribute(("width", "100%"))
                .with_attribute(("height", "100%"))
                .with_attribute(("fill", "#ffffff"))
                .write_empty()?;
            heading(trace, language, layout, (height, &title), out)?;
            for (link, path) in links.iter().zip(&layout.paths) {
                draw_line(link, path, out)?;
            }
            for (link, path) in links.iter().zip(&layout.paths) {
                draw_label(trace, link, path, out)?;
            }
            for (k, node) in trace.graph.nodes().iter().enumerate() {
                draw_box(trace, style, k, node, layout.boxes[k], out)?;
            }
            legend::draw(language, height - FOOT + 34.0, out)
        })?;
    Ok(())
}

fn markers(out: &mut Out<'_>) -> io::Result<()> {
    out.create_element("defs").write_inner_content(|out| {
        for (k, line) in LINES.iter().enumerate() {
            out.create_element("marker")
                .with_attribute(("id", &*format!("head{k}")))
                .with_attribute(("viewBox", "0 0 10 10"))
                .with_attribute(("refX", "9"))
                .with_attribute(("refY", "5"))
                .with_attribute(("markerWidth", "9"))
                .with_attribute(("markerHeight", "9"))
                .with_attribute(("markerUnits", "userSpaceOnUse"))
                .with_attribute(("orient", "auto"))
                .write_inner_content(|out| {
                    out.create_element("path")
                        .with_attribute(("d", "M0 0.8 L10 5 L0 9.2 Z"))
                        .with_attribute(("fill", line.color))
                        .write_empty()?;
                    Ok(())
                })?;
        }
        Ok(())
    })?;
    Ok(())
}

/// The title, and over each column the years it spans.
fn heading(
    trace: &Trace,
    language: Language,
    layout: &Layout,
    (height, title): (f64, &str),
    out: &mut Out<'_>,
) -> io::Result<()> {
    let at = Text { x: MARGIN, y: 24.0, size: "16", weight: "700", fill: "#1c2733", anchor: "start" };
    text(out, &at, title)?;
    let day = format!("{} {}", language.pick("trạng thái tại ngày", "as of"), language.day(trace.at));
    let x = MARGIN + text_width(title, 16.0) + 24.0;
    text(out, &Text { x, y: 24.0, size: "12", weight: "400", fill: "#5a6572", anchor: "start" }, &day)?;
    for (x, words) in &layout.columns {
        let middle = x + BOX_WIDTH / 2.0 + MARGIN;
        out.create_element("line")
            .with_attribute(("x1", &*n(middle)))
            .with_attribute(("x2", &*n(middle)))
            .with_attribute(("y1", &*n(HEAD - 8.0)))
            .with_attribute(("y2", &*n(height - FOOT + 6.0)))
            .with_attribute(("stroke", "#e6e9ed"))
            .with_attribute(("stroke-width", "1"))
            .write_empty()?;
        let at = Text { x: middle, y: HEAD - 14.0, size: "12", weight: "600", fill: "#5a6572", anchor: "middle" };
        text(out, &at, words.as_deref().unwrap_or(language.pick("không rõ ngày", "date unknown")))?;
    }
    Ok(())
}

fn draw_line(link: &Link, path: &layout::Path, out: &mut Out<'_>) -> io::Result<()> {
    let look = &LINES[line_of(link.relation)];
    let mut d = String::new();
    for (k, (x, y)) in path.points.iter().enumerate() {
        let (x, y) = (x + MARGIN, y + HEAD);
        if k == 0 {
            d = format!("M{} {}", n(x), n(y));
            continue;
        }
        let (before_x, before_y) = (path.points[k - 1].0 + MARGIN, path.points[k - 1].1 + HEAD);
        if (before_y - y).abs() < 0.05 {
            d.push_str(&format!(" H{}", n(x)));
        } else {
            let bend = (x - before_x) / 2.0;
            d.push_str(&format!(" C{} {} {} {} {} {}", n(before_x + bend), n(before_y), n(x - bend), n(y), n(x), n(y)));
        }
    }
    let marker = format!("url(#head{})", line_of(link.relation));
    out.create_element("path")
        .with_attribute(("d", &*d))
        .with_attribute(("fill", "none"))
        .with_attribute(("stroke", look.color))
        .with_attribute(("stroke-width", look.width))
        .with_attribute(("stroke-dasharray", if look.dash.is_empty() { "none" } else { look.dash }))
        .with_attribute(("marker-end", &*marker))
        .write_empty()?;
    Ok(())
}

fn draw_label(trace: &Trace, link: &Link, path: &layout::Path, out: &mut Out<'_>) -> io::Result<()> {
    let look = &LINES[line_of(link.relation)];
    let (x, y) = (path.label.0 + MARGIN, path.label.1 + HEAD);
    let name = |k: NodeIndex| short_name(&trace.graph.nodes()[k as usize]).to_owned();
    out.create_element("g").write_inner_content(|out| {
        let words = format!("{} {} {}\n{}", name(link.from), link.label, name(link.to), link.proof);
        out.create_element("title").write_text_content(BytesText::new(words.trim_end()))?;
        out.create_element("rect")
            .with_attribute(("x", &*n(x - link.width / 2.0)))
            .with_attribute(("y", &*n(y - LABEL_HEIGHT / 2.0 + 1.0)))
            .with_attribute(("width", &*n(link.width)))
            .with_attribute(("height", &*n(LABEL_HEIGHT - 2.0)))
            .with_attribute(("rx", "8"))
            .with_attribute(("fill", "#ffffff"))
            .with_attribute(("stroke", look.color))
            .with_attribute(("stroke-opacity", "0.35"))
            .write_empty()?;
        let at = Text { x, y: y + 4.0, size: "11", weight: "400", fill: look.color, anchor: "middle" };
        text(out, &at, &link.label)
    })?;
    Ok(())
}

fn draw_box(
    trace: &Trace,
    style: &Style,
    k: usize,
    node: &Node,
    (x, y): (f64, f64),
    out: &mut Out<'_>,
) -> io::Result<()> {
    match style.link_prefix.as_ref().filter(|_| node.held != Some(false)) {
        Some(prefix) => {
            let href = format!("{prefix}{}{}", percent(&node.id), style.link_suffix);
            out.create_element("a")
                .with_attribute(("href", &*href))
                .write_inner_content(|out| draw_card(trace, style.language, k, (x, y), out))?;
            Ok(())
        }
        None => draw_card(trace, style.language, k, (x, y), out),
    }
}

fn draw_card(trace: &Trace, language: Language, k: usize, (x, y): (f64, f64), out: &mut Out<'_>) -> io::Result<()> {
    let node = &trace.graph.nodes()[k];
    let (x, y) = (x + MARGIN, y + HEAD);
    let answer = &trace.answers[k];
    let (border, fill, opacity) = box_of(answer.status);
    let root = k == 0;
    let held = node.held != Some(false);
    let name = cut(short_name(node), NAME_LETTERS);
    let date = node.date.map(|date| language.day(date));
    let date = date.unwrap_or_else(|| language.pick("không rõ ngày", "date unknown").to_owned());
    let line = match &node.kind {
        Some(kind) => format!("{} · {date}", cut(kind, 22)),
        None => date,
    };
    let shown_whole = |title: &&str| *title == short_name(node) && !name.ends_with('…');
    let title = node.title.as_deref().filter(|title| !shown_whole(title)).unwrap_or_default();
    out.create_element("g").with_attribute(("opacity", opacity)).write_inner_content(|out| {
        let until = answer.until.map(|day| format!(" {} {}", language.pick("từ", "since"), language.day(day)));
        let until = until.unwrap_or_default();
        let hover = format!("{} ({}{until})\n{title}", short_name(node), language.status(answer.status));
        out.create_element("title").write_text_content(BytesText::new(hover.trim_end()))?;
        out.create_element("rect")
            .with_attribute(("x", &*n(x)))
            .with_attribute(("y", &*n(y)))
            .with_attribute(("width", &*n(BOX_WIDTH)))
            .with_attribute(("height", &*n(BOX_HEIGHT)))
            .with_attribute(("rx", "7"))
            .with_attribute(("fill", fill))
            .with_attribute(("stroke", if root { "#1c2733" } else { border }))
            .with_attribute(("stroke-width", if root { "2.4" } else { "1.2" }))
            .with_attribute(("stroke-dasharray", if held { "none" } else { "5 4" }))
            .write_empty()?;
        out.create_element("rect")
            .with_attribute(("x", &*n(x + 1.2)))
            .with_attribute(("y", &*n(y + 8.0)))
            .with_attribute(("width", "4"))
            .with_attribute(("height", &*n(BOX_HEIGHT - 16.0)))
            .with_attribute(("fill", border))
            .write_empty()?;
        let left = x + 14.0;
        let dark = "#1c2733";
        text(out, &Text { x: left, y: y + 19.0, size: "13", weight: "700", fill: dark, anchor: "start" }, &name)?;
        text(out, &Text { x: left, y: y + 34.0, size: "11", weight: "400", fill: "#46515e", anchor: "start" }, &line)?;
        let lines = two_lines(title, TITLE_LETTERS);
        for (k, line) in lines.iter().take(if lines.len() > 1 { 2 } else { 1 }).enumerate() {
            let y = y + 48.0 + 12.5 * k as f64;
            text(out, &Text { x: left, y, size: "10", weight: "400", fill: "#5a6572", anchor: "start" }, line)?;
        }
        let ruling = kind::sort(node) == Sort::Rule || answer.status != Status::NotApplicable;
        let status = match ruling {
            true => language.status_since(answer.status, answer.until),
            false => language.pick("không xét hiệu lực", "rules nothing of its own").to_owned(),
        };
        let told = format!("{status} · {}", language.pick("chỉ được dẫn", "cited only"));
        let status = if held || told.chars().count() > STATUS_LETTERS { status } else { told };
        let at = Text { x: left, y: y + 73.0, size: "10", weight: "600", fill: border, anchor: "start" };
        text(out, &at, &status)
    })?;
    Ok(())
}

/// Percent-encodes all of a path or query but unreserved characters, `/`, `:` and `@`.
pub fn percent(id: &str) -> String {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let mut out = String::with_capacity(2 * id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/:@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // A page of results has thousands of these: no call of the formatter for each.
            out.extend(['%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::trace::{Reach, trace};
    use crate::graph::{Edge, Graph, Relations};
    use jiff::civil::Date;

    /// A made-up archive of `n` papers with twice as many links; the same for the same seed.
    fn sample(n: usize, seed: u64) -> Trace {
        let mut state = seed;
        let mut random = move |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        let nodes = (0..n)
            .map(|k| Node {
                id: format!("{k}.txt"),
                number: Some(format!("{k}/{}/QĐ-UBND", 2000 + k / 4)),
                kind: Some("Quyết định".into()),
                date: (k % 9 != 4).then(|| Date::new(2000 + (k / 4) as i16, 1 + (k % 12) as i8, 15).unwrap()),
                title: Some(
                    "ban hành Quy chế phối hợp <công tác> & dân vận của hệ thống chính trị trên địa bàn".into(),
                ),
                held: Some(k % 7 != 3),
                ..Node::default()
            })
            .collect();
        let relations = [Relation::Replaces, Relation::Amends, Relation::Basis, Relation::Cites, Relation::Suspends];
        let edges = (0..n * 2)
            .filter_map(|_| {
                let from = 1 + random(n - 1);
                let to = random(from);
                let locator = (random(3) == 0).then(|| format!("khoản {} Điều {}", 1 + random(9), 1 + random(30)));
                let relation = relations[random(relations.len())];
                (from != to).then(|| Edge { from: from as u32, to: to as u32, relation, locator, ..Edge::default() })
            })
            .collect();
        let graph = Graph::from_parts(nodes, edges, Vec::new());
        trace(
            &graph,
            (n / 2) as u32,
            &Reach { depth: 9, relations: Relations::ALL, at: Date::constant(2026, 1, 1), limit: n },
        )
    }

    fn overlap(a: &Rect, b: &Rect) -> bool {
        a.0 < b.0 + b.2 && b.0 < a.0 + a.2 && a.1 < b.1 + b.3 && b.1 < a.1 + a.3
    }

    #[test]
    fn nothing_overlaps_up_to_sixty_documents() {
        for (n, seed) in [(2, 1), (5, 2), (12, 3), (25, 4), (40, 5), (60, 6), (60, 7)] {
            let picture = draw(&sample(n, seed), &Style::default());
            for (k, a) in picture.rects.iter().enumerate() {
                for b in &picture.rects[k + 1..] {
                    assert!(!overlap(a, b), "{n} documents, seed {seed}: {a:?} and {b:?}");
                }
            }
        }
    }

    #[test]
    fn every_word_lies_inside_the_picture() {
        for (n, seed) in [(2, 1), (5, 2), (60, 6)] {
            let svg = draw(&sample(n, seed), &Style::default()).svg;
            let value = |tag: &str, key: &str| {
                let from = tag.find(&format!(" {key}=\""))? + key.len() + 3;
                tag[from..].split('"').next()?.parse::<f64>().ok()
            };
            let width = value(svg.lines().next().unwrap(), "width").unwrap();
            for line in svg.lines().filter(|line| line.trim_start().starts_with("<text ")) {
                let words = line.split_once('>').unwrap().1.split("</text>").next().unwrap();
                let words = &["lt", "gt", "amp"]
                    .iter()
                    .fold(words.to_owned(), |all, sign| all.replace(&format!("&{sign};"), "?"));
                let room = text_width(words, value(line, "font-size").unwrap());
                let x = value(line, "x").unwrap();
                let (left, right) = match line.contains("text-anchor=\"middle\"") {
                    true => (x - room / 2.0, x + room / 2.0),
                    false => (x, x + room),
                };
                assert!(left >= 0.0 && right <= width, "{words} leaves a picture {width} wide: {left} to {right}");
            }
        }
    }

    #[test]
    fn hostile_names_are_escaped_and_the_picture_is_the_same_each_time() {
        let style = Style { link_prefix: Some("/d/".into()), ..Style::default() };
        let picture = draw(&sample(12, 3), &style);
        assert!(picture.svg.contains("&lt;công tác&gt; &amp;"));
        assert!(picture.svg.contains("href=\"/d/6.txt\""));
        assert_eq!(picture.svg, draw(&sample(12, 3), &style).svg);
    }

    #[test]
    fn english_leaves_only_names_and_titles_in_vietnamese() {
        let style = Style {
            link_prefix: Some("/d/".into()),
            link_suffix: "?lang=en&at=2026-01-01".into(),
            language: Language::English,
        };
        let svg = draw(&sample(25, 4), &style).svg;
        assert!(svg.contains("href=\"/d/12.txt?lang=en&amp;at=2026-01-01\""), "{svg}");
        for said in ["Lineage of 12/2003/QĐ-UBND", "as of 1 Jan 2026", "date unknown", "replaces", ">in force<"] {
            assert!(svg.contains(said), "lacks {said}: {svg}");
        }
        let vietnamese = draw(&sample(25, 4), &Style::default()).svg;
        let words = |svg: &str| -> FxHashSet<String> {
            svg.split('<').filter_map(|tag| tag.split_once('>')).map(|(_, text)| text.trim().to_owned()).collect()
        };
        // Beside the kind of the document, so that it is no text of its own.
        assert!(vietnamese.contains("không rõ ngày") && !svg.contains("không rõ ngày"));
        for said in ["còn hiệu lực", "thay thế", "sửa đổi, bổ sung", "dẫn chiếu", "ngưng hiệu lực"]
        {
            assert!(words(&vietnamese).contains(said) && !words(&svg).contains(said), "{said}");
        }
    }
}
