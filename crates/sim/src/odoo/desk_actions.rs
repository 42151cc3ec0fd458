//! What people do at the desk, for tests: companies, invoices, rates, and undoing payments.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Odoo;
use super::call::object;
use super::num;
use super::rights::Session;

const MOVE: &str = "account.move";
const PAYMENT: &str = "account.payment";
const USERS: &str = "res.users";

/// A posted customer invoice to make.
#[derive(Clone, Debug)]
pub struct Invoice<'a> {
    /// In major units, `"100.00"`.
    pub amount: &'a str,
    pub currency: &'a str,
    /// The customer's name; one partner for each name.
    pub partner: &'a str,
    /// `YYYY-MM-DD`; empty: today.
    pub due: &'a str,
    pub company: i64,
    /// Left in draft, unnumbered.
    pub draft: bool,
    /// Of the customer, `ada@example.com`; empty: as it is.
    pub email: &'a str,
    /// The customer's, `fr_FR`; empty: as it is.
    pub lang: &'a str,
    /// Instalments `30@0 30@10 40@30` (percent @ days after today), or a discount `-2@7` (2% within seven days).
    /// Empty: payable whole on `due`.
    pub terms: &'a str,
}

impl<'a> Invoice<'a> {
    /// In the first company, of one customer, due today.
    pub fn of(amount: &'a str, currency: &'a str) -> Self {
        Self {
            amount,
            currency,
            partner: "Ada Payer",
            due: "",
            company: 1,
            draft: false,
            email: "",
            lang: "",
            terms: "",
        }
    }
}

impl Odoo {
    /// A company with a chart of accounts and the usual journals; the users that exist may work in it.
    pub fn company(&mut self, name: &str, currency: &str) -> i64 {
        let currency = self.store.find("res.currency", "name", &json!(currency));
        let partner = self.put("res.partner", json!({"name": name, "active": true, "is_company": true}));
        let row =
            json!({"name": name, "currency_id": currency, "partner_id": partner, "country_id": 1, "active": true});
        let id = self.put("res.company", row);
        self.install_chart(id);
        for user in self.store.ids(USERS) {
            let mut all = self.store.list(USERS, user, "company_ids");
            all.push(id);
            self.store.set(USERS, user, "company_ids", json!(all));
        }
        self.store.commit();
        id
    }

    pub(super) fn bank_journal(&mut self, company: i64, name: &str, code: &str) -> i64 {
        self.foreign_bank_journal(company, name, code, None)
    }

    /// A bank journal of its own currency; `None`: the company's.
    pub(super) fn foreign_bank_journal(&mut self, company: i64, name: &str, code: &str, currency: Option<i64>) -> i64 {
        let mut row = object(json!({"name": name, "code": code, "type": "bank", "company_id": company, "active": true,
            "currency_id": currency}));
        self.prepare_journal(&Session { company, ..Session::default() }, &mut row);
        let id = self.store.insert("account.journal", row);
        self.created_journal(id);
        id
    }

    /// Makes and posts a customer invoice; its id.
    pub fn invoice(&mut self, wish: &Invoice<'_>) -> i64 {
        let partner = self.contact(wish);
        let term = self.term(wish.terms);
        let today = super::calendar::date(self.clock.now_ms());
        let due = if wish.due.is_empty() { today.as_str() } else { wish.due };
        let who = Session { uid: 2, company: wish.company, companies: vec![wish.company], ..Session::default() };
        let vals = object(json!({"move_type": "out_invoice", "partner_id": partner, "invoice_date": today,
            "invoice_date_due": due, "company_id": wish.company, "state": "draft",
            "invoice_payment_term_id": term,
            "journal_id": self.journal_of(wish.company, "sale"),
            "currency_id": self.store.find("res.currency", "name", &json!(wish.currency))}));
        let mut row = vals;
        self.prepare_move(&who, &mut row);
        let id = self.store.insert(MOVE, row);
        let lines = json!({"invoice_line_ids": [[0, 0, {"name": "Consulting", "price_unit": wish.amount}]]});
        let made = self.created_move(&who, id, &object(lines));
        if !wish.draft && made.is_ok() {
            let _posted = self.post(id);
        }
        self.store.commit();
        id
    }

    /// Gives a currency a rate: so many units for one of the company's currency. Also activates it.
    pub fn set_rate(&mut self, currency: &str, company: i64, rate: &str) {
        self.set_rate_of("2020-01-01", currency, company, rate);
    }

    /// The same from a day on.
    pub fn set_rate_of(&mut self, day: &str, currency: &str, company: i64, rate: &str) {
        let Some(id) = self.store.find("res.currency", "name", &json!(currency)) else { return };
        let rate = num::decimal(&json!(rate)).map_or(Value::Null, num::float);
        self.put("res.currency.rate", json!({"name": day, "currency_id": id, "company_id": company, "rate": rate}));
        self.poke("res.currency", id, "active", json!(true));
    }

    /// Takes a currency's rates away.
    pub fn drop_rates(&mut self, currency: &str) {
        let Some(id) = self.store.find("res.currency", "name", &json!(currency)) else { return };
        for rate in self.store.find_all("res.currency.rate", "currency_id", &json!(id)) {
            self.store.remove("res.currency.rate", rate);
        }
        self.store.commit();
    }

    /// The last rate on or before a day, and the days from which there are rates.
    pub fn rate_of_day(&self, currency: &str, company: i64, day: &str) -> Option<Decimal> {
        self.rate_on(self.store.find("res.currency", "name", &json!(currency))?, company, day)
    }

    pub fn rate_days(&self, currency: &str, company: i64) -> Vec<String> {
        let Some(id) = self.store.find("res.currency", "name", &json!(currency)) else { return Vec::new() };
        self.rates(id, company).into_iter().map(|(day, _)| day).collect()
    }

    /// Somebody cancels an invoice.
    pub fn cancel_invoice(&mut self, id: i64) {
        let _nothing_matched = self.cancel_entry(id);
        self.store.commit();
    }

    /// Somebody takes an invoice back to draft, to correct it, and posts it again later.
    pub fn redraft_invoice(&mut self, id: i64) {
        self.set_state(id, "draft");
        self.store.commit();
    }

    pub fn repost_invoice(&mut self, id: i64) {
        let _already_posted = self.post(id);
        self.store.commit();
    }

    /// Somebody allocates the customer's free credit to an invoice.
    pub fn allocate(&mut self, invoice: i64) {
        for payment in self.payments().into_iter().filter(|p| !p.unallocated.is_zero()) {
            if let Some(line) = self.payment_line(payment.id) {
                let _paid_already = self.assign(invoice, line);
            }
        }
        self.store.commit();
    }

    /// Somebody brings in a line of a bank statement.
    pub fn bank_line(&mut self, journal: i64, date: &str, label: &str, amount: &str) {
        let amount = num::decimal(&json!(amount)).map_or(Value::Null, num::float);
        self.put(
            "account.bank.statement.line",
            json!({"journal_id": journal, "date": date, "payment_ref": label, "amount": amount}),
        );
        self.store.commit();
    }

    /// Somebody cancels a payment: its invoices are open again.
    pub fn cancel_payment(&mut self, id: i64) {
        let _cancelled = self.halt_payment(id, "cancel", self.version.payment_cancelled());
        self.store.commit();
    }

    /// Somebody deletes a payment, and with it Odoo deletes the external ids that point at it.
    pub fn delete_payment(&mut self, id: i64) {
        let _reset = self.halt_payment(id, "draft", "draft");
        let admin = self.session(2, &Default::default());
        let _gone = admin.and_then(|admin| self.unlink(&admin, PAYMENT, &[id]));
        self.store.commit();
    }
}
