//! Disputes as `record_entry` takes them. The invoice stays paid: its reconciliation is never undone for a dispute.

use serde_json::{Value, json};

use super::lines::{line, negated};
use super::receipts;
use crate::config::{DisputeLost, Matching, Odoo};
use crate::date;
use crate::movement::{Dispute, DisputeClosing, DisputeMove, Movement, MovementKind, posting_key};

/// What a dispute's movement says beyond key and day.
pub fn dispute_input(movement: &Movement, dispute: &Dispute, odoo: &Odoo, matching: &Matching) -> Value {
    let sum = movement.money;
    let label = format!("Stripe dispute {} of {}", dispute.id, movement.payment);
    let mut all = json!({
        "ref": format!("{} {} {}", dispute.id, movement.kind.transition(), movement.payment),
        "rest": "disputed",
        "dispute": format!("stripe:{}:{}", movement.account, dispute.id),
        "receipt": dispute.receipt,
        // Of a payment from before the cut-over the invoice is known, and no receipt.
        "match": receipts::invoice_candidates(movement, odoo, matching),
        "say": dispute_note(movement, dispute, odoo.dispute_lost),
        "close": (movement.kind != MovementKind::DisputeOpened).then(|| close(movement, dispute, odoo, &label)).flatten(),
    });
    let one = |role: &str, money| line(role, money, Some("payer"), &label);
    let more = match movement.kind {
        MovementKind::DisputeWithdrawn => json!({"lines": [one("disputed", sum), one("clearing", negated(sum))]}),
        MovementKind::DisputeReinstated => json!({"lines": [one("disputed", negated(sum)), one("clearing", sum)]}),
        _ => json!({}),
    };
    receipts::extend(&mut all, more);
    all
}

/// What becomes of a closed dispute's money. How much it is the books know: what its balance transactions have moved, once all
/// that Stripe lists are booked. So whatever comes after the closing is closed in the same way, the last of them with the rest.
fn close(movement: &Movement, dispute: &Dispute, odoo: &Odoo, label: &str) -> Option<Value> {
    let all = match dispute.closing() {
        DisputeClosing::Open => return None,
        DisputeClosing::Lost => true,
        // What was taken is still to come back.
        DisputeClosing::Won => !dispute.has_money_out(),
    };
    let key = |moved: &DisputeMove| {
        let kind = if moved.money.minor < 0 { MovementKind::DisputeWithdrawn } else { MovementKind::DisputeReinstated };
        posting_key(&movement.account, &moved.transaction, kind.transition())
    };
    let after: Vec<String> = dispute.moved.iter().filter(|moved| !moved.earlier).map(key).collect();
    let (role, draft) = match odoo.dispute_lost {
        DisputeLost::Receivable => ("receivable", false),
        DisputeLost::WriteOff => ("losses", true),
    };
    Some(json!({"all": all, "role": role, "draft": draft, "split": draft, "label": label, "after": after}))
}

/// The note on the disputed invoices, and what is asked of a person.
fn dispute_note(movement: &Movement, dispute: &Dispute, lost: DisputeLost) -> Value {
    let (id, sum, payment) = (&dispute.id, movement.money, &movement.payment);
    let what = if dispute.inquiry { "inquiry" } else { "dispute" };
    let reason = movement.reason.as_ref().map(|reason| format!(", reason {reason}")).unwrap_or_default();
    let head = format!("Stripe {what} {id} about {payment}");
    let (text, todo) = match movement.kind {
        MovementKind::DisputeOpened => {
            (format!("{head}: opened, {sum}{reason}"), Some(format!("Answer {what} {id} at Stripe")))
        }
        MovementKind::DisputeWithdrawn => (format!("{head}: Stripe withdrew {sum}{reason}"), None),
        MovementKind::DisputeReinstated => (format!("{head}: Stripe gave back {sum}"), None),
        MovementKind::DisputeWon => (format!("{head}: closed in your favour"), None),
        _ if lost == DisputeLost::WriteOff && !dispute.inquiry => {
            (format!("{head}: lost, {sum}"), Some(format!("Check and post the write-off of {id}")))
        }
        _ => (format!("{head}: lost, {sum}"), None),
    };
    let deadline = (movement.kind == MovementKind::DisputeOpened).then_some(dispute.due_by).flatten();
    let activity = todo.map(|summary| json!({"summary": summary, "deadline": deadline.map(date::instant)}));
    let closed = matches!(movement.kind, MovementKind::DisputeWon | MovementKind::DisputeLost);
    json!({"text": text, "on": "invoices", "activity": activity, "done": closed.then_some(id)})
}
