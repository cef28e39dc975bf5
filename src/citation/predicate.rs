//! The words right of a mention: what the rest of the sentence says of its subject.

use super::clause::REACH;
use super::page::{Kind, key};
use super::relation::Clauses;
use super::sentence;
use super::{Act, Relation};

macro_rules! words {
    ($($word:literal)+) => { &[$(key($word)),+] };
}

const NAY: u64 = key("nay");
const DA: u64 = key("da");

/// Tokens of a list of subjects before its verb: longer ones are read as separate remarks.
const LONGEST_LIST: usize = 1_200;

/// What the rest of the sentence says of its subject: the relation, the trigger, whether it is revived.
pub(super) type Right = (Relation, Option<(usize, usize)>, bool);

impl Clauses<'_, '_> {
    /// What the rest of the sentence says about the mention as its subject.
    pub(super) fn look_right(&self, n: usize, start: usize) -> Option<Right> {
        let page = self.page;
        // `sau khi Nghị định … hết hiệu lực`, `nếu Quyết định … bị bãi bỏ` tell when, not that.
        let lead = self.lead(self.mentions[n].tokens.0, start);
        let supposed = lead > start
            && (matches!(page.word(lead - 1), k if k == key("khi") || k == key("neu"))
                || page.phrase_before(lead, words!("truong" "hop")));
        if supposed {
            return None;
        }
        let last = self.sentences.end(self.mentions[n].tokens.1.saturating_sub(1));
        let mut end = last.min(self.mentions[n].tokens.1 + REACH);
        let mut q = self.mentions[n].tokens.1;
        let mut next = n + 1;
        let mut quoted = false;
        let mut depth = 0usize;
        let mut corrected = false;
        while q < end {
            if let Some(mention) = self.mentions.get(next).filter(|mention| mention.tokens.0 <= q) {
                if mention.tokens.1 > q && !matches!(mention.act, Act::Nothing | Act::This) {
                    q = mention.tokens.1;
                }
                next += 1;
                if q >= end {
                    break;
                }
                continue;
            }
            if page.tokens[q].kind == Kind::Mark {
                match page.str(q) {
                    "“" => quoted = true,
                    "”" => quoted = false,
                    "(" => depth += 1,
                    ")" if depth == 0 => return None,
                    ")" => depth -= 1,
                    ";" if !quoted && depth == 0 && !corrected => {
                        // `A; B; C hết hiệu lực`: the members of a list share what is said at its end.
                        let member = self.mentions.get(next).filter(|member| {
                            self.lead(member.tokens.0, q + 1) == q + 1
                                && !matches!(member.act, Act::Nothing | Act::This)
                        });
                        let heads = self.mentions[n].tokens.0 <= sentence::content(page, start) + 1;
                        // `A về chính sách đối với sĩ quan thôi phục vụ; sĩ quan hy sinh hết hiệu lực`: the title goes on.
                        let titled = || self.title_goes_on(n, next, q + 1, last);
                        if member.is_none() && !titled() || !heads || q > start + LONGEST_LIST {
                            return None;
                        }
                        end = last.min(q + REACH);
                    }
                    _ => {}
                }
                q += 1;
                continue;
            }
            if quoted || depth > 0 {
                q += 1;
                continue;
            }
            let hit = |relation, len| Some((relation, Some((q, q + len)), false));
            let word = page.word(q);
            let back = |k: usize| page.word(q.wrapping_sub(k));
            let passive = [key("duoc"), key("bi")].contains(&back(1));
            let told = (1..=3).any(|k| back(k) == DA);
            let not = (1..=3).any(|k| [key("khong"), key("chua")].contains(&back(k)));
            if page.phrase(q, words!("hieu" "luc")) {
                if back(1) == key("het") || back(1) == key("dut") || (back(1) == key("con") && back(2) == key("khong"))
                {
                    if told
                        || (not && back(1) != key("con"))
                        || self.blanket(start, q)
                        || self.proposed(q, start, start)
                    {
                        return None;
                    }
                    return hit(Relation::EndsEffect, 2);
                }
                // `B quy định ngưng hiệu lực một phần C hết hiệu lực`: what B did to C is its title.
                if back(1) == key("ngung") && !self.says_no_object(q + 2) {
                    q += 2;
                    continue;
                }
                if back(1) == key("ngung") || back(1) == key("chi") {
                    return if told || not || self.proposed(q, start, start) {
                        None
                    } else {
                        hit(Relation::Suspends, 2)
                    };
                }
                if back(1) == key("co") {
                    let again = (q + 2..end.min(q + 6)).any(|k| page.phrase(k, words!("tro" "lai")));
                    return again.then_some((Relation::Cites, Some((q - 1, q + 2)), true));
                }
            }
            let back_in_force = (q + 2..end.min(q + 5)).any(|k| page.phrase(k, words!("hieu" "luc")));
            if back_in_force && (page.phrase(q, words!("khoi" "phuc")) || page.phrase(q, words!("phuc" "hoi"))) {
                return Some((Relation::Cites, Some((q, q + 2)), true));
            }
            if passive && (page.phrase(q, words!("bai" "bo")) || page.phrase(q, words!("huy" "bo"))) {
                if told
                    || not
                    || self.blanket(start, q)
                    || self.proposed(q, start, start)
                    || self.agent(q + 2, end) == Agent::Other
                {
                    return None;
                }
                return hit(Relation::Repeals, 2);
            }
            if page.phrase(q, words!("thay" "the")) {
                if !passive || told || not || self.proposed(q, start, start) {
                    return None;
                }
                return if self.agent(q + 2, end) == Agent::Other { None } else { hit(Relation::Replaces, 2) };
            }
            if passive && page.phrase(q, words!("sua" "doi")) {
                let anew = (q + 2..end.min(q + 8)).any(|k| page.phrase(k, words!("nhu" "sau")));
                if anew {
                    return if !told && !not { hit(Relation::Amends, 2) } else { None };
                }
                // `A được sửa đổi, bổ sung một số điều theo B hết hiệu lực`: by what A was changed is said in passing.
                let agent = (q + 2..end.min(q + 12)).find(|k| self.agent(*k, end) != Agent::None)?;
                q = agent + 1;
                continue;
            }
            if page.phrase(q, words!("da" "in")) || page.phrase(q, words!("in" "nham")) {
                corrected = true;
            }
            if corrected
                && (page.phrase(q, words!("sua" "lai"))
                    || page.phrase(q, words!("nay" "sua"))
                    || page.phrase(q, words!("doc" "la")))
            {
                return hit(Relation::Corrects, 2);
            }
            if passive && page.phrase(q, words!("dinh" "chinh")) {
                return if told { None } else { hit(Relation::Corrects, 2) };
            }
            if word == key("thay") && page.word(q + 1) == key("cho") {
                return None;
            }
            q += 1;
        }
        None
    }

    /// Whether nothing is named behind `hiệu lực (thi hành)` that loses it: a day, a sign or the end follows.
    fn says_no_object(&self, from: usize) -> bool {
        let page = self.page;
        const VERBS: [&[u64]; 3] = [words!("thi" "hanh"), words!("ap" "dung"), words!("thuc" "hien")];
        let after = if VERBS.iter().any(|words| page.phrase(from, words)) { from + 2 } else { from };
        const WHEN: [u64; 10] = [
            key("tu"),
            key("ke"),
            key("den"),
            key("cho"),
            key("trong"),
            key("sau"),
            key("khi"),
            key("va"),
            key("de"),
            key("theo"),
        ];
        page.get(after)
            .is_none_or(|token| token.kind != Kind::Word || token.lines > 1 || WHEN.contains(&page.word(after)))
    }

    /// Whether the words behind a `;` at the head of the sentence belong to the title of its only act.
    fn title_goes_on(&self, n: usize, next: usize, from: usize, last: usize) -> bool {
        const OTHERS: [u64; 9] = [
            key("cac"),
            key("nhung"),
            key("mau"),
            key("bieu"),
            key("phu"),
            key("khoan"),
            key("dieu"),
            key("diem"),
            key("quy"),
        ];
        let page = self.page;
        let small = page.get(from).is_some_and(|token| token.kind == Kind::Word && !token.upper);
        let alone = self.mentions.get(next).is_none_or(|mention| mention.tokens.0 >= last)
            || self.mentions[next..]
                .iter()
                .take_while(|mention| mention.tokens.0 < last)
                .all(|mention| matches!(mention.act, Act::This | Act::Nothing));
        small
            && alone
            && !OTHERS.contains(&page.word(from))
            && self.is_title(self.mentions[n].tokens.1, self.mentions[n].tokens.1 + 2)
    }

    /// `Những quy định trước đây trái với … đều bãi bỏ`
    pub(super) fn blanket(&self, start: usize, at: usize) -> bool {
        (start..at).any(|k| self.page.phrase(k, words!("trai" "voi")))
    }

    pub(super) fn agent(&self, from: usize, end: usize) -> Agent {
        let page = self.page;
        let led = [key("boi"), key("bang"), key("tai"), key("theo")].contains(&page.word(from));
        if !led {
            return Agent::None;
        }
        let itself = (from..end.min(from + 24)).any(|k| page.word(k) == NAY);
        if itself { Agent::Itself } else { Agent::Other }
    }
}

#[derive(PartialEq)]
pub(super) enum Agent {
    None,
    Itself,
    Other,
}
