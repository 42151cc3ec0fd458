//! What a user may do, by group.

use quittance_sim::odoo::{Invoice, Version};

use super::replay::{Replay, Step, step};

const IDS: &str = "/params/args/5/0/0";
const UID: &str = "/params/args/1";

/// A database with a posted and a draft invoice, and one user of these groups.
fn with_user(version: Version, groups: &[&str]) -> Replay {
    let mut replay = Replay::new(version);
    let user = replay.odoo.user("somebody", "somebody-key", groups);
    let posted = replay.odoo.invoice(&Invoice::of("100", "USD"));
    let draft = replay.odoo.invoice(&Invoice { draft: true, ..Invoice::of("100", "USD") });
    let partner = replay.odoo.field_value("account.move", posted, "partner_id");
    replay.know("user", user);
    replay.know("posted", posted);
    replay.know("draft", draft);
    replay.know("partner", partner);
    replay
}

fn as_user(name: &'static str) -> Step {
    step(name).key("somebody-key").put(UID, "user")
}

#[test]
fn invoicing_reads_posts_and_links_but_sets_nothing_up() {
    for version in Version::ALL {
        with_user(version, &["base.group_user", "account.group_account_invoice"]).run(&[
            as_user("acl-invoice-move-read").put(IDS, "posted"),
            as_user("acl-invoice-portal-url").put(IDS, "posted"),
            as_user("acl-invoice-partner-write").put(IDS, "partner"),
            as_user("acl-invoice-journal-read"),
            as_user("acl-invoice-imd"),
            as_user("acl-invoice-imd-read"),
            as_user("acl-invoice-post-invoice").put(IDS, "draft"),
            as_user("acl-invoice-server-action-create"),
            as_user("acl-invoice-field-create"),
            as_user("acl-invoice-chatter").put(IDS, "posted"),
        ]);
    }
}

#[test]
fn a_plain_user_may_nothing() {
    for version in Version::ALL {
        with_user(version, &["base.group_user"]).run(&[
            as_user("acl-none-move-read").put(IDS, "posted"),
            as_user("acl-none-portal-url").put(IDS, "posted"),
            as_user("acl-none-partner-write").put(IDS, "partner"),
            as_user("acl-none-journal-read"),
            as_user("acl-none-load"),
            as_user("acl-none-imd"),
            as_user("acl-none-entry"),
            as_user("acl-none-post-invoice").put(IDS, "draft"),
            as_user("acl-none-tx-read"),
            as_user("acl-none-server-action-create"),
            as_user("acl-none-field-create"),
            as_user("acl-none-chatter").put(IDS, "posted"),
        ]);
    }
}

#[test]
fn a_read_only_accountant_reads_and_links() {
    for version in Version::ALL {
        with_user(version, &["base.group_user", "account.group_account_readonly"]).run(&[
            as_user("acl-readonly-move-read").put(IDS, "posted"),
            as_user("acl-readonly-portal-url").put(IDS, "posted"),
            as_user("acl-readonly-journal-read"),
            as_user("acl-readonly-load"),
            as_user("acl-readonly-imd"),
            as_user("acl-readonly-post-invoice").put(IDS, "draft"),
            as_user("acl-readonly-server-action-create"),
        ]);
    }
}
