//! Records as Parquet: one row a document, its fields named and nested as in NDJSON.

use crate::Failure;
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::Type;
use serde_json::Value;
use std::io::Write;
use std::sync::Arc;
use vanban::document::Record;
use vanban::error::Error;

/// The record format. What may be `null` is optional, lists are never null.
const SCHEMA: &str = "message record {
    required binary id (STRING);
    required binary source_hash (STRING);
    required binary encoding (STRING);
    optional group pages (LIST) { repeated group list { required int32 element; } }
    required binary restored (STRING);
    optional binary number (STRING);
    optional binary type (STRING);
    optional binary issuer (STRING);
    optional binary issuer_printed (STRING);
    optional binary place (STRING);
    optional int32 date (DATE);
    optional int32 effective (DATE);
    optional binary title (STRING);
    optional binary signer (STRING);
    optional binary signer_role (STRING);
    required group recipients (LIST) { repeated group list { required binary element (STRING); } }
    required group outline (LIST) { repeated group list { required group element {
        required binary path (STRING);
        required binary level (STRING);
        required binary label (STRING);
        optional binary heading (STRING);
        required group span (LIST) { repeated group list { required int32 element; } }
    } } }
    required group citations (LIST) { repeated group list { required group element {
        required binary surface (STRING);
        required group span (LIST) { repeated group list { required int32 element; } }
        optional binary number (STRING);
        optional binary name (STRING);
        optional binary type (STRING);
        optional int32 date (DATE);
        optional binary issuer (STRING);
        optional binary term (STRING);
        required group locators (LIST) { repeated group list { required binary element (STRING); } }
        required binary relation (STRING);
        required binary target (STRING);
        optional binary of (STRING);
        optional binary likely (STRING);
        optional binary path (STRING);
        required double confidence;
        optional int32 page;
        optional int32 line;
    } } }
    required group amendments (LIST) { repeated group list { required group element {
        optional binary target (STRING);
        required binary locator (STRING);
        required binary action (STRING);
        optional binary was (STRING);
        required binary text (STRING);
        required group span (LIST) { repeated group list { required int32 element; } }
    } } }
    required group defects (LIST) { repeated group list { required group element {
        required binary kind (STRING);
        optional int32 line;
        required binary note (STRING);
    } } }
}";

/// Text of the records that one row group holds; it stands in memory until the group is written.
const GROUP_BYTES: usize = 64 << 20;

pub(super) fn write(
    records: impl Iterator<Item = Result<Record, Error>>,
    out: impl Write + Send,
) -> Result<(), Failure> {
    let schema = Arc::new(parse_message_type(SCHEMA)?);
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = SerializedFileWriter::new(out, Arc::clone(&schema), Arc::new(properties))?;
    let mut group = Group::new(&schema);
    for record in records {
        let record = record?;
        group.n_bytes += record.restored.len();
        group.take(&schema, &serde_json::to_value(&record)?);
        if group.n_bytes >= GROUP_BYTES {
            std::mem::replace(&mut group, Group::new(&schema)).write(&mut writer)?;
        }
    }
    // A text may be empty.
    if group.columns.iter().any(|column| !column.definitions.is_empty()) {
        group.write(&mut writer)?;
    }
    writer.close()?;
    Ok(())
}

/// The leaves of some rows, cut into columns.
struct Group {
    columns: Vec<Column>,
    n_bytes: usize,
}

struct Column {
    values: Values,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
}

enum Values {
    Text(Vec<ByteArray>),
    Whole(Vec<i32>),
    Real(Vec<f64>),
}

/// How deep a value lies: optional and repeated fields that are there, and repeated fields above it.
#[derive(Clone, Copy)]
struct Depth {
    definition: i16,
    repetition: i16,
}

impl Group {
    fn new(schema: &Type) -> Group {
        let mut columns = Vec::new();
        add_columns(schema, &mut columns);
        Group { columns, n_bytes: 0 }
    }

    fn take(&mut self, schema: &Type, record: &Value) {
        let mut next = 0;
        for field in schema.get_fields() {
            let value = record.get(field.name()).unwrap_or(&Value::Null);
            shred(field, value, 0, Depth { definition: 0, repetition: 0 }, &mut self.columns, &mut next);
        }
    }

    fn write(self, writer: &mut SerializedFileWriter<impl Write + Send>) -> Result<(), Failure> {
        let mut group = writer.next_row_group()?;
        for Column { values, definitions, repetitions } in self.columns {
            let mut column = group.next_column()?.expect("the columns are those of the schema");
            let (definitions, repetitions) = (Some(&definitions[..]), Some(&repetitions[..]));
            match values {
                Values::Text(values) => {
                    column.typed::<ByteArrayType>().write_batch(&values, definitions, repetitions)?
                }
                Values::Whole(values) => column.typed::<Int32Type>().write_batch(&values, definitions, repetitions)?,
                Values::Real(values) => column.typed::<DoubleType>().write_batch(&values, definitions, repetitions)?,
            };
            column.close()?;
        }
        group.close()?;
        Ok(())
    }
}

fn add_columns(field: &Type, columns: &mut Vec<Column>) {
    if field.is_group() {
        return field.get_fields().iter().for_each(|field| add_columns(field, columns));
    }
    let values = match field.get_physical_type() {
        Physical::INT32 => Values::Whole(Vec::new()),
        Physical::DOUBLE => Values::Real(Vec::new()),
        _ => Values::Text(Vec::new()),
    };
    columns.push(Column { values, definitions: Vec::new(), repetitions: Vec::new() });
}

/// Puts `value` into the columns of `field`, of which `next` is the first. `repetition` says which
/// list the value goes on with.
fn shred(field: &Type, value: &Value, repetition: i16, depth: Depth, columns: &mut [Column], next: &mut usize) {
    let info = field.get_basic_info();
    if value.is_null() && info.repetition() == Repetition::OPTIONAL {
        return leave_out(field, repetition, depth, columns, next);
    }
    let definition = depth.definition + i16::from(info.repetition() == Repetition::OPTIONAL);
    let depth = Depth { definition, ..depth };
    if field.is_primitive() {
        let column = &mut columns[*next];
        *next += 1;
        column.definitions.push(definition);
        column.repetitions.push(repetition);
        match &mut column.values {
            Values::Text(values) => values.push(value.as_str().unwrap_or_default().into()),
            Values::Real(values) => values.push(value.as_f64().unwrap_or_default()),
            Values::Whole(values) => values.push(match info.logical_type_ref() {
                Some(LogicalType::Date) => days(value.as_str().unwrap_or_default()),
                _ => value.as_i64().and_then(|n| i32::try_from(n).ok()).unwrap_or(i32::MAX),
            }),
        }
    } else if info.logical_type_ref() == Some(&LogicalType::List) {
        let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
        if items.is_empty() {
            return leave_out(field, repetition, depth, columns, next);
        }
        let element = &field.get_fields()[0].get_fields()[0];
        let inside = Depth { definition: depth.definition + 1, repetition: depth.repetition + 1 };
        let first = *next;
        for (n, item) in items.iter().enumerate() {
            *next = first;
            let repetition = if n == 0 { repetition } else { inside.repetition };
            shred(element, item, repetition, inside, columns, next);
        }
    } else {
        for field in field.get_fields() {
            let value = value.get(field.name()).unwrap_or(&Value::Null);
            shred(field, value, repetition, depth, columns, next);
        }
    }
}

/// Marks every column of `field` as having nothing here.
fn leave_out(field: &Type, repetition: i16, depth: Depth, columns: &mut [Column], next: &mut usize) {
    if field.is_group() {
        return field.get_fields().iter().for_each(|field| leave_out(field, repetition, depth, columns, next));
    }
    columns[*next].definitions.push(depth.definition);
    columns[*next].repetitions.push(repetition);
    *next += 1;
}

/// Days since 1970-01-01.
fn days(date: &str) -> i32 {
    let date: jiff::civil::Date = date.parse().unwrap_or_default();
    (date - jiff::civil::date(1970, 1, 1)).get_days()
}

#[cfg(test)]
mod tests {
    use super::{SCHEMA, days, write};
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::{Field, Row};
    use parquet::schema::parser::parse_message_type;
    use serde_json::{Map, Value, json};
    use vanban::document::{Document, DocumentId, Record};
    use vanban::restore::{Model, Restorer};

    fn value(field: &Field) -> Value {
        match field {
            Field::Null => Value::Null,
            Field::Str(text) => json!(text),
            Field::Int(n) => json!(n),
            Field::Double(x) => json!(x),
            Field::Date(day) => json!((jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(*day)).to_string()),
            Field::Group(row) => object(row),
            Field::ListInternal(list) => list.elements().iter().map(value).collect(),
            other => panic!("no record holds {other}"),
        }
    }

    fn object(row: &Row) -> Value {
        Value::Object(row.get_column_iter().map(|(name, field)| (name.clone(), value(field))).collect())
    }

    /// The rows of a file that holds these records.
    fn read_back(records: &[Record]) -> Vec<Value> {
        let file = tempfile::tempfile().unwrap();
        write(records.iter().cloned().map(Ok), file.try_clone().unwrap()).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        reader.get_row_iter(None).unwrap().map(|row| object(&row.unwrap())).collect()
    }

    fn records(texts: &[&str]) -> Vec<Record> {
        let restorer = Restorer::new(Model::embedded());
        let read = |(n, text): (usize, &&str)| {
            Document::read(DocumentId(format!("{n}.txt")), text.as_bytes(), &mut restorer.worker()).unwrap().record()
        };
        texts.iter().enumerate().map(read).collect()
    }

    /// Fields that JSON leaves out where they are empty are null in the other.
    fn without_nulls(value: &Value) -> Value {
        match value {
            Value::Object(map) => {
                let kept = map.iter().filter(|(_, value)| !value.is_null());
                Value::Object(kept.map(|(name, value)| (name.clone(), without_nulls(value))).collect::<Map<_, _>>())
            }
            Value::Array(items) => items.iter().map(without_nulls).collect(),
            other => other.clone(),
        }
    }

    #[test]
    fn rows_read_back_are_the_records() {
        let records = records(&[
            "ỦY BAN NHÂN DÂN TỈNH AN HẢI\nSố: 12/2021/QĐ-UBND\nAn Hải, ngày 15 tháng 12 năm 2021\nQUYẾT ĐỊNH\n\
             Căn cứ Luật Đất đai ngày 29/11/2013;\nĐiều 1. Sửa đổi khoản 1, khoản 2 Điều 5 và Điều 7 Quyết định số \
             3/2015/QĐ-UBND ngày 01/02/2015.\nĐiều 2. Quyết định này thay thế Quyết định số 4/2016/QĐ-UBND.\n\
             Nơi nhận:\n- Như Điều 2;\n- Lưu: VT.\n",
            "không có gì\n",
            "Điều 1. Một\nĐiều 3. Ba\n",
        ]);
        assert!(records[0].citations.iter().any(|citation| citation.locators.len() > 1));
        let rows = read_back(&records);
        let expected: Vec<Value> = records.iter().map(|record| serde_json::to_value(record).unwrap()).collect();
        assert_eq!(
            rows.iter().map(without_nulls).collect::<Vec<_>>(),
            expected.iter().map(without_nulls).collect::<Vec<_>>()
        );
        // Every field of a record has its column.
        let schema = parse_message_type(SCHEMA).unwrap();
        let named: Vec<&str> = schema.get_fields().iter().map(|field| field.name()).collect();
        for name in expected[0].as_object().unwrap().keys() {
            assert!(named.contains(&name.as_str()), "{name}");
        }
    }

    #[test]
    fn a_record_without_text_is_a_row() {
        let mut records = records(&["không có gì\n"]);
        records[0].restored.clear();
        assert_eq!(read_back(&records).len(), 1);
        assert_eq!(read_back(&[]).len(), 0);
    }

    #[test]
    fn days_before_the_epoch_are_negative() {
        assert_eq!([days("1969-12-31"), days("1970-01-01"), days("2000-03-01")], [-1, 0, 11_017]);
    }
}
