//! Words for statuses and relations in both languages.

mod remarks;

use super::page::Lang;
use maud::{Markup, html};

pub(crate) use remarks::remark;

/// The words for a status of the record format.
pub(crate) fn status(lang: Lang, status: &str) -> &'static str {
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
    lang.pick(vi, en)
}

/// A coloured badge with the status in words.
pub(crate) fn badge(lang: Lang, name: &str) -> Markup {
    html! { span.badge.(name) { (status(lang, name)) } }
}

/// The words for a relation, said of the acting document.
pub(crate) fn relation(lang: Lang, relation: &str) -> &'static str {
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
    lang.pick(vi, en)
}

/// The words for what an amendment does to a place.
pub(crate) fn action(lang: Lang, action: &str) -> &'static str {
    let (vi, en) = match action {
        "replace" => ("thay lời văn", "new wording"),
        "insert" => ("thêm", "inserted"),
        "repeal" => ("bãi bỏ", "repealed"),
        "suspend" => ("ngưng hiệu lực", "suspended"),
        "phrase" => ("thay cụm từ", "words replaced"),
        _ => ("sửa đổi, bổ sung", "amended"),
    };
    lang.pick(vi, en)
}

/// In Vietnamese, why a file was set aside and what to do; of the store's reasons.
pub(crate) fn set_aside(reason: &str) -> &'static str {
    match reason {
        "tool-missing" => "Máy chủ thiếu chương trình để đọc loại tệp này; xem `vanban formats`.",
        "encrypted" => "Tệp có mật khẩu; hãy lưu lại không mật khẩu.",
        "malformed" => "Tệp bị hỏng; hãy chép lại hoặc quét lại.",
        "empty" => "Tệp không có chữ; hãy quét hoặc xuất lại.",
        "binary" => "Tệp không phải là văn bản.",
        "limit" | "too-large" | "too-long" => "Tệp vượt giới hạn đọc; hãy tách nhỏ.",
        "same-name" => "Hai tệp trùng tên sau khi chuẩn hóa; hãy đổi tên một tệp.",
        "world" => "Không đọc được tệp lần này; lần lập chỉ mục sau sẽ thử lại.",
        _ => "Không nhận tệp này.",
    }
}
