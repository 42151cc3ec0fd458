//! The Stripe journals: their currency, that no bank feeds them, and whether posted entries are secured.

use quittance::erp::odoo::setup::{id, one, text};
use serde_json::{Value, json};

use super::{CompanyBooks, Finding, name_list};

pub fn examine(books: &CompanyBooks<'_>) -> Vec<Finding> {
    let feeds = books.journals.iter().filter_map(|(_, row)| feed(books, row));
    let balances = books.journals.iter().filter_map(|(currency, row)| balance(books, currency, row));
    let mut findings: Vec<Finding> = feeds.chain(balances).collect();
    if findings.is_empty() {
        let codes: Vec<&str> = books.journals.iter().map(|(_, row)| text(row, "code")).collect();
        findings.push(Finding::good("odoo journals", format!("{} have no bank feed", codes.join(", "))));
    }
    findings.push(hash_finding(books));
    findings
}

/// Statement lines in a Stripe journal would move the balance account a second time.
fn feed(books: &CompanyBooks<'_>, journal: &Value) -> Option<Finding> {
    let lines = books.rows("account.bank.statement.line", json!([["journal_id", "=", id(journal)]]), &["date"]);
    let lines = lines.map_or(0, |lines| lines.len());
    let source = text(journal, "bank_statements_source");
    let fed = !matches!(source, "" | "undefined");
    let code = text(journal, "code");
    let detail = match (lines, fed) {
        (0, false) => return None,
        (0, true) => format!(
            "{code} takes bank statements ({source}): switch the feed off, Stripe's balance is booked from Stripe"
        ),
        (many, _) => format!(
            "{code} has {many} bank statement lines: delete them and switch the feed off, Stripe's balance is booked from Stripe"
        ),
    };
    Some(Finding::note("odoo journals", detail))
}

/// The balance account takes lines of its settlement currency: its own currency is none or the journal's.
fn balance(books: &CompanyBooks<'_>, currency: &str, journal: &Value) -> Option<Finding> {
    let account = one(journal, "default_account_id")?;
    let rows = books.rows("account.account", json!([["id", "=", account]]), &["code", "currency_id"]).ok()?;
    let row = rows.first()?;
    let forced = row.pointer("/currency_id/1").and_then(Value::as_str)?;
    (forced != currency).then(|| {
        let detail = format!(
            "balance account {} is in {forced}, its journal in {currency}: correct the account",
            text(row, "code")
        );
        Finding::bad("odoo journals", detail)
    })
}

fn hash_finding(books: &CompanyBooks<'_>) -> Finding {
    let what = "odoo secured entries";
    let open = |row: &&Value| row.get("restrict_mode_hash_table") != Some(&Value::Bool(true));
    let open: Vec<&Value> = books.journals.iter().map(|(_, row)| row).filter(open).collect();
    match open.is_empty() {
        true => Finding::good(what, "posted entries of the Stripe journals cannot be changed"),
        false => Finding::note(
            what,
            format!(
                "posted entries in {} can be set back to draft and changed: where your law asks for secured entries, switch on the journal's option Secure (17: Lock) Posted Entries with Hash, which cannot be taken back; everything Quittance does goes on",
                name_list(&open, "code")
            ),
        ),
    }
}
