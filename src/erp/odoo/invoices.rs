//! What the pay page asks of Odoo, and what `read_invoice` and `link_customer` answer.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::{OdooError, OdooErrorKind, first_line};
use super::procedure::{FORM, Procedure};
use crate::config::Secret;
use crate::erp::invoice::{Company, Contact, CustomerLink, DueAmount, DueKind, Invoice, Invoices, Payer};
use crate::money::Currency;

/// The input of `read_invoice`: the Stripe account's own company, whose invoices alone are read. The day is Odoo's own,
/// in that company's time zone.
pub fn read_invoice_input(ids: &[i64], company: Option<i64>) -> Value {
    json!({"invoices": ids, "company": company})
}

/// The input of `link_customer`.
pub fn link_customer_input(links: &[CustomerLink]) -> Value {
    let one = |l: &CustomerLink| json!({"partner": l.partner, "account": l.account, "customer": l.customer});
    json!({"links": links.iter().map(one).collect::<Vec<_>>()})
}

#[derive(Deserialize)]
struct Head {
    v: i64,
    hash: String,
}

#[derive(Deserialize)]
struct InvoicesAnswer {
    uuid: String,
    #[serde(default)]
    owners: Vec<String>,
    invoices: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    id: i64,
    number: String,
    payable: bool,
    token: Option<String>,
    created: Option<String>,
    currency: Currency,
    total: String,
    residual: String,
    amounts: Vec<DueRow>,
    date: Option<String>,
    due: Option<String>,
    company: RowCompany,
    payer: RowPayer,
    payments: Vec<i64>,
}

#[derive(Deserialize)]
struct DueRow {
    kind: String,
    amount: String,
    until: Option<String>,
}

#[derive(Deserialize)]
struct RowCompany {
    id: i64,
    name: String,
}

#[derive(Deserialize)]
struct RowPayer {
    partner: i64,
    commercial: i64,
    name: String,
    email: Option<String>,
    lang: Option<String>,
    customer: Option<String>,
    firm: RowFirm,
}

#[derive(Deserialize)]
struct RowFirm {
    name: String,
    email: Option<String>,
}

/// The invoices in an answer of `read_invoice`.
pub fn parse_invoices(value: &Value, procedure: &Procedure) -> Result<Invoices, OdooError> {
    let read: InvoicesAnswer = answer(value, procedure)?;
    let invoices: Result<Vec<Invoice>, OdooError> = read.invoices.into_iter().map(invoice).collect();
    Ok(Invoices { uuid: read.uuid, owners: read.owners, invoices: invoices? })
}

fn invoice(row: Row) -> Result<Invoice, OdooError> {
    let amounts: Result<Vec<DueAmount>, OdooError> = row.amounts.into_iter().map(due).collect();
    let payer = row.payer;
    Ok(Invoice {
        id: row.id,
        number: row.number,
        payable: row.payable,
        token: row.token.filter(|token| !token.is_empty()).map(Secret::new),
        created: row.created,
        currency: row.currency,
        total: decimal(&row.total)?,
        residual: decimal(&row.residual)?,
        amounts: amounts?,
        date: row.date,
        due: row.due,
        company: Company { id: row.company.id, name: row.company.name },
        payer: Payer {
            partner: payer.partner,
            commercial: payer.commercial,
            name: payer.name,
            email: payer.email,
            locale: payer.lang,
            customer: payer.customer,
            firm: Contact { name: payer.firm.name, email: payer.firm.email },
        },
        payments: row.payments,
    })
}

fn due(asked: DueRow) -> Result<DueAmount, OdooError> {
    let kind = DueKind::from_name(&asked.kind).ok_or_else(unreadable)?;
    Ok(DueAmount { kind, amount: decimal(&asked.amount)?, until: asked.until })
}

/// Exactly what the text says.
fn decimal(text: &str) -> Result<Decimal, OdooError> {
    Decimal::from_str_exact(text).map_err(|_| unreadable())
}

#[derive(Deserialize)]
struct LinksAnswer {
    links: Vec<Link>,
}

#[derive(Deserialize)]
struct Link {
    partner: i64,
    status: String,
}

/// Whether `link_customer` took what it was given. A contact that is gone is nobody's fault; without the field (an
/// older set-up) the contact is known by its external id alone.
pub fn check_links(value: &Value, procedure: &Procedure) -> Result<(), OdooError> {
    let linked: LinksAnswer = answer(value, procedure)?;
    match linked.links.iter().find(|l| !matches!(l.status.as_str(), "written" | "gone" | "no_field")) {
        None => Ok(()),
        Some(l) => Err(OdooError::new(
            OdooErrorKind::Refused,
            format!("Odoo did not link contact {} to its Stripe customer: {}.", l.partner, first_line(&l.status)),
        )),
    }
}

/// An answer of the text that this version installs: what a payer is asked for must not rest on another one. Read through
/// text, see `answer::parse`.
fn answer<T: serde::de::DeserializeOwned>(value: &Value, procedure: &Procedure) -> Result<T, OdooError> {
    let text = value.to_string();
    let head: Head = serde_json::from_str(&text).map_err(|_| procedure_changed(procedure))?;
    if head.v != FORM || head.hash != procedure.hash {
        return Err(procedure_changed(procedure));
    }
    serde_json::from_str(&text).map_err(|_| unreadable())
}

fn procedure_changed(procedure: &Procedure) -> OdooError {
    let detail = format!("The procedure {} in Odoo is of another version; run `quittance setup odoo`.", procedure.name);
    OdooError::new(OdooErrorKind::Changed, detail)
}

fn unreadable() -> OdooError {
    OdooError::new(OdooErrorKind::Protocol, "The procedure's answer about an invoice cannot be read.")
}
