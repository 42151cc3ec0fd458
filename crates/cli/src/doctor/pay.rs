//! The pay page: its settings, what the Stripe key must be able to make, and the page as the deployed Worker serves it.

use quittance::config::{Delivery, ErpConfig, Pay};
use quittance::erp::odoo::setup::ui::texts::base64;
use quittance::error::{Code, Error};
use quittance::http::Request;
use quittance::ports::Http;
use quittance::routes::embed_script;
use quittance::stripe::client::Client;
use quittance::stripe::customers;
use sha2::{Digest, Sha384};

use super::Finding;
use crate::ports::block_on;

/// Requests that a key with the permission is refused as incomplete, so that they make nothing: path, form, permission.
const WRITES: [(&str, &str, &str); 2] = [
    ("/v1/payment_intents", "currency=usd", "rak_payment_intent_write"),
    ("/v1/customers", "email=not-an-address", "rak_customer_write"),
];
/// The same for showing saved cards.
const SESSIONS: (&str, &str, &str) = ("/v1/customer_sessions", "", "rak_customer_session_write");
const TIMEOUT: u32 = 15_000;

/// Findings of the pay page; one note where there is none.
pub fn examine(pay: &Result<Pay, Error>, delivery: &Delivery, url: Option<&str>, http: &dyn Http) -> Vec<Finding> {
    let what = "pay settings";
    let pay = match pay {
        Ok(pay) => pay,
        Err(error) if error.code == Code::PayNotConfigured => {
            return vec![Finding::note(what, "no pay page: set STRIPE_PUBLISHABLE_KEY to have one (docs/PAY.md)")];
        }
        Err(error) => return vec![Finding::error(what, error.clone())],
    };
    let client = Client::new(http, &delivery.stripe);
    let mut findings = vec![settings(pay, delivery), permissions(pay, &client), search(&client)];
    if !pay.embed_origins.is_empty() {
        findings.push(embed_finding(pay));
    }
    findings.extend(url.map(|url| page(pay, url, http)));
    findings
}

fn settings(pay: &Pay, delivery: &Delivery) -> Finding {
    let what = "pay settings";
    let ErpConfig::Odoo(odoo) = &delivery.erp else {
        return Finding::bad(what, "the pay page needs ERP=odoo: take STRIPE_PUBLISHABLE_KEY away, or set Odoo up");
    };
    let shown_by = |origin: &String| odoo.url == *origin || odoo.url.starts_with(&format!("{origin}/"));
    if pay.embed_origins.iter().any(shown_by) {
        return Finding::good(what, "complete; Odoo's pages may show the page in a dialog");
    }
    let advice =
        format!("EMBED_ORIGINS lacks the origin of {}: Odoo's pages cannot show the page in a dialog", odoo.url);
    Finding::note(what, advice)
}

/// For other sites than Odoo, which serves the script itself: what keeps this Worker's host from running another one there.
fn embed_finding(pay: &Pay) -> Finding {
    let script = embed_script(&pay.embed_origins);
    Finding::good(
        "pay embed",
        format!("embed.js of this version and these EMBED_ORIGINS has integrity=\"{}\"", integrity(&script)),
    )
}

/// As the attribute `integrity` of a script tag wants it.
fn integrity(script: &str) -> String {
    format!("sha384-{}", base64(&Sha384::digest(script.as_bytes())))
}

/// Whether the key may make what a payment needs.
fn permissions(pay: &Pay, client: &Client<'_>) -> Finding {
    let what = "pay permissions";
    let mut missing = Vec::new();
    for (path, form, permission) in WRITES.into_iter().chain(pay.saved_cards.then_some(SESSIONS)) {
        match block_on(client.submit(path, form, &format!("doctor-{}", std::process::id()))) {
            // Nothing answers a form like these with success.
            Ok(_) => {}
            Err(refusal) if refusal.error.code == Code::StripeAuth => missing.push(permission),
            Err(refusal) if refusal.error.code == Code::StripeUnavailable => {
                return Finding::error(what, refusal.error);
            }
            Err(_) => {}
        }
    }
    match missing.is_empty() {
        true => Finding::good(what, "PaymentIntents and customers may be made"),
        false => Finding::bad(
            what,
            format!("the key lacks {}: add to it in Stripe's dashboard, API keys", missing.join(", ")),
        ),
    }
}

/// Whether Stripe looks customers up for this account: those in some countries have no search. Payers pay all the same.
fn search(client: &Client<'_>) -> Finding {
    let what = "pay customer search";
    match block_on(customers::search(client, "doctor", 0)) {
        Ok(_) => Finding::good(what, "Stripe finds customers by their metadata"),
        Err(error) if error.code == Code::StripeUnavailable => Finding::error(what, error),
        Err(error) => {
            let advice = "payers pay without it; a customer whom the ledger has lost is made anew unless the contact in Odoo names him";
            Finding::note(what, format!("Stripe refuses it ({}): {advice}", error.detail))
        }
    }
}

/// The page's shell; it is the same for every invoice.
fn page(pay: &Pay, url: &str, http: &dyn Http) -> Finding {
    let what = "pay page";
    let answer = block_on(http.send(Request::new("GET", format!("{url}/pay/1")), TIMEOUT));
    let Some(response) = answer.ok().filter(|response| response.status == 200) else {
        return Finding::bad(what, format!("{url}/pay/1 does not answer: deploy this version (`quittance deploy`)"));
    };
    let policy = response.header("content-security-policy").unwrap_or("");
    match pay.embed_origins.iter().find(|origin| !policy.contains(origin.as_str())) {
        None => Finding::good(what, format!("{url}/pay/… is there")),
        Some(origin) => Finding::bad(
            what,
            format!(
                "the deployed page may not be shown by {origin}: store the settings there (`quittance setup secrets`)"
            ),
        ),
    }
}
