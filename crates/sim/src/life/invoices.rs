//! Invoices of the life, and how amounts are written.

use quittance::money::Money;
use rust_decimal::Decimal;

use super::{Invoice, Life};
use crate::odoo;

/// Currencies of invoices; Stripe keeps EUR in USD, GBP in EUR, and JPY as it is not.
const CURRENCIES: [&str; 3] = ["USD", "EUR", "GBP"];
const PAYERS: [(&str, &str); 4] = [
    ("Ada Payer", "ada@example.com"),
    ("Bo Payer", "bo@example.com"),
    ("Cy Payer", ""),
    ("Dí Payer", "dí@example.com"),
];

impl Life {
    /// An invoice of the desk: an old one that is perhaps open, or a new one.
    pub(super) fn some_invoice(&mut self) -> usize {
        match self.some(self.invoices.len()).filter(|_| self.luck.percent(55)) {
            Some(at) => at,
            None => self.bills(),
        }
    }

    fn bills(&mut self) -> usize {
        let currency = self.currency();
        let total = 1_000 + self.below(50_000) as i64;
        let (partner, email) = PAYERS.get(self.below(PAYERS.len())).copied().unwrap_or_default();
        let terms = if self.luck.percent(15) { "40@0 60@20" } else { "" };
        let amount = major(total, currency).to_string();
        let wish = odoo::Invoice { partner, email, terms, ..odoo::Invoice::of(&amount, currency) };
        let mut desk = self.world.odoo.borrow_mut();
        let id = desk.invoice(&wish);
        let token = desk.token(id);
        drop(desk);
        self.note(|| format!("invoice {id} of {amount} {currency} for {partner} {terms}"));
        self.invoices.push(Invoice { id, currency, total, token, touched: false });
        self.invoices.len() - 1
    }

    pub(super) fn currency(&self) -> &'static str {
        CURRENCIES.get(self.below(CURRENCIES.len())).copied().unwrap_or("USD")
    }

    /// What is open on an invoice, in minor units, as Odoo has it.
    pub(super) fn open(&self, at: usize) -> i64 {
        let Some(invoice) = self.invoices.get(at) else { return 0 };
        minor(self.world.odoo.borrow().residual(invoice.id), invoice.currency)
    }
}

/// Major units of Stripe's minor ones.
pub fn major(minor: i64, currency: &str) -> Decimal {
    currency
        .to_uppercase()
        .parse()
        .map(|currency| Money::new(minor, currency).to_decimal().normalize())
        .unwrap_or_default()
}

/// Minor units as Stripe counts them.
pub fn minor(amount: Decimal, currency: &str) -> i64 {
    let currency = currency.to_uppercase().parse().ok();
    currency.and_then(|currency| Money::from_decimal(amount, currency)).map_or(0, |money| money.minor)
}
