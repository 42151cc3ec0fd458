//! What Odoo's own helpers say is looked at before it is booked.

use serde_json::{Value, json};

use super::pages::on;
use super::place::Place;
use super::story::{ids, last_payment, movement, record};

/// Early-payment discounts of invoices with a cash rounding to five cents, in the greatest tax and as a line.
pub fn play(place: &mut Place) {
    place.enter(0);
    let tax = place.usual_tax();
    let term = place.discount("included");
    let income = place.first("account.account", json!([["account_type", "=", "income_other"]]));
    for strategy in ["biggest_tax", "add_invoice_line"] {
        let values = json!({"name": strategy, "rounding": 0.05, "strategy": strategy, "rounding_method": "HALF-UP",
            "profit_account_id": income, "loss_account_id": income});
        let made = place.call("account.cash.rounding", "create", None, json!({"vals_list": [values]}));
        let rounding = made[0].as_i64().unwrap();
        let more = json!({"invoice_payment_term_id": term, "invoice_cash_rounding_id": rounding});
        let invoice = place.sale(&format!("rounded, {strategy}"), "Ray", "USD", &[("33.67", "1", &[tax])], more);
        let lines = json!([["move_id", "=", invoice], ["display_type", "=", "payment_term"]]);
        let asked = json!({"domain": lines, "fields": ["discount_amount_currency"]});
        let amount =
            place.call("account.move.line", "search_read", None, asked)[0]["discount_amount_currency"].to_string();
        place.tell(&format!("what is asked for, {strategy}"), &Value::String(amount.clone()));
        let paid = on(&format!("pi_{strategy}"), &amount, "2026-11-02", ids(&[invoice]));
        record(place, &format!("a rounded invoice paid with discount, {strategy}"), &[paid]);
        let payment = place.payment(&last_payment(place));
        place.entry(&format!("its entry, {strategy}"), payment);
    }
    numbers(place);
}

/// Numbers with marks stuck to them, in a list, and with the counter of Odoo's own payments.
fn numbers(place: &mut Place) {
    let [a, b, c] = ["marked", "in a list", "in a list too"].map(|name| place.invoice(name, "Sam", "10", "USD"));
    let number = |id: i64| place.number(id);
    let (marked, list) = (format!("„n°{}-2“", number(a)), format!("{}；{}", number(b), number(c)));
    let inside = format!("X{} {}1", number(a), number(a));
    record(place, "a number with marks", &[movement("pi_marked", "4.00", json!({"match": {"texts": [marked]}}))]);
    record(place, "a list of numbers", &[movement("pi_list", "20.00", json!({"match": {"numbers": [list]}}))]);
    record(place, "within longer numbers", &[movement("pi_inside", "6.00", json!({"match": {"texts": [inside]}}))]);
}
