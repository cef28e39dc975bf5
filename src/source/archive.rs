//! Zip archives: of documents, and the ones that office documents are.
//!
//! Every size is counted while unpacking, so that a bomb ends at the limit whatever its directory
//! claims. Members are never written to disk; a name that climbs out of its folder is set aside.

use super::sniff::is_candidate;
use super::{Limits, Part, Refused};
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// The parts of an office document.
pub(crate) struct Parts<'b> {
    archive: ZipArchive<Cursor<&'b [u8]>>,
    left: usize,
}

impl<'b> Parts<'b> {
    pub(crate) fn open(bytes: &'b [u8], limits: &Limits) -> Result<Parts<'b>, Refused> {
        Ok(Parts { archive: open(bytes, limits)?, left: limits.unpacked_bytes.min(limits.file_bytes) })
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.archive.file_names().flatten().map(|name| name.into_owned()).collect()
    }

    /// One part as text; `None` where there is none of this name.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, Refused> {
        let Ok(file) = self.archive.by_name(name) else { return Ok(None) };
        let bytes = unpack(file, &mut self.left)?;
        Ok(Some(match bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes) {
            utf16 @ ([0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) => encoding_rs::UTF_8.decode(utf16).0.into_owned(),
            utf8 => String::from_utf8_lossy(utf8).into_owned(),
        }))
    }
}

fn open<'b>(bytes: &'b [u8], limits: &Limits) -> Result<ZipArchive<Cursor<&'b [u8]>>, Refused> {
    let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| Refused {
        reason: "malformed",
        message: format!("the archive is damaged ({error}); pack it again"),
    })?;
    if archive.len() > limits.members {
        return Err(limit(format!("{} members, more than the {} allowed", archive.len(), limits.members)));
    }
    Ok(archive)
}

fn limit(what: String) -> Refused {
    Refused { reason: "limit", message: format!("{what}; unpack it and give the folder instead") }
}

/// Reads to the end, or to what is left of the allowance.
fn unpack(file: impl Read, left: &mut usize) -> Result<Vec<u8>, Refused> {
    let mut bytes = Vec::new();
    let allowed = *left as u64;
    let read = file.take(allowed + 1).read_to_end(&mut bytes);
    if bytes.len() > *left {
        *left = 0;
        return Err(limit("it unpacks to more than is allowed".into()));
    }
    *left -= bytes.len();
    match read {
        Ok(_) => Ok(bytes),
        Err(error) => {
            Err(Refused { reason: "malformed", message: format!("the archive is damaged ({error}); pack it again") })
        }
    }
}

/// What is left of the allowances of one file, through all archives nested in it.
#[derive(Debug)]
pub(crate) struct Allowance {
    pub(crate) bytes: usize,
    pub(crate) members: usize,
    pub(crate) nesting: usize,
}

/// Reads every document of an archive with `read_member`; what is no document is passed over.
pub(crate) fn read(
    bytes: &[u8],
    limits: &Limits,
    allowance: &mut Allowance,
    mut read_member: impl FnMut(&str, &[u8], &mut Allowance) -> Result<Vec<Part>, Refused>,
) -> Result<Vec<Part>, Refused> {
    if allowance.nesting == 0 {
        return Err(limit(format!("archives nested more than {} deep", limits.nesting)));
    }
    let mut archive = open(bytes, limits)?;
    allowance.nesting -= 1;
    let mut parts = Vec::new();
    for n in 0..archive.len() {
        let Ok(file) = archive.by_index(n) else {
            parts.push(refused(
                &format!("#{n}"),
                "malformed",
                "this member cannot be unpacked; pack the archive again",
            ));
            continue;
        };
        let name = member_name(file.name_raw());
        if file.is_dir() || is_litter(&name) || !is_candidate(&name) {
            continue;
        }
        if allowance.members == 0 {
            parts.push(refused(&name, "limit", "too many members; unpack the archive and give the folder instead"));
            break;
        }
        allowance.members -= 1;
        if file.enclosed_name().is_none() || file.is_symlink() {
            parts.push(refused(&name, "unsafe", "its name leads out of the archive; look who made this archive"));
            continue;
        }
        if file.encrypted() {
            parts.push(refused(&name, "encrypted", "this member has a password; unpack it yourself"));
            continue;
        }
        let mut left = allowance.bytes.min(limits.file_bytes);
        let before = left;
        let unpacked = unpack(file, &mut left);
        allowance.bytes -= before - left;
        match unpacked.and_then(|bytes| read_member(&name, &bytes, allowance)) {
            Ok(members) => parts
                .extend(members.into_iter().map(|part| Part { suffix: format!("!/{name}{}", part.suffix), ..part })),
            Err(refused) => parts.push(Part { suffix: format!("!/{name}"), content: Err(refused), first_line: 1 }),
        }
    }
    allowance.nesting += 1;
    if parts.is_empty() {
        return Err(Refused { reason: "empty", message: "the archive holds no document that can be read".into() });
    }
    Ok(parts)
}

fn refused(name: &str, reason: &'static str, message: &str) -> Part {
    Part { suffix: format!("!/{name}"), content: Err(Refused { reason, message: message.into() }), first_line: 1 }
}

/// Names are UTF-8 or, from old Windows programs, nothing certain.
fn member_name(raw: &[u8]) -> String {
    let name = String::from_utf8_lossy(raw);
    name.replace('\\', "/").chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).take(1024).collect()
}

/// What Macs and desktop programs leave in archives.
fn is_litter(name: &str) -> bool {
    name.starts_with("__MACOSX/")
        || name.rsplit('/').next().is_some_and(|file| file.starts_with("._") || file.starts_with("~$"))
}
