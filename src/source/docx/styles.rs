//! Styles of Word: what they say of numbers, capitals and fonts whose letters are no Unicode.

use super::super::xml::{self, Node};
use rustc_hash::FxHashMap;

/// Fonts that give letters another meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Font {
    #[default]
    Plain,
    /// `.VnTime`, and `.VnTimeH`, which prints capitals.
    Abc { capitals: bool },
    /// `VNI-Times`.
    Vni,
}

/// What a style says of numbers and letters.
#[derive(Debug, Default)]
pub(super) struct Style {
    pub(super) based_on: Option<String>,
    pub(super) num: Option<String>,
    pub(super) level: Option<usize>,
    pub(super) capitals: Option<bool>,
    pub(super) font: Option<Font>,
}

/// The styles of a document.
#[derive(Debug, Default)]
pub(super) struct Styles {
    by_name: FxHashMap<String, Style>,
    /// The style of paragraphs that name none.
    pub(super) usual: Option<String>,
    /// The font where no style names one.
    pub(super) font: Font,
}

impl Styles {
    /// Reads `styles.xml`; what is malformed is left out.
    pub(super) fn read(part: &str) -> Styles {
        let root = xml::tree(part);
        let mut styles = Styles::default();
        let defaults = root.descendants("rPrDefault");
        styles.font = defaults.first().and_then(|defaults| font_of(defaults.child("rPr"))).unwrap_or_default();
        for style in root.descendants("style") {
            let name = style.attribute("styleId").unwrap_or_default().to_owned();
            if style.attribute("type") == Some("paragraph") && matches!(style.attribute("default"), Some("1" | "true"))
            {
                styles.usual = Some(name.clone());
            }
            let value = |node: Option<&Node>| node.and_then(|node| node.attribute("val")).map(str::to_owned);
            let num = style.child("pPr").and_then(|properties| properties.child("numPr"));
            let read = Style {
                based_on: value(style.child("basedOn")),
                num: value(num.and_then(|num| num.child("numId"))),
                level: value(num.and_then(|num| num.child("ilvl"))).and_then(|level| level.parse().ok()),
                capitals: style.child("rPr").and_then(|run| run.child("caps")).map(is_on),
                font: font_of(style.child("rPr")),
            };
            styles.by_name.insert(name, read);
        }
        styles
    }

    /// A style, the one it is based on, and so on.
    pub(super) fn chain<'s>(&'s self, name: Option<&'s str>) -> impl Iterator<Item = (&'s str, &'s Style)> {
        let mut next = name;
        // A style may be based on itself in a broken file.
        std::iter::from_fn(move || {
            let name = next?;
            let style = self.by_name.get(name)?;
            next = style.based_on.as_deref();
            Some((name, style))
        })
        .take(16)
    }

    pub(super) fn capitals(&self, name: Option<&str>) -> Option<bool> {
        self.chain(name).find_map(|(_, style)| style.capitals)
    }

    pub(super) fn font(&self, name: Option<&str>) -> Option<Font> {
        self.chain(name).find_map(|(_, style)| style.font)
    }
}

/// The font that properties of a run name.
fn font_of(properties: Option<&Node>) -> Option<Font> {
    let fonts = properties?.child("rFonts")?;
    fonts.attribute("ascii").or_else(|| fonts.attribute("hAnsi")).map(font)
}

/// Whether a switch such as `<w:caps/>` is on.
pub(super) fn is_on(node: &Node) -> bool {
    !matches!(node.attribute("val"), Some("0" | "false" | "off" | "none"))
}

/// What the name of a font makes of the letters.
pub(super) fn font(name: &str) -> Font {
    if name.starts_with(".Vn") {
        Font::Abc { capitals: name.ends_with('H') }
    } else if name.starts_with("VNI-") {
        Font::Vni
    } else {
        Font::Plain
    }
}
