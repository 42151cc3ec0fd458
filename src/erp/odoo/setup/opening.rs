//! The opening entries: what Stripe held before the first instant to book, one draft a settlement currency.

use std::str::FromStr;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::admin::{Admin, id, one, text};
use super::options::{Change, ChangeKind};
use super::{accounts, journals};
use crate::erp::odoo::error::{OdooError, OdooErrorKind};
use crate::erp::odoo::transport::Client;

const MODEL: &str = "account.move";

/// What to draft.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    pub dry: bool,
    /// A root company that is set up.
    pub company: i64,
    /// Code of the account on the other side.
    pub account: String,
    /// `YYYY-MM-DD`: the day of the first instant in the company's zone.
    pub day: String,
    pub balances: Vec<Balance>,
}

/// What Stripe held in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// In upper case.
    pub currency: String,
    /// Sum of the nets, in major units.
    pub amount: Decimal,
    /// Of how many balance transactions.
    pub count: u64,
}

/// Where one opening entry goes.
struct Place {
    name: String,
    journal: i64,
    balance: i64,
    currency: i64,
    other: i64,
}

/// Drafts the entries, or brings the drafts up to date. A posted one stays as it is, and a note says what differs.
pub async fn draft(client: &Client, opening: &Opening) -> Result<(Vec<Change>, Vec<String>), OdooError> {
    let session = client.open().await?;
    let mut admin = Admin::new(client, session, opening.dry);
    let other = accounts::by_code(&admin, &opening.account, opening.company).await?;
    let mut places = Vec::new();
    for balance in &opening.balances {
        places.push(place(&admin, opening, balance, id(&other)).await?);
    }
    for (place, balance) in places.iter().zip(&opening.balances) {
        entry(&mut admin, opening, place, balance).await?;
    }
    Ok((admin.changes, admin.notes))
}

/// Refuses before anything is written.
async fn place(admin: &Admin<'_>, opening: &Opening, of: &Balance, other: i64) -> Result<Place, OdooError> {
    let (company, code) = (opening.company, of.currency.as_str());
    let refuse = |why: String| Err(OdooError::new(OdooErrorKind::Refused, why));
    let fields = ["rounding", "active"];
    let rows = admin.rows("res.currency", json!([["name", "=", code]]), &fields, None).await?;
    let currency = rows.first().cloned().unwrap_or_default();
    let rounding = currency.get("rounding").and_then(|r| Decimal::from_str(&r.to_string()).ok()).unwrap_or_default();
    if !rounding.is_zero() && !(of.amount % rounding).is_zero() {
        return refuse(format!(
            "Stripe held {} {code}, which Odoo cannot hold exactly as it rounds {code} to {rounding}: set the rounding factor of the currency in Odoo.",
            of.amount
        ));
    }
    let own = admin.rows("res.company", json!([["id", "=", company]]), &["currency_id"], None).await?;
    let own = own.first().and_then(|row| one(row, "currency_id")) == Some(id(&currency));
    let dated = json!([
        ["currency_id", "=", id(&currency)],
        ["name", "<=", opening.day],
        ["company_id", "in", [false, company]]
    ]);
    if !own && !of.amount.is_zero() && admin.rows("res.currency.rate", dated, &["name"], None).await?.is_empty() {
        // Odoo would value it at 1, or at a later rate.
        return refuse(format!(
            "Stripe held {} {code}, and Odoo has no rate of {code} of {} or before: enter one in company {company}.",
            of.amount, opening.day
        ));
    }
    let journal = admin.find_record(&journals::external(company, if own { "" } else { code })).await?;
    let name = format!("opening_{company}_{}", code.to_lowercase());
    let Some(journal) = journal else {
        return match admin.dry {
            true => Ok(Place { name, journal: 0, balance: 0, currency: id(&currency), other }),
            false => refuse(format!(
                "Stripe held {} {code}, and company {company} has no Stripe journal in {code}: add --settlement-currency {code}.",
                of.amount
            )),
        };
    };
    let journal = journals::read_journal(admin, journal.id, company).await?;
    if journal.balance == other {
        return refuse(format!("Account {} is the Stripe balance account itself.", opening.account));
    }
    Ok(Place { name, journal: journal.id, balance: journal.balance, currency: id(&currency), other })
}

async fn entry(admin: &mut Admin<'_>, opening: &Opening, place: &Place, of: &Balance) -> Result<(), OdooError> {
    match admin.find_record(&place.name).await? {
        Some(found) => compare(admin, opening, place, of, found.id).await,
        None => first(admin, opening, place, of).await,
    }
}

fn about(opening: &Opening, of: &Balance) -> String {
    let (amount, code, account) = (of.amount, &of.currency, &opening.account);
    format!("{amount} {code} from {} balance transactions, against account {account}", of.count)
}

async fn first(admin: &mut Admin<'_>, opening: &Opening, place: &Place, of: &Balance) -> Result<(), OdooError> {
    if of.amount.is_zero() {
        admin.notes.push(format!("Stripe held nothing in {} on {}: no opening entry", of.currency, opening.day));
        return Ok(());
    }
    let values = [
        ("move_type", "entry".to_owned()),
        ("journal_id/.id", place.journal.to_string()),
        ("date", opening.day.clone()),
        ("ref", format!("Stripe opening balance {}", of.currency)),
    ];
    let detail = format!("draft entry of {}: {}", opening.day, about(opening, of));
    let entry = admin.create(MODEL, &place.name, &values, Some(opening.company), detail).await?;
    if admin.dry { Ok(()) } else { write(admin, entry, opening, place, of.amount).await }
}

/// A draft follows Stripe; what is posted stays, and a note says what differs.
async fn compare(
    admin: &mut Admin<'_>,
    opening: &Opening,
    place: &Place,
    of: &Balance,
    entry: i64,
) -> Result<(), OdooError> {
    let fields = ["state", "date", "name"];
    let rows = admin.rows(MODEL, json!([["id", "=", entry]]), &fields, Some(opening.company)).await?;
    let head = rows.first().cloned().unwrap_or_default();
    let (state, date) = (text(&head, "state"), text(&head, "date"));
    let held = lines(admin, entry, opening.company).await?;
    let stands = held.iter().find(|line| line.account == place.balance).map_or(Decimal::ZERO, |line| line.amount);
    let against = held.iter().any(|line| line.account == place.other && line.amount == -of.amount);
    if stands == of.amount && against && date == opening.day {
        admin.note(ChangeKind::Keep, &place.name, format!("{state} entry: {}", about(opening, of)));
        return Ok(());
    }
    if state == "draft" {
        admin.note(
            ChangeKind::Update,
            &place.name,
            format!("draft entry of {}, now {}", opening.day, about(opening, of)),
        );
        return if admin.dry { Ok(()) } else { write(admin, entry, opening, place, of.amount).await };
    }
    let (amount, code, name) = (of.amount, &of.currency, text(&head, "name"));
    admin.note(ChangeKind::Keep, &place.name, format!("{state} entry of {stands} {code}"));
    admin.notes.push(format!(
        "the opening entry {name} is {state} with {stands} {code} on {date}; Stripe's balance transactions before the first instant sum to {amount} {code} on {}: correct it by hand (difference {})",
        opening.day,
        amount - stands
    ));
    Ok(())
}

struct Line {
    account: i64,
    amount: Decimal,
}

async fn lines(admin: &Admin<'_>, entry: i64, company: i64) -> Result<Vec<Line>, OdooError> {
    let fields = ["account_id", "amount_currency"];
    let rows = admin.rows("account.move.line", json!([["move_id", "=", entry]]), &fields, Some(company)).await?;
    let amount = |row: &Value| Decimal::from_str(&row.get("amount_currency")?.to_string()).ok();
    let line = |row: &Value| Some(Line { account: one(row, "account_id")?, amount: amount(row)?.normalize() });
    Ok(rows.iter().filter_map(line).collect())
}

/// Both lines anew. Odoo makes the value in the company's currency of the amount, at its own rate of the day.
async fn write(
    admin: &Admin<'_>,
    entry: i64,
    opening: &Opening,
    place: &Place,
    amount: Decimal,
) -> Result<(), OdooError> {
    let line = |account: i64, amount: Decimal| {
        json!([0, 0, {"account_id": account, "currency_id": place.currency, "amount_currency": number(amount),
            "name": "Stripe balance before the first booked movement"}])
    };
    let lines = json!([[5], line(place.balance, amount), line(place.other, -amount)]);
    let values = json!({"date": opening.day, "line_ids": lines});
    admin.call(MODEL, "write", Some(&[entry]), json!({"vals": values}), Some(opening.company)).await.map(drop)
}

/// A JSON number with exactly these digits.
fn number(amount: Decimal) -> Value {
    serde_json::from_str(&amount.to_string()).unwrap_or_default()
}
