//! The ledger is lost in the middle of a merchant's life, and rebuilt from Stripe and from the keys that Odoo holds: nothing
//! is booked twice, nothing is left out, and what a person deleted stays deleted.

use std::collections::BTreeSet;

use quittance::ports::Stmt;
use quittance_cli::verify::report::{DIFFERS, EQUAL, OPEN_ITEMS, Report};
use quittance_cli::verify::{self, Arguments, Pool, prove};
use quittance_cli::{events, recover};
use quittance_sim::odoo::Invoice;
use quittance_sim::scenario::invariants::balance::{by_the_ledger, equals_stripe};
use quittance_sim::stripe::balance::Entry;
use quittance_sim::stripe::merchant::{Dispute, Pay, Payout, Refund};

use super::*;
use crate::common::Machine;

const DAY: i64 = 86_400;

impl OperatorBench {
    fn pay(&self, pay: &Pay) -> (String, String) {
        let paid = self.world.stripe.borrow_mut().pay(pay).unwrap();
        (paid.payment_intent, paid.charge)
    }

    /// Somebody pays an invoice.
    fn pay_invoice(&self, amount: &str, minor: i64) -> (String, String) {
        let id = self.world.odoo.borrow_mut().invoice(&Invoice::of(amount, "USD"));
        let metadata = [
            ("odoo_db", quittance_sim::odoo::DATABASE.to_owned()),
            ("odoo_model", "account.move".to_owned()),
            ("odoo_id", id.to_string()),
            ("odoo_ref", self.world.odoo.borrow().number(id)),
        ];
        let metadata = metadata.map(|(name, value)| (name.to_owned(), value)).into();
        self.pay(&Pay { metadata, ..Pay::card(minor, "usd") })
    }

    /// Days without work in between, which would be a minute's cron each.
    fn sleep(&mut self, days: i64) {
        self.world.cron_sleeps = true;
        self.world.pass(days * DAY);
        self.world.cron_sleeps = false;
        self.world.pass(20 * 60);
    }

    /// Payments, refunds, a dispute, a payout, a fee.
    fn trade(&mut self) -> Vec<(String, String)> {
        let paid: Vec<_> = (1..=4).map(|n| self.pay_invoice(&format!("{n}00.00"), n * 10_000)).collect();
        self.pay(&Pay::card(777, "usd"));
        self.world.pass(20 * 60);
        {
            let mut stripe = self.world.stripe.borrow_mut();
            stripe.refund(&Refund::part(&paid[0].1, 2_500)).unwrap();
            stripe.dispute(&Dispute::of(&paid[1].1)).unwrap();
            stripe.enter_by_hand(&Entry::of("stripe_fee", "fee", -250, "usd"));
        }
        self.world.pass(20 * 60);
        self.sleep(4);
        self.world.stripe.borrow_mut().payout(&Payout::of(5_000, "usd")).unwrap();
        self.world.pass(20 * 60);
        paid
    }

    /// Every table as the migrations make it.
    fn lose(&self) {
        for table in [
            "inbox",
            "postings",
            "leases",
            "identity",
            "event_list_progress",
            "transaction_list_progress",
            "transactions",
            "attempts",
            "audit",
            "search_terms",
            "alerts",
            "intents",
            "customers",
        ] {
            let sql: &'static str = Box::leak(format!("DELETE FROM {table}").into_boxed_str());
            self.world.db.run(&[Stmt::new(sql, [])]).unwrap();
        }
        let fresh = "UPDATE delivery SET paused_until = 0, failures = 0, code = NULL, detail = NULL, since = NULL, probe = NULL, settings = NULL, settings_at = NULL";
        self.world.db.run(&[Stmt::new(fresh, [])]).unwrap();
        self.world.hints.borrow_mut().clear();
    }

    fn recover(&self) -> Vec<String> {
        let arguments = recover::Arguments { act: true, reason: "the ledger was lost".into(), ..Default::default() };
        recover::run(&arguments, &self.settings(), self.http(), &self.world.clock, &mut |_: &[String]| false).unwrap()
    }

    pub fn prove(&self) -> Report {
        let lanes = Pool { http: self.world.runtime().http.clone(), fork: None };
        prove(&Arguments::default(), &self.settings(), lanes, &Machine::default(), &self.world.clock).unwrap()
    }

    /// Keys in the ledger, and how each was found.
    fn postings(&self) -> BTreeSet<String> {
        let rows = self.world.db.query("SELECT key FROM postings");
        rows.iter().map(|row| row["key"].as_str().unwrap().to_owned()).collect()
    }

    /// What Odoo has: payments and posted entries.
    fn booked(&self) -> (usize, usize) {
        let odoo = self.world.odoo.borrow();
        (odoo.payments().len(), odoo.entries().len())
    }
}

#[test]
fn a_lost_ledger_is_rebuilt_without_a_double_posting() {
    for version in Version::ALL {
        let mut desk = OperatorBench::open(71, version);
        set_book_from(&desk);
        desk.trade();
        let (keys, booked) = (desk.postings(), desk.booked());
        assert_eq!(desk.prove().verdict.exit, EQUAL, "{version:?}");
        desk.world.cron_sleeps = true;
        desk.lose();
        let told = desk.recover();
        assert!(told[0].contains("the ledger lacks"), "{told:?}");
        desk.world.cron_sleeps = false;
        desk.world.pass(2 * 3_600);
        assert_eq!(desk.booked(), booked, "{version:?}: nothing twice");
        assert_eq!(desk.postings(), keys, "{version:?}: the ledger knows what it knew");
        let created = desk.world.db.query("SELECT key FROM postings WHERE outcome = 'created'");
        assert!(created.is_empty(), "{version:?}: {created:?}");
        assert_eq!(desk.prove().verdict.exit, EQUAL, "{version:?}");
        assert!(desk.recover()[0].contains("the ledger lacks 0."));
        desk.world.finish();
    }
}

/// The events are older than Stripe keeps them: the balance transactions lead to everything that moved money. What a person
/// deleted in Odoo has its claim there still.
#[test]
fn beyond_thirty_days_the_balance_transactions_lead_to_the_rest() {
    let mut desk = OperatorBench::open(72, Version::V18);
    set_book_from(&desk);
    let paid = desk.trade();
    desk.world.set("RETENTION_DAYS", "30");
    let deleted = {
        let mut odoo = desk.world.odoo.borrow_mut();
        let row =
            desk.world.db.query(&format!("SELECT record FROM postings WHERE key LIKE '%{}:succeeded'", paid[3].0));
        let record = row[0]["record"].as_i64().unwrap();
        odoo.delete_payment(record);
        record
    };
    desk.sleep(40);
    // Life goes on, and the ledger is lost between two of its steps: some of it is not booked yet.
    let late = desk.pay_invoice("50.00", 5_000);
    desk.world.receive();
    desk.world.cron_sleeps = true;
    let before = desk.booked();
    desk.lose();
    let told = desk.recover();
    assert!(told.iter().any(|line| line.contains("balance_transaction")), "{told:#?}");
    desk.world.cron_sleeps = false;
    desk.world.pass(6 * 3_600);
    let after = desk.booked();
    assert_eq!(after.0, before.0 + 1, "only the payment that was not booked: {told:#?}");
    assert!(!desk.world.odoo.borrow().payments().iter().any(|payment| payment.id == deleted));
    let of = |payment: &str| {
        let rows = desk.world.db.query(&format!("SELECT outcome FROM postings WHERE key LIKE '%:{payment}:succeeded'"));
        rows.first().map(|row| row["outcome"].as_str().unwrap().to_owned())
    };
    assert_eq!(of(&paid[0].0).as_deref(), Some("duplicate"));
    assert_eq!(of(&paid[3].0).as_deref(), Some("gone"), "deleted by a person");
    assert_eq!(of(&late.0).as_deref(), Some("created"));
    // The entries are all there; the deleted receipt leaves its amount on clearing, which is no difference of the balance.
    assert!(matches!(desk.prove().verdict.exit, EQUAL | OPEN_ITEMS), "{:?}", desk.prove().verdict);
    assert_ne!(desk.prove().verdict.exit, DIFFERS);
    desk.world.finish();
}

/// What differs has its steps, and the Worker's operators are told.
#[test]
fn a_proof_that_differs_is_told_with_its_plan_of_repair() {
    let mut desk = OperatorBench::open(74, Version::V18);
    set_book_from(&desk);
    desk.trade();
    let told =
        |desk: &OperatorBench, outcome| verify::report_to_worker(&outcome, &desk.settings(), desk.http()).unwrap();
    told(&desk, Ok(desk.prove()));
    let health = |desk: &OperatorBench| desk.world.db.query("SELECT verdict, summary FROM proof")[0].clone();
    assert_eq!(health(&desk)["verdict"], "equal");
    let id = desk.world.stripe.borrow_mut().enter_by_hand(&Entry::of("adjustment", "other_adjustment", 777, "usd"));
    let report = desk.prove();
    let steps = report.sections.iter().flat_map(|s| &s.findings).flat_map(|f| f.repair.clone()).collect::<Vec<_>>();
    assert!(steps[0].starts_with("quittance recover --since 2026-11-") && steps[0].ends_with(" --act"), "{steps:?}");
    assert_eq!(steps[1..], [format!("quittance events show {id}"), format!("quittance events replay {id}")]);
    let table = verify::render(&Ok(report.clone()), &Arguments::default()).lines.join("\n");
    assert!(table.contains(&steps[0]) && table.contains(&steps[2]), "{table}");
    told(&desk, Ok(report));
    assert_eq!(health(&desk)["verdict"], "differs");
    // The first step does it.
    desk.recover();
    desk.world.pass(60);
    let report = desk.prove();
    assert_eq!(report.verdict.exit, OPEN_ITEMS, "suspense has it now");
    told(&desk, Ok(report));
    assert_eq!(health(&desk)["verdict"], "open_items");
    told(&desk, Err(quittance_cli::fail::CommandError::new("Odoo did not answer.")));
    assert_eq!(
        (health(&desk)["verdict"].clone(), health(&desk)["summary"].clone()),
        ("not_proved".into(), "Odoo did not answer.".into())
    );
    desk.world.finish();
}

/// Odoo goes back to last night's backup, and the ledger does not.
fn set_back(version: Version) -> (OperatorBench, i64) {
    let mut desk = OperatorBench::open(75, version);
    set_book_from(&desk);
    desk.trade();
    let backup = desk.world.odoo.borrow().clone();
    let at = desk.world.clock.now_ms() / 1_000;
    desk.world.pass(3 * 3_600);
    let paid = desk.pay_invoice("80.00", 8_000);
    desk.pay(&Pay::card(1_234, "usd"));
    desk.world.pass(20 * 60);
    desk.world.stripe.borrow_mut().refund(&Refund::part(&paid.1, 1_000)).unwrap();
    desk.world.pass(20 * 60);
    assert_eq!(desk.prove().verdict.exit, EQUAL, "{version:?}");
    desk.world.odoo.borrow_mut().set_back(&backup);
    (desk, at)
}

/// All of it is as it was: equal, nothing twice, and nothing left on clearing.
fn whole(mut desk: OperatorBench) {
    desk.world.pass(3_600);
    let report = desk.prove();
    assert_eq!(report.verdict.exit, EQUAL, "{:?}", report.verdict);
    let clearing = report.accounts.iter().find(|account| account.role == "clearing").unwrap();
    assert_eq!(clearing.items, 0, "{clearing:?}");
    for law in [by_the_ledger(&desk.world, 1), equals_stripe(&desk.world, 1)] {
        assert_eq!(law, Ok(()));
    }
    desk.world.finish();
}

/// Runs what a plan says to type; what it says to do in Odoo is left out.
fn typed(desk: &OperatorBench, step: &str) {
    let words: Vec<&str> = step.split(' ').collect();
    match words.as_slice() {
        ["quittance", "recover", "--since", since, "--act"] => {
            let arguments = recover::Arguments { since: Some((*since).into()), act: true, ..Default::default() };
            recover::run(&arguments, &desk.settings(), desk.http(), &desk.world.clock, &mut |_: &[String]| false)
                .unwrap();
        }
        ["quittance", "events", "show", event] => {
            let command = events::Command::Show { event: (*event).into() };
            events::run(&events::Arguments { json: false, command }, &desk.settings(), desk.http()).unwrap();
        }
        ["quittance", "events", "replay", event] => {
            let wanted = events::Replay { events: vec![(*event).into()], ..Default::default() };
            let command = events::Command::Replay(wanted);
            events::run(&events::Arguments { json: false, command }, &desk.settings(), desk.http()).unwrap();
        }
        other => panic!("{other:?} is no command"),
    }
}

#[test]
fn the_printed_plan_mends_an_odoo_that_was_set_back() {
    for version in Version::ALL {
        let (mut desk, _) = set_back(version);
        let report = desk.prove();
        assert_eq!(report.verdict.exit, DIFFERS, "{version:?}");
        for step in report.sections.iter().flat_map(|s| &s.findings).flat_map(|finding| finding.repair.clone()) {
            typed(&desk, &step);
            desk.world.pass(20);
        }
        desk.world.pass(3_600);
        let went_back =
            |desk: &OperatorBench| !desk.world.db.query("SELECT went_back FROM delivery")[0]["went_back"].is_null();
        assert!(went_back(&desk), "{version:?}: the replays' marks are those of the backup");
        let past = Report { at: Some("2026-11-21".into()), ..desk.prove() };
        for (proof, stands) in [(past, true), (desk.prove(), false)] {
            verify::report_to_worker(&Ok(proof), &desk.settings(), desk.http()).unwrap();
            assert_eq!(went_back(&desk), stands, "{version:?}: a proof of now that is equal ends it");
        }
        whole(desk);
    }
}

#[test]
fn one_command_mends_an_odoo_that_was_set_back() {
    for version in Version::ALL {
        let (desk, at) = set_back(version);
        let run = |act: bool| {
            let arguments =
                recover::Arguments { erp_restored_to: Some(at.to_string()), act, ..recover::Arguments::default() };
            recover::run(&arguments, &desk.settings(), desk.http(), &desk.world.clock, &mut |_: &[String]| false)
                .unwrap()
        };
        let told = run(false);
        assert!(told[0].starts_with("The ledger calls 8 movements booked since 2026-"), "{told:?}");
        assert_eq!(told[1], "Nothing was changed; --act does it.");
        let told = run(true);
        assert!(told[1].starts_with("8 movements asked for again now."), "{told:?}");
        assert!(run(false)[1].starts_with("Asked for already, and not answered yet: 8 movements"));
        whole(desk);
    }
}

/// The crons alone do the same, page by page.
#[test]
fn the_crons_rebuild_a_lost_ledger_by_themselves() {
    let mut desk = OperatorBench::open(73, Version::V19);
    set_book_from(&desk);
    desk.trade();
    let (keys, booked) = (desk.postings(), desk.booked());
    desk.lose();
    desk.world.pass(2 * 3_600);
    assert_eq!((desk.postings(), desk.booked()), (keys, booked));
    desk.world.finish();
}

/// As set-up stores it; the proof reads it there.
pub fn set_book_from(desk: &OperatorBench) {
    crate::rpc::Rpc::of(desk.world.odoo.clone()).set("quittance.book_from", &desk.world.vars["BOOK_FROM"]);
}
