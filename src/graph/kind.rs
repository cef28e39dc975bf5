//! What sort of paper a node is, as far as validity cares.

use super::Node;

/// The sorts of paper that validity tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// Rules, and stands until ended.
    Rule,
    /// *Văn bản hợp nhất*: has no validity of its own and ends nothing.
    Consolidation,
    /// *Báo cáo*, *Tờ trình* and the like: cannot rule.
    Report,
    /// *Công văn*: rules only where it says so.
    Letter,
}

/// Codes of papers that report, propose or invite.
const REPORTS: [&str; 11] = ["BC", "TTR", "GM", "BB", "GGT", "PG", "PC", "PB", "GNP", "BGN", "BCT"];
const REPORT_WORDS: [&str; 6] = ["báo cáo", "tờ trình", "giấy mời", "biên bản", "giấy giới thiệu", "phiếu"];

/// Codes that open a State symbol with a type; any other opening is a letter's issuer.
const STATE_TYPES: [&str; 33] = [
    "NQ", "QĐ", "CT", "QC", "QYĐ", "TC", "TB", "HD", "CTR", "KH", "PA", "ĐA", "DA", "HĐ", "CĐ", "BTT", "GUQ", "NĐ",
    "TT", "TTLT", "NQLT", "L", "LCT", "PL", "HP", "SL", "CP", "LN", "QĐLT", "CTLT", "QH", "UBTVQH", "VBHN",
];

pub(crate) fn sort(node: &Node) -> Sort {
    let kind = node.kind.as_deref().unwrap_or_default().to_lowercase();
    let number = node.number.as_deref().unwrap_or_default().to_uppercase();
    if kind == "văn bản hợp nhất" || number.contains("VBHN") {
        return Sort::Consolidation;
    }
    if REPORT_WORDS.iter().any(|word| kind.starts_with(word)) {
        return Sort::Report;
    }
    if kind == "công văn" {
        return Sort::Letter;
    }
    if !kind.is_empty() {
        return Sort::Rule;
    }
    let Some(code) = type_code(&number) else { return Sort::Rule };
    if REPORTS.contains(&code) {
        return Sort::Report;
    }
    let letter = code == "CV" || (!is_party_number(&number) && is_issuer_first(&number, code));
    if letter { Sort::Letter } else { Sort::Rule }
}

/// `QĐ` of `84-QĐ/TU`, `48/2019/QĐ-UBND` and `76/QĐ-CP`; `UBND` of `1234/UBND-NC`.
fn type_code(number: &str) -> Option<&str> {
    let rest = number.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = rest.strip_prefix(['-', '/'])?;
    let rest = match rest.split_once('/') {
        Some((year, rest)) if year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => rest,
    };
    let code = rest.split(['-', '/']).next().unwrap_or_default();
    (!code.is_empty()).then_some(code)
}

/// `1234/UBND-NC`: one slash, and what follows is no type.
fn is_issuer_first(number: &str, code: &str) -> bool {
    number.matches('/').count() == 1
        && number.contains('-')
        && code.chars().all(char::is_alphabetic)
        && !STATE_TYPES.contains(&code)
}

/// `84-QĐ/TU`: Party symbols have a hyphen before the slash and no year.
fn is_party_number(number: &str) -> bool {
    let rest = number.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.starts_with('-') && rest.contains('/')
}

/// Whether the rules of Party papers apply.
pub(crate) fn is_party(node: &Node) -> bool {
    if let Some(number) = &node.number {
        return is_party_number(&number.to_uppercase());
    }
    let issuer = node.issuer.as_deref().unwrap_or_default().to_lowercase().replace('ỷ', "ủ");
    let party = ["bộ chính trị", "ban bí thư", "trung ương đảng", "ban chấp hành", "ban thường vụ", "đảng ủy"];
    party.iter().any(|word| issuer.contains(word)) || issuer.ends_with("tỉnh ủy") || issuer.ends_with("thành ủy")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(number: &str) -> Sort {
        sort(&Node { number: Some(number.into()), ..Node::default() })
    }

    #[test]
    fn numbers_tell_letters_from_rules() {
        assert_eq!(of("2210/UBND-NC"), Sort::Letter);
        assert_eq!(of("268-CV/ĐU"), Sort::Letter);
        assert_eq!(of("48/2019/QĐ-UBND"), Sort::Rule);
        assert_eq!(of("33/CT-TTg"), Sort::Rule);
        assert_eq!(of("80/2015/QH13"), Sort::Rule);
        assert_eq!(of("45/CP"), Sort::Rule);
        assert_eq!(of("236-HĐBT"), Sort::Rule);
        assert_eq!(of("312/BC-UBND"), Sort::Report);
        assert_eq!(of("08/VBHN-VPQH"), Sort::Consolidation);
        assert_eq!(of("84-QĐ/TU"), Sort::Rule);
    }

    #[test]
    fn party_papers_are_known_by_the_hyphen() {
        assert!(is_party(&Node { number: Some("84-QĐ/TU".into()), ..Node::default() }));
        assert!(!is_party(&Node { number: Some("48/2019/QĐ-UBND".into()), ..Node::default() }));
        assert!(!is_party(&Node { number: Some("236-HĐBT".into()), ..Node::default() }));
    }
}
