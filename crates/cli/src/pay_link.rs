//! `quittance pay-link`: the link to one invoice's pay page, as the button in Odoo makes it.

use std::rc::Rc;

use quittance::config::{Config, Odoo};
use quittance::erp::odoo::setup::ui;
use quittance::erp::odoo::transport::{Client, Session};
use quittance::ports::Http;
use serde_json::{Map, Value, json};

use crate::fail::{CommandError, CommandResult};
use crate::ports::block_on;
use crate::settings::Settings;
use crate::{odoo, odoo_ui};

/// Arguments of `quittance pay-link`.
#[derive(clap::Args, Clone, Debug)]
pub struct Arguments {
    /// The invoice's number, such as INV/2026/00001, or its id in Odoo.
    pub invoice: String,
    /// The pay page's address; else what Odoo has, else WORKER_URL.
    #[arg(long, value_name = "URL")]
    pub pay_url: Option<String>,
}

const MOVE: &str = "account.move";

/// Runs the command: the link, and a line more when it cannot be paid by it.
pub fn find(arguments: &Arguments, settings: &Settings, http: Rc<dyn Http>) -> CommandResult<Vec<String>> {
    // Only the set-up user may read where Odoo's own buttons go, and which database this is.
    let admin = settings.get("ODOO_SETUP_API_KEY").is_some();
    let (client, known) = if admin {
        let client = odoo::setup_client(&odoo::Arguments::default(), settings, http)?;
        let state = block_on(ui::button_state(&client))?;
        (client, (state.pay_url, state.database))
    } else {
        let odoo: Odoo = Config::odoo(&|name| settings.get(name).map(str::to_owned))?;
        (Client::new(&odoo, http), (None, None))
    };
    let address = arguments.pay_url.as_deref().or(known.0.as_deref()).or_else(|| settings.get("WORKER_URL"));
    let address =
        address.ok_or_else(|| CommandError::new("Where is the pay page? Set WORKER_URL, or give --pay-url."))?;
    let address = odoo_ui::origin(address, "The pay page's address")?;
    let session = block_on(client.open())?;
    let invoice = invoice(&client, session, &arguments.invoice)?;
    let id = invoice.get("id").and_then(Value::as_i64).unwrap_or_default();
    let portal = call(&client, session, "get_portal_url", Some(&[id]), json!({}))?;
    let token = portal.as_str().and_then(|url| url.split_once("access_token=")).map(|(_, rest)| rest);
    let token = token.map(|rest| rest.split('&').next().unwrap_or(rest)).filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| CommandError::new("Odoo gave no portal link for this invoice."))?;
    let database = known.1.map(|uuid| format!("&db={uuid}")).unwrap_or_default();
    let mut lines = vec![format!("{address}/pay/{id}?access_token={token}{database}")];
    let residual = invoice.get("amount_residual").map(Value::to_string).unwrap_or_default();
    if residual.chars().all(|c| "0.".contains(c)) {
        lines.push("Nothing is left to pay on this invoice.".into());
    }
    Ok(lines)
}

/// By number first: a number may look like an id.
fn invoice(client: &Client, session: Session, wanted: &str) -> CommandResult<Value> {
    let read = |leaf: Value| -> CommandResult<Vec<Value>> {
        let domain = json!([["move_type", "=", "out_invoice"], leaf]);
        let fields = ["name", "state", "amount_residual", "company_id"];
        let rows = call(client, session, "search_read", None, json!({"domain": domain, "fields": fields}))?;
        Ok(rows.as_array().cloned().unwrap_or_default())
    };
    let mut rows = read(json!(["name", "=", wanted]))?;
    if let (true, Ok(id)) = (rows.is_empty(), wanted.parse::<i64>()) {
        rows = read(json!(["id", "=", id]))?;
    }
    let posted = |row: &&Value| row.get("state").and_then(Value::as_str) == Some("posted");
    let open: Vec<&Value> = rows.iter().filter(posted).collect();
    match (open.as_slice(), rows.is_empty()) {
        ([one], _) => Ok((*one).clone()),
        ([], true) => Err(CommandError::new(format!("Odoo has no customer invoice {wanted}."))),
        ([], false) => Err(CommandError::new(format!("Invoice {wanted} is not posted: confirm it in Odoo first."))),
        (several, _) => {
            let ids: Vec<String> = several.iter().filter_map(|row| row.get("id")).map(Value::to_string).collect();
            Err(CommandError::new(format!(
                "Several invoices have the number {wanted}: give the id, one of {}.",
                ids.join(", ")
            )))
        }
    }
}

fn call(client: &Client, session: Session, method: &str, ids: Option<&[i64]>, args: Value) -> CommandResult<Value> {
    let mut named: Map<String, Value> = args.as_object().cloned().unwrap_or_default();
    named.insert("context".into(), json!({"lang": "en_US"}));
    Ok(block_on(client.call(session, MOVE, method, ids, named))?)
}
