//! Tells legacy Vietnamese encodings apart by what they spell, line by line, and mends them.
//!
//! Every line is read in every known way; a reading earns a point for each word that becomes a
//! spellable syllable and loses two for each accented word that does not. The cheapest path through
//! the lines, which pays for every change of reading, decides; a file may so hold several encodings.
//! Text as it stands loses nothing for damaged words, so that OCR damage and foreign languages stay
//! as they are. Where two encodings explain a stretch equally well the text is left and says so.

mod signs;

use crate::source::capitals;
use crate::source::spelling::is_spellable;
use crate::source::tables::{Charset, TCVN3, TCVN3_FULL, VISCII, VNI_PAIRS, VNI_SECOND, VNI_SINGLE, VPS, WINDOWS_1258};
use crate::source::viqr;
use crate::text::Defect;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// One way to read the characters of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// The text stands as it is.
    AsIs,
    Tcvn3,
    /// With the capitals of VN1.
    Tcvn3Full,
    Vni,
    Viscii,
    Vps,
    Windows1258,
    Viqr,
    /// UTF-8 that was taken for Latin-1 and saved again, so many times.
    Again(u8),
}

/// All readings; on a tie the earlier one wins.
const READINGS: [Reading; 11] = [
    Reading::AsIs,
    Reading::Tcvn3,
    Reading::Tcvn3Full,
    Reading::Vni,
    Reading::Viscii,
    Reading::Vps,
    Reading::Windows1258,
    Reading::Again(1),
    Reading::Again(2),
    Reading::Again(3),
    Reading::Viqr,
];

impl Reading {
    /// The stable name of the encoding.
    fn name(self) -> &'static str {
        match self {
            Reading::AsIs => "",
            Reading::Tcvn3 | Reading::Tcvn3Full => TCVN3.name,
            Reading::Vni => "vni",
            Reading::Viscii => VISCII.name,
            Reading::Vps => VPS.name,
            Reading::Windows1258 => WINDOWS_1258.name,
            Reading::Viqr => "viqr",
            Reading::Again(1) => "utf-8",
            Reading::Again(2) => "utf-8/utf-8",
            Reading::Again(_) => "utf-8/utf-8/utf-8",
        }
    }
}

/// Points of a word of three letters or more that becomes a syllable; shorter words say less.
const GOOD: i32 = 10;
/// Points lost for an accented word that no Vietnamese hand could have spelled.
const BAD: i32 = 20;
/// What it costs to change the reading between two lines: five clear words.
const SWITCH: i32 = 50;
/// The same at the start of a file whose bytes are no UTF-8: some legacy reading is expected.
const SWITCH_RAW: i32 = 15;
/// The same, besides, for leaving the text as it stands before any letter has shown it to be Unicode: two
/// words that the reading cannot spell are no reason to keep the head of a file from it.
const LATE: i32 = 40;
/// Two encodings closer than one word over a stretch are a tie.
const TIE: i32 = 10;

/// The three hundred most frequent accented syllables of legal and Party prose; they decide
/// between two charsets that both spell a short text.
pub(crate) static COMMON: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
    "của và định có các điều công được người chức chính với bộ cơ thông về vụ hành nhân nước hợp dân năm \
     là quốc pháp bảo ngày tổ hội cấp tại hiện thực luật việc thành không từ động số đồng lý việt nhà \
     quyền chủ nhiệm hoặc tư này quyết trường đến dụng đảng sự đã một viên đối sản nghiệp tài xã thời để \
     bị bản phải văn nghị tháng đại làm sở tế sử phạm quản liên hoạt lực báo án đầu ủy phát chỉ trình \
     hiểm ở thể nhận kết nội kiểm tỉnh những hiệu trên hồ thì lập tác trị khác trách thư giá bí học \
     phương đơn chí dịch vào khoản toàn thuộc điểm thẩm phòng đề hình vị hạn đó địa thủ uỷ ông cầu xuất \
     xây dựng giải thường đạo thống liệu hàng nghĩa ký dự tiếp tự quân ương cá tổng sách triển điện giám \
     chứng nhất yêu ngoài tịch nguyễn trưởng như đất kể giáo cách chế chuyển cáo lại cộng đổi phủ giấy \
     lượng nguyên mạng tập kỳ tục trực tiêu hệ độ xử tiền vệ chiến mà thức đoàn đảm bằng đây trợ mới hóa \
     xác sơ trước ứng kiện quả phần trọng toán tạo sát phí bệnh mục thế diện vực kế lãnh chất giới thị \
     năng biểu đăng tử lưu phép tính bên hoạch kiến nhập nhiều lợi xét thiết truyền chấp ý dẫn hướng mức \
     đường trở gồm chuẩn phố bình thương tích phó còn tội chuyên bổ thuế phạt cán lên cùng phục đấu đình \
     giữ cuộc tên tiến nghề mặt nếu đủ vận dữ cũng cảnh phẩm tòa cần biên gây phân thuật lệ bố môi ngân \
     hải đánh hữu hòa quá hộ nguồn áp ngành cử nhưng kỷ tình cứu mình thứ cứ cả lần kỹ chưa tố vật dưới \
     viện hưởng hoàn sĩ thuận hại loại hà chống"
        .split_whitespace()
        .collect()
});

/// What was found and mended.
#[derive(Debug, Default)]
pub(crate) struct Mended {
    /// The mended text; as given where nothing was found.
    pub(crate) text: String,
    /// Names of the encodings found, in order of appearance; the empty name stands for accented
    /// lines left as they are, and nothing at all was found where the list is empty.
    pub(crate) found: Vec<&'static str>,
    /// Stretches that were mended or left in doubt.
    pub(crate) defects: Vec<Defect>,
    /// A stretch was left because two encodings explain it.
    pub(crate) tie: bool,
}

/// Finds and mends legacy encodings in `text`, whose characters up to U+00FF (and those of
/// windows-1252) stand for bytes. `raw` says that the file was no UTF-8.
pub(crate) fn mend(text: &str, raw: bool) -> Mended {
    let viqr = viqr::Dialect::of(text);
    let mut whole = Mended::default();
    let mut rest = Some(text);
    let mut n_lines = 0;
    while let Some(text) = rest {
        let end = text.match_indices('\n').nth(MOST_LINES - 1).map(|(at, _)| at);
        rest = end.map(|at| &text[at + 1..]);
        let mended = mend_lines(&text[..end.unwrap_or(text.len())], raw, viqr);
        whole.text.push_str(&mended.text);
        if rest.is_some() {
            whole.text.push('\n');
        }
        whole.defects.extend(mended.defects.into_iter().map(|mut defect| {
            defect.line += n_lines;
            defect
        }));
        for name in mended.found {
            if !whole.found.contains(&name) {
                whole.found.push(name);
            }
        }
        whole.tie |= mended.tie;
        n_lines += MOST_LINES;
    }
    whole
}

/// Lines looked at together; bounds the memory that a file of empty lines costs.
const MOST_LINES: usize = 50_000;

fn mend_lines(text: &str, raw: bool, viqr: viqr::Dialect) -> Mended {
    let lines: Vec<&str> = text.split('\n').collect();
    let mut scores: Vec<[i32; READINGS.len()]> = Vec::with_capacity(lines.len());
    let mut promising = false;
    let mut scratch = Scratch::default();
    for line in &lines {
        let score = scratch.score(line, viqr);
        promising |= score[1..].iter().any(|points| *points > score[0]);
        scores.push(score);
    }
    if !promising {
        return Mended { text: text.to_owned(), ..Mended::default() };
    }
    let proven = lines.iter().position(|line| line.chars().any(|c| c.is_alphabetic() && byte_of(c).is_none()));
    let path = cheapest_path(&scores, if raw { SWITCH_RAW } else { SWITCH }, proven.unwrap_or(lines.len()));
    let mut mended = Mended::default();
    let mut at = 0;
    while at < lines.len() {
        let chosen = path[at];
        let end = at + path[at..].iter().take_while(|reading| **reading == chosen).count();
        write_stretch(&lines[at..end], &scores[at..end], chosen, at, viqr, &mut mended);
        at = end;
    }
    // The last line had no line end of its own.
    mended.text.pop();
    mended
}

/// Appends one stretch of lines of one reading, each with its line end.
fn write_stretch(
    lines: &[&str],
    scores: &[[i32; READINGS.len()]],
    chosen: usize,
    first_line: usize,
    viqr: viqr::Dialect,
    mended: &mut Mended,
) {
    let total = |reading: usize| scores.iter().map(|score| score[reading]).sum::<i32>();
    let stretch = |reading: usize| {
        let mut text = String::new();
        for line in lines {
            reread(line, READINGS[reading], viqr, &mut text);
            text.push('\n');
        }
        text
    };
    let mut text = stretch(chosen);
    let mut name = READINGS[chosen].name();
    if chosen != 0 {
        let rival = (1..READINGS.len())
            .filter(|other| READINGS[*other].name() != name && !are_both_again(READINGS[*other], READINGS[chosen]))
            .find(|other| total(*other) > total(chosen) - TIE && stretch(*other) != text);
        if let Some(rival) = rival {
            mended.tie = true;
            mended.defects.push(Defect {
                kind: "encoding".into(),
                line: first_line + 1,
                note: format!("{} lines could be {name} or {}; left as they are", lines.len(), READINGS[rival].name()),
            });
            text = stretch(0);
            name = "";
        } else {
            mended.defects.push(Defect {
                kind: "encoding".into(),
                line: first_line + 1,
                note: format!("{} lines were read as {name}", lines.len()),
            });
        }
    }
    if READINGS[chosen] == Reading::Tcvn3 && name == TCVN3.name {
        text = capitals::restore(&text);
    }
    if !mended.found.contains(&name) && (chosen != 0 || !text.is_ascii()) {
        mended.found.push(name);
    }
    mended.text.push_str(&text);
}

/// UTF-8 saved again once and twice differ only where something is left to undo.
fn are_both_again(one: Reading, other: Reading) -> bool {
    matches!((one, other), (Reading::Again(_), Reading::Again(_)))
}

/// The best reading of each line when every change of reading costs [`SWITCH`], to begin with another one
/// than the text as it stands `first`, and to leave that before line `proven` has ended [`LATE`] besides.
fn cheapest_path(scores: &[[i32; READINGS.len()]], first: i32, proven: usize) -> Vec<usize> {
    let mut best = [-first; READINGS.len()];
    best[0] = 0;
    let mut came_from: Vec<[u8; READINGS.len()]> = Vec::with_capacity(scores.len());
    for (n, score) in scores.iter().enumerate() {
        let mut from = [0u8; READINGS.len()];
        let before = best;
        let left = |reading: usize| before[reading] - if reading == 0 && n <= proven { SWITCH + LATE } else { SWITCH };
        // The earliest of the best, so that ties keep the text.
        let leader = (0..READINGS.len()).rev().max_by_key(|reading| left(*reading)).unwrap_or(0);
        for reading in 0..READINGS.len() {
            let stay = before[reading];
            let change = if n == 0 { i32::MIN } else { left(leader) };
            (best[reading], from[reading]) = if change > stay { (change, leader as u8) } else { (stay, reading as u8) };
            best[reading] = best[reading].saturating_add(score[reading]);
        }
        came_from.push(from);
    }
    let mut reading = (0..READINGS.len()).rev().max_by_key(|reading| best[*reading]).unwrap_or(0);
    let mut path = vec![0; scores.len()];
    for n in (0..scores.len()).rev() {
        path[n] = reading;
        reading = usize::from(came_from[n][reading]);
    }
    path
}

/// Buffers for scoring, kept between lines.
#[derive(Default)]
struct Scratch {
    read: String,
    word: String,
    lower: String,
}

impl Scratch {
    fn score(&mut self, line: &str, viqr: viqr::Dialect) -> [i32; READINGS.len()] {
        let mut score = [0; READINGS.len()];
        let ascii = line.is_ascii() && !line.bytes().any(|byte| byte < 0x20 && !matches!(byte, b'\t' | 0x0C));
        if ascii && viqr == viqr::Dialect::None {
            return score;
        }
        let letters = || line.chars().filter(|c| !c.is_ascii() && c.is_alphabetic());
        let n_foreign = letters().filter(|c| byte_of(*c).is_none()).count() as i32;
        // Vietnamese letters and no sign of anything else: no reading can gain here.
        if n_foreign >= 2 && !line.chars().any(is_suspicious) {
            score[1..].fill(-n_foreign * GOOD / 2);
            return score;
        }
        score[0] = self.points(line, Reading::AsIs);
        let again = may_be_utf8_again(line);
        let n_accented = letters().count() as i32;
        for (n, reading) in READINGS.iter().enumerate().skip(1) {
            let applies = match reading {
                Reading::Viqr => viqr != viqr::Dialect::None,
                Reading::Again(_) => again,
                _ => !ascii,
            };
            let mut read = std::mem::take(&mut self.read);
            read.clear();
            if applies {
                reread(line, *reading, viqr, &mut read);
            }
            // A reading that changes nothing on this line is worth what the line is worth.
            score[n] = if !applies || read == line { score[0] } else { self.points(&read, *reading) };
            // Letters that no byte stands for were never written in this encoding.
            score[n] -= GOOD / 2 * if *reading == Reading::Viqr { n_accented } else { n_foreign };
            if *reading == Reading::Tcvn3 {
                score[n] -= signs::unread_by_vn3(line);
            }
            self.read = read;
            if matches!(reading, Reading::Again(times) if *times > 1) && score[n] == score[n - 1] {
                score[n] -= 1;
            }
        }
        score
    }

    /// Points of the accented words of a line. VIQR wants more than a tone of a word.
    fn points(&mut self, line: &str, reading: Reading) -> i32 {
        let bad = if reading == Reading::AsIs { 0 } else { BAD };
        let mut points = 0;
        let mut accented = false;
        self.word.clear();
        for c in line.chars().chain(std::iter::once(' ')) {
            if is_wordy(c) {
                accented |= !c.is_ascii();
                self.word.push(c);
                continue;
            }
            if accented {
                let torn = reading != Reading::Tcvn3 && is_torn(&self.word);
                points += if torn && reading == Reading::Tcvn3Full && is_spellable(&self.word) {
                    // VN1 differs from VN3 in capitals alone, so that an odd one speaks for neither.
                    0
                } else if !torn && is_spellable(&self.word) {
                    let only_toned = reading == Reading::Viqr && !self.word.chars().any(has_shape);
                    self.lower.clear();
                    self.lower.extend(self.word.chars().flat_map(char::to_lowercase));
                    let common = if COMMON.contains(self.lower.as_str()) { GOOD * 3 / 10 } else { 0 };
                    match self.word.chars().count() {
                        // A lone sign between figures, `107°11×`, is a letter in some charset.
                        1 => 0,
                        _ if only_toned => GOOD * 2 / 10,
                        2 => GOOD * 6 / 10 + common,
                        _ => GOOD + common,
                    }
                } else if is_code(&self.word) {
                    GOOD * 2 / 10
                } else if is_abbreviation(&self.word) {
                    0
                } else {
                    -bad
                };
            }
            self.word.clear();
            accented = false;
        }
        points
    }
}

/// A capital after a small letter, `TÌnh`: no hand types so, a wrong charset does.
fn is_torn(word: &str) -> bool {
    word.chars().zip(word.chars().skip(1)).any(|(one, next)| one.is_lowercase() && next.is_uppercase())
}

/// Letter groups of document numbers and offices: `QĐ`, `NĐ`, `HĐND`, `BCSĐ`.
fn is_code(word: &str) -> bool {
    let n = word.chars().count();
    (2..=6).contains(&n) && word.chars().all(|c| c.is_ascii_uppercase() || matches!(c, 'Đ' | 'Ư'))
}

/// Consonants only, of which one is đ: `trđ` (million đồng), `đ`. They say nothing either way.
fn is_abbreviation(word: &str) -> bool {
    word.chars().count() <= 6
        && word.chars().all(|c| "bcdđghklmnpqrstvx".contains(c.to_lowercase().next().unwrap_or(c)))
}

/// Whether the letter differs from its base by more than a tone: `ă â ê ô ơ ư đ` in any tone.
fn has_shape(c: char) -> bool {
    let lower = c.to_lowercase().next().unwrap_or(c);
    matches!(lower, 'đ' | 'ơ' | 'ư') || {
        let second = std::iter::once(lower).nfd().nth(1);
        std::iter::once(lower).nfd().any(|part| matches!(part, '\u{302}' | '\u{306}' | '\u{31B}')) && second.is_some()
    }
}

/// What Vietnamese in Unicode has no use for: other letters and signs of windows-1252.
fn is_suspicious(c: char) -> bool {
    match c {
        '\u{80}'..='\u{FF}' => !"ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúý\u{A0}§«°²³»½".contains(c),
        '\u{300}'..='\u{36F}' => true,
        _ => !c.is_ascii() && is_wordy(c) && byte_of(c).is_some(),
    }
}

/// Letters, combining marks, and the signs that stand where a legacy letter was.
fn is_wordy(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphabetic();
    }
    match c {
        '\u{A0}' | '«' | '»' | '°' | '§' | '²' | '³' | '½' | '“' | '”' | '‘' | '’' | '–' | '—' | '…' | '•' => {
            false
        }
        '\u{80}'..='\u{FF}' | '\u{300}'..='\u{36F}' => true,
        _ => c.is_alphabetic() || byte_of(c).is_some(),
    }
}

/// The windows-1252 byte of a character, with the unassigned codes as control characters.
fn byte_of(c: char) -> Option<u8> {
    match c {
        '\0'..='\u{FF}' => Some(c as u8),
        '€' => Some(0x80),
        '‚' => Some(0x82),
        'ƒ' => Some(0x83),
        '„' => Some(0x84),
        '…' => Some(0x85),
        '†' => Some(0x86),
        '‡' => Some(0x87),
        'ˆ' => Some(0x88),
        '‰' => Some(0x89),
        'Š' => Some(0x8A),
        '‹' => Some(0x8B),
        'Œ' => Some(0x8C),
        'Ž' => Some(0x8E),
        '‘' => Some(0x91),
        '’' => Some(0x92),
        '“' => Some(0x93),
        '”' => Some(0x94),
        '•' => Some(0x95),
        '–' => Some(0x96),
        '—' => Some(0x97),
        '˜' => Some(0x98),
        '™' => Some(0x99),
        'š' => Some(0x9A),
        '›' => Some(0x9B),
        'œ' => Some(0x9C),
        'ž' => Some(0x9E),
        'Ÿ' => Some(0x9F),
        _ => None,
    }
}

/// Appends `line` read in one way.
fn reread(line: &str, reading: Reading, viqr: viqr::Dialect, out: &mut String) {
    static TABLES: LazyLock<[[Option<char>; 256]; 5]> =
        LazyLock::new(|| [&TCVN3, &VISCII, &VPS, &WINDOWS_1258, &TCVN3_FULL].map(Charset::decode_table));
    let by_table = |table: usize, out: &mut String| {
        let table = &TABLES[table];
        out.extend(line.chars().map(|c| byte_of(c).and_then(|byte| table[usize::from(byte)]).unwrap_or(c)));
    };
    match reading {
        Reading::AsIs => out.push_str(line),
        Reading::Tcvn3 => by_table(0, out),
        Reading::Viscii => by_table(1, out),
        Reading::Vps => by_table(2, out),
        Reading::Windows1258 | Reading::Tcvn3Full => {
            let mut pieces = String::with_capacity(line.len());
            by_table(if reading == Reading::Windows1258 { 3 } else { 4 }, &mut pieces);
            out.extend(pieces.nfc());
        }
        Reading::Vni => read_vni(line, out),
        Reading::Viqr => viqr::read(line, viqr, out),
        Reading::Again(times) => {
            let mut text = utf8_again(line);
            for _ in 1..times {
                text = utf8_again(&text);
            }
            out.extend(text.nfc());
        }
    }
}

/// Two characters first: one first would break a sixth of the spellings.
fn read_vni(line: &str, out: &mut String) {
    static PAIRS: LazyLock<FxHashMap<(char, char), char>> = LazyLock::new(|| {
        let mut pairs = FxHashMap::default();
        let upper = |c: char| c.to_uppercase().next().unwrap_or(c);
        for (base, letters) in VNI_PAIRS {
            for base in base.chars() {
                for (second, letter) in VNI_SECOND.chars().zip(letters.chars()) {
                    for second in [second, upper(second)] {
                        pairs.insert((base, second), letter);
                        pairs.insert((upper(base), second), upper(letter));
                    }
                }
            }
        }
        pairs
    });
    static SINGLE: LazyLock<FxHashMap<char, char>> = LazyLock::new(|| {
        let upper = |c: char| c.to_uppercase().next().unwrap_or(c);
        VNI_SINGLE.iter().flat_map(|(from, to)| [(*from, *to), (upper(*from), upper(*to))]).collect()
    });
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let pair = chars.peek().and_then(|second| PAIRS.get(&(c, *second)));
        if let Some(letter) = pair {
            out.push(*letter);
            chars.next();
        } else {
            out.push(SINGLE.get(&c).copied().unwrap_or(c));
        }
    }
}

/// A lead byte of Vietnamese UTF-8 followed by what may be its second.
fn may_be_utf8_again(line: &str) -> bool {
    let mut lead = false;
    for c in line.chars() {
        let byte = if c.is_ascii() { None } else { byte_of(c) };
        if lead && (byte.is_some_and(|byte| byte < 0xC0) || c == ' ') {
            return true;
        }
        lead = byte.is_some_and(|byte| (0xC2..=0xEF).contains(&byte));
    }
    false
}

/// The characters taken back to bytes and read as UTF-8; what does not fit stays.
fn utf8_again(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut bytes = Vec::new();
    let flush = |bytes: &mut Vec<u8>, out: &mut String| {
        // `à` is C3 A0, and A0 is a blank that many programs make a plain one.
        let mut lead = 0;
        while let Some(at) = bytes[lead..].windows(2).position(|pair| pair == [0xC3, b' ']) {
            bytes[lead + at + 1] = 0xA0;
            lead += at + 2;
        }
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            match std::str::from_utf8(rest) {
                Ok(text) => {
                    out.push_str(text);
                    rest = &[];
                }
                Err(error) => {
                    let good = error.valid_up_to();
                    out.push_str(std::str::from_utf8(&rest[..good]).unwrap_or_default());
                    out.extend(encoding_rs::WINDOWS_1252.decode_without_bom_handling(&rest[good..good + 1]).0.chars());
                    rest = &rest[good + 1..];
                }
            }
        }
        bytes.clear();
    };
    for c in line.chars() {
        match byte_of(c) {
            Some(byte) => bytes.push(byte),
            None => {
                flush(&mut bytes, &mut out);
                out.push(c);
            }
        }
    }
    flush(&mut bytes, &mut out);
    out
}

/// `text` read in one way, where something else (a font's name) says which.
pub(crate) fn read_as(text: &str, reading: Reading) -> String {
    let mut out = String::with_capacity(text.len());
    reread(text, reading, viqr::Dialect::None, &mut out);
    out
}
