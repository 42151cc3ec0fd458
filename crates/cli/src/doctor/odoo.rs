//! Odoo as the Worker's user sees it, and as the set-up user does when its key is at hand.

use std::rc::Rc;

use quittance::config::{Matching, Odoo};
use quittance::date;
use quittance::erp::odoo::answer::Check;
use quittance::erp::odoo::error;
use quittance::erp::odoo::procedure::ALL;
use quittance::erp::odoo::setup::ui::{self, Mode};
use quittance::erp::odoo::setup::{ChangeKind, SetupOptions, provision};
use quittance::erp::odoo::transport::Client;
use quittance::erp::odoo::{OdooErp, Owner};
use quittance::ports::{Clock, Http};

use super::{Finding, books};
use crate::odoo::{Arguments, setup_client};
use crate::odoo_ui;
use crate::ports::{NoCache, SystemClock, block_on};
use crate::provider::{self, ProviderAccount};
use crate::settings::Settings;

/// A key that ends within so many seconds is no good: two weeks, as the Worker's alert has it.
const SOON: i64 = 14 * 86_400;
/// Versions that the procedures were tried on.
const TRIED: [&str; 3] = ["17.0", "18.0", "19.0"];

pub fn examine(odoo: &Odoo, matching: &Matching, settings: &Settings, http: &Rc<dyn Http>) -> Vec<Finding> {
    let key = settings.get("STRIPE_API_KEY");
    let own = provider::own_account(settings, &**http);
    let livemode = key.map(|key| key.contains("_live_"));
    let owner = Owner { account: own.as_ref().map(|own| own.account.clone()), livemode, mark: None };
    let erp = OdooErp::new(odoo, matching, owner, http.clone(), Rc::new(NoCache));
    let check = match block_on(erp.check()) {
        Ok(check) => check,
        Err(error) => return vec![Finding::error("odoo connection", error)],
    };
    let mut findings =
        vec![Finding::good("odoo connection", format!("{} may run the procedures in {}", odoo.login, check.db))];
    let tried = TRIED.contains(&check.version.as_str());
    let version = format!("Odoo {}", check.version);
    findings.push(match tried {
        true => Finding::good("odoo version", version),
        false => Finding::note("odoo version", format!("{version} was not tried; 17.0, 18.0 and 19.0 were")),
    });
    findings.push(match erp.problem(&check) {
        None => Finding::good(
            "odoo books",
            format!("journal and clearing account stand for companies {:?}", check.companies),
        ),
        Some(problem) => Finding::bad("odoo books", error::problem(&problem).to_string()),
    });
    findings.extend(owner_of(&check));
    findings.extend(open_procedures(&check));
    findings.push(hashes(&erp));
    let worker = Client::new(odoo, http.clone());
    findings.extend(expiry(&check, SystemClock.now()));
    findings.extend(changed_records(settings, odoo, http));
    let setup = settings
        .get("ODOO_SETUP_API_KEY")
        .and_then(|_| setup_client(&Arguments::default(), settings, http.clone()).ok());
    findings.extend(books::examine(odoo, &check, &worker, setup.as_ref(), settings, &**http));
    findings
}

/// Whose books they are, as the procedures hold every call against.
fn owner_of(check: &Check) -> Option<Finding> {
    let kept = check.stripe.as_ref().filter(|kept| !kept.accounts.is_empty())?;
    Some(Finding::good("odoo owner", format!("keeps the {} books of {}", kept.mode, kept.accounts.join(", "))))
}

/// Procedures that lost the restriction to the Worker's group: their text refuses all the same.
fn open_procedures(check: &Check) -> Option<Finding> {
    let names = check.opened.join(", ");
    let detail = format!("{names} may be called by others than the group Quittance Worker: run `quittance setup odoo`");
    (!check.opened.is_empty()).then(|| Finding::bad("odoo group", detail))
}

/// When the Worker's own key ends. An older text of `check` does not look for it, and is told of as such.
fn expiry(check: &Check, now: i64) -> Option<Finding> {
    let what = "odoo key";
    let key = check.key.as_ref()?;
    Some(match key.ends {
        Some(end) if end - now < SOON => {
            let end = date::instant(end);
            Finding::bad(what, format!("ends on {end} UTC: make a new key, and run `quittance setup secrets`"))
        }
        Some(end) => {
            Finding::good(what, format!("ends on {} UTC; an alert tells two weeks before", date::instant(end)))
        }
        None if key.known => Finding::good(what, "does not end"),
        None => Finding::note(what, "ODOO_API_KEY is no API key of this user, but a password: 19 takes no passwords"),
    })
}

/// What the procedures say of themselves.
fn hashes(erp: &OdooErp) -> Finding {
    match block_on(erp.hashes()) {
        Err(error) => Finding::error("odoo procedures", error),
        Ok(found) => {
            let other = |(name, hash): &&(&str, String)| !ALL.iter().any(|p| p.name == *name && p.hash == hash);
            match found.iter().find(other) {
                None => Finding::good("odoo procedures", "are those of this version"),
                Some((name, _)) => {
                    Finding::bad("odoo procedures", format!("{name} is not this version's: run `quittance setup odoo`"))
                }
            }
        }
    }
}

/// What set-up would change: finds texts that were edited by hand, which the hash they state does not. And Odoo's own
/// providers, whose keys only the set-up user may read.
fn changed_records(settings: &Settings, odoo: &Odoo, http: &Rc<dyn Http>) -> Vec<Finding> {
    let what = "odoo set-up";
    if settings.get("ODOO_SETUP_API_KEY").is_none() {
        return vec![Finding::note(what, "stored records were not compared: ODOO_SETUP_API_KEY is not set")];
    }
    let client = match setup_client(&Arguments::default(), settings, http.clone()) {
        Ok(client) => client,
        Err(fail) => return vec![Finding::bad(what, fail.to_string())],
    };
    let wish = SetupOptions {
        dry: true,
        companies: odoo.company.into_iter().collect(),
        worker: Some(odoo.login.clone()),
        transaction: odoo.transaction,
        livemode: settings.get("STRIPE_API_KEY").map(|key| key.contains("_live_")),
        // Providers are told of below.
        other_account: true,
        now: SystemClock.now(),
        ..SetupOptions::default()
    };
    let providers = provider::find_providers(&client, settings, &**http);
    let providers = providers.iter().filter(|p| p.counts(wish.livemode) && !p.is_other_account());
    let providers = providers.map(|p| match p.serves {
        ProviderAccount::Ours(_) => Finding::bad("odoo provider", p.sentence()),
        _ => Finding::note("odoo provider", p.sentence()),
    });
    std::iter::once(differences(&client, &wish)).chain(providers).chain(buttons(&client, settings)).collect()
}

/// How the buttons in Odoo stand, and what stands beside them.
fn buttons(client: &Client, settings: &Settings) -> Vec<Finding> {
    let what = "odoo buttons";
    let state = match block_on(ui::button_state(client)) {
        Ok(state) => state,
        Err(error) => return vec![Finding::error(what, error)],
    };
    let (true, Some(pay_url)) = (state.installed, &state.pay_url) else {
        // Who has no pay page misses no button.
        let wanted = matches!(odoo_ui::button_options(None, settings), Ok(Ok(_)));
        let missing = Finding::note(what, "not in this database: `quittance setup odoo` makes them");
        return Some(missing).filter(|_| wanted).into_iter().collect();
    };
    let mode = state.mode.unwrap_or(Mode::Off);
    let script_read = mode == Mode::Asset;
    let wish = ui::ButtonOptions {
        dry: true,
        pay_url: pay_url.clone(),
        mode: Some(mode),
        script_read,
        ..ui::ButtonOptions::default()
    };
    let mut findings = vec![match block_on(ui::install(client, &wish)) {
        Err(error) => Finding::error(what, error),
        Ok(report) => match report.changes.iter().find(|change| change.act != ChangeKind::Keep) {
            Some(change) => Finding::bad(
                what,
                format!("{} is not as this version leaves it: run `quittance setup odoo`", change.name),
            ),
            None if mode == Mode::Off => {
                Finding::note(what, "are switched off; `quittance odoo-ui asset` switches them on")
            }
            None => Finding::good(what, format!("are this version's, in mode {}, and open {pay_url}", mode.name())),
        },
    }];
    let worker = settings.get("WORKER_URL").map(|url| url.trim_end_matches('/'));
    if let Some(worker) = worker.filter(|worker| worker != pay_url) {
        let detail = format!("open {pay_url}, not WORKER_URL: `quittance setup odoo --pay-url {worker}` changes it");
        findings.push(Finding::note(what, detail));
    }
    if mode != Mode::Off && (state.pay_now || !state.providers.is_empty()) {
        findings.push(Finding::note(what, other_buttons(&state)));
    }
    findings
}

/// What else a customer may press.
fn other_buttons(state: &ui::ButtonState) -> String {
    match (state.pay_now, state.providers.join(", ")) {
        (true, names) if names.is_empty() => {
            "Odoo's own Pay Now stands beside them on the portal and leads nowhere, as no provider is enabled: switch Invoice Online Payment off in Odoo's settings".into()
        }
        (_, names) => format!(
            "Odoo's own payment providers are enabled beside them ({names}): disable them, or switch Invoice Online Payment off in Odoo's settings"
        ),
    }
}

fn differences(client: &Client, wish: &SetupOptions) -> Finding {
    let what = "odoo set-up";
    match block_on(provision(client, wish)) {
        Err(error) => Finding::error(what, error),
        Ok(report) => match report.changes.iter().find(|c| c.act != ChangeKind::Keep) {
            None => Finding::good(what, "every record is as set-up leaves it"),
            Some(change) => {
                Finding::bad(what, format!("{} is not as set-up leaves it: run `quittance setup odoo`", change.name))
            }
        },
    }
}
