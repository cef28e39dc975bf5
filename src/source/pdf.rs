//! PDF: its text layer, or its pages read anew where that layer is missing or too damaged.
//!
//! Damage is measured: the share of words that are no spellable syllable. Running heads and page
//! numbers are left out. Pages are divided by form feeds.

use super::encoding::mend_text;
use super::spelling::is_spellable;
use super::{Decoded, Limits, Refused, scan};
use crate::text::{Defect, fold};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// A layer with more unspellable words than this may be worth reading anew.
const DAMAGED: f64 = 0.25;
/// What reading anew must gain to be chosen over the layer.
const GAIN: f64 = 0.05;
/// Fewer letters than this on a page are no text layer but a stamp or a page number.
const FEWEST_LETTERS: usize = 30;

/// Reads a PDF.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Decoded, Refused> {
    let deadline = scan::Deadline::of(limits);
    let layer = scan::pdf_text(bytes, limits, deadline)?;
    // Every page ends with a form feed.
    let layer = layer.strip_suffix('\u{0C}').unwrap_or(&layer);
    if layer.matches('\u{0C}').count() >= limits.pages {
        return Err(scan::too_many_pages(limits));
    }
    let mended = mend_text(layer.to_owned(), "pdf");
    let layered: Vec<&str> = mended.text.split('\u{0C}').collect();
    let damages: Vec<Option<f64>> = layered.iter().map(|page| damage(page)).collect();
    let is_blank = |page: &usize| layered[*page].chars().filter(|c| c.is_alphabetic()).count() < FEWEST_LETTERS;
    let is_damaged = |page: &usize| damages[*page].is_some_and(|damage| damage > DAMAGED);
    let blank: Vec<usize> = (0..layered.len()).filter(is_blank).collect();
    let damaged: Vec<usize> = (0..layered.len()).filter(|page| !is_blank(page) && is_damaged(page)).collect();
    if blank.is_empty() && damaged.is_empty() {
        return finish(mended, Vec::new());
    }
    let layer_damage = damage(&damaged.iter().map(|page| layered[*page]).collect::<Vec<_>>().join("\n"));
    if !limits.scan || scan::language(limits).is_none() {
        if blank.len() == layered.len() {
            return Err(if limits.scan { scan::TESSERACT.missing() } else { no_text() });
        }
        let unread = unread(&blank, &damaged, layer_damage, layered.len());
        return finish(mended, vec![unread]);
    }
    let read_anew = |page: &usize| -> Result<String, Refused> {
        let picture = scan::pdf_picture(bytes, page + 1, limits, deadline)?;
        scan::picture_text(&picture, limits, deadline).map(|text| text.trim_end_matches('\u{0C}').to_owned())
    };
    let mut defects: Vec<Defect> = scan::without_vietnamese(limits).into_iter().collect();
    let mut wanted = blank;
    if let Some(sample) = damaged.iter().max_by_key(|page| layered[**page].len()) {
        // One page decides whether the others are worth the time.
        let anew = read_anew(sample).ok().and_then(|text| damage(&text));
        if anew.is_some_and(|anew| damages[*sample].is_some_and(|layer| anew + GAIN < layer)) {
            wanted.extend(&damaged);
            wanted.sort_unstable();
        } else {
            let note = format!(
                "{:.0} % of the words of the text layer of {} are damaged, and {:.0} % of a page read anew; the layer was kept",
                percent(layer_damage),
                pages(&damaged),
                percent(anew)
            );
            defects.push(defect("scan", note));
        }
    }
    if wanted.is_empty() {
        return finish(mended, defects);
    }
    let read: Vec<Result<String, Refused>> = wanted.par_iter().map(read_anew).collect();
    choose(&layered, &damages, wanted, read, defects)
}

/// Puts what the engine read in place of the pages `wanted`, where it is less damaged than the layer.
fn choose(
    layered: &[&str],
    damages: &[Option<f64>],
    wanted: Vec<usize>,
    read: Vec<Result<String, Refused>>,
    mut defects: Vec<Defect>,
) -> Result<Decoded, Refused> {
    let mut text: Vec<String> = layered.iter().map(|page| (*page).to_owned()).collect();
    let (mut scanned, mut better, mut refused) = (Vec::new(), Vec::new(), None);
    for (page, read) in wanted.into_iter().zip(read) {
        match read {
            Ok(anew) => match damages[page] {
                Some(layer) if layer > DAMAGED => {
                    if damage(&anew).is_some_and(|anew| anew + GAIN < layer) {
                        text[page] = anew;
                        better.push(page);
                    }
                }
                _ => {
                    text[page] = anew;
                    scanned.push(page);
                }
            },
            Err(why) => {
                defects.push(defect("scan", format!("page {} was not read: {}", page + 1, why.message)));
                refused = Some(why);
            }
        }
    }
    let n_read = scanned.len() + better.len();
    if n_read == 0
        && text.iter().all(|page| page.trim().is_empty())
        && let Some(why) = refused
    {
        return Err(why);
    }
    let of = |pages: &[usize], text: &dyn Fn(usize) -> String| {
        damage(&pages.iter().map(|page| text(*page)).collect::<Vec<_>>().join("\n"))
    };
    if !better.is_empty() {
        let note = format!(
            "{}: {:.0} % of the words of the text layer are damaged, {:.0} % of the pages read anew; these were taken",
            pages(&better),
            percent(of(&better, &|page| layered[page].to_owned())),
            percent(of(&better, &|page| text[page].clone())),
        );
        defects.push(defect("scan", note));
    }
    if !scanned.is_empty() {
        defects.push(defect("scan", format!("{}: no text layer; read from the pictures", pages(&scanned))));
    }
    let format = match n_read {
        0 => "pdf",
        n if n == layered.len() => "pdf-scan",
        _ => "pdf+scan",
    };
    finish(mend_text(text.join("\u{0C}"), format), defects)
}

/// What reading the pictures would mend, where that cannot be done.
fn unread(blank: &[usize], damaged: &[usize], layer_damage: Option<f64>, n_pages: usize) -> Defect {
    let remedy = format!("apt install {} and read it anew", scan::TESSERACT.package);
    let note = if damaged.is_empty() {
        format!("{} of {n_pages} pages are pictures and were not read; {remedy}", blank.len())
    } else {
        format!(
            "{}: {:.0} % of the words of the text layer are damaged; {remedy}",
            pages(damaged),
            percent(layer_damage)
        )
    };
    defect(scan::RESCAN, note)
}

/// `page 3`, `pages 1-4, 7`; pages counted from 0.
fn pages(pages: &[usize]) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for page in pages {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *page => *last = *page,
            _ => runs.push((*page, *page)),
        }
    }
    let run = |(first, last): &(usize, usize)| match first == last {
        true => format!("{}", first + 1),
        false => format!("{}-{}", first + 1, last + 1),
    };
    let runs = runs.iter().map(run).collect::<Vec<_>>().join(", ");
    format!("page{} {runs}", if pages.len() == 1 { "" } else { "s" })
}

fn finish(mut decoded: Decoded, mut defects: Vec<Defect>) -> Result<Decoded, Refused> {
    decoded.text = without_running_heads(&decoded.text);
    decoded.defects.append(&mut defects);
    if decoded.text.trim().is_empty() { Err(no_text()) } else { Ok(decoded) }
}

fn no_text() -> Refused {
    Refused { reason: "empty", message: "no page holds text; scan it again".into() }
}

fn percent(damage: Option<f64>) -> f64 {
    damage.unwrap_or(1.0) * 100.0
}

fn defect(kind: &str, note: String) -> Defect {
    Defect { kind: kind.into(), line: 0, note }
}

/// Share of words that are no spellable syllable, foreign words among them; `None` without words.
pub(crate) fn damage(text: &str) -> Option<f64> {
    let (mut n_words, mut n_damaged) = (0usize, 0usize);
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 1) {
        if word.chars().all(|c| c.is_ascii_digit()) || (word.is_ascii() && word.chars().all(char::is_uppercase)) {
            continue;
        }
        n_words += 1;
        n_damaged += usize::from(!is_spellable(word));
    }
    (n_words >= 20).then(|| n_damaged as f64 / n_words as f64)
}

/// Lines of a running head or foot, at most.
const DEEPEST_HEAD: usize = 3;
/// A longer line is text.
const LONGEST_HEAD: usize = 80;

/// Drops the first and last lines that repeat from page to page, figures aside: page numbers and running heads.
fn without_running_heads(text: &str) -> String {
    let pages: Vec<Vec<&str>> =
        text.split('\u{0C}').map(|page| page.split('\n').map(str::trim_end).collect()).collect();
    let shapes: Vec<[Vec<(usize, String)>; 2]> =
        pages.iter().map(|lines| [edge(lines.iter().enumerate()), edge(lines.iter().enumerate().rev())]).collect();
    // The first page has the head of the paper itself.
    let mut counts: [FxHashMap<&str, usize>; 2] = Default::default();
    for page in shapes.iter().skip(1) {
        for (edge, counts) in page.iter().zip(&mut counts) {
            for (n, (_, shape)) in edge.iter().enumerate() {
                // A line twice on one page counts once.
                if edge[..n].iter().all(|(_, before)| before != shape) {
                    *counts.entry(shape).or_default() += 1;
                }
            }
        }
    }
    let least = (pages.len() / 2).max(2);
    let mut kept = Vec::with_capacity(pages.len());
    for (mut lines, edges) in pages.iter().cloned().zip(&shapes) {
        for (edge, counts) in edges.iter().zip(&counts) {
            let is_head = |shape: &str| {
                is_page_number(shape)
                    || shape.len() < LONGEST_HEAD && !is_place(shape) && counts.get(shape).is_some_and(|n| *n >= least)
            };
            for (at, _) in edge.iter().take_while(|(_, shape)| pages.len() > 1 && is_head(shape)) {
                lines[*at] = "";
            }
        }
        // Blank lines at the top of a page say nothing.
        kept.push(lines.join("\n").trim_start_matches('\n').to_owned());
    }
    let mut text = kept.join("\u{0C}").trim_end().to_owned();
    text.push('\n');
    text
}

/// The outermost lines with something on them, and their shapes: letters folded, figures alike.
fn edge<'l>(lines: impl Iterator<Item = (usize, &'l &'l str)>) -> Vec<(usize, String)> {
    let shape = |line: &str| {
        let letters = fold(line);
        let letters = letters.chars().filter(|c| !c.is_whitespace());
        letters.map(|c| if c.is_ascii_digit() { '#' } else { c }).collect::<String>()
    };
    lines.filter(|(_, line)| !line.is_empty()).take(DEEPEST_HEAD).map(|(at, line)| (at, shape(line))).collect()
}

/// `2`, `- 2 -`, `2/15`, `trang 2`; not `2.` or `2)`, which open a clause.
fn is_page_number(shape: &str) -> bool {
    let figures = shape.strip_prefix("trang").or_else(|| shape.strip_prefix("page")).unwrap_or(shape);
    figures.contains('#') && figures.chars().all(|c| matches!(c, '#' | '-' | '–' | '—' | '/' | '|'))
}

/// `Điều 7.`, `3. `, `b)`, which differ in their figure from page to page and are no running head.
fn is_place(shape: &str) -> bool {
    let is_label = |shape: &str| {
        let label = shape.trim_start_matches(|c: char| c == '#' || c.is_ascii_lowercase());
        shape.len() - label.len() <= 3 && (label.starts_with('.') || label.starts_with(')'))
    };
    let units = ["dieu#", "khoan#", "chuong", "muc#", "phan", "phuluc", "mauso"];
    units.iter().any(|unit| shape.starts_with(unit)) || is_label(shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_numbers_and_running_heads_go() {
        let text = "QUY CHẾ\nĐiều 1\n\u{0C}  2\n\nĐiều 2\n  Công báo 12\n\u{0C}3\nĐiều 3\n  Công báo 12\n";
        assert_eq!(
            without_running_heads(text),
            "QUY CHẾ\nĐiều 1\n\u{0C}\nĐiều 2\n\n\u{0C}Điều 3\n".replace("\u{0C}\nĐ", "\u{0C}Đ")
        );
    }

    #[test]
    fn damage_tells_a_bad_layer() {
        let clean =
            "Ủy ban nhân dân tỉnh quy định chế độ thông tin báo cáo của các cấp ủy tổ chức đảng trực thuộc với Tỉnh ủy";
        let read = "Uy ban nhén dan tinh quy dinh ché dd thong tin béo cdo cla c4c cp uy td chirc dang trurc thudc voi Tinh uy";
        assert!(
            damage(clean).unwrap() < 0.05 && damage(read).unwrap() > 0.25,
            "{:?} {:?}",
            damage(clean),
            damage(read)
        );
    }

    #[test]
    fn heads_of_several_lines_go_and_places_stay() {
        let page = |n: usize| {
            format!(
                "CÔNG BÁO/Số {}/Ngày 0{n}-5-2019\n  {n}\nĐiều {n}.\n{n}. Khoản\nb) Điểm\n   Tỉnh Sông Thao\n   Trang {n}/4\n",
                10 + n
            )
        };
        let text = (1..5).map(page).collect::<Vec<_>>().join("\u{0C}");
        let kept = without_running_heads(&text);
        let kept: Vec<&str> = kept.split_whitespace().collect();
        assert_eq!(
            kept.join(" "),
            (1..5).map(|n| format!("Điều {n}. {n}. Khoản b) Điểm")).collect::<Vec<_>>().join(" ")
        );
    }

    #[test]
    fn the_less_damaged_of_layer_and_picture_is_taken_page_by_page() {
        let clean = "Ủy ban nhân dân tỉnh quy định chế độ thông tin báo cáo của các cấp ủy tổ chức đảng trực thuộc với Tỉnh ủy.";
        let bad = "Uy ban nhén dan tinh quy dinh ché dd thong tin béo cdo cla c4c cp uy td chirc dang trurc thudc voi Tinh uy.";
        let layered = [clean, bad, bad, ""];
        let damages: Vec<Option<f64>> = layered.iter().map(|page| damage(page)).collect();
        let read = vec![Ok(clean.to_owned()), Ok(bad.to_owned()), Ok(clean.to_owned())];
        let chosen = choose(&layered, &damages, vec![1, 2, 3], read, Vec::new()).unwrap();
        assert_eq!(chosen.text, format!("{clean}\u{0C}{clean}\u{0C}{bad}\u{0C}{clean}\n"));
        assert_eq!(chosen.encoding, "pdf+scan");
        let notes: Vec<&str> = chosen.defects.iter().map(|defect| defect.note.as_str()).collect();
        assert!(notes[0].starts_with("page 2: ") && notes[0].ends_with("these were taken"), "{notes:?}");
        assert_eq!(notes[1], "page 4: no text layer; read from the pictures");
    }

    #[test]
    fn runs_of_pages_are_told_shortly() {
        assert_eq!([pages(&[2]), pages(&[0, 1, 2, 6])], ["page 3", "pages 1-3, 7"]);
    }
}
