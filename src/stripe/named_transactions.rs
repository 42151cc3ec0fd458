//! The balance transactions that an object names: each report of a movement leads to what it did to the balance.

use serde::Deserialize;

use super::json::{Id, Ref};

/// The members by which objects name balance transactions, and those through which they are reached.
#[derive(Deserialize)]
struct Names<'a> {
    #[serde(borrow, default)]
    balance_transaction: Option<Ref<'a, Id<'a>>>,
    #[serde(borrow, default)]
    failure_balance_transaction: Option<Ref<'a, Id<'a>>>,
    /// Of a dispute.
    #[serde(borrow, default)]
    balance_transactions: Option<Vec<Ref<'a, Id<'a>>>>,
    #[serde(borrow, default)]
    latest_charge: Link<'a>,
    #[serde(borrow, default)]
    payment_intent: Link<'a>,
    #[serde(borrow, default)]
    charge: Link<'a>,
    /// Of an invoice payment.
    #[serde(borrow, default)]
    payment: Link<'a>,
    /// Of a list.
    #[serde(borrow, default)]
    data: Option<Vec<Names<'a>>>,
}

type Link<'a> = Option<Ref<'a, Box<Names<'a>>>>;

#[derive(Deserialize)]
struct Snapshot<'a> {
    #[serde(borrow)]
    data: Data<'a>,
}
#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    object: Names<'a>,
}

/// Ids of the balance transactions that the object of a snapshot event names. None when there is no body or it cannot be
/// read: the sweep over all of them finds what is missed.
pub fn named_by_event(body: Option<&[u8]>) -> Vec<String> {
    let json = body.map(|body| body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body));
    let snapshot = json.and_then(|json| serde_json::from_slice::<Snapshot<'_>>(json).ok());
    let mut found = Vec::new();
    if let Some(snapshot) = snapshot {
        snapshot.data.object.collect(&mut found);
    }
    found
}

/// The same of an object, or a list of objects, as Stripe answers with it.
pub(super) fn named_by_object(json: &[u8], found: &mut Vec<String>) {
    if let Ok(names) = serde_json::from_slice::<Names<'_>>(json) {
        names.collect(found);
    }
}

impl Names<'_> {
    fn collect(&self, found: &mut Vec<String>) {
        let own = [&self.balance_transaction, &self.failure_balance_transaction].into_iter().flatten();
        for id in own.chain(self.balance_transactions.iter().flatten()).map(Ref::id) {
            if !found.iter().any(|known| known == id) {
                found.push(id.to_owned());
            }
        }
        for link in [&self.latest_charge, &self.payment_intent, &self.charge, &self.payment] {
            if let Some(Ref::Object(object)) = link {
                object.collect(found);
            }
        }
        self.data.iter().flatten().for_each(|item| item.collect(found));
    }
}
