//! Taxes of Stripe's fees: as Odoo computes them, as Stripe says them, and where both differ.

use serde_json::{Value, json};

use super::entries::{enter, line, settled};
use super::place::Place;

pub fn play(place: &mut Place) {
    place.enter(0);
    place.books("EUR");
    place.fee_tax("19%", 19, &[(100, "Tax Paid")]);
    booked(place, "the same", "USD", [("balance", "96.43"), ("fee", "3.00"), ("tax", "0.57"), ("clearing", "-100.00")]);
    booked(
        place,
        "a cent more",
        "USD",
        [("balance", "96.42"), ("fee", "3.00"), ("tax", "0.58"), ("clearing", "-100.00")],
    );
    booked(place, "none", "USD", [("balance", "97.00"), ("fee", "3.00"), ("tax", "0.00"), ("clearing", "-100.00")]);
    booked(place, "given back", "USD", [("balance", "3.57"), ("fee", "-3.00"), ("tax", "-0.57"), ("clearing", "0.00")]);
    booked(place, "in euros", "EUR", [("balance", "76.46"), ("fee", "2.97"), ("tax", "0.56"), ("clearing", "-79.99")]);
    exchanged(place);
    let good = taxed(
        "together, the same",
        "USD",
        [("balance", "96.43"), ("fee", "3.00"), ("tax", "0.57"), ("clearing", "-100.00")],
    );
    let bad = taxed(
        "together, none",
        "USD",
        [("balance", "97.00"), ("fee", "3.00"), ("tax", "0.00"), ("clearing", "-100.00")],
    );
    enter(place, "both in one call", &[good, bad]);
    place.fee_tax("19% reverse charge", 19, &[(100, "Tax Paid"), (-100, "Tax Received")]);
    booked(
        place,
        "reverse charge",
        "USD",
        [("balance", "97.00"), ("fee", "3.00"), ("tax", "0.00"), ("clearing", "-100.00")],
    );
    booked(
        place,
        "reverse charge back",
        "USD",
        [("balance", "3.00"), ("fee", "-3.00"), ("tax", "0.00"), ("clearing", "0.00")],
    );
    booked(
        place,
        "reverse charge in euros",
        "EUR",
        [("balance", "97.03"), ("fee", "2.97"), ("tax", "0.00"), ("clearing", "-100.00")],
    );
    booked(
        place,
        "reverse charge, and Stripe's tax",
        "USD",
        [("balance", "96.43"), ("fee", "3.00"), ("tax", "0.57"), ("clearing", "-100.00")],
    );
}

fn taxed(title: &str, currency: &str, lines: [(&str, &str); 4]) -> Value {
    let lines = lines.iter().filter(|(_, amount)| *amount != "0.00").map(|(role, amount)| match *role {
        "fee" => marked(line("fees", amount, currency), "taxed"),
        "tax" => marked(line("fees", amount, currency), "tax"),
        role => line(role, amount, currency),
    });
    let id = format!("txn_{}", title.replace([' ', ',', '\''], "_"));
    let lines: Vec<Value> = lines.collect();
    let rest = if lines.iter().any(|line| line["role"] == "clearing") { "clearing" } else { "fees" };
    settled(&id, json!(lines), json!({"currency": currency, "rest": rest}))
}

fn marked(mut line: Value, mark: &str) -> Value {
    line[mark] = json!(true);
    line["partner"] = json!("stripe");
    line
}

fn booked(place: &mut Place, title: &str, currency: &str, lines: [(&str, &str); 4]) {
    enter(place, title, &[taxed(title, currency, lines)]);
    place.lines(&format!("{title}: its entry"));
}

fn exchanged(place: &mut Place) {
    let fee = marked(line("fees", "3.01", "EUR"), "taxed");
    let tax = marked(line("fees", "0.57", "EUR"), "tax");
    let lines = json!([line("balance", "96.43", "EUR"), fee, tax, line("clearing", "-123.45", "USD")]);
    let words = json!({"currency": "EUR", "rest": "clearing"});
    enter(place, "dollars settled in euros", &[settled("txn_exchanged", lines, words)]);
    place.lines("dollars settled in euros: its entry");
}
