//! What payers do: open the pay page, confirm, or pay another way.

use quittance::http::{Request, Response};
use quittance::ports::Fut;
use quittance::{cron, queue, routes};
use serde_json::{Value, json};

use super::invariants::{self, Violation};
use super::invoices::major;
use super::plan::BESIDE;
use super::{Payment, Scenario, Tab};
use crate::Party;
use crate::odoo::DATABASE;
use crate::stripe::HALF;
use crate::stripe::merchant::Pay;
use crate::stripe::method::Method;
use crate::world::{STRIPE, WORKER};

type StepText = Option<&'static str>;

impl Scenario {
    /// A link of the merchant's own, whose metadata names the invoice: paid in full, in part, or too much.
    pub(super) fn pays_at_stripe(&mut self) -> StepText {
        let at = self.some_invoice();
        self.pays_invoice(at)
    }

    pub(super) fn pays_invoice(&mut self, at: usize) -> StepText {
        let due = self.open(at).max(100);
        let amount = match self.below(10) {
            0..=2 => 100 + self.below(usize::try_from(due).unwrap_or(0)) as i64,
            3 => due + 500,
            _ => due,
        };
        let invoice = self.invoices.get(at)?;
        let mut metadata = vec![
            ("odoo_db", DATABASE.to_owned()),
            ("odoo_model", "account.move".to_owned()),
            ("odoo_id", invoice.id.to_string()),
        ];
        let mut dated = false;
        if self.rng.percent(70) {
            let number = self.world.odoo.borrow().number(invoice.id);
            let foul = self.rng.percent(30);
            if !foul {
                dated = true;
                metadata.push(("odoo_created", self.world.odoo.borrow().created_at(invoice.id)));
            }
            metadata.push(("odoo_ref", if foul { format!("n\u{ba}{number}\u{0}; {HALF}") } else { number }));
        }
        let metadata = metadata.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let pay = Pay { metadata, ..Pay::card(amount, &invoice.currency.to_lowercase()) };
        self.pays(pay, Some(at), dated)
    }

    /// Money that names nobody, or is described badly.
    pub(super) fn pays_nobodys(&mut self) -> StepText {
        let amount = 500 + self.below(9_000) as i64;
        let currency = self.currency().to_lowercase();
        let foul = format!("Thanks {HALF}\u{0}\u{1b}[31m INV/2031/99999");
        let description = match self.below(4) {
            0 => Some("order INV/2031/99999".to_owned()),
            1 => Some(foul),
            _ => None,
        };
        let bare_charge = self.rng.percent(25);
        self.pays(Pay { description, bare_charge, ..Pay::card(amount, &currency) }, None, false)
    }

    fn pays(&mut self, pay: Pay, invoice: Option<usize>, dated: bool) -> StepText {
        let method = match self.below(12) {
            0 => Method::Declined("insufficient_funds".into()),
            1 | 2 => Method::Delayed,
            3 => Method::DelayedFails("insufficient_funds".into()),
            4 => Method::ThreeDs,
            _ => Method::Card,
        };
        let method = if pay.bare_charge { Method::Card } else { method };
        let debit = method.is_debit();
        let manual_capture = !pay.bare_charge && !debit && self.rng.percent(12);
        let account = (self.plan.beside && self.rng.percent(40)).then(|| BESIDE.to_owned());
        let pay = Pay { method, manual_capture, account, ..pay };
        self.note(|| format!("somebody pays {} {} by {:?}", pay.amount, pay.currency, pay.method));
        let paid = self.world.stripe.borrow_mut().pay(&pay).ok()?;
        let id = if paid.payment_intent.is_empty() { paid.charge } else { paid.payment_intent };
        self.note(|| format!("that is {id}, {}", paid.status));
        // Whoever owns a connected account may name our invoices: it is no payment of them.
        let invoice = invoice.filter(|_| pay.account.is_none());
        self.payments.push(Payment { id, invoice, dated, debit, failed_late: false });
        Some("payment at Stripe")
    }

    /// Somebody opens the page of an invoice.
    pub(super) fn opens_the_page(&mut self) -> Result<StepText, Violation> {
        let at = self.some_invoice();
        self.opens_the_page_of(at)
    }

    pub(super) fn opens_the_page_of(&mut self, at: usize) -> Result<StepText, Violation> {
        let request = self.page_request(at);
        let open = self.open(at);
        let answer = self.world.request(&request);
        self.keep_page(at, answer, open)?;
        Ok(Some("page"))
    }

    fn page_request(&self, at: usize) -> Request {
        let Some(invoice) = self.invoices.get(at) else { return Request::new("POST", "") };
        let mut asked = json!({"invoice": invoice.id, "access_token": invoice.token});
        if self.plan.partial && self.rng.percent(50) {
            let part = invoice.total * (10 + self.below(80) as i64) / 100;
            asked["amount"] = json!(major(part, invoice.currency).to_string());
        }
        Request::new("POST", format!("{WORKER}/api/payment-intents")).body(asked.to_string())
    }

    /// What the page was told: a PaymentIntent that may be paid is kept in its tab.
    /// `open` stood open on the invoice before it was asked.
    fn keep_page(&mut self, at: usize, answer: Option<Response>, open: i64) -> Result<(), Violation> {
        let body: Value =
            answer.as_ref().map(|r| serde_json::from_slice(&r.body).unwrap_or_default()).unwrap_or_default();
        let status = answer.as_ref().map(|response| response.status);
        let state = body["state"].as_str().unwrap_or_default();
        self.note(|| format!("the page is told {status:?} {state} {}", body["payment"]["id"]));
        invariants::page::nothing_needless_stops_it(self.plan.calm, &body)?;
        if state != "open" || body["payment"]["client_secret"].is_null() {
            return Ok(());
        }
        let payment = body["payment"]["id"].as_str().unwrap_or_default().to_owned();
        let minor = body["payment"]["money"]["minor"].as_i64().unwrap_or_default();
        invariants::page::asks_for_what_is_open(minor, open.max(self.open(at)))?;
        invariants::page::may_be_paid(self, at, &payment, minor)?;
        if !self.payments.iter().any(|p| p.id == payment) {
            let id = payment.clone();
            self.payments.push(Payment { id, invoice: Some(at), dated: true, debit: false, failed_late: false });
        }
        self.tabs.push(Tab { invoice: at, payment, minor });
        Ok(())
    }

    /// A payer confirms in a tab, which may be an old one; now and then the browser asks the bank again.
    pub(super) fn confirms(&mut self) -> Result<StepText, Violation> {
        let newest = self.rng.percent(60);
        let Some(at) = self.pick(self.tabs.len()) else { return self.opens_the_page() };
        self.confirms_in(if newest { self.tabs.len() - 1 } else { at })
    }

    /// A payer confirms in one of the tabs.
    pub(super) fn confirms_in(&mut self, at: usize) -> Result<StepText, Violation> {
        let Some(tab) = self.tabs.get(at) else { return Ok(None) };
        let (payment, invoice, shown) = (tab.payment.clone(), tab.invoice, tab.minor);
        // Stripe would let it be paid once more, under the same id.
        if self.payments.iter().any(|p| p.id == payment && p.failed_late) {
            return Ok(None);
        }
        invariants::page::amount_stands(self, &payment, shown)?;
        let (method, debit) = match self.below(10) {
            0 => ("pm_card_chargeDeclined", false),
            1 => ("pm_usBankAccount_success", true),
            2 => ("pm_usBankAccount_insufficientFunds", true),
            3 => ("pm_card_threeDSecure2Required", false),
            _ => ("pm_card_visa", false),
        };
        let path = format!("{STRIPE}/v1/payment_intents/{payment}/confirm");
        let request = Request::new("POST", path).with("authorization", "Bearer sk_test_sim");
        let reply = self.world.stripe.borrow_mut().handle(&request.body(format!("payment_method={method}")));
        let status = reply.within(60_000).map(|response| response.status);
        self.note(|| format!("a payer of invoice {invoice} confirms {payment} with {method}: {status:?}"));
        let known = self.payments.iter_mut().find(|p| p.id == payment);
        known.into_iter().for_each(|p| p.debit |= debit);
        if method.contains("threeDSecure") {
            let passed = self.rng.percent(70);
            let _not_asked = self.world.stripe.borrow_mut().authenticate(&payment, passed);
        }
        Ok(Some("confirmation"))
    }

    /// Somebody keeps the newest tab's key and tries card after card, four a second, for half a minute.
    pub(super) fn tries_cards(&mut self) -> Result<StepText, Violation> {
        let Some(payment) = self.tabs.last().map(|tab| tab.payment.clone()) else { return Ok(None) };
        let mut declines = 0;
        for n in 0..120 {
            let path = format!("{STRIPE}/v1/payment_intents/{payment}/confirm");
            let request = Request::new("POST", path).with("authorization", "Bearer sk_test_sim");
            let request = request.body("payment_method=pm_card_chargeDeclined");
            let reply = self.world.stripe.borrow_mut().handle(&request);
            declines += usize::from(reply.within(60_000).is_ok_and(|response| response.status == 402));
            self.world.clock.advance(250);
            if n % 6 == 5 {
                self.world.work();
            }
        }
        self.note(|| format!("somebody tries cards on {payment}: {declines} declines"));
        // Under a signing secret that the Worker does not know nothing arrives, in a calm scenario too.
        let arrived =
            format!("SELECT id FROM inbox WHERE type = 'payment_intent.payment_failed' AND object = '{payment}'");
        let arrived = self.world.db.query(&arrived).len() > invariants::page::DECLINES_MAX;
        invariants::page::declines_are_braked(self.plan.calm && arrived, &payment, declines)?;
        Ok(Some("card after card"))
    }

    /// Several requests of payers, a batch of the queue and the crons at the same moment.
    pub(super) fn rush_hour(&mut self) -> Result<StepText, Violation> {
        let at = self.some_invoice();
        let requests = [self.page_request(at), self.page_request(at)];
        let open = self.open(at);
        let ids = self.world.db.query("SELECT id FROM inbox WHERE due IS NOT NULL ORDER BY created, id LIMIT 12");
        let ids: Vec<String> = ids.iter().filter_map(|row| row.get("id")?.as_str().map(str::to_owned)).collect();
        let seed = self.rng.draw();
        let (rt, config) = (self.world.runtime().clone(), self.world.config.clone());
        let (rt, config) = (&rt, &config);
        let mut runs: Vec<Fut<'_, Option<Response>>> = Vec::new();
        for request in &requests {
            runs.push(Box::pin(async move { Some(routes::handle(rt, config, request).await) }));
        }
        for schedule in [cron::SWEEP, cron::RECOVER] {
            runs.push(Box::pin(async move {
                cron::tick(rt, config, schedule).await;
                None
            }));
        }
        let ids = &ids;
        runs.push(Box::pin(async move {
            queue::consume(rt, config, ids).await;
            None
        }));
        self.note(|| "rush hour".into());
        let answers = self.world.race(seed, runs);
        for answer in answers.into_iter().take(requests.len()) {
            self.keep_page(at, answer.flatten(), open)?;
        }
        Ok(Some("rush hour"))
    }
}
