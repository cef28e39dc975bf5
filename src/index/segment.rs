//! Units in, one segment of the index out.
//!
//! tantivy's own writer looks up every term of every field in one table of strings. Here a text is
//! cut once, into a row of small numbers, one a token, and the lists of all its fields come out of
//! that row by counting. What is written is tantivy's format, through tantivy's own serializers.

use super::analyzer::{Forms, Tokens, has_figure};
use super::schema::Fields;
use super::units::Unit;
use rustc_hash::FxHashMap;
use tantivy::directory::TerminatingWrite;
use tantivy::fastfield::FastFieldsWriter;
use tantivy::fieldnorm::{FieldNormReaders, FieldNormsSerializer, FieldNormsWriter};
use tantivy::index::{Segment, SegmentComponent};
use tantivy::postings::InvertedIndexSerializer;
use tantivy::schema::{Field, Schema};
use tantivy::store::StoreWriter;
use tantivy::{SegmentMeta, TantivyDocument};

/// No word.
const NONE: u32 = u32::MAX;
/// The token between two texts: nothing stands in a row across it.
const GAP: u32 = 0;
/// Tokens for which one place remembers the unit.
const STRIDE: usize = 64;

/// Words of one field by number.
#[derive(Default)]
struct Words {
    numbers: FxHashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
}

impl Words {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.texts.len() as u32;
        self.numbers.insert(text.into(), number);
        self.texts.push(text.into());
        number
    }

    /// The words in the order of their bytes, and for each number its place in that order.
    fn order(&self) -> (Vec<&str>, Vec<u32>) {
        let mut numbers: Vec<u32> = (0..self.texts.len() as u32).collect();
        numbers.sort_unstable_by(|a, b| self.texts[*a as usize].cmp(&self.texts[*b as usize]));
        let mut ranks = vec![0; numbers.len()];
        for (rank, number) in numbers.iter().enumerate() {
            ranks[*number as usize] = rank as u32;
        }
        (numbers.iter().map(|number| &*self.texts[*number as usize]).collect(), ranks)
    }
}

/// What one spelling on the page is in the index.
#[derive(Clone, Copy)]
struct Spelling {
    folded: u32,
    /// [`NONE`] where nothing is marked.
    exact: u32,
}

/// Every spelling that the segment has met.
struct Spellings {
    numbers: FxHashMap<Box<str>, u32>,
    all: Vec<Spelling>,
    folded: Words,
    exact: Words,
    /// Roughly what they take, in bytes.
    bytes: usize,
}

impl Spellings {
    fn new() -> Spellings {
        let gap = Spelling { folded: NONE, exact: NONE };
        let (folded, exact) = (Words::default(), Words::default());
        Spellings { numbers: FxHashMap::default(), all: vec![gap], folded, exact, bytes: 0 }
    }

    fn number(&mut self, raw: &str) -> u32 {
        if let Some(number) = self.numbers.get(raw) {
            return *number;
        }
        let forms = Forms::of(raw);
        let folded = self.folded.number(&forms.folded);
        let exact = if forms.is_marked() { self.exact.number(&forms.exact) } else { NONE };
        let number = self.all.len() as u32;
        self.numbers.insert(raw.into(), number);
        self.all.push(Spelling { folded, exact });
        self.bytes += 5 * raw.len() + 200;
        number
    }

    fn folded_of(&self, number: u32) -> &str {
        &self.folded.texts[self.all[number as usize].folded as usize]
    }

    fn exact_of(&self, number: u32) -> Option<&str> {
        self.exact.texts.get(self.all[number as usize].exact as usize).map(|text| &**text)
    }
}

/// The lists of a field with few terms a unit: units and how often, in order.
#[derive(Default)]
struct Lists {
    lists: FxHashMap<Box<str>, Vec<(u32, u32)>>,
    n_tokens: u64,
    bytes: usize,
}

impl Lists {
    fn add(&mut self, term: &str, unit: u32) {
        self.n_tokens += 1;
        if let Some(list) = self.lists.get_mut(term) {
            match list.last_mut() {
                Some((last, count)) if *last == unit => *count += 1,
                _ => {
                    list.push((unit, 1));
                    self.bytes += 12;
                }
            }
            return;
        }
        self.lists.insert(term.into(), vec![(unit, 1)]);
        self.bytes += term.len() + 100;
    }

    /// Writes the field.
    fn write(
        self,
        field: Field,
        counted: bool,
        norms: &FieldNormReaders,
        out: &mut InvertedIndexSerializer,
    ) -> tantivy::Result<()> {
        let mut lists: Vec<_> = self.lists.into_iter().collect();
        lists.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let mut field = out.new_field(field, self.n_tokens, norms.get_field(field)?)?;
        for (term, list) in lists {
            field.new_term(term.as_bytes(), if counted { list.len() as u32 } else { 0 }, counted)?;
            for (unit, count) in list {
                field.write_doc(unit, if counted { count } else { 0 }, &[]);
            }
            field.close_term()?;
        }
        Ok(field.close()?)
    }
}

/// A segment while it grows.
pub(crate) struct SegmentBuilder {
    fields: Fields,
    schema: Schema,
    segment: Segment,
    spellings: Spellings,
    /// The spellings of all units in a row: the text, a [`GAP`], the context, a [`GAP`].
    tokens: Vec<u32>,
    /// For each unit where its text begins in the row, and where its context does.
    places: Vec<(u32, u32)>,
    id: Lists,
    place: Lists,
    head: Lists,
    doubt: Lists,
    norms: FieldNormsWriter,
    columns: FastFieldsWriter,
    store: StoreWriter,
}

impl SegmentBuilder {
    /// An empty segment of an index.
    pub(crate) fn new(index: &tantivy::Index, fields: Fields) -> tantivy::Result<SegmentBuilder> {
        let segment = index.new_segment();
        let schema = index.schema();
        let settings = index.settings();
        let store = segment.open_write(SegmentComponent::Store)?;
        Ok(SegmentBuilder {
            fields,
            spellings: Spellings::new(),
            tokens: Vec::new(),
            places: Vec::new(),
            id: Lists::default(),
            place: Lists::default(),
            head: Lists::default(),
            doubt: Lists::default(),
            norms: FieldNormsWriter::for_schema(&schema),
            columns: FastFieldsWriter::from_schema_and_tokenizer_manager(
                &schema,
                index.fast_field_tokenizer().clone(),
            )?,
            store: StoreWriter::new(store, settings.docstore_compression, settings.docstore_blocksize, false)?,
            schema,
            segment,
        })
    }

    /// Roughly the memory it takes, what finishing it will take included.
    pub(crate) fn memory(&self) -> usize {
        let lists = self.id.bytes + self.place.bytes + self.head.bytes + self.doubt.bytes;
        // Beside each token its place in a list.
        self.tokens.len() * 8 + self.spellings.bytes + lists
    }

    /// Adds a unit of the document `id`.
    pub(crate) fn add(&mut self, id: &str, unit: &Unit) -> tantivy::Result<()> {
        let Unit { stored, head, context, doubt } = unit;
        let own = self.places.len() as u32;
        let start = self.tokens.len();
        self.cut(&stored.text);
        self.places.push((start as u32, self.tokens.len() as u32));
        self.cut(context);

        self.id.add(id, own);
        let mut n_places = 0;
        for step in stored.path.iter().flat_map(|path| path.split('/')) {
            self.place.add(&step.to_lowercase(), own);
            n_places += 1;
        }
        let n_head = self.cut_head(head, own);
        for (span, _) in Tokens::of(doubt) {
            let number = self.spellings.number(span.of(doubt));
            self.doubt.add(self.spellings.folded_of(number), own);
            if let Some(exact) = self.spellings.exact_of(number) {
                self.doubt.add(&exact_key(exact), own);
            }
        }
        let n_tokens = (self.tokens.len() - start - 2) as u32;
        for (field, length) in [
            (self.fields.id, 1),
            (self.fields.place, n_places),
            (self.fields.folded, n_tokens),
            (self.fields.head, n_head),
        ] {
            self.norms.record(own, field, length);
        }

        let mut kept = TantivyDocument::new();
        kept.add_text(self.fields.id, id);
        let body = postcard::to_stdvec(stored).expect("texts and numbers can always be written to memory");
        kept.add_bytes(self.fields.body, &body);
        self.columns.add_document(&kept)?;
        self.store.store(&kept, &self.schema)?;
        Ok(())
    }

    fn cut(&mut self, text: &str) {
        for (span, _) in Tokens::of(text) {
            let number = self.spellings.number(span.of(text));
            self.tokens.push(number);
        }
        self.tokens.push(GAP);
    }

    /// The terms of a heading in one field: folded words, marked ones as written, pairs of neighbours.
    fn cut_head(&mut self, head: &str, own: u32) -> u32 {
        let before = self.head.n_tokens;
        let mut left: Option<u32> = None;
        for (span, _) in Tokens::of(head) {
            let number = self.spellings.number(span.of(head));
            let folded = self.spellings.folded_of(number);
            self.head.add(folded, own);
            if let Some(exact) = self.spellings.exact_of(number) {
                self.head.add(&exact_key(exact), own);
            }
            if let Some(left) = left {
                self.head.add(&format!("{} {folded}", self.spellings.folded_of(left)), own);
            }
            left = Some(number);
        }
        (self.head.n_tokens - before) as u32
    }

    /// Writes the segment, which must have a unit.
    pub(crate) fn finish(mut self) -> tantivy::Result<SegmentMeta> {
        let n_units = self.places.len() as u32;
        self.store.close()?;
        let mut columns = self.segment.open_write(SegmentComponent::FastFields)?;
        self.columns.serialize(&mut columns, None)?;
        columns.terminate()?;
        // Lists are written with the lengths beside them.
        self.norms.fill_up_to_max_doc(n_units);
        let norms = FieldNormsSerializer::from_write(self.segment.open_write(SegmentComponent::FieldNorms)?)?;
        self.norms.serialize(norms, None)?;
        let norms = FieldNormReaders::open(self.segment.open_read(SegmentComponent::FieldNorms)?)?;
        let mut out = InvertedIndexSerializer::open(&self.segment)?;
        self.id.write(self.fields.id, false, &norms, &mut out)?;
        self.place.write(self.fields.place, false, &norms, &mut out)?;
        self.head.write(self.fields.head, true, &norms, &mut out)?;
        self.doubt.write(self.fields.doubt, false, &norms, &mut out)?;
        let row = Row::new(self.tokens, self.places);
        row.write(self.fields, &self.spellings, &norms, &mut out)?;
        out.close()?;
        let segment = self.segment.with_max_doc(n_units);
        segment.meta().untrack_temp_docstore();
        Ok(segment.meta().clone())
    }
}

/// The term of a marked form in fields that hold both forms.
fn exact_key(exact: &str) -> String {
    format!("={exact}")
}

/// The tokens of a whole segment, ready to be told apart.
struct Row {
    tokens: Vec<u32>,
    places: Vec<(u32, u32)>,
    /// The unit of every [`STRIDE`]th token.
    marks: Vec<u32>,
}

impl Row {
    fn new(tokens: Vec<u32>, places: Vec<(u32, u32)>) -> Row {
        let mut marks = Vec::with_capacity(tokens.len() / STRIDE + 1);
        let mut unit = 0;
        for at in (0..tokens.len()).step_by(STRIDE) {
            while places.get(unit + 1).is_some_and(|next| next.0 as usize <= at) {
                unit += 1;
            }
            marks.push(unit as u32);
        }
        Row { tokens, places, marks }
    }

    /// The unit of a token, which is `from` or a later one.
    fn unit(&self, at: u32, from: u32) -> u32 {
        let mut unit = self.marks[at as usize / STRIDE].max(from);
        while self.places.get(unit as usize + 1).is_some_and(|next| next.0 <= at) {
            unit += 1;
        }
        unit
    }

    /// Sorts the tokens by word into `listed`, those of a word in order, and gives where the list of
    /// each of the `n` words ends. Tokens whose spelling is [`NONE`] in `ranks` are left out.
    fn sort(&self, ranks: &[u32], n: usize, listed: &mut Vec<u32>) -> Vec<usize> {
        let mut ends = vec![0; n];
        let words = || self.tokens.iter().map(|token| ranks[*token as usize]).enumerate();
        for (_, rank) in words().filter(|(_, rank)| *rank != NONE) {
            ends[rank as usize] += 1;
        }
        let mut sum = 0;
        for end in &mut ends {
            sum += std::mem::replace(end, sum);
        }
        listed.clear();
        listed.resize(sum, 0);
        for (at, rank) in words().filter(|(_, rank)| *rank != NONE) {
            listed[ends[rank as usize]] = at as u32;
            ends[rank as usize] += 1;
        }
        ends
    }

    /// Writes the three fields of the texts.
    fn write(
        &self,
        fields: Fields,
        spellings: &Spellings,
        norms: &FieldNormReaders,
        out: &mut InvertedIndexSerializer,
    ) -> tantivy::Result<()> {
        let mut listed = Vec::new();
        let ranks = |ranks: &[u32], of: fn(&Spelling) -> u32| -> Vec<u32> {
            spellings.all.iter().map(|own| ranks.get(of(own) as usize).copied().unwrap_or(NONE)).collect()
        };
        let (words, order) = spellings.exact.order();
        let ends = self.sort(&ranks(&order, |own| own.exact), words.len(), &mut listed);
        self.write_placed(fields.exact, &words, &ends, &listed, norms, out)?;
        let (words, order) = spellings.folded.order();
        let ranks = ranks(&order, |own| own.folded);
        let ends = self.sort(&ranks, words.len(), &mut listed);
        self.write_placed(fields.folded, &words, &ends, &listed, norms, out)?;
        self.write_pairs(fields.pairs, &words, &ends, &listed, &ranks, out)
    }

    /// Writes a field with positions.
    fn write_placed(
        &self,
        field: Field,
        words: &[&str],
        ends: &[usize],
        listed: &[u32],
        norms: &FieldNormReaders,
        out: &mut InvertedIndexSerializer,
    ) -> tantivy::Result<()> {
        let mut field = out.new_field(field, listed.len() as u64, norms.get_field(field)?)?;
        let (mut units, mut steps) = (Vec::<(u32, u32)>::new(), Vec::new());
        let mut start = 0;
        for (word, &end) in words.iter().zip(ends) {
            let own = &listed[start..end];
            start = end;
            // A word may stand in headings only.
            if own.is_empty() {
                continue;
            }
            units.clear();
            steps.clear();
            let (mut unit, mut before) = (0, 0);
            for &at in own {
                unit = self.unit(at, unit);
                match units.last_mut() {
                    Some((last, count)) if *last == unit => *count += 1,
                    _ => {
                        units.push((unit, 1));
                        before = self.places[unit as usize].0;
                    }
                }
                steps.push(at - before);
                before = at;
            }
            field.new_term(word.as_bytes(), units.len() as u32, true)?;
            let mut rest = &steps[..];
            for &(unit, count) in &units {
                let (own, after) = rest.split_at(count as usize);
                field.write_doc(unit, count, own);
                rest = after;
            }
            field.close_term()?;
        }
        Ok(field.close()?)
    }

    /// Writes the pairs of neighbours inside texts, each once a unit. Figures stand in none: there are
    /// as many different ones as there are documents, and whether words stand in a row is told by
    /// positions in the end.
    fn write_pairs(
        &self,
        field: Field,
        words: &[&str],
        ends: &[usize],
        listed: &[u32],
        ranks: &[u32],
        out: &mut InvertedIndexSerializer,
    ) -> tantivy::Result<()> {
        let mut field = out.new_field(field, 0, None)?;
        let figure: Vec<bool> = words.iter().map(|word| has_figure(word)).collect();
        // The second word above, the unit below.
        let mut found: Vec<u64> = Vec::new();
        let mut term = Vec::new();
        let mut start = 0;
        for (n, (left, &end)) in words.iter().zip(ends).enumerate() {
            let own = if figure[n] { &[] } else { &listed[start..end] };
            start = end;
            found.clear();
            let mut unit = 0;
            for &at in own {
                let right = ranks[self.tokens[at as usize + 1] as usize];
                if right == NONE || figure[right as usize] {
                    continue;
                }
                unit = self.unit(at, unit);
                if at < self.places[unit as usize].1 {
                    found.push(u64::from(right) << 32 | u64::from(unit));
                }
            }
            found.sort_unstable();
            found.dedup();
            for pairs in found.chunk_by(|a, b| a >> 32 == b >> 32) {
                term.clear();
                term.extend_from_slice(left.as_bytes());
                term.push(b' ');
                term.extend_from_slice(words[(pairs[0] >> 32) as usize].as_bytes());
                field.new_term(&term, 0, false)?;
                for pair in pairs {
                    field.write_doc(*pair as u32, 0, &[]);
                }
                field.close_term()?;
            }
        }
        Ok(field.close()?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::schema::{StoredUnit, schema};
    use super::super::units::Unit;
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use tantivy::postings::Postings;
    use tantivy::schema::IndexRecordOption;
    use tantivy::{DocSet, Index, IndexWriter, TERMINATED};

    /// For each term the units that have it, with its positions there.
    type Inverted = BTreeMap<String, Vec<(u32, Vec<u32>)>>;

    fn put(into: &mut Inverted, term: &str, unit: u32, position: u32) {
        let list = into.entry(term.to_owned()).or_default();
        match list.last_mut() {
            Some((last, positions)) if *last == unit => positions.push(position),
            _ => list.push((unit, vec![position])),
        }
    }

    /// The three fields of the texts, word for word.
    fn slowly(units: &[Unit]) -> [Inverted; 3] {
        let [mut exact, mut folded, mut pairs] = [const { Inverted::new() }; 3];
        for (n, unit) in units.iter().enumerate() {
            let n = n as u32;
            let mut at = 0;
            for (text, is_text) in [(&unit.stored.text, true), (&unit.context, false)] {
                let forms = super::super::analyzer::forms(text);
                for (i, own) in forms.iter().enumerate() {
                    put(&mut folded, &own.folded, n, at);
                    if own.is_marked() {
                        put(&mut exact, &own.exact, n, at);
                    }
                    let before = i.checked_sub(1).map(|i| &forms[i]);
                    if let Some(left) =
                        before.filter(|left| is_text && !has_figure(&left.folded) && !has_figure(&own.folded))
                    {
                        let list = pairs.entry(format!("{} {}", left.folded, own.folded)).or_default();
                        if list.last().is_none_or(|(last, _)| *last != n) {
                            list.push((n, Vec::new()));
                        }
                    }
                    at += 1;
                }
                at += 1;
            }
        }
        [exact, folded, pairs]
    }

    fn read(index: &Index, field: Field, option: IndexRecordOption) -> Inverted {
        let searcher = index.reader().unwrap().searcher();
        let inverted = searcher.segment_reader(0).inverted_index(field).unwrap();
        let mut out = Inverted::new();
        let mut terms = inverted.terms().stream().unwrap();
        while terms.advance() {
            let mut postings = inverted.read_postings_from_terminfo(terms.value(), option).unwrap();
            let list = out.entry(String::from_utf8(terms.key().to_owned()).unwrap()).or_default();
            while postings.doc() != TERMINATED {
                let mut positions = Vec::new();
                postings.positions(&mut positions);
                list.push((postings.doc(), positions));
                postings.advance();
            }
            assert_eq!(list.len(), terms.value().doc_freq as usize);
        }
        out
    }

    fn written(units: &[Unit]) -> (Index, Fields) {
        let (schema, fields) = schema();
        let index = Index::create_in_ram(schema);
        let mut segment = SegmentBuilder::new(&index, fields).unwrap();
        for (n, unit) in units.iter().enumerate() {
            segment.add(&format!("{n}.txt"), unit).unwrap();
        }
        let mut writer: IndexWriter = index.writer_with_num_threads(1, 16_000_000).unwrap();
        writer.add_segment(segment.finish().unwrap()).unwrap();
        writer.commit().unwrap();
        (index, fields)
    }

    fn unit(text: &str, context: &str) -> Unit {
        let stored = StoredUnit { text: text.into(), ..StoredUnit::default() };
        Unit { stored, head: String::new(), context: context.into(), doubt: String::new() }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn counting_gives_the_lists_of_every_word(
            texts in prop::collection::vec(("((đảng|Đảng|dang|ủy|uỷ|xã|12|bộ|ß)[ ,\n]){0,40}", "((Luật|đảng|ủy|7) ){0,6}"), 1..40),
        ) {
            let units: Vec<Unit> = texts.iter().map(|(text, context)| unit(text, context)).collect();
            let (index, fields) = written(&units);
            let [exact, folded, pairs] = slowly(&units);
            prop_assert_eq!(read(&index, fields.exact, IndexRecordOption::WithFreqsAndPositions), exact);
            prop_assert_eq!(read(&index, fields.folded, IndexRecordOption::WithFreqsAndPositions), folded);
            prop_assert_eq!(read(&index, fields.pairs, IndexRecordOption::Basic), pairs);
            prop_assert!(index.validate_checksum().unwrap().is_empty());
        }
    }

    #[test]
    fn one_field_holds_all_three_kinds_of_terms_apart() {
        let mut own = unit("a", "");
        own.head = "cấp uỷ xa xa".into();
        own.doubt = "Đảng\nđãng".into();
        own.stored.path = Some("chuong:II/dieu:5".into());
        let (index, fields) = written(&[own]);
        let terms = |field| read(&index, field, IndexRecordOption::Basic).into_keys().collect::<Vec<_>>();
        assert_eq!(terms(fields.head), ["=cấp", "=ủy", "cap", "cap uy", "uy", "uy xa", "xa", "xa xa"]);
        assert_eq!(terms(fields.doubt), ["=đãng", "=đảng", "dang"]);
        assert_eq!(terms(fields.place), ["chuong:ii", "dieu:5"]);
        assert_eq!(terms(fields.id), ["0.txt"]);
    }
}
