//! The books stay right whatever happens in whatever order, and a run repeats from its seed.

use std::collections::BTreeMap;

use quittance_sim::Rng;
use quittance_sim::odoo::{Invoice, Odoo, Version};
use rust_decimal::Decimal;
use serde_json::json;

use super::client::{book, for_id, movement, odoo};

const ROUNDS: u64 = 150;

/// Random receipts, replays, cancellations and deletions; gives the keys that were booked, with their amounts.
fn play(odoo: &mut Odoo, seed: u64) -> BTreeMap<String, Decimal> {
    let rng = Rng::seeded(seed);
    let (mut invoices, mut booked) = (Vec::new(), BTreeMap::new());
    for round in 0..ROUNDS {
        match rng.below(10) {
            0..3 => {
                let amount = format!("{}.{:02}", rng.below(200) + 1, rng.below(100));
                invoices.push(odoo.invoice(&Invoice::of(&amount, "USD")));
            }
            3..8 => {
                let key = if rng.percent(20) { format!("pi_{}", rng.below(round + 1)) } else { format!("pi_{round}") };
                let amount = format!("{}.{:02}", rng.below(150) + 1, rng.below(100));
                let at = usize::try_from(rng.below(invoices.len() as u64)).unwrap();
                let for_invoice = invoices.get(at).map_or(json!({}), |id| for_id(*id));
                let got = book(odoo, vec![movement(&key, &amount, for_invoice)]).unwrap();
                let known = booked.contains_key(&key);
                assert_eq!(got[0]["status"] == "created", !known, "{key}: {got:?}");
                booked.entry(key).or_insert_with(|| amount.parse().unwrap());
            }
            8 => {
                let open = odoo.payments().into_iter().find(|p| !p.state.starts_with("cancel"));
                if let Some(payment) = open.filter(|_| rng.percent(50)) {
                    odoo.cancel_payment(payment.id);
                }
            }
            _ => {
                if let Some(last) = odoo.payments().last().filter(|_| rng.percent(50)) {
                    odoo.delete_payment(last.id);
                }
            }
        }
        if round % 10 == 9 {
            prove(odoo, &invoices);
        }
    }
    booked
}

/// Clearing holds what the standing payments brought; each invoice lacks exactly what payments gave it.
fn prove(odoo: &Odoo, invoices: &[i64]) {
    let payments = odoo.payments();
    let standing = || payments.iter().filter(|p| !p.state.starts_with("cancel"));
    let brought: Decimal = standing().map(|p| p.amount).sum();
    assert_eq!(odoo.balance(1, "Stripe clearing"), brought);
    let total =
        |id: &i64| odoo.field_value("account.move", *id, "amount_total").to_string().parse::<Decimal>().unwrap();
    let billed: Decimal = invoices.iter().map(total).sum();
    let open: Decimal = invoices.iter().map(|id| odoo.residual(*id)).sum();
    let free: Decimal = standing().map(|p| p.unallocated).sum();
    assert_eq!(billed - open, brought - free, "what invoices got is what payments gave");
    assert_eq!(odoo.balance(1, "Account Receivable"), billed - brought);
    for id in invoices {
        let state = odoo.payment_state(*id);
        let paid = odoo.residual(*id).is_zero();
        assert_eq!(state == "paid", paid, "{state}");
    }
}

#[test]
fn random_days_leave_the_books_right_and_every_key_booked_once() {
    for version in Version::ALL {
        for seed in 1..=3 {
            let mut odoo = odoo(version);
            let booked = play(&mut odoo, seed);
            assert!(booked.len() > 30, "the days were too quiet: {}", booked.len());
        }
    }
}

#[test]
fn a_run_repeats_from_its_seed() {
    let run = |seed| {
        let mut odoo = odoo(Version::V18);
        play(&mut odoo, seed);
        odoo.payments()
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}
