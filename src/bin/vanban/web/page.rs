//! What every page shares: language, frame, status words, links.

use jiff::civil::Date;
use maud::{DOCTYPE, Markup, html};
use vanban::document::Document;

/// The page's language; Vietnamese unless `?lang=en`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lang {
    #[default]
    Vi,
    En,
}

impl Lang {
    pub(crate) fn pick<'t>(self, vi: &'t str, en: &'t str) -> &'t str {
        match self {
            Lang::Vi => vi,
            Lang::En => en,
        }
    }

    fn code(self) -> &'static str {
        self.pick("vi", "en")
    }
}

/// What the frame around a page needs to know.
pub(crate) struct Frame<'p> {
    pub(crate) lang: Lang,
    pub(crate) title: &'p str,
    /// Path and query of this page without `lang`, for the language switch.
    pub(crate) here: &'p str,
    /// Which entry of the navigation is current: `search`, `archive`, or none.
    pub(crate) section: &'p str,
    /// Serial number of the generation shown.
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

/// Percent-encodes everything but unreserved characters and `/`.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(byte as char),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
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
                        a.brand href=(link(lang, "/")) { "vanban" }
                        nav aria-label=(lang.pick("Chính", "Main")) {
                            a href=(link(lang, "/")) aria-current=[current("search")] { (lang.pick("Tìm kiếm", "Search")) }
                            a href=(link(lang, "/archive")) aria-current=[current("archive")] { (lang.pick("Kho văn bản", "Archive")) }
                            a href=(link(lang, "/api")) aria-current=[current("api")] { "API" }
                            a href=(other) lang=(lang.pick("en", "vi")) hreflang=(lang.pick("en", "vi")) { (lang.pick("English", "Tiếng Việt")) }
                        }
                    }
                }
                main #main .narrow[page.narrow] { (body) }
                footer.site {
                    p {
                        (lang.pick("Chữ phục hồi bằng máy từ bản quét; chữ gạch chân là chỗ máy chưa chắc. Bản gốc mới có giá trị pháp lý. Thế hệ ",
                            "Text restored by machine from scans; underlined syllables are uncertain. Only the original is authoritative. Generation "))
                        (page.generation) "."
                    }
                }
            }
        }
    }
}

/// A date as people write it: `04/3/2011`.
pub(crate) fn day(date: Date) -> String {
    let (day, month, year) = (date.day(), date.month(), date.year());
    if month < 3 { format!("{day:02}/{month:02}/{year}") } else { format!("{day:02}/{month}/{year}") }
}

/// The words for a status of the record format.
pub(crate) fn status_words(lang: Lang, status: &str) -> &'static str {
    let (vi, en) = match status {
        "in_force" => ("Còn hiệu lực", "In force"),
        "expired" => ("Hết hiệu lực", "Expired"),
        "partly_expired" => ("Hết hiệu lực một phần", "Partly expired"),
        "suspended" => ("Ngưng hiệu lực", "Suspended"),
        "not_yet" => ("Chưa có hiệu lực", "Not yet in force"),
        "void" => ("Chưa từng có hiệu lực", "Never took effect"),
        "not_applicable" => ("Không xét hiệu lực", "Rules nothing of its own"),
        _ => ("Chưa rõ hiệu lực", "Unknown"),
    };
    match lang {
        Lang::Vi => vi,
        Lang::En => en,
    }
}

/// A coloured badge with the status in words.
pub(crate) fn badge(lang: Lang, status: &str) -> Markup {
    html! { span.badge.(status) { (status_words(lang, status)) } }
}

/// The words for a relation, said of the acting document.
pub(crate) fn relation_words(lang: Lang, relation: &str) -> &'static str {
    let (vi, en) = match relation {
        "basis" => ("căn cứ", "is based on"),
        "implements" => ("thực hiện", "implements"),
        "details" => ("quy định chi tiết", "details"),
        "guides" => ("hướng dẫn", "guides"),
        "replaces" => ("thay thế", "replaces"),
        "replaced_by" => ("được thay thế bởi", "is replaced by"),
        "repeals" => ("bãi bỏ", "repeals"),
        "ends_effect" => ("làm hết hiệu lực", "ends the effect of"),
        "amends" => ("sửa đổi, bổ sung", "amends"),
        "amended_by" => ("được sửa đổi bởi", "is amended by"),
        "corrects" => ("đính chính", "corrects"),
        "suspends" => ("ngưng hiệu lực", "suspends"),
        "consolidates" => ("hợp nhất", "consolidates"),
        "attached_to" => ("kèm theo", "is attached to"),
        "attaches" => ("có kèm", "attaches"),
        "replies_to" => ("trả lời", "replies to"),
        _ => ("dẫn chiếu", "cites"),
    };
    match lang {
        Lang::Vi => vi,
        Lang::En => en,
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

/// A place in words, from the outside in: `Chương II › Điều 5 › khoản 2`.
pub(crate) fn place_words(path: &str) -> String {
    let step = |step: &str| {
        let (level, label) = step.split_once(':').unwrap_or((step, ""));
        let word = match level {
            "phan" => "Phần",
            "chuong" => "Chương",
            "muc" => "Mục",
            "tieu_muc" => "Tiểu mục",
            "dieu" => "Điều",
            "khoan" => "khoản",
            "diem" => "điểm",
            "tiet" => "tiết",
            "muc_lama" | "muc_so" | "muc_so2" => "mục",
            "kem_theo" => "Văn bản kèm theo",
            "phu_luc" => "Phụ lục",
            other => other,
        };
        if level == "kem_theo" && label == "1" { word.to_owned() } else { format!("{word} {label}") }
    };
    path.split('/').map(step).collect::<Vec<_>>().join(" › ")
}
