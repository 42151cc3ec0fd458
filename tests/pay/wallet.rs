//! Whose saved cards a payer is shown: those of his own partner, by Stripe's word and not by a field that people write.

use quittance::http::Request;
use quittance_sim::odoo::{Invoice, Odoo, Version};
use quittance_sim::stripe::fault::{ApiFault, Trouble};
use quittance_sim::world::{WORKER, World};
use serde_json::{Value, json};

use crate::pay_page::PayPage;

const TOKEN: &str = "admin-token-of-the-tests-01234567";

fn customer(desk: &PayPage, payment: &str) -> String {
    desk.retrieve(payment)["customer"].as_str().unwrap_or_default().to_owned()
}

/// A person who may write contacts puts `customer` into the field of this one.
fn writes(desk: &PayPage, partner: i64, customer: &str) {
    desk.world.odoo.borrow_mut().poke("res.partner", partner, "x_quittance_customer", json!(customer));
}

/// Of a world in which Ada has paid: her customer, and the desk of Grace's invoice.
fn ada_and_grace() -> (PayPage, String, i64) {
    let mut desk = PayPage::new();
    desk.world.set("PAY_SAVED_CARDS", "true");
    let first = desk.open();
    let ada = customer(&desk, &first);
    desk.settle();
    let desk = PayPage::in_world(desk.world, &Invoice { partner: "Grace Buyer", ..Invoice::of("55.00", "USD") });
    let grace = desk.world.odoo.borrow().payer(desk.invoice);
    (desk, ada, grace)
}

/// Whose session the page was given.
fn session_of(desk: &PayPage, answer: &Value) -> Option<String> {
    let secret = answer["payment"]["customer_session"].as_str()?;
    desk.world.stripe.borrow().session_customer(secret)
}

#[test]
fn a_field_that_people_write_opens_nobodys_wallet() {
    for lost in [false, true] {
        let (mut desk, ada, grace) = ada_and_grace();
        writes(&desk, grace, &ada);
        if lost {
            desk.world.db.query("DELETE FROM customers RETURNING key");
        }
        let (_, answer) = desk.ask(json!({}));
        let used = customer(&desk, answer["payment"]["id"].as_str().unwrap());
        assert_ne!(used, ada, "lost: {lost}");
        assert_eq!(session_of(&desk, &answer).as_deref(), Some(used.as_str()), "lost: {lost}");
        desk.settle();
        let odoo = desk.world.odoo.borrow();
        assert_eq!(
            odoo.field_value("res.partner", grace, "x_quittance_customer"),
            json!(used),
            "the field is put right"
        );
        drop(odoo);
        desk.world.finish();
    }
}

/// A customer of the merchant's own, of another database, of another partner, without our metadata, deleted, or none at all.
#[test]
fn a_customer_is_taken_from_the_field_only_by_stripes_word() {
    let odd = |desk: &PayPage, metadata: &str| -> String {
        desk.stripe("POST", "/v1/customers", &format!("name=Merchant{metadata}")).1["id"].as_str().unwrap().to_owned()
    };
    for metadata in [
        "".to_owned(),
        "&metadata[odoo_db]=odoo".into(),
        "&metadata[odoo_db]=other&metadata[odoo_partner_id]={grace}".into(),
        "&metadata[odoo_db]=ODOO&metadata[odoo_partner_id]={grace}".into(),
        "&metadata[odoo_db]=odoo&metadata[odoo_partner_id]={grace}0".into(),
        "&metadata[odoo_db]=odoo&metadata[odoo_partner_id]=0{grace}".into(),
        "&metadata[odoo_partner_id]={grace}".into(),
    ] {
        let (mut desk, _, grace) = ada_and_grace();
        let foreign = odd(&desk, &metadata.replace("{grace}", &grace.to_string()));
        writes(&desk, grace, &foreign);
        let (_, answer) = desk.ask(json!({}));
        let used = customer(&desk, answer["payment"]["id"].as_str().unwrap());
        assert_ne!(used, foreign, "{metadata}");
        desk.settle();
        desk.world.finish();
    }
    for text in ["cus_nobody", "cus_1/../cus_2", "x", "cus_ä", "pm_1"] {
        let (mut desk, _, grace) = ada_and_grace();
        writes(&desk, grace, text);
        let payment = desk.open();
        assert!(customer(&desk, &payment).starts_with("cus_"), "{text}");
        desk.settle();
        desk.world.finish();
    }
}

/// One that Stripe says is this partner's is taken, also when it was made under an earlier name of the database.
#[test]
fn a_customer_that_stripe_says_is_this_partners_is_taken() {
    for database in ["odoo", "odoo-before"] {
        let (mut desk, _, grace) = ada_and_grace();
        desk.world.set("FORMER_DATABASES", "odoo-before");
        let form = format!("name=Grace&metadata[odoo_db]={database}&metadata[odoo_partner_id]={grace}");
        let own = desk.stripe("POST", "/v1/customers", &form).1["id"].as_str().unwrap().to_owned();
        writes(&desk, grace, &own);
        let payment = desk.open();
        assert_eq!(customer(&desk, &payment), own, "{database}");
        desk.settle();
        desk.world.finish();
    }
}

/// What a search finds is held against what is there: Stripe's search does not tell capitals apart.
#[test]
fn a_search_that_finds_another_databases_customer_is_not_believed() {
    let (mut desk, _, grace) = ada_and_grace();
    let form = format!("name=Grace&metadata[odoo_db]=ODOO&metadata[odoo_partner_id]={grace}");
    let other = desk.stripe("POST", "/v1/customers", &form).1["id"].as_str().unwrap().to_owned();
    let payment = desk.open();
    assert_ne!(customer(&desk, &payment), other);
    desk.settle();
    desk.world.finish();
}

/// The ledger itself takes no customer for two partners, whatever led to it; the second payer pays without one.
#[test]
fn one_customer_is_one_partner() {
    let (mut desk, ada, grace) = ada_and_grace();
    // Somebody at Stripe writes Grace's id over Ada's in the metadata.
    desk.stripe("POST", &format!("/v1/customers/{ada}"), &format!("metadata[odoo_partner_id]={grace}"));
    let (_, answer) = desk.ask(json!({}));
    assert_eq!(answer["state"], "open");
    assert_ne!(session_of(&desk, &answer), Some(ada.clone()));
    let rows = desk.world.db.query("SELECT customer FROM customers WHERE customer IS NOT NULL");
    let mut customers: Vec<&str> = rows.iter().filter_map(|row| row["customer"].as_str()).collect();
    customers.dedup();
    assert_eq!(customers.len(), rows.len(), "{rows:?}");
    assert_eq!(desk.confirm(answer["payment"]["id"].as_str().unwrap(), "pm_card_visa"), 200);
    desk.settle();
    assert_eq!(desk.told(), "paid");
    desk.world.finish();
}

/// After a backup was restored Odoo gives the ids that it lost to the next contact and invoice. Gives Grace's desk and Ada's
/// customer; Ada has paid the lost invoice, where she `pays`.
fn restored(pays: bool, ledger_lost: bool) -> (PayPage, String) {
    // With a contact from before the backup only the invoice's id and number are given again.
    let (world, ada, lost, contact) = set_back(pays.then_some("Grace Buyer"), pays);
    if ledger_lost {
        world.db.query("DELETE FROM customers RETURNING key");
    }
    let desk = PayPage::in_world(world, &Invoice { partner: "Grace Buyer", ..Invoice::of("55.00", "USD") });
    assert_eq!((desk.invoice, desk.world.odoo.borrow().payer(lost) == contact), (lost, !pays), "ids are given again");
    (desk, ada)
}

/// Odoo is set back to a backup that has the contact `there`, and an operator says so. Ada's page was opened since the backup.
/// Gives her customer, and the ids of her invoice and contact.
fn set_back(there: Option<&str>, pays: bool) -> (World, String, i64, i64) {
    let mut world = World::new(1, Version::V18);
    world.set("PAY_SAVED_CARDS", "true");
    world.set("ADMIN_TOKEN", TOKEN);
    if let Some(partner) = there {
        world.odoo.borrow_mut().invoice(&Invoice { partner, ..Invoice::of("1.00", "USD") });
    }
    let (backup, to) = (world.odoo.borrow().clone(), world.clock.now());
    let mut desk = PayPage::in_world(world, &Invoice { partner: "Ada Lost", ..Invoice::of("10.00", "USD") });
    let payment = desk.open();
    let ada = customer(&desk, &payment);
    if pays {
        assert_eq!(desk.confirm(&payment, "pm_card_visa"), 200);
    }
    desk.settle();
    let (lost, contact) = (desk.invoice, desk.world.odoo.borrow().payer(desk.invoice));
    (said_set_back(desk.world, &backup, to), ada, lost, contact)
}

/// Odoo is set back to its backup of `to`, and an operator says so.
fn said_set_back(world: World, backup: &Odoo, to: i64) -> World {
    world.odoo.borrow_mut().set_back(backup);
    says_so(&world, to);
    world
}

fn says_so(world: &World, to: i64) {
    let request = Request::new("POST", format!("{WORKER}/admin/api/erp/restore"))
        .with("authorization", format!("Bearer {TOKEN}"))
        .with("x-quittance-operator", "alice")
        .body(json!({"to": to, "act": true, "reason": "restored"}).to_string());
    assert_eq!(world.request(&request).unwrap().status, 200);
}

#[test]
fn the_id_of_a_lost_contact_opens_nobodys_wallet() {
    for ledger_lost in [false, true] {
        let (desk, ada) = restored(false, ledger_lost);
        let (_, answer) = desk.ask(json!({}));
        let used = customer(&desk, answer["payment"]["id"].as_str().unwrap());
        assert!(!used.is_empty() && used != ada, "{ledger_lost}: {answer}");
        assert_eq!(session_of(&desk, &answer), Some(used));
    }
}

/// Nor does it tie the lost contact's customer to whoever has the id now: money of that customer would be her credit.
#[test]
fn the_id_of_a_lost_contact_gives_nobody_its_customer() {
    let (mut desk, ada) = restored(false, false);
    desk.world.pass(1);
    desk.settle();
    assert_eq!(ties(&desk), [], "Ada is no contact any more");
    let (_, answer) = desk.ask(json!({}));
    let grace = customer(&desk, answer["payment"]["id"].as_str().unwrap());
    desk.settle();
    assert_eq!(ties(&desk), [(grace.clone(), "Grace Buyer".to_owned())]);
    assert_ne!(grace, ada);
}

/// Stripe made the lost contact's customer, and its answer was lost: whoever has the id now does not ask for it again.
#[test]
fn a_lost_contacts_claim_is_not_answered_for_another() {
    let mut world = World::new(1, Version::V18);
    world.set("ADMIN_TOKEN", TOKEN);
    let other = Invoice { partner: "Old Contact", ..Invoice::of("1.00", "USD") };
    world.odoo.borrow_mut().invoice(&other);
    let (backup, to) = (world.odoo.borrow().clone(), world.clock.now());
    let ada = PayPage::in_world(world, &Invoice { partner: "Ada Lost", ..Invoice::of("10.00", "USD") });
    let lost_answer = ApiFault { method: "POST".into(), ..ApiFault::next("/v1/customers", Trouble::DropAfter) };
    ada.world.stripe.borrow_mut().faults.add(lost_answer);
    let _without = ada.open();
    assert_eq!(ada.customers(), ["Ada Lost -"]);
    let lost = ada.world.odoo.borrow().payer(ada.invoice);
    let world = said_set_back(ada.world, &backup, to);
    world.odoo.borrow_mut().invoice(&other);
    let grace = PayPage::in_world(world, &Invoice { partner: "Grace Buyer", ..Invoice::of("55.00", "USD") });
    assert_eq!(grace.world.odoo.borrow().payer(grace.invoice), lost, "the id is given again");
    let payment = grace.open();
    let own = grace.stripe("GET", &format!("/v1/customers/{}", customer(&grace, &payment)), "").1;
    assert_eq!(own["name"], "Grace Buyer");
}

/// A contact that the backup has keeps its customer, and has its id in Odoo again with its next page.
#[test]
fn a_contact_of_the_backup_keeps_its_customer() {
    let (mut world, ada, ..) = set_back(Some("Ada Lost"), true);
    world.pass(1);
    let mut desk = PayPage::in_world(world, &Invoice { partner: "Ada Lost", ..Invoice::of("56.00", "USD") });
    let (_, answer) = desk.ask(json!({}));
    assert_eq!(customer(&desk, answer["payment"]["id"].as_str().unwrap()), ada);
    desk.settle();
    assert_eq!(ties(&desk), [(ada, "Ada Lost".to_owned())]);
}

/// That the ledger cannot write it down keeps nobody from paying; the next page does it.
#[test]
fn a_contact_that_cannot_be_confirmed_pays_all_the_same() {
    let (mut world, ada, ..) = set_back(Some("Ada Lost"), true);
    world.pass(1);
    let refuses = "CREATE TRIGGER refuses BEFORE UPDATE OF claimed ON customers BEGIN SELECT RAISE(ABORT, 'full'); END";
    world.db.query(refuses);
    let mut desk = PayPage::in_world(world, &Invoice { partner: "Ada Lost", ..Invoice::of("56.00", "USD") });
    let (_, answer) = desk.ask(json!({}));
    assert_eq!(answer["state"], "open", "{answer}");
    assert_eq!(customer(&desk, answer["payment"]["id"].as_str().unwrap()), ada);
    desk.settle();
    assert_eq!(ties(&desk), []);
    desk.world.db.query("DROP TRIGGER refuses");
    let mut desk = PayPage::in_world(desk.world, &Invoice { partner: "Ada Lost", ..Invoice::of("57.00", "USD") });
    assert_eq!(desk.ask(json!({})).1["state"], "open");
    desk.settle();
    assert_eq!(ties(&desk), [(ada, "Ada Lost".to_owned())]);
}

/// Stripe's customers that contacts are tied to, and whom Odoo has as each.
fn ties(desk: &PayPage) -> Vec<(String, String)> {
    let account = format!("{}:", desk.world.stripe.borrow().settings.account);
    let tied = desk.world.odoo.borrow().customers();
    tied.into_iter().map(|(customer, name)| (customer.replace(&account, ""), name)).collect()
}

/// What was paid for the lost invoice is asked for again, or booked on account, or its attempt is not yet ended in the ledger.
#[test]
fn the_id_of_a_lost_invoice_shuts_nobody_out() {
    for (settled, closed) in [(false, true), (true, true), (true, false)] {
        let (mut desk, _) = restored(true, false);
        if settled {
            desk.settle();
        }
        if !closed {
            assert_eq!(desk.world.db.query("UPDATE intents SET closed = NULL RETURNING key").len(), 1);
        }
        let (_, answer) = desk.ask(json!({}));
        assert_eq!(answer["state"], "open", "settled {settled}, closed {closed}: {answer}");
        desk.confirm(answer["payment"]["id"].as_str().unwrap(), "pm_card_visa");
        desk.settle();
        assert_eq!((desk.residual().as_str(), desk.charged()), ("0", 6_500), "each was charged once");
    }
}

/// Somebody enters the next contact and invoice before anybody says that Odoo was set back: id, number and contact of the lost
/// invoice are theirs. What was paid for it is not.
#[test]
fn what_was_paid_for_a_lost_invoice_is_not_the_next_ones_of_its_id() {
    for version in Version::ALL {
        for paid in [true, false] {
            let mut world = World::new(1, version);
            world.set("ADMIN_TOKEN", TOKEN);
            let (backup, to) = (world.odoo.borrow().clone(), world.clock.now());
            let mut ada = PayPage::in_world(world, &Invoice { partner: "Ada Lost", ..Invoice::of("55.00", "USD") });
            let (lost, contact) = (ada.invoice, ada.world.odoo.borrow().payer(ada.invoice));
            let payment = ada.open();
            if paid {
                assert_eq!(ada.confirm(&payment, "pm_card_visa"), 200);
                ada.settle();
            }
            ada.world.odoo.borrow_mut().set_back(&backup);
            let mut grace = PayPage::in_world(ada.world, &Invoice { partner: "Grace", ..Invoice::of("55.00", "USD") });
            assert_eq!((grace.invoice, grace.world.odoo.borrow().payer(lost)), (lost, contact), "ids are given again");
            says_so(&grace.world, to);
            grace.settle();
            assert_eq!(grace.residual(), "55", "{version:?}, paid {paid}: nobody has paid Grace's invoice");
            let sql = "SELECT flags FROM postings WHERE key LIKE '%:succeeded'";
            let flags: Vec<String> = grace.world.db.query(sql).iter().map(|row| row["flags"].to_string()).collect();
            assert_eq!(flags.iter().filter(|flags| flags.contains("invoice_differs")).count(), usize::from(paid));
            let own = grace.open();
            assert_ne!(own, payment, "{version:?}: the page does not go on with what was begun for Ada's");
            let status = grace.retrieve(&payment)["status"].clone();
            assert_eq!(status, if paid { "succeeded" } else { "canceled" }, "{version:?}: nobody can pay it any more");
            assert_eq!(grace.confirm(&own, "pm_card_visa"), 200);
            grace.settle();
            assert_eq!(grace.residual(), "0");
            grace.world.finish();
        }
    }
}
