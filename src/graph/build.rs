//! Facts of documents in, graph out: who is who, and which reference means which document.
//!
//! A document is issuer, type, number and date or term. What fits two is reported,
//! not chosen. Time and memory are linear in the facts.

mod competence;
mod identity;
mod misprint;
pub mod steps;
mod weed;

use super::facts::{Facts, Reference};
use super::overrides::{self, Override};
use super::{Doubt, Edge, Graph, Node, NodeIndex, number_key};
use crate::citation::Relation;
use crate::document::Document;
use identity::{Draft, Match, Mention, Registry};
use rustc_hash::FxHashMap;
use weed::{doubt_the_calendar, drop_hearsay, drop_repeats, drop_vague};

impl Graph {
    /// Links documents with one another and with those they only cite.
    pub fn new<'d>(documents: impl IntoIterator<Item = &'d Document>) -> Graph {
        Graph::from_facts(documents.into_iter().map(Facts::of).collect(), &[])
    }

    /// The same from facts kept earlier; `overrides` are a reviewer's.
    ///
    /// The order of `facts` does not matter.
    pub fn from_facts(mut facts: Vec<Facts>, overrides: &[Override]) -> Graph {
        facts.sort_by(|a, b| a.id.cmp(&b.id));
        let mut registry = Registry::default();
        let owners = hold(&mut registry, &facts);
        let targets = link(&mut registry, &facts, &owners);
        let mut edges = draw(&mut registry, &facts, &owners, &targets);
        let mut nodes: Vec<Node> = std::mem::take(&mut registry.drafts).into_iter().map(Draft::into_node).collect();
        let mut doubts = std::mem::take(&mut registry.doubts);
        overrides::apply(overrides, &mut nodes, &mut edges, &mut doubts);
        doubt_the_calendar(&nodes, &edges, &mut doubts);
        edges.sort_by(|a, b| {
            let key = |edge: &Edge| (edge.from, edge.relation, edge.to, edge.source.span);
            key(a).cmp(&key(b)).then_with(|| a.locator.cmp(&b.locator))
        });
        doubts.sort_by(|a, b| (&a.doc, &a.kind, &a.note).cmp(&(&b.doc, &b.kind, &b.note)));
        doubts.dedup();
        Graph::from_parts(nodes, edges, doubts)
    }
}

/// Enters every held document; copies of one paper share a node. Gives the node of each of `facts`.
fn hold(registry: &mut Registry, facts: &[Facts]) -> Vec<NodeIndex> {
    let mut owners = vec![0; facts.len()];
    // Best copy first, so that the node takes its name from it.
    let mut order: Vec<usize> = (0..facts.len()).collect();
    order.sort_by_key(|n| (facts[*n].damage, *n));
    let mut by_number: FxHashMap<String, Vec<NodeIndex>> = FxHashMap::default();
    let mut by_day: FxHashMap<jiff::civil::Date, Vec<NodeIndex>> = FxHashMap::default();
    let mut copies: Vec<(usize, NodeIndex, &'static str)> = Vec::new();
    let mut heads: Vec<usize> = Vec::new();
    let mut head_of: Vec<usize> = vec![0; facts.len()];
    for n in order {
        let own = &facts[n];
        let key = own.number.as_deref().map(number_key);
        let of_number = key.as_ref().and_then(|key| by_number.get(key)).into_iter().flatten();
        // Of a scan whose number was lost, the day is left; of days there are many papers.
        let of_day = own.date.as_ref().and_then(|date| by_day.get(date)).into_iter().flatten();
        let of_day = of_day.filter(|head| key.is_none() || facts[heads[**head as usize]].number.is_none());
        let same = of_number
            .chain(of_day)
            .find_map(|head| identity::same_paper(&facts[heads[*head as usize]], own).map(|why| (*head, why)));
        match same {
            Some((head, why)) => copies.push((n, head, why)),
            None => {
                let head = heads.len() as NodeIndex;
                heads.push(n);
                copies.push((n, head, ""));
                if let Some(key) = key {
                    by_number.entry(key).or_default().push(head);
                }
                if let Some(date) = own.date {
                    by_day.entry(date).or_default().push(head);
                }
            }
        }
    }
    // Nodes stand in the order of their ids, whichever copy was better.
    for (n, head, _) in &copies {
        head_of[*n] = heads[*head as usize];
    }
    let mut sorted = heads.clone();
    sorted.sort_unstable();
    let place: FxHashMap<usize, NodeIndex> =
        sorted.iter().enumerate().map(|(at, head)| (*head, at as NodeIndex)).collect();
    for head in &sorted {
        registry.hold(&facts[*head]);
    }
    for (n, _, why) in copies {
        let node = place[&head_of[n]];
        owners[n] = node;
        if head_of[n] != n {
            registry.add_copy(node, &facts[n], why);
        }
    }
    owners
}

/// Finds the document that each reference means; `None` where nothing or too much fits.
fn link(registry: &mut Registry, facts: &[Facts], owners: &[NodeIndex]) -> Vec<Vec<Option<Match>>> {
    let mut targets: Vec<Vec<Option<Match>>> = facts.iter().map(|own| vec![None; own.references.len()]).collect();
    // The best described first: what they found or made is there for the short forms.
    for detail in [Detail::Dated, Detail::Numbered, Detail::NamedOfYear, Detail::Named] {
        for (n, own) in facts.iter().enumerate() {
            for (k, reference) in own.references.iter().enumerate() {
                if Detail::of(reference) != detail {
                    continue;
                }
                let mention = Mention { own, owner: owners[n], reference };
                targets[n][k] = match detail {
                    Detail::Named | Detail::NamedOfYear => {
                        let beside = named_beside(own, reference).and_then(|beside| targets[n][beside].clone());
                        let why = Some("named with its number in the same document".to_owned());
                        beside.map(|found| Match { why, ..found }).or_else(|| registry.find_by_name(&mention))
                    }
                    _ => registry.find_by_number(&mention),
                };
            }
        }
    }
    targets
}

/// How much a reference says of its target.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    Dated,
    Numbered,
    NamedOfYear,
    Named,
}

impl Detail {
    fn of(reference: &Reference) -> Detail {
        match (&reference.number, reference.date) {
            (Some(_), Some(_)) => Detail::Dated,
            (Some(_), None) => Detail::Numbered,
            (None, Some(_)) => Detail::NamedOfYear,
            (None, None) => match reference.name.as_deref().and_then(|name| identity::name_key(name).1) {
                Some(_) => Detail::NamedOfYear,
                None => Detail::Named,
            },
        }
    }
}

/// A reference of the same document that gives this name together with a number.
fn named_beside(own: &Facts, reference: &Reference) -> Option<usize> {
    let (name, year) = reference.name.as_deref().map(identity::name_key)?;
    let year = reference.date.map(|date| date.year()).or(year);
    let fits = |other: &Reference| {
        let (Some(number), Some(same)) = (&other.number, &other.name) else { return false };
        let (same, own_year) = identity::name_key(same);
        // “Luật Tố cáo năm 2018” is not the one of 2011 that stands beside it.
        let other_year = own_year.or(other.date.map(|date| date.year())).or_else(|| identity::year_of(number));
        let of_one_year = year.zip(other_year).is_none_or(|(own, other)| own == other);
        same == name && of_one_year
    };
    let mut beside = own.references.iter().enumerate().filter(|(_, other)| fits(other));
    let first = beside.next()?;
    let key = |reference: &Reference| reference.number.as_deref().map(number_key);
    beside.all(|(_, other)| key(other) == key(first.1)).then_some(first.0)
}

/// One edge for each place each reference names.
fn draw(registry: &mut Registry, facts: &[Facts], owners: &[NodeIndex], targets: &[Vec<Option<Match>>]) -> Vec<Edge> {
    let mut edges: Vec<Edge> = Vec::new();
    for (n, own) in facts.iter().enumerate() {
        let looked_for = |registry: &mut Registry, k: usize, of: &str| {
            let mention = Mention { own, owner: owners[n], reference: &own.references[k] };
            look_for_actor(registry, &mention, of)
        };
        speak(registry, own, owners[n], &targets[n], looked_for, &mut edges);
    }
    drop_hearsay(&mut edges, |edge| registry.node_of(&edge.source.doc) == Some(edge.from));
    drop_repeats(edges)
}

/// What one document says; `looked_for` gives the third document that acts in reference `k` where
/// nothing beside it does.
fn speak(
    registry: &mut Registry,
    own: &Facts,
    owner: NodeIndex,
    targets: &[Option<Match>],
    mut looked_for: impl FnMut(&mut Registry, usize, &str) -> Option<NodeIndex>,
    edges: &mut Vec<Edge>,
) {
    let first = edges.len();
    for (k, reference) in own.references.iter().enumerate() {
        let Some(found) = &targets[k] else { continue };
        let from = match reference.of.as_deref() {
            None => owner,
            Some(of) => {
                let actor = actor_beside(own, of, targets).map(|beside| beside.node);
                let Some(actor) = actor.or_else(|| looked_for(registry, k, of)) else { continue };
                actor
            }
        };
        if from == found.node {
            continue;
        }
        let (from, relation, why) = match registry.impossible(from, found.node, reference.relation) {
            Some((kind, why)) => {
                let note = format!("{why}: “{}”", reference.sentence);
                let (doc, kind) = (own.id.clone(), kind.to_owned());
                registry.doubts.push(Doubt { doc, kind, note, candidates: Vec::new() });
                // What is only told is told by the text that holds it.
                (owner, Relation::Cites, Some(why))
            }
            None => (from, reference.relation, found.why.clone()),
        };
        if from == found.node {
            continue;
        }
        let confidence = registry.trust(reference, found.node);
        let whole = [None];
        let passive = matches!(relation, Relation::ReplacedBy | Relation::AmendedBy);
        let locators = if passive { identity::changed_places(own, k) } else { &reference.locators };
        let places: Vec<Option<&String>> = locators.iter().map(Some).collect();
        for place in if places.is_empty() { &whole[..] } else { &places[..] } {
            edges.push(Edge {
                from,
                to: found.node,
                relation,
                locator: place.cloned(),
                since: reference.scope.from,
                until: reference.scope.until,
                except: reference.scope.except.clone(),
                except_until: reference.scope.except_until,
                restores: reference.scope.restores,
                sentence: reference.sentence.clone(),
                source: own.source(reference),
                confidence,
                why: why.clone(),
            });
        }
    }
    drop_vague(edges, first);
}

/// The third document that acts in a clause, where it is named beside it by number or by name.
fn actor_beside<'t>(own: &Facts, of: &str, targets: &'t [Option<Match>]) -> Option<&'t Match> {
    let (key, name) = (number_key(of), identity::name_key(of).0);
    let references = &own.references;
    let numbered = references.iter().position(|other| {
        let number = other.likely.as_deref().or(other.number.as_deref());
        number.is_some_and(|number| number_key(number) == key)
    });
    let named = || {
        let same = |other: &Reference| other.name.as_deref().is_some_and(|other| identity::name_key(other).0 == name);
        references.iter().position(same)
    };
    numbered.or_else(named).and_then(|beside| targets[beside].as_ref())
}

/// The same where nothing beside it does.
fn look_for_actor(registry: &mut Registry, mention: &Mention<'_>, of: &str) -> Option<NodeIndex> {
    let reference = actor_reference(of);
    let mention = Mention { reference: &reference, ..*mention };
    let numbered = reference.number.is_some();
    let found = if numbered { registry.find_by_number(&mention) } else { registry.find_by_name(&mention) };
    found.map(|found| found.node)
}

/// A third document that acts, as a reference of its own.
fn actor_reference(of: &str) -> Reference {
    match of.starts_with(|c: char| c.is_ascii_digit()) {
        true => Reference { number: Some(of.to_owned()), ..Reference::default() },
        false => Reference { name: Some(of.to_owned()), ..Reference::default() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Lineage;
    use crate::graph::overrides::Act;
    use crate::graph::validity::{Status, status_at};
    use jiff::civil::Date;

    pub(super) fn paper(id: &str, number: &str, kind: &str, date: &str, references: Vec<Reference>) -> Facts {
        Facts {
            id: id.into(),
            number: Some(number.into()),
            kind: Some(kind.into()),
            issuer: Some("Ban Thường vụ Tỉnh ủy".into()),
            locality: Some("song thao".into()),
            date: Some(date.parse().unwrap()),
            references,
            ..Facts::default()
        }
    }

    pub(super) fn cite(relation: Relation, number: &str, kind: &str, date: &str) -> Reference {
        Reference {
            relation,
            number: Some(number.into()),
            kind: Some(kind.into()),
            date: date.parse().ok(),
            sentence: format!("{kind} số {number}"),
            confidence: 0.9,
            ..Reference::default()
        }
    }

    fn targets(graph: &Graph, id: &str) -> Vec<String> {
        let from = graph.by_id(id).unwrap();
        graph.outgoing(from, super::super::Relations::ALL).iter().map(|e| graph.node(e.to).id.clone()).collect()
    }

    #[test]
    fn a_number_used_in_two_terms_is_two_documents() {
        let facts = vec![
            paper("a", "84-QĐ/TU", "Quy định", "2007-05-03", vec![]),
            paper("b", "84-QĐ/TU", "Quy định", "2012-07-09", vec![]),
            paper(
                "c",
                "127-QĐ/TU",
                "Quy định",
                "2022-02-18",
                vec![cite(Relation::Replaces, "84-QĐ/TU", "Quy định", "2012-07-09")],
            ),
        ];
        let graph = Graph::from_facts(facts, &[]);
        assert_eq!(targets(&graph, "c"), ["b"]);
        let day = Date::constant(2023, 1, 1);
        assert_eq!(status_at(&graph, graph.by_id("a").unwrap(), day).status, Status::InForce);
        assert_eq!(status_at(&graph, graph.by_id("b").unwrap(), day).status, Status::Expired);
    }

    #[test]
    fn what_fits_two_is_reported_and_not_chosen() {
        let facts = vec![
            paper("a", "84-QĐ/TU", "Quy định", "2007-05-03", vec![]),
            paper("b", "84-QĐ/TU", "Quy định", "2012-07-09", vec![]),
            paper(
                "c",
                "127-QĐ/TU",
                "Quy định",
                "2022-02-18",
                vec![cite(Relation::Replaces, "84-QĐ/TU", "Quy định", "")],
            ),
            // Written before the second existed, so it can only mean the first.
            paper("d", "5-QĐ/TU", "Quyết định", "2010-01-01", vec![cite(Relation::Basis, "84-QĐ/TU", "Quy định", "")]),
        ];
        let graph = Graph::from_facts(facts, &[]);
        assert!(targets(&graph, "c").is_empty());
        assert_eq!(graph.doubts[0].kind, "ambiguous");
        assert_eq!(graph.doubts[0].candidates, ["a", "b"]);
        assert_eq!(targets(&graph, "d"), ["a"]);
    }

    #[test]
    fn quyet_dinh_and_quy_dinh_of_one_number_are_two() {
        let facts = vec![
            paper("a", "84-QĐ/TU", "Quyết định", "2011-05-03", vec![]),
            paper("b", "84-QĐ/TU", "Quy định", "2012-07-09", vec![]),
            paper(
                "c",
                "1-QĐ/TU",
                "Quyết định",
                "2022-02-18",
                vec![cite(Relation::Repeals, "84-QĐ/TU", "Quy định", "")],
            ),
        ];
        assert_eq!(targets(&Graph::from_facts(facts, &[]), "c"), ["b"]);
    }

    #[test]
    fn a_scan_and_a_clean_copy_are_one_node() {
        let mut scan = paper("a-scan", "84-QĐ/TU", "Quy định", "2012-07-09", vec![]);
        scan.damage = 40;
        let clean = paper("b-clean", "84-QĐ/TU", "Quy định", "2012-07-09", vec![]);
        let graph = Graph::from_facts(vec![scan, clean], &[]);
        assert_eq!(graph.nodes().len(), 1);
        assert_eq!(graph.nodes()[0].id, "b-clean");
        assert_eq!(graph.nodes()[0].sources, ["b-clean", "a-scan"]);
        assert_eq!(graph.by_id("a-scan"), Some(0));
    }

    #[test]
    fn a_scan_that_lost_its_number_or_its_date_is_known_by_its_title() {
        let title = "Quy chế phối hợp công tác dân vận của hệ thống chính trị tỉnh";
        let titled = |facts: Facts, title: &str| Facts { title: Some(title.into()), ..facts };
        let clean = titled(paper("clean", "84-QĐ/TU", "Quy định", "2012-07-09", vec![]), title);
        let scan = Facts { id: "scan".into(), damage: 40, ..clean.clone() };
        for lost in [Facts { number: None, ..scan.clone() }, Facts { date: None, ..scan.clone() }] {
            let graph = Graph::from_facts(vec![lost, clean.clone()], &[]);
            assert_eq!(graph.nodes().len(), 1);
            assert_eq!(graph.nodes()[0].sources, ["clean", "scan"]);
            assert!(graph.nodes()[0].notes[0].contains("title"), "{:?}", graph.nodes()[0].notes);
        }
        // The fuller copy may be the more damaged one.
        let bare = Facts { damage: 0, date: None, ..scan.clone() };
        let full = Facts { damage: 9, ..clean.clone() };
        let graph = Graph::from_facts(vec![bare, full], &[]);
        assert_eq!((graph.nodes().len(), graph.nodes()[0].date), (1, clean.date));
        let other = titled(Facts { number: None, ..scan }, "Quy định chế độ báo cáo của các cấp ủy trong tỉnh");
        assert_eq!(Graph::from_facts(vec![clean, other], &[]).nodes().len(), 2);
    }

    #[test]
    fn an_act_called_by_name_acts_as_itself() {
        let code = Reference {
            relation: Relation::Implements,
            name: Some("Bộ luật Tố tụng hình sự năm 2015".into()),
            number: Some("101/2015/QH13".into()),
            kind: Some("Bộ luật".into()),
            ..Reference::default()
        };
        let told = Reference {
            of: Some("Bộ luật Tố tụng hình sự năm 2015".into()),
            ..cite(Relation::Replaces, "19/2003/QH11", "Bộ luật", "")
        };
        let graph =
            Graph::from_facts(vec![paper("a", "4/2018/TTLT-BCA", "Thông tư", "2018-02-09", vec![code, told])], &[]);
        let ender = graph.edges().iter().find(|edge| edge.relation == Relation::Replaces).unwrap();
        assert_eq!(graph.nodes()[ender.from as usize].number.as_deref(), Some("101/2015/QH13"));
    }

    #[test]
    fn a_name_with_another_year_is_not_the_act_beside_it() {
        let of_2011 =
            Reference { name: Some("Luật Tố cáo".into()), ..cite(Relation::Cites, "03/2011/QH13", "Luật", "") };
        let of_2018 =
            Reference {
                name: Some("Luật Tố cáo năm 2018".into()), kind: Some("Luật".into()), ..Reference::default()
            };
        let facts = vec![paper("a", "28/2019/NĐ-CP", "Nghị định", "2019-03-20", vec![of_2011, of_2018])];
        let graph = Graph::from_facts(facts, &[]);
        assert_eq!(graph.edges().len(), 2);
        assert_ne!(graph.edges()[0].to, graph.edges()[1].to);
    }

    #[test]
    fn every_link_says_why() {
        let references = vec![
            cite(Relation::Replaces, "84-QĐ/TU", "Quy định", "2012-07-09"),
            cite(Relation::Basis, "66-QĐ/TW", "Quy định", ""),
            Reference { name: Some("Luật Khiếu nại".into()), ..Reference::default() },
        ];
        let facts = vec![
            paper("a", "84-QĐ/TU", "Quy định", "2012-07-09", vec![]),
            paper("b", "90-QĐ/TU", "Quy định", "2022-02-18", references),
        ];
        let graph = Graph::from_facts(facts, &[]);
        let why: Vec<&str> = graph.edges().iter().map(|edge| edge.why.as_deref().unwrap()).collect();
        assert!(why.contains(&"same number and date"), "{why:?}");
        assert_eq!(why.iter().filter(|why| why.starts_with("cited only")).count(), 2, "{why:?}");
    }

    #[test]
    fn the_cited_only_are_nodes_and_meet() {
        let facts = vec![
            paper(
                "a",
                "1-QĐ/TU",
                "Quyết định",
                "2022-02-18",
                vec![cite(Relation::Basis, "23-QĐ/TW", "Quyết định", "2021-07-30")],
            ),
            paper(
                "b",
                "2-QĐ/TU",
                "Quyết định",
                "2022-03-18",
                vec![cite(Relation::Basis, "23-QĐ/TW", "Quyết định", "")],
            ),
        ];
        let graph = Graph::from_facts(facts, &[]);
        assert_eq!(targets(&graph, "a"), targets(&graph, "b"));
        let stub = graph.node(graph.find("23-QĐ/TW")[0]);
        assert_eq!(stub.id, "ref:23-QĐ/TW@2021-07-30");
        assert_eq!(stub.held, Some(false));
    }

    #[test]
    fn the_likely_number_resolves() {
        let mut reference = cite(Relation::Basis, "07-CT/TW", "Chỉ thị", "");
        reference.likely = Some("07-CT/TU".into());
        let facts = vec![
            paper("a", "07-CT/TU", "Chỉ thị", "2021-01-18", vec![]),
            paper("b", "2-QĐ/TU", "Quyết định", "2022-03-18", vec![reference]),
        ];
        let graph = Graph::from_facts(facts, &[]);
        assert_eq!(targets(&graph, "b"), ["a"]);
        assert!(graph.edges()[0].why.as_deref().unwrap().contains("07-CT/TW"));
    }

    #[test]
    fn overrides_remove_add_and_show() {
        let facts = vec![
            paper("a", "84-QĐ/TU", "Quy định", "2012-07-09", vec![]),
            paper(
                "b",
                "1-QĐ/TU",
                "Quyết định",
                "2022-02-18",
                vec![cite(Relation::Repeals, "84-QĐ/TU", "Quy định", "")],
            ),
        ];
        let fact = |act, from: &str, to: &str| Override {
            act,
            from: from.into(),
            to: to.into(),
            relation: Relation::Repeals,
            locator: None,
            date: Some(Date::constant(2024, 5, 1)),
            since: None,
            until: None,
            who: "An".into(),
            note: "sổ văn bản".into(),
            place: "archive/overrides.jsonl, line 1".into(),
        };
        let overrides =
            [fact(Act::Remove, "b", "84-QĐ/TU"), fact(Act::Add, "99-QĐ/TU", "a"), fact(Act::Remove, "b", "nowhere")];
        let graph = Graph::from_facts(facts, &overrides);
        assert_eq!(graph.edges().len(), 1);
        assert!(graph.edges()[0].why.as_deref().unwrap().starts_with("override by An"));
        let answer = status_at(&graph, graph.by_id("a").unwrap(), Date::constant(2025, 1, 1));
        assert_eq!(answer.by.as_deref(), Some("99-QĐ/TU"));
        assert!(graph.nodes()[0].notes[0].contains("removed"));
        assert!(graph.doubts.iter().any(|doubt| doubt.kind == "override_unused"));
    }

    #[test]
    fn the_order_of_facts_does_not_matter() {
        let facts = vec![
            paper("a", "84-QĐ/TU", "Quy định", "2007-05-03", vec![]),
            paper("b", "2-QĐ/TU", "Quyết định", "2022-03-18", vec![cite(Relation::Basis, "84-QĐ/TU", "Quy định", "")]),
            paper(
                "c",
                "3-QĐ/TU",
                "Quyết định",
                "2022-03-18",
                vec![cite(Relation::Amends, "2-QĐ/TU", "Quyết định", "")],
            ),
        ];
        let mut turned = facts.clone();
        turned.reverse();
        assert_eq!(Graph::from_facts(facts, &[]), Graph::from_facts(turned, &[]));
    }
}
