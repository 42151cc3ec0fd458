//! Stories of invoices with a sales tax of 15 %: their refunds, early-payment discounts, and a tax that is due on payment.

use quittance_sim::stripe::merchant::{Dispute, Paid, Pay, Refund};
use quittance_sim::stripe::method::Method;
use serde_json::json;

use crate::books::shop::Shop;
use crate::books::stories::of;

/// 15 % of sales, as the chart has it.
fn tax(shop: &Shop) -> i64 {
    let domain = json!([
        ["amount", "=", 15],
        ["type_tax_use", "=", "sale"],
        ["company_id", "=", shop.company],
        ["tax_exigibility", "=", "on_invoice"]
    ]);
    shop.eyes.rows("account.tax", domain, &["id"])[0]["id"].as_i64().unwrap()
}

fn give_back(shop: &Shop, refund: &Refund) {
    shop.world.stripe.borrow_mut().refund(refund).unwrap();
}

/// An invoice of 115.00 with its tax, paid.
fn bought(shop: &mut Shop) -> Paid {
    let invoice = shop.sale("100.00", "USD", &[tax(shop)], json!({}));
    shop.pay(invoice, "115.00", "USD", Pay::card(0, "usd"))
}

pub fn part(shop: &mut Shop) -> String {
    let paid = bought(shop);
    of(shop, |shop| give_back(shop, &Refund::part(&paid.payment_intent, 4_000)))
}

pub fn overpaid(shop: &mut Shop) -> String {
    let invoice = shop.invoice("100.00", "USD");
    let paid = shop.pay(invoice, "120.00", "USD", Pay::card(0, "usd"));
    of(shop, |shop| give_back(shop, &Refund::part(&paid.payment_intent, 2_000)))
}

/// An invoice that is paid with 112.70 instead of 115.00 within seven days.
fn early(shop: &mut Shop, how: Pay) -> Paid {
    let part = json!([[0, 0, {"value": "percent", "value_amount": 100, "nb_days": 30}]]);
    let term = json!({"name": "2% within seven days", "early_discount": true, "discount_percentage": 2, "discount_days": 7,
        "early_pay_discount_computation": "included", "line_ids": part});
    let term = shop.make("account.payment.term", term);
    let invoice = shop.sale("100.00", "USD", &[tax(shop)], json!({"invoice_payment_term_id": term}));
    shop.pay(invoice, "112.70", "USD", how)
}

pub fn discount(shop: &mut Shop) -> String {
    of(shop, |shop| drop(early(shop, Pay::card(0, "usd"))))
}

pub fn discount_refund(shop: &mut Shop) -> String {
    let paid = early(shop, Pay::card(0, "usd"));
    of(shop, |shop| give_back(shop, &Refund::all(&paid.payment_intent)))
}

pub fn discount_late_failure(shop: &mut Shop) -> String {
    let paid = early(shop, Pay { method: Method::Delayed, ..Pay::card(0, "usd") });
    of(shop, |shop| shop.world.stripe.borrow_mut().fail_late(&paid.payment_intent, "insufficient_funds").unwrap())
}

/// An invoice whose tax is due when it is paid.
fn owing(shop: &Shop) -> i64 {
    shop.eyes.call("res.company", "write", Some(&[shop.company]), json!({"vals": {"tax_exigibility": true}}));
    let received = shop.eyes.rows("account.account", json!([["name", "=", "Tax Received"]]), &["id"])[0]["id"].clone();
    let waiting = json!({"name": "Tax not yet due", "code": format!("2519{:02}", shop.partner % 100),
        "account_type": "liability_current", "reconcile": true});
    let waiting = shop.make("account.account", waiting);
    let side = json!([[0, 0, {"repartition_type": "base"}],
        [0, 0, {"repartition_type": "tax", "factor_percent": 100, "account_id": received}]]);
    let vals = json!({"name": format!("15% on payment {}", shop.partner), "amount": 15, "type_tax_use": "sale",
        "tax_exigibility": "on_payment", "cash_basis_transition_account_id": waiting,
        "invoice_repartition_line_ids": side, "refund_repartition_line_ids": side});
    let tax = shop.make("account.tax", vals);
    shop.sale("100.00", "USD", &[tax], json!({}))
}

pub fn cash_basis(shop: &mut Shop) -> String {
    let invoice = owing(shop);
    of(shop, |shop| drop(shop.pay(invoice, "115.00", "USD", Pay::card(0, "usd"))))
}

pub fn cash_basis_refund(shop: &mut Shop) -> String {
    let invoice = owing(shop);
    let paid = shop.pay(invoice, "115.00", "USD", Pay::card(0, "usd"));
    of(shop, |shop| give_back(shop, &Refund::all(&paid.payment_intent)))
}

pub fn cash_basis_dispute(shop: &mut Shop) -> String {
    let invoice = owing(shop);
    let paid = shop.pay(invoice, "115.00", "USD", Pay::card(0, "usd"));
    of(shop, |shop| drop(shop.world.stripe.borrow_mut().dispute(&Dispute::of(&paid.payment_intent)).unwrap()))
}
