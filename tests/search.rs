//! The index as a reader meets it: what is found, in which order, and that it never depends on how it was built.

use std::path::Path;
use unicode_normalization::UnicodeNormalization;
use vanban::document::{Document, DocumentId};
use vanban::index::{Index, Query, Results, Sort, Validity, WriteOptions};

fn paper(id: &str, text: &str) -> Document {
    let mut document = Document { id: DocumentId(id.into()), ..Document::default() };
    document.source = text.to_owned();
    document.restored.text = text.to_owned();
    document
}

fn numbered(id: &str, number: &str, kind: &str, date: &str, title: &str, text: &str) -> Document {
    let mut document = paper(id, text);
    document.header.number = Some(number.into());
    document.header.kind = Some(kind.into());
    document.header.date = date.parse().ok();
    document.header.title = Some(title.into());
    document.header.issuer = Some("Ban Thường vụ Thành ủy".into());
    document
}

fn options() -> WriteOptions {
    WriteOptions { jobs: 1, memory: 16 << 20, binding: "test".into() }
}

fn open(folder: &Path, documents: &[Document]) -> Index {
    Index::update(None, folder, &[], documents, &options()).unwrap();
    Index::open(folder, Validity::default()).unwrap()
}

fn ask(index: &Index, text: &str) -> Results {
    index.search(&Query::new(text)).unwrap()
}

fn ids(results: &Results) -> Vec<&str> {
    results.hits.iter().map(|hit| hit.card.id.as_str()).collect()
}

/// Ten tiny documents on which other engines lose marks, đ, decomposed letters or numbers.
fn ten() -> Vec<Document> {
    let decomposed = |text: &str| text.nfd().collect::<String>();
    let texts = [
        "đường bộ".to_owned(),
        "dương lịch".to_owned(),
        "duong bo khong dau".to_owned(),
        "Đảng uỷ".to_owned(),
        "Đảng ủy".to_owned(),
        "hoà bình".to_owned(),
        "hòa bình".to_owned(),
        decomposed("đường sắt"),
        decomposed("hòa giải"),
        "Quyết định số 446-QĐ/TU".to_owned(),
    ];
    texts
        .iter()
        .enumerate()
        .map(|(n, text)| {
            let mut document = paper(&n.to_string(), text);
            if text.contains("446") {
                document.header.number = Some("446-QĐ/TU".into());
            }
            document
        })
        .collect()
}

#[test]
fn ten_documents_are_found_as_staff_mean_them() {
    let folder = tempfile::tempdir().unwrap();
    let index = open(folder.path(), &ten());
    // What must be found, and whether it must come first or be all.
    let rows: [(&str, &[&str], bool); 9] = [
        ("duong", &["0", "1", "2", "7"], true),
        ("đường", &["0", "7"], false),
        ("dang uy", &["3", "4"], true),
        ("quyet dinh", &["9"], true),
        ("hòa", &["5", "6", "8"], true),
        ("hoa", &["5", "6", "8"], true),
        ("uỷ", &["3", "4"], true),
        ("446-QĐ/TU", &["9"], true),
        ("446-QD/TU", &["9"], true),
    ];
    for (query, wanted, all) in rows {
        for query in [query.to_owned(), query.nfd().collect()] {
            let results = ask(&index, &query);
            let mut found = ids(&results);
            if !all {
                found.truncate(wanted.len());
            }
            found.sort_unstable();
            assert_eq!(found, wanted, "{query}");
        }
    }
    assert!(ask(&index, "446 qd tu").hits[0].by_number);
}

#[test]
fn a_night_of_changes_answers_like_a_build_from_nothing() {
    let (first, second, fresh) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let text = |n: usize| format!("Điều {n}. Công tác dân vận {} của cấp ủy và chính quyền", "khéo ".repeat(n % 5));
    let all: Vec<Document> = (0..40).map(|n| paper(&format!("{n:02}"), &text(n))).collect();
    let mut changed = all.clone();
    changed[7] = paper("07", "Nội dung mới về dân vận khéo của cấp ủy");
    changed.remove(3);
    Index::update(None, first.path(), &[], &all, &options()).unwrap();
    let removed = [DocumentId("03".into())];
    let written = Index::update(Some(first.path()), second.path(), &removed, [changed[6].clone()], &options()).unwrap();
    assert_eq!((written.documents, written.added, written.removed), (39, 1, 1));
    let updated = Index::open(second.path(), Validity::default()).unwrap();
    let rebuilt = open(fresh.path(), &changed);
    for query in ["dân vận", "dan van kheo", "cấp ủy", "noi dung moi", "dnâ vận", "chính quyền OR mới"] {
        let question = Query { limit: 50, ..Query::new(query) };
        let (one, other) = (updated.search(&question).unwrap(), rebuilt.search(&question).unwrap());
        assert!(!one.hits.is_empty(), "{query}");
        assert_eq!((one.hits, one.total), (other.hits, other.total), "{query}");
    }
    let old = Index::open(first.path(), Validity::default()).unwrap();
    assert_eq!(old.cards().len(), 40);
    assert!(old.check().unwrap().is_empty());
    assert_eq!(updated.binding(), "test");
}

#[test]
fn damaged_and_misspelt_queries_find_the_restored_text() {
    let folder = tempfile::tempdir().unwrap();
    let rules = "Quyết định của Đảng ủy về quy chế làm việc";
    let documents = [
        numbered("a", "446-QĐ/TU", "Quyết định", "2021-11-26", "về quy chế làm việc", rules),
        numbered("b", "23-CT/TU", "Chỉ thị", "2023-01-02", "về dân vận khéo", "Chỉ thị của cấp ủy về công tác dân vận"),
    ];
    let index = open(folder.path(), &documents);
    for query in ["quyét dinh", "ddng uy", "quy ché lam vi6c", "đảgn ủy"] {
        assert_eq!(ids(&ask(&index, query)).first(), Some(&"a"), "{query}");
    }
    assert_eq!(ask(&index, "ddng uy").did_you_mean.as_deref(), Some("đảng ủy"));
    for query in ["qđ 446", "446 QD TU", "446-QĐ/TU", "quyết định 446"] {
        assert_eq!(ids(&ask(&index, query)), ["a"], "{query}");
    }
}

#[test]
fn a_tone_that_was_typed_is_never_corrected_away() {
    let folder = tempfile::tempdir().unwrap();
    let documents = [paper("a", "bàn tin"), paper("b", "bàn tin"), paper("c", "bàn tin"), paper("d", "bản tin")];
    let index = open(folder.path(), &documents);
    assert_eq!(ask(&index, "bảnn tin").did_you_mean.as_deref(), Some("bản tin"));
    assert_eq!(ids(&ask(&index, "bảnn tin")).first(), Some(&"d"));
    assert_eq!(ask(&index, "bãnn tin").did_you_mean, None);
}

#[test]
fn filters_sorting_and_facets_agree() {
    let folder = tempfile::tempdir().unwrap();
    let documents = [
        numbered("a", "1-QĐ/TU", "Quyết định", "2021-11-26", "về dân vận", "Công tác dân vận"),
        numbered("b", "2-CT/TU", "Chỉ thị", "2023-01-02", "về dân vận khéo", "Công tác dân vận khéo"),
        numbered("c", "3-CT/TU", "Chỉ thị", "2019-01-02", "về tôn giáo", "Công tác tôn giáo, dân vận"),
    ];
    let index = open(folder.path(), &documents);
    let by_date = Query { sort: Sort::Date, ..Query::new("dân vận") };
    assert_eq!(ids(&index.search(&by_date).unwrap()), ["b", "a", "c"]);
    assert_eq!(ids(&ask(&index, "loại:chỉ thị năm:2020..2023")), ["b"]);
    assert_eq!(ids(&ask(&index, "dân vận -khéo type:\"Chỉ thị\"")), ["c"]);
    assert_eq!(ids(&ask(&index, "dân vận type:decision")), ["a"]);
    assert_eq!(ids(&ask(&index, "số:1-qd/tu")), ["a"]);
    assert_eq!(ids(&ask(&index, "\"tôn giáo\"")), ["c"]);
    assert_eq!(ids(&ask(&index, "khé*")), ["b"]);
    let results = ask(&index, "dân vận");
    assert_eq!(results.total, 3);
    assert_eq!(results.facets.kinds, [("Chỉ thị".to_owned(), 2), ("Quyết định".to_owned(), 1)]);
    assert_eq!(results.facets.year, [(2023, 1), (2021, 1), (2019, 1)]);
}

#[test]
fn a_title_comes_before_a_text_and_a_row_of_words_before_words_apart() {
    let folder = tempfile::tempdir().unwrap();
    let apart = "Tổ chức thi hành. Các cơ quan sử dụng đất phối hợp thi hành luật về đai an toàn";
    let documents = [
        numbered("apart", "1-QĐ/TU", "Quyết định", "2021-01-01", "về đai an toàn", apart),
        numbered("row", "2-QĐ/TU", "Quyết định", "2021-01-01", "về thuế", "Căn cứ Luật Đất đai, nộp thuế"),
        numbered("long", "3-QĐ/TU", "Quyết định", "2021-01-01", "về thi hành Luật Đất đai tại thành phố", "Thi hành"),
        numbered("title", "45/2013/QH13", "Luật", "2013-11-29", "Đất đai", "Quốc hội ban hành"),
    ];
    let index = open(folder.path(), &documents);
    for query in ["luật đất đai", "luat dat dai"] {
        assert_eq!(ids(&ask(&index, query)), ["title", "long", "row", "apart"], "{query}");
    }
}

#[test]
fn places_are_named_as_they_are_printed() {
    let words = vanban::index::in_words("kem_theo:1/chuong:II/muc:2~2/dieu:5/khoan:2");
    assert_eq!(words, "Văn bản kèm theo › Chương II › Mục 2 › Điều 5 › khoản 2");
}

#[test]
fn each_document_is_shown_with_its_best_places() {
    let folder = tempfile::tempdir().unwrap();
    let text = "Quy chế\nĐiều 1. Dân vận và chính quyền\nCông tác của chính quyền, của dân, vận động.\n\
                Điều 2. Trách nhiệm\nThực hiện công tác dân vận của chính quyền.\n";
    let mut document = numbered("a", "1-QĐ/TU", "Quyết định", "2021-01-01", "Ban hành Quy chế", text);
    document.outline = vanban::outline::parse(text);
    let index = open(folder.path(), &[document]);
    let best = Query { per_document: 1, ..Query::new("cong tac dan van cua chinh quyen") };
    let results = index.search(&best).unwrap();
    let places: Vec<_> = results.hits.iter().map(|hit| hit.path.as_deref()).collect();
    assert_eq!(places, [Some("dieu:2")]);
    assert_eq!(results.total, 1);
}

mod any_query {
    use super::*;
    use proptest::prelude::*;
    use std::sync::OnceLock;

    /// One small index for all cases.
    fn index() -> &'static Index {
        static INDEX: OnceLock<(tempfile::TempDir, Index)> = OnceLock::new();
        let (_, index) = INDEX.get_or_init(|| {
            let folder = tempfile::tempdir().unwrap();
            let index = open(folder.path(), &ten());
            (folder, index)
        });
        index
    }

    fn word() -> impl Strategy<Value = String> {
        prop_oneof![
            Just("đường".to_owned()),
            Just("\"đảng ủy".to_owned()),
            Just("\"".to_owned()),
            Just("OR".to_owned()),
            Just("-".to_owned()),
            Just("-(".to_owned()),
            Just(")".to_owned()),
            Just("năm:".to_owned()),
            Just("năm:2021..".to_owned()),
            Just("điều:5".to_owned()),
            Just("cơ quan:".to_owned()),
            Just("*".to_owned()),
            Just("đ*".to_owned()),
            Just("446-QD/TU".to_owned()),
            Just("9999/2021".to_owned()),
            "\\PC{0,12}",
            "[a-zđêôơư0-9:()\"*-]{0,8}",
        ]
    }

    proptest! {
        #[test]
        fn is_answered(words in prop::collection::vec(word(), 0..8), offset in 0usize..20, by_date: bool) {
            let sort = if by_date { Sort::Date } else { Sort::Relevance };
            let query = Query { offset, sort, ..Query::new(words.join(" ")) };
            let results = index().search(&query).unwrap();
            prop_assert!(results.hits.len() <= query.limit);
            for hit in &results.hits {
                for mark in &hit.snippet.marks {
                    prop_assert!(!mark.of(&hit.snippet.text).is_empty());
                }
            }
            prop_assert_eq!(&results.hits, &index().search(&query).unwrap().hits);
            drop(index().complete(&query.text, 5));
        }
    }
}
