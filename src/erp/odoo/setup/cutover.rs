//! What was under way at the cut-over: one draft entry each, which the movement that ends it meets on its account.
//!
//! An entry is tied to the movement as the entry of a balance transaction is, `{key}__t1`, or as one of a dispute,
//! `{key}__e1`: so whatever comes afterwards is reconciled with it, and nothing stays open.

use std::collections::BTreeSet;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::admin::{Admin, id, one, text};
use super::opening::Opening;
use super::options::ChangeKind;
use super::{accounts, journals};
use crate::erp::odoo::discover::MODULE;
use crate::erp::odoo::error::{OdooError, OdooErrorKind};
use crate::erp::odoo::transport::Client;

const MOVE: &str = "account.move";
const NAMES: &str = "ir.model.data";

/// Money that stands on an account at the cut-over and that a later movement takes off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CutoverItem {
    /// Role of the account.
    pub role: &'static str,
    /// In upper case.
    pub currency: String,
    /// On that account, in major units, with its sign.
    pub amount: Decimal,
    /// Id at Stripe, or the role: what the draft is known by.
    pub of: String,
    /// What the movement that ends it looks for, `stripe:…__t` or `stripe:…__e`; none where nothing is matched.
    pub tie: Option<String>,
    /// For people.
    pub what: String,
}

/// Drafts the entries, or brings the drafts up to date; drafts of what is under way no more go. A posted one stays as it
/// is, and a note says what differs.
pub async fn draft(
    client: &Client,
    opening: &Opening,
    flights: &[CutoverItem],
) -> Result<(Vec<super::Change>, Vec<String>), OdooError> {
    let session = client.open().await?;
    let mut admin = Admin::new(client, session, opening.dry);
    let other = id(&accounts::by_code(&admin, &opening.account, opening.company).await?);
    let mut names = BTreeSet::new();
    for flight in flights {
        let name = format!("{}{}", prefix(opening), flight.of);
        entry(&mut admin, opening, flight, &name, other).await?;
        names.insert(name);
    }
    remove_obsolete(&mut admin, opening, &names).await?;
    Ok((admin.changes, admin.notes))
}

fn prefix(opening: &Opening) -> String {
    format!("flight_{}_", opening.company)
}

/// Ids of the account and the currency.
async fn place(admin: &Admin<'_>, opening: &Opening, flight: &CutoverItem) -> Result<(i64, i64, i64), OdooError> {
    let missing =
        |what: String| OdooError::new(OdooErrorKind::Refused, format!("{what}: run `quittance setup odoo` first."));
    let company = opening.company;
    let account = admin.find_record(&format!("account_{}_{company}", flight.role)).await?;
    let account = account.ok_or_else(|| missing(format!("Company {company} has no account for {}", flight.role)))?;
    let rows = admin.rows("res.currency", json!([["name", "=", flight.currency]]), &["active"], None).await?;
    let currency = rows.first().filter(|row| row.get("active") == Some(&Value::Bool(true))).map(id);
    let currency = currency.ok_or_else(|| missing(format!("Activate currency {} in Odoo", flight.currency)))?;
    let journal = admin.find_record(&journals::external(company, "")).await?;
    let journal = journal.ok_or_else(|| missing(format!("Company {company} has no Stripe journal")))?;
    Ok((account.id, currency, journal.id))
}

async fn entry(
    admin: &mut Admin<'_>,
    opening: &Opening,
    flight: &CutoverItem,
    name: &str,
    other: i64,
) -> Result<(), OdooError> {
    let (account, currency, journal) = match place(admin, opening, flight).await {
        // A dry run makes no accounts.
        Err(error) if admin.dry && error.kind == OdooErrorKind::Refused => (0, 0, 0),
        place => place?,
    };
    let about = format!("{} {} on {}: {}", flight.amount, flight.currency, flight.role, flight.what);
    let lines = [(account, flight.amount), (other, -flight.amount)];
    let id = match admin.find_record(name).await? {
        Some(found) => {
            let head =
                admin.rows(MOVE, json!([["id", "=", found.id]]), &["state", "date"], Some(opening.company)).await?;
            let head = head.first().cloned().unwrap_or_default();
            let same = text(&head, "date") == opening.day && has_item(admin, found.id, opening.company, &lines).await?;
            match (same, text(&head, "state")) {
                (true, state) => admin.note(ChangeKind::Keep, name, format!("{state} entry: {about}")),
                (false, "draft") => {
                    admin.note(ChangeKind::Update, name, format!("draft entry of {}, now {about}", opening.day));
                    if !admin.dry {
                        write(admin, opening, found.id, &lines, currency, &flight.what).await?;
                    }
                }
                (false, state) => {
                    admin.note(ChangeKind::Keep, name, format!("{state} entry"));
                    admin.notes.push(format!(
                        "the entry of {} is {state}, and Stripe now says {about}: correct it by hand",
                        flight.of
                    ));
                }
            }
            found.id
        }
        None => {
            let values = [
                ("move_type", "entry".to_owned()),
                ("journal_id/.id", journal.to_string()),
                ("date", opening.day.clone()),
                ("ref", format!("Stripe opening {}", flight.of)),
            ];
            let detail = format!("draft entry of {}: {about}", opening.day);
            let made = admin.create(MOVE, name, &values, Some(opening.company), detail).await?;
            if admin.dry {
                return Ok(());
            }
            write(admin, opening, made, &lines, currency, &flight.what).await?;
            made
        }
    };
    match &flight.tie {
        Some(tie) if !admin.dry => self::tie(admin, tie, id).await,
        _ => Ok(()),
    }
}

/// Ties an entry under the next number of a name, once.
async fn tie(admin: &Admin<'_>, name: &str, entry: i64) -> Result<(), OdooError> {
    let mut count = 1;
    loop {
        let numbered = format!("{name}{count}");
        let domain = json!([["module", "=", MODULE], ["name", "=", numbered]]);
        let rows = admin.rows(NAMES, domain, &["res_id"], None).await?;
        match rows.first().map(|row| row.get("res_id").and_then(Value::as_i64)) {
            Some(Some(id)) if id == entry => return Ok(()),
            Some(_) => count += 1,
            None => {
                let vals =
                    json!({"module": MODULE, "name": numbered, "model": MOVE, "res_id": entry, "noupdate": true});
                return admin.call(NAMES, "create", None, json!({"vals_list": [vals]}), None).await.map(drop);
            }
        }
    }
}

async fn has_item(admin: &Admin<'_>, entry: i64, company: i64, lines: &[(i64, Decimal)]) -> Result<bool, OdooError> {
    let fields = ["account_id", "amount_currency"];
    let rows = admin.rows("account.move.line", json!([["move_id", "=", entry]]), &fields, Some(company)).await?;
    let amount = |row: &Value| Decimal::from_str(&row.get("amount_currency")?.to_string()).ok();
    let is = |row: &Value, line: &(i64, Decimal)| one(row, "account_id") == Some(line.0) && amount(row) == Some(line.1);
    Ok(rows.len() == lines.len() && lines.iter().all(|line| rows.iter().any(|row| is(row, line))))
}

/// Its lines anew; Odoo makes the value in the company's currency of the amount, at its own rate of the day.
async fn write(
    admin: &Admin<'_>,
    opening: &Opening,
    entry: i64,
    lines: &[(i64, Decimal)],
    currency: i64,
    label: &str,
) -> Result<(), OdooError> {
    let line = |(account, amount): &(i64, Decimal)| {
        let amount: Value = serde_json::from_str(&amount.to_string()).unwrap_or_default();
        json!([0, 0, {"account_id": account, "currency_id": currency, "amount_currency": amount, "name": label}])
    };
    let all: Vec<Value> = std::iter::once(json!([5])).chain(lines.iter().map(line)).collect();
    let vals = json!({"vals": {"date": opening.day, "line_ids": all}});
    admin.call(MOVE, "write", Some(&[entry]), vals, Some(opening.company)).await.map(drop)
}

/// Drafts of what is not under way at this cut-over go; posted ones are told.
async fn remove_obsolete(admin: &mut Admin<'_>, opening: &Opening, names: &BTreeSet<String>) -> Result<(), OdooError> {
    let domain = json!([["module", "=", MODULE], ["name", "=like", format!("{}%", prefix(opening))]]);
    for row in admin.rows(NAMES, domain, &["name", "res_id"], None).await? {
        let (name, entry) = (text(&row, "name").to_owned(), row.get("res_id").and_then(Value::as_i64).unwrap_or(0));
        if names.contains(&name) || !name.starts_with(&prefix(opening)) {
            continue;
        }
        let head = admin.rows(MOVE, json!([["id", "=", entry]]), &["state"], Some(opening.company)).await?;
        match head.first().map(|head| text(head, "state")) {
            Some("draft") => {
                admin.note(ChangeKind::Remove, &name, "draft entry of what is not under way any more");
                if !admin.dry {
                    admin.call(MOVE, "unlink", Some(&[entry]), json!({}), Some(opening.company)).await?;
                }
            }
            Some(state) => {
                let what =
                    format!("{MODULE}.{name} is {state}, and nothing of it was under way at the cut-over: reverse it");
                admin.notes.push(what);
            }
            None => {}
        }
    }
    Ok(())
}
