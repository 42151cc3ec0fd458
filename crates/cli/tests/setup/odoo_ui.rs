//! The buttons in the simulated Odoo 17, 18 and 19: made, made again, put right, switched, taken away; and the link of
//! one invoice.

use std::rc::Rc;

use crate::common::{Line, Machine, clock};
use quittance::erp::odoo::setup::ui::texts;
use quittance_cli::fail::CommandResult;
use quittance_cli::odoo::{Arguments, setup_all, setup_client};
use quittance_cli::odoo_ui::{self, Choice};
use quittance_cli::pay_link;
use quittance_cli::ports::block_on;
use quittance_cli::run::Shell;
use quittance_cli::secrets::Run;
use quittance_cli::settings::Settings;
use quittance_sim::odoo::{ADMIN_KEY, ADMIN_LOGIN, CLERK_KEY, CLERK_LOGIN, DATABASE, Invoice, Odoo, Version};
use serde_json::{Value, json};

type Sim = Rc<Line<Odoo>>;

const PAY: &str = "https://pay.example.com";
/// What set-up makes, in whatever order.
const MADE: [&str; 8] =
    ["ui_asset", "ui_embed_", "ui_form", "ui_frame", "ui_frame_field", "ui_open", "ui_portal", "ui_script_"];

fn settings(more: &[(&str, &str)]) -> Settings {
    let good = [
        ("ODOO_URL", "http://127.0.0.1:8069"),
        ("ODOO_DB", DATABASE),
        ("ODOO_SETUP_LOGIN", ADMIN_LOGIN),
        ("ODOO_SETUP_API_KEY", ADMIN_KEY),
        ("ODOO_LOGIN", CLERK_LOGIN),
        ("ODOO_API_KEY", CLERK_KEY),
        ("WORKER_URL", PAY),
        ("STRIPE_PUBLISHABLE_KEY", "pk_test_x"),
    ];
    Settings::from_pairs(good.into_iter().chain(more.iter().copied()))
}

fn odoo(version: Version) -> Sim {
    Line::to(Odoo::provisioned(version, clock(), 1))
}

/// The lines about the buttons.
fn set_up_by(sim: &Sim, arguments: &Arguments, more: &[(&str, &str)], run: &dyn Run) -> CommandResult<Vec<String>> {
    let (_, lines) = setup_all(arguments, &settings(more), sim.clone(), run)?;
    let ours = |line: &String| line.contains("quittance.ui_") || line.contains("quittance.pay_url") || extra(line);
    Ok(lines.into_iter().filter(ours).collect())
}

fn extra(line: &str) -> bool {
    line.contains("quittance.odoo_ui") || line.starts_with("left out") || line.starts_with("not sent")
}

fn set_up(sim: &Sim) -> Vec<String> {
    set_up_by(sim, &Arguments::default(), &[], &Machine::default()).unwrap()
}

fn switch(sim: &Sim, choice: Choice) -> CommandResult<Vec<String>> {
    odoo_ui::switch(&odoo_ui::Arguments { choice }, &settings(&[]), sim.clone(), &Machine::default())
}

/// A call as the administrator.
fn call(sim: &Sim, model: &str, method: &str, ids: Option<&[i64]>, args: Value) -> Value {
    let client = setup_client(&Arguments::default(), &settings(&[]), sim.clone()).unwrap();
    let session = block_on(client.open()).unwrap();
    block_on(client.call(session, model, method, ids, args.as_object().unwrap().clone())).unwrap()
}

fn rows(sim: &Sim, model: &str, domain: Value, fields: &[&str]) -> Vec<Value> {
    let args = json!({"domain": domain, "fields": fields, "context": {"active_test": false}});
    call(sim, model, "search_read", None, args).as_array().unwrap().clone()
}

/// External ids of ours that start with `ui_`: name, model and id.
fn ours(sim: &Sim) -> Vec<(String, String, i64)> {
    let domain = json!([["module", "=", "quittance"], ["name", "=like", "ui_%"]]);
    let read = |row: &Value| {
        (
            row["name"].as_str().unwrap().to_owned(),
            row["model"].as_str().unwrap().to_owned(),
            row["res_id"].as_i64().unwrap(),
        )
    };
    rows(sim, "ir.model.data", domain, &["name", "model", "res_id"]).iter().map(read).collect()
}

/// Fields of the one record whose external id starts so.
fn record(sim: &Sim, name: &str, fields: &[&str]) -> Value {
    let (_, model, id) = ours(sim).into_iter().find(|(n, _, _)| n.starts_with(name)).unwrap();
    rows(sim, &model, json!([["id", "=", id]]), fields)[0].clone()
}

fn write(sim: &Sim, name: &str, values: Value) {
    let (_, model, id) = ours(sim).into_iter().find(|(n, _, _)| n.starts_with(name)).unwrap();
    call(sim, &model, "write", Some(&[id]), json!({"vals": values}));
}

fn parameter(sim: &Sim, key: &str) -> Value {
    call(sim, "ir.config_parameter", "get_param", None, json!({"key": key}))
}

fn all_as_is(lines: &[String]) -> bool {
    lines.iter().all(|line| line.starts_with("as it is"))
}

#[test]
fn made_and_then_left_as_it_is() {
    for version in Version::ALL {
        let sim = odoo(version);
        let lines = set_up(&sim);
        assert!(lines.iter().all(|line| line.starts_with("made")), "{lines:?}");
        let names: Vec<String> = ours(&sim).into_iter().map(|(name, _, _)| name).collect();
        assert!(MADE.iter().all(|made| names.iter().any(|name| name.starts_with(made))), "{names:?}");
        assert_eq!(names.len(), MADE.len());
        assert_eq!(
            (parameter(&sim, "quittance.pay_url"), parameter(&sim, "quittance.odoo_ui")),
            (json!(PAY), json!("asset"))
        );

        let groups = if version == Version::V19 { "group_ids" } else { "groups_id" };
        let action = record(&sim, "ui_open", &["code", groups]);
        let group =
            rows(&sim, "ir.model.data", json!([["name", "=", "group_account_invoice"]]), &["res_id"])[0]["res_id"]
                .clone();
        assert_eq!(action[groups], json!([group]), "for the group Invoicing alone");
        assert_eq!(record(&sim, "ui_frame_field", &["groups"])["groups"], json!([group]));
        let form = record(&sim, "ui_form", &["arch", "inherit_id"]);
        assert!(form["arch"].as_str().unwrap().contains(&format!("name=\"{}\"", action["id"])), "{form}");
        let script = record(&sim, "ui_script_", &["url", "public"]);
        assert_eq!(record(&sim, "ui_asset", &["path"])["path"], script["url"]);
        assert!(script["url"].as_str().unwrap().contains(&texts::BACKEND.hash()), "{script}");

        // The portal's page loads the script from Odoo, by its hash, and nothing from the Worker's host.
        let embed = record(&sim, "ui_embed_", &["url", "public", "datas", "mimetype"]);
        assert_eq!((&embed["public"], &embed["mimetype"]), (&json!(true), &json!("text/javascript")));
        assert_eq!(embed["datas"], texts::EMBED.base64());
        let portal = record(&sim, "ui_portal", &["arch"])["arch"].as_str().unwrap().to_owned();
        assert!(portal.contains(&format!("<script src=\"{}\"", embed["url"].as_str().unwrap())), "{portal}");
        assert_eq!(portal.matches("<script").count(), 1, "{portal}");

        let lines = set_up(&sim);
        assert!(all_as_is(&lines), "{lines:?}");
    }
}

#[test]
fn a_dry_run_says_what_comes_and_writes_nothing() {
    for version in Version::ALL {
        let sim = odoo(version);
        let dry = Arguments { dry_run: true, ..Arguments::default() };
        let wanted = set_up_by(&sim, &dry, &[], &Machine::default()).unwrap();
        assert_eq!((ours(&sim), parameter(&sim, "quittance.pay_url")), (vec![], json!(false)));
        let made = set_up(&sim);
        let wanted: Vec<String> = wanted.iter().map(|line| line.replacen("would make  ", "made        ", 1)).collect();
        assert_eq!(wanted, made, "it makes what it said");
    }
}

#[test]
fn without_a_pay_page_there_are_no_buttons_and_a_line_says_why() {
    let sim = odoo(Version::V18);
    for (more, word) in
        [([("WORKER_URL", "")], "WORKER_URL"), ([("STRIPE_PUBLISHABLE_KEY", "")], "STRIPE_PUBLISHABLE_KEY")]
    {
        let lines = set_up_by(&sim, &Arguments::default(), &more, &Machine::default()).unwrap();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].starts_with("left out") && lines[0].contains(word), "{lines:?}");
        assert_eq!(ours(&sim), []);
    }
    let named = Arguments { pay_url: Some("https://other.example.com/".into()), ..Arguments::default() };
    set_up_by(&sim, &named, &[("STRIPE_PUBLISHABLE_KEY", "")], &Machine::default()).unwrap();
    assert_eq!(parameter(&sim, "quittance.pay_url"), "https://other.example.com");
    let wrong = Arguments { pay_url: Some("http://pay.example.com".into()), ..Arguments::default() };
    let fail = set_up_by(&sim, &wrong, &[], &Machine::default()).unwrap_err();
    assert!(fail.to_string().contains("--pay-url"), "{fail}");
}

#[test]
fn what_a_person_chose_in_odoo_stays() {
    let sim = odoo(Version::V18);
    set_up(&sim);
    for (key, value) in [("quittance.pay_url", "https://mine.example.com"), ("quittance.odoo_ui", "tab")] {
        call(&sim, "ir.config_parameter", "set_param", None, json!({"key": key, "value": value}));
    }
    let lines = set_up(&sim);
    assert!(lines.iter().any(|line| line.contains("https://mine.example.com as Odoo has it")), "{lines:?}");
    assert_eq!(parameter(&sim, "quittance.odoo_ui"), "tab");
    assert_eq!(record(&sim, "ui_asset", &["active"])["active"], false, "the script is not needed in this mode");
    let named = Arguments { pay_url: Some(PAY.into()), ..Arguments::default() };
    set_up_by(&sim, &named, &[], &Machine::default()).unwrap();
    assert_eq!(parameter(&sim, "quittance.pay_url"), PAY);
}

#[test]
fn what_was_edited_is_put_right() {
    for version in Version::ALL {
        let sim = odoo(version);
        set_up(&sim);
        for (name, values) in [
            ("ui_open", json!({"code": "action = {}"})),
            ("ui_form", json!({"arch": "<data/>"})),
            ("ui_portal", json!({"active": false})),
            ("ui_frame_field", json!({"compute": "pass"})),
            ("ui_script_", json!({"datas": "KCgo"})),
            ("ui_asset", json!({"path": "/elsewhere.js"})),
        ] {
            write(&sim, name, values);
            let changed: Vec<String> = set_up(&sim).into_iter().filter(|l| !l.starts_with("as it is")).collect();
            assert!(
                changed.len() == 1 && changed[0].starts_with(&format!("changed      quittance.{name}")),
                "{changed:?}"
            );
            assert!(all_as_is(&set_up(&sim)));
        }
    }
}

/// The script of an earlier version leaves, and the asset never points at nothing.
#[test]
fn another_script_gets_another_address() {
    let sim = odoo(Version::V18);
    set_up(&sim);
    let (_, _, id) = ours(&sim).into_iter().find(|(name, _, _)| name.starts_with("ui_script_")).unwrap();
    let old = "/quittance/static/src/backend_old.js";
    write(&sim, "ui_script_", json!({"url": old}));
    write(&sim, "ui_asset", json!({"path": old}));
    let row = rows(&sim, "ir.model.data", json!([["res_id", "=", id], ["model", "=", "ir.attachment"]]), &["name"]);
    let row = row[0]["id"].as_i64().unwrap();
    call(&sim, "ir.model.data", "write", Some(&[row]), json!({"vals": {"name": "ui_script_old"}}));
    let lines = set_up(&sim);
    assert!(lines.iter().any(|line| line.starts_with("removed      quittance.ui_script_old")), "{lines:?}");
    assert_eq!(record(&sim, "ui_asset", &["path"])["path"], texts::BACKEND.url());
    assert_eq!(rows(&sim, "ir.attachment", json!([["url", "=", old]]), &["url"]), Vec::<Value>::new());
    assert_eq!(ours(&sim).iter().filter(|(name, _, _)| name.starts_with("ui_script_")).count(), 1);
}

/// The check is real: this machine's node reads the script that is sent, and refuses what is none.
#[test]
fn node_reads_the_script_and_refuses_what_is_none() {
    let sim = odoo(Version::V18);
    let lines = set_up_by(&sim, &Arguments::default(), &[], &Shell).unwrap();
    assert!(lines.iter().any(|line| line.contains("ui_script_")), "{lines:?}");
    for wrong in ["(function () {", "return 1;", "var a = ;", "import x from 'y';"] {
        assert!(Shell.run("node", &odoo_ui::READ, Some(wrong)).is_err(), "{wrong}");
    }
}

/// The script in small worlds: without Odoo it waits, with it the messages of its own frame decide and no others.
#[test]
fn the_script_believes_its_own_frame_alone() {
    let told = Shell.run("node", &["tests/backend_script.cjs"], Some(texts::SCRIPT)).unwrap();
    let told: Value = serde_json::from_str(&told).unwrap();
    let ended = |notices: Value, plain: bool| json!({"notices": notices, "end": "ir.actions.act_window_close", "plain": plain, "listening": 0});
    let open = |notices: Value| json!({"notices": notices, "end": null, "plain": false, "listening": 1});
    assert_eq!(told["nothing_there"], 1, "it looks again later, and nothing is thrown");
    assert_eq!(told["booked"], ended(json!(["info waiting", "taken back", "success paid"]), false));
    assert_eq!(told["waiting"], open(json!(["info waiting"])));
    assert_eq!(told["plain"], ended(json!(["success paid"]), true), "the browser's dialog where Odoo's is missing");
    assert_eq!(told["closed"], ended(json!([]), false));
    assert_eq!(told["strangers"], open(json!([])));
}

#[test]
fn a_script_that_nobody_has_read_is_not_sent() {
    for version in Version::ALL {
        let sim = odoo(version);
        let no_node = Machine::answering(&[("node", Err("`node -e …` could not be run"))]);
        let lines = set_up_by(&sim, &Arguments::default(), &[], &no_node).unwrap();
        assert!(lines.iter().any(|line| line.starts_with("not sent") && line.contains("frame")), "{lines:?}");
        assert_eq!(no_node.inputs.borrow()[0], texts::SCRIPT, "node was given the very text");
        assert_eq!(parameter(&sim, "quittance.odoo_ui"), "frame");
        assert!(!ours(&sim).iter().any(|(name, _, _)| name == "ui_asset" || name.starts_with("ui_script_")));
        let again = set_up_by(&sim, &Arguments::default(), &[], &no_node).unwrap();
        assert!(again.iter().all(|l| l.starts_with("as it is") || l.starts_with("not sent")), "{again:?}");

        let asked = odoo_ui::Arguments { choice: Choice::Asset };
        let fail = odoo_ui::switch(&asked, &settings(&[]), sim.clone(), &no_node).unwrap_err();
        assert!(fail.to_string().contains("node"), "{fail}");
        assert_eq!(parameter(&sim, "quittance.odoo_ui"), "frame");
        switch(&sim, Choice::Asset).unwrap();
        assert_eq!(parameter(&sim, "quittance.odoo_ui"), "asset");
        // What Odoo has was read before it came there.
        let kept = set_up_by(&sim, &Arguments::default(), &[], &no_node).unwrap();
        assert!(all_as_is(&kept), "{kept:?}");
    }
}

#[test]
fn modes_at_once() {
    for version in Version::ALL {
        let sim = odoo(version);
        let fail = switch(&sim, Choice::Tab).unwrap_err();
        assert!(fail.to_string().contains("quittance setup odoo"), "{fail}");
        switch(&sim, Choice::Off).unwrap();
        set_up(&sim);
        for (choice, mode, asset, views) in [
            (Choice::Frame, "frame", false, true),
            (Choice::Off, "off", false, false),
            (Choice::Tab, "tab", false, true),
            (Choice::Asset, "asset", true, true),
        ] {
            switch(&sim, choice).unwrap();
            assert_eq!(parameter(&sim, "quittance.odoo_ui"), mode);
            assert_eq!(record(&sim, "ui_asset", &["active"])["active"], asset, "{mode}");
            for view in ["ui_form", "ui_portal"] {
                assert_eq!(record(&sim, view, &["active"])["active"], views, "{mode}");
            }
            assert!(all_as_is(&set_up(&sim)), "set-up keeps {mode}");
            let status = switch(&sim, Choice::Status).unwrap();
            assert!(status.iter().any(|line| line.ends_with(mode)), "{status:?}");
        }
    }
}

#[test]
fn labels_in_the_languages_of_the_database() {
    let sim = odoo(Version::V18);
    let french = rows(&sim, "res.lang", json!([["code", "=", "fr_FR"]]), &["code"])[0]["id"].as_i64().unwrap();
    call(&sim, "res.lang", "write", Some(&[french]), json!({"vals": {"active": true}}));
    set_up(&sim);
    let form = record(&sim, "ui_form", &["id"])["id"].as_i64().unwrap();
    let asked = json!({"field_name": "arch_db", "langs": ["fr_FR"]});
    let words = call(&sim, "ir.ui.view", "get_field_translations", Some(&[form]), asked);
    assert_eq!(words[0][0]["value"], "Payer avec Stripe");
    assert!(all_as_is(&set_up(&sim)));
}

#[test]
fn taken_away_whole_and_nothing_else() {
    for version in Version::ALL {
        let sim = odoo(version);
        set_up(&sim);
        let remove = |dry_run| odoo_ui::remove(&odoo_ui::Removal { dry_run }, &settings(&[]), sim.clone()).unwrap();
        let wanted = remove(true);
        assert_eq!(wanted.len(), MADE.len() + 2, "{wanted:?}");
        assert_eq!(ours(&sim).len(), MADE.len(), "nothing is gone yet");
        let removed = remove(false);
        assert!(removed.iter().all(|line| line.starts_with("removed")), "{removed:?}");
        assert_eq!((ours(&sim), parameter(&sim, "quittance.odoo_ui")), (vec![], json!(false)));
        assert_eq!(
            rows(&sim, "ir.model.fields", json!([["name", "=", "x_quittance_frame"]]), &["name"]),
            Vec::<Value>::new()
        );
        let kept = json!([["module", "=", "quittance"], ["name", "=", "proc_record_payment"]]);
        assert_eq!(rows(&sim, "ir.model.data", kept, &["name"]).len(), 1);
        assert_eq!(remove(false), ["There are no buttons in this database."]);
    }
}

#[test]
fn the_link_of_one_invoice() {
    for version in Version::ALL {
        let sim = odoo(version);
        set_up(&sim);
        let (open, draft) = {
            let mut odoo = sim.party.borrow_mut();
            let wish = Invoice::of("100.00", "USD");
            (odoo.invoice(&wish), odoo.invoice(&Invoice { draft: true, ..wish }))
        };
        let number = sim.party.borrow().number(open);
        let find = |wanted: &str, more: &[(&str, &str)]| {
            let arguments = pay_link::Arguments { invoice: wanted.to_owned(), pay_url: None };
            pay_link::find(&arguments, &settings(more), sim.clone())
        };
        let link = find(&number, &[]).unwrap();
        assert!(link[0].starts_with(&format!("{PAY}/pay/{open}?access_token=")), "{link:?}");
        assert!(link[0].ends_with("&db=5b0c2f5e-0f0e-4b1c-9a51-000000000001"), "{link:?}");
        assert_eq!(find(&open.to_string(), &[]).unwrap(), link);
        // The Worker's user may not read which database this is: the page then takes the link for its own.
        let plain = find(&number, &[("ODOO_SETUP_API_KEY", "")]).unwrap();
        assert!(link[0].starts_with(&plain[0]) && !plain[0].contains("&db="), "{plain:?}");
        for (wanted, word) in [("INV/1999/1", "no customer invoice"), (&draft.to_string(), "not posted")] {
            let fail = find(wanted, &[]).unwrap_err();
            assert!(fail.to_string().contains(word), "{fail}");
        }
    }
}
