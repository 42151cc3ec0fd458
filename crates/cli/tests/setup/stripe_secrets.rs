//! `quittance setup stripe` and `setup secrets` never take a signing secret in use away from the Worker, whose list is
//! overwritten as a whole and cannot be read.

use std::rc::Rc;

use crate::common::{Line, Machine, Scratch, WORKER, clock};
use quittance::http::Request;
use quittance::ports::Http;
use quittance::stripe::version::PINNED_VERSION;
use quittance_cli::fail::CommandResult;
use quittance_cli::ports::block_on;
use quittance_cli::secrets::{self, SecretStore};
use quittance_cli::settings::Settings;
use quittance_cli::stripe::{Arguments, SECRETS, setup};
use quittance_sim::stripe::{Settings as Merchant, Stripe};
use serde_json::Value;

type Sim = Rc<Line<Stripe>>;

fn sim() -> Sim {
    Line::to(Stripe::new(Merchant::default(), clock()))
}

fn settings(more: &[(&str, &str)]) -> Settings {
    let given = [("STRIPE_API_KEY", "sk_test_sim"), ("WORKER_URL", WORKER)];
    Settings::from_pairs(given.into_iter().chain(more.iter().copied()))
}

fn worker() -> Arguments {
    Arguments { store: Some(SecretStore::Worker), ..Arguments::default() }
}

fn run(sim: &Sim, arguments: &Arguments, settings: &mut Settings, machine: &Machine) -> CommandResult<Vec<String>> {
    setup(arguments, settings, &**sim, machine)
}

fn api(sim: &Sim, method: &str, path: &str, body: &str) -> Value {
    let request = Request::new(method, format!("https://api.stripe.com/v1/webhook_endpoints{path}"))
        .with("authorization", "Bearer sk_test_sim")
        .body(body);
    serde_json::from_slice(&block_on(sim.send(request, 1_000)).unwrap().body).unwrap()
}

/// Makes an endpoint by hand; gives its id and its secret.
fn by_hand(sim: &Sim, version: &str) -> (String, String) {
    let form = format!("url={WORKER}/webhooks/stripe&enabled_events[]=charge.failed&api_version={version}");
    let made = api(sim, "POST", "", &form);
    (made["id"].as_str().unwrap().to_owned(), made["secret"].as_str().unwrap().to_owned())
}

/// What the Worker has after all that was sent to it.
fn held(machine: &Machine) -> Vec<String> {
    let sent = machine.inputs.borrow();
    let last = sent.iter().rev().find_map(|sent| {
        let object: Value = serde_json::from_str(sent).unwrap();
        Some(object.get(SECRETS)?.as_str()?.to_owned())
    });
    last.unwrap_or_default().split(',').map(str::to_owned).collect()
}

/// Another machine adds Connect: it knows nothing of the endpoint that the first one made.
#[test]
fn a_list_that_is_not_known_here_is_not_overwritten() {
    let (sim, machine) = (sim(), Machine::default());
    run(&sim, &worker(), &mut settings(&[]), &machine).unwrap();
    let first = held(&machine);
    let connect = [("STRIPE_ACCOUNTS", "acct_a")];
    for arguments in [worker(), Arguments { dry_run: true, ..worker() }] {
        let fail = run(&sim, &arguments, &mut settings(&connect), &machine).unwrap_err();
        assert!(fail.to_string().contains(SECRETS) && fail.to_string().contains("we_"), "{fail}");
        assert!(!fail.to_string().contains("whsec_"), "{fail}");
    }
    // Somebody else's secret does not stand in for it.
    let other = [connect[0], (SECRETS, "whsec_other_0123456789abcdef0123456789")];
    assert!(run(&sim, &worker(), &mut settings(&other), &machine).is_err());
    assert_eq!((held(&machine), machine.inputs.borrow().len()), (first.clone(), 1));
    assert_eq!(api(&sim, "GET", "", "")["data"].as_array().unwrap().len(), 1, "nothing was made");
    let known = [connect[0], (SECRETS, first[0].as_str())];
    run(&sim, &worker(), &mut settings(&known), &machine).unwrap();
    assert_eq!((held(&machine).len(), &held(&machine)[1]), (2, &first[0]));
    // Or all of them anew.
    run(&sim, &Arguments { renew: true, ..worker() }, &mut settings(&connect), &machine).unwrap();
    assert_eq!(held(&machine).len(), 2);
    assert!(!held(&machine).contains(&first[0]));
}

/// Live, test, Connect and one being rolled are four; only a removed endpoint's own goes.
#[test]
fn only_the_secret_of_a_removed_endpoint_is_dropped() {
    let (sim, machine) = (sim(), Machine::default());
    let of = ["live:", "test:", "live:connect:", "test:"];
    let others = of.iter().enumerate().map(|(n, of)| format!("{of}whsec_{n}_0123456789abcdef0123456789"));
    let others: Vec<String> = others.collect();
    let mut settings = settings(&[(SECRETS, &others.join(",")), ("STRIPE_ACCOUNTS", "acct_a")]);
    run(&sim, &worker(), &mut settings, &machine).unwrap();
    let before = held(&machine);
    assert_eq!((before.len(), &before[2..]), (6, &others[..]));
    // Set-up writes what its endpoints deliver.
    assert!(before[0].starts_with("test:connect:whsec_") && before[1].starts_with("test:whsec_"), "kinds and modes");
    let lines = run(&sim, &Arguments { renew: true, ..worker() }, &mut settings, &machine).unwrap();
    assert_eq!(lines.iter().filter(|line| line.starts_with("dropped")).count(), 2, "{lines:?}");
    let after = held(&machine);
    assert_eq!((after.len(), &after[2..]), (6, &others[..]));
    assert!(before[..2].iter().all(|secret| !after.contains(secret)), "a leaked secret opens nothing any more");
    let list = settings.get(SECRETS).unwrap().to_owned();
    assert_eq!(list, after.join(","));
}

/// The secret of one made by hand cannot be told from others: it stays, and a person is told.
#[test]
fn an_endpoint_without_a_fingerprint() {
    let (sim, machine) = (sim(), Machine::default());
    let (id, secret) = by_hand(&sim, PINNED_VERSION);
    let connect = ("STRIPE_ACCOUNTS", "acct_a");
    let fail = run(&sim, &worker(), &mut settings(&[connect]), &machine).unwrap_err();
    assert!(fail.to_string().contains(&id), "{fail}");
    let mut settings = settings(&[connect, (SECRETS, &secret)]);
    run(&sim, &worker(), &mut settings, &machine).unwrap();
    let secret = format!("test:{secret}");
    assert_eq!((held(&machine).len(), &held(&machine)[1]), (2, &secret));
    let lines = run(&sim, &Arguments { renew: true, ..worker() }, &mut settings, &machine).unwrap();
    assert!(lines.iter().any(|line| line.contains(&format!("take the secret of endpoint {id} out"))), "{lines:?}");
    assert!(held(&machine).contains(&secret));
}

#[test]
fn the_variables_file_keeps_its_own_secrets() {
    let (sim, file) = (sim(), Scratch::new("stripe-union"));
    let (own, exported) = ("whsec_of_the_file_0123456789abcdef", "whsec_exported_0123456789abcdef0123");
    std::fs::write(&file.0, format!("{SECRETS}={own}\nSTRIPE_API_KEY=sk_test_sim\nWORKER_URL={WORKER}\n")).unwrap();
    let mut settings = Settings::read(&file.0).unwrap();
    settings.set(SECRETS, &format!("{exported},whsec_..."));
    let local = Arguments { store: Some(SecretStore::Local), ..Arguments::default() };
    let lines = run(&sim, &local, &mut settings, &Machine::default()).unwrap();
    assert!(lines[0].contains("position 2"), "{lines:?}");
    let text = file.text();
    assert!(text.contains(own) && text.contains(exported) && !text.contains("..."), "{text}");
}

/// `setup secrets` overwrites the same list: on a machine with a list of its own the Worker's stays.
#[test]
fn storing_settings_leaves_a_list_with_more_secrets_alone() {
    let (sim, machine) = (sim(), Machine::default());
    run(&sim, &worker(), &mut settings(&[]), &machine).unwrap();
    let made = held(&machine)[0].clone();
    let store = |secrets: &str| {
        let rpc = [("ERP", "rpc"), ("RPC_URL", "https://erp.example.com"), ("BOOK_FROM", "1795000000")];
        let more = [("RPC_SECRET", "a secret of more than thirty-two characters"), (SECRETS, secrets)];
        let (settings, machine) = (settings(&[&rpc[..], &more[..]].concat()), Machine::default());
        let lines = secrets::setup(&secrets::Arguments::default(), &settings, sim.clone(), &machine).unwrap();
        (lines, held(&machine))
    };
    let (lines, sent) = store("whsec_of_this_machine_0123456789abcdef");
    assert!(lines.iter().any(|line| line.starts_with("left ") && line.contains("as the Worker has it")), "{lines:?}");
    assert_eq!(sent, [""]);
    assert_eq!(store(&made).1, [made]);
}
