//! The lineage of a document as a picture and as the same facts in a table.

use super::document::{attachment, find, stem};
use super::page::{self, Frame, Lang, encode, keep_lang, link};
use super::status::{node_link, status_box};
use super::{App, Common, Open, Page, Trouble, aside, words};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use jiff::civil::Date;
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;
use vanban::citation::Relation;
use vanban::graph::trace::{Reach, Trace, trace};
use vanban::graph::{NodeIndex, Relations, export, relation_name, svg, validity};

/// Documents beyond which a picture helps nobody.
const MOST_NODES: usize = 60;
/// Pixels of width below which a picture is shown whole on a desk and still can be read.
const FITTING: f64 = 1750.0;
/// Steps from the document.
const FARTHEST: usize = 4;

/// Parameters of a lineage page. The families of relations are ticked boxes.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    depth: Option<String>,
    replace: Option<String>,
    amend: Option<String>,
    suspend: Option<String>,
    authority: Option<String>,
    mention: Option<String>,
    format: Option<String>,
    #[serde(flatten)]
    common: Common,
}

/// A family of relations that is shown or left out together.
struct Family {
    name: &'static str,
    vi: &'static str,
    en: &'static str,
    relations: Relations,
    ticked: fn(&Asked) -> bool,
}

const FAMILIES: [Family; 5] = [
    Family {
        name: "replace",
        vi: "thay thế, bãi bỏ",
        en: "replaces, repeals",
        relations: Relations::of(&[Relation::Replaces, Relation::ReplacedBy, Relation::Repeals, Relation::EndsEffect]),
        ticked: |asked| asked.replace.is_some(),
    },
    Family {
        name: "amend",
        vi: "sửa đổi, đính chính",
        en: "amends, corrects",
        relations: Relations::of(&[Relation::Amends, Relation::AmendedBy, Relation::Corrects]),
        ticked: |asked| asked.amend.is_some(),
    },
    Family {
        name: "suspend",
        vi: "ngưng, hợp nhất",
        en: "suspends, consolidates",
        relations: Relations::of(&[Relation::Suspends, Relation::Consolidates]),
        ticked: |asked| asked.suspend.is_some(),
    },
    Family {
        name: "authority",
        vi: "căn cứ, thực hiện, hướng dẫn",
        en: "basis, implements, guides",
        relations: Relations::of(&[Relation::Basis, Relation::Implements, Relation::Details, Relation::Guides]),
        ticked: |asked| asked.authority.is_some(),
    },
    Family {
        name: "mention",
        vi: "dẫn chiếu, kèm theo",
        en: "cites, attaches",
        relations: Relations::of(&[Relation::Cites, Relation::AttachedTo, Relation::Attaches, Relation::RepliesTo]),
        ticked: |asked| asked.mention.is_some(),
    },
];

/// Families shown where nothing is ticked: what changes effect.
const USUAL: usize = 3;

impl Asked {
    fn depth(&self) -> usize {
        self.depth.as_deref().and_then(|depth| depth.parse().ok()).unwrap_or(2).clamp(1, FARTHEST)
    }

    fn shown(&self) -> [bool; FAMILIES.len()] {
        let mut shown: [bool; FAMILIES.len()] = std::array::from_fn(|n| (FAMILIES[n].ticked)(self));
        if shown == [false; FAMILIES.len()] {
            shown[..USUAL].fill(true);
        }
        shown
    }

    fn relations(&self) -> Relations {
        let ticked = FAMILIES.iter().zip(self.shown()).filter(|(_, shown)| *shown);
        ticked.fold(Relations::of(&[]), |all, (family, _)| all.or(family.relations))
    }

    /// The query part of this page's permanent address.
    fn query(&self, at: Date) -> String {
        let mut query = format!("?at={at}&depth={}", self.depth());
        for (family, shown) in FAMILIES.iter().zip(self.shown()) {
            if shown {
                query.push_str(&format!("&{}=1", family.name));
            }
        }
        query
    }

    fn trace(&self, open: &Open, node: NodeIndex, at: Date) -> Trace {
        let reach = Reach { depth: self.depth(), relations: self.relations(), at, limit: MOST_NODES };
        trace(&open.graph, node, &reach)
    }
}

pub(super) async fn show(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Page, Trouble> {
    aside(move || page_of(&app.current(), &id, &asked)).await
}

fn page_of(open: &Open, id: &str, asked: &Asked) -> Result<Page, Trouble> {
    let lang = asked.common.lang();
    let at = asked.common.day()?;
    let (document, node) = find(open, id)?;
    let node = node.ok_or(Trouble::NotFound)?;
    let near = asked.trace(open, node, at);
    let query = asked.query(at);
    let style = svg::Style {
        link_prefix: Some("/lineage/".to_owned()),
        link_suffix: link(lang, &query),
        language: language(lang),
    };
    let picture = svg::draw(&near, &style);
    let width = picture.rects.iter().map(|(left, _, width, _)| left + width).fold(0.0, f64::max);
    let own = format!("/lineage/{}", encode(id));
    let name = page::name(&document);
    let answer = validity::status_at(&open.graph, node, at);
    let body = html! {
        p.crumb { a href=(link(lang, &format!("/doc/{}", encode(id)))) lang="vi" { (name) } }
        h1 { (lang.pick("Lược đồ văn bản", "Lineage")) }
        @if let Some(title) = &document.header.title { p.lead lang="vi" { (title) } }
        (status_box(open, lang, &document, &answer, at, html! {}))
        (form(lang, &own, asked, at))
        @if near.cut { p.notice { (lang.pick("Còn nữa: chỉ vẽ 60 văn bản gần nhất.", "There is more: only the 60 nearest are drawn.")) } }
        @if near.graph.edges().is_empty() {
            p.lead { (lang.pick("Trong phạm vi này không có quan hệ nào. Hãy tích thêm quan hệ hoặc tăng độ xa.", "No relations in this reach. Tick more relations or go farther.")) }
        } @else {
            div.picture.fit[width < FITTING] tabindex="0" role="region"
                aria-label=(lang.pick("Hình lược đồ; bảng bên dưới nói cùng nội dung", "The picture; the table below says the same")) {
                div.sheet { (PreEscaped(&picture.svg)) i class={ "spot at-" (at_tenths(&picture, width)) } {} }
            }
            p.downloads { span.soft { (lang.pick("Tải về", "Download")) }
                @for format in ["svg", "dot", "graphml", "json"] {
                    a href=(link(lang, &format!("/lineage-file/{}{query}&format={format}", encode(id)))) download { (format.to_uppercase()) }
                } }
            h2 { (lang.pick("Cùng nội dung, dạng bảng", "The same as a table")) }
            (table(open, lang, &near))
        }
    };
    let here = format!("{own}{query}");
    let generation = open.generation.number();
    Ok(Page(page::frame(&Frame { lang, title: &name, here: &here, section: "", generation, narrow: false }, body)))
}

fn language(lang: Lang) -> svg::Language {
    match lang {
        Lang::Vi => svg::Language::Vietnamese,
        Lang::En => svg::Language::English,
    }
}

/// Where the document itself lies from left to right, in tenths of the picture: a narrow screen opens there.
fn at_tenths(picture: &svg::Picture, width: f64) -> u32 {
    let tenths = |(left, _, own, _): &svg::Rect| ((left + own / 2.0) / width.max(1.0) * 10.0).round();
    picture.rects.first().map_or(0, |document| tenths(document).clamp(0.0, 10.0) as u32)
}

fn form(lang: Lang, own: &str, asked: &Asked, at: Date) -> Markup {
    html! {
        form.filters action=(own) method="get" {
            p { label for="at" { (lang.pick("Tính đến ngày", "As of")) }
                input #at type="date" name="at" value=(at.to_string()) min="1900-01-01" max="2200-12-31"; }
            p { label for="depth" { (lang.pick("Xa mấy bước", "Steps away")) }
                select #depth name="depth" { @for depth in 1..=FARTHEST { option value=(depth) selected[depth == asked.depth()] { (depth) } } } }
            fieldset {
                legend { (lang.pick("Quan hệ", "Relations")) }
                @for (family, shown) in FAMILIES.iter().zip(asked.shown()) {
                    label.tick { input type="checkbox" name=(family.name) value="1" checked[shown]; " " (lang.pick(family.vi, family.en)) }
                }
            }
            (keep_lang(lang))
            button { (lang.pick("Vẽ lại", "Redraw")) }
        }
    }
}

/// One row for each relation of the picture.
fn table(open: &Open, lang: Lang, near: &Trace) -> Markup {
    let nodes = near.graph.nodes();
    let badge = |n: NodeIndex| words::badge(lang, near.answers[n as usize].status.name());
    html! {
        table.stacked {
            thead { tr {
                th scope="col" { (lang.pick("Văn bản", "Document")) } th scope="col" { (lang.pick("làm gì", "does")) }
                th scope="col" { (lang.pick("với văn bản", "to document")) } th scope="col" { (lang.pick("Chỗ", "Place")) }
                th scope="col" { (lang.pick("Câu làm chứng", "Proving sentence")) }
            } }
            tbody { @for edge in near.graph.edges() {
                tr {
                    td { (node_link(open, lang, &nodes[edge.from as usize].id)) " " (badge(edge.from)) }
                    td.verb { (words::relation(lang, relation_name(edge.relation))) }
                    td { (node_link(open, lang, &nodes[edge.to as usize].id)) " " (badge(edge.to)) }
                    td lang="vi" { (edge.locator.as_deref().unwrap_or("")) }
                    td.context lang="vi" { (edge.sentence) @if let Some(why) = &edge.why { " · " em { (words::remark(lang, why)) } } }
                }
            } }
        }
    }
}

/// The same neighbourhood for other programs.
pub(super) async fn download(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    aside(move || {
        let open = app.current();
        let at = asked.common.day()?;
        let node = open.node_of(&id).ok_or(Trouble::NotFound)?;
        let near = asked.trace(&open, node, at);
        let mut body = Vec::new();
        let (kind, ending, written) = match asked.format.as_deref() {
            None | Some("svg") => {
                let style = svg::Style { language: language(asked.common.lang()), ..svg::Style::default() };
                body.extend(svg::draw(&near, &style).svg.bytes());
                ("image/svg+xml", "svg", Ok(()))
            }
            Some("dot") => ("text/vnd.graphviz", "dot", export::write_dot(&near.graph, at, &mut body)),
            Some("graphml") => {
                ("application/graphml+xml", "graphml", export::write_graphml(&near.graph, at, &mut body))
            }
            Some("json") => ("application/json", "json", near.graph.write_json(&mut body)),
            Some(_) => {
                return Err(Trouble::BadRequest(
                    "Dạng tải về là svg, dot, graphml hoặc json.",
                    "`format` is svg, dot, graphml or json.",
                ));
            }
        };
        written.map_err(|cause| Trouble::World(vanban::error::Error::io(&id, cause)))?;
        Ok(attachment(kind, &format!("{}.{ending}", stem(&id)), body))
    })
    .await
}
