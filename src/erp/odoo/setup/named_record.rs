//! A record that an external id of set-up names.

/// A record that an external id names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedRecord {
    pub model: String,
    pub id: i64,
    /// Of the external id itself, in `ir.model.data`.
    pub(super) row: i64,
}
