//! What options take, and what is said where they are given something else.

use bytesize::ByteSize;
use jiff::civil::Date;

/// A day, `2021-12-15`.
pub(crate) fn day(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "a day is written YYYY-MM-DD, such as 2021-12-15".to_owned())
}

/// A number of bytes, `64MiB`.
pub(crate) fn size(text: &str) -> Result<ByteSize, String> {
    text.parse().map_err(|_| "a size is a number with a unit, such as 64MiB".to_owned())
}

/// A number of things of which there is at least one.
pub(crate) fn count(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|n| *n > 0).ok_or_else(|| "a whole number from 1 upwards is wanted".to_owned())
}
