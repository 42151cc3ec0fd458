//! Against the simulated Stripe: whatever happened, documents and balance transactions meet in clearing, to the minor
//! unit, and the balance transactions are Stripe's balance.

use std::collections::{BTreeMap, BTreeSet};

use quittance::money::Currency;
use quittance::movement::{Counter, Detail, Movement, MovementKind};
use quittance::stripe::balance::{self, BALANCE_TRANSACTION, Cursor, with_documents};
use quittance::stripe::client::Client;
use quittance::stripe::event::{self, Envelope};
use quittance::stripe::form::Form;
use quittance::stripe::map::{Scope, transactions};
use quittance_sim::stripe::balance::Entry;
use quittance_sim::stripe::dispute::DisputeStep::{self, Lose, Win};
use quittance_sim::stripe::merchant::{Dispute, Pay, Payout, Refund};
use quittance_sim::stripe::method::Method;
use quittance_sim::stripe::payout::{PayoutStep, Payouts};
use quittance_sim::stripe::refund::RefundEnd;
use quittance_sim::stripe::{Fee, Settings, Stripe};
use serde::Deserialize;
use serde_json::Value;

use crate::matching;
use crate::schema;
use crate::script::run;
use crate::sim::{START_MS, Sim, config_of_sim, movements};

/// Kept in dollars: yen and euros are exchanged, pounds kept as they are.
fn settings() -> Settings {
    let rates = [("eur", "1.161234"), ("jpy", "0.006789")];
    Settings {
        rates: rates.map(|(currency, rate)| (currency.to_owned(), rate.parse().unwrap())).into(),
        fee: Fee { tax_per_mille: 190, withheld_per_mille: 10, fx_per_mille: 10, failure: 400, ..Fee::default() },
        available_after_s: 3_600,
        ..Settings::default()
    }
}

/// What the books would hold: every movement once, by its key.
struct Books {
    movements: BTreeMap<String, Movement>,
    /// Named by events.
    named: BTreeSet<String>,
    /// Listed by Stripe.
    listed: BTreeSet<String>,
    /// What is read is what other ERPs are sent.
    schema: Value,
}

impl Books {
    /// Works every event in each of its forms, then sweeps over the balance.
    fn of(sim: &Sim) -> Self {
        let mut books = Self {
            movements: BTreeMap::new(),
            named: BTreeSet::new(),
            listed: BTreeSet::new(),
            schema: schema::published(),
        };
        let bodies = sim.delivered();
        for body in &bodies {
            let envelope = event::parse_event(body).unwrap();
            books.named.extend(transactions(Some(body.as_slice()).filter(|_| !envelope.thin)));
            let told = sim.work(&envelope, Some(body));
            books.enter(told, &envelope.kind);
        }
        for (how, movement) in movements(sim) {
            books.enter(vec![movement], &how);
        }
        books.sweep(sim);
        books
    }

    /// One movement, one key, one amount, however often and by whatever it is told.
    fn enter(&mut self, movements: Vec<Movement>, how: &str) {
        for movement in movements {
            let json = serde_json::to_value(&movement).unwrap();
            schema::check(&self.schema, &json).unwrap_or_else(|why| panic!("{how}: {json}: {why}"));
            assert_eq!(serde_json::from_value::<Movement>(json).unwrap(), movement, "{how}: {}", movement.key);
            let known = self.movements.entry(movement.key.clone()).or_insert_with(|| movement.clone());
            assert_eq!((known.money, known.kind), (movement.money, movement.kind), "{how}: {}", movement.key);
            assert_eq!(known.payment, movement.payment, "{how}: {}", movement.key);
        }
    }

    fn sweep(&mut self, sim: &Sim) {
        let (config, matching) = (config_of_sim(), matching());
        let account = sim.stripe.borrow().settings.account.clone();
        let client = Client::new(sim, &config).for_account(&account);
        let mut cursor = Some(Cursor::since(START_MS / 1000 - 1));
        while let Some(at) = cursor {
            let page = run(balance::list_page(&client, at)).unwrap();
            for row in page.listed {
                let event = Envelope {
                    id: row.id.clone(),
                    kind: BALANCE_TRANSACTION.into(),
                    account: None,
                    livemode: false,
                    api_version: None,
                    created: row.created,
                    object: row.id.clone(),
                    subject: row.subject.clone(),
                    thin: true,
                };
                let posted = |key: &str| sim.posted.borrow().contains(key);
                let scope = Scope::new(&event, &account, &matching).with_ledger(&posted, 0);
                let found = run(balance::read_transaction(&client, &scope, &row.id, &[])).unwrap();
                // What took a debit back that never paid settles what entered it; whether it ever paid is the ledger's to say.
                assert!(found.waits.is_none() || found.movements.len() == 1, "{row:?}: {:?}", found.movements);
                assert!(found.movements.iter().all(|m| m.payment == row.subject), "{row:?}: {:?}", found.movements);
                self.enter(run(with_documents(&client, &scope, found)).unwrap(), &row.id);
                self.listed.insert(row.id);
            }
            cursor = page.next;
        }
    }

    fn settled(&self) -> impl Iterator<Item = &Movement> {
        self.movements.values().filter(|m| m.kind == MovementKind::Settled)
    }

    /// What stands in clearing under a document, by its currency: the document itself less what settles it.
    fn clearing(&self) -> BTreeMap<(String, Currency), i64> {
        let mut open: BTreeMap<(String, Currency), i64> = BTreeMap::new();
        for movement in self.movements.values() {
            let (key, money, sign) = match (movement.kind, &movement.detail) {
                (MovementKind::Paid | MovementKind::RefundFailed | MovementKind::DisputeReinstated, _) => {
                    (&movement.key, movement.money, 1)
                }
                (MovementKind::Refunded | MovementKind::Reversed | MovementKind::DisputeWithdrawn, _) => {
                    (&movement.key, movement.money, -1)
                }
                (MovementKind::Settled, Some(Detail::Transaction(detail))) => match &detail.document {
                    Some(document) => (document, detail.presented.unwrap_or(detail.gross), -1),
                    None => continue,
                },
                _ => continue,
            };
            *open.entry((key.clone(), money.currency)).or_default() += sign * money.minor;
        }
        open.retain(|_, minor| *minor != 0);
        open
    }

    /// The whole proof: clearing is empty, and nets and the list are Stripe's balance.
    fn check(&self, sim: &Sim) {
        assert_eq!(self.clearing(), BTreeMap::new(), "{:#?}", self.movements.keys());
        let nets = self.settled().fold(BTreeMap::<String, i64>::new(), |mut nets, m| {
            *nets.entry(m.money.currency.code().to_ascii_lowercase()).or_default() += m.money.minor;
            nets
        });
        let balance = balance_of(sim);
        for currency in nets.keys().chain(balance.keys()) {
            let of = |sums: &BTreeMap<String, i64>| sums.get(currency).copied().unwrap_or(0);
            assert_eq!(of(&nets), of(&balance), "{currency}");
        }
        assert_eq!(self.settled().count(), self.listed.len());
        assert!(self.named.is_subset(&self.listed), "{:?}", self.named.difference(&self.listed));
    }

    fn kinds(&self) -> BTreeSet<String> {
        self.movements.values().map(|m| format!("{:?}", m.kind)).collect()
    }
}

/// Available and pending together.
fn balance_of(sim: &Sim) -> BTreeMap<String, i64> {
    #[derive(Deserialize)]
    struct Balance {
        available: Vec<Row>,
        pending: Vec<Row>,
    }
    #[derive(Deserialize)]
    struct Row {
        amount: i64,
        currency: String,
    }
    let config = config_of_sim();
    let body = run(Client::new(sim, &config).get("/v1/balance", &Form::new())).unwrap();
    let balance: Balance = body.parse().unwrap();
    let mut sums = BTreeMap::new();
    for row in balance.available.into_iter().chain(balance.pending) {
        *sums.entry(row.currency).or_default() += row.amount;
    }
    sums
}

fn pay(stripe: &mut Stripe, pay: &Pay) -> String {
    let paid = stripe.pay(pay).unwrap();
    if paid.payment_intent.is_empty() { paid.charge } else { paid.payment_intent }
}

/// Lets time pass, and everything that is due happen.
fn wait(sim: &Sim, hours: i64) {
    for _ in 0..hours {
        sim.clock.advance_to(sim.clock.now_ms() + 3_600_000);
        // Whoever asks lets it happen.
        balance_of(sim);
    }
}

#[test]
fn receipts_in_every_currency_are_settled_to_the_unit() {
    let sim = Sim::of(settings());
    for (amount, currency) in [(11_500, "usd"), (9_999, "eur"), (1_000_001, "jpy"), (2_050, "gbp"), (1, "usd")] {
        if amount > 100 {
            pay(&mut sim.stripe.borrow_mut(), &Pay::card(amount, currency));
        }
    }
    pay(&mut sim.stripe.borrow_mut(), &Pay { bare_charge: true, ..Pay::card(700, "eur") });
    pay(&mut sim.stripe.borrow_mut(), &Pay { method: Method::Delayed, ..Pay::card(800, "usd") });
    let books = Books::of(&sim);
    books.check(&sim);
    assert_eq!(books.kinds(), ["Paid", "Settled"].map(String::from).into());
    let fx = books.settled().filter(|m| matches!(&m.detail, Some(Detail::Transaction(t)) if t.kind == "stripe_fx_fee"));
    assert_eq!(fx.count(), 3, "a conversion fee beside each exchanged charge");
}

/// As older and as newer API versions enter it, with or without an event of the release.
#[test]
fn a_part_captured_is_a_receipt_of_that_part() {
    for (after, told) in [(None, false), (Some(0), false), (Some(60_000), true)] {
        let sim = Sim::of(Settings { capture_reversal_after_ms: after, capture_reversal_told: told, ..settings() });
        let mut stripe = sim.stripe.borrow_mut();
        for currency in ["usd", "eur"] {
            let intent = pay(&mut stripe, &Pay { manual_capture: true, ..Pay::card(10_000, currency) });
            stripe.capture(&intent, Some(6_543)).unwrap();
        }
        drop(stripe);
        let books = Books::of(&sim);
        books.check(&sim);
        let receipts: Vec<i64> =
            books.movements.values().filter(|m| m.kind == MovementKind::Paid).map(|m| m.money.minor).collect();
        assert_eq!(receipts, [6_543, 6_543]);
        assert_eq!(books.kinds(), ["Paid", "Settled"].map(String::from).into(), "a release is no refund");
    }
}

/// Several captures of one authorization are one receipt, and each settles its own part of it, however the last one ends it. Through
/// an exchange a part can't be told from the amounts alone: none is guessed, and the balance is Stripe's all the same.
#[test]
fn captures_in_parts_are_one_receipt() {
    for (by_the_last, end) in [(false, Some(0)), (true, Some(0)), (false, Some(1_234)), (true, None)] {
        let sim = Sim::of(Settings { captured_by_the_last: by_the_last, ..settings() });
        let mut stripe = sim.stripe.borrow_mut();
        let captured = 4_001 + 2_500 + end.unwrap_or(0);
        let held = Pay { manual_capture: true, ..Pay::card(10_000, "usd") };
        let intents =
            ["usd", "gbp", "eur"].map(|code| pay(&mut stripe, &Pay { currency: code.into(), ..held.clone() }));
        for intent in &intents {
            for part in [4_001, 2_500] {
                stripe.capture_part(intent, part, false).unwrap();
            }
            match end {
                Some(rest) => stripe.capture_part(intent, rest, true).unwrap(),
                None => stripe.cancel(intent, None).unwrap(),
            }
        }
        drop(stripe);
        let books = Books::of(&sim);
        let receipts = books.movements.values().filter(|m| m.kind == MovementKind::Paid).map(|m| m.money.minor);
        assert_eq!(receipts.collect::<Vec<_>>(), [captured; 3]);
        let open: Vec<(String, i64)> =
            books.clearing().into_iter().map(|((_, code), m)| (code.to_string(), m)).collect();
        assert_eq!(open, [("EUR".to_owned(), captured)]);
        let parts: Vec<Counter> = books
            .settled()
            .filter_map(|m| match &m.detail {
                Some(Detail::Transaction(t)) if t.kind == "charge" => Some(t.counter),
                _ => None,
            })
            .collect();
        let of = |counter| parts.iter().filter(|one| **one == counter).count();
        let each = if end.is_some_and(|rest| rest > 0) { 3 } else { 2 };
        assert_eq!((of(Counter::Clearing), of(Counter::Suspense)), (2 * each, each));
        let nets: i64 = books.settled().map(|m| m.money.minor).sum();
        assert_eq!(nets, balance_of(&sim).values().sum::<i64>());
    }
}

#[test]
fn refunds_of_every_fate_clear() {
    let sim = Sim::of(settings());
    let mut stripe = sim.stripe.borrow_mut();
    for currency in ["usd", "eur", "jpy"] {
        let intent = pay(&mut stripe, &Pay::card(10_000, currency));
        stripe.refund(&Refund::part(&intent, 2_500)).unwrap();
        let pending = Refund { status: Some("pending".into()), ..Refund::part(&intent, 1_000) };
        let pending = stripe.refund(&pending).unwrap();
        stripe.end_refund(&pending, &RefundEnd::Failed("declined".into())).unwrap();
        let waits = Refund { status: Some("requires_action".into()), ..Refund::part(&intent, 500) };
        let waits = stripe.refund(&waits).unwrap();
        stripe.end_refund(&waits, &RefundEnd::Canceled).unwrap();
        let canceled = Refund { status: Some("pending".into()), ..Refund::part(&intent, 700) };
        let canceled = stripe.refund(&canceled).unwrap();
        stripe.end_refund(&canceled, &RefundEnd::Canceled).unwrap();
        stripe.refund(&Refund::all(&intent)).unwrap();
    }
    drop(stripe);
    let books = Books::of(&sim);
    books.check(&sim);
    let full = |kind| {
        let mut of: Vec<(i64, bool)> = books
            .movements
            .values()
            .filter(|m| m.kind == kind)
            .map(|m| match &m.detail {
                Some(Detail::Refund(refund)) => (m.money.minor, refund.full),
                other => panic!("{other:?}"),
            })
            .collect();
        of.sort_unstable();
        of.dedup();
        of
    };
    assert_eq!(full(MovementKind::Credited), [(2_500, false), (7_500, true)]);
    assert_eq!(full(MovementKind::RefundFailed), [(700, false), (1_000, false)]);
}

#[test]
fn a_late_failure_takes_back_what_was_left() {
    let sim = Sim::of(settings());
    for currency in ["usd", "eur"] {
        let debit = Pay { method: Method::Delayed, ..Pay::card(20_000, currency) };
        let bounces = Pay { method: Method::DelayedFails("account_closed".into()), ..debit.clone() };
        let [whole, part, _] = [&debit, &debit, &bounces].map(|how| pay(&mut sim.stripe.borrow_mut(), how));
        wait(&sim, 2);
        let mut stripe = sim.stripe.borrow_mut();
        stripe.refund(&Refund::part(&part, 5_000)).unwrap();
        stripe.fail_late(&whole, "insufficient_funds").unwrap();
        stripe.fail_late(&part, "account_closed").unwrap();
    }
    let books = Books::of(&sim);
    books.check(&sim);
    let mut back: Vec<i64> =
        books.movements.values().filter(|m| m.kind == MovementKind::Reversed).map(|m| m.money.minor).collect();
    back.sort_unstable();
    assert_eq!(back, [15_000, 15_000, 20_000, 20_000]);
}

#[test]
fn disputed_money_goes_and_comes() {
    let sim = Sim::of(Settings { fee: Fee { dispute_returned: true, ..settings().fee }, ..settings() });
    let steps: [&[DisputeStep]; 5] = [
        &[Lose],
        &[Win],
        &[Lose, DisputeStep::Appeal, Win],
        &[DisputeStep::Reinstate, DisputeStep::Withdraw, Win],
        &[DisputeStep::Respond],
    ];
    for currency in ["usd", "eur", "jpy"] {
        for steps in steps {
            let mut stripe = sim.stripe.borrow_mut();
            let intent = pay(&mut stripe, &Pay::card(30_000, currency));
            let dispute = stripe.dispute(&Dispute { amount: Some(12_345), ..Dispute::of(&intent) }).unwrap();
            drop(stripe);
            for step in steps {
                wait(&sim, 24);
                sim.stripe.borrow_mut().move_dispute(&dispute, *step).unwrap();
            }
        }
        let mut stripe = sim.stripe.borrow_mut();
        let asked = pay(&mut stripe, &Pay::card(4_000, currency));
        let inquiry = stripe.dispute(&Dispute::inquiry(&asked)).unwrap();
        stripe.move_dispute(&inquiry, DisputeStep::Close).unwrap();
    }
    let books = Books::of(&sim);
    books.check(&sim);
    let count = |kind| books.movements.values().filter(|m| m.kind == kind).count();
    assert_eq!(
        (count(MovementKind::DisputeOpened), count(MovementKind::DisputeWon), count(MovementKind::DisputeLost)),
        (18, 12, 3),
        "Stripe is asked how it stands now"
    );
    assert_eq!((count(MovementKind::DisputeWithdrawn), count(MovementKind::DisputeReinstated)), (18, 12));
}

#[test]
fn payouts_of_every_fate_leave_through_transit() {
    let minimum_balance = [("usd".to_owned(), 1_000)].into();
    let sim = Sim::of(Settings { payouts: Payouts { minimum_balance, ..Payouts::default() }, ..settings() });
    for _ in 0..3 {
        pay(&mut sim.stripe.borrow_mut(), &Pay::card(50_000, "usd"));
        pay(&mut sim.stripe.borrow_mut(), &Pay::card(40_000, "gbp"));
        wait(&sim, 48);
        let mut stripe = sim.stripe.borrow_mut();
        for currency in ["usd", "gbp"] {
            stripe.payout_now(currency).unwrap();
        }
    }
    pay(&mut sim.stripe.borrow_mut(), &Pay::card(50_000, "usd"));
    wait(&sim, 48);
    let mut stripe = sim.stripe.borrow_mut();
    stripe.payout(&Payout::of(5_000, "usd")).unwrap();
    stripe.payout(&Payout { instant: true, ..Payout::of(4_000, "usd") }).unwrap();
    let failed = stripe.payout(&Payout::of(3_000, "usd")).unwrap();
    stripe.move_payout(&failed, &PayoutStep::Fail("account_closed".into())).unwrap();
    let canceled = stripe.payout(&Payout::of(2_000, "usd")).unwrap();
    stripe.move_payout(&canceled, &PayoutStep::Cancel).unwrap();
    drop(stripe);
    let books = Books::of(&sim);
    books.check(&sim);
    let itemised: Vec<(bool, usize)> = books
        .movements
        .values()
        .filter_map(|m| match (&m.kind, &m.detail) {
            (MovementKind::PayoutReconciled, Some(Detail::Payout(payout))) => Some((payout.itemised, payout.parts)),
            _ => None,
        })
        .collect();
    assert_eq!(itemised.iter().filter(|(itemised, _)| *itemised).count(), 6, "{itemised:?}");
    assert_eq!(itemised.iter().filter(|(itemised, _)| !itemised).count(), 2, "by hand, and arrived: {itemised:?}");
    let transit: i64 = books
        .settled()
        .filter_map(|m| match &m.detail {
            Some(Detail::Transaction(t)) if t.counter == Counter::Transit => Some(t.gross.minor),
            _ => None,
        })
        .sum();
    let arrived: i64 =
        books.movements.values().filter(|m| m.kind == MovementKind::PayoutReconciled).map(|m| m.money.minor).sum();
    assert_eq!(transit, -arrived);
}

/// No event tells of most of these.
#[test]
fn what_only_the_list_knows_is_booked_all_the_same() {
    let sim = Sim::of(settings());
    let mut stripe = sim.stripe.borrow_mut();
    for (kind, category, amount) in [
        ("stripe_fee", "fee", -200),
        ("topup", "topup", 50_000),
        ("reserve_hold", "risk_reserved_funds", -1_000),
        ("reserve_release", "risk_reserved_funds", 400),
        ("adjustment", "other_adjustment", 7),
        ("a_type_of_2031", "a_category_of_2031", -9),
        ("transfer", "transfer", -333),
    ] {
        stripe.enter_by_hand(&Entry::of(kind, category, amount, "usd"));
    }
    let held = Entry { balance_type: "risk_reserved".into(), ..Entry::of("reserve_hold", "x", 1_000, "usd") };
    let held = stripe.enter_by_hand(&held);
    drop(stripe);
    let mut books = Books::of(&sim);
    assert!(books.listed.remove(&held), "it is another balance's, listed and not booked");
    books.check(&sim);
    let at = |counter: Counter| -> i64 {
        let of = |m: &Movement| match &m.detail {
            Some(Detail::Transaction(t)) if t.counter == counter => t.gross.minor,
            _ => 0,
        };
        books.settled().map(of).sum()
    };
    let sums = Counter::CHOICE.map(|counter| (counter.name(), at(counter)));
    assert_eq!(
        sums,
        [
            ("transit", 50_000),
            ("fees", -200),
            ("reserves", -600),
            ("connected", -333),
            ("loan", 0),
            ("conversion", 0),
            ("suspense", -2)
        ]
    );
}
