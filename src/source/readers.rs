//! What this machine can read: the readers built in, and those that need an outside program.

use super::Limits;
use super::scan::{self, PDFTOPPM, PDFTOTEXT, SOFFICE, TESSERACT, Tool};

/// One sort of file and whether it can be read here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// The sort of file, for a person.
    pub what: &'static str,
    /// Extensions it usually has; the content decides all the same.
    pub extensions: &'static [&'static str],
    /// The outside programs it needs; none where the reader is built in.
    pub programs: Vec<&'static str>,
    /// Whether everything it needs is installed.
    pub ready: bool,
    /// Debian packages to install, where something is missing; or what would make it better.
    pub install: Option<&'static str>,
}

/// Every reader; looks for the outside programs.
pub fn readers() -> Vec<Reader> {
    let built_in = |what, extensions| Reader { what, extensions, programs: Vec::new(), ready: true, install: None };
    let outside = |what, extensions, tools: &[Tool], package| {
        let ready = tools.iter().all(|tool| tool.find().is_some());
        let programs = tools.iter().map(|tool| tool.program).collect();
        Reader { what, extensions, programs, ready, install: (!ready).then_some(package) }
    };
    let mut readers = vec![
        built_in("plain text, Markdown (UTF-8, UTF-16, TCVN3, VNI, VPS, VISCII, VIQR, windows-1258)", &["txt", "md"]),
        built_in("web page", &["html", "htm", "xhtml"]),
        built_in("Word 2007 and later", &["docx", "docm"]),
        built_in("zip archive of any of these", &["zip"]),
        built_in("mail with attachments", &["eml"]),
        outside("Word 97, RTF, OpenDocument", &["doc", "rtf", "odt"], &[SOFFICE], SOFFICE.package),
        outside("PDF with a text layer", &["pdf"], &[PDFTOTEXT], PDFTOTEXT.package),
        outside(
            "PDF of scanned pages",
            &["pdf"],
            &[PDFTOTEXT, PDFTOPPM, TESSERACT],
            "poppler-utils tesseract-ocr tesseract-ocr-vie",
        ),
        outside("picture of a page", &["png", "jpg", "tif", "webp"], &[TESSERACT], TESSERACT.package),
    ];
    if scan::language(&Limits::default()) != Some("vie") {
        for reader in readers.iter_mut().filter(|reader| reader.ready && reader.programs.contains(&TESSERACT.program)) {
            reader.install = Some("tesseract-ocr-vie");
        }
    }
    readers
}
