//! What alerts of all kinds are made of.

use crate::date;
use crate::ledger::operator::alerts::Alert;

/// The only alert of its kind, about so many things; its texts are to be filled in.
pub fn count_alert(kind: &'static str, count: i64) -> Alert {
    Alert { id: kind.to_owned(), kind, what: String::new(), todo: String::new(), count }
}

/// An instant (seconds) as alerts name it.
pub fn utc_text(instant: i64) -> String {
    format!("{} UTC", date::instant(instant))
}
