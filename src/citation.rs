//! Citations of other documents: what the page says ([`Mention`]), then what it means ([`Citation`]).
//!
//! [`find`] reads the page, [`resolve`] decides short forms, locators and relations.
//! An ambiguous reference stays unresolved.

mod amendment;
mod clause;
mod date;
mod exchange;
mod find;
mod issuer;
mod kinds;
mod laws;
mod lists;
mod locator;
mod page;
mod place;
mod predicate;
mod relation;
mod resolve;
mod scope;
mod sentence;
mod table;
mod trigger;

use crate::number::DocumentNumber;
use crate::outline::Outline;
use crate::text::{Defect, Span};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Types of laws, folded.
const LAWS: [&str; 3] = ["luat", "bo luat", "hien phap"];

/// Whether a paper of this type is a law; `kind` is folded.
pub(crate) fn is_law(kind: &str) -> bool {
    LAWS.contains(&kind)
}

/// Whether a paper of this type can change a law; `kind` is folded.
pub(crate) fn changes_laws(kind: &str) -> bool {
    is_law(kind) || ["phap lenh", "nghi quyet", "lenh", "dieu le"].contains(&kind)
}

/// What a citing document does to, or takes from, the cited one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the closed list of the record format")]
pub enum Relation {
    Basis,
    Implements,
    Details,
    Guides,
    Replaces,
    ReplacedBy,
    Repeals,
    EndsEffect,
    Amends,
    AmendedBy,
    Corrects,
    Suspends,
    Consolidates,
    AttachedTo,
    Attaches,
    RepliesTo,
    #[default]
    Cites,
}

/// Where a citation leads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, from = "String", into = "String")]
pub enum Target {
    /// Into the citing document itself.
    SelfDocument,
    /// To a document that is not held, or not yet looked for.
    #[default]
    External,
    /// To a held document, by its id.
    Held(String),
}

impl From<String> for Target {
    fn from(word: String) -> Target {
        match word.as_str() {
            "self" => Target::SelfDocument,
            "external" => Target::External,
            _ => Target::Held(word),
        }
    }
}

impl From<Target> for String {
    fn from(target: Target) -> String {
        match target {
            Target::SelfDocument => "self".into(),
            Target::External => "external".into(),
            Target::Held(id) => id,
        }
    }
}

/// When an effect of a clause holds, where the clause says more than the document does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// First day of the effect, where the clause names one of its own.
    pub from: Option<Date>,
    /// First day after a suspension.
    pub until: Option<Date>,
    /// Places that are spared (“trừ Điều 172”).
    pub except: Vec<String>,
    /// Until when they are spared.
    pub except_until: Option<Date>,
    /// The clause restores what had been suspended or ended (“có hiệu lực trở lại”).
    pub restores: bool,
}

/// How a reference names its act.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// By number.
    Numbered(DocumentNumber),
    /// Bare serials before a whole number (“số 22, 24-QĐ/TW”), with their places on the page; never leaves [`find`].
    Serials(Vec<(String, usize)>, DocumentNumber),
    /// By name alone: a law, a charter, a resolution of a congress.
    Named,
    /// By type and serial: “Nghị quyết 11”; by type alone where the serial is empty: “Nghị định nêu trên”.
    Short(String),
    /// “Nghị định này”.
    This,
    /// Not at all: “khoản 2 Điều này”.
    Nothing,
}

/// A reference as the page has it, before anything is decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Mention {
    /// Bytes of the restored text, from locator to date, issuer or term.
    pub span: Span,
    /// How the act is named.
    pub act: Act,
    /// The type word that stands with it, canonical.
    pub kind: Option<&'static str>,
    /// The name as printed, on one line.
    pub name: Option<String>,
    /// The date that stands with it.
    pub date: Option<Date>,
    /// The date was given as *cùng ngày*: it holds for the member before too.
    pub same_day: bool,
    /// The body that stands with it, canonical.
    pub issuer: Option<String>,
    /// The term that stands with it.
    pub term: Option<String>,
    /// Single places, in canonical wording.
    pub locators: Vec<String>,
    /// Written as the document's own number is, in the head of the page.
    pub header: bool,
    /// Tokens of the joined view.
    pub(crate) tokens: (usize, usize),
    /// The token at which the act itself begins.
    pub(crate) act_at: usize,
}

/// A reference with its meaning.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Citation {
    /// From locator to date or issuer; bytes of the restored text.
    pub span: Span,
    /// Canonical spelling, as printed.
    pub number: Option<String>,
    /// For an act cited by name.
    pub name: Option<String>,
    /// The type word, canonical: `Quyết định`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Date of the cited document as stated.
    pub date: Option<Date>,
    /// Body without locality, canonical spelling.
    pub issuer: Option<String>,
    /// Term of the issuing body (*khóa*): `XIV`.
    pub term: Option<String>,
    /// Places in the cited document, each in words: `điểm b khoản 2 Điều 5`.
    pub locators: Vec<String>,
    /// What the clause does.
    pub relation: Relation,
    /// Where it leads.
    pub target: Target,
    /// Number of the document that acts, where that is a third one.
    pub of: Option<String>,
    /// The probable number, where the printed one contradicts issuer or date.
    pub likely: Option<String>,
    /// Place in the citing document.
    pub path: Option<String>,
    /// 0 to 1.
    pub confidence: f32,
    /// The sentence or clause that proves it; bytes of the restored text.
    pub sentence: Span,
    /// When the effect holds, where the clause says so.
    pub scope: Scope,
}

/// New wording that one document gives to a place of another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Amendment {
    /// Number of the amended document.
    pub target: Option<String>,
    /// The place: `Điều 5`.
    pub locator: String,
    /// `replace`, `insert`, `repeal`, `phrase`.
    pub action: String,
    /// Of a `phrase`: the words that the new ones take the place of.
    pub was: Option<String>,
    /// The new wording as quoted.
    pub text: String,
    /// Where it stands; bytes of the restored text.
    pub span: Span,
}

/// What [`resolve`] makes of a text's mentions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resolved {
    /// In reading order.
    pub citations: Vec<Citation>,
    /// In reading order.
    pub amendments: Vec<Amendment>,
    /// Misprinted numbers and references that fit two documents.
    pub defects: Vec<Defect>,
}

/// What the document itself is called, so that “Quyết định này” is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OwnNames {
    /// Own number.
    pub number: Option<String>,
    /// Own type.
    pub kind: Option<String>,
    /// Own issuer.
    pub issuer: Option<String>,
    /// Own date.
    pub date: Option<Date>,
}

/// Finds everything that looks like a reference, in reading order.
pub fn find(text: &str) -> Vec<Mention> {
    find::find(&page::Page::new(text))
}

/// The single places of a list in words, as a person may write it: “khoản 1, 3 Điều 5” is two. What is no list of
/// places from its first word to its last comes back as it is.
pub(crate) fn single_places(words: &str) -> Vec<String> {
    let whole = || vec![words.to_owned()];
    let page = page::Page::new(words);
    let listed = (0..page.len())
        .any(|at| page.mark_of(at, ",;") || [page::key("va"), page::key("den")].contains(&page.word(at)));
    let Some(run) = locator::parse(&page, 0).filter(|run| listed && !run.this) else { return whole() };
    if run.end >= page.len() {
        return run.places(None);
    }
    let tail = page.joined(run.end, page.len());
    if tail.ends_with("kèm theo") { run.places(Some(&tail)) } else { whole() }
}

/// [`find`] and [`resolve`] in one go, which reads the page once instead of twice.
pub fn read(text: &str, outline: &Outline, own: &OwnNames) -> Resolved {
    let page = page::Page::new(text);
    let mentions = find::find(&page);
    if mentions.is_empty() {
        return Resolved::default();
    }
    resolve::resolve(&page, mentions, outline, own)
}

/// Decides what the mentions of `text` mean. They must come from [`find`] on the same text.
pub fn resolve(text: &str, mentions: Vec<Mention>, outline: &Outline, own: &OwnNames) -> Resolved {
    if mentions.is_empty() {
        return Resolved::default();
    }
    resolve::resolve(&page::Page::new(text), mentions, outline, own)
}
