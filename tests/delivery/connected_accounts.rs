//! Connected accounts: their owners write the texts of their payments, and choose no document of ours by them.

use crate::common::*;
use quittance::http::Request;
use quittance_sim::Party;
use quittance_sim::odoo::{DATABASE, Invoice, Version};
use quittance_sim::stripe::merchant::{Bill, Checkout, Pay};
use quittance_sim::world::{STRIPE, World};
use serde_json::{Value, json};

const CONNECTED: &str = "acct_1Connected00000";
const OWN: &str = "acct_1SimQuittance000";

/// Every text by which a payment could name an invoice.
fn ways(world: &World, invoice: i64) -> Vec<Pay> {
    let number = world.odoo.borrow().number(invoice);
    let named = |name: &str| with(10_000, "usd", vec![(name, number.clone())]);
    let bare = || Pay { account: Some(CONNECTED.into()), ..Pay::card(10_000, "usd") };
    let mut ways = vec![
        with(10_000, "usd", ours(world, invoice)),
        named("odoo_ref"),
        named("invoice_number"),
        Pay { description: Some(format!("your invoice {number}")), ..bare() },
        Pay { description: Some(number.clone()), bare_charge: true, ..bare() },
        Pay { invoices: vec![Bill { number: Some(number.clone()), ..Bill::default() }], ..bare() },
        Pay { checkout: Some(Checkout { client_reference_id: Some(number.clone()), ..Checkout::default() }), ..bare() },
    ];
    ways.iter_mut().for_each(|pay| pay.account = Some(CONNECTED.into()));
    ways
}

#[test]
fn a_connected_accounts_texts_choose_no_document() {
    for version in VERSIONS {
        for thin in [false, true] {
            let mut world = if thin { World::thin(1, version) } else { World::new(1, version) };
            world.connect(CONNECTED, thin);
            let id = invoice(&world, "100.00", "USD");
            let ways = ways(&world, id);
            for way in &ways {
                pay(&world, way);
                world.pass(60);
            }
            assert_eq!(residual(&world, id), "100", "{version:?}");
            assert_eq!(booked(&world), vec!["100 USD → []"; ways.len()], "real money is booked all the same");
            assert_eq!(flags(&world).iter().filter(|flag| *flag == "connected_account").count(), ways.len());
            // The platform's own payment of it is what pays it.
            pay_invoice(&world, id, 10_000, "usd");
            world.pass(60);
            assert_eq!(residual(&world, id), "0");
            world.finish();
        }
    }
}

/// Nor do they hide money: another database, or an ignored one, is named by the key's account only.
#[test]
fn a_connected_accounts_metadata_hides_no_money() {
    for accounts in [CONNECTED.to_owned(), format!("{CONNECTED}=1")] {
        let mut world = World::new(2, Version::V18);
        world.connect(CONNECTED, false);
        world.set("STRIPE_ACCOUNTS", &accounts);
        world.set("IGNORED_DATABASES", "staging");
        for bare_charge in [false, true] {
            let metadata = [("odoo_db".to_owned(), "staging".to_owned())].into();
            let account = Some(CONNECTED.to_owned());
            pay(&world, &Pay { metadata, account, bare_charge, ..Pay::card(5_000, "usd") });
        }
        world.pass(60);
        assert_eq!(booked(&world), ["50 USD → []"; 2], "{accounts}");
        world.finish();
    }
}

/// With a company its numbers are looked up there, and only there.
#[test]
fn an_account_with_a_company_is_matched_inside_that_company() {
    let mut world = World::new(3, Version::V18);
    world.connect(CONNECTED, false);
    let other = world.odoo.borrow_mut().company("Other Inc", "USD");
    world.odoo.borrow_mut().set_up_company(other);
    world.odoo.borrow_mut().add_owner(other, CONNECTED);
    world.set("STRIPE_ACCOUNTS", &format!("{CONNECTED}={other}"));
    // Both companies number from 1.
    let _first = invoice(&world, "1.00", "USD");
    let ours = invoice(&world, "100.00", "USD");
    let theirs = world.odoo.borrow_mut().invoice(&Invoice { company: other, ..Invoice::of("100.00", "USD") });
    let number = world.odoo.borrow().number(theirs);
    let ways = ways(&world, ours);
    for way in &ways {
        pay(&world, way);
        world.pass(60);
    }
    assert_eq!(residual(&world, ours), "100", "the platform's invoice");
    // Our own metadata counts for nothing there either.
    let by_id = [("odoo_db", DATABASE.to_owned()), ("odoo_id", theirs.to_string())];
    let by_id = by_id.map(|(name, value)| (name.to_owned(), value)).into();
    pay(&world, &Pay { metadata: by_id, account: Some(CONNECTED.into()), ..Pay::card(10_000, "usd") });
    world.pass(60);
    assert_eq!(residual(&world, theirs), "100");
    let metadata = [("invoice_number".to_owned(), number)].into();
    pay(&world, &Pay { metadata, account: Some(CONNECTED.into()), ..Pay::card(10_000, "usd") });
    world.pass(60);
    assert_eq!(residual(&world, theirs), "0");
    world.finish();
}

/// Odoo does not know the account, or its company is not set up: its own events are parked with what to do, and the others go
/// on.
#[test]
fn an_account_without_books_holds_up_no_other() {
    for version in VERSIONS {
        for (company, code) in [("", "odoo_other_account"), ("=2", "erp_not_configured")] {
            let mut world = World::new(7, version);
            let other = world.odoo.borrow_mut().company("Other Inc", "USD");
            assert_eq!(other, 2);
            world.connect(CONNECTED, false);
            world.set("STRIPE_ACCOUNTS", &format!("{CONNECTED}{company}"));
            world.odoo.borrow_mut().keeps_books_of(1, &format!("test {OWN}"));
            for _ in 0..3 {
                let id = invoice(&world, "100.00", "USD");
                pay_invoice(&world, id, 10_000, "usd");
                pay(&world, &Pay { account: Some(CONNECTED.into()), ..Pay::card(5_000, "usd") });
            }
            world.pass(1_800);
            assert_eq!(booked(&world).len(), 3, "{version:?} {code}: {:?}", booked(&world));
            assert!(world.logged("delivery_paused").is_empty(), "{version:?} {code}");
            let rows = world.db.query("SELECT DISTINCT account, code, detail FROM inbox WHERE state = 'parked'");
            assert!(!rows.is_empty(), "{version:?} {code}");
            for row in rows {
                assert_eq!((&row["account"], &row["code"]), (&json!(CONNECTED), &json!(code)), "{version:?}");
                assert!(row["detail"].as_str().unwrap().contains("STRIPE_ACCOUNTS"), "{row:?}");
            }
        }
    }
}

/// A customer of one account is no customer of another, whatever his id.
#[test]
fn a_customer_known_for_one_account_does_not_serve_another() {
    for accounts in [CONNECTED.to_owned(), format!("{CONNECTED}=1")] {
        let mut world = World::new(4, Version::V18);
        world.connect(CONNECTED, false);
        world.set("STRIPE_ACCOUNTS", &accounts);
        let request =
            Request::new("POST", format!("{STRIPE}/v1/customers")).with("authorization", "Bearer sk_test_sim");
        let reply = world.stripe.borrow_mut().handle(&request.body("name=Ada")).within(1_000).unwrap();
        let customer = serde_json::from_slice::<Value>(&reply.body).unwrap()["id"].as_str().unwrap().to_owned();
        let (first, second) = (invoice(&world, "100.00", "USD"), invoice(&world, "70.00", "USD"));
        pay(&world, &Pay { customer: Some(customer.clone()), ..with(10_000, "usd", ours(&world, first)) });
        world.pass(60);
        let now = world.clock.now();
        let intent = json!({"id": "pi_other", "object": "payment_intent", "amount": 7_000, "amount_received": 7_000,
            "currency": "usd", "status": "succeeded", "livemode": false, "created": now, "customer": customer, "metadata": {}});
        let event = json!({"id": "evt_other", "object": "event", "type": "payment_intent.succeeded", "livemode": false,
            "created": now, "api_version": "2026-10-28.endive", "account": CONNECTED, "data": {"object": intent}});
        send(&world, &event.to_string());
        world.pass(60);
        assert_eq!((residual(&world, first).as_str(), residual(&world, second).as_str()), ("0", "70"), "{accounts}");
        // Of the key's own account it is the known customer's one open invoice of this amount.
        pay(&world, &Pay { customer: Some(customer), ..Pay::card(7_000, "usd") });
        world.pass(60);
        assert_eq!(residual(&world, second), "0");
        world.disable_drop_check();
    }
}

/// `context` of a thin event may be a path. Its last segment is the account where it begins at ours; no path gets into a key
/// or a header, and one that is seen from somebody else is not guessed at.
#[test]
fn a_context_may_be_a_path() {
    for (context, code) in [
        (format!("{OWN}/{CONNECTED}"), None),
        (CONNECTED.to_owned(), None),
        (format!("acct_1Stranger/{CONNECTED}"), Some("other_account")),
        (format!("{OWN}/{CONNECTED}/acct_3"), Some("other_account")),
        (format!("org_1/{CONNECTED}"), Some("other_account")),
        (format!("{OWN}/acct_1Unlisted"), Some("other_account")),
        ("workspace_1".to_owned(), Some("other_account")),
        ("acct_1 /x".to_owned(), Some("other_account")),
        ("a".repeat(256), Some("event_unreadable")),
    ] {
        let mut world = World::new(5, Version::V18);
        world.stripe.borrow_mut().settings.connected = vec![CONNECTED.into()];
        world.odoo.borrow_mut().add_owner(1, CONNECTED);
        world.set("STRIPE_ACCOUNTS", CONNECTED);
        let paid = pay(&world, &Pay { account: Some(CONNECTED.into()), ..Pay::card(4_000, "usd") });
        let thin = |id: &str, kind: &str, object: &str| {
            json!({"id": format!("evt_{id}_thin"), "object": "v2.core.event", "type": format!("v1.{kind}"), "livemode": false,
                "created": "2026-11-21T19:00:00.000Z", "context": context, "snapshot_event": format!("evt_{id}"),
                "related_object": {"id": object, "type": "x", "url": "/v1/x"}})
            .to_string()
        };
        send(&world, &thin("1", "payment_intent.succeeded", &paid.payment_intent));
        world.pass(30);
        let (state, told) = world.state("evt_1");
        if let Some(code) = code {
            assert!(["ignored", "parked"].contains(&state.as_str()), "{context}: {state}");
            assert_eq!(told.as_deref(), Some(code), "{context}");
            assert!(booked(&world).is_empty(), "{context}");
            world.finish();
            continue;
        }
        assert_eq!(state, "done", "{context}: {told:?}");
        let dispute =
            world.stripe.borrow_mut().dispute(&quittance_sim::stripe::merchant::Dispute::of(&paid.payment_intent));
        send(&world, &thin("2", "charge.dispute.created", &dispute.unwrap()));
        world.pass(120);
        assert!(
            ["done", "ignored"].contains(&world.state("evt_2").0.as_str()),
            "{context}: {:?}",
            world.state("evt_2")
        );
        let keys = world.odoo.borrow().keys();
        let prefix = format!("stripe:{CONNECTED}:");
        assert!(
            keys.iter().any(|key| key.contains(":du_")) && keys.iter().all(|key| key.starts_with(&prefix)),
            "{keys:?}"
        );
        world.finish();
    }
}

/// The key's own events come by an endpoint that names no account. A snapshot that names it came by another: Stripe is asked,
/// also where the settings list the own account among the connected ones, so that its body is kept.
#[test]
fn a_connect_endpoints_snapshot_of_the_own_account_is_not_believed() {
    for listed in ["", OWN] {
        let mut world = World::new(6, Version::V18);
        world.set("STRIPE_ACCOUNTS", listed);
        let id = invoice(&world, "100.00", "USD");
        let (now, number) = (world.clock.now(), world.odoo.borrow().number(id));
        let intent = json!({"id": "pi_forged", "object": "payment_intent", "amount": 10_000, "amount_received": 10_000,
            "currency": "usd", "status": "succeeded", "livemode": false, "created": now,
            "metadata": {"odoo_db": DATABASE, "odoo_model": "account.move", "odoo_id": id.to_string(), "odoo_ref": number}});
        let forged = json!({"id": "evt_forged", "object": "event", "type": "payment_intent.succeeded", "livemode": false,
            "created": now, "api_version": "2026-10-28.endive", "account": OWN, "data": {"object": intent}});
        send(&world, &forged.to_string());
        world.pass(60);
        assert!(booked(&world).is_empty(), "{listed}");
        assert_eq!(residual(&world, id), "100");
        // What Stripe does have is booked, however it was told.
        let paid = pay(&world, &with(10_000, "usd", ours(&world, id)));
        let thin = json!({"id": "evt_thin", "object": "v2.core.event", "type": "v1.payment_intent.succeeded", "livemode": false,
            "created": "2026-11-21T19:00:00.000Z", "context": OWN, "related_object": {"id": paid.payment_intent}});
        send(&world, &thin.to_string());
        world.pass(60);
        assert_eq!((residual(&world, id), world.state("evt_thin").0), ("0".to_owned(), "done".to_owned()));
        world.pass(5 * 86_400);
        world.finish();
    }
}
