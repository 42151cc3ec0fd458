//! Customers who come back, and how a server finds again what it made.

use serde_json::Value;

use super::{call, card, confirm, from_page, intent, listening, types};
use crate::stripe::Stripe;
use crate::stripe::object::Fields;

const ALL: &str = "components[payment_element][enabled]=true\
    &components[payment_element][features][payment_method_redisplay]=enabled\
    &components[payment_element][features][payment_method_save]=enabled\
    &components[payment_element][features][payment_method_save_usage]=on_session";

fn customer(stripe: &mut Stripe, more: &str) -> String {
    call(stripe, "POST", "/v1/customers", &format!("name=Anna{more}")).1.text("id").to_owned()
}

fn session(stripe: &mut Stripe, customer: &str) -> Value {
    let (status, made) = call(stripe, "POST", "/v1/customer_sessions", &format!("customer={customer}&{ALL}"));
    assert_eq!(status, 200, "{made}");
    made
}

fn shown(stripe: &mut Stripe, intent: &Value, session: &Value) -> (u16, Value) {
    let form = format!(
        "client_secret={}&customer_session_client_secret={}",
        intent.text("client_secret"),
        session.text("client_secret")
    );
    from_page(stripe, "GET", "/v1/elements/sessions", &form)
}

#[test]
fn a_card_is_kept_and_pays_again() {
    let (mut stripe, clock) = listening(1);
    let anna = customer(&mut stripe, "");
    let first = intent(&mut stripe, "usd", &format!("&customer={anna}"));
    let keep = "&setup_future_usage=on_session&payment_method_data[allow_redisplay]=always";
    let (_, paid) = confirm(&mut stripe, &first, &format!("{}{keep}", card("4242424242424242")));
    assert_eq!(paid.text("status"), "succeeded");
    assert!(types(&stripe).contains(&"payment_method.attached".to_owned()));
    let (_, list) = call(&mut stripe, "GET", &format!("/v1/customers/{anna}/payment_methods?type=card"), "");
    let kept = list["data"][0].text("id").to_owned();
    assert_eq!((kept.as_str(), list["data"][0].text("customer")), (paid.text("payment_method"), anna.as_str()));

    let session = session(&mut stripe, &anna);
    let second = intent(&mut stripe, "usd", &format!("&customer={anna}"));
    let (_, element) = shown(&mut stripe, &second, &session);
    assert_eq!(element["customer"]["payment_methods"][0].text("id"), kept);
    let (status, paid) = confirm(&mut stripe, &second, &format!("payment_method={kept}"));
    assert_eq!((status, paid.text("status")), (200, "succeeded"));

    let berta = customer(&mut stripe, "");
    let hers = intent(&mut stripe, "usd", &format!("&customer={berta}"));
    assert_eq!(confirm(&mut stripe, &hers, &format!("payment_method={kept}")).0, 400);
    assert_eq!(shown(&mut stripe, &hers, &session).0, 400);
    clock.advance(31 * 60_000);
    let third = intent(&mut stripe, "usd", &format!("&customer={anna}"));
    assert_eq!(shown(&mut stripe, &third, &session).0, 400, "a session lasts half an hour");
    assert_eq!(call(&mut stripe, "POST", &format!("/v1/payment_methods/{kept}/detach"), "").0, 200);
    let (_, list) = call(&mut stripe, "GET", &format!("/v1/customers/{anna}/payment_methods"), "");
    assert_eq!(list["data"], serde_json::json!([]));
}

/// 3155 asks until it was kept; 3184 asks every time.
#[test]
fn a_kept_card_may_be_spared_authentication() {
    for (number, again) in [("4000002500003155", "succeeded"), ("4000002760003184", "requires_action")] {
        let (mut stripe, _) = listening(1);
        let anna = customer(&mut stripe, "");
        let first = intent(&mut stripe, "usd", &format!("&customer={anna}&setup_future_usage=off_session"));
        assert_eq!(confirm(&mut stripe, &first, &card(number)).1.text("status"), "requires_action");
        stripe.authenticate(first.text("id"), true).unwrap();
        let (_, list) = call(&mut stripe, "GET", &format!("/v1/payment_methods?customer={anna}"), "");
        let kept = list["data"][0].text("id").to_owned();
        let second = intent(&mut stripe, "usd", &format!("&customer={anna}"));
        let (_, paid) = confirm(&mut stripe, &second, &format!("payment_method={kept}"));
        assert_eq!(paid.text("status"), again, "{number}");
    }
}

#[test]
fn a_session_is_of_a_customer_who_is_there() {
    let (mut stripe, _) = listening(1);
    let anna = customer(&mut stripe, "");
    let made = session(&mut stripe, &anna);
    let features = &made["components"]["payment_element"]["features"];
    assert!(made.text("client_secret").starts_with("cuss_1"));
    assert_eq!(
        (features.int("payment_method_redisplay_limit"), features.text("payment_method_remove")),
        (3, "disabled")
    );
    call(&mut stripe, "DELETE", &format!("/v1/customers/{anna}"), "");
    for (path, body) in [
        ("/v1/customer_sessions", format!("customer={anna}&{ALL}")),
        ("/v1/payment_intents", format!("amount=1099&currency=usd&customer={anna}")),
    ] {
        let (status, refused) = call(&mut stripe, "POST", path, &body);
        let error = &refused["error"];
        assert_eq!((status, error.text("code"), error.text("param")), (400, "resource_missing", "customer"));
    }
    let (status, _) = call(&mut stripe, "GET", &format!("/v1/customers/{anna}/payment_methods"), "");
    assert_eq!(status, 404);
}

#[test]
fn a_search_finds_by_metadata_once_its_lag_is_over() {
    let (mut stripe, clock) = listening(1);
    let anna = customer(&mut stripe, "&metadata[odoo_db]=books&metadata[odoo_id]=7");
    customer(&mut stripe, "&metadata[odoo_db]=books&metadata[odoo_id]=8");
    let query = "/v1/customers/search?query=metadata['odoo_db']:'books' AND metadata['odoo_id']:'7'";
    let (status, found) = call(&mut stripe, "GET", query, "");
    assert_eq!((status, found.text("object"), found.flag("has_more")), (200, "search_result", false));
    assert_eq!((found["data"].as_array().unwrap().len(), found["data"][0].text("id")), (1, anna.as_str()));
    stripe.settings.search_lag_ms = 60_000;
    let count = |stripe: &mut Stripe| call(stripe, "GET", query, "").1["data"].as_array().unwrap().len();
    assert_eq!(count(&mut stripe), 0);
    clock.advance(60_000);
    assert_eq!(count(&mut stripe), 1);
    call(&mut stripe, "DELETE", &format!("/v1/customers/{anna}"), "");
    assert_eq!(count(&mut stripe), 0);
    for wrong in ["", "?query=colour:'red'", "?query=name:anna", "?query=name:'Anna'%26limit=500"] {
        assert_eq!(call(&mut stripe, "GET", &format!("/v1/customers/search{wrong}"), "").0, 400, "{wrong}");
    }
}

#[test]
fn intents_are_listed_and_searched_newest_first() {
    let (mut stripe, clock) = listening(1);
    let anna = customer(&mut stripe, "");
    for n in 0..5 {
        intent(&mut stripe, "usd", &format!("&customer={anna}&metadata[n]={n}"));
        intent(&mut stripe, "usd", "");
        clock.advance(10_000);
    }
    let since = super::START_MS / 1000 + 20;
    let n = |list: &Value| -> Vec<String> {
        list["data"].as_array().unwrap().iter().map(|i| i["metadata"].text("n").to_owned()).collect()
    };
    let path = format!("/v1/payment_intents?customer={anna}&created[gte]={since}&limit=2");
    let (_, page) = call(&mut stripe, "GET", &path, "");
    assert_eq!((n(&page), page.flag("has_more")), (vec!["4".to_owned(), "3".to_owned()], true));
    let last = page["data"][1].text("id");
    let (_, page) = call(&mut stripe, "GET", &format!("{path}&starting_after={last}"), "");
    assert_eq!((n(&page), page.flag("has_more")), (vec!["2".to_owned()], false));
    let query = format!("customer:'{anna}' AND status:'requires_payment_method' AND created>={since}");
    let (_, found) = call(&mut stripe, "GET", &format!("/v1/payment_intents/search?query={query}&limit=2"), "");
    assert_eq!((n(&found), found.flag("has_more")), (vec!["4".to_owned(), "3".to_owned()], true));
    let next = found.text("next_page");
    let (_, found) =
        call(&mut stripe, "GET", &format!("/v1/payment_intents/search?query={query}&limit=2&page={next}"), "");
    assert_eq!((n(&found), found["next_page"].is_null()), (vec!["2".to_owned()], true));
}
