//! Brings Stripe's endpoints to what is planned, and their secrets home.

use quittance::config::{Secret, SigningSecret, webhook};
use quittance::ports::Entropy;
use quittance::stripe::client::Client;

use super::endpoint::{self, Endpoint, First, Plan, Wanted};
use super::known::{Known, SECRETS, written};
use super::left;
use crate::fail::Outcome;
use crate::ports::{SystemEntropy, block_on};
use crate::secrets::{self, Run, Store};
use crate::settings::Settings;

/// What a change works with.
pub struct Bring<'a> {
    pub stripe: &'a Client<'a>,
    pub run: &'a dyn Run,
    /// The mode of the endpoints.
    pub livemode: bool,
    /// Where secrets go; `None`: they are shown.
    pub store: Option<Store>,
}

impl Bring<'_> {
    /// Every plan in turn, then the secrets of removed endpoints go. Gives the lines to print.
    pub fn all(&self, settings: &mut Settings, plans: &[(Wanted, Plan)]) -> Outcome<Vec<String>> {
        let mut lines = Vec::new();
        for (wanted, plan) in plans {
            lines.extend(self.first(settings, wanted, plan)?);
            // The new one delivers by now, and its secret is stored.
            for gone in &plan.remove {
                block_on(endpoint::remove(self.stripe, &gone.id))?;
                lines.push(format!("removed      endpoint {} at {}", gone.id, gone.url));
            }
            lines.extend(left(wanted, plan));
        }
        let stored = plans.iter().any(|(_, plan)| plan.first == First::Make) && self.store.is_some();
        let gone: Vec<&Endpoint> = plans.iter().flat_map(|(_, plan)| &plan.remove).collect();
        lines.extend(self.forget(settings, &gone, stored)?);
        Ok(lines)
    }

    fn first(&self, settings: &mut Settings, wanted: &Wanted, plan: &Plan) -> Outcome<Vec<String>> {
        let mut lines = Vec::new();
        match &plan.first {
            First::Keep(kept) => {
                lines.push(format!("as it is     endpoint {} at {}", kept.id, wanted.url));
                let (known, _) = Known::read(settings, self.store);
                if known.is_empty() || !known.lacking(std::slice::from_ref(kept), |_| true).is_empty() {
                    lines.push(format!("             its secret is not in the {SECRETS} of this machine: if the Worker lacks it, too, copy it from Stripe's dashboard, or run again with --renew"));
                }
            }
            First::Change(found) => {
                block_on(endpoint::change(self.stripe, wanted, &found.id, &SystemEntropy.token()))?;
                lines.push(format!("changed      endpoint {}: event types and switch", found.id));
            }
            First::Make => lines.extend(self.make(settings, wanted)?),
        }
        Ok(lines)
    }

    /// Makes an endpoint and brings its secret home. When that fails the endpoint goes again, as nobody has its secret.
    fn make(&self, settings: &mut Settings, wanted: &Wanted) -> Outcome<Vec<String>> {
        let (id, secret) = block_on(endpoint::make(self.stripe, wanted, &|| SystemEntropy.token()))?;
        let endpoint = webhook::Endpoint { livemode: self.livemode, connect: wanted.connect };
        let secret = SigningSecret { secret: Secret::new(secret), endpoint };
        let mut lines = vec![format!("made         endpoint {id} at {}", wanted.url)];
        let Some(store) = self.store else {
            lines.push(format!("its signing secret, shown this once: {}", written(&secret)));
            return Ok(lines);
        };
        let known = Known::read(settings, self.store).0.with(secret);
        if let Err(fail) = self.keep(settings, &known, store) {
            let gone = block_on(endpoint::remove(self.stripe, &id));
            let undone = if gone.is_ok() { "it was removed again" } else { "remove it in Stripe's dashboard" };
            return Err(fail.while_(&format!("The secret of endpoint {id} could not be stored ({undone})")));
        }
        lines.push(format!("stored       {SECRETS} ({})", store.place()));
        Ok(lines)
    }

    fn keep(&self, settings: &mut Settings, known: &Known, store: Store) -> Outcome<()> {
        secrets::store(&[(SECRETS.to_owned(), known.text())], store, settings.file(), self.run)?;
        settings.set(SECRETS, &known.text());
        Ok(())
    }

    /// Takes the secrets of removed endpoints, and no other, out of the list that was `stored`; says what a person has
    /// to take out.
    fn forget(&self, settings: &mut Settings, gone: &[&Endpoint], stored: bool) -> Outcome<Vec<String>> {
        let (before, _) = Known::read(settings, self.store);
        let (mut known, mut lines) = (before, Vec::new());
        let mut dropped = false;
        for endpoint in gone {
            let fewer = endpoint.print().and_then(|print| known.without(print));
            match (fewer, self.store.filter(|_| stored)) {
                (Some(fewer), Some(store)) => {
                    known = fewer;
                    dropped = true;
                    lines.push(format!("dropped      the secret of endpoint {} ({})", endpoint.id, store.place()));
                }
                (None, Some(_)) if endpoint.print().is_some() => {}
                _ => lines.push(format!(
                    "             take the secret of endpoint {} out of {SECRETS} if it is there",
                    endpoint.id
                )),
            }
        }
        if let (true, Some(store)) = (dropped, self.store) {
            let what = "The endpoints are as they shall be, but a removed one's secret stayed in the list";
            self.keep(settings, &known, store).map_err(|fail| fail.while_(what))?;
        }
        Ok(lines)
    }
}
