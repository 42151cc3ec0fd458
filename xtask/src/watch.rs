//! Runs a part of the tests with its output shown and read: no secret that the tests use may stand in it.

use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};

use anyhow::{Context, Result, bail};
use quittance_sim::odoo::{ADMIN_KEY, CLERK_KEY};

use crate::run;

/// Values of fixed secrets in the tests; others are known by their form.
const KNOWN: [&str; 2] = [ADMIN_KEY, CLERK_KEY];

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
        if let Some(kind) = secret(&String::from_utf8_lossy(&line)) {
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
    fn a_line_with_a_secret_is_told_by_its_number() {
        let (found, leaks) = channel();
        copy(&b"all is well\nkey sk_live_0123456789\n"[..], std::io::sink(), &found);
        drop(found);
        assert_eq!(leaks.iter().collect::<Vec<_>>(), [(2, "a key of Stripe's")]);
    }
}
