#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use rust_decimal::Decimal;
use serde_json::json;

use super::{Head, Line};
use crate::odoo::{Odoo, Version};
use crate::{Clock, Rng};

const DAY: i64 = 1_795_600_000_000;

fn odoo(version: Version) -> Odoo {
    let mut odoo = Odoo::provisioned(version, Clock::at(DAY), 1);
    odoo.set_rate("EUR", 1, "0.8");
    odoo.set_rate("JPY", 1, "150");
    odoo
}

fn id(odoo: &Odoo, currency: &str) -> i64 {
    odoo.store.find("res.currency", "name", &json!(currency)).unwrap()
}

fn cents(units: i64) -> Decimal {
    Decimal::new(units, 2)
}

/// An entry of one line on an account and its counterpart on the fees; gives the line.
fn moved(odoo: &mut Odoo, account: i64, currency: &str, amount: Decimal, value: Decimal) -> i64 {
    let (currency, fees) = (id(odoo, currency), odoo.role(1, "fees").unwrap());
    let journal = odoo.journal_of(1, "STRP").unwrap();
    let head = Head { journal, date: "2026-11-20".to_owned(), ..Head::default() };
    let lines =
        [Line::valued(account, "a", amount, currency, value), Line::valued(fees, "b", -amount, currency, -value)];
    let entry = odoo.new_entry(&head, &lines).unwrap();
    odoo.post(entry).unwrap();
    odoo.lines_on(entry, account)[0]
}

#[test]
fn a_roll_back_leaves_no_gap_in_the_numbers() {
    for version in Version::ALL {
        let mut odoo = odoo(version);
        let clearing = odoo.role(1, "clearing").unwrap();
        moved(&mut odoo, clearing, "USD", cents(100), cents(100));
        let savepoint = odoo.store.savepoint();
        moved(&mut odoo, clearing, "USD", cents(200), cents(200));
        odoo.store.rollback(savepoint);
        moved(&mut odoo, clearing, "USD", cents(300), cents(300));
        let names: Vec<String> = odoo.entries().into_iter().map(|e| e.name).collect();
        assert_eq!(names, ["STRP/2026/00001", "STRP/2026/00002"]);
        odoo.assert_sound();
    }
}

#[test]
fn what_an_account_holds_and_has_open() {
    let mut odoo = odoo(Version::V18);
    let clearing = odoo.role(1, "clearing").unwrap();
    let receipt = moved(&mut odoo, clearing, "EUR", cents(8000), cents(10_000));
    assert_eq!(odoo.balance_of(clearing, "EUR"), (cents(8000), cents(10_000)));
    assert_eq!(odoo.open_lines(clearing).len(), 1);
    let settled = moved(&mut odoo, clearing, "EUR", -cents(8000), -cents(10_137));
    odoo.reconcile(&[receipt, settled]).unwrap();
    assert_eq!(odoo.open_lines(clearing), []);
    assert_eq!((odoo.balance_of(clearing, "EUR").0, odoo.value_of(clearing)), (Decimal::ZERO, Decimal::ZERO));
    let exchange = odoo.entries().pop().unwrap();
    assert_eq!((exchange.journal.as_str(), exchange.lines[1].value), ("EXCH", -cents(137)));
    odoo.assert_sound();
}

#[test]
fn unsound_books_are_seen() {
    let sound = || {
        let mut odoo = odoo(Version::V18);
        let clearing = odoo.role(1, "clearing").unwrap();
        let (a, b) = (
            moved(&mut odoo, clearing, "USD", cents(100), cents(100)),
            moved(&mut odoo, clearing, "USD", -cents(100), -cents(100)),
        );
        odoo.reconcile(&[a, b]).unwrap();
        odoo.assert_sound();
        (odoo, a)
    };
    for (model, column, value, says) in [
        ("account.move.line", "balance", json!(2.0), "is out by"),
        ("account.move.line", "amount_residual", json!(0.5), "open"),
        ("account.move.line", "reconciled", json!(false), "open"),
        ("account.move", "name", json!("STRP/2026/00009"), "gap"),
    ] {
        let (mut odoo, line) = sound();
        let record =
            if model == "account.move" { odoo.store.int("account.move.line", line, "move_id").unwrap() } else { line };
        odoo.poke(model, record, column, value);
        let why = odoo.unsound().unwrap();
        assert!(why.contains(says), "{column}: {why}");
    }
}

/// Entries, matchings and undoings in any order: the books hold after each.
#[test]
fn the_books_hold_whatever_is_done() {
    for (version, seed) in Version::ALL.into_iter().zip([3, 4, 5]) {
        let (mut odoo, rng) = (odoo(version), Rng::seeded(seed));
        let clearing = odoo.role(1, "clearing").unwrap();
        let pick = |n: usize| usize::try_from(rng.draw() % u64::try_from(n.max(1)).unwrap()).unwrap();
        let mut lines: Vec<i64> = Vec::new();
        for step in 0..300 {
            match pick(5) {
                0 | 1 => {
                    let currency = ["USD", "EUR", "JPY"][pick(3)];
                    let units = i64::try_from(pick(40)).unwrap() + 1;
                    let sign = if pick(2) == 0 { Decimal::ONE } else { -Decimal::ONE };
                    let amount = Decimal::from(units) * sign;
                    let drift = cents(i64::try_from(pick(9)).unwrap());
                    let value = match currency {
                        "USD" => amount,
                        "EUR" => amount * cents(125) + drift * sign,
                        _ => cents(units) * sign,
                    };
                    lines.push(moved(&mut odoo, clearing, currency, amount, value));
                }
                2 | 3 => {
                    let open: Vec<i64> = lines.iter().copied().filter(|l| !odoo.reconciled(*l)).collect();
                    let some: Vec<i64> = open.iter().copied().filter(|_| pick(3) == 0).take(5).collect();
                    if !some.is_empty() {
                        odoo.reconcile(&some).unwrap();
                    }
                }
                _ if lines.is_empty() => {}
                _ => {
                    let line = lines[pick(lines.len())];
                    odoo.unreconcile(&[line]).unwrap();
                }
            }
            if let Some(why) = odoo.unsound() {
                let told = odoo.told(clearing).join("\n");
                assert!(why.is_empty(), "{version:?} step {step}: {why}\n{told}");
            }
        }
        assert!(odoo.entries().iter().any(|e| e.journal == "EXCH"), "no exchange difference came up");
    }
}
