//! Real files of real producers through `source::read`: Word, LibreOffice, pandoc, poppler, tesseract,
//! img2pdf, iconv and recode. Readers that need an outside program are skipped where it is missing.

use assert_cmd::Command;
use std::io::Write;
use std::path::{Path, PathBuf};
use vanban::source::{Decoded, Limits, Part, Refused, read, readers};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats").join(name)
}

fn parts(name: &str) -> Vec<Part> {
    let bytes = std::fs::read(fixture(name)).unwrap();
    read(name, &bytes, &Limits::default()).unwrap_or_else(|refused| panic!("{name}: {refused:?}"))
}

fn only(name: &str) -> Decoded {
    let mut parts = parts(name);
    assert_eq!(parts.len(), 1, "{name}");
    parts.pop().unwrap().content.unwrap()
}

/// Whether every program that a file of this extension may need is there.
fn is_ready(extension: &str) -> bool {
    let ready = readers().iter().filter(|reader| reader.extensions.contains(&extension)).all(|reader| reader.ready);
    if !ready {
        println!("skipped: nothing here reads .{extension}; see `vanban formats`");
    }
    ready
}

/// The lines stand in the text in this order, blanks aside.
fn check(decoded: &Decoded, lines: &[&str]) {
    let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = squeeze(&decoded.text);
    let mut at = 0;
    for line in lines {
        let line = squeeze(line);
        let found = text[at..].find(&line);
        let place = found.unwrap_or_else(|| panic!("{line:?} is not in its place in\n{}", decoded.text));
        at += place + line.chars().next().map_or(0, char::len_utf8);
    }
}

#[test]
fn every_encoding_of_one_paper_gives_the_same_text() {
    let plain = only("encodings/plain.txt").text;
    for (name, encoding) in [
        ("tcvn3", "tcvn3"),
        ("tcvn3-saved-as-utf-8", "utf-8/tcvn3"),
        ("tcvn5712-1", "tcvn3"),
        ("vni-saved-as-utf-8", "utf-8/vni"),
        ("utf-8-thrice", "utf-8/utf-8/utf-8"),
        ("viscii", "viscii"),
        ("vps", "vps"),
        ("vni", "vni"),
        ("viqr", "viqr"),
        ("windows-1258", "windows-1258"),
        ("utf-16", "utf-16le"),
        ("nfd", "utf-8"),
        ("utf-8-twice", "utf-8/utf-8"),
    ] {
        let decoded = only(&format!("encodings/{name}.txt"));
        assert_eq!(decoded.encoding, encoding);
        let differing =
            plain.split_whitespace().zip(decoded.text.split_whitespace()).filter(|(one, other)| one != other);
        // TCVN3 has no capital toned vowels; VIQR writes a full stop as it writes a tone.
        let allowed = if name.starts_with("tcvn3") || name == "viqr" { 6 } else { 0 };
        assert!(differing.clone().count() <= allowed, "{name}: {:?}", differing.collect::<Vec<_>>());
        assert_eq!(plain.split_whitespace().count(), decoded.text.split_whitespace().count(), "{name}");
    }
}

#[test]
fn a_paragraph_in_another_encoding_is_mended_alone() {
    let (plain, mixed) = (only("encodings/plain.txt"), only("encodings/mixed.txt"));
    assert_eq!(mixed.encoding, "utf-8+utf-8/tcvn3");
    let differing =
        plain.text.lines().zip(mixed.text.lines()).filter(|(one, other)| one.to_lowercase() != other.to_lowercase());
    assert_eq!(differing.count(), 0, "{}", mixed.text);
    assert!(mixed.defects.iter().any(|defect| defect.kind == "encoding" && defect.line > 1));
}

#[test]
fn word_numbers_changes_tables_and_boxes_are_read() {
    let decoded = only("numbered.docx");
    check(
        &decoded,
        &[
            "TỈNH ỦY SÔNG THAO ĐẢNG CỘNG SẢN VIỆT NAM",
            "Số 438-QĐ/TU Phong Châu, ngày 15 tháng 12 năm 2021",
            "Chương I QUY ĐỊNH CHUNG",
            "Điều 1. Phạm vi điều chỉnh",
            "2. Quy chế này áp dụng đối với:",
            "a) Tỉnh ủy, các ban đảng;",
            "b) Ủy ban nhân dân các cấp.",
            "Điều 2. Nguyên tắc 1. Dân là gốc.",
            "Chương II",
            "Điều 3. Quy chế này thay thế Quyết định số 1265-QĐ/TU, ngày 20/9/2010 của Ban Thường vụ Tỉnh ủy.",
            "NƠI NHẬN",
            "1 | Quyết định số 742-QĐ/TU | 22/01/2008",
            "Chữ trong hộp",
        ],
    );
    assert!(
        !decoded.text.contains("999-QĐ/TU") && !decoded.text.contains("bản nháp") && !decoded.text.contains("Trang 1")
    );
    assert_eq!(decoded.text.matches("Chữ trong hộp").count(), 1);
}

#[test]
fn abc_fonts_inside_word_are_read_as_their_letters() {
    let lines = [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Ủy ban nhân dân tỉnh Sông Thao quyết định như sau:",
        "Điều 1. Phê duyệt quy hoạch",
    ];
    check(&only("vntime.docx"), &lines);
}

#[test]
fn documents_of_other_producers_are_read() {
    let thien_tai = ["CHỈ THỊ", "phòng, chống thiên tai", "Nơi nhận"];
    check(&only("libreoffice.docx"), &thien_tai);
    check(&only("pandoc.docx"), &["QUYẾT ĐỊNH"]);
    check(&only("pandoc.html"), &thien_tai);
    if is_ready("doc") {
        for name in ["word97.doc", "libreoffice.rtf", "libreoffice.odt"] {
            check(&only(name), &["QUYẾT ĐỊNH", "Điều 1", "Điều 2", "Nơi nhận"]);
        }
    }
}

/// Numbers of lists, a footnote, a tracked change, a ruled table, a text box, page breaks and running
/// heads, written by LibreOffice into every format it has.
#[test]
fn features_come_through_from_every_format() {
    let lines = [
        "TỈNH ỦY SÔNG THAO ĐẢNG CỘNG SẢN VIỆT NAM",
        "Số 438-QĐ/TU Phong Châu, ngày 15 tháng 12 năm 2021",
        "Chương I QUY ĐỊNH CHUNG",
        "Điều 1. Phạm vi điều chỉnh",
        "1. Quy chế này quy định trách nhiệm của các cấp ủy[1] trong công tác dân vận.",
        "2. Quy chế này áp dụng đối với:",
        "a) Tỉnh ủy, các ban đảng;",
        "b) Ủy ban nhân dân các cấp.",
        "Điều 2. Nguyên tắc",
        "Chương II TỔ CHỨC THỰC HIỆN",
        "Điều 1. Thay thế Quyết định số 1265-QĐ/TU, ngày 20/9/2010 của Ban Thường vụ Tỉnh ủy.",
        "Danh mục văn bản hết hiệu lực:",
        "TT | Tên văn bản | Ngày 1 | Quyết định số 742-QĐ/TU | 22/01/2008",
        "Đoạn sau bảng. Chữ trong hộp",
        "Nơi nhận: như Điều 3.",
        "[1] Gồm cấp ủy cấp tỉnh, cấp huyện và cấp xã.",
    ];
    for name in ["features.docx", "features.doc", "features.odt"] {
        if !is_ready(name.rsplit('.').next().unwrap()) {
            continue;
        }
        let decoded = only(name);
        check(&decoded, &lines);
        for absent in ["Công báo", "Trang", "bản dự thảo"] {
            assert!(!decoded.text.contains(absent), "{name}: {absent}\n{}", decoded.text);
        }
        let pages: Vec<&str> = decoded.text.split('\u{0C}').map(|page| page.lines().next().unwrap_or("")).collect();
        assert_eq!(pages[1..], ["Danh mục văn bản hết hiệu lực:", "Nơi nhận: như Điều 3."], "{name}");
    }
    let page = only("libreoffice.html");
    check(
        &page,
        &[
            "TỈNH ỦY SÔNG THAO ĐẢNG CỘNG SẢN VIỆT NAM",
            "I. QUY ĐỊNH CHUNG",
            "1. Phạm vi điều chỉnh",
            "các cấp ủy[1] trong công tác",
            "a. Tỉnh ủy, các ban đảng;",
            "1 | Quyết định số 742-QĐ/TU | 22/01/2008",
            "[1] Gồm cấp ủy",
        ],
    );
    assert!(!page.text.contains("Công báo") && !page.text.contains("Trang 3"), "{}", page.text);
    if is_ready("pdf") {
        let decoded = only("features.pdf");
        check(
            &decoded,
            &["Chương I QUY ĐỊNH CHUNG", "Điều 1. Phạm vi", "1 Quyết định số 742-QĐ/TU 22/01/2008", "Nơi nhận"],
        );
        assert_eq!(decoded.pages, Some((1, 3)));
        assert!(!decoded.text.contains("Công báo") && !decoded.text.contains("Trang"), "{}", decoded.text);
    }
}

#[test]
fn notes_lists_and_tables_of_pandoc_are_read() {
    let rows = ["STT | Tên văn bản | Số", "1 | Quyết định về quy chế tiếp công dân | 126-QĐ/TU"];
    let notes = ["[1] Theo Quy chế làm việc", "[2] Đã được thay thế bởi Quyết định số 438-QĐ/TU"];
    for name in ["notes.docx", "notes.html"] {
        let decoded = only(name);
        check(&decoded, &rows);
        check(&decoded, &["1. Tỉnh ủy lãnh đạo[1] công tác này", "2. Ban Dân vận tham mưu", "126-QĐ/TU[2]."]);
        check(&decoded, &notes);
        assert!(!decoded.text.contains('↩'));
    }
    check(&only("notes.md"), &["| 2 | Quy định chế độ thông tin | 387-QĐ/TU |", "1. Tỉnh ủy lãnh đạo[^1]"]);
}

#[test]
fn archives_and_mails_give_their_documents() {
    let found = parts("papers.zip");
    let suffixes: Vec<&str> = found.iter().map(|part| part.suffix.as_str()).collect();
    assert_eq!(suffixes, ["!/2021/quy chế.docx", "!/2022/đính chính.txt", "!/../evil.txt"]);
    assert!(found[0].content.is_ok() && found[1].content.is_ok());
    assert_eq!(found[2].content.as_ref().unwrap_err().reason, "unsafe");
    let found = parts("mail.eml");
    let suffixes: Vec<&str> = found.iter().map(|part| part.suffix.as_str()).collect();
    assert_eq!(suffixes, ["", "!/quy chế.docx"]);
}

fn pages(part: &Part) -> Option<(usize, usize)> {
    part.content.as_ref().unwrap().pages
}

#[test]
fn a_text_layer_gives_pages_and_a_bundle_comes_apart() {
    if !is_ready("pdf") {
        return;
    }
    let found = parts("libreoffice.pdf");
    assert_eq!(pages(&found[0]), Some((1, 2)));
    check(found[0].content.as_ref().unwrap(), &["CHỈ THỊ", "phòng, chống thiên tai", "Nơi nhận"]);
    let found = parts("bundle.pdf");
    let places: Vec<_> = found.iter().map(|part| (part.suffix.as_str(), pages(part))).collect();
    assert_eq!(places, [("#p1-2", Some((1, 2))), ("#p3-3", Some((3, 3)))]);
    check(found[0].content.as_ref().unwrap(), &["QUYẾT ĐỊNH"]);
    check(found[1].content.as_ref().unwrap(), &["đính chính văn bản"]);
}

#[test]
fn scans_are_read_and_a_bad_layer_is_read_anew() {
    if !is_ready("pdf") || !is_ready("png") {
        return;
    }
    let cache = tempfile::tempdir().unwrap();
    // A busy machine is no fault of the page.
    let page_time = std::time::Duration::from_secs(600);
    let limits = Limits { scan_cache: Some(cache.path().to_owned()), page_time, ..Limits::default() };
    let scanned = |name: &str| {
        let bytes = std::fs::read(fixture(name)).unwrap();
        read(name, &bytes, &limits).unwrap().remove(0).content.unwrap()
    };
    for name in ["scanned.pdf", "page.jpg", "page.tif", "page.png"] {
        assert!(scanned(name).text.contains("Sông Thao") || scanned(name).text.contains("2022"), "{name}");
    }
    // What was read once is kept by the hash of its picture.
    assert!(std::fs::read_dir(cache.path()).unwrap().count() >= 3);
    let whole = scanned("pages.tif");
    assert_eq!((whole.pages, whole.text.matches('\u{0C}').count()), (Some((1, 2)), 1));
    let speaks = |page: &str| page.to_lowercase().contains("sông thao") || page.contains("2022");
    assert!(whole.text.split('\u{0C}').all(speaks), "{}", whole.text);
    let kept = |page: &str| {
        let names = std::fs::read_dir(cache.path()).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().contains(page)).count()
    };
    assert_eq!([kept(".1."), kept(".2.")], [1, 1]);
    let anew = scanned("badlayer.pdf");
    let vietnamese = readers().iter().all(|reader| reader.install.is_none());
    if vietnamese {
        assert_eq!(anew.encoding, "pdf-scan");
        assert!(anew.text.contains("đính chính"), "{}", anew.text);
    }
    assert!(anew.defects.iter().any(|defect| defect.note.contains("damaged")), "{:?}", anew.defects);
}

#[test]
fn switched_off_scans_are_refused_with_a_reason() {
    let limits = Limits { scan: false, ..Limits::default() };
    let bytes = std::fs::read(fixture("page.jpg")).unwrap();
    assert_eq!(read("page.jpg", &bytes, &limits).unwrap_err().reason, "scan");
}

fn zip_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn refused(name: &str, bytes: &[u8]) -> Refused {
    let found = read(name, bytes, &Limits { unpacked_bytes: 1 << 20, ..Limits::default() });
    found.and_then(|mut parts| parts.remove(0).content.map(|decoded| panic!("{:.80}", decoded.text))).unwrap_err()
}

#[test]
fn bombs_end_at_the_limit() {
    let bomb = zip_of(&[("a.txt", &vec![b'a'; 4 << 20])]);
    assert_eq!(refused("bomb.zip", &bomb).reason, "limit");
    let mut nested = zip_of(&[("a.txt", "Ủy ban nhân dân".as_bytes())]);
    for _ in 0..6 {
        nested = zip_of(&[("inner.zip", &nested)]);
    }
    assert_eq!(refused("nested.zip", &nested).reason, "limit");
    let document = zip_of(&[("word/document.xml", &vec![b' '; 4 << 20])]);
    assert_eq!(refused("bomb.docx", &document).reason, "limit");
}

#[test]
fn entities_of_a_document_fetch_nothing() {
    let xml = r#"<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "&a;&a;&a;">]>
        <w:document xmlns:w="w"><w:body><w:p><w:r><w:t>Điều 1 &b;&a;&amp;.</w:t></w:r></w:p></w:body></w:document>"#;
    let found = read("xxe.docx", &zip_of(&[("word/document.xml", xml.as_bytes())]), &Limits::default()).unwrap();
    assert_eq!(found[0].content.as_ref().unwrap().text, "Điều 1 &.\n");
}

#[test]
fn depth_costs_nothing() {
    let page = format!("{}Điều 1{}", "<div><table><tr><td>".repeat(50_000), "</td></tr></table></div>".repeat(50_000));
    let found = read("deep.html", page.as_bytes(), &Limits::default()).unwrap();
    assert!(found[0].content.as_ref().unwrap().text.contains("Điều 1"));
    let xml = format!("<w:body>{}<w:p><w:r><w:t>Điều 1</w:t></w:r></w:p>", "<w:tbl><w:tr><w:tc>".repeat(50_000));
    let found = read("deep.docx", &zip_of(&[("word/document.xml", xml.as_bytes())]), &Limits::default()).unwrap();
    let decoded = found[0].content.as_ref().unwrap();
    assert!(decoded.text.contains("Điều 1") && decoded.defects.iter().any(|defect| defect.kind == "malformed"));
}

/// Plain text of the papers of a folder beside the project.
fn papers(folder: &str, suffix: &str) -> Vec<(String, String)> {
    let Ok(entries) = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)) else {
        println!("skipped: {folder} is not there");
        return Vec::new();
    };
    let mut papers: Vec<(String, String)> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(suffix))
        .map(|path| (path.display().to_string(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    papers.sort();
    papers
}

fn n_parts(text: &str) -> usize {
    read("a.txt", text.as_bytes(), &Limits::default()).map_or(0, |parts| parts.len())
}

#[test]
fn one_paper_stays_one_and_two_come_apart() {
    let mut folders = vec![("../shared/archive".to_owned(), ".txt"), ("../shared/archive_ocr".to_owned(), ".ocr.txt")];
    if let (Some(_), Ok(folder)) = (std::env::var_os("VANBAN_SLOW"), std::env::var("VANBAN_CLEAN_DOCUMENTS")) {
        folders.push((folder, ".txt"));
    }
    for (folder, suffix) in folders {
        let papers = papers(&folder, suffix);
        let torn: Vec<&str> =
            papers.iter().filter(|(_, text)| n_parts(text) > 1).map(|(path, _)| path.as_str()).collect();
        println!("{folder}: {} of {} papers were torn: {torn:?}", torn.len(), papers.len());
        assert!(torn.len() * 500 <= papers.len(), "{torn:?}");
        if folder.contains("shared") {
            let pairs: Vec<_> = papers.windows(2).collect();
            let apart = pairs.iter().filter(|pair| n_parts(&format!("{}\u{0C}{}", pair[0].1, pair[1].1)) == 2).count();
            println!("{folder}: {apart} of {} bundles of two came apart", pairs.len());
            // Papers whose number the engine lost, and those without any, cannot be told from an annex.
            assert!(apart * 100 >= pairs.len() * 92, "{apart} of {}", pairs.len());
        }
    }
}

/// A PDF of so many pages without anything on them.
fn pdf_of(n_pages: usize) -> Vec<u8> {
    let mut pdf = b"%PDF-1.4\n".to_vec();
    let mut offsets = Vec::new();
    let kids: String = (0..n_pages).map(|n| format!("{} 0 R ", n + 3)).collect();
    let mut object = |body: String| {
        offsets.push(pdf.len());
        pdf.extend(format!("{} 0 obj {body} endobj\n", offsets.len()).bytes());
    };
    object("<</Type/Catalog/Pages 2 0 R>>".into());
    object(format!("<</Type/Pages/Count {n_pages}/Kids[{kids}]/MediaBox[0 0 595 842]>>"));
    (0..n_pages).for_each(|_| object("<</Type/Page/Parent 2 0 R>>".into()));
    let at = pdf.len();
    let entries: String = offsets.iter().map(|at| format!("{at:010} 00000 n \n")).collect();
    let n = offsets.len() + 1;
    pdf.extend(
        format!("xref\n0 {n}\n0000000000 65535 f \n{entries}trailer<</Size {n}/Root 1 0 R>>\nstartxref\n{at}\n%%EOF\n")
            .bytes(),
    );
    pdf
}

#[test]
fn a_file_of_ten_thousand_pages_is_set_aside() {
    if !is_ready("pdf") {
        return;
    }
    let refused = refused("a.pdf", &pdf_of(10_000));
    assert_eq!(refused.reason, "limit");
    assert!(refused.message.contains("2000 pages") && refused.message.contains("split it"), "{}", refused.message);
}

/// The program under a ceiling on its memory.
fn within_memory(kilobytes: usize, file: &Path) -> assert_cmd::assert::Assert {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(format!("ulimit -v {kilobytes}; exec \"$@\"")).arg("sh");
    command.arg(env!("CARGO_BIN_EXE_vanban")).arg("extract").arg(file).assert()
}

#[test]
fn hostile_files_cost_bounded_memory_and_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let zeros = vec![b' '; 100 << 20];
    let lines = vec![b'\n'; 60 << 20];
    let wide = format!("<table><tr><td>{}<td>{}</table>", "a".repeat(1 << 20), "b<br>".repeat(1 << 18));
    let deep = "Content-Type: message/rfc822\n\n".repeat(20_000);
    let parts =
        (0..5_000).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n")).collect::<String>();
    let cells = format!("<w:body>{}", "<w:tbl><w:tr><w:tc><w:p/>".repeat(1 << 20));
    let notes = "<w:p><w:footnoteReference w:id=\"1\"/></w:p>".repeat(1 << 16);
    let note = format!("<w:footnote w:id=\"1\"><w:t>{}</w:t></w:footnote>", "a".repeat(1 << 20));
    let list = format!("<w:numbering>{}", "<a>".repeat(1 << 22));
    let documents: [(&str, Vec<u8>, bool); 9] = [
        ("spaces.zip", zip_of(&[("a.txt", &zeros)]), false),
        ("spaces.docx", zip_of(&[("word/document.xml", &zeros)]), false),
        ("lines.zip", zip_of(&[("a.txt", &lines)]), false),
        ("wide.html", wide.into_bytes(), true),
        ("deep.eml", deep.into_bytes(), false),
        ("parts.eml", parts.into_bytes(), false),
        ("cells.docx", zip_of(&[("word/document.xml", cells.as_bytes())]), false),
        (
            "notes.docx",
            zip_of(&[("word/document.xml", notes.as_bytes()), ("word/footnotes.xml", note.as_bytes())]),
            true,
        ),
        ("list.docx", zip_of(&[("word/document.xml", b"<w:p/>"), ("word/numbering.xml", list.as_bytes())]), false),
    ];
    for (name, bytes, is_read) in documents {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        let said = within_memory(2 << 20, &file).code(if is_read { 0 } else { 3 });
        let said = String::from_utf8_lossy(&said.get_output().stderr).into_owned();
        assert_eq!(said.lines().count(), usize::from(!is_read), "{name}: {said}");
        assert!(is_read || said.contains(name), "{name}: {said}");
    }
}

/// A folder of programs: these and what a shell needs.
fn programs(wanted: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = std::env::var_os("PATH").unwrap();
    for program in wanted.iter().chain(&["sh", "kill"]) {
        let found = std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file());
        if let Some(found) = found {
            std::os::unix::fs::symlink(found, folder.path().join(program)).unwrap();
        }
    }
    folder
}

#[test]
fn a_missing_program_is_named_with_its_package() {
    let extract = |programs: &Path, name: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vanban"));
        let said = command.env("PATH", programs).arg("extract").arg(fixture(name)).assert().code(3);
        String::from_utf8_lossy(&said.get_output().stderr).into_owned()
    };
    let none = programs(&[]);
    for (name, package) in [
        ("page.jpg", "apt install tesseract-ocr tesseract-ocr-vie"),
        ("features.pdf", "apt install poppler-utils"),
        ("features.doc", "apt install libreoffice-writer-nogui"),
    ] {
        let said = extract(none.path(), name);
        assert!(said.contains(package) && said.contains(name) && said.lines().count() == 1, "{said}");
    }
    let poppler = programs(&["pdftotext", "pdftoppm"]);
    if is_ready("pdf") {
        let said = extract(poppler.path(), "scanned.pdf");
        assert!(said.contains("apt install tesseract-ocr tesseract-ocr-vie"), "{said}");
    }
}

/// A night over `papers`, with these programs; gives its report.
fn night(papers: &Path, store: &Path, programs: Option<&Path>) -> serde_json::Value {
    let report = store.with_extension("json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_vanban"));
    if let Some(programs) = programs {
        command.env("PATH", programs);
    }
    command.args(["reindex", "--store"]).arg(store).arg("--report").arg(&report).arg(papers).assert().success();
    serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap()
}

#[test]
fn the_report_offers_to_read_anew_what_is_held_as_pictures() {
    if !is_ready("pdf") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let papers = folder.path().join("papers");
    std::fs::create_dir(&papers).unwrap();
    std::fs::copy(fixture("badlayer.pdf"), papers.join("layer.pdf")).unwrap();
    std::fs::copy(fixture("libreoffice.pdf"), papers.join("text.pdf")).unwrap();
    let damaged =
        "Uy ban nhén dan tinh quy dinh ché dd thong tin béo cdo cla c4c cp uy td chirc dang trurc thudc\n".repeat(20);
    std::fs::write(papers.join("text.txt"), damaged).unwrap();
    let poppler = programs(&["pdftotext", "pdftoppm"]);
    let report = night(&papers, &folder.path().join("store"), Some(poppler.path()));
    let offered: Vec<(String, String)> = serde_json::from_value(report["rescan"].clone()).unwrap();
    let ids: Vec<&str> = offered.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["layer.pdf", "text.txt"]);
    assert!(offered[0].1.contains("apt install tesseract-ocr") && offered[1].1.contains("text.pdf"), "{offered:?}");
}

#[test]
fn a_citation_names_the_page_and_line_it_is_printed_on() {
    if !is_ready("pdf") {
        return;
    }
    let extracted =
        Command::new(env!("CARGO_BIN_EXE_vanban")).arg("extract").arg(fixture("features.pdf")).assert().success();
    let record: serde_json::Value = serde_json::from_slice(&extracted.get_output().stdout).unwrap();
    assert_eq!(record["pages"], serde_json::json!([1, 3]));
    let places: Vec<(u64, u64)> = record["citations"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|citation| citation["number"] == "742-QĐ/TU" || citation["number"] == "1265-QĐ/TU")
        .map(|citation| (citation["page"].as_u64().unwrap(), citation["line"].as_u64().unwrap()))
        .collect();
    assert_eq!(places, [(1, 14), (2, 3)]);

    let folder = tempfile::tempdir().unwrap();
    let papers = folder.path().join("papers");
    std::fs::create_dir(&papers).unwrap();
    std::fs::copy(fixture("features.pdf"), papers.join("a.pdf")).unwrap();
    let store = folder.path().join("store");
    night(&papers, &store, None);
    let mut show = Command::new(env!("CARGO_BIN_EXE_vanban"));
    let shown = show.args(["show", "438-QĐ/TU", "--path", "dieu:2", "--store"]).arg(&store).assert().success();
    let said = String::from_utf8_lossy(&shown.get_output().stderr).into_owned();
    assert!(said.contains("printed on page 1, line 12 of a.pdf"), "{said}");
}

#[test]
fn the_readme_lists_what_is_read() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let listed: Vec<&str> = readme.lines().skip_while(|line| *line != "| what | files | with |").skip(2).collect();
    let listed: Vec<&str> = listed.into_iter().take_while(|line| line.starts_with('|')).collect();
    let rows: Vec<String> = readers()
        .iter()
        .map(|reader| {
            let files: Vec<String> = reader.extensions.iter().map(|extension| format!(".{extension}")).collect();
            let with = match reader.packages {
                "" => "built in".to_owned(),
                packages => format!("`apt install {packages}`"),
            };
            format!("| {} | {} | {with} |", reader.what, files.join(" "))
        })
        .collect();
    assert_eq!(listed, rows);
    let formats = Command::new(env!("CARGO_BIN_EXE_vanban")).arg("formats").assert().success();
    let said = String::from_utf8_lossy(&formats.get_output().stdout).into_owned();
    assert!(readers().iter().all(|reader| said.contains(reader.what)), "{said}");
}
