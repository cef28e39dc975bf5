//! Who may change what: where a clause reads as if a paper changed one above it, it tells of the act that did.
//!
//! A reference of that kind becomes a mention, and the doubt is reported. Corrections, and suspensions of all but laws,
//! are left as they read: bodies below pass them on.

use super::identity::Registry;
use crate::citation::Relation;
use crate::graph::kind::{self, Sort};
use crate::graph::{NodeIndex, Relations};
use crate::text::fold;

/// Papers that lay down no rules: they report, ask, answer and explain.
const EXPLAINING: [&str; 5] = ["cong van", "bao cao", "to trinh", "phieu", "giay moi"];

/// Papers below the decrees of the government, besides those that explain.
const BELOW_DECREES: [&str; 6] = ["thong tu", "thong tu lien tich", "thong bao", "huong dan", "ke hoach", "quy dinh"];

/// What laws are changed by.
const LEGISLATING: [&str; 7] = ["luat", "bo luat", "hien phap", "phap lenh", "nghi quyet", "lenh", "dieu le"];

impl Registry {
    /// Why `from` cannot do this to `to`.
    pub(super) fn beyond_competence(&self, from: NodeIndex, to: NodeIndex, relation: Relation) -> Option<String> {
        let kept = [Relation::Corrects, Relation::ReplacedBy, Relation::AmendedBy];
        if !Relations::CHANGES.has(relation) || kept.contains(&relation) {
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
            _ if charter => LEGISLATING.contains(&kind),
            Some("luat" | "bo luat" | "hien phap") => LEGISLATING.contains(&kind),
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
    use crate::graph::Graph;

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
