//! More papers from a few: copies with other numbers, dates and names, so that they are no duplicates.

use super::{Outcome, Paper};
use regex::{Captures, Regex};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

const FAMILY: &str = "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Lưu Mai Tạ";
const MIDDLE: &str = "Văn Thị Hữu Đức Minh Ngọc Thanh Quang Xuân Hồng Đình Công Kim Thu Anh Tuấn";
const GIVEN: &str = "An Bình Chi Dũng Giang Hà Hải Hạnh Hoa Hùng Hương Khánh Lan Linh Long Mai Nam Nga Oanh Phúc Quân \
                     Sơn Tâm Thảo Trang Tú Vinh Yến";
const PLACES: &str = "Hà Giang|Cao Bằng|Lào Cai|Yên Bái|Thái Nguyên|Lạng Sơn|Quảng Ninh|Bắc Giang|Phú Thọ|Vĩnh Phúc|\
                      Bắc Ninh|Hải Dương|Hải Phòng|Hưng Yên|Thái Bình|Hà Nam|Nam Định|Ninh Bình|Thanh Hóa|Nghệ An|\
                      Hà Tĩnh|Quảng Bình|Quảng Trị|Đà Nẵng|Quảng Nam|Quảng Ngãi|Bình Định|Phú Yên|Khánh Hòa|\
                      Ninh Thuận|Bình Thuận|Kon Tum|Gia Lai|Đắk Lắk|Lâm Đồng|Tây Ninh|Bình Dương|Đồng Nai|Long An|\
                      Tiền Giang|Bến Tre|Trà Vinh|Vĩnh Long|Đồng Tháp|An Giang|Kiên Giang|Cần Thơ|Hậu Giang|Sóc Trăng|\
                      Bạc Liêu|Cà Mau";

/// Changes texts; the same copy of the same word is always changed the same way.
struct Changes {
    label: Regex,
    /// Persons, places and figures.
    changed: Regex,
    family: Vec<&'static str>,
    middle: Vec<&'static str>,
    given: Vec<&'static str>,
    places: Vec<&'static str>,
}

impl Changes {
    fn new() -> Outcome<Changes> {
        let family = FAMILY.replace(' ', "|");
        Ok(Changes {
            // Labels of articles and clauses stay, so that the structure does.
            label: Regex::new(r"^\s*(?:Điều|Chương|Mục|Phần|Phụ lục)?\s*[\dIVXLC]+[.)]?")?,
            changed: Regex::new(&format!(
                r"\b(?P<person>(?:{family})(?: \p{{Lu}}\p{{Ll}}+){{1,3}})|(?P<place>{PLACES})|(?P<figure>\d+)"
            ))?,
            family: FAMILY.split(' ').collect(),
            middle: MIDDLE.split(' ').collect(),
            given: GIVEN.split_whitespace().collect(),
            places: PLACES.split('|').collect(),
        })
    }

    fn text(&self, text: &str, copy: usize) -> String {
        let mut out = String::with_capacity(text.len() + 16);
        for line in text.split_inclusive('\n') {
            let cut = self.label.find(line).map_or(0, |label| label.end());
            out.push_str(&line[..cut]);
            out.push_str(&self.changed.replace_all(&line[cut..], |found: &Captures<'_>| self.other(found, copy)));
        }
        out
    }

    fn other(&self, found: &Captures<'_>, copy: usize) -> String {
        let draw = |word: &str, salt: u8, n: usize| {
            let hash = blake3::hash(format!("{copy}|{salt}|{word}").as_bytes());
            u32::from_le_bytes([0, 1, 2, 3].map(|at| hash.as_bytes()[at])) as usize % n
        };
        let from = |list: &[&'static str], word: &str, salt: u8| list[draw(word, salt, list.len())];
        if let Some(person) = found.name("person") {
            let name = person.as_str();
            return [(&self.family, 0), (&self.middle, 1), (&self.given, 2)]
                .map(|(list, salt)| from(list, name, salt))
                .join(" ");
        }
        if let Some(place) = found.name("place") {
            return from(&self.places, place.as_str(), 3).to_owned();
        }
        let figure = &found[0];
        match figure.len() {
            4 if figure.starts_with("19") || figure.starts_with("20") => (1995 + draw(figure, 4, 31)).to_string(),
            // What may be a month stays one, so that dates stay dates.
            length @ 1..=2 => {
                let most = if figure.parse().is_ok_and(|figure: usize| figure <= 12) { 12 } else { 28 };
                format!("{:0length$}", 1 + draw(figure, 4, most))
            }
            length => {
                let least = 10_usize.pow(length.min(9) as u32 - 1);
                (least + draw(figure, 4, 9 * least)).to_string()
            }
        }
    }
}

/// Writes every paper and, of those in `docs/`, copies until each is there `times` times; in `folder` as files too.
pub(super) fn write(from: &str, times: usize, to: &str, folder: Option<&Path>) -> Outcome<()> {
    let changes = Changes::new()?;
    let mut out = BufWriter::with_capacity(1 << 20, File::create(to)?);
    for line in BufReader::with_capacity(1 << 20, File::open(from)?).lines() {
        let paper: Paper = serde_json::from_str(&line?)?;
        put(&mut out, folder, &paper)?;
        let copies = if paper.id.starts_with("docs/") { times } else { 1 };
        for copy in 1..copies {
            let mut other = paper.clone();
            other.id = paper.id.replace(".txt", &format!("~{copy}.txt"));
            other.text = changes.text(&paper.text, copy);
            other.number = paper.number.as_deref().map(|number| changes.text(number, copy));
            other.title = paper.title.as_deref().map(|title| changes.text(title, copy));
            other.date = paper
                .date
                .as_ref()
                .map(|_| format!("{}-{:02}-{:02}", 1995 + copy * 7 % 31, 1 + copy % 12, 1 + copy * 5 % 28));
            put(&mut out, folder, &other)?;
        }
    }
    Ok(out.flush()?)
}

fn put(out: &mut impl Write, folder: Option<&Path>, paper: &Paper) -> Outcome<()> {
    serde_json::to_writer(&mut *out, paper)?;
    writeln!(out)?;
    if let Some(folder) = folder {
        let path = folder.join(&paper.id);
        std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
        std::fs::write(path, &paper.text)?;
    }
    Ok(())
}
