//! The settings, read from the Worker's variables and secrets. wrangler.toml explains each.

pub mod admin;
pub mod book_from;
mod books;
pub mod counters;
pub mod expires;
mod pay;
pub mod strength;
mod stripe;
mod values;
pub mod webhook;

use sha2::{Digest, Sha256};

pub use self::admin::{Access, Admin, Assignee};
pub use self::books::{CreditNote, DisputeLost, Fees};
pub use self::pay::Pay;
pub use self::stripe::{Stripe, accounts as connected, livemode};
pub use self::values::local as is_local;
use self::values::{endpoint, flag, list, url};
pub use self::webhook::SigningSecret;
use crate::error::{Code, Error};
use crate::payment::Counter;

/// Text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
    /// For the one place that sends or compares it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Everything the Worker can be told.
#[derive(Clone, Debug)]
pub struct Config {
    /// `STRIPE_WEBHOOK_SECRETS`: whole `whsec_…` strings, each with what it may sign ([`webhook`]), separated by commas or
    /// spaces. Empty: the door is shut.
    pub webhook_secrets: Vec<SigningSecret>,
    /// Positions in that list, counted from 1, of what is no signing secret and therefore left out.
    pub webhook_secrets_wrong: Vec<usize>,
    /// The mode of `STRIPE_API_KEY`, and so of the ledger; `None` without a key that has one.
    pub livemode: Option<bool>,
    /// What delivery needs; an error names the setting that is missing or wrong.
    pub delivery: Result<Delivery, Error>,
    /// What the pay page needs besides.
    pub pay: Result<Pay, Error>,
    /// `RETENTION_DAYS`: raw bodies of settled events are kept this long. Default 30, as long as Stripe's own list.
    pub retention_days: i64,
    /// Who may look and act as an operator.
    pub admin: Admin,
    /// Two settings have the same secret: neither counts, and the error names both.
    pub reused: Option<Error>,
}

/// What delivering to the ERP needs.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub stripe: Stripe,
    pub erp: ErpConfig,
    /// `BOOK_FROM`: movements created before this instant (seconds) are left to the opening entry.
    pub book_from: i64,
    pub matching: Matching,
    /// `BALANCE_ACCOUNTS`: roles of accounts for balance transactions by Stripe's type or reporting category, before the
    /// table of our own. Default none.
    pub counters: Vec<(String, Counter)>,
}

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

/// How a payment finds its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matching {
    /// `MATCH_METADATA`: metadata names that may hold a document number, besides our own.
    pub metadata: Vec<String>,
    /// `MATCH_TOLERANCE`: decimal string; how far an amount may be from the one open invoice of a known customer.
    pub tolerance: String,
    /// `FORMER_DATABASES`: names this ERP database had before; metadata naming one is ours.
    pub former_databases: Vec<String>,
    /// `IGNORED_DATABASES`: metadata naming one of these is another book's money and a named difference.
    pub ignored_databases: Vec<String>,
}

const MATCH_METADATA: &str = "odoo_invoice_id,invoice_id,invoice,invoice_number,order_ref";

impl Config {
    /// Reads every setting through `var`, which gives `None` for one that is not set.
    pub fn read(var: &dyn Fn(&str) -> Option<String>) -> Self {
        let get = |name: &str| var(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        let livemode = get("STRIPE_API_KEY").as_deref().and_then(self::livemode);
        let (webhook_secrets, webhook_secrets_wrong) = webhook::read(get("STRIPE_WEBHOOK_SECRETS"), livemode);
        let reused = strength::reused(&get);
        let twice = reused.as_ref().map(|(first, second)| strength::twice(first, second));
        Self {
            webhook_secrets,
            webhook_secrets_wrong,
            livemode,
            retention_days: get("RETENTION_DAYS").and_then(|d| d.parse().ok()).filter(|d| *d > 0).unwrap_or(30),
            delivery: match (&twice, &reused) {
                // What the operator looks and is told with is a convenience, and stops no money.
                (Some(error), Some((_, second))) if !strength::OPERATORS.contains(&second.as_str()) => {
                    Err(error.clone())
                }
                _ => Delivery::read(&get),
            },
            pay: Pay::read(&get),
            admin: Admin::read(&|name| {
                get(name).filter(|_| !reused.as_ref().is_some_and(|(a, b)| a == name || b == name))
            }),
            reused: twice,
        }
    }

    /// The Odoo part alone, for commands that need no Stripe.
    pub fn odoo(var: &dyn Fn(&str) -> Option<String>) -> Result<Odoo, Error> {
        Odoo::read(&|name| var(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty()))
    }

    /// The Stripe part alone, for commands that need no ERP.
    pub fn stripe(var: &dyn Fn(&str) -> Option<String>) -> Result<Stripe, Error> {
        Stripe::read(&|name| var(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty()))
    }
}

impl Delivery {
    /// Changes with the settings that decide which events are left out: accounts, go-live, databases.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(format!(
            "{:?}",
            (&self.stripe.accounts, &self.stripe.companies, self.book_from, &self.matching.ignored_databases)
        ));
        hex::encode(digest).get(..16).unwrap_or_default().to_owned()
    }
}

type Get<'a> = dyn Fn(&str) -> Option<String> + 'a;

impl Delivery {
    fn read(get: &Get) -> Result<Self, Error> {
        Ok(Self {
            stripe: Stripe::read(get)?,
            erp: match get("ERP").as_deref() {
                None | Some("odoo") => ErpConfig::Odoo(Odoo::read(get)?),
                Some("rpc") => ErpConfig::Rpc(Rpc::read(get)?),
                Some(_) => return Err(wrong("ERP is `odoo` or `rpc`.")),
            },
            book_from: book_from::read(&need(get, "BOOK_FROM")?)?,
            matching: Matching::read(get)?,
            counters: counters::read(get("BALANCE_ACCOUNTS"))?,
        })
    }
}

impl Odoo {
    /// The company in whose books an account's money is booked.
    pub fn company_of(&self, account: &str) -> Option<i64> {
        self.companies.iter().find(|(of, _)| of == account).map(|(_, company)| *company).or(self.company)
    }

    fn read(get: &Get) -> Result<Self, Error> {
        Ok(Self {
            url: url(need(get, "ODOO_URL")?, "ODOO_URL")?,
            db: need(get, "ODOO_DB")?,
            login: need(get, "ODOO_LOGIN")?,
            api_key: Secret::new(need(get, "ODOO_API_KEY")?),
            company: get("ODOO_COMPANY")
                .map(|c| c.parse().map_err(|_| wrong("ODOO_COMPANY is the id of a company.")))
                .transpose()?,
            companies: stripe::accounts(get("STRIPE_ACCOUNTS"))?.1,
            note: flag(get, "ODOO_NOTE", true)?,
            transaction: flag(get, "ODOO_TRANSACTION", false)?,
            fees: Fees::read(get)?,
            dispute_lost: DisputeLost::read(get)?,
            credit_note: CreditNote::read(get)?,
        })
    }
}

impl Rpc {
    fn read(get: &Get) -> Result<Self, Error> {
        let secret = need(get, "RPC_SECRET")?;
        if !strength::is_strong(&secret) {
            return Err(wrong("RPC_SECRET has at least 32 characters, made by chance."));
        }
        Ok(Self { url: endpoint(need(get, "RPC_URL")?, "RPC_URL")?, secret: Secret::new(secret) })
    }
}

impl Matching {
    fn read(get: &Get) -> Result<Self, Error> {
        let tolerance = get("MATCH_TOLERANCE").unwrap_or_else(|| "0".into());
        if !amount(&tolerance) {
            return Err(wrong("MATCH_TOLERANCE is an amount such as 0.05, not negative."));
        }
        Ok(Self {
            metadata: list(Some(get("MATCH_METADATA").unwrap_or_else(|| MATCH_METADATA.into()))),
            tolerance,
            former_databases: list(get("FORMER_DATABASES")),
            ignored_databases: list(get("IGNORED_DATABASES")),
        })
    }
}

/// An amount in major units: digits, and after a point digits again.
pub fn amount(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    text.split_once('.').map_or_else(|| digits(text), |(whole, rest)| digits(whole) && digits(rest))
}

fn wrong(sentence: &str) -> Error {
    Error::new(Code::ConfigInvalid, sentence)
}

fn need(get: &Get, name: &str) -> Result<String, Error> {
    get(name)
        .ok_or_else(|| Error::new(Code::ConfigInvalid, format!("{name} is not set; run `quittance setup secrets`.")))
}
