//! Odoo is set back to a backup while the ledger is not: what it lost is booked again by the same keys, each once.

use quittance::http::Request;
use quittance_sim::odoo::{Odoo, Version};
use quittance_sim::stripe::dispute::DisputeStep;
use quittance_sim::stripe::merchant::{Dispute, Pay, Payout, Refund};
use quittance_sim::world::WORKER;
use serde_json::{Value, json};

use crate::books::laws;
use crate::books::shop::Shop;

pub const TOKEN: &str = "admin-token-of-the-tests-01234567";

impl Shop {
    /// What an operator asks of the Worker.
    pub fn operator(&self, path: &str, body: &Value) -> Value {
        let request = Request::new("POST", format!("{WORKER}/admin/api/{path}"))
            .with("authorization", format!("Bearer {TOKEN}"))
            .with("x-quittance-operator", "alice")
            .body(body.to_string());
        let answer = self.world.request(&request).unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
        serde_json::from_slice(&answer.body).unwrap()
    }

    pub fn backup(&self) -> Odoo {
        self.world.odoo.borrow().clone()
    }

    pub fn set_back(&self, backup: &Odoo) {
        self.world.odoo.borrow_mut().set_back(backup);
    }

    fn records(&self) -> Vec<Value> {
        let rows = self.world.db.query("SELECT key, outcome, name, flags, documents, doubt FROM postings ORDER BY key");
        rows.into_iter().map(Value::Object).collect()
    }

    /// The operator's one command, step by step as the command line sends it.
    pub fn ask_again(&self, to: i64) -> usize {
        let mut steps = 0;
        let mut body = json!({"to": to, "act": true, "reason": "restored"});
        while self.operator("erp/restore", &body)["under_way"] == true {
            body = json!({"to": to, "act": true, "go_on": true});
            steps += 1;
        }
        steps
    }
}

pub fn shop(version: Version) -> Shop {
    let mut shop = Shop::of(version);
    shop.world.set("ADMIN_TOKEN", TOKEN);
    shop
}

/// Whichever of the payment's events is replayed: receipt, refund and their balance transactions come back together.
#[test]
fn a_replay_books_what_odoo_has_lost() {
    for version in Version::ALL {
        for which in ["payment_intent.succeeded", "refund.created", "balance_transaction"] {
            let mut shop = shop(version);
            let invoice = shop.invoice("100.00", "USD");
            let backup = shop.backup();
            let paid = shop.pay(invoice, "100.00", "USD", Pay::card(0, "usd"));
            shop.settle();
            shop.world.stripe.borrow_mut().refund(&Refund::part(&paid.charge, 2_500)).unwrap();
            shop.settle();
            let before = shop.records();
            shop.set_back(&backup);
            assert_eq!(shop.world.odoo.borrow().payments().len(), 0);
            let sql = format!("SELECT id FROM inbox WHERE type = '{which}' ORDER BY id LIMIT 1");
            let event = shop.world.db.query(&sql)[0]["id"].as_str().unwrap().to_owned();
            shop.operator(&format!("events/{event}/replay"), &json!({}));
            shop.settle();
            assert_eq!(shop.records(), before, "{version:?} {which}: as if nothing had been lost");
            shop.finish();
        }
    }
}

/// A replay brings back what goes with its event by itself, not only once the clock has looked for what was left over.
#[test]
fn a_replay_waits_for_no_clock() {
    for which in ["payment_intent.succeeded", "refund.created"] {
        let mut shop = shop(Version::V18);
        let invoice = shop.invoice("100.00", "USD");
        let backup = shop.backup();
        let paid = shop.pay(invoice, "100.00", "USD", Pay::card(0, "usd"));
        shop.settle();
        shop.world.stripe.borrow_mut().refund(&Refund::part(&paid.charge, 2_500)).unwrap();
        shop.settle();
        let before = shop.records();
        shop.set_back(&backup);
        shop.world.cron_sleeps = true;
        let sql = format!("SELECT id FROM inbox WHERE type = '{which}' ORDER BY id LIMIT 1");
        let event = shop.world.db.query(&sql)[0]["id"].as_str().unwrap().to_owned();
        shop.operator(&format!("events/{event}/replay"), &json!({}));
        shop.world.pass(300);
        assert_eq!(shop.records(), before, "{which}");
        shop.world.cron_sleeps = false;
        shop.finish();
    }
}

/// A refund builds on a receipt that Odoo has, not on one that the ledger remembers: what brought the receipt is not worked
/// again, and the refund books it.
#[test]
fn a_refund_books_the_receipt_that_odoo_has_lost() {
    for version in Version::ALL {
        let mut shop = shop(version);
        let invoice = shop.invoice("100.00", "USD");
        let backup = shop.backup();
        let to = shop.world.clock.now_ms() / 1_000;
        let paid = shop.pay(invoice, "100.00", "USD", Pay::card(0, "usd"));
        shop.settle();
        shop.set_back(&backup);
        shop.world.cron_sleeps = true;
        shop.operator("erp/restore", &json!({"to": to, "act": true, "reason": "restored"}));
        let sql = format!("SELECT id FROM inbox WHERE subject = '{}' AND state = 'received'", paid.payment_intent);
        let waiting = shop.world.db.query(&sql);
        assert!(!waiting.is_empty(), "they are to be worked again");
        for row in waiting {
            shop.operator(&format!("events/{}/park", row["id"].as_str().unwrap()), &json!({"reason": "by hand"}));
        }
        shop.world.stripe.borrow_mut().refund(&Refund::part(&paid.charge, 2_500)).unwrap();
        shop.world.pass(300);
        let state = "SELECT state, code FROM inbox WHERE type = 'refund.created'";
        assert_eq!(shop.world.db.query(state)[0]["state"], "done", "{version:?}: {:?}", shop.world.db.query(state));
        let doubted = "SELECT key FROM postings WHERE doubt IS NOT NULL AND key LIKE '%:pi_%'";
        assert!(shop.world.db.query(doubted).is_empty(), "{version:?}");
        shop.world.cron_sleeps = false;
        for row in shop.world.db.query("SELECT id FROM inbox WHERE state = 'parked'") {
            shop.operator(&format!("events/{}/replay", row["id"].as_str().unwrap()), &json!({}));
        }
        shop.finish();
    }
}

/// Where Odoo has all of it a replay changes nothing, neither there nor in the ledger.
#[test]
fn a_replay_of_what_odoo_has_changes_nothing() {
    let mut shop = shop(Version::V18);
    let (_, paid) = shop.paid("100.00", "USD");
    shop.settle();
    shop.world.stripe.borrow_mut().refund(&Refund::part(&paid.charge, 2_500)).unwrap();
    shop.settle();
    let (records, entries) = (shop.records(), shop.world.odoo.borrow().entries().len());
    for row in shop.world.db.query("SELECT id FROM inbox WHERE state = 'done'") {
        shop.operator(&format!("events/{}/replay", row["id"].as_str().unwrap()), &json!({}));
        shop.settle();
    }
    assert_eq!(shop.world.odoo.borrow().entries().len(), entries);
    assert_eq!(shop.records(), records);
    shop.finish();
}

/// An invoice of Stripe's that several payments pay: its event is no payment's.
#[test]
fn a_replay_of_an_invoices_event_asks_for_all_its_payments() {
    let mut shop = shop(Version::V18);
    let backup = shop.backup();
    shop.world.cron_sleeps = true;
    let part = |minor| Pay { invoices: vec![Default::default()], ..Pay::card(minor, "usd") };
    shop.world.stripe.borrow_mut().pay(&part(800)).unwrap();
    shop.world.cron_sleeps = false;
    shop.settle();
    shop.set_back(&backup);
    let sql = "SELECT id FROM inbox WHERE type LIKE 'invoice%' ORDER BY id";
    for row in shop.world.db.query(sql) {
        shop.operator(&format!("events/{}/replay", row["id"].as_str().unwrap()), &json!({}));
    }
    shop.settle();
    shop.finish();
}

/// Receipts, refunds, a dispute, a payout, a fee, a bill of fees; what was booked before the backup and what after it.
#[test]
fn one_command_asks_again_for_everything_since_the_backup() {
    for version in Version::ALL {
        let mut shop = shop(version);
        let (_, early) = shop.paid("300.00", "USD");
        shop.paid("40.00", "EUR");
        shop.days(1);
        let (later, foreign) = (shop.invoice("200.00", "USD"), shop.invoice("80.00", "EUR"));
        let backup = shop.backup();
        let to = shop.world.clock.now_ms() / 1_000;
        let paid = shop.pay(later, "200.00", "USD", Pay::card(0, "usd"));
        shop.pay(foreign, "30.00", "EUR", Pay::card(0, "eur"));
        shop.settle();
        {
            let mut stripe = shop.world.stripe.borrow_mut();
            stripe.refund(&Refund::part(&early.charge, 5_000)).unwrap();
            let dispute = stripe.dispute(&Dispute::of(&paid.charge)).unwrap();
            stripe.move_dispute(&dispute, DisputeStep::Win).unwrap();
            stripe.enter_by_hand(&quittance_sim::stripe::balance::Entry::of("stripe_fee", "fee", -250, "usd"));
        }
        shop.days(3);
        shop.world.stripe.borrow_mut().payout(&Payout::of(5_000, "usd")).unwrap();
        shop.settle();
        laws::hold(&shop);
        let before = shop.records();
        shop.set_back(&backup);
        let told = shop.operator("erp/restore", &json!({"to": to}));
        assert!(told["booked"].as_i64().unwrap() > 8 && told["asked_again"] == 0, "{told}");
        shop.ask_again(to);
        shop.settle();
        shop.world.pass(3_600);
        assert_eq!(shop.operator("erp/restore", &json!({"to": to}))["asked_again"], 0);
        assert_eq!(shop.records().len(), before.len(), "{version:?}");
        shop.finish();
    }
}

/// Whoever sent the command is gone after its first step: the clock goes on, and a second command of the same time begins nothing
/// anew.
#[test]
fn the_walk_goes_on_by_itself() {
    let mut shop = shop(Version::V18);
    let invoices: Vec<i64> = (0..3).map(|_| shop.invoice("10.00", "USD")).collect();
    let backup = shop.backup();
    let to = shop.world.clock.now_ms() / 1_000;
    for id in invoices {
        shop.pay(id, "10.00", "USD", Pay::card(0, "usd"));
    }
    shop.settle();
    shop.set_back(&backup);
    shop.world.cron_sleeps = true;
    shop.operator("erp/restore", &json!({"to": to, "act": true}));
    shop.operator("erp/restore", &json!({"to": to, "act": true}));
    let walks = shop.world.db.query("SELECT * FROM restores");
    assert!(walks.len() <= 2 && walks.iter().all(|walk| walk["since"] == to - 3_600), "{walks:?}");
    shop.world.cron_sleeps = false;
    shop.world.pass(300);
    assert!(shop.world.db.query("SELECT * FROM restores WHERE ended IS NULL").is_empty());
    shop.finish();
}

/// A refund comes before anybody says that Odoo was set back: it is refused for want of its receipt, and not for ever.
#[test]
fn what_was_refused_meanwhile_is_booked_once_odoo_has_the_rest_again() {
    let mut shop = shop(Version::V18);
    let invoice = shop.invoice("40.00", "USD");
    let (to, backup) = (shop.world.clock.now_ms() / 1_000, shop.backup());
    let payment = shop.pay(invoice, "40.00", "USD", Pay::card(4_000, "usd")).payment_intent;
    shop.settle();
    shop.set_back(&backup);
    shop.world.stripe.borrow_mut().refund(&Refund::part(&payment, 1_500)).unwrap();
    shop.settle();
    let parked = shop.world.db.query("SELECT code FROM inbox WHERE state = 'parked'");
    assert!(!parked.is_empty() && parked.iter().all(|row| row["code"] == "refund_receipt_unknown"), "{parked:?}");
    shop.ask_again(to);
    shop.world.pass(300);
    assert!(shop.world.db.query("SELECT id FROM inbox WHERE state NOT IN ('done', 'ignored')").is_empty());
    laws::hold(&shop);
    laws::equals_stripe(&shop);
    shop.finish();
}

/// What a person has closed by hand is the person's, whatever Odoo lost of it.
#[test]
fn what_people_closed_is_not_taken_up_again() {
    for action in ["ignore", "park"] {
        let mut shop = shop(Version::V18);
        let to = shop.world.clock.now_ms() / 1_000;
        let (_, paid) = shop.paid("100.00", "USD");
        shop.settle();
        shop.world.cron_sleeps = true;
        let sql = format!("SELECT event FROM postings WHERE key LIKE '%:{}:succeeded'", paid.payment_intent);
        let event = shop.world.db.query(&sql)[0]["event"].as_str().unwrap().to_owned();
        shop.operator(&format!("events/{event}/replay"), &json!({}));
        shop.operator(&format!("events/{event}/{action}"), &json!({"reason": "by hand"}));
        let closed = shop.world.state(&event);
        shop.ask_again(to);
        shop.world.pass(300);
        assert_eq!(shop.world.state(&event), closed, "{action}");
        shop.world.cron_sleeps = false;
        shop.operator(&format!("events/{event}/replay"), &json!({}));
        shop.finish();
    }
}

/// Many more than one page, and every one is found, whatever the pages are.
#[test]
fn every_posting_is_walked_once() {
    let shop = shop(Version::V18);
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2300) \
        INSERT INTO postings (key, payment, event, minor, currency, outcome, flags, documents, posted) \
        SELECT 'k' || i, 'pi_' || i, 'evt_' || i, 1, 'USD', 'created', '[]', '[]', 1795287600 + i % 2 * 86400 FROM n";
    shop.world.db.run(&[quittance::ports::Stmt::new(sql, [])]).unwrap();
    let steps = {
        shop.world.clock.advance_to(shop.world.clock.now_ms() + 2 * 86_400_000);
        shop.ask_again(1_795_287_600 + 86_400)
    };
    assert_eq!(steps, 5, "pages of 500");
    let doubted =
        shop.world.db.query("SELECT count(*) AS n FROM postings WHERE doubt IS NOT NULL AND posted > 1795300000");
    assert_eq!(doubted[0]["n"], 1_150);
    let others = shop.world.db.query("SELECT count(*) AS n FROM postings WHERE doubt IS NOT NULL");
    assert_eq!(others[0]["n"], 1_150, "what was booked before is believed");
    shop.world.finish();
}
