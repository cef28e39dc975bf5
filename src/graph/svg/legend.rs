//! What lines and boxes mean, below the drawing.

use super::{LINES, Language, MARGIN, Out, Text, box_of, n, text, text_width};
use crate::graph::validity::Status;
use std::io;

/// Room for the sign before the words of a line, and of a box, in the legend.
const LINE_SIGN: f64 = 42.0;
const BOX_SIGN: f64 = 33.0;

fn entry_width(sign: f64, words: &str) -> f64 {
    sign + text_width(words, 11.0) + 16.0
}

/// Both rows of the legend, with the margins.
pub(super) fn width(language: Language) -> f64 {
    let lines: f64 = language.lines().iter().map(|words| entry_width(LINE_SIGN, words)).sum();
    let boxes: f64 = language.boxes().iter().map(|(_, words)| entry_width(BOX_SIGN, words)).sum();
    lines.max(boxes) + 2.0 * MARGIN
}

pub(super) fn draw(language: Language, y: f64, out: &mut Out<'_>) -> io::Result<()> {
    let mut x = MARGIN;
    for (k, (line, words)) in LINES.iter().zip(language.lines()).enumerate() {
        out.create_element("path")
            .with_attribute(("d", &*format!("M{} {} H{}", n(x), n(y), n(x + 34.0))))
            .with_attribute(("stroke", line.color))
            .with_attribute(("stroke-width", line.width))
            .with_attribute(("stroke-dasharray", if line.dash.is_empty() { "none" } else { line.dash }))
            .with_attribute(("fill", "none"))
            .with_attribute(("marker-end", &*format!("url(#head{k})")))
            .write_empty()?;
        let at = Text { x: x + LINE_SIGN, y: y + 4.0, size: "11", weight: "400", fill: "#46515e", anchor: "start" };
        text(out, &at, words)?;
        x += entry_width(LINE_SIGN, words);
    }
    x = MARGIN;
    let y = y + 28.0;
    for (status, words) in language.boxes() {
        let (border, fill, opacity) = box_of(status);
        out.create_element("rect")
            .with_attribute(("x", &*n(x)))
            .with_attribute(("y", &*n(y - 8.0)))
            .with_attribute(("width", "26"))
            .with_attribute(("height", "15"))
            .with_attribute(("rx", "4"))
            .with_attribute(("fill", fill))
            .with_attribute(("stroke", border))
            .with_attribute(("opacity", opacity))
            .with_attribute(("stroke-dasharray", if status == Status::Unknown { "5 4" } else { "none" }))
            .write_empty()?;
        let at = Text { x: x + BOX_SIGN, y: y + 4.0, size: "11", weight: "400", fill: "#46515e", anchor: "start" };
        text(out, &at, words)?;
        x += entry_width(BOX_SIGN, words);
    }
    Ok(())
}
