//! Set-up of an Odoo database over RPC: records with external ids `quittance.*`, safe to run again. Native only;
//! the `quittance` command and the demo call it.

mod accounts;
mod admin;
mod balance_split;
mod books;
mod codes;
mod company;
mod currencies;
pub mod cutover;
mod fields;
mod group;
mod guard;
mod journals;
mod mark;
mod matching;
mod named_record;
mod names;
pub mod opening;
mod options;
pub mod owner;
mod parameters;
mod procedures;
pub mod roles;
mod tax;
pub mod ui;

pub use self::accounts::reason_unfit;
pub use self::admin::{Admin, id, one, text};
pub use self::journals::external as journal_name;
pub use self::options::{Change, ChangeKind, ExistingRecord, OwnerScope, Report, SetupOptions, Stripe};
pub use self::parameters::{BOOK_FROM, read_parameter, stored_book_from, zone_key};
use super::error::OdooError;
use super::transport::Client;

/// Sets the database up as wished. `client` logs in as a user of the groups Settings, Accounting
/// Administrator and Contact Creation.
pub async fn provision(client: &Client, wish: &SetupOptions) -> Result<Report, OdooError> {
    let session = client.open().await?;
    let mut admin = Admin::new(client, session, wish.dry);
    let companies = company::roots(&mut admin, wish).await?;
    let first = companies.first().map_or(0, |company| company.id);
    guard::refuse_odoo_stripe(&admin, wish, &companies).await?;
    if !wish.dry {
        // Everything is looked at first, so that a name that cannot serve leaves nothing half made.
        let mut look = Admin::new(client, session, true);
        for company in &companies {
            books::company(&mut look, wish, company).await?;
        }
    }
    if !wish.dry {
        for company in &companies {
            owner::stripe(&mut Admin::new(client, session, true), wish, company, company.id == first).await?;
        }
    }
    // First what takes a right that accountants often lack.
    procedures::partners(&mut admin).await?;
    let login = wish.worker.as_deref().unwrap_or(&client.login);
    let group = group::worker(&mut admin, login).await?;
    for company in &companies {
        owner::stripe(&mut admin, wish, company, company.id == first).await?;
        books::company(&mut admin, wish, company).await?;
        parameters::zone(&mut admin, wish, company).await?;
        mark::sequence(&mut admin, company.id).await?;
        if wish.transaction {
            guard::provider(&mut admin, company.id).await?;
        }
    }
    fields::customer(&mut admin).await?;
    procedures::install(&mut admin, group).await?;
    let book_from = parameters::book_from(&mut admin, wish).await?;
    let companies = companies.iter().map(|company| company.id).collect();
    Ok(Report { major: session.major, companies, book_from, changes: admin.changes, notes: admin.notes })
}
