//! Mutations that know what they mutate: bytes, lines, markup, the headers of archives.

/// What markup, archives and charsets stumble over.
const TOKENS: [&[u8]; 26] = [
    b"<w:p>",
    b"</w:p>",
    b"<w:tbl>",
    b"</w:tc>",
    b"<w:numPr>",
    b"<w:del>",
    b"]]>",
    b"<![CDATA[",
    b"&#x10FFFF;",
    b"&#0;",
    b"&amp",
    b"<!--",
    b"<table>",
    b"<td>",
    b"<script>",
    b"</script",
    b"PK\x03\x04",
    b"\xFF\xFE",
    b"\0\0\0\0",
    b"\r\n\r\n",
    b"Content-Type: multipart/mixed; boundary=x\r\n",
    b"%9%9%9",
    b"\xC3\x83\xC2\xA0",
    b"\x0C\xE2\x80\x8B",
    b"C\xE9ng h\xDFa X\xB7 h\xE9i",
    b"Vie^.t Nam, ddo^.c la^.p",
];

/// Values at and beyond the edge of what an attribute may hold.
const VALUES: [&str; 14] = [
    "",
    "0",
    "1",
    "-1",
    "8",
    "9",
    "255",
    "65536",
    "2147483647",
    "-9223372036854775808",
    "99999999999999999999",
    "%1%2%3%4%5%6%7%8%9%",
    "Điều %1.",
    "\u{10FFFF}",
];

/// Marsaglia's xorshift: the same inputs on every machine.
pub(crate) struct Random(u64);

impl Random {
    /// The stream of one input.
    pub(crate) fn of(seed: usize) -> Random {
        Random(0x9E37_79B9_7F4A_7C15 ^ (seed as u64 + 1).wrapping_mul(0xD134_2543_DE82_EF95))
    }

    /// A number from 0 to `n - 1`; 0 where `n` is 0.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

/// A few changes of bytes, whatever they are.
pub(crate) fn bytes(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(6) {
        if bytes.is_empty() {
            return;
        }
        let at = random.below(bytes.len());
        let end = (at + 1 + random.below(64)).min(bytes.len());
        match random.below(8) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.below(256) as u8,
            2 => drop(bytes.drain(at..end)),
            3 => {
                let copy = bytes[at..end].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, copy);
            }
            4 | 5 => drop(bytes.splice(at..at, random.pick(&TOKENS).iter().copied())),
            6 => bytes.truncate(at.max(bytes.len() / 2)),
            _ => bytes[at..end].reverse(),
        }
    }
}

/// Lines dropped, doubled, swapped, joined or cut in two; now and then bytes.
pub(crate) fn lines(text: &mut Vec<u8>, random: &mut Random) {
    let mut lines: Vec<Vec<u8>> = text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    for _ in 0..=random.below(5) {
        let (one, other) = (random.below(lines.len()), random.below(lines.len()));
        match random.below(6) {
            0 if lines.len() > 1 => drop(lines.remove(one)),
            1 => lines.insert(other, lines[one].clone()),
            2 => lines.swap(one, other),
            3 if one != other => {
                let joined = [lines[one].as_slice(), &lines[other]].concat();
                lines[one] = joined;
            }
            4 => {
                let at = random.below(lines[one].len());
                let rest = lines[one].split_off(at);
                lines.insert(one + 1, rest);
            }
            _ => bytes(&mut lines[one], random),
        }
    }
    *text = lines.join(&b'\n');
}

/// Where tags stand: `<` and one past `>`.
fn tags(text: &[u8]) -> Vec<(usize, usize)> {
    let mut tags = Vec::new();
    let mut open = None;
    for (at, byte) in text.iter().enumerate() {
        match (byte, open) {
            (b'<', _) => open = Some(at),
            (b'>', Some(from)) => {
                tags.push((from, at + 1));
                open = None;
            }
            _ => {}
        }
    }
    tags
}

/// Tags dropped, doubled, moved, swapped; elements repeated; attributes set to odd values; bytes.
pub(crate) fn markup(text: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(5) {
        let tags = tags(text);
        if tags.is_empty() || random.below(6) == 0 {
            bytes(text, random);
            continue;
        }
        let (n, other) = (random.below(tags.len()), random.below(tags.len()));
        let (from, to) = tags[n];
        match random.below(7) {
            0 => drop(text.drain(from..to)),
            1 => {
                let tag = text[from..to].to_vec();
                let at = tags[other].0;
                text.splice(at..at, tag);
            }
            2 => {
                // A stretch of elements, many times over: depth and length.
                let last = tags[(n + random.below(12)).min(tags.len() - 1)].1;
                let stretch = text[from..last].to_vec();
                let times = (1 + random.below(40)).min(1 + 20_000 / stretch.len().max(1));
                let at = tags[other].0;
                text.splice(at..at, stretch.repeat(times));
            }
            3 => {
                let last = tags[(n + random.below(12)).min(tags.len() - 1)].1;
                drop(text.drain(from..last));
            }
            4 | 5 => {
                let tag = &text[from..to];
                let quotes: Vec<usize> =
                    tag.iter().enumerate().filter(|(_, byte)| matches!(byte, b'"' | b'\'')).map(|(at, _)| at).collect();
                if quotes.len() >= 2 {
                    let pair = random.below(quotes.len() / 2) * 2;
                    let value = from + quotes[pair] + 1..from + quotes[pair + 1];
                    text.splice(value, random.pick(&VALUES).bytes());
                }
            }
            _ => {
                let (other_from, other_to) = tags[other];
                if to <= other_from {
                    let (tag, moved) = (text[from..to].to_vec(), text[other_from..other_to].to_vec());
                    text.splice(other_from..other_to, tag);
                    text.splice(from..to, moved);
                }
            }
        }
    }
}

/// Fields of an archive's headers overwritten: sizes, offsets, flags, methods, names.
pub(crate) fn headers(archive: &mut [u8], random: &mut Random) {
    let marks: Vec<usize> = archive
        .windows(4)
        .enumerate()
        .filter(|(_, mark)| matches!(*mark, b"PK\x01\x02" | b"PK\x03\x04" | b"PK\x05\x06"))
        .map(|(at, _)| at)
        .collect();
    for _ in 0..=random.below(3) {
        let at = marks.get(random.below(marks.len())).copied().unwrap_or(0) + 4 + random.below(44);
        let value = random.pick(&[
            &[0u8; 4][..],
            &[0xFF; 4],
            &[1, 0],
            &[0xFF, 0x7F],
            &[8],
            &[0, 0, 0, 0x80],
            &[0x2E, 0x2E, 0x2F],
        ]);
        for (byte, new) in archive.iter_mut().skip(at).zip(value) {
            *byte = *new;
        }
    }
}
