//! Whose Stripe movements a company books.

use serde_json::{Value, json};

use crate::odoo::Odoo;
use crate::odoo::error::{self, Result};

/// What set-up stored of a company: `test acct_1 acct_2`.
#[derive(Clone, Debug, Default)]
pub struct Owner {
    pub mode: String,
    pub accounts: Vec<String>,
}

impl Owner {
    pub fn of(odoo: &Odoo, home: i64) -> Self {
        let row = odoo.store.find("ir.config_parameter", "key", &json!(format!("quittance.stripe_{home}")));
        let value = row.map_or("", |row| odoo.store.text("ir.config_parameter", row, "value"));
        let mut words = value.split_whitespace().map(str::to_owned);
        Self { mode: words.next().unwrap_or_default(), accounts: words.collect() }
    }

    /// Refuses a call of another account or mode. An empty account is none that the caller knows.
    pub fn held(&self, home: i64, account: &str, livemode: Option<&Value>) -> Result<()> {
        let owners = self.accounts.join(", ");
        if self.accounts.is_empty() {
            let why = format!("set-up has not stored which Stripe account company {home} keeps the books of");
            return Err(error::user(format!("quittance:not_configured:stripe_{home}: {why}")));
        }
        if !account.is_empty() && !self.accounts.iter().any(|owner| owner == account) {
            let why = format!("company {home} keeps the books of {owners}, and this is of {account}");
            return Err(error::user(format!("quittance:other_account:{home}: {why}")));
        }
        if livemode.and_then(Value::as_bool) != Some(self.mode == "live") {
            let why = format!("company {home} keeps the books of {} mode, and this is of the other", self.mode);
            return Err(error::user(format!("quittance:other_mode:{home}: {why}")));
        }
        Ok(())
    }
}
