//! Paging through the events that never came.

use quittance::stripe::client::Client;
use quittance::stripe::event_list::{Cursor, key_account, list_page};
use quittance::stripe::map::EVENT_TYPES;
use serde_json::{Value, json};

use crate::fixture;
use crate::script::{Script, config, run};

fn listed(events: Vec<Value>, has_more: bool) -> Value {
    json!({"object": "list", "data": events, "has_more": has_more, "url": "/v1/events"})
}

fn event(id: &str, name: &str) -> Value {
    let mut event = fixture(name);
    event["id"] = json!(id);
    event["api_version"] = json!("2020-08-27");
    event
}

/// A page of which nothing can be read has ids all the same: the list goes on behind it, in the same group of types.
#[test]
fn a_full_page_of_unreadable_events_hides_nothing_behind_it() {
    let unreadable = |id: &str| json!({"id": id, "object": "event", "type": 7});
    let http = Script::ok([
        listed(vec![unreadable("evt_9"), unreadable("evt_8")], true),
        listed(vec![event("evt_7", "payment_intent.succeeded"), json!({"object": "event"})], true),
        listed(vec![event("evt_6", "charge.updated")], false),
        listed(vec![], false),
    ]);
    let config = config();
    let client = Client::new(&http, &config);
    let (mut cursor, mut found, mut bad) = (Some(Cursor::since(1_795_000_000)), vec![], 0);
    while let Some(at) = cursor {
        let page = run(list_page(&client, at)).unwrap();
        found.extend(page.events.into_iter().map(|event| event.id));
        bad += page.unreadable;
        cursor = page.next;
    }
    assert_eq!((found, bad), (vec!["evt_7".to_owned(), "evt_6".to_owned()], 3));
    assert!(http.lines()[1].contains("starting_after=evt_8") && http.lines()[2].contains("starting_after=evt_7"));
    // Without a single id nobody knows where to go on: the list is not called complete.
    let http = Script::ok([listed(vec![json!({"object": "event"})], true)]);
    let client = Client::new(&http, &config);
    let error = run(list_page(&client, Cursor::since(1))).unwrap_err();
    assert_eq!(error.code, quittance::error::Code::EventUnreadable);
}

#[test]
fn pages_are_followed_to_the_end_and_only_ids_are_taken() {
    let http = Script::ok([
        listed(vec![event("evt_4", "payment_intent.succeeded"), event("evt_3", "charge.updated")], true),
        listed(
            vec![event("evt_2", "invoice_payment.paid"), json!({"object": "event"}), event("evt_1", "invoice.paid")],
            false,
        ),
        listed(vec![event("evt_0", "refund.created")], false),
    ]);
    let config = config();
    let client = Client::new(&http, &config);
    let (mut cursor, mut events, mut unreadable) = (Some(Cursor::since(1_795_000_000)), vec![], 0);
    while let Some(at) = cursor {
        // A cursor is stored between calls.
        let at = serde_json::from_str(&serde_json::to_string(&at).unwrap()).unwrap();
        let page = run(list_page(&client, at)).unwrap();
        events.extend(page.events);
        unreadable += page.unreadable;
        cursor = page.next;
    }
    assert!(http.used_up());
    let got: Vec<_> = events.iter().map(|e| (e.id.as_str(), e.kind.as_str(), e.subject.as_str(), e.thin)).collect();
    assert_eq!(
        got,
        [
            ("evt_4", "payment_intent.succeeded", crate::INTENT, true),
            ("evt_3", "charge.updated", crate::INTENT, true),
            ("evt_2", "invoice_payment.paid", crate::INTENT, true),
            ("evt_1", "invoice.paid", crate::INVOICE, true),
            ("evt_0", "refund.created", crate::INTENT, true),
        ]
    );
    assert_eq!(unreadable, 1);
    let types = EVENT_TYPES.chunks(20).map(|group| group.iter().map(|t| format!("&types[]={t}")).collect::<String>());
    let types: Vec<_> = types.collect();
    let page = |types: &str, after: &str| format!("GET /v1/events?created[gte]=1795000000{types}{after}&limit=100");
    let after = "&starting_after=evt_3";
    assert_eq!(http.lines(), [page(&types[0], ""), page(&types[0], after), page(&types[1], "")]);
}

/// More types than one call takes are asked for in groups, each from its newest event.
#[test]
fn no_call_names_more_than_twenty_types() {
    let config = config();
    let (mut cursor, mut asked) = (Some(Cursor::since(5)), vec![]);
    while let Some(at) = cursor {
        let http = Script::ok([listed(vec![], false)]);
        cursor = run(list_page(&Client::new(&http, &config), at)).unwrap().next;
        let line = http.lines().remove(0);
        assert!(line.matches("types[]=").count() <= 20 && !line.contains("starting_after"));
        asked.extend(line.split('&').filter_map(|p| p.strip_prefix("types[]=")).map(str::to_owned));
    }
    assert_eq!(asked, EVENT_TYPES);
}

#[test]
fn the_account_of_the_key_is_read() {
    let (http, config) = (Script::ok([json!({"id": "acct_1", "object": "account", "email": null})]), config());
    assert_eq!(run(key_account(&Client::new(&http, &config))).unwrap().id, "acct_1");
    assert_eq!(http.lines(), ["GET /v1/account"]);
}
