//! Mutated real files through every reader: no panic, no hang. A short run by default, a million
//! inputs a reader (100,000 for PDF) with `VANBAN_SLOW=1`. `VANBAN_FUZZ_INPUTS=N` sets another
//! number and `VANBAN_FUZZ_FROM=N` the first input, so that a later run tries new ones.

#[path = "source_fuzz/mutate.rs"]
mod mutate;

use mutate::Random;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use vanban::source::{Limits, read};

fn number(variable: &str) -> Option<usize> {
    std::env::var(variable).ok().map(|n| n.parse().unwrap_or_else(|_| panic!("{variable}={n} is no number")))
}

fn n_inputs(slow: usize, short: usize) -> usize {
    match number("VANBAN_FUZZ_INPUTS") {
        Some(n) => n,
        None if std::env::var_os("VANBAN_SLOW").is_some() => slow,
        None => {
            println!("a short run; VANBAN_SLOW=1 tries {slow} inputs");
            short
        }
    }
}

/// What one input did.
enum Said {
    Read,
    Panicked,
}

/// Reads `n` inputs made by `make`; one that takes a minute counts as hung.
fn check(name: &'static str, n: usize, mut make: impl FnMut(&mut Random) -> Vec<u8> + Send + 'static) {
    let first = number("VANBAN_FUZZ_FROM").unwrap_or(0);
    let (done, seen) = mpsc::channel();
    let began = Instant::now();
    std::thread::spawn(move || {
        let page_time = Duration::from_secs(20);
        let limits =
            Limits { unpacked_bytes: 16 << 20, file_bytes: 16 << 20, scan: false, page_time, ..Limits::default() };
        let mut told = Instant::now();
        let (mut n_read, mut n_bytes) = (0, 0);
        let mut longest = (Duration::ZERO, 0);
        for seed in first..first + n {
            let input = make(&mut Random::of(seed));
            n_bytes += input.len();
            let began = Instant::now();
            let outcome = std::panic::catch_unwind(|| read(name, &input, &limits).is_ok());
            longest = longest.max((began.elapsed(), seed));
            let said = match outcome {
                Ok(read) => {
                    n_read += usize::from(read);
                    Said::Read
                }
                Err(_) => {
                    let kept = std::env::temp_dir().join(format!("vanban-{seed}-{name}"));
                    println!("{name}: input {seed} is kept in {}", kept.display());
                    let _ = std::fs::write(kept, &input);
                    Said::Panicked
                }
            };
            if matches!(said, Said::Panicked) || told.elapsed() > Duration::from_secs(1) {
                told = Instant::now();
                let _ = done.send((seed, said));
            }
        }
        println!(
            "{name}: {n} inputs of {} bytes in {:.0} s, {n_read} read, the rest refused; the slowest, {}, took {:.0} ms",
            n_bytes / n.max(1),
            began.elapsed().as_secs_f64(),
            longest.1,
            longest.0.as_secs_f64() * 1000.0
        );
    });
    let (mut last, mut panicked) = (first, Vec::new());
    loop {
        match seen.recv_timeout(Duration::from_secs(60)) {
            Ok((seed, Said::Read)) => last = seed,
            Ok((seed, Said::Panicked)) => panicked.push(seed),
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("{name}: hangs soon after input {last}"),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    assert!(panicked.is_empty(), "{name}: {} inputs panic: {panicked:?}", panicked.len());
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats").join(name)).unwrap()
}

/// At most `most` bytes from somewhere in `bytes`, short stretches as often as long ones: long inputs only cost time.
fn piece<'a>(bytes: &'a [u8], most: usize, random: &mut Random) -> &'a [u8] {
    let most = 1 + random.below(most);
    if bytes.len() <= most {
        return bytes;
    }
    &bytes[random.below(bytes.len() - most)..][..most]
}

fn zip_of(members: &[(&str, &[u8])], method: zip::CompressionMethod) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in members {
        // A name that stands there already is left out.
        if archive.start_file(*name, options).is_ok() {
            archive.write_all(bytes).unwrap();
        }
    }
    archive.finish().unwrap().into_inner()
}

/// Half of the inputs mix two encodings.
#[test]
fn plain_text_in_every_encoding() {
    let encodings = [
        "tcvn3",
        "viscii",
        "vps",
        "vni",
        "viqr",
        "windows-1258",
        "utf-16",
        "nfd",
        "utf-8-twice",
        "mixed",
        "plain",
        "tcvn3-saved-as-utf-8",
    ];
    let files = encodings.map(|name| fixture(&format!("encodings/{name}.txt")));
    check("a.txt", n_inputs(1_000_000, 2_000), move |random| {
        let mut text = piece(&files[random.below(files.len())], 600, random).to_vec();
        if random.below(2) == 0 {
            text.push(b'\n');
            text.extend(piece(&files[random.below(files.len())], 600, random));
        }
        if random.below(3) == 0 {
            mutate::lines(&mut text, random)
        } else {
            mutate::bytes(&mut text, random)
        }
        text
    });
}

#[test]
fn web_pages() {
    let files = ["pandoc.html", "libreoffice.html"].map(fixture);
    check("a.html", n_inputs(1_000_000, 2_000), move |random| {
        let mut page = piece(&files[random.below(files.len())], 2500, random).to_vec();
        mutate::markup(&mut page, random);
        page
    });
}

/// Attachments of every kind, packed in after their own mutations, then the lines of the whole.
#[test]
fn mails() {
    let (text, page) = (fixture("encodings/tcvn3.txt"), fixture("pandoc.html"));
    let document = zip_of(
        &[("word/document.xml", "<w:body><w:p><w:r><w:t>Điều 1. Phạm vi</w:t></w:r></w:p></w:body>".as_bytes())],
        zip::CompressionMethod::Stored,
    );
    check("a.eml", n_inputs(1_000_000, 2_000), move |random| {
        let mut part = |bytes: &[u8], kind: &str, name: &str| {
            let mut bytes = bytes.to_vec();
            if random.below(3) == 0 {
                mutate::bytes(&mut bytes, random);
            }
            let (encoding, body) = match random.below(3) {
                0 => ("8bit", bytes),
                1 => ("quoted-printable", bytes.iter().flat_map(|byte| format!("={byte:02X}").into_bytes()).collect()),
                _ => ("base64", base64(&bytes)),
            };
            let head = format!(
                "--x\nContent-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n\
                 Content-Disposition: attachment; filename=\"{name}\"\n\n"
            );
            [head.as_bytes(), &body, b"\n"].concat()
        };
        let parts = [
            part(&text[..200], "text/plain; charset=x-viet-tcvn", "a.txt"),
            part(&page[page.len() - 300..], "text/html; charset=utf-8", "b.html"),
            part(&document, "application/zip", "c.docx"),
            part(b"Subject: x\n\nTrong\n", "message/rfc822", "d.eml"),
        ]
        .concat();
        let head = "Subject: =?utf-8?B?R+G7rWk=?=\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n\
                    --x\nContent-Type: text/plain; charset=utf-8\n\nKính gửi Văn phòng Tỉnh ủy.\n";
        let mut mail = [head.as_bytes(), &parts, b"--x--\n"].concat();
        mutate::lines(&mut mail, random);
        mail
    });
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(bytes);
    text.as_bytes().chunks(76).collect::<Vec<_>>().join(&b'\n')
}

/// Members of every kind under every sort of name; then the headers, then any byte.
#[test]
fn archives() {
    let text = fixture("encodings/vni.txt")[..300].to_vec();
    let page = b"<table><tr><td>a<td>b</table>".to_vec();
    let names = [
        "a.txt",
        "b/c.html",
        "../d.txt",
        "/e.txt",
        "f.zip",
        "g.docx",
        "h\\i.txt",
        "k\u{7}.txt",
        "../../../../l.html",
        "__MACOSX/._m.txt",
        "n",
        "ông văn.txt",
    ];
    check("a.zip", n_inputs(1_000_000, 2_000), move |random| {
        let method = [zip::CompressionMethod::Stored, zip::CompressionMethod::Deflated][random.below(2)];
        let mut text = text.clone();
        mutate::bytes(&mut text, random);
        let mut inner = zip_of(&[(random.pick(&names), &text), ("word/document.xml", &page)], method);
        if random.below(3) == 0 {
            mutate::headers(&mut inner, random);
        }
        let mut archive =
            zip_of(&[(random.pick(&names), &text), (random.pick(&names), &inner), ("c.html", &page)], method);
        match random.below(4) {
            0 => mutate::bytes(&mut archive, random),
            1 | 2 => mutate::headers(&mut archive, random),
            _ => {}
        }
        archive
    });
}

/// The XML inside is mutated and packed again: mutations of the archive itself rarely get that far.
#[test]
fn word_documents() {
    const PARTS: [&str; 5] =
        ["word/document.xml", "word/numbering.xml", "word/styles.xml", "word/footnotes.xml", "word/endnotes.xml"];
    // Where a stretch may begin and be read as it was meant.
    const PLACES: [&[u8]; 8] = [b"<w:p>", b"<w:p ", b"<w:tb", b"<w:ab", b"<w:nu", b"<w:st", b"<w:fo", b"<w:en"];
    let files = ["numbered.docx", "pandoc.docx", "libreoffice.docx", "features.docx"].map(|name| {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(fixture(name))).unwrap();
        PARTS.map(|part| {
            let mut bytes = Vec::new();
            if let Ok(mut file) = archive.by_name(part) {
                file.read_to_end(&mut bytes).unwrap();
            }
            bytes
        })
    });
    check("a.docx", n_inputs(1_000_000, 2_000), move |random| {
        let file = &files[random.below(files.len())];
        let mut parts = Vec::new();
        for (part, bytes) in PARTS.iter().zip(file) {
            // A stretch that begins with a tag, under the root: whole parts only cost time.
            let root = bytes.iter().take(4096).position(|byte| *byte == b'>').map_or(0, |at| at + 1);
            let most = 200 + random.below(if *part == "word/document.xml" { 2800 } else { 1300 });
            let rest = &bytes[root..];
            let from = random.below(rest.len().saturating_sub(most));
            let from = from + rest[from..].windows(5).position(|tag| PLACES.contains(&tag)).unwrap_or(0);
            let mut bytes = [&bytes[..root], &rest[from..][..most.min(rest.len() - from)]].concat();
            if *part == "word/document.xml" || random.below(2) == 0 {
                mutate::markup(&mut bytes, random);
            }
            parts.push((*part, bytes));
        }
        let members: Vec<(&str, &[u8])> = parts.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
        zip_of(&members, zip::CompressionMethod::Stored)
    });
}

/// Half of the inputs are changed within the text of an object, half anywhere.
#[test]
fn pdf_through_poppler() {
    let pdf = vanban::source::readers().into_iter().find(|reader| reader.what.starts_with("PDF with a text layer"));
    if !pdf.is_some_and(|reader| reader.ready) {
        println!("skipped: poppler-utils is not installed");
        return;
    }
    let files = ["unpacked.pdf", "libreoffice.pdf"].map(fixture);
    check("a.pdf", n_inputs(100_000, 20), move |random| {
        let mut bytes = files[random.below(files.len())].clone();
        if random.below(2) == 0 {
            mutate::lines(&mut bytes, random)
        } else {
            mutate::bytes(&mut bytes, random)
        }
        bytes
    });
}
