//! What an entry of the queue asks, in the page's language.

use super::super::page::Lang;
use super::super::words::{relation, set_aside};
use vanban::decision::{Decision, What};
use vanban::review::{Item, Kind};

pub(super) fn kind(lang: Lang, kind: Kind) -> &'static str {
    match kind {
        Kind::Conflict => lang.pick("Hai người quyết khác nhau", "Two people disagree"),
        Kind::Lost => lang.pick("Quyết định mất chỗ", "Decision without a place"),
        Kind::Number => lang.pick("Số, ký hiệu", "Number"),
        Kind::Edge => lang.pick("Quan hệ văn bản", "Relation"),
        Kind::Name => lang.pick("Tên riêng", "Name"),
        Kind::Reading => lang.pick("Chữ", "Reading"),
        Kind::Graph => lang.pick("Chưa phân định", "Undecided"),
        Kind::Duplicate => lang.pick("Trùng bản", "Duplicate"),
        Kind::SetAside => lang.pick("Tệp để riêng", "Set aside"),
    }
}

/// What is doubted, in a sentence; empty where the reading says it.
pub(super) fn question(lang: Lang, item: &Item) -> String {
    if lang == Lang::En || item.note.is_empty() {
        return item.note.clone();
    }
    match (item.kind, &item.decisions[..], &item.edge) {
        (Kind::Conflict, [earlier, later], _) => format!(
            "{} quyết là “{}”; sau đó {} quyết là “{}”. Hiện theo {}; cần rút một trong hai.",
            earlier.who,
            said(lang, earlier),
            later.who,
            said(lang, later),
            later.who
        ),
        (Kind::Lost, [one], _) => format!(
            "Không còn tìm thấy dòng mà {} đã quyết là “{}”. Rút quyết định ấy, hoặc quyết lại ở chỗ mới.",
            one.who,
            said(lang, one)
        ),
        (Kind::Number, _, _) => {
            let likely = item.choices.first().map(String::as_str).unwrap_or_default();
            format!("Trong bản in là {}, có lẽ phải là {likely}.", item.reading)
        }
        (Kind::Edge, _, Some(edge)) => {
            let acts = relation(lang, &edge.relation);
            format!("{} {acts} {}? Máy chỉ chắc {} %.", edge.from, edge.to, item.confidence / 10)
        }
        (Kind::Graph, _, _) => undecided(item),
        (Kind::Duplicate, _, _) => format!("Kho giữ {} ở nhiều tệp:", item.reading),
        (Kind::SetAside, _, _) => set_aside(&item.reading).to_owned(),
        _ => item.note.clone(),
    }
}

fn undecided(item: &Item) -> String {
    let n = item.choices.len();
    let quoted = match (item.note.find('“'), item.note.rfind('”')) {
        (Some(start), Some(end)) if start < end && item.reading_line.is_empty() => {
            format!(" {}", &item.note[start..end + '”'.len_utf8()])
        }
        _ => String::new(),
    };
    let what = match item.reading.as_str() {
        _ if n > 1 && item.note.contains("not held") => {
            format!("Kho không có văn bản mang số này; có thể là một trong {n} văn bản dưới đây.")
        }
        _ if n > 1 => format!("Dẫn chiếu này khớp với {n} văn bản; chưa rõ là văn bản nào."),
        "beyond_competence" => {
            "Văn bản cấp dưới được cho là thay đổi văn bản cấp trên, nên chỉ tính là dẫn chiếu.".into()
        }
        "replacer_older_than_target" => "Văn bản tác động lại có trước văn bản chịu tác động.".into(),
        "override_unused" => {
            "Một dòng sửa quan hệ không áp dụng được: không rõ văn bản, hoặc không có quan hệ ấy.".into()
        }
        "override_contradicted" => "Hai dòng sửa quan hệ trái nhau; dòng sau được áp dụng.".into(),
        _ => "Máy không phân định được quan hệ này.".into(),
    };
    what + &quoted
}

/// What a person decided, in few words.
pub(super) fn said(lang: Lang, decision: &Decision) -> String {
    match &decision.edge {
        Some(edge) => {
            let not = if decision.what == What::RemoveEdge { lang.pick("không phải: ", "not: ") } else { "" };
            format!("{not}{} {} {}", edge.from, relation(lang, &edge.relation), edge.to)
        }
        None if decision.new.is_empty() => lang.pick("để nguyên", "left as it is").to_owned(),
        None => decision.new.clone(),
    }
}

/// The button that leaves everything as it stands.
pub(super) fn as_it_stands(lang: Lang, item: &Item) -> String {
    match (item.kind, item.decisions.last()) {
        (Kind::Conflict, Some(later)) => format!("{} {}: {}", lang.pick("Theo", "As"), later.who, said(lang, later)),
        (Kind::Lost, _) => lang.pick("Rút quyết định", "Take it back").to_owned(),
        (Kind::Graph, _) => lang.pick("Để ngỏ, không hỏi nữa", "Leave it open, ask no more").to_owned(),
        (Kind::Duplicate | Kind::SetAside, _) => lang.pick("Đã xem", "Seen").to_owned(),
        (Kind::Edge, _) => lang.pick("Đúng", "Right").to_owned(),
        (Kind::Number, _) if item.anchor.is_none() => {
            format!("{} {}", lang.pick("Đúng như in:", "As printed:"), item.reading)
        }
        _ => format!("{} {}", lang.pick("Đúng:", "Right:"), item.reading),
    }
}

/// The button of the `n`th choice.
pub(super) fn choice(lang: Lang, item: &Item, n: usize) -> String {
    match (item.kind, item.decisions.first()) {
        (Kind::Conflict, Some(earlier)) => {
            format!("{} {}: {}", lang.pick("Theo", "As"), earlier.who, said(lang, earlier))
        }
        _ => item.names.get(n).unwrap_or(&item.choices[n]).clone(),
    }
}
