//! What differs between the Odoo versions that are imitated, each fact seen on a running server.

/// The Odoo series that is imitated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    V17,
    V18,
    V19,
}

impl Version {
    /// All of them, for tests that run on each.
    pub const ALL: [Self; 3] = [Self::V17, Self::V18, Self::V19];

    /// The series from its number, `17`, `18` or `19`.
    pub fn from_major(major: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.major() == major)
    }

    pub fn major(self) -> i64 {
        match self {
            Self::V17 => 17,
            Self::V18 => 18,
            Self::V19 => 19,
        }
    }

    /// `18.0`.
    pub fn serie(self) -> String {
        format!("{}.0", self.major())
    }

    /// `code` of a JSON-RPC error: it says nothing about the error.
    pub fn error_code(self) -> i64 {
        if self == Self::V19 { 0 } else { 200 }
    }

    /// Status for a wrong content type.
    pub fn wrong_type_status(self) -> u16 {
        if self == Self::V19 { 415 } else { 400 }
    }

    /// The text field of a payment that readers see.
    pub fn memo_field(self) -> &'static str {
        if self == Self::V17 { "ref" } else { "memo" }
    }

    /// The many2many from users (and server actions) to groups.
    pub fn groups_field(self) -> &'static str {
        if self == Self::V19 { "group_ids" } else { "groups_id" }
    }

    /// State of a payment that is posted and whose money is there.
    pub fn payment_done(self) -> &'static str {
        if self == Self::V17 { "posted" } else { "paid" }
    }

    /// State of a payment that somebody cancelled.
    pub fn payment_cancelled(self) -> &'static str {
        if self == Self::V17 { "cancel" } else { "canceled" }
    }
}
