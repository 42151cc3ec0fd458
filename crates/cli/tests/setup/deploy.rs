//! `quittance deploy` with a wrangler that only says what it would say: the list of commands from nothing to live,
//! and again.

use std::rc::Rc;

use crate::common::{Machine, Scratch, Switch, WORKER, World as Setting};
use quittance_cli::deploy::{Arguments, World, deploy};
use quittance_cli::fail::CommandResult;
use quittance_cli::settings::Settings;

const FRESH: &str =
    "database_id = \"00000000-0000-0000-0000-000000000000\"\nid = \"00000000000000000000000000000000\"\n";

/// Odoo is left as it is, since its set-up key is not there; nobody answers at any address.
const SETTINGS: [(&str, &str); 6] = [
    ("STRIPE_API_KEY", "sk_test_key"),
    ("ODOO_URL", "https://books.example.com"),
    ("ODOO_DB", "books"),
    ("ODOO_LOGIN", "clerk"),
    ("ODOO_API_KEY", "odoo-key"),
    ("BOOK_FROM", "1795000000"),
];

fn run(file: &Scratch, machine: &Machine, dry_run: bool) -> (CommandResult<()>, Vec<String>) {
    let mut said = Vec::new();
    let mut settings = Settings::from_pairs(SETTINGS);
    let arguments = Arguments { url: None, config: file.0.clone(), dry_run };
    let mut say = |line: &str| said.push(line.to_owned());
    let mut world = World { settings: &mut settings, http: Rc::new(Switch::default()), run: machine, say: &mut say };
    let outcome = deploy(&arguments, &mut world);
    (outcome, said)
}

/// The wrangler command lines in order; what npm does first depends on the machine.
fn wrangler(machine: &Machine) -> Vec<String> {
    let lines = machine.lines.take();
    lines.iter().filter_map(|line| line.strip_prefix("node_modules/.bin/wrangler ").map(str::to_owned)).collect()
}

#[test]
fn from_nothing_every_resource_is_made_once() {
    let file = Scratch::new("deploy-fresh.toml");
    std::fs::write(&file.0, FRESH).unwrap();
    let machine = Machine::answering(&[
        ("node_modules/.bin/wrangler d1 list", Ok("[]")),
        ("node_modules/.bin/wrangler d1 list", Ok(r#"[{"uuid":"d1-id","name":"quittance"}]"#)),
        ("node_modules/.bin/wrangler kv namespace list", Ok("[]")),
        ("node_modules/.bin/wrangler kv namespace list", Ok(r#"[{"id":"kv-id","title":"quittance-cache"}]"#)),
        ("node_modules/.bin/wrangler queues info", Err("no such queue")),
        ("node_modules/.bin/wrangler deploy", Ok("Deployed\n  https://quittance.me.workers.dev\n")),
    ]);
    let (outcome, said) = run(&file, &machine, false);
    assert!(outcome.unwrap_err().to_string().contains("/v1/webhook_endpoints"), "as far as Stripe, who is not there");
    assert_eq!(
        wrangler(&machine),
        [
            "whoami",
            "d1 list --json",
            "d1 create quittance",
            "d1 list --json",
            "kv namespace list",
            "kv namespace create quittance-cache",
            "kv namespace list",
            "queues info quittance-events",
            "queues create quittance-events",
            "queues info quittance-dead",
            "queues create quittance-dead",
            "d1 migrations apply quittance --remote",
            "deploy",
            "secret bulk",
        ]
    );
    assert_eq!(file.text(), "database_id = \"d1-id\"\nid = \"kv-id\"\n");
    assert!(said.iter().any(|line| line.contains("https://quittance.me.workers.dev")), "{said:?}");
}

/// The whole list against simulated Stripe, Odoo and Worker, twice: live, set up and well both times.
#[test]
fn from_nothing_to_live_and_well() {
    let mut world = Setting::fresh("deploy-live");
    let file = Scratch::new("deploy-live.toml");
    std::fs::write(&file.0, "database_id = \"d1-id\"\nid = \"kv-id\"\n").unwrap();
    let machine = Machine::answering(&[("node_modules/.bin/wrangler deploy", Ok(WORKER))]);
    for round in 0..2 {
        let mut said = Vec::new();
        let arguments = Arguments { url: None, config: file.0.clone(), dry_run: false };
        let (http, mut say) = (world.http.clone(), |line: &str| said.push(line.to_owned()));
        deploy(&arguments, &mut World { settings: &mut world.settings, http, run: &machine, say: &mut say }).unwrap();
        assert!(said.iter().any(|line| line.starts_with("ok    odoo set-up")), "{said:#?}");
        assert!(said.iter().all(|line| !line.starts_with("FAIL") && !line.contains("whsec_")), "{said:#?}");
        let made = said.iter().filter(|line| line.starts_with("made")).count();
        assert_eq!(made == 0, round == 1, "{said:#?}");
    }
    let inputs = machine.inputs.borrow();
    assert!(inputs.iter().any(|sent| sent.contains("\"BOOK_FROM\":")), "set-up's instant reaches the Worker");
    assert!(inputs.iter().any(|sent| sent.contains("whsec_")));
}

#[test]
fn again_makes_nothing_twice() {
    let file = Scratch::new("deploy-again.toml");
    std::fs::write(&file.0, "database_id = \"d1-id\"\nid = \"kv-id\"\n").unwrap();
    let machine = Machine::answering(&[("node_modules/.bin/wrangler deploy", Ok("https://quittance.me.workers.dev"))]);
    assert!(run(&file, &machine, false).0.is_err());
    let lines = wrangler(&machine);
    assert!(lines.iter().all(|line| !line.contains("create")), "{lines:?}");
    assert_eq!(file.text(), "database_id = \"d1-id\"\nid = \"kv-id\"\n");
}

/// Where nobody can be asked, what the last step would miss is said before the first.
#[test]
fn a_missing_setting_stops_it_before_anything_is_made() {
    let machine = Machine::default();
    let mut settings = Settings::from_pairs(SETTINGS.into_iter().filter(|(name, _)| *name != "ODOO_API_KEY"));
    let arguments = Arguments { url: None, config: "wrangler.toml".into(), dry_run: false };
    let mut world =
        World { settings: &mut settings, http: Rc::new(Switch::default()), run: &machine, say: &mut |_| {} };
    let fail = deploy(&arguments, &mut world).unwrap_err();
    assert!(fail.to_string().contains("ODOO_API_KEY"), "{fail}");
    assert_eq!(machine.lines.borrow().len(), 0);
}

/// `wrangler whoami` succeeds for a stranger.
#[test]
fn a_stranger_to_cloudflare_is_told_before_anything_is_made() {
    let file = Scratch::new("deploy-stranger.toml");
    std::fs::write(&file.0, FRESH).unwrap();
    let said = "You are not authenticated. Please run `wrangler login`.";
    let machine = Machine::answering(&[("node_modules/.bin/wrangler whoami", Ok(said))]);
    let fail = run(&file, &machine, false).0.unwrap_err();
    assert!(fail.to_string().contains("wrangler login"), "{fail}");
    assert_eq!(wrangler(&machine), ["whoami"]);
}

#[test]
fn a_dry_run_runs_nothing_and_shows_the_list() {
    let (file, machine) = (Scratch::new("deploy-dry.toml"), Machine::default());
    let (outcome, said) = run(&file, &machine, true);
    outcome.unwrap();
    assert_eq!(machine.lines.borrow().len(), 0);
    for step in ["whoami", "d1 create", "kv namespace create", "queues create", "migrations apply", "deploy", "doctor"]
    {
        assert!(said.iter().any(|line| line.contains(step)), "{step}");
    }
}
