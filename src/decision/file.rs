//! The file of decisions: lines are only ever added, by any number of programs at once.
//!
//! A writer takes the file's lock, writes whole lines in one call at the end, and syncs them
//! before it says that they are written. A line that a power cut left torn is named when the
//! file is read, and the next writer begins a line of its own.

use super::{Decision, Decisions, Fault};
use crate::error::Error;
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Reads the file; a file that is not there holds nothing. Empty lines and lines that begin with `#`
/// are passed over.
pub fn read(path: &Path) -> Result<Decisions, Error> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(cause) if cause.kind() == ErrorKind::NotFound => Vec::new(),
        Err(cause) => return Err(Error::io(path, cause)),
    };
    Ok(parse(&bytes))
}

fn parse(bytes: &[u8]) -> Decisions {
    let (mut all, mut faults) = (Vec::new(), Vec::new());
    for (n, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if line.iter().all(u8::is_ascii_whitespace) || line.starts_with(b"#") {
            continue;
        }
        match serde_json::from_slice(line) {
            Ok(decision) => all.push(decision),
            Err(cause) => {
                let message = format!("no decision, passed over: {cause}; mend the line or put a # before it");
                faults.push(Fault { line: n + 1, message });
            }
        }
    }
    Decisions::new(all, faults)
}

/// Adds decisions to the end of the file. When this returns they are on the disk.
pub fn append(path: &Path, decisions: &[Decision]) -> Result<(), Error> {
    let mut lines = Vec::new();
    for decision in decisions {
        serde_json::to_writer(&mut lines, decision).expect("a decision has only plain fields");
        lines.push(b'\n');
    }
    write(path, &lines).map_err(|cause| Error::io(path, cause))
}

fn write(path: &Path, lines: &[u8]) -> std::io::Result<()> {
    let mut file = File::options().read(true).append(true).create(true).open(path)?;
    file.lock()?;
    let end = file.seek(SeekFrom::End(0))?;
    let mut torn = false;
    if end > 0 {
        let mut last = [0];
        file.seek(SeekFrom::Start(end - 1))?;
        file.read_exact(&mut last)?;
        torn = last != [b'\n'];
    }
    let whole = [if torn { b"\n" as &[u8] } else { b"" }, lines].concat();
    if let Err(cause) = file.write_all(&whole).and_then(|()| file.sync_data()) {
        // A full disk must not leave half a line where the next writer adds its own.
        let _ = file.set_len(end);
        return Err(cause);
    }
    if end == 0
        && let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
    {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::What;
    use super::*;
    use jiff::Timestamp;

    fn note(n: usize) -> Decision {
        let decision = Decision::new(Timestamp::from_second(n as i64).unwrap(), "An", What::Dismiss);
        Decision { item: format!("duplicate {n}"), ..decision }.sealed()
    }

    #[test]
    fn what_is_added_reads_back_and_a_torn_line_costs_only_itself() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("decisions.jsonl");
        assert!(read(&path).unwrap().is_empty());
        append(&path, &[note(1), note(2)]).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.truncate(bytes.len() - 9);
        std::fs::write(&path, &bytes).unwrap();
        append(&path, &[note(3)]).unwrap();
        let decisions = read(&path).unwrap();
        assert_eq!(decisions.all, [note(1), note(3)]);
        assert_eq!(decisions.faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn many_writers_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("decisions.jsonl");
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let path = &path;
                scope.spawn(move || (0..25).for_each(|n| append(path, &[note(writer * 100 + n)]).unwrap()));
            }
        });
        let decisions = read(&path).unwrap();
        assert_eq!((decisions.all.len(), decisions.faults.len()), (200, 0));
        assert_eq!(decisions.holding().count(), 200);
    }
}
