//! Tables held against fixtures that were written beside Stripe's lists (tests/fixtures/stripe/expected), row by row: the
//! ordinary rows are expected as the special ones are.

use std::collections::BTreeMap;

use quittance::money::{Currency, Money};
use quittance::stripe::map::{EVENT_TYPES, Reading, Scope, read_event};
use serde_json::{Value, json};

use super::*;

/// Rows of a fixture: cells between tabs.
fn rows(name: &str) -> Vec<Vec<String>> {
    let path = format!("{}/tests/fixtures/stripe/expected/{name}.tsv", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

/// Every three letters: the places of what Stripe lists are those of its page, and any other code has two.
#[test]
fn every_currency_has_the_places_of_stripes_page() {
    let expected: BTreeMap<String, Vec<String>> =
        rows("currencies").into_iter().map(|row| (row[0].clone(), row)).collect();
    assert!(expected.len() >= 135, "{} currencies", expected.len());
    let letters = || (b'A'..=b'Z').map(char::from);
    for code in letters().flat_map(|a| letters().flat_map(move |b| letters().map(move |c| format!("{a}{b}{c}")))) {
        let currency: Currency = code.parse().unwrap();
        let (exponent, amount, step) = match expected.get(&code) {
            Some(row) => (row[1].as_str(), row[2].as_str(), row[3].as_str()),
            None => ("2", "123.45", "0.01"),
        };
        let has = (currency.exponent().to_string(), Money::new(12_345, currency).to_decimal().to_string());
        assert_eq!((has.0.as_str(), has.1.as_str()), (exponent, amount), "{code}");
        assert_eq!(currency.step().to_string(), step, "{code}");
    }
    for currency in Currency::all() {
        assert!(expected.contains_key(currency.code()), "{currency} is no currency of Stripe's");
    }
}

/// Stripe's page, as the fixture of it has it, and the rows agree.
#[test]
fn the_expected_currencies_are_those_of_stripes_page() {
    let path = format!("{}/tests/fixtures/stripe/currencies.json", env!("CARGO_MANIFEST_DIR"));
    let page: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let listed = |name: &str| -> Vec<String> {
        page[name].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect()
    };
    let of = |exponent: &str| -> Vec<String> {
        rows("currencies").into_iter().filter(|row| row[1] == exponent).map(|row| row[0].clone()).collect()
    };
    assert_eq!((of("0"), of("3")), (listed("zero_decimal"), listed("three_decimal_last_digit_zero")));
    let whole: Vec<String> =
        rows("currencies").into_iter().filter(|row| row[1] == "2" && row[3] == "1").map(|row| row[0].clone()).collect();
    assert_eq!(whole, listed("sent_x100_whole_units_only"));
    for code in page["minimum_charge_major_units"].as_object().unwrap().keys() {
        assert!(rows("currencies").iter().any(|row| row[0] == *code), "{code}");
    }
}

/// Every published type, read from its envelope as a thin or pulled event is.
#[test]
fn every_published_event_type_has_its_expected_outcome() {
    let path = format!("{}/tests/fixtures/stripe/event_types.json", env!("CARGO_MANIFEST_DIR"));
    let published: Vec<String> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let expected = rows("event_types");
    assert_eq!(expected.iter().map(|row| row[0].clone()).collect::<Vec<_>>(), published);
    for row in &expected {
        let (kind, outcome) = (&row[0], &row[1]);
        let mut event = fixture("payment_intent.succeeded");
        event["type"] = json!(kind);
        event["data"]["object"] = json!({"id": "xx_1", "object": "x"});
        let (envelope, matching) = (envelope(&event), matching());
        let found = match read_event(&Scope::new(&envelope, ACCOUNT, &matching), None).unwrap() {
            Reading::Pointer(pointer) => format!("leads {}", format!("{:?}", pointer.target).replace("(\"xx_1\")", "")),
            Reading::Ignore(reason) => format!("ignored {reason}"),
            Reading::Unsupported => "unsupported".to_owned(),
            other => panic!("{kind}: {other:?}"),
        };
        assert_eq!(found, *outcome, "{kind}");
        // The endpoint is made with what is read, and with nothing else.
        let read = outcome.starts_with("leads ") || outcome == "ignored told_by_transaction";
        assert_eq!(EVENT_TYPES.contains(&kind.as_str()), read, "{kind} at the endpoint");
    }
}
