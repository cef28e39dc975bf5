//! What a picture says, in its language.

use crate::citation::Relation;
use crate::graph::trace::relation_label;
use crate::graph::validity::Status;
use jiff::civil::Date;

/// The language of a picture's own words; names and titles stay as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// *Tiếng Việt*
    #[default]
    Vietnamese,
    /// For readers of the English pages.
    English,
}

impl Language {
    pub(super) fn pick<'t>(self, vietnamese: &'t str, english: &'t str) -> &'t str {
        match self {
            Language::Vietnamese => vietnamese,
            Language::English => english,
        }
    }

    pub(super) fn code(self) -> &'static str {
        self.pick("vi", "en")
    }

    pub(super) fn day(self, date: Date) -> String {
        date.strftime(self.pick("%d/%m/%Y", "%-d %b %Y")).to_string()
    }

    /// Said of the acting document.
    pub(super) fn relation(self, relation: Relation) -> &'static str {
        if self == Language::Vietnamese {
            return relation_label(relation, true);
        }
        match relation {
            Relation::Basis => "based on",
            Relation::Implements => "implements",
            Relation::Details => "details",
            Relation::Guides => "guides",
            Relation::Replaces => "replaces",
            Relation::ReplacedBy => "replaced by",
            Relation::Repeals => "repeals",
            Relation::EndsEffect => "ends the effect of",
            Relation::Amends => "amends",
            Relation::AmendedBy => "amended by",
            Relation::Corrects => "corrects",
            Relation::Suspends => "suspends",
            Relation::Consolidates => "consolidates",
            Relation::AttachedTo => "attached to",
            Relation::Attaches => "attaches",
            Relation::RepliesTo => "replies to",
            Relation::Cites => "cites",
        }
    }

    pub(super) fn status(self, status: Status) -> &'static str {
        if self == Language::Vietnamese {
            return status.label();
        }
        match status {
            Status::InForce => "in force",
            Status::Expired => "expired",
            Status::PartlyExpired => "partly expired",
            Status::Suspended => "suspended",
            Status::NotYet => "not yet in force",
            Status::Void => "never took effect",
            Status::NotApplicable => "rules nothing of its own",
            Status::Unknown => "unknown",
        }
    }

    /// A status with its day, as short as a box needs it.
    pub(super) fn status_since(self, status: Status, until: Option<Date>) -> String {
        match (status, until) {
            (Status::Expired, Some(day)) => {
                format!("{} {}", self.pick("hết hiệu lực từ", "expired since"), self.day(day))
            }
            (Status::Suspended, Some(day)) => {
                format!("{} {}", self.pick("ngưng hiệu lực đến", "suspended until"), self.day(day))
            }
            (status, _) => self.status(status).to_owned(),
        }
    }

    /// The families of lines, as the legend names them.
    pub(super) fn lines(self) -> [&'static str; 5] {
        match self {
            Language::Vietnamese => [
                "thay thế, bãi bỏ, chấm dứt",
                "sửa đổi, bổ sung, đính chính",
                "ngưng hiệu lực, hợp nhất",
                "căn cứ, thực hiện, chi tiết, hướng dẫn",
                "dẫn chiếu, kèm theo, trả lời",
            ],
            Language::English => [
                "replaces, repeals, ends",
                "amends, corrects",
                "suspends, consolidates",
                "based on, implements, details, guides",
                "cites, attaches, replies",
            ],
        }
    }

    /// The looks of boxes, as the legend names them.
    pub(super) fn boxes(self) -> [(Status, &'static str); 6] {
        [
            (Status::InForce, self.pick("còn hiệu lực", "in force")),
            (Status::PartlyExpired, self.pick("hết hiệu lực một phần", "partly expired")),
            (Status::Suspended, self.pick("ngưng hiệu lực", "suspended")),
            (Status::NotYet, self.pick("chưa có hiệu lực", "not yet in force")),
            (Status::Expired, self.pick("hết hiệu lực, không phát sinh hiệu lực", "expired, never took effect")),
            (Status::Unknown, self.pick("nét đứt: chỉ được dẫn, không có văn bản", "dashed: cited only, not held")),
        ]
    }
}
