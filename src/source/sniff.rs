//! What a file is: by its first bytes, and only then by its name.

/// A format one reader stands behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Plain text or Markdown.
    Text,
    /// A web page.
    Html,
    /// Word 2007 and later.
    Docx,
    /// Word 97, RTF, OpenDocument: through LibreOffice.
    Office,
    /// PDF, with a text layer or without.
    Pdf,
    /// A picture of a page.
    Image,
    /// A zip archive of any of these.
    Zip,
    /// A mail with its attachments.
    Mail,
}

/// The format of `bytes`; `name` decides only where the content does not.
pub(crate) fn format_of(name: &str, bytes: &[u8]) -> Format {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        // The parts of an office document are named in the archive's plain directory.
        let ends = [&bytes[..bytes.len().min(4096)], &bytes[bytes.len().saturating_sub(1 << 16)..]];
        return if ends.iter().any(|end| contains(end, b"word/document")) {
            Format::Docx
        } else if contains(&bytes[..bytes.len().min(200)], b"application/vnd.oasis.opendocument.text") {
            Format::Office
        } else {
            Format::Zip
        };
    }
    if is_image(bytes) {
        return Format::Image;
    }
    // A PDF may carry up to a kilobyte of rubbish before its mark.
    if contains(&bytes[..bytes.len().min(1024)], b"%PDF-") {
        return Format::Pdf;
    }
    if bytes.starts_with(b"\xD0\xCF\x11\xE0") || bytes.starts_with(b"{\\rtf") {
        return Format::Office;
    }
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_ascii_lowercase();
    let head = head.trim_start_matches('\u{FEFF}').trim_start();
    let extension = extension(name);
    if head.starts_with("<!doctype html")
        || head.starts_with("<html")
        || (head.starts_with('<') && head.contains("<html"))
    {
        return Format::Html;
    }
    if extension == "eml" && head.lines().next().is_some_and(|line| line.contains(':')) {
        return Format::Mail;
    }
    if matches!(extension.as_str(), "html" | "htm" | "xhtml") {
        return Format::Html;
    }
    Format::Text
}

/// The extension in small letters, without the dot; empty where there is none.
pub(crate) fn extension(name: &str) -> String {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
}

/// Extensions of the formats that are read.
pub(crate) const EXTENSIONS: [&str; 22] = [
    "txt", "text", "md", "markdown", "html", "htm", "xhtml", "docx", "docm", "doc", "rtf", "odt", "pdf", "png", "jpg",
    "jpeg", "tif", "tiff", "bmp", "webp", "zip", "eml",
];

/// Whether a file of this name is worth opening: one of the formats by its extension.
///
/// What is not is counted as ignored by those who walk folders.
pub fn is_candidate(name: &str) -> bool {
    EXTENSIONS.contains(&extension(name).as_str())
}

fn is_image(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG\r\n\x1A\n")
        || bytes.starts_with(b"\xFF\xD8\xFF")
        || bytes.starts_with(b"II*\0")
        || bytes.starts_with(b"MM\0*")
        || (bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP"))
        || (bytes.starts_with(b"BM") && bytes.get(6..10) == Some(b"\0\0\0\0"))
}

/// A name for a person where the bytes are some known format that is no plain text.
pub(crate) fn binary_format(bytes: &[u8]) -> Option<&'static str> {
    Some(match bytes {
        _ if bytes.starts_with(b"%PDF-") => "a PDF",
        _ if bytes.starts_with(b"PK\x03\x04") => "a zip archive or an office document",
        _ if is_image(bytes) => "a picture",
        _ if bytes.starts_with(b"\xD0\xCF\x11\xE0") => "an old office document",
        _ if bytes.starts_with(b"{\\rtf") => "a rich-text document",
        _ if bytes.starts_with(b"\x1F\x8B") => "gzip data",
        _ if bytes.starts_with(b"\x7FELF") => "a program",
        _ => return None,
    })
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}
