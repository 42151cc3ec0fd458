//! What set-up left in the database, and what a currency can hold.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::owner::Owner;
use super::{text, usable, zone};
use crate::odoo::Odoo;
use crate::odoo::error::{self, Result};
use crate::odoo::num;
use crate::odoo::rights::Session;

/// Of the company whose books they are.
#[derive(Clone, Debug, Default)]
pub struct Books {
    pub home: i64,
    pub journal: i64,
    /// The inbound payment method line whose account is the clearing account.
    pub way: i64,
    pub clearing: i64,
    pub provider: Option<i64>,
    /// By role.
    pub accounts: BTreeMap<&'static str, i64>,
    pub zone: String,
    pub owner: Owner,
}

/// Accounts that entries may name, as external ids `account_{role}_{company}`.
pub const ROLES: [&str; 12] = [
    "clearing",
    "transit",
    "disputed",
    "suspense",
    "advances",
    "fees",
    "conversion",
    "reserves",
    "connected",
    "loan",
    "withheld",
    "losses",
];

#[derive(Clone, Debug)]
pub struct Setup {
    pub uid: i64,
    /// The user's company.
    pub company: i64,
    /// All companies of the user, whatever the context selects.
    pub companies: Vec<i64>,
    /// The books of each of them that has some, its own or the nearest parent's.
    pub ready: BTreeMap<i64, Books>,
    /// Of others, what of their set-up cannot be used.
    pub faults: BTreeMap<i64, String>,
}

impl Setup {
    pub fn of(odoo: &Odoo, who: &Session) -> Result<Self> {
        let companies = odoo.store.list("res.users", who.uid, "company_ids");
        let (mut ready, mut faults) = (BTreeMap::new(), BTreeMap::new());
        for company in &companies {
            match books(odoo, *company, &companies)? {
                Ok(Some(books)) => drop(ready.insert(*company, books)),
                Ok(None) => {}
                Err(fault) => drop(faults.insert(*company, fault)),
            }
        }
        Ok(Self { uid: who.uid, company: who.company, companies, ready, faults })
    }

    /// The books of the Stripe account's own company: the one that the movement names, else the user's.
    pub fn books(&self, movement: &Value) -> Result<&Books> {
        let company = movement.get("company").and_then(num::int).unwrap_or(self.company);
        self.ready.get(&company).ok_or_else(|| self.not_configured(company))
    }

    /// The fault of a company's set-up, which is no movement's.
    pub fn not_configured(&self, company: i64) -> error::Error {
        let nothing = || format!("journal_stripe_{company}: no Stripe journal with its clearing account there");
        let why = self.faults.get(&company).cloned().unwrap_or_else(nothing);
        error::user(format!("quittance:not_configured:{why}"))
    }
}

/// A company and its parents, the nearest first.
pub fn chain(odoo: &Odoo, company: i64) -> Vec<i64> {
    let parent = |c: &i64| odoo.store.int("res.company", *c, "parent_id");
    std::iter::successors(Some(company), parent).collect()
}

/// The record that an external id of set-up points at, if it is still there.
pub fn record(odoo: &Odoo, name: &str) -> Option<i64> {
    let (model, id) = odoo.store.tied(&format!("quittance.{name}"))?;
    odoo.store.get(&model, id).map(|_| id)
}

/// The company whose set-up serves a company, where the user works there too.
pub fn home_of(odoo: &Odoo, company: i64, allowed: &[i64]) -> Option<i64> {
    let named = |what: &str, home: i64| odoo.store.tied(&format!("quittance.{what}_{home}")).is_some();
    let has = |home: &i64| named("journal_stripe", *home) || named("account_clearing", *home);
    chain(odoo, company).into_iter().find(has).filter(|home| allowed.contains(home))
}

/// What set-up made for a company; the inner error says what of it cannot be used.
fn books(odoo: &Odoo, company: i64, allowed: &[i64]) -> Result<std::result::Result<Option<Books>, String>> {
    let named = |what: &str, home: i64| odoo.store.tied(&format!("quittance.{what}_{home}"));
    let Some(home) = home_of(odoo, company, allowed) else { return Ok(Ok(None)) };
    let (Some((_, journal)), Some((_, clearing))) = (named("journal_stripe", home), named("account_clearing", home))
    else {
        return Ok(Ok(None));
    };
    if let Some(fault) = usable::fault_of(odoo, home) {
        return Ok(Err(fault));
    }
    let Some(way) = usable::clearing_way(odoo, journal, Some(clearing), "inbound") else { return Ok(Ok(None)) };
    let account = |role: &&'static str| Some((*role, record(odoo, &format!("account_{role}_{home}"))?));
    let accounts = ROLES.iter().filter_map(account).collect();
    let provider = record(odoo, &format!("provider_{home}"));
    let (zone, owner) = (zone_of(odoo, home)?, Owner::of(odoo, home));
    Ok(Ok(Some(Books { home, journal, way, clearing, provider, accounts, zone, owner })))
}

/// Name of the time zone that decides which day an instant is.
pub fn zone_of(odoo: &Odoo, home: i64) -> Result<String> {
    let row = odoo.store.find("ir.config_parameter", "key", &json!(format!("quittance.zone_{home}")));
    let name = row.map(|row| odoo.store.text("ir.config_parameter", row, "value").to_owned());
    let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| "UTC".into());
    if zone::known(&name) {
        return Ok(name);
    }
    Err(error::user(format!("quittance:not_configured:zone_{home}: there is no time zone {name}")))
}

/// The day of a movement in the time zone of its books.
pub fn day(movement: &Value, books: &Books) -> Result<String> {
    let at = text(movement, "at");
    zone::day(at, &books.zone).ok_or_else(|| error::value(format!("time data '{at}' does not match format")))
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

/// An amount with its sign; none when the currency cannot say it exactly.
pub fn signed(odoo: &Odoo, text: &str, currency: i64) -> Option<Decimal> {
    let (sign, plain) = text.strip_prefix('-').map_or((Decimal::ONE, text), |plain| (-Decimal::ONE, plain));
    if plain.parse::<Decimal>().ok()?.is_zero() {
        return Some(Decimal::ZERO);
    }
    Some(sign * representable(odoo, plain, currency)?)
}
