//! Brings Stripe's endpoints to what is planned, and their secrets home.

use quittance::config::{Secret, SigningSecret, webhook};
use quittance::ports::Entropy;
use quittance::stripe::client::Client;

use super::endpoint::{self, Endpoint, FirstStep, Plan, WantedEndpoint};
use super::known_secrets::{KnownSecrets, SECRETS, secret_text};
use super::remaining_lines;
use crate::fail::CommandResult;
use crate::ports::{SystemEntropy, block_on};
use crate::secrets::{self, Run, SecretStore};
use crate::settings::Settings;

/// What a change works with.
pub struct EndpointChange<'a> {
    pub stripe: &'a Client<'a>,
    pub run: &'a dyn Run,
    /// The mode of the endpoints.
    pub livemode: bool,
    /// Where secrets go; `None`: they are shown.
    pub store: Option<SecretStore>,
}

impl EndpointChange<'_> {
    /// Every plan in turn, then the secrets of removed endpoints go. Gives the lines to print.
    pub fn all(&self, settings: &mut Settings, plans: &[(WantedEndpoint, Plan)]) -> CommandResult<Vec<String>> {
        let mut lines = Vec::new();
        for (wanted, plan) in plans {
            lines.extend(self.first(settings, wanted, plan)?);
            // The new one delivers by now, and its secret is stored.
            for gone in &plan.remove {
                block_on(endpoint::remove(self.stripe, &gone.id))?;
                lines.push(format!("removed      endpoint {} at {}", gone.id, gone.url));
            }
            lines.extend(remaining_lines(wanted, plan));
        }
        let stored = plans.iter().any(|(_, plan)| plan.first == FirstStep::Make) && self.store.is_some();
        let gone: Vec<&Endpoint> = plans.iter().flat_map(|(_, plan)| &plan.remove).collect();
        lines.extend(self.forget(settings, &gone, stored)?);
        Ok(lines)
    }

    fn first(&self, settings: &mut Settings, wanted: &WantedEndpoint, plan: &Plan) -> CommandResult<Vec<String>> {
        let mut lines = Vec::new();
        match &plan.first {
            FirstStep::Keep(kept) => {
                lines.push(format!("as it is     endpoint {} at {}", kept.id, wanted.url));
                let (known, _) = KnownSecrets::read_secrets(settings, self.store);
                if known.is_empty() || !known.without_secret(std::slice::from_ref(kept), |_| true).is_empty() {
                    lines.push(format!("             its secret is not in the {SECRETS} of this machine: if the Worker lacks it, too, copy it from Stripe's dashboard, or run again with --renew"));
                }
            }
            FirstStep::Change(found) => {
                block_on(endpoint::change(self.stripe, wanted, &found.id, &SystemEntropy.token()))?;
                lines.push(format!("changed      endpoint {}: event types and switch", found.id));
            }
            FirstStep::Make => lines.extend(self.make(settings, wanted)?),
        }
        Ok(lines)
    }

    /// Makes an endpoint and brings its secret home. When that fails the endpoint goes again, as nobody has its secret.
    fn make(&self, settings: &mut Settings, wanted: &WantedEndpoint) -> CommandResult<Vec<String>> {
        let (id, secret) = block_on(endpoint::make(self.stripe, wanted, &|| SystemEntropy.token()))?;
        let endpoint = webhook::EndpointScope { livemode: self.livemode, connect: wanted.connect };
        let secret = SigningSecret { secret: Secret::new(secret), endpoint };
        let mut lines = vec![format!("made         endpoint {id} at {}", wanted.url)];
        let Some(store) = self.store else {
            lines.push(format!("its signing secret, shown this once: {}", secret_text(&secret)));
            return Ok(lines);
        };
        let known = KnownSecrets::read_secrets(settings, self.store).0.with(secret);
        if let Err(fail) = self.store_secret(settings, &known, store) {
            let gone = block_on(endpoint::remove(self.stripe, &id));
            let undone = if gone.is_ok() { "it was removed again" } else { "remove it in Stripe's dashboard" };
            return Err(fail.while_(&format!("The secret of endpoint {id} could not be stored ({undone})")));
        }
        lines.push(format!("stored       {SECRETS} ({})", store.place()));
        Ok(lines)
    }

    fn store_secret(&self, settings: &mut Settings, known: &KnownSecrets, store: SecretStore) -> CommandResult<()> {
        secrets::store(&[(SECRETS.to_owned(), known.text())], store, settings.file(), self.run)?;
        settings.set(SECRETS, &known.text());
        Ok(())
    }

    /// Takes the secrets of removed endpoints, and no other, out of the list that was `stored`; says what a person has
    /// to take out.
    fn forget(&self, settings: &mut Settings, gone: &[&Endpoint], stored: bool) -> CommandResult<Vec<String>> {
        let (before, _) = KnownSecrets::read_secrets(settings, self.store);
        let (mut known, mut lines) = (before, Vec::new());
        let mut dropped = false;
        for endpoint in gone {
            let fewer = endpoint.fingerprint().and_then(|print| known.without(print));
            match (fewer, self.store.filter(|_| stored)) {
                (Some(fewer), Some(store)) => {
                    known = fewer;
                    dropped = true;
                    lines.push(format!("dropped      the secret of endpoint {} ({})", endpoint.id, store.place()));
                }
                (None, Some(_)) if endpoint.fingerprint().is_some() => {}
                _ => lines.push(format!(
                    "             take the secret of endpoint {} out of {SECRETS} if it is there",
                    endpoint.id
                )),
            }
        }
        if let (true, Some(store)) = (dropped, self.store) {
            let what = "The endpoints are as they shall be, but a removed one's secret stayed in the list";
            self.store_secret(settings, &known, store).map_err(|fail| fail.while_(what))?;
        }
        Ok(lines)
    }
}
