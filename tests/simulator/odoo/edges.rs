//! Faults, rights, the desk over HTTP, and what a real server refuses.

use quittance::erp::odoo::procedure::ALL;
use quittance::http::Request;
use quittance_sim::odoo::{ADMIN_KEY, CLERK_KEY, CLERK_LOGIN, Fault, INVOICING, Invoice, Odoo, Rule, Version};
use quittance_sim::{Party, Reply};
use serde_json::{Value, json};

use quittance::erp::odoo::procedure::FORM;

use super::client::{action, call, for_id, movement, odoo, request, send};

#[test]
fn faults_strike_where_and_as_often_as_the_dial_says() {
    for version in Version::ALL {
        let mut odoo = odoo(version);
        let invoice = odoo.invoice(&Invoice::of("50", "USD"));
        let id = action(&mut odoo, "proc_record_payment");
        let named =
            json!({"context": {"quittance": {"v": FORM, "movements": [movement("pi_1", "50", for_id(invoice))]}}});
        let run = request(version, "ir.actions.server", "run", &[id], named);

        odoo.dial.add(Rule::once(Fault::Down));
        assert_eq!(odoo.handle(&run), Reply::Dropped);
        odoo.dial.add(Rule::once(Fault::Serialization));
        let busy = send(&mut odoo, &run);
        assert!(String::from_utf8(busy.body).unwrap().contains("psycopg2.errors.SerializationFailure"));
        odoo.dial.add(Rule::once(Fault::ProcedureMissing).on("ir.actions.server.run"));
        let missing = send(&mut odoo, &run);
        assert!(String::from_utf8(missing.body).unwrap().contains("odoo.exceptions.MissingError"));
        odoo.dial.add(Rule::once(Fault::RightsRemoved));
        let refused = send(&mut odoo, &run);
        assert!(String::from_utf8(refused.body).unwrap().contains("odoo.exceptions.AccessError"));
        assert!(odoo.payments().is_empty(), "nothing is booked by a call that failed");

        odoo.dial.add(Rule::once(Fault::AnswerLost));
        assert_eq!(odoo.handle(&run), Reply::Dropped);
        assert_eq!(odoo.payment_state(invoice), "paid");
        let again = String::from_utf8(send(&mut odoo, &run).body).unwrap();
        assert!(again.contains("\"duplicate\""), "{again}");
        odoo.dial.add(Rule::once(Fault::TimedOutAfterCommit));
        assert!(odoo.handle(&run).within(60_000).is_err());
    }
}

#[test]
fn nobody_but_the_workers_group_runs_a_procedure() {
    for version in Version::ALL {
        let mut odoo = odoo(version);
        let id = action(&mut odoo, "proc_check");
        let called = json!({"context": {"quittance": {"v": FORM, "livemode": false}}});
        let clerk = call(&mut odoo, "ir.actions.server", "run", &[id], called.clone()).unwrap();
        assert_eq!((&clerk["problems"], &clerk["companies"]), (&json!([]), &json!([1])));
        let denied = call(&mut odoo, "ir.model.data", "search_read", &[], json!({"domain": []})).unwrap_err();
        assert_eq!(denied["name"], "odoo.exceptions.AccessError");
        let plain = odoo.user("plain", "sim-plain-key", &["base.group_user"]);
        let books = odoo.user("books", "sim-books-key", &[INVOICING]);
        let said = |odoo: &mut Odoo, uid: i64, key: &str| {
            let mut request = request(version, "ir.actions.server", "run", &[id], called.clone());
            for (_, value) in &mut request.headers {
                *value = value.replace(CLERK_KEY, key);
            }
            let body = String::from_utf8(request.body.clone()).unwrap();
            let user = format!("\"odoo\",{uid},");
            request.body = body.replace(CLERK_KEY, key).replace("\"odoo\",3,", &user).into_bytes();
            String::from_utf8(send(odoo, &request).body).unwrap()
        };
        for (uid, key) in [(plain, "sim-plain-key"), (books, "sim-books-key")] {
            let refused = said(&mut odoo, uid, key);
            assert!(refused.contains("odoo.exceptions.AccessError"), "{refused}");
        }
        // An action that lost its group is refused by its own text.
        let groups = if version == Version::V19 { "group_ids" } else { "groups_id" };
        odoo.poke("ir.actions.server", id, groups, json!([]));
        let refused = said(&mut odoo, books, "sim-books-key");
        assert!(refused.contains("quittance:group_required"), "{refused}");
        let clerk = call(&mut odoo, "ir.actions.server", "run", &[id], called.clone()).unwrap();
        assert_eq!(clerk["opened"], json!(["proc_check"]), "doctor tells it");
    }
    assert_eq!(CLERK_LOGIN, "clerk@example.com");
}

#[test]
fn the_desk_over_http_makes_invoices_faults_and_a_fresh_start() {
    let mut odoo = odoo(Version::V18);
    let ask = |odoo: &mut Odoo, method: &str, path: &str, body: Value| -> Value {
        let request = Request::new(method, format!("http://odoo{path}")).body(body.to_string());
        serde_json::from_slice(&send(odoo, &request).body).unwrap()
    };
    let made = ask(&mut odoo, "POST", "/_sim/invoice", json!({"amount": "12.50"}));
    assert_eq!((&made["residual"], &made["name"]), (&json!("12.50"), &json!("INV/2026/00001")));
    let shown = ask(&mut odoo, "GET", &format!("/_sim/invoices/{}", made["id"]), json!(null));
    assert_eq!(shown, made);
    ask(&mut odoo, "POST", "/_sim/faults", json!({"fault": "status", "status": 502, "times": 1}));
    let health = Request::new("GET", "http://odoo/web/health");
    assert_eq!(send(&mut odoo, &health).status, 502);
    assert_eq!(send(&mut odoo, &health).status, 200);
    ask(&mut odoo, "POST", "/_sim/reset", json!({}));
    let request = Request::new("GET", format!("http://odoo/_sim/invoices/{}", made["id"]));
    assert_eq!(send(&mut odoo, &request).status, 404);
}

#[test]
fn what_set_up_installed_is_found_by_name_and_bad_input_is_refused() {
    for version in Version::ALL {
        let mut odoo = odoo(version);
        let mut ask = |model: &str, method: &str, named: Value| -> Value {
            let mut request = request(version, model, method, &[], named);
            let body = String::from_utf8(request.body).unwrap();
            request.body = body.replace(&format!("3,\"{CLERK_KEY}\""), &format!("2,\"{ADMIN_KEY}\"")).into_bytes();
            for (_, value) in &mut request.headers {
                *value = value.replace(CLERK_KEY, ADMIN_KEY);
            }
            serde_json::from_slice(&send(&mut odoo, &request).body).unwrap()
        };
        let domain = json!([["name", "ilike", "quittance"]]);
        let found = ask("ir.actions.server", "search_read", json!({"domain": domain, "fields": ["model_name"]}));
        let rows = found.get("result").unwrap_or(&found).as_array().unwrap();
        assert_eq!(rows.len(), ALL.len(), "{version:?}: {found}");
        // No invoice is there to look at, and yet the domain is refused.
        let refused = ask("account.move", "search_read", json!({"domain": [["nofield", "=", 1]]})).to_string();
        assert!(refused.contains("builtins.ValueError"), "{refused}");
        let row =
            json!({"fields": ["id", "code", "name", "account_type"], "data": [["quittance.x", "1", "X", "nonsense"]]});
        assert!(ask("account.account", "load", row).to_string().contains("not found in selection field"));
        let column = json!({"fields": ["id", "nofield"], "data": [["quittance.x", "1"]]});
        assert!(ask("account.account", "load", column).to_string().contains("nofield"));
    }
}
