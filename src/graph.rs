//! Who cites, replaces, amends whom; what is in force on a date, and why.

use crate::citation::Relation;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A document as the graph knows it, held or only cited.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Id of the held document, or a stable id of its own.
    pub id: String,
    /// Canonical number.
    pub number: Option<String>,
    /// Date of signing.
    pub date: Option<Date>,
    /// First day in force.
    pub effective: Option<Date>,
    /// Term of the issuing body.
    pub term: Option<String>,
}

/// One effect or reference.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    /// The acting document.
    pub from: String,
    /// The document acted on.
    pub to: String,
    /// What it does.
    pub relation: Relation,
}
