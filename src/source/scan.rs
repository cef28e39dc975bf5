//! Outside programs: the text layer of PDF, pictures of pages, old office formats.
//!
//! The one place of the reading stage that touches the world. Programs get their input in a pipe or
//! a private folder, run under limits of memory, processor and wall-clock time, and are killed with
//! their children when these end. What is not installed is named with its package.

mod tiff;
mod tool;

use super::{Limits, Refused};
use crate::text::Defect;
use rayon::prelude::*;
use std::path::PathBuf;
use std::time::{Duration, Instant};
pub(crate) use tool::{Outcome, Tool};

/// One outside program and the Debian package that brings it.
pub(crate) const PDFTOTEXT: Tool =
    Tool { program: "pdftotext", package: "poppler-utils", does: "the text layer of PDF" };
pub(crate) const PDFTOPPM: Tool = Tool { program: "pdftoppm", package: "poppler-utils", does: "pictures of PDF pages" };
pub(crate) const TESSERACT: Tool =
    Tool { program: "tesseract", package: "tesseract-ocr tesseract-ocr-vie", does: "pages that are pictures" };
pub(crate) const SOFFICE: Tool =
    Tool { program: "soffice", package: "libreoffice-writer-nogui", does: "old office documents" };

/// Resolution at which PDF pages are drawn for the OCR engine, in dots per inch.
const RESOLUTION: &str = "300";

/// Time left to the outside programs of one file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    pub(crate) fn of(limits: &Limits) -> Deadline {
        Deadline(Instant::now() + limits.file_time)
    }

    fn for_page(self, limits: &Limits) -> Duration {
        limits.page_time.min(self.0.saturating_duration_since(Instant::now()))
    }
}

/// The text layer of a PDF, pages divided by form feeds.
pub(crate) fn pdf_text(bytes: &[u8], limits: &Limits, deadline: Deadline) -> Result<String, Refused> {
    let pages = (limits.pages + 1).to_string();
    let arguments = ["-q", "-layout", "-enc", "UTF-8", "-l", &pages, "-", "-"];
    let time = deadline.for_page(limits).max(Duration::from_secs(1));
    match PDFTOTEXT.run(&arguments, bytes, time, limits)? {
        Outcome::Done(text) => Ok(String::from_utf8_lossy(&text).into_owned()),
        Outcome::TimedOut => Err(limit("its text layer took too long to read")),
        Outcome::Failed(said) if said.contains("Incorrect password") => {
            Err(Refused { reason: "encrypted", message: "the PDF has a password; save it without one".into() })
        }
        Outcome::Failed(said) => Err(malformed(&format!("pdftotext says: {said}"))),
    }
}

/// The picture of one page of a PDF, counted from 1.
pub(crate) fn pdf_picture(bytes: &[u8], page: usize, limits: &Limits, deadline: Deadline) -> Result<Vec<u8>, Refused> {
    let page = page.to_string();
    let arguments = ["-q", "-r", RESOLUTION, "-gray", "-png", "-f", &page, "-l", &page, "-"];
    match PDFTOPPM.run(&arguments, bytes, deadline.for_page(limits), limits)? {
        Outcome::Done(picture) => Ok(picture),
        Outcome::TimedOut => Err(limit("a page took too long to draw")),
        Outcome::Failed(said) => Err(malformed(&format!("pdftoppm says: {said}"))),
    }
}

/// What the OCR engine reads in one picture, from the cache where it was read before.
///
/// Vietnamese where its model is installed, else English, which the restoration repairs.
pub(crate) fn picture_text(picture: &[u8], limits: &Limits, deadline: Deadline) -> Result<String, Refused> {
    read_picture(picture, None, limits, deadline)
}

/// The text of every picture in a file, divided by form feeds: a TIFF may hold a whole paper.
pub(crate) fn pictures_text(
    file: &[u8],
    limits: &Limits,
    deadline: Deadline,
) -> Result<(String, Vec<Defect>), Refused> {
    let n_pages = tiff::n_pages(file, limits.pages + 1);
    if n_pages > limits.pages {
        return Err(too_many_pages(limits));
    }
    let defect = |note: String| Defect { kind: "scan".into(), line: 0, note };
    let mut defects: Vec<Defect> = without_vietnamese(limits).into_iter().collect();
    if n_pages < 2 {
        let text = read_picture(file, None, limits, deadline)?;
        return Ok((text.trim_end_matches('\u{0C}').to_owned(), defects));
    }
    let read: Vec<Result<String, Refused>> =
        (0..n_pages).into_par_iter().map(|page| read_picture(file, Some(page), limits, deadline)).collect();
    let mut pages = Vec::with_capacity(n_pages);
    let mut refused = None;
    for (n, read) in read.into_iter().enumerate() {
        pages.push(match read {
            Ok(text) => text.trim_end_matches('\u{0C}').to_owned(),
            Err(why) => {
                defects.push(defect(format!("page {} was not read: {}", n + 1, why.message)));
                refused = Some(why);
                String::new()
            }
        });
    }
    match refused {
        Some(why) if pages.iter().all(String::is_empty) => Err(why),
        _ => Ok((pages.join("\u{0C}"), defects)),
    }
}

/// That pages were read without the Vietnamese model, where it is missing.
pub(crate) fn without_vietnamese(limits: &Limits) -> Option<Defect> {
    let note = "read without the Vietnamese model; apt install tesseract-ocr-vie, then read it anew";
    (language(limits) == Some("eng")).then(|| Defect { kind: RESCAN.into(), line: 0, note: note.into() })
}

/// The sort of defect that reading the pictures of a file anew would mend.
pub const RESCAN: &str = "rescan";

/// A file of more pages than are allowed.
pub(crate) fn too_many_pages(limits: &Limits) -> Refused {
    let message = format!("more than the {} pages allowed; split it, as with `qpdf --split-pages=500`", limits.pages);
    Refused { reason: "limit", message }
}

/// One picture, or one of several in a file.
fn read_picture(picture: &[u8], page: Option<usize>, limits: &Limits, deadline: Deadline) -> Result<String, Refused> {
    let language = language(limits).ok_or_else(|| TESSERACT.missing())?;
    let kept = limits.scan_cache.as_ref().map(|folder| {
        let hash = blake3::hash(picture).to_hex();
        let page = page.map(|page| format!(".{}", page + 1)).unwrap_or_default();
        folder.join(format!("{hash}{page}.{language}.txt"))
    });
    if let Some(text) = kept.as_ref().and_then(|path| std::fs::read_to_string(path).ok()) {
        return Ok(text);
    }
    let which = format!("tessedit_page_number={}", page.unwrap_or(0));
    let arguments = ["stdin", "stdout", "-l", language, "--psm", "4", "-c", &which];
    let arguments = if page.is_some() { &arguments[..] } else { &arguments[..6] };
    match TESSERACT.run(arguments, picture, deadline.for_page(limits), limits)? {
        Outcome::Done(text) => {
            let text = String::from_utf8_lossy(&text).into_owned();
            if let Some(path) = kept {
                keep(&path, &text);
            }
            Ok(text)
        }
        Outcome::TimedOut => Err(limit("a page took too long to read")),
        Outcome::Failed(said) => Err(malformed(&format!("tesseract says: {said}"))),
    }
}

/// A cache that cannot be written costs time the next night and nothing else.
fn keep(path: &PathBuf, text: &str) {
    let Some(folder) = path.parent() else { return };
    let _ = std::fs::create_dir_all(folder);
    if let Ok(mut file) = tempfile::NamedTempFile::new_in(folder) {
        use std::io::Write;
        if file.write_all(text.as_bytes()).is_ok() {
            let _ = file.persist(path);
        }
    }
}

/// The model the OCR engine reads with: `vie`, else `eng`; none where the engine is missing.
pub(crate) fn language(limits: &Limits) -> Option<&'static str> {
    static LANGUAGE: std::sync::OnceLock<Option<&'static str>> = std::sync::OnceLock::new();
    *LANGUAGE.get_or_init(|| {
        let listed = TESSERACT.run(&["--list-langs"], b"", Duration::from_secs(10), limits);
        let Ok(Outcome::Done(listed)) = listed else { return None };
        let listed = String::from_utf8_lossy(&listed).into_owned();
        ["vie", "eng"].into_iter().find(|language| listed.lines().any(|line| line.trim() == *language))
    })
}

/// An old office document as `.docx`.
pub(crate) fn to_docx(name: &str, bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, Refused> {
    SOFFICE.find().ok_or_else(|| SOFFICE.missing())?;
    let world = |error: std::io::Error| Refused {
        reason: "world",
        message: format!("no temporary folder ({error}); free some space or set TMPDIR"),
    };
    let folder = tempfile::tempdir().map_err(world)?;
    let extension = match super::sniff::extension(name).as_str() {
        known @ ("doc" | "rtf" | "odt" | "dot") => known.to_owned(),
        _ if bytes.starts_with(b"{\\rtf") => "rtf".into(),
        _ if bytes.starts_with(b"PK") => "odt".into(),
        _ => "doc".into(),
    };
    let input = folder.path().join(format!("paper.{extension}"));
    std::fs::write(&input, bytes).map_err(world)?;
    // Its own profile, so that several run at once and none touches the user's.
    let profile = format!("-env:UserInstallation=file://{}/profile", folder.path().display());
    let (input, output) = (input.display().to_string(), folder.path().display().to_string());
    let arguments = [
        profile.as_str(),
        "--headless",
        "--norestore",
        "--nolockcheck",
        "--convert-to",
        "docx:MS Word 2007 XML",
        "--outdir",
        &output,
        &input,
    ];
    match SOFFICE.run(&arguments, b"", limits.page_time, limits)? {
        Outcome::Done(_) => std::fs::read(folder.path().join("paper.docx"))
            .map_err(|_| malformed("LibreOffice cannot open it; export the text as PDF or UTF-8")),
        Outcome::TimedOut => Err(limit("its conversion took too long")),
        Outcome::Failed(said) => Err(malformed(&format!("LibreOffice says: {said}"))),
    }
}

fn limit(what: &str) -> Refused {
    Refused { reason: "limit", message: format!("{what}; split the file, or raise the time limit") }
}

fn malformed(what: &str) -> Refused {
    Refused { reason: "malformed", message: format!("the file is damaged: {what}") }
}
