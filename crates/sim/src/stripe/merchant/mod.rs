//! The payer and the dashboard: what happens at Stripe without a call of ours.

mod dashboard;
mod dispute;
mod money;
mod order;
mod payout;
mod refund;

use serde_json::json;

use super::Stripe;
use super::api::{ApiError, Params, payment_intents};
use super::books::{Place, Scope};
use super::object::Fields;
pub use dispute::Dispute;
pub use order::{Bill, Checkout, Paid, Pay};
pub use payout::Payout;
pub use refund::Refund;

impl Stripe {
    /// Lets somebody pay. A decline is no error: the status tells. Errors are those of the API for wrong
    /// amounts, currencies and customers.
    pub fn pay(&mut self, pay: &Pay) -> Result<Paid, ApiError> {
        self.run_agenda();
        let scope = self.outside(pay.account.as_deref(), pay.livemode);
        let intent =
            payment_intents::create(self, &scope, &Params::parse(order::form(pay).as_bytes()), !pay.bare_charge)?;
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
        let scope = self.scope_of("payment_intent", intent)?;
        let waits = payment_intents::waiting(self, &scope, intent)?;
        let id = waits.text("id");
        if passed {
            self.passed_challenge(&scope, id);
        } else {
            let error = json!({
                "type": "invalid_request_error", "code": "payment_intent_authentication_failure",
                "message": "Your bank could not confirm that it is you. Use another payment method, or try again.",
            });
            self.fail(&scope, id, error);
        }
        Ok(())
    }

    /// The merchant's account captures by hand: an intent that is not confirmed yet will wait for it.
    pub fn capture_by_hand(&mut self, intent: &str) -> Result<(), ApiError> {
        let scope = self.scope_of("payment_intent", intent)?;
        self.change(&scope, "payment_intent", intent, json!({"capture_method": "manual"}));
        Ok(())
    }

    /// Captures an authorization from the dashboard; `None` takes all of it.
    pub fn capture(&mut self, intent: &str, amount: Option<i64>) -> Result<(), ApiError> {
        let scope = self.scope_of("payment_intent", intent)?;
        payment_intents::take(self, &scope, intent, amount, true).map(|_| ())
    }

    /// Captures a part of an authorization, of which more will be captured, or with the `last` one nothing more. A last one of
    /// nothing only releases what is left.
    pub fn capture_part(&mut self, intent: &str, amount: i64, last: bool) -> Result<(), ApiError> {
        let scope = self.scope_of("payment_intent", intent)?;
        payment_intents::take(self, &scope, intent, Some(amount), last).map(|_| ())
    }

    /// Cancels from the dashboard.
    pub fn cancel(&mut self, intent: &str, reason: Option<&str>) -> Result<(), ApiError> {
        let scope = self.scope_of("payment_intent", intent)?;
        payment_intents::give_up(self, &scope, intent, reason).map(|_| ())
    }

    /// A part of a bank transfer arrives for an intent that waits for it.
    pub fn fund(&mut self, intent: &str, amount: i64) -> Result<(), ApiError> {
        let scope = self.scope_of("payment_intent", intent)?;
        let fields = json!({"amount_received": amount, "status": "requires_action"});
        let intent = self.change(&scope, "payment_intent", intent, fields).object;
        self.emit(&scope, "payment_intent.partially_funded", &intent, None);
        Ok(())
    }

    /// A scope without an API request behind it.
    pub(super) fn outside(&self, account: Option<&str>, livemode: Option<bool>) -> Scope {
        let home = self.home();
        let place =
            Place { account: account.map_or(home.account, str::to_owned), livemode: livemode.unwrap_or(home.livemode) };
        Scope { place, request: None, idempotency_key: None }
    }

    /// The place where an object stands, without an API request behind it.
    fn scope_of(&self, kind: &str, id: &str) -> Result<Scope, ApiError> {
        let found = self.books.iter().find(|(_, books)| books.get(kind, id).is_some());
        let (place, _) = found.ok_or_else(|| ApiError::no_such(kind, id, "id", true))?;
        Ok(Scope { place: place.clone(), request: None, idempotency_key: None })
    }

    /// Pays with a charge alone: the intent was only its draft and goes.
    fn bare_charge(&mut self, scope: &Scope, draft: &str) -> Paid {
        let intent = self.books_mut(&scope.place).remove("payment_intent", draft).unwrap_or_default();
        let mut charge = self.charge_of(scope, &intent);
        charge.put("payment_intent", serde_json::Value::Null);
        let id = charge.text("id").to_owned();
        self.books_mut(&scope.place).put(charge);
        self.book(scope, &id);
        let charge = self.get(scope, "charge", &id).cloned().unwrap_or_default();
        self.emit(scope, "charge.succeeded", &charge, None);
        Paid { charge: id, status: "succeeded".into(), ..Paid::default() }
    }
}
