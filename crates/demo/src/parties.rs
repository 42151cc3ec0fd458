//! The simulated Stripe and Odoo inside this process, on local ports.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use quittance_sim::odoo::{CLERK_KEY, CLERK_LOGIN, DATABASE, Odoo, Version};
use quittance_sim::stripe::{Settings, Stripe};
use quittance_sim::{Clock, tcp};

/// A party that this process serves and looks into.
pub struct Served<P> {
    pub party: Arc<Mutex<P>>,
    handle: tcp::Handle,
}

impl<P: quittance_sim::Party + 'static> Served<P> {
    fn new(party: P, port: u16) -> Result<Self> {
        let party = Arc::new(Mutex::new(party));
        let addr = format!("127.0.0.1:{port}");
        let handle = tcp::serve(&addr, party.clone())
            .with_context(|| format!("{addr} is taken: end what listens there and try again"))?;
        Ok(Self { party, handle })
    }

    pub fn url(&self) -> String {
        self.handle.url()
    }

    /// The party between two requests.
    pub fn look(&self) -> MutexGuard<'_, P> {
        self.party.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A Stripe that posts every event to the Worker. `port` 0 takes a free one.
pub fn stripe(port: u16) -> Result<Served<Stripe>> {
    // Ids of an earlier run may stand in a ledger that was kept.
    let settings = Settings { seed: seed(), settle_after_ms: 500, ..Settings::default() };
    Served::new(Stripe::new(settings, Clock::real()), port)
}

/// An Odoo as `quittance setup odoo` leaves it. `port` 0 takes a free one.
pub fn odoo(version: Version, port: u16) -> Result<Served<Odoo>> {
    Served::new(Odoo::provisioned(version, Clock::real(), seed()), port)
}

/// What the Worker is told to reach a simulated Odoo.
pub fn odoo_settings(url: String) -> Vec<(&'static str, String)> {
    vec![
        ("ODOO_URL", url),
        ("ODOO_DB", DATABASE.to_owned()),
        ("ODOO_LOGIN", CLERK_LOGIN.to_owned()),
        ("ODOO_API_KEY", CLERK_KEY.to_owned()),
    ]
}

/// What the Worker is told to reach the simulated Stripe and to verify its webhooks.
pub fn stripe_settings(url: String, secret: &str) -> Vec<(&'static str, String)> {
    vec![
        ("STRIPE_API_BASE", url),
        ("STRIPE_API_KEY", "sk_test_sim".to_owned()),
        ("STRIPE_WEBHOOK_SECRETS", secret.to_owned()),
        ("STRIPE_PUBLISHABLE_KEY", "pk_test_sim".to_owned()),
        // Everything that a simulated Stripe has is new.
        ("BOOK_FROM", "0".to_owned()),
    ]
}

/// A signing secret of Stripe's form, new for each run.
pub fn webhook_secret() -> Result<String> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).ok().context("the machine gives no random numbers")?;
    Ok(format!("whsec_{}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}

fn seed() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_nanos() as u64)
}
