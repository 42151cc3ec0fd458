//! `quittance setup odoo`: provisions a database, then tries it out as the Worker's own user.

mod answers;
mod arguments;
mod cutover;
pub mod opening;

use std::rc::Rc;

use quittance::config::{Config, Matching, Odoo, Secret};
use quittance::erp::odoo::error::OdooErrorKind;
use quittance::erp::odoo::setup::{Change, ChangeKind, Report, provision};
use quittance::erp::odoo::transport::Client;
use quittance::erp::odoo::{OdooErp, Owner};
use quittance::error::Error;
use quittance::ports::Http;

pub use self::arguments::Arguments;
use crate::calendar;
use crate::fail::{CommandError, CommandResult};
use crate::ports::{NoCache, block_on};
use crate::secrets::Run;
use crate::settings::Settings;
use crate::{odoo_ui, provider};

/// The whole command: the books, then the buttons. Gives the report of the books and the lines to print.
pub fn setup_all(
    arguments: &Arguments,
    settings: &Settings,
    http: Rc<dyn Http>,
    run: &dyn Run,
) -> CommandResult<(Report, Vec<String>)> {
    let arguments = &arguments.with_answers()?;
    let client = setup_client(arguments, settings, http.clone())?;
    let (report, mut lines) = books(arguments, settings, http, &client)?;
    lines.extend(odoo_ui::install(&client, arguments, settings, run)?);
    Ok((report, lines))
}

/// The books and the procedures alone.
pub fn setup(arguments: &Arguments, settings: &Settings, http: Rc<dyn Http>) -> CommandResult<(Report, Vec<String>)> {
    let arguments = &arguments.with_answers()?;
    let client = setup_client(arguments, settings, http.clone())?;
    books(arguments, settings, http, &client)
}

fn books(
    arguments: &Arguments,
    settings: &Settings,
    http: Rc<dyn Http>,
    client: &Client,
) -> CommandResult<(Report, Vec<String>)> {
    let mut wish = arguments.setup_options(settings)?;
    wish.stripe.extend(provider::own_account(settings, &*http));
    let providers = provider::find_providers(client, settings, &*http);
    wish.other_providers = providers.iter().filter(|p| p.is_other_account()).map(|p| p.id).collect();
    if let (true, Some(same)) = (wish.other_account, provider::conflicting_provider(&providers, wish.livemode)) {
        return Err(CommandError::new(format!("{}; --other-stripe-account does not help.", same.sentence())));
    }
    let mut report = block_on(provision(client, &wish)).map_err(|error| {
        let auth = error.kind == OdooErrorKind::Auth;
        let fail = CommandError::from(error);
        let fail = if auth { fail.while_("set-up user (ODOO_SETUP_LOGIN, ODOO_SETUP_API_KEY)") } else { fail };
        fail.while_(&format!("Odoo at {}, database {}", client.url, client.db))
    })?;
    let mut lines = render(&report, wish.dry);
    lines.extend(providers.iter().filter(|p| p.is_other_account()).map(|p| format!("left         {}", p.sentence())));
    let (opened, told) = opening::entries(arguments, settings, &*http, client, &report)?;
    report.changes.extend(opened);
    lines.extend(told);
    if !wish.dry {
        lines.push(try_worker(client, arguments, settings, http)?);
    }
    Ok((report, lines))
}

/// The connection of the set-up user.
pub fn setup_client(arguments: &Arguments, settings: &Settings, http: Rc<dyn Http>) -> CommandResult<Client> {
    let url = settings.required("ODOO_URL", arguments.url.as_deref(), "Odoo's address, https://…")?;
    let db = settings.required("ODOO_DB", arguments.db.as_deref(), "name of the Odoo database")?;
    let login = settings.required("ODOO_SETUP_LOGIN", arguments.setup_login.as_deref(), "login of a Settings user")?;
    let key = settings.secret("ODOO_SETUP_API_KEY", "API key of the Settings user")?;
    let odoo = worker(&url, &db, &login, key)?;
    Ok(Client::new(&odoo, http))
}

/// Reads the four as the Worker would, so that a wrong address is told in the same words.
fn worker(url: &str, db: &str, login: &str, key: Secret) -> Result<Odoo, Error> {
    let var = |name: &str| {
        let value = match name {
            "ODOO_URL" => url,
            "ODOO_DB" => db,
            "ODOO_LOGIN" => login,
            "ODOO_API_KEY" => key.reveal(),
            _ => return None,
        };
        Some(value.to_owned())
    };
    Config::odoo(&var)
}

fn render(report: &Report, dry: bool) -> Vec<String> {
    let mut lines = vec![format!("Odoo {}, companies {:?}", report.major, report.companies)];
    lines.extend(changes(&report.changes, dry));
    lines.extend(notes(&report.notes));
    lines.push(format!("BOOK_FROM={}", report.book_from));
    lines.push(format!("{:<12} {} is the first instant to book", "cut-over", calendar::utc(report.book_from)));
    lines
}

/// One line each.
pub fn notes(notes: &[String]) -> Vec<String> {
    notes.iter().map(|note| format!("{:<12} {note}", "note")).collect()
}

/// One line each.
pub fn changes(changes: &[Change], dry: bool) -> Vec<String> {
    let word = |act: ChangeKind| match (act, dry) {
        (ChangeKind::Keep, _) => "as it is",
        (ChangeKind::Create, false) => "made",
        (ChangeKind::Create, true) => "would make",
        (ChangeKind::Update, false) => "changed",
        (ChangeKind::Update, true) => "would change",
        (ChangeKind::Remove, false) => "removed",
        (ChangeKind::Remove, true) => "would remove",
    };
    changes.iter().map(|c| format!("{:<12} {} ({})", word(c.act), c.name, c.detail)).collect()
}

/// Asks the installed `check` as the Worker's user, when its key is known.
fn try_worker(
    client: &Client,
    arguments: &Arguments,
    settings: &Settings,
    http: Rc<dyn Http>,
) -> CommandResult<String> {
    let login = arguments.login.as_deref().or_else(|| settings.get("ODOO_LOGIN"));
    let (Some(login), Some(key)) = (login, settings.get("ODOO_API_KEY")) else {
        return Ok(
            "The Worker's user was not tried: set ODOO_LOGIN and ODOO_API_KEY, then run `quittance doctor`.".into()
        );
    };
    let odoo = worker(&client.url, &client.db, login, Secret::new(key))?;
    let owner = Owner { account: None, livemode: arguments.setup_options(settings)?.stripe_livemode, mark: None };
    let erp = OdooErp::new(&odoo, &matching(), owner, http, Rc::new(NoCache));
    let doing = format!("Trying the procedures as {login}");
    let check = block_on(erp.check()).map_err(|error| CommandError::from(error).while_(&doing))?;
    match erp.problem(&check) {
        None => Ok(format!("Tried as {login}: Odoo {} is ready in companies {:?}", check.version, check.companies)),
        Some(problem) => Err(CommandError::new(format!("{doing}: {problem}"))),
    }
}

/// Set-up matches nothing.
pub fn matching() -> Matching {
    Matching { metadata: vec![], tolerance: "0".into(), former_databases: vec![], ignored_databases: vec![] }
}
