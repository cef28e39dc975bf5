//! What staff type, read leniently: a query never fails, it says what it ignored.
//!
//! Words, `"phrases"`, `-not`, `OR`, `prefix*`, parentheses, and fields in Vietnamese or
//! English. Neighbouring operands of `OR` are alternatives: `a b OR c d` is a (b or c) d.

use super::analyzer::{Forms, forms, key};
use jiff::civil::Date;

/// Words read from one query; what is beyond them is ignored.
const MOST_WORDS: usize = 48;

/// Parentheses deeper than this are ignored.
const DEEPEST: usize = 6;

/// One condition of a query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Clause {
    /// One syllable, or the beginning of one.
    Word { forms: Forms, prefix: bool },
    /// Syllables in this order, marked ones as written.
    Phrase(Vec<Forms>),
    /// Every one of these.
    All(Vec<Clause>),
    /// At least one of these.
    Any(Vec<Clause>),
    /// None of this.
    Not(Box<Clause>),
    /// A field.
    Field(Filter),
}

/// A condition on a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    /// Parts of a number.
    Number(String),
    /// Folded type word or abbreviation.
    Kind(String),
    /// Folded words of the issuer.
    Issuer(String),
    /// Signed in `[from, to]`; an open end is the end of time.
    Dates(Date, Date),
    /// Label of an article, lower case.
    Article(String),
    /// One of the status words.
    Status(&'static str),
    /// Folded words of the title.
    Title(String),
}

/// The fields that can be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldName {
    Number,
    Kind,
    Issuer,
    Year,
    Day,
    Article,
    Status,
    Title,
}

impl FieldName {
    /// `số`, `loại`, `cơquan`, `type`, … folded, without blanks.
    fn read(name: &str) -> Option<FieldName> {
        Some(match name {
            "so" | "sohieu" | "kyhieu" | "sokyhieu" | "number" | "no" => FieldName::Number,
            "loai" | "theloai" | "loaivanban" | "type" | "kind" => FieldName::Kind,
            "coquan" | "coquanbanhanh" | "noibanhanh" | "issuer" => FieldName::Issuer,
            "nam" | "year" => FieldName::Year,
            "ngay" | "date" => FieldName::Day,
            "dieu" | "article" => FieldName::Article,
            "trangthai" | "hieuluc" | "tinhtrang" | "status" => FieldName::Status,
            "tieude" | "trichyeu" | "ten" | "title" => FieldName::Title,
            _ => return None,
        })
    }
}

/// Every status and what people call it; the first word of each is the canonical one.
const STATUSES: [(&str, &[&str]); 8] = [
    ("in_force", &["in force", "con hieu luc", "dang hieu luc", "co hieu luc", "con", "hieu luc"]),
    ("expired", &["expired", "het hieu luc", "het", "het hieu luc toan bo"]),
    ("partly_expired", &["partly expired", "het hieu luc mot phan", "mot phan"]),
    ("suspended", &["suspended", "tam ngung", "ngung hieu luc", "tam ngung hieu luc", "tam dinh chi", "dinh chi"]),
    ("not_yet", &["not yet", "chua hieu luc", "chua co hieu luc", "chua"]),
    ("void", &["void", "vo hieu"]),
    ("not_applicable", &["not applicable", "khong ap dung"]),
    ("unknown", &["unknown", "chua ro", "khong ro"]),
];

/// The canonical status word for what was typed.
pub(crate) fn status_word(typed: &str) -> Option<&'static str> {
    let typed = key(typed);
    STATUSES.iter().find(|(word, names)| key(word) == typed || names.contains(&typed.as_str())).map(|(word, _)| *word)
}

/// A query as understood, and what was not.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Parsed {
    /// Joined by “and”.
    pub(crate) clauses: Vec<Clause>,
    /// One sentence for each thing that was ignored or mended.
    pub(crate) notes: Vec<String>,
}

/// A piece of the typed text.
#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Open,
    Close,
    Not,
    Or,
    Quoted(String),
    Chunk(String),
}

fn is_opening_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»' | '″')
}

fn pieces(text: &str, notes: &mut Vec<String>) -> Vec<Piece> {
    // A title pasted in capitals holds no operators.
    let operators = text.chars().any(char::is_lowercase) || !text.chars().any(|c| c == 'Ặ' || c == 'À');
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c.is_whitespace() {
            rest = &rest[c.len_utf8()..];
        } else if is_opening_quote(c) {
            let inside = &rest[c.len_utf8()..];
            match inside.find(is_opening_quote) {
                Some(end) => {
                    pieces.push(Piece::Quoted(inside[..end].to_owned()));
                    rest = &inside[end..];
                    rest = &rest[rest.chars().next().map_or(0, char::len_utf8)..];
                }
                None => {
                    if !inside.trim().is_empty() {
                        notes.push("a quotation mark is never closed; its words were searched one by one".into());
                    }
                    rest = inside;
                }
            }
        } else if c == '(' || c == ')' {
            pieces.push(if c == '(' { Piece::Open } else { Piece::Close });
            rest = &rest[1..];
        } else {
            let end = rest.find(|c: char| c.is_whitespace() || is_opening_quote(c) || c == '(' || c == ')');
            let mut chunk = &rest[..end.unwrap_or(rest.len())];
            rest = &rest[chunk.len()..];
            let after_digits = matches!(pieces.last(), Some(Piece::Chunk(chunk))
                if chunk.ends_with(|c: char| c.is_ascii_digit()));
            // `446 -QĐ/TU` is one number, spaced badly.
            if chunk.starts_with(['-', '–', '−', '!']) && !(after_digits && chunk.contains('/')) {
                let stripped = chunk.trim_start_matches(['-', '–', '−', '!']);
                if !stripped.is_empty() || rest.starts_with(is_opening_quote) || rest.starts_with('(') {
                    pieces.push(Piece::Not);
                }
                chunk = stripped;
            }
            match chunk {
                "" => {}
                "OR" | "HOẶC" | "|" | "||" if operators => pieces.push(Piece::Or),
                "AND" | "&&" | "+" | "&" if operators => {}
                "NOT" | "KHÔNG" if operators && text.chars().any(char::is_lowercase) => pieces.push(Piece::Not),
                _ => pieces.push(Piece::Chunk(chunk.to_owned())),
            }
        }
    }
    pieces
}

/// Whether a folded name is a known value of a field, for values typed without quotes.
pub(crate) type Known<'k> = &'k dyn Fn(FieldName, &str) -> Fit;

/// How a folded name fits the known values of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// It is one.
    Whole,
    /// One goes on after it.
    Begins,
    /// Neither.
    No,
}

struct Reader<'k> {
    pieces: Vec<Piece>,
    at: usize,
    words: usize,
    notes: Vec<String>,
    known: Known<'k>,
}

/// Reads a query. Total: any text is some query.
pub(crate) fn parse(text: &str, known: Known<'_>) -> Parsed {
    let mut notes = Vec::new();
    let pieces = pieces(text, &mut notes);
    let mut reader = Reader { pieces, at: 0, words: 0, notes, known };
    let mut clauses = reader.clauses(0);
    while reader.at < reader.pieces.len() {
        // A closing parenthesis too many: go on after it.
        reader.at += 1;
        clauses.extend(reader.clauses(0));
    }
    if reader.words > MOST_WORDS {
        reader.notes.push(format!("only the first {MOST_WORDS} words were used"));
    }
    reader.notes.dedup();
    Parsed { clauses, notes: reader.notes }
}

impl Reader<'_> {
    fn clauses(&mut self, depth: usize) -> Vec<Clause> {
        let mut out: Vec<Clause> = Vec::new();
        let mut negate = false;
        let mut either = false;
        while let Some(piece) = self.pieces.get(self.at).cloned() {
            let before = out.len();
            match piece {
                Piece::Close => break,
                Piece::Not => {
                    self.at += 1;
                    negate = !negate;
                    continue;
                }
                Piece::Or => {
                    self.at += 1;
                    if out.is_empty() || self.at == self.pieces.len() {
                        self.notes.push("`OR` needs something on both sides; it was ignored".into());
                    } else {
                        either = true;
                    }
                    continue;
                }
                Piece::Open => {
                    self.at += 1;
                    let inside = if depth < DEEPEST { self.clauses(depth + 1) } else { Vec::new() };
                    if depth >= DEEPEST {
                        self.notes.push("parentheses nested too deeply were ignored".into());
                    }
                    if self.pieces.get(self.at) == Some(&Piece::Close) {
                        self.at += 1;
                    }
                    match inside.len() {
                        0 => {}
                        1 => out.extend(inside),
                        _ => out.push(Clause::All(inside)),
                    }
                }
                Piece::Quoted(text) => {
                    self.at += 1;
                    let mut words = forms(&text);
                    words.truncate(MOST_WORDS.saturating_sub(self.words));
                    self.words += words.len();
                    if !words.is_empty() {
                        out.push(Clause::Phrase(words));
                    }
                }
                Piece::Chunk(chunk) => {
                    self.at += 1;
                    self.chunk(&chunk, &mut out);
                }
            }
            if out.len() <= before {
                continue;
            }
            if negate {
                let negated = join(out.split_off(before));
                out.push(Clause::Not(Box::new(negated)));
                negate = false;
            }
            if either {
                let right = join(out.split_off(before));
                match out.pop() {
                    Some(Clause::Any(mut left)) => {
                        left.push(right);
                        out.push(Clause::Any(left));
                    }
                    Some(left) => out.push(Clause::Any(vec![left, right])),
                    None => out.push(right),
                }
                either = false;
            }
        }
        out
    }

    fn chunk(&mut self, chunk: &str, out: &mut Vec<Clause>) {
        if let Some((name, value)) = chunk.split_once([':', '：']) {
            let folded: String = key(name).split(' ').collect();
            if let Some(field) = self.field(&folded, out) {
                match self.value(field, value) {
                    Ok(filter) => out.push(Clause::Field(filter)),
                    Err(note) => self.notes.push(note),
                }
                return;
            }
            let is_name = !folded.is_empty() && folded.bytes().all(|byte| byte.is_ascii_alphabetic());
            if is_name && !value.is_empty() && !value.starts_with('/') {
                self.notes.push(format!("`{name}:` is not a field; its words were searched"));
            }
        }
        let prefix = chunk.ends_with('*');
        let words = forms(chunk);
        if words.is_empty() && chunk.contains(['*', '?']) {
            self.notes.push("`*` needs the beginning of a word before it; it was ignored".into());
        } else if chunk.trim_end_matches('*').contains('*') {
            self.notes.push("`*` works at the end of a word only; elsewhere it was ignored".into());
        }
        let last = words.len();
        for (n, forms) in words.into_iter().enumerate() {
            self.words += 1;
            if self.words <= MOST_WORDS {
                out.push(Clause::Word { forms, prefix: prefix && n + 1 == last });
            }
        }
    }

    /// The field named, with `cơ quan:` and `trạng thái:` written as two words too.
    fn field(&self, folded: &str, out: &mut Vec<Clause>) -> Option<FieldName> {
        let joined = match out.last() {
            Some(Clause::Word { forms, prefix: false }) => FieldName::read(&format!("{}{folded}", forms.folded))
                .filter(|_| {
                    matches!(
                        (&*forms.folded, folded),
                        ("co", "quan")
                            | ("trang", "thai")
                            | ("tieu", "de")
                            | ("hieu", "luc")
                            | ("so", "hieu")
                            | ("ky", "hieu")
                            | ("tinh", "trang")
                            | ("the", "loai")
                    )
                }),
            _ => None,
        };
        if joined.is_some() {
            out.pop();
            return joined;
        }
        FieldName::read(folded)
    }

    fn value(&mut self, field: FieldName, inline: &str) -> Result<Filter, String> {
        let mut text = inline.to_owned();
        let mut quoted = false;
        if text.is_empty() {
            match self.pieces.get(self.at) {
                Some(Piece::Quoted(value)) => {
                    text.clone_from(value);
                    quoted = true;
                    self.at += 1;
                }
                Some(Piece::Chunk(value)) => {
                    text.clone_from(value);
                    self.at += 1;
                }
                _ => return Err("a field without a value was ignored".into()),
            }
        }
        if !quoted {
            self.extend(field, &mut text);
        }
        let folded = key(&text);
        if folded.is_empty() {
            return Err("a field without a value was ignored".into());
        }
        let ignored = |what: &str| format!("`{text}` is not {what}; the field was ignored");
        match field {
            FieldName::Number => Ok(Filter::Number(text.clone())),
            FieldName::Kind => Ok(Filter::Kind(folded)),
            FieldName::Issuer => Ok(Filter::Issuer(folded)),
            FieldName::Title => Ok(Filter::Title(folded)),
            FieldName::Year | FieldName::Day => {
                let (from, to) = range(&text).ok_or_else(|| ignored("a year, a date or a range like 2021..2023"))?;
                Ok(Filter::Dates(from, to))
            }
            FieldName::Article => {
                let label = forms(&text).into_iter().map(|forms| forms.exact).find(|word| &**word != "điều");
                Ok(Filter::Article(label.map(String::from).unwrap_or(folded)))
            }
            FieldName::Status => status_word(&text).map(Filter::Status).ok_or_else(|| ignored("a known status")),
        }
    }

    /// Takes further words into a value typed without quotes, as far as the archive knows such a value.
    fn extend(&mut self, field: FieldName, text: &mut String) {
        let mut longer = text.clone();
        let mut ahead = self.at;
        while let Some(Piece::Chunk(next)) = self.pieces.get(ahead) {
            if next.contains([':', '*']) {
                return;
            }
            longer = format!("{longer} {next}");
            ahead += 1;
            let fit = match field {
                FieldName::Status if status_word(&longer).is_some() => Fit::Whole,
                FieldName::Status => {
                    let folded = key(&longer);
                    let begins = STATUSES.iter().any(|(_, names)| names.iter().any(|name| name.starts_with(&folded)));
                    if begins { Fit::Begins } else { Fit::No }
                }
                FieldName::Kind | FieldName::Issuer => (self.known)(field, &key(&longer)),
                _ => Fit::No,
            };
            match fit {
                Fit::Whole => {
                    text.clone_from(&longer);
                    self.at = ahead;
                }
                Fit::Begins => {}
                Fit::No => return,
            }
        }
    }
}

fn join(mut clauses: Vec<Clause>) -> Clause {
    if clauses.len() == 1 { clauses.remove(0) } else { Clause::All(clauses) }
}

/// `2021`, `2021..2023`, `2021-2023`, `..2020`, `03/2021`, `04/3/2021`, `2021-03-04..2021-06-01`.
fn range(text: &str) -> Option<(Date, Date)> {
    let text = text.trim().trim_start_matches('=');
    let open = (Date::MIN, Date::MAX);
    if let Some((from, to)) = text.split_once("..").or_else(|| text.split_once('…')) {
        let from = if from.is_empty() { open } else { moment(from)? };
        let to = if to.trim_matches('.').is_empty() { open } else { moment(to.trim_matches('.'))? };
        // A range written backwards means the same range.
        return Some(if from.0 <= to.1 { (from.0, to.1) } else { (to.0, from.1) });
    }
    if let Some(rest) = text.strip_prefix(">=").or_else(|| text.strip_prefix('>')) {
        return Some((moment(rest)?.0, Date::MAX));
    }
    if let Some(rest) = text.strip_prefix("<=").or_else(|| text.strip_prefix('<')) {
        return Some((Date::MIN, moment(rest)?.1));
    }
    if let Some((from, to)) = text.split_once(['-', '–']).filter(|(from, to)| from.len() == 4 && to.len() == 4) {
        return Some((moment(from)?.0, moment(to)?.1));
    }
    moment(text)
}

/// The first and last day of a year, a month or a day.
fn moment(text: &str) -> Option<(Date, Date)> {
    let parts: Vec<i16> = text.trim().split(['-', '/', '.']).map(str::parse).collect::<Result<_, _>>().ok()?;
    let (year, month, day) = match parts[..] {
        [year] => (year, None, None),
        [year, month] if year > 999 => (year, Some(month), None),
        [month, year] => (year, Some(month), None),
        [year, month, day] if year > 999 => (year, Some(month), Some(day)),
        [day, month, year] => (year, Some(month), Some(day)),
        _ => return None,
    };
    if !(1000..=9999).contains(&year) {
        return None;
    }
    let small = |n: i16| i8::try_from(n).ok();
    let from = Date::new(year, month.map_or(Some(1), small)?, day.map_or(Some(1), small)?).ok()?;
    let to = match (month, day) {
        (None, _) => Date::new(year, 12, 31).ok()?,
        (Some(_), None) => from.last_of_month(),
        _ => from,
    };
    Some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Parsed {
        parse(text, &|field, value| match field {
            FieldName::Kind if value == "quyet dinh" => Fit::Whole,
            FieldName::Issuer if value == "uy ban nhan dan tinh" => Fit::Whole,
            FieldName::Issuer if "uy ban nhan dan tinh".starts_with(value) => Fit::Begins,
            _ => Fit::No,
        })
    }

    fn word(text: &str) -> Clause {
        Clause::Word { forms: Forms::of(text), prefix: false }
    }

    fn years(from: i16, to: i16) -> Clause {
        Clause::Field(Filter::Dates(Date::constant(from, 1, 1), Date::constant(to, 12, 31)))
    }

    #[test]
    fn operators_bind_as_people_expect() {
        assert_eq!(
            read("dân vận OR tôn giáo -khéo").clauses,
            [
                word("dân"),
                Clause::Any(vec![word("vận"), word("tôn")]),
                word("giáo"),
                Clause::Not(Box::new(word("khéo")))
            ]
        );
        assert_eq!(read("\"cấp ủy\" đản*").clauses[0], Clause::Phrase(forms("cấp ủy")));
        assert_eq!(read("đản*").clauses, [Clause::Word { forms: Forms::of("đản"), prefix: true }]);
    }

    #[test]
    fn fields_are_read_in_both_languages_with_and_without_quotes() {
        for text in ["loại:\"Quyết định\"", "type:quyết định", "LOAI: quyết định"] {
            assert_eq!(read(text).clauses, [Clause::Field(Filter::Kind("quyet dinh".into()))], "{text}");
        }
        let issuer = Clause::Field(Filter::Issuer("uy ban nhan dan tinh".into()));
        assert_eq!(read("cơ quan: ủy ban nhân dân tỉnh đất").clauses, [issuer, word("đất")]);
        assert_eq!(read("năm:2021..2023").clauses, [years(2021, 2023)]);
        assert_eq!(read("year:2021").clauses, [years(2021, 2021)]);
        assert_eq!(read("trạngthái:còn hiệu lực").clauses, [Clause::Field(Filter::Status("in_force"))]);
        assert_eq!(read("điều:12a").clauses, [Clause::Field(Filter::Article("12a".into()))]);
    }

    #[test]
    fn every_mistake_is_forgiven_and_told() {
        for (text, words) in [("\"dân vận", 2), ("dân vận )", 2), ("OR dân", 1), ("năm:abc dân", 1), ("foo:bar", 2)]
        {
            let parsed = read(text);
            assert_eq!(parsed.clauses.len(), words, "{text}");
            assert_eq!(parsed.notes.is_empty(), text.ends_with(')'), "{text}: {:?}", parsed.notes);
        }
    }

    #[test]
    fn a_badly_spaced_number_is_no_negation() {
        assert!(!read("446 -QĐ/TU").clauses.iter().any(|clause| matches!(clause, Clause::Not(_))));
    }

    #[test]
    fn dates_in_every_order() {
        let day = Date::constant(2021, 3, 4);
        for text in ["2021-03-04", "4/3/2021", "04.03.2021"] {
            assert_eq!(range(text), Some((day, day)), "{text}");
        }
        assert_eq!(range("..2020"), Some((Date::MIN, Date::constant(2020, 12, 31))));
        assert_eq!(range("2/2024"), Some((Date::constant(2024, 2, 1), Date::constant(2024, 2, 29))));
        assert_eq!(range("30/2/2024"), None);
    }
}
