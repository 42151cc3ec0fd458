//! `/jsonrpc` itself: log-in, errors, bodies that are none, and what stands beside it.

use quittance_sim::odoo::{Fault, Invoice, Rule, Version};

use super::replay::{Replay, step};

#[test]
fn versions_and_log_in() {
    for version in Version::ALL {
        Replay::new(version).run(&[
            step("common-version").same("/result/server_serie").same("/result/server_version_info"),
            step("authenticate-password").same("/result"),
            step("authenticate-apikey").same("/result"),
            step("authenticate-wrong-password").same("/result"),
            step("authenticate-unknown-login").same("/result"),
            step("authenticate-wrong-db"),
            step("execute-wrong-db"),
            step("execute-wrong-password").says(),
            step("whoami-context").same("/result"),
        ]);
    }
}

#[test]
fn calls_that_make_no_sense() {
    for version in Version::ALL {
        Replay::new(version).run(&[
            step("execute-unknown-model").says(),
            step("execute-unknown-method").says(),
            step("execute-private-method").says(),
            step("execute-unknown-field").says(),
            step("execute-bad-kwarg").says(),
            step("read-missing-id").same("/result"),
            step("allowed-bad").says(),
            step("jsonrpc-bad-json"),
            step("jsonrpc-unknown-service").says(),
            step("jsonrpc-missing-params"),
            step("jsonrpc-text-plain"),
            step("jsonrpc-get"),
        ]);
    }
}

#[test]
fn health_and_a_database_that_is_down() {
    for version in Version::ALL {
        let mut replay = Replay::new(version);
        replay.run(&[step("web-health").same("")]);
        replay.odoo.dial.add(Rule::always(Fault::DatabaseDown));
        replay.run(&[
            step("db-down-0"),
            step("web-health").same(""),
            step("web-health-db").same(""),
            step("json2-db-down").only(&[19]),
        ]);
        replay.odoo.dial.clear();
        replay.run(&[step("db-back-0")]);
    }
}

#[test]
fn a_row_that_others_hold() {
    for version in Version::ALL {
        let mut replay = Replay::new(version);
        let invoice = replay.odoo.invoice(&Invoice::of("10", "USD"));
        replay.know("invoice", invoice);
        replay.odoo.dial.add(Rule::always(Fault::Serialization));
        replay.run(&[
            step("serialization-exhausted-write").put("/params/args/5/0/0", "invoice").says().only(&[18, 19]),
            step("json2-serialization").put("/ids/0", "invoice").says().only(&[19]),
        ]);
    }
}
