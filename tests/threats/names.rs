//! Names and texts of strangers on their way to pages and into Odoo.

use std::collections::BTreeMap;

use quittance::http::Request;
use quittance_sim::odoo::{Invoice, Version};
use quittance_sim::stripe::merchant::{Bill, Checkout, Pay};
use quittance_sim::world::{WORKER, World};
use serde_json::json;

use crate::HOSTILE;
use crate::common::{ours, pay};

/// What a spreadsheet takes for a formula when a cell begins with it.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A payer chooses `client_reference_id` in a payment link's address, and much of the rest where a shop lets him. It serves to
/// find the invoice, and stands nowhere in the books.
#[test]
fn nothing_that_a_payer_may_choose_is_written_into_the_books() {
    for version in crate::common::VERSIONS {
        for hostile in HOSTILE {
            let mut world = World::new(1, version);
            let invoice = world.odoo.borrow_mut().invoice(&Invoice::of("100.00", "USD"));
            let metadata = ours(&world, invoice).into_iter().map(|(name, value)| (name.to_owned(), value));
            let metadata: BTreeMap<String, String> = metadata
                .chain([("order_ref".to_owned(), hostile.to_owned()), ("note".to_owned(), hostile.to_owned())])
                .collect();
            pay(
                &world,
                &Pay { description: Some(hostile.to_owned()), metadata: metadata.clone(), ..Pay::card(10_000, "USD") },
            );
            let checkout = Checkout { client_reference_id: Some(hostile.to_owned()), metadata: metadata.clone() };
            pay(
                &world,
                &Pay { description: Some(hostile.to_owned()), checkout: Some(checkout), ..Pay::card(500, "USD") },
            );
            let bill = Bill {
                number: Some(hostile.to_owned()),
                description: Some(hostile.to_owned()),
                metadata,
                ..Bill::default()
            };
            pay(&world, &Pay { invoices: vec![bill], ..Pay::card(700, "USD") });
            world.pass(1_800);
            let odoo = world.odoo.borrow();
            let payments = odoo.payments();
            assert_eq!(payments.len(), 3, "{version:?} {hostile:?}");
            let texts: Vec<String> = payments
                .iter()
                .map(|payment| payment.memo.clone())
                .chain(odoo.notes(invoice))
                .chain(odoo.labels())
                .collect();
            assert!(texts.len() > 6, "{texts:?}");
            for text in texts {
                assert!(!text.contains(hostile), "{version:?}: {text}");
                // Odoo itself puts the paragraph around an escaped note.
                let text = text.trim_start_matches("<p>").trim_end_matches("</p>");
                assert!(!text.starts_with(FORMULA) && !text.contains('<'), "{version:?}: {text}");
            }
            drop(odoo);
            world.finish();
        }
    }
}

/// The shell is one text for everybody: no name, number or amount is in the HTML, so none can be markup there. The page's
/// script is given them as JSON and makes text of them.
#[test]
fn the_shell_holds_nothing_of_an_invoice() {
    let world = World::new(1, Version::V18);
    let shell = |path: &str| world.request(&Request::new("GET", format!("{WORKER}{path}"))).unwrap();
    let empty = shell("/pay/1");
    let invoice = world.odoo.borrow_mut().invoice(&Invoice { partner: HOSTILE[5], ..Invoice::of("100.00", "USD") });
    let token = world.odoo.borrow_mut().token(invoice);
    let query = quittance::http::escape(HOSTILE[6]);
    assert_eq!(shell(&format!("/pay/{invoice}?access_token={token}&lang={query}&db={query}")), empty);
    world.finish();
}

/// A company's logo is whatever somebody put into Odoo: an SVG may hold scripts, and opened by itself it may not run them.
#[test]
fn a_logo_with_a_script_in_it_runs_nothing() {
    let world = World::new(1, Version::V18);
    let invoice = world.odoo.borrow_mut().invoice(&Invoice::of("100.00", "USD"));
    let token = world.odoo.borrow_mut().token(invoice);
    let asked = json!({"invoice": invoice, "access_token": token}).to_string();
    world.request(&Request::new("POST", format!("{WORKER}/api/payment-intents")).body(asked)).unwrap();
    let logo = world.request(&Request::new("GET", format!("{WORKER}/pay/logo/1"))).unwrap();
    assert_eq!(logo.status, 200);
    let policy = logo.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.ends_with("sandbox"), "{policy}");
    assert_eq!(logo.header("x-content-type-options"), Some("nosniff"));
    assert!(logo.header("content-type").unwrap().starts_with("image/"));
    world.finish();
}
