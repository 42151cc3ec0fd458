//! What the demonstration does, each step checked.

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use quittance_sim::odoo::{DATABASE, PaymentView};
use quittance_sim::stripe::merchant::Pay;
use quittance_sim::stripe::webhook::Delivery;

use super::{Odoo, Stripe, ended};
use crate::worker::Worker;

/// How long any step may take: the queue waits a second for its batch, workerd starts cold.
const PATIENCE: Duration = Duration::from_secs(20);
/// Longer than a batch of the queue waits and an event takes: what would be booked twice is booked by then.
const SETTLED: Duration = Duration::from_millis(2500);
const EVENT: &str = "payment_intent.succeeded";

pub struct Script {
    pub stripe: Stripe,
    pub odoo: Odoo,
    pub worker: Worker,
    /// Id in Odoo.
    pub invoice: i64,
}

/// A payment at Stripe.
pub struct Payment {
    pub intent: String,
    pub began: Instant,
}

impl Script {
    /// The customer pays the invoice by card.
    pub fn pay(&self) -> Result<Payment> {
        let metadata = BTreeMap::from([
            ("odoo_db".to_owned(), DATABASE.to_owned()),
            ("odoo_model".to_owned(), "account.move".to_owned()),
            ("odoo_id".to_owned(), self.invoice.to_string()),
            ("odoo_ref".to_owned(), self.odoo.look().number(self.invoice)),
        ]);
        let began = Instant::now();
        let paid = self.stripe.look().pay(&Pay { metadata, ..Pay::card(115_000, "usd") });
        let paid = paid.ok().context("the simulated Stripe takes the card")?;
        ensure!(paid.status == "succeeded", "the payment is {}", paid.status);
        Ok(Payment { intent: paid.payment_intent, began })
    }

    /// The delivery of the payment's success and the status it was answered with, which must be 200.
    pub fn delivered(&self, intent: &str) -> Result<(Delivery, u16)> {
        let delivery = self.eventually("the webhook is answered", || {
            let stripe = self.stripe.look();
            let of = |d: &&Delivery| d.kind == EVENT && String::from_utf8_lossy(&d.body).contains(intent);
            stripe.deliveries().iter().find(of).filter(|d| ended(d.state)).cloned()
        })?;
        match delivery.answers.as_slice() {
            [Some(200)] => Ok((delivery, 200)),
            answers => bail!("the webhook was answered {answers:?}\n{}", self.worker.last_lines()),
        }
    }

    /// The one payment in Odoo, once the invoice is paid.
    pub fn booked_payment(&self) -> Result<PaymentView> {
        self.eventually("the invoice is paid", || {
            let odoo = self.odoo.look();
            odoo.residual(self.invoice).is_zero().then_some(())
        })?;
        self.only_payment()
    }

    fn only_payment(&self) -> Result<PaymentView> {
        let mut payments = self.odoo.look().payments();
        ensure!(payments.len() == 1, "there are {} payments instead of one", payments.len());
        payments.pop().context("there is a payment")
    }

    /// Sends a delivery once more; nothing may change in the books.
    pub fn resend(&self, delivery: &Delivery) -> Result<()> {
        let again = self.stripe.look().resend(delivery.id).context("the event can be sent again")?;
        let twin = self.eventually("the duplicate is answered", || {
            let stripe = self.stripe.look();
            stripe.deliveries().iter().find(|d| d.id == again).filter(|d| ended(d.state)).cloned()
        })?;
        ensure!(twin.answers == [Some(200)], "the duplicate was answered {:?}", twin.answers);
        sleep(SETTLED);
        self.only_payment().map(drop)
    }

    /// Posts an event that nobody signed; gives the status and code it is refused with.
    pub fn forge(&self) -> Result<String> {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut answer = agent
            .post(format!("{}/webhooks/stripe", self.worker.url))
            .header("stripe-signature", "t=1,v1=00")
            .send(r#"{"id":"evt_forged","object":"event","type":"payment_intent.succeeded"}"#)?;
        let (status, body) = (answer.status().as_u16(), answer.body_mut().read_to_string()?);
        let body: serde_json::Value = serde_json::from_str(&body)?;
        let code = body.pointer("/error/code").and_then(|code| code.as_str()).unwrap_or_default();
        ensure!(status == 400 && code == "signature_invalid", "the forged event was answered {status} {body}");
        Ok(format!("{status} {code}"))
    }

    /// Every event with its state and every posting, one line each; the payment must be done and its receipt posted once.
    /// Its balance transaction may still be on its way.
    pub fn ledger(&self) -> Result<Vec<String>> {
        let events =
            self.worker.query("SELECT id, type, state, coalesce(code, '') code FROM inbox ORDER BY created, id")?;
        let postings = self.worker.query("SELECT key, minor, currency, name FROM postings")?;
        let text = |row: &serde_json::Value, name: &str| match row.get(name) {
            Some(serde_json::Value::String(text)) => text.clone(),
            other => other.map(ToString::to_string).unwrap_or_default(),
        };
        let done = events.iter().any(|row| text(row, "type") == EVENT && text(row, "state") == "done");
        let receipts = postings.iter().filter(|row| text(row, "key").ends_with(":succeeded")).count();
        ensure!(done && receipts == 1, "the ledger has {events:?} and {postings:?}");
        let event = |row| {
            format!("{:<28} {:<8} {:<26} {}", text(row, "type"), text(row, "state"), text(row, "id"), text(row, "code"))
        };
        let posting = |row| {
            format!(
                "posting {}  {} {}  {}",
                text(row, "key"),
                text(row, "minor"),
                text(row, "currency"),
                text(row, "name")
            )
        };
        Ok(events.iter().map(event).chain(postings.iter().map(posting)).collect())
    }

    fn eventually<T>(&self, what: &str, look: impl Fn() -> Option<T>) -> Result<T> {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if let Some(seen) = look() {
                return Ok(seen);
            }
            sleep(Duration::from_millis(2));
        }
        bail!("{what}: not within {} s\n{}", PATIENCE.as_secs(), self.worker.last_lines())
    }
}
