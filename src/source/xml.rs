//! A small part of an office document as a tree: styles, numbering, notes.
//!
//! No DTD is read and no entity beyond the five of XML is resolved, so that a document can neither
//! fetch anything nor blow up. Malformed ends are taken as they come.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// An element; names and attribute names without their prefix.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Node>,
}

/// Deeper nesting is flattened.
const DEEPEST: usize = 64;
/// Elements beyond which no more are read: styles and lists of real papers have some thousands.
const MOST_ELEMENTS: usize = 500_000;

impl Node {
    /// The value of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first child of this name.
    pub(crate) fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The children of this name.
    pub(crate) fn children<'n>(&'n self, name: &str) -> impl Iterator<Item = &'n Node> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The elements of this name at any depth, in order.
    pub(crate) fn descendants(&self, name: &str) -> Vec<&Node> {
        let mut found = Vec::new();
        let mut open: Vec<&Node> = vec![self];
        while let Some(node) = open.pop() {
            if node.name == name {
                found.push(node);
            }
            open.extend(node.children.iter().rev());
        }
        found
    }
}

/// Local name and unescaped attributes of a start tag.
pub(crate) fn element(tag: &BytesStart<'_>) -> Node {
    let attributes = tag
        .attributes()
        .with_checks(false)
        .flatten()
        .map(|attribute| {
            let value = match quick_xml::escape::unescape(&attribute.value) {
                Ok(value) => value.into_owned(),
                Err(_) => attribute.value.to_string(),
            };
            (attribute.key.local_name().as_ref().to_owned(), value)
        })
        .collect();
    Node { name: tag.local_name().as_ref().to_owned(), attributes, children: Vec::new() }
}

/// The elements of `part`; text is left out.
pub(crate) fn tree(part: &str) -> Node {
    let mut reader = Reader::from_str(part);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    let mut open = vec![Node::default()];
    let mut too_deep = 0usize;
    for _ in 0..2 * MOST_ELEMENTS {
        match reader.read_event() {
            Ok(Event::Start(_)) if open.len() >= DEEPEST => too_deep += 1,
            Ok(Event::Start(tag)) => open.push(element(&tag)),
            Ok(Event::Empty(tag)) => {
                if let Some(parent) = open.last_mut() {
                    parent.children.push(element(&tag));
                }
            }
            Ok(Event::End(_)) if too_deep > 0 => too_deep -= 1,
            Ok(Event::End(_)) => close(&mut open),
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    while open.len() > 1 {
        close(&mut open);
    }
    open.pop().unwrap_or_default()
}

fn close(open: &mut Vec<Node>) {
    if open.len() > 1
        && let Some(node) = open.pop()
        && let Some(parent) = open.last_mut()
    {
        parent.children.push(node);
    }
}

/// The character of `&name;` in text.
pub(crate) fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let code = name.strip_prefix('#')?;
            let code = match code.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => code.parse().ok()?,
            };
            char::from_u32(code).filter(|c| *c != '\0')
        }
    }
}
