//! Words for statuses and relations in both languages.

use super::page::Lang;
use maud::{Markup, html};

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

/// Remarks of the answers on validity, which are English, and what they are in Vietnamese: whole, or their beginning.
const REMARKS: [(&str, &str); 42] = [
    (
        "a consolidation restates other acts and has no validity of its own",
        "Văn bản hợp nhất chỉ chép lại văn bản khác, tự nó không có hiệu lực.",
    ),
    (
        "a report or proposal rules nothing and has no validity of its own",
        "Báo cáo, tờ trình không đặt ra quy định nên không xét hiệu lực.",
    ),
    (
        "a letter that rules nothing has no validity of its own",
        "Công văn không đặt ra quy định nên không xét hiệu lực.",
    ),
    ("no first day is known", "Không rõ ngày bắt đầu có hiệu lực."),
    (
        "only cited: the text is not in the archive, and nothing held ends it",
        "Chỉ được nhắc đến: kho không có văn bản này, cũng không có văn bản nào chấm dứt nó.",
    ),
    (
        "ended before its first day, so it never took effect",
        "Bị chấm dứt trước ngày đầu tiên nên chưa từng có hiệu lực.",
    ),
    (
        "Party papers: no cascade; continues until itself replaced or repealed",
        "Văn bản của Đảng: căn cứ bị thay thế thì văn bản vẫn còn hiệu lực đến khi chính nó bị thay thế, bãi bỏ.",
    ),
    (
        "only a detailing document can fall with its basis",
        "Chỉ văn bản quy định chi tiết mới hết hiệu lực theo căn cứ.",
    ),
    (
        "a correction is part of the corrected document and ends with it",
        "Văn bản đính chính là một phần của văn bản được đính chính và hết hiệu lực cùng nó.",
    ),
    (
        "2015 Law, Art. 154(4): a detailing document ends with the one it details",
        "Luật 2015, khoản 4 Điều 154: văn bản quy định chi tiết hết hiệu lực cùng văn bản được quy định chi tiết.",
    ),
    (
        "2015 Law, Art. 154(4): what details the ended parent ends with it",
        "Luật 2015, khoản 4 Điều 154: phần quy định chi tiết văn bản đã hết hiệu lực thì hết hiệu lực theo.",
    ),
    ("the outline of the document has no ", "Bố cục văn bản không có "),
    ("holds from ", "Có hiệu lực từ "),
    ("spared: ", "Phần được giữ lại: "),
    ("suspended in part: ", "Ngưng hiệu lực một phần: "),
    ("basis already replaced by ", "Căn cứ đã bị thay thế từ trước bởi "),
    ("basis already repealed by ", "Căn cứ đã bị bãi bỏ từ trước bởi "),
    ("basis already ended by ", "Căn cứ đã hết hiệu lực từ trước do "),
    ("basis ended by ", "Căn cứ đã hết hiệu lực do "),
    (
        "2025 Law, Art. 57(2): a detailing document continues unless contrary or announced ended",
        "Luật 2025, khoản 2 Điều 57: văn bản quy định chi tiết tiếp tục có hiệu lực nếu không trái và chưa được công bố hết hiệu lực.",
    ),
    ("basis replaced by ", "Căn cứ đã bị thay thế bởi "),
    ("basis repealed by ", "Căn cứ đã bị bãi bỏ bởi "),
    ("the document has no such place", "văn bản không có chỗ này"),
    ("the new wording could not be read off the amending text", "không đọc được lời văn mới trong văn bản sửa đổi"),
    ("it is not sure after which place this belongs", "không chắc phải đặt sau chỗ nào"),
    ("the amending text is not in the archive", "kho không có văn bản sửa đổi"),
    ("words are exchanged throughout the place", "thay cụm từ ở nhiều chỗ"),
    ("the place to be inserted is there already", "chỗ cần thêm đã có sẵn"),
    ("an earlier act gave the place above a new wording", "văn bản trước đó đã thay lời văn của cả chỗ bên trên"),
    ("the document has no place next to it", "văn bản không có chỗ nào liền kề"),
    ("cited only: no document of this number is held", "chỉ được dẫn: kho không có văn bản số này"),
    ("cited only: no document of this name is held", "chỉ được dẫn: kho không có văn bản tên này"),
    ("cited only", "chỉ được dẫn"),
    ("same number and date, though called by another type", "cùng số và ngày, nhưng được gọi bằng loại khác"),
    ("same number and date, though said to be of another issuer", "cùng số và ngày, nhưng ghi cơ quan ban hành khác"),
    ("same number and date", "cùng số và ngày"),
    ("same number and term", "cùng số và nhiệm kỳ"),
    ("same number and issuer, and no other fits", "cùng số và cơ quan ban hành, không văn bản nào khác hợp"),
    ("same number, and no other fits", "cùng số, không văn bản nào khác hợp"),
    ("named with its number in the same document", "cùng văn bản có nêu kèm số"),
    ("cycle", "các văn bản thay thế nhau thành vòng"),
    ("replacer_older_than_target", "văn bản thay thế lại cũ hơn văn bản bị thay thế"),
];

/// Remarks in the page's language; one without a translation stays as it is.
pub(crate) fn remark(lang: Lang, text: &str) -> String {
    if lang == Lang::En {
        return text.to_owned();
    }
    let translated = |part: &str| {
        let known = REMARKS.iter().find_map(|(en, vi)| part.strip_prefix(en).map(|rest| format!("{vi}{rest}")));
        known.unwrap_or_else(|| part.to_owned())
    };
    text.split("; ").map(translated).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_are_translated_with_what_follows_them() {
        assert_eq!(remark(Lang::Vi, "spared: Điều 5"), "Phần được giữ lại: Điều 5");
        assert_eq!(remark(Lang::En, "spared: Điều 5"), "spared: Điều 5");
        assert_eq!(remark(Lang::Vi, "cited only; same number and date"), "chỉ được dẫn; cùng số và ngày");
        assert_eq!(remark(Lang::Vi, "something new"), "something new");
    }
}
