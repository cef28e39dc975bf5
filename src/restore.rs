//! Damaged text in, restored text out, never inventing and saying how sure it is.
//!
//! A noisy channel: a lattice of candidates per damaged syllable, a learned channel
//! `P(read | written)`, an n-gram language model, posteriors by forward-backward, and a regression
//! that says what those are worth.
//! Line *n* of the restored text is line *n* of the source.

mod adapt;
mod calibration;
mod candidate;
mod case;
mod channel;
mod chunk;
mod code;
mod count;
mod damage;
mod decode;
mod edge;
mod followers;
mod habits;
mod label;
mod lattice;
mod learn;
mod lexicon;
mod memory;
mod mix;
mod model;
mod ngram;
mod noise;
mod pairs;
mod recall;
mod regime;
mod rule;
mod seen;
mod settle;
mod syllable;
mod table;
mod token;
mod train;

pub use adapt::{Adaptation, Card, Lesson};
#[cfg(test)]
pub(crate) use calibration::take_signs;
pub use damage::Damage;
pub use model::Model;
pub use rule::{Rule, Verdict, beside, rules};
pub use train::{Learned, Recipe, Text, paragraphs, train};

use case::Shapes;
use channel::Channel;
use decode::{Decoder, Scratch};
use lexicon::Lexicon;
use memory::Memory;
use ngram::Ngram;
use rule::Book;

use crate::text::{Defect, Span, SpanMap};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex};

/// One decision of the decoder that a person may want to see: the text was changed,
/// or it was left but another reading came close.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// Bytes of the restored text.
    pub span: Span,
    /// Bytes of the source it was read from.
    pub source: Span,
    /// How likely the chosen reading is right, in thousandths (0 to 1000).
    pub confidence: u16,
    /// What an adaptation may learn from it: its posterior in the search, in thousandths, and 0 where its word
    /// or its case is a guess. Not kept with a document.
    #[serde(skip)]
    pub teaches: u16,
    /// The next best reading, where one was considered.
    pub runner_up: Option<Box<str>>,
    /// What the channel charged for the chosen reading, in millibans (`-1000 · log10 p`).
    pub channel: i32,
    /// What the language charged for it where it stands, in millibans.
    pub language: i32,
}

/// A restored text and how it came about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Restored {
    /// The restored text, one line per source line.
    pub text: String,
    /// Changed or doubtful syllables, in order.
    pub edits: Vec<Edit>,
    /// From the restored text back to the source.
    pub map: SpanMap,
    /// Noise that was left out and other trouble met.
    pub defects: Vec<Defect>,
    /// Syllables seen, changed or not; the base of every rate.
    pub n_syllables: usize,
    /// How sure each syllable of a damaged line is, in thousandths, whether it was changed or not;
    /// in order, bytes of the restored text. Kept in memory only.
    #[serde(skip)]
    pub sureties: Vec<(Span, u16)>,
}

impl Restored {
    /// The source span that `span` of the restored text stands for.
    pub fn source_span(&self, span: Span) -> Span {
        self.map.source_span(span)
    }
}

/// Shared, immutable restoration; make one [`Worker`] per thread.
#[derive(Debug)]
pub struct Restorer {
    model: Model,
    decoder: Decoder,
    /// What people settled for the whole archive.
    book: Book,
    /// Of the adaptation, where there is one.
    adaptation: Option<String>,
}

impl Restorer {
    /// Wraps a model.
    pub fn new(model: Model) -> Restorer {
        let channel = Channel::from_bytes(model.section("channel")).unwrap_or_default();
        Restorer::of_parts(model, channel, None)
    }

    /// The model as one archive has drawn it towards itself. The adaptation must be one of this model.
    pub fn adapted(model: Model, adaptation: &Adaptation) -> Restorer {
        let restorer = Restorer::of_parts(model, adaptation.channel(), Some(adaptation.memory()));
        Restorer { adaptation: Some(adaptation.fingerprint().to_owned()), book: adaptation.book(), ..restorer }
    }

    fn of_parts(model: Model, channel: Channel, archive: Option<Memory>) -> Restorer {
        let lexicon = Lexicon::new(&channel, model.ngram());
        let shapes = Shapes::new(model.section("case"), model.ngram());
        let archive = archive.map(Arc::new);
        Restorer {
            model,
            decoder: Decoder { channel, lexicon, shapes, archive },
            book: Book::default(),
            adaptation: None,
        }
    }

    /// Scratch space for one thread.
    pub fn worker(&self) -> Worker<'_> {
        Worker { restorer: self, ngram: self.model.ngram(), scratch: Scratch::default() }
    }

    /// Scratch spaces for several threads.
    pub fn workers(&self) -> Workers<'_> {
        Workers { restorer: self, idle: Mutex::default() }
    }

    /// What identifies the model and adaptation in the pipeline's fingerprint.
    pub fn fingerprint(&self) -> String {
        match &self.adaptation {
            Some(adaptation) => format!("{}+{adaptation}", self.model.fingerprint()),
            None => self.model.fingerprint(),
        }
    }
}

/// Workers for whichever thread needs one. What a worker has seen makes it faster, so that it is kept.
#[derive(Debug)]
pub struct Workers<'m> {
    restorer: &'m Restorer,
    idle: Mutex<Vec<Worker<'m>>>,
}

impl<'m> Workers<'m> {
    /// Gives `work` a worker of its own for as long as it runs.
    pub fn lend<T>(&self, work: impl FnOnce(&mut Worker<'m>) -> T) -> T {
        let idle = || self.idle.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let worker = idle().pop();
        let mut worker = worker.unwrap_or_else(|| self.restorer.worker());
        let done = work(&mut worker);
        idle().push(worker);
        done
    }
}

/// One thread's scratch space.
#[derive(Debug)]
pub struct Worker<'m> {
    restorer: &'m Restorer,
    ngram: Ngram<'m>,
    scratch: Scratch,
}

impl Worker<'_> {
    /// Restores one document's text. Total and deterministic: the answer does not
    /// depend on what this worker restored before.
    pub fn restore(&mut self, text: &str) -> Restored {
        let restored = self.restorer.decoder.restore(&self.ngram, &mut self.scratch, text);
        self.restorer.book.apply(text, restored)
    }
}
