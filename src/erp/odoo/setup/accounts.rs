//! The accounts of one company, by role: made beside accounts of their kind, or mapped to those that exist.

use serde_json::{Value, json};

use super::admin::{Admin, id, one, text};
use super::codes::Codes;
use super::company::Company;
use super::options::{ChangeKind, ExistingRecord, chosen_code};
use super::roles::{self, Role};
use crate::erp::odoo::error::{OdooError, OdooErrorKind};

const MODEL: &str = "account.account";
/// In the place of a code: the account is to be made.
const NEW: &str = "new";

/// The account of every role that has one; the id is 0 where it would be made in a dry run.
pub type Accounts = Vec<(&'static Role, i64)>;

/// Makes or maps the accounts of all roles, the optional ones when they are asked for. `balance` is the Stripe journal's own account, 0 before it exists;
/// `clearing` is the clearing account where it is settled already.
pub async fn make_accounts(
    admin: &mut Admin<'_>,
    named: &[ExistingRecord],
    company: &Company,
    balance: i64,
    clearing: Option<i64>,
) -> Result<Accounts, OdooError> {
    let mut codes = Codes::read_codes(admin, company).await?;
    let mut accounts = Vec::new();
    for role in &roles::ROLES {
        let account = match (chosen_code(named, role.name, company.id), clearing) {
            (_, Some(clearing)) if role.name == roles::CLEARING.name => clearing,
            (Some(code), _) if code != NEW => mapped_account(admin, role, code, company).await?,
            (None, _) if role.optional && admin.find_record(&role.external(company.id)).await?.is_none() => continue,
            _ => find_or_create(admin, role, company, balance, &mut codes).await?,
        };
        accounts.push((role, account));
    }
    check_distinct(admin, company, balance, &accounts).await?;
    Ok(accounts)
}

async fn find_or_create(
    admin: &mut Admin<'_>,
    role: &Role,
    company: &Company,
    balance: i64,
    codes: &mut Codes,
) -> Result<i64, OdooError> {
    let name = role.external(company.id);
    if let Some(found) = admin.find_record(&name).await? {
        admin.note(ChangeKind::Keep, &name, role.holds);
        return Ok(found.id);
    }
    let code = codes.next(admin, role, company, balance).await?;
    let values = [
        ("name", role.title.to_owned()),
        ("code", code.clone()),
        ("account_type", role.kind.to_owned()),
        ("reconcile", flag(role.reconcile)),
        ("non_trade", flag(role.non_trade)),
    ];
    let detail = format!("account {code} {}, for {}", role.title, role.holds);
    admin.create(MODEL, &name, &values, Some(company.id), detail).await
}

fn flag(on: bool) -> String {
    if on { "1" } else { "0" }.to_owned()
}

/// The account that a user named, when it can serve.
async fn mapped_account(admin: &mut Admin<'_>, role: &Role, code: &str, company: &Company) -> Result<i64, OdooError> {
    let account = by_code(admin, code, company.id).await?;
    if let Some(why) = reason_unfit(role, &account) {
        return refuse(code, company, &why);
    }
    let found = id(&account);
    let title = text(&account, "name");
    admin.map(MODEL, &role.external(company.id), found, &format!("the account {code} {title}")).await?;
    Ok(found)
}

/// The account with this code.
pub async fn by_code(admin: &Admin<'_>, code: &str, company: i64) -> Result<Value, OdooError> {
    let fields = ["code", "name", "account_type", "reconcile", "currency_id"];
    let rows = admin.rows(MODEL, json!([["code", "=", code]]), &fields, Some(company)).await?;
    rows.into_iter().next().ok_or_else(|| {
        OdooError::new(OdooErrorKind::Refused, format!("Account {code} of company {company} does not exist."))
    })
}

/// Why an account cannot have a role; `None` when it can. The row has account_type, reconcile and currency_id.
pub fn reason_unfit(role: &Role, account: &Value) -> Option<String> {
    let kind = text(account, "account_type");
    if !role.fits.contains(&kind) {
        return Some(format!("is of type {kind}; for {} it must be {}", role.name, role.fits.join(" or ")));
    }
    if role.reconcile && account.get("reconcile") != Some(&Value::Bool(true)) {
        return Some(format!("does not allow reconciliation, which {} needs; switch it on", role.name));
    }
    let currency = one(account, "currency_id");
    currency.map(|_| "has a currency of its own, so that lines of other currencies are refused; clear it".to_owned())
}

fn refuse<T>(code: &str, company: &Company, why: &str) -> Result<T, OdooError> {
    Err(OdooError::new(OdooErrorKind::Refused, format!("Account {code} of company {} {why}.", company.id)))
}

/// Accounts that must not be one, and accounts of Odoo's that none of ours may be: what stands on them would no longer
/// tell anything.
async fn check_distinct(
    admin: &Admin<'_>,
    company: &Company,
    balance: i64,
    accounts: &[(&'static Role, i64)],
) -> Result<(), OdooError> {
    let own: Vec<_> = accounts.iter().filter(|(role, account)| role.reconcile && *account != 0).collect();
    for (at, (role, account)) in own.iter().enumerate() {
        let twin = own.iter().skip(at + 1).find(|(_, other)| other == account);
        let why = match twin {
            Some((other, _)) => format!("cannot be both {} and {}", role.name, other.name),
            None if *account == balance => format!("is the Stripe balance account and cannot be {}", role.name),
            None => continue,
        };
        return refuse(&code_of(admin, *account, company).await?, company, &why);
    }
    let odoos = odoo_accounts(admin, company).await?;
    for (role, account) in own {
        if odoos.contains(account) && role.name != roles::CLEARING.name {
            let why =
                format!("is Odoo's own account of outstanding or unmatched payments; {} needs another", role.name);
            return refuse(&code_of(admin, *account, company).await?, company, &why);
        }
    }
    Ok(())
}

async fn code_of(admin: &Admin<'_>, account: i64, company: &Company) -> Result<String, OdooError> {
    let rows = admin.rows(MODEL, json!([["id", "=", account]]), &["code"], Some(company.id)).await?;
    Ok(rows.first().map_or_else(String::new, |row| text(row, "code").to_owned()))
}

/// Suspense accounts of journals, and the outstanding accounts of the chart and of other bank journals.
async fn odoo_accounts(admin: &Admin<'_>, company: &Company) -> Result<Vec<i64>, OdooError> {
    let mut found: Vec<i64> = company.suspense.into_iter().collect();
    let of_company = json!([["company_id", "=", company.id], ["type", "in", ["bank", "cash"]]]);
    let journals = admin.rows("account.journal", of_company, &["suspense_account_id"], Some(company.id)).await?;
    found.extend(journals.iter().filter_map(|row| one(row, "suspense_account_id")));
    let ids = ["debit", "credit"].map(|side| format!("{}_account_journal_payment_{side}_account_id", company.id));
    let domain = json!([["module", "=", "account"], ["name", "in", ids]]);
    let outstanding = admin.rows("ir.model.data", domain, &["res_id"], None).await?;
    found.extend(outstanding.iter().filter_map(|row| row.get("res_id")?.as_i64()));
    Ok(found)
}
