//! A look at the books, for tests.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Odoo;

const MOVE: &str = "account.move";
const PAYMENT: &str = "account.payment";

/// A payment as the books show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentView {
    pub id: i64,
    pub name: String,
    pub state: String,
    pub amount: Decimal,
    pub currency: String,
    pub memo: String,
    pub date: String,
    pub partner: i64,
    pub company: i64,
    /// Invoices it is matched with.
    pub invoices: Vec<i64>,
    /// What of it is customer credit.
    pub unallocated: Decimal,
}

impl Odoo {
    /// Any column of any record, as the database holds it; null when absent.
    pub fn field_value(&self, model: &str, id: i64, column: &str) -> Value {
        self.value(model, id, column)
    }

    /// Sets a column directly, as SQL would.
    pub fn poke(&mut self, model: &str, id: i64, column: &str, value: Value) {
        self.store.set(model, id, column, value);
        self.store.commit();
    }

    /// Sets a column of the record of an external id.
    pub fn poke_named(&mut self, name: &str, column: &str, value: Value) {
        if let Some((model, id)) = self.store.xid(name) {
            self.poke(&model, id, column, value);
        }
    }

    /// Gives a record an external id, as whoever may create such records can: `quittance.stripe:…`.
    pub fn give_name(&mut self, name: &str, model: &str, id: i64) {
        self.store.tie(name, model, id, false);
        self.store.commit();
    }

    /// What of an invoice is unpaid.
    pub fn residual(&self, invoice: i64) -> Decimal {
        self.amount(MOVE, invoice, "amount_residual")
    }

    /// `not_paid`, `partial`, `paid`.
    pub fn payment_state(&self, invoice: i64) -> String {
        self.store.text(MOVE, invoice, "payment_state").to_owned()
    }

    /// The invoice's number.
    pub fn number(&self, invoice: i64) -> String {
        self.store.text(MOVE, invoice, "name").to_owned()
    }

    /// All payments, oldest first, cancelled ones included.
    pub fn payments(&self) -> Vec<PaymentView> {
        self.store.ids(PAYMENT).into_iter().map(|id| self.payment(id)).collect()
    }

    fn payment(&self, id: i64) -> PaymentView {
        let text = |column: &str| self.store.text(PAYMENT, id, column).to_owned();
        let int = |column: &str| self.store.int(PAYMENT, id, column).unwrap_or_default();
        let free = self.payment_line(id).map(|l| -self.amount("account.move.line", l, "amount_residual_currency"));
        PaymentView {
            id,
            name: text("name"),
            state: text("state"),
            amount: self.amount(PAYMENT, id, "amount"),
            currency: self.store.text("res.currency", int("currency_id"), "name").to_owned(),
            memo: text(self.version.memo_field()),
            date: text("date"),
            partner: int("partner_id"),
            company: int("company_id"),
            invoices: self.paid_invoices(id),
            unallocated: free.unwrap_or_default(),
        }
    }

    /// The posted balance of the company's account with this name, in the company's currency.
    pub fn balance(&self, company: i64, account: &str) -> Decimal {
        const LINE: &str = "account.move.line";
        let named = |id: &i64| self.store.text("account.account", *id, "name") == account;
        let accounts: Vec<i64> = self.accounts_of(company).into_iter().filter(named).collect();
        let of = |l: &i64| {
            self.store.text(LINE, *l, "parent_state") == "posted"
                && self.store.int(LINE, *l, "account_id").is_some_and(|a| accounts.contains(&a))
        };
        self.store.ids(LINE).iter().filter(|l| of(l)).map(|l| self.amount(LINE, *l, "balance")).sum()
    }

    /// `database.uuid`, which a copy of the database should not have, but has until it is given its own.
    pub fn uuid(&self) -> String {
        let found = self.store.find("ir.config_parameter", "key", &json!("database.uuid"));
        found.map(|id| self.store.text("ir.config_parameter", id, "value").to_owned()).unwrap_or_default()
    }

    /// The record of an external id, `quittance.journal_stripe_1`.
    pub fn external(&self, name: &str) -> Option<i64> {
        self.store.xid(name).map(|(_, id)| id)
    }

    /// The user with this login.
    pub fn user_named(&self, login: &str) -> Option<i64> {
        self.store.find("res.users", "login", &json!(login))
    }

    /// Keys of movements that are claimed, `stripe:…`, in their order.
    pub fn keys(&self) -> Vec<String> {
        self.store.named("quittance", "stripe:").filter(|name| !name.contains("__")).map(str::to_owned).collect()
    }

    /// Whether a movement's key is claimed.
    pub fn has_key(&self, key: &str) -> bool {
        self.store.xid_row("quittance", key).is_some()
    }

    /// Labels of all journal items.
    pub fn labels(&self) -> Vec<String> {
        let ids = self.store.ids("account.move.line").into_iter();
        ids.map(|id| self.store.text("account.move.line", id, "name").to_owned())
            .filter(|text| !text.is_empty())
            .collect()
    }

    /// Chatter notes of an invoice.
    pub fn notes(&self, invoice: i64) -> Vec<String> {
        let all = self.store.find_all("mail.message", "res_id", &json!(invoice));
        let of = |id: &i64| self.store.text("mail.message", *id, "model") == MOVE;
        all.into_iter().filter(of).map(|id| self.store.text("mail.message", id, "body").to_owned()).collect()
    }
}
