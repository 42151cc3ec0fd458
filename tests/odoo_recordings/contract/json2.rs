//! `/json/2` of Odoo 19.

use quittance_sim::odoo::{Invoice, Version};

use super::replay::{Replay, step};

#[test]
fn values_come_bare() {
    let mut replay = Replay::new(Version::V19);
    let invoice = replay.odoo.invoice(&Invoice::of("41", "USD"));
    replay.know("invoice", invoice);
    replay.run(&[
        step("partner-create").save("partner", "/result"),
        step("json2-search_read").same("/0/name"),
        step("json2-create-one"),
        step("json2-create-list"),
        step("json2-read").put("/ids/0", "partner").same("/0/name"),
        step("json2-write").put("/ids/0", "partner").same(""),
        step("json2-read-missing").same(""),
        step("json2-no-db-header"),
        step("json2-move-read").put("/ids/0", "invoice"),
        step("json2-portal-url").put("/ids/0", "invoice"),
        step("json2-context_get").same(""),
        step("json2-multi-ids-post").put("/ids/0", "invoice").put("/ids/1", "invoice"),
        step("json-version").same(""),
        step("web-version").same(""),
    ]);
    let partner = replay.known["partner"].to_string();
    replay.know("partner text", partner);
    replay.know("journal text", "4");
    replay.run(&[step("json2-load").put("/data/0/3", "partner text").put("/data/0/6", "journal text")]);
}

#[test]
fn errors_have_a_status_and_a_name() {
    let mut replay = Replay::new(Version::V19);
    let invoice = replay.odoo.invoice(&Invoice::of("41", "USD"));
    replay.know("invoice", invoice);
    replay.run(&[
        step("json2-create-wrongarg").says(),
        step("json2-write-missing").says(),
        step("json2-post-missing").says(),
        step("json2-no-key").says(),
        step("json2-bad-key").key("no-such-key").says(),
        step("json2-basic-auth").header("Authorization", "Basic YWRtaW46YWRtaW4=").says(),
        step("json2-wrong-db"),
        step("json2-other-db"),
        step("json2-unknown-model").says(),
        step("json2-unknown-method").says(),
        step("json2-private-method").says(),
        step("json2-unknown-arg").says(),
        step("json2-missing-arg").says(),
        step("json2-positional").says(),
        step("json2-bad-json"),
        step("json2-ids-on-model-method").says(),
        step("json2-bad-field").says(),
        step("json2-bad-domain").says(),
        step("json2-get").says(),
        step("json2-form-ct"),
        step("json2-missing-content").says(),
        step("json2-allowed-company").says(),
        step("json2-validation-double-post").put("/ids/0", "invoice"),
        step("imd-create"),
        step("json2-unique").says(),
    ]);
}
