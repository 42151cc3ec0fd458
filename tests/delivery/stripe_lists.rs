//! Stripe's lists: that they are read to their end, from where they must be, in turns, and by one at a time.

use crate::common::*;
use quittance::cron;
use quittance::ledger::list_progress::{EVENTS, ListProgress, TRANSACTIONS};
use quittance_sim::odoo::{Fault, Rule, Version};
use quittance_sim::stripe::balance::Entry;
use quittance_sim::stripe::fault::{ApiFault, Trouble};
use quittance_sim::stripe::merchant::Pay;
use quittance_sim::world::{World, signing};

const DAY: i64 = 86_400;

fn entries(world: &World, count: i64) {
    for _ in 0..count {
        world.stripe.borrow_mut().enter_by_hand(&Entry::of("stripe_fee", "fee", -1, "usd"));
    }
}

/// Rows of the inbox that stand for balance transactions, and to when the list is complete.
fn read(world: &World) -> (i64, Option<i64>) {
    let rows = world.db.query("SELECT count(*) AS n FROM inbox WHERE type = 'balance_transaction'");
    let complete = world.db.query("SELECT complete_to FROM transaction_list_progress WHERE run IS NULL");
    (rows[0]["n"].as_i64().unwrap(), complete.first().and_then(|row| row["complete_to"].as_i64()))
}

/// 600 balance transactions a minute, far more than one run each quarter of an hour could read; on Cloudflare's free plan.
#[test]
fn a_list_that_grows_fast_comes_to_its_end() {
    let mut world = World::new(1, Version::V18);
    world.disable_drop_check();
    entries(&world, 4_000);
    world.clock.advance(60_000);
    world.tick(cron::RECOVER);
    assert_eq!(read(&world), (600, None), "bounded");
    let mut minutes = 0;
    while read(&world).1.is_none() {
        entries(&world, 600);
        world.clock.advance(60_000);
        world.tick(cron::SWEEP);
        minutes += 1;
        assert!(minutes < 10, "{:?}", read(&world));
    }
    for _ in 0..15 {
        entries(&world, 600);
        world.clock.advance(60_000);
    }
    // The next quarter reads what came since, and is done within some minutes again.
    let before = read(&world).1;
    world.tick(cron::RECOVER);
    for _ in 0..12 {
        world.clock.advance(60_000);
        world.tick(cron::SWEEP);
    }
    let (rows, complete) = read(&world);
    assert!(
        complete > before,
        "{complete:?} {:?}",
        world.log().iter().rev().take(12).map(|l| (l.event, l.fields.to_string())).collect::<Vec<_>>()
    );
    assert_eq!(rows, 4_000 + 600 * (15 + minutes), "none is passed over");
}

/// Every page takes nine seconds, and the own account has many: the others have their turns all the same.
#[test]
fn a_slow_account_starves_no_other() {
    for seed in 0..3 {
        let mut world = World::new(seed, Version::V18);
        world.disable_drop_check();
        let others = ["acct_1SimSecondXXXXX", "acct_1SimThirdXXXXXX"];
        world.stripe.borrow_mut().settings.connected = others.map(str::to_owned).to_vec();
        world.set("STRIPE_ACCOUNTS", &others.join(","));
        entries(&world, 4_000);
        for account in others {
            let paid = Pay { account: Some(account.into()), ..Pay::card(500, "usd") };
            world.stripe.borrow_mut().pay(&paid).unwrap();
        }
        world.clock.advance(60_000 + i64::try_from(seed).unwrap() * 60_000);
        let slow = ApiFault { times: u32::MAX, ..ApiFault::next("", Trouble::Slow(9_000)) };
        world.stripe.borrow_mut().faults.add(slow);
        world.tick(cron::RECOVER);
        let done = world.db.query(
            "SELECT account FROM transaction_list_progress WHERE run IS NULL AND complete_to > 0 ORDER BY account",
        );
        let done: Vec<&str> = done.iter().filter_map(|row| row["account"].as_str()).collect();
        assert_eq!(done, others, "seed {seed}");
        let going = world.db.query("SELECT account FROM transaction_list_progress WHERE run IS NOT NULL");
        assert_eq!(going.len(), 1, "the long one goes on: {going:?}");
    }
}

/// What happened between two cut-overs is booked once the setting names the earlier one, however long ago that is, and though no
/// webhook ever told of it.
#[test]
fn an_earlier_cut_over_is_gone_back_to() {
    for days in [2, 45] {
        let mut world = World::new(3, Version::V18);
        world.stripe.borrow_mut().dial().drop = 100;
        let first = world.vars["BOOK_FROM"].clone();
        let paid = pay(&world, &Pay::card(4_200, "usd"));
        world.cron_sleeps = true;
        world.pass(days * DAY);
        world.cron_sleeps = false;
        let now = world.clock.now_ms() / 1_000;
        world.set("BOOK_FROM", &now.to_string());
        world.pass(3_600);
        pay(&world, &Pay::card(1_000, "usd"));
        world.pass(3_600);
        assert_eq!(booked(&world), ["10 USD → []"], "{days} days");
        world.set("BOOK_FROM", &first);
        world.pass(3_600);
        let mut both = booked(&world);
        both.sort();
        assert_eq!(both, ["10 USD → []", "42 USD → []"], "{days} days");
        assert_eq!(posting(&world, &paid.payment_intent)["outcome"], "created");
        let row = &world.db.query("SELECT book_from FROM transaction_list_progress")[0];
        assert_eq!(row["book_from"].as_i64().unwrap().to_string(), first);
        // A later one does not make the list be read from it again when it is taken back.
        world.set("BOOK_FROM", &now.to_string());
        world.pass(1_800);
        assert_eq!(
            world.db.query("SELECT book_from FROM transaction_list_progress")[0]["book_from"]
                .as_i64()
                .unwrap()
                .to_string(),
            first
        );
        world.finish();
    }
}

/// Two runs at once: the first stood still for longer than its lease. What it then writes counts no more.
#[test]
fn progress_is_written_by_the_holder_of_the_lease_only() {
    let world = World::new(4, Version::V18);
    let (rt, at) = (world.runtime(), 1_795_287_600);
    for list in [&EVENTS, &TRANSACTIONS] {
        let begin = |token: &str, at: i64| now(list.begin(&*rt.db, token, at, 180)).unwrap();
        let advance = |token: &str, complete_to: i64, run: Option<&str>| {
            let progress =
                ListProgress { complete_to: Some(complete_to), run: run.map(str::to_owned), book_from: Some(1) };
            now(list.advance(&*rt.db, token, "acct_1", &progress)).unwrap()
        };
        let stands = || now(list.progress(&*rt.db, &["acct_1"])).unwrap().remove(0);
        assert!(begin("first", at));
        assert!(!begin("second", at + 170), "one at a time");
        assert!(advance("first", 5, Some("{}")));
        assert!(begin("second", at + 181), "the first has stood still for too long");
        assert!(advance("second", at + 181, None));
        let newest = stands();
        assert!(!advance("first", 7, Some("{\"old\":1}")), "whoever lost the lease is told so");
        assert_eq!(stands(), newest);
        now(list.end(&*rt.db, "first")).unwrap();
        assert!(!begin("third", at + 182), "and does not give the other's lease back");
        now(list.end(&*rt.db, "second")).unwrap();
    }
    world.finish();
}

/// A payment of which no event is known, by its balance transaction alone. The receipt's call fails, and the balance transaction
/// itself is booked: the next attempt books the receipt.
#[test]
fn a_balance_transaction_that_is_booked_still_leads_to_its_document() {
    for version in VERSIONS {
        let mut world = World::new(1, version);
        world.cron_sleeps = true;
        world.set("STRIPE_WEBHOOK_SECRETS", &signing(&["whsec_sim_of_no_endpoint_of_this_world_0"]));
        let paid = invoice(&world, "100.00", "USD");
        pay_invoice(&world, paid, 10_000, "usd");
        world.clock.advance(60_000);
        world.tick(cron::RECOVER);
        world.db.query("DELETE FROM inbox WHERE type <> 'balance_transaction' RETURNING id");
        world.odoo.borrow_mut().dial.add(Rule::once(Fault::TimedOut).on("match"));
        world.pass(20);
        let kinds = |world: &World| {
            let rows = world.db.query("SELECT kind FROM postings ORDER BY kind");
            rows.iter().map(|row| row["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(kinds(&world), ["settled"], "{version:?}");
        world.clock.advance(600_000);
        world.tick(cron::SWEEP);
        world.pass(20);
        assert_eq!((kinds(&world), residual(&world, paid).as_str()), (vec!["paid".to_owned(), "settled".into()], "0"));
        world.finish();
    }
}
