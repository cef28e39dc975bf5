//! Files read and restored on several threads, handed over in the order they were asked for.
//!
//! What is being read or waits to be handed over never exceeds a budget of bytes: reading pauses
//! rather than memory growing. A stage that panics costs its document, not the night; a document
//! that takes longer than [`patience`] is given up and its thread left behind.

use super::catalogue::{Stat, Summary};
use super::{pack, walk};
use crate::decision::Placer;
use crate::document::{Document, DocumentId};
use crate::graph::facts::Facts;
use crate::restore::{Restored, Restorer, Worker};
use crate::source::{self, Limits};
use crate::text::Span;
use std::collections::{BTreeMap, HashMap};
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant, SystemTime};

/// Bytes of source being worked on or waiting to be written. A document takes about twenty times
/// its source while it is restored, so this bounds the whole at some hundreds of megabytes.
const BUDGET: u64 = 8 << 20;
/// Text of one document, in bytes. The longest known is 2.4 MB; one of 20 MB with ten million
/// lines took 3.5 GB of memory.
const MOST_TEXT: usize = 16 << 20;
/// Lines of one document.
const MOST_LINES: usize = 1_000_000;
/// The least a file counts for, so that a million empty files are bounded too.
const LEAST: u64 = 16 << 10;
/// Restoration may want deep recursion nowhere; this is room to spare.
const STACK: usize = 16 << 20;
/// A file may change again without its mtime changing while the clock of its file system, which
/// ticks every few milliseconds, stands still: it is read no sooner than this after its mtime was seen.
const TICK: Duration = Duration::from_millis(20);
/// The same where times are kept in whole seconds, if the file is not plainly old.
const COARSE_TICK: Duration = Duration::from_secs(2);
/// Clocks of this machine and of a file server may differ by less than this.
const SKEW: Duration = Duration::from_secs(86_400);
/// A worker remembers every word it met; after so many bytes of text it is replaced by a new one.
const FORGET: usize = 16 << 20;

/// One round of waiting for an outcome.
const ROUND: Duration = Duration::from_millis(200);

/// How long one document of `size` bytes may take: a hundred times what it should.
fn patience(size: u64) -> Duration {
    Duration::from_secs(60 + size / 20_000)
}

/// One file to look at.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) path: PathBuf,
    pub(crate) stat: Stat,
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The documents in it, freshly restored; nearly always one.
    Read(Vec<Part>),
    /// The same bytes as a file of the last generation: the number of its first entry.
    Known(usize),
    /// Set aside.
    Refused(Refusal),
    /// Not a document format.
    Ignored,
    /// The file vanished since it was found.
    Gone,
}

/// Why a file or a part of it is set aside.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) reason: String,
    pub(crate) message: String,
}

/// One document of a file.
#[derive(Debug)]
pub(crate) struct Part {
    /// What its id has beyond the file's.
    pub(crate) suffix: String,
    pub(crate) content: Result<Fresh, Refusal>,
}

/// A document just restored, with its two blobs.
#[derive(Debug)]
pub(crate) struct Fresh {
    pub(crate) document: Box<Document>,
    pub(crate) blob: Vec<u8>,
    pub(crate) facts: Vec<u8>,
    pub(crate) summary: Summary,
    /// Ids of the decisions that hold in it.
    pub(crate) decisions: Vec<String>,
}

/// An outcome and what was seen of the file while it was read.
#[derive(Debug)]
pub(crate) struct Looked {
    pub(crate) stat: Option<Stat>,
    pub(crate) hash: Option<[u8; 32]>,
    pub(crate) outcome: Outcome,
}

/// What every thread needs.
pub(crate) struct Shared {
    pub(crate) jobs: Vec<Job>,
    /// Content hashes of the last generation's entries; empty where nothing may be reused.
    pub(crate) known: HashMap<[u8; 32], usize>,
    pub(crate) max_file: u64,
    pub(crate) limits: Limits,
    /// Where people's decisions belong.
    pub(crate) placer: Placer,
    /// Made on first use: a night that restores nothing loads no model.
    pub(crate) restorer: std::sync::LazyLock<Restorer, Box<dyn FnOnce() -> Restorer + Send>>,
    /// When the files' stats had all been taken.
    pub(crate) walked: Instant,
    pub(crate) stop: Arc<AtomicBool>,
}

#[derive(Default)]
struct Gate {
    next: usize,
    in_flight: u64,
    /// For how long each running job was waited for.
    running: BTreeMap<usize, Duration>,
    given_up: Vec<usize>,
}

struct Pool {
    shared: Shared,
    gate: Mutex<Gate>,
    room: Condvar,
}

/// The outcomes of `shared.jobs` in their order, read on `n_threads` threads.
pub(crate) struct Reading {
    pool: Arc<Pool>,
    receiver: Receiver<(usize, Looked)>,
    sender: SyncSender<(usize, Looked)>,
    waiting: BTreeMap<usize, Looked>,
    next: usize,
}

impl Reading {
    pub(crate) fn start(shared: Shared, n_threads: usize) -> Reading {
        let (sender, receiver) = mpsc::sync_channel(2 * n_threads.max(1));
        let n_threads = n_threads.clamp(1, shared.jobs.len().max(1));
        let pool = Arc::new(Pool { shared, gate: Mutex::default(), room: Condvar::new() });
        let reading = Reading { pool, receiver, sender, waiting: BTreeMap::new(), next: 0 };
        (0..n_threads).for_each(|_| reading.spawn());
        reading
    }

    fn spawn(&self) {
        let (pool, sender) = (Arc::clone(&self.pool), self.sender.clone());
        let thread = std::thread::Builder::new().name("reader".into()).stack_size(STACK);
        thread.spawn(move || pool.work(&sender)).expect("the system gives us a thread");
    }

    /// The jobs, in the order of the outcomes.
    pub(crate) fn job(&self, n: usize) -> &Job {
        &self.pool.shared.jobs[n]
    }

    /// The next outcome with its job's number; `None` at the end, or once a stop was asked for.
    pub(crate) fn next(&mut self) -> Option<(usize, Looked)> {
        while self.next < self.pool.shared.jobs.len() {
            if self.pool.shared.stop.load(Ordering::Relaxed) {
                self.pool.room.notify_all();
                return None;
            }
            if let Some(looked) = self.waiting.remove(&self.next) {
                let n = self.next;
                self.next += 1;
                self.pool.release(n);
                return Some((n, looked));
            }
            match self.receiver.recv_timeout(ROUND) {
                Ok((n, looked)) => {
                    // A thread that was given up may still deliver.
                    if n >= self.next {
                        self.waiting.entry(n).or_insert(looked);
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.give_up_the_overlong(),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
        None
    }

    fn give_up_the_overlong(&mut self) {
        let mut gate = self.pool.gate();
        let jobs = &self.pool.shared.jobs;
        // Counted in rounds of our own: a machine that sleeps or a process that is held uses up no patience.
        gate.running.values_mut().for_each(|waited| *waited += ROUND);
        let running = gate.running.iter();
        let overlong: Vec<usize> =
            running.filter(|(n, waited)| **waited > patience(jobs[**n].stat.size)).map(|(n, _)| *n).collect();
        for n in &overlong {
            gate.running.remove(n);
            gate.given_up.push(*n);
        }
        drop(gate);
        for n in overlong {
            let message = format!(
                "reading it took longer than {} s; split the file, or report it with the file",
                patience(self.pool.shared.jobs[n].stat.size).as_secs()
            );
            let outcome = refused("too-slow", message);
            let stat = Some(self.pool.shared.jobs[n].stat);
            self.waiting.insert(n, Looked { stat, hash: None, outcome });
            self.spawn();
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        // Threads that wait for room must see that nobody listens any more.
        self.pool.gate().next = self.pool.shared.jobs.len();
        self.pool.room.notify_all();
    }
}

impl Pool {
    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn cost(&self, n: usize) -> u64 {
        self.shared.jobs[n].stat.size.min(self.shared.max_file).max(LEAST)
    }

    /// Takes the next job once there is room for it; always room for one.
    fn take(&self) -> Option<usize> {
        let mut gate = self.gate();
        loop {
            let n = gate.next;
            if n >= self.shared.jobs.len() || self.shared.stop.load(Ordering::Relaxed) {
                return None;
            }
            if gate.in_flight == 0 || gate.in_flight + self.cost(n) <= BUDGET {
                gate.next += 1;
                gate.in_flight += self.cost(n);
                gate.running.insert(n, Duration::ZERO);
                return Some(n);
            }
            gate = self.room.wait(gate).unwrap_or_else(|poisoned| poisoned.into_inner());
        }
    }

    fn release(&self, n: usize) {
        self.gate().in_flight -= self.cost(n);
        self.room.notify_all();
    }

    fn work(&self, sender: &SyncSender<(usize, Looked)>) {
        let (mut worker, mut n_read) = (None, 0);
        while let Some(n) = self.take() {
            let job = &self.shared.jobs[n];
            n_read += job.stat.size as usize;
            if n_read > FORGET {
                (worker, n_read) = (None, 0);
            }
            let looked = std::panic::catch_unwind(AssertUnwindSafe(|| look(&self.shared, job, &mut worker)));
            let looked = looked.unwrap_or_else(|_| {
                worker = None;
                let message = "reading it hit a fault of this program; report it with the file";
                Looked { stat: Some(job.stat), hash: None, outcome: refused("fault", message.into()) }
            });
            let abandoned = self.gate().running.remove(&n).is_none();
            if sender.send((n, looked)).is_err() || abandoned {
                return;
            }
        }
    }
}

/// Reads one file, unless its bytes are known, and puts it through the pipeline.
fn look<'m>(shared: &'m Shared, job: &Job, worker: &mut Option<Worker<'m>>) -> Looked {
    let (bytes, stat) = match read_whole(&job.path, job.stat, shared.walked, shared.max_file) {
        Ok((bytes, stat)) => (bytes, Some(stat)),
        Err(outcome) => return Looked { stat: None, hash: None, outcome },
    };
    let hash = *blake3::hash(&bytes).as_bytes();
    let known = shared.known.get(&hash).copied();
    let looked = |outcome| Looked { stat, hash: Some(hash), outcome };
    if let Some(known) = known {
        return looked(Outcome::Known(known));
    }
    let limits = Limits { file_bytes: shared.max_file as usize, ..shared.limits.clone() };
    let parts = match source::read(&job.id, &bytes, &limits) {
        Ok(parts) => parts,
        Err(why) if why.reason == "format" => return looked(Outcome::Ignored),
        Err(why) => return looked(refused(why.reason, why.message)),
    };
    drop(bytes);
    let source_hash = format!("blake3:{}", blake3::Hash::from_bytes(hash).to_hex());
    let worker = worker.get_or_insert_with(|| shared.restorer.worker());
    let parts = parts.into_iter().map(|part| {
        let id = DocumentId(format!("{}{}", job.id, part.suffix));
        let content = match part.content {
            Ok(decoded) if decoded.text.len() > MOST_TEXT || decoded.text.lines().count() > MOST_LINES => {
                let message = format!("more than {} MiB or {MOST_LINES} lines of text; split it", MOST_TEXT >> 20);
                Err(Refusal { reason: "too-long".into(), message })
            }
            Ok(decoded) => {
                let pins = shared.placer.place(&id.0, &source_hash, &decoded.text);
                let settled: Vec<(Span, &str)> = pins.iter().map(|pin| (pin.span, pin.reading.as_str())).collect();
                let restored = worker.restore(&decoded.text).settle(&decoded.text, &settled);
                let document = Document::from_restored(id, source_hash.clone(), decoded, restored);
                Ok(Fresh { decisions: pins.into_iter().map(|pin| pin.decision).collect(), ..fresh(document) })
            }
            Err(why) => Err(Refusal { reason: why.reason.into(), message: why.message }),
        };
        Part { suffix: part.suffix, content }
    });
    looked(Outcome::Read(parts.collect()))
}

/// The document with its blobs.
pub(crate) fn fresh(document: Document) -> Fresh {
    let summary = summary_of(&document);
    let blob = blob_of(&document);
    let facts = pack::compress(&Facts::of(&document).to_bytes());
    Fresh { document: Box::new(document), blob, facts, summary, decisions: Vec::new() }
}

/// The document as it lies in a pack.
pub(crate) fn blob_of(document: &Document) -> Vec<u8> {
    pack::compress(&postcard::to_allocvec(document).expect("a document has no part that postcard refuses"))
}

fn refused(reason: &str, message: String) -> Outcome {
    Outcome::Refused(Refusal { reason: reason.into(), message })
}

/// The bytes of a file that held still while it was read, and its stat. `found` was seen no later than `walked`.
fn read_whole(path: &PathBuf, found: Stat, walked: Instant, max_file: u64) -> Result<(Vec<u8>, Stat), Outcome> {
    let failed = |cause: std::io::Error| match cause.kind() {
        std::io::ErrorKind::NotFound => Outcome::Gone,
        _ if cause.raw_os_error() == Some(rustix::io::Errno::NAMETOOLONG.raw_os_error()) => {
            refused("name-too-long", format!("{cause}; shorten the folder names above it"))
        }
        _ => refused("cannot-open", format!("{cause}; give this user the right to read it")),
    };
    // Neither a pipe nor a link put in the file's place since it was found may hold us up or lead us out.
    let flags = (rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOFOLLOW).bits();
    let (mut known, mut seen) = (found, walked);
    for _ in 0..4 {
        // By the clock that never jumps: a change from here on gets another mtime.
        std::thread::sleep(tick(known, SystemTime::now()).saturating_sub(seen.elapsed()));
        let file = OpenOptions::new().read(true).custom_flags(flags as i32).open(path).map_err(failed)?;
        let before = file.metadata().map_err(failed)?;
        if !before.is_file() {
            return Err(refused("not-a-file", "no longer a regular file; move it out of the archive".into()));
        }
        if before.len() > max_file {
            return Err(Outcome::Refused(too_large(before.len(), max_file)));
        }
        if walk::stat_of(&before) != known {
            (known, seen) = (walk::stat_of(&before), Instant::now());
            continue;
        }
        let bytes = read_at_most(&file, before.len(), max_file).map_err(failed)?;
        let after = walk::stat_of(&file.metadata().map_err(failed)?);
        if after == known && bytes.len() as u64 == known.size {
            return Ok((bytes, known));
        }
        (known, seen) = (after, Instant::now());
    }
    Err(refused("changing", "the file kept changing while it was read; it is tried again next time".into()))
}

/// For how long after a file was seen to have this mtime another change may leave it the same.
fn tick(stat: Stat, now: SystemTime) -> Duration {
    let whole_seconds = stat.mtime % 1_000_000_000 == 0;
    let now = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.as_nanos() as i64);
    let old = now.saturating_sub(stat.mtime) > SKEW.as_nanos() as i64;
    if whole_seconds && !old { COARSE_TICK } else { TICK }
}

/// The refusal of a file over the limit.
pub(crate) fn too_large(size: u64, max_file: u64) -> Refusal {
    let message = format!("{size} bytes, over the limit of {max_file}; split it, or raise --max-file");
    Refusal { reason: "too-large".into(), message }
}

fn read_at_most(file: &File, expected: u64, max_file: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(expected as usize + 1);
    file.take(max_file + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Totals of one document.
fn summary_of(document: &Document) -> Summary {
    let Restored { text, edits, n_syllables, .. } = &document.restored;
    let n_changed = edits.iter().filter(|edit| edit.span.of(text) != edit.source.of(&document.source)).count();
    let n_doubtful = edits.iter().filter(|edit| edit.confidence < DOUBTFUL).count();
    Summary {
        n_syllables: *n_syllables as u32,
        n_changed: n_changed as u32,
        n_doubtful: n_doubtful as u32,
        n_citations: document.citations.len() as u32,
        rescan: document.defects.iter().any(|defect| defect.kind == source::RESCAN),
    }
}

/// Posterior, in thousandths, below which a reading is offered for review.
const DOUBTFUL: u16 = 500;
