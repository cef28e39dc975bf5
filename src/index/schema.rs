//! The fields of the index, and what one indexed unit keeps of its document.

use serde::{Deserialize, Serialize};
use tantivy::schema::{FAST, Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions};

/// Format of the index folder. A folder of another version is not opened.
pub(crate) const VERSION: u32 = 2;

/// The fields of a unit: a document's head, an article, or a part of a long one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    /// Document id, raw; also a column.
    pub(crate) id: Field,
    /// Steps of the unit's path, raw: `dieu:5`.
    pub(crate) place: Field,
    /// Exact forms of the marked syllables, with positions.
    pub(crate) exact: Field,
    /// Folded syllables with positions; same positions as `exact`.
    pub(crate) folded: Field,
    /// Folded pairs of neighbours; how often one is there is told by the positions of `folded`.
    pub(crate) pairs: Field,
    /// Title or heading: folded, exact and pairs in one.
    pub(crate) head: Field,
    /// Runner-up readings and raw forms of doubtful syllables.
    pub(crate) doubt: Field,
    /// [`StoredUnit`], stored only.
    pub(crate) body: Field,
}

/// What the schema calls the way texts are cut; [`super::segment`] cuts them, no tokenizer of tantivy's does.
const LINES: &str = "vi_lines";
/// The same for fields with several kinds of terms.
const ALL: &str = "vi_all";

fn text(cut: &str, option: IndexRecordOption, norms: bool) -> TextOptions {
    TextOptions::default().set_indexing_options(
        TextFieldIndexing::default().set_tokenizer(cut).set_index_option(option).set_fieldnorms(norms),
    )
}

/// The schema and its fields.
pub(crate) fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let fields = Fields {
        id: builder.add_text_field("id", STRING | FAST),
        place: builder.add_text_field("place", STRING),
        exact: builder.add_text_field("exact", text(LINES, IndexRecordOption::WithFreqsAndPositions, false)),
        folded: builder.add_text_field("folded", text(LINES, IndexRecordOption::WithFreqsAndPositions, true)),
        pairs: builder.add_text_field("pairs", text(LINES, IndexRecordOption::Basic, false)),
        head: builder.add_text_field("head", text(ALL, IndexRecordOption::WithFreqs, true)),
        doubt: builder.add_text_field("doubt", text(ALL, IndexRecordOption::Basic, false)),
        body: builder.add_bytes_field("body", STORED),
    };
    (builder.build(), fields)
}

/// What is kept of a unit for showing it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct StoredUnit {
    /// Verbatim part of the restored text.
    pub(crate) text: String,
    /// Where it begins in the restored text, in bytes.
    pub(crate) start: usize,
    /// Path of the article or section; `None` for the document's own head.
    pub(crate) path: Option<String>,
    /// Places that begin inside, as (byte of `text`, path), in order.
    pub(crate) inner: Vec<(u32, String)>,
}
