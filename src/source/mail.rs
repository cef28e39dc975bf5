//! Mail: the text of the message, then every attachment that is a document.

use super::archive::Allowance;
use super::encoding::{decode, mend_text};
use super::sniff::is_candidate;
use super::{Limits, Part, Refused, html};
use mail_parser::{MessageParser, MimeHeaders, PartType};

/// Attachments of one mail that are looked at.
const MOST_ATTACHMENTS: usize = 200;

/// Reads a mail.
pub(crate) fn read(bytes: &[u8], limits: &Limits, allowance: &mut Allowance) -> Result<Vec<Part>, Refused> {
    let malformed = || Refused { reason: "malformed", message: "this is no mail; save it again as .eml".into() };
    if allowance.nesting == 0 {
        return Err(Refused { reason: "limit", message: "mails nested too deep; save the attachments".into() });
    }
    let message = MessageParser::default().parse(bytes).ok_or_else(malformed)?;
    let mut parts = Vec::new();
    let whole = |content| Part { suffix: String::new(), content, first_line: 1 };
    let body = message
        .body_text(0)
        .map(|text| text.into_owned())
        .or_else(|| message.body_html(0).map(|page| html::text_of(&page)));
    if let Some(text) = body.filter(|text| !text.trim().is_empty()) {
        parts.push(whole(Ok(mend_text(text, "mail"))));
    }
    allowance.nesting -= 1;
    for (n, attachment) in message.attachments().take(MOST_ATTACHMENTS).enumerate() {
        let name =
            attachment.attachment_name().map_or_else(|| format!("{n}.eml"), |name| name.replace(['/', '\\'], "_"));
        let contents = attachment.contents();
        if !is_candidate(&name) || allowance.members == 0 || contents.len() > allowance.bytes {
            continue;
        }
        allowance.members -= 1;
        allowance.bytes -= contents.len();
        let read = match &attachment.body {
            PartType::Text(text) if !name.ends_with(".html") => {
                decode(text.as_bytes()).map(|decoded| vec![whole(Ok(decoded))])
            }
            _ => super::read_within(&name, contents, limits, allowance),
        };
        match read {
            Ok(read) => {
                parts.extend(read.into_iter().map(|part| Part { suffix: format!("!/{name}{}", part.suffix), ..part }))
            }
            Err(refused) => parts.push(Part { suffix: format!("!/{name}"), ..whole(Err(refused)) }),
        }
    }
    allowance.nesting += 1;
    if parts.is_empty() { Err(malformed()) } else { Ok(parts) }
}
