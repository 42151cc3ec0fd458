//! Odoo's own Stripe provider: refused on the Stripe account that Quittance books, let be on another.

use std::cell::RefCell;
use std::rc::Rc;

use crate::common::{Line, Switch, World, clock};
use quittance_cli::doctor::{self, FindingState};
use quittance_cli::fail::CommandResult;
use quittance_cli::odoo::{Arguments, setup, setup_client};
use quittance_cli::ports::block_on;
use quittance_sim::Party;
use quittance_sim::stripe::{Key, Settings as Merchant, Stripe};
use serde_json::json;

const OURS: &str = "acct_1SimQuittance000";
const OTHER: &str = "acct_1SimShop00000000";

/// A world whose Stripe has a second account, and an Odoo whose own provider has this key.
fn world(name: &str, key: Option<&str>, state: &str) -> World {
    let mut world = World::fresh(name);
    let keys = vec![Key::full("sk_test_shop"), Key::full("sk_live_shop")];
    let shop = Merchant { account: OTHER.into(), keys, ..Merchant::default() };
    let (shop, first) = (RefCell::new(Stripe::new(shop, clock())), world.http.clone());
    world.http = Rc::new(Switch(vec![(
        "http",
        Box::new(move |request, timeout| match request.header("authorization") {
            Some(key) if key.ends_with("_shop") => shop.borrow_mut().handle(&request).within(timeout),
            _ => block_on(first.send(request, timeout)),
        }),
    )]));
    own_provider(&world, key, state);
    world
}

fn own_provider(world: &World, key: Option<&str>, state: &str) {
    let mut values = json!({"name": "Stripe", "code": "stripe", "state": state, "company_id": 1});
    if let Some(key) = key {
        values["stripe_secret_key"] = key.into();
    }
    let client = setup_client(&Arguments::default(), &world.settings, world.http.clone()).unwrap();
    let session = block_on(client.open()).unwrap();
    let args = json!({"vals_list": [values]}).as_object().unwrap().clone();
    block_on(client.call(session, "payment.provider", "create", None, args)).unwrap();
}

fn run(world: &World, other_stripe_account: bool) -> CommandResult<Vec<String>> {
    let arguments = Arguments { other_stripe_account, ..Arguments::default() };
    setup(&arguments, &world.settings, world.http.clone()).map(|(_, lines)| lines)
}

/// What the doctor says of the provider.
fn findings(world: &World) -> Vec<(FindingState, String)> {
    let found = doctor::examine(&doctor::Arguments::default(), &world.settings, &world.http);
    found.into_iter().filter(|f| f.what == "odoo provider").map(|f| (f.state, f.detail)).collect()
}

#[test]
fn a_provider_of_another_account_is_no_second_hand() {
    let mut world = world("provider-other", Some("sk_test_shop"), "test");
    let lines = run(&world, false).unwrap();
    assert!(lines.iter().any(|line| line.starts_with("left ") && line.contains(OTHER)), "{lines:?}");
    assert!(lines.iter().all(|line| !line.contains("sk_test_")), "{lines:?}");
    world.settings.set("BOOK_FROM", "1795000000");
    assert_eq!(findings(&world), []);
}

#[test]
fn a_provider_of_the_same_account_is_refused_whatever_one_says() {
    let world = world("provider-same", Some("sk_test_sim"), "test");
    assert!(run(&world, false).unwrap_err().to_string().contains("disable it"));
    let fail = run(&world, true).unwrap_err().to_string();
    assert!(fail.contains(OURS) && fail.contains("does not help") && !fail.contains("sk_test_"), "{fail}");
    // Live money is not what a test key books.
    let live = self::world("provider-live", Some("sk_live_sim"), "enabled");
    run(&live, false).unwrap();
}

#[test]
fn one_that_is_enabled_after_set_up_is_found_by_the_doctor() {
    let mut world = World::fresh("provider-later");
    run(&world, false).unwrap();
    own_provider(&world, Some("sk_test_sim"), "test");
    world.settings.set("BOOK_FROM", "1795000000");
    assert!(matches!(&findings(&world)[..], [(FindingState::Bad, detail)] if detail.contains(OURS)));
}

/// No key, one that Stripe refuses, one that is none: then a person has to say it.
#[test]
fn where_nobody_can_compare_the_refusal_stands() {
    for (name, key) in [("no-key", None), ("stale", Some("sk_test_gone")), ("odd", Some("nonsense"))] {
        let mut world = world(&format!("provider-{name}"), key, "test");
        let fail = run(&world, false).unwrap_err().to_string();
        assert!(fail.contains("--other-stripe-account") && !fail.contains("sk_test_"), "{fail}");
        run(&world, true).unwrap();
        world.settings.set("BOOK_FROM", "1795000000");
        assert!(
            matches!(&findings(&world)[..], [(FindingState::Note, detail)] if detail.contains("could not be compared"))
        );
    }
    // Without our own key, too.
    let mut world = world("provider-ours", Some("sk_test_shop"), "test");
    world.settings.set("STRIPE_API_KEY", "");
    assert!(run(&world, false).is_err());
}

/// Unused where there is no provider: Stripe is not asked.
#[test]
fn without_a_provider_stripe_is_not_asked() {
    let world = World::fresh("provider-none");
    let line = Line::to(quittance_sim::odoo::Odoo::fresh(quittance_sim::odoo::Version::V18, clock(), 1));
    let client = setup_client(&Arguments::default(), &world.settings, line.clone()).unwrap();
    assert_eq!(quittance_cli::provider::find_providers(&client, &world.settings, &*line), []);
    assert!(line.seen.borrow().iter().all(|line| !line.contains("/v1/account")));
}
