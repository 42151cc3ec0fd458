//! Odoo's own Stripe providers, and whether they serve the account that Quittance books: a second hand on the same
//! money. Odoo keeps a provider's secret key where a user of the group Settings may read it; Stripe says whose it is.

use quittance::config::Config;
use quittance::erp::odoo::setup::{OwnerScope, Stripe};
use quittance::erp::odoo::transport::Client as Odoo;
use quittance::ports::Http;
use quittance::stripe::client::Client;
use quittance::stripe::form::Form;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::ports::block_on;
use crate::settings::Settings;

/// An enabled or testing provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    pub id: i64,
    pub name: String,
    pub company: String,
    /// `enabled` is live, `test` is test mode.
    pub state: String,
    pub serves: ProviderAccount,
}

/// Which Stripe account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderAccount {
    /// That of STRIPE_API_KEY.
    Ours(String),
    Other(String),
    /// No key is stored, or Stripe or the key did not tell.
    Unknown,
}

impl Provider {
    pub fn is_other_account(&self) -> bool {
        matches!(self.serves, ProviderAccount::Other(_))
    }

    /// Whether it moves money in the mode of the Stripe key; unknown modes count.
    pub fn counts(&self, livemode: Option<bool>) -> bool {
        livemode.is_none_or(|live| live == (self.state == "enabled"))
    }

    /// A sentence without its stop.
    pub fn sentence(&self) -> String {
        let who = format!("Odoo's own payment provider {} of company {}", self.name, self.company);
        match &self.serves {
            ProviderAccount::Ours(account) => {
                format!("{who} serves the same Stripe account {account} and would book the same money: disable it")
            }
            ProviderAccount::Other(account) => format!("{who} serves another Stripe account, {account}"),
            ProviderAccount::Unknown => format!(
                "{who} could not be compared with the account of STRIPE_API_KEY: disable it if they are the same"
            ),
        }
    }
}

/// The first that serves our account in this mode.
pub fn conflicting_provider(providers: &[Provider], livemode: Option<bool>) -> Option<&Provider> {
    providers.iter().find(|p| matches!(p.serves, ProviderAccount::Ours(_)) && p.counts(livemode))
}

/// The providers that `odoo`'s user, one of the group Settings, sees. None where Odoo does not tell, as without the
/// module payment_stripe: set-up's own guard goes by what is there.
pub fn find_providers(odoo: &Odoo, settings: &Settings, http: &dyn Http) -> Vec<Provider> {
    let rows = read_providers(odoo).unwrap_or_default();
    // Stripe is asked only when there is something to compare.
    let ours = if rows.is_empty() { None } else { account(settings, settings.get("STRIPE_API_KEY"), http) };
    let text = |row: &Value, path: &str| row.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    let provider = |row: &Value| {
        let key = text(row, "/stripe_secret_key");
        let theirs = ours.as_ref().and_then(|_| account(settings, Some(&key), http));
        Some(Provider {
            id: row.get("id")?.as_i64()?,
            name: text(row, "/name"),
            company: text(row, "/company_id/1"),
            state: text(row, "/state"),
            serves: match (&ours, theirs) {
                (Some(ours), Some(theirs)) if *ours == theirs => ProviderAccount::Ours(theirs),
                (Some(_), Some(theirs)) => ProviderAccount::Other(theirs),
                _ => ProviderAccount::Unknown,
            },
        })
    };
    rows.iter().filter_map(provider).collect()
}

fn read_providers(odoo: &Odoo) -> Option<Vec<Value>> {
    let session = block_on(odoo.open()).ok()?;
    let domain = json!([["code", "=", "stripe"], ["state", "in", ["enabled", "test"]]]);
    let fields = ["name", "company_id", "state", "stripe_secret_key"];
    let args = json!({"domain": domain, "fields": fields, "order": "id"});
    let rows = block_on(odoo.call(session, "payment.provider", "search_read", None, args.as_object()?.clone()));
    rows.ok()?.as_array().cloned()
}

#[derive(Deserialize)]
struct Account {
    id: String,
}

/// The account of STRIPE_API_KEY, whose books the Worker's own company keeps.
pub fn own_account(settings: &Settings, http: &dyn Http) -> Option<Stripe> {
    let account = account(settings, settings.get("STRIPE_API_KEY"), http)?;
    Some(Stripe { account, books: OwnerScope::First })
}

/// Whose key it is; `None` when Stripe does not say.
fn account(settings: &Settings, key: Option<&str>, http: &dyn Http) -> Option<String> {
    let key = key?;
    let var = |name: &str| if name == "STRIPE_API_KEY" { Some(key) } else { settings.get(name) }.map(str::to_owned);
    let config = Config::stripe(&var).ok()?;
    let body = block_on(Client::new(http, &config).get("/v1/account", &Form::new())).ok()?;
    Some(body.parse::<Account>().ok()?.id)
}
