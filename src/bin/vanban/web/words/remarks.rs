//! Remarks of the library, which are English, in the language of the page.

use super::super::page::{self, Lang};
use jiff::civil::Date;

/// Remarks and what they are in Vietnamese; `{}` stands for what differs, which may be a remark or a day itself.
///
/// The first that fits counts, so one that begins another stands behind it.
const REMARKS: [(&str, &str); 87] = [
    // Validity.
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
    ("the term that it set itself has run out", "Đã hết thời hạn mà chính văn bản tự đặt ra."),
    ("its own term to {} may have been moved by {}", "Thời hạn tự đặt ra đến {} có thể đã được {} dời lại."),
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
    (
        "2025 Law, Art. 57(2): a detailing document continues unless contrary or announced ended",
        "Luật 2025, khoản 2 Điều 57: văn bản quy định chi tiết tiếp tục có hiệu lực nếu không trái và chưa được công bố hết hiệu lực.",
    ),
    ("the outline of the document has no {}", "Bố cục văn bản không có {}"),
    ("holds from {}", "Có hiệu lực từ {}"),
    ("spared: {}", "Phần được giữ lại: {}"),
    ("suspended in part: {}", "Ngưng hiệu lực một phần: {}"),
    ("basis already replaced by {}", "Căn cứ đã bị thay thế từ trước bởi {}"),
    ("basis already repealed by {}", "Căn cứ đã bị bãi bỏ từ trước bởi {}"),
    ("basis already ended by {}", "Căn cứ đã hết hiệu lực từ trước do {}"),
    ("basis replaced by {}", "Căn cứ đã bị thay thế bởi {}"),
    ("basis repealed by {}", "Căn cứ đã bị bãi bỏ bởi {}"),
    ("basis ended by {}", "Căn cứ đã hết hiệu lực do {}"),
    ("what it amends was ended by {}", "Văn bản được sửa đổi đã hết hiệu lực do {}"),
    ("takes effect after the day asked", "có hiệu lực sau ngày đang xem"),
    ("older than what it acts on; not counted", "có trước văn bản chịu tác động nên không tính"),
    ("a consolidation changes nothing", "văn bản hợp nhất không làm thay đổi gì"),
    ("a report or proposal changes nothing", "báo cáo, tờ trình không làm thay đổi gì"),
    ("ended by {} before this took effect", "đã bị {} chấm dứt trước khi có hiệu lực"),
    ("suspended by {} before this took effect", "đã bị {} ngưng trước khi có hiệu lực"),
    ("cycle", "các văn bản thay thế nhau thành vòng"),
    ("replacer_older_than_target", "văn bản thay thế lại cũ hơn văn bản bị thay thế"),
    // The text as amended.
    (
        "the document has no such place, and the words stand in several",
        "văn bản không có chỗ này, mà cụm từ thì có ở nhiều chỗ",
    ),
    ("the document has no such place", "văn bản không có chỗ này"),
    ("the document has no place next to it", "văn bản không có chỗ nào liền kề"),
    ("the words to be exchanged do not stand there", "ở đó không có cụm từ cần thay"),
    (
        "which words are exchanged could not be read off the amending text",
        "không đọc được cụm từ cần thay trong văn bản sửa đổi",
    ),
    ("the new wording could not be read off the amending text", "không đọc được lời văn mới trong văn bản sửa đổi"),
    ("the amending text is not in the archive", "kho không có văn bản sửa đổi"),
    ("it is not sure after which place this belongs", "không chắc phải đặt sau chỗ nào"),
    ("words are exchanged throughout the place", "thay cụm từ ở nhiều chỗ"),
    ("the place to be inserted is there already", "chỗ cần thêm đã có sẵn"),
    ("an earlier act gave the place above a new wording", "văn bản trước đó đã thay lời văn của cả chỗ bên trên"),
    ("an earlier act gave the place a new wording", "văn bản trước đó đã thay lời văn của chỗ này"),
    ("an earlier act changed the words to be exchanged", "văn bản trước đó đã thay đổi cụm từ cần thay"),
    // Which document a reference means.
    ("cited only: no document of this number is held", "chỉ được dẫn: kho không có văn bản số này"),
    ("cited only: no document of this name is held", "chỉ được dẫn: kho không có văn bản tên này"),
    ("cited only", "chỉ được dẫn"),
    ("by name: only {} is called so", "theo tên gọi: chỉ {} có tên này"),
    ("named with its number in the same document", "cùng văn bản có nêu kèm số"),
    ("same number; the reference has {}, the document {}", "cùng số; dẫn chiếu ghi {}, còn văn bản ghi {}"),
    ("same number; the document's own date is not known", "cùng số; không rõ ngày của chính văn bản"),
    ("same number and date, though called by another type", "cùng số và ngày, nhưng được gọi bằng loại khác"),
    ("same number and date, though said to be of another issuer", "cùng số và ngày, nhưng ghi cơ quan ban hành khác"),
    ("same number, date, type and issuer", "cùng số, ngày, loại và cơ quan ban hành"),
    (
        "same number, date and type; the number is used once in the country",
        "cùng số, ngày và loại; số này chỉ dùng một lần trong cả nước",
    ),
    (
        "same number, type, issuer and title; one has no date",
        "cùng số, loại, cơ quan ban hành và trích yếu; một bản không có ngày",
    ),
    (
        "same date, type, issuer and title; one has no number",
        "cùng ngày, loại, cơ quan ban hành và trích yếu; một bản không có số",
    ),
    ("same number and date", "cùng số và ngày"),
    ("same number and term", "cùng số và nhiệm kỳ"),
    ("same number and issuer, and no other fits", "cùng số và cơ quan ban hành, không văn bản nào khác hợp"),
    ("same number, and no other fits", "cùng số, không văn bản nào khác hợp"),
    ("same name", "cùng tên"),
    ("printed {}, probably {}: it is held {}", "bản in ghi {}, có lẽ là {}: kho có văn bản này {}"),
    (
        "printed {}, probably {}, as elsewhere in the same paper",
        "bản in ghi {}, có lẽ là {} như ở chỗ khác trong cùng văn bản",
    ),
    ("printed {}, probably {}", "bản in ghi {}, có lẽ là {}"),
    ("with the same serial, type and date, but this code", "cùng số thứ tự, loại và ngày, chỉ khác ký hiệu"),
    ("with the same type and date, and one figure differs", "cùng loại và ngày, khác một chữ số"),
    (
        "with the same type and date, and the scan may have misread one figure",
        "cùng loại và ngày, máy quét có thể đọc sai một chữ số",
    ),
    (
        "with the same type, date and title, and the number differs as prints and scans do",
        "cùng loại, ngày và trích yếu, số chỉ khác như khi in hoặc quét sai",
    ),
    (
        "with the same type and title, and the number differs as prints and scans do",
        "cùng loại và trích yếu, số chỉ khác như khi in hoặc quét sai",
    ),
    ("taken for a mention: {} of {} is older than {} of {}", "chỉ tính là dẫn chiếu: {} ngày {} có trước {} ngày {}"),
    ("taken for a mention: a {} consolidates nothing", "chỉ tính là dẫn chiếu: {} không hợp nhất văn bản nào"),
    (
        "taken for a mention: a {} cannot change the Party Charter",
        "chỉ tính là dẫn chiếu: {} không thể thay đổi Điều lệ Đảng",
    ),
    ("taken for a mention: a {} cannot change a {}", "chỉ tính là dẫn chiếu: {} không thể thay đổi {}"),
    // What was asked.
    (
        "a quotation mark is never closed; its words were searched one by one",
        "Thiếu dấu ngoặc kép đóng nên tìm từng chữ một.",
    ),
    ("only the first {} words were used", "Chỉ {} chữ đầu được dùng để tìm."),
    ("`OR` needs something on both sides; it was ignored", "`OR` phải có chữ ở cả hai bên nên đã bỏ qua."),
    ("parentheses nested too deeply were ignored", "Đã bỏ qua các dấu ngoặc lồng nhau quá sâu."),
    ("`{}:` is not a field; its words were searched", "Không có trường `{}:` nên tìm như chữ thường."),
    (
        "`*` needs the beginning of a word before it; it was ignored",
        "Trước `*` phải có phần đầu của một chữ nên đã bỏ qua.",
    ),
    (
        "`*` works at the end of a word only; elsewhere it was ignored",
        "`*` chỉ dùng được ở cuối chữ; ở chỗ khác đã bỏ qua.",
    ),
    ("a field without a value was ignored", "Đã bỏ qua một trường không có giá trị."),
    (
        "`{}` is not a year, a date or a range like 2021..2023; the field was ignored",
        "`{}` không phải là năm, ngày hay khoảng như 2021..2023 nên đã bỏ qua.",
    ),
    ("`{}` is not a known status; the field was ignored", "Không có tình trạng hiệu lực `{}` nên đã bỏ qua."),
    // What was met while reading.
    ("left out as no text: {}", "bỏ vì không phải là chữ: {}"),
];

/// Places that the outline misses, by the word of their path.
const MISSING: [(&str, &str); 3] = [(" is missing", "thiếu "), (" are missing", "thiếu "), (" missing", "thiếu ")];

/// Remarks in the page's language; one without a translation stays as it is.
pub(crate) fn remark(lang: Lang, text: &str) -> String {
    if lang == Lang::En {
        return text.to_owned();
    }
    // Several remarks stand side by side; but one may have a semicolon of its own.
    let each: Vec<Option<String>> = text.split("; ").map(translated).collect();
    if each.iter().any(Option::is_none)
        && let Some(whole) = translated(text)
    {
        return whole;
    }
    let parts = each.into_iter().zip(text.split("; ")).map(|(known, part)| known.unwrap_or_else(|| part.to_owned()));
    parts.collect::<Vec<_>>().join("; ")
}

fn translated(text: &str) -> Option<String> {
    let known = REMARKS.iter().find_map(|(english, vietnamese)| Some(filled(vietnamese, &parts(english, text)?)));
    known.or_else(|| {
        let (place, words) = MISSING.iter().find_map(|(end, words)| Some((text.strip_suffix(end)?, words)))?;
        let (level, label) = place.split_once(' ')?;
        Some(format!("{words}{}", page::place_words(&format!("{level}:{label}"))))
    })
}

/// What stands for each `{}` of the pattern, if the whole text fits it.
fn parts<'t>(pattern: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut fixed = pattern.split("{}");
    let mut rest = text.strip_prefix(fixed.next()?)?;
    let mut parts = Vec::new();
    for next in fixed {
        let end = if next.is_empty() { rest.len() } else { rest.find(next)? };
        parts.push(&rest[..end]);
        rest = &rest[end + next.len()..];
    }
    (rest.is_empty() && parts.iter().all(|part| !part.is_empty())).then_some(parts)
}

fn filled(pattern: &str, parts: &[&str]) -> String {
    let mut fixed = pattern.split("{}");
    let mut out = fixed.next().unwrap_or_default().to_owned();
    for (next, part) in fixed.zip(parts) {
        match part.parse::<Date>() {
            Ok(date) => out.push_str(&page::day(Lang::Vi, date)),
            Err(_) => out.push_str(&translated(part).unwrap_or_else(|| (*part).to_owned())),
        }
        out.push_str(next);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_are_translated_with_what_stands_in_them() {
        for (english, vietnamese) in [
            ("spared: Điều 5", "Phần được giữ lại: Điều 5"),
            ("cited only; same number and date", "chỉ được dẫn; cùng số và ngày"),
            (
                "same number; the reference has 2010-03-02, the document 2011-12-25",
                "cùng số; dẫn chiếu ghi 02/3/2010, còn văn bản ghi 25/12/2011",
            ),
            (
                "printed 07-CT/TW, probably 07-CT/TU: it is held with the same serial, type and date, but this code",
                "bản in ghi 07-CT/TW, có lẽ là 07-CT/TU: kho có văn bản này cùng số thứ tự, loại và ngày, chỉ khác ký hiệu",
            ),
            ("the words to be exchanged do not stand there", "ở đó không có cụm từ cần thay"),
            ("dieu 3-4 are missing", "thiếu Điều 3-4"),
            ("`mã:` is not a field; its words were searched", "Không có trường `mã:` nên tìm như chữ thường."),
            ("basis replaced by 1; basis repealed by 2", "Căn cứ đã bị thay thế bởi 1; Căn cứ đã bị bãi bỏ bởi 2"),
            ("spared: Điều 5; Điều 6", "Phần được giữ lại: Điều 5; Điều 6"),
            ("something new", "something new"),
        ] {
            assert_eq!(remark(Lang::Vi, english), vietnamese);
            assert_eq!(remark(Lang::En, english), english);
        }
    }

    #[test]
    fn each_remark_is_found_before_another_that_it_fits_too() {
        for (english, vietnamese) in REMARKS {
            let holes = english.matches("{}").count();
            assert_eq!(holes, vietnamese.matches("{}").count(), "{english}");
            let names = ["một", "hai", "ba", "bốn"];
            assert_eq!(translated(&filled(english, &names[..holes])), Some(filled(vietnamese, &names[..holes])));
        }
    }
}
