//! FEES=supplier: what Stripe keeps in a month is owed to it, a draft bill says so, and once a person has posted it, it
//! clears that.

use quittance::cron;
use quittance::ports::{Level, Stmt};
use quittance_sim::odoo::Version;
use quittance_sim::stripe::merchant::Pay;
use quittance_sim::world::World;
use quittance_sim::world::port_faults::Mishap;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::books::shop::{SWEEP, Shop, decimal};
use crate::common::VERSIONS;

pub const DAY: i64 = 86_400;
/// From the start of the world, 21 November, to the fourth day of December.
const UNTIL_COMPLETE: i64 = 13 * DAY;

/// A shop that takes 100 USD and 80 EUR, of which Stripe keeps 3.20 USD and 3.24 USD, in November.
fn november(version: Version) -> Shop {
    let mut shop = Shop::of(version);
    shop.world.set("FEES", "supplier");
    shop.paid("100.00", "USD");
    shop.paid("80.00", "EUR");
    shop.settle();
    shop
}

/// Time passes without a cron, then one runs.
pub fn complete(shop: &mut Shop) {
    shop.world.cron_sleeps = true;
    shop.world.pass(UNTIL_COMPLETE);
    shop.world.cron_sleeps = false;
    shop.world.tick(cron::RECOVER);
    shop.world.work();
}

/// Bills of the supplier: id, state and total.
fn bills(shop: &Shop) -> Vec<(i64, String, Decimal)> {
    let of = json!([["move_type", "in", ["in_invoice", "in_refund"]]]);
    let rows = shop.eyes.rows("account.move", of, &["state", "amount_total"]);
    let one = |row: &Value| {
        let state = row["state"].as_str().unwrap().to_owned();
        (row["id"].as_i64().unwrap(), state, crate::books::view::number(&row["amount_total"]))
    };
    rows.iter().map(one).collect()
}

/// A person posts the newest draft.
pub fn post(shop: &Shop) {
    let id = bills(shop).into_iter().rfind(|(_, state, _)| state == "draft").expect("a draft bill").0;
    shop.eyes.call("account.move", "action_post", Some(&[id]), json!({}));
}

/// What is owed to Stripe: the balance, and how many lines are open.
fn owed(shop: &Shop) -> (Decimal, usize) {
    let partner = shop.eyes.named("partner_stripe").unwrap();
    let of = json!([
        ["partner_id", "=", partner],
        ["account_type", "=", "liability_payable"],
        ["parent_state", "=", "posted"]
    ]);
    let lines = shop.eyes.rows("account.move.line", of, &["amount_residual", "reconciled"]);
    let open: Vec<&Value> = lines.iter().filter(|line| line["reconciled"] != true).collect();
    (open.iter().map(|line| crate::books::view::number(&line["amount_residual"])).sum(), open.len())
}

/// State and code of the month's rows.
fn rows(world: &World) -> Vec<String> {
    let sql =
        "SELECT id || ' ' || state || ' ' || coalesce(code, '') AS told FROM inbox WHERE type = 'fee_bill' ORDER BY id";
    world.db.query(sql).iter().map(|row| row["told"].as_str().unwrap().trim_end().to_owned()).collect()
}

fn row(world: &World) -> String {
    let rows = rows(world);
    assert!(rows.len() == 1 && rows[0].starts_with("fees_2026_11_usd_acct_"), "{rows:?}");
    rows[0].split_once(' ').unwrap().1.to_owned()
}

fn flags(world: &World, kind: &str) -> Value {
    let rows = world.db.query(&format!("SELECT flags FROM postings WHERE kind = '{kind}'"));
    assert_eq!(rows.len(), 1, "{kind}: {rows:?}");
    serde_json::from_str(rows[0]["flags"].as_str().unwrap()).unwrap()
}

#[test]
fn a_month_is_billed_once_it_is_complete_and_cleared_once_the_bill_is_posted() {
    for version in VERSIONS {
        let mut shop = november(version);
        let kept = decimal("6.44");
        assert_eq!(owed(&shop), (kept, 2), "{version:?}");
        // December has begun, and what went wrong in November may still be mended by itself.
        shop.world.cron_sleeps = true;
        shop.world.pass(UNTIL_COMPLETE - 2 * DAY);
        shop.world.tick(cron::RECOVER);
        assert!(rows(&shop.world).is_empty());
        shop.world.pass(2 * DAY);
        shop.world.cron_sleeps = false;
        shop.world.tick(cron::RECOVER);
        shop.world.work();
        assert_eq!(row(&shop.world), "waiting bill_not_posted", "{version:?}");
        let [(bill, ref state, total)] = bills(&shop)[..] else { panic!("{:?}", bills(&shop)) };
        assert_eq!((state.as_str(), total), ("draft", kept));
        let fields = ["invoice_date", "ref", "partner_id"];
        let told = shop.eyes.rows("account.move", json!([["id", "=", bill]]), &fields).remove(0);
        assert_eq!(told["invoice_date"], "2026-11-30");
        assert_eq!(told["partner_id"][0].as_i64(), shop.eyes.named("partner_stripe"));
        // Nobody has posted it: another look a day, and no attempt.
        shop.world.pass(3 * DAY);
        assert_eq!((row(&shop.world).as_str(), bills(&shop).len()), ("waiting bill_not_posted", 1));
        let tried = shop.world.db.query("SELECT attempts FROM inbox WHERE type = 'fee_bill'");
        assert_eq!(tried[0]["attempts"], 0);
        post(&shop);
        shop.world.pass(DAY + 60);
        assert_eq!((row(&shop.world).as_str(), owed(&shop)), ("done", (Decimal::ZERO, 0)), "{version:?}");
        assert_eq!((flags(&shop.world, "fees_billed"), flags(&shop.world, "fees_cleared")), (json!([]), json!([])));
        shop.finish();
    }
}

/// A payment in pounds, which Odoo refuses: its balance transaction is parked, and no fee of it is booked.
fn pounds(shop: &mut Shop) -> String {
    pounds_are_active(shop, false);
    shop.world.stripe.borrow_mut().settings.rates.insert("gbp".into(), decimal("1.25"));
    let late = shop.world.stripe.borrow_mut().pay(&Pay::card(5_000, "gbp")).unwrap();
    shop.settle();
    late.payment_intent
}

fn pounds_are_active(shop: &Shop, on: bool) {
    let gbp = shop.eyes.rows("res.currency", json!([["name", "=", "GBP"]]), &["id"])[0]["id"].as_i64().unwrap();
    shop.eyes.call("res.currency", "write", Some(&[gbp]), json!({"vals": {"active": on}}));
}

/// The pounds are active, and the payment is replayed: its fee is booked after its month's bill was made.
fn booked_late(shop: &mut Shop, payment: &str) {
    let before = owed(shop).1;
    pounds_are_active(shop, true);
    let replay: &'static str = include_str!("../../../docs/replay.sql");
    let args = [payment.into(), quittance::ports::Clock::now(&shop.world.clock).into()];
    shop.world.db.run(&[Stmt::new(replay, args)]).unwrap();
    shop.world.pass(1);
    shop.world.tick(cron::SWEEP);
    shop.world.work();
    assert_eq!(owed(shop).1, before + 1, "the fee is owed");
}

/// How far the month's bill is when a fee of that month is booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bill {
    Draft,
    Posted,
    Cleared,
}

/// A bill clears what it lists, however far it is when more is booked; the rest has a bill of its own.
#[test]
fn a_fee_that_is_booked_late_has_a_bill_of_its_own() {
    for (version, bill) in
        VERSIONS.into_iter().flat_map(|v| [Bill::Draft, Bill::Posted, Bill::Cleared].map(|bill| (v, bill)))
    {
        let what = format!("{version:?} {bill:?}");
        let mut shop = november(version);
        let payment = pounds(&mut shop);
        complete(&mut shop);
        assert_eq!(bills(&shop)[0].2, decimal("6.44"));
        if bill != Bill::Draft {
            post(&shop);
        }
        if bill == Bill::Cleared {
            shop.world.pass(DAY + 3_600);
            assert_eq!((row(&shop.world).as_str(), owed(&shop)), ("done", (Decimal::ZERO, 0)), "{what}");
        }
        booked_late(&mut shop, &payment);
        shop.world.pass(DAY + 3_600);
        if bill == Bill::Draft {
            assert_eq!((row(&shop.world).as_str(), bills(&shop).len()), ("waiting bill_not_posted", 1), "{what}");
            assert_eq!(bills(&shop)[0].2, decimal("6.44"), "{what}: the draft lists what it listed");
            post(&shop);
            shop.world.pass(DAY + 3_600);
        }
        let (late, open) = owed(&shop);
        assert!(late > Decimal::ZERO && open == 1, "{what}: {late} {open}");
        let made = bills(&shop);
        assert_eq!(made.len(), 2, "{what}: {made:?}");
        assert_eq!((made[0].1.as_str(), made[1].1.as_str(), made[1].2), ("posted", "draft", late), "{what}");
        let told = rows(&shop.world);
        assert!(
            told[0].starts_with("fees_2026_11_usd_2_acct_") && told[0].ends_with(" waiting bill_not_posted"),
            "{told:?}"
        );
        assert!(told[1].starts_with("fees_2026_11_usd_acct_") && told[1].ends_with(" done"), "{told:?}");
        post(&shop);
        shop.world.pass(DAY + 3_600);
        assert_eq!(owed(&shop), (Decimal::ZERO, 0), "{what}");
        let ended = rows(&shop.world);
        assert!(ended.len() == 2 && ended.iter().all(|row| row.ends_with(" done")), "{what}: {ended:?}");
        let flags = shop.world.db.query("SELECT flags FROM postings WHERE kind IN ('fees_billed', 'fees_cleared')");
        assert!(flags.len() == 4 && flags.iter().all(|row| row["flags"] == "[]"), "{what}: {flags:?}");
        shop.finish();
    }
}

/// The bill of a late fee is made once, whatever fails meanwhile.
#[test]
fn a_crash_at_any_call_makes_no_second_bill_of_a_late_fee() {
    let calls = billed_late(None);
    assert!((10..60).contains(&calls), "{calls}");
    for at in 0..calls {
        for mishap in Mishap::ALL {
            billed_late(Some((at, mishap)));
        }
    }
}

/// November is cleared, a fee of it is booked, and its bill is made with a mishap; gives how many calls that makes when nothing
/// happens.
fn billed_late(strike: Option<(usize, Mishap)>) -> usize {
    let mut shop = november(Version::V18);
    let payment = pounds(&mut shop);
    complete(&mut shop);
    post(&shop);
    shop.world.cron_sleeps = true;
    a_day_later(&mut shop);
    assert_eq!((row(&shop.world).as_str(), owed(&shop)), ("done", (Decimal::ZERO, 0)));
    booked_late(&mut shop, &payment);
    assert_eq!(bills(&shop).len(), 1);
    let before = shop.world.dial.calls();
    if let Some((at, mishap)) = strike {
        shop.world.dial.set(at, mishap);
    }
    shop.world.tick(cron::RECOVER);
    shop.world.work();
    let calls = shop.world.dial.calls() - before;
    for _ in 0..3 {
        shop.world.pass(400);
        shop.world.tick(cron::RECOVER);
        shop.world.tick(cron::SWEEP);
        shop.world.work();
    }
    assert_eq!(bills(&shop).len(), 2, "{strike:?}");
    post(&shop);
    a_day_later(&mut shop);
    assert_eq!((bills(&shop).len(), owed(&shop)), (2, (Decimal::ZERO, 0)), "{strike:?} {:?}", rows(&shop.world));
    assert!(shop.world.dial.spent(), "{strike:?} never struck");
    shop.world.finish();
    calls
}

/// The daily look at a bill, while the crons sleep.
fn a_day_later(shop: &mut Shop) {
    shop.world.pass(DAY + 60);
    shop.world.tick(cron::RECOVER);
    shop.world.tick(cron::SWEEP);
    shop.world.work();
}

#[test]
fn a_bill_that_differs_is_cleared_as_far_as_it_goes_and_shown() {
    for version in VERSIONS {
        let mut shop = november(version);
        complete(&mut shop);
        let (bill, ..) = bills(&shop)[0];
        let of = json!([["move_id", "=", bill], ["display_type", "=", "product"]]);
        let line = shop.eyes.rows("account.move.line", of, &["price_unit"]).remove(0);
        let price: Value = serde_json::from_str("6.00").unwrap();
        let lines = json!([[1, line["id"], {"price_unit": price}]]);
        shop.eyes.call("account.move", "write", Some(&[bill]), json!({"vals": {"invoice_line_ids": lines}}));
        post(&shop);
        shop.world.pass(DAY + 60);
        assert_eq!((row(&shop.world).as_str(), owed(&shop)), ("done", (decimal("0.44"), 1)), "{version:?}");
        assert_eq!(flags(&shop.world, "fees_cleared"), json!(["bill_differs"]));
        let alerts = shop.world.logged("booked").into_iter().filter(|line| line.level == Level::Alert);
        assert!(alerts.map(|line| line.fields["flags"].clone()).eq([json!(["bill_differs"])]), "somebody is told");
        shop.finish();
    }
}

/// More lines than Odoo matches in one call: the rest follows at once, and nothing is an attempt.
#[test]
fn a_long_bill_is_cleared_in_several_calls() {
    let mut shop = november(Version::V18);
    for _ in 0..210 {
        shop.world.stripe.borrow_mut().pay(&Pay::card(100, "usd")).unwrap();
    }
    shop.world.pass(SWEEP);
    complete(&mut shop);
    assert_eq!(owed(&shop).1, 212);
    post(&shop);
    shop.world.pass(DAY + 60);
    assert_eq!((row(&shop.world).as_str(), owed(&shop)), ("done", (Decimal::ZERO, 0)));
    let tried = shop.world.db.query("SELECT attempts FROM inbox WHERE type = 'fee_bill'");
    assert_eq!(tried[0]["attempts"], 0);
    shop.finish();
}

/// Each settlement currency has a bill of its own, in that currency.
#[test]
fn every_settlement_currency_has_its_bill() {
    let mut shop = Shop::of(Version::V18);
    shop.world.set("FEES", "supplier");
    shop.world.stripe.borrow_mut().settings.rates.remove("eur");
    shop.paid("100.00", "USD");
    shop.paid("80.00", "EUR");
    shop.settle();
    complete(&mut shop);
    let told = rows(&shop.world);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("fees_2026_11_eur_") && told[1].starts_with("fees_2026_11_usd_"), "{told:?}");
    for (bill, ..) in bills(&shop) {
        shop.eyes.call("account.move", "action_post", Some(&[bill]), json!({}));
    }
    shop.world.pass(DAY + 60);
    assert_eq!(owed(&shop), (Decimal::ZERO, 0));
    shop.finish();
}

/// What was booked as an expense is in no bill, whatever the setting says later.
#[test]
fn only_what_is_owed_is_billed() {
    let mut shop = Shop::of(Version::V18);
    shop.paid("100.00", "USD");
    shop.settle();
    shop.world.set("FEES", "supplier");
    shop.paid("200.00", "USD");
    shop.settle();
    shop.world.set("FEES", "expense");
    shop.paid("300.00", "USD");
    shop.settle();
    complete(&mut shop);
    assert!(rows(&shop.world).is_empty(), "no bills are made without the setting");
    shop.world.set("FEES", "supplier");
    shop.world.tick(cron::RECOVER);
    shop.world.work();
    assert_eq!(bills(&shop)[0].2, owed(&shop).0, "of the second payment alone");
    post(&shop);
    shop.world.pass(DAY + 60);
    assert_eq!(owed(&shop), (Decimal::ZERO, 0));
    shop.finish();
}

/// A balance transaction that is still tried again holds its month's bill up, and no longer.
#[test]
fn a_month_waits_for_what_is_still_worked() {
    let mut shop = november(Version::V18);
    shop.world.cron_sleeps = true;
    shop.world.pass(UNTIL_COMPLETE);
    let open = Stmt::new(
        "UPDATE inbox SET state = 'failed', due = ?1, queue_again_at = ?1 WHERE id IN \
         (SELECT id FROM inbox WHERE type = 'balance_transaction' LIMIT 1)",
        [(quittance::ports::Clock::now(&shop.world.clock) + 600).into()],
    );
    shop.world.db.run(&[open]).unwrap();
    shop.world.tick(cron::RECOVER);
    assert!(rows(&shop.world).is_empty());
    shop.world.cron_sleeps = false;
    shop.world.pass(2 * SWEEP);
    assert_eq!(row(&shop.world), "waiting bill_not_posted");
    post(&shop);
    shop.world.pass(DAY + 60);
    shop.finish();
}

/// A bill that a person deletes, or cancels, is the person's: it is told, and not made again.
#[test]
fn a_bill_that_a_person_takes_away_is_not_made_again() {
    for version in VERSIONS {
        for (method, code) in [("unlink", "payment_gone"), ("button_cancel", "erp_refused")] {
            let mut shop = november(version);
            complete(&mut shop);
            let (bill, ..) = bills(&shop)[0];
            shop.eyes.call("account.move", method, Some(&[bill]), json!({}));
            shop.world.pass(DAY + 60);
            assert_eq!(row(&shop.world), format!("parked {code}"), "{version:?} {method}");
            assert!(bills(&shop).iter().all(|(_, state, _)| state == "cancel"));
            shop.finish();
        }
    }
}

/// Every call of a port while the bill is made, and while it is cleared, fails or kills the Worker, before and after its
/// effect.
#[test]
fn a_crash_at_any_call_makes_no_second_bill() {
    for clearing in [false, true] {
        let calls = billed(clearing, None);
        assert!((10..60).contains(&calls), "{calls}");
        for at in 0..calls {
            for mishap in Mishap::ALL {
                billed(clearing, Some((at, mishap)));
            }
        }
    }
}

/// Bills and clears November, with a mishap in one of the two; gives how many calls that one makes when nothing happens.
fn billed(clearing: bool, strike: Option<(usize, Mishap)>) -> usize {
    let mut shop = november(Version::V18);
    shop.world.cron_sleeps = true;
    shop.world.pass(UNTIL_COMPLETE);
    let mut calls = 0;
    for clears in [false, true] {
        let before = shop.world.dial.calls();
        if let Some((at, mishap)) = strike.filter(|_| clears == clearing) {
            shop.world.dial.set(at, mishap);
        }
        let schedule = if clears { cron::SWEEP } else { cron::RECOVER };
        shop.world.tick(schedule);
        shop.world.work();
        if clears == clearing {
            calls = shop.world.dial.calls() - before;
        }
        // Whatever was left is worked when its time has come.
        for _ in 0..3 {
            shop.world.pass(400);
            shop.world.tick(cron::RECOVER);
            shop.world.tick(cron::SWEEP);
            shop.world.work();
        }
        assert_eq!(bills(&shop).len(), 1, "{strike:?}");
        if !clears {
            post(&shop);
            shop.world.pass(DAY);
        }
    }
    let what = format!("{strike:?} {:?}", rows(&shop.world));
    assert_eq!((row(&shop.world).as_str(), owed(&shop)), ("done", (Decimal::ZERO, 0)), "{what}");
    assert!(shop.world.dial.spent(), "{what} never struck");
    shop.world.finish();
    calls
}

/// The month's rows are found by an index, however many balance transactions there are.
#[test]
fn no_statement_of_the_bills_scans_a_table() {
    let mut shop = november(Version::V18);
    complete(&mut shop);
    let seen: Vec<&'static str> =
        shop.world.db.seen.borrow().iter().copied().filter(|sql| sql.contains("billed")).collect();
    assert_eq!(seen.len(), 4, "{seen:#?}");
    for sql in seen {
        let plan = shop.world.db.plan(sql).unwrap();
        let scans: Vec<&String> = plan
            .iter()
            .filter(|step| {
                step.starts_with("SCAN t ") || step.starts_with("SCAN transactions") || step.starts_with("SCAN i ")
            })
            .collect();
        assert!(scans.is_empty(), "{plan:#?}: {sql}");
    }
    post(&shop);
    shop.world.pass(DAY + 60);
    shop.finish();
}
