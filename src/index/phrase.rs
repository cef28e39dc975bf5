//! Syllables one after another, checked by position.

use tantivy::postings::{Postings, SegmentPostings};
use tantivy::{DocId, DocSet, TERMINATED};

/// The units of one segment that have a phrase.
pub(crate) struct Phrase {
    lists: Vec<SegmentPostings>,
    doc: DocId,
    count: u32,
}

impl Phrase {
    /// Starts at the first unit that has the phrase.
    pub(crate) fn new(lists: Vec<SegmentPostings>) -> Phrase {
        let mut phrase = Phrase { lists, doc: 0, count: 0 };
        phrase.seek(0);
        phrase
    }

    /// How often the phrase stands in the unit at hand.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// The first unit at or after `target`; never goes back.
    pub(crate) fn find(&mut self, target: DocId) -> DocId {
        if self.doc < target {
            self.seek(target);
        }
        self.doc
    }

    fn seek(&mut self, mut target: DocId) {
        let mut starts = Vec::new();
        let mut next = Vec::new();
        loop {
            let Some(doc) = leapfrog(&mut self.lists, target) else {
                self.doc = TERMINATED;
                return;
            };
            self.lists[0].positions(&mut starts);
            for (n, list) in self.lists.iter_mut().enumerate().skip(1) {
                list.positions(&mut next);
                starts.retain(|start| next.binary_search(&(start + n as u32)).is_ok());
                if starts.is_empty() {
                    break;
                }
            }
            if !starts.is_empty() {
                self.doc = doc;
                self.count = starts.len() as u32;
                return;
            }
            target = doc + 1;
        }
    }
}

/// The first unit at or after `target` that all lists have.
fn leapfrog(lists: &mut [SegmentPostings], mut target: DocId) -> Option<DocId> {
    'again: loop {
        for list in lists.iter_mut() {
            let doc = if list.doc() < target { list.seek(target) } else { list.doc() };
            if doc == TERMINATED {
                return None;
            }
            if doc > target {
                target = doc;
                continue 'again;
            }
        }
        return Some(target);
    }
}
