//! The words that say what a clause does to the act it names.

use super::Relation;
use super::page::{Page, key};

/// What a phrase before a reference says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trigger {
    /// *Căn cứ*
    Basis,
    /// *thay thế*, *bãi bỏ*, *sửa đổi* and the others that change an act.
    Effect(Relation),
    /// *thực hiện*, *triển khai*, *quán triệt* …
    Implements,
    /// *quy định chi tiết*
    Details,
    /// *hướng dẫn (thi hành)*
    Guides,
    /// *trả lời*
    Replies,
    /// *đính kèm*
    Attaches,
    /// *kèm theo*: what it means depends on where it stands.
    Along,
    /// *theo*, *tại*, *trái với* …: a plain reference; nothing further left governs it.
    Plain,
    /// *được sửa đổi, bổ sung bởi*: the act before is changed by the one behind.
    Passive(Relation),
    /// *có hiệu lực*: the clause is about something else.
    Stop,
}

macro_rules! words {
    ($($word:literal)+) => { &[$(key($word)),+] };
}

/// Whether token `n` is one of these words, or one of them stripped of its marks: `tại` and `tai`, not `tài`.
fn said(page: &Page<'_>, n: usize, words: &[&str]) -> bool {
    page.str(n).is_ascii() || page.printed(n, words)
}

/// Where the verbs joined to the one at `at` begin: `sửa đổi, bổ sung, bãi bỏ` is one deed of one actor.
fn joined(page: &Page<'_>, mut at: usize) -> usize {
    const VERBS: [&[u64]; 6] = [
        words!("sua" "doi"),
        words!("bo" "sung"),
        words!("thay" "the"),
        words!("bai" "bo"),
        words!("huy" "bo"),
        words!("dinh" "chinh"),
    ];
    while at > 2 && (page.mark(at - 1, ',') || matches!(page.word(at - 1), k if k == key("va") || k == key("hoac"))) {
        let verb = VERBS.iter().find(|words| page.phrase_before(at - 1, words));
        // `Quyết định này sửa đổi, bãi bỏ …`, not `… được bổ sung, thay thế …` with an actor between.
        let Some(verb) = verb else { break };
        at -= 1 + verb.len();
    }
    at
}

/// `sửa đổi, bổ sung` before `p`, with or without the comma: where it begins.
fn amending_before(page: &Page<'_>, p: usize) -> Option<usize> {
    if page.phrase_before(p, words!("bo" "sung")) {
        let mut at = p - 2;
        if at > 0 && (page.mark_of(at - 1, ",;") || page.word(at - 1) == key("va") || page.word(at - 1) == key("hoac"))
        {
            at -= 1;
        }
        if page.phrase_before(at, words!("sua" "doi")) {
            return Some(at - 2);
        }
        return Some(p - 2);
    }
    page.phrase_before(p, words!("sua" "doi")).then(|| p - 2)
}

/// The trigger that ends just before token `p`, and where it begins.
pub(crate) fn before(page: &Page<'_>, p: usize) -> Option<(Trigger, usize)> {
    use Trigger::*;
    const CU: u64 = key("cu");
    const THE: u64 = key("the");
    const CHO: u64 = key("cho");
    const BO: u64 = key("bo");
    const SUNG: u64 = key("sung");
    const DOI: u64 = key("doi");
    const CHINH: u64 = key("chinh");
    const LUC: u64 = key("luc");
    const HANH: u64 = key("hanh");
    const HIEN: u64 = key("hien");
    const KHAI: u64 = key("khai");
    const TRIET: u64 = key("triet");
    const HOA: u64 = key("hoa");
    const TIET: u64 = key("tiet");
    const DAN: u64 = key("dan");
    const NHAT: u64 = key("nhat");
    const LOI: u64 = key("loi");
    const DAP: u64 = key("dap");
    const KEM: u64 = key("kem");
    const THEO: u64 = key("theo");
    const TAI: u64 = key("tai");
    const BOI: u64 = key("boi");
    const BANG: u64 = key("bang");
    const VOI: u64 = key("voi");
    const TRU: u64 = key("tru");
    const PHAM: u64 = key("pham");
    const NGHI: u64 = key("nghi");
    const DUNG: u64 = key("dung");
    const XET: u64 = key("xet");
    const HOP: u64 = key("hop");
    const DUOC: u64 = key("duoc");
    const NGAY: u64 = key("ngay");
    const TRONG: u64 = key("trong");
    const TU: u64 = key("tu");
    let ends = |words: &[u64]| page.phrase_before(p, words);
    let at = |words: usize| p - words;
    Some(match page.word(p.checked_sub(1)?) {
        CU if ends(words!("can" "cu")) => (Basis, at(2)),
        THE if ends(words!("thay" "the")) => (Effect(Relation::Replaces), joined(page, at(2))),
        CHO if ends(words!("thay" "cho")) => (Effect(Relation::Replaces), at(2)),
        BO if ends(words!("bai" "bo")) || ends(words!("huy" "bo")) => (Effect(Relation::Repeals), joined(page, at(2))),
        SUNG | DOI => (Effect(Relation::Amends), joined(page, amending_before(page, p)?)),
        CHINH if ends(words!("dinh" "chinh")) => (Effect(Relation::Corrects), at(2)),
        CHINH if ends(words!("dieu" "chinh")) && page.tokens[at(2)].upper => (Effect(Relation::Amends), at(2)),
        // `Thay cụm từ “…” bằng cụm từ “…” tại …`: nothing but words is exchanged.
        TU if ends(words!("thay" "cum" "tu")) || ends(words!("bo" "cum" "tu")) => (Effect(Relation::Amends), at(3)),
        LUC if ends(words!("ngung" "hieu" "luc")) || ends(words!("chi" "hieu" "luc")) => {
            (Effect(Relation::Suspends), at(3))
        }
        LUC if ends(words!("het" "hieu" "luc")) || ends(words!("dut" "hieu" "luc")) => {
            (Effect(Relation::EndsEffect), at(3))
        }
        LUC if ends(words!("co" "hieu" "luc")) => (Stop, at(3)),
        HANH if ends(words!("thi" "hanh")) => return Some(executing(page, at(2))),
        HANH if ends(words!("chap" "hanh")) && page.word(p.wrapping_sub(3)) != key("ban") => (Plain, at(2)),
        HIEN if ends(words!("thuc" "hien")) => return Some(executing(page, at(2))),
        HIEN if lost_execution(page.str(p.saturating_sub(2))) => (Implements, p.saturating_sub(2)),
        KHAI if ends(words!("trien" "khai")) => (Implements, at(2)),
        TRIET if ends(words!("quan" "triet")) => (Implements, at(2)),
        HOA if ends(words!("cu" "the" "hoa")) || ends(words!("the" "che" "hoa")) => (Implements, at(3)),
        TIET if ends(words!("chi" "tiet")) => (Details, at(2)),
        DAN if ends(words!("huong" "dan")) && !page.tokens[at(2)].caps => {
            if detailing_before(page, at(2)) {
                (Details, at(2))
            } else {
                (Guides, at(2))
            }
        }
        NHAT if ends(words!("hop" "nhat")) && !page.phrase_before(at(2), words!("van" "ban")) => {
            (Effect(Relation::Consolidates), at(2))
        }
        LOI if ends(words!("tra" "loi")) => (Replies, at(2)),
        DAP if ends(words!("phuc" "dap")) => (Replies, at(2)),
        KEM if ends(words!("gui" "kem")) || (ends(words!("dinh" "kem")) && said(page, at(2), &["đính"])) => {
            (Attaches, at(2))
        }
        THEO if ends(words!("gui" "kem" "theo")) => (Attaches, at(3)),
        // `đính kèm theo`, not `Quy định kèm theo`.
        THEO if ends(words!("dinh" "kem" "theo")) && said(page, at(3), &["đính"]) => (Attaches, at(3)),
        THEO if ends(words!("kem" "theo")) => (Along, at(2)),
        THEO => (passive_before(page, at(1)).unwrap_or(Plain), at(1)),
        TAI | BOI | BANG if said(page, at(1), &["tại", "bởi", "bằng"]) => {
            (passive_before(page, at(1)).unwrap_or(Plain), at(1))
        }
        VOI | TRU | XET if said(page, at(1), &["với", "trừ", "xét"]) => (Plain, at(1)),
        TRONG if said(page, at(1), &["trong"]) && !page.tokens[at(1)].upper => (Plain, at(1)),
        NGAY if said(page, at(1), &["ngày"]) && !page.mark_of(p, ":") => (Stop, at(1)),
        PHAM if ends(words!("vi" "pham")) => (Plain, at(2)),
        NGHI if ends(words!("de" "nghi")) => (Plain, at(2)),
        DUNG if ends(words!("ap" "dung")) && paused_before(page, at(2)) => (Effect(Relation::Suspends), at(3)),
        DUNG if ends(words!("ap" "dung")) || ends(words!("van" "dung")) => (Plain, at(2)),
        HOP if ends(words!("phu" "hop")) => (Plain, at(2)),
        DUOC if ends(words!("nhan" "duoc")) => (Replies, at(2)),
        _ => return None,
    })
}

/// `Thuirc hiện`: what was *thực*.
fn lost_execution(word: &str) -> bool {
    let word = word.to_lowercase();
    word.len() >= 4 && word.len() <= 8 && (word.starts_with("thu") || word.starts_with("thw")) && word.ends_with('c')
}

/// `thi hành` or `thực hiện` at token `n`: what stands before it decides.
fn executing(page: &Page<'_>, n: usize) -> (Trigger, usize) {
    use Trigger::*;
    if page.phrase_before(n, words!("ngung" "hieu" "luc")) {
        return (Effect(Relation::Suspends), n - 3);
    }
    if page.phrase_before(n, words!("het" "hieu" "luc")) || page.phrase_before(n, words!("dut" "hieu" "luc")) {
        return (Effect(Relation::EndsEffect), n - 3);
    }
    if page.phrase_before(n, words!("hieu" "luc")) {
        return (Stop, n - 2);
    }
    // `Điều khoản thi hành của Thông tư …` names a part of it.
    if page.phrase_before(n, words!("dieu" "khoan")) {
        return (Plain, n - 2);
    }
    let verb = if page.phrase_before(n, words!("viec")) { n - 1 } else { n };
    if paused_before(page, verb) {
        return (Effect(Relation::Suspends), verb.saturating_sub(2));
    }
    if detailing_before(page, n) {
        return (Details, n);
    }
    if page.phrase_before(n, words!("huong" "dan")) && !page.tokens[n - 2].caps && page.tokens[n].lines == 0 {
        return if detailing_before(page, n - 2) { (Details, n - 2) } else { (Guides, n - 2) };
    }
    (Implements, n)
}

/// `đình chỉ`, `tạm dừng`, `tạm ngừng`, `tạm ngưng` just before `n`; or `không` while something is waited for.
fn paused_before(page: &Page<'_>, n: usize) -> bool {
    [words!("dinh" "chi") as &[u64], words!("tam" "dung"), words!("tam" "ngung"), words!("tam" "hoan")]
        .iter()
        .any(|words| page.phrase_before(n, words))
        || (page.phrase_before(n, words!("khong"))
            && (n.saturating_sub(24)..n).any(|at| page.phrase(at, words!("trong" "khi" "cho"))))
}

/// `quy định chi tiết (một số điều) và hướng dẫn` within a few words before `n`.
fn detailing_before(page: &Page<'_>, n: usize) -> bool {
    (n.saturating_sub(16)..n.saturating_sub(1))
        .any(|at| page.phrase(at, words!("chi" "tiet")) && (at + 2..n).all(|k| !page.mark_of(k, ".;:“")))
}

/// `được sửa đổi, bổ sung (một số điều)` before the preposition at `n`.
fn passive_before(page: &Page<'_>, n: usize) -> Option<Trigger> {
    const LOOSE: [u64; 12] = [
        key("mot"),
        key("so"),
        key("dieu"),
        key("khoan"),
        key("quy"),
        key("dinh"),
        key("noi"),
        key("dung"),
        key("toan"),
        key("bo"),
        key("lan"),
        key("diem"),
    ];
    let mut p = n;
    for _ in 0..8 {
        let effect = if let Some(start) = amending_before(page, p) {
            Some((Relation::Amends, start))
        } else if page.phrase_before(p, words!("thay" "the")) {
            Some((Relation::Replaces, p - 2))
        } else if page.phrase_before(p, words!("bai" "bo")) || page.phrase_before(p, words!("huy" "bo")) {
            Some((Relation::Repeals, p - 2))
        } else if page.phrase_before(p, words!("dinh" "chinh")) {
            Some((Relation::Corrects, p - 2))
        } else {
            None
        };
        if let Some((relation, start)) = effect {
            let passive =
                start > 0 && ([key("duoc"), key("bi")].contains(&page.word(start - 1)) || page.mark(start - 1, '('));
            return passive.then_some(Trigger::Passive(relation));
        }
        if p == 0 || !LOOSE.contains(&page.word(p - 1)) {
            return None;
        }
        p -= 1;
    }
    None
}
