//! The configuration, read from the Worker's variables and secrets. [`settings`] is the table of them.

pub mod admin;
pub mod book_from;
mod books;
pub mod counter_accounts;
mod erp;
pub mod expiry;
mod pay;
mod secret;
pub mod setting;
pub mod settings;
pub mod strength;
mod stripe;
mod values;
pub mod webhook;

use sha2::{Digest, Sha256};

pub use self::admin::{Access, Admin, Assignee};
pub use self::books::{CreditNote, DisputeLost, Fees};
pub use self::erp::{ErpConfig, Odoo, Rpc};
pub use self::pay::Pay;
pub use self::secret::Secret;
pub use self::setting::WrongSetting;
use self::setting::{Get, Lenient};
pub use self::stripe::{Stripe, accounts as connected, livemode};
pub use self::values::{amount, local as is_local};
pub use self::webhook::SigningSecret;
use crate::error::{Code, Error};
use crate::movement::Counter;

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
    /// `RETENTION_DAYS`: raw bodies of finished events are kept this long.
    pub retention_days: i64,
    /// Who may look and act as an operator.
    pub admin: Admin,
    /// Values that cannot be used, of settings without which the Worker goes on.
    pub wrong: Vec<WrongSetting>,
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

impl Config {
    /// Reads every setting through `var`, which gives `None` for one that is not set.
    pub fn read(var: &dyn Fn(&str) -> Option<String>) -> Self {
        let get = |name: &str| trimmed(var, name);
        let livemode = get(settings::STRIPE_API_KEY.name).as_deref().and_then(self::livemode);
        let (webhook_secrets, webhook_secrets_wrong) =
            webhook::parse_secrets(settings::STRIPE_WEBHOOK_SECRETS.text(&get), livemode);
        let reused = strength::reused_pair(&get);
        let twice = reused.as_ref().map(|(first, second)| strength::reuse_error(first, second));
        let mut lenient = Lenient::default();
        Self {
            webhook_secrets,
            webhook_secrets_wrong,
            livemode,
            retention_days: retention_days(&mut lenient, &get),
            delivery: match (&twice, &reused) {
                // What the operator looks and is told with is a convenience, and stops no money.
                (Some(error), Some((_, second))) if !strength::OPERATORS.contains(&second.as_str()) => {
                    Err(error.clone())
                }
                _ => Delivery::read(&get),
            },
            pay: Pay::read(&get),
            admin: Admin::read(&mut lenient, &|name| {
                get(name).filter(|_| !reused.as_ref().is_some_and(|(a, b)| a == name || b == name))
            }),
            wrong: lenient.0,
            reused: twice,
        }
    }

    /// Every value that is missing or cannot be used; each is alerted.
    pub fn wrong_settings(&self) -> Vec<WrongSetting> {
        let pay = self.pay.as_ref().err().filter(|error| error.code != Code::PayNotConfigured);
        let webhook = webhook::complaint(&self.webhook_secrets_wrong).map(|what| Error::new(Code::ConfigInvalid, what));
        let errors = [self.delivery.as_ref().err(), pay, webhook.as_ref(), self.reused.as_ref()];
        let mut all: Vec<WrongSetting> = self.wrong.clone();
        for error in errors.into_iter().flatten() {
            if !all.iter().any(|known| known.error == *error) {
                all.push(WrongSetting::new(error.clone()));
            }
        }
        all
    }

    /// The Odoo part alone, for commands that need no Stripe.
    pub fn odoo(var: &dyn Fn(&str) -> Option<String>) -> Result<Odoo, Error> {
        Odoo::read(&|name| trimmed(var, name))
    }

    /// The Stripe part alone, for commands that need no ERP.
    pub fn stripe(var: &dyn Fn(&str) -> Option<String>) -> Result<Stripe, Error> {
        Stripe::read(&|name| trimmed(var, name))
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

impl Delivery {
    fn read(get: &Get) -> Result<Self, Error> {
        Ok(Self {
            stripe: Stripe::read(get)?,
            erp: match settings::ERP.text(get).as_deref() {
                Some("odoo") => ErpConfig::Odoo(Odoo::read(get)?),
                Some("rpc") => ErpConfig::Rpc(Rpc::read(get)?),
                _ => return Err(settings::ERP.wrong("is `odoo` or `rpc`")),
            },
            book_from: book_from::parse_book_from(&settings::BOOK_FROM.required(get)?)?,
            matching: Matching::read(get)?,
            counters: counter_accounts::parse_counters(settings::BALANCE_ACCOUNTS.text(get))?,
        })
    }
}

impl Matching {
    fn read(get: &Get) -> Result<Self, Error> {
        Ok(Self {
            metadata: settings::MATCH_METADATA.list(get),
            tolerance: settings::MATCH_TOLERANCE.amount(get)?,
            former_databases: settings::FORMER_DATABASES.list(get),
            ignored_databases: settings::IGNORED_DATABASES.list(get),
        })
    }
}

/// Ten years are more than any law asks for.
const RETENTION_DAYS_MAX: i64 = 3_650;

fn retention_days(lenient: &mut Lenient, get: &Get) -> i64 {
    let setting = settings::RETENTION_DAYS;
    let days = lenient.value(setting.number(get, 1, RETENTION_DAYS_MAX));
    days.or_else(|| setting.default.parse().ok()).unwrap_or(RETENTION_DAYS_MAX)
}

fn trimmed(var: &dyn Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    var(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}
