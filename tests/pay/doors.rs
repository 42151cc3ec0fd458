//! Who is let in, and what strangers see: nothing.

use quittance::http::Request;
use quittance_sim::odoo::Invoice;
use quittance_sim::world::WORKER;
use serde_json::json;

use crate::pay_page::{PayPage, body, code};

#[test]
fn wrong_links_look_all_the_same() {
    let desk = PayPage::new();
    let other = PayPage::new();
    let draft = desk.world.odoo.borrow_mut().invoice(&Invoice { draft: true, ..Invoice::of("5.00", "USD") });
    let draft_token = desk.world.odoo.borrow_mut().token(draft);
    let cancelled = desk.world.odoo.borrow_mut().invoice(&Invoice::of("5.00", "USD"));
    let cancelled_token = desk.world.odoo.borrow_mut().token(cancelled);
    desk.world.odoo.borrow_mut().cancel_invoice(cancelled);
    let tokenless = desk.world.odoo.borrow_mut().invoice(&Invoice::of("5.00", "USD"));
    let foreign = desk.world.odoo.borrow_mut().company("Elsewhere", "USD");
    let foreign = desk.world.odoo.borrow_mut().invoice(&Invoice { company: foreign, ..Invoice::of("5.00", "USD") });
    let mut answers = Vec::new();
    for (invoice, token) in [
        (desk.invoice, "wrong"),
        (desk.invoice, ""),
        (desk.invoice, &desk.token[..desk.token.len() - 1]),
        (desk.invoice, &format!("{}x", desk.token)),
        (99_999, desk.token.as_str()),
        (draft, &draft_token),
        (cancelled, &cancelled_token),
        (tokenless, ""),
        (tokenless, "false"),
        (foreign, "x"),
        (i64::MAX, "x"),
    ] {
        let response = desk.asked(json!({"invoice": invoice, "access_token": token})).unwrap();
        answers.push((response.status, response.headers.clone(), response.body));
    }
    assert_eq!((answers[0].0, code(&serde_json::from_slice(&answers[0].2).unwrap())), (404, "invoice_not_found"));
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    assert_eq!(desk.intents(), Vec::<String>::new());
    desk.world.finish();
    other.world.finish();
}

/// A paid invoice says so to whoever has its link, and to nobody else.
#[test]
fn a_paid_invoice_is_told_of_to_the_right_token_only() {
    let mut desk = PayPage::new();
    let payment = desk.open();
    desk.confirm(&payment, "pm_card_visa");
    desk.settle();
    assert_eq!(desk.told(), "paid");
    assert_eq!(desk.ask(json!({"access_token": "wrong"})).0, 404);
    desk.world.finish();
}

#[test]
fn a_copy_of_the_database_takes_no_payment() {
    let desk = PayPage::new();
    let uuid = desk.world.odoo.borrow().uuid();
    let (status, answer) = desk.ask(json!({"database": "00000000-0000-0000-0000-000000000000"}));
    assert_eq!((status, code(&answer)), (409, "database_copy"));
    assert_eq!(
        desk.ask(json!({"database": "00000000", "invoice": 99_999})).0,
        409,
        "an invoice that only the copy has"
    );
    assert_eq!(desk.intents(), Vec::<String>::new());
    assert_eq!(desk.ask(json!({"database": uuid})).0, 200);
    assert_eq!(desk.ask(json!({"database": ""})).0, 200, "a link that names none");
    desk.world.finish();
}

#[test]
fn what_is_no_request_is_refused() {
    let desk = PayPage::new();
    for text in [
        "",
        "{}",
        "[]",
        r#"{"invoice":"5","access_token":"x"}"#,
        r#"{"invoice":5}"#,
        r#"{"invoice":5.5,"access_token":"x"}"#,
    ] {
        let request = Request::new("POST", format!("{WORKER}/api/payment-intents")).body(text);
        let response = desk.world.request(&request).unwrap();
        assert_eq!((response.status, code(&body(&response))), (400, "request_invalid"), "{text}");
    }
    let large = json!({"invoice": desk.invoice, "access_token": desk.token, "x": "x".repeat(5_000)}).to_string();
    let request = Request::new("POST", format!("{WORKER}/api/payment-intents")).body(large);
    assert_eq!(desk.world.request(&request).unwrap().status, 400);
    for (method, path) in [("GET", "/api/payment-intents"), ("OPTIONS", "/api/payment-intents"), ("PUT", "/pay/5")] {
        let response = desk.world.request(&Request::new(method, format!("{WORKER}{path}"))).unwrap();
        assert!(matches!(response.status, 404 | 405), "{method} {path}");
        assert_eq!(response.header("access-control-allow-origin"), None);
    }
    desk.world.finish();
}

#[test]
fn one_client_and_one_invoice_are_limited() {
    let desk = PayPage::new();
    let request = |ip: &str| desk.request(json!({})).with("cf-connecting-ip", ip);
    for n in 0..20 {
        assert_eq!(desk.world.request(&request(&format!("192.0.2.{n}"))).unwrap().status, 200);
    }
    let response = desk.world.request(&request("192.0.2.99")).unwrap();
    assert_eq!((response.status, code(&body(&response))), (429, "rate_limited"));
    assert!(response.header("retry-after").is_some());
    let poll =
        || Request::new("GET", format!("{WORKER}/api/invoices/7/payment")).with("cf-connecting-ip", "192.0.2.200");
    let answers: Vec<u16> = (0..252).map(|_| desk.world.request(&poll()).unwrap().status).collect();
    assert_eq!((answers[249], answers[250]), (404, 429));
    desk.world.finish();
}

/// Everybody together has a limit as well, which no client can use up alone; one invoice's payers are told how long to wait.
#[test]
fn everybody_together_is_limited_and_one_client_uses_up_nobody_elses_share() {
    let mut desk = PayPage::new();
    let begin = |desk: &PayPage, client: u32, token: u32| {
        let asked = desk.request(json!({"access_token": token.to_string()}));
        let asked = asked.with("cf-connecting-ip", format!("198.{}.{}.1", client / 256, client % 256));
        desk.world.request(&asked).unwrap()
    };
    // One client alone, far beyond its own share, leaves the others theirs.
    for n in 0..1_000 {
        begin(&desk, 0, n);
    }
    assert_eq!(begin(&desk, 1, 1).status, 404);
    assert_eq!(desk.world.logged("rate_limited"), vec![]);
    let answers: Vec<u16> = (0..1_000).map(|n| begin(&desk, n + 2, n + 2_000).status).collect();
    assert_eq!((answers[0], answers.last()), (404, Some(&429)));
    let asked = desk.world.odoo.borrow().calls.iter().filter(|call| call.ends_with(".run")).count();
    assert!(asked <= 920, "the ERP was asked {asked} times in a minute");
    let refused = begin(&desk, 5_000, 999);
    let wait: i64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait) && refused.header("cache-control") == Some("no-store"));
    assert_eq!(desk.world.logged("rate_limited")[0].fields["limit"], "PAY_BEGIN");
    desk.world.pass(60);
    assert_eq!(begin(&desk, 5_000, 999).status, 404, "the next minute");
    desk.world.finish();
}

/// Each route behind which the ledger, the ERP or Stripe stands.
#[test]
fn every_route_with_something_behind_it_is_limited() {
    let desk = PayPage::new();
    for (path, most) in [("/api/invoices/7/payment", 250), ("/pay/logo/1", 250), ("/health", 60)] {
        let get = Request::new("GET", format!("{WORKER}{path}"))
            .with("cf-connecting-ip", format!("{most}.0.{}.1", path.len()));
        let answers: Vec<u16> = (0..=most).map(|_| desk.world.request(&get).unwrap().status).collect();
        assert!(answers[..most].iter().all(|status| *status != 429), "{path}");
        assert_eq!(answers[most], 429, "{path}");
    }
    for path in ["/pay/7", "/embed.js"] {
        let get = Request::new("GET", format!("{WORKER}{path}")).with("cf-connecting-ip", "192.0.2.9");
        let mut answers = (0..400).map(|_| desk.world.request(&get).unwrap().status);
        assert!(answers.all(|status| status == 200), "a constant text");
    }
    desk.world.finish();
}

#[test]
fn without_its_key_there_is_no_page() {
    let mut desk = PayPage::new();
    desk.world.set("STRIPE_PUBLISHABLE_KEY", "");
    let (status, answer) = desk.ask(json!({}));
    assert_eq!((status, code(&answer)), (503, "pay_not_configured"));
    assert_eq!(desk.status().0, 503);
    desk.world.finish();
}

/// An ERP's or our own trouble is the operator's to know: the payer is told that nothing was charged.
#[test]
fn trouble_is_not_told_to_payers() {
    let mut desk = PayPage::new();
    desk.world.set("ODOO_API_KEY", "wrong");
    let (status, answer) = desk.ask(json!({}));
    assert_eq!((status, code(&answer)), (503, "pay_unavailable"));
    assert!(!answer.to_string().to_lowercase().contains("odoo"), "{answer}");
    let logged = desk.world.logged("payment_not_started");
    assert_eq!(logged[0].fields["code"], "erp_auth");
    assert!(!format!("{:?}", desk.world.log()).contains(&desk.token), "a token in the log");
    desk.world.finish();
}

/// The live policy, to the letter: script and frames of Stripe alone, and no page but the named ones may show this one.
#[test]
fn the_shell_and_its_policy() {
    let mut desk = PayPage::new();
    let get = |desk: &PayPage, path: &str| desk.world.request(&Request::new("GET", format!("{WORKER}{path}"))).unwrap();
    let simulated = get(&desk, "/pay/1").header("content-security-policy").unwrap().to_owned();
    desk.world.set("STRIPE_API_BASE", "https://api.stripe.com");
    desk.world.set("EMBED_ORIGINS", "https://books.example.com https://shop.example.com");
    let response = get(&desk, "/pay/1?access_token=t&db=x");
    let live = response.header("content-security-policy").unwrap().to_owned();
    assert_eq!(
        live,
        "default-src 'none'; script-src 'self' https://js.stripe.com https://*.js.stripe.com; style-src 'self'; \
         img-src 'self' data:; connect-src 'self' https://api.stripe.com; \
         frame-src https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com; \
         frame-ancestors https://books.example.com https://shop.example.com; base-uri 'none'; form-action 'none'"
    );
    let base = quittance_sim::world::STRIPE;
    let expected = live
        .replace("https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com", base)
        .replace("https://js.stripe.com https://*.js.stripe.com", base)
        .replace("https://api.stripe.com", base)
        .replace("https://books.example.com https://shop.example.com", "'none'");
    assert_eq!(simulated, expected, "the simulated policy differs in those hosts alone");
    assert_eq!(response.header("referrer-policy"), Some("strict-origin"));
    let html = String::from_utf8(response.body).unwrap();
    assert!(html.contains("https://js.stripe.com/endive/stripe.js"), "the pinned script");
    assert!(!html.contains("{{") && !html.contains("style=") && !html.contains("<style"), "{html}");
    for path in ["/pay/", "/pay/x", "/pay/0", "/pay/-1", "/pay/1/2", "/pay/99999999999999999999"] {
        assert_eq!(get(&desk, path).status, 404, "{path}");
    }
    let embed = String::from_utf8(get(&desk, "/embed.js").body).unwrap();
    assert!(embed.contains(r#"["https://books.example.com","https://shop.example.com"]"#));
    desk.world.finish();
}

#[test]
fn a_companys_logo_is_kept_for_a_day() {
    let desk = PayPage::new();
    let get = || desk.world.request(&Request::new("GET", format!("{WORKER}/pay/logo/1"))).unwrap();
    let calls = desk.world.dial.calls();
    assert_eq!(get().status, 404, "nobody was shown an invoice of it");
    assert_eq!(desk.world.dial.calls() - calls, 1, "the ledger alone was asked");
    desk.open();
    let first = get();
    assert_eq!((first.status, first.header("content-type")), (200, Some("image/svg+xml")));
    assert!(first.header("content-security-policy").is_some_and(|policy| policy.contains("sandbox")));
    desk.world.odoo.borrow_mut().dial.add(quittance_sim::odoo::Rule::always(quittance_sim::odoo::Fault::Down));
    assert_eq!(get(), first);
    desk.world.finish();
}

/// Whoever asks with wrong tokens, or from address after address of one network, keeps nobody else from paying.
#[test]
fn strangers_use_up_nobodys_limit_but_their_own() {
    let desk = PayPage::new();
    for n in 0..40 {
        let request = desk.request(json!({"access_token": "wrong"})).with("cf-connecting-ip", format!("192.0.2.{n}"));
        assert_eq!(desk.world.request(&request).unwrap().status, if n < 20 { 404 } else { 429 });
    }
    assert_eq!(
        desk.world.request(&desk.request(json!({})).with("cf-connecting-ip", "198.51.100.1")).unwrap().status,
        200
    );
    let poll = |ip: String| {
        let url = format!("{WORKER}/api/invoices/7/payment");
        desk.world.request(&Request::new("GET", url).with("cf-connecting-ip", ip)).unwrap().status
    };
    let answers: Vec<u16> = (0..251).map(|n| poll(format!("2001:db8::{n:x}"))).collect();
    assert_eq!((answers[249], answers[250]), (404, 429), "one household has 2^64 addresses");
    assert_eq!(poll("2001:db8:0:1::1".into()), 404, "its neighbour another count");
    desk.world.finish();
}

/// A link that was taken back in Odoo: its page can neither go on nor pay, and the new one reads its own state.
#[test]
fn another_token_in_odoo_ends_the_old_links_payment() {
    let mut desk = PayPage::new();
    let first = desk.open();
    let token = "11111111-2222-4333-8444-555555555555";
    desk.world.odoo.borrow_mut().poke("account.move", desk.invoice, "access_token", json!(token));
    assert_eq!(desk.ask(json!({})).0, 404);
    desk.token = token.into();
    let second = desk.open();
    assert_eq!(desk.retrieve(&first)["status"], "canceled");
    assert_eq!((desk.status().0, &desk.status().1["payment"]), (200, &json!(second)));
    desk.settle();
    desk.world.finish();
}

/// What Stripe publishes of the hosts that Stripe.js takes, and not what the page happens to say.
#[test]
fn the_policy_has_every_host_that_stripe_publishes() {
    let published = include_str!("../fixtures/stripe/content_security_policy.json");
    let published: serde_json::Value = serde_json::from_str(published).unwrap();
    let mut desk = PayPage::new();
    desk.world.set("STRIPE_API_BASE", "https://api.stripe.com");
    let shell = desk.world.request(&Request::new("GET", format!("{WORKER}/pay/1"))).unwrap();
    let policy = shell.header("content-security-policy").unwrap().to_owned();
    let sources = |name: &str| -> Vec<String> {
        let directive =
            policy.split(';').find_map(|part| part.trim().strip_prefix(&format!("{name} ")).map(str::to_owned));
        directive.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
    };
    let directives = published["directives"].as_object().unwrap();
    assert_eq!(directives.len(), 3);
    for (name, hosts) in directives {
        let hosts = hosts.as_array().unwrap().iter().filter_map(|host| host.as_str());
        let hosts: Vec<&str> = hosts.filter(|host| published["not_used"][*host].is_null()).collect();
        let own = sources(name);
        assert!(
            !hosts.is_empty() && hosts.iter().all(|host| own.iter().any(|o| o == host)),
            "{name}: {hosts:?}, not {own:?}"
        );
        let more: Vec<&String> = own.iter().filter(|o| *o != "'self'" && !hosts.contains(&o.as_str())).collect();
        assert!(more.is_empty(), "{name} lets in more than Stripe asks for: {more:?}");
    }
    desk.world.finish();
}

/// The number of a limit in wrangler.toml.
fn limit(name: &str) -> u32 {
    let toml = include_str!("../../wrangler.toml");
    let rest = toml.split_once(&format!("name = \"{name}\"")).unwrap_or_else(|| panic!("no limit {name}")).1;
    let number = rest.split_once("limit = ").unwrap().1;
    number.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap()
}

/// Whoever has thirty connections, each with the largest network that a provider gives, leaves room for everybody else.
#[test]
fn thirty_clients_at_their_own_limits_do_not_reach_the_limit_for_all() {
    for (own, all) in [
        ("PAY_CLIENT", "PAY_ALL"),
        ("PAY_SITE", "PAY_ALL"),
        ("PAY_NETWORK", "PAY_ALL"),
        ("BEGIN_CLIENT", "PAY_BEGIN"),
        ("BEGIN_SITE", "PAY_BEGIN"),
        ("BEGIN_NETWORK", "PAY_BEGIN"),
        ("PAY_INVOICE", "PAY_BEGIN"),
        ("PAY_INVOICE", "PAY_RETURN"),
        ("HEALTH_NETWORK", "HEALTH_ALL"),
    ] {
        assert!(30 * limit(own) < limit(all), "30 x {own} ({}) reach {all} ({})", limit(own), limit(all));
    }
    for sizes in [["PAY_CLIENT", "PAY_SITE", "PAY_NETWORK"], ["BEGIN_CLIENT", "BEGIN_SITE", "BEGIN_NETWORK"]] {
        assert!(sizes.windows(2).all(|pair| limit(pair[0]) < limit(pair[1])), "a larger network has a larger limit");
    }
}

fn guesses(desk: &PayPage, address: &str, token: usize) -> u16 {
    let asked = desk.request(json!({"access_token": format!("guess {token}")})).with("cf-connecting-ip", address);
    desk.world.request(&asked).unwrap().status
}

/// One household line has 256 networks of 64 bits, and a firm 65,536: with all of them, ten guesses a second, nobody else is
/// shut out.
#[test]
fn many_networks_of_one_line_keep_nobody_out() {
    for line in ["2001:db8:1:{n}::1", "2001:db8:2:{n}00::1", "203.0.113.{d}"] {
        let desk = PayPage::new();
        for n in 0..600 {
            let address = line.replace("{n}", &format!("{:x}", n % 256)).replace("{d}", &(n % 256).to_string());
            guesses(&desk, &address, n);
            desk.world.clock.advance(100);
        }
        assert_eq!(desk.world.logged("rate_limited"), vec![], "{line}");
        let fresh = desk.request(json!({})).with("cf-connecting-ip", "198.51.100.7");
        assert_eq!(desk.world.request(&fresh).unwrap().status, 200, "{line}");
        desk.world.finish();
    }
}

/// A flood from everywhere takes the share of links that nobody knows: those that proved good before go on.
#[test]
fn a_link_that_proved_good_has_a_share_that_guesses_do_not_use_up() {
    let desk = PayPage::new();
    desk.open();
    for n in 0..1_000 {
        guesses(&desk, &format!("198.{}.{}.1", n / 256, n % 256), n);
    }
    assert_eq!(guesses(&desk, "203.0.113.9", 5_000), 429, "the share is used up");
    let good = desk.request(json!({})).with("cf-connecting-ip", "203.0.113.10");
    assert_eq!(desk.world.request(&good).unwrap().status, 200, "a link that was good before");
    let near = desk.request(json!({"access_token": &desk.token[1..]})).with("cf-connecting-ip", "203.0.113.11");
    assert_eq!(desk.world.request(&near).unwrap().status, 429);
    desk.world.finish();
}

/// `/health` and payers use up nothing of each other's.
#[test]
fn health_is_counted_apart() {
    let desk = PayPage::new();
    let health = || Request::new("GET", format!("{WORKER}/health")).with("cf-connecting-ip", "192.0.2.1");
    let answers: Vec<u16> = (0..70).map(|_| desk.world.request(&health()).unwrap().status).collect();
    assert_eq!((answers[0], answers[69]), (200, 429));
    let poll = Request::new("GET", format!("{WORKER}/api/invoices/7/payment")).with("cf-connecting-ip", "192.0.2.1");
    assert_eq!(desk.world.request(&poll).unwrap().status, 404);
    for _ in 0..300 {
        desk.world.request(&poll);
    }
    let mut other = health();
    other.headers.retain(|(name, _)| name != "cf-connecting-ip");
    let other = other.with("cf-connecting-ip", "192.0.3.1");
    assert_eq!(desk.world.request(&other).unwrap().status, 200);
    desk.world.finish();
}
