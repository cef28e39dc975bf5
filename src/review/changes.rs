//! What a night changed in readings that nobody touched: every effect of decisions and of what they
//! taught, so that none goes unseen.

use crate::document::DocumentId;
use crate::error::Error;
use crate::store::Generation;
use serde::Serialize;

/// One line that reads otherwise than in an earlier generation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The document.
    pub doc: String,
    /// Line of the source, counted from 1.
    pub line: usize,
    /// How it read.
    pub old: String,
    /// How it reads.
    pub new: String,
    /// Whether a decision on this document asked for it.
    pub decided: bool,
}

/// Every line of documents of both generations, from the same source, that reads otherwise in `now`.
pub fn changes(before: &Generation, now: &Generation) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    let applied = now.decided()?.applied;
    for id in now.ids() {
        let id: DocumentId = id?;
        let (Some(old), Some(new)) = (before.document(&id)?, now.document(&id)?) else { continue };
        if old.source != new.source || old.restored.text == new.restored.text {
            continue;
        }
        let mut begin = 0;
        let lines = old.restored.text.split('\n').zip(new.restored.text.split('\n'));
        for (n, (was, is)) in lines.enumerate() {
            let end = begin + is.len();
            if was != is {
                // The decoder may be as sure as a person, but only where nobody decided.
                let decided = applied.contains_key(&id.0)
                    && new.restored.edits.iter().any(|edit| {
                        edit.confidence == 1000
                            && edit.runner_up.is_none()
                            && begin <= edit.span.start
                            && edit.span.end <= end
                    });
                let (old, new) = (was.to_owned(), is.to_owned());
                changes.push(Change { doc: id.0.clone(), line: n + 1, old, new, decided });
            }
            begin = end + 1;
        }
    }
    Ok(changes)
}
