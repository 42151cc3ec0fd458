//! Whose an object is: the payment it belongs to, and the account.

use super::object::Charge;
use crate::movement::{MovementKind, posting_key};

/// A payment by its id, `pi_…`, else its charge's; and the charge's where that is another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentId {
    pub payment: String,
    pub charge: Option<String>,
}

impl PaymentId {
    /// `None` when neither is known.
    pub fn from_ids(intent: Option<&str>, charge: Option<&str>) -> Option<Self> {
        let payment = intent.or(charge)?.to_owned();
        Some(Self { payment, charge: charge.filter(|_| intent.is_some()).map(str::to_owned) })
    }

    pub fn from_charge(charge: &Charge<'_>) -> Self {
        let id = charge.id.as_str().to_owned();
        match &charge.payment_intent {
            Some(intent) => Self { payment: intent.id().to_owned(), charge: Some(id) },
            None => Self { payment: id, charge: None },
        }
    }

    /// Key of its receipt.
    pub fn receipt_key(&self, account: &str) -> String {
        posting_key(account, &self.payment, MovementKind::Paid.transition())
    }
}

/// The account of an event that names one, or a path of accounts: `acct_own/acct_connected` is the latter, seen from the
/// former (docs.stripe.com/context). `own` is the key's. `None`: a form that is not known, or seen from a stranger.
pub fn event_account<'a>(named: &'a str, own: &str) -> Option<&'a str> {
    let account = |id: &&str| id.starts_with("acct_");
    match named.split_once('/') {
        None => Some(named).filter(account),
        Some((from, last)) if from == own || last == own => Some(last).filter(account).filter(|id| !id.contains('/')),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "acct_own";
    const CONNECTED: &str = "acct_2";

    #[test]
    fn the_last_of_a_path_is_the_account_where_the_path_is_ours() {
        for (named, found) in [
            ("acct_2", Some(CONNECTED)),
            ("acct_own", Some(OWN)),
            ("acct_own/acct_2", Some(CONNECTED)),
            ("acct_own/acct_own", Some(OWN)),
            ("org_1/acct_own", Some(OWN)),
            ("acct_3/acct_2", None),
            ("org_1/acct_2", None),
            ("acct_own/acct_2/acct_3", None),
            ("acct_own/cus_1", None),
            ("acct_own/", None),
            ("/acct_2", None),
            ("/", None),
            ("?", None),
            ("", None),
        ] {
            assert_eq!(event_account(named, OWN), found, "{named}");
        }
    }
}
