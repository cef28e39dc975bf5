//! Charts of a page's own HTML and SVG: every bar is a link or a row that can be read out.

use super::page::{Lang, count};
use maud::{Markup, html};

/// One bar.
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) count: u64,
    /// Where the documents counted are listed.
    pub(super) href: Option<String>,
}

fn most(bars: &[Bar]) -> u64 {
    bars.iter().map(|bar| bar.count).max().unwrap_or(1).max(1)
}

/// Bars from left to right, with the largest first; for names that documents have.
pub(super) fn rows(lang: Lang, bars: &[Bar]) -> Markup {
    let most = most(bars);
    html! {
        ul.rows { @for bar in bars {
            li {
                @match &bar.href {
                    Some(href) => a.label href=(href) lang="vi" { (bar.label) },
                    None => span.label lang="vi" { (bar.label) },
                }
                svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" {
                    rect height="10" width=((bar.count * 1000).div_ceil(most)) {}
                }
                span.n { (count(lang, bar.count)) }
            }
        } }
    }
}

/// Bars that stand side by side in the order given; for years and degrees.
pub(super) fn columns(lang: Lang, bars: &[Bar]) -> Markup {
    let most = most(bars);
    let column = |bar: &Bar| {
        let height = (bar.count * 1000).div_ceil(most);
        html! {
            span.n { (count(lang, bar.count)) }
            svg viewBox="0 0 10 1000" preserveAspectRatio="none" aria-hidden="true" {
                rect y=(1000 - height) width="10" height=(height) {}
            }
            span.label { (bar.label) }
        }
    };
    html! {
        ol.columns-chart.many[bars.len() > 12] { @for bar in bars {
            li {
                @match &bar.href {
                    Some(href) => a href=(href) { (column(bar)) },
                    None => div { (column(bar)) },
                }
            }
        } }
    }
}
