//! Set-up over RPC: `load` with external ids, accounts, journals, server actions, fields.

use quittance_sim::odoo::{Invoice, Version};

use super::replay::{Replay, step};

/// The row and column of `load`'s data where a recorded id stands.
const PARTNER: &str = "/params/args/5/1/0/3";
const JOURNAL: &str = "/params/args/5/1/0/6";
const IDS: &str = "/params/args/5/0/0";

#[test]
fn loading_twice_gives_one_record() {
    for version in Version::ALL {
        let mut replay = Replay::new(version);
        let invoice = replay.odoo.invoice(&Invoice::of("10", "USD"));
        let partner = replay.odoo.field_value("account.move", invoice, "partner_id");
        replay.know("partner", partner.to_string());
        replay.know("journal", "4");
        let load = |name| step(name).put(PARTNER, "partner").put(JOURNAL, "journal");
        replay.run(&[
            load("load-create").save("first", "/result/ids"),
            load("load-again-same-id").save("second", "/result/ids"),
            // 17 also names the payment's entry, which there comes with the draft; the simulator's comes with posting.
            step("load-imd").only(&[17]),
            step("load-imd").only(&[18, 19]).same("/result/0/complete_name").same("/result/0/noupdate"),
            load("load-bad-row"),
            load("load-goc-create").save("once", "/result/ids"),
            load("load-goc-again").save("again", "/result/ids"),
            load("load-xid-no-module"),
        ]);
        assert_eq!(replay.known["first"], replay.known["second"]);
        assert_eq!(replay.known["once"], replay.known["again"]);
        replay.know("draft", replay.known["first"][0].clone());
        replay.run(&[step("unlink-draft").put(IDS, "draft").same("/result"), step("imd-create")]);
        replay.run(&[step("imd-create-dup").says(), step("imd-resref")]);
    }
}

#[test]
fn the_records_of_set_up() {
    for version in Version::ALL {
        let mut replay = Replay::new(version);
        replay.run(&[
            step("prov-account-load"),
            step("prov-load-journal").save("journal", "/result/ids/0"),
            step("prov-load-journal-again").save("same journal", "/result/ids/0"),
            step("prov-load-action").save("action", "/result/ids/0"),
            step("prov-load-action2").save("same action", "/result/ids/0"),
            step("prov-run").put(IDS, "action").same("/result"),
            step("prov-load-field").save("field", "/result/ids/0"),
            step("prov-load-field-again").save("same field", "/result/ids/0"),
            step("account-create-fees"),
            step("journal-create-stripe"),
            step("provider-none-create"),
            step("field-create-noprefix"),
            step("entry-unbalanced").only(&[19]).says(),
        ]);
        for (one, again) in [("journal", "same journal"), ("action", "same action"), ("field", "same field")] {
            assert_eq!(replay.known[one], replay.known[again], "{one} of {version:?}");
        }
    }
}

#[test]
fn a_bank_journal_makes_its_account_and_its_payment_methods() {
    for version in Version::ALL {
        let mut replay = Replay::new(version);
        replay.run(&[step("journal-create-stripe").save("journal", "/result")]);
        let journal = replay.known["journal"].as_i64().unwrap();
        let look = |column: &str| replay.odoo.field_value("account.journal", journal, column);
        let account = look("default_account_id").as_i64().unwrap();
        let (into, out) = (look("inbound_payment_method_line_ids"), look("outbound_payment_method_line_ids"));
        assert_eq!(replay.odoo.field_value("account.account", account, "account_type"), "asset_cash");
        assert_eq!((into.as_array().unwrap().len(), out.as_array().unwrap().len()), (1, 1));
        replay.know("in", into[0].clone());
        replay.know("out", out[0].clone());
        replay.know("account", account);
        replay.run(&[step("pml-set-account")
            .put("/params/args/5/0/0", "in")
            .put("/params/args/5/0/1", "out")
            .put("/params/args/5/1/payment_account_id", "account")]);
        let set =
            replay.odoo.field_value("account.payment.method.line", into[0].as_i64().unwrap(), "payment_account_id");
        assert_eq!(set, account);
    }
}

#[test]
fn what_a_server_action_gives() {
    for version in Version::ALL {
        let mut replay = Replay::new(version);
        replay.run(&[step("prov-load-action").save("action", "/result/ids/0")]);
        let action = replay.known["action"].as_i64().unwrap();
        for (code, name) in [
            ("raise UserError('boom')", "server-action-probe-raise"),
            ("action = 42", "server-action-probe-scalar"),
            ("action = [1, 2]", "server-action-probe-list"),
        ] {
            replay.odoo.poke("ir.actions.server", action, "code", code.into());
            let run = step(name).put(IDS, "action");
            replay.run(&[if name.ends_with("raise") { run.says() } else { run.same("/result") }]);
        }
    }
}
