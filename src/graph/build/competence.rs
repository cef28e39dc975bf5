//! Who may change what: where a clause reads as if a paper changed one above it or one still to come, it tells of the
//! act that did.
//!
//! A reference of that kind becomes a mention, and the doubt is reported. Corrections, and suspensions of all but laws,
//! are left as they read: bodies below pass them on.

use super::identity::{Registry, year_of};
use crate::citation::{Relation, changes_laws, is_law};
use crate::graph::kind::{self, Sort};
use crate::graph::{NodeIndex, Relations};
use crate::text::fold;

/// Papers that lay down no rules: they report, ask, answer and explain.
const EXPLAINING: [&str; 5] = ["cong van", "bao cao", "to trinh", "phieu", "giay moi"];

/// Papers below the decrees of the government, besides those that explain.
const BELOW_DECREES: [&str; 6] = ["thong tu", "thong tu lien tich", "thong bao", "huong dan", "ke hoach", "quy dinh"];

impl Registry {
    /// Why `from` cannot stand in this relation to `to`, and what sort of doubt that is.
    pub(super) fn impossible(
        &self,
        from: NodeIndex,
        to: NodeIndex,
        relation: Relation,
    ) -> Option<(&'static str, String)> {
        // Told of the changed act, it is the other that acts.
        let (actor, target, deed) = match relation {
            Relation::AmendedBy => (to, from, Relation::Amends),
            Relation::ReplacedBy => (to, from, Relation::Replaces),
            _ => (from, to, relation),
        };
        let above = self.beyond_competence(actor, target, deed).map(|why| ("beyond_competence", why));
        above.or_else(|| Some(("replacer_older_than_target", self.before_its_target(actor, target, deed)?)))
    }

    /// Why `from` is too old to do this to `to`. Only days that the years in the numbers bear out are taken at their
    /// word: scans lose figures, and numbers of old have no year.
    fn before_its_target(&self, from: NodeIndex, to: NodeIndex, relation: Relation) -> Option<String> {
        let serves = Relations::of(&[Relation::Basis, Relation::Implements, Relation::Details, Relation::Guides]);
        if !Relations::CHANGES.or(serves).has(relation) {
            return None;
        }
        let day = |node: NodeIndex| {
            let node = &self.drafts[node as usize].node;
            node.date.filter(|date| node.number.as_deref().and_then(year_of) == Some(date.year()))
        };
        let (own, other) = (day(from)?, day(to)?);
        let name = |node: NodeIndex| self.drafts[node as usize].node.number.as_deref().unwrap_or_default();
        (own < other)
            .then(|| format!("taken for a mention: {} of {own} is older than {} of {other}", name(from), name(to)))
    }

    /// Why `from` cannot do this to `to`.
    fn beyond_competence(&self, from: NodeIndex, to: NodeIndex, relation: Relation) -> Option<String> {
        if !Relations::CHANGES.has(relation) || relation == Relation::Corrects {
            return None;
        }
        let (actor, target) = (&self.drafts[from as usize], &self.drafts[to as usize]);
        if relation == Relation::Consolidates {
            let word = actor.node.kind.as_deref()?;
            let other = kind::sort(&actor.node) != Sort::Consolidation;
            return other.then(|| format!("taken for a mention: a {word} consolidates nothing"));
        }
        let charter = target.node.title.as_deref().is_some_and(|title| {
            let title = fold(title);
            title.starts_with("dieu le dang") && !title.starts_with("dieu le dang ky")
        });
        let kind = actor.kind.as_deref()?;
        let explains = EXPLAINING.contains(&kind);
        let may = match target.kind.as_deref() {
            _ if charter => changes_laws(kind),
            Some(law) if is_law(law) => changes_laws(kind),
            _ if relation == Relation::Suspends => true,
            Some("phap lenh" | "nghi dinh") => !explains && !BELOW_DECREES.contains(&kind),
            Some("thong tu" | "thong tu lien tich") => !explains,
            _ => true,
        };
        if may {
            return None;
        }
        let over = match (&target.node.kind, charter) {
            (_, true) => "the Party Charter".to_owned(),
            (word, false) => format!("a {}", word.as_deref().unwrap_or_default()),
        };
        let word = actor.node.kind.as_deref().unwrap_or(kind);
        Some(format!("taken for a mention: a {word} cannot change {over}"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{cite, paper};
    use crate::citation::Relation;
    use crate::graph::facts::Reference;
    use crate::graph::{Graph, Lineage};

    #[test]
    fn no_paper_changes_one_still_to_come() {
        let of = |date: &str, target: &str, day: &str| {
            let reference = cite(Relation::Amends, target, "Thông tư", day);
            let paper = paper("a", "12/2014/TT-BTV", "Thông tư", date, vec![reference]);
            let graph = Graph::from_facts(vec![paper], &[]);
            (graph.edges()[0].relation, graph.doubts.iter().map(|doubt| doubt.kind.clone()).collect::<Vec<_>>())
        };
        let (relation, doubts) = of("2014-03-01", "30/2016/TT-BTV", "2016-05-01");
        assert_eq!((relation, &doubts[..]), (Relation::Cites, &["replacer_older_than_target".to_owned()][..]));
        assert_eq!(of("2014-03-01", "30/2012/TT-BTV", "2012-05-01"), (Relation::Amends, vec![]));
        let served = cite(Relation::Implements, "30/2016/TT-BTV", "Thông tư", "2016-05-01");
        let graph = Graph::from_facts(vec![paper("a", "12/2014/TT-BTV", "Thông tư", "2014-03-01", vec![served])], &[]);
        assert_eq!(graph.edges()[0].relation, Relation::Cites);
        // A day that the number denies may be misread: the deed stays.
        for (date, target, day) in
            [("2004-03-01", "30/2012/TT-BTV", "2012-05-01"), ("2014-03-01", "30/2012/TT-BTV", "2021-05-01")]
        {
            assert_eq!(of(date, target, day).0, Relation::Amends, "{date} {target}");
        }
    }

    #[test]
    fn what_is_told_of_a_third_paper_is_told_by_its_text() {
        let law = cite(Relation::Cites, "97/2015/QH13", "Luật", "");
        let told = cite(Relation::AmendedBy, "82/2023/NĐ-CP", "Nghị định", "");
        let told = Reference { of: Some("97/2015/QH13".into()), ..told };
        let graph =
            Graph::from_facts(vec![paper("a", "7/2024/TT-BTV", "Thông tư", "2024-01-15", vec![law, told])], &[]);
        let edge = graph.edges().iter().find(|edge| graph.node(edge.to).number.as_deref() == Some("82/2023/NĐ-CP"));
        let edge = edge.unwrap();
        assert_eq!((edge.relation, graph.node(edge.from).id.as_str()), (Relation::Cites, "a"));
        assert_eq!(graph.doubts[0].kind, "beyond_competence");
    }

    #[test]
    fn no_paper_changes_one_above_it() {
        let of = |actor: &str, relation: Relation, target: &str, number: &str| {
            let reference = cite(relation, number, target, "");
            let graph = Graph::from_facts(vec![paper("a", "3609/TCT-CS", actor, "2019-11-15", vec![reference])], &[]);
            (graph.edges()[0].clone(), graph.doubts)
        };
        for (actor, target, number) in [
            ("Thông tư", "Luật", "54/2014/QH13"),
            ("Công văn", "Thông tư", "156/2013/TT-BTC"),
            ("Thông tư", "Nghị định", "204/2004/NĐ-CP"),
            ("Báo cáo", "Nghị định", "204/2004/NĐ-CP"),
        ] {
            let (edge, doubts) = of(actor, Relation::Amends, target, number);
            assert_eq!(edge.relation, Relation::Cites, "{actor} {target}");
            let why = edge.why.unwrap();
            assert!(why.contains(&format!("a {actor} cannot change a {target}")), "{why}");
            assert_eq!(doubts[0].kind, "beyond_competence");
        }
        let (edge, _) = of("Nghị định", Relation::Consolidates, "Luật", "59/2020/QH14");
        assert_eq!(edge.relation, Relation::Cites);
        for (actor, relation, target, number) in [
            ("Nghị định", Relation::Repeals, "Thông tư", "156/2013/TT-BTC"),
            ("Nghị định", Relation::Replaces, "Pháp lệnh", "34/2007/PL-UBTVQH11"),
            ("Công văn", Relation::Corrects, "Nghị định", "204/2004/NĐ-CP"),
            ("Công văn", Relation::Suspends, "Thông tư", "156/2013/TT-BTC"),
            ("Công văn", Relation::Replaces, "Công văn", "12/UBND-NC"),
            ("Văn bản hợp nhất", Relation::Consolidates, "Luật", "59/2020/QH14"),
        ] {
            assert_eq!(of(actor, relation, target, number).0.relation, relation, "{actor} {target}");
        }
    }
}
