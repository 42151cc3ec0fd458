//! The books of one company, in the order in which their parts need each other.

use serde_json::json;

use super::admin::Admin;
use super::company::Company;
use super::options::{SetupOptions, chosen_code};
use super::roles::{CLEARING, TRANSIT};
use super::{accounts, balance_split, journals, matching, tax};
use crate::erp::odoo::error::{OdooError, OdooErrorKind};

/// Makes or finds the journals, the accounts of all roles and what hangs on them.
pub async fn company(admin: &mut Admin<'_>, wish: &SetupOptions, company: &Company) -> Result<(), OdooError> {
    let receivable = json!([["account_type", "=", "asset_receivable"]]);
    if admin.rows("account.account", receivable, &["code"], Some(company.id)).await?.is_empty() {
        let detail = format!(
            "Company {} has no chart of accounts: install one in Odoo's accounting settings first.",
            company.id
        );
        return Err(OdooError::new(OdooErrorKind::Refused, detail));
    }
    let stood = admin.find_record(&journals::external(company.id, "")).await?.is_some();
    let mut own = journals::own_journal(admin, wish, company).await?;
    let mut clearing = None;
    // A clearing account that somebody names settles it; a journal that was not ours before has no receipts of ours.
    let named = chosen_code(&wish.accounts, CLEARING.name, company.id).is_some();
    let split = if stood && !named { balance_split::balance(admin, company, own).await? } else { None };
    if let Some((journal, account)) = split {
        (own, clearing) = (journal, Some(account));
    }
    let further = journals::further_journals(admin, wish, company).await?;
    let accounts = accounts::make_accounts(admin, &wish.accounts, company, own.balance, clearing).await?;
    let of = |name: &str| accounts.iter().find(|(role, _)| role.name == name).map_or(0, |(_, account)| *account);
    let clearing = of(CLEARING.name);
    journals::tie(admin, &journals::external(company.id, ""), company.id, own.id, clearing).await?;
    for (currency, journal) in &further {
        journals::tie(admin, &journals::external(company.id, currency), company.id, journal.id, clearing).await?;
    }
    matching::payouts(admin, company, of(TRANSIT.name)).await?;
    tax::fees(admin, wish, company).await
}
