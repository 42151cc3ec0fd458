//! Invoices of the scenario, and how amounts are written.

use quittance::money::Money;
use rust_decimal::Decimal;

use super::{Invoice, Scenario};
use crate::odoo;

/// Currencies of invoices; Stripe keeps EUR in USD, GBP in EUR, and JPY as it is not.
const CURRENCIES: [&str; 3] = ["USD", "EUR", "GBP"];
const PAYERS: [(&str, &str); 4] = [
    ("Ada Payer", "ada@example.com"),
    ("Bo Payer", "bo@example.com"),
    ("Cy Payer", ""),
    ("Dí Payer", "dí@example.com"),
];

impl Scenario {
    /// An invoice of the desk: an old one that is perhaps open, or a new one.
    pub(super) fn some_invoice(&mut self) -> usize {
        match self.known_invoice().filter(|_| self.rng.percent(55)) {
            Some(at) => at,
            None => self.bills(),
        }
    }

    /// One of those that Odoo has, if there are any.
    pub(super) fn known_invoice(&self) -> Option<usize> {
        let known: Vec<usize> = (0..self.invoices.len()).filter(|at| !self.is_lost(*at)).collect();
        known.get(self.pick(known.len())?).copied()
    }

    fn is_lost(&self, at: usize) -> bool {
        self.invoices.get(at).is_some_and(|invoice| invoice.lost)
    }

    /// A new invoice, now and then of a new contact.
    pub(super) fn bills(&mut self) -> usize {
        let currency = self.currency();
        let total = 1_000 + self.below(50_000) as i64;
        let (partner, email) = PAYERS.get(self.below(PAYERS.len())).copied().unwrap_or_default();
        let terms = if self.rng.percent(15) { "40@0 60@20" } else { "" };
        if self.newcomers.percent(10) {
            let name = self.newcomers.letters(8);
            return self.bill(total, currency, &name, &format!("{name}@example.com").to_lowercase(), terms);
        }
        self.bill(total, currency, partner, email, terms)
    }

    /// A new invoice of `total` minor units.
    pub(super) fn bill(
        &mut self,
        total: i64,
        currency: &'static str,
        partner: &str,
        email: &str,
        terms: &'static str,
    ) -> usize {
        let amount = major(total, currency).to_string();
        let wish = odoo::Invoice { partner, email, terms, ..odoo::Invoice::of(&amount, currency) };
        let mut odoo = self.world.odoo.borrow_mut();
        let id = odoo.invoice(&wish);
        let (token, number) = (odoo.token(id), odoo.number(id));
        drop(odoo);
        self.note(|| format!("invoice {id} {number} of {amount} {currency} for {partner} {terms}"));
        let touched = self.may_be_paid_by_mistake(id, &number);
        let payer = partner.to_owned();
        self.invoices.push(Invoice { id, number, payer, currency, total, token, touched, lost: false });
        self.invoices.len() - 1
    }

    /// Whether somebody paid for a lost invoice of this id or number, and did not say when Odoo made it.
    fn may_be_paid_by_mistake(&self, id: i64, number: &str) -> bool {
        let lost = |at: usize| self.invoices.get(at).filter(|i| i.lost && (i.id == id || i.number == number)).is_some();
        self.payments.iter().any(|payment| !payment.dated && payment.invoice.is_some_and(lost))
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
