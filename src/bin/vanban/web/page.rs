//! What every page shares: language, frame, links, names and dates.

use jiff::civil::Date;
use maud::{DOCTYPE, Markup, html};
use vanban::document::Document;

pub(crate) use vanban::graph::svg::percent as encode;
pub(crate) use vanban::index::in_words as place_words;

/// The page's language; Vietnamese unless `?lang=en`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lang {
    #[default]
    Vi,
    En,
}

impl Lang {
    /// The language of a `lang` parameter.
    pub(crate) fn of(parameter: Option<&str>) -> Lang {
        if parameter == Some("en") { Lang::En } else { Lang::Vi }
    }

    pub(crate) fn pick<'t>(self, vi: &'t str, en: &'t str) -> &'t str {
        match self {
            Lang::Vi => vi,
            Lang::En => en,
        }
    }

    /// For `lang` attributes.
    pub(crate) fn code(self) -> &'static str {
        self.pick("vi", "en")
    }
}

/// What the frame around a page needs to know.
pub(crate) struct Frame<'p> {
    pub(crate) lang: Lang,
    pub(crate) title: &'p str,
    /// Path and query of this page without `lang`, for the language switch.
    pub(crate) here: &'p str,
    /// Which entry of the navigation is current: `search`, `archive`, `api`, or none.
    pub(crate) section: &'p str,
    /// Serial number of the generation shown; 0 where none is.
    pub(crate) generation: u64,
    pub(crate) narrow: bool,
}

/// A path with the page's language kept.
pub(crate) fn link(lang: Lang, path: &str) -> String {
    match lang {
        Lang::Vi => path.to_owned(),
        Lang::En => format!("{path}{}lang=en", if path.contains('?') { '&' } else { '?' }),
    }
}

/// What a form needs to stay in the page's language.
pub(crate) fn keep_lang(lang: Lang) -> Markup {
    html! { @if lang == Lang::En { input type="hidden" name="lang" value="en"; } }
}

/// The whole page around `body`.
pub(crate) fn frame(page: &Frame<'_>, body: Markup) -> Markup {
    let lang = page.lang;
    let other = match lang {
        Lang::Vi => link(Lang::En, page.here),
        Lang::En => page.here.to_owned(),
    };
    let current = |section: &str| (page.section == section).then_some("page");
    html! {
        (DOCTYPE)
        html lang=(lang.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (page.title) " · vanban" }
                link rel="stylesheet" href="/style.css";
                link rel="icon" href="/icon.svg" type="image/svg+xml";
            }
            body {
                a.skip href="#main" { (lang.pick("Đến nội dung chính", "Skip to content")) }
                header.site {
                    div.bar {
                        a.brand href=(link(lang, "/")) {
                            img src="/icon.svg" alt="" width="26" height="26";
                            span { "vanban" }
                        }
                        @if page.section != "search" {
                            form.find action="/search" method="get" role="search" {
                                input type="search" name="q" maxlength="400" autocomplete="off"
                                    aria-label=(lang.pick("Tìm văn bản", "Search documents"))
                                    placeholder=(lang.pick("Tìm số hiệu, tên, nội dung", "Number, title or words"));
                                (keep_lang(lang))
                            }
                        }
                        nav aria-label=(lang.pick("Chính", "Main")) {
                            a href=(link(lang, "/")) aria-current=[current("search")] { (lang.pick("Tìm kiếm", "Search")) }
                            a href=(link(lang, "/archive")) aria-current=[current("archive")] { (lang.pick("Kho văn bản", "Archive")) }
                            a href=(link(lang, "/review")) aria-current=[current("review")] { (lang.pick("Rà soát", "Review")) }
                            a href=(link(lang, "/api")) aria-current=[current("api")] { "API" }
                            a.lang href=(other) lang=(lang.pick("en", "vi")) hreflang=(lang.pick("en", "vi")) { (lang.pick("English", "Tiếng Việt")) }
                        }
                    }
                }
                main #main tabindex="-1" .narrow[page.narrow] { (body) }
                footer.site {
                    p {
                        (lang.pick("Chữ được máy phục hồi từ bản quét; chữ gạch chân là chỗ máy chưa chắc. Chỉ bản gốc có giá trị pháp lý.",
                            "Text restored by machine from scans; underlined syllables are uncertain. Only the original is authoritative."))
                        @if page.generation > 0 { " " (lang.pick("Thế hệ", "Generation")) " " (page.generation) "." }
                    }
                }
            }
        }
    }
}

/// A date as people write it: `04/3/2011`, `4 Mar 2011`.
pub(crate) fn day(lang: Lang, date: Date) -> String {
    if lang == Lang::En {
        return date.strftime("%-d %b %Y").to_string();
    }
    let (day, month, year) = (date.day(), date.month(), date.year());
    if month < 3 { format!("{day:02}/{month:02}/{year}") } else { format!("{day:02}/{month}/{year}") }
}

/// A count with the thousands set apart: `32.760`, `32,760`.
pub(crate) fn count(lang: Lang, n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push_str(lang.pick(".", ","));
        }
        out.push(digit);
    }
    out
}

/// A number with one digit behind the mark: `98,3`, `98.3`.
pub(crate) fn decimal(lang: Lang, value: f64) -> String {
    format!("{value:.1}").replace('.', lang.pick(",", "."))
}

/// A part of a whole in per cent; a dash where the whole is nothing.
pub(crate) fn percent(lang: Lang, part: u64, whole: u64) -> String {
    match whole {
        0 => "–".to_owned(),
        whole => format!("{} %", decimal(lang, part as f64 * 100.0 / whole as f64)),
    }
}

/// A document's name in a list: type and number, or title, or file.
pub(crate) fn name(document: &Document) -> String {
    let header = &document.header;
    match (&header.kind, &header.number, &header.title) {
        (Some(kind), Some(number), _) => format!("{kind} {number}"),
        (None, Some(number), _) => number.clone(),
        (Some(kind), None, Some(title)) => format!("{kind} {title}"),
        (None, None, Some(title)) => title.clone(),
        _ => document.id.0.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart_as_the_language_does() {
        assert_eq!(count(Lang::Vi, 999), "999");
        assert_eq!(count(Lang::Vi, 32760), "32.760");
        assert_eq!(count(Lang::En, 1234567), "1,234,567");
        assert_eq!(percent(Lang::Vi, 1, 8), "12,5 %");
        assert_eq!(percent(Lang::En, 0, 0), "–");
    }

    #[test]
    fn days_are_written_as_the_language_does() {
        let date = Date::constant(2011, 3, 4);
        assert_eq!((day(Lang::Vi, date), day(Lang::En, date)), ("04/3/2011".to_owned(), "4 Mar 2011".to_owned()));
        assert_eq!(day(Lang::Vi, Date::constant(2011, 1, 4)), "04/01/2011");
    }

    #[test]
    fn the_language_stays_in_links() {
        assert_eq!(link(Lang::En, "/search?q=a"), "/search?q=a&lang=en");
        assert_eq!(link(Lang::En, "/archive"), "/archive?lang=en");
        assert_eq!(link(Lang::Vi, "/archive"), "/archive");
    }
}
