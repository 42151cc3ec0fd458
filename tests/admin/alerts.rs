//! People are told once while it lasts, again when there is more, and once a day.

use std::cell::RefCell;
use std::rc::Rc;

use quittance::config::{Secret, SigningSecret};
use quittance::flow::alert;
use quittance::http::{Request, Response};
use quittance::ports::{Fut, Http, HttpFault, Runtime};
use quittance::stripe::signature;
use quittance_sim::stripe::merchant::Pay;
use serde_json::{Value, json};

use super::*;
use crate::common::*;

const URL: &str = "https://hooks.slack.com/services/x";

/// Whoever takes alerts, or does not; what is not for him goes to the parties.
pub struct Hook {
    taken: RefCell<Vec<Request>>,
    status: RefCell<u16>,
    /// Requests to the parties, by method and path.
    pub asked: RefCell<Vec<String>>,
    others: Rc<dyn Http>,
}

impl Http for Hook {
    fn send(&self, request: Request, timeout: u32) -> Fut<'_, Result<Response, HttpFault>> {
        if request.url != URL {
            self.asked.borrow_mut().push(format!("{} {}", request.method, request.path()));
            return self.others.send(request, timeout);
        }
        let status = *self.status.borrow();
        if status == 200 {
            self.taken.borrow_mut().push(request);
        }
        Box::pin(async move { Ok(Response { status, headers: Vec::new(), body: Vec::new() }) })
    }
}

pub struct Scene {
    pub world: World,
    pub rt: Runtime,
    pub hook: Rc<Hook>,
}

impl Scene {
    pub fn new(seed: u64) -> Self {
        Self::around(world(seed))
    }

    pub fn around(mut world: World) -> Self {
        world.set("ALERT_URL", URL);
        world.set("ALERT_SECRET", "a secret of the receiver");
        // The world's own crons do not run: it has no such address.
        world.cron_sleeps = true;
        let (taken, asked, others) = (RefCell::default(), RefCell::default(), world.runtime().http.clone());
        let hook = Rc::new(Hook { taken, status: RefCell::new(200), asked, others });
        let rt = Runtime { http: hook.clone(), ..world.runtime().clone() };
        Self { world, rt, hook }
    }

    /// The texts told in the next run.
    pub fn minute(&self) -> Vec<String> {
        self.world.db.begin_invocation();
        now(alert::minute(&self.rt, &self.world.config)).unwrap();
        self.told()
    }

    /// The same of a quarter of an hour's.
    pub fn quarter(&self) -> Vec<String> {
        self.world.db.begin_invocation();
        now(alert::quarter(&self.rt, &self.world.config)).unwrap();
        self.told()
    }

    pub fn told(&self) -> Vec<String> {
        let read = |request: Request| serde_json::from_slice::<Value>(&request.body).unwrap();
        self.hook.taken.take().into_iter().map(read).map(|body| body["text"].as_str().unwrap().to_owned()).collect()
    }

    pub fn later(&self, seconds: i64) {
        self.world.clock.advance(seconds * 1_000);
    }
}

#[test]
fn what_is_parked_is_told_once_and_again_when_there_is_more() {
    let mut scene = Scene::new(61);
    assert!(scene.minute().is_empty());
    pay(&scene.world, &with(5_000, "gbp", vec![]));
    scene.world.pass(120);
    let told = scene.minute();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("Quittance: ") && told[0].contains("currency_inactive") && told[0].contains("replay"),
        "{told:?}"
    );
    for _ in 0..30 {
        scene.later(60);
        assert!(scene.minute().is_empty(), "not every minute");
    }
    let listed = get(&scene.world, "/admin/api/health")["alerts"].clone();
    assert_eq!((&listed[0]["kind"], &listed[0]["times"]), (&json!("parked"), &json!(1)));
    pay(&scene.world, &with(6_000, "gbp", vec![]));
    scene.world.pass(120);
    assert_eq!(scene.minute().len(), 1, "there are more");
    // More within a quarter of an hour waits for its end.
    pay(&scene.world, &with(7_000, "gbp", vec![]));
    scene.world.pass(120);
    assert!(scene.minute().is_empty());
    scene.later(900);
    assert_eq!(scene.minute().len(), 1);
    scene.later(86_400);
    assert_eq!(scene.minute().len(), 1, "once a day while it lasts");
    scene
        .world
        .db
        .run(&[quittance::ports::Stmt::new(
            "UPDATE inbox SET state = 'ignored', body = NULL WHERE state = 'parked'",
            [],
        )])
        .unwrap();
    assert!(scene.minute().is_empty());
    assert_eq!(get(&scene.world, "/admin/api/health")["alerts"], json!([]));
    assert!(scene.world.db.query("SELECT * FROM alerts").is_empty());
    scene.world.finish();
}

#[test]
fn it_is_signed_and_what_is_not_taken_is_sent_again() {
    let mut scene = Scene::new(62);
    pay(&scene.world, &Pay::card(700, "usd"));
    scene.world.pass(120);
    scene.hook.status.replace(500);
    assert!(scene.minute().is_empty());
    assert_eq!(scene.world.logged("alert_not_sent").len(), 1);
    scene.later(60);
    scene.hook.status.replace(200);
    now(alert::minute(&scene.rt, &scene.world.config)).unwrap();
    let request = scene.hook.taken.borrow()[0].clone();
    let endpoint = quittance::config::webhook::EndpointScope { livemode: false, connect: false };
    let secret = SigningSecret { secret: Secret::new("a secret of the receiver"), endpoint };
    let header = request.header("quittance-signature").unwrap();
    assert_eq!(
        signature::verify(&request.body, header, &[secret], quittance::ports::Clock::now(&scene.world.clock))
            .map(|verified| verified.signed),
        Ok(signature::SignerCoverage::Whole)
    );
    let told = scene.told();
    assert!(told[0].contains("1 receipt has money that is not allocated to an invoice."), "{told:?}");
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["quittance"]["kind"], "unallocated");
    scene.world.finish();
}

#[test]
fn a_pause_and_a_proof_that_differs_are_told_with_what_to_do() {
    let scene = Scene::new(63);
    let at = quittance::ports::Clock::now(&scene.world.clock);
    let pause = "UPDATE delivery SET failures = 3, paused_until = ?1 + 600, code = 'erp_auth', detail = 'The login is refused.', since = ?1";
    scene.world.db.run(&[quittance::ports::Stmt::new(pause, [at.into()])]).unwrap();
    assert!(scene.minute().is_empty(), "not yet a minute");
    scene.later(61);
    let told = scene.minute();
    assert!(
        told.len() == 1 && told[0].contains("erp_auth: The login is refused.") && told[0].contains("set ODOO_LOGIN"),
        "{told:?}"
    );
    act(&scene.world, "/admin/api/proof", json!({"verdict": "differs", "summary": "USD: -1.00"}));
    let told = scene.minute();
    assert!(told.len() == 1 && told[0].contains("USD: -1.00"), "{told:?}");
    act(&scene.world, "/admin/api/proof", json!({"verdict": "equal", "summary": "all"}));
    assert!(scene.minute().is_empty());
    let left = scene.world.db.query("SELECT kind FROM alerts");
    assert_eq!(left.len(), 1);
    let mend = "UPDATE delivery SET failures = 0, paused_until = 0";
    scene.world.db.run(&[quittance::ports::Stmt::new(mend, [])]).unwrap();
    assert!(scene.minute().is_empty());
    scene.world.finish();
}

#[test]
fn silence_is_told_only_while_stripe_has_events() {
    let mut scene = Scene::new(64);
    let id = invoice(&scene.world, "10.00", "USD");
    pay_invoice(&scene.world, id, 1_000, "usd");
    scene.world.pass(60);
    scene.later(2 * 3_600);
    assert!(scene.quarter().is_empty(), "nothing happened at Stripe");
    // Webhooks are lost; the list of events has them.
    let id = invoice(&scene.world, "20.00", "USD");
    pay_invoice(&scene.world, id, 2_000, "usd");
    let lost = quittance_sim::Party::outgoing(&mut *scene.world.stripe.borrow_mut());
    assert!(!lost.is_empty());
    scene.world.tick(quittance::cron::RECOVER);
    let told = scene.quarter();
    assert!(
        told.len() == 1
            && told[0].contains("No webhook has come since 2026-11-2")
            && told[0].contains("quittance doctor"),
        "{told:?}"
    );
    assert!(scene.minute().is_empty(), "the minute leaves it");
    assert!(scene.quarter().is_empty());
    for delivery in lost {
        quittance_sim::Party::answered(&mut *scene.world.stripe.borrow_mut(), delivery.id, None);
    }
    scene.world.pass(6 * 3_600);
    assert!(scene.quarter().is_empty());
    assert!(scene.world.db.query("SELECT * FROM alerts").is_empty(), "they come again");
    scene.world.finish();
}
