//! Mutated real files through every reader: no panic, no hang. A short run by default, a million
//! inputs a reader (100,000 for PDF) with `VANBAN_SLOW=1`; `VANBAN_FUZZ_INPUTS=N` sets another number.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;
use vanban::source::{Limits, read};

/// What markup, archives and charsets stumble over.
const TOKENS: [&[u8]; 24] = [
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
];

/// Marsaglia's xorshift: the same inputs on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }
}

fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(6) {
        if bytes.is_empty() {
            return;
        }
        let at = random.below(bytes.len());
        let end = (at + 1 + random.below(64)).min(bytes.len());
        match random.below(7) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.below(256) as u8,
            2 => drop(bytes.drain(at..end)),
            3 => {
                let copy = bytes[at..end].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, copy);
            }
            4 => drop(bytes.splice(at..at, TOKENS[random.below(TOKENS.len())].iter().copied())),
            5 => bytes.truncate(at.max(bytes.len() / 2)),
            _ => bytes[at..end].reverse(),
        }
    }
}

fn n_inputs(slow: usize, short: usize) -> usize {
    if let Some(n) = std::env::var("VANBAN_FUZZ_INPUTS").ok().and_then(|n| n.parse().ok()) {
        n
    } else if std::env::var_os("VANBAN_SLOW").is_some() {
        slow
    } else {
        println!("a short run; VANBAN_SLOW=1 tries {slow} inputs");
        short
    }
}

/// Reads `n` inputs made by `make`; one that takes a minute counts as hung.
fn check(name: &'static str, n: usize, mut make: impl FnMut(&mut Random) -> Vec<u8> + Send + 'static) {
    let (done, seen) = mpsc::channel();
    std::thread::spawn(move || {
        let limits = Limits { unpacked_bytes: 16 << 20, file_bytes: 16 << 20, scan: false, ..Limits::default() };
        let mut n_read = 0;
        for seed in 0..n {
            let mut random = Random(0x9E37_79B9_7F4A_7C15 ^ (seed as u64 + 1).wrapping_mul(0xD134_2543_DE82_EF95));
            let input = make(&mut random);
            let outcome = std::panic::catch_unwind(|| read(name, &input, &limits).is_ok());
            let said = match outcome {
                Ok(read) => {
                    n_read += usize::from(read);
                    Ok(seed)
                }
                Err(_) => Err(seed),
            };
            if said.is_err() || seed % 64 == 0 {
                let _ = done.send(said);
            }
        }
        println!("{name}: {n} inputs, {n_read} read, the rest refused");
    });
    let mut last = 0;
    loop {
        match seen.recv_timeout(Duration::from_secs(60)) {
            Ok(Ok(seed)) => last = seed,
            Ok(Err(seed)) => panic!("{name}: input {seed} panics"),
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("{name}: hangs soon after input {last}"),
            Err(mpsc::RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats").join(name)).unwrap()
}

/// Mutations of whole files.
fn check_files(name: &'static str, files: &[&str], slow: usize, short: usize) {
    let files: Vec<Vec<u8>> = files.iter().map(|name| fixture(name)).collect();
    check(name, n_inputs(slow, short), move |random| {
        let mut bytes = files[random.below(files.len())].clone();
        // Long inputs only cost time.
        let cut = random.below(bytes.len());
        if !name.ends_with(".zip") && bytes.len() > 4096 {
            bytes = bytes[cut.min(bytes.len() - 2048)..][..2048].to_vec();
        }
        mutate(&mut bytes, random);
        bytes
    });
}

#[test]
fn plain_text_in_every_encoding() {
    let encodings =
        ["tcvn3", "viscii", "vps", "vni", "viqr", "windows-1258", "utf-16", "nfd", "utf-8-twice", "mixed", "plain"];
    let files: Vec<String> = encodings.iter().map(|name| format!("encodings/{name}.txt")).collect();
    check_files("a.txt", &files.iter().map(String::as_str).collect::<Vec<_>>(), 1_000_000, 2_000);
}

#[test]
fn web_pages() {
    check_files("a.html", &["pandoc.html"], 1_000_000, 2_000);
}

#[test]
fn mails() {
    check_files("a.eml", &["mail.eml"], 1_000_000, 2_000);
}

#[test]
fn archives() {
    let small = {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for name in ["a.txt", "b/c.html", "d.zip"] {
            archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            archive.write_all("Điều 1. Phạm vi điều chỉnh".repeat(8).as_bytes()).unwrap();
        }
        archive.finish().unwrap().into_inner()
    };
    check("a.zip", n_inputs(1_000_000, 2_000), move |random| {
        let mut bytes = small.clone();
        mutate(&mut bytes, random);
        bytes
    });
}

/// The XML inside is mutated and packed again: mutations of the archive itself rarely get that far.
#[test]
fn word_documents() {
    let bytes = fixture("numbered.docx");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut part = |name: &str| {
        let mut bytes = Vec::new();
        archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    };
    let (document, numbering) = (part("word/document.xml"), part("word/numbering.xml"));
    let tail = numbering.len().saturating_sub(2500);
    let numbering = [b"<w:numbering>".as_slice(), &numbering[tail..]].concat();
    check("a.docx", n_inputs(1_000_000, 2_000), move |random| {
        let (mut document, mut numbering) = (document.clone(), numbering.clone());
        mutate(&mut document, random);
        mutate(&mut numbering, random);
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        for (name, bytes) in [("word/document.xml", &document), ("word/numbering.xml", &numbering)] {
            archive.start_file(name, stored).unwrap();
            archive.write_all(bytes).unwrap();
        }
        archive.finish().unwrap().into_inner()
    });
}

#[test]
fn pdf_through_poppler() {
    let pdf = vanban::source::readers().into_iter().find(|reader| reader.what.starts_with("PDF with a text layer"));
    if !pdf.is_some_and(|reader| reader.ready) {
        println!("skipped: poppler-utils is not installed");
        return;
    }
    let file = fixture("libreoffice.pdf");
    check("a.pdf", n_inputs(100_000, 20), move |random| {
        let mut bytes = file.clone();
        mutate(&mut bytes, random);
        bytes
    });
}
