//! Against the simulated Stripe: every event of a payment, however it comes, ends at the same movement.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use quittance::config::Secret;
use quittance::http::{Request, Response};
use quittance::movement::{Movement, MovementKind};
use quittance::ports::{Fut, Http, HttpFault};
use quittance::stripe::client::Client;
use quittance::stripe::event::{self, Envelope};
use quittance::stripe::event_list::{Cursor, key_account, list_page};
use quittance::stripe::map::{EVENT_TYPES, Reading, Scope, read_event};
use quittance::stripe::{fetch, map::MAPPER_VERSION, payouts};
use quittance_sim::stripe::merchant::{Bill, Checkout, Pay};
use quittance_sim::stripe::{Settings, Stripe, method::Method};
use quittance_sim::{Clock, Party};

use crate::matching;
use crate::script::{config, run};

pub const START_MS: i64 = 1_795_287_600_000;

/// The simulator behind the Http port.
pub struct Sim {
    pub stripe: RefCell<Stripe>,
    pub clock: Clock,
    /// Keys that are in the books.
    pub posted: RefCell<BTreeSet<String>>,
}

impl Http for Sim {
    fn send(&self, request: Request, timeout: u32) -> Fut<'_, Result<Response, HttpFault>> {
        let answer = self.stripe.borrow_mut().handle(&request).within(timeout);
        Box::pin(async move { answer })
    }
}

impl Sim {
    fn new() -> Self {
        Self::of(Settings::default())
    }

    pub fn of(settings: Settings) -> Self {
        let clock = Clock::at(START_MS);
        let mut stripe = Stripe::new(settings, clock.clone());
        stripe.listen("https://q.example/snapshot", &["whsec_a"], false, false);
        stripe.listen("https://q.example/thin", &["whsec_a"], false, true);
        Self { stripe: RefCell::new(stripe), clock, posted: RefCell::default() }
    }

    /// Lets time pass until nothing is due; what was delivered, in order.
    pub fn delivered(&self) -> Vec<Vec<u8>> {
        let mut stripe = self.stripe.borrow_mut();
        let mut bodies = Vec::new();
        loop {
            for outgoing in stripe.outgoing() {
                stripe.answered(outgoing.id, Some(200));
                bodies.push(outgoing.request.body);
            }
            match stripe.next_due() {
                Some(due) => self.clock.advance_to(due),
                None => return bodies,
            }
        }
    }

    /// Reads an event to its end, as the worker of events does.
    pub fn work(&self, envelope: &Envelope, body: Option<&[u8]>) -> Vec<Movement> {
        let (matching, config) = (matching(), config_of_sim());
        let account = self.stripe.borrow().settings.account.clone();
        let posted = |key: &str| self.posted.borrow().contains(key);
        let scope = Scope::new(envelope, &account, &matching).with_ledger(&posted, 0);
        let client = Client::new(self, &config).for_account(&account);
        let mut reading = read_event(&scope, body).unwrap();
        match &mut reading {
            Reading::Pointer(pointer) => {
                reading = run(fetch::resolve(&client, &scope, pointer.clone())).unwrap().reading
            }
            Reading::Movement(movement) => run(fetch::add_reference(&client, movement, &scope)).unwrap(),
            _ => {}
        }
        let movements = match reading {
            Reading::Movement(movement) => vec![movement],
            Reading::Movements(movements) => movements,
            Reading::PayoutParts { payout } => {
                let mut walk = payouts::PartsCursor::start(&payout);
                while !walk.is_complete() {
                    run(walk.step(&client)).unwrap();
                }
                vec![run(walk.reconciliation(&client, &scope)).unwrap()]
            }
            Reading::Pointer(_) => panic!("a pointer was not followed to its end"),
            _ => vec![],
        };
        self.posted.borrow_mut().extend(movements.iter().map(|m| m.key.clone()));
        movements
    }
}

pub fn config_of_sim() -> quittance::config::Stripe {
    quittance::config::Stripe { api_key: Secret::new("sk_test_sim"), ..config() }
}

/// All movements of all events of a payment: delivered whole, thin, and pulled by recovery.
pub fn movements(sim: &Sim) -> Vec<(String, Movement)> {
    let mut all = Vec::new();
    for body in sim.delivered() {
        let envelope = event::parse_event(&body).unwrap();
        let how = if envelope.thin { "thin" } else { "snapshot" };
        let found = sim.work(&envelope, Some(&body));
        all.extend(found.into_iter().map(|m| (format!("{how} {}", envelope.kind), m)));
    }
    let config = config_of_sim();
    let mut cursor = Some(Cursor::since(START_MS / 1000));
    while let Some(at) = cursor {
        let page = run(list_page(&Client::new(sim, &config), at)).unwrap();
        for envelope in &page.events {
            all.extend(sim.work(envelope, None).into_iter().map(|m| (format!("pulled {}", envelope.kind), m)));
        }
        cursor = page.next;
    }
    all
}

/// One payment, one key, one amount, one reference, whichever event tells of it.
fn one_payment(pay: &Pay, minor: i64) -> (Movement, BTreeSet<String>) {
    let sim = Sim::new();
    let customer = sim.stripe.borrow_mut().handle(&post("/v1/customers", "name=Azure")).within(20_000).unwrap();
    let customer: serde_json::Value = serde_json::from_slice(&customer.body).unwrap();
    let pay = Pay { customer: customer["id"].as_str().map(str::to_owned), ..pay.clone() };
    let paid = sim.stripe.borrow_mut().pay(&pay).unwrap();
    let all = movements(&sim);
    let told: BTreeSet<String> = all.iter().map(|(how, _)| how.clone()).collect();
    let by_key: BTreeMap<&str, &Movement> = all.iter().map(|(_, m)| (m.key.as_str(), m)).collect();
    assert_eq!(by_key.len(), 1, "{by_key:?}");
    let payment = if paid.payment_intent.is_empty() { &paid.charge } else { &paid.payment_intent };
    let first = all.first().unwrap().1.clone();
    for (how, movement) in &all {
        assert_eq!(
            (&movement.payment, movement.money.minor, movement.kind),
            (payment, minor, MovementKind::Paid),
            "{how}"
        );
        let sorted = |list: &[String]| list.iter().cloned().collect::<BTreeSet<_>>();
        assert_eq!(sorted(&movement.reference.numbers), sorted(&first.reference.numbers), "{how}");
        assert_eq!(movement.reference.records, first.reference.records, "{how}");
        assert!((movement.occurred - START_MS / 1000).abs() < 3 * 86_400, "{how}: {}", movement.occurred);
    }
    (first, told)
}

fn post(path: &str, form: &str) -> Request {
    Request::new("POST", format!("https://api.stripe.test{path}"))
        .with("authorization", "Bearer sk_test_sim")
        .body(form.as_bytes())
}

fn told(kinds: &[&str]) -> BTreeSet<String> {
    let ways = ["snapshot", "thin", "pulled"];
    kinds.iter().flat_map(|kind| ways.map(|way| format!("{way} {kind}"))).collect()
}

#[test]
fn our_own_card_payment() {
    let metadata = [("odoo_db", "books"), ("odoo_id", "42"), ("odoo_ref", "INV/2026/00042")];
    let metadata = metadata.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let (movement, kinds) = one_payment(&Pay { metadata, ..Pay::card(115_000, "eur") }, 115_000);
    assert_eq!(movement.reference.records[0].id, 42);
    assert_eq!(kinds, told(&["payment_intent.succeeded", "charge.succeeded", "charge.updated"]));
}

#[test]
fn a_stripe_invoice() {
    let bill = Bill { number: Some("INV/2026/00042".into()), ..Bill::default() };
    let (movement, kinds) = one_payment(&Pay { invoices: vec![bill], ..Pay::card(5_000, "usd") }, 5_000);
    assert_eq!(movement.reference.numbers, ["INV/2026/00042"]);
    let more =
        ["payment_intent.succeeded", "charge.succeeded", "charge.updated", "invoice.paid", "invoice_payment.paid"];
    assert_eq!(kinds, told(&more));
}

#[test]
fn a_payment_of_two_stripe_invoices() {
    let bill = |number: &str, amount| Bill { number: Some(number.into()), amount, ..Bill::default() };
    let invoices = vec![bill("INV/1", 2_000), bill("INV/2", 3_000)];
    let sim = Sim::new();
    let customer = sim.stripe.borrow_mut().handle(&post("/v1/customers", "")).within(20_000).unwrap();
    let customer: serde_json::Value = serde_json::from_slice(&customer.body).unwrap();
    let customer = customer["id"].as_str().map(str::to_owned);
    sim.stripe.borrow_mut().pay(&Pay { invoices, customer, ..Pay::card(5_000, "usd") }).unwrap();
    let all = movements(&sim);
    let keys: BTreeSet<_> = all.iter().map(|(_, m)| (&m.key, m.money.minor)).collect();
    assert_eq!(keys.len(), 1, "{keys:?}");
    let (_, first) = all.iter().find(|(how, _)| how == "snapshot payment_intent.succeeded").unwrap();
    assert_eq!(first.reference.numbers.iter().map(String::as_str).collect::<BTreeSet<_>>(), ["INV/1", "INV/2"].into());
}

#[test]
fn a_checkout_session() {
    let checkout = Checkout { client_reference_id: Some("S00023".into()), ..Checkout::default() };
    let (movement, kinds) = one_payment(&Pay { checkout: Some(checkout), ..Pay::card(700, "jpy") }, 700);
    assert_eq!(
        (movement.reference.numbers.as_slice(), movement.money.to_string()),
        (&["S00023".to_owned()][..], "700 JPY".into())
    );
    assert!(kinds.is_superset(&told(&["checkout.session.completed"])), "{kinds:?}");
}

#[test]
fn a_bank_debit_and_a_charge_without_a_payment_intent() {
    let (_, kinds) = one_payment(&Pay { method: Method::Delayed, ..Pay::card(900, "usd") }, 900);
    assert!(kinds.is_superset(&told(&["payment_intent.succeeded"])), "{kinds:?}");
    let (movement, _) = one_payment(&Pay { bare_charge: true, ..Pay::card(900, "usd") }, 900);
    assert!(movement.payment.starts_with("ch_"));
}

#[test]
fn manual_capture_moves_what_was_captured() {
    let sim = Sim::new();
    let paid = sim.stripe.borrow_mut().pay(&Pay { manual_capture: true, ..Pay::card(1_000, "usd") }).unwrap();
    for body in sim.delivered() {
        assert_eq!(sim.work(&event::parse_event(&body).unwrap(), Some(&body)), [], "before capture");
    }
    sim.stripe.borrow_mut().capture(&paid.payment_intent, Some(600)).unwrap();
    let all = movements(&sim);
    assert!(!all.is_empty() && all.iter().all(|(_, m)| m.money.minor == 600), "{all:?}");
}

#[test]
fn what_moves_no_money_at_stripe_books_nothing() {
    let sim = Sim::new();
    let bill = Bill { amount: 5_000, ..Bill::default() };
    sim.stripe.borrow_mut().pay_elsewhere(&bill, "usd", false);
    sim.stripe.borrow_mut().pay_elsewhere(&bill, "usd", true);
    sim.stripe.borrow_mut().pay(&Pay { method: Method::Declined("lost_card".into()), ..Pay::card(5, "jpy") }).ok();
    let open = sim.stripe.borrow_mut().pay(&Pay { method: Method::ThreeDs, ..Pay::card(500, "usd") }).unwrap();
    sim.stripe.borrow_mut().cancel(&open.payment_intent, Some("abandoned")).unwrap();
    assert_eq!(movements(&sim), []);
}

#[test]
fn the_simulated_account_is_the_one_of_the_key() {
    let (sim, config) = (Sim::new(), config_of_sim());
    assert_eq!(run(key_account(&Client::new(&sim, &config))).unwrap().id, Settings::default().account);
    assert!(EVENT_TYPES.len() <= 40 && MAPPER_VERSION == 2, "recovery asks twice; raise the version with the types");
}
