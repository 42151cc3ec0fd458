//! Which months get a bill of Stripe's fees, and what each bill lists: the ledger's SQL on real SQLite.

use quittance::ledger::fees::{DueBill, FeeTotal, Month, bill_contents, due_bills};
use quittance_sim::d1::{D1, MIGRATIONS};
use serde_json::{Value, json};

const OWN: &str = "acct_own";
const OTHER: &str = "acct_other";
const DAY: i64 = 86_400;
/// November 2026, in UTC.
const NOVEMBER: Month = Month { year: 2026, month: 11, from: 1_793_491_200, until: 1_796_083_200 };
const WAIT: i64 = 3 * DAY;

/// The futures of these tests never wait: SQLite answers at once.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("a test waits for nothing"),
    }
}

/// A ledger in which every list is read to a day after the month can be complete.
fn ledger() -> D1 {
    let db = D1::new(MIGRATIONS).unwrap();
    for account in [OWN, OTHER] {
        complete(&db, account, NOVEMBER.until + WAIT + DAY);
    }
    db
}

fn complete(db: &D1, account: &str, to: i64) {
    db.query(&format!(
        "INSERT OR REPLACE INTO transaction_list_progress (account, complete_to) VALUES ('{account}', {to}) RETURNING 1"
    ));
}

/// A payment of which Stripe keeps 30.
fn kept(db: &D1, account: &str, id: &str, currency: &str, created: i64) {
    settled(
        db,
        account,
        id,
        "charge",
        "clearing",
        (1_000, 970),
        &json!([{"kind": "stripe", "what": "stripe_fee", "minor": 30}]),
        currency,
        created,
    );
}

#[allow(clippy::too_many_arguments)]
fn settled(
    db: &D1,
    account: &str,
    id: &str,
    kind: &str,
    counter: &str,
    (gross, net): (i64, i64),
    fees: &Value,
    currency: &str,
    created: i64,
) {
    db.query(&format!(
        "INSERT INTO transactions (account, id, type, category, currency, gross, net, fees, counter, created, owed) \
         VALUES ('{account}', '{id}', '{kind}', '{kind}', '{currency}', {gross}, {net}, '{fees}', '{counter}', {created}, 1) RETURNING 1"
    ));
}

/// A row of the inbox; `again`: when the sweep queues it, if there is anything left to do.
fn row(db: &D1, id: &str, kind: &str, account: &str, created: i64, again: Option<i64>) {
    let again = again.map_or("NULL".to_owned(), |at| at.to_string());
    db.query(&format!(
        "INSERT OR REPLACE INTO inbox (id, account, livemode, type, created, object, subject, form, received, queue_again_at) \
         VALUES ('{id}', {account}, 0, '{kind}', {created}, '{id}', '{id}', 'pulled', {created}, {again}) RETURNING 1"
    ));
}

fn to_bill(db: &D1, account: &str) -> Vec<(String, i64)> {
    let found = now(due_bills(db, account, OWN, &[NOVEMBER], WAIT)).unwrap();
    found.into_iter().map(|DueBill { currency, number, .. }| (currency, number)).collect()
}

fn first() -> Vec<(String, i64)> {
    vec![("USD".to_owned(), 1)]
}

/// From the month's first second until before the first of the next one, of one account in one currency.
#[test]
fn a_bill_lists_what_its_account_owes_of_its_month_and_currency() {
    let db = ledger();
    for (id, at) in [("before", -1), ("first", 0)] {
        kept(&db, OWN, id, "USD", NOVEMBER.from + at);
    }
    for (id, at) in [("last", -1), ("after", 0)] {
        kept(&db, OWN, id, "USD", NOVEMBER.until + at);
    }
    kept(&db, OWN, "euros", "EUR", NOVEMBER.from + DAY);
    kept(&db, OTHER, "others", "USD", NOVEMBER.from + DAY);
    let (sums, ids) = now(bill_contents(&db, OWN, "fees_2026_11_usd", "USD", &NOVEMBER)).unwrap();
    assert_eq!(ids, ["first", "last"]);
    assert_eq!(sums, [FeeTotal { kind: "stripe".into(), what: "stripe_fee".into(), minor: 60 }]);
    assert_eq!(to_bill(&db, OWN), [("EUR".to_owned(), 1)]);
    assert_eq!(to_bill(&db, OTHER), first(), "another account's stay its own");
}

/// Of a fee that stands alone its gross is Stripe's charge, and the parts of its fee are charges of their own.
#[test]
fn a_fee_with_a_tax_of_its_own_is_billed_once() {
    let db = ledger();
    let tax = json!([{"kind": "tax", "what": "tax", "minor": 50}]);
    settled(&db, OWN, "fee", "stripe_fee", "fees", (-250, -300), &tax, "USD", NOVEMBER.from);
    let (sums, _) = now(bill_contents(&db, OWN, "fees_2026_11_usd", "USD", &NOVEMBER)).unwrap();
    let sums: Vec<(&str, i64)> = sums.iter().map(|kept| (kept.what.as_str(), kept.minor)).collect();
    assert_eq!(sums, [("stripe_fee", 250), ("tax", 50)]);
}

/// Three days after its end at the earliest, by a list that was read since.
#[test]
fn a_month_is_billed_when_its_list_was_read_after_all_retries() {
    let db = ledger();
    kept(&db, OWN, "one", "USD", NOVEMBER.until - 1);
    complete(&db, OWN, NOVEMBER.until + WAIT - 1);
    assert_eq!(to_bill(&db, OWN), []);
    complete(&db, OWN, NOVEMBER.until + WAIT);
    assert_eq!(to_bill(&db, OWN), first());
    let db = ledger();
    kept(&db, OWN, "next", "USD", NOVEMBER.until);
    assert_eq!(to_bill(&db, OWN), [], "of the next month");
}

/// What is still tried holds its own account's month up; what a person has to look at does not.
#[test]
fn a_month_waits_for_its_accounts_balance_transactions() {
    let until = NOVEMBER.until + WAIT;
    let others = format!("'{OTHER}'");
    for (account, created, again, billed) in [
        ("NULL", NOVEMBER.from, Some(1), false),
        ("NULL", until - 1, Some(1), false),
        ("NULL", until, Some(1), true),
        ("NULL", NOVEMBER.from - 1, Some(1), true),
        ("NULL", NOVEMBER.from, None, true),
        (others.as_str(), NOVEMBER.from, Some(1), true),
    ] {
        let db = ledger();
        kept(&db, OWN, "one", "USD", NOVEMBER.from);
        row(&db, "txn_open", "balance_transaction", account, created, again);
        assert_eq!(to_bill(&db, OWN).len(), usize::from(billed), "{account} {created} {again:?}");
    }
}

/// One bill after the other: what comes late has a bill of its own once the one before is at rest.
#[test]
fn a_second_bill_waits_for_the_first() {
    let db = ledger();
    kept(&db, OWN, "one", "USD", NOVEMBER.from);
    let bill =
        |again| row(&db, "fees_2026_11_usd_acct_own", "fee_bill", &format!("'{OWN}'"), NOVEMBER.until - 1, again);
    bill(Some(NOVEMBER.until + 9 * DAY));
    assert_eq!(to_bill(&db, OWN), [], "it is under way, and may list it yet");
    bill(None);
    assert_eq!(to_bill(&db, OWN), [("USD".to_owned(), 2)]);
    let (_, ids) = now(bill_contents(&db, OWN, "fees_2026_11_usd_2", "USD", &NOVEMBER)).unwrap();
    assert_eq!(ids, ["one"]);
    kept(&db, OWN, "late", "USD", NOVEMBER.from);
    let (_, again) = now(bill_contents(&db, OWN, "fees_2026_11_usd_2", "USD", &NOVEMBER)).unwrap();
    assert_eq!(again, ["one"], "a bill's list stays");
}
