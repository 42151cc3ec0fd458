//! The input of `record_refund` and `record_credit_note`. docs/odoo/PROCEDURES.md describes the fields.

use serde_json::{Value, json};

use crate::config::{CreditNote, Matching, Odoo};
use crate::date;
use crate::movement::{Detail, Movement, MovementKind};

/// A refund, its failure, its credit note, or a receipt taken back. Amounts in major units as decimal strings.
pub fn refund_input(movement: &Movement, odoo: &Odoo, _matching: &Matching) -> Value {
    let (receipt, refund, failure) = match &movement.detail {
        Some(Detail::Refund(refund)) => (Some(&refund.receipt), Some(&refund.id), refund.failure.as_ref()),
        Some(Detail::Reversal(reversal)) => (Some(&reversal.receipt), None, None),
        _ => (None, None, None),
    };
    json!({
        "key": movement.key,
        "kind": movement.kind,
        "at": date::instant(movement.occurred),
        "company": odoo.company_of(&movement.account),
        "livemode": movement.livemode,
        "payment": movement.payment,
        "charge": movement.charge,
        // Two Stripe accounts may have customers of the same id.
        "customer": movement.customer.as_ref().map(|c| format!("{}:{c}", movement.account)),
        "amount": movement.money.to_decimal().to_string(),
        "currency": movement.money.currency,
        "receipt": receipt,
        "refund": refund,
        "reason": failure.or(movement.reason.as_ref()),
        "mode": (movement.kind == MovementKind::Credited).then_some(mode(odoo.credit_note)),
        "memo": memo(movement, refund),
        "note": odoo.note,
        "flags": movement.flags,
    })
}

fn mode(credit_note: CreditNote) -> &'static str {
    match credit_note {
        CreditNote::Post => "post",
        CreditNote::Draft => "draft",
        CreditNote::None => "none",
    }
}

/// `re_… (pi_…, ch_…)`: the ids that a person searches for at Stripe, the refund's first.
fn memo(movement: &Movement, refund: Option<&String>) -> String {
    let payment = [Some(&movement.payment), movement.charge.as_ref()];
    let all: Vec<&str> = [refund].into_iter().chain(payment).flatten().map(String::as_str).collect();
    match all.split_first() {
        Some((first, [])) => (*first).to_owned(),
        Some((first, others)) => format!("{first} ({})", others.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{DisputeLost, Fees, Secret};
    use crate::money::Money;
    use crate::movement::{Reference, Refund, Reversal};

    fn odoo() -> Odoo {
        Odoo {
            url: "http://127.0.0.1".into(),
            db: "books".into(),
            login: "clerk".into(),
            api_key: Secret::new("k"),
            company: Some(1),
            companies: vec![],
            note: true,
            transaction: false,
            fees: Fees::default(),
            dispute_lost: DisputeLost::default(),
            credit_note: CreditNote::default(),
        }
    }

    fn told(kind: MovementKind, detail: Option<Detail>) -> Value {
        let matching =
            Matching { metadata: vec![], tolerance: "0".into(), former_databases: vec![], ignored_databases: vec![] };
        refund_input(&movement(kind, detail), &odoo(), &matching)
    }

    fn movement(kind: MovementKind, detail: Option<Detail>) -> Movement {
        Movement {
            key: "stripe:acct_1:re_1:succeeded".into(),
            kind,
            account: "acct_1".into(),
            livemode: false,
            payment: "pi_1".into(),
            charge: Some("ch_1".into()),
            method: None,
            money: Money::new(1_230, "KWD".parse().unwrap()),
            occurred: 1_795_296_599,
            customer: Some("cus_1".into()),
            reason: Some("requested_by_customer".into()),
            reference: Reference::default(),
            flags: vec![],
            detail,
        }
    }

    fn refund(failure: Option<&str>) -> Option<Detail> {
        let receipt = "stripe:acct_1:pi_1:succeeded".into();
        Some(Detail::Refund(Refund { id: "re_1".into(), receipt, full: true, failure: failure.map(str::to_owned) }))
    }

    #[test]
    fn a_refund_in_the_procedures_words() {
        let m = told(MovementKind::Refunded, refund(None));
        assert_eq!((&m["kind"], &m["amount"], &m["currency"]), (&json!("refunded"), &json!("1.230"), &json!("KWD")));
        assert_eq!((&m["receipt"], &m["refund"]), (&json!("stripe:acct_1:pi_1:succeeded"), &json!("re_1")));
        assert_eq!((&m["memo"], &m["customer"]), (&json!("re_1 (pi_1, ch_1)"), &json!("acct_1:cus_1")));
        assert_eq!((&m["at"], &m["reason"]), (&json!("2026-11-21 21:29:59"), &json!("requested_by_customer")));
        assert_eq!(&m["company"], &json!(1));
    }

    #[test]
    fn a_failure_says_why_and_a_reversal_has_no_refund() {
        let failed = told(MovementKind::RefundFailed, refund(Some("expired_or_canceled_card")));
        assert_eq!(failed["reason"], "expired_or_canceled_card");
        assert_eq!(
            (&failed["mode"], &told(MovementKind::Credited, refund(None))["mode"]),
            (&Value::Null, &json!("post"))
        );
        let reversal = Reversal { receipt: "stripe:acct_1:pi_1:succeeded".into(), if_received: false };
        let m = told(MovementKind::Reversed, Some(Detail::Reversal(reversal)));
        assert_eq!((&m["kind"], &m["refund"], &m["memo"]), (&json!("reversed"), &Value::Null, &json!("pi_1 (ch_1)")));
    }
}
