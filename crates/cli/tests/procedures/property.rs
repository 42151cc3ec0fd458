//! Random invoices, paid and refunded in random parts: whatever the lines and taxes, the credit notes come out to the unit.
//!
//! On the simulated Odoo with every run of the tests. On a real one, which is named as for a recording:
//!
//! `SEED=1 INVOICES=100 cargo test -p quittance-cli --test procedures credit_notes_add_up_on_a_real_odoo -- --ignored --nocapture`

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use quittance_cli::ports::Network;
use quittance_cli::settings::Settings;
use quittance_sim::Rng;
use quittance_sim::odoo::Version;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::common::Line;
use super::place::Place;
use super::refunds::refund;
use super::story::{ids, movement};
use super::{simulated, simulated_settings};

/// Units of the currency.
const LEAST: i64 = 50;

/// By tax, in the document's currency.
type Taxes = BTreeMap<i64, Decimal>;

#[test]
fn credit_notes_add_up_on_the_simulated_odoo() {
    for version in Version::ALL {
        let mut place = Place::new(&simulated_settings(), Line::to(simulated(version)));
        Trial::new(&mut place, asked("SEED", 7)).run(asked("INVOICES", 16));
    }
}

#[test]
#[ignore = "asks a real Odoo"]
fn credit_notes_add_up_on_a_real_odoo() {
    let settings = Settings::read(Path::new("/nonexistent")).unwrap();
    let mut place = Place::new(&settings, Rc::new(Network::default()));
    let mut trial = Trial::new(&mut place, asked("SEED", 1));
    trial.run(asked("INVOICES", 100));
    eprintln!("Odoo {}: {}", trial.place.major(), trial.summary());
}

fn asked(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |n| n.parse().unwrap())
}

struct Trial<'a> {
    place: &'a mut Place,
    rng: Rng,
    seed: u64,
    above: Vec<i64>,
    within: Vec<i64>,
    notes: usize,
    taxes: usize,
    /// Taxes that are a unit off what Odoo counts by itself.
    moved: usize,
}

impl<'a> Trial<'a> {
    fn new(place: &'a mut Place, seed: u64) -> Self {
        place.enter(0);
        let made = |all: &[&str], included: bool| -> Vec<i64> {
            all.iter().map(|rate| place.tax(&format!("Q{rate} {included}"), rate, included, json!({}))).collect()
        };
        let (above, within) = (made(&["15", "8.25", "7.7", "5"], false), made(&["20", "5.5", "19", "21"], true));
        Self { place, rng: Rng::seeded(seed), seed, above, within, notes: 0, taxes: 0, moved: 0 }
    }

    fn summary(&self) -> String {
        format!("{} credit notes with {} taxes, {} of them moved by one unit", self.notes, self.taxes, self.moved)
    }

    /// A number from 0, below `below`.
    fn below(&self, below: i64) -> i64 {
        i64::try_from(self.rng.draw() % u64::try_from(below.max(1)).unwrap()).unwrap()
    }

    fn one_of<T: Copy>(&self, all: &[T]) -> T {
        all[usize::try_from(self.below(i64::try_from(all.len()).unwrap())).unwrap()]
    }

    fn run(&mut self, invoices: u64) {
        for n in 0..invoices {
            let method = if n < invoices / 2 { "round_per_line" } else { "round_globally" };
            if n == 0 || n == invoices / 2 {
                self.place.company(json!({"tax_calculation_rounding_method": method}));
            }
            self.invoice(n);
        }
        self.place.company(json!({"tax_calculation_rounding_method": "round_per_line"}));
    }

    fn invoice(&mut self, n: u64) {
        let (currency, places) = self.one_of(&[("USD", 2), ("USD", 2), ("EUR", 2), ("JPY", 0)]);
        let sold: Vec<(String, &str, Vec<i64>)> = (0..=self.below(6)).map(|_| self.sold(places)).collect();
        let lines: Vec<(&str, &str, &[i64])> = sold.iter().map(|(p, q, t)| (p.as_str(), *q, t.as_slice())).collect();
        let invoice = self.place.sale(&format!("random {n}"), "Rand", currency, &lines, json!({}));
        let (total, taxes, value) = self.read(invoice);
        if total.is_zero() {
            return;
        }
        let key = format!("pi_{}_{n}", self.seed);
        let mut paid = ids(&[invoice]);
        paid["currency"] = json!(currency);
        let text = |amount: Decimal| format!("{amount:.places$}");
        self.place.run("paid", "record_payment", &json!({"movements": [movement(&key, &text(total), paid)]}));
        let mut sum = (Decimal::ZERO, Taxes::new(), Decimal::ZERO);
        for (at, part) in self.parts(total, places).into_iter().enumerate() {
            let id = format!("re_{}_{n}_{at}", self.seed);
            let (amount, counted, worth) = self.credited(&id, &key, &text(part), currency);
            let what = format!("seed {} invoice {n} part {at}: {sold:?} of {total} {currency}", self.seed);
            assert_eq!(amount, part, "{what}: the total");
            sum.0 += amount;
            sum.2 += worth;
            counted.into_iter().for_each(|(tax, one)| *sum.1.entry(tax).or_default() += one);
        }
        sum.1.retain(|_, one| !one.is_zero());
        let what = format!("seed {} invoice {n}: {sold:?} of {total} {currency}", self.seed);
        assert_eq!((sum.0, &sum.1), (total, &taxes), "{what}: all credit notes together");
        assert_eq!(sum.2, -value, "{what}: all together in the company's currency");
    }

    /// Price, quantity and taxes of a line.
    fn sold(&self, places: usize) -> (String, &'static str, Vec<i64>) {
        let most = self.one_of(&[900, 20_000, 500_000]);
        let price = Decimal::new(1 + self.below(most), if places == 0 { 0 } else { 2 });
        let some = |all: &[i64], most: i64| -> Vec<i64> {
            let mut left = all.to_vec();
            let count = 1 + self.below(most);
            (0..count)
                .map(|_| left.swap_remove(usize::try_from(self.below(i64::try_from(left.len()).unwrap())).unwrap()))
                .collect()
        };
        let taxes = match self.below(20) {
            0..=2 => vec![],
            3..=11 => some(&self.above, 3),
            12..=16 => some(&self.within, 2),
            _ => vec![self.one_of(&self.above), self.one_of(&self.within)],
        };
        (price.to_string(), self.one_of(&["1", "1", "2", "3", "0.5", "7"]), taxes)
    }

    /// Parts that make the whole together, none of them (but the whole) below [`LEAST`] units: of less than that no document
    /// can say each tax to the unit.
    fn parts(&self, total: Decimal, places: usize) -> Vec<Decimal> {
        let scale = u32::try_from(places).unwrap();
        let whole = |amount: Decimal| i64::try_from((amount * Decimal::from(10_i64.pow(scale))).round()).unwrap();
        let (mut left, most) = (whole(total), self.one_of(&[1, 2, 3, 5]));
        let mut parts = Vec::new();
        while left >= 2 * LEAST && parts.len() + 1 < most {
            let room = left - 2 * LEAST + 1;
            let part = LEAST + self.one_of(&[self.below(room), self.below(room), room / 3, 0]);
            parts.push(part);
            left -= part;
        }
        parts.push(left);
        parts.into_iter().map(|part| Decimal::new(part, scale)).collect()
    }

    /// Total, taxes and value of the credit note of a refund, each tax compared with what Odoo counts for the same lines.
    fn credited(&mut self, id: &str, of: &str, amount: &str, currency: &str) -> (Decimal, Taxes, Decimal) {
        let more = json!({"currency": currency});
        let refunded = refund(id, of, amount, more);
        self.place.run("refunded", "record_refund", &json!({"movements": [refunded]}));
        let more = json!({"currency": currency, "key": format!("stripe:acct_1:{id}:credit_note"), "kind": "credited",
            "mode": "post"});
        let asked = json!({"movements": [refund(id, of, amount, more)]});
        let answer = self.place.run("credited", "record_credit_note", &asked);
        let notes = answer["results"][0]["notes"].as_array().unwrap_or_else(|| panic!("{answer}"));
        assert_eq!(notes.len(), 1, "{id} {amount}: {answer}");
        let note = notes[0]["id"].as_i64().unwrap();
        let (total, taxes, value) = self.read(note);
        let own = self.own(note);
        let unit = if currency == "JPY" { Decimal::ONE } else { Decimal::new(1, 2) };
        for tax in taxes.keys().chain(own.keys().filter(|tax| !taxes.contains_key(tax))) {
            let of = |all: &Taxes| all.get(tax).copied().unwrap_or_default();
            let off = (of(&taxes) - of(&own)).abs();
            assert!(off <= unit, "{id} {amount}: tax {tax} is {} where Odoo counts {}", of(&taxes), of(&own));
            self.moved += usize::from(!off.is_zero());
            self.taxes += 1;
        }
        self.notes += 1;
        (total, taxes, value)
    }

    /// Total, taxes and value in the company's currency, signed, of a document.
    fn read(&self, document: i64) -> (Decimal, Taxes, Decimal) {
        let fields = json!({"fields": ["amount_total", "amount_total_signed", "move_type"]});
        let head = self.place.call("account.move", "read", Some(&[document]), fields);
        let sign = if head[0]["move_type"] == "out_invoice" { -Decimal::ONE } else { Decimal::ONE };
        let domain = json!([["move_id", "=", document], ["display_type", "=", "tax"]]);
        let args = json!({"domain": domain, "fields": ["tax_line_id", "amount_currency"]});
        let lines = self.place.call("account.move.line", "search_read", None, args);
        let mut taxes = Taxes::new();
        for line in lines.as_array().unwrap() {
            *taxes.entry(line["tax_line_id"][0].as_i64().unwrap()).or_default() +=
                sign * number(&line["amount_currency"]);
        }
        taxes.retain(|_, one| !one.is_zero());
        (number(&head[0]["amount_total"]), taxes, number(&head[0]["amount_total_signed"]))
    }

    /// What Odoo counts for a new document of the same lines.
    fn own(&self, note: i64) -> Taxes {
        let domain = json!([["move_id", "=", note], ["display_type", "=", "product"]]);
        let fields = json!(["name", "price_unit", "quantity", "tax_ids", "account_id"]);
        let args = json!({"domain": domain, "fields": fields, "order": "id"});
        let lines = self.place.call("account.move.line", "search_read", None, args);
        let line = |l: &Value| {
            json!([0, 0, {"name": l["name"], "price_unit": l["price_unit"], "quantity": l["quantity"],
                "account_id": l["account_id"][0], "tax_ids": [[6, 0, l["tax_ids"]]]}])
        };
        let lines: Vec<Value> = lines.as_array().unwrap().iter().map(line).collect();
        let fields = json!({"fields": ["partner_id", "currency_id", "invoice_date"]});
        let head = self.place.call("account.move", "read", Some(&[note]), fields);
        let values = json!({"move_type": "out_refund", "partner_id": head[0]["partner_id"][0],
            "currency_id": head[0]["currency_id"][0], "invoice_date": head[0]["invoice_date"],
            "invoice_payment_term_id": false, "invoice_line_ids": lines});
        let made = self.place.call("account.move", "create", None, json!({"vals_list": [values]}));
        let id = made[0].as_i64().unwrap();
        let taxes = self.read(id).1;
        self.place.call("account.move", "unlink", Some(&[id]), json!({}));
        taxes
    }
}

fn number(value: &Value) -> Decimal {
    value.to_string().parse().unwrap()
}
