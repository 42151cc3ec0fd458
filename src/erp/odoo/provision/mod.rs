//! Set-up of an Odoo database over RPC: records with external ids `quittance.*`, safe to run again. Native only;
//! the `quittance` command and the demo call it.

mod admin;
mod books;
mod fields;
mod guard;
mod procedures;
pub mod roles;
pub mod ui;

use serde_json::{Value, json};

use self::admin::{Admin, one, text};
use super::error::{Kind, OdooError};
use super::transport::Client;

/// What set-up is asked to make.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Show what would change and write nothing.
    pub dry: bool,
    /// Ids of the companies to set up. None given: the main company of `worker`, else of the set-up user.
    pub companies: Vec<i64>,
    /// Login of the Worker's own user.
    pub worker: Option<String>,
    /// Use journals that exist: company (`None`: the only one) and the journal's code.
    pub journals: Vec<(Option<i64>, String)>,
    /// Use clearing accounts that exist: company and the account's code.
    pub clearing: Vec<(Option<i64>, String)>,
    /// Make a payment provider record of our own, for payment.transaction records.
    pub transaction: bool,
    /// Mode of the Stripe key: an Odoo provider of the other mode is no second hand on the same money.
    pub livemode: Option<bool>,
    /// Odoo's own Stripe provider serves another Stripe account.
    pub other_account: bool,
    /// Ids of Odoo's Stripe providers that are known to serve another Stripe account.
    pub other_providers: Vec<i64>,
    /// First instant to book, seconds since 1970 UTC; `None` keeps what an earlier run stored, else takes `now`.
    pub book_from: Option<i64>,
    /// The time, seconds since 1970 UTC.
    pub now: i64,
}

/// What became of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Keep,
    Create,
    Update,
    Remove,
}

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub act: Act,
    /// The external id or system parameter.
    pub name: String,
    /// For the reader.
    pub detail: String,
}

/// What set-up did, or would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Odoo's major version.
    pub major: i64,
    pub companies: Vec<i64>,
    /// Value for the Worker's `BOOK_FROM`.
    pub book_from: i64,
    pub changes: Vec<Change>,
}

/// Where the first instant to book is kept between runs.
pub const BOOK_FROM: &str = "quittance.book_from";

/// Sets the database up as wished. `client` logs in as a user of the groups Settings, Accounting
/// Administrator and Contact Creation.
pub async fn provision(client: &Client, wish: &Wish) -> Result<Report, OdooError> {
    let session = client.open().await?;
    let mut admin = Admin { client, session, dry: wish.dry, changes: Vec::new() };
    let companies = companies(&admin, wish).await?;
    guard::odoos_own_stripe(&admin, wish, &companies).await?;
    // First what takes a right that accountants often lack.
    procedures::partner(&mut admin).await?;
    for company in &companies {
        books::company(&mut admin, wish, *company).await?;
        if wish.transaction {
            guard::provider(&mut admin, *company).await?;
        }
    }
    fields::customer(&mut admin).await?;
    procedures::install(&mut admin).await?;
    let book_from = book_from(&mut admin, wish).await?;
    Ok(Report { major: session.major, companies, book_from, changes: admin.changes })
}

/// The first instant to book that an earlier set-up stored.
pub async fn stored_book_from(client: &Client) -> Result<Option<i64>, OdooError> {
    let session = client.open().await?;
    parameter(&Admin { client, session, dry: true, changes: Vec::new() }).await
}

async fn companies(admin: &Admin<'_>, wish: &Wish) -> Result<Vec<i64>, OdooError> {
    let login = wish.worker.as_deref().unwrap_or(&admin.client.login);
    let users = admin.rows("res.users", json!([["login", "=", login]]), &["company_id", "company_ids"], None).await?;
    let Some(user) = users.first() else {
        let detail = format!("Odoo has no user {login}: make it (Invoicing rights are enough) or correct ODOO_LOGIN.");
        return Err(OdooError::new(Kind::Refused, detail));
    };
    let allowed = user.get("company_ids").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_i64);
    let allowed: Vec<i64> = allowed.collect();
    if let Some(stranger) = wish.companies.iter().find(|c| !allowed.contains(c)) {
        let detail = format!("User {login} may not work in company {stranger}; it may in {allowed:?}.");
        return Err(OdooError::new(Kind::Refused, detail));
    }
    match (wish.companies.is_empty(), one(user, "company_id")) {
        (true, Some(main)) => Ok(vec![main]),
        _ => Ok(wish.companies.clone()),
    }
}

/// The journal or account that was named for a company.
fn chosen(wishes: &[(Option<i64>, String)], company: i64) -> Option<&str> {
    wishes.iter().find(|(of, _)| of.is_none_or(|of| of == company)).map(|(_, code)| code.as_str())
}

async fn parameter(admin: &Admin<'_>) -> Result<Option<i64>, OdooError> {
    let rows = admin.rows("ir.config_parameter", json!([["key", "=", BOOK_FROM]]), &["value"], None).await?;
    Ok(rows.first().and_then(|row| text(row, "value").parse().ok()))
}

async fn book_from(admin: &mut Admin<'_>, wish: &Wish) -> Result<i64, OdooError> {
    let stored = parameter(admin).await?;
    let wanted = wish.book_from.or(stored).unwrap_or(wish.now);
    let act = match stored {
        Some(stored) if stored == wanted => Act::Keep,
        Some(_) => Act::Update,
        None => Act::Create,
    };
    let detail = format!("money that Stripe received before {wanted} is left to the opening entry");
    admin.changes.push(Change { act, name: BOOK_FROM.into(), detail });
    if act != Act::Keep && !admin.dry {
        let value = json!({"key": BOOK_FROM, "value": wanted.to_string()});
        admin.call("ir.config_parameter", "set_param", None, value, None).await?;
    }
    Ok(wanted)
}
