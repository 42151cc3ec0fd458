//! The input of `record_payment` for a receipt. docs/odoo/PROCEDURES.md describes the fields.

use serde_json::{Value, json};

use super::numbers;
use crate::config::{Matching, Odoo};
use crate::date;
use crate::movement::{CONNECTED, Movement, NOT_FINAL, Record, Reference};

/// Whose record the metadata names.
const INVOICE: &str = "account.move";
/// The metadata names a database that is neither this one nor one of its former names.
const FOREIGN: &str = "foreign_database";

/// Amounts in major units as decimal strings; the instant in UTC, of which the procedure makes a day.
pub fn receipt_input(movement: &Movement, odoo: &Odoo, matching: &Matching) -> Value {
    let foreign = is_foreign(&movement.reference, odoo, matching);
    let mut flags = movement.flags.clone();
    if foreign && !flags.iter().any(|f| f == FOREIGN) {
        flags.push(FOREIGN.into());
    }
    json!({
        "key": movement.key,
        "amount": movement.money.to_decimal().to_string(),
        "currency": movement.money.currency,
        "at": date::instant(movement.occurred),
        "memo": memo(movement),
        "payment": movement.payment,
        "charge": movement.charge,
        "method": movement.method,
        // Two Stripe accounts may have customers of the same id.
        "customer": movement.customer.as_ref().map(|c| format!("{}:{c}", movement.account)),
        "match": invoice_candidates(movement, odoo, matching),
        "company": odoo.company_of(&movement.account),
        "livemode": movement.livemode,
        "flags": flags,
        // What such a payment is for is known, but not yet that it stands.
        "no_match": foreign || movement.flags.iter().any(|f| f == NOT_FINAL || f == CONNECTED),
        "note": odoo.note,
        "transaction": odoo.transaction,
    })
}

/// The invoices that it may be for. Ids of another database are none of ours.
pub fn invoice_candidates(movement: &Movement, odoo: &Odoo, matching: &Matching) -> Value {
    let reference = &movement.reference;
    let ours = !is_foreign(reference, odoo, matching);
    let records: Vec<&Record> = reference.records.iter().filter(|r| ours && r.model == INVOICE).collect();
    json!({
        "ids": records.iter().map(|record| record.id).collect::<Vec<i64>>(),
        "identity": records.iter().filter_map(|record| identity(record)).collect::<Vec<Value>>(),
        "numbers": numbers::candidates_of_numbers(&reference.numbers),
        "texts": numbers::candidates_of_texts(&reference.texts),
        "references": reference.numbers,
        "tolerance": matching.tolerance,
    })
}

/// What the metadata says of a record beside its id: what its number may be, its contact, and when Odoo made it.
fn identity(record: &Record) -> Option<Value> {
    let numbers = record.number.as_ref().map(|number| numbers::names(number));
    (numbers.is_some() || record.partner.is_some() || record.created.is_some())
        .then(|| json!({"id": record.id, "numbers": numbers, "partner": record.partner, "created": record.created}))
}

/// Adds members to an object.
pub fn extend(all: &mut Value, more: Value) {
    if let (Some(all), Value::Object(more)) = (all.as_object_mut(), more) {
        all.extend(more);
    }
}

/// `pi_… (ch_…, pm_…)`: the ids that a person searches for at Stripe, the payment's first.
fn memo(movement: &Movement) -> String {
    let others: Vec<&str> = [&movement.charge, &movement.method].into_iter().flatten().map(String::as_str).collect();
    if others.is_empty() { movement.payment.clone() } else { format!("{} ({})", movement.payment, others.join(", ")) }
}

/// Metadata without a database is read as ours: one Odoo is configured here, and nothing names another.
fn is_foreign(reference: &Reference, odoo: &Odoo, matching: &Matching) -> bool {
    reference.database.as_ref().is_some_and(|named| *named != odoo.db && !matching.former_databases.contains(named))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{CreditNote, DisputeLost, Fees, Secret};
    use crate::money::Money;
    use crate::movement::MovementKind;

    fn odoo() -> Odoo {
        Odoo {
            url: "http://127.0.0.1".into(),
            db: "books".into(),
            login: "clerk".into(),
            api_key: Secret::new("k"),
            company: None,
            companies: vec![],
            note: true,
            transaction: false,
            fees: Fees::default(),
            dispute_lost: DisputeLost::default(),
            credit_note: CreditNote::default(),
        }
    }

    fn matching() -> Matching {
        let former = vec!["books_2025".to_owned()];
        Matching { metadata: vec![], tolerance: "0".into(), former_databases: former, ignored_databases: vec![] }
    }

    fn movement(database: Option<&str>) -> Movement {
        Movement {
            key: "stripe:acct_1:pi_1:succeeded".into(),
            kind: MovementKind::Paid,
            account: "acct_1".into(),
            livemode: false,
            payment: "pi_1".into(),
            charge: None,
            method: None,
            money: Money::new(1_230, "KWD".parse().unwrap()),
            occurred: 1_795_296_599,
            customer: Some("cus_1".into()),
            reason: None,
            reference: Reference {
                database: database.map(str::to_owned),
                records: vec![
                    Record { model: "account.move".into(), id: 7, ..Record::default() },
                    Record { model: "sale.order".into(), id: 8, ..Record::default() },
                ],
                numbers: vec!["INV/2026/00007".into()],
                texts: vec![],
            },
            flags: vec![],
            detail: None,
        }
    }

    #[test]
    fn a_movement_in_the_procedures_words() {
        let m = &receipt_input(&movement(Some("books")), &odoo(), &matching());
        assert_eq!(m["amount"], "1.230");
        assert_eq!(m["customer"], "acct_1:cus_1");
        assert_eq!(m["match"]["ids"], json!([7]), "only invoices are ids of invoices");
        assert_eq!(m["no_match"], false);
        assert_eq!((&m["memo"], &m["charge"]), (&json!("pi_1"), &Value::Null));
    }

    #[test]
    fn a_memo_names_what_is_known() {
        let (charge, method) = (Some("ch_1".to_owned()), Some("pm_1".to_owned()));
        for (charge, method, memo) in [
            (charge.clone(), method.clone(), "pi_1 (ch_1, pm_1)"),
            (charge, None, "pi_1 (ch_1)"),
            (None, method, "pi_1 (pm_1)"),
        ] {
            let m = &receipt_input(&Movement { charge, method, ..movement(None) }, &odoo(), &matching());
            assert_eq!((m["memo"].as_str(), m["payment"].as_str()), (Some(memo), Some("pi_1")));
        }
    }

    #[test]
    fn databases_former_foreign_and_unnamed() {
        for (named, ids, foreign) in [
            (Some("books"), json!([7]), false),
            (Some("books_2025"), json!([7]), false),
            (None, json!([7]), false),
            (Some("staging"), json!([]), true),
        ] {
            let m = &receipt_input(&movement(named), &odoo(), &matching());
            assert_eq!((&m["match"]["ids"], &m["no_match"]), (&ids, &Value::Bool(foreign)), "{named:?}");
            assert_eq!(m["flags"], if foreign { json!([FOREIGN]) } else { json!([]) });
        }
    }
}
