//! Odoo is set back, and nobody says so: its mark tells with the next booking, and only then.

use quittance_sim::odoo::{Fault, Rule, Version};
use quittance_sim::stripe::merchant::Pay;
use serde_json::{Value, json};

use crate::books::restore::shop;
use crate::books::shop::Shop;

impl Shop {
    /// The alert of a step back, as people are told of it.
    fn step_back(&self) -> Option<String> {
        let rows = self.world.db.query("SELECT what || ' ' || todo AS text FROM alerts WHERE kind = 'odoo_went_back'");
        rows.first().map(|row| row["text"].as_str().unwrap().to_owned())
    }

    fn mark(&self) -> Value {
        self.world.db.query("SELECT mark FROM delivery")[0]["mark"].clone()
    }

    fn since(&self) -> i64 {
        self.world.clock.now_ms() / 1_000
    }

    /// A payment is booked, and lost with a backup from before it: when that was made.
    fn loses_a_payment(&mut self) -> i64 {
        let invoice = self.invoice("80.00", "USD");
        let (backup, to) = (self.backup(), self.since());
        self.pay(invoice, "80.00", "USD", Pay::card(0, "usd"));
        self.settle();
        self.set_back(&backup);
        to
    }
}

/// The alarm comes with the next booking, without `verify`, and money goes on to be booked; the operator's one command ends it.
#[test]
fn a_step_back_of_odoo_is_alarmed_with_the_next_booking() {
    for version in Version::ALL {
        let mut shop = shop(version);
        shop.paid("40.00", "USD");
        shop.settle();
        let invoice = shop.invoice("80.00", "USD");
        let (backup, to) = (shop.backup(), shop.since());
        shop.pay(invoice, "80.00", "USD", Pay::card(0, "usd"));
        shop.settle();
        let mark = shop.mark();
        assert!(mark.is_i64() && shop.step_back().is_none(), "{version:?}");
        shop.set_back(&backup);
        shop.settle();
        assert_eq!(shop.step_back(), None, "{version:?}: nothing was booked since");
        shop.paid("50.00", "USD");
        shop.settle();
        let told = shop.step_back().expect("a step back is told of");
        for words in ["quittance recover --erp-restored-to", "quittance verify"] {
            assert!(told.contains(words), "{told}");
        }
        assert_eq!(shop.world.odoo.borrow().payments().len(), 2, "{version:?}: new money is booked all the same");
        let delivery = &shop.world.db.query("SELECT failures, paused_until, went_back FROM delivery")[0];
        assert!(delivery["failures"] == 0 && delivery["paused_until"] == 0 && delivery["went_back"].is_i64());
        shop.paid("60.00", "USD");
        shop.settle();
        assert!(shop.step_back().is_some(), "{version:?}: it stands until somebody has looked");
        shop.ask_again(to);
        shop.settle();
        assert_eq!(shop.step_back(), None, "{version:?}");
        shop.paid("70.00", "USD");
        shop.settle();
        assert_eq!(shop.step_back(), None, "{version:?}: marks begin anew");
        assert!(shop.mark().is_i64());
        shop.finish();
    }
}

/// One booking is lost, and so is the first answer after the restore: whoever drew a number for it would be past the ledger's.
#[test]
fn a_lost_answer_hides_no_step_back() {
    for fault in [Fault::AnswerLost, Fault::TimedOutAfterCommit, Fault::Serialization] {
        let mut shop = shop(Version::V18);
        shop.paid("40.00", "USD");
        shop.settle();
        let invoice = shop.invoice("80.00", "USD");
        let (backup, to) = (shop.backup(), shop.since());
        shop.world.cron_sleeps = true;
        let paid = shop.pay(invoice, "80.00", "USD", Pay::card(0, "usd"));
        shop.world.cron_sleeps = false;
        shop.settle();
        shop.set_back(&backup);
        let other = shop.invoice("50.00", "USD");
        shop.world.odoo.borrow_mut().dial.add(Rule {
            times: Some(3),
            on: "ir.actions.server".into(),
            ..Rule::always(fault)
        });
        shop.pay(other, "50.00", "USD", Pay::card(0, "usd"));
        shop.settle();
        shop.world.pass(7_200);
        assert!(shop.step_back().is_some(), "{fault:?} {}", paid.charge);
        shop.ask_again(to);
        shop.settle();
        shop.finish();
    }
}

/// Answers that never come, doubled events, retries, and no restore: no alarm.
#[test]
fn without_a_step_back_there_is_no_alarm() {
    for fault in [Fault::AnswerLost, Fault::TimedOutAfterCommit, Fault::Serialization, Fault::Down] {
        let mut shop = shop(Version::V19);
        for n in 0..4 {
            let invoice = shop.invoice("40.00", "USD");
            shop.world.odoo.borrow_mut().dial.add(Rule { skip: n, ..Rule::once(fault).on("ir.actions.server") });
            shop.pay(invoice, "40.00", "USD", Pay::card(0, "usd"));
            shop.settle();
            shop.world.pass(3_600);
        }
        for row in shop.world.db.query("SELECT id FROM inbox WHERE state = 'done'") {
            shop.operator(&format!("events/{}/replay", row["id"].as_str().unwrap()), &json!({}));
        }
        shop.settle();
        assert_eq!(shop.step_back(), None, "{fault:?}");
        assert!(shop.mark().is_i64());
        shop.finish();
    }
}

/// A database that was set up before there were marks answers none: nothing breaks and nothing is alarmed; set-up makes the
/// sequence, and from then on there are marks.
#[test]
fn an_odoo_without_marks_is_no_step_back_unless_it_had_them() {
    let mut shop = shop(Version::V18);
    shop.world.odoo.borrow_mut().delete_mark(1);
    shop.paid("40.00", "USD");
    shop.settle();
    assert!(shop.mark().is_null() && shop.step_back().is_none());
    shop.world.odoo.borrow_mut().set_up_mark(1);
    shop.paid("50.00", "USD");
    shop.settle();
    assert!(shop.mark().is_i64() && shop.step_back().is_none());
    shop.world.odoo.borrow_mut().delete_mark(1);
    shop.paid("60.00", "USD");
    shop.settle();
    assert!(shop.step_back().is_some(), "what it had is gone: a backup from before the set-up has none either");
    shop.operator("proof", &json!({"verdict": "equal", "summary": "", "began": shop.since() + 1}));
    shop.world.odoo.borrow_mut().set_up_mark(1);
    shop.paid("70.00", "USD");
    shop.settle();
    assert_eq!(shop.step_back(), None);
    shop.finish();
}

/// Somebody deletes the sequence and set-up makes another: it begins above all that the first has ever answered.
#[test]
fn a_sequence_that_is_made_anew_goes_on_above_the_old_one() {
    let mut shop = shop(Version::V17);
    shop.paid("40.00", "USD");
    shop.settle();
    let before = shop.mark().as_i64().unwrap();
    shop.world.odoo.borrow_mut().delete_mark(1);
    shop.world.odoo.borrow_mut().set_up_mark(1);
    shop.paid("50.00", "USD");
    shop.settle();
    assert_eq!(shop.step_back(), None);
    assert!(shop.mark().as_i64().unwrap() > before);
    shop.finish();
}

/// A proof ends the alarm only when it found all equal, as it is now, and began after the step back showed.
#[test]
fn only_a_later_proof_that_is_equal_ends_the_alarm() {
    let mut shop = shop(Version::V18);
    let to = shop.loses_a_payment();
    shop.paid("50.00", "USD");
    shop.settle();
    shop.world.pass(600);
    let began = shop.since();
    let proofs =
        [("equal", json!(to)), ("equal", Value::Null), ("differs", json!(began)), ("open_items", json!(began))];
    for (verdict, began) in proofs {
        shop.operator("proof", &json!({"verdict": verdict, "summary": "said so", "began": began}));
        shop.world.pass(60);
        assert!(shop.step_back().is_some(), "{verdict} {began}");
    }
    shop.operator("proof", &json!({"verdict": "equal", "summary": "said so", "began": began}));
    shop.world.pass(60);
    assert_eq!(shop.step_back(), None);
    shop.ask_again(to);
    shop.settle();
    shop.finish();
}

/// The operator was quicker than the next booking.
#[test]
fn whoever_says_so_before_anything_is_booked_is_not_alarmed() {
    let mut shop = shop(Version::V18);
    let to = shop.loses_a_payment();
    shop.ask_again(to);
    shop.paid("50.00", "USD");
    shop.settle();
    assert_eq!(shop.step_back(), None);
    shop.finish();
}
