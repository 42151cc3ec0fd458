//! The Stripe journals of one company: its own, and one for each further settlement currency. The default account of
//! each is the Stripe balance in that currency.

use serde_json::{Value, json};

use super::admin::{Admin, id, one, text};
use super::company::Company;
use super::currencies;
use super::options::{ChangeKind, SetupOptions, chosen_code};
use crate::erp::odoo::error::{OdooError, OdooErrorKind};

const MODEL: &str = "account.journal";
/// Of the company's own Stripe journal.
const CODE: &str = "STRP";

/// A Stripe journal and the Stripe balance account behind it; 0 where they would be made in a dry run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Journal {
    pub id: i64,
    pub balance: i64,
}

/// The external id of a journal: `currency` as a code, empty for the company's own.
pub fn external(company: i64, currency: &str) -> String {
    match currency {
        "" => format!("journal_stripe_{company}"),
        other => format!("journal_stripe_{company}_{}", other.to_lowercase()),
    }
}

/// The journal in the company's own currency: receipts are booked in it, and what Stripe settles in this currency.
pub async fn own_journal(admin: &mut Admin<'_>, wish: &SetupOptions, company: &Company) -> Result<Journal, OdooError> {
    let name = external(company.id, "");
    if let Some(code) = chosen_code(&wish.journals, "", company.id) {
        return mapped_journal(admin, &name, code, company, None).await;
    }
    make(admin, &name, "Stripe", CODE, company, None).await
}

/// The journals of further settlement currencies: those wished now, and those that an earlier run made.
pub async fn further_journals(
    admin: &mut Admin<'_>,
    wish: &SetupOptions,
    company: &Company,
) -> Result<Vec<(String, Journal)>, OdooError> {
    let mut codes = journal_currencies(admin, company.id).await?;
    let wished =
        wish.currencies.iter().chain(wish.journals.iter().map(|one| &one.what).filter(|what| !what.is_empty()));
    codes.extend(wished.map(|code| code.to_uppercase()).filter(|code| *code != company.currency_name));
    codes.sort_unstable();
    codes.dedup();
    let mut journals = Vec::new();
    for code in codes {
        let currency = currencies::activate(admin, &code, company).await?;
        let name = external(company.id, &code);
        let journal = match chosen_code(&wish.journals, &code, company.id) {
            Some(journal) => mapped_journal(admin, &name, journal, company, Some((&code, currency))).await?,
            None => {
                let (title, short) = (format!("Stripe {code}"), format!("ST{code}"));
                make(admin, &name, &title, &short, company, Some((&code, currency))).await?
            }
        };
        journals.push((code, journal));
    }
    Ok(journals)
}

/// Codes of the currencies that have a journal already.
async fn journal_currencies(admin: &Admin<'_>, company: i64) -> Result<Vec<String>, OdooError> {
    let domain = json!([["module", "=", "quittance"], ["model", "=", MODEL]]);
    let rows = admin.rows("ir.model.data", domain, &["name"], None).await?;
    let first = format!("journal_stripe_{company}_");
    Ok(rows.iter().filter_map(|row| Some(text(row, "name").strip_prefix(&first)?.to_uppercase())).collect())
}

/// Uses a bank journal that exists. `currency`: code and id of a further settlement currency.
async fn mapped_journal(
    admin: &mut Admin<'_>,
    name: &str,
    code: &str,
    company: &Company,
    currency: Option<(&str, i64)>,
) -> Result<Journal, OdooError> {
    let domain = json!([["code", "=", code], ["company_id", "=", company.id], ["type", "=", "bank"]]);
    let rows = admin.rows(MODEL, domain, &["currency_id", "default_account_id"], Some(company.id)).await?;
    let refuse = |why: String| Err(OdooError::new(OdooErrorKind::Refused, why));
    let Some(found) = rows.first() else {
        return refuse(format!("Company {} has no bank journal with the code {code}.", company.id));
    };
    let wanted = currency.map_or(company.currency, |(_, id)| id);
    if one(found, "currency_id").unwrap_or(company.currency) != wanted {
        let wanted = currency.map_or(company.currency_name.as_str(), |(code, _)| code);
        return refuse(format!("Journal {code} of company {} is not in {wanted}.", company.id));
    }
    admin.map(MODEL, name, id(found), &format!("the journal {code}")).await?;
    Ok(Journal { id: id(found), balance: one(found, "default_account_id").unwrap_or_default() })
}

async fn make(
    admin: &mut Admin<'_>,
    name: &str,
    title: &str,
    code: &str,
    company: &Company,
    currency: Option<(&str, i64)>,
) -> Result<Journal, OdooError> {
    if let Some(found) = admin.find_record(name).await? {
        let what = currency
            .map_or_else(|| "the Stripe journal".to_owned(), |(code, _)| format!("the Stripe journal in {code}"));
        admin.note(ChangeKind::Keep, name, what);
        return read_journal(admin, found.id, company.id).await;
    }
    let taken = json!([["code", "=", code], ["company_id", "=", company.id]]);
    if !admin.rows(MODEL, taken, &["id"], Some(company.id)).await?.is_empty() {
        let which = currency.map_or_else(String::new, |(code, _)| format!("{code}="));
        let detail = format!(
            "Company {0} has a journal with the code {code} already: use it with --journal {which}{0}:{code}, or give it another code.",
            company.id
        );
        return Err(OdooError::new(OdooErrorKind::Refused, detail));
    }
    let mut values = vec![
        ("name", title.to_owned()),
        ("code", code.to_owned()),
        ("type", "bank".to_owned()),
        ("company_id/.id", company.id.to_string()),
    ];
    // Odoo gives the journal's account the same currency, which keeps lines of any other currency away from it.
    values.extend(currency.map(|(_, id)| ("currency_id/.id", id.to_string())));
    let held = currency.map_or(company.currency_name.as_str(), |(code, _)| code);
    let detail = format!("bank journal {title} ({code}) with the Stripe balance account in {held}");
    let made = admin.create(MODEL, name, &values, Some(company.id), detail).await?;
    read_journal(admin, made, company.id).await
}

/// A journal by its id.
pub async fn read_journal(admin: &Admin<'_>, journal: i64, company: i64) -> Result<Journal, OdooError> {
    let rows = admin.rows(MODEL, json!([["id", "=", journal]]), &["default_account_id"], Some(company)).await?;
    let balance = rows.first().and_then(|row| one(row, "default_account_id")).unwrap_or_default();
    Ok(Journal { id: journal, balance })
}

/// Receipts and refunds by this journal move the clearing account. Without an account here, Enterprise would keep the
/// residual of an invoice open until the bank statement comes.
pub async fn tie(
    admin: &mut Admin<'_>,
    name: &str,
    company: i64,
    journal: i64,
    clearing: i64,
) -> Result<(), OdooError> {
    let lines = method_lines(admin, journal, company).await?;
    let wrong: Vec<&Value> = lines.iter().filter(|line| one(line, "payment_account_id") != Some(clearing)).collect();
    if wrong.is_empty() && !lines.is_empty() {
        admin.note(ChangeKind::Keep, name, "its payment methods book against the clearing account");
        return Ok(());
    }
    admin.note(ChangeKind::Update, name, "its payment methods book against the clearing account");
    if admin.dry {
        return Ok(());
    }
    for line in wrong {
        admin.write("account.payment.method.line", id(line), json!({"payment_account_id": clearing})).await?;
    }
    Ok(())
}

/// The payment methods of a journal, both ways.
pub async fn method_lines(admin: &Admin<'_>, journal: i64, company: i64) -> Result<Vec<Value>, OdooError> {
    let domain = json!([["journal_id", "=", journal]]);
    admin.rows("account.payment.method.line", domain, &["name", "payment_account_id"], Some(company)).await
}
