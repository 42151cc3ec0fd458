//! Invoices and payments over `/jsonrpc`, step by step as they were recorded.

use quittance_sim::odoo::{Invoice, Version};
use serde_json::json;

use super::replay::{Replay, step};

/// The first positional argument, as `execute_kw` carries it.
const IDS: &str = "/params/args/5/0/0";

#[test]
fn an_invoice_from_draft_to_its_link() {
    for version in Version::ALL {
        let mut replay = Replay::new(version);
        replay.run(&[
            step("partner-create").save("partner", "/result"),
            step("partner-search-read").same("/result/0/name").same("/result/0/lang"),
            step("move-create").put("/params/args/5/0/partner_id", "partner").save("move", "/result"),
            step("move-action-post").put(IDS, "move").same("/result"),
            step("move-action-post-again").put(IDS, "move").says(),
            step("move-read")
                .put(IDS, "move")
                .same("/result/0/name")
                .same("/result/0/amount_residual")
                .same("/result/0/access_token")
                .same("/result/0/payment_reference"),
            step("portal-get-url").put(IDS, "move"),
            step("portal-get-url2").put("/params/args/5/0", "move"),
            step("action-invoice-sent").put(IDS, "move"),
            step("move-read-token").put(IDS, "move").same("/result/0/access_url"),
            step("move-write-token-posted").put(IDS, "move").same("/result"),
            step("message-post").put(IDS, "move"),
        ]);
    }
}

#[test]
fn what_stands_in_a_database() {
    for version in Version::ALL {
        Replay::new(version).run(&[
            step("currency-search-read").same("/result/0/name").same("/result/0/rounding"),
            step("company").same("/result/0/currency_id"),
            step("journals"),
            step("pml").same("/result/0/code"),
            step("web-base-url"),
            step("set-param").same("/result"),
        ]);
    }
}

#[test]
fn a_payment_from_draft_to_cancelled() {
    for version in Version::ALL {
        let mut replay = Replay::new(version);
        let invoice = replay.odoo.invoice(&Invoice::of("75", "USD"));
        replay.know("invoice", invoice);
        let partner = replay.odoo.field_value("account.move", invoice, "partner_id");
        replay.know("partner", partner);
        replay.know("journal", 4);
        replay.run(&[
            step("payment-create-direct")
                .put("/params/args/5/0/partner_id", "partner")
                .put("/params/args/5/0/journal_id", "journal")
                .save("payment", "/result"),
            step("payment-action-post").put(IDS, "payment"),
        ]);
        let payment = replay.known["payment"].as_i64().unwrap();
        let entry = replay.odoo.field_value("account.payment", payment, "move_id").as_i64().unwrap();
        let lines = replay.odoo.field_value("account.move", entry, "line_ids");
        replay.know("line", lines[1].clone());
        replay.run(&[
            step("js-assign").put(IDS, "invoice").put("/params/args/5/1", "line"),
            step("assign-again").put(IDS, "invoice").put("/params/args/5/1", "line"),
            step("post-again").put(IDS, "payment"),
        ]);
        assert_eq!(replay.odoo.payments()[0].invoices, [invoice]);
        replay.run(&[step("payment-cancel-on-paid").put(IDS, "payment")]);
        assert_eq!(replay.odoo.payment_state(invoice), "not_paid");
        replay.odoo.delete_payment(payment);
        assert_eq!(json!(replay.odoo.payments().len()), json!(0));
    }
}
