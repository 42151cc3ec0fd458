//! Disputes as `record_entry` takes them. The invoice stays paid: its reconciliation is never undone for a dispute.

use serde_json::{Value, json};

use super::entry::{line, turned};
use super::movement;
use crate::config::{DisputeLost, Matching, Odoo};
use crate::date;
use crate::payment::{Dispute, Kind, PaymentEvent, posting_key};

/// What a dispute's movement says beyond key and day.
pub fn words(event: &PaymentEvent, dispute: &Dispute, odoo: &Odoo, matching: &Matching) -> Value {
    let account = &event.account;
    let sum = event.money;
    let key = |transition: Kind| posting_key(account, &dispute.id, transition.transition());
    let mut all = json!({
        "ref": format!("{} {} {}", dispute.id, event.kind.transition(), event.payment),
        "rest": "disputed",
        "dispute": format!("stripe:{account}:{}", dispute.id),
        "receipt": dispute.receipt,
        // Of a payment from before the cut-over the invoice is known, and no receipt.
        "match": movement::wanted(event, odoo, matching),
        "say": say(event, dispute, odoo.dispute_lost),
    });
    let label = format!("Stripe dispute {} of {}", dispute.id, event.payment);
    let one = |role: &str, money| line(role, money, Some("payer"), &label);
    let more = match event.kind {
        Kind::DisputeWithdrawn => json!({"lines": [one("disputed", sum), one("clearing", turned(sum))]}),
        Kind::DisputeReinstated => json!({"lines": [one("disputed", turned(sum)), one("clearing", sum)]}),
        // What was lost before is taken back.
        Kind::DisputeWon => json!({"reverses": key(Kind::DisputeLost)}),
        Kind::DisputeLost if !dispute.inquiry => {
            let lost = match odoo.dispute_lost {
                DisputeLost::Receivable => one("receivable", sum),
                DisputeLost::WriteOff => one("losses", sum).map(|mut line| {
                    movement::extend(&mut line, json!({"split": true}));
                    line
                }),
            };
            json!({"lines": [lost, one("disputed", turned(sum))], "unless": key(Kind::DisputeWon),
                "draft": odoo.dispute_lost == DisputeLost::WriteOff})
        }
        _ => json!({}),
    };
    movement::extend(&mut all, more);
    all
}

/// The note on the disputed invoices, and what is asked of a person.
fn say(event: &PaymentEvent, dispute: &Dispute, lost: DisputeLost) -> Value {
    let (id, sum, payment) = (&dispute.id, event.money, &event.payment);
    let what = if dispute.inquiry { "inquiry" } else { "dispute" };
    let reason = event.reason.as_ref().map(|reason| format!(", reason {reason}")).unwrap_or_default();
    let head = format!("Stripe {what} {id} about {payment}");
    let (text, todo) = match event.kind {
        Kind::DisputeOpened => {
            (format!("{head}: opened, {sum}{reason}"), Some(format!("Answer {what} {id} at Stripe")))
        }
        Kind::DisputeWithdrawn => (format!("{head}: Stripe withdrew {sum}{reason}"), None),
        Kind::DisputeReinstated => (format!("{head}: Stripe gave back {sum}"), None),
        Kind::DisputeWon => (format!("{head}: closed in your favour"), None),
        _ if lost == DisputeLost::WriteOff && !dispute.inquiry => {
            (format!("{head}: lost, {sum}"), Some(format!("Check and post the write-off of {id}")))
        }
        _ => (format!("{head}: lost, {sum}"), None),
    };
    let deadline = (event.kind == Kind::DisputeOpened).then_some(dispute.due_by).flatten();
    let activity = todo.map(|summary| json!({"summary": summary, "deadline": deadline.map(date::instant)}));
    let closed = matches!(event.kind, Kind::DisputeWon | Kind::DisputeLost);
    json!({"text": text, "on": "invoices", "activity": activity, "done": closed.then_some(id)})
}
