//! How many pictures a TIFF holds.

/// Pictures in `file`, at most `most`; 1 where it is no TIFF or its directory is broken.
///
/// Follows the chain of directories, which a broken or hostile file may close to a ring.
pub(crate) fn n_pages(file: &[u8], most: usize) -> usize {
    let bytes = |at: usize, n: usize| file.get(at..)?.get(..n);
    let big_endian = match file.get(..4) {
        Some(b"II*\0") => false,
        Some(b"MM\0*") => true,
        _ => return 1,
    };
    let number = |at: usize, n: usize| {
        let bytes = bytes(at, n)?.iter();
        let add = |sum: usize, byte: &u8| sum << 8 | usize::from(*byte);
        Some(if big_endian { bytes.fold(0, add) } else { bytes.rev().fold(0, add) })
    };
    let mut n_pages = 0;
    let mut next = number(4, 4);
    while let Some(at) = next.filter(|at| *at != 0)
        && n_pages < most
    {
        let Some(n_entries) = number(at, 2) else { break };
        n_pages += 1;
        next = number(at + 2 + 12 * n_entries, 4);
    }
    n_pages.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Directories without entries, each pointing at the next; the last at `last`.
    fn tiff(n: u8, last: u8) -> Vec<u8> {
        let mut file = b"II*\0\x08\0\0\0".to_vec();
        for k in 0..n {
            let next = if k + 1 == n { last } else { 8 + 6 * (k + 1) };
            file.extend([0, 0, next, 0, 0, 0]);
        }
        file
    }

    #[test]
    fn directories_are_counted_and_a_ring_ends_at_the_limit() {
        assert_eq!(n_pages(&tiff(3, 0), 100), 3);
        assert_eq!(n_pages(&tiff(3, 8), 100), 100);
        assert_eq!(n_pages(&tiff(3, 200), 100), 3);
        assert_eq!(n_pages(b"II*\0\xFF\xFF\xFF\xFF", 100), 1);
        assert_eq!(n_pages(b"\x89PNG", 100), 1);
    }
}
