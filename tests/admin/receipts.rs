//! Receipts without an invoice, and the invoice that an operator knows.

use quittance_sim::stripe::merchant::Pay;
use quittance_sim::world::port_faults::Mishap;
use serde_json::{Value, json};

use super::*;
use crate::common::*;

fn unallocated(world: &World) -> Vec<String> {
    let list = get(world, "/admin/api/unallocated");
    list["postings"].as_array().unwrap().iter().map(|p| p["key"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_receipt_is_given_its_invoice() {
    for version in VERSIONS {
        let mut world = World::new(31, version);
        world.set("ADMIN_TOKEN", TOKEN);
        pay(&world, &Pay::card(10_000, "usd"));
        world.pass(60);
        let [key] = unallocated(&world).try_into().unwrap();
        let id = invoice(&world, "60.00", "USD");
        let other = invoice(&world, "40.00", "USD");
        let assign = |invoice: String| {
            act(&world, "/admin/api/postings/assign", json!({"key": key, "invoice": invoice, "reason": "by phone"}))
        };
        let number = world.odoo.borrow().number(id);
        let (status, done) = assign(number.clone());
        assert_eq!(status, 200, "{done}");
        assert_eq!(
            (&done["outcome"], &done["allocated"], &done["free"]),
            (&json!("allocated"), &json!("60.00"), &json!("40.00"))
        );
        assert_eq!(residual(&world, id), "0");
        assert_eq!(unallocated(&world), [key.as_str()], "a part is still free");
        let (_, done) = assign(other.to_string());
        assert_eq!((&done["allocated"], &done["free"]), (&json!("40.00"), &json!("0.00")));
        assert_eq!(done["documents"].as_array().unwrap().len(), 2);
        assert!(unallocated(&world).is_empty());
        let (_, again) = assign(number);
        assert_eq!((&again["outcome"], &again["allocated"]), (&json!("already"), &json!("0.00")));
        assert_eq!(booked(&world).len(), 1, "nothing is booked but the reconciliation");
        let audit = get(&world, "/admin/api/audit");
        assert_eq!(audit["audit"].as_array().unwrap().len(), 3);
        assert_eq!(audit["audit"][0]["outcome"].as_str().unwrap().split(' ').next(), Some("already"));
        world.pass(900);
        world.finish();
    }
}

#[test]
fn what_cannot_be_allocated_is_refused_with_its_reason() {
    let mut world = world(32);
    pay(&world, &Pay::card(10_000, "usd"));
    let paid = invoice(&world, "10.00", "USD");
    pay_invoice(&world, paid, 1_000, "usd");
    world.pass(60);
    let [key] = unallocated(&world).try_into().unwrap();
    let assign =
        |key: &str, invoice: &str| act(&world, "/admin/api/postings/assign", json!({"key": key, "invoice": invoice}));
    let (status, body) = assign(&key, "INV/1999/1");
    assert_eq!((status, code(&body)), (422, "assign_refused"));
    assert!(body["error"]["detail"].as_str().unwrap().contains("invoice_missing"), "{body}");
    let (_, body) = assign(&key, &paid.to_string());
    assert!(body["error"]["detail"].as_str().unwrap().contains("invoice_paid"), "{body}");
    assert_eq!(assign("stripe:acct_1:pi_nothing:succeeded", "7").0, 404);
    assert_eq!(assign(&key, " ").0, 400);
    let payment = world.odoo.borrow().payments().iter().find(|p| p.invoices.is_empty()).unwrap().id;
    world.odoo.borrow_mut().delete_payment(payment);
    let open = invoice(&world, "100.00", "USD");
    let (_, body) = assign(&key, &open.to_string());
    assert_eq!(code(&body), "payment_gone");
    let outcomes = get(&world, "/admin/api/audit");
    let refused = |row: &Value| row["outcome"].as_str().unwrap().starts_with("refused: ");
    assert!(outcomes["audit"].as_array().unwrap().iter().all(refused), "{outcomes:#}");
    // The ERP is away: the deed has its end as well.
    world.odoo.borrow_mut().dial.add(quittance_sim::odoo::Rule::always(quittance_sim::odoo::Fault::Down));
    let (status, body) = assign(&key, &open.to_string());
    assert_eq!((status, code(&body)), (503, "erp_unreachable"));
}

#[test]
fn what_was_allocated_by_hand_counts_no_more() {
    let mut world = world(33);
    pay(&world, &Pay::card(10_000, "usd"));
    world.pass(60);
    let [key] = unallocated(&world).try_into().unwrap();
    let dismiss =
        |key: &str, reason: &str| act(&world, "/admin/api/postings/dismiss", json!({"key": key, "reason": reason}));
    assert_eq!(dismiss(&key, "").0, 400);
    assert_eq!(dismiss("stripe:acct_1:pi_x:succeeded", "none").0, 404);
    assert_eq!(dismiss(&key, "done in Odoo"), (200, json!({"key": key, "outcome": "dismissed"})));
    assert!(unallocated(&world).is_empty());
    assert_eq!(get(&world, "/admin/api/health")["counts"]["unallocated"], 0);
    let audit = get(&world, "/admin/api/audit");
    assert_eq!(
        (&audit["audit"][0]["action"], &audit["audit"][0]["reason"]),
        (&json!("dismiss"), &json!("done in Odoo"))
    );
    world.finish();
}

/// Whatever call of a port fails or kills the Worker: asking again ends with the invoice paid once, and every deed is written.
#[test]
fn an_assignment_that_breaks_off_anywhere_is_done_by_asking_again() {
    for (seed, mishap) in (40..).zip(Mishap::ALL) {
        for at in 0.. {
            let mut world = world(seed);
            pay(&world, &Pay::card(10_000, "usd"));
            world.pass(60);
            let [key] = unallocated(&world).try_into().unwrap();
            let id = invoice(&world, "100.00", "USD");
            let asked = || {
                let body = json!({"key": key, "invoice": id.to_string()}).to_string();
                with_token(request("POST", "/admin/api/postings/assign")).body(body)
            };
            world.dial.set(at, mishap);
            // None: the Worker died.
            let first = world.request(&asked());
            if !world.dial.spent() {
                assert_eq!((first.unwrap().status, residual(&world, id)), (200, "0".into()));
                assert!(at >= 5, "{at}");
                break;
            }
            let again = world.request(&asked()).unwrap();
            assert_eq!(again.status, 200, "{mishap:?} at {at}: {}", read(&again));
            assert_eq!(residual(&world, id), "0", "{mishap:?} at {at}");
            assert!(unallocated(&world).is_empty());
            assert_eq!(booked(&world).len(), 1);
            let audit = get(&world, "/admin/api/audit");
            let last = audit["audit"][0]["outcome"].as_str().unwrap();
            assert!(last.starts_with("allocated") || last.starts_with("already"), "{mishap:?} at {at}: {last}");
            world.finish();
        }
    }
}
