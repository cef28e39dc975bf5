//! One unit on its way into the index. Its text is cut into tokens once for all fields, and
//! on the thread that writes the segment.

use super::analyzer::{Memo, Spelled};
use super::schema::Fields;
use super::units::Unit;
use std::cell::RefCell;
use std::sync::{Arc, OnceLock};
use tantivy::Document;
use tantivy::schema::Field;
use tantivy::schema::document::{ReferenceValue, ReferenceValueLeaf, Value};

thread_local! {
    /// The spellings a writing thread has met.
    static MEMO: RefCell<Memo> = RefCell::default();
}

/// A unit and the document it belongs to.
#[derive(Debug)]
pub(crate) struct Row {
    fields: Fields,
    id: Arc<str>,
    unit: Unit,
    cut: OnceLock<Cut>,
}

/// What is worked out when the row is written.
#[derive(Debug)]
struct Cut {
    spelled: Spelled,
    places: Vec<String>,
    body: Vec<u8>,
}

impl Row {
    /// A row of the document `id`.
    pub(crate) fn new(fields: Fields, id: Arc<str>, unit: Unit) -> Row {
        Row { fields, id, unit, cut: OnceLock::new() }
    }

    fn cut(&self) -> Cut {
        let Unit { stored, context, .. } = &self.unit;
        let mut spelled = Spelled::default();
        MEMO.with_borrow_mut(|memo| {
            spelled.folded.reserve(stored.text.len() + context.len());
            spelled.exact.reserve(stored.text.len() + context.len());
            spelled.add(&stored.text, true, memo);
            spelled.end();
            spelled.add(context, false, memo);
        });
        let places = stored.path.iter().flat_map(|path| path.split('/')).map(str::to_lowercase).collect();
        let body = postcard::to_stdvec(stored).expect("texts and numbers can always be written to memory");
        Cut { spelled, places, body }
    }
}

impl Document for Row {
    type Value<'a> = Piece<'a>;
    type FieldsValuesIter<'a> = std::vec::IntoIter<(Field, Piece<'a>)>;

    fn iter_fields_and_values(&self) -> Self::FieldsValuesIter<'_> {
        let Row { fields, unit, .. } = self;
        let Cut { spelled, places, body } = self.cut.get_or_init(|| self.cut());
        let mut values = vec![
            (fields.id, Piece::Text(&self.id)),
            (fields.exact, Piece::Text(&spelled.exact)),
            (fields.folded, Piece::Text(&spelled.folded)),
            (fields.pairs, Piece::Text(&spelled.pairs)),
            (fields.body, Piece::Bytes(body)),
        ];
        values.extend(places.iter().map(|step| (fields.place, Piece::Text(step))));
        for (field, text) in [(fields.head, &unit.head), (fields.doubt, &unit.doubt)] {
            if !text.is_empty() {
                values.push((field, Piece::Text(text)));
            }
        }
        values.into_iter()
    }
}

/// One value of a row.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Piece<'a> {
    /// A text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
}

impl<'a> Value<'a> for Piece<'a> {
    type ArrayIter = std::iter::Empty<Self>;
    type ObjectIter = std::iter::Empty<(&'a str, Self)>;

    fn as_value(&self) -> ReferenceValue<'a, Self> {
        ReferenceValue::Leaf(match *self {
            Piece::Text(text) => ReferenceValueLeaf::Str(text),
            Piece::Bytes(bytes) => ReferenceValueLeaf::Bytes(bytes),
        })
    }
}
