//! Balance transactions: those in the books, and those that a payout is made of.

use serde_json::{Value, json};

use crate::movement::{Counter, Detail, FeeKind, Movement, Transaction};
use crate::ports::{Db, DbError, Stmt};

/// Most parts of a payout written by one statement, so that its text stays far below the 2 MB that D1 binds.
const PARTS_MAX: usize = 1_000;

/// The row of a balance transaction; `None` for any other movement. `supplier`: Stripe's fees are booked as owed to it.
pub fn transaction_row(movement: &Movement, supplier: bool) -> Option<Value> {
    let Some(Detail::Transaction(txn)) = &movement.detail else { return None };
    let fees: Vec<Value> =
        txn.fees.iter().map(|fee| json!({ "kind": fee.kind, "what": fee.what, "minor": fee.money.minor })).collect();
    let presented = txn.presented.unwrap_or(txn.gross);
    Some(json!({
        "presented": presented.minor, "presented_currency": presented.currency,
        "account": movement.account, "id": txn.id, "type": txn.kind, "category": txn.category,
        "currency": txn.net.currency, "gross": txn.gross.minor, "net": txn.net.minor, "fees": fees,
        "counter": txn.counter, "document": txn.document, "source": txn.source, "created": movement.occurred,
        "available": txn.available, "owed": i64::from(supplier && has_charges(txn)),
    }))
}

/// Whether Stripe kept something of its own, or gave it back.
fn has_charges(txn: &Transaction) -> bool {
    txn.counter == Counter::Fees || txn.fees.iter().any(|fee| matches!(fee.kind, FeeKind::Stripe | FeeKind::Tax))
}

/// Writes what is booked; what a payout said of it before is kept. `rows` is a JSON array of [`transaction_row`]s.
pub(super) fn booked_statement(rows: &Value) -> Stmt {
    const SQL: &str = "INSERT INTO transactions (account, id, type, category, currency, gross, net, fees, counter, document, \
         source, created, available, presented, presented_currency, owed) SELECT t.value ->> 'account', t.value ->> 'id', t.value ->> 'type', t.value ->> 'category', \
         t.value ->> 'currency', t.value ->> 'gross', t.value ->> 'net', t.value -> 'fees', t.value ->> 'counter', \
         t.value ->> 'document', t.value ->> 'source', t.value ->> 'created', t.value ->> 'available', t.value ->> 'presented', \
         t.value ->> 'presented_currency', t.value ->> 'owed' \
         FROM json_each(?1) t WHERE true ON CONFLICT (account, id) DO UPDATE SET type = excluded.type, category = excluded.category, \
         currency = excluded.currency, gross = excluded.gross, net = excluded.net, fees = excluded.fees, counter = excluded.counter, \
         document = excluded.document, source = excluded.source, created = excluded.created, available = excluded.available, \
         presented = excluded.presented, presented_currency = excluded.presented_currency, \
         owed = excluded.owed";
    Stmt::new(SQL, [rows.to_string().into()])
}

/// Links balance transactions, by their ids, to the payout that paid them out.
pub async fn link_payout(db: &dyn Db, account: &str, payout: &str, parts: &[String]) -> Result<(), DbError> {
    const SQL: &str = "INSERT INTO transactions (account, id, payout) SELECT ?1, p.value, ?2 FROM json_each(?3) p WHERE true \
         ON CONFLICT (account, id) DO UPDATE SET payout = excluded.payout";
    let link = |ids: &[String]| Stmt::new(SQL, [account.into(), payout.into(), Value::from(ids).to_string().into()]);
    let stmts: Vec<Stmt> = parts.chunks(PARTS_MAX).map(link).collect();
    if stmts.is_empty() {
        return Ok(());
    }
    db.batch(stmts).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Money;
    use crate::movement::{Fee, MovementKind, Reference};

    fn movement(counter: Counter, fees: &[(FeeKind, i64)]) -> Movement {
        let usd = |minor| Money::new(minor, "USD".parse().unwrap());
        let fees = fees.iter().map(|(kind, minor)| Fee { kind: *kind, what: "w".into(), money: usd(*minor) });
        let txn = Transaction {
            id: "txn_1".into(),
            kind: "charge".into(),
            category: "charge".into(),
            counter,
            gross: usd(11_100),
            net: usd(10_700),
            fees: fees.collect(),
            presented: Some(Money::new(10_000, "EUR".parse().unwrap())),
            rate: Some("1.11".into()),
            document: Some("stripe:acct_1:pi_1:succeeded".into()),
            source: Some("ch_1".into()),
            available: 1_800_500_000,
            description: None,
            payout: None,
        };
        Movement {
            key: "stripe:acct_1:txn_1:settled".into(),
            kind: MovementKind::Settled,
            account: "acct_1".into(),
            livemode: false,
            payment: "pi_1".into(),
            charge: None,
            method: None,
            money: usd(10_700),
            occurred: 1_800_000_000,
            customer: None,
            reason: None,
            reference: Reference::default(),
            flags: Vec::new(),
            detail: Some(Detail::Transaction(Box::new(txn))),
        }
    }

    /// Its day is when it happened, not when it may be paid out; what the payer saw is told apart from what was settled.
    #[test]
    fn a_row_has_what_stripe_says() {
        let row = transaction_row(&movement(Counter::Clearing, &[(FeeKind::Stripe, 400)]), true).unwrap();
        let expected = json!({
            "presented": 10_000, "presented_currency": "EUR", "account": "acct_1", "id": "txn_1", "type": "charge",
            "category": "charge", "currency": "USD", "gross": 11_100, "net": 10_700,
            "fees": [{"kind": "stripe", "what": "w", "minor": 400}], "counter": "clearing",
            "document": "stripe:acct_1:pi_1:succeeded", "source": "ch_1", "created": 1_800_000_000,
            "available": 1_800_500_000, "owed": 1,
        });
        assert_eq!(row, expected);
    }

    /// Stripe's own charges and the tax on them, each by itself; nothing that a platform or an authority kept.
    #[test]
    fn what_is_owed_to_stripe_is_on_its_bill() {
        for (counter, fees, owed) in [
            (Counter::Clearing, vec![], 0),
            (Counter::Clearing, vec![(FeeKind::Stripe, 400)], 1),
            (Counter::Clearing, vec![(FeeKind::Tax, 20)], 1),
            (Counter::Clearing, vec![(FeeKind::Application, 400)], 0),
            (Counter::Clearing, vec![(FeeKind::Withheld, 400)], 0),
            (Counter::Clearing, vec![(FeeKind::Unknown, 400)], 0),
            (Counter::Clearing, vec![(FeeKind::Application, 400), (FeeKind::Tax, 20)], 1),
            (Counter::Fees, vec![], 1),
            (Counter::Suspense, vec![], 0),
        ] {
            let movement = movement(counter, &fees);
            assert_eq!(transaction_row(&movement, true).unwrap()["owed"], owed, "{counter:?} {fees:?}");
            assert_eq!(
                transaction_row(&movement, false).unwrap()["owed"],
                0,
                "nobody is owed where fees are an expense"
            );
        }
    }
}
