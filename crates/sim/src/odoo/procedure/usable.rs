//! Whether what set-up made can still be used: people change journals, accounts and taxes in Odoo.

use serde_json::{Value, json};

use super::setup::{self, ROLES};
use crate::odoo::Odoo;
use crate::odoo::error::{self, Result};
use crate::odoo::num;
use crate::odoo::version::Version;

const ACCOUNT: &str = "account.account";
const JOURNAL: &str = "account.journal";
const PARTNER: &str = "res.partner";
/// The contacts that set-up makes.
const PARTNERS: [&str; 3] = ["partner_unallocated", "partner_stripe", "partner_platform"];
const TAX: &str = "account.tax";
const CURRENCY: &str = "res.currency";
const WAY: &str = "account.payment.method.line";

/// The method line of a journal that moves the clearing account.
pub fn clearing_way(odoo: &Odoo, journal: i64, clearing: Option<i64>, direction: &str) -> Option<i64> {
    let on_clearing = |way: &i64| clearing.is_some() && odoo.store.int(WAY, *way, "payment_account_id") == clearing;
    odoo.method_lines(journal, direction).into_iter().find(on_clearing)
}

/// The first of what set-up made for a company that cannot be used as it is now.
pub fn fault_of(odoo: &Odoo, home: i64) -> Option<String> {
    let s = &odoo.store;
    let own = format!("journal_stripe_{home}");
    let mut journals = vec![(own.clone(), s.int("res.company", home, "currency_id").unwrap_or_default())];
    for name in s.named("quittance", &format!("{own}_")) {
        let code = name.rsplit('_').next().unwrap_or_default().to_uppercase();
        let currency = s.find(CURRENCY, "name", &json!(code)).unwrap_or_default();
        journals.push((name.to_owned(), currency));
    }
    for (name, currency) in &journals {
        if let Some(why) = unfit_journal(odoo, setup::record(odoo, name), home, *currency) {
            return Some(format!("{name}: {why}"));
        }
    }
    for role in ROLES {
        let account = setup::record(odoo, &format!("account_{role}_{home}"));
        if let Some(why) = account.and_then(|account| unfit_account(odoo, account, home, role)) {
            return Some(format!("account_{role}_{home}: {why}"));
        }
    }
    let clearing = setup::record(odoo, &format!("account_clearing_{home}"));
    let journal = setup::record(odoo, &own).unwrap_or_default();
    if ["inbound", "outbound"].iter().any(|way| clearing_way(odoo, journal, clearing, way).is_none()) {
        return Some(format!("clearing_not_on_payment_method:{home}"));
    }
    for name in PARTNERS {
        if let Some(why) = unfit_partner(odoo, name, home) {
            return Some(format!("{name}: {why}"));
        }
    }
    s.tied(&format!("quittance.tax_fees_{home}"))?;
    let Some(tax) = setup::record(odoo, &format!("tax_fees_{home}")) else {
        return Some(format!("tax_fees_{home}: the tax is gone"));
    };
    let of_others = s.int(TAX, tax, "company_id").is_some_and(|company| !setup::chain(odoo, home).contains(&company));
    let fits =
        num::truthy(&s.value(TAX, tax, "active")) && s.text(TAX, tax, "type_tax_use") == "purchase" && !of_others;
    let name = s.text(TAX, tax, "name");
    (!fits).then(|| format!("tax_fees_{home}: the tax {name} is archived, no purchase tax, or of another company"))
}

/// Why a contact that set-up made cannot be booked on. Odoo books on an archived one.
fn unfit_partner(odoo: &Odoo, name: &str, home: i64) -> Option<String> {
    let s = &odoo.store;
    let Some(partner) = setup::record(odoo, name) else { return Some("the contact is gone".into()) };
    let title = s.text(PARTNER, partner, "name");
    if s.int(PARTNER, partner, "company_id").is_some_and(|company| !setup::chain(odoo, home).contains(&company)) {
        return Some(format!("the contact {title} is of another company"));
    }
    let advances = setup::record(odoo, &format!("account_advances_{home}"));
    let account = odoo.account_of_type(home, "asset_receivable").filter(|account| !out_of_use(odoo, *account));
    (name == "partner_unallocated" && advances.is_none() && account.is_none())
        .then(|| format!("the receivable account of the contact {title} is gone or out of use"))
}

/// The account on which the supplier's fees wait for its bill.
pub fn payable_of(odoo: &Odoo, home: i64) -> Result<i64> {
    let account = odoo.account_of_type(home, "liability_payable").filter(|account| !out_of_use(odoo, *account));
    account.ok_or_else(|| {
        let partner = setup::record(odoo, "partner_stripe").unwrap_or_default();
        let title = odoo.store.text(PARTNER, partner, "name");
        let why = format!("partner_stripe: the payable account of the contact {title} is gone or out of use");
        error::user(format!("quittance:not_configured:{why}"))
    })
}

/// Whether an account is deprecated (17, 18) or archived (19).
fn out_of_use(odoo: &Odoo, account: i64) -> bool {
    match odoo.version {
        Version::V19 => odoo.store.value(ACCOUNT, account, "active") == Value::Bool(false),
        _ => num::truthy(&odoo.store.value(ACCOUNT, account, "deprecated")),
    }
}

fn unfit_journal(odoo: &Odoo, journal: Option<i64>, home: i64, currency: i64) -> Option<String> {
    let s = &odoo.store;
    let Some(journal) = journal else { return Some("the journal is gone".into()) };
    let name = s.text(JOURNAL, journal, "name");
    if !num::truthy(&s.value(JOURNAL, journal, "active")) {
        return Some(format!("the journal {name} is archived"));
    }
    let kind = s.text(JOURNAL, journal, "type");
    if kind != "bank" {
        return Some(format!("the journal {name} is of type {kind}"));
    }
    if s.int(JOURNAL, journal, "company_id") != Some(home) {
        return Some(format!("the journal {name} is of another company"));
    }
    let own = s.int(JOURNAL, journal, "currency_id").or_else(|| s.int("res.company", home, "currency_id"));
    if own != Some(currency) || !num::truthy(&s.value(CURRENCY, currency, "active")) {
        let code = s.text(CURRENCY, currency, "name");
        return Some(format!("the journal {name} is not in {code}, or that currency is not active"));
    }
    match s.int(JOURNAL, journal, "default_account_id").filter(|account| s.get(ACCOUNT, *account).is_some()) {
        Some(account) => unfit_account(odoo, account, home, "balance"),
        None => Some("its account is gone".into()),
    }
}

fn unfit_account(odoo: &Odoo, account: i64, home: i64, role: &str) -> Option<String> {
    let s = &odoo.store;
    let code = s.text(ACCOUNT, account, "code");
    if out_of_use(odoo, account) {
        return Some(format!("the account {code} is deprecated or archived"));
    }
    let owners = match odoo.version {
        Version::V17 => s.int(ACCOUNT, account, "company_id").into_iter().collect(),
        _ => s.list(ACCOUNT, account, "company_ids"),
    };
    if !owners.iter().any(|owner| setup::chain(odoo, home).contains(owner)) {
        return Some(format!("the account {code} is of another company"));
    }
    if role == "balance" {
        return None;
    }
    let kind = s.text(ACCOUNT, account, "account_type");
    let never = ["liability_payable", "equity_unaffected", "off_balance"].contains(&kind);
    if never || (kind == "asset_receivable") != (role == "advances") {
        return Some(format!("the account {code} has the type {kind}"));
    }
    let matched = ["clearing", "transit", "disputed", "suspense", "advances"].contains(&role);
    if matched && !num::truthy(&s.value(ACCOUNT, account, "reconcile")) {
        return Some(format!("the account {code} does not allow reconciliation"));
    }
    let currency = s.int(ACCOUNT, account, "currency_id");
    currency.map(|_| format!("the account {code} has a currency of its own"))
}
