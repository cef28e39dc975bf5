//! All units of all segments in one row of numbers, and the terms found in them.
//!
//! The row is cut into windows of 4,096 units; a segment begins at the beginning of a window.
//! A set of units is then a few machine words a window, and sets are joined sixty-four units at
//! a time. Lists of frequent terms are kept as such sets once they were asked for twice.

use super::cards::Card;
use super::schema::Fields;
use rustc_hash::FxHashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, RwLock};
use tantivy::fieldnorm::FieldNormReader;
use tantivy::index::InvertedIndexReader;
use tantivy::postings::{BlockSegmentPostings, SegmentPostings, TermInfo};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, DocSet, Searcher, TERMINATED, Term};

/// Units in a window.
pub(crate) const WINDOW: usize = 4096;
/// Machine words in a window.
pub(crate) const WORDS: usize = WINDOW / 64;
/// A set of units of one window.
pub(crate) type Window = [u64; WORDS];

/// No card: the unit is deleted, or there is none of this number.
pub(crate) const NONE: u32 = u32::MAX;

/// Terms in one unit of this many or more are kept as sets.
const DENSE: usize = 32;
/// Memory for sets and decoded lists, in bytes; when it is used up they are collected anew.
const MEMORY: usize = 96 << 20;
/// Terms remembered before the memory starts anew.
const REMEMBERED: usize = 300_000;

/// Planes of the length classes: eight classes, the shortest units highest.
pub(crate) const LENGTH_PLANES: usize = 3;

/// One segment and where it lies in the row.
struct Segment {
    base: usize,
    /// Whether no unit of it was deleted.
    whole: bool,
    /// By number of the field.
    inverted: Vec<Option<Arc<InvertedIndexReader>>>,
}

/// The row of units.
pub(crate) struct Space {
    segments: Vec<Segment>,
    /// The segment of each window.
    owner: Vec<u32>,
    cards: Vec<u32>,
    /// First unit and end of each card's units.
    spans: Vec<(u32, u32)>,
    alive: Vec<u64>,
    norms: Vec<u8>,
    lengths: [Vec<u64>; LENGTH_PLANES],
    living: u64,
    terms: Vec<RwLock<FxHashMap<Box<str>, Arc<Known>>>>,
    used: AtomicUsize,
}

/// What is known of a term.
pub(crate) struct Known {
    /// Living units with the term.
    pub(crate) frequency: u32,
    /// Units with the term, deleted ones included.
    listed: u32,
    field: Field,
    infos: Vec<Option<TermInfo>>,
    asked: AtomicBool,
    kept: OnceLock<Kept>,
}

/// The units of a term, decoded.
#[derive(Clone)]
enum Kept {
    /// As a set.
    Set(Arc<[u64]>),
    /// In order.
    List(Arc<[u32]>),
}

impl Space {
    /// Lays out the units of an open index.
    pub(crate) fn new(searcher: &Searcher, fields: Fields, cards: &[Card]) -> tantivy::Result<Space> {
        let n_fields = searcher.schema().fields().count();
        let n_windows: usize =
            searcher.segment_readers().iter().map(|segment| (segment.max_doc() as usize).div_ceil(WINDOW)).sum();
        let mut space = Space {
            segments: Vec::new(),
            owner: Vec::with_capacity(n_windows),
            cards: vec![NONE; n_windows * WINDOW],
            spans: vec![(0, 0); cards.len()],
            alive: vec![0; n_windows * WORDS],
            norms: vec![0; n_windows * WINDOW],
            lengths: std::array::from_fn(|_| vec![0; n_windows * WORDS]),
            living: searcher.num_docs(),
            terms: (0..n_fields).map(|_| RwLock::default()).collect(),
            used: AtomicUsize::new(0),
        };
        let classes = length_classes();
        for (n, reader) in searcher.segment_readers().iter().enumerate() {
            let base = space.owner.len() * WINDOW;
            space.owner.resize(space.owner.len() + (reader.max_doc() as usize).div_ceil(WINDOW), n as u32);
            let mut inverted = vec![None; n_fields];
            for (field, entry) in searcher.schema().fields() {
                if entry.is_indexed() {
                    inverted[field.field_id() as usize] = Some(reader.inverted_index(field)?);
                }
            }
            space.segments.push(Segment { base, whole: !reader.has_deletes(), inverted });
            let Some(ids) = reader.fast_fields().str("id")? else { continue };
            let mut card_of = vec![NONE; ids.num_terms()];
            let mut id = String::new();
            for (ordinal, card) in card_of.iter_mut().enumerate() {
                id.clear();
                if ids.ord_to_str(ordinal as u64, &mut id)?
                    && let Ok(n) = cards.binary_search_by(|card| card.id.as_str().cmp(&id))
                {
                    *card = n as u32;
                }
            }
            let norms = reader.get_fieldnorms_reader(fields.folded)?;
            for doc in reader.doc_ids_alive() {
                let Some(ordinal) = ids.ords().first(doc) else { continue };
                let card = card_of[ordinal as usize];
                if card == NONE {
                    continue;
                }
                let unit = base + doc as usize;
                space.cards[unit] = card;
                space.alive[unit / 64] |= 1 << (unit % 64);
                let norm = norms.fieldnorm_id(doc);
                space.norms[unit] = norm;
                for (plane, set) in space.lengths.iter_mut().enumerate() {
                    set[unit / 64] |= u64::from(classes[norm as usize] >> plane & 1) << (unit % 64);
                }
                let span = &mut space.spans[card as usize];
                *span = if span.1 == 0 { (unit as u32, unit as u32 + 1) } else { (span.0, unit as u32 + 1) };
            }
        }
        Ok(space)
    }

    /// Windows in the row.
    pub(crate) fn n_windows(&self) -> usize {
        self.owner.len()
    }

    /// Living units.
    pub(crate) fn living(&self) -> u64 {
        self.living
    }

    /// The card of a unit.
    pub(crate) fn card(&self, unit: u32) -> u32 {
        self.cards[unit as usize]
    }

    /// The units of a card, as `[first, end)`.
    pub(crate) fn span(&self, card: u32) -> (u32, u32) {
        self.spans[card as usize]
    }

    /// The length of a unit, as the index codes it.
    pub(crate) fn norm(&self, unit: u32) -> u8 {
        self.norms[unit as usize]
    }

    /// The segment of a unit, and its number there.
    pub(crate) fn address(&self, unit: u32) -> DocAddress {
        let segment = self.owner[unit as usize / WINDOW];
        DocAddress::new(segment, unit - self.segments[segment as usize].base as u32)
    }

    /// The segment of a window, and the number there of its first unit.
    pub(crate) fn place(&self, window: usize) -> (u32, u32) {
        let segment = self.owner[window];
        (segment, (window * WINDOW - self.segments[segment as usize].base) as u32)
    }

    /// Living units of a window.
    pub(crate) fn alive(&self, window: usize) -> &Window {
        in_window(&self.alive, window)
    }

    /// One plane of the length classes.
    pub(crate) fn lengths(&self, plane: usize, window: usize) -> &Window {
        in_window(&self.lengths[plane], window)
    }

    /// The units of the cards allowed, as a set.
    pub(crate) fn units_of(&self, allowed: impl Iterator<Item = u32>) -> Arc<[u64]> {
        let mut set = vec![0_u64; self.alive.len()];
        for card in allowed {
            let (first, end) = self.spans[card as usize];
            for unit in first..end {
                set[unit as usize / 64] |= 1 << (unit % 64);
            }
        }
        set.into()
    }

    /// The dictionaries of a field, one a segment.
    pub(crate) fn dictionaries(&self, field: Field) -> impl Iterator<Item = &InvertedIndexReader> {
        self.segments.iter().filter_map(move |segment| segment.inverted[field.field_id() as usize].as_deref())
    }

    /// Each term of a field from `first` on, once a segment, with how many living units of it have the term.
    pub(crate) fn each_term(&self, field: Field, first: &str, mut each: impl FnMut(&str, u32)) {
        for (n, segment) in self.segments.iter().enumerate() {
            let Some(inverted) = &segment.inverted[field.field_id() as usize] else { continue };
            let Ok(mut terms) = inverted.terms().range().ge(first.as_bytes()).into_stream() else { continue };
            while terms.advance() {
                if let Ok(text) = std::str::from_utf8(terms.key()) {
                    each(text, self.frequency(n, Some(inverted.as_ref()), terms.value()));
                }
            }
        }
    }

    /// What is known of a term.
    pub(crate) fn term(&self, field: Field, text: &str) -> Arc<Known> {
        let memory = &self.terms[field.field_id() as usize];
        if let Some(known) = memory.read().ok().and_then(|memory| memory.get(text).cloned()) {
            return known;
        }
        let term = Term::from_field_text(field, text);
        let mut known = Known {
            frequency: 0,
            listed: 0,
            field,
            infos: Vec::with_capacity(self.segments.len()),
            asked: AtomicBool::new(false),
            kept: OnceLock::new(),
        };
        for (n, inverted) in
            self.segments.iter().map(|segment| &segment.inverted[field.field_id() as usize]).enumerate()
        {
            let info = inverted.as_ref().and_then(|inverted| inverted.get_term_info(&term).ok().flatten());
            if let Some(info) = &info {
                known.listed += info.doc_freq;
                known.frequency += self.frequency(n, inverted.as_deref(), info);
            }
            known.infos.push(info);
        }
        let known = Arc::new(known);
        if let Ok(mut memory) = memory.write() {
            if memory.len() >= REMEMBERED {
                memory.clear();
            }
            memory.insert(text.into(), Arc::clone(&known));
        }
        known
    }

    fn frequency(&self, segment: usize, inverted: Option<&InvertedIndexReader>, info: &TermInfo) -> u32 {
        let Segment { base, whole, .. } = self.segments[segment];
        let Some(inverted) = inverted.filter(|_| !whole) else { return info.doc_freq };
        let mut living = 0;
        if let Ok(mut postings) = inverted.read_block_postings_from_terminfo(info, IndexRecordOption::Basic) {
            while postings.block_len() > 0 {
                living += postings.docs().iter().filter(|doc| self.cards[base + **doc as usize] != NONE).count();
                postings.advance();
            }
        }
        living as u32
    }

    /// The units of a term, decoded once it was asked for before.
    fn kept(&self, known: &Known) -> Option<Kept> {
        if let Some(kept) = known.kept.get() {
            return Some(kept.clone());
        }
        if !known.asked.swap(true, Ordering::Relaxed) {
            return None;
        }
        let dense = known.listed as usize * DENSE >= self.cards.len();
        let bytes = if dense { self.alive.len() * 8 } else { known.listed as usize * 4 };
        if self.used.fetch_add(bytes, Ordering::Relaxed) + bytes > MEMORY {
            for memory in &self.terms {
                if let Ok(mut memory) = memory.write() {
                    memory.clear();
                }
            }
            self.used.store(bytes, Ordering::Relaxed);
        }
        let mut set = vec![0_u64; if dense { self.alive.len() } else { 0 }];
        let mut list = Vec::with_capacity(if dense { 0 } else { known.listed as usize });
        for (segment, info) in self.segments.iter().zip(&known.infos) {
            let Some(mut postings) = open(segment, known.field, info.as_ref()) else { continue };
            while postings.block_len() > 0 {
                let units = postings.docs().iter().map(|doc| segment.base as u32 + doc);
                if dense {
                    units.for_each(|unit| set[unit as usize / 64] |= 1 << (unit % 64));
                } else {
                    list.extend(units);
                }
                postings.advance();
            }
        }
        let kept = known.kept.get_or_init(|| if dense { Kept::Set(set.into()) } else { Kept::List(list.into()) });
        Some(kept.clone())
    }

    /// The units with a term among those of one document, `[first, end)`.
    pub(crate) fn within(&self, known: &Known, first: u32, end: u32) -> Vec<u32> {
        let address = self.address(first);
        let base = first - address.doc_id;
        let mut units = Vec::new();
        if let Some(mut postings) = self.postings(known, address.segment_ord, IndexRecordOption::Basic) {
            let mut doc = if postings.doc() < address.doc_id { postings.seek(address.doc_id) } else { postings.doc() };
            while doc != TERMINATED && base + doc < end {
                units.push(base + doc);
                doc = postings.advance();
            }
        }
        units
    }

    /// The list of a term in one segment.
    pub(crate) fn postings(&self, known: &Known, segment: u32, option: IndexRecordOption) -> Option<SegmentPostings> {
        let info = known.infos.get(segment as usize)?.as_ref()?;
        let inverted = self.segments[segment as usize].inverted[known.field.field_id() as usize].as_ref()?;
        inverted.read_postings_from_terminfo(info, option).ok()
    }
}

fn open(segment: &Segment, field: Field, info: Option<&TermInfo>) -> Option<BlockSegmentPostings> {
    let inverted = segment.inverted[field.field_id() as usize].as_ref()?;
    inverted.read_block_postings_from_terminfo(info?, IndexRecordOption::Basic).ok()
}

fn in_window(set: &[u64], window: usize) -> &Window {
    set[window * WORDS..(window + 1) * WORDS].try_into().expect("a window has this many words")
}

/// The class of every length code, by what a word found is worth in a unit of that length.
fn length_classes() -> [u8; 256] {
    std::array::from_fn(|code| {
        let length = f64::from(FieldNormReader::id_to_fieldnorm(code as u8));
        // About 30 syllables and less make the highest class, 1,300 and more the lowest.
        (7.0 - (length.max(30.0) / 30.0).log2() * 1.3).clamp(0.0, 7.0).round() as u8
    })
}

/// The units of a term, window after window.
// A query holds a handful of these; a box would cost a jump a window.
#[allow(clippy::large_enum_variant)]
pub(crate) enum Units {
    /// As a set.
    Set(Arc<[u64]>),
    /// In order, from a place on that no window before has reached.
    List(Arc<[u32]>, usize),
    /// As the lists of the segments; the list of the segment last asked for is open.
    Lists { known: Arc<Known>, open: Option<(u32, Option<BlockSegmentPostings>)> },
}

impl Units {
    /// The units of a term.
    pub(crate) fn of(space: &Space, known: &Arc<Known>) -> Units {
        match space.kept(known) {
            Some(Kept::Set(set)) => Units::Set(set),
            Some(Kept::List(list)) => Units::List(list, 0),
            None => Units::Lists { known: Arc::clone(known), open: None },
        }
    }

    /// Puts the units of a window into `out`, which is empty, and tells whether there are any.
    ///
    /// Windows must be asked for in order.
    pub(crate) fn fill(&mut self, space: &Space, window: usize, out: &mut Window) -> bool {
        match self {
            Units::Set(set) => {
                out.copy_from_slice(in_window(set, window));
                out.iter().any(|word| *word != 0)
            }
            Units::List(list, from) => {
                let start = (window * WINDOW) as u32;
                let rest = &list[*from..];
                *from += match rest.first() {
                    Some(first) if *first < start => rest.partition_point(|unit| *unit < start),
                    _ => 0,
                };
                let own = list[*from..].iter().take_while(|unit| **unit < start + WINDOW as u32);
                let mut n = 0;
                for unit in own {
                    let unit = (unit - start) as usize;
                    out[unit / 64] |= 1 << (unit % 64);
                    n += 1;
                }
                *from += n;
                n > 0
            }
            Units::Lists { known, open: list } => {
                let (segment, start) = space.place(window);
                if list.as_ref().is_none_or(|(own, _)| *own != segment) {
                    let info = known.infos.get(segment as usize).and_then(Option::as_ref);
                    *list = Some((segment, open(&space.segments[segment as usize], known.field, info)));
                }
                let Some((_, Some(postings))) = list else { return false };
                let mut at = postings.seek(start);
                let end = start + WINDOW as u32;
                let mut any = false;
                loop {
                    let docs = postings.docs();
                    for doc in docs.get(at..).unwrap_or_default() {
                        if *doc >= end {
                            return any;
                        }
                        let unit = (doc - start) as usize;
                        out[unit / 64] |= 1 << (unit % 64);
                        any = true;
                    }
                    if docs.len() < 128 {
                        return any;
                    }
                    postings.advance();
                    at = 0;
                }
            }
        }
    }
}
