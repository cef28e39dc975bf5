//! A document as amended on a day.
//!
//! Changes are laid on in the order of their effect, and each is marked with the document
//! that makes it. What cannot be placed with certainty is shown beside the old wording.

mod exchange;

use super::place::{Place, Unit};
use super::trace::short_name;
use super::validity::{self, Reason};
use super::{Lineage, NodeIndex, number_key};
use crate::citation::{Amendment, Relation};
use crate::document::Document;
use crate::text::Span;
use jiff::civil::Date;
use serde::Serialize;

/// One change of one place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The place, in words.
    pub locator: String,
    /// Its outline path, where the document has it.
    pub path: Option<String>,
    /// Id of the amending document.
    pub by: String,
    /// What people call it.
    pub number: String,
    /// First day of the change.
    pub since: Date,
    /// `replace`, `insert`, `repeal`, `suspend`, `phrase` or `amend`.
    pub action: String,
    /// The new wording, where there is one; of a `phrase` the words that are new.
    pub text: Option<String>,
    /// Of a `phrase`: the words that were there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// Whether the place and the wording are sure. If not, old and new stand side by side.
    pub certain: bool,
    /// Why not.
    pub note: Option<String>,
    #[serde(skip)]
    at: Option<usize>,
    /// Of a `phrase` that is certain: the stretch in which it stands, and how that reads now.
    #[serde(skip)]
    patch: Option<(Span, String)>,
}

/// The text with its changes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct View {
    /// The text asked for, changes marked by lines that begin with `▶` and `◀`.
    pub text: String,
    /// The changes of the text asked for, in the order of their effect.
    pub changes: Vec<Change>,
    /// Where the place asked for, or the document, stands in the text as issued.
    #[serde(skip)]
    pub span: Span,
}

/// Lays every change in effect on `at` on the document, and cuts out `place` if one is given.
///
/// `fetch` gives the text of amending documents. `None` where the document has no such place.
pub fn view(
    graph: &dyn Lineage,
    node: NodeIndex,
    document: &Document,
    at: Date,
    place: Option<&Place>,
    fetch: &dyn Fn(&str) -> Option<Document>,
) -> Option<View> {
    let mut page = Page::new(document);
    let wanted = match place {
        None => None,
        Some(place) => Some(page.index_of(&place.within(&page.places))?),
    };
    let answer = validity::status_at(graph, node, at);
    let mut reasons: Vec<&Reason> = answer.why.iter().filter(|why| why.since.is_some_and(|day| day <= at)).collect();
    reasons.sort_by_key(|why| why.since);
    let own_key = graph.node(node).number.as_deref().map(number_key);
    let mut actors: Vec<&str> = Vec::new();
    for reason in &reasons {
        if reason.from != graph.node(node).id && !actors.contains(&reason.from.as_str()) {
            actors.push(&reason.from);
        }
    }
    for actor in actors {
        let acts: Vec<&Reason> = reasons.iter().filter(|why| why.from == actor).copied().collect();
        let name = graph.find(actor).first().map_or(actor.to_owned(), |n| short_name(&graph.node(*n)).to_owned());
        let text = fetch(actor);
        page.apply(actor, &name, &acts, text.as_ref(), own_key.as_deref());
    }
    Some(page.render(wanted))
}

/// The document's places and what has become of them.
struct Page<'d> {
    document: &'d Document,
    places: Vec<Place>,
    changes: Vec<Change>,
}

impl<'d> Page<'d> {
    fn new(document: &'d Document) -> Page<'d> {
        let nodes = &document.outline.nodes;
        let places = nodes.iter().map(|node| Place::parse(&node.path).unwrap_or_default()).collect();
        Page { document, places, changes: Vec::new() }
    }

    fn index_of(&self, place: &Place) -> Option<usize> {
        self.places.iter().position(|known| known == place)
    }

    fn path(&self, n: usize) -> String {
        self.document.outline.nodes[n].path.clone()
    }

    fn span(&self, n: usize) -> Span {
        self.document.outline.nodes[n].span
    }

    /// All that one amending document does.
    fn apply(&mut self, actor: &str, name: &str, acts: &[&Reason], text: Option<&Document>, own_key: Option<&str>) {
        let Some(since) = acts.iter().filter_map(|act| act.since).min() else { return };
        let blank = Change {
            locator: String::new(),
            path: None,
            by: actor.to_owned(),
            number: name.to_owned(),
            since,
            action: "amend".to_owned(),
            text: None,
            was: None,
            certain: true,
            note: None,
            at: None,
            patch: None,
        };
        let mut done: Vec<Place> = Vec::new();
        for amendment in text.iter().flat_map(|text| &text.amendments) {
            let ours = match amendment.target.as_deref() {
                Some(target) => own_key == Some(&*number_key(target)),
                None => false,
            };
            if ours && let Some(was) = &amendment.was {
                let place = Place::parse(&amendment.locator).map(|place| place.within(&self.places));
                done.extend(place.clone());
                self.exchange(place.as_ref(), was, &amendment.text, &blank);
                continue;
            }
            let Some(place) = Place::parse(&amendment.locator).filter(|_| ours) else { continue };
            let place = place.within(&self.places);
            done.push(place.clone());
            self.amend(&place, amendment, blank.clone());
        }
        for act in acts {
            let Some(place) = act.locator.as_deref().and_then(Place::parse) else { continue };
            let place = place.within(&self.places);
            if done.iter().any(|known| known.covers(&place)) {
                continue;
            }
            let mut change = Change { since: act.since.unwrap_or(since), ..blank.clone() };
            match act.relation {
                Relation::Repeals | Relation::EndsEffect | Relation::Replaces => change.action = "repeal".to_owned(),
                Relation::Suspends => change.action = "suspend".to_owned(),
                Relation::Amends | Relation::Corrects => {
                    change.certain = false;
                    change.note = Some(match text {
                        None => "the amending text is not in the archive".to_owned(),
                        Some(_) => "the new wording could not be read off the amending text".to_owned(),
                    });
                }
                _ => continue,
            }
            self.put(&place, change);
        }
    }

    fn amend(&mut self, place: &Place, amendment: &Amendment, blank: Change) {
        let wording = amendment.text.trim().trim_matches(['“', '”', '"']).trim().to_owned();
        let mut change =
            Change { action: amendment.action.clone(), text: Some(wording).filter(|text| !text.is_empty()), ..blank };
        match &*amendment.action {
            "repeal" => change.text = None,
            "phrase" => {
                change.certain = false;
                change.note = Some("which words are exchanged could not be read off the amending text".to_owned());
            }
            _ if change.text.is_none() => {
                change.certain = false;
                change.note = Some("the new wording could not be read off the amending text".to_owned());
            }
            _ => {}
        }
        self.put(place, change);
    }

    /// The nearest place above one that the outline does not know.
    fn above(&self, place: &Place) -> Option<usize> {
        let mut above = place.clone();
        while above.steps.pop().is_some() {
            if above.steps.is_empty() && above.annex.is_none() {
                return None;
            }
            if let Some(n) = self.index_of(&above) {
                return Some(n);
            }
        }
        None
    }

    /// Finds where a change belongs, and supersedes what it makes void.
    fn put(&mut self, place: &Place, mut change: Change) {
        change.locator = place.to_string();
        // A place that an earlier act inserted has its wording in that change.
        let inserted =
            self.changes.iter().position(|other| other.action == "insert" && other.locator == change.locator);
        if let (Some(n), true) = (inserted, change.certain) {
            let before = &self.changes[n];
            change.at = before.at;
            change.path.clone_from(&before.path);
            if change.action == "replace" {
                change.action = "insert".to_owned();
            }
            self.changes[n] = change;
            return;
        }
        match self.index_of(place) {
            Some(n) => {
                let span = self.span(n);
                change.path = Some(self.path(n));
                change.at = Some(n);
                if change.action == "insert" {
                    change.certain = false;
                    change.note = Some("the place to be inserted is there already".to_owned());
                }
                let lost = self.changes.iter().any(|other| {
                    let Some(at) = other.at.filter(|at| *at != n) else { return false };
                    rewrites(other) && self.span(at).contains(span)
                });
                if lost {
                    change.certain = false;
                    change.note = Some("an earlier act gave the place above a new wording".to_owned());
                } else if change.certain && rewrites(&change) {
                    let spans: Vec<Option<Span>> =
                        self.changes.iter().map(|other| other.at.map(|at| self.span(at))).collect();
                    let mut k = 0;
                    self.changes.retain(|other| {
                        let inside = spans[k].is_some_and(|own| span.contains(own)) && other.certain;
                        k += 1;
                        !inside
                    });
                }
            }
            None if change.action == "insert" => match self.sibling_before(place) {
                Some((n, sure)) => {
                    change.at = Some(n);
                    change.path = Some(self.path(n));
                    if !sure {
                        change.certain = false;
                        change.note = Some("it is not sure after which place this belongs".to_owned());
                    }
                }
                None => {
                    change.certain = false;
                    change.note = Some("the document has no place next to it".to_owned());
                }
            },
            None => {
                // The nearest place above keeps the change in sight.
                change.at = self.above(place);
                change.certain = false;
                change.note = Some("the document has no such place".to_owned());
            }
        }
        self.changes.push(change);
    }

    /// The place after which a new one stands, and whether that is sure.
    fn sibling_before(&self, place: &Place) -> Option<(usize, bool)> {
        let (unit, label) = place.steps.last()?.clone();
        let mut parent = place.clone();
        parent.steps.pop();
        let digits =
            |label: &str| label.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<u32>().ok();
        let letters = |label: &str| label.chars().take_while(|c| !c.is_ascii_digit()).collect::<String>();
        let mut last = None;
        for (n, known) in self.places.iter().enumerate() {
            let Some((own_unit, own)) = known.steps.last() else { continue };
            let sibling = *own_unit == unit
                && known.attached == place.attached
                && known.annex == place.annex
                && (unit <= Unit::Dieu || known.steps[..known.steps.len() - 1] == parent.steps[..]);
            if !sibling {
                continue;
            }
            let (before, sure) = match (digits(&label), digits(own)) {
                (Some(new), Some(old)) if new == old => (true, true),
                (Some(new), Some(old)) => (old < new, old + 1 == new),
                _ => (letters(own) == letters(&label) || *own < label, letters(own) == letters(&label)),
            };
            if before {
                last = Some((n, sure));
            }
        }
        last.or_else(|| self.index_of(&parent).filter(|_| !parent.steps.is_empty()).map(|n| (n, false)))
    }

    /// The text of one place, or of all, with every change in its place.
    fn render(&self, wanted: Option<usize>) -> View {
        let text = &self.document.restored.text;
        let range = wanted.map_or(Span::new(0, text.len()), |n| self.span(n));
        let concerned = |change: &Change| match (change.at, &change.patch, wanted) {
            (_, _, None) => true,
            (_, Some((span, _)), Some(_)) => span.overlaps(range),
            (Some(at), None, Some(_)) => self.span(at).overlaps(range),
            (None, None, Some(_)) => false,
        };
        let mut out = String::new();
        let mut at = range.start;
        // By place; of one place the change of its wording before the remarks, insertions last.
        let mut order: Vec<&Change> = self.changes.iter().filter(|change| concerned(change)).collect();
        let span_of = |change: &Change| match &change.patch {
            Some((span, _)) => *span,
            None => change.at.map(|n| self.span(n)).unwrap_or(range),
        };
        order.sort_by_key(|change| {
            let span = span_of(change);
            let after = change.action == "insert" || !change.certain;
            (if after { span.end } else { span.start }, after, change.since)
        });
        for change in &order {
            let span = span_of(change);
            let over = change.certain && (rewrites(change) || change.patch.is_some());
            let point = if over { span.start } else { span.end }.clamp(range.start, range.end);
            if point > at {
                out.push_str(&text[at..point]);
                at = point;
            }
            if !out.is_empty() && !out.ends_with('\n') {
                out.push('\n');
            }
            out.push_str(&marked(change));
            if over {
                at = at.max(span.end.min(range.end));
            }
        }
        out.push_str(&text[at..range.end]);
        View { text: out, changes: order.into_iter().cloned().collect(), span: range }
    }
}

/// Whether the change takes the place of the old wording.
fn rewrites(change: &Change) -> bool {
    change.certain && matches!(&*change.action, "replace" | "repeal")
}

impl Change {
    /// The lines with which it opens in [`View::text`], behind the `▶`: place, what was done, by whom, since when,
    /// what is doubtful, which words were exchanged. What follows up to the `◀` is the wording.
    pub fn head(&self) -> String {
        let words = match (&*self.action, self.certain) {
            (_, false) => "chưa áp dụng được chắc chắn",
            ("insert", _) => "bổ sung",
            ("repeal", _) => "hết hiệu lực",
            ("suspend", _) => "ngưng hiệu lực",
            ("phrase", _) => "thay từ ngữ",
            _ => "sửa đổi",
        };
        let day = self.since.strftime("%d/%m/%Y");
        let mut out = format!("{}: {words} theo {} từ ngày {day}\n", self.locator, self.number);
        if let Some(note) = &self.note {
            out.push_str(&format!("  ({note})\n"));
        }
        if let Some(was) = &self.was {
            let new = self.text.as_deref().filter(|text| !text.is_empty());
            out.push_str(&match new {
                Some(new) => format!("  “{was}” → “{new}”\n"),
                None => format!("  bỏ “{was}”\n"),
            });
        }
        out
    }
}

/// A change as it stands in the text.
fn marked(change: &Change) -> String {
    let mut out = format!("▶ {}", change.head());
    if let Some(text) =
        change.patch.as_ref().map(|(_, text)| text).or(change.text.as_ref().filter(|_| change.was.is_none()))
    {
        out.push_str(text.trim_end_matches('\n'));
        out.push('\n');
    }
    out.push_str("◀\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::DocumentId;
    use crate::graph::Graph;
    use crate::outline::{Level, Node, Outline};

    const TEXT: &str = "Điều 1. Phạm vi\n1. Một.\n2. Hai.\nĐiều 2. Mức chi\nMột triệu.\nĐiều 3. Thi hành\n";

    fn base() -> Document {
        let node = |path: &str, level, from: &str, to: Option<&str>| {
            let start = TEXT.find(from).unwrap();
            let end = to.map_or(TEXT.len(), |to| TEXT.find(to).unwrap());
            let label = path.rsplit(':').next().unwrap().to_owned();
            Node { path: path.into(), level, label, heading: None, span: Span::new(start, end) }
        };
        let mut document = Document { id: DocumentId("a".into()), ..Document::default() };
        document.restored.text = TEXT.into();
        document.outline = Outline {
            nodes: vec![
                node("dieu:1", Level::Dieu, "Điều 1", Some("Điều 2")),
                node("dieu:1/khoan:1", Level::Khoan, "1. Một", Some("2. Hai")),
                node("dieu:1/khoan:2", Level::Khoan, "2. Hai", Some("Điều 2")),
                node("dieu:2", Level::Dieu, "Điều 2", Some("Điều 3")),
                node("dieu:3", Level::Dieu, "Điều 3", None),
            ],
            ..Outline::default()
        };
        document
    }

    fn amending(changes: &[(&str, &str, &str)]) -> Document {
        let amendment = |(locator, action, text): &(&str, &str, &str)| Amendment {
            target: Some("1/2019/QĐ-UBND".into()),
            locator: (*locator).into(),
            action: (*action).into(),
            was: None,
            text: (*text).into(),
            span: Span::default(),
        };
        Document { amendments: changes.iter().map(amendment).collect(), ..Document::default() }
    }

    fn shown(changes: &[(&str, &str, &str)], place: Option<&str>) -> View {
        let edges: Vec<String> = changes
            .iter()
            .map(|(locator, action, _)| {
                let relation = if *action == "repeal" { "repeals" } else { "amends" };
                format!(r#"{{"from":"b","to":"a","relation":"{relation}","locator":"{locator}"}}"#)
            })
            .collect();
        let graph = Graph::from_json(&format!(
            r#"{{"docs":[{{"id":"a","number":"1/2019/QĐ-UBND","date":"2019-01-01","effective":"2019-01-01"}},
            {{"id":"b","number":"2/2020/QĐ-UBND","date":"2020-01-01","effective":"2020-02-01"}}],"edges":[{}]}}"#,
            edges.join(",")
        ))
        .unwrap();
        let place = place.map(|words| Place::parse(words).unwrap());
        let amending = amending(changes);
        let at = Date::constant(2021, 1, 1);
        view(&graph, 0, &base(), at, place.as_ref(), &|id| (id == "b").then(|| amending.clone())).unwrap()
    }

    #[test]
    fn a_new_wording_takes_the_place_of_the_old() {
        let view = shown(&[("Điều 2", "replace", "“Điều 2. Mức chi\nHai triệu.”")], None);
        assert!(view.changes[0].certain);
        assert!(
            view.text
                .contains("▶ Điều 2: sửa đổi theo 2/2020/QĐ-UBND từ ngày 01/02/2020\nĐiều 2. Mức chi\nHai triệu.\n◀")
        );
        assert!(!view.text.contains("Một triệu"));
        assert!(view.text.starts_with("Điều 1. Phạm vi") && view.text.ends_with("Điều 3. Thi hành\n"));
    }

    #[test]
    fn an_inserted_clause_follows_its_elder() {
        let view = shown(&[("khoản 1a Điều 1", "insert", "1a. Một rưỡi.")], None);
        assert!(view.changes[0].certain, "{:?}", view.changes);
        let (inserted, next) = (view.text.find("1a. Một rưỡi").unwrap(), view.text.find("2. Hai").unwrap());
        assert!(inserted < next);
    }

    #[test]
    fn a_repealed_place_is_marked_and_gone() {
        let view = shown(&[("khoản 2 Điều 1", "repeal", "")], None);
        assert!(view.text.contains("khoản 2 Điều 1: hết hiệu lực"));
        assert!(!view.text.contains("2. Hai."));
    }

    #[test]
    fn what_has_no_place_is_shown_beside_the_old() {
        let view = shown(&[("Điều 9", "replace", "Điều 9. Gì đó")], None);
        assert!(!view.changes[0].certain);
        assert!(view.text.contains("chưa áp dụng được chắc chắn") && view.text.contains("Điều 9. Gì đó"));
        assert!(view.text.contains("Một triệu"));
    }

    #[test]
    fn one_article_shows_its_own_changes_only() {
        let view =
            shown(&[("Điều 2", "replace", "Hai triệu."), ("khoản 1 Điều 1", "replace", "1. Khác.")], Some("Điều 1"));
        assert_eq!(view.changes.len(), 1);
        assert!(view.text.contains("1. Khác.") && !view.text.contains("Hai triệu"));
    }
}
