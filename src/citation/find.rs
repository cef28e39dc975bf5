//! Reading the page: every reference as it is written, nothing decided.
//!
//! One pass over the tokens. A type word, a unit of structure, *số* or a figure starts an
//! attempt; an attempt reads a bounded number of tokens, so the whole is linear.

mod figures;
mod tail;

use super::locator::Run;
use super::page::{Kind, Page, key};
use super::{Act, Mention, issuer, kinds, laws, place};
use crate::number::{self, DocumentNumber};
use figures::{begins_number, free_before, grown_to_so, lost_so, number_word};
use tail::tail;

const SO: u64 = key("so");
const CUA: u64 = key("cua");
const NAY: u64 = key("nay");
const VA: u64 = key("va");
const LUAT: u64 = key("luat");
const THUC: u64 = key("thuc");
const TRIEN: u64 = key("trien");

/// An act read off the page, before places are put in front of it.
pub(super) struct Reading {
    pub(super) act: Act,
    kind: Option<&'static str>,
    name: Option<String>,
    date: Option<jiff::civil::Date>,
    same_day: bool,
    issuer: Option<String>,
    term: Option<String>,
    start: usize,
    end: usize,
    header: bool,
}

impl Reading {
    pub(super) fn new(act: Act, kind: Option<&'static str>, start: usize, end: usize) -> Reading {
        Reading {
            act,
            kind,
            name: None,
            date: None,
            same_day: false,
            issuer: None,
            term: None,
            start,
            end,
            header: false,
        }
    }

    /// The same act for a place that ends at token `at`, far from where the act is named.
    pub(super) fn standing_in(self, at: usize) -> Reading {
        Reading { start: at, end: at, ..self }
    }

    pub(super) fn mention(self, page: &Page<'_>, places: Option<(&Run, Option<String>)>) -> Mention {
        let start = places.as_ref().map_or(self.start, |(run, _)| run.start);
        Mention {
            span: page.span(start, self.end),
            tokens: (start, self.end),
            act_at: self.start,
            act: self.act,
            kind: self.kind,
            name: self.name,
            date: self.date,
            same_day: self.same_day,
            issuer: self.issuer,
            term: self.term,
            locators: places.map_or_else(Vec::new, |(run, attached)| run.places(attached.as_deref())),
            header: self.header,
        }
    }
}

/// Finds every reference of the page in reading order.
pub(crate) fn find(page: &Page<'_>) -> Vec<Mention> {
    let mut found = Found { mentions: Vec::new(), places: page.len() * 2 + 1000 };
    let mut n = 0;
    while n < page.len() {
        n = step(page, n, &mut found);
    }
    found.mentions
}

/// What was found, and how many more places may be spelt out.
///
/// Three words (“Điều 1 đến 300”) stand for three hundred places; a page that is made of such
/// ranges gets only their ends, so that the answer stays in proportion to the page.
pub(super) struct Found {
    mentions: Vec<Mention>,
    places: usize,
}

impl Found {
    pub(super) fn add(&mut self, mut mention: Mention) {
        let count = mention.locators.len();
        if count > self.places && count > 2 {
            mention.locators.swap(1, count - 1);
            mention.locators.truncate(2);
        }
        self.places = self.places.saturating_sub(mention.locators.len());
        self.mentions.push(mention);
    }
}

/// Tries to read a reference at token `n`; gives the token to go on from.
fn step(page: &Page<'_>, n: usize, found: &mut Found) -> usize {
    let token = &page.tokens[n];
    match token.kind {
        Kind::Mark => n + 1,
        Kind::Number | Kind::Mixed => match bare_number(page, n, n) {
            Some(reading) => push(page, reading, None, found),
            None => n + 1,
        },
        Kind::Word => match token.key {
            k if k == key("dieu")
                || k == key("khoan")
                || k == key("diem")
                || k == key("tiet")
                || k == key("muc")
                || k == key("chuong")
                || k == key("phan")
                || k == key("tieu")
                || k == key("phu")
                || k == key("mau")
                || k == key("bieu")
                || k == key("cac")
                || k == key("tu") =>
            {
                if let Some(next) = place::places(page, n, found) {
                    return next;
                }
                act_or_next(page, n, found)
            }
            SO => match numbered_without_type(page, n) {
                Some(reading) => push(page, reading, None, found),
                None => n + 1,
            },
            _ => act_or_next(page, n, found),
        },
    }
}

fn act_or_next(page: &Page<'_>, n: usize, found: &mut Found) -> usize {
    match act(page, n) {
        Some(reading) => push(page, reading, None, found),
        None => n + 1,
    }
}

/// Adds the reading, and the siblings that a list of bare serials names (“số 22, 24-QĐ/TW”).
pub(super) fn push(
    page: &Page<'_>,
    reading: Reading,
    places: Option<(&Run, Option<String>)>,
    found: &mut Found,
) -> usize {
    let end = reading.end;
    if let Act::Serials(serials, number) = &reading.act {
        let (serials, number) = (serials.clone(), number.clone());
        let mut start = reading.start;
        for (serial, at) in serials {
            let mut one =
                Reading::new(Act::Numbered(DocumentNumber { serial, ..number.clone() }), reading.kind, start, at + 1);
            one.header = false;
            found.add(one.mention(page, None));
            start = at + 2;
        }
        let last = Reading { act: Act::Numbered(number), start: start.min(end - 1), ..reading };
        found.add(last.mention(page, places));
        return end;
    }
    found.add(reading.mention(page, places));
    end
}

/// `Số 31/2015/QĐ-UBND`, `số 29/2020/QĐ-UBND cùng ngày …` without a type word, at *số*.
pub(super) fn numbered_without_type(page: &Page<'_>, n: usize) -> Option<Reading> {
    if page.word(n) != SO {
        return None;
    }
    // `mẫu số`, `tài khoản số`, `nhà số`: other things have numbers too.
    const OTHERS: [u64; 9] = [
        key("mau"),
        key("bieu"),
        key("khoan"),
        key("nha"),
        key("don"),
        key("phieu"),
        key("dong"),
        key("thua"),
        key("to"),
    ];
    if n > 0 && OTHERS.contains(&page.word(n - 1)) && !page.starts_line(n) {
        return None;
    }
    let mut at = n + 1;
    if page.mark_of(at, ":.") {
        at += 1;
    }
    if !begins_number(page, at) {
        return None;
    }
    let Some(mut reading) = bare_number(page, at, n) else {
        return serials(page, n, None, at, true);
    };
    let colon = page.mark(n + 1, ':');
    let (upper, alone) = (page.tokens[n].upper, page.starts_line(n));
    let listed = n > 0 && (page.mark_of(n - 1, ",;") || page.word(n - 1) == VA || page.word(n - 1) == key("va"));
    reading.header = upper && !listed && (alone || colon || page.tokens[n - 1].caps || n == 0);
    Some(reading)
}

/// A number at `n` that needs no type word; the reference begins at token `start`.
fn bare_number(page: &Page<'_>, n: usize, start: usize) -> Option<Reading> {
    let token = page.get(n)?;
    if !free_before(page, n) {
        return None;
    }
    let (number, end) = number::scan(page.text, token.start)?;
    if !number.known || (start == n && number.style == number::Style::Letter) {
        return None;
    }
    let end = page.index_of(end);
    let mut reading = Reading::new(Act::Numbered(number), None, start, end);
    tail(page, &mut reading);
    Some(reading)
}

/// An act at token `n`: with a number, by name, by its serial alone, or *này*.
pub(super) fn act(page: &Page<'_>, n: usize) -> Option<Reading> {
    let (kind, after) = kinds::at(page, n)?;
    // `Luật Luật sư` is a law, `pháp luật` and `bộ luật` in the middle of a word are none.
    if page.get(after).is_some_and(|token| token.lines > 4) {
        return None;
    }
    if page.word(after) == NAY {
        let kind = kinds::canonical(kind);
        return Some(Reading::new(Act::This, Some(kind), n, after + 1));
    }
    if let Some(reading) = numbered(page, n, kind, after) {
        return Some(reading);
    }
    if let Some(end) = named_above(page, n, after) {
        return Some(Reading::new(Act::Short(String::new()), Some(kinds::canonical(kind)), n, end));
    }
    match kind {
        "Luật" | "Bộ luật" | "Pháp lệnh" => law(page, n, kind, after),
        "Điều lệ" => {
            if !page.tokens[n].upper {
                return None;
            }
            let end = laws::charter_end(page, after)?;
            Some(named(page, kind, n, end))
        }
        "Hiến pháp" => {
            let year = page.word(after) == key("nam") && page.number(after + 1).is_some();
            if page.tokens[n].upper && bare_year(page, after) {
                return Some(named(page, kind, n, after + 1));
            }
            let nation = page.phrase(after, &[key("nuoc"), key("cong"), key("hoa")]);
            let mut end = after;
            if nation {
                while end < after + 9 && !page.phrase_before(end, &[key("viet"), key("nam")]) {
                    end += 1;
                }
            }
            if year || nation && page.word(end) == key("nam") && page.number(end + 1).is_some() {
                end += 2;
            }
            (page.tokens[n].upper && (year || nation)).then(|| named(page, kind, n, end))
        }
        "Nghị quyết" | "Kết luận" => match laws::congress_end(page, after) {
            Some(end) => Some(named(page, kind, n, end)),
            None => short(page, n, kind, after),
        },
        "Quy chế" => {
            let at = if page.phrase(after, &[key("lam")]) { after } else { after.saturating_sub(2) };
            if let Some(rules) = laws::working_rules(page, at)
                .filter(|rules| page.tokens[n].upper && governed(page, n) && !comes_along(page, rules.end))
            {
                let mut reading = named(page, kind, n, rules.end);
                reading.issuer = rules.issuer_at.and_then(|at| issuer::at(page, at)).map(|(name, _)| name);
                return Some(reading);
            }
            short(page, n, kind, after)
        }
        _ => short(page, n, kind, after),
    }
}

/// `Nghị định nêu trên`, `Quyết định nói trên`: one act, named before; *các* and *những* speak of several.
fn named_above(page: &Page<'_>, n: usize, after: usize) -> Option<usize> {
    let above = [[key("neu"), key("tren")], [key("noi"), key("tren")]].iter().any(|words| page.phrase(after, words));
    let several = n > 0 && [key("cac"), key("nhung"), key("mot")].contains(&page.word(n - 1));
    (above && page.tokens[n].upper && !several && page.tokens[after].lines < 2).then_some(after + 2)
}

/// Rules of procedure are cited when something is done under them, not where they are issued or amended.
fn governed(page: &Page<'_>, n: usize) -> bool {
    if n == 0 {
        return false;
    }
    const LEADS: [u64; 9] =
        [key("cu"), key("theo"), key("tai"), key("hien"), key("voi"), key("hanh"), key("va"), key("dung"), key("cua")];
    let lead = page.word(n - 1);
    let listed = page.mark_of(n - 1, ";,-–+") && !page.tokens[n].caps;
    let issued = lead == key("hanh") && n > 1 && page.word(n - 2) == key("ban");
    (LEADS.contains(&lead) || listed) && !issued && lead != CUA
        || (lead == CUA && n > 2 && page.number(n - 2).is_some())
}

/// `… ban hành kèm theo` follows soon: the act it came along with is what is cited.
fn comes_along(page: &Page<'_>, end: usize) -> bool {
    (end..end + 16).take_while(|at| !page.mark_of(*at, ".;:")).any(|at| page.phrase(at, &[key("kem"), key("theo")]))
}

fn named(page: &Page<'_>, kind: &'static str, start: usize, end: usize) -> Reading {
    let mut reading = Reading::new(Act::Named, Some(kind), start, end);
    reading.name = Some(page.joined(start, end));
    tail(page, &mut reading);
    reading
}

/// `Bộ luật Lao động 2019`, `Hiến pháp 2013`: a year that follows a name at once.
fn bare_year(page: &Page<'_>, n: usize) -> bool {
    page.number(n).is_some_and(|year| (1945..2100).contains(&year))
        && page.str(n).len() == 4
        && page.tokens[n].lines == 0
        && !(page.mark_of(n + 1, "/-–.") && page.tokens[n + 1].start == page.tokens[n].end)
}

/// A law, code or ordinance: its name, and behind it a number, a year or a date.
fn law(page: &Page<'_>, n: usize, kind: &'static str, after: usize) -> Option<Reading> {
    let first = &page.tokens[n];
    if !first.upper || (first.caps && kind != "Luật" && !page.tokens[after - 1].caps) {
        return None;
    }
    // `Bộ Luật …` is the code; the ministry `Bộ` never stands before `Luật`. `Dự án Luật`, `dự thảo Luật` are not yet laws.
    if n > 0 && [key("thao"), key("an")].contains(&page.word(n - 1)) && page.word(n.wrapping_sub(2)) == key("du") {
        return None;
    }
    // `Công ty Luật Việt`, `Trường Đại học Luật Hà Nội` have their name from the trade.
    const HOUSES: [&[u64]; 8] = [
        &[key("cong"), key("ty")],
        &[key("van"), key("phong")],
        &[key("dai"), key("hoc")],
        &[key("trung"), key("cap")],
        &[key("hang")],
        &[key("khoa")],
        &[key("vu")],
        &[key("vien")],
    ];
    if kind == "Luật" && HOUSES.iter().any(|words| page.phrase_before(n, words)) {
        return None;
    }
    let mended = laws::mended(page, after);
    let mut end = match mended {
        Some((_, end)) => end,
        None => laws::name_end(page, after)?,
    };
    // In capitals it is the title of the page, unless it is the object of one.
    if first.caps && !(n > 0 && page.word(n - 1) == CUA && page.tokens[n - 1].caps && laws::is_listed(page, after)) {
        return None;
    }
    let mut number = None;
    let mut at = end;
    if page.mark_of(at, ",(") && (page.word(at + 1) == SO || (page.word(at + 1) == LUAT && page.word(at + 2) == SO)) {
        at += 1;
        if page.word(at) == LUAT {
            at += 1;
        }
    }
    if page.word(at) == SO {
        at += 1;
        if page.mark_of(at, ":.") {
            at += 1;
        }
    }
    let name_end = end;
    at = lost_so(page, at);
    if page.number(at).is_some()
        && (at > end || page.mark(at + 1, '/'))
        && let Some((read, stop)) = number::scan(page.text, page.tokens[at].start)
    {
        number = Some(read);
        end = page.index_of(stop);
        if page.mark(name_end, '(') && page.mark(end, ')') {
            end += 1;
        }
    }
    let mut name = match mended {
        Some((right, _)) => format!("{kind} {right}"),
        None => page.joined(n, name_end),
    };
    if number.is_none()
        && page.word(end) == key("nam")
        && page.number(end + 1).is_some_and(|year| (1940..2100).contains(&year))
    {
        end += 2;
        name = format!("{name} {}", page.joined(end - 2, end));
    } else if number.is_none() && bare_year(page, end) {
        end += 1;
        name = format!("{name} {}", page.str(end - 1));
    }
    let act = number.map_or(Act::Named, Act::Numbered);
    let mut reading = Reading::new(act, Some(kind), n, end);
    reading.name = Some(name);
    tail(page, &mut reading);
    Some(reading)
}

/// A type word with a number: `Quyết định số 23-QĐ/TW`, `Báo cáo thẩm tra số …`, `Quyết định của … số …`.
fn numbered(page: &Page<'_>, n: usize, kind: &'static str, after: usize) -> Option<Reading> {
    let mut at = after;
    let mut led = false;
    let mut body = None;
    // At most four small words may stand between the type and *số*: `Công văn hỏa tốc số`.
    for _ in 0..5 {
        let token = page.get(at)?;
        if token.kind == Kind::Word && (token.key == SO || page.str(at) == "s6") && !number_word(page, at) {
            led = true;
            at += 1;
            // `số: 438`, `số-438`.
            while page.mark_of(at, ":.") || page.mark(at, '-') && page.number(at + 1).is_some() {
                at += 1;
            }
            break;
        }
        if begins_number(page, at) || grown_to_so(page, at) > 0 {
            break;
        }
        // `Thông báo theo mẫu số 06/GTGT`: the form has the number.
        // `theomẫu số` too, where two words ran together.
        let form = token.key == key("mau") || token.key == key("bieu");
        let run_in = |word: &str| word.ends_with(['u', 'U']) && word.to_lowercase().ends_with("mẫu");
        if form || token.kind == Kind::Word && run_in(page.str(at)) {
            return None;
        }
        if token.kind == Kind::Word && token.key == CUA && at == after {
            let (name, end) = issuer::at(page, at + 1)?;
            body = Some(name);
            at = end;
            if page.mark(at, ',') {
                at += 1;
            }
            continue;
        }
        let other_act = at > after && kinds::at(page, at).is_some();
        let moved_on = token.upper && !page.tokens[n].caps || token.lines > 1;
        if token.kind != Kind::Word || moved_on || other_act || [NAY, CUA, VA, THUC, TRIEN].contains(&token.key) {
            return None;
        }
        at += 1;
    }
    if !led {
        let next = lost_so(page, at);
        led = next > at;
        at = next;
    }
    let glued = if led { 0 } else { grown_to_so(page, at) };
    if glued == 0 && (!begins_number(page, at) || !led && at > after + 1) {
        return None;
    }
    let start_byte = page.tokens[at].start + glued;
    let scanned = number::scan(page.text, start_byte);
    if glued > 0 && !scanned.as_ref().is_some_and(|(number, _)| number.known) {
        return None;
    }
    led |= glued > 0;
    if let Some((number, stop)) = scanned {
        if !led && !number.known && page.str(after).len() > 3 {
            return None;
        }
        let end = page.index_of(stop);
        let mut reading = Reading::new(Act::Numbered(number), Some(kinds::canonical(kind)), n, end);
        reading.issuer = body;
        if matches!(kind, "Luật" | "Bộ luật" | "Pháp lệnh")
            && matches!(&reading.act, Act::Numbered(number) if number.style == number::Style::Old)
        {
            return None;
        }
        tail(page, &mut reading);
        return Some(reading);
    }
    serials(page, n, Some(kinds::canonical(kind)), at, led)
}

/// `số 22, 24-QĐ/TW`: bare serials before a whole number.
fn serials(page: &Page<'_>, n: usize, kind: Option<&'static str>, first: usize, led: bool) -> Option<Reading> {
    if !led {
        return None;
    }
    let mut list = vec![(page.str(first).to_owned(), first)];
    let mut at = first + 1;
    for _ in 0..12 {
        if !(page.mark_of(at, ",;") || page.word(at) == VA) {
            return None;
        }
        let mut next = at + 1;
        if page.word(next) == SO {
            next += 1;
        }
        page.number(next)?;
        if let Some((number, stop)) = number::scan(page.text, page.tokens[next].start) {
            if !number.known || number.year.is_some() && number.style != number::Style::State {
                return None;
            }
            let end = page.index_of(stop);
            let mut reading = Reading::new(Act::Serials(list, number), kind, n, end);
            tail(page, &mut reading);
            return Some(reading);
        }
        list.push((page.str(next).to_owned(), next));
        at = next + 1;
    }
    None
}

/// A type and a bare serial: `Nghị quyết 11`, `Quyết định số 446`. What it means is decided later.
fn short(page: &Page<'_>, n: usize, kind: &'static str, after: usize) -> Option<Reading> {
    if !page.tokens[n].upper {
        return None;
    }
    let at = if page.word(after) == SO { after + 1 } else { after };
    let token = page.get(at)?;
    if !matches!(token.kind, Kind::Number) || token.end - token.start > 5 || token.lines > 1 {
        return None;
    }
    const MEASURES: [u64; 13] = [
        key("nam"),
        key("thang"),
        key("ngay"),
        key("tuan"),
        key("gio"),
        key("trieu"),
        key("ty"),
        key("dong"),
        key("nguoi"),
        key("diem"),
        key("dieu"),
        key("tinh"),
        key("muc"),
    ];
    if page.mark_of(at + 1, "/%.") && page.tokens[at + 1].start == token.end && page.number(at + 2).is_some()
        || page.mark_of(at + 1, "/-%") && page.tokens[at + 1].start == token.end
        || MEASURES.contains(&page.word(at + 1))
        || (page.word(at + 1) == key("noi") && page.word(at + 2) != key("tren"))
    {
        return None;
    }
    let mut reading = Reading::new(Act::Short(page.str(at).to_owned()), Some(kinds::canonical(kind)), n, at + 1);
    tail(page, &mut reading);
    Some(reading)
}
