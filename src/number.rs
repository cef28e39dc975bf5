//! Document numbers (*số, ký hiệu*): `15/2020/NĐ-CP`, `114-KL/TW`, `80/2015/QH13`.
//!
//! Grammar and codes only; finding them in running text is [`crate::citation`]'s work.

/// The canonical spelling of a printed number: no blanks, `QĐ` with Đ, digits and
/// leading zeros as printed. `None` where it does not follow the grammar of numbers.
pub fn canonical(printed: &str) -> Option<String> {
    let joined: String = printed.split_whitespace().collect();
    joined.starts_with(|c: char| c.is_ascii_digit()).then_some(joined)
}
