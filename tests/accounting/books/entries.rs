//! Entries in words, as docs/ACCOUNTING.md has them.

use rust_decimal::Decimal;
use serde_json::Value;

use crate::books::shop::Shop;
use crate::books::view::{Entry, Line};

/// Everything booked after the entry `after`, in the order made; invoices are left out.
pub fn told(shop: &Shop, after: i64) -> String {
    let entries = shop.eyes.entries(after);
    let shown = entries.iter().filter(|entry| entry.kind != "out_invoice");
    let told: Vec<String> = shown.map(|entry| format!("{}\n{}", title(shop, entry), lines(entry))).collect();
    told.join("\n")
}

fn title(shop: &Shop, entry: &Entry) -> String {
    let draft = if entry.state == "draft" { " (draft)" } else { "" };
    let payments = shop.eyes.rows("account.payment", serde_json::json!([["move_id", "=", entry.id]]), &["id"]);
    let payment = payments.first().and_then(|row| row["id"].as_i64());
    let (model, id) = payment.map_or(("account.move", entry.id), |id| ("account.payment", id));
    let sql = format!("SELECT kind, key FROM postings WHERE model = '{model}' AND record = {id}");
    let posting = shop.world.db.query(&sql).into_iter().next();
    let text = |name: &str| posting.as_ref().and_then(|row| row.get(name)?.as_str().map(str::to_owned));
    let what = match (text("kind").as_deref(), entry.kind.as_str()) {
        (_, "out_refund") => "Credit note".into(),
        (_, "in_invoice") => "Vendor bill".into(),
        (Some("paid"), _) => "Receipt".into(),
        (Some("refunded"), _) => "Refund".into(),
        (Some("refund_failed"), _) => "Refund that failed".into(),
        (Some("reversed"), _) => "Receipt taken back".into(),
        (Some("dispute_withdrawn"), _) => "Disputed money withdrawn".into(),
        (Some("dispute_reinstated"), _) => "Disputed money given back".into(),
        (Some("dispute_lost"), _) => "Dispute lost".into(),
        (Some("settled"), _) => format!("Balance transaction: {}", kind(shop, &text("key").unwrap_or_default())),
        (None, _) if entry.journal == "EXCH" => "Exchange difference, by Odoo".into(),
        (None, _) if entry.journal == "CABA" => "Tax due on payment, by Odoo".into(),
        (None, _) if entry.lines.iter().any(|line| line.title == "Stripe disputed") => "Dispute closed".into(),
        (Some("dispute_won"), _) => "Dispute won".into(),
        (other, kind) => format!("{} {kind}", other.unwrap_or("?")),
    };
    format!("{what}{draft}")
}

/// Stripe's type of a balance transaction, by its key.
fn kind(shop: &Shop, key: &str) -> String {
    let id = key.split(':').nth(2).unwrap_or_default();
    let rows = shop.world.db.query(&format!("SELECT type FROM transactions WHERE id = '{id}'"));
    rows.first().and_then(|row| row.get("type")).and_then(Value::as_str).unwrap_or("?").to_owned()
}

/// Debits first, the largest first; a line in another currency with its value in the company's.
fn lines(entry: &Entry) -> String {
    let mut lines: Vec<&Line> = entry.lines.iter().filter(|l| !l.amount.is_zero() || !l.value.is_zero()).collect();
    lines.sort_by_key(|l| (l.value < Decimal::ZERO, -l.value.abs()));
    let one = |l: &&Line| {
        let amount = format!("{:.2} {}", l.amount.abs(), l.currency);
        let value = if l.currency == "USD" { String::new() } else { format!("  = {:.2} USD", l.value.abs()) };
        let (side, indent) = if l.value < Decimal::ZERO { ("Cr", 4) } else { ("Dr", 0) };
        let title = format!("{:indent$}{side} {}", "", l.title);
        format!("  {title:<40}{amount:>14}{value}\n")
    };
    lines.iter().map(one).collect()
}
