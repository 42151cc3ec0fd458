//! Set-up and its traces in a simulated Odoo.

use std::rc::Rc;

use quittance::erp::odoo::setup::{ChangeKind, OwnerScope, Report, Stripe};
use quittance_cli::fail::CommandResult;
use quittance_cli::odoo::{Arguments, setup, setup_client};
use quittance_cli::ports::block_on;
use quittance_cli::settings::Settings;
use quittance_sim::odoo::{ADMIN_KEY, ADMIN_LOGIN, CLERK_KEY, CLERK_LOGIN, DATABASE, Odoo, Version};
use serde_json::{Value, json};

use super::{Line, clock};

pub type Sim = Rc<Line<Odoo>>;

pub const VERSIONS: [Version; 3] = [Version::V17, Version::V18, Version::V19];

/// The variables of a good set-up, some of them replaced.
pub fn settings(replaced: &[(&str, &str)]) -> Settings {
    let good = [
        ("ODOO_URL", "http://127.0.0.1:8069"),
        ("ODOO_DB", DATABASE),
        ("ODOO_SETUP_LOGIN", ADMIN_LOGIN),
        ("ODOO_SETUP_API_KEY", ADMIN_KEY),
        ("ODOO_LOGIN", CLERK_LOGIN),
        ("ODOO_API_KEY", CLERK_KEY),
    ];
    Settings::from_pairs(good.into_iter().chain(replaced.iter().copied()))
}

/// A database with the Worker's user and nothing of Quittance.
pub fn bare(version: Version) -> Sim {
    let sim = Line::to(Odoo::fresh(version, clock(), 1));
    sim.party.borrow_mut().user(CLERK_LOGIN, CLERK_KEY, &["account.group_account_invoice"]);
    sim
}

/// No Stripe stands beside this Odoo: who types says whose account it is.
pub fn of_stripe(arguments: &Arguments) -> Arguments {
    let mut all = arguments.clone();
    if all.stripe.is_empty() {
        all.stripe.push((Stripe { account: "acct_1".into(), books: OwnerScope::Each }, false));
    }
    all
}

pub fn report(sim: &Sim, arguments: &Arguments, replaced: &[(&str, &str)]) -> CommandResult<Report> {
    setup(&of_stripe(arguments), &settings(replaced), sim.clone()).map(|(report, _)| report)
}

pub fn run(sim: &Sim, arguments: &Arguments, replaced: &[(&str, &str)]) -> CommandResult<Vec<(ChangeKind, String)>> {
    Ok(report(sim, arguments, replaced)?.changes.into_iter().map(|c| (c.act, c.name)).collect())
}

/// What a run changes, by name.
pub fn changed(sim: &Sim, arguments: &Arguments) -> Vec<String> {
    let all = run(sim, arguments, &[]).unwrap();
    all.into_iter().filter(|(act, _)| *act != ChangeKind::Keep).map(|(_, name)| name).collect()
}

/// A call as the administrator.
pub fn call(sim: &Sim, model: &str, method: &str, args: Value) -> Value {
    let client = setup_client(&Arguments::default(), &settings(&[]), sim.clone()).unwrap();
    let session = block_on(client.open()).unwrap();
    let ids = args.get("ids").map(|ids| serde_json::from_value::<Vec<i64>>(ids.clone()).unwrap());
    let mut named = args.as_object().unwrap().clone();
    named.remove("ids");
    block_on(client.call(session, model, method, ids.as_deref(), named)).unwrap()
}

/// The record of `quittance.{name}`.
pub fn named(sim: &Sim, name: &str) -> Option<i64> {
    let domain = json!([["module", "=", "quittance"], ["name", "=", name]]);
    call(sim, "ir.model.data", "search_read", json!({"domain": domain, "fields": ["res_id"]}))[0]["res_id"].as_i64()
}

/// Fields of the record of `quittance.{name}`.
pub fn look(sim: &Sim, name: &str, model: &str, fields: &[&str]) -> Value {
    let id = named(sim, name).unwrap_or_else(|| panic!("no quittance.{name}"));
    call(sim, model, "read", json!({"ids": [id], "fields": fields}))[0].clone()
}

/// A record made by hand; its id.
pub fn make(sim: &Sim, model: &str, values: Value) -> i64 {
    call(sim, model, "create", json!({"vals_list": [values]}))[0].as_i64().unwrap()
}
