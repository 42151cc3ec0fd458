//! What can be read off the source: rules that no test of behaviour would see broken.

use std::fs;
use std::path::{Path, PathBuf};

fn files(dirs: &[&str], ends: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut next: Vec<PathBuf> = dirs.iter().map(PathBuf::from).collect();
    while let Some(path) = next.pop() {
        if path.is_dir() {
            next.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if ends.iter().any(|end| path.extension().is_some_and(|e| e == *end)) {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    assert!(found.len() > 3, "{dirs:?}");
    found
}

/// Without the tests at the end of a file.
fn product(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default()
}

fn is(path: &Path, name: &str) -> bool {
    path.to_string_lossy().replace('\\', "/").ends_with(name)
}

/// A comparison that stops at the first difference tells where it is. What strangers send is compared with a secret by
/// `hmac::is_equal` alone, and secrets are revealed only where they are sent or digested.
#[test]
fn secrets_are_compared_in_constant_time_only() {
    for (path, text) in files(&["src"], &["rs"]) {
        for line in product(&text).lines().filter(|line| line.contains(".reveal()")) {
            let compared = [" == ", " != ", "matches!", ".eq("].iter().any(|how| line.contains(how));
            assert!(!compared, "{}: {line}", path.display());
        }
    }
    let source = fs::read_to_string("src/hmac.rs").unwrap();
    let equal = source.split("pub fn is_equal").nth(1).unwrap();
    assert!(
        equal.contains("black_box") && equal.contains("fold") && !equal.split('}').next().unwrap().contains("a == b")
    );
    for (name, uses) in [
        ("src/stripe/signature.rs", "is_equal(&expected, candidate)"),
        ("src/flow/pay/context.rs", "crate::hmac::is_equal("),
    ] {
        assert!(fs::read_to_string(name).unwrap().contains(uses), "{name}");
    }
}

/// `Stmt::sql` is `&'static str`: only a leak could make a statement of a text that came in. Values are bound.
#[test]
fn no_statement_is_made_at_run_time() {
    let ports = fs::read_to_string("src/ports.rs").unwrap();
    assert!(ports.contains("pub sql: &'static str"));
    for (path, text) in files(&["src"], &["rs"]) {
        assert!(!text.contains(".leak()") && !text.contains("::leak("), "{}", path.display());
        let sql = ["INSERT INTO ", "DELETE FROM ", "UPDATE inbox"].iter().any(|word| product(&text).contains(word));
        let known = path.starts_with("src/ledger") || is(&path, "erp/odoo/procedure.rs");
        assert!(!sql || known, "{}: SQL outside the ledger", path.display());
    }
    for (path, text) in files(&["src/glue"], &["mjs"]) {
        for line in text.lines().filter(|line| line.contains(".prepare(")) {
            assert!(line.contains("prepare(facts."), "{}: {line}", path.display());
        }
    }
}

/// The one place that asks the network. Wrangler's test harness follows redirects by itself, whatever it is told, so that this is
/// read here and not seen there.
#[test]
fn the_platform_is_told_to_follow_no_redirect() {
    let ports = fs::read_to_string("src/glue/ports.rs").unwrap();
    let exchange = ports.split("async fn exchange").nth(1).unwrap();
    assert!(exchange.contains("init.set_redirect(RequestRedirect::Manual)"));
    let asking = |text: &str| text.matches("fetch_with").count() + text.matches("Fetch::").count();
    let all: usize = files(&["src"], &["rs"]).iter().map(|(_, text)| asking(text)).sum();
    assert_eq!(all, 1, "somebody else asks the network");
    for (path, text) in files(&["src/glue"], &["mjs"]) {
        assert!(!text.replace("async fetch(", "").contains("fetch("), "{}", path.display());
    }
}

/// In Odoo's procedures the same: what is put into a statement's text is a constant of the procedure, and values are bound.
#[test]
fn no_statement_of_a_procedure_holds_a_value() {
    for (path, text) in files(&["src/erp/odoo/procedures"], &["py"]) {
        for call in text.split("cr.execute(").skip(1) {
            let end = [", [", ",\n", ")\n"].iter().filter_map(|end| call.find(end)).min().unwrap();
            let sql = call[..end].split_whitespace().collect::<Vec<_>>().join(" ");
            for mark in [".format(", "f'", "f\"", "' % ", "\" % "] {
                assert!(!sql.contains(mark), "{}: {sql}", path.display());
            }
        }
    }
}

/// Neither our pages nor our scripts in Odoo's pages make markup of a text.
#[test]
fn no_text_becomes_markup_in_a_browser() {
    for (path, text) in files(&["public", "src/erp/odoo/ui"], &["js", "html"]) {
        for sink in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "srcdoc",
            "DOMParser",
            "setHTMLUnsafe",
            "createContextualFragment",
            "javascript:",
            "unsafe-inline",
            "unsafe-eval",
        ] {
            assert!(!text.contains(sink), "{}: {sink}", path.display());
        }
        for handler in [" onclick=", " onerror=", " onload="] {
            assert!(!text.contains(handler), "{}:{handler}", path.display());
        }
    }
}

/// Odoo escapes a chatter text that is plain; a procedure that marked one as HTML would switch that off.
#[test]
fn no_text_becomes_markup_in_odoos_chatter() {
    for (path, text) in files(&["src/erp/odoo/procedures"], &["py"]) {
        for word in ["Markup", "body_is_html", "<p>", "<br", "<a ", "<b>", "<ul"] {
            assert!(!text.contains(word), "{}: {word}", path.display());
        }
    }
}

/// Names in Odoo and texts at Stripe were written by others: what the commands show of them goes through
/// `terminal::plain`.
#[test]
fn one_place_writes_to_the_terminal() {
    for (path, text) in files(&["crates/cli/src"], &["rs"]) {
        let prints = ["println!", "eprint", "print!(", "io::stdout", "io::stderr"];
        let prints = prints.iter().any(|how| product(&text).contains(how));
        assert_eq!(prints, is(&path, "cli/src/terminal.rs"), "{}", path.display());
    }
}

/// `npx` fetches what is not installed, in whatever version is the newest.
#[test]
fn no_command_runs_a_program_that_it_would_have_to_fetch() {
    for (path, text) in files(&["crates/cli/src"], &["rs"]) {
        assert!(!product(&text).contains("\"npx"), "{}", path.display());
    }
    let settings = fs::read_to_string("wrangler.toml").unwrap();
    for line in ["workers_dev = true", "preview_urls = false"] {
        assert!(settings.lines().any(|known| known == line), "{line}: said on purpose, not by a default");
    }
}
