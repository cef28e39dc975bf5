//! The graph in the forms of other programs: CSV, GraphML, GEXF, DOT, JSON-LD.
//!
//! All are written in the order of the graph, so the same graph gives the same bytes.

use super::trace::{relation_label, short_name};
use super::validity::{self, Status};
use super::{Edge, Graph, Lineage, Node, NodeIndex, Relations, relation_name};
use crate::citation::Relation;
use jiff::civil::Date;
use quick_xml::Writer;
use quick_xml::events::BytesText;
use rustc_hash::FxHashMap;
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// Columns of the node table.
const NODE_COLUMNS: [&str; 11] =
    ["id", "number", "type", "issuer", "date", "effective", "term", "title", "held", "status", "until"];
/// Columns of the edge table.
const EDGE_COLUMNS: [&str; 14] = [
    "from",
    "to",
    "relation",
    "locator",
    "since",
    "until",
    "except",
    "except_until",
    "restores",
    "sentence",
    "source_doc",
    "source_start",
    "source_end",
    "confidence",
];

fn text<T: ToString>(value: &Option<T>) -> String {
    value.as_ref().map(T::to_string).unwrap_or_default()
}

fn node_row(graph: &Graph, n: NodeIndex, at: Date) -> [String; 11] {
    let node = &graph.nodes()[n as usize];
    let answer = validity::status_at(graph, n, at);
    [
        node.id.clone(),
        text(&node.number),
        text(&node.kind),
        text(&node.issuer),
        text(&node.date),
        text(&node.effective),
        text(&node.term),
        text(&node.title),
        (node.held != Some(false)).to_string(),
        answer.status.name().to_owned(),
        text(&answer.until),
    ]
}

fn edge_row(graph: &Graph, edge: &Edge) -> [String; 14] {
    [
        graph.nodes()[edge.from as usize].id.clone(),
        graph.nodes()[edge.to as usize].id.clone(),
        relation_name(edge.relation).to_owned(),
        text(&edge.locator),
        text(&edge.since),
        text(&edge.until),
        edge.except.join("; "),
        text(&edge.except_until),
        edge.restores.to_string(),
        edge.sentence.clone(),
        edge.source.doc.clone(),
        edge.source.span[0].to_string(),
        edge.source.span[1].to_string(),
        format!("{:.3}", edge.confidence),
    ]
}

/// The table of documents, with their status on the day `at`.
pub fn write_csv_nodes(graph: &Graph, at: Date, out: &mut dyn Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(NODE_COLUMNS)?;
    for n in 0..graph.node_count() as NodeIndex {
        table.write_record(node_row(graph, n, at))?;
    }
    table.flush()
}

/// The table of edges.
pub fn write_csv_edges(graph: &Graph, out: &mut dyn Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(EDGE_COLUMNS)?;
    for edge in graph.edges() {
        table.write_record(edge_row(graph, edge))?;
    }
    table.flush()
}

/// GraphML with one string attribute for each column of the CSV form.
pub fn write_graphml(graph: &Graph, at: Date, out: &mut dyn Write) -> io::Result<()> {
    let mut xml = Writer::new_with_indent(out, b' ', 1);
    xml.create_element("graphml")
        .with_attribute(("xmlns", "http://graphml.graphdrawing.org/xmlns"))
        .write_inner_content(|xml| {
            for (of, columns) in [("node", &NODE_COLUMNS[1..]), ("edge", &EDGE_COLUMNS[2..])] {
                for column in columns {
                    xml.create_element("key")
                        .with_attribute(("id", &*format!("{of}_{column}")))
                        .with_attribute(("for", of))
                        .with_attribute(("attr.name", *column))
                        .with_attribute(("attr.type", "string"))
                        .write_empty()?;
                }
            }
            let graph_element = xml.create_element("graph").with_attribute(("edgedefault", "directed"));
            graph_element.write_inner_content(|xml| {
                for n in 0..graph.node_count() as NodeIndex {
                    let row = node_row(graph, n, at);
                    xml.create_element("node")
                        .with_attribute(("id", &*row[0]))
                        .write_inner_content(|xml| data(xml, "node", &NODE_COLUMNS[1..], &row[1..]))?;
                }
                for (k, edge) in graph.edges().iter().enumerate() {
                    let row = edge_row(graph, edge);
                    xml.create_element("edge")
                        .with_attribute(("id", &*format!("e{k}")))
                        .with_attribute(("source", &*row[0]))
                        .with_attribute(("target", &*row[1]))
                        .write_inner_content(|xml| data(xml, "edge", &EDGE_COLUMNS[2..], &row[2..]))?;
                }
                Ok(())
            })?;
            Ok(())
        })?;
    writeln!(xml.get_mut())
}

fn data<W: Write>(xml: &mut Writer<W>, of: &str, columns: &[&str], row: &[String]) -> io::Result<()> {
    for (column, value) in columns.iter().zip(row).filter(|(_, value)| !value.is_empty()) {
        xml.create_element("data")
            .with_attribute(("key", &*format!("{of}_{column}")))
            .write_text_content(BytesText::new(&clean(value)))?;
    }
    Ok(())
}

/// Without the control characters that no XML may hold.
fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

/// GEXF 1.3; each document carries its intervals of validity as spells, each edge its own.
pub fn write_gexf(graph: &Graph, out: &mut dyn Write) -> io::Result<()> {
    let mut xml = Writer::new_with_indent(out, b' ', 1);
    let root =
        xml.create_element("gexf").with_attribute(("xmlns", "http://gexf.net/1.3")).with_attribute(("version", "1.3"));
    root.write_inner_content(|xml| {
        let element = xml
            .create_element("graph")
            .with_attribute(("defaultedgetype", "directed"))
            .with_attribute(("mode", "dynamic"))
            .with_attribute(("timeformat", "date"))
            .with_attribute(("timerepresentation", "interval"));
        element.write_inner_content(|xml| {
            xml.create_element("attributes").with_attribute(("class", "node")).write_inner_content(|xml| {
                for (n, title) in ["number", "type", "issuer", "title", "held"].iter().enumerate() {
                    attribute(xml, n, title)?;
                }
                Ok(())
            })?;
            xml.create_element("attributes").with_attribute(("class", "edge")).write_inner_content(|xml| {
                for (n, title) in ["relation", "locator", "sentence"].iter().enumerate() {
                    attribute(xml, n, title)?;
                }
                Ok(())
            })?;
            xml.create_element("nodes").write_inner_content(|xml| {
                for (n, node) in graph.nodes().iter().enumerate() {
                    gexf_node(xml, graph, n as NodeIndex, node)?;
                }
                Ok(())
            })?;
            xml.create_element("edges").write_inner_content(|xml| {
                for (n, edge) in graph.edges().iter().enumerate() {
                    gexf_edge(xml, graph, n, edge)?;
                }
                Ok(())
            })?;
            Ok(())
        })?;
        Ok(())
    })?;
    writeln!(xml.get_mut())
}

fn attribute<W: Write>(xml: &mut Writer<W>, n: usize, title: &str) -> io::Result<()> {
    xml.create_element("attribute")
        .with_attribute(("id", &*n.to_string()))
        .with_attribute(("title", title))
        .with_attribute(("type", "string"))
        .write_empty()?;
    Ok(())
}

fn values<W: Write>(xml: &mut Writer<W>, row: &[String]) -> io::Result<()> {
    xml.create_element("attvalues").write_inner_content(|xml| {
        for (n, value) in row.iter().enumerate().filter(|(_, value)| !value.is_empty()) {
            xml.create_element("attvalue")
                .with_attribute(("for", &*n.to_string()))
                .with_attribute(("value", &*clean(value)))
                .write_empty()?;
        }
        Ok(())
    })?;
    Ok(())
}

fn gexf_node<W: Write>(xml: &mut Writer<W>, graph: &Graph, n: NodeIndex, node: &Node) -> io::Result<()> {
    let held = (node.held != Some(false)).to_string();
    let row = [text(&node.number), text(&node.kind), text(&node.issuer), text(&node.title), held];
    xml.create_element("node")
        .with_attribute(("id", &*node.id))
        .with_attribute(("label", &*clean(short_name(node))))
        .write_inner_content(|xml| {
        values(xml, &row)?;
        let holds = |status| matches!(status, Status::InForce | Status::PartlyExpired);
        let spells: Vec<_> =
            validity::timeline(graph, n).into_iter().filter(|interval| holds(interval.status)).collect();
        if spells.is_empty() {
            return Ok(());
        }
        xml.create_element("spells").write_inner_content(|xml| {
            for spell in spells {
                let mut element = xml.create_element("spell");
                if let Some(from) = spell.from {
                    element = element.with_attribute(("start", &*from.to_string()));
                }
                if let Some(last) = spell.until.and_then(|until| until.yesterday().ok()) {
                    element = element.with_attribute(("end", &*last.to_string()));
                }
                element.write_empty()?;
            }
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(())
}

fn gexf_edge<W: Write>(xml: &mut Writer<W>, graph: &Graph, n: usize, edge: &Edge) -> io::Result<()> {
    let actor = &graph.nodes()[edge.from as usize];
    let mut element = xml
        .create_element("edge")
        .with_attribute(("id", &*n.to_string()))
        .with_attribute(("source", &*actor.id))
        .with_attribute(("target", &*graph.nodes()[edge.to as usize].id))
        .with_attribute(("kind", relation_name(edge.relation)));
    if let Some(start) = edge.since.or(actor.effective).or(actor.date) {
        element = element.with_attribute(("start", &*start.to_string()));
    }
    if let Some(last) = edge.until.and_then(|until| until.yesterday().ok()) {
        element = element.with_attribute(("end", &*last.to_string()));
    }
    let row = [relation_name(edge.relation).to_owned(), text(&edge.locator), edge.sentence.clone()];
    element.write_inner_content(|xml| values(xml, &row))?;
    Ok(())
}

/// Graphviz, for those who prefer its layout; oldest first, from left to right.
pub fn write_dot(graph: &Graph, at: Date, out: &mut dyn Write) -> io::Result<()> {
    let quote = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " "));
    writeln!(out, "digraph lineage {{\n  rankdir=RL;\n  node [shape=box, style=rounded, fontname=\"Noto Sans\"];")?;
    writeln!(out, "  edge [fontname=\"Noto Sans\", fontsize=10];")?;
    for (n, node) in graph.nodes().iter().enumerate() {
        let status = validity::status_at(graph, n as NodeIndex, at).status;
        let color = match status {
            Status::InForce => "#1e7d45",
            Status::PartlyExpired => "#b26a00",
            Status::Suspended => "#6b4fa3",
            Status::NotYet => "#2f6db3",
            _ => "#9a9fa6",
        };
        let date = node.date.map(|date| format!("\n{}", date.strftime("%d/%m/%Y"))).unwrap_or_default();
        let label = quote(short_name(node)).trim_end_matches('"').to_owned()
            + &date.replace('\n', "\\n")
            + "\\n"
            + status.label()
            + "\"";
        let style = if node.held == Some(false) { ", style=\"rounded,dashed\"" } else { "" };
        writeln!(out, "  {} [label={label}, color=\"{color}\"{style}];", quote(&node.id))?;
    }
    for edge in graph.edges() {
        let (from, to) = (&graph.nodes()[edge.from as usize].id, &graph.nodes()[edge.to as usize].id);
        let place = edge.locator.as_deref().map(|words| format!("\\n{words}")).unwrap_or_default();
        let words = relation_label(edge.relation, true);
        let label = quote(&format!("{words}{place}")).replace("\\\\n", "\\n");
        writeln!(out, "  {} -> {} [label={label}];", quote(from), quote(to))?;
    }
    writeln!(out, "}}")
}

/// JSON-LD, one document a line, with the property names of schema.org and of ELI.
pub fn write_jsonld(graph: &Graph, at: Date, out: &mut dyn Write) -> io::Result<()> {
    let names = iris(graph.nodes());
    for (n, node) in graph.nodes().iter().enumerate() {
        let name = names[n].as_str();
        let n = n as NodeIndex;
        let mut object = Map::new();
        object.insert("@context".into(), context());
        object.insert("@type".into(), "Legislation".into());
        object.insert("@id".into(), name.into());
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                object.insert(key.into(), value);
            }
        };
        put("legislationIdentifier", node.number.clone().map(Value::from));
        put("legislationType", node.kind.clone().map(Value::from));
        put("legislationPassedBy", node.issuer.clone().map(Value::from));
        put("legislationDate", node.date.map(|date| date.to_string().into()));
        put("legislationDateOfApplicability", node.effective.map(|date| date.to_string().into()));
        put("name", node.title.clone().map(Value::from));
        put("inLanguage", Some("vi".into()));
        let answer = validity::status_at(graph, n, at);
        let force = match answer.status {
            Status::InForce => Some("InForce"),
            Status::PartlyExpired => Some("PartiallyInForce"),
            Status::Expired | Status::Void | Status::NotYet | Status::Suspended => Some("NotInForce"),
            Status::NotApplicable | Status::Unknown => None,
        };
        put("legislationLegalForce", force.map(Value::from));
        put("eli:date_no_longer_in_force", answer.until.map(|day| day.to_string().into()));
        for edge in graph.outgoing(n, Relations::ALL) {
            let entry = object.entry(property(edge.relation)).or_insert_with(|| Value::Array(Vec::new()));
            let target = json!({ "@id": names[edge.to as usize] });
            if let Value::Array(targets) = entry
                && !targets.contains(&target)
            {
                targets.push(target);
            }
        }
        serde_json::to_writer(&mut *out, &object)?;
        writeln!(out)?;
    }
    Ok(())
}

fn context() -> Value {
    json!({
        "@vocab": "https://schema.org/",
        // Nobody publishes ELIs for Vietnam: a base that never resolves, to be replaced by whoever serves them.
        "@base": "https://vanban.invalid/",
        "eli": "http://data.europa.eu/eli/ontology#",
        "vanban": "urn:vanban:relation:",
        "legislationLegalForce": {"@type": "@vocab"}
    })
}

/// The property of schema.org, of ELI, or our own where neither has one.
fn property(relation: Relation) -> &'static str {
    match relation {
        Relation::Basis => "eli:based_on",
        Relation::Implements | Relation::Details | Relation::Guides => "legislationApplies",
        Relation::Replaces | Relation::Repeals | Relation::EndsEffect => "legislationRepeals",
        Relation::ReplacedBy => "eli:repealed_by",
        Relation::Amends => "legislationAmends",
        Relation::AmendedBy => "eli:amended_by",
        Relation::Corrects => "legislationCorrects",
        Relation::Consolidates => "legislationConsolidates",
        Relation::AttachedTo => "eli:is_part_of",
        Relation::Attaches => "eli:has_part",
        Relation::Cites => "eli:cites",
        Relation::Suspends => "vanban:suspends",
        Relation::RepliesTo => "vanban:replies_to",
    }
}

/// A name for each document that no other has: papers of two provinces may share all that the path says.
fn iris(nodes: &[Node]) -> Vec<String> {
    let mut names: Vec<String> = nodes.iter().map(iri).collect();
    let mut count: FxHashMap<String, u32> = FxHashMap::default();
    for name in &names {
        *count.entry(name.clone()).or_default() += 1;
    }
    for (name, node) in names.iter_mut().zip(nodes) {
        if count[name.as_str()] > 1 {
            *name = format!("{name}~{}", super::svg::percent(&node.id));
        }
    }
    names
}

/// `/eli/vn/{type}/{issuer}/{yyyy}/{mm}/{dd}/{number}`; a URN of our own where the date is not known.
fn iri(node: &Node) -> String {
    let slug = crate::document::akn::slug;
    match (&node.number, node.date) {
        (Some(number), Some(date)) => format!(
            "/eli/vn/{}/{}/{}/{}",
            slug(node.kind.as_deref().unwrap_or("van-ban")),
            slug(node.issuer.as_deref().unwrap_or("khong-ro")),
            date.strftime("%Y/%m/%d"),
            slug(number)
        ),
        _ => format!("urn:vanban:{}", super::svg::percent(&node.id)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn papers_of_two_provinces_have_two_names() {
        let paper = |id: &str| Node {
            id: id.into(),
            number: Some("12/2024/QĐ-UBND".into()),
            date: Some(Date::constant(2024, 5, 3)),
            ..Node::default()
        };
        let names = iris(&[paper("a/1.txt"), paper("b/1.txt"), Node { number: None, ..paper("c") }]);
        assert!(names[0] != names[1] && names[0].starts_with("/eli/vn/van-ban/khong-ro/2024/05/03/"), "{names:?}");
        assert_eq!(names[2], "urn:vanban:c");
    }
}
