//! Upgrade of an installation that booked receipts straight to the Stripe balance account.
//!
//! The account that holds the receipts becomes the clearing account, and the journal gets a new balance account. So no
//! entry is touched, and every receipt already stands where its balance transaction will look for it. Tried on Odoo 17,
//! 18 and 19: `default_account_id` and `account_type` may be changed though entries exist, and the old receipts
//! reconcile.

use serde_json::{Value, json};

use super::admin::{Admin, one, text};
use super::codes::Codes;
use super::company::Company;
use super::journals::{self, Journal};
use super::options::ChangeKind;
use super::roles::CLEARING;
use crate::erp::odoo::error::{OdooError, OdooErrorKind};

const ACCOUNT: &str = "account.account";

/// Takes balance and clearing apart when they are one account. Gives the journal with its new balance account, 0 in a
/// dry run, and the account that is the clearing account from now on; `None` when they are apart.
pub async fn balance(
    admin: &mut Admin<'_>,
    company: &Company,
    journal: Journal,
) -> Result<Option<(Journal, i64)>, OdooError> {
    if journal.id == 0 || !is_one_account(admin, company, journal).await? {
        return Ok(None);
    }
    without_statements(admin, company, journal).await?;
    let fields = ["code", "name"];
    let rows = admin.rows(ACCOUNT, json!([["id", "=", journal.balance]]), &fields, Some(company.id)).await?;
    let old = rows.first().cloned().unwrap_or_default();
    let made = new_balance(admin, company, &old).await?;
    let name = journals::external(company.id, "");
    admin.note(ChangeKind::Update, &name, "its default account is the new balance account");
    become_clearing(admin, company, journal, &old).await?;
    if !admin.dry {
        admin.write("account.journal", journal.id, json!({"default_account_id": made})).await?;
        // Odoo keeps the account of a bank journal among bank accounts, so its type changes after the journal let go.
        let mine = text(&old, "name") == "Stripe";
        let name = if mine { CLEARING.title } else { text(&old, "name") };
        let values = json!({"account_type": CLEARING.kind, "reconcile": true, "name": name});
        admin.write(ACCOUNT, journal.balance, values).await?;
    }
    Ok(Some((Journal { id: journal.id, balance: made }, journal.balance)))
}

/// Odoo finds the bank's side of a statement line by the journal's account, which must therefore stay.
async fn without_statements(admin: &Admin<'_>, company: &Company, journal: Journal) -> Result<(), OdooError> {
    let of_journal = json!([["journal_id", "=", journal.id]]);
    let lines = admin.rows("account.bank.statement.line", of_journal, &["date"], Some(company.id)).await?;
    if lines.is_empty() {
        return Ok(());
    }
    let detail = "The Stripe journal has bank statement lines, so that its receipts cannot be parted from its balance by set-up: delete the lines, or name another clearing account with --clearing-account for the receipts to come.";
    Err(OdooError::new(OdooErrorKind::Refused, detail))
}

/// Whether receipts of our journal have been booked to its balance account.
async fn is_one_account(admin: &Admin<'_>, company: &Company, journal: Journal) -> Result<bool, OdooError> {
    if let Some(clearing) = admin.find_record(&CLEARING.external(company.id)).await? {
        return Ok(clearing.id == journal.balance);
    }
    let lines = journals::method_lines(admin, journal.id, company.id).await?;
    Ok(lines.iter().any(|line| one(line, "payment_account_id") == Some(journal.balance)))
}

async fn new_balance(admin: &mut Admin<'_>, company: &Company, old: &Value) -> Result<i64, OdooError> {
    let name = format!("account_balance_{}", company.id);
    if let Some(found) = admin.find_record(&name).await? {
        admin.note(ChangeKind::Keep, &name, "the balance account that an earlier run made");
        return Ok(found.id);
    }
    let code = Codes::read_codes(admin, company).await?.after(text(old, "code")).ok_or_else(|| {
        let detail = format!("No free account code after {:?} for the Stripe balance account.", text(old, "code"));
        OdooError::new(OdooErrorKind::Refused, detail)
    })?;
    let values = [("name", "Stripe".to_owned()), ("code", code.clone()), ("account_type", "asset_cash".to_owned())];
    let detail = format!("account {code} Stripe, the balance account from now on");
    admin.create(ACCOUNT, &name, &values, Some(company.id), detail).await
}

async fn become_clearing(
    admin: &mut Admin<'_>,
    company: &Company,
    journal: Journal,
    old: &Value,
) -> Result<(), OdooError> {
    let detail = format!(
        "the account {} {}, which holds the receipts booked so far: it becomes the clearing account and keeps every entry",
        text(old, "code"),
        text(old, "name")
    );
    let name = CLEARING.external(company.id);
    match admin.find_record(&name).await? {
        Some(found) if found.id == journal.balance => admin.note(ChangeKind::Update, &name, detail),
        _ => admin.map(ACCOUNT, &name, journal.balance, &detail).await?,
    }
    admin.notes.push(format!(
        "account {} of company {} was Stripe's balance and is now the clearing account; payouts and fees that were booked on it by hand still stand there: reconcile them with the receipts they belong to",
        text(old, "code"),
        company.id
    ));
    Ok(())
}
