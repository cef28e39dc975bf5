//! Bytes of any accepted format in, decoded text out: always NFC, no BOM, `\n` line ends.
//!
//! [`read`] is the one door: the content decides which reader takes a file, the name only where
//! the content does not. Damage never fails: what was guessed or mended comes back in `defects`.
//! What cannot be read at all comes back as [`Refused`] with the reason and the remedy.
//! Time, memory, sizes and depths are bounded by [`Limits`].

mod archive;
mod capitals;
mod docx;
mod encoding;
mod html;
mod legacy;
mod mail;
mod numbering;
mod pdf;
mod readers;
#[cfg(test)]
mod round_trip;
mod rows;
mod scan;
mod sniff;
mod spelling;
mod split;
mod tables;
mod viqr;
mod xml;

pub use encoding::decode;
pub use readers::{Reader, readers};
pub use scan::RESCAN;
pub use sniff::{Format, is_candidate};

use crate::text::Defect;
use std::path::PathBuf;
use std::time::Duration;

/// Text of one document as read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// NFC, no BOM, `\n` line ends; form feeds mark page breaks.
    pub text: String,
    /// Name of the encoding or format: `utf-8`, `tcvn3`, `docx`, …; `utf-8/tcvn3` where TCVN3
    /// was saved as UTF-8, several joined with `+` where a file mixes them.
    pub encoding: String,
    /// What was guessed or mended.
    pub defects: Vec<Defect>,
    /// First and last page of the file, counted from 1, where the format has pages; every form
    /// feed in the text begins the next one.
    pub pages: Option<(usize, usize)>,
}

/// Why a file was set aside; one line with the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// A stable word: `empty`, `binary`, `too-large`, `tool-missing`, `malformed`, `limit`, …
    pub reason: &'static str,
    /// One line for a person, with what to do.
    pub message: String,
}

/// One document found in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What to append to the file's id: nothing for a file that is one document,
    /// `!/folder/b.docx` for the member of an archive, `#p5-8` or `#l120` for a document
    /// of a bundle that begins on page 5 or on line 120.
    pub suffix: String,
    /// The text, or why this part was set aside while others were read.
    pub content: Result<Decoded, Refused>,
    /// Line of the file's text on which the part begins, counted from 1.
    pub first_line: usize,
}

/// What reading one file may cost. More is refused or cut with a defect, never waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one file or archive member.
    pub file_bytes: usize,
    /// Bytes that all members of one archive may unpack to together.
    pub unpacked_bytes: usize,
    /// Members of one archive, nested ones counted.
    pub members: usize,
    /// Archives within archives.
    pub nesting: usize,
    /// Pages of one file.
    pub pages: usize,
    /// Time that an outside program may take for one page, or for one conversion.
    pub page_time: Duration,
    /// Time that outside programs may take for one file.
    pub file_time: Duration,
    /// Address space of an outside program, in bytes.
    pub tool_memory: u64,
    /// Whether pages without text are read by the OCR engine.
    pub scan: bool,
    /// Folder that keeps what the OCR engine read, by hash of the page.
    pub scan_cache: Option<PathBuf>,
}

impl Default for Limits {
    /// For the nightly job on an office server: 64 MiB a file, a minute a page, half an hour a file.
    fn default() -> Limits {
        Limits {
            file_bytes: 64 << 20,
            unpacked_bytes: 512 << 20,
            members: 10_000,
            nesting: 3,
            pages: 2_000,
            page_time: Duration::from_secs(60),
            file_time: Duration::from_secs(1800),
            tool_memory: 4 << 30,
            scan: true,
            scan_cache: None,
        }
    }
}

/// Reads one file of any accepted format: every document in it.
///
/// At least one part comes back. `name` is the file's name or path; only its extension matters.
pub fn read(name: &str, bytes: &[u8], limits: &Limits) -> Result<Vec<Part>, Refused> {
    if bytes.len() > limits.file_bytes {
        return Err(Refused {
            reason: "too-large",
            message: format!("{} bytes, more than the {} allowed; raise --max-file", bytes.len(), limits.file_bytes),
        });
    }
    let mut allowance =
        archive::Allowance { bytes: limits.unpacked_bytes, members: limits.members, nesting: limits.nesting };
    read_within(name, bytes, limits, &mut allowance)
}

fn read_within(
    name: &str,
    bytes: &[u8],
    limits: &Limits,
    allowance: &mut archive::Allowance,
) -> Result<Vec<Part>, Refused> {
    let format = sniff::format_of(name, bytes);
    let decoded = match format {
        Format::Text => decode(bytes).map_err(|refused| no_document(name, refused))?,
        Format::Html => html::read(bytes)?,
        Format::Docx => docx::read(bytes, limits)?,
        Format::Office => office(name, bytes, limits)?,
        Format::Pdf => pdf::read(bytes, limits)?,
        Format::Image => picture(bytes, limits)?,
        Format::Mail => return mail::read(bytes, limits, allowance),
        Format::Zip => {
            return archive::read(bytes, limits, allowance, |name, bytes, allowance| {
                read_within(name, bytes, limits, allowance)
            });
        }
    };
    Ok(split::split(decoded, matches!(format, Format::Pdf | Format::Image)))
}

fn office(name: &str, bytes: &[u8], limits: &Limits) -> Result<Decoded, Refused> {
    let decoded = docx::read(&scan::to_docx(name, bytes, limits)?, limits)?;
    let encoding = decoded.encoding.replacen("docx", "office", 1);
    Ok(Decoded { encoding, ..decoded })
}

fn picture(bytes: &[u8], limits: &Limits) -> Result<Decoded, Refused> {
    if !limits.scan {
        return Err(Refused { reason: "scan", message: "a picture, and reading pictures is switched off".into() });
    }
    let (text, mut defects) = scan::pictures_text(bytes, limits, scan::Deadline::of(limits))?;
    if text.trim().is_empty() {
        return Err(Refused {
            reason: "empty",
            message: "the engine read nothing in this picture; scan it again".into(),
        });
    }
    let mut decoded = encoding::mend_text(text, "scan");
    decoded.defects.append(&mut defects);
    Ok(decoded)
}

/// A file that neither its content nor its name takes for a document.
fn no_document(name: &str, refused: Refused) -> Refused {
    if refused.reason == "binary" && !is_candidate(name) && !name.is_empty() && name != "-" {
        return Refused { reason: "format", ..refused };
    }
    refused
}
