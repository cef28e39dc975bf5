//! What holds for every text: references never panic, never leave the page, and keep their order.

use proptest::prelude::*;
use vanban::citation::{self, OwnNames};
use vanban::{number, outline};

/// Words of the grammar, so that random texts come near to real ones.
const WORDS: [&str; 60] = [
    "Điều",
    "khoản",
    "điểm",
    "mục",
    "Mục",
    "Chương",
    "Phần",
    "Phụ lục",
    "tiết",
    "Mẫu số",
    "các",
    "từ",
    "đến",
    "và",
    ",",
    ";",
    ":",
    ".",
    "số",
    "Số:",
    "Quyết định",
    "Nghị định",
    "Luật",
    "Bộ luật",
    "Điều lệ",
    "Quy chế làm việc của",
    "Nghị quyết Đại hội",
    "này",
    "ngày",
    "tháng",
    "năm",
    "của",
    "Ban Thường vụ Thành ủy",
    "Ủy ban nhân dân",
    "tỉnh",
    "khóa",
    "XIV",
    "kèm theo",
    "ban hành",
    "thay thế",
    "bãi bỏ",
    "sửa đổi, bổ sung",
    "được",
    "bị",
    "bởi",
    "hết hiệu lực",
    "Căn cứ",
    "trừ",
    "“",
    "”",
    "(",
    ")",
    "/",
    "-",
    "23-QĐ/TW",
    "48/2019/QĐ-UBND",
    "80/2015/QH13",
    "30/7/2021",
    "Khiếu nại",
    "như sau",
];

fn grammar() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => prop::sample::select(&WORDS[..]).prop_map(str::to_owned),
        2 => (0u32..3000).prop_map(|n| n.to_string()),
        1 => prop::sample::select(&["a", "đ", "I", "IV", "5a", "x"][..]).prop_map(str::to_owned),
        1 => ".{0,3}",
    ];
    let gap = prop::sample::select(&[" ", " ", " ", "\n", "\n\n", "", "\u{c}"][..]);
    prop::collection::vec((piece, gap), 0..60)
        .prop_map(|parts| parts.into_iter().map(|(piece, gap)| piece + gap).collect())
}

/// Reads the text through both steps; the plain function that a fuzzer would call.
fn check(text: &str) {
    let outline = outline::parse(text);
    let mentions = citation::find(text);
    for mention in &mentions {
        assert!(
            text.get(mention.span.range()).is_some_and(|surface| !surface.is_empty()),
            "{:?} of {text:?}",
            mention.span
        );
    }
    let own =
        OwnNames { number: Some("446-QĐ/TU".into()), kind: Some("Quyết định".into()), ..OwnNames::default() };
    let resolved = citation::resolve(text, mentions, &outline, &own);
    let mut last = 0;
    for citation in &resolved.citations {
        assert!(text.get(citation.span.range()).is_some(), "span {:?} of {text:?}", citation.span);
        assert!(citation.sentence.start <= citation.span.start, "sentence {:?} of {text:?}", citation.sentence);
        assert!(text.get(citation.sentence.range()).is_some(), "sentence {:?} of {text:?}", citation.sentence);
        assert!(citation.span.start >= last, "order of {text:?}");
        assert!((0.0..=1.0).contains(&citation.confidence));
        last = citation.span.start;
    }
    for amendment in &resolved.amendments {
        assert!(text.get(amendment.span.range()).is_some(), "amendment of {text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn words_of_the_grammar_in_any_order(text in grammar()) {
        check(&text);
    }

    #[test]
    fn any_text_at_all(text in "\\PC{0,200}") {
        check(&text);
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn a_canonical_number_is_its_own_canonical_form(serial in 1u32..9999, year in 1945u32..2030, code in prop::sample::select(&["QĐ-UBND", "NĐ-CP", "TT-BTC", "QH13"][..])) {
        let printed = format!("{serial}/{year}/{code}");
        prop_assert_eq!(number::canonical(&printed), Some(printed));
    }
}
