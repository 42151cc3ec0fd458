//! The payer and the dashboard: what happens at Stripe without a call of ours.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Stripe;
use super::api::{ApiError, Params, payment_intents, webhook_endpoints};
use super::books::{Place, Scope};
use super::method::Method;
use super::object::Fields;
use super::webhook::{Delivery, Dial};

/// A payment to be made. Amounts are minor units.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pay {
    pub amount: i64,
    pub currency: String,
    pub method: Method,
    /// Authorize only; [`Stripe::capture`] takes the money.
    pub manual_capture: bool,
    pub metadata: BTreeMap<String, String>,
    pub description: Option<String>,
    /// An existing `cus_…`.
    pub customer: Option<String>,
    /// Stripe invoices that it pays. The first takes the amount that the others leave.
    pub invoices: Vec<Bill>,
    /// A checkout session that it goes through.
    pub checkout: Option<Checkout>,
    /// A charge without a PaymentIntent, as old integrations make them.
    pub bare_charge: bool,
    /// A connected account; else the own one.
    pub account: Option<String>,
    /// Else as the settings say.
    pub livemode: Option<bool>,
}

/// A Stripe invoice.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bill {
    /// Minor units; 0 is the rest of the payment.
    pub amount: i64,
    pub number: Option<String>,
    pub customer: Option<String>,
    pub description: Option<String>,
    pub metadata: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Checkout {
    pub client_reference_id: Option<String>,
    pub metadata: BTreeMap<String, String>,
}

/// What a payment made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Paid {
    /// `pi_…`; empty for a bare charge.
    pub payment_intent: String,
    /// `ch_…`; empty when no attempt got as far.
    pub charge: String,
    /// The PaymentIntent's status, or the charge's.
    pub status: String,
    /// `in_…`
    pub invoices: Vec<String>,
    /// `cs_…`
    pub checkout_session: Option<String>,
}

impl Pay {
    /// A card payment.
    pub fn card(amount: i64, currency: &str) -> Self {
        Self { amount, currency: currency.to_owned(), ..Self::default() }
    }
}

impl Stripe {
    /// Lets somebody pay. A decline is no error: the status tells. Errors are those of the API for wrong
    /// amounts, currencies and customers.
    pub fn pay(&mut self, pay: &Pay) -> Result<Paid, ApiError> {
        self.run_agenda();
        let scope = self.outside(pay.account.as_deref(), pay.livemode);
        let intent = payment_intents::create(self, &scope, &Params::parse(form(pay).as_bytes()), !pay.bare_charge)?;
        let id = intent.text("id").to_owned();
        if pay.bare_charge {
            return Ok(self.bare_charge(&scope, &id));
        }
        let others: i64 = pay.invoices.iter().map(|bill| bill.amount).sum();
        let mut invoices = Vec::new();
        for bill in &pay.invoices {
            let total = if bill.amount == 0 { pay.amount - others } else { bill.amount };
            let bill = Bill { customer: bill.customer.clone().or_else(|| pay.customer.clone()), ..bill.clone() };
            let invoice = self.open_invoice(&scope, &bill, total, &pay.currency);
            self.attach(&scope, &invoice, &id);
            invoices.push(invoice);
        }
        let checkout_session = pay.checkout.as_ref().map(|checkout| self.open_session(&scope, checkout, &intent));
        let _declined = self.attempt(&scope, &id, &pay.method);
        let intent = self.get(&scope, "payment_intent", &id).cloned().unwrap_or_default();
        Ok(Paid {
            payment_intent: id,
            charge: intent.text("latest_charge").to_owned(),
            status: intent.text("status").to_owned(),
            invoices,
            checkout_session,
        })
    }

    /// An invoice that is paid without Stripe: out of band, or from the customer's balance.
    pub fn pay_elsewhere(&mut self, bill: &Bill, currency: &str, from_balance: bool) -> String {
        let scope = self.outside(None, None);
        let id = self.open_invoice(&scope, bill, bill.amount, currency);
        if from_balance {
            self.change(&scope, "invoice", &id, json!({"amount_due": 0, "starting_balance": -bill.amount}));
        }
        let invoice = self.close_invoice(&scope, &id, if from_balance { 0 } else { bill.amount });
        self.emit(&scope, "invoice.paid", &invoice, None);
        if from_balance {
            self.emit(&scope, "invoice.payment_succeeded", &invoice, None);
        }
        id
    }

    /// The payer answers the 3-D Secure question of an intent that waits for it.
    pub fn authenticate(&mut self, intent: &str, passed: bool) -> Result<(), ApiError> {
        let scope = self.scope_of(intent)?;
        if passed {
            self.pass(&scope, intent, "card");
        } else {
            let error = json!({
                "type": "invalid_request_error", "code": "payment_intent_authentication_failure",
                "message": "The payer did not authenticate.",
            });
            self.fail(&scope, intent, error);
        }
        Ok(())
    }

    /// Captures an authorization from the dashboard; `None` takes all of it.
    pub fn capture(&mut self, intent: &str, amount: Option<i64>) -> Result<(), ApiError> {
        let scope = self.scope_of(intent)?;
        payment_intents::take(self, &scope, intent, amount).map(|_| ())
    }

    /// Cancels from the dashboard.
    pub fn cancel(&mut self, intent: &str, reason: Option<&str>) -> Result<(), ApiError> {
        let scope = self.scope_of(intent)?;
        payment_intents::give_up(self, &scope, intent, reason).map(|_| ())
    }

    /// A part of a bank transfer arrives for an intent that waits for it.
    pub fn fund(&mut self, intent: &str, amount: i64) -> Result<(), ApiError> {
        let scope = self.scope_of(intent)?;
        let fields = json!({"amount_received": amount, "status": "requires_action"});
        let intent = self.change(&scope, "payment_intent", intent, fields).object;
        self.emit(&scope, "payment_intent.partially_funded", &intent, None);
        Ok(())
    }

    /// Adds an endpoint for all types, with secrets of the caller's, and gives its id. `connect` hears
    /// connected accounts; `thin` receives thin events.
    pub fn listen(&mut self, url: &str, secrets: &[&str], connect: bool, thin: bool) -> String {
        let scope = self.outside(None, None);
        let id = webhook_endpoints::add(self, &scope, url, &["*"]);
        let hook = self.post.hooks.entry(id.clone()).or_default();
        hook.secrets = secrets.iter().map(|secret| ((*secret).to_owned(), None)).collect();
        (hook.connect, hook.thin) = (connect, thin);
        id
    }

    /// Gives an endpoint a new secret; the old ones sign beside it for `keep_ms` more.
    pub fn roll(&mut self, endpoint: &str, secret: &str, keep_ms: i64) {
        let until = self.clock.now_ms() + keep_ms;
        let hook = self.post.hooks.entry(endpoint.to_owned()).or_default();
        hook.secrets.iter_mut().for_each(|(_, end)| *end = Some(end.map_or(until, |end| end.min(until))));
        hook.secrets.push((secret.to_owned(), None));
    }

    /// What goes wrong with deliveries from now on.
    pub fn dial(&mut self) -> &mut Dial {
        &mut self.post.dial
    }

    pub fn deliveries(&self) -> &[Delivery] {
        self.post.deliveries()
    }

    /// Sends the event of a delivery once more; gives the new delivery's id.
    pub fn resend(&mut self, delivery: u64) -> Option<u64> {
        self.post.resend(delivery, self.clock.now_ms())
    }

    /// A scope without an API request behind it.
    pub(super) fn outside(&self, account: Option<&str>, livemode: Option<bool>) -> Scope {
        let home = self.home();
        let place =
            Place { account: account.map_or(home.account, str::to_owned), livemode: livemode.unwrap_or(home.livemode) };
        Scope { place, request: None, idempotency_key: None }
    }

    fn scope_of(&self, intent: &str) -> Result<Scope, ApiError> {
        let found = self.books.iter().find(|(_, books)| books.get("payment_intent", intent).is_some());
        let (place, _) = found.ok_or_else(|| ApiError::no_such("payment_intent", intent, "intent", true))?;
        Ok(Scope { place: place.clone(), request: None, idempotency_key: None })
    }

    /// Pays with a charge alone: the intent was only its draft and goes.
    fn bare_charge(&mut self, scope: &Scope, draft: &str) -> Paid {
        let intent = self.books_mut(&scope.place).remove("payment_intent", draft).unwrap_or_default();
        let mut charge = self.charge_of(scope, &intent, "card");
        charge.put("payment_intent", serde_json::Value::Null);
        let id = charge.text("id").to_owned();
        self.books_mut(&scope.place).put(charge);
        self.book(scope, &id);
        let charge = self.get(scope, "charge", &id).cloned().unwrap_or_default();
        self.emit(scope, "charge.succeeded", &charge, None);
        Paid { charge: id, status: "succeeded".into(), ..Paid::default() }
    }
}

fn form(pay: &Pay) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("amount", &pay.amount.to_string()).append_pair("currency", &pay.currency);
    if pay.manual_capture {
        form.append_pair("capture_method", "manual");
    }
    for (name, value) in [("description", &pay.description), ("customer", &pay.customer)] {
        if let Some(value) = value {
            form.append_pair(name, value);
        }
    }
    for (key, value) in &pay.metadata {
        form.append_pair(&format!("metadata[{key}]"), value);
    }
    form.finish()
}
