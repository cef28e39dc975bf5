//! The threads that write segments: each makes its own, of whole documents.

use super::schema::Fields;
use super::segment::SegmentBuilder;
use super::units::Unit;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tantivy::{SegmentMeta, TantivyError};

/// Documents that may wait for a thread.
const WAITING: usize = 64;

/// A document on its way: its units stay neighbours in one segment.
struct Batch {
    id: Box<str>,
    units: Vec<Unit>,
}

/// The threads; they begin when the first document comes.
pub(crate) struct Crew {
    index: tantivy::Index,
    fields: Fields,
    jobs: usize,
    /// Of one thread, in bytes.
    memory: usize,
    at_work: Option<AtWork>,
}

struct AtWork {
    queue: SyncSender<Batch>,
    threads: Vec<JoinHandle<tantivy::Result<Vec<SegmentMeta>>>>,
    /// Set once nothing of what was added is wanted any more.
    given_up: Arc<AtomicBool>,
}

impl Crew {
    /// Threads for an index, not yet begun.
    pub(crate) fn new(index: tantivy::Index, fields: Fields, jobs: usize, memory: usize) -> Crew {
        Crew { index, fields, jobs, memory, at_work: None }
    }

    /// Hands over a document; waits while all threads are busy and many documents wait. False if no thread
    /// is left to take it: [`Crew::finish`] then tells why.
    pub(crate) fn add(&mut self, id: &str, units: Vec<Unit>) -> bool {
        let at_work = self.at_work.get_or_insert_with(|| {
            let (queue, from) = sync_channel(WAITING);
            let (from, given_up) = (Arc::new(Mutex::new(from)), Arc::new(AtomicBool::new(false)));
            let threads = (0..self.jobs)
                .map(|_| {
                    let (index, fields, memory) = (self.index.clone(), self.fields, self.memory);
                    let (from, given_up) = (Arc::clone(&from), Arc::clone(&given_up));
                    std::thread::spawn(move || work(&index, fields, memory, &from, &given_up))
                })
                .collect();
            AtWork { queue, threads, given_up }
        });
        at_work.queue.send(Batch { id: id.into(), units }).is_ok()
    }

    /// Ends the threads and gives their segments. Others begin with the next document.
    pub(crate) fn finish(&mut self) -> tantivy::Result<Vec<SegmentMeta>> {
        let Some(AtWork { queue, threads, .. }) = self.at_work.take() else { return Ok(Vec::new()) };
        drop(queue);
        let mut segments = Vec::new();
        let mut failed: Option<TantivyError> = None;
        for thread in threads {
            match thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)) {
                Ok(own) => segments.extend(own),
                Err(cause) => failed = failed.or(Some(cause)),
            }
        }
        failed.map_or(Ok(segments), Err)
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        if let Some(AtWork { queue, threads, given_up }) = self.at_work.take() {
            given_up.store(true, Ordering::Relaxed);
            drop(queue);
            // What they say, panics included, concerns a folder that nobody will use.
            threads.into_iter().for_each(|thread| drop(thread.join()));
        }
    }
}

/// Takes documents until there are no more; gives the segments made of them.
fn work(
    index: &tantivy::Index,
    fields: Fields,
    memory: usize,
    from: &Mutex<Receiver<Batch>>,
    given_up: &AtomicBool,
) -> tantivy::Result<Vec<SegmentMeta>> {
    let mut segments = Vec::new();
    let mut growing: Option<SegmentBuilder> = None;
    loop {
        let next = from.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Batch { id, units }) = next else { break };
        if given_up.load(Ordering::Relaxed) {
            return Ok(segments);
        }
        let mut segment = match growing.take() {
            Some(segment) => segment,
            None => SegmentBuilder::new(index, fields)?,
        };
        for unit in &units {
            segment.add(&id, unit)?;
        }
        if segment.memory() < memory {
            growing = Some(segment);
        } else {
            segments.push(segment.finish()?);
        }
    }
    if let Some(segment) = growing.filter(|_| !given_up.load(Ordering::Relaxed)) {
        segments.push(segment.finish()?);
    }
    Ok(segments)
}
