//! `quittance setup stripe` against the simulated Stripe: the endpoint from nothing, again, corrected and replaced,
//! its secret brought home, and what goes wrong.

use std::rc::Rc;

use crate::common::{Line, Machine, Scratch, clock};
use quittance::error::Code;
use quittance::http::Request;
use quittance::ports::Http;
use quittance::stripe::map::EVENT_TYPES;
use quittance::stripe::version::PINNED_VERSION;
use quittance_cli::fail::CommandResult;
use quittance_cli::ports::block_on;
use quittance_cli::secrets::SecretStore;
use quittance_cli::settings::Settings;
use quittance_cli::stripe::{Arguments, setup};
use quittance_sim::stripe::{Key, Settings as Merchant, Stripe};
use serde_json::Value;

const BASE: &str = "https://quittance.example.workers.dev";

const KNOWN: &str = "whsec_known_0123456789abcdef0123456789";

type Sim = Rc<Line<Stripe>>;

fn sim() -> Sim {
    let mut merchant = Merchant::default();
    merchant.keys.push(Key::restricted("rk_test_poor", &["payment_intent_read"]));
    Line::to(Stripe::new(merchant, clock()))
}

fn settings(more: &[(&str, &str)]) -> Settings {
    let given = [("STRIPE_API_KEY", "sk_test_sim"), ("WORKER_URL", BASE)];
    Settings::from_pairs(given.into_iter().chain(more.iter().copied()))
}

fn storing() -> Arguments {
    Arguments { store: Some(SecretStore::Local), ..Arguments::default() }
}

fn run(sim: &Sim, arguments: &Arguments, settings: &mut Settings) -> CommandResult<Vec<String>> {
    setup(arguments, settings, &**sim, &Machine::default())
}

fn api(sim: &Sim, method: &str, path: &str, body: &str) -> Value {
    let request = Request::new(method, format!("https://api.stripe.com{path}"))
        .with("authorization", "Bearer sk_test_sim")
        .body(body);
    serde_json::from_slice(&block_on(sim.send(request, 1_000)).unwrap().body).unwrap()
}

fn endpoints(sim: &Sim) -> Vec<Value> {
    api(sim, "GET", "/v1/webhook_endpoints?limit=100", "")["data"].as_array().unwrap().clone()
}

/// What was changed on Stripe's side since the last look.
fn writes(sim: &Sim) -> Vec<String> {
    sim.seen.take().into_iter().filter(|line| !line.starts_with("GET")).collect()
}

#[test]
fn from_nothing_and_then_again() {
    let (sim, file) = (sim(), Scratch::new("stripe-again"));
    let mut settings = settings(&[("ODOO_URL", "https://books.example.com/odoo")]).with_file(&file.0);
    run(&sim, &storing(), &mut settings).unwrap();
    let made = endpoints(&sim);
    assert_eq!(made.len(), 1);
    assert_eq!(made[0]["url"], format!("{BASE}/webhooks/stripe"));
    assert_eq!(made[0]["api_version"], PINNED_VERSION);
    let types: Vec<&str> = made[0]["enabled_events"].as_array().unwrap().iter().map(|t| t.as_str().unwrap()).collect();
    assert_eq!(types, EVENT_TYPES);
    assert!(file.text().starts_with("STRIPE_WEBHOOK_SECRETS=\"test:whsec_"), "{}", file.text());
    let domains = api(&sim, "GET", "/v1/payment_method_domains", "");
    let hosts: Vec<&Value> = domains["data"].as_array().unwrap().iter().map(|d| &d["domain_name"]).collect();
    assert_eq!(hosts.len(), 2, "{hosts:?}");
    writes(&sim);
    let lines = run(&sim, &storing(), &mut settings).unwrap();
    assert_eq!(writes(&sim), Vec::<String>::new());
    assert!(lines.iter().all(|line| line.starts_with("as it is")), "{lines:?}");
}

#[test]
fn a_dry_run_changes_nothing() {
    let sim = sim();
    let lines = run(&sim, &Arguments { dry_run: true, ..storing() }, &mut settings(&[])).unwrap();
    assert!(lines[0].starts_with("would make"), "{lines:?}");
    assert_eq!(writes(&sim), Vec::<String>::new());
}

#[test]
fn one_made_by_hand_is_taken_over_and_corrected() {
    let (sim, file) = (sim(), Scratch::new("stripe-hand"));
    let mut settings = settings(&[("STRIPE_WEBHOOK_SECRETS", KNOWN)]).with_file(&file.0);
    let form = format!("url={BASE}/webhooks/stripe&enabled_events[]=charge.failed&api_version={PINNED_VERSION}");
    let id = api(&sim, "POST", "/v1/webhook_endpoints", &form)["id"].clone();
    api(&sim, "POST", &format!("/v1/webhook_endpoints/{}", id.as_str().unwrap()), "disabled=true");
    run(&sim, &storing(), &mut settings).unwrap();
    let after = endpoints(&sim);
    assert_eq!((after.len(), &after[0]["id"], &after[0]["status"]), (1, &id, &"enabled".into()));
    assert_eq!(after[0]["enabled_events"].as_array().unwrap().len(), EVENT_TYPES.len());
    assert_eq!(file.text(), "", "no new secret");
}

#[test]
fn another_version_or_address_is_replaced_before_it_goes() {
    let form = |url: &str, version: &str| {
        format!(
            "url={url}/webhooks/stripe&enabled_events[]=charge.failed&api_version={version}&metadata[quittance]=account"
        )
    };
    for (url, version, replace) in
        [(BASE, "2026-03-25.dahlia", false), ("https://old.example.com", PINNED_VERSION, true)]
    {
        let (sim, file) = (sim(), Scratch::new(&format!("stripe-old-{}", version.len() + url.len())));
        let mut settings = settings(&[("STRIPE_WEBHOOK_SECRETS", KNOWN)]).with_file(&file.0);
        let old = api(&sim, "POST", "/v1/webhook_endpoints", &form(url, version))["id"].clone();
        writes(&sim);
        run(&sim, &Arguments { replace, ..storing() }, &mut settings).unwrap();
        let order = writes(&sim);
        assert_eq!(order[0], "POST /v1/webhook_endpoints");
        assert!(order[1].starts_with("POST /v1/webhook_endpoints/we_"), "its fingerprint: {order:?}");
        assert!(order[2].starts_with("DELETE"), "{order:?}");
        let left = endpoints(&sim);
        assert_eq!(left.len(), 1);
        assert_ne!(left[0]["id"], old);
        assert!(file.text().contains(&format!(",test:{KNOWN}\"")), "nobody knows whose it is: {}", file.text());
    }
}

/// Two Workers on one Stripe account, staging and production.
#[test]
fn another_workers_endpoint_is_left_alone_unless_told() {
    let (sim, file) = (sim(), Scratch::new("stripe-staging"));
    run(&sim, &storing(), &mut settings(&[]).with_file(&file.0)).unwrap();
    let (production, secret) = (endpoints(&sim)[0]["id"].clone(), file.text());
    let staging = Arguments { url: Some("https://staging.example.com".into()), ..storing() };
    let (elsewhere, mut settings) = (Scratch::new("stripe-staging-own"), settings(&[]));
    let mut own = settings.clone().with_file(&elsewhere.0);
    let lines = run(&sim, &staging, &mut own).unwrap();
    assert!(lines.iter().any(|line| line.starts_with("left ") && line.contains("--replace")), "{lines:?}");
    assert_eq!(endpoints(&sim).len(), 2);
    assert!(endpoints(&sim).iter().any(|e| e["id"] == production));
    // The other way round, too, and a dry run says what --replace would do.
    run(&sim, &storing(), &mut settings).unwrap();
    assert_eq!((endpoints(&sim).len(), file.text()), (2, secret));
    let dry = Arguments { replace: true, dry_run: true, ..staging.clone() };
    let lines = run(&sim, &dry, &mut own).unwrap();
    assert!(lines.iter().any(|line| line.starts_with("would remove") && line.contains(BASE)), "{lines:?}");
    run(&sim, &Arguments { replace: true, ..staging }, &mut own).unwrap();
    assert!(endpoints(&sim).iter().all(|e| e["id"] != production));
}

/// It may be for connected accounts: Stripe's list does not tell.
#[test]
fn one_made_by_hand_beside_ours_is_left_alone() {
    let (sim, file) = (sim(), Scratch::new("stripe-beside"));
    let mut settings = settings(&[]).with_file(&file.0);
    run(&sim, &storing(), &mut settings).unwrap();
    let form = format!("url={BASE}/webhooks/stripe&enabled_events[]=charge.failed&connect=true");
    let id = api(&sim, "POST", "/v1/webhook_endpoints", &form)["id"].clone();
    let lines = run(&sim, &storing(), &mut settings).unwrap();
    assert!(lines.iter().any(|line| line.starts_with("left ") && line.contains("made by hand")), "{lines:?}");
    assert!(endpoints(&sim).iter().any(|e| e["id"] == id));
}

#[test]
fn somebody_elses_endpoint_is_left_alone() {
    let (sim, file) = (sim(), Scratch::new("stripe-else"));
    let form = "url=https://shop.example.com/hook&enabled_events[]=charge.failed";
    let other = api(&sim, "POST", "/v1/webhook_endpoints", form)["id"].clone();
    run(&sim, &storing(), &mut settings(&[]).with_file(&file.0)).unwrap();
    assert!(endpoints(&sim).iter().any(|e| e["id"] == other && e["metadata"] == serde_json::json!({})));
}

#[test]
fn connected_accounts_have_an_endpoint_of_their_own() {
    let (sim, file) = (sim(), Scratch::new("stripe-connect"));
    let mut settings = settings(&[("STRIPE_ACCOUNTS", "acct_a,acct_b")]).with_file(&file.0);
    run(&sim, &storing(), &mut settings).unwrap();
    let marks: Vec<Value> = endpoints(&sim).iter().map(|e| e["metadata"]["quittance"].clone()).collect();
    assert!(marks.contains(&"account".into()) && marks.contains(&"connect".into()), "{marks:?}");
    assert_eq!(file.text().matches("whsec_").count(), 2, "{}", file.text());
    writes(&sim);
    run(&sim, &storing(), &mut settings).unwrap();
    assert_eq!(writes(&sim), Vec::<String>::new());
}

/// A secret that nobody has makes an endpoint whose every delivery fails.
#[test]
fn a_secret_that_cannot_be_stored_takes_the_endpoint_with_it() {
    let sim = sim();
    let mut settings = settings(&[]);
    let machine = Machine::answering(&[("node_modules/.bin/wrangler secret bulk", Err("wrangler is not signed in"))]);
    let arguments = Arguments { store: Some(SecretStore::Worker), ..Arguments::default() };
    let fail = setup(&arguments, &mut settings, &*sim, &machine).unwrap_err();
    assert!(fail.to_string().contains("removed again"), "{fail}");
    assert_eq!(endpoints(&sim), Vec::<Value>::new());
    assert!(machine.inputs.borrow()[0].contains("whsec_"));
    assert!(!machine.lines.borrow()[0].contains("whsec_") && !fail.to_string().contains("whsec_"), "{fail}");
}

#[test]
fn renewing_makes_a_new_secret_and_removes_the_old_endpoint() {
    let (sim, file) = (sim(), Scratch::new("stripe-renew"));
    let mut settings = settings(&[]).with_file(&file.0);
    run(&sim, &storing(), &mut settings).unwrap();
    let (before, first) = (endpoints(&sim)[0]["id"].clone(), file.text());
    run(&sim, &Arguments { renew: true, ..storing() }, &mut settings).unwrap();
    let after = endpoints(&sim);
    assert_eq!(after.len(), 1);
    assert_ne!(after[0]["id"], before);
    assert_ne!(file.text(), first);
}

/// Arguments, replaced variables, the code, and a word that the sentence must have.
type Row = (Arguments, &'static [(&'static str, &'static str)], Option<Code>, &'static str);

#[test]
fn wrong_inputs() {
    let live = Arguments { url: Some("http://quittance.example.com".into()), ..storing() };
    let rows: [Row; 7] = [
        (storing(), &[("STRIPE_API_KEY", "sk_test_unknown")], Some(Code::StripeAuth), "STRIPE_API_KEY"),
        (storing(), &[("STRIPE_API_KEY", "pk_test_x")], Some(Code::ConfigInvalid), "publishable"),
        (storing(), &[("STRIPE_API_KEY", "rk_test_poor")], Some(Code::StripeAuth), "rak_webhook_read"),
        (storing(), &[("STRIPE_SETUP_API_KEY", "rk_test_poor")], Some(Code::StripeAuth), "rak_webhook_read"),
        (storing(), &[("STRIPE_SETUP_API_KEY", "sk_live_sim")], None, "different modes"),
        (live, &[("STRIPE_API_KEY", "sk_live_sim")], None, "https"),
        (Arguments::default(), &[], None, "--store local"),
    ];
    for (arguments, more, code, word) in rows {
        let sim = sim();
        let fail = run(&sim, &arguments, &mut settings(more)).unwrap_err();
        assert_eq!(fail.code, code, "{fail}");
        assert!(fail.to_string().contains(word), "{fail}");
        assert_eq!(writes(&sim), Vec::<String>::new(), "{fail}");
    }
}
