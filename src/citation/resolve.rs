//! From mentions to citations: what a list shares, what a short form stands for, what a misprint probably was.

use super::page::{Page, key};
use super::relation::{self, Ruling};
use super::sentence::Sentences;
use super::{Act, Citation, Mention, OwnNames, Relation, Resolved, Target, amendment, issuer, kinds, scope, table};
use crate::number::{self, DocumentNumber, Style};
use crate::outline::Outline;
use crate::text::{Defect, Span};
use jiff::civil::Date;
use rustc_hash::FxHashMap;

const VA: u64 = key("va");

/// Decides what every mention means.
pub(crate) fn resolve(page: &Page<'_>, mut mentions: Vec<Mention>, outline: &Outline, own: &OwnNames) -> Resolved {
    let own_number = own.number.as_deref().map(|number| number::canonical(number).unwrap_or_else(|| number.to_owned()));
    mentions.retain(|mention| !is_header(page, mention, own_number.as_deref()));
    let sentences = Sentences::new(page);
    share(page, &sentences, &mut mentions);
    mend_codes(&mut mentions);
    let numbers = short_forms(&mut mentions);
    senders(page, &mut mentions);
    let rulings = relation::rule(page, &sentences, &mentions, own);
    let mut resolved = Resolved::default();
    let mut lines = Lines::new(page.text);
    // Where each mention went, for `of`.
    for (n, mention) in mentions.iter().enumerate() {
        if matches!(&mention.act, Act::Short(_)) {
            continue;
        }
        let ruling = &rulings[n];
        let sentence = sentence_span(page, &sentences, mention);
        let number = numbers[n].clone();
        let itself = matches!(mention.act, Act::This | Act::Nothing);
        if matches!(mention.act, Act::This) && mention.locators.is_empty() {
            // A bare “Quyết định này” says nothing about another document.
            continue;
        }
        if matches!(mention.act, Act::Nothing)
            && mention.tokens.0 > 0
            && page.str(mention.tokens.0 - 1).to_lowercase() == "trừ"
        {
            // What an effect spares lies in the act it ends; the scope of that citation holds it.
            continue;
        }
        let mut citation = Citation {
            span: mention.span,
            number: number.clone(),
            name: mention.name.clone(),
            kind: mention.kind.map(str::to_owned),
            date: mention.date,
            issuer: mention.issuer.clone(),
            term: mention.term.clone(),
            locators: mention.locators.clone(),
            relation: if itself { Relation::Cites } else { ruling.relation },
            target: Target::External,
            of: ruling.of.and_then(|of| numbers[of].clone().or_else(|| mentions[of].name.clone())),
            likely: None,
            path: outline.at(mention.span.start).map(|node| node.path.clone()),
            confidence: confidence(mention, ruling, &sentences, page),
            sentence,
            scope: Default::default(),
        };
        if itself || (number.is_some() && number == own_number && same_kind(own, mention)) {
            citation.target = Target::SelfDocument;
        }
        if citation.locators.is_empty() && matches!(mention.act, Act::Numbered(_)) {
            citation.locators = table::beside(page.text, mention.span.start, mention.span.end);
        }
        if let Some((likely, why)) = misprint(mention) {
            citation.confidence = citation.confidence.min(0.7);
            resolved.defects.push(Defect { kind: "number".into(), line: lines.of(mention.span.start), note: why });
            citation.likely = Some(likely);
        } else if let Some(why) = contradiction(mention) {
            citation.confidence = citation.confidence.min(0.8);
            resolved.defects.push(Defect { kind: "number".into(), line: lines.of(mention.span.start), note: why });
        }
        scope::read(page, &sentences, &mentions, n, ruling, &mut citation);
        resolved.citations.push(citation);
    }
    resolved.amendments = amendment::read(page, &sentences, &mentions, &rulings, &numbers, outline, own);
    resolved
}

/// The document's own number in its head.
fn is_header(page: &Page<'_>, mention: &Mention, own: Option<&str>) -> bool {
    let Act::Numbered(number) = &mention.act else { return false };
    if mention.header {
        return true;
    }
    let first = mention.tokens.0;
    if mention.kind.is_none() && mention.act_at == first {
        // `S6 28-CTr/TU Phong Châu, ngày …`: what was *Số* stands at the head of the line.
        let lost = |n: usize| page.starts_line(n) && page.tokens[n].end - page.tokens[n].start <= 3;
        let marked = first > 0
            && page.tokens[first].lines == 0
            && (lost(first - 1) || (page.mark_of(first - 1, ":.") && first > 1 && lost(first - 2)))
            || first > 1
                && page.tokens[first].lines == 0
                && page.mark_of(first - 2, "$§&")
                && page.starts_line(first - 2);
        if first < 250 && (own == Some(number.canonical().as_str()) || marked && number.kind_code().is_some()) {
            return true;
        }
    }
    // `QUYẾT ĐỊNH SỐ 12/2004/QĐ-UB NGÀY …` as the title of the text itself.
    own == Some(number.canonical().as_str())
        && page.tokens[first].caps
        && page.starts_line(first)
        && first < 120
        && !(first > 0 && page.mark_of(first - 1, "(,"))
}

fn same_kind(own: &OwnNames, mention: &Mention) -> bool {
    match (own.kind.as_deref(), mention.kind) {
        (Some(own), Some(kind)) => own.to_lowercase() == kind.to_lowercase(),
        _ => true,
    }
}

/// The document numbers stand in one series: what one shows about its body holds for the other.
fn same_series(one: &DocumentNumber, other: &DocumentNumber) -> bool {
    one.style == other.style && one.issuer_code() == other.issuer_code()
}

/// `TT-BINMT … của Bộ trưởng Bộ Tài nguyên và Môi trường`: the name that stands beside a code tells how it was printed.
fn mend_codes(mentions: &mut [Mention]) {
    for mention in mentions {
        let (Act::Numbered(number), Some(body)) = (&mut mention.act, &mention.issuer) else { continue };
        if number.style != Style::State {
            continue;
        }
        if let (Some(code), Some(right)) = (number.groups.get_mut(1), initials(body))
            && *code != right
            && number::looks_like(code, &right)
        {
            *code = right;
            number.repaired = true;
        }
    }
}

/// The code that a ministry or department has from its name: `BTNMT`.
fn initials(body: &str) -> Option<String> {
    let words: Vec<&str> = body.split_whitespace().collect();
    let from = words.iter().rposition(|word| matches!(*word, "Bộ" | "Sở"))?;
    let letters = words[from..].iter().filter(|word| **word != "và").filter_map(|word| word.chars().next());
    let code: String = letters.filter(|c| c.is_alphabetic()).flat_map(char::to_uppercase).collect();
    (code.chars().count() >= 3).then_some(code)
}

/// Lends type, date, body and term along coordinated mentions.
fn share(page: &Page<'_>, sentences: &Sentences, mentions: &mut [Mention]) {
    // Types go forward: `các Quyết định số A và số B`.
    for n in 0..mentions.len() {
        if mentions[n].kind.is_some() {
            continue;
        }
        let Act::Numbered(number) = &mentions[n].act else { continue };
        let code_kind = number.kind_code().and_then(|code| number::kind_of_code(code, number.style));
        let lent = n.checked_sub(1).and_then(|before| {
            let Act::Numbered(other) = &mentions[before].act else { return None };
            let near = joined(page, &mentions[before], &mentions[n]);
            (near && other.kind_code() == number.kind_code() && other.style == number.style)
                .then_some(mentions[before].kind)
                .flatten()
        });
        let by_letter = match number.style {
            Style::Assembly => Some("Luật").filter(|_| number.issuer_code().is_some_and(|code| code.starts_with("QH"))),
            Style::Letter => Some("Công văn"),
            Style::Old => None,
            _ => code_kind,
        };
        mentions[n].kind = lent.or(by_letter);
    }
    heads(page, mentions);
    same_days(sentences, mentions);
    segments(page, sentences, mentions);
    // Dates and bodies go backward from the member that shows them.
    for n in (0..mentions.len().saturating_sub(1)).rev() {
        let (left, right) = mentions.split_at_mut(n + 1);
        let (one, other) = (&mut left[n], &right[0]);
        let (Act::Numbered(a), Act::Numbered(b)) = (&one.act, &other.act) else { continue };
        if !same_series(a, b) {
            continue;
        }
        let near = joined(page, one, other);
        let listed = near || listed_with_titles(page, sentences, one, other);
        let same_kind = one.kind == other.kind;
        if !listed {
            continue;
        }
        if one.issuer.is_none() && (same_kind || a.issuer_code().is_some()) {
            one.issuer.clone_from(&other.issuer);
            if one.term.is_none() && near {
                one.term.clone_from(&other.term);
            }
        }
        if one.date.is_none()
            && near
            && same_kind
            && let Some(date) = other.date
        {
            let barred = a.year.is_some_and(|year| year != date.year());
            if !barred {
                one.date = Some(date);
            }
        }
    }
}

/// `các Quyết định của Ủy ban nhân dân tỉnh: số A … và số B`: type and body stand before the colon.
fn heads(page: &Page<'_>, mentions: &mut [Mention]) {
    for n in 0..mentions.len() {
        let first = mentions[n].tokens.0;
        if first < 4 || !page.mark(first - 1, ':') || page.word(first) != key("so") {
            continue;
        }
        let Some(start) = (first.saturating_sub(16)..first - 2).rev().find(|at| kinds::at(page, *at).is_some()) else {
            continue;
        };
        let Some((kind, after)) = kinds::at(page, start) else { continue };
        if page.word(after) != key("cua") {
            continue;
        }
        let Some((body, end)) = issuer::at(page, after + 1) else { continue };
        if end != first - 1 {
            continue;
        }
        for mention in mentions.iter_mut().skip(n).take_while(|mention| page.word(mention.tokens.0) == key("so")) {
            mention.kind = Some(kinds::canonical(kind));
            if mention.issuer.is_none() {
                mention.issuer = Some(body.clone());
            }
        }
    }
}

/// `… cùng ngày` without a date: that of the mention before in the sentence.
fn same_days(sentences: &Sentences, mentions: &mut [Mention]) {
    for n in 1..mentions.len() {
        let (left, right) = mentions.split_at_mut(n);
        let (before, mention) = (&left[n - 1], &mut right[0]);
        if mention.same_day && mention.date.is_none() && before.tokens.0 >= sentences.start(mention.tokens.0) {
            mention.date = before.date;
        }
    }
}

/// `thay thế: A về …; B sửa đổi …; C của X về …`: the members of a list parted by `;` share the body.
fn segments(page: &Page<'_>, sentences: &Sentences, mentions: &mut [Mention]) {
    let mut last: Option<usize> = None;
    for n in (0..mentions.len()).rev() {
        let start = sentences.start(mentions[n].tokens.0);
        let opens = n == 0
            || mentions[n - 1].tokens.1 <= start
            || (mentions[n - 1].tokens.1..mentions[n].tokens.0).any(|at| page.mark_of(at, ";:"));
        if !opens {
            continue;
        }
        if let Some(other) = last.filter(|other| sentences.start(mentions[*other].tokens.0) == start)
            && mentions[n].issuer.is_none()
            && page.word(mentions[n].tokens.1) != key("cua")
            && let (Act::Numbered(a), Act::Numbered(b)) = (&mentions[n].act, &mentions[other].act)
            && same_series(a, b)
        {
            mentions[n].issuer = mentions[other].issuer.clone();
        }
        last = Some(n);
    }
}

/// Nothing but joints between the two.
fn joined(page: &Page<'_>, one: &Mention, other: &Mention) -> bool {
    let (from, to) = (one.tokens.1, other.tokens.0);
    from <= to
        && to - from <= 4
        && (from..to).all(|at| {
            page.mark(at, ',')
                || [VA, key("hoac"), key("cung"), key("voi"), key("cac"), key("va")].contains(&page.word(at))
        })
}

/// A title lies between, and the list goes on behind `;`, `,` or *và*.
fn listed_with_titles(page: &Page<'_>, sentences: &Sentences, one: &Mention, other: &Mention) -> bool {
    let (from, to) = (one.tokens.1, other.tokens.0);
    if from >= to
        || to - from > 60
        || sentences.start(other.tokens.0) > one.tokens.0 && !page.mark_of(sentences.start(to).saturating_sub(1), ";")
    {
        return false;
    }
    const OPENERS: [u64; 5] = [key("ve"), key("ban"), key("quy"), key("sua"), key("huong")];
    let mut joint = to;
    while joint > from && !page.mark_of(joint - 1, ";,") && page.word(joint - 1) != VA && to - joint < 3 {
        joint -= 1;
    }
    let opens = OPENERS.contains(&page.word(from)) || page.mark_of(from, "“\"");
    opens && joint > from && (page.mark_of(joint - 1, ";,") || page.word(joint - 1) == VA)
}

/// The number each mention stands for; a short form gets its antecedent's when exactly one fits.
///
/// “Nghị quyết 11” goes back to the one resolution with the serial 11 that is named anywhere in the
/// text, and first named before it; two such resolutions leave it unresolved.
fn short_forms(mentions: &mut [Mention]) -> Vec<Option<String>> {
    let mut numbers: Vec<Option<String>> = mentions
        .iter()
        .map(|mention| match &mention.act {
            Act::Numbered(number) => Some(number.canonical()),
            _ => None,
        })
        .collect();
    // The first mention of each type and serial; `None` where two acts share them.
    let mut antecedents: FxHashMap<(Option<&'static str>, String), Option<usize>> = FxHashMap::default();
    for (n, mention) in mentions.iter().enumerate() {
        let Act::Numbered(number) = &mention.act else { continue };
        let serial = number.serial.trim_start_matches('0').to_owned();
        let first = antecedents.entry((mention.kind, serial)).or_insert(Some(n));
        if first.is_some_and(|first| numbers[first] != numbers[n]) {
            *first = None;
        }
    }
    // The one act of each type so far; `None` where there are two.
    let mut of_type: FxHashMap<Option<&'static str>, Option<usize>> = FxHashMap::default();
    for n in 0..mentions.len() {
        if let (Act::Numbered(_), false) = (&mentions[n].act, mentions[n].header) {
            let first = of_type.entry(mentions[n].kind).or_insert(Some(n));
            if first.is_some_and(|first| numbers[first] != numbers[n]) {
                *first = None;
            }
        }
        let Act::Short(serial) = &mentions[n].act else { continue };
        if serial.is_empty() {
            let Some(antecedent) = of_type.get(&mentions[n].kind).copied().flatten() else { continue };
            numbers[n] = numbers[antecedent].clone();
            mentions[n].act = mentions[antecedent].act.clone();
            continue;
        }
        let key = (mentions[n].kind, serial.trim_start_matches('0').to_owned());
        let Some(antecedent) = antecedents.get(&key).copied().flatten().filter(|first| *first < n) else { continue };
        numbers[n] = numbers[antecedent].clone();
        mentions[n].act = mentions[antecedent].act.clone();
    }
    numbers
}

/// `đề nghị của X tại Tờ trình số …`: X sent it.
fn senders(page: &Page<'_>, mentions: &mut [Mention]) {
    for n in 0..mentions.len() {
        let mention = &mentions[n];
        if mention.issuer.is_some()
            || !matches!(mention.kind, Some("Tờ trình" | "Công văn" | "Báo cáo" | "Thông báo" | "Kết luận" | "Phiếu"))
        {
            continue;
        }
        let mut lead = mention.tokens.0;
        if n > 0 && joined(page, &mentions[n - 1], mention) && mentions[n - 1].kind.is_some() {
            // `tại Tờ trình số A và Báo cáo số B`
            if let Some(sender) = sender_at(page, mentions[n - 1].tokens.0) {
                mentions[n].issuer = Some(sender);
            }
            continue;
        }
        while lead > 0 && (page.word(lead - 1) == key("cac") || page.word(lead - 1) == key("van")) {
            lead -= 1;
        }
        if let Some(sender) = sender_at(page, lead) {
            mentions[n].issuer = Some(sender);
        }
    }
}

fn sender_at(page: &Page<'_>, lead: usize) -> Option<String> {
    let tai = lead.checked_sub(1)?;
    if page.word(tai) != key("tai") && !page.mark(tai, '(') {
        return None;
    }
    let floor = lead.saturating_sub(40);
    let mut at = tai;
    while at > floor {
        at -= 1;
        if page.mark_of(at, ";.:“") {
            return None;
        }
        let asked =
            [key("nghi"), key("kien"), key("trinh"), key("cao"), key("dinh"), key("xuat")].contains(&page.word(at));
        if !asked {
            continue;
        }
        let mut from = at + 1;
        while from < tai && page.word(from) != key("cua") && from < at + 6 {
            from += 1;
        }
        if page.word(from) != key("cua") {
            // `Sở Tư pháp thẩm định tại Báo cáo`: the body is the subject.
            continue;
        }
        let (name, end) = issuer::at(page, from + 1)?;
        return (end <= tai && tai - end <= 8).then_some(name);
    }
    None
}

/// The probable number, where body or type contradict the printed one.
fn misprint(mention: &Mention) -> Option<(String, String)> {
    let Act::Numbered(number) = &mention.act else { return None };
    if let (Style::Party, Some(code), Some(body)) = (number.style, number.issuer_code(), mention.issuer.as_deref())
        && let Some(right) = issuer::contradicts(code, body)
    {
        let mut likely = number.clone();
        *likely.groups.last_mut()? = right;
        let (printed, likely) = (number.canonical(), likely.canonical());
        return Some((
            likely.clone(),
            format!("number {printed} has the code {code}, but was issued by {body}; probably {likely}"),
        ));
    }
    if let (Style::State, Some(code), Some(body)) = (number.style, number.issuer_code(), mention.issuer.as_deref())
        && let Some(right) = issuer::state_code(code, body, number.kind_code())
    {
        let mut likely = number.clone();
        *likely.groups.get_mut(1)? = right.to_owned();
        let (printed, likely) = (number.canonical(), likely.canonical());
        return Some((
            likely.clone(),
            format!("number {printed} has the code {code}, but was issued by {body}; probably {likely}"),
        ));
    }
    let (kind, code) = (mention.kind?, number.kind_code()?);
    let right = match kind {
        "Chỉ thị" => "CT",
        "Nghị quyết" => "NQ",
        "Nghị định" => "NĐ",
        "Quyết định" => "QĐ",
        _ => return None,
    };
    let firm = matches!(code, "CT" | "NQ" | "NĐ" | "QĐ" | "TT" | "HD" | "KL" | "TB" | "CV" | "KH");
    if !firm || code == right {
        return None;
    }
    let mut likely = number.clone();
    likely.groups[0] = right.to_owned();
    let (printed, likely) = (number.canonical(), likely.canonical());
    Some((likely.clone(), format!("number {printed} has the code {code}, but the text says {kind}; probably {likely}")))
}

/// A year in the number that the stated date denies; which of the two is wrong the page does not say.
fn contradiction(mention: &Mention) -> Option<String> {
    let Act::Numbered(number) = &mention.act else { return None };
    let (year, date): (i16, Date) = (number.year?, mention.date?);
    (year != date.year())
        .then(|| format!("number {} carries the year {year}, but its date is {date}", number.canonical()))
}

/// How sure the reading is: a whole reference with type, number, date and body is nearly certain.
fn confidence(mention: &Mention, ruling: &Ruling, sentences: &Sentences, page: &Page<'_>) -> f32 {
    let mut sure: f32 = match &mention.act {
        Act::Numbered(number) => {
            let mut sure: f32 = if number.known { 0.93 } else { 0.85 };
            if number.repaired {
                sure -= 0.12;
            }
            if mention.kind.is_none() {
                sure -= 0.15;
            }
            if !page.str(mention.tokens.0).is_empty() && mention.date.is_some() {
                sure += 0.03;
            }
            if mention.issuer.is_some() {
                sure += 0.03;
            }
            sure
        }
        Act::Named => 0.9,
        Act::Nothing | Act::This => 0.85,
        _ => 0.5,
    };
    if relation::is_effect(ruling.relation) {
        let distance = ruling.trigger.map_or(40, |(_, end)| mention.tokens.0.abs_diff(end));
        let apart = ruling.trigger.is_some_and(|(from, _)| sentences.start(from) != sentences.start(mention.tokens.0));
        if distance > 20 {
            sure -= 0.05;
        }
        if apart {
            sure -= 0.05;
        }
    }
    sure.clamp(0.05, 0.99)
}

fn sentence_span(page: &Page<'_>, sentences: &Sentences, mention: &Mention) -> Span {
    const LONGEST: usize = 400;
    let (first, last) = (mention.tokens.0, mention.tokens.1 - 1);
    let start = sentences.start(first).max(first.saturating_sub(LONGEST));
    let end = sentences.end(last).min(last + LONGEST).max(last + 1);
    page.span(start, end)
}

/// Line numbers of ascending positions.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Lines<'t> {
        Lines { text, at: 0, line: 1 }
    }

    fn of(&mut self, position: usize) -> usize {
        if position >= self.at {
            self.line += self.text.as_bytes()[self.at..position].iter().filter(|byte| **byte == b'\n').count();
            self.at = position;
        }
        self.line
    }
}
