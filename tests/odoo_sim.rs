//! The simulated Odoo by itself: what a test may rely on when it books against it.

use quittance::http::{Request, Response};
use quittance_sim::odoo::{CLERK_KEY, CLERK_LOGIN, DATABASE, Fault, Invoice, Odoo, Rule, Version};
use quittance_sim::{Clock, Party, Reply};
use serde_json::{Value, json};

const DAY: i64 = 1_795_296_000_000;

fn odoo(version: Version) -> Odoo {
    Odoo::provisioned(version, Clock::at(DAY), 1)
}

fn send(odoo: &mut Odoo, request: &Request) -> Response {
    match odoo.handle(request) {
        Reply::Answer { response, .. } => response,
        Reply::Dropped => panic!("no answer"),
    }
}

/// A call as the version's clients make it: /json/2 on 19, /jsonrpc before. Value or error data.
fn call(odoo: &mut Odoo, model: &str, method: &str, ids: &[i64], named: Value) -> Result<Value, Value> {
    let request = request(odoo.version(), model, method, ids, named);
    let response = send(odoo, &request);
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    if odoo.version() == Version::V19 {
        return if response.status == 200 { Ok(body) } else { Err(body) };
    }
    match body.get("error") {
        Some(error) => Err(error["data"].clone()),
        None => Ok(body.get("result").cloned().unwrap_or_default()),
    }
}

fn request(version: Version, model: &str, method: &str, ids: &[i64], mut named: Value) -> Request {
    if version == Version::V19 {
        if !ids.is_empty() {
            named["ids"] = json!(ids);
        }
        return Request::new("POST", format!("http://odoo/json/2/{model}/{method}"))
            .with("content-type", "application/json")
            .with("authorization", format!("Bearer {CLERK_KEY}"))
            .with("x-odoo-database", DATABASE)
            .body(named.to_string());
    }
    let args = if ids.is_empty() { json!([]) } else { json!([ids]) };
    // The clerk is the third user of the database.
    let args = json!([DATABASE, 3, CLERK_KEY, model, method, args, named]);
    let body = json!({"jsonrpc": "2.0", "method": "call", "id": 1,
        "params": {"service": "object", "method": "execute_kw", "args": args}});
    Request::new("POST", "http://odoo/jsonrpc").with("content-type", "application/json").body(body.to_string())
}

fn action(odoo: &mut Odoo, name: &str) -> i64 {
    let ids: Vec<i64> = (1..=50).collect();
    let names = call(odoo, "ir.actions.server", "get_external_id", &ids, json!({})).unwrap();
    let found = names.as_object().unwrap().iter().find(|(_, n)| **n == format!("quittance.{name}"));
    found.expect("installed").0.parse().unwrap()
}

fn movement(key: &str, amount: &str, rest: Value) -> Value {
    let mut m = json!({"key": key, "amount": amount, "currency": "USD", "date": "2026-11-21", "memo": key,
        "payment": key, "customer": null, "company": null, "flags": [], "no_match": false, "note": true,
        "transaction": true, "match": {"ids": [], "numbers": [], "texts": [], "tolerance": "0"}});
    for (name, value) in rest.as_object().unwrap() {
        m[name] = value.clone();
    }
    m
}

fn book(odoo: &mut Odoo, movements: Vec<Value>) -> Result<Vec<Value>, Value> {
    let id = action(odoo, "proc_record_payment");
    let context = json!({"context": {"quittance": {"v": 1, "movements": movements}}});
    let answer = call(odoo, "ir.actions.server", "run", &[id], context)?;
    Ok(answer["results"].as_array().unwrap().clone())
}

fn for_id(id: i64) -> Value {
    json!({"match": {"ids": [id], "numbers": [], "texts": [], "tolerance": "0"}})
}

#[test]
fn a_receipt_pays_its_invoice_once_and_moves_clearing() {
    for version in Version::ALL {
        let mut odoo = odoo(version);
        let invoice = odoo.invoice(&Invoice::of("100.00", "USD"));
        let first = book(&mut odoo, vec![movement("pi_1", "40.00", for_id(invoice))]).unwrap();
        assert_eq!(first[0]["status"], "created", "{first:?}");
        assert_eq!(first[0]["matched_by"], "ids");
        assert_eq!(first[0]["invoices"][0]["residual"], "60.00");
        let again = book(&mut odoo, vec![movement("pi_1", "40.00", for_id(invoice))]).unwrap();
        assert_eq!(again[0]["status"], "duplicate");
        assert_eq!(again[0]["id"], first[0]["id"]);
        assert_eq!(odoo.residual(invoice).to_string(), "60.0");
        assert_eq!(odoo.payment_state(invoice), "partial");
        let over = book(&mut odoo, vec![movement("pi_2", "70.00", for_id(invoice))]).unwrap();
        assert_eq!(over[0]["flags"], json!(["over"]));
        assert_eq!(over[0]["unallocated"], "10.00");
        assert_eq!(odoo.payment_state(invoice), "paid");
        assert_eq!(odoo.payments().len(), 2);
        assert_eq!(odoo.balance(1, "Stripe clearing").to_string(), "110.0");
        assert_eq!(odoo.notes(invoice).len(), 2);
    }
}

#[test]
fn the_ladder_climbs_numbers_texts_and_the_known_customer() {
    let mut odoo = odoo(Version::V18);
    let (a, b) = (odoo.invoice(&Invoice::of("10", "USD")), odoo.invoice(&Invoice::of("20", "USD")));
    let c = odoo.invoice(&Invoice::of("30", "USD"));
    let want = |numbers: Value, texts: Value| {
        json!({"customer": "acct_1:cus_1",
            "match": {"ids": [], "numbers": numbers, "texts": texts, "tolerance": "0"}})
    };
    let got = book(
        &mut odoo,
        vec![
            movement("pi_a", "10", want(json!(["INV/2026/00001"]), json!([]))),
            movement("pi_b", "20", want(json!([]), json!(["Order 7, invoice INV/2026/00002."]))),
        ],
    )
    .unwrap();
    assert_eq!((&got[0]["matched_by"], &got[1]["matched_by"]), (&json!("numbers"), &json!("texts")));
    let got = book(&mut odoo, vec![movement("pi_c", "30", want(json!([]), json!([])))]).unwrap();
    assert_eq!(got[0]["matched_by"], "customer");
    for id in [a, b, c] {
        assert_eq!(odoo.payment_state(id), "paid");
    }
    let got = book(&mut odoo, vec![movement("pi_d", "31", json!({}))]).unwrap();
    assert_eq!(got[0]["flags"], json!(["unallocated"]));
}

#[test]
fn payments_that_people_undo_are_told_and_not_redone() {
    for version in Version::ALL {
        let mut odoo = odoo(version);
        let invoice = odoo.invoice(&Invoice::of("50", "USD"));
        book(&mut odoo, vec![movement("pi_1", "50", for_id(invoice))]).unwrap();
        let payment = odoo.payments()[0].id;
        odoo.cancel_payment(payment);
        assert_eq!(odoo.payment_state(invoice), "not_paid");
        let got = book(&mut odoo, vec![movement("pi_1", "50", for_id(invoice))]).unwrap();
        assert_eq!(got[0]["flags"], json!(["payment_cancelled"]));
        odoo.delete_payment(payment);
        let got = book(&mut odoo, vec![movement("pi_1", "50", for_id(invoice))]).unwrap();
        assert_eq!(got[0]["status"], "gone");
        assert!(odoo.payments().is_empty());
    }
}

#[test]
fn money_for_what_cannot_be_paid_becomes_credit() {
    let mut odoo = odoo(Version::V19);
    let draft = odoo.invoice(&Invoice { draft: true, ..Invoice::of("10", "USD") });
    let gone = odoo.invoice(&Invoice::of("10", "USD"));
    odoo.cancel_invoice(gone);
    let got = book(
        &mut odoo,
        vec![
            movement("pi_1", "10", for_id(draft)),
            movement("pi_2", "10", for_id(gone)),
            movement("pi_3", "10", for_id(999)),
            movement("pi_4", "10.001", json!({})),
            movement("pi_5", "10", json!({"currency": "GBP"})),
        ],
    )
    .unwrap();
    let flags: Vec<&Value> = got.iter().map(|r| &r["flags"]).collect();
    assert_eq!(flags[0], &json!(["invoice_draft", "unallocated"]));
    assert_eq!(flags[1], &json!(["invoice_cancelled", "unallocated"]));
    assert_eq!(flags[2], &json!(["invoice_missing", "unallocated"]));
    assert_eq!(got[3]["code"], "amount_not_representable");
    assert_eq!(got[4]["code"], "currency_inactive");
    assert_eq!(odoo.payments().len(), 3);
}

#[test]
fn other_currencies_convert_at_the_rate_of_the_day() {
    let mut odoo = odoo(Version::V18);
    let invoice = odoo.invoice(&Invoice::of("80", "EUR"));
    let refused = book(&mut odoo, vec![movement("pi_0", "8", json!({"currency": "EUR"}))]).unwrap();
    assert_eq!(refused[0]["code"], "currency_rate_missing");
    odoo.set_rate("EUR", 1, "0.8");
    let invoice_eur = odoo.invoice(&Invoice::of("80", "EUR"));
    book(&mut odoo, vec![movement("pi_1", "50", for_id(invoice_eur))]).unwrap();
    assert_eq!(odoo.residual(invoice_eur).to_string(), "40.0");
    assert_eq!(odoo.residual(invoice).to_string(), "80.0");
}

#[test]
fn faults_strike_where_and_as_often_as_the_dial_says() {
    for version in Version::ALL {
        let mut odoo = odoo(version);
        let invoice = odoo.invoice(&Invoice::of("50", "USD"));
        let id = action(&mut odoo, "proc_record_payment");
        let named = json!({"context": {"quittance": {"v": 1, "movements": [movement("pi_1", "50", for_id(invoice))]}}});
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
fn a_plain_user_reads_no_invoice_and_runs_no_procedure() {
    for version in Version::ALL {
        let mut odoo = odoo(version);
        let id = action(&mut odoo, "proc_check");
        let clerk = call(&mut odoo, "ir.actions.server", "run", &[id], json!({})).unwrap();
        assert_eq!((&clerk["problems"], &clerk["companies"]), (&json!([]), &json!([1])));
        let denied = call(&mut odoo, "ir.model.data", "search_read", &[], json!({"domain": []})).unwrap_err();
        assert_eq!(denied["name"], "odoo.exceptions.AccessError");
        odoo.user("plain", "sim-plain-key", &["base.group_user"]);
        let mut request = request(version, "ir.actions.server", "run", &[id], json!({}));
        for (_, value) in &mut request.headers {
            *value = value.replace(CLERK_KEY, "sim-plain-key");
        }
        let body = String::from_utf8(request.body.clone()).unwrap();
        request.body = body.replace(CLERK_KEY, "sim-plain-key").replace("\"odoo\",3,", "\"odoo\",4,").into_bytes();
        let refused = String::from_utf8(send(&mut odoo, &request).body).unwrap();
        assert!(refused.contains("odoo.exceptions.AccessError"), "{refused}");
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
    use quittance_sim::odoo::ADMIN_KEY;
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
        assert_eq!(rows.len(), 2, "{version:?}: {found}");
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
