//! Each way in which the books can differ is found, named, and explains its part of the difference.

use quittance::erp::odoo::books::Stray;
use quittance_cli::verify::compare::{StrayEntry, minor};
use quittance_cli::verify::finding::Cause;
use quittance_cli::verify::section::Section;

use crate::both_sides::{BothSides, currency, sum, told, transaction, usd};

/// Every section must add up, whatever is in it.
fn sound(section: &Section) {
    assert_eq!(section.explained() + section.unexplained, section.difference());
    assert_eq!(section.unexplained, 0, "{section:?}");
}

fn findings(known: &BothSides) -> Vec<String> {
    let section = known.compare();
    sound(&section);
    told(&section)
}

#[test]
fn whole_books_hold() {
    let section = BothSides::whole(40).compare();
    sound(&section);
    assert!(section.holds(), "{section:?}");
    assert_eq!((section.movements, section.equal, section.difference()), (40, 40, 0));
    assert_eq!(section.stripe(), 5_000 + 82_000);
    assert_eq!(section.balance, Some((86_930, 70)));
}

#[test]
fn nothing_at_all_holds() {
    let mut known = BothSides::whole(0);
    known.opening = 0;
    known.totals.openings.clear();
    assert!(known.compare().holds());
    assert!(known.compare().is_empty());
}

/// The sums are right, and yet the count is not: two entries of ours that nobody looked at cancel each other.
#[test]
fn as_many_entries_as_stripe_has_movements() {
    let mut known = BothSides::whole(3);
    let sides = known.compare();
    assert!(sides.counts_match() && sides.entries == 3);
    known.uncounted = 2;
    let section = known.compare();
    assert!(section.unexplained == 0 && !section.counts_match() && !section.holds(), "{section:?}");
}

#[test]
fn what_ignored_databases_have_is_named_and_no_fault() {
    let mut known = BothSides::whole(5);
    known.unbook("txn_002");
    known.ignored.insert("txn_002".into(), "shop_b".into());
    assert_eq!(findings(&known), ["IgnoredDatabase -2.00 txn_002"]);
    let section = known.compare();
    assert!(section.holds() && section.findings[0].detail == "shop_b");
    known.unbook("txn_004");
    assert!(!known.compare().holds(), "another is missing");
}

#[test]
fn what_is_not_booked() {
    let mut known = BothSides::whole(5);
    known.unbook("txn_002");
    known.unbook("txn_004");
    known.parked.insert("txn_004".into(), "currency_inactive".into());
    assert_eq!(findings(&known), ["NotPosted -2.00 txn_002", "Parked -4.00 txn_004"]);
    assert_eq!(known.compare().findings[1].detail, "currency_inactive");
    assert!(!known.compare().holds());
}

#[test]
fn a_transaction_of_nothing_needs_its_entry_all_the_same() {
    let mut known = BothSides::whole(1);
    known.add(transaction("txn_free", 0), "2026-11-02");
    assert!(known.compare().holds());
    known.unbook("txn_free");
    assert_eq!(findings(&known), ["NotPosted 0.00 txn_free"]);
    assert!(!known.compare().holds());
}

#[test]
fn what_was_done_to_entries() {
    let mut known = BothSides::whole(6);
    let deleted = known.entry("txn_001");
    (deleted.name, deleted.state, deleted.date) = (None, None, None);
    deleted.sums.clear();
    known.entry("txn_002").state = Some("draft".into());
    known.entry("txn_003").state = Some("cancel".into());
    known.entry("txn_004").sums = vec![sum(450, usd())];
    known.entry("txn_005").sums.clear();
    let want = [
        "Deleted -1.00 txn_001",
        "Draft -2.00 txn_002",
        "Cancelled -3.00 txn_003",
        "Changed 0.50 txn_004",
        "Changed -5.00 txn_005",
    ];
    assert_eq!(findings(&known), want);
    assert_eq!(known.compare().equal, 1);
}

#[test]
fn differences_that_cancel_are_differences() {
    let mut known = BothSides::whole(4);
    known.unbook("txn_003");
    known.foreign(7, 300, "2026-11-05");
    let section = known.compare();
    assert_eq!(section.difference(), 0);
    assert_eq!(findings(&known), ["NotPosted -3.00 txn_003", "Foreign 3.00 MISC/7"]);
    assert!(!section.holds());
}

#[test]
fn foreign_lines_tell_who_and_which() {
    let mut known = BothSides::whole(2);
    known.foreign(7, -120, "2026-11-05");
    let section = known.compare();
    sound(&section);
    let finding = &section.findings[0];
    assert_eq!((finding.cause, finding.amount.minor), (Cause::Foreign, -120));
    assert_eq!((finding.detail.as_str(), finding.lines.as_slice()), ("by hand, by Ada", &[70][..]));
}

#[test]
fn a_revaluation_moves_no_amount() {
    let mut known = BothSides::whole(2);
    known.foreign(7, 0, "2026-11-30");
    assert!(known.compare().holds());
}

#[test]
fn one_entry_for_two() {
    let mut known = BothSides::whole(3);
    let first = known.entry("txn_001").clone();
    let second = known.entry("txn_002");
    (second.id, second.name, second.sums) = (first.id, first.name, first.sums);
    assert_eq!(findings(&known), ["Shared -2.00 txn_002"]);
}

#[test]
fn the_opening() {
    let mut known = BothSides::whole(3);
    known.open(5_000, "draft");
    assert_eq!(findings(&known), ["OpeningDraft -50.00 STRP/0"]);
    known.open(4_000, "draft");
    assert_eq!(findings(&known), ["OpeningDraft -40.00 STRP/0", "OpeningDiffers -10.00 STRP/0"]);
    known.open(5_100, "posted");
    assert_eq!(findings(&known), ["OpeningDiffers 1.00 STRP/0"]);
    known.open(5_000, "cancel");
    assert_eq!(findings(&known), ["OpeningMissing -50.00 "]);
    known.totals.openings.clear();
    assert_eq!(findings(&known), ["OpeningMissing -50.00 "]);
    known.opening = 0;
    assert!(known.compare().holds());
    known.open(0, "draft");
    assert!(known.compare().holds(), "a draft of nothing is nothing");
}

#[test]
fn a_past_day_counts_what_happened_and_what_was_booked_until_then() {
    let mut known = BothSides::whole(10);
    known.at = Some("2026-11-06".into());
    let section = known.compare();
    assert!(section.holds() && section.balance.is_none());
    assert_eq!((section.movements, section.stripe()), (6, 5_000 + 2_100));
    known.entry("txn_004").date = Some("2026-11-07".into());
    known.entry("txn_008").date = Some("2026-11-02".into());
    known.entry("txn_002").date = Some("2026-11-03".into());
    known.unbook("txn_009");
    assert_eq!(findings(&known), ["DateMoved -4.00 txn_004", "DateMoved 8.00 txn_008"]);
    let section = known.compare();
    assert!(section.holds(), "differences of time are explained");
    let timing: Vec<&str> = section.timing.iter().map(|t| t.transaction.as_str()).collect();
    assert_eq!(timing, ["txn_002", "txn_004", "txn_008"]);
    known.unbook("txn_005");
    assert!(!known.compare().holds());
}

#[test]
fn a_past_day_takes_the_opening_from_its_entry() {
    let mut known = BothSides::whole(2);
    known.at = Some("2026-11-20".into());
    known.open(7_000, "posted");
    assert!(known.compare().holds());
    known.open(7_000, "draft");
    assert_eq!(findings(&known), ["OpeningDraft -70.00 STRP/0"]);
}

#[test]
fn moved_and_changed_is_changed() {
    let mut known = BothSides::whole(3);
    known.at = Some("2026-11-02".into());
    let late = known.entry("txn_002");
    (late.date, late.sums) = (Some("2026-11-09".into()), vec![sum(1, usd())]);
    let early = known.entry("txn_003");
    (early.date, early.sums) = (Some("2026-11-01".into()), vec![sum(1, usd())]);
    assert_eq!(findings(&known), ["Changed -2.00 txn_002", "Changed 0.01 txn_003"]);
}

#[test]
fn strays_are_told_by_what_stripe_says_of_them() {
    let mut known = BothSides::whole(2);
    let causes = [Cause::Newer, Cause::BeforeCutOver, Cause::NotInStripe];
    for (n, cause) in (1..).zip(causes) {
        let key = format!("stripe:acct_1:txn_s{n}:settled");
        let (name, date, state) = (format!("STRP/9{n}"), "2026-11-20".into(), "posted".into());
        let stray = Stray { key, id: 90 + n, name, state, date, sums: vec![sum(n * 11, usd())] };
        known.strays.push(StrayEntry { stray, cause });
    }
    let want = ["Newer 0.11 txn_s1", "BeforeCutOver 0.22 txn_s2", "NotInStripe 0.33 txn_s3"];
    assert_eq!(findings(&known), want);
    known.strays.truncate(1);
    assert!(known.compare().holds());
    known.strays[0].stray.state = "draft".into();
    assert!(findings(&known).is_empty());
}

#[test]
fn other_accounts_and_other_balances_are_left_out() {
    let mut known = BothSides::whole(3);
    known.others = 12_345;
    known.opening = 5_000;
    known.transactions[1].balance_type = Some("issuing".into());
    assert_eq!(findings(&known), ["OtherBalance 2.00 txn_002"]);
    known.unbook("txn_002");
    let section = known.compare();
    assert!(section.holds() && section.movements == 2, "{section:?}");
    known.transactions[0].balance_type = None;
    assert_eq!(known.compare().movements, 2, "without a type it is of the only balance there was");
}

/// The opening entry is of all accounts that are booked in its company, the proof of one.
#[test]
fn what_other_accounts_had_at_the_cut_over_is_theirs() {
    let mut known = BothSides::whole(3);
    known.open(5_000 + 700, "posted");
    assert_eq!(findings(&known), ["OpeningDiffers 7.00 STRP/0"]);
    known.openings.insert(usd(), 700);
    let section = known.compare();
    assert!(section.holds() && section.difference() == 0 && section.others == 700, "{section:?}");
    known.open(5_000 + 700, "draft");
    assert_eq!(findings(&known), ["OpeningDraft -50.00 STRP/0"]);
    known.at = Some("2026-11-20".into());
    known.open(5_000 + 700, "posted");
    let section = known.compare();
    assert!(section.holds() && section.opening == 5_000, "{section:?}");
}

#[test]
fn an_entry_on_the_account_of_another_currency() {
    let mut known = BothSides::whole(2);
    let eur = currency("EUR");
    known.add(quittance_cli::verify::stripe::Transaction { currency: eur, ..transaction("txn_e", 700) }, "2026-11-03");
    known.entry("txn_e").sums = vec![sum(800, usd())];
    assert_eq!(findings(&known), ["OtherCurrency 8.00 txn_e"]);
    let section = known.section(eur);
    assert_eq!(told(&section)[0], "Changed -7.00 txn_e");
}

#[test]
fn what_was_posted_while_it_was_read_is_not_explained() {
    let mut known = BothSides::whole(2);
    known.meanwhile = 250;
    let section = known.compare();
    assert_eq!((section.unexplained, section.difference()), (250, 250));
    assert!(!section.holds());
}

#[test]
fn amounts_finer_than_stripes_are_an_error() {
    assert_eq!(minor("10.99".parse().unwrap(), usd()), Ok(1099));
    assert_eq!(minor("10.990".parse().unwrap(), usd()), Ok(1099));
    assert!(minor("10.995".parse().unwrap(), usd()).is_err());
    assert!(minor("0.5".parse().unwrap(), currency("JPY")).is_err());
    assert_eq!(minor("12".parse().unwrap(), currency("ISK")), Ok(1200));
}
