//! Amounts of balance transactions, drawn at random: what is read adds up to the minor unit, and a unit more or less is
//! noticed.

use quittance::error::Error;
use quittance::money::{Currency, Money};
use quittance::movement::{Detail, Movement};
use quittance::stripe::balance::read_transaction;
use quittance::stripe::client::Client;
use quittance::stripe::map::Scope;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};

use crate::balance::row;
use crate::script::{Script, config, run};
use crate::{ACCOUNT, matching, transaction};

/// A generator with its seed written down.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
    fn of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize]
    }
}

fn settled(answer: &Value) -> Result<Movement, Error> {
    let (http, event, matching, config) = (Script::ok([answer.clone()]), row("txn_1"), matching(), config());
    let scope = Scope::new(&event, ACCOUNT, &matching);
    run(read_transaction(&Client::new(&http, &config), &scope, "txn_1", &[]))
        .map(|mut found| found.movements.pop().unwrap())
}

/// Net is gross less the fees, whatever the fees; one unit off in any number and it is refused.
#[test]
fn net_is_gross_less_the_sum_of_the_fees_or_it_is_refused() {
    let mut draw = Draw(47);
    for round in 0..400 {
        let kinds = ["stripe_fee", "tax", "application_fee", "withheld_tax", "new_fee"];
        let fees: Vec<i64> = (0..draw.below(6)).map(|_| draw.below(100_000) as i64 - 20_000).collect();
        let amount = draw.below(1_000_000_000_000) as i64 - 500_000_000_000;
        let fee: i64 = fees.iter().sum();
        let details: Vec<Value> = fees
            .iter()
            .map(|minor| {
                json!({"amount": minor, "currency": "eur", "type": draw.of(&kinds), "description": null,
                    "application": null})
            })
            .collect();
        let mut answer = transaction("unknown");
        for (name, value) in [("amount", amount), ("fee", fee), ("net", amount - fee)] {
            answer[name] = json!(value);
        }
        answer["fee_details"] = json!(details);
        let movement = settled(&answer).unwrap();
        let Some(Detail::Transaction(detail)) = movement.detail else { panic!() };
        let sum: i64 = detail.fees.iter().map(|fee| fee.money.minor).sum();
        assert_eq!(detail.net.minor, detail.gross.minor - sum, "round {round}");
        assert_eq!(movement.money, detail.net);
        for name in ["amount", "fee", "net"] {
            for off in [-1, 1] {
                let mut spoiled = answer.clone();
                spoiled[name] = json!(answer[name].as_i64().unwrap() + off);
                assert!(settled(&spoiled).is_err(), "round {round}: {name} {off}");
            }
        }
    }
}

/// Between any two currencies, at any rate as Stripe prints it: what was paid is found again exactly, never converted.
#[test]
fn an_exchanged_amount_is_the_one_of_its_source() {
    let mut draw = Draw(11);
    let currencies: Vec<Currency> = Currency::all().collect();
    for round in 0..600 {
        let (from, to) = (draw.of(&currencies), draw.of(&currencies));
        if from == to {
            continue;
        }
        let rate = Decimal::new(draw.below(9_000_000) as i64 + 1, draw.of(&[2, 4, 6]));
        let paid = Money::new(draw.below(100_000_000) as i64 + 1, from);
        let exact = paid.to_decimal() * rate;
        let rounded = exact.round_dp_with_strategy(to.exponent(), RoundingStrategy::MidpointAwayFromZero);
        let Some(kept) = Money::from_decimal(rounded, to) else { continue };
        let sign = draw.of(&[1, -1]);
        let mut answer = transaction(if sign > 0 { "refund_failure" } else { "refund" });
        for (name, value) in [("amount", sign * kept.minor), ("net", sign * kept.minor)] {
            answer[name] = json!(value);
        }
        answer["currency"] = json!(to.code().to_ascii_lowercase());
        answer["exchange_rate"] = serde_json::from_str(&rate.to_string()).unwrap();
        answer["source"]["currency"] = json!(from.code().to_ascii_lowercase());
        answer["source"]["amount"] = json!(paid.minor);
        let movement = settled(&answer).unwrap_or_else(|e| panic!("round {round}: {paid} at {rate} = {kept}: {e}"));
        let Some(Detail::Transaction(detail)) = movement.detail else { panic!() };
        assert_eq!(detail.presented, Some(Money::new(sign * paid.minor, from)), "round {round}");
        // One per cent off is another amount, where a cent is worth less than that.
        if kept.minor > 1_000 && rate > Decimal::new(1, 2) {
            answer["source"]["amount"] = json!(paid.minor + paid.minor / 50 + 1);
            let misfit = settled(&answer).unwrap();
            assert_eq!(misfit.flags, ["not_presented"], "round {round}: {paid} at {rate} = {kept}");
        }
    }
}

/// The same currency needs no rate, and a rate in figures of any form is read.
#[test]
fn rates_are_read_as_stripe_writes_them() {
    for (rate, kept) in [("1.171", 35_130), ("1.171e0", 35_130), ("1171E-3", 35_130), ("\"1.171\"", 35_130)] {
        let text = transaction("refund_exchanged").to_string().replace("1.171", "RATE").replace("RATE", rate);
        let answer: Value = serde_json::from_str(&text).unwrap();
        let movement = settled(&answer).unwrap_or_else(|e| panic!("{rate}: {e}"));
        assert_eq!(movement.money.minor, -kept, "{rate}");
    }
    for name in ["refund_exchanged", "charge_whole_authorization"] {
        let mut unsaid = transaction(name);
        unsaid["exchange_rate"] = json!(null);
        assert_eq!(settled(&unsaid).unwrap().flags, ["not_presented"], "without a rate nothing is certain: {name}");
    }
}
