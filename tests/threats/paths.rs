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
            // The script that embeds the page is everybody's, and holds nothing of anybody.
            let script = *path == "/embed.js" && matches!(method, "GET" | "HEAD");
            assert_eq!(
                names.iter().any(|name| name.starts_with("access-control-")),
                script,
                "{method} {path}: {names:?}"
            );
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{method} {path}");
            assert_eq!(answer.header("set-cookie"), None, "{method} {path}");
            assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"), "{method} {path}");
            if answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
                let policy = answer.header("content-security-policy").unwrap_or("");
                assert!(policy.contains("frame-ancestors 'none'") && policy.contains("default-src 'none'"), "{path}");
            }
        }
    }
    world.finish();
}

/// A link, a token or a webhook that travels in the open is others' as well: a page is asked for again by https, and
/// everything else is refused before anything is made of it.
#[test]
fn plain_http_is_answered_by_https_alone() {
    let mut world = World::new(2, Version::V18);
    world.set("ADMIN_TOKEN", "operators-token-of-these-tests-0123456789");
    for host in ["quittance.example", "localhost.example", "127.0.0.1.example:80", "localhost@quittance.example"] {
        for path in PATHS.iter().chain(&OF_OPERATORS) {
            for method in METHODS {
                let url = format!("http://{host}{path}?access_token=x");
                let answer = world.request(&Request::new(method, &url).body("{}")).unwrap();
                let told = String::from_utf8_lossy(&answer.body).into_owned();
                if matches!(method, "GET" | "HEAD") {
                    let secure = url.replacen("http:", "https:", 1);
                    assert_eq!(
                        (answer.status, answer.header("location")),
                        (308, Some(secure.as_str())),
                        "{method} {url}"
                    );
                } else {
                    assert!(answer.status == 403 && told.contains("https_required"), "{method} {url}: {told}");
                }
                assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"));
            }
        }
    }
    assert!(world.log().is_empty(), "nothing was asked or looked at");
    for local in ["http://127.0.0.1:8787", "http://localhost", "http://[::1]:80", "https://quittance.example"] {
        assert_eq!(
            world.request(&Request::new("GET", format!("{local}/health"))).map(|a| a.status),
            Some(200),
            "{local}"
        );
    }
    world.finish();
}
