//! Texts that reach D1, and what of them stays there.

use quittance::http::Request;
use quittance_sim::Party;
use quittance_sim::odoo::{Invoice, Version};
use quittance_sim::world::secrets::{client_secret, secret_in_text};
use quittance_sim::world::{STRIPE, WORKER, World};
use serde_json::{Value, json};

use crate::{HOSTILE, deliver, event};

fn tables(world: &World) -> Vec<String> {
    let rows =
        world.db.query("SELECT name FROM sqlite_schema WHERE type IN ('table', 'index', 'trigger') ORDER BY name");
    rows.iter().filter_map(|row| Some(row.get("name")?.as_str()?.to_owned())).collect()
}

/// Every text of an envelope: each is stored to the letter, by both statements that store events, and changes nothing else.
#[test]
fn no_text_of_an_event_is_sql() {
    let mut world = World::new(1, Version::V18);
    let before = tables(&world);
    for (n, hostile) in HOSTILE.iter().enumerate() {
        for field in ["id", "type", "account", "api_version", "object", "charge"] {
            let mut body =
                event(&world, &format!("evt_{n}_{field}"), "plan.created", &json!({"id": format!("plan_{n}")}));
            match field {
                "id" => body["id"] = json!(format!("evt_{n}{hostile}")),
                "object" => body["data"]["object"]["id"] = json!(hostile),
                "charge" => body["data"]["object"]["charge"] = json!(format!("ch_{hostile}")),
                name => body[name] = json!(hostile),
            }
            assert_eq!(deliver(&world, &body.to_string()), 200, "{field} {hostile:?}");
            let column = if field == "charge" { "subject" } else { field };
            let rows = world.db.query(&format!("SELECT {column} AS it FROM inbox"));
            let stored =
                |row: &serde_json::Map<String, Value>| row["it"].as_str().is_some_and(|text| text.contains(hostile));
            assert!(rows.iter().any(stored), "{field} {hostile:?} is not stored as it came");
        }
    }
    world.pass(120);
    let count = world.db.query("SELECT count(*) AS n FROM inbox")[0]["n"].as_i64();
    assert_eq!((tables(&world), count), (before, Some(6 * HOSTILE.len() as i64)));
    let open = world.db.query("SELECT id FROM inbox WHERE state NOT IN ('ignored', 'done', 'parked')");
    assert_eq!(open, Vec::<serde_json::Map<String, Value>>::new(), "each was worked to an end");
    world.finish();
}

/// Numbers, names and addresses of the ERP, and what a payer's page sends.
#[test]
fn no_name_of_the_erp_is_sql_and_every_name_comes_back_as_it_is() {
    for hostile in HOSTILE {
        let mut world = World::new(1, Version::V18);
        let before = tables(&world);
        let payer = format!("Ada {hostile}");
        let invoice = world.odoo.borrow_mut().invoice(&Invoice { partner: &payer, ..Invoice::of("100.00", "USD") });
        let token = world.odoo.borrow_mut().token(invoice);
        world.odoo.borrow_mut().poke("account.move", invoice, "name", json!(format!("INV{hostile}")));
        world.odoo.borrow_mut().poke("res.company", 1, "name", json!(hostile));
        let begin = |more: Value| {
            let mut asked = json!({"invoice": invoice, "access_token": token});
            asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let request = Request::new("POST", format!("{WORKER}/api/payment-intents")).body(asked.to_string());
            let answer = world.request(&request).unwrap();
            (answer.status, serde_json::from_slice::<Value>(&answer.body).unwrap())
        };
        assert_eq!(begin(json!({"access_token": hostile})).0, 404);
        assert_eq!(begin(json!({"database": hostile})).0, 409);
        assert_eq!(begin(json!({"amount": hostile})).0, 422, "{hostile:?}");
        let (status, shown) = begin(json!({}));
        assert_eq!(status, 200, "{hostile:?}: {shown}");
        assert_eq!(shown["invoice"]["company"]["name"], json!(hostile));
        assert_eq!(shown["invoice"]["number"], json!(format!("INV{hostile}")));
        assert_eq!(begin(json!({})).1["payment"]["id"], shown["payment"]["id"], "read again from the ledger");
        assert_eq!(tables(&world), before);
        world.pass(1);
        world.finish();
    }
}

/// After a payment from the link to the books: no token, no client secret and no key stands in any table, nor in any coding
/// ([`quittance_sim::world::personal`] looks when the world ends). The address stands in bodies of webhooks alone, which go
/// after RETENTION_DAYS.
#[test]
fn the_ledger_keeps_no_token_and_no_secret() {
    let mut world = World::new(1, Version::V18);
    let invoice =
        world.odoo.borrow_mut().invoice(&Invoice { email: "ada@example.com", ..Invoice::of("100.00", "USD") });
    let token = world.odoo.borrow_mut().token(invoice);
    let asked = json!({"invoice": invoice, "access_token": token}).to_string();
    let answer = world.request(&Request::new("POST", format!("{WORKER}/api/payment-intents")).body(asked)).unwrap();
    let shown: Value = serde_json::from_slice(&answer.body).unwrap();
    let secret = shown["payment"]["client_secret"].as_str().unwrap().to_owned();
    assert!(client_secret(&secret).is_some(), "what is looked for is what there is");
    let path = format!("{STRIPE}/v1/payment_intents/{}/confirm", shown["payment"]["id"].as_str().unwrap());
    let confirm =
        Request::new("POST", path).with("authorization", "Bearer sk_test_sim").body("payment_method=pm_card_visa");
    world.stripe.borrow_mut().handle(&confirm);
    world.pass(60);
    let (mut secrets, mut cells) = (quittance_sim::world::secrets::secret_values(&world.vars), 0);
    secrets.extend([token, secret]);
    for table in tables(&world).iter().filter(|name| !name.starts_with("sqlite_") && !name.starts_with("d1_")) {
        for row in world.db.query(&format!("SELECT * FROM \"{table}\"")) {
            for (column, value) in &row {
                cells += 1;
                let text = value.as_str().unwrap_or_default();
                assert!(secret_in_text(text, &secrets).is_none(), "a secret in {table}.{column}");
                let body = table == "inbox" && column == "body";
                assert!(body || !text.contains("ada@example.com"), "{table}.{column} holds an address: {text}");
            }
        }
    }
    assert!(cells > 50, "only {cells} cells were looked at");
    world.finish();
}
