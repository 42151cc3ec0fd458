//! Stripe, Odoo and a Worker on one network.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, UNIX_EPOCH};

use quittance::http::Response;
use quittance::ports::{Clock as _, Http};
use quittance_cli::ports::SystemClock;
use quittance_cli::settings::Settings;
use quittance_sim::odoo::{ADMIN_KEY, ADMIN_LOGIN, CLERK_KEY, CLERK_LOGIN, DATABASE, Odoo, Version};
use quittance_sim::stripe::{Key, Settings as Merchant, Stripe};
use quittance_sim::{Clock, Party};

use super::{Scratch, Switch, clock};

pub const WORKER: &str = "https://quittance.example.workers.dev";

/// A whole world, and the parts that a test may spoil.
pub struct World {
    pub odoo: Rc<RefCell<Odoo>>,
    pub stripe: Rc<RefCell<Stripe>>,
    /// Of both; commands have the machine's own.
    pub clock: Clock,
    pub worker: Rc<RefCell<(u16, &'static str)>>,
    /// Seconds that Stripe's clock is ahead of this machine's.
    pub ahead: Rc<RefCell<i64>>,
    /// Seconds that the Worker's clock is ahead of this machine's; `None`: its answers have no date.
    pub worker_ahead: Rc<RefCell<Option<i64>>>,
    pub http: Rc<dyn Http>,
    pub settings: Settings,
    pub file: Scratch,
}

impl World {
    /// Keys and addresses are known, nothing is set up.
    pub fn fresh(name: &str) -> Self {
        Self::of(name, Version::V18)
    }

    /// The same with an Odoo of this version.
    pub fn of(name: &str, version: Version) -> Self {
        let clock = clock();
        let mut bare = Odoo::fresh(version, clock.clone(), 1);
        bare.user(CLERK_LOGIN, CLERK_KEY, &["account.group_account_invoice"]);
        let odoo = Rc::new(RefCell::new(bare));
        let mut merchant = Merchant::default();
        merchant
            .keys
            .push(Key::restricted("rk_test_poor", &["accounts_kyc_basic_read", "payment_intent_read", "event_read"]));
        let stripe = Rc::new(RefCell::new(Stripe::new(merchant, clock.clone())));
        let worker = Rc::new(RefCell::new((200, "signature_invalid")));
        let ahead = Rc::new(RefCell::new(0));
        let worker_ahead = Rc::new(RefCell::new(Some(0)));
        let (o, s, w, a) = (odoo.clone(), stripe.clone(), worker.clone(), ahead.clone());
        let wa = worker_ahead.clone();
        let switch = Switch(vec![
            (
                "http://127.0.0.1:8069",
                Box::new(move |request, timeout| o.borrow_mut().handle(&request).within(timeout)),
            ),
            (
                "https://api.stripe.com",
                Box::new(move |request, timeout| {
                    let mut response = s.borrow_mut().handle(&request).within(timeout)?;
                    response.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("date"));
                    Ok(response.with("date", date(*a.borrow())))
                }),
            ),
            (
                WORKER,
                Box::new(move |request, _| {
                    let (health, code) = *w.borrow();
                    let refusal = serde_json::json!({"error": {"code": code}});
                    let status = match request.path() {
                        "/health" => health,
                        "/pay/1" => 200,
                        _ => 400,
                    };
                    let policy = "frame-ancestors http://127.0.0.1:8069; base-uri 'none'";
                    let response = Response::json(status, &refusal).with("content-security-policy", policy);
                    Ok(match *wa.borrow() {
                        Some(ahead) => response.with("date", date(ahead)),
                        None => response,
                    })
                }),
            ),
        ]);
        let http: Rc<dyn Http> = Rc::new(switch);
        let file = Scratch::new(name);
        let settings = Settings::from_pairs([
            ("STRIPE_API_KEY", "sk_test_sim"),
            ("ODOO_URL", "http://127.0.0.1:8069"),
            ("ODOO_DB", DATABASE),
            ("ODOO_LOGIN", CLERK_LOGIN),
            ("ODOO_API_KEY", CLERK_KEY),
            ("ODOO_SETUP_LOGIN", ADMIN_LOGIN),
            ("ODOO_SETUP_API_KEY", ADMIN_KEY),
            ("WORKER_URL", WORKER),
        ])
        .with_file(&file.0);
        Self { odoo, stripe, clock, worker, ahead, worker_ahead, http, settings, file }
    }
}

impl World {
    /// Lets Stripe's time pass until nothing is due.
    pub fn run_out(&self) {
        loop {
            let mut stripe = self.stripe.borrow_mut();
            for outgoing in stripe.outgoing() {
                stripe.answered(outgoing.id, Some(200));
            }
            match stripe.next_due() {
                Some(due) => self.clock.advance_to(due),
                None => return,
            }
        }
    }

    /// Seconds since 1970, by the clock of Stripe and Odoo.
    pub fn now(&self) -> i64 {
        self.clock.now_ms() / 1_000
    }
}

/// A `Date` header so many seconds from now.
fn date(ahead: i64) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs((SystemClock.now() + ahead) as u64))
}
