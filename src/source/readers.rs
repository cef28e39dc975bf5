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
    /// The Debian packages that bring them.
    pub packages: &'static str,
    /// Whether everything it needs is installed.
    pub ready: bool,
    /// Debian packages to install, where something is missing; or what would make it better.
    pub install: Option<&'static str>,
}

/// Every reader; looks for the outside programs.
pub fn readers() -> Vec<Reader> {
    let built_in = |what, extensions| {
        let (programs, packages) = (Vec::new(), "");
        Reader { what, extensions, programs, packages, ready: true, install: None }
    };
    let outside = |what, extensions, tools: &[Tool], packages| {
        let ready = tools.iter().all(|tool| tool.find().is_some());
        let programs = tools.iter().map(|tool| tool.program).collect();
        Reader { what, extensions, programs, packages, ready, install: (!ready).then_some(packages) }
    };
    let mut readers = vec![
        built_in(
            "plain text, Markdown (UTF-8, UTF-16, TCVN3, VNI, VPS, VISCII, VIQR, windows-1258)",
            &["txt", "text", "md", "markdown"],
        ),
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
        outside(
            "picture of a page; TIFF of several",
            &["png", "jpg", "jpeg", "tif", "tiff", "bmp", "webp"],
            &[TESSERACT],
            TESSERACT.package,
        ),
    ];
    if scan::language(&Limits::default()) != Some("vie") {
        for reader in readers.iter_mut().filter(|reader| reader.ready && reader.programs.contains(&TESSERACT.program)) {
            reader.install = Some("tesseract-ocr-vie");
        }
    }
    readers
}

#[cfg(test)]
mod tests {
    use super::super::is_candidate;
    use super::*;

    #[test]
    fn every_extension_that_is_opened_is_listed_and_no_other() {
        let listed: Vec<&str> = readers().iter().flat_map(|reader| reader.extensions).copied().collect();
        assert!(listed.iter().all(|extension| is_candidate(&format!("a.{extension}"))), "{listed:?}");
        let opened = super::super::sniff::EXTENSIONS;
        assert!(opened.iter().all(|extension| listed.contains(extension)), "{listed:?}");
    }
}
