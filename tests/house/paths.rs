//! Paths that mean another path to somebody, and what every answer keeps to.

use quittance::http::Request;
use quittance_sim::odoo::{Invoice, Version};
use quittance_sim::world::{WORKER, World};

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const PATHS: [&str; 8] = [
    "/",
    "/health",
    "/embed.js",
    "/pay/1",
    "/pay/logo/1",
    "/webhooks/stripe",
    "/api/payment-intents",
    "/api/invoices/1/payment",
];

const OF_OPERATORS: [&str; 6] =
    ["/admin", "/admin/", "/admin/session", "/admin/api/health", "/admin/api/events/evt_1/replay", "/metrics"];

#[test]
fn no_spelling_of_a_path_reaches_what_another_does_not() {
    let world = World::new(1, Version::V18);
    for path in [
        "/pay/../health",
        "/pay/%2e%2e/health",
        "/pay/1/",
        "/pay/1/../../health",
        "/PAY/1",
        "/pay/1;x",
        "/pay/1%00",
        "/pay/0x1",
        "/pay/1.0",
        "/pay/-1",
        "/pay/0",
        "/pay/2147483648",
        "/pay/99999999999999999999",
        "/pay/\u{0661}",
        "/pay/logo/1/",
        "/pay/logo/%31",
        "/pay/logo/..",
        "/pay.html",
        "/assets/../pay.html",
        "/wrangler.toml",
        "/.dev.vars",
        "/.git/config",
        "/webhooks/stripe/",
        "/webhooks//stripe",
        "/webhooks/stripe%2f",
        "/WEBHOOKS/STRIPE",
        "/webhooks/./stripe",
        "/api/payment-intents/",
        "/api/invoices/1/payment/",
        "/api/invoices/1%2fpayment",
        "/api/invoices/1/../2/payment",
        "/cdn-cgi/handler/scheduled",
        "/admin",
        "/admin/session",
        "/administrator",
        "/admin.html",
        "//admin",
        "/Admin",
        "/admin%2fsession",
    ] {
        for method in METHODS {
            let answer = world.request(&Request::new(method, format!("{WORKER}{path}"))).unwrap();
            assert_eq!(answer.status, 404, "{method} {path}");
        }
    }
    assert_eq!(world.db.query("SELECT id FROM inbox").len(), 0);
    world.finish();
}

/// No origin but the Worker's own may read an answer, and no page but the named ones may show one.
#[test]
fn no_answer_is_for_other_origins_or_for_guessing_its_type() {
    let mut world = World::new(1, Version::V18);
    world.set("ADMIN_TOKEN", "operators-token-of-these-tests-0123456789");
    world.set("METRICS_TOKEN", "metrics-token-of-these-tests-0123456789");
    world.odoo.borrow_mut().invoice(&Invoice::of("5.00", "USD"));
    for path in PATHS.iter().chain(&OF_OPERATORS) {
        for method in METHODS {
            let request = Request::new(method, format!("{WORKER}{path}"))
                .with("origin", "https://evil.example")
                .with("access-control-request-method", "POST")
                .with("access-control-request-headers", "x-access-token");
            let answer = world.request(&request).unwrap();
            let names: Vec<&str> = answer.headers.iter().map(|(name, _)| name.as_str()).collect();
            assert!(!names.iter().any(|name| name.starts_with("access-control-")), "{method} {path}: {names:?}");
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{method} {path}");
            assert_eq!(answer.header("set-cookie"), None, "{method} {path}");
            if answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
                let policy = answer.header("content-security-policy").unwrap_or("");
                assert!(policy.contains("frame-ancestors 'none'") && policy.contains("default-src 'none'"), "{path}");
            }
        }
    }
    world.finish();
}
