//! Chunks: one or two written letters read as none to three, and what that costs.
//!
//! The deepest memory of the channel. It explains letter by letter what no whole syllable, onset or
//! rime of the training pairs explains, and tells by which chunks a syllable was misread.

use super::channel::{FAR, PartRead};
use super::syllable::Shape;
use rustc_hash::FxHashMap;

/// One or two written letters and the none to three letters read for them; no letter is `'\0'`.
pub(crate) type Chunk = ([char; 2], [char; 3]);

/// The chunk memory, by what was read.
#[derive(Debug, Default)]
pub(crate) struct Chunks {
    written: FxHashMap<[char; 2], u16>,
    reads: FxHashMap<[char; 3], Reads>,
    /// By the numbers of what was written and what was read.
    costs: FxHashMap<(u16, u16), u16>,
}

/// What one to three read letters, or none, may have been: chunk numbers and costs.
#[derive(Debug, Default)]
struct Reads {
    number: u16,
    costs: Vec<(u16, u16)>,
}

/// What counts of a written letter where it was read as none the tables know for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Letter {
    is_marked: bool,
    is_upper: bool,
}

/// A written part as chunk numbers: of each letter, and of each letter with the next.
#[derive(Debug, Default)]
pub(crate) struct Unit {
    single: Vec<u16>,
    double: Vec<u16>,
    letters: Vec<Letter>,
}

impl Unit {
    /// Letters from the first on that this part and `other` have in common.
    fn shared(&self, other: &Unit) -> usize {
        let singles = self.single.iter().zip(&other.single).take_while(|(own, other)| own == other).count();
        let doubles = self.double.iter().zip(&other.double).take_while(|(own, other)| own == other).count();
        // Letters that no chunk has share a number, whatever they are.
        let letters = self.letters.iter().zip(&other.letters).take_while(|(own, other)| own == other).count();
        singles.min(doubles + 1).min(letters)
    }
}

/// Written parts by number, which is `3 * part + shape`.
#[derive(Debug, Default)]
pub(crate) struct Units {
    units: Vec<Unit>,
    /// By shape, like beginnings together.
    orders: [Vec<Ordered>; 3],
}

/// A unit in its order.
#[derive(Clone, Copy, Debug)]
struct Ordered {
    number: u16,
    n_letters: u8,
    /// Letters that it shares with the one before it.
    shared: u8,
}

impl Units {
    pub(crate) fn new(units: Vec<Unit>) -> Units {
        let unit = |number: u16| &units[usize::from(number)];
        let orders = Shape::ALL.map(|shape| {
            let mut numbers: Vec<u16> = (shape as u16..units.len() as u16).step_by(3).collect();
            numbers.sort_by(|one, other| unit(*one).single.cmp(&unit(*other).single));
            let before = std::iter::once(None).chain(numbers.iter().map(|number| Some(*number)));
            let ordered = |(number, before): (&u16, Option<u16>)| Ordered {
                number: *number,
                n_letters: unit(*number).single.len() as u8,
                shared: before.map_or(0, |before| unit(*number).shared(unit(before)) as u8),
            };
            numbers.iter().zip(before).map(ordered).collect()
        });
        Units { units, orders }
    }
}

/// What is explained letter by letter costs less than this.
pub(crate) const WORST: i32 = 7_000;
/// No explanation, where costs are added in 16 bits: twice this fits.
const OUT: i16 = 15_000;
/// Parts listed for what was read. Many explain it equally well; 40 lose the word among them.
const MOST_EXPLAINED: usize = 150;
/// Letters and one of the longest part that is explained letter by letter.
const MOST_READ: usize = 8;
/// No chunk.
const NO_CHUNK: u16 = u16::MAX;
/// A letter that no chunk explains: read as any other.
const STRANGE: i32 = 3_600; // Development set, pages of an engine never met, 2026-11: 4,200 leaves 5 % more wrong.

/// A letter with a mark is read as anything more often than a plain one: real scanners have more ways
/// with marks than rendered pages show (`bộ` read `by`, `lấy` read `liy`, `để` read `d&`).
const STRANGE_MARKED: i32 = 2_800;
const LOST_MARKED: i32 = 3_500;
/// The same where it was read as two or three, a sign among them, within a word (`ph(‘)ng`).
const SCRIBBLE: i16 = 3_400;
/// What it costs besides that a small letter was read as a capital or the other way.
const OTHER_CASE: i32 = 1_000;

/// What a written letter costs that was read as none the tables know for it.
fn strange(written: char) -> i32 {
    if written.is_ascii() || matches!(written, 'đ' | 'Đ') { STRANGE } else { STRANGE_MARKED }
}

/// What a letter costs that stands for nothing: a mark read as a letter of its own (`déan`, `xé4c`).
fn put_in(c: char) -> i32 {
    match c {
        'é' | '4' | '6' | 'd' | 'a' | '1' => 2_500,
        'i' | 'u' | 'y' | 'r' | 't' | 'e' | 'o' | 'f' => 3_000,
        _ if !c.is_alphanumeric() => 2_700,
        _ => 3_600,
    }
}

fn chunk(written: &[char], read: &[char]) -> Chunk {
    let mut chunk = (['\0'; 2], ['\0'; 3]);
    chunk.0[..written.len()].copy_from_slice(written);
    chunk.1[..read.len()].copy_from_slice(read);
    chunk
}

/// The numbers of the stretches of `FEWEST` to `MOST` letters that begin at each letter, and after the last.
fn numbers<const MOST: usize, const FEWEST: usize>(
    letters: &[char],
    number: impl Fn(&[char; MOST]) -> Option<u16>,
) -> Vec<u16> {
    let mut out = Vec::with_capacity((letters.len() + 1) * (MOST + 1 - FEWEST));
    for at in 0..=letters.len() {
        for n in FEWEST..=MOST {
            let mut key = ['\0'; MOST];
            let known = letters.get(at..at + n).and_then(|stretch| {
                key[..n].copy_from_slice(stretch);
                number(&key)
            });
            out.push(known.unwrap_or(NO_CHUNK));
        }
    }
    out
}

impl Chunks {
    pub(crate) fn new(rows: &[(String, String, u16)]) -> Chunks {
        let mut chunks = Chunks::default();
        for (written, read, cost) in rows {
            let mut spelled = ['\0'; 2];
            for (slot, c) in spelled.iter_mut().zip(written.chars()) {
                *slot = c;
            }
            let next = chunks.written.len() as u16;
            let number = *chunks.written.entry(spelled).or_insert(next);
            let mut key = ['\0'; 3];
            for (slot, c) in key.iter_mut().zip(read.chars()) {
                *slot = c;
            }
            let next = chunks.reads.len() as u16;
            let reads = chunks.reads.entry(key).or_insert_with(|| Reads { number: next, costs: Vec::new() });
            reads.costs.push((number, *cost));
            chunks.costs.insert((number, reads.number), *cost);
        }
        chunks
    }

    /// The cheapest way to read `written` as `read`, chunk by chunk; empty where there is none.
    pub(crate) fn segment(&self, written: &[char], read: &[char]) -> Vec<(Chunk, i32)> {
        let width = read.len() + 1;
        // The numbers of one and two letters from each on, and of none to three.
        let writes = numbers::<2, 1>(written, |key| self.written.get(key).copied());
        let reads = numbers::<3, 0>(read, |key| self.reads.get(key).map(|reads| reads.number));
        let mut best = vec![(FAR, 0u8, 0u8); (written.len() + 1) * width];
        best[0].0 = 0;
        for i in 0..=written.len() {
            for j in 0..=read.len() {
                let here = best[i * width + j].0;
                if here >= FAR {
                    continue;
                }
                let mut go = |n: usize, m: usize, cost: i32| {
                    let there = &mut best[(i + n) * width + j + m];
                    if here + cost < there.0 {
                        *there = (here + cost, n as u8, m as u8);
                    }
                };
                if j < read.len() {
                    go(0, 1, put_in(read[j]));
                }
                if i == written.len() {
                    continue;
                }
                let strange = strange(written[i]);
                if strange < STRANGE {
                    go(1, 0, LOST_MARKED);
                }
                if j < read.len() {
                    go(1, 1, strange);
                }
                for n in 1..=2.min(written.len() - i) {
                    let write = writes[i * 2 + n - 1];
                    if write == NO_CHUNK {
                        continue;
                    }
                    for m in 0..=3.min(read.len() - j) {
                        let read = reads[j * 4 + m];
                        if read == NO_CHUNK {
                            continue;
                        }
                        if let Some(cost) = self.costs.get(&(write, read)) {
                            go(n, m, i32::from(*cost));
                        }
                    }
                }
            }
        }
        let (mut i, mut j) = (written.len(), read.len());
        let mut out = Vec::new();
        while i + j > 0 {
            let (cost, n, m) = best[i * width + j];
            if cost >= FAR {
                return Vec::new();
            }
            (i, j) = (i - usize::from(n), j - usize::from(m));
            let chunk = chunk(&written[i..i + usize::from(n)], &read[j..j + usize::from(m)]);
            out.push((chunk, cost - best[i * width + j].0));
        }
        out
    }

    pub(crate) fn unit(&self, written: &str) -> Unit {
        let chars: Vec<char> = written.chars().collect();
        let number = |a: char, b: char| self.written.get(&[a, b]).copied().unwrap_or(NO_CHUNK);
        Unit {
            single: chars.iter().map(|c| number(*c, '\0')).collect(),
            double: chars.windows(2).map(|pair| number(pair[0], pair[1])).collect(),
            letters: chars
                .iter()
                .map(|c| Letter { is_marked: strange(*c) < STRANGE, is_upper: c.is_uppercase() })
                .collect(),
        }
    }

    /// The units of these shapes that explain `read` below `worst`, as a part table would list them.
    pub(crate) fn explain(
        &self,
        read: &[char],
        units: &Units,
        shapes: impl IntoIterator<Item = Shape>,
        worst: i32,
        costs: &mut ChunkCosts,
    ) -> Box<[PartRead]> {
        let n_read = read.len();
        let width = n_read + 1;
        if width > MOST_READ {
            return Box::default();
        }
        costs.rows.resize(self.written.len(), [[OUT; MOST_READ]; 4]);
        costs.lengths.resize(self.written.len(), 0);
        let fill = |costs: &mut ChunkCosts, known: bool| {
            for j in 0..=n_read {
                for m in 0..=3.min(j) {
                    let mut key = ['\0'; 3];
                    key[..m].copy_from_slice(&read[j - m..j]);
                    for (chunk, cost) in self.reads.get(&key).map_or(&[][..], |reads| &reads.costs) {
                        let chunk = usize::from(*chunk);
                        costs.rows[chunk][m][j] = if known { (*cost).min(OUT as u16) as i16 } else { OUT };
                        costs.lengths[chunk] = if known { costs.lengths[chunk] | 1 << m } else { 0 };
                    }
                }
            }
        };
        fill(costs, true);
        let worst = worst as i16;
        let put_in: Vec<i16> = read.iter().map(|c| put_in(*c) as i16).collect();
        // best[i][3 + j]: the first i letters read as the first j; and the least of each row.
        let mut best = [[OUT; 3 + MOST_READ]; 12];
        let mut least = [OUT; 12];
        let mut found = Vec::new();
        best[0][3] = 0;
        least[0] = 0;
        for j in 1..width {
            best[0][3 + j] = OUT.min(best[0][2 + j] + put_in[j - 1]);
        }
        // By whether the written letter is a capital, and whether it is marked.
        let strange = [false, true].map(|is_upper| {
            [STRANGE, STRANGE_MARKED].map(|cost| -> [i16; MOST_READ] {
                std::array::from_fn(|j| match j.checked_sub(1).and_then(|j| read.get(j)) {
                    // `m2` and `m3` are measures, and no letter looks like 7.
                    None | Some('2' | '3' | '7') => OUT,
                    Some(c) if c.is_alphabetic() && c.is_uppercase() != is_upper => (cost + OTHER_CASE) as i16,
                    Some(_) => cost as i16,
                })
            })
        });
        // Letters with a sign among them, `(‘)`, that a marked letter was read as.
        let scribbles: [[i16; MOST_READ]; 2] = [2, 3].map(|m| {
            // Dots and strokes stand in abbreviations, `F.D.I`.
            let is_sign = |c: char| !c.is_alphanumeric() && !".,:;-–/&".contains(c);
            let is_scribble = |j: usize| (m..n_read).contains(&j) && read[j - m..j].iter().any(|c| is_sign(*c));
            std::array::from_fn(|j| if is_scribble(j) { SCRIBBLE } else { OUT })
        });
        let has_scribbles = scribbles.iter().flatten().any(|cost| *cost < OUT);
        for shape in shapes {
            let mut n_rows = 0;
            for &Ordered { number, n_letters, shared } in &units.orders[shape as usize] {
                let n = usize::from(n_letters);
                // Rows of letters that the unit before had too stand already.
                n_rows = n_rows.min(usize::from(shared));
                if n == 0 || n.abs_diff(n_read) > 3 || n >= least.len() {
                    continue;
                }
                let unit = &units.units[usize::from(number)];
                while n_rows < n && least[n_rows].min(least[n_rows.saturating_sub(1)]) < worst {
                    let i = n_rows + 1;
                    let mut row = [OUT; MOST_READ];
                    let Letter { is_marked, is_upper } = unit.letters[i - 1];
                    relax(&mut row, &best[i - 1], 1, &strange[usize::from(is_upper)][usize::from(is_marked)]);
                    if has_scribbles && is_marked {
                        for m in 2..=3 {
                            relax(&mut row, &best[i - 1], m, &scribbles[m - 2]);
                        }
                    }
                    costs.relax(&mut row, &best[i - 1], unit.single[i - 1]);
                    if i > 1 {
                        costs.relax(&mut row, &best[i - 2], unit.double[i - 2]);
                    }
                    for j in 1..width {
                        row[j] = row[j].min(row[j - 1] + put_in[j - 1]);
                    }
                    row[width..].fill(OUT);
                    let halves: [i16; MOST_READ / 2] = std::array::from_fn(|j| row[j].min(row[j + MOST_READ / 2]));
                    least[i] = halves.into_iter().min().unwrap_or(OUT);
                    best[i][3..].copy_from_slice(&row);
                    n_rows = i;
                }
                if n_rows >= n && best[n][3 + n_read] < worst {
                    found.push(PartRead { unit: number, cost: best[n][3 + n_read] as u16 });
                }
            }
        }
        fill(costs, false);
        found.sort_by_key(|part| (part.cost, part.unit));
        found.truncate(MOST_EXPLAINED);
        found.into()
    }
}

/// What the chunks cost as the letters of one word, between uses nothing.
#[derive(Debug, Default)]
pub(crate) struct ChunkCosts {
    /// By chunk number, `m` and `j`: that chunk read as the `m` letters before letter `j`, or [`OUT`].
    rows: Vec<[[i16; MOST_READ]; 4]>,
    /// By chunk number, as bits: the `m` for which any is known.
    lengths: Vec<u8>,
}

impl ChunkCosts {
    /// Lets the cells of `row` come from the row `before` by a chunk.
    #[inline]
    fn relax(&self, row: &mut [i16; MOST_READ], before: &[i16; 3 + MOST_READ], chunk: u16) {
        let chunk = usize::from(chunk);
        // No chunk has the largest number of all.
        let mut rest = self.lengths.get(chunk).copied().unwrap_or(0);
        while rest != 0 {
            let m = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            relax(row, before, m, &self.rows[chunk][m]);
        }
    }
}

/// Lets each cell of `row` come from the cell `m` letters back in the row `before`, for its own cost.
#[inline]
fn relax(row: &mut [i16; MOST_READ], before: &[i16; 3 + MOST_READ], m: usize, costs: &[i16; MOST_READ]) {
    let before: &[i16; MOST_READ] = before[3 - m..].first_chunk().expect("rows have room for three letters more");
    for ((cell, before), cost) in row.iter_mut().zip(before).zip(costs) {
        *cell = (*cell).min(before + cost);
    }
}
