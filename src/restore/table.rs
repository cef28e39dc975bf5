//! A static map from 64-bit hashes to small values, used where it lies.
//!
//! A binary fuse filter (Graf and Lemire, 2022) that carries a value beside the
//! fingerprint: three reads per look-up, 1.13 to 1.2 cells per key, no keys
//! stored. A key that was never put in is taken for one that was with
//! probability `2^-fingerprint_bits`.

/// Bytes of a table's header.
const HEADER: usize = 24;
/// Bytes after the last cell, so that any cell can be read as one word.
const SLACK: usize = 8;

/// A table inside a model file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table<'m> {
    cells: &'m [u8],
    seed: u64,
    segment: u32,
    span: u32,
    value_bits: u32,
    width: u32,
}

/// Where a hash has its three cells.
struct Geometry {
    segment: u32,
    /// First cells lie in `0..span`.
    span: u32,
}

impl Geometry {
    fn new(n_keys: usize) -> Geometry {
        let n = n_keys.max(2) as f64;
        let log = (n.ln() / 3.33f64.ln() + 2.25).floor();
        let segment = 1u32 << (log as u32).min(18);
        let factor = (0.875 + 0.25 * 1e6f64.ln() / n.ln()).max(1.125);
        let n_segments = ((n * factor / f64::from(segment)).ceil() as u32).max(3) - 2;
        Geometry { segment, span: n_segments * segment }
    }

    fn n_cells(&self) -> usize {
        (self.span + 2 * self.segment) as usize
    }
}

/// The three cells of a mixed hash.
#[inline]
fn cells(hash: u64, segment: u32, span: u32) -> [usize; 3] {
    let mask = u64::from(segment - 1);
    let first = ((u128::from(hash) * u128::from(span)) >> 64) as u64;
    let second = (first + u64::from(segment)) ^ ((hash >> 18) & mask);
    let third = (first + 2 * u64::from(segment)) ^ (hash & mask);
    [first as usize, second as usize, third as usize]
}

/// Spreads a key's hash under a table's seed.
#[inline]
fn mix(hash: u64, seed: u64) -> u64 {
    let mut mixed = hash.wrapping_add(seed);
    mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    mixed ^ (mixed >> 33)
}

/// The fingerprint above `value_bits` bits of value, from bits the cells do not use up.
#[inline]
fn fingerprint(hash: u64, value_bits: u32, width: u32) -> u64 {
    let all = hash.rotate_left(27).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 8;
    (all << value_bits) & ((1u64 << width) - 1)
}

impl<'m> Table<'m> {
    /// Reads the table at the start of `bytes`; gives it and what follows it.
    pub(crate) fn parse(bytes: &'m [u8]) -> Option<(Table<'m>, &'m [u8])> {
        let (header, rest) = bytes.split_at_checked(HEADER)?;
        let word = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().expect("four bytes"));
        let seed = u64::from_le_bytes(header[..8].try_into().expect("eight bytes"));
        let (segment, span) = (word(8), word(12));
        let (value_bits, width) = (u32::from(header[16]), u32::from(header[17]));
        if !segment.is_power_of_two() || width > 56 || value_bits > width || span % segment != 0 {
            return None;
        }
        let n_cells = span.checked_add(segment.checked_mul(2)?)? as usize;
        let (cells, rest) = rest.split_at_checked((n_cells * width as usize).div_ceil(8) + SLACK)?;
        Some((Table { cells, seed, segment, span, value_bits, width }, rest))
    }

    /// The value of a key, or `None` (but for one key in `2^fingerprint_bits`) if it is not in the table.
    #[inline]
    pub(crate) fn get(&self, hash: u64) -> Option<u64> {
        let (value, found) = self.probe(hash);
        found.then_some(value)
    }

    /// As [`Table::get`], without a branch on what was found, so that several look-ups can wait for memory together.
    #[inline]
    pub(crate) fn probe(&self, hash: u64) -> (u64, bool) {
        let mixed = mix(hash, self.seed);
        let [first, second, third] = cells(mixed, self.segment, self.span);
        let cell = self.cell(first) ^ self.cell(second) ^ self.cell(third);
        let cell = (cell & ((1u64 << self.width) - 1)) ^ fingerprint(mixed, self.value_bits, self.width);
        (cell, cell >> self.value_bits == 0)
    }

    #[inline]
    fn cell(&self, index: usize) -> u64 {
        let bit = index * self.width as usize;
        let at = bit / 8;
        let bytes: [u8; 8] = self.cells[at..at + 8].try_into().expect("eight bytes");
        u64::from_le_bytes(bytes) >> (bit % 8)
    }

    /// Writes a table of distinct hashes.
    ///
    /// # Panics
    /// If two hashes are equal, or a value needs more than `value_bits`.
    pub(crate) fn build(entries: &[(u64, u64)], value_bits: u32, fingerprint_bits: u32) -> Vec<u8> {
        let geometry = Geometry::new(entries.len());
        let width = value_bits + fingerprint_bits;
        assert!(width <= 56, "a cell is read as one word");
        for attempt in 1..=64u64 {
            let seed = attempt.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let Some(order) = peel(entries, seed, &geometry) else { continue };
            let mut values = vec![0u64; geometry.n_cells()];
            for &(index, own) in order.iter().rev() {
                let (hash, value) = entries[index as usize];
                assert!(value >> value_bits == 0, "a value of {value_bits} bits");
                let mixed = mix(hash, seed);
                let others = cells(mixed, geometry.segment, geometry.span)
                    .iter()
                    .filter(|cell| **cell != own as usize)
                    .fold(0, |sum, cell| sum ^ values[*cell]);
                values[own as usize] = others ^ value ^ fingerprint(mixed, value_bits, width);
            }
            let mut bytes = Vec::new();
            bytes.extend(seed.to_le_bytes());
            bytes.extend(geometry.segment.to_le_bytes());
            bytes.extend(geometry.span.to_le_bytes());
            bytes.extend([value_bits as u8, width as u8, 0, 0, 0, 0, 0, 0]);
            let start = bytes.len();
            bytes.resize(start + (values.len() * width as usize).div_ceil(8) + SLACK, 0);
            for (index, value) in values.iter().enumerate() {
                let bit = index * width as usize;
                let at = start + bit / 8;
                let old = u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
                bytes[at..at + 8].copy_from_slice(&(old | value << (bit % 8)).to_le_bytes());
            }
            return bytes;
        }
        panic!("no seed fits: two n-grams share a hash");
    }
}

/// An order in which each key owns a cell no later key uses, as (key, cell), last first.
fn peel(entries: &[(u64, u64)], seed: u64, geometry: &Geometry) -> Option<Vec<(u32, u32)>> {
    let mut count = vec![0u32; geometry.n_cells()];
    let mut keys = vec![0u32; geometry.n_cells()];
    for (index, (hash, _)) in entries.iter().enumerate() {
        for cell in cells(mix(*hash, seed), geometry.segment, geometry.span) {
            count[cell] += 1;
            keys[cell] ^= index as u32;
        }
    }
    let mut alone: Vec<u32> = (0..count.len() as u32).filter(|cell| count[*cell as usize] == 1).collect();
    let mut order = Vec::with_capacity(entries.len());
    while let Some(own) = alone.pop() {
        if count[own as usize] != 1 {
            continue;
        }
        let index = keys[own as usize];
        order.push((index, own));
        for cell in cells(mix(entries[index as usize].0, seed), geometry.segment, geometry.span) {
            count[cell] -= 1;
            keys[cell] ^= index;
            if count[cell] == 1 {
                alone.push(cell as u32);
            }
        }
    }
    (order.len() == entries.len()).then_some(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_comes_back_and_few_strangers_do() {
        for n in [0u64, 1, 2, 3, 50, 20_000] {
            let entries: Vec<(u64, u64)> =
                (0..n).map(|i| (i.wrapping_mul(0x2545_f491_4f6c_dd1d).rotate_left(17), i % 512)).collect();
            let bytes = Table::build(&entries, 9, 12);
            let (table, rest) = Table::parse(&bytes).unwrap();
            assert!(rest.is_empty());
            assert!(entries.iter().all(|(hash, value)| table.get(*hash) == Some(*value)));
            let strangers = (0..40_960u64).filter(|i| table.get(!i.wrapping_mul(0x1234_5678_9abc_def1)).is_some());
            assert!(strangers.count() < 40, "about ten are expected of 12 bits");
        }
    }
}
