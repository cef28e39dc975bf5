//! The foot of a paper: recipients on the left, signature on the right, often on the same lines.

mod name;

use super::words::{cased, mended, slips_within};
use crate::outline::place::strip_signing;
use crate::text::{fold, is_capital, is_small, is_upper};
use name::{looks_like_name, name_start};

/// In whose name was signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Signing {
    /// No mark over the post.
    #[default]
    Own,
    /// `TM.`, `T/M`: on behalf of a body.
    OnBehalf,
    /// `KT.`: a deputy for the head.
    Deputy,
    /// `TL.`, `T/L`, `TUQ.`: by order.
    ByOrder,
}

/// The signature.
#[derive(Clone, Debug, Default)]
pub(super) struct Signature {
    pub(super) signing: Signing,
    /// The body after `TM.` or `TL.`, as printed.
    pub(super) on_behalf: Option<String>,
    /// The post over the name, as printed in capitals.
    pub(super) role: Option<String>,
    /// The name.
    pub(super) signer: Option<String>,
}

/// Recipients and signature.
#[derive(Clone, Debug, Default)]
pub(super) struct Foot {
    pub(super) signature: Signature,
    pub(super) recipients: Vec<String>,
}

/// Words with which a post begins, folded; more than one where the first would not do.
const POSTS: [&str; 40] = [
    "pho chu tich",
    "chu tich",
    "pho bi thu",
    "tong bi thu",
    "bi thu",
    "pho chanh",
    "chanh van phong",
    "chanh thanh tra",
    "chanh an",
    "pho truong",
    "truong ban",
    "truong phong",
    "truong doan",
    "pho chu nhiem",
    "chu nhiem",
    "pho giam doc",
    "giam doc",
    "pho tong",
    "tong giam doc",
    "bo truong",
    "thu truong",
    "pho thu tuong",
    "thu tuong",
    "cuc truong",
    "pho cuc",
    "tong cuc",
    "pho vu truong",
    "vu truong",
    "vien truong",
    "pho vien",
    "hieu truong",
    "pho hieu",
    "thong doc",
    "pho thong doc",
    "tong thanh tra",
    "tong kiem toan",
    "thuong truc ban bi thu",
    "thu ky",
    "chi cuc truong",
    "dai tuong",
];

/// Finds the foot among the lines of the document's own text (attached texts left out).
pub(super) fn read(lines: &[&str]) -> Foot {
    let mut foot = Foot::default();
    let at = lines.iter().rposition(|line| crate::outline::place::is_recipients(undecorated(line)));
    let Some(at) = at else {
        let from = lines.len().saturating_sub(14);
        read_signature_alone(&lines[from..], &mut foot.signature);
        return foot;
    };
    let mut right: Vec<Right> = Vec::new();
    // Party papers may print the post over the recipients.
    for line in &lines[at.saturating_sub(6)..at] {
        let line = undecorated(line);
        if let Some(part) = right_part(line)
            && part.1.trim().is_empty()
        {
            right.push(part.0);
        }
    }
    read_block(&lines[at..], &mut foot.recipients, &mut right);
    assemble(&right, &mut foot.signature);
    foot
}

fn undecorated(line: &str) -> &str {
    line.trim().trim_matches('*').trim_start_matches(['#', '>']).trim()
}

/// A piece of the right column.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Right {
    /// A post or body in capitals.
    Post(String),
    /// `(đã ký)`.
    Signed,
    /// A name.
    Name(String),
}

/// Reads the lines of the block: recipients to the left, pieces of the signature to the right.
fn read_block(lines: &[&str], recipients: &mut Vec<String>, right: &mut Vec<Right>) {
    let mut items: Vec<String> = Vec::new();
    let mut filed = false;
    let mut n_idle = 0;
    // The name stands below the post: capitals at the end of a recipient above it are none.
    let first_post = match right.iter().any(|part| matches!(part, Right::Post(_))) {
        true => 0,
        false => lines.iter().take(60).position(|line| post_start(undecorated(line)).is_some()).unwrap_or(0),
    };
    let mut name_alone_at = None;
    for (index, raw) in lines.iter().enumerate().take(60) {
        let mut line = undecorated(raw);
        if index == 0 {
            line = line.split_once([':', ';']).map_or_else(|| after_two_words(line), |(_, rest)| rest).trim();
        }
        if line.is_empty() {
            continue;
        }
        // Rules, footnotes and headings of what follows end the block.
        if line.starts_with("[1]") || line.starts_with("---") && line.len() > 8 && filed {
            break;
        }
        let mut rest = line.to_owned();
        let mut taken = Vec::new();
        while let Some((part, left)) = right_part(&rest) {
            if index < first_post && matches!(part, Right::Name(_)) {
                break;
            }
            taken.push(part);
            rest = left;
        }
        if let [Right::Name(name)] = &taken[..]
            && rest.trim().is_empty()
            && name.split(' ').count() == 2
        {
            name_alone_at = Some(index);
        }
        let had_right = !taken.is_empty();
        right.extend(taken.into_iter().rev());
        let rest = rest.trim();
        if rest.is_empty() {
            n_idle = 0;
            continue;
        }
        // `Lê Hải` / `Hòa`: a narrow cell broke the name.
        if index > 0
            && name_alone_at == Some(index - 1)
            && (2..=6).contains(&rest.chars().count())
            && rest.starts_with(char::is_uppercase)
            && rest.chars().skip(1).all(char::is_lowercase)
            && let Some(Right::Name(name)) = right.last_mut()
        {
            name.push(' ');
            name.push_str(rest);
            continue;
        }
        let item = item_text(rest);
        match item {
            Some(item) if !filed || items.is_empty() => {
                filed = begins_filing(item);
                items.push(item.to_owned());
                n_idle = 0;
            }
            Some(_) => break,
            None => {
                let complete = items.last().is_none_or(|last| last.ends_with([',', ';', '.']));
                let low = rest.starts_with(char::is_lowercase) || rest.starts_with('(');
                let runs_on = if complete { low && !filed } else { true };
                if !items.is_empty() && runs_on {
                    let last = items.last_mut().expect("items are not empty");
                    last.push(' ');
                    last.push_str(rest);
                } else if items.is_empty()
                    && index > 0
                    && rest.len() < 160
                    && !is_upper(rest)
                    && rest.ends_with([',', ';', '.'])
                {
                    items.push(rest.to_owned());
                } else if !had_right {
                    if is_upper(rest) && right.iter().any(|part| matches!(part, Right::Name(_))) {
                        break;
                    }
                    let after_family = matches!(right.last(), Some(Right::Name(name)) if !name.contains(' '));
                    if looks_like_name(rest, !after_family) {
                        right.push(Right::Name(rest.to_owned()));
                    } else if rest.split_whitespace().count() == 1
                        && rest.starts_with(char::is_uppercase)
                        && !is_upper(rest)
                        && rest.len() < 12
                    {
                        // A family name on a line of its own.
                        right.push(Right::Name(rest.to_owned()));
                    } else {
                        n_idle += 1;
                        if n_idle > 3 {
                            break;
                        }
                    }
                }
            }
        }
    }
    let last = items.len().saturating_sub(1);
    for (nth, item) in items.iter().enumerate() {
        let mut item = without_noise(item).to_owned();
        if nth == last && nth > 0 {
            item = mended_filing(&item);
        }
        // Two recipients on a line are parted by a semicolon, which may be read as a colon.
        let parts: Vec<&str> =
            if item.ends_with(':') { item.split([';', ':']).collect() } else { item.split(';').collect() };
        for part in parts {
            let part = part.trim().trim_end_matches([',', ';', '.', '/', ' ', ':']).trim();
            if part.chars().any(char::is_alphabetic) {
                recipients.push(part.split_whitespace().collect::<Vec<_>>().join(" "));
            }
        }
    }
}

/// The last recipient begins with `Lưu`, however it was read.
fn mended_filing(item: &str) -> String {
    let end = item.find([' ', ':', ',', '.']).unwrap_or(item.len());
    let (first, rest) = item.split_at(end);
    let folded = fold(first);
    let read_so = matches!(
        folded.as_str(),
        "luu" | "lwu" | "litu" | "lye" | "lu" | "lieu" | "liu" | "lru" | "hru" | "lwru" | "leu" | "lvu" | "liru"
    );
    if read_so { format!("Lưu{rest}") } else { item.to_owned() }
}

fn after_two_words(line: &str) -> &str {
    let mut rest = line;
    for _ in 0..2 {
        rest = rest.trim_start().split_once(' ').map_or("", |(_, rest)| rest);
    }
    rest
}

/// Single letters after the last comma are specks of a stamp: `Ủy viên Thành ủy, x K`.
fn without_noise(item: &str) -> &str {
    if let Some(at) = item.rfind([',', ';', '.']) {
        let tail = item[at + 1..].trim();
        if tail.split_whitespace().count() >= 2 && tail.split_whitespace().all(|word| word.chars().count() == 1) {
            return &item[..at];
        }
    }
    item
}

/// The text of a recipient after its dash.
fn item_text(line: &str) -> Option<&str> {
    let first = line.chars().next()?;
    if matches!(first, '-' | '–' | '—' | '−' | '•' | '+' | '~' | '¬' | '·' | '*' | '«' | '_') {
        let rest = line[first.len_utf8()..].trim_start_matches(['-', '–', '.', ' ']);
        return (rest.len() > 1).then_some(rest);
    }
    None
}

/// `Lưu: VT`, `Lưu Văn phòng Tỉnh ủy`: the last recipient.
fn begins_filing(item: &str) -> bool {
    let head: String = fold(&item[..item.char_indices().nth(4).map_or(item.len(), |(at, _)| at)]);
    head.starts_with("luu") || head.starts_with("lwu") || head.starts_with("hru") || head.starts_with("lru")
}

/// Takes the piece of the right column off the end of a line.
fn right_part(line: &str) -> Option<(Right, String)> {
    let line = line.trim_end();
    // (đã ký)
    if let Some(at) = line.rfind('(') {
        let inner = fold(&line[at..]);
        let letters: String = inner.chars().filter(|c| c.is_ascii_alphabetic()).collect();
        // `(đã ký)`, `(Da ky)`, `(Ba kỳ)`.
        let says_signed = (3..=6).contains(&letters.len())
            && letters.starts_with(['d', 'b'])
            && letters.ends_with(['y', 'i'])
            && letters.contains('k');
        if letters == "ky" && at > 0 || says_signed {
            return Some((Right::Signed, line[..at].to_owned()));
        }
    }
    if let Some(at) = post_start(line) {
        return Some((Right::Post(line[at..].trim().to_owned()), line[..at].to_owned()));
    }
    let at = name_start(line)?;
    Some((Right::Name(line[at..].trim().trim_end_matches(['.', ',']).to_owned()), line[..at].to_owned()))
}

/// The byte at which a post or a body in capitals begins that ends the line.
fn post_start(line: &str) -> Option<usize> {
    let mut starts: Vec<usize> = Vec::new();
    for word in line.split_whitespace().rev().take(14) {
        let at = word.as_ptr() as usize - line.as_ptr() as usize;
        let n_upper = word.chars().filter(|c| is_capital(*c)).count();
        let n_lower = word.chars().filter(|c| is_small(*c)).count();
        let is_mark = n_upper + n_lower == 0 && word.chars().all(|c| !c.is_alphabetic());
        // `Bí THƯ`, `Bộ TRƯỞNG`: a short word that lost a capital among capitals.
        let short =
            !starts.is_empty() && n_upper == 1 && word.chars().count() <= 3 && word.starts_with(char::is_uppercase);
        if n_lower > 0 && n_upper < n_lower * 2 && !short
            || is_mark && !matches!(word, "-" | "–" | "&")
            || word.ends_with(';')
        {
            break;
        }
        starts.push(at);
    }
    // The longest run without marks, and where in it the shorter ones begin.
    let mut letters = String::new();
    let mut begins: Vec<usize> = Vec::with_capacity(starts.len());
    for word in starts.last().map_or("", |first| &line[*first..]).split_whitespace() {
        if !letters.is_empty() {
            letters.push(' ');
        }
        begins.push(letters.len());
        letters.push_str(&fold(word));
    }
    // The longest run that begins like a post; a run may begin with abbreviations of recipients.
    for (&at, from) in starts.iter().rev().zip(begins) {
        let run = &line[at..];
        if let Some(rest) = strip_signing(run) {
            let letters = rest.chars().filter(|c| c.is_alphabetic()).count();
            if letters >= 4 && !rest.contains(';') || letters == 0 && run.len() <= 4 && at == 0 {
                return Some(at);
            }
        }
        let folded = &letters[from..];
        if POSTS.iter().any(|post| begins_alike(folded, post)) {
            return Some(at);
        }
    }
    // A line of capitals by itself among the pieces: the second line of a long post.
    (starts.last() == Some(&0)
        && line.split_whitespace().count() >= 2
        && is_upper(line)
        && line.chars().count() >= 8
        && !line.starts_with(['-', '('])
        && !line.contains([';', ':']))
    .then_some(0)
}

fn begins_alike(folded: &str, post: &str) -> bool {
    match folded.get(..post.len()) {
        Some(head) => {
            (head == post || post.len() > 7 && slips_within(head.as_bytes(), post.as_bytes(), 1).is_some())
                && !folded[post.len()..].starts_with(char::is_alphanumeric)
        }
        None => false,
    }
}

/// Puts the pieces of the right column together.
fn assemble(right: &[Right], signature: &mut Signature) {
    let mut name: Vec<String> = Vec::new();
    for part in right {
        match part {
            Right::Post(text) => {
                if !name.is_empty() {
                    // A second signature, of a joint paper, or a heading below.
                    continue;
                }
                take_post(text, signature);
            }
            Right::Signed => {}
            Right::Name(text) => {
                let n_words: usize = name.iter().map(|part| part.split_whitespace().count()).sum();
                if n_words == 0 || n_words == 1 && text.split_whitespace().count() <= 4 {
                    name.push(text.clone());
                }
            }
        }
    }
    if !name.is_empty() {
        let whole = name.join(" ");
        if whole.split_whitespace().count() >= 2 {
            signature.signer = Some(whole.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
}

/// One line of capitals over the name: `T/M BAN THƯỜNG VỤ`, `KT. CHỦ TỊCH`, `PHÓ CHỦ TỊCH`.
fn take_post(text: &str, signature: &mut Signature) {
    let text = text.trim().trim_end_matches([',', ';', ':', '.']);
    let Some(rest) = strip_signing(text) else {
        let folded = fold(text);
        let is_post = POSTS.iter().any(|post| begins_alike(&folded, post));
        match &mut signature.role {
            // `TRƯỞNG BAN` / `BAN CHÍNH SÁCH`: the field below the post belongs to it, the name of a body does not.
            Some(_) if !is_post => {}
            _ if is_post => signature.role = Some(text.to_owned()),
            None if !is_post && signature.on_behalf.is_some() => {
                let behalf = signature.on_behalf.get_or_insert_default();
                behalf.push(' ');
                behalf.push_str(text);
            }
            _ => {}
        }
        return;
    };
    let marks: String = text[..text.len() - rest.len()].chars().filter(|c| c.is_alphabetic()).collect();
    match marks.as_str() {
        "TM" => {
            signature.signing = Signing::OnBehalf;
            signature.on_behalf = Some(rest.to_owned());
        }
        "KT" => {
            if signature.signing == Signing::Own {
                signature.signing = Signing::Deputy;
            }
        }
        _ => {
            if signature.signing == Signing::Own {
                signature.signing = Signing::ByOrder;
                signature.on_behalf = Some(rest.to_owned());
            }
        }
    }
}

/// A signature without recipients, at the end of the text: a post in capitals, a name below.
fn read_signature_alone(lines: &[&str], signature: &mut Signature) {
    let mut right = Vec::new();
    let mut n_idle = 0;
    for line in lines.iter().rev() {
        let line = undecorated(line);
        if line.is_empty() {
            continue;
        }
        match right_part(line) {
            Some((part, rest)) if rest.trim().is_empty() || rest.trim().len() < 4 => right.push(part),
            _ if right.is_empty() && n_idle < 3 => n_idle += 1,
            _ => break,
        }
    }
    right.reverse();
    // A name without a post may be anything.
    if right.iter().any(|part| matches!(part, Right::Post(_))) {
        assemble(&right, signature);
    }
}

/// The post as it is cited: `Phó Bí thư Thường trực`; damaged words take the spelling of the post they stand for.
pub(super) fn role(printed: &str) -> String {
    cased(&mended(printed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_read_as_one_line_come_apart() {
        let lines = [
            "Nơi nhận: TM. ỦY BAN NHÂN DÂN",
            "- Như Điều 4; KT. CHỦ TỊCH",
            "- Bộ Tài nguyên và Môi trường; PHÓ CHỦ TỊCH",
            "- Cục KTVBQPPL - Bộ Tư pháp;",
            "- TT TU, TT HĐND tỉnh; (Đã ký)",
            "- Các đồng chí Ủy viên Ban Chấp hành Đảng Phạm Ngọc Thuần",
            "bộ tỉnh;",
            "- Lưu: VT, NĐ2.",
        ];
        let foot = read(&lines);
        assert_eq!(
            foot.recipients,
            [
                "Như Điều 4",
                "Bộ Tài nguyên và Môi trường",
                "Cục KTVBQPPL - Bộ Tư pháp",
                "TT TU, TT HĐND tỉnh",
                "Các đồng chí Ủy viên Ban Chấp hành Đảng bộ tỉnh",
                "Lưu: VT, NĐ2"
            ]
        );
        assert_eq!(foot.signature.signer.as_deref(), Some("Phạm Ngọc Thuần"));
        assert_eq!(foot.signature.role.as_deref(), Some("PHÓ CHỦ TỊCH"));
        assert_eq!(foot.signature.on_behalf.as_deref(), Some("ỦY BAN NHÂN DÂN"));
    }

    #[test]
    fn a_name_over_two_lines_is_one_name() {
        let foot =
            read(&["Nơi nhận:", "- Như trên;", "- Lưu: VT.", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "Bùi", "Xuân Cường"]);
        assert_eq!(foot.signature.signer.as_deref(), Some("Bùi Xuân Cường"));
    }

    #[test]
    fn specks_of_a_stamp_are_no_recipients() {
        let foot =
            read(&["Nơi nhận:", "- Các đồng chí Ủy viên Thành ủy, x K", "- Lưu Văn phòng Thành ủy. Đỗ Mạnh Hiến"]);
        assert_eq!(foot.recipients, ["Các đồng chí Ủy viên Thành ủy", "Lưu Văn phòng Thành ủy"]);
        assert_eq!(foot.signature.signer.as_deref(), Some("Đỗ Mạnh Hiến"));
    }

    #[test]
    fn laws_are_signed_without_recipients() {
        let foot = read(&["Luật này có hiệu lực.", "CHỦ TỊCH QUỐC HỘI", "Nguyễn Sinh Hùng"]);
        assert_eq!(foot.signature.signer.as_deref(), Some("Nguyễn Sinh Hùng"));
        assert_eq!(foot.signature.role.as_deref(), Some("CHỦ TỊCH QUỐC HỘI"));
    }
}
