//! Which ERP is called, and with what.

use super::books::{CreditNote, DisputeLost, Fees};
use super::secret::Secret;
use super::setting::Get;
use super::{settings, strength, stripe};
use crate::error::Error;

/// Which ERP.
#[derive(Clone, Debug)]
pub enum ErpConfig {
    Odoo(Odoo),
    Rpc(Rpc),
}

/// `ERP=odoo` (the default).
#[derive(Clone, Debug)]
pub struct Odoo {
    /// `ODOO_URL`, without a slash at the end.
    pub url: String,
    /// `ODOO_DB`.
    pub db: String,
    /// `ODOO_LOGIN`.
    pub login: String,
    /// `ODOO_API_KEY`.
    pub api_key: Secret,
    /// `ODOO_COMPANY`: id of the Stripe account's own company. Default: the user's.
    pub company: Option<i64>,
    /// `STRIPE_ACCOUNTS`: the companies of connected accounts, where it names them.
    pub companies: Vec<(String, i64)>,
    /// `ODOO_NOTE`: a chatter note on the invoice for each payment. Default true.
    pub note: bool,
    /// `ODOO_TRANSACTION`: a payment.transaction under our own provider record. Default false.
    pub transaction: bool,
    pub fees: Fees,
    pub dispute_lost: DisputeLost,
    pub credit_note: CreditNote,
}

/// `ERP=rpc`: any ERP that takes `payments.apply` by signed JSON-RPC 2.0 (docs/ANY_ERP.md).
#[derive(Clone, Debug)]
pub struct Rpc {
    /// `RPC_URL`.
    pub url: String,
    /// `RPC_SECRET`: at least 32 characters; signs each request.
    pub secret: Secret,
}

impl ErpConfig {
    /// What Stripe keeps is owed to it as a supplier, and a monthly bill clears that.
    pub fn bills_fees(&self) -> bool {
        matches!(self, Self::Odoo(odoo) if odoo.fees == Fees::Supplier)
    }
}

impl Odoo {
    /// The company in whose books an account's money is booked.
    pub fn company_of(&self, account: &str) -> Option<i64> {
        self.companies.iter().find(|(of, _)| of == account).map(|(_, company)| *company).or(self.company)
    }

    pub(super) fn read(get: &Get) -> Result<Self, Error> {
        let company = settings::ODOO_COMPANY;
        Ok(Self {
            url: settings::ODOO_URL.url(get)?.ok_or_else(|| settings::ODOO_URL.missing())?,
            db: settings::ODOO_DB.required(get)?,
            login: settings::ODOO_LOGIN.required(get)?,
            api_key: Secret::new(settings::ODOO_API_KEY.required(get)?),
            company: company.text(get).is_some().then(|| company.number(get, 1, i64::MAX)).transpose()?,
            companies: stripe::accounts(settings::STRIPE_ACCOUNTS.text(get))?.1,
            note: settings::ODOO_NOTE.flag(get)?,
            transaction: settings::ODOO_TRANSACTION.flag(get)?,
            fees: Fees::read(get)?,
            dispute_lost: DisputeLost::read(get)?,
            credit_note: CreditNote::read(get)?,
        })
    }
}

impl Rpc {
    pub(super) fn read(get: &Get) -> Result<Self, Error> {
        let secret = settings::RPC_SECRET.required(get)?;
        if !strength::is_strong(&secret) {
            return Err(settings::RPC_SECRET.wrong(strength::FORM));
        }
        let url = settings::RPC_URL.endpoint(get)?.ok_or_else(|| settings::RPC_URL.missing())?;
        Ok(Self { url, secret: Secret::new(secret) })
    }
}
