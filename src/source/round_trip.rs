//! Clean text written in every legacy encoding, cut into samples, must be recognised and come back.

use super::encoding::decode;
use super::tables::{Charset, TCVN3, TCVN3_FULL, VISCII, VNI_PAIRS, VNI_SECOND, VNI_SINGLE, VPS};
use std::collections::HashMap;
use std::path::Path;
use unicode_normalization::UnicodeNormalization;

/// Names of the encodings written here, with the name that `decode` must give.
const ENCODINGS: [(&str, &str); 21] = [
    ("tcvn3", "tcvn3"),
    ("tcvn5712-1", "tcvn3"),
    ("tcvn5712-1 as utf-8", "utf-8/tcvn3"),
    ("viscii", "viscii"),
    ("vps", "vps"),
    ("vni", "vni"),
    ("windows-1258", "windows-1258"),
    ("viqr", "viqr"),
    ("utf-16le", "utf-16le"),
    ("utf-16be", "utf-16be"),
    ("nfd", "utf-8"),
    ("utf-8 twice", "utf-8/utf-8"),
    ("utf-8 thrice", "utf-8/utf-8/utf-8"),
    ("utf-8 four times", "utf-8/utf-8/utf-8/utf-8"),
    ("utf-8 twice by latin-1", "utf-8/utf-8"),
    ("utf-8 thrice by latin-1", "utf-8/utf-8/utf-8"),
    ("tcvn3 as utf-8", "utf-8/tcvn3"),
    ("vni as utf-8 by latin-1", "utf-8/vni"),
    ("vni as utf-8", "utf-8/vni"),
    ("viscii as utf-8", "utf-8/viscii"),
    ("vps as utf-8", "utf-8/vps"),
];

fn bytes_in(charset: &Charset, text: &str) -> Vec<u8> {
    let codes: HashMap<char, u8> =
        charset.decode_table().iter().enumerate().filter_map(|(code, letter)| Some(((*letter)?, code as u8))).collect();
    let code = |c: char| codes.get(&c).copied().or_else(|| u8::try_from(c).ok().filter(u8::is_ascii));
    // What the charset lacks, TCVN3 writes small (the capitals font does the rest).
    text.chars().map(|c| code(c).or_else(|| c.to_lowercase().next().and_then(code)).unwrap_or(b'-')).collect()
}

fn vni_bytes(text: &str) -> Vec<u8> {
    let mut spellings: HashMap<char, String> = HashMap::new();
    let mut add = |letter: char, spelling: String| {
        let upper = |text: &str| text.to_uppercase();
        spellings.insert(letter.to_uppercase().next().unwrap(), upper(&spelling));
        spellings.insert(letter, spelling);
    };
    for (base, letters) in VNI_PAIRS {
        for (second, letter) in VNI_SECOND.chars().zip(letters.chars()) {
            add(letter, format!("{base}{second}"));
        }
    }
    for (single, letter) in VNI_SINGLE {
        add(*letter, single.to_string());
    }
    let spelled: String = text.chars().map(|c| spellings.get(&c).cloned().unwrap_or(c.to_string())).collect();
    spelled.chars().map(|c| u8::try_from(c).unwrap_or(b'-')).collect()
}

fn windows_1258_bytes(text: &str) -> Vec<u8> {
    // The tone apart, the letter with its other mark together.
    let mut out = Vec::new();
    for c in text.chars() {
        let (letter, tone) = split_tone(c);
        let piece: String = [Some(letter), tone].into_iter().flatten().collect();
        let (bytes, _, lossy) = encoding_rs::WINDOWS_1258.encode(&piece);
        out.extend_from_slice(if lossy { b"-" } else { &bytes });
    }
    out
}

fn split_tone(c: char) -> (char, Option<char>) {
    let parts: Vec<char> = std::iter::once(c).nfd().collect();
    let is_tone = |c: &char| matches!(c, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}');
    let tone = parts.iter().copied().find(is_tone);
    let letter: String = parts.into_iter().filter(|c| !is_tone(c)).nfc().collect();
    (letter.chars().next().unwrap(), tone)
}

fn viqr_bytes(text: &str) -> Vec<u8> {
    let mut out = String::new();
    let mut after_vowel = false;
    for c in text.chars() {
        let mut vowel = false;
        if (after_vowel && "'`?~.^(+*".contains(c)) || c == '\\' {
            out.push('\\');
        }
        match c {
            'đ' => out.push_str("dd"),
            'Đ' => out.push_str("DD"),
            _ => {
                for part in std::iter::once(split_tone(c)).flat_map(|(letter, tone)| {
                    let mut parts: Vec<char> = std::iter::once(letter).nfd().collect();
                    parts.extend(tone);
                    parts
                }) {
                    vowel |= "aeiouyAEIOUY".contains(part);
                    out.push(match part {
                        '\u{302}' => '^',
                        '\u{306}' => '(',
                        '\u{31B}' => '+',
                        '\u{301}' => '\'',
                        '\u{300}' => '`',
                        '\u{309}' => '?',
                        '\u{303}' => '~',
                        '\u{323}' => '.',
                        part => part,
                    });
                }
            }
        }
        after_vowel = vowel;
    }
    out.into_bytes()
}

/// The bytes taken for windows-1252 and saved as UTF-8.
fn saved_again(bytes: &[u8]) -> Vec<u8> {
    encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned().into_bytes()
}

/// The bytes taken for Latin-1, whose upper controls Windows does not have.
fn saved_by_latin_1(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes()
}

fn encode(text: &str, encoding: &str) -> Vec<u8> {
    match encoding {
        "tcvn3" => bytes_in(&TCVN3, text),
        "tcvn5712-1" => bytes_in(&TCVN3_FULL, text),
        "utf-8 twice by latin-1" => saved_by_latin_1(text.as_bytes()),
        "utf-8 thrice by latin-1" => saved_by_latin_1(&saved_by_latin_1(text.as_bytes())),
        "vni as utf-8 by latin-1" => saved_by_latin_1(&vni_bytes(text)),
        "viscii" => bytes_in(&VISCII, text),
        "vps" => bytes_in(&VPS, text),
        "vni" => vni_bytes(text),
        "windows-1258" => windows_1258_bytes(text),
        "viqr" => viqr_bytes(text),
        "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-16be" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        "nfd" => text.nfd().collect::<String>().into_bytes(),
        "utf-8 twice" => saved_again(text.as_bytes()),
        "utf-8 thrice" => saved_again(&saved_again(text.as_bytes())),
        "utf-8 four times" => saved_again(&saved_again(&saved_again(text.as_bytes()))),
        _ => saved_again(&encode(text, encoding.strip_suffix(" as utf-8").unwrap())),
    }
}

/// What an encoding can hold of `text`: typographic signs become plain ones.
fn plain(text: &str) -> String {
    let letters = "ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ";
    let capitals = letters.to_uppercase();
    text.nfc()
        .map(|c| match c {
            '–' | '—' | '…' | '•' => '-',
            '“' | '”' => '"',
            '‘' | '’' => '\'',
            c if c.is_ascii() || letters.contains(c) || capitals.contains(c) => c,
            _ => '-',
        })
        .collect()
}

/// Samples of `n` syllables, cut at blanks.
fn samples(text: &str, n: usize) -> Vec<&str> {
    let mut cuts = vec![0];
    let mut words = 0;
    let mut in_word = false;
    for (at, c) in text.char_indices() {
        if c.is_whitespace() {
            if in_word {
                words += 1;
                if words % n == 0 {
                    cuts.push(at + 1);
                }
            }
            in_word = false;
        } else {
            in_word = true;
        }
    }
    cuts.windows(2).map(|cut| &text[cut[0]..cut[1]]).collect()
}

/// Clean documents: the sample archive, and the large set where it lies beside it.
fn documents(slow: bool) -> Vec<String> {
    let mut folders = vec!["../shared/archive".to_owned()];
    if slow {
        folders.extend(std::env::var("VANBAN_CLEAN_DOCUMENTS"));
    }
    let mut texts = Vec::new();
    for folder in folders {
        let Ok(entries) = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(&folder)) else {
            println!("skipped: {folder} is not there");
            continue;
        };
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
        texts.extend(paths.iter().map(|path| std::fs::read_to_string(path).unwrap()));
    }
    texts
}

fn is_slow() -> bool {
    std::env::var_os("VANBAN_SLOW").is_some()
}

/// At least `permille` of the samples of `n` syllables are recognised, and all that are come back.
fn check(n: usize, least_per_mille: usize) {
    let texts: Vec<String> = documents(is_slow()).iter().map(|text| plain(text)).collect();
    if texts.is_empty() {
        return;
    }
    let mut missed = Vec::new();
    for (encoding, name) in ENCODINGS {
        let (mut n_samples, mut n_right, mut n_words, mut n_wrong_words) = (0, 0, 0usize, 0usize);
        let mut shown = 0;
        for sample in texts.iter().flat_map(|text| samples(text, n)) {
            // A sample without letters to tell by (a table of figures) is none.
            let accented = sample.split_whitespace().filter(|word| !word.is_ascii()).count();
            if accented * 3 < n {
                continue;
            }
            n_samples += 1;
            let Ok(decoded) = decode(&encode(sample, encoding)) else { continue };
            // VIQR cannot tell a full stop from a tone where the writer did not say.
            let same = encoding == "viqr" || decoded.text.to_lowercase() == sample.to_lowercase();
            let right = decoded.encoding == name && same;
            n_right += usize::from(right);
            if !right && shown < 3 {
                shown += 1;
                println!(
                    "{encoding}: got {}\n  {sample:?}\n  {:?}\n  {:?}",
                    decoded.encoding, decoded.text, decoded.defects
                );
            }
            for (word, back) in sample.split_whitespace().zip(decoded.text.split_whitespace()) {
                n_words += 1;
                n_wrong_words += usize::from(word != back);
            }
        }
        println!(
            "{encoding:18} {n:4} syllables: {n_right}/{n_samples} recognised ({:.2} %), {n_wrong_words}/{n_words} words differ in case or otherwise",
            100.0 * n_right as f64 / n_samples as f64
        );
        if n_right * 1000 < n_samples * least_per_mille || n_wrong_words * 100 > n_words {
            missed.push(encoding);
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn documents_of_200_syllables_come_back_from_every_encoding() {
    check(200, 999);
}

#[test]
fn documents_of_20_syllables_come_back_from_every_encoding() {
    check(20, 995);
}

/// Text that is sound, or damaged by an OCR engine, is never taken for a legacy encoding.
fn check_left_alone(folder: &str, suffix: &str) {
    let Ok(entries) = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)) else {
        println!("skipped: {folder} is not there");
        return;
    };
    let mut n_samples = 0;
    let mut mistaken = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        if !path.to_string_lossy().ends_with(suffix) {
            continue;
        }
        let text: String = std::fs::read_to_string(&path).unwrap();
        let whole = std::iter::once(text.as_str());
        for sample in whole.chain(samples(&text, 200)).chain(samples(&text, 20)) {
            let Ok(decoded) = decode(sample.as_bytes()) else { continue };
            n_samples += 1;
            if decoded.encoding != "utf-8" {
                mistaken.push(format!("{}: {} in {:.300?}", path.display(), decoded.encoding, decoded.text));
            }
        }
    }
    println!("{folder}: {} of {n_samples} taken for something else", mistaken.len());
    assert!(mistaken.is_empty(), "{}", mistaken.join("\n"));
}

#[test]
fn clean_documents_are_left_alone() {
    check_left_alone("../shared/archive", ".txt");
    if let (true, Ok(folder)) = (is_slow(), std::env::var("VANBAN_CLEAN_DOCUMENTS")) {
        check_left_alone(&folder, ".txt");
    }
}

#[test]
fn damaged_documents_are_left_alone() {
    for folder in ["../shared/archive_ocr", "../shared/dev", "../shared/seeds"] {
        check_left_alone(folder, ".txt");
    }
}

/// The first articles of the Universal Declaration of Human Rights, and the like.
const FOREIGN: [&str; 6] = [
    "All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience and \
     should act towards one another in a spirit of brotherhood. Everyone has the right to life, liberty and security. \
     Don't you agree? We do. You're right (I hope); see p. 12, i.e. the table: a+b, e^x, o(n), u*v. Café, naïve, rôle.",
    "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de conscience \
     et doivent agir les uns envers les autres dans un esprit de fraternité. Où êtes-vous né ? À l'époque coloniale, \
     le gouverneur général de l'Indochine a signé l'arrêté du 3 août 1908 à Hanoï; c'était déjà un régime sévère.",
    "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt und \
     sollen einander im Geiste der Brüderlichkeit begegnen. Größe, Fuß, Öl, Übergänge, schön, Straße, Bäume.",
    "Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como están de razón y conciencia, \
     deben comportarse fraternalmente los unos con los otros. ¿Dónde está el niño? El año próximo, señor.",
    "Hver maður er borinn frjáls og jafn öðrum að virðingu og réttindum. Menn eru gæddir vitsmunum og samvizku, og ber \
     þeim að breyta bróðurlega hverjum við annan. Það er ekki ljóst. Ðað, ÞAÐ.",
    "Todos os seres humanos nascem livres e iguais em dignidade e em direitos. Dotados de razão e de consciência, devem \
     agir uns para com os outros em espírito de fraternidade. Não há nação sem coração; vocês põem à mão, irmãs.",
];

#[test]
fn foreign_languages_are_left_alone() {
    for text in FOREIGN {
        for sample in samples(&format!("{text} "), 12).into_iter().chain([text]) {
            let decoded = decode(sample.as_bytes()).unwrap();
            assert_eq!((decoded.encoding.as_str(), decoded.text.as_str()), ("utf-8", sample));
            let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(sample);
            let decoded = decode(&bytes).unwrap();
            assert_eq!(decoded.text, sample);
            assert!(["utf-8", "windows-1252"].contains(&decoded.encoding.as_str()), "{sample}: {}", decoded.encoding);
        }
    }
}

#[test]
fn what_two_encodings_explain_is_left_and_says_so() {
    // `là là` in TCVN3, `lộ lộ` in VISCII.
    let decoded = decode(b"l\xB5 l\xB5").unwrap();
    assert_eq!((decoded.text.as_str(), decoded.encoding.as_str()), ("lµ lµ", "unknown"));
    assert!(decoded.defects.iter().any(|defect| defect.note.contains("could be")), "{:?}", decoded.defects);
}

#[test]
fn signs_of_windows_in_tcvn3_are_no_capitals() {
    let mut bytes = bytes_in(&TCVN3, "Theo Quyết định số 12 của Ủy ban nhân dân tỉnh về việc ");
    bytes.extend([0x93]);
    bytes.extend(bytes_in(&TCVN3, "tiếp công dân"));
    bytes.extend([0x94, b' ', 0x96, b' ']);
    bytes.extend(bytes_in(&TCVN3, "điều chỉnh nhiệm vụ năm 2010"));
    let decoded = decode(&bytes).unwrap();
    assert_eq!(
        decoded.text,
        "Theo Quyết định số 12 của Ủy ban nhân dân tỉnh về việc “tiếp công dân” – điều chỉnh nhiệm vụ năm 2010"
    );
}

#[test]
fn capitals_of_vn1_are_told_from_signs_of_windows() {
    let back = |text: &str| decode(&bytes_in(&TCVN3_FULL, text)).unwrap().text;
    for text in [
        // Specks of a scan: a stroke read as a letter, which is an opening quotation mark in Windows.
        "Điều 19. Trình tự, thủ tục kiểm tra Ị\nkiến trúc hạ tầng",
        "của Ủy ban nhân dân tỉnh; bÌ) Chuỗi dự án do nhà đầu tư đề xuất",
        "nghĩa vụ gÓP vốn và nỢ, lãi suất vỆ sinh kinh tẾ xã hội",
        "theo quy định tại Điều 5 của Luật Đấu thầu;\nÙ ",
    ] {
        assert_eq!(back(text), text);
    }
}

#[test]
fn the_head_of_a_file_is_read_like_the_rest() {
    // `Maõ soá`, `xaõ` could be Vietnamese as they stand, and *canô* is no syllable.
    for head in ["Mã số", "xã.", "Canô 23 cv", "Ôxy"] {
        let text = format!("{head}\nTrường hợp hóa đơn điện tử có mã của cơ quan thuế, phải lập lại ngay");
        let decoded = decode(&saved_again(&vni_bytes(&text))).unwrap();
        assert_eq!((decoded.text, decoded.encoding.as_str()), (text, "utf-8/vni"));
    }
    // What is shown to be Unicode stays, whatever follows.
    let mut bytes = "Ủy ban nhân dân xã, một thị trấn\n".as_bytes().to_vec();
    let rest = "Trường hợp hóa đơn điện tử có mã của cơ quan thuế, phải lập lại ngay";
    bytes.extend(saved_again(&vni_bytes(rest)));
    assert_eq!(decode(&bytes).unwrap().text, format!("Ủy ban nhân dân xã, một thị trấn\n{rest}"));
}
