//! `vanban` reads what is left of Vietnamese directives after an OCR engine
//! that knew no Vietnamese, and makes them searchable and traceable again.
//!
//! ```text
//! source bytes → decoded text → restored text → outline + citations → graph → index
//!   source::decode   restore::Worker   outline::parse    graph::Graph   index::Index
//!                                      citation::find
//! ```
//!
//! Modules stand on floors; each may name only those below it:
//!
//! | floor | modules | touches the world |
//! |---|---|---|
//! | 0 | [`error`], [`text`], [`number`] | no |
//! | 1 | [`source`], [`restore`], [`outline`], [`citation`], [`decision`] | model, adaptation and decisions files; outside readers of scans |
//! | 2 | [`document`] | no |
//! | 3 | [`graph`], [`index`], [`eval`] | the index's own folder |
//! | 4 | [`store`], then [`review`] on top of it | its own folder; the archive, read only |
//! | 5 | the `vanban` binary | arguments, files, stdout, sockets |
//!
//! Nothing on floors 0 to 2 prints, sleeps or reads the clock. Damage is data:
//! what was wrong with a page comes back as a [`text::Defect`], never as an error.
//! Inside the library every [`text::Span`] counts bytes of the *restored* text;
//! records carry spans mapped back to characters of the source.

pub mod error;
pub mod number;
pub mod text;

pub mod citation;
pub mod decision;
pub mod outline;
pub mod restore;
pub mod source;

pub mod document;

pub mod eval;
pub mod graph;
pub mod index;

pub mod store;

pub mod review;
