//! The structure of a document: text in, a flat, ordered list of named places out.
//!
//! Never fails. Quoted new wording and tables of contents make no nodes.

mod heading;
mod line;
mod marker;
mod numeral;
pub(crate) mod place;
mod quote;
mod tree;

use crate::text::{Defect, Span};
use serde::{Deserialize, Serialize};

/// What sort of place a node is. Serialised in Vietnamese without marks, as in paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Part, *Phần*.
    Phan,
    /// Chapter, *Chương*.
    Chuong,
    /// Section, *Mục*.
    Muc,
    /// Subsection, *Tiểu mục*.
    TieuMuc,
    /// Article, *Điều*.
    Dieu,
    /// Clause, *khoản*.
    Khoan,
    /// Point, *điểm*.
    Diem,
    /// Sub-point, *tiết*.
    Tiet,
    /// A Roman section of a Party paper, `I-`.
    MucLama,
    /// An Arabic section of a paper without articles, `1.`.
    MucSo,
    /// Its subsection, `1.1.`.
    #[serde(rename = "muc_so2")]
    MucSo2,
    /// An attached regulation, *Quy chế/Quy định ban hành kèm theo*, with its own namespace.
    KemTheo,
    /// Annex, *Phụ lục*.
    PhuLuc,
}

impl Level {
    /// The word used in paths: `dieu`, `muc_so2`, …
    pub fn name(self) -> &'static str {
        match self {
            Level::Phan => "phan",
            Level::Chuong => "chuong",
            Level::Muc => "muc",
            Level::TieuMuc => "tieu_muc",
            Level::Dieu => "dieu",
            Level::Khoan => "khoan",
            Level::Diem => "diem",
            Level::Tiet => "tiet",
            Level::MucLama => "muc_lama",
            Level::MucSo => "muc_so",
            Level::MucSo2 => "muc_so2",
            Level::KemTheo => "kem_theo",
            Level::PhuLuc => "phu_luc",
        }
    }
}

/// One named place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Unique and stable: `kem_theo:1/chuong:II/dieu:4/khoan:1/diem:đ`.
    pub path: String,
    /// What sort of place.
    pub level: Level,
    /// As printed: `12a`, `II`, `đ`.
    pub label: String,
    /// The heading, where one is printed.
    pub heading: Option<String>,
    /// From the label to the end of the last descendant; bytes of the restored text.
    pub span: Span,
}

/// The outline of one document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outline {
    /// In reading order; an ancestor before its descendants.
    pub nodes: Vec<Node>,
    /// Quoted new wording: text that belongs to another document.
    pub quoted: Vec<Span>,
    /// Gaps in the numbering and other things to report.
    pub defects: Vec<Defect>,
}

impl Outline {
    /// The innermost place that covers byte `at`.
    pub fn at(&self, at: usize) -> Option<&Node> {
        let before = self.nodes.partition_point(|node| node.span.start <= at);
        self.nodes[..before].iter().rev().find(|node| at < node.span.end)
    }
}

/// Reads the structure of a restored text. Linear in its length; an empty text has no places.
pub fn parse(text: &str) -> Outline {
    tree::build(text, &line::split(text))
}
