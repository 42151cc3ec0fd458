//! What set-up left in the database, and what a currency can hold.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::odoo::Odoo;
use crate::odoo::num;
use crate::odoo::rights::Session;

/// Of one company.
#[derive(Clone, Debug)]
pub struct Books {
    pub journal: i64,
    /// The inbound payment method line whose account is the clearing account.
    pub way: i64,
    pub clearing: i64,
    pub provider: Option<i64>,
}

#[derive(Clone, Debug)]
pub struct Setup {
    pub uid: i64,
    /// The user's company.
    pub company: i64,
    /// All companies of the user, whatever the context selects.
    pub companies: Vec<i64>,
    /// Companies that can book.
    pub ready: BTreeMap<i64, Books>,
}

impl Setup {
    pub fn of(odoo: &Odoo, who: &Session) -> Self {
        let companies = odoo.store.list("res.users", who.uid, "company_ids");
        let ready = companies.iter().filter_map(|c| Some((*c, books(odoo, *c)?))).collect();
        Self { uid: who.uid, company: who.company, companies, ready }
    }

    /// The company for money that nothing claims: the user's own if it can book, else the first that can.
    pub fn first(&self) -> i64 {
        let own = Some(self.company).filter(|c| self.ready.contains_key(c));
        own.or_else(|| self.ready.keys().next().copied()).unwrap_or(self.company)
    }
}

/// The record that an external id of set-up points at, if it is still there.
pub fn record(odoo: &Odoo, name: &str) -> Option<i64> {
    let (model, id) = odoo.store.xid(&format!("quittance.{name}"))?;
    odoo.store.get(&model, id).map(|_| id)
}

fn books(odoo: &Odoo, company: i64) -> Option<Books> {
    let journal = record(odoo, &format!("journal_stripe_{company}"))?;
    let (_, clearing) = odoo.store.xid(&format!("quittance.account_clearing_{company}"))?;
    let on_clearing =
        |way: &i64| odoo.store.int("account.payment.method.line", *way, "payment_account_id") == Some(clearing);
    let way = odoo.method_lines(journal, "inbound").into_iter().find(on_clearing)?;
    Some(Books { journal, way, clearing, provider: record(odoo, &format!("provider_{company}")) })
}

/// The amount, or none when this currency (its places or its rounding) cannot say it exactly, or it is nothing.
pub fn representable(odoo: &Odoo, text: &str, currency: i64) -> Option<Decimal> {
    if !text.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let amount: Decimal = text.parse().ok()?;
    let step = num::decimal(&odoo.store.value("res.currency", currency, "rounding")).filter(|s| !s.is_zero());
    let whole = step.is_none_or(|step| (amount % step).is_zero());
    (whole && num::round(amount, odoo.places(currency)) == amount && !amount.is_zero()).then_some(amount)
}
