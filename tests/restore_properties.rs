//! What restoration promises of any text, on strings built from the words of damaged pages
//! as well as noise.

use proptest::prelude::*;
use std::sync::LazyLock;
use vanban::restore::{Model, Restored, Restorer};
use vanban::text::Span;

static RESTORER: LazyLock<Restorer> = LazyLock::new(|| Restorer::new(Model::embedded()));

fn restore(text: &str) -> Restored {
    RESTORER.worker().restore(text)
}

/// A damaged page: misread words, numbers, dates, document numbers, marks and line ends.
fn page() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "Quyét",
        "dinh",
        "s6",
        "cua",
        "Ban",
        "Thuong",
        "vu",
        "Thanh",
        "ty",
        "khéa",
        "XIV",
        "Piéu",
        "1.",
        "dan",
        "véan",
        "“diem",
        "néng”,",
        "&",
        "14y",
        "c)",
        "(Kém",
        "theo",
        "x& hdi",
        "446- QB/TU",
        "84-QP/TU,",
        "23-QD/TW",
        "04/3/2011",
        "26/11/2021",
        "1250",
        "2045",
        "10.000",
        "tht?",
        "duo’",
        "\n",
        "\n\n",
        "~",
        "CHI THI",
    ]);
    let noise = "[ -~À-ỹ]{0,6}".prop_map(|noise| noise);
    prop::collection::vec(prop_oneof![9 => word.prop_map(String::from), 1 => noise], 0..60)
        .prop_map(|words| words.join(" "))
}

/// Tokens that are a date, or a number of four digits and more.
fn figures(text: &str) -> Vec<String> {
    text.split_whitespace()
        .map(|token| token.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|core| core.len() >= 4 && core.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'/' | b'.')))
        .map(String::from)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn outside_its_pieces_the_text_is_unchanged(text in page()) {
        let restored = restore(&text);
        let (mut at, mut from) = (0, 0);
        for &(edited, source) in restored.map.pieces() {
            prop_assert_eq!(&restored.text[at..edited.start], &text[from..source.start]);
            (at, from) = (edited.end, source.end);
        }
        prop_assert_eq!(&restored.text[at..], &text[from..]);
    }

    #[test]
    fn lines_stay_lines(text in page()) {
        prop_assert_eq!(restore(&text).text.split('\n').count(), text.split('\n').count());
    }

    #[test]
    fn figures_are_never_edited(text in page()) {
        prop_assert_eq!(figures(&restore(&text).text), figures(&text));
    }

    #[test]
    fn source_spans_are_monotone_and_cover_the_source(text in page()) {
        let restored = restore(&text);
        let mut last = 0;
        for (at, c) in restored.text.char_indices() {
            let span = restored.source_span(Span::new(at, at + c.len_utf8()));
            prop_assert!(span.start <= span.end && span.end <= text.len());
            prop_assert!(span.start >= last || span.end >= last);
            last = span.start;
        }
        let mut whole = restored.source_span(Span::new(0, restored.text.len()));
        // Noise that was left out stands for nothing in the restored text.
        for (_, source) in restored.map.pieces().iter().filter(|(left, _)| left.start == left.end) {
            whole = Span::new(whole.start.min(source.start), whole.end.max(source.end));
        }
        prop_assert_eq!(whole, Span::new(0, text.len()));
    }

    #[test]
    fn what_a_worker_saw_before_does_not_matter(first in page(), second in page()) {
        let mut worker = RESTORER.worker();
        worker.restore(&first);
        prop_assert_eq!(worker.restore(&second), restore(&second));
    }
}

#[test]
fn the_pages_of_an_archive_say_nothing_of_each_other() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/adapt");
    let mut scans: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    scans.retain(|path| path.to_string_lossy().ends_with(".ocr.txt"));
    assert!(scans.len() > 1);
    scans.sort();
    let mut worker = RESTORER.worker();
    for path in scans.iter().chain(&scans) {
        let scan = std::fs::read_to_string(path).unwrap();
        assert_eq!(worker.restore(&scan), restore(&scan), "{}", path.display());
    }
}

#[test]
fn letters_explained_for_a_far_reading_say_no_more_of_a_near_one() {
    let mut worker = RESTORER.worker();
    worker.restore("BȺ");
    assert_eq!(worker.restore("ÀȺ"), restore("ÀȺ"));
}

#[test]
fn a_worker_that_has_seen_too_much_forgets_and_answers_the_same() {
    let page = "Quyét dinh s6 84-QP/TU, ngay 04/3/2011\ncua Ban Thuong vu Thanh ty khéa XIV\n";
    let mut worker = RESTORER.worker();
    let before = worker.restore(page);
    let many: String = (0..120_000).map(|number| format!("{number} ")).collect();
    worker.restore(&many);
    assert_eq!(worker.restore(page), before);
}

#[test]
fn a_damaged_heading_and_number_read_whole() {
    let restored = restore("Quyét dinh s6 84-QP/TU, ngay 04/3/2011\ncua Ban Thuong vu Thanh ty khéa XIV\n");
    assert_eq!(restored.text, "Quyết định số 84-QĐ/TU, ngày 04/3/2011\ncủa Ban Thường vụ Thành ủy khóa XIV\n");
}

#[test]
fn a_number_broken_at_the_end_of_a_line_or_page_is_repaired_on_both_sides() {
    let scanned = "Can ctr Quyét dinh sé 23-\n\n2\n\nQD/TW, ngay 30/7/2021 cua B6 Chinh tri; Quyét dinh s6 84-QD/\n\
                   TU, ngay 04/3/2011 cua Ban Thuong vu Thanh uy vé kinh té-\nx4 hdi\n";
    assert_eq!(
        restore(scanned).text,
        "Căn cứ Quyết định số 23-\n\n2\n\nQĐ/TW, ngày 30/7/2021 của Bộ Chính trị; Quyết định số 84-QĐ/\n\
         TU, ngày 04/3/2011 của Ban Thường vụ Thành ủy về kinh tế-\nxã hội\n"
    );
}

#[test]
fn a_line_that_is_a_number_is_no_heading() {
    let restored = restore("UY BAN NHAN DAN TINH\nS6: 12/2013/QD-UBND\nQUYET DINH\nVé viéc ban hanh quy dinh\n");
    assert!(restored.text.contains("\nSố: 12/2013/QĐ-UBND\n"), "{}", restored.text);
}

#[test]
fn the_mark_of_a_note_stays_where_it_is() {
    let restored = restore("Ban Thuong vu Tinh uy[2] phan cap[5], cac co quan[13].\n");
    assert_eq!(restored.text, "Ban Thường vụ Tỉnh ủy[2] phân cấp[5], các cơ quan[13].\n");
}

#[test]
fn a_word_in_capitals_beside_none_is_no_heading_and_a_small_i_among_capitals_is_one() {
    let restored =
        restore("B6 truéng BO Noi vu b4o cdo vé viéc quan ly cén b6, céng chtrc.\nPHO Bi THU’ THUONG TRUC TINH UY\n");
    assert_eq!(
        restored.text,
        "Bộ trưởng Bộ Nội vụ báo cáo về việc quản lý cán bộ, công chức.\nPHÓ BÍ THƯ THƯỜNG TRỰC TỈNH ỦY\n"
    );
}

#[test]
fn clean_text_comes_through_unchanged() {
    let clean =
        "Điều 3. Quyết định này có hiệu lực kể từ ngày ký.\nUỷ ban nhân dân, Ủy ban kiểm tra; thoả thuận, hòa giải.\n";
    assert_eq!(restore(clean).text, clean);
}

#[test]
fn letters_that_were_read_as_none_of_the_tables_are_told_by_their_neighbours() {
    let scanned = "To chirc ph(‘)ng chdy, chira chay tai cac co quan.\nCac xa bdo céo Hoi d(‘)ng nhan dan huyén.\n";
    assert_eq!(
        restore(scanned).text,
        "Tổ chức phòng cháy, chữa cháy tại các cơ quan.\nCác xã báo cáo Hội đồng nhân dân huyện.\n"
    );
}

#[test]
fn labels_marks_of_notes_and_measures_are_no_letters() {
    let scanned = "c)[7] Cong khai két qua xir ly.\nngudi su dung dat 120 m2 phai ké khai.\nc) Phong Noi vu.\n";
    assert_eq!(
        restore(scanned).text,
        "c)[7] Công khai kết quả xử lý.\nngười sử dụng đất 120 m2 phải kê khai.\nc) Phòng Nội vụ.\n"
    );
}
