//! The single-byte Vietnamese charsets, as printed in their standards, and the letter pairs of VNI.
//!
//! `·` marks a code that holds no Vietnamese letter; text using it keeps the Windows reading.

/// A charset of one byte a letter; codes below 0x80 are ASCII except where `low` says otherwise.
#[derive(Debug)]
pub(crate) struct Charset {
    /// Stable name, as it stands in records.
    pub(crate) name: &'static str,
    /// Codes 0x80 to 0xFF.
    high: &'static str,
    /// Letters on control codes.
    low: &'static [(u8, char)],
}

/// TCVN 5712:1993 VN3, the ABC fonts (`.VnTime`): small letters and seven plain capitals only.
pub(crate) const TCVN3: Charset = Charset {
    name: "tcvn3",
    high: "················\
           ················\
           ·ĂÂÊÔƠƯĐăâêôơưđ·\
           ·····àảãáạ·ằẳẵắ·\
           ······ặầẩẫấậè·ẻẽ\
           éẹềểễếệìỉ···ĩíịò\
           ·ỏõóọồổỗốộờởỡớợù\
           ·ủũúụừửữứựỳỷỹýỵ·",
    low: &[],
};

/// TCVN 5712:1993 VN1, as `iconv` has it: the same letters, and every capital besides, where VN3
/// has signs of Windows or controls.
pub(crate) const TCVN3_FULL: Charset = Charset {
    name: TCVN3.name,
    high: "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨ\
           ÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ\
           ·ĂÂÊÔƠƯĐăâêôơưđẰ\
           \u{300}\u{309}\u{303}\u{301}\u{323}àảãáạẲằẳẵắẴ\
           ẮẦẨẪẤỀặầẩẫấậèỂẻẽ\
           éẹềểễếệìỉỄẾỒĩíịò\
           Ổỏõóọồổỗốộờởỡớợù\
           ỖủũúụừửữứựỳỷỹýỵỐ",
    low: &[
        (0x01, 'Ú'),
        (0x02, 'Ụ'),
        (0x04, 'Ừ'),
        (0x05, 'Ử'),
        (0x06, 'Ữ'),
        (0x11, 'Ứ'),
        (0x12, 'Ự'),
        (0x13, 'Ỳ'),
        (0x14, 'Ỷ'),
        (0x15, 'Ỹ'),
        (0x16, 'Ý'),
        (0x17, 'Ỵ'),
    ],
};

/// VISCII 1.1 (RFC 1456); six rare capitals lie on control codes.
pub(crate) const VISCII: Charset = Charset {
    name: "viscii",
    high: "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐ\
           ỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲ\
           Õắằặấầẩậẽẹếềểễệố\
           ồổỗỠƠộờởịỰỨỪỬơớƯ\
           ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳ\
           ĐứÒÓÔạỷừửÙÚỹỵÝỡư\
           àáâãảăữẫèéêẻìíĩỉ\
           đựòóôõỏọụùúũủýợỮ",
    low: &[(0x02, 'Ẳ'), (0x05, 'Ẵ'), (0x06, 'Ẫ'), (0x14, 'Ỷ'), (0x19, 'Ỹ'), (0x1E, 'Ỵ')],
};

/// VPS (Vietnamese Professionals Society); fourteen capitals lie on control codes.
pub(crate) const VPS: Charset = Charset {
    name: "vps",
    high: "ÀẢÃẤẦẨọỗĂếềểệẮẰẲ\
           Ế··ỀỂỄỐỒỔỖýỷỵỚỜỞ\
           ·ắằẳẵặỠớÙờởỡŨỨợỪ\
           ổỬỲỸÍÌộỈĨÓửữÒỎÕự\
           ầÁÂấẩẫậđẻÉÊẹỉễịỹ\
           ƯỦồốÔỏơÈừứÚũưÝẺ·\
           àáâãảạă·èéêẽìí·ĩ\
           ẴĐòóôõ·Ơụùúủ·ỶẼỳ",
    low: &[
        (0x02, 'Ạ'),
        (0x03, 'Ậ'),
        (0x04, 'Ặ'),
        (0x05, 'Ẹ'),
        (0x06, 'Ệ'),
        (0x10, 'Ị'),
        (0x11, 'Ọ'),
        (0x12, 'Ộ'),
        (0x13, 'Ợ'),
        (0x14, 'Ụ'),
        (0x15, 'Ự'),
        (0x19, 'Ỵ'),
        (0x1C, 'Ẫ'),
        (0x1D, 'Ữ'),
    ],
};

/// windows-1258 where it differs from windows-1252: tones are combining marks after the letter.
pub(crate) const WINDOWS_1258: Charset = Charset {
    name: "windows-1258",
    high: "················\
           ················\
           ················\
           ················\
           ÀÁÂĂ····ÈÉÊ·\u{300}Í··\
           Đ·\u{309}ÓÔƠ···ÙÚ··Ư\u{303}·\
           àáâă····èéê·\u{301}í··\
           đ·\u{323}óôơ···ùú··ư₫·",
    low: &[],
};

impl Charset {
    /// The letter of each code, `None` where the charset has none of its own.
    pub(crate) fn decode_table(&self) -> [Option<char>; 256] {
        let mut table = [None; 256];
        for (code, letter) in (0x80..=0xFF).zip(self.high.chars()) {
            if letter != '·' {
                table[code] = Some(letter);
            }
        }
        for &(code, letter) in self.low {
            table[usize::from(code)] = Some(letter);
        }
        table
    }
}

/// VNI-Windows: the letter that stands after a base vowel, and the mark it adds.
///
/// The second letter is given in small; capitals follow the same order.
pub(crate) const VNI_PAIRS: &[(&str, &str)] = &[
    // base letters, then what each of the second letters `ù ø û õ ï â á à å ã ä ê é è ú ü ë` makes of them
    ("a", "áàảãạâấầẩẫậăắằẳẵặ"),
    ("e", "éèẻẽẹêếềểễệ"),
    ("o", "óòỏõọôốồổỗộ"),
    ("u", "úùủũụ"),
    ("y", "ýỳỷỹ"),
    ("ô", "ớờởỡợ"),
    ("ö", "ứừửữự"),
];

/// The second letters of VNI, in the order of the columns of [`VNI_PAIRS`].
pub(crate) const VNI_SECOND: &str = "ùøûõïâáàåãäêéèúüë";

/// VNI-Windows letters that stand alone.
pub(crate) const VNI_SINGLE: &[(char, char)] =
    &[('ô', 'ơ'), ('ö', 'ư'), ('ñ', 'đ'), ('í', 'í'), ('ì', 'ì'), ('æ', 'ỉ'), ('ó', 'ĩ'), ('ò', 'ị'), ('î', 'ỵ')];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_128_columns() {
        for charset in [&TCVN3, &TCVN3_FULL, &VISCII, &VPS, &WINDOWS_1258] {
            assert_eq!(charset.high.chars().count(), 128, "{}", charset.name);
        }
    }

    #[test]
    fn viscii_and_vps_hold_every_letter_and_tcvn3_every_small_one() {
        let letters = "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ";
        for charset in [&TCVN3_FULL, &VISCII, &VPS] {
            let table = charset.decode_table();
            for letter in letters.chars().chain(letters.to_uppercase().chars()) {
                assert_eq!(
                    table.iter().flatten().filter(|held| **held == letter).count(),
                    1,
                    "{} {letter}",
                    charset.name
                );
            }
        }
        let table = TCVN3.decode_table();
        for letter in letters.chars().chain("ĂÂÊÔƠƯĐ".chars()) {
            assert_eq!(table.iter().flatten().filter(|held| **held == letter).count(), 1, "tcvn3 {letter}");
        }
    }
}
