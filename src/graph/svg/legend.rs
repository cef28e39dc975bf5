//! What lines and boxes mean, below the drawing.

use super::{LINES, MARGIN, Out, Text, box_of, n, text, text_width};
use crate::graph::validity::Status;
use std::io;

/// Room for the sign before the words of a line, and of a box, in the legend.
const LINE_SIGN: f64 = 42.0;
const BOX_SIGN: f64 = 33.0;

const STATUSES: [(Status, &str); 6] = [
    (Status::InForce, "còn hiệu lực"),
    (Status::PartlyExpired, "hết hiệu lực một phần"),
    (Status::Suspended, "ngưng hiệu lực"),
    (Status::NotYet, "chưa có hiệu lực"),
    (Status::Expired, "hết hiệu lực, không phát sinh hiệu lực"),
    (Status::Unknown, "nét đứt: chỉ được dẫn, không có văn bản"),
];

fn entry_width(sign: f64, words: &str) -> f64 {
    sign + text_width(words, 11.0) + 16.0
}

/// Both rows of the legend, with the margins.
pub(super) fn width() -> f64 {
    let lines: f64 = LINES.iter().map(|line| entry_width(LINE_SIGN, line.words)).sum();
    let boxes: f64 = STATUSES.iter().map(|(_, words)| entry_width(BOX_SIGN, words)).sum();
    lines.max(boxes) + 2.0 * MARGIN
}

pub(super) fn draw(y: f64, out: &mut Out<'_>) -> io::Result<()> {
    let mut x = MARGIN;
    for (k, line) in LINES.iter().enumerate() {
        out.create_element("path")
            .with_attribute(("d", &*format!("M{} {} H{}", n(x), n(y), n(x + 34.0))))
            .with_attribute(("stroke", line.color))
            .with_attribute(("stroke-width", line.width))
            .with_attribute(("stroke-dasharray", if line.dash.is_empty() { "none" } else { line.dash }))
            .with_attribute(("fill", "none"))
            .with_attribute(("marker-end", &*format!("url(#head{k})")))
            .write_empty()?;
        let at = Text { x: x + LINE_SIGN, y: y + 4.0, size: "11", weight: "400", fill: "#46515e", anchor: "start" };
        text(out, &at, line.words)?;
        x += entry_width(LINE_SIGN, line.words);
    }
    x = MARGIN;
    let y = y + 28.0;
    for (status, words) in STATUSES {
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
