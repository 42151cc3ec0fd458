//! The books of one company: the Stripe journal with its balance account, and the clearing account that receipts
//! are booked against.

use serde_json::{Value, json};

use super::admin::{Admin, id, one, text};
use super::{Act, Wish, chosen};
use crate::erp::odoo::error::{Kind, OdooError};

const JOURNAL_CODE: &str = "STRP";
/// How far to look for a free account code.
const CODES_TRIED: u64 = 1_000;

/// Makes or finds the journal and the clearing account, and ties them together.
pub async fn company(admin: &mut Admin<'_>, wish: &Wish, company: i64) -> Result<(), OdooError> {
    let receivable = json!([["account_type", "=", "asset_receivable"]]);
    if admin.rows("account.account", receivable, &["code"], Some(company)).await?.is_empty() {
        let detail =
            format!("Company {company} has no chart of accounts: install one in Odoo's accounting settings first.");
        return Err(OdooError::new(Kind::Refused, detail));
    }
    let journal = journal(admin, chosen(&wish.journals, company), company).await?;
    let clearing = clearing(admin, chosen(&wish.clearing, company), company, journal).await?;
    tie(admin, company, journal, clearing).await
}

async fn journal(admin: &mut Admin<'_>, code: Option<&str>, company: i64) -> Result<i64, OdooError> {
    let name = format!("journal_stripe_{company}");
    if let Some(code) = code {
        let domain = json!([["code", "=", code], ["company_id", "=", company], ["type", "=", "bank"]]);
        let rows = admin.rows("account.journal", domain, &["name"], Some(company)).await?;
        let found = rows.first().ok_or_else(|| {
            OdooError::new(Kind::Refused, format!("Company {company} has no bank journal with the code {code}."))
        })?;
        admin.map("account.journal", &name, id(found), &format!("the journal {code}")).await?;
        return Ok(id(found));
    }
    if let Some(found) = admin.named(&name).await? {
        admin.note(Act::Keep, &name, "the Stripe journal");
        return Ok(found.id);
    }
    let taken = json!([["code", "=", JOURNAL_CODE], ["company_id", "=", company]]);
    if !admin.rows("account.journal", taken, &["id"], Some(company)).await?.is_empty() {
        let detail = format!(
            "Company {company} has a journal with the code {JOURNAL_CODE} already: use it with --journal {company}:{JOURNAL_CODE}, or give it another code."
        );
        return Err(OdooError::new(Kind::Refused, detail));
    }
    let values = [
        ("name", "Stripe".to_owned()),
        ("code", JOURNAL_CODE.to_owned()),
        ("type", "bank".to_owned()),
        ("company_id/.id", company.to_string()),
    ];
    let detail = "bank journal Stripe (STRP) with the Stripe balance account";
    admin.create("account.journal", &name, &values, Some(company), detail).await
}

async fn clearing(admin: &mut Admin<'_>, code: Option<&str>, company: i64, journal: i64) -> Result<i64, OdooError> {
    let name = format!("account_clearing_{company}");
    if let Some(code) = code {
        let found = existing(admin, code, company).await?;
        admin.map("account.account", &name, found, &format!("the account {code}")).await?;
        return Ok(found);
    }
    if let Some(found) = admin.named(&name).await? {
        admin.note(Act::Keep, &name, "the Stripe clearing account");
        return Ok(found.id);
    }
    // In a dry run the journal's own account, after which codes are counted, is not there yet.
    let code = if journal == 0 { "with the next free code".into() } else { free_code(admin, company, journal).await? };
    let values = [
        ("name", "Stripe clearing".to_owned()),
        ("code", code.clone()),
        ("account_type", "asset_current".to_owned()),
        ("reconcile", "1".to_owned()),
    ];
    let detail = format!("account {code} Stripe clearing: current asset, reconcilable, no currency of its own");
    admin.create("account.account", &name, &values, Some(company), detail).await
}

/// A clearing account must let its lines be reconciled, in any currency.
async fn existing(admin: &Admin<'_>, code: &str, company: i64) -> Result<i64, OdooError> {
    let refuse = |why: &str| Err(OdooError::new(Kind::Refused, format!("Account {code} of company {company} {why}.")));
    let rows =
        admin.rows("account.account", json!([["code", "=", code]]), &["reconcile", "currency_id"], Some(company));
    match rows.await?.first() {
        None => refuse("does not exist"),
        Some(row) if row.get("reconcile") != Some(&Value::Bool(true)) => {
            refuse("does not allow reconciliation; switch it on")
        }
        Some(row) if one(row, "currency_id").is_some() => refuse("has a currency of its own; clear it"),
        Some(row) => Ok(id(row)),
    }
}

/// The first free code after that of the journal's own account.
async fn free_code(admin: &Admin<'_>, company: i64, journal: i64) -> Result<String, OdooError> {
    let of_journal = json!([["id", "=", journal]]);
    let journals = admin.rows("account.journal", of_journal, &["default_account_id"], Some(company)).await?;
    let balance = journals.first().and_then(|row| one(row, "default_account_id"));
    // Before the journal exists (a dry run), any bank account of the company stands in for its own.
    let domain =
        balance.map_or_else(|| json!([["account_type", "=", "asset_cash"]]), |balance| json!([["id", "=", balance]]));
    let near = admin.rows("account.account", domain, &["code"], Some(company)).await?;
    let start = near.last().map_or("", |row| text(row, "code")).to_owned();
    let all = admin.rows("account.account", json!([["code", "!=", false]]), &["code"], Some(company)).await?;
    let taken: Vec<&str> = all.iter().map(|row| text(row, "code")).collect();
    after(&start, &taken).ok_or_else(|| {
        OdooError::new(
            Kind::Refused,
            format!("No free account code after {start:?}; make an account and name it with --clearing-account."),
        )
    })
}

/// The first code after `start` that is not taken, as long as `start` is.
fn after(start: &str, taken: &[&str]) -> Option<String> {
    let digits = start.len() - start.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (head, tail) = start.split_at(start.len() - digits);
    let number: u64 = tail.parse().ok()?;
    let codes = (1..CODES_TRIED).map(|step| format!("{head}{:0digits$}", number + step));
    codes.into_iter().find(|code| !taken.contains(&code.as_str()))
}

/// Receipts and refunds by this journal move the clearing account. Without an account here, Enterprise would keep
/// the residual of an invoice open until the bank statement comes.
async fn tie(admin: &mut Admin<'_>, company: i64, journal: i64, clearing: i64) -> Result<(), OdooError> {
    let domain = json!([["journal_id", "=", journal]]);
    let lines =
        admin.rows("account.payment.method.line", domain, &["name", "payment_account_id"], Some(company)).await?;
    let wrong: Vec<&Value> = lines.iter().filter(|line| one(line, "payment_account_id") != Some(clearing)).collect();
    let name = format!("journal_stripe_{company}");
    if wrong.is_empty() && !lines.is_empty() {
        admin.note(Act::Keep, &name, "its payment methods book against the clearing account");
        return Ok(());
    }
    admin.note(Act::Update, &name, "its payment methods book against the clearing account");
    if admin.dry {
        return Ok(());
    }
    for line in wrong {
        admin.write("account.payment.method.line", id(line), json!({"payment_account_id": clearing})).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::after;

    #[test]
    fn the_next_free_code_keeps_the_length() {
        assert_eq!(after("101404", &["101404", "101405"]).as_deref(), Some("101406"));
        assert_eq!(after("0099", &[]).as_deref(), Some("0100"));
        assert_eq!(after("BNK09", &["BNK10"]).as_deref(), Some("BNK11"));
        assert_eq!(after("BANK", &[]), None);
    }
}
