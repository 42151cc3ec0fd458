//! Where each type and category of balance transaction stands.

use std::collections::BTreeSet;

use quittance::movement::Counter::{self, *};
use quittance::stripe::balance::table::Route::{self, Account, Document};
use quittance::stripe::balance::table::SettledDocument::{self, Dispute, Failure, RefundFailure, Release};
use quittance::stripe::balance::table::{ADJUSTMENTS, TYPES, route};

fn plain(kind: &str, category: &str) -> Route {
    route(kind, category, &[])
}

/// Held against the types that Stripe publishes.
#[test]
fn every_type_of_the_api_version_has_its_row() {
    let page: serde_json::Value =
        serde_json::from_str(include_str!("../fixtures/stripe/balance_transaction_types.json")).unwrap();
    let published: BTreeSet<&str> = page["types"].as_array().unwrap().iter().map(|t| t.as_str().unwrap()).collect();
    let rows: BTreeSet<&str> = TYPES.iter().map(|(kind, _)| *kind).collect();
    assert_eq!((rows.len(), TYPES.len()), (52, 52));
    assert_eq!(rows, published);
    for (kind, row) in TYPES {
        assert_eq!(plain(kind, "whatever"), *row, "{kind}");
    }
}

/// What is expected of each type and of each category of an adjustment stands beside Stripe's list, and not in the table.
#[test]
fn each_type_and_category_stands_where_an_accountant_expects_it() {
    let page: serde_json::Value =
        serde_json::from_str(include_str!("../fixtures/stripe/balance_transactions_expected.json")).unwrap();
    let said = |route: Route| match route {
        Account(counter) => counter.name().to_owned(),
        Document(settles) => format!(
            "settles {}",
            match settles {
                SettledDocument::Charge | Release => "receipt",
                Failure => "reversal",
                SettledDocument::Refund => "refund",
                RefundFailure => "refund_failure",
                Dispute => "dispute",
            }
        ),
    };
    let rows = |name: &str| page[name].as_object().unwrap().clone();
    assert_eq!(rows("types").len(), TYPES.len());
    for (kind, expected) in rows("types").iter().filter(|(kind, _)| *kind != "adjustment") {
        assert_eq!(said(plain(kind, "")), expected.as_str().unwrap(), "{kind}");
    }
    for (category, expected) in rows("adjustments") {
        assert_eq!(said(plain("adjustment", &category)), expected.as_str().unwrap(), "{category}");
    }
    assert!(ADJUSTMENTS.iter().all(|(category, _)| page["adjustments"][category].is_string()));
}

/// Money of an unknown kind is nobody's fee.
#[test]
fn only_fees_are_fees_and_what_is_unknown_is_suspense() {
    let fees: Vec<&str> = TYPES.iter().filter(|(_, row)| *row == Account(Fees)).map(|(kind, _)| *kind).collect();
    assert_eq!(fees, ["stripe_fee", "stripe_fx_fee", "tax_fee"]);
    let adjusted: Vec<&str> = ADJUSTMENTS.iter().filter(|(_, row)| *row == Account(Fees)).map(|(c, _)| *c).collect();
    assert_eq!(adjusted, ["fee", "network_cost"]);
    for (kind, category) in
        [("lunar_dividend", "fee"), ("", ""), ("adjustment", "other_adjustment"), ("adjustment", "tax")]
    {
        assert_eq!(plain(kind, category), Account(Suspense), "{kind} {category}");
    }
}

#[test]
fn the_category_says_what_an_adjustment_or_a_release_is() {
    for (kind, category, row) in [
        ("adjustment", "dispute", Document(Dispute)),
        ("adjustment", "dispute_reversal", Document(Dispute)),
        ("adjustment", "refund_failure", Document(RefundFailure)),
        ("adjustment", "charge_failure", Document(Failure)),
        ("adjustment", "risk_reserved_funds", Account(Reserves)),
        ("adjustment", "financing_payout", Account(Loan)),
        ("refund", "partial_capture_reversal", Document(Release)),
        ("payment_refund", "partial_capture_reversal", Document(Release)),
    ] {
        assert_eq!(plain(kind, category), row, "{kind} {category}");
    }
}

#[test]
fn the_user_maps_types_and_categories_but_never_a_document() {
    let overrides: Vec<(String, Counter)> = [("climate_order_purchase", Fees), ("topup", Suspense), ("lunar", Loan)]
        .map(|(name, counter)| (name.to_owned(), counter))
        .to_vec();
    for (kind, category, counter) in [
        ("climate_order_purchase", "climate_order_purchase", Fees),
        ("climate_order_refund", "climate_order_refund", Suspense),
        ("topup", "topup", Suspense),
        ("adjustment", "topup", Suspense),
        ("lunar_dividend", "lunar", Loan),
        // A type is looked for before a category.
        ("topup", "lunar", Suspense),
    ] {
        assert_eq!(route(kind, category, &overrides), Account(counter), "{kind} {category}");
    }
    let all: Vec<(String, Counter)> = TYPES.iter().map(|(kind, _)| ((*kind).to_owned(), Suspense)).collect();
    for (kind, row) in TYPES {
        let expected = if matches!(row, Document(_)) { *row } else { Account(Suspense) };
        assert_eq!(route(kind, "", &all), expected, "{kind}");
    }
    assert_eq!(route("adjustment", "dispute", &all), Document(Dispute));
}
