//! Arguments of `quittance setup odoo`.

use std::path::PathBuf;

use quittance::config::{book_from, connected};
use quittance::erp::odoo::setup::roles::{self, CLEARING};
use quittance::erp::odoo::setup::{ExistingRecord, OwnerScope, SetupOptions, Stripe};
use quittance::money::Currency;
use quittance::ports::Clock;

use super::answers::Answers;
use crate::calendar;
use crate::fail::{CommandError, CommandResult};
use crate::ports::SystemClock;
use crate::settings::Settings;

/// Arguments of `quittance setup odoo`.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Arguments {
    /// Odoo's address; else ODOO_URL.
    #[arg(long)]
    pub url: Option<String>,
    /// The database; else ODOO_DB.
    #[arg(long)]
    pub db: Option<String>,
    /// Login of a user with the groups Settings, Accounting Administrator and Contact Creation; else ODOO_SETUP_LOGIN. Its API key
    /// comes from ODOO_SETUP_API_KEY or a prompt.
    #[arg(long)]
    pub setup_login: Option<String>,
    /// Login of the Worker's user (Invoicing is enough); else ODOO_LOGIN.
    #[arg(long)]
    pub login: Option<String>,
    /// Id of a company to set up, once for each; else ODOO_COMPANY, else the user's main company. Of a branch, its root is set up.
    #[arg(long = "company", value_name = "ID")]
    pub companies: Vec<i64>,
    /// File with answers, TOML (docs/odoo/SETUP.md has an example): what --company and the flags down to --opening-account would
    /// say. A flag comes first.
    #[arg(long, value_name = "FILE")]
    pub answers: Option<PathBuf>,
    /// A currency that Stripe pays out or holds besides the company's own, such as EUR; once for each.
    #[arg(long = "settlement-currency", value_name = "CURRENCY", value_parser = currency)]
    pub currencies: Vec<String>,
    /// Use a bank journal that exists: its code; of a further settlement currency EUR=CODE; with several companies COMPANY:CODE.
    #[arg(long = "journal", value_name = "[CURRENCY=][COMPANY:]CODE", value_parser = journal)]
    pub journals: Vec<ExistingRecord>,
    /// Use a clearing account that exists: its code, with several companies COMPANY:CODE.
    #[arg(long = "clearing-account", value_name = "[COMPANY:]CODE", value_parser = clearing)]
    pub clearing: Vec<ExistingRecord>,
    /// Use an account that exists. Roles: clearing, transit, disputed, suspense, fees, conversion, reserves, connected, loan,
    /// withheld; and, made only when asked for by ROLE=new: advances, losses.
    #[arg(long = "account", value_name = "ROLE=[COMPANY:]CODE", value_parser = account)]
    pub accounts: Vec<ExistingRecord>,
    /// Purchase tax of Stripe's fees, by name or id; `none` takes it away.
    #[arg(long, value_name = "NAME_OR_ID")]
    pub fee_tax: Option<String>,
    /// Zone whose days the books go by, such as Europe/Paris; kept from run to run, UTC by default.
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    pub time_zone: Option<String>,
    /// First instant to book (the cut-over): 2026-11-01T00:00:00Z, or seconds since 1970 UTC; else what an earlier run
    /// stored, else now.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub book_from: Option<i64>,
    /// Draft the opening entries: what Stripe held before the first instant, against this account.
    #[arg(long, value_name = "CODE")]
    pub opening_account: Option<String>,
    /// Make a provider record for payment.transaction records (then set ODOO_TRANSACTION).
    #[arg(long)]
    pub transaction: bool,
    /// Odoo's own Stripe provider is enabled, but for another Stripe account.
    #[arg(long)]
    pub other_stripe_account: bool,
    /// A Stripe account whose books are kept in Odoo, where STRIPE_API_KEY does not tell: its id and mode, for every company that
    /// is set up, or for one.
    #[arg(long = "stripe-account", value_name = "[COMPANY=]ACCOUNT:MODE", value_parser = stripe)]
    pub stripe: Vec<(Stripe, bool)>,
    /// Keep the books of this Stripe account in the place of the one that an earlier run stored.
    #[arg(long)]
    pub change_stripe_account: bool,
    /// The pay page's address for the buttons in Odoo; else what Odoo has already, else WORKER_URL.
    #[arg(long, value_name = "URL")]
    pub pay_url: Option<String>,
    /// Show what would change, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
}

impl Arguments {
    /// With the answers of the file, where no flag says otherwise.
    pub fn with_answers(&self) -> CommandResult<Self> {
        let Some(path) = &self.answers else { return Ok(self.clone()) };
        let text = std::fs::read_to_string(path)
            .map_err(|error| CommandError::new(format!("{} cannot be read: {error}.", path.display())))?;
        let answers = Answers::parse(&text).map_err(|fail| fail.while_(&path.display().to_string()))?;
        Ok(answers.merged_under(self))
    }

    /// What set-up is asked for. The file of answers is read already.
    pub fn setup_options(&self, settings: &Settings) -> CommandResult<SetupOptions> {
        let mut companies = self.companies.clone();
        if let (true, Some(company)) = (companies.is_empty(), settings.get("ODOO_COMPANY")) {
            companies.push(company.parse().map_err(|_| CommandError::new("ODOO_COMPANY is the id of a company."))?);
        }
        let mode = |key: &str| key.contains("_live_");
        let key = settings.get("STRIPE_API_KEY").map(mode);
        let mut modes = self.stripe.iter().map(|(_, live)| *live).chain(key);
        let livemode = modes.next();
        if modes.any(|live| Some(live) != livemode) {
            return Err(CommandError::new(
                "--stripe-account and STRIPE_API_KEY are of different modes: live and test each have an Odoo database of their own.",
            ));
        }
        let (_, named) = connected(settings.get("STRIPE_ACCOUNTS").map(str::to_owned))?;
        let named = named.into_iter().map(|(account, company)| Stripe { account, books: OwnerScope::Of(company) });
        Ok(SetupOptions {
            stripe: self.stripe.iter().map(|(stripe, _)| stripe.clone()).chain(named).collect(),
            stripe_livemode: livemode,
            change_stripe: self.change_stripe_account,
            dry: self.dry_run,
            companies,
            company_named: settings.get("ODOO_COMPANY").is_some(),
            worker: self.login.as_deref().or_else(|| settings.get("ODOO_LOGIN")).map(str::to_owned),
            journals: self.journals.clone(),
            accounts: self.clearing.iter().chain(&self.accounts).cloned().collect(),
            currencies: self.currencies.clone(),
            fee_tax: self.fee_tax.clone(),
            zone: self.time_zone.clone(),
            transaction: self.transaction || settings.get("ODOO_TRANSACTION") == Some("true"),
            livemode: key,
            other_account: self.other_stripe_account,
            other_providers: Vec::new(),
            book_from: self.book_from,
            now: SystemClock.now(),
        })
    }
}

/// A currency's code, in upper case.
pub fn currency(text: &str) -> Result<String, String> {
    text.parse::<Currency>().map(|c| c.code().to_owned()).map_err(|error| error.to_string())
}

/// `EUR=STEUR`, `2:STRP`; without a currency, the company's own Stripe journal.
fn journal(text: &str) -> Result<ExistingRecord, String> {
    let Some((of, code)) = text.split_once('=') else { return existing("", text) };
    existing(&currency(of)?, code)
}

fn clearing(text: &str) -> Result<ExistingRecord, String> {
    existing(CLEARING.name, text)
}

/// `acct_1:test`, `2=acct_1:live`.
fn stripe(text: &str) -> Result<(Stripe, bool), String> {
    let wrong = || {
        "write ACCOUNT:live or ACCOUNT:test, the account as acct_…, before it COMPANY= with the id of one company"
            .to_owned()
    };
    let (company, rest) = text.split_once('=').map_or((None, text), |(company, rest)| (Some(company), rest));
    let books =
        company.map_or(Ok(OwnerScope::Each), |company| company.parse().map(OwnerScope::Of)).map_err(|_| wrong())?;
    let (account, mode) = rest.split_once(':').filter(|(account, _)| account.starts_with("acct_")).ok_or_else(wrong)?;
    let live = match mode {
        "live" => true,
        "test" => false,
        _ => return Err(wrong()),
    };
    Ok((Stripe { account: account.to_owned(), books }, live))
}

/// `fees=627100`, `fees=2:627100`.
fn account(text: &str) -> Result<ExistingRecord, String> {
    let (role, code) = text.split_once('=').ok_or("write ROLE=CODE or ROLE=COMPANY:CODE")?;
    existing(roles::find_role(role)?.name, code)
}

fn existing(what: &str, text: &str) -> Result<ExistingRecord, String> {
    let (company, code) = match text.split_once(':') {
        None => (None, text),
        Some((company, code)) => {
            let company = company.parse().map_err(|_| "write CODE or COMPANY:CODE, the company as its id")?;
            (Some(company), code)
        }
    };
    if code.is_empty() {
        return Err("the code is missing".into());
    }
    Ok(ExistingRecord { what: what.to_owned(), company, code: code.to_owned() })
}

/// `2026-11-01T00:00:00Z`, or seconds (not milliseconds) since 1970 UTC.
pub fn instant(text: &str) -> Result<i64, String> {
    let seconds = text.parse().ok().or_else(|| calendar::instant(text));
    seconds.filter(|seconds| (0..=book_from::INSTANT_MAX).contains(seconds)).ok_or_else(|| {
        "an instant is 2026-11-01T00:00:00Z, or seconds (not milliseconds) since 1970 UTC up to the year 2100".into()
    })
}

/// A zone that this program and Odoo both know.
pub fn zone(text: &str) -> Result<String, String> {
    match calendar::is_zone(text) {
        true => Ok(text.to_owned()),
        false => Err("a zone is a name such as Europe/Paris or America/New_York, or UTC".into()),
    }
}
