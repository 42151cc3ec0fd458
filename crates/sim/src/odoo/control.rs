//! `/_sim/…`: the desk over HTTP, for the demo, curl and tests in other languages. Answers JSON.
//!
//! * `POST /_sim/invoice` `{amount, currency?, partner?, email?, lang?, terms?, due?, company?, draft?, pay_at?}` makes a
//!   posted invoice; `terms` are instalments `30@0 30@10 40@30` (percent @ days after today) or a discount `-2@7`; with
//!   `pay_at`, the origin of a pay page, the answer has its `pay_link`
//! * `GET /_sim/invoices/{id}`, `GET /_sim/payments`
//! * `POST /_sim/invoices/{id}/pay` `{amount}` registers a payment by hand
//! * `POST /_sim/partners/{id}` `{email}` changes a contact's address, `POST /_sim/partners/{id}/merge` `{into}` merges it
//! * `POST /_sim/invoices/{id}/cancel`, `POST /_sim/payments/{id}/cancel`, `DELETE /_sim/payments/{id}`
//! * `GET /_sim/books` what stands in the first company's books about Stripe ([`super::audit`])
//! * `POST /_sim/currency` `{currency, rate, settle?}` gives it a rate, `rate` units for one of its own; with `settle` it is a
//!   further settlement currency
//! * `POST /_sim/users` `{login, key, groups: ["account.group_account_invoice"]}` makes a user with an API key
//! * `POST /_sim/faults` `{fault, on?, skip?, times?, percent?, ms?, status?}`, `DELETE /_sim/faults` clears them
//! * `POST /_sim/reset` goes back to the first state

use quittance::http::{Request, Response};
use serde_json::{Value, json};

use super::Odoo;
use super::desk_actions::Invoice;
use super::fault::{Fault, Rule};
use super::num;

impl Odoo {
    pub(super) fn control(&mut self, request: &Request) -> Response {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let path: Vec<&str> = request.path().trim_matches('/').split('/').skip(1).collect();
        let answer = match (request.method.as_str(), path.as_slice()) {
            ("POST", ["invoice"]) => Some(self.made(&body)),
            ("GET", ["invoices", id]) => id.parse().ok().and_then(|id| self.shown_invoice(id)),
            ("POST", ["invoices", id, "cancel"]) => id.parse().ok().and_then(|id| {
                self.cancel_invoice(id);
                self.shown_invoice(id)
            }),
            ("POST", ["invoices", id, "pay"]) => id.parse().ok().and_then(|id| {
                let amount = body.get("amount").and_then(num::decimal).unwrap_or_else(|| self.residual(id));
                self.pay_by_hand(id, &amount.to_string());
                self.shown_invoice(id)
            }),
            ("POST", ["partners", id]) => id.parse().ok().map(|id| {
                self.change_email(id, body.get("email").and_then(Value::as_str).unwrap_or(""));
                json!({"ok": true})
            }),
            ("POST", ["partners", id, "merge"]) => id.parse().ok().and_then(|id| {
                self.merge_partners(id, body.get("into").and_then(num::int)?);
                Some(json!({"ok": true}))
            }),
            ("GET", ["payments"]) => Some(self.shown_payments()),
            ("GET", ["books"]) => Some(self.audited()),
            ("POST", ["currency"]) => {
                let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or("");
                self.set_rate(text("currency"), 1, text("rate"));
                if body.get("settle").is_some_and(num::truthy) {
                    self.settle_in(1, text("currency"));
                }
                Some(json!({"ok": true}))
            }
            ("POST", ["payments", id, "cancel"]) => id.parse().ok().map(|id| {
                self.cancel_payment(id);
                self.shown_payments()
            }),
            ("DELETE", ["payments", id]) => id.parse().ok().map(|id| {
                self.delete_payment(id);
                self.shown_payments()
            }),
            ("POST", ["users"]) => {
                let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or("");
                let groups = body.get("groups").and_then(Value::as_array).into_iter().flatten();
                let groups: Vec<&str> = groups.filter_map(Value::as_str).collect();
                Some(json!({"id": self.user(text("login"), text("key"), &groups)}))
            }
            ("POST", ["faults"]) => rule(&body).map(|rule| {
                self.dial.add(rule);
                json!({"ok": true})
            }),
            ("DELETE", ["faults"]) => {
                self.dial.clear();
                Some(json!({"ok": true}))
            }
            ("POST", ["reset"]) => {
                self.reset();
                Some(json!({"ok": true}))
            }
            _ => None,
        };
        answer.map_or_else(|| Response::json(404, &json!({"error": "no such thing here"})), |a| Response::json(200, &a))
    }

    fn made(&mut self, body: &Value) -> Value {
        let text = |name: &str, default: &str| body.get(name).and_then(Value::as_str).unwrap_or(default).to_owned();
        let amount = body.get("amount").and_then(num::decimal).unwrap_or_default().to_string();
        let (currency, partner, due) = (text("currency", "USD"), text("partner", "Ada Payer"), text("due", ""));
        let (email, lang, terms) = (text("email", ""), text("lang", ""), text("terms", ""));
        let wish = Invoice {
            amount: &amount,
            currency: &currency,
            partner: &partner,
            due: &due,
            company: body.get("company").and_then(num::int).unwrap_or(1),
            draft: body.get("draft").is_some_and(num::truthy),
            email: &email,
            lang: &lang,
            terms: &terms,
        };
        let id = self.invoice(&wish);
        let mut shown = self.shown_invoice(id).unwrap_or_default();
        if let (Some(origin), Some(shown)) = (body.get("pay_at").and_then(Value::as_str), shown.as_object_mut()) {
            let link = format!("{origin}/pay/{id}?access_token={}", self.token(id));
            shown.insert("pay_link".into(), json!(link));
        }
        shown
    }

    fn shown_invoice(&mut self, id: i64) -> Option<Value> {
        self.store.get("account.move", id)?;
        let portal = self.portal_url(id);
        self.store.commit();
        let text = |column: &str| self.store.text("account.move", id, column);
        let currency = self.store.int("account.move", id, "currency_id").unwrap_or_default();
        Some(json!({"id": id, "name": text("name"), "state": text("state"), "payment_state": text("payment_state"),
            "residual": num::fixed(self.residual(id), self.places(currency)), "access_token": text("access_token"),
            "currency": self.store.text("res.currency", currency, "name"), "portal_url": portal,
            "total": num::fixed(self.amount("account.move", id, "amount_total"), self.places(currency)),
            "partner": self.payer(id), "uuid": self.uuid(), "notes": self.notes(id)}))
    }

    fn shown_payments(&self) -> Value {
        let one = |p: super::PaymentView| {
            json!({"id": p.id, "name": p.name, "state": p.state, "amount": p.amount.to_string(), "currency": p.currency,
                "memo": p.memo, "date": p.date, "partner": p.partner, "company": p.company, "invoices": p.invoices,
                "unallocated": p.unallocated.to_string()})
        };
        self.payments().into_iter().map(one).collect()
    }
}

/// A fault rule from JSON; faults by their name in snake case.
fn rule(body: &Value) -> Option<Rule> {
    let number = |name: &str| body.get(name).and_then(num::int);
    let fault = match body.get("fault")?.as_str()? {
        "down" => Fault::Down,
        "timed_out" => Fault::TimedOut,
        "answer_lost" => Fault::AnswerLost,
        "timed_out_after_commit" => Fault::TimedOutAfterCommit,
        "slow" => Fault::Slow(u32::try_from(number("ms")?).ok()?),
        "endless" => Fault::Endless,
        "status" => Fault::Status(u16::try_from(number("status")?).ok()?),
        "html_404" => Fault::Html404,
        "database_down" => Fault::DatabaseDown,
        "serialization" => Fault::Serialization,
        "auth_revoked" => Fault::AuthRevoked,
        "rights_removed" => Fault::RightsRemoved,
        "procedure_missing" => Fault::ProcedureMissing,
        "procedure_changed" => Fault::ProcedureChanged,
        _ => return None,
    };
    Some(Rule {
        fault,
        on: body.get("on").and_then(Value::as_str).unwrap_or("").to_owned(),
        skip: number("skip").and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
        times: number("times").and_then(|n| u32::try_from(n).ok()),
        percent: number("percent").and_then(|n| u8::try_from(n).ok()).unwrap_or(100),
    })
}
