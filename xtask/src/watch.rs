//! Runs a part of the tests with its output shown and read: no secret that the tests use may stand in it.

use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, channel};

use anyhow::{Context, Result, bail};

use crate::run;

/// Values of fixed secrets in the tests, the keys of the simulated Odoo; others are known by their form.
const KNOWN: [&str; 2] = ["sim-admin-key", "sim-clerk-key"];

/// Tests that passed and that did not run since these were read last, by the closing lines of cargo's and node's test programs.
static PASSED: AtomicUsize = AtomicUsize::new(0);
static SKIPPED: AtomicUsize = AtomicUsize::new(0);

/// `1,012 passed, 6 not run`, and begins to count anew; `None` where no test program ran.
pub fn counts() -> Option<String> {
    let (passed, skipped) = (PASSED.swap(0, Relaxed), SKIPPED.swap(0, Relaxed));
    (passed + skipped > 0).then(|| format!("{passed} passed, {skipped} not run"))
}

fn count(line: &str) {
    let line = line.trim();
    if let Some(told) = line.strip_prefix("test result: ok. ") {
        for part in told.split("; ") {
            match part.split_once(' ').map(|(number, what)| (number.parse().unwrap_or(0), what)) {
                Some((number, "passed")) => PASSED.fetch_add(number, Relaxed),
                Some((number, "ignored")) => SKIPPED.fetch_add(number, Relaxed),
                _ => 0,
            };
        }
    }
    for (start, sum) in [("ℹ pass ", &PASSED), ("# pass ", &PASSED), ("ℹ skipped ", &SKIPPED), ("# skipped ", &SKIPPED)]
    {
        if let Some(number) = line.strip_prefix(start).and_then(|number| number.parse::<usize>().ok()) {
            sum.fetch_add(number, Relaxed);
        }
    }
}

/// [`run::run`], which fails also when a line holds a secret. The failing line's number is told, not the line.
pub fn run(what: &str, command: &mut Command) -> Result<()> {
    if std::io::stdout().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let (found, leaks) = channel();
    run::timed(what, || {
        let mut child = command.spawn().with_context(|| run::cannot_start(command))?;
        let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) else { bail!("{what}: no output") };
        std::thread::scope(|scope| {
            let other = found.clone();
            scope.spawn(move || copy(err, std::io::stderr(), &other));
            copy(out, std::io::stdout(), &found);
        });
        child.wait().with_context(|| run::cannot_start(command))
    })?;
    drop(found);
    clean(what, &leaks)
}

/// Shows what was said earlier; an error when a line holds a secret.
pub fn show(what: &str, said: impl Read) -> Result<()> {
    let (found, leaks) = channel();
    copy(said, std::io::stdout(), &found);
    drop(found);
    clean(what, &leaks)
}

fn clean(what: &str, leaks: &Receiver<(usize, &'static str)>) -> Result<()> {
    match leaks.iter().next() {
        None => Ok(()),
        Some((line, kind)) => bail!("{what}: line {line} of the output holds {kind}"),
    }
}

fn copy(from: impl Read, mut to: impl Write, found: &Sender<(usize, &'static str)>) {
    let mut lines = BufReader::new(from);
    let (mut line, mut number) = (Vec::new(), 0);
    while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        number += 1;
        let text = String::from_utf8_lossy(&line);
        count(&text);
        if let Some(kind) = secret(&text) {
            // Nobody listens any more only when the part is over.
            let _ = found.send((number, kind));
        }
        // A closed terminal is no reason to fail.
        let _ = to.write_all(&line);
        line.clear();
    }
}

/// What kind of secret a line holds, if any.
fn secret(line: &str) -> Option<&'static str> {
    if KNOWN.iter().any(|known| line.contains(known)) {
        return Some("a key of the tests");
    }
    line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').find_map(|word| {
        let long = |prefix: &str, least: usize| word.strip_prefix(prefix).is_some_and(|rest| rest.len() >= least);
        // A name that begins like one is made of words.
        let digits = word.bytes().any(|byte| byte.is_ascii_digit());
        let key = ["sk_live_", "sk_test_", "rk_live_", "rk_test_"].iter().any(|prefix| long(prefix, 3));
        if long("whsec_", 16) && digits {
            Some("a webhook's signing secret")
        } else if key {
            Some("a key of Stripe's")
        } else if word.contains("_secret_") && ["pi_", "seti_", "cuss_"].iter().any(|prefix| word.starts_with(prefix)) {
            Some("a client secret")
        } else {
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_value_or_form() {
        assert_eq!(KNOWN, [quittance_sim::odoo::ADMIN_KEY, quittance_sim::odoo::CLERK_KEY]);
        for line in [
            "ODOO_API_KEY=sim-clerk-key",
            "{\"authorization\":\"Bearer sk_test_sim\"}",
            "secret whsec_test_of_the_door_0123456789abcdef\n",
            "\"client_secret\": \"pi_3QaX_secret_abc\"",
        ] {
            assert!(secret(line).is_some(), "{line}");
        }
        for line in [
            "test stripe::signature::tests::every_vector ... ok",
            "test config::webhook::tests::whsec_placeholders_are_no_secrets ... ok",
            "webhook_secret_missing pi_3QaX sk_test_ whsec_…",
        ] {
            assert_eq!(secret(line), None, "{line}");
        }
    }

    #[test]
    fn closing_lines_are_counted() {
        for line in [
            "test result: ok. 65 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 62.41s",
            "test result: FAILED. 9 passed; 1 failed; 0 ignored",
            "ℹ pass 7",
            "# skipped 1",
        ] {
            count(line);
        }
        assert_eq!(counts().as_deref(), Some("72 passed, 3 not run"));
        assert_eq!(counts(), None);
    }

    #[test]
    fn a_line_with_a_secret_is_told_by_its_number() {
        let (found, leaks) = channel();
        copy(&b"all is well\nkey sk_live_0123456789\n"[..], std::io::sink(), &found);
        drop(found);
        assert_eq!(leaks.iter().collect::<Vec<_>>(), [(2, "a key of Stripe's")]);
    }
}
