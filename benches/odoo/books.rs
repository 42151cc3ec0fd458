//! A real Odoo, set up by the product, and what is measured there.

use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow, ensure};
use quittance::config::Secret;
use quittance::erp::odoo::procedure::FORM;
use quittance::erp::odoo::setup::{OwnerScope as Kept, Stripe};
use quittance::erp::odoo::transport::{Client, Session};
use quittance_cli::odoo::{Arguments, setup, setup_client};
use quittance_cli::ports::{Network, block_on};
use quittance_cli::settings::Settings;
use serde_json::{Value, json};

const AMOUNT: &str = "10.00";
const DAY: &str = "2026-11-20";

pub struct Books {
    /// Makes the customer and the invoices.
    admin: (Client, Session),
    /// Books: Invoicing only.
    clerk: (Client, Session),
    company: i64,
    partner: i64,
    journal: i64,
    action: i64,
    /// `memo`, in 17 `ref`.
    memo: &'static str,
    /// Payments so far, and the start of this run in their names.
    count: usize,
    run: u128,
}

impl Books {
    pub fn open(settings: &Settings) -> Result<Self> {
        let http = Rc::new(Network::default());
        let stripe = vec![(Stripe { account: "acct_1".into(), books: Kept::Each }, false)];
        let arguments = Arguments { transaction: true, stripe, ..Arguments::default() };
        let (report, _) = setup(&arguments, settings, http.clone()).map_err(|e| anyhow!("set-up: {e:?}"))?;
        let admin = setup_client(&arguments, settings, http).map_err(|e| anyhow!("{e:?}"))?;
        let name = |name: &str| settings.get(name).map(str::to_owned).with_context(|| format!("{name} is not set"));
        let clerk = Client { login: name("ODOO_LOGIN")?, key: Secret::new(name("ODOO_API_KEY")?), ..admin.clone() };
        let open = |client: &Client| block_on(client.open()).map_err(|e| anyhow!("{e:?}"));
        let (admin, clerk) = ((admin.clone(), open(&admin)?), (clerk.clone(), open(&clerk)?));
        let company = *report.companies.first().context("no company")?;
        let memo = if admin.1.major < 18 { "ref" } else { "memo" };
        let run = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
        let mut books = Self { admin, clerk, company, partner: 0, journal: 0, action: 0, memo, count: 0, run };
        books.journal = books.external(&format!("journal_stripe_{company}"))?;
        books.action = books.external("proc_record_payment")?;
        let made = books.admin("res.partner", "create", None, json!({"vals_list": [{"name": "Measured"}]}))?;
        books.partner = first(&made)?;
        Ok(books)
    }

    pub fn major(&self) -> i64 {
        self.admin.1.major
    }

    /// Posted invoices over [`AMOUNT`].
    pub fn invoices(&self, count: usize) -> Result<Vec<i64>> {
        let line = json!([0, 0, {"name": "Work", "quantity": 1, "price_unit": 10, "tax_ids": [[6, 0, []]]}]);
        let values = json!({"move_type": "out_invoice", "partner_id": self.partner, "invoice_date": DAY,
            "invoice_line_ids": [line]});
        let made = self.admin("account.move", "create", None, json!({"vals_list": vec![values; count]}))?;
        let ids: Vec<i64> = made.as_array().into_iter().flatten().filter_map(Value::as_i64).collect();
        ensure!(ids.len() == count, "no invoices in {made}");
        self.admin("account.move", "action_post", Some(&ids), json!({}))?;
        Ok(ids)
    }

    /// What an integration without a procedure does: look for the memo, read the invoice, make the wizard, run it,
    /// read the payment and the invoice.
    pub fn wizard(&mut self, invoice: i64) -> Result<()> {
        let memo = self.payment();
        let domain = json!([[self.memo, "=", memo]]);
        self.clerk("account.payment", "search", None, json!({"domain": domain}))?;
        let read = json!({"fields": ["name", "state", "payment_state", "amount_residual", "currency_id"]});
        self.clerk("account.move", "read", Some(&[invoice]), read.clone())?;
        let context = json!({"active_model": "account.move", "active_ids": [invoice]});
        let values = json!({"amount": 10, "payment_date": DAY, "journal_id": self.journal, "communication": memo});
        let named = json!({"vals_list": [values], "context": context});
        let wizard = first(&self.clerk("account.payment.register", "create", None, named)?)?;
        let named = json!({"context": context});
        let action = self.clerk("account.payment.register", "action_create_payments", Some(&[wizard]), named)?;
        let payment = action["res_id"].as_i64().context("the wizard made no payment")?;
        self.clerk("account.payment", "read", Some(&[payment]), json!({"fields": ["name", "state", "amount"]}))?;
        let rows = self.clerk("account.move", "read", Some(&[invoice]), read)?;
        ensure!(rows[0]["payment_state"] == "paid", "the wizard left {rows}");
        Ok(())
    }

    /// A movement for each invoice.
    pub fn movements(&mut self, invoices: &[i64], note: bool, transaction: bool) -> Value {
        let one = |invoice: &i64| {
            let payment = self.payment();
            json!({"key": format!("stripe:acct_1:{payment}:succeeded"), "amount": AMOUNT, "currency": "USD",
                "at": format!("{DAY} 12:00:00"), "memo": payment, "payment": payment, "customer": null, "company": self.company,
                "flags": [], "no_match": false, "note": note, "transaction": transaction, "livemode": false,
                "match": {"ids": [invoice], "numbers": [], "texts": [], "tolerance": "0"}})
        };
        invoices.iter().map(one).collect::<Vec<_>>().into()
    }

    /// One call of the procedure; its statuses. Every invoice must be paid.
    pub fn record(&self, movements: &Value) -> Result<Vec<String>> {
        let named = json!({"context": {"quittance": {"v": FORM, "movements": movements}}});
        let answer = self.clerk("ir.actions.server", "run", Some(&[self.action]), named)?;
        let results = answer["results"].as_array().context("no results")?;
        let paid = |result: &Value| result["invoices"][0]["residual"] == "0.00" && result["unallocated"] == "0.00";
        ensure!(results.iter().all(paid), "not all paid: {answer}");
        Ok(results.iter().map(|result| result["status"].as_str().unwrap_or("").to_owned()).collect())
    }

    fn payment(&mut self) -> String {
        self.count += 1;
        format!("pi_{}_{}", self.run, self.count)
    }

    fn external(&self, name: &str) -> Result<i64> {
        let domain = json!([["module", "=", "quittance"], ["name", "=", name]]);
        let rows = self.admin("ir.model.data", "search_read", None, json!({"domain": domain, "fields": ["res_id"]}))?;
        rows[0]["res_id"].as_i64().with_context(|| format!("quittance.{name} is missing"))
    }

    fn admin(&self, model: &str, method: &str, ids: Option<&[i64]>, mut named: Value) -> Result<Value> {
        named["context"] = json!({"allowed_company_ids": [self.company]});
        call(&self.admin, model, method, ids, named)
    }

    fn clerk(&self, model: &str, method: &str, ids: Option<&[i64]>, named: Value) -> Result<Value> {
        call(&self.clerk, model, method, ids, named)
    }
}

fn call(
    (client, session): &(Client, Session),
    model: &str,
    method: &str,
    ids: Option<&[i64]>,
    named: Value,
) -> Result<Value> {
    let named = named.as_object().cloned().unwrap_or_default();
    block_on(client.call(*session, model, method, ids, named)).map_err(|e| anyhow!("{model}.{method}: {e:?}"))
}

fn first(made: &Value) -> Result<i64> {
    made[0].as_i64().or(made.as_i64()).with_context(|| format!("no id in {made}"))
}
