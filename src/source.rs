//! Bytes of any accepted format in, decoded text out: always NFC, no BOM, `\n` line ends.
//!
//! Damage never fails: what was guessed comes back in `defects`. Bytes that are no
//! readable text at all come back as [`Refused`] with the reason and the remedy.

use crate::text::Defect;
use unicode_normalization::UnicodeNormalization;

/// Text of one document as read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// NFC, no BOM, `\n` line ends; form feeds mark page breaks.
    pub text: String,
    /// Name of the encoding or format: `utf-8`, `tcvn3`, `docx`, …
    pub encoding: String,
    /// What was guessed or mended.
    pub defects: Vec<Defect>,
}

/// Why a file was set aside; one line with the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// A stable word: `empty`, `binary`, `encoding`, `too-large`, `tool-missing`, …
    pub reason: &'static str,
    /// One line for a person, with what to do.
    pub message: String,
}

/// Decodes one plain-text file.
///
/// Empty or binary content is refused; everything else is text in some encoding.
pub fn decode(bytes: &[u8]) -> Result<Decoded, Refused> {
    if bytes.is_empty() {
        return Err(Refused { reason: "empty", message: "the file is empty; scan or export it again".into() });
    }
    if bytes.contains(&0) {
        return Err(Refused {
            reason: "binary",
            message: "binary data, not text; convert it to one of `vanban formats`".into(),
        });
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Decoded {
            text: text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n").nfc().collect(),
            encoding: "utf-8".into(),
            defects: Vec::new(),
        }),
        Err(_) => Err(Refused {
            reason: "encoding",
            message: "no supported encoding explains these bytes; save the file as UTF-8".into(),
        }),
    }
}
