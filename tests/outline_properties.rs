//! What holds of every outline and header, on texts built from the grammar's own words and on noise.

use proptest::prelude::*;
use std::collections::HashSet;
use vanban::document::header;
use vanban::outline;

/// Lines as drafters and engines write them.
fn line() -> impl Strategy<Value = String> {
    let number = 1u32..30;
    let label = prop_oneof![
        number.clone().prop_map(|n| format!("Điều {n}. Phạm vi")),
        number.clone().prop_map(|n| format!("Piéu {n}. Pham vi cua")),
        number.clone().prop_map(|n| format!("{n}. Nội dung;")),
        number.clone().prop_map(|n| format!("{n}a.[5] Nội dung")),
        number.clone().prop_map(|n| format!("{n}) nội dung")),
        (1u32..6, 1u32..6).prop_map(|(n, m)| format!("{n}.{m}. Nội dung")),
        prop::sample::select(vec!["a", "b", "c", "d", "đ", "e", "g", "¢", "đ1"])
            .prop_map(|p| format!("{p}) nội dung,")),
        prop::sample::select(vec!["I", "II", "III", "1I", "IIl", "IV", "H", "Wi"])
            .prop_map(|r| format!("{r}- NHIỆM VỤ")),
        prop::sample::select(vec!["I", "1I", "III", "2", "thứ hai", "A"])
            .prop_map(|r| format!("Chương {r}\nQUY ĐỊNH CHUNG")),
        prop::sample::select(vec![
            "Phần I",
            "Phần thứ nhất",
            "Mục 1",
            "Tiểu mục 2",
            "PHỤ LỤC",
            "PHỤ LỤC SỐ 02",
            "A. PHẦN CHUNG"
        ])
        .prop_map(str::to_owned),
        prop::sample::select(vec![
            "QUY CHẾ\nlàm việc\n(Ban hành kèm theo Quyết định số 5-QĐ/TU)",
            "Nơi nhận: T/M BAN THƯỜNG VỤ",
            "- Như trên; PHÓ BÍ THƯ",
            "- Lưu: VT. Nguyễn Văn A",
            "MỤC LỤC",
            "QUYẾT ĐỊNH:",
            "Số 12-QĐ/TU Hà Nội, ngày 05 tháng 4 năm 2021",
            "như sau: “Điều 5. Năm",
            "“1. Một.",
            "hai”.",
            "Sửa đổi khoản 2 như sau:",
            "TT | Tên | Số",
            "1. Bìa ........ 95",
            "có hiệu lực kể từ ngày ký",
            "căn cứ quy định tại",
            "",
            "\u{c}",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,40}",
    ];
    label
}

fn check(text: &str) -> Result<(), TestCaseError> {
    let outline = outline::parse(text);
    let mut seen = HashSet::new();
    let mut open: Vec<&outline::Node> = Vec::new();
    for node in &outline.nodes {
        prop_assert!(seen.insert(node.path.as_str()), "{} twice", node.path);
        prop_assert!(text.is_char_boundary(node.span.start) && text.is_char_boundary(node.span.end));
        prop_assert!(node.span.start < node.span.end && node.span.end <= text.len());
        while open.last().is_some_and(|above| above.span.end <= node.span.start) {
            open.pop();
        }
        if let Some(above) = open.last() {
            prop_assert!(above.span.contains(node.span), "{} leaves {}", node.path, above.path);
        }
        match node.path.rsplit_once('/') {
            Some((parent, _)) => prop_assert!(seen.contains(parent), "{} has no parent", node.path),
            None => prop_assert!(open.is_empty() || !node.path.is_empty()),
        }
        open.push(node);
    }
    for pair in outline.quoted.windows(2) {
        prop_assert!(pair[0].end <= pair[1].start);
    }
    for span in &outline.quoted {
        prop_assert!(text.get(span.range()).is_some());
    }
    let _ = header::read(text, &outline);
    Ok(())
}

proptest! {
    #[test]
    fn built_texts_give_sound_trees(lines in prop::collection::vec(line(), 0..60)) {
        check(&lines.join("\n"))?;
    }

    #[test]
    fn noise_gives_sound_trees(text in "\\PC{0,400}") {
        check(&text)?;
    }

    #[test]
    fn bytes_give_sound_trees(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        check(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn the_same_text_gives_the_same_tree(lines in prop::collection::vec(line(), 0..40)) {
        let text = lines.join("\n");
        prop_assert_eq!(outline::parse(&text), outline::parse(&text));
    }
}
