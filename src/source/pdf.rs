//! PDF: its text layer, or its pages read anew where that layer is missing or too damaged.
//!
//! Damage is measured: the share of words that are no spellable syllable. Running heads and page
//! numbers are left out. Pages are divided by form feeds.

use super::encoding::mend_text;
use super::spelling::is_spellable;
use super::{Decoded, Limits, Refused, scan};
use crate::text::{Defect, fold};
use rayon::prelude::*;

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
    let mut pages: Vec<String> = layer.split('\u{0C}').map(str::to_owned).collect();
    if pages.len() > 1 && pages.last().is_some_and(|page| page.trim().is_empty()) {
        pages.pop();
    }
    let mut defects = Vec::new();
    if pages.len() > limits.pages {
        pages.truncate(limits.pages);
        defects.push(defect("limit", format!("only the first {} pages were read", limits.pages)));
    }
    let mended = mend_text(pages.join("\u{0C}"), "pdf");
    let layered: Vec<&str> = mended.text.split('\u{0C}').collect();
    let layer_damage = damage(&mended.text);
    let is_blank = |page: &&str| page.chars().filter(|c| c.is_alphabetic()).count() < FEWEST_LETTERS;
    let blank: Vec<usize> = (0..layered.len()).filter(|page| is_blank(&layered[*page])).collect();
    let doubtful = layer_damage.is_some_and(|damage| damage > DAMAGED);
    if blank.is_empty() && !doubtful {
        return finish(mended, defects);
    }
    if !limits.scan || scan::language(limits).is_none() {
        if blank.len() == layered.len() {
            return Err(if limits.scan { scan::TESSERACT.missing() } else { no_text() });
        }
        let note = if doubtful {
            format!(
                "{:.0} % of the words of its text layer are damaged; with tesseract its pages could be read anew",
                percent(layer_damage)
            )
        } else {
            format!(
                "{} of {} pages are pictures and were not read; apt install {}",
                blank.len(),
                layered.len(),
                scan::TESSERACT.package
            )
        };
        defects.push(defect("scan", note));
        return finish(mended, defects);
    }
    let read_anew = |page: usize| -> Result<String, Refused> {
        let picture = scan::pdf_picture(bytes, page + 1, limits, deadline)?;
        scan::picture_text(&picture, limits, deadline).map(|text| text.trim_end_matches('\u{0C}').to_owned())
    };
    if doubtful && blank.len() < layered.len() {
        // One page with text decides, so that a good layer is not paid for twice.
        let sample =
            (0..layered.len()).filter(|page| !is_blank(&layered[*page])).max_by_key(|page| layered[*page].len());
        let anew = sample.and_then(|page| read_anew(page).ok()).and_then(|text| damage(&text));
        let gained = anew.is_some_and(|anew| layer_damage.is_some_and(|layer| anew + GAIN < layer));
        if !gained && blank.is_empty() {
            let note = format!(
                "{:.0} % of the words of its text layer are damaged, and {:.0} % of a page read anew; the layer was kept",
                percent(layer_damage),
                percent(anew)
            );
            defects.push(defect("scan", note));
            return finish(mended, defects);
        }
        if gained {
            let all: Vec<usize> = (0..layered.len()).collect();
            return anew_pages(&layered, &all, read_anew, defects, Some((layer_damage, anew)));
        }
    }
    anew_pages(&layered, &blank, read_anew, defects, None)
}

/// Puts what the engine reads in place of the pages `wanted`.
fn anew_pages(
    layered: &[&str],
    wanted: &[usize],
    read_anew: impl Fn(usize) -> Result<String, Refused> + Sync,
    mut defects: Vec<Defect>,
    damages: Option<(Option<f64>, Option<f64>)>,
) -> Result<Decoded, Refused> {
    let mut pages: Vec<String> = layered.iter().map(|page| (*page).to_owned()).collect();
    let read: Vec<Result<String, Refused>> = wanted.par_iter().map(|page| read_anew(*page)).collect();
    let mut refused = None;
    let mut n_read = 0;
    for (page, read) in wanted.iter().zip(read) {
        match read {
            Ok(text) => {
                n_read += 1;
                pages[*page] = text;
            }
            Err(why) => {
                defects.push(defect("scan", format!("page {} was not read: {}", page + 1, why.message)));
                refused = Some(why);
            }
        }
    }
    if n_read == 0
        && wanted.len() == layered.len()
        && let Some(why) = refused
    {
        return Err(why);
    }
    let note = match damages {
        Some((layer, anew)) => format!(
            "{:.0} % of the words of its text layer are damaged, {:.0} % of a page read anew; {n_read} of {} pages were read from their pictures",
            percent(layer),
            percent(anew),
            layered.len()
        ),
        None => format!("{n_read} of {} pages were read from their pictures", layered.len()),
    };
    defects.push(defect("scan", note));
    let format = if wanted.len() == layered.len() { "pdf-scan" } else { "pdf+scan" };
    finish(mend_text(pages.join("\u{0C}"), format), defects)
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

/// Drops first and last lines that repeat from page to page, figures aside: page numbers and running heads.
fn without_running_heads(text: &str) -> String {
    let pages: Vec<&str> = text.split('\u{0C}').collect();
    let shape = |line: &str| {
        fold(line)
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| if c.is_ascii_digit() { '#' } else { c })
            .collect::<String>()
    };
    let edge = |page: &&str, first: bool| {
        let mut lines = page.lines().filter(|line| !line.trim().is_empty());
        if first { lines.next().map(shape) } else { lines.next_back().map(shape) }
    };
    let repeated = |first: bool| {
        let mut counts: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
        // The first page has the head of the paper itself.
        for page in pages.iter().skip(1) {
            if let Some(shape) = edge(page, first) {
                *counts.entry(shape).or_default() += 1;
            }
        }
        let least = if pages.len() > 3 { pages.len() / 2 } else { 2 };
        move |shape: &str| {
            let page_number = !shape.is_empty() && shape.chars().all(|c| matches!(c, '#' | '-' | '–' | '.' | '/'));
            page_number && shape.contains('#') || counts.get(shape).is_some_and(|n| *n >= least && shape.len() < 80)
        }
    };
    let (is_head, is_foot) = (repeated(true), repeated(false));
    let kept: Vec<String> = pages
        .iter()
        .map(|page| {
            let mut lines: Vec<&str> = page.split('\n').collect();
            if let Some(at) = lines.iter().position(|line| !line.trim().is_empty())
                && pages.len() > 1
                && is_head(&shape(lines[at]))
            {
                lines[at] = "";
            }
            if let Some(at) = lines.iter().rposition(|line| !line.trim().is_empty())
                && pages.len() > 1
                && is_foot(&shape(lines[at]))
            {
                lines[at] = "";
            }
            let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
            let page = lines.join("\n");
            // Blank lines at the top of a page say nothing.
            page.trim_start_matches('\n').to_owned()
        })
        .collect();
    let text = kept.join("\u{0C}");
    let mut text = text.trim_end().to_owned();
    text.push('\n');
    text
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
}
