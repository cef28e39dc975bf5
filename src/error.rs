//! The one error type: a path and what went wrong there.
//!
//! Only the world fails. A damaged page is data and comes back as a defect.

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What stopped an operation on a file, folder or socket.
///
/// `Display` is one line that names the path and says what to do; the cause
/// is in [`std::error::Error::source`].
#[derive(Debug)]
pub struct Error {
    path: PathBuf,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Io(std::io::Error),
    Message(String),
    Locked,
}

impl Error {
    /// The operating system refused something at `path`.
    pub fn io(path: impl AsRef<Path>, cause: std::io::Error) -> Error {
        Error { path: path.as_ref().to_owned(), kind: Kind::Io(cause) }
    }

    /// Something at `path` is not as it must be; `message` says what and names the remedy.
    pub fn message(path: impl AsRef<Path>, message: impl Into<String>) -> Error {
        Error { path: path.as_ref().to_owned(), kind: Kind::Message(message.into()) }
    }

    /// Another process holds the store at `path`.
    pub fn locked(path: impl AsRef<Path>) -> Error {
        Error { path: path.as_ref().to_owned(), kind: Kind::Locked }
    }

    /// Whether another run holds the store; the command line answers this with exit status 75.
    pub fn is_locked(&self) -> bool {
        matches!(self.kind, Kind::Locked)
    }

    /// The file or folder concerned.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path.display())?;
        match &self.kind {
            // What was found there has words of its own.
            Kind::Io(cause) if cause.get_ref().is_some() => cause.fmt(f),
            Kind::Io(cause) => match remedy(cause.kind()) {
                Some(remedy) => f.write_str(remedy),
                None => cause.fmt(f),
            },
            Kind::Message(message) => f.write_str(message),
            Kind::Locked => f.write_str("another vanban run is using this store; wait for it to end"),
        }
    }
}

/// What is wrong and what to do, where the operating system's own words say only the first.
fn remedy(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::NotFound => "there is no such file or folder; check the path",
        ErrorKind::PermissionDenied => "permission denied; run as a user who has it, or change the rights",
        ErrorKind::IsADirectory => "a folder, where a file is wanted; name the files in it",
        ErrorKind::NotADirectory => "a file, where a folder is wanted; check the path",
        ErrorKind::StorageFull => "the disk is full; free some space",
        ErrorKind::ReadOnlyFilesystem => "the file system is read-only; name a place that can be written",
        ErrorKind::InvalidData => "not UTF-8 text; save it as UTF-8",
        ErrorKind::AddrInUse => "another program listens there; stop it, or choose another port with --listen",
        ErrorKind::AddrNotAvailable => "no address of this machine; choose one of its own with --listen",
        _ => return None,
    })
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            Kind::Io(cause) => Some(cause),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Error;
    use std::io::ErrorKind;

    #[test]
    fn what_the_system_refuses_is_said_with_a_remedy() {
        let missing = Error::io("scans", ErrorKind::NotFound.into());
        assert_eq!(missing.to_string(), "scans: there is no such file or folder; check the path");
        let torn = Error::io("scans", ErrorKind::UnexpectedEof.into());
        assert_eq!(torn.to_string(), "scans: unexpected end of file");
        let garbled = Error::io("scans", std::io::read_to_string(&b"\xff"[..]).unwrap_err());
        assert_eq!(garbled.to_string(), "scans: not UTF-8 text; save it as UTF-8");
        let broken = Error::io("scans", std::io::Error::new(ErrorKind::InvalidData, "no row of three columns"));
        assert_eq!(broken.to_string(), "scans: no row of three columns");
    }
}
