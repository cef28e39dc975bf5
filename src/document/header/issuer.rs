//! Who issued the paper: the name without locality, from the head, the formula and the signature.

use super::foot::{Signature, Signing};
use super::head::Head;
use super::words::{begins_alike, canonical_tones, cased};
use crate::text::fold;

/// The issuer without locality, and the long form as printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Issuer {
    pub(super) name: Option<String>,
    pub(super) printed: Option<String>,
}

/// A printed name taken apart.
#[derive(Clone, Debug, Default)]
struct Body {
    /// Without locality, with the word of its level: `ỦY BAN NHÂN DÂN TỈNH`.
    name: String,
    /// `SÔNG THAO`.
    locality: String,
}

/// Committees whose name is followed by a place name at once.
const LOCAL: [&str; 9] =
    ["tinh uy", "thanh uy", "huyen uy", "quan uy", "thi uy", "tinh doan", "thanh doan", "huyen doan", "quan doan"];

/// Words of a level, after which a place name follows.
const LEVELS: [&str; 11] =
    ["thanh pho", "thi xa", "thi tran", "dac khu", "tinh", "huyen", "quan", "phuong", "xa", "tp", "tp."];

/// Words with which the name of a body of its own begins.
const STARTS: [&str; 34] = [
    "uy ban",
    "ubnd",
    "hoi dong",
    "hdnd",
    "tinh uy",
    "thanh uy",
    "huyen uy",
    "quan uy",
    "thi uy",
    "dang uy",
    "dang bo",
    "ban",
    "bo",
    "so",
    "cuc",
    "tong cuc",
    "van phong",
    "chi cuc",
    "thanh tra",
    "truong",
    "vien",
    "quoc hoi",
    "chinh phu",
    "thu tuong",
    "toa an",
    "vien kiem sat",
    "kiem toan",
    "ngan hang",
    "bao hiem",
    "tinh doan",
    "hoi",
    "lien doan",
    "doan",
    "chu tich",
];

/// Takes a name apart at its level and locality.
fn body(printed: &str) -> Body {
    let tokens: Vec<&str> = printed.split_whitespace().collect();
    let folded: Vec<String> =
        tokens.iter().map(|token| fold(token).trim_matches(|c: char| !c.is_alphanumeric()).to_owned()).collect();
    let pair = |at: usize| format!("{} {}", folded[at], folded.get(at + 1).map_or("", String::as_str));
    for at in 0..tokens.len() {
        if LOCAL.contains(&pair(at).as_str()) {
            return cut(&tokens, at + 2);
        }
        // `ĐẢNG ỦY KHỐI CÁC CƠ QUAN TỈNH` is no level but a name.
        let two = LEVELS.contains(&pair(at).as_str());
        let one = LEVELS.contains(&folded[at].as_str());
        // Not the «quan» of `CƠ QUAN`, not the «xã» of `BẢO HIỂM XÃ HỘI`.
        let other_word = at > 0
            && (folded[at] == "quan" && folded[at - 1] == "co"
                || folded[at] == "xa" && folded.get(at + 1).is_some_and(|next| next == "hoi"));
        if at > 0 && (two || one) && !other_word {
            let past = at + if two { 2 } else { 1 };
            return cut(&tokens, past);
        }
    }
    Body { name: tokens.join(" "), locality: String::new() }
}

fn cut(tokens: &[&str], at: usize) -> Body {
    let at = at.min(tokens.len());
    Body { name: tokens[..at].join(" "), locality: tokens[at..].join(" ") }
}

/// Joins the printed lines of the left column into names: `ỦY BAN NHÂN DÂN` / `TỈNH SÔNG THAO`.
fn names(lines: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for line in lines {
        let folded = fold(line);
        let begins_level =
            LEVELS.iter().any(|level| folded.strip_prefix(level).is_some_and(|rest| rest.starts_with(' ')))
                && !LOCAL.iter().any(|local| folded.starts_with(local));
        let begins_name = STARTS
            .iter()
            .any(|start| folded.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')));
        // `HỘI ĐỒNG NHÂN DÂN / TỈNH …`, and a name that ran over its line.
        if let Some(last) = names.last_mut()
            && (begins_level || !begins_name)
        {
            last.push(' ');
            last.push_str(line);
        } else {
            names.push(line.clone());
        }
    }
    names
}

/// Decides who issued. The signature says most, then the line `CỦA …`, the formula, the head.
pub(super) fn decide(head: &Head, signature: &Signature) -> Issuer {
    let names = names(&head.bodies);
    let own = names.last().map(|name| body(name));
    let above = (names.len() > 1).then(|| body(&names[0]));
    let Some(own) = own else { return without_head(head, signature) };
    let own_key = fold(&own.name);
    let above_key = above.as_ref().map(|above| fold(&above.name)).unwrap_or_default();

    // An office of a Party committee: `TỈNH ỦY …` / `BAN TUYÊN GIÁO`.
    let is_office = LOCAL.iter().any(|local| above_key == *local) && !own_key.starts_with("dang uy");
    let (mut name, mut locality) = if is_office {
        let above = above.clone().unwrap_or_default();
        (format!("{} {}", own.name, above.name), above.locality)
    } else if matches!(own_key.as_str(), "ban chap hanh" | "ban thuong vu")
        && (above_key.starts_with("dang bo") || above_key.starts_with("dang uy"))
    {
        // `ĐẢNG BỘ THÀNH PHỐ …` / `BAN CHẤP HÀNH`.
        let above = above.clone().unwrap_or_default();
        return spelled(&format!("{} {}", own.name, above.name), &above.locality);
    } else if above_key == "ban chap hanh trung uong" {
        (format!("{} TRUNG ƯƠNG", own.name), String::new())
    } else if own.locality.is_empty()
        && (above_key.starts_with("ubnd")
            || above_key.starts_with("uy ban nhan dan")
            || above_key.starts_with("dang bo"))
    {
        let above = above.clone().unwrap_or_default();
        let level = above.name.split_whitespace().last().unwrap_or("").to_owned();
        let ends_in_level = LEVELS.iter().any(|level| own_key.ends_with(&format!(" {level}")));
        let locality =
            if ends_in_level || level.is_empty() { above.locality } else { format!("{level} {}", above.locality) };
        (own.name.clone(), locality)
    } else {
        (own.name.clone(), own.locality.clone())
    };

    let signed_for =
        signature.on_behalf.as_deref().filter(|_| matches!(signature.signing, Signing::OnBehalf | Signing::ByOrder));
    let of = head.of.as_deref();
    let spoken = signed_for.or(of).or(head.enacting.as_deref()).map(fold).unwrap_or_default();
    let party = LOCAL.iter().any(|local| own_key == *local)
        || own_key.starts_with("dang uy")
        || own_key.starts_with("ban chap hanh");
    if party && !is_office {
        if begins_alike(&spoken, "ban thuong vu") {
            name = format!("BAN THƯỜNG VỤ {name}");
        } else if begins_alike(&spoken, "ban chap hanh") && own_key != "ban chap hanh trung uong" {
            let level = match own_key.as_str() {
                "tinh uy" => "tỉnh",
                "thanh uy" => "thành phố",
                "huyen uy" => "huyện",
                "quan uy" => "quận",
                "thi uy" => "thị xã",
                _ => "",
            };
            if level.is_empty() {
                name = name.replacen(
                    name.split_whitespace().take(2).collect::<Vec<_>>().join(" ").as_str(),
                    "BAN CHẤP HÀNH ĐẢNG BỘ",
                    1,
                );
            } else {
                name = format!("BAN CHẤP HÀNH ĐẢNG BỘ {level}");
            }
        } else if begins_alike(&spoken, "bo chinh tri") {
            (name, locality) = ("BỘ CHÍNH TRỊ".into(), String::new());
        } else if begins_alike(&spoken, "ban bi thu") {
            (name, locality) = ("BAN BÍ THƯ".into(), String::new());
        }
    }
    // The chairman decides in his own name where the formula or the signature says so.
    if own_key.starts_with("uy ban nhan dan") {
        let formula = head.enacting.as_deref().or(of).map(fold).unwrap_or_default();
        let alone = matches!(signature.signing, Signing::Own | Signing::Deputy)
            && signature.role.as_deref().is_some_and(|role| fold(role).ends_with("chu tich"))
            && signature.on_behalf.is_none();
        if formula.starts_with("chu tich uy ban") || alone && !formula.starts_with("uy ban nhan dan") {
            name = format!("CHỦ TỊCH {name}");
        }
    }
    spelled(&name, &locality)
}

/// Both forms in the case in which they are cited.
fn spelled(name: &str, locality: &str) -> Issuer {
    let cited = cased(name);
    let whole = format!("{name} {locality}");
    let printed = cased(whole.trim());
    // `Ban Thường vụ Tỉnh ủy`: the committee itself keeps its capital after another name.
    Issuer {
        name: Some(canonical_tones(&cited)).filter(|name| !name.is_empty()),
        printed: Some(printed).filter(|name| !name.is_empty()),
    }
}

/// `BỘ TRƯỞNG`, `TL. CỤC TRƯỞNG`: a post without its body.
fn is_bare_post(name: &str) -> bool {
    const POSTS: [&str; 12] = [
        "bo truong",
        "thu truong",
        "cuc truong",
        "tong cuc truong",
        "vu truong",
        "chu tich",
        "pho chu tich",
        "giam doc",
        "tong giam doc",
        "truong ban",
        "bi thu",
        "chanh van phong",
    ];
    POSTS.contains(&fold(name).trim_end_matches([',', '.', ' ']))
}

/// The head is lost: the line `CỦA …`, the formula or the signature must do.
fn without_head(head: &Head, signature: &Signature) -> Issuer {
    let Some(said) = head.of.as_deref().or(signature.on_behalf.as_deref()).or(head.enacting.as_deref()) else {
        return Issuer::default();
    };
    let said = body(said);
    // `T/M BAN THƯỜNG VỤ` alone does not say of which committee.
    if fold(&said.name) == "ban thuong vu" || is_bare_post(&said.name) {
        return Issuer::default();
    }
    let is_capitals = crate::text::is_upper(&said.name);
    if is_capitals {
        spelled(&said.name, &said.locality)
    } else {
        Issuer {
            name: Some(canonical_tones(&said.name)),
            printed: Some(format!("{} {}", said.name, said.locality).trim().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer(bodies: &[&str], signature: Signature) -> (String, String) {
        let head = Head { bodies: bodies.iter().map(|&body| body.to_owned()).collect(), ..Head::default() };
        let issuer = decide(&head, &signature);
        (issuer.name.unwrap_or_default(), issuer.printed.unwrap_or_default())
    }

    fn signed(signing: Signing, on_behalf: Option<&str>, role: &str) -> Signature {
        Signature {
            signing,
            on_behalf: on_behalf.map(str::to_owned),
            role: Some(role.to_owned()),
            ..Signature::default()
        }
    }

    #[test]
    fn the_signature_tells_the_committee_from_its_bureau() {
        let bodies = ["TỈNH UỶ SÔNG THAO"];
        assert_eq!(
            issuer(&bodies, signed(Signing::OnBehalf, Some("BAN THƯỜNG VỤ"), "BÍ THƯ")),
            ("Ban Thường vụ Tỉnh ủy".into(), "Ban Thường vụ Tỉnh uỷ Sông Thao".into())
        );
        assert_eq!(issuer(&bodies, signed(Signing::OnBehalf, Some("TỈNH ỦY"), "BÍ THƯ")).0, "Tỉnh ủy");
        assert_eq!(
            issuer(&bodies, signed(Signing::OnBehalf, Some("BAN CHẤP HÀNH"), "BÍ THƯ")).0,
            "Ban Chấp hành Đảng bộ tỉnh"
        );
    }

    #[test]
    fn offices_belong_to_the_body_above() {
        assert_eq!(
            issuer(&["TỈNH ỦY SÔNG THAO", "VĂN PHÒNG"], signed(Signing::Own, None, "CHÁNH VĂN PHÒNG")).0,
            "Văn phòng Tỉnh ủy"
        );
        assert_eq!(
            issuer(&["UBND TỈNH SÔNG THAO", "SỞ GIÁO DỤC VÀ ĐÀO TẠO"], signed(Signing::Own, None, "GIÁM ĐỐC")),
            ("Sở Giáo dục và Đào tạo".into(), "Sở Giáo dục và Đào tạo tỉnh Sông Thao".into())
        );
        assert_eq!(
            issuer(
                &["ĐẢNG BỘ TỈNH SÔNG THAO", "ĐẢNG ỦY PHƯỜNG VÂN PHÚ"],
                signed(Signing::OnBehalf, Some("ĐẢNG ỦY"), "BÍ THƯ")
            )
            .0,
            "Đảng ủy phường"
        );
    }

    #[test]
    fn the_chairman_may_decide_alone() {
        let bodies = ["ỦY BAN NHÂN DÂN", "TỈNH SÔNG THAO"];
        assert_eq!(issuer(&bodies, signed(Signing::Own, None, "CHỦ TỊCH")).0, "Chủ tịch Ủy ban nhân dân tỉnh");
        assert_eq!(
            issuer(&bodies, signed(Signing::OnBehalf, Some("ỦY BAN NHÂN DÂN"), "CHỦ TỊCH")).0,
            "Ủy ban nhân dân tỉnh"
        );
    }
}
