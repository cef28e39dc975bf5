//! The one error type: a path and what went wrong there.
//!
//! Only the world fails. A damaged page is data and comes back as a defect.

use std::fmt;
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
            Kind::Io(cause) => cause.fmt(f),
            Kind::Message(message) => f.write_str(message),
            Kind::Locked => f.write_str("another vanban run is using this store; wait for it to end"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            Kind::Io(cause) => Some(cause),
            _ => None,
        }
    }
}
