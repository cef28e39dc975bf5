//! What the graph needs of one document, small enough to keep and to read again every night.

mod tables;
mod terms;

use super::{Delay, Source, Term};
use crate::citation::{Citation, Relation, Scope, Target};
use crate::document::Document;
use crate::outline::Level;
use crate::text::{CharCounter, Span, fold};
use jiff::civil::Date;
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// Longest proof kept of one reference, in characters.
const SENTENCE_CHARS: usize = 600;

/// One document, reduced to what links it with others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Id of the document.
    pub id: String,
    /// Canonical number as printed.
    pub number: Option<String>,
    /// Type word.
    pub kind: Option<String>,
    /// Body without locality.
    pub issuer: Option<String>,
    /// Where a local body is at home, folded: `song thao`; `@phong chau` where only the place of signing tells.
    pub locality: Option<String>,
    /// Date of signing.
    pub date: Option<Date>,
    /// First day in force, as stated.
    pub effective: Option<Date>,
    /// *Trích yếu*.
    pub title: Option<String>,
    /// Paths down to the articles.
    pub outline: Vec<String>,
    /// Places with a first day of their own.
    pub delayed: Vec<Delay>,
    /// Terms it sets itself.
    pub terms: Vec<Term>,
    /// Damage met: of two copies the one with less is shown.
    pub damage: u32,
    /// What it says of other documents, in reading order.
    pub references: Vec<Reference>,
}

/// One reference to another document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// What the clause does.
    pub relation: Relation,
    /// Canonical number as printed.
    pub number: Option<String>,
    /// The probable number where the printed one contradicts itself.
    pub likely: Option<String>,
    /// For an act cited by name.
    pub name: Option<String>,
    /// Type word.
    pub kind: Option<String>,
    /// Date of the cited document.
    pub date: Option<Date>,
    /// Its issuer, without locality.
    pub issuer: Option<String>,
    /// Term of the issuing body.
    pub term: Option<String>,
    /// Places in the cited document.
    pub locators: Vec<String>,
    /// Number of the document that acts, where that is a third one.
    pub of: Option<String>,
    /// When the effect holds.
    pub scope: Scope,
    /// The clause that proves it.
    pub sentence: String,
    /// Characters of the source text.
    pub span: [usize; 2],
    /// 0 to 1.
    pub confidence: f32,
}

impl Facts {
    /// Reduces a document. References into itself are left out.
    pub fn of(document: &Document) -> Facts {
        let header = &document.header;
        let counter = CharCounter::new(&document.source);
        let mut references: Vec<Reference> = Vec::with_capacity(document.citations.len());
        let lists = tables::repealing_annexes(document);
        for (n, citation) in document.citations.iter().enumerate() {
            if citation.target == Target::SelfDocument {
                continue;
            }
            let mut own = reference(document, citation, &counter);
            if !lists.is_empty() {
                tables::read_row(document, n, &lists, &mut own);
            }
            references.push(own);
        }
        let kept = |level| {
            matches!(level, Level::Phan | Level::Chuong | Level::Muc | Level::TieuMuc | Level::Dieu)
                || matches!(level, Level::MucLama | Level::KemTheo | Level::PhuLuc)
        };
        Facts {
            id: document.id.0.clone(),
            number: header.number.clone(),
            kind: header.kind.clone(),
            issuer: header.issuer.clone(),
            locality: locality(header.issuer.as_deref(), header.issuer_printed.as_deref(), header.place.as_deref()),
            date: header.date,
            effective: header.effective,
            title: header.title.clone(),
            outline: document
                .outline
                .nodes
                .iter()
                .filter(|node| kept(node.level))
                .map(|node| node.path.clone())
                .collect(),
            delayed: delays(document),
            terms: terms::terms(document),
            damage: (document.defects.len() + document.restored.edits.len()) as u32,
            references,
        }
    }

    /// The form kept on disk.
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("facts have no part that postcard refuses")
    }

    /// Reads what [`Facts::to_bytes`] wrote; `None` if it is something else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Facts> {
        postcard::from_bytes(bytes).ok()
    }

    /// Where a reference stands, for an edge.
    pub(crate) fn source(&self, reference: &Reference) -> Source {
        Source { doc: self.id.clone(), span: reference.span }
    }
}

fn reference(document: &Document, citation: &Citation, counter: &CharCounter<'_>) -> Reference {
    let text = &document.restored.text;
    let span = document.restored.source_span(citation.span);
    let mut locators = citation.locators.clone();
    let ending = is_ending(citation.relation);
    let part = || of_a_part(text, citation.sentence, citation.span);
    let inside = || citation.relation != Relation::ReplacedBy && held_inside(text, citation.span);
    let numbered_items = ending && !locators.is_empty() && of_numbered_items(text, citation.span);
    if ending && (numbered_items || locators.is_empty() && (part() || inside())) {
        locators = vec!["một phần".to_owned()];
    }
    let sentence = shorten(citation.sentence.of(text));
    let relation = if is_denied(&sentence) { Relation::Cites } else { citation.relation };
    Reference {
        relation,
        number: citation.number.as_deref().map(|number| whole_number(number, text, citation.span)),
        likely: citation.likely.clone(),
        name: citation.name.clone(),
        kind: citation.kind.clone(),
        date: citation.date,
        issuer: citation.issuer.clone(),
        term: citation.term.clone(),
        locators,
        of: citation.of.clone(),
        scope: citation.scope.clone(),
        sentence,
        span: [counter.chars_before(span.start), counter.chars_before(span.end)],
        confidence: citation.confidence,
    }
}

/// `84/2016/TT` where the page has `84/2016/TT-BTCngày`: the issuer's code that ran into the next word belongs to it.
fn whole_number(number: &str, text: &str, span: Span) -> String {
    let (Some(tail), Some(at)) = (number.rsplit('/').next(), span.of(text).find(number)) else {
        return number.to_owned();
    };
    let cut = number.matches('/').count() == 2 && matches!(tail, "TT" | "NĐ" | "QĐ" | "NQ" | "CT" | "TTLT");
    let after = text[span.start + at..].strip_prefix(number).and_then(|rest| rest.strip_prefix('-'));
    match after {
        Some(after) if cut => {
            let code: String = after.chars().take_while(|c| c.is_uppercase() || *c == '-').collect();
            format!("{number}-{}", code.trim_end_matches('-')).trim_end_matches('-').to_owned()
        }
        _ => number.to_owned(),
    }
}

/// An opinion, or one that is rejected, changes nothing: “Ý kiến cho rằng A thay thế B là không đúng”.
fn is_denied(sentence: &str) -> bool {
    let folded = fold(sentence);
    ["y kien cho rang", "la khong dung", "la khong chinh xac", "hieu rang"].iter().any(|words| folded.contains(words))
}

fn is_ending(relation: Relation) -> bool {
    matches!(
        relation,
        Relation::Replaces | Relation::ReplacedBy | Relation::Repeals | Relation::EndsEffect | Relation::Suspends
    )
}

/// “bãi bỏ một phần Quyết định số …”, “thay thế một số nội dung tại …”: a part, though no place is named.
fn of_a_part(text: &str, sentence: Span, span: Span) -> bool {
    let said = words_before(text, span.start.saturating_sub(LONGEST_MATTER), span.start);
    // Not across the end of a clause: the words belong to another reference there.
    let clause = said.rsplit(['.', ';', ':']).next().unwrap_or_default();
    let tail = clause.trim_end_matches(|c: char| !c.is_alphanumeric());
    let of_some = ["mot phan", "mot so dieu", "mot so noi dung", "mot so quy dinh"].iter().any(|words| {
        tail.rfind(words).is_some_and(|at| {
            let between = &tail[at + words.len()..];
            let plain = |word| matches!(word, "cua" | "tai" | "cac" | "trong" | "quyet" | "dinh");
            between.split_whitespace().all(plain) || attaches(between)
        })
    });
    // “Thay thế một số Phụ lục và mẫu trong Phụ lục kèm theo …”, with no other act between.
    let of_some_parts = ["mot so ", "cac "].iter().any(|words| {
        tail.rfind(words).is_some_and(|at| {
            let rest = &tail[at + words.len()..];
            let part = PARTS.iter().any(|part| rest.strip_prefix(part).is_some_and(|rest| rest.starts_with(' ')));
            // `… và các biểu mẫu liên quan và [Thông tư]` is the end of another title.
            let held = [" cua", " tai", " trong", " thuoc", " kem theo"].iter().any(|words| tail.ends_with(words));
            part && held && !rest.bytes().any(|byte| byte.is_ascii_digit())
        })
    });
    let of_some = of_some || of_some_parts;
    of_some || of_some_rules(&words_before(text, sentence.start.min(span.start), span.start))
}

/// What acts have several of; an act is none of them.
const PARTS: [&str; 9] = ["phu luc", "bieu mau", "mau", "bieu", "bang", "cum tu", "thu tuc", "dieu khoan", "khoan"];

/// “Bãi bỏ các biểu mẫu tại Quyết định số …”: what is ended stands in the act named.
fn held_inside(text: &str, span: Span) -> bool {
    let said = words_before(text, span.start.saturating_sub(120), span.start);
    let said = said.rsplit(['.', ';', ':']).next().unwrap_or_default().trim_end_matches(" cac");
    if said.contains("toan bo") {
        return false;
    }
    said.ends_with(" tai") || said.ends_with(" trong")
}

/// “bãi bỏ 06 thủ tục tại số thứ tự 17, 18 Mục I Danh mục kèm theo …”: items of a place, which live nowhere in an
/// outline; the place itself stays.
fn of_numbered_items(text: &str, span: Span) -> bool {
    let said = words_before(text, span.start.saturating_sub(80), span.start);
    let said = said.rsplit(['.', ';', ':']).next().unwrap_or_default();
    let labels = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit() || byte == b',') || word == "va";
    let listed = ["so thu tu ", "stt "].iter().any(|words| {
        said.rsplit_once(words).is_some_and(|(_, rest)| !rest.is_empty() && rest.split_whitespace().all(labels))
    });
    // `quy trình nội bộ số 3 Mục VI …`; not `Quyết định số 3, Mục VI …`.
    const ACTS: [&str; 7] = ["dinh", "tu", "quyet", "luat", "lenh", "thi", "van"];
    let single = said.rsplit_once(" so ").is_some_and(|(before, rest)| {
        let before = before.rsplit(' ').next().unwrap_or_default();
        !rest.trim().is_empty() && rest.trim().bytes().all(|byte| byte.is_ascii_digit()) && !ACTS.contains(&before)
    });
    listed || single
}

/// “của Quy chế … ban hành kèm theo”: the attached text of the act named next, and of no other.
fn attaches(between: &str) -> bool {
    let between = between.trim_start().trim_start_matches("cua ");
    let text = ["quy dinh ", "quy che ", "dieu le ", "chuong trinh ", "de an ", "danh muc "];
    let numbered = between.bytes().any(|byte| byte.is_ascii_digit());
    text.iter().any(|word| between.starts_with(word)) && between.contains(" kem theo") && !numbered
}

/// The words of a stretch, folded, on one line.
fn words_before(text: &str, from: usize, to: usize) -> String {
    let from = (from..=to).find(|at| text.is_char_boundary(*at)).unwrap_or(to);
    fold(&text[from..to]).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// “Bãi bỏ hướng dẫn về thuế tại các Thông tư …”, or the item “b) Các quy định về quảng cáo trong Thông tư …; …”:
/// rules on one matter, not the acts that hold them.
fn of_some_rules(sentence: &str) -> bool {
    const MATTERS: [&str; 5] =
        ["quy dinh ve", "noi dung ve", "huong dan ve", "noi dung quy dinh ve", "noi dung lien quan den"];
    let said = format!("{sentence} ");
    let said = said.rsplit("bai bo ").next().unwrap_or_default();
    let bare = |item: &str| {
        let label = item.split_once([')', '.']).filter(|(label, _)| label.chars().count() <= 2);
        label
            .map_or(item, |(_, item)| item)
            .trim_start()
            .trim_start_matches("cac ")
            .trim_start_matches("nhung ")
            .to_owned()
    };
    // A member of a list speaks for those behind it: `các quy định về … trong Luật …; Luật …`.
    let starts = said.rmatch_indices(';').map(|(at, _)| at + 1).chain([0]);
    let mut items = starts.map(|at| bare(said[at..].trim_start()));
    let Some(item) = items.find(|item| MATTERS.iter().any(|words| item.starts_with(words))) else { return false };
    let held_in = [" tai ", " trong "].iter().any(|word| item.contains(word));
    let held_at = [" tai ", " trong "].iter().filter_map(|word| item.find(word)).min();
    let opened = item.find(':').is_some_and(|colon| held_at.is_none_or(|held| colon < held));
    held_in && !item.contains("het hieu luc") && !opened
}

/// Bytes before an act in which words may say that only a part of it is meant.
const LONGEST_MATTER: usize = 400;

/// One line, at most [`SENTENCE_CHARS`] long.
fn shorten(sentence: &str) -> String {
    let line = sentence.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SENTENCE_CHARS) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

/// The home of a local body: what the printed issuer has beyond the canonical one, else the place of signing.
fn locality(issuer: Option<&str>, printed: Option<&str>, place: Option<&str>) -> Option<String> {
    let issuer = fold(issuer?);
    if !is_local(&issuer) {
        return None;
    }
    let beyond = printed.and_then(|printed| {
        let printed = fold(printed);
        let rest = printed.strip_prefix(&issuer)?.trim().to_owned();
        (!rest.is_empty()).then_some(rest)
    });
    let signed_at = || place.map(|place| format!("@{}", fold(place).trim())).filter(|place| place.len() > 1);
    beyond.or_else(signed_at)
}

/// Whether a body of this (folded) name exists once in each province, district or commune.
pub(crate) fn is_local(issuer: &str) -> bool {
    const WORDS: [&str; 12] = [
        "tinh",
        "thanh pho",
        "thanh uy",
        "huyen",
        "quan uy",
        "quan",
        "xa",
        "phuong",
        "thi xa",
        "thi tran",
        "thi uy",
        "hoi dong nhan dan",
    ];
    let words: Vec<&str> = issuer.split_whitespace().collect();
    WORDS.iter().any(|word| {
        let parts: Vec<&str> = word.split(' ').collect();
        words.windows(parts.len()).any(|window| window == parts)
    }) || issuer.starts_with("uy ban nhan dan")
        || issuer.starts_with("so ")
}

/// Clauses such as “khoản 3 Điều 6 có hiệu lực từ ngày 01 tháng 7 năm 2027”, or
/// “Khoản 2 Điều 3 Quyết định này có hiệu lực từ ngày 01/7/2027”; not “Quyết định này có hiệu lực …”.
static DELAY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        (?P<place> (?:[Đđ]iểm\s+\w{1,3}\s+)? (?:[Kk]hoản\s+\w{1,4}\s+)? [Đđ]iều\s+\d{1,3}[a-zđ]? | Phụ\s+lục\s+[IVX\d]{1,4} )
        (?:\s+ (?:của\s+)? (?:Quyết\s+định|Quy\s+định|Quy\s+chế|Thông\s+tư|Nghị\s+định|Nghị\s+quyết|Luật)\s+này )?
        \s+ có\s+hiệu\s+lực (?:\s+thi\s+hành)? \s+ (?:kể\s+)? từ\s+ngày\s+
        (?P<d>\d{1,2}) (?:\s+tháng\s+|/|-) (?P<m>\d{1,2}) (?:\s+năm\s+|/|-) (?P<y>\d{4})",
    )
    .expect("a fixed pattern")
});

fn delays(document: &Document) -> Vec<Delay> {
    let quoted = |at: usize| document.outline.quoted.iter().any(|span| span.start <= at && at < span.end);
    let mut found: Vec<Delay> = DELAY
        .captures_iter(&document.restored.text)
        .filter(|captures| !quoted(captures.get(0).expect("a match").start()))
        .filter_map(|captures| {
            let number = |name: &str| captures[name].parse::<i16>().ok();
            let (year, month, day) = (number("y")?, number("m")? as i8, number("d")? as i8);
            let locator = captures["place"].split_whitespace().collect::<Vec<_>>().join(" ");
            Some(Delay { locator, effective: Date::new(year, month, day).ok()? })
        })
        .collect();
    for citation in &document.citations {
        if let (Target::SelfDocument, Some(effective)) = (&citation.target, citation.scope.from) {
            found.extend(citation.locators.iter().map(|locator| Delay { locator: locator.clone(), effective }));
        }
    }
    // A day that is the document's own is no delay.
    found.retain(|delay| document.header.effective.is_none_or(|own| delay.effective > own));
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_meant_only_where_the_words_stand_next() {
        let of_a_part = |text: &str, act: &str| {
            let number = text.find(act).unwrap();
            let start =
                text[..number].rfind(['Q', 'T', 'L', 'N']).filter(|_| act.starts_with(|c: char| c.is_ascii_digit()));
            of_a_part(text, Span::new(0, text.len()), Span::new(start.unwrap_or(number), text.len()))
        };
        let text = "Bãi bỏ Quyết định số 26/2019/QĐ-UBND và bãi bỏ một phần Quyết định số 17/2018/QĐ-UBND";
        assert!(!of_a_part(text, "26/2019"));
        assert!(of_a_part(text, "17/2018"));
        let text = "Bãi bỏ Điều 264 của Luật tố tụng; các quy định về trưng dụng đất trong Luật trưng mua tài sản";
        assert!(of_a_part(text, "Luật trưng"));
        assert!(!of_a_part(text, "Luật tố"));
        let text =
            "Bãi bỏ hướng dẫn về thuế thu nhập tại các Thông tư số 84/2008/TT-BTC ngày 30/9/2008, 10/2009/TT-BTC";
        assert!(of_a_part(text, "Thông tư"));
        assert!(of_a_part(text, "10/2009"));
        let text = "Bãi bỏ quy định về kho tại Thông tư số 1/2008/TT-BTC và bãi bỏ Thông tư số 2/2009/TT-BTC";
        assert!(!of_a_part(text, "2/2009"));
        let text = "b) Các quy định về quảng cáo thuốc trong Thông tư số 45/2011/TT-BYT sửa đổi Quyết định số 7/2000/QĐ-BYT; \
                    Thông tư số 13/2009/TT-BYT";
        assert!(of_a_part(text, "45/2011") && of_a_part(text, "13/2009"));
        let text = "Sửa đổi, bãi bỏ một số điều Quy định về phân cấp ban hành kèm theo Quyết định số 177/2004/QĐ-UB";
        assert!(of_a_part(text, "177/2004"));
        let text = "bãi bỏ một số điều của Quy chế kèm theo Quyết định số 1/2004/QĐ-UB, Quyết định số 2/2004/QĐ-UB";
        assert!(of_a_part(text, "1/2004") && !of_a_part(text, "2/2004"));
        let text = "Bãi bỏ các biểu mẫu tại Quyết định số 28/2002/QĐ-BVHTT và Quyết định số 9/2003/QĐ-BVHTT";
        let at = |number: &str| Span::new(text[..text.find(number).unwrap()].rfind("Quyết").unwrap(), text.len());
        assert!(held_inside(text, at("28/2002")) && !held_inside(text, at("9/2003")));
    }

    #[test]
    fn some_annexes_are_a_part() {
        let text = "Điều 8. Thay thế một số Phụ lục và mẫu trong Phụ lục kèm theo Nghị định số 67/2023/NĐ-CP; thay thế \
                    một số văn bản: Nghị định số 68/2023/NĐ-CP";
        let part = |act: &str| {
            let start = text[..text.find(act).unwrap()].rfind("Nghị").unwrap();
            of_a_part(text, Span::new(0, text.len()), Span::new(start, text.len()))
        };
        assert!(part("67/2023") && !part("68/2023"));
        let text = "2. Bãi bỏ quy định về miễn thuế tại các Quyết định: số 31/2015/QĐ-TTg";
        assert!(of_a_part(text, Span::new(0, text.len()), Span::new(text.find("số 31").unwrap(), text.len())));
        let text =
            "thay thế Thông tư số 73/2021/TT-BCA quy định về các biểu mẫu liên quan và Thông tư số 68/2022/TT-BCA";
        let start = text.rfind("Thông tư").unwrap();
        assert!(!of_a_part(text, Span::new(0, text.len()), Span::new(start, text.len())));
    }

    #[test]
    fn numbered_items_are_a_part_of_their_place() {
        let text = "Bãi bỏ: 06 thủ tục hành chính tại số thứ tự 17,18 Mục I Danh mục kèm theo Quyết định số 719/QĐ-UBND; \
                    Mục II Danh mục kèm theo Quyết định số 720/QĐ-UBND";
        let at = |place: &str| Span::new(text.find(place).unwrap(), text.len());
        assert!(of_numbered_items(text, at("Mục I ")) && !of_numbered_items(text, at("Mục II")));
        let text = "Bãi bỏ quy trình số 3 Mục VI Phần A kèm theo Quyết định số 7/QĐ-UBND; Quyết định số 8 Mục V";
        let at = |place: &str| Span::new(text.find(place).unwrap(), text.len());
        assert!(
            of_numbered_items(text, at("Mục VI"))
                && !of_numbered_items(text, Span::new(text.rfind("Mục V").unwrap(), text.len()))
        );
    }

    #[test]
    fn a_code_that_ran_into_the_next_word_is_whole_again() {
        let text = "Thông tư số 84/2016/TT-BTCngày 17/6/2016, Thông tư số 84/2016/TT-BTC ngày";
        let span = Span::new(0, text.find(',').unwrap());
        assert_eq!(whole_number("84/2016/TT", text, span), "84/2016/TT-BTC");
        assert_eq!(whole_number("84/2016/TT-BTC", text, Span::new(0, text.len())), "84/2016/TT-BTC");
    }

    #[test]
    fn a_local_body_has_a_home() {
        let home = locality(Some("Ủy ban nhân dân tỉnh"), Some("Ủy ban nhân dân tỉnh Sông Thao"), Some("Hà Nội"));
        assert_eq!(home.as_deref(), Some("song thao"));
        assert_eq!(locality(Some("Chính phủ"), None, Some("Hà Nội")), None);
        assert_eq!(locality(Some("Sở Nội vụ"), None, Some("Hải Phòng")).as_deref(), Some("@hai phong"));
    }

    #[test]
    fn a_clause_with_its_own_day_is_a_delay() {
        let mut document = Document::default();
        document.restored.text = "1. Thông tư này có hiệu lực thi hành từ ngày 15 tháng 7 năm 2026; khoản 3 Điều 6 \
                                  có hiệu\nlực thi hành từ ngày 01 tháng 7 năm 2027."
            .into();
        let delays = delays(&document);
        assert_eq!(delays.len(), 1);
        assert_eq!(delays[0].locator, "khoản 3 Điều 6");
        assert_eq!(delays[0].effective.to_string(), "2027-07-01");
    }
}
