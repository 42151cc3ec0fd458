//! Whose books Odoo keeps, what a key in them stands for, and what people change of the set-up.

use crate::common::*;
use quittance::ports::{Level, Stmt};
use quittance_sim::odoo::Version;
use quittance_sim::world::World;
use serde_json::{Value, json};

const OWN: &str = "acct_1SimQuittance000";

fn standing(world: &World) -> Value {
    let rows = world.db.query("SELECT code, failures, detail FROM delivery");
    json!(rows[0])
}

fn parked(world: &World) -> Vec<String> {
    let rows = world.db.query("SELECT DISTINCT code FROM inbox WHERE state = 'parked' ORDER BY code");
    rows.iter().filter_map(|row| row["code"].as_str().map(str::to_owned)).collect()
}

fn told(world: &World, what: &'static str) -> usize {
    world.logged(what).iter().filter(|line| line.level == Level::Alert).count()
}

/// Everything that Odoo has of the payment is asked for again, as after the ledger was lost.
fn forget(world: &World) {
    for table in ["DELETE FROM inbox", "DELETE FROM postings", "DELETE FROM event_list_progress"] {
        world.db.run(&[Stmt::new(table, [])]).unwrap();
    }
}

/// A test ledger that points at the production database, and another account's: nothing is booked, delivery pauses, one alert,
/// and it goes on by itself when the setting is right.
#[test]
fn the_books_of_another_account_or_mode_are_left_alone() {
    for (owners, code) in [
        (format!("live {OWN}"), "odoo_other_mode"),
        ("test acct_1Other".to_owned(), "odoo_other_account"),
        ("".to_owned(), "erp_not_configured"),
    ] {
        for version in VERSIONS {
            let mut world = World::new(1, version);
            world.odoo.borrow_mut().keeps_books_of(1, &owners);
            let id = invoice(&world, "100.00", "USD");
            pay_invoice(&world, id, 10_000, "usd");
            world.pass(1_800);
            assert!(world.odoo.borrow().payments().is_empty(), "{version:?} {owners}");
            let standing = standing(&world);
            assert_eq!(standing["code"], code, "{version:?} {standing}");
            assert_eq!(told(&world, "delivery_paused"), 1, "{version:?} {owners}");
            assert_eq!(parked(&world), Vec::<String>::new());
            world.odoo.borrow_mut().keeps_books_of(1, &format!("test {OWN}"));
            world.pass(1_200);
            assert_eq!(residual(&world, id), "0", "{version:?} {owners}");
            world.finish();
        }
    }
}

/// A key that a person's own payment took is no booking: the money is booked all the same.
#[test]
fn a_name_that_somebody_took_keeps_no_money_out() {
    for version in VERSIONS {
        let mut world = World::new(2, version);
        let id = invoice(&world, "1.00", "USD");
        let first = pay_invoice(&world, id, 100, "usd");
        world.pass(60);
        let mine = world.odoo.borrow().payments()[0].id;
        let paid = pay(&world, &with(90_000, "usd", vec![]));
        let key = format!("stripe:{OWN}:{}:succeeded", paid.payment_intent);
        for name in [key.clone(), format!("{key}__record")] {
            world.odoo.borrow_mut().give_name(&format!("quittance.{name}"), "account.payment", mine);
        }
        world.pass(60);
        let posting = posting(&world, &paid.payment_intent);
        assert_eq!((&posting["outcome"], &posting["minor"]), (&json!("created"), &json!(90_000)), "{version:?}");
        assert_eq!(booked(&world).len(), 2, "{version:?} {first:?}");
        world.finish();
    }
}

/// What Odoo has under a key is compared with what Stripe says now, of receipts, refunds and balance transactions.
#[test]
fn a_duplicate_of_something_else_is_parked() {
    for (spoil, code) in [
        (("account.payment", "amount", json!(1.0)), "amount_differs"),
        (("account.payment", "currency_id", json!(2)), "amount_differs"),
        (("account.payment", "partner_id", json!(1)), "party_differs"),
    ] {
        for version in VERSIONS {
            let mut world = World::new(3, version);
            let id = invoice(&world, "900.00", "USD");
            pay_invoice(&world, id, 90_000, "usd");
            world.pass(60);
            let payment = world.odoo.borrow().payments()[0].id;
            let (model, column, value) = spoil.clone();
            world.odoo.borrow_mut().poke(model, payment, column, value);
            forget(&world);
            world.pass(1_000);
            assert_eq!(parked(&world), [code], "{version:?} {column}");
            assert!(told(&world, "event_parked") > 0, "{version:?} {column}");
            assert!(world.db.query("SELECT key FROM postings WHERE kind = 'paid'").is_empty(), "{version:?} {column}");
        }
    }
}

/// The net of a balance transaction's entry is part of what it is.
#[test]
fn an_entry_of_another_net_is_parked() {
    for version in VERSIONS {
        let mut world = World::new(4, version);
        pay(&world, &with(90_000, "usd", vec![]));
        world.pass(1_000);
        let entries = world.odoo.borrow().entries();
        let balance = entries.iter().flat_map(|entry| &entry.lines).find(|line| line.title == "Stripe").unwrap().id;
        world.odoo.borrow_mut().poke("account.move.line", balance, "amount_currency", json!(1.0));
        forget(&world);
        world.pass(1_000);
        assert_eq!(parked(&world), ["amount_differs"], "{version:?}");
    }
}

/// An Odoo whose set-up cannot be used has the entry all the same, though it cannot say what stands on which account.
#[test]
fn what_is_booked_stays_so_while_the_set_up_cannot_be_used() {
    for version in VERSIONS {
        let mut world = World::new(6, version);
        pay(&world, &with(90_000, "usd", vec![]));
        world.pass(1_000);
        let journal = world.odoo.borrow().external("quittance.journal_stripe_1").unwrap();
        world.odoo.borrow_mut().poke("account.journal", journal, "active", json!(false));
        forget(&world);
        world.pass(1_000);
        assert_eq!(parked(&world), Vec::<String>::new(), "{version:?}");
        world.odoo.borrow_mut().poke("account.journal", journal, "active", json!(true));
        world.pass(1_200);
        world.finish();
    }
}

/// What a person changes in Odoo of what set-up made pauses delivery once, parks nothing, and all goes on by itself when it
/// is back.
#[test]
fn a_set_up_that_cannot_be_used_pauses_and_resumes_by_itself() {
    let accounts =
        |version: Version| if version == Version::V19 { ("active", json!(false)) } else { ("deprecated", json!(true)) };
    for version in VERSIONS {
        for (name, model, (column, out)) in [
            ("journal_stripe_1", "account.journal", ("active", json!(false))),
            ("journal_stripe_1", "account.journal", ("type", json!("general"))),
            ("account_clearing_1", "account.account", accounts(version)),
            ("account_clearing_1", "account.account", ("reconcile", json!(false))),
            ("account_fees_1", "account.account", accounts(version)),
            ("partner_unallocated", "res.partner", ("company_id", json!(99))),
            ("partner_stripe", "res.partner", ("company_id", json!(99))),
            ("partner_platform", "res.partner", ("company_id", json!(99))),
        ] {
            let mut world = World::new(5, version);
            let record = world.odoo.borrow().external(&format!("quittance.{name}")).unwrap();
            let before = world.odoo.borrow().field_value(model, record, column);
            world.odoo.borrow_mut().poke(model, record, column, out);
            let ids: Vec<i64> = (0..3).map(|_| invoice(&world, "100.00", "USD")).collect();
            ids.iter().for_each(|id| drop(pay_invoice(&world, *id, 10_000, "usd")));
            world.pass(1_800);
            assert_eq!(parked(&world), Vec::<String>::new(), "{version:?} {name} {column}");
            let standing = standing(&world);
            assert_eq!(standing["code"], "erp_not_configured", "{version:?} {name} {column} {standing}");
            assert!(standing["detail"].as_str().unwrap().contains(name), "{standing}");
            assert_eq!(told(&world, "delivery_paused"), 1, "{version:?} {name} {column}");
            world.odoo.borrow_mut().poke(model, record, column, before);
            world.pass(1_200);
            assert!(ids.iter().all(|id| residual(&world, *id) == "0"), "{version:?} {name} {column}");
            world.finish();
        }
    }
}
