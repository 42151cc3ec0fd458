//! The ledger's SQL on real SQLite with the real migrations.

use std::collections::BTreeSet;

use quittance::error::{Code, Error};
use quittance::ledger::claim::claim;
use quittance::ledger::inbox::{INSERT_LIST, NewEvent, store};
use quittance::ledger::lease::LEASE_S;
use quittance::ledger::operator::actions;
use quittance::ledger::outcomes::{Batch, FinishResult, OutcomeRow, Posting};
use quittance::ledger::state::State;
use quittance::ledger::{delivery, sweep};
use quittance::ports::{Arg, Db, DbError, Stmt};
use quittance_sim::d1::{D1, MIGRATIONS};
use serde_json::json;

const NOW: i64 = 1_800_000_000;

fn db() -> D1 {
    D1::new(MIGRATIONS).unwrap()
}

/// The futures of these tests never wait: SQLite answers at once.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("a test waits for nothing"),
    }
}

fn event(id: &str, subject: &str, created: i64) -> NewEvent {
    NewEvent {
        id: id.into(),
        account: None,
        livemode: false,
        kind: "payment_intent.succeeded".into(),
        api_version: None,
        created,
        object: subject.into(),
        subject: subject.into(),
        form: "snapshot",
        body: Some("{}".into()),
        received: NOW,
    }
}

fn verdict(id: &str, state: State) -> OutcomeRow {
    OutcomeRow { attempts: 1, ..OutcomeRow::new(id, state) }
}

fn posting(payment: &str) -> Posting {
    Posting {
        key: format!("stripe:acct_1:{payment}:succeeded"),
        payment: payment.into(),
        event: "evt_1".into(),
        minor: 1099,
        currency: "USD".into(),
        outcome: "created",
        model: Some("account.payment".into()),
        record: Some(41),
        name: Some("PSTRP/1".into()),
        flags: json!([]),
        documents: json!([]),
        kind: json!("paid"),
        occurred: NOW,
        intended: None,
        date: None,
        words: Vec::new(),
    }
}

/// What an attempt writes of its events and postings.
async fn settle(
    db: &dyn Db,
    token: &str,
    now: i64,
    subjects: &[String],
    verdicts: &[OutcomeRow],
    postings: &[Posting],
    known: &[String],
) -> Result<FinishResult, DbError> {
    let batch = Batch {
        subjects,
        outcomes: verdicts,
        postings,
        known,
        transactions: &[],
        follow: &[],
        mark: None,
        passed: None,
    };
    quittance::ledger::outcomes::finish(db, token, now, &batch).await
}

fn ids(list: &[&str]) -> Vec<String> {
    list.iter().map(|s| (*s).to_owned()).collect()
}

/// A settlement that books nothing, with marks: the highest answered, and the ledger's when an answer was not above it.
fn marked(db: &D1, mark: Option<i64>, passed: Option<i64>) {
    let batch =
        Batch { subjects: &[], outcomes: &[], postings: &[], known: &[], transactions: &[], follow: &[], mark, passed };
    db.begin_invocation();
    now(quittance::ledger::outcomes::finish(db, "t", NOW, &batch)).unwrap();
}

fn mark(db: &D1) -> (Option<i64>, Option<i64>) {
    let row = db.query("SELECT mark, went_back FROM delivery")[0].clone();
    (row["mark"].as_i64(), row["went_back"].as_i64())
}

/// Calls in flight settle in any order: the mark only grows, and which one was read before the call decides.
#[test]
fn the_mark_only_grows_until_an_operator_has_looked() {
    let db = db();
    assert_eq!(mark(&db), (None, None));
    marked(&db, None, None);
    assert_eq!(mark(&db), (None, None));
    for (answered, stands) in [(10, 10), (12, 12), (11, 12)] {
        marked(&db, Some(answered), None);
        assert_eq!(mark(&db), (Some(stands), None), "{answered}");
    }
    marked(&db, None, None);
    assert_eq!(mark(&db), (Some(12), None));
    assert_eq!(now(quittance::ledger::delivery::delivery_state(&db)).unwrap().mark, Some(12));
    marked(&db, Some(5), Some(10));
    assert_eq!(mark(&db), (Some(12), Some(NOW)), "read before others settled, and still not above it");
    marked(&db, Some(40), None);
    assert_eq!(mark(&db), (Some(40), Some(NOW)), "it stands, however high the marks are again");
    let deed = actions::AuditEntry { who: "token:ada", reason: "", now: NOW };
    now(quittance::ledger::restore::begin(&db, NOW, &deed)).unwrap();
    assert_eq!(mark(&db), (None, None));
    marked(&db, Some(6), Some(40));
    assert_eq!(mark(&db), (Some(6), None), "asked before the operator said so, settled after");
    marked(&db, Some(7), Some(40));
    assert_eq!(mark(&db), (Some(7), None));
    marked(&db, Some(3), Some(7));
    assert_eq!(mark(&db), (Some(7), Some(NOW)));
}

#[test]
fn an_event_is_stored_once() {
    let db = db();
    assert_eq!(now(store(&db, vec![event("evt_1", "pi_1", 1), event("evt_2", "pi_2", 1)])), Ok(vec![true, true]));
    assert_eq!(now(store(&db, vec![event("evt_1", "pi_9", 9), event("evt_3", "pi_3", 1)])), Ok(vec![false, true]));
    assert_eq!(db.query("SELECT subject FROM inbox WHERE id = 'evt_1'")[0]["subject"], "pi_1");
}

/// The door stores a lone event by one statement and events that arrive together by the other.
#[test]
fn a_list_is_stored_as_one_event_after_another_is() {
    let events = || {
        let quoted = NewEvent { body: Some("{\n  \"a\": \"\\u0000 \u{e9}\"\n}".into()), ..event("evt_1", "pi_1", 1) };
        let bare = NewEvent { body: None, account: Some("acct_2".into()), livemode: true, ..event("evt_2", "pi_2", 2) };
        [quoted, bare]
    };
    let value = |arg: Arg| match arg {
        Arg::Null => json!(null),
        Arg::Int(number) => json!(number),
        Arg::Text(text) => json!(text),
    };
    let list: Vec<Vec<_>> = events().map(|e| e.args().map(value).to_vec()).to_vec();
    let (one, many) = (db(), db());
    now(store(&one, events().to_vec())).unwrap();
    let insert = Stmt::new(INSERT_LIST, [json!(list).to_string().into()]);
    assert_eq!(now(many.batch(vec![insert.clone()])).unwrap()[0].changes, 2);
    assert_eq!(now(many.batch(vec![insert])).unwrap()[0].changes, 0, "seen again");
    let all = "SELECT *, typeof(livemode), typeof(created), typeof(due), typeof(queue_again_at) FROM inbox ORDER BY id";
    assert_eq!(many.query(all), one.query(all));
    assert_eq!(one.query(all).len(), 2);
}

#[test]
fn one_event_a_subject_and_the_oldest_first() {
    let db = db();
    now(store(&db, vec![event("evt_b", "pi_1", 7), event("evt_a", "pi_1", 5), event("evt_c", "pi_2", 9)])).unwrap();
    let claimed = now(claim(&db, &ids(&["evt_b", "evt_c"]), "t1", NOW)).unwrap();
    let got: BTreeSet<&str> = claimed.events.iter().map(|e| e.id.as_str()).collect();
    assert_eq!(got, BTreeSet::from(["evt_a", "evt_c"]));
    // Busy: the other event of the subject is not given out, and it is no attempt.
    assert!(now(claim(&db, &ids(&["evt_b"]), "t2", NOW + 1)).unwrap().events.is_empty());
    assert_eq!(db.query("SELECT attempts FROM inbox WHERE id = 'evt_b'")[0]["attempts"], 0);
    // Whoever frees the subject names its next event.
    let settled = now(settle(
        &db,
        "t1",
        NOW + 2,
        &ids(&["pi_1", "pi_2"]),
        &[verdict("evt_a", State::Done)],
        &[posting("pi_1")],
        &ids(&["pi_1"]),
    ))
    .unwrap();
    assert_eq!(settled, FinishResult { written: ids(&["evt_a"]), next: ids(&["evt_b"]) });
    let claimed = now(claim(&db, &ids(&["evt_b"]), "t3", NOW + 3)).unwrap();
    assert_eq!(claimed.events[0].postings[0].key, "stripe:acct_1:pi_1:succeeded");
}

#[test]
fn whoever_lost_the_lease_changes_nothing_but_the_posting_is_true() {
    let db = db();
    now(store(&db, vec![event("evt_1", "pi_1", 5)])).unwrap();
    now(claim(&db, &ids(&["evt_1"]), "slow", NOW)).unwrap();
    assert!(now(claim(&db, &ids(&["evt_1"]), "early", NOW + LEASE_S - 1)).unwrap().events.is_empty());
    assert_eq!(now(claim(&db, &ids(&["evt_1"]), "heir", NOW + LEASE_S)).unwrap().events.len(), 1);
    let late = now(settle(
        &db,
        "slow",
        NOW + LEASE_S + 1,
        &ids(&["pi_1"]),
        &[verdict("evt_1", State::Parked)],
        &[posting("pi_1")],
        &ids(&["pi_1"]),
    ))
    .unwrap();
    assert!(late.written.is_empty());
    assert_eq!(db.query("SELECT state FROM inbox")[0]["state"], "claimed");
    assert_eq!(db.query("SELECT count(*) AS n FROM postings")[0]["n"], 1);
    assert_eq!(db.query("SELECT token FROM leases")[0]["token"], "heir");
    let heir = now(settle(
        &db,
        "heir",
        NOW + LEASE_S + 2,
        &ids(&["pi_1"]),
        &[verdict("evt_1", State::Done)],
        &[posting("pi_1")],
        &ids(&["pi_1"]),
    ))
    .unwrap();
    assert_eq!(heir.written, ids(&["evt_1"]));
    assert_eq!(db.query("SELECT count(*) AS n FROM postings")[0]["n"], 1);
    assert!(db.query("SELECT * FROM leases").is_empty());
}

#[test]
fn a_waiting_event_is_woken_by_the_posting_it_waits_for() {
    let db = db();
    now(store(&db, vec![event("evt_w", "re_1", 5), event("evt_p", "pi_1", 6)])).unwrap();
    now(claim(&db, &ids(&["evt_w"]), "t", NOW)).unwrap();
    let wait = OutcomeRow {
        due: Some(NOW + 600),
        waiting_for: Some("pi_1".into()),
        waiting_since: Some(NOW),
        ..verdict("evt_w", State::Waiting)
    };
    now(settle(&db, "t", NOW, &ids(&["re_1"]), &[wait], &[], &[])).unwrap();
    now(claim(&db, &ids(&["evt_p"]), "u", NOW)).unwrap();
    let settled = now(settle(
        &db,
        "u",
        NOW + 5,
        &ids(&["pi_1"]),
        &[verdict("evt_p", State::Done)],
        &[posting("pi_1")],
        &ids(&["pi_1"]),
    ))
    .unwrap();
    assert_eq!(settled.next, ids(&["evt_w"]));
    assert_eq!(now(claim(&db, &ids(&["evt_w"]), "v", NOW + 6)).unwrap().events[0].waiting_since, Some(NOW));
}

#[test]
fn what_an_outage_left_is_queued_as_fast_as_an_erp_books_it() {
    let db = db();
    for group in 0..70 {
        let rows = (0..50).map(|n| event(&format!("evt_{group}_{n}"), &format!("pi_{group}_{n}"), 5));
        now(store(&db, rows.collect())).unwrap();
        db.begin_invocation();
    }
    let swept = |at| now(sweep::queue_again(&db, at)).unwrap().len();
    assert_eq!((swept(NOW + 60), swept(NOW + 60), swept(NOW + 60)), (3_000, 500, 0), "fifty a second");
}

#[test]
fn a_fault_of_the_connection_pauses_delivery_and_one_probe_tests_it() {
    let db = db();
    now(store(&db, vec![event("evt_1", "pi_1", 5), event("evt_2", "pi_2", 6)])).unwrap();
    let down = Error::of(Code::ErpUnreachable);
    assert_eq!(now(delivery::pause(&db, &down, "t", NOW)), Ok(Some(1)));
    assert_eq!(now(delivery::pause(&db, &down, "u", NOW + 1)), Ok(None), "a pause in force is not made longer");
    let during = now(claim(&db, &ids(&["evt_1"]), "v", NOW + 9)).unwrap();
    assert!(during.events.is_empty() && !during.probe);
    assert!(now(sweep::queue_again(&db, NOW + 9)).unwrap().is_empty());
    assert_eq!(now(sweep::queue_again(&db, NOW + 100)).unwrap().len(), 1, "one worker will test the connection");
    let first = now(claim(&db, &ids(&["evt_1"]), "w", NOW + 10)).unwrap();
    assert!(first.events.is_empty() && first.probe);
    assert!(!now(claim(&db, &ids(&["evt_2"]), "x", NOW + 11)).unwrap().probe, "one probe only");
    assert_eq!(now(delivery::pause(&db, &down, "w", NOW + 12)), Ok(Some(2)));
    let mut paused = Vec::new();
    for round in 0..8 {
        db.begin_invocation();
        let at = now(delivery::delivery_state(&db)).unwrap().paused_until;
        paused.push(at);
        assert!(now(claim(&db, &ids(&["evt_1"]), "y", at)).unwrap().probe, "{round}");
        now(delivery::pause(&db, &down, "y", at)).unwrap();
    }
    let gaps: Vec<i64> = paused.windows(2).map(|w| w[1] - w[0]).collect();
    assert_eq!(gaps, [40, 80, 160, 320, 600, 600, 600]);
    // A probe that passes puts delivery on trial: one event at a time, and a further fault pauses it for longer still.
    let at = now(delivery::delivery_state(&db)).unwrap().paused_until;
    assert!(now(claim(&db, &ids(&["evt_1"]), "z", at)).unwrap().probe);
    now(delivery::begin_trial(&db, "z")).unwrap();
    let trial = now(claim(&db, &ids(&["evt_1", "evt_2"]), "trial", at + 1)).unwrap();
    assert_eq!((trial.events.len(), trial.delivery_state.on_trial()), (1, true));
    assert_eq!(now(delivery::pause(&db, &down, "trial", at + 2)), Ok(Some(11)));
    // A booking proves that all is well.
    let at = now(delivery::delivery_state(&db)).unwrap().paused_until;
    assert!(now(claim(&db, &ids(&["evt_1"]), "z", at)).unwrap().probe);
    now(delivery::begin_trial(&db, "z")).unwrap();
    now(delivery::mark_recovered(&db)).unwrap();
    assert_eq!(now(claim(&db, &ids(&["evt_1", "evt_2"]), "all", at + 5_000)).unwrap().events.len(), 2);
}

/// How long nothing has been booked is counted from the first fault, however often it is met again.
#[test]
fn a_pause_that_lasts_keeps_its_beginning() {
    let db = db();
    let error = Error::of(Code::ErpUnreachable);
    for (at, failures) in [(NOW, 1), (NOW + 60, 2), (NOW + 3_600, 3)] {
        assert_eq!(now(delivery::pause(&db, &error, "a", at)).unwrap(), Some(failures));
        assert_eq!(db.query("SELECT since FROM delivery")[0]["since"], NOW);
    }
    db.query("UPDATE delivery SET paused_until = 0 RETURNING 1");
    now(delivery::mark_recovered(&db)).unwrap();
    now(delivery::pause(&db, &error, "a", NOW + 7_200)).unwrap();
    assert_eq!(db.query("SELECT since FROM delivery")[0]["since"], NOW + 7_200, "another one");
}

#[test]
fn one_account_and_mode_a_ledger() {
    let db = db();
    let us = delivery::Identity { account: "acct_1".into(), livemode: false, fingerprint: "a".into() };
    assert_eq!(now(delivery::store_identity(&db, &us)), Ok(Some(us.clone())));
    let rolled = delivery::Identity { fingerprint: "b".into(), ..us.clone() };
    assert_eq!(now(delivery::store_identity(&db, &rolled)), Ok(Some(rolled.clone())));
    let live = delivery::Identity { livemode: true, fingerprint: "c".into(), ..us };
    assert_eq!(now(delivery::store_identity(&db, &live)), Ok(Some(rolled)));
}

#[test]
fn bodies_are_purged_of_settled_events_only() {
    let db = db();
    now(store(&db, vec![event("evt_1", "pi_1", 5), event("evt_2", "pi_2", 6)])).unwrap();
    now(claim(&db, &ids(&["evt_1"]), "t", NOW)).unwrap();
    now(settle(&db, "t", NOW, &ids(&["pi_1"]), &[verdict("evt_1", State::Done)], &[], &[])).unwrap();
    assert_eq!(now(sweep::purge(&db, NOW)), Ok(0));
    assert_eq!(now(sweep::purge(&db, NOW + 1)), Ok(1));
    let bodies = db.query("SELECT id FROM inbox WHERE body IS NOT NULL");
    assert_eq!((bodies.len(), bodies[0]["id"].as_str()), (1, Some("evt_2")));
}

#[test]
fn a_newer_mapper_takes_up_what_an_older_one_did_not_support() {
    let db = db();
    now(store(&db, vec![event("evt_1", "re_1", 5)])).unwrap();
    now(claim(&db, &ids(&["evt_1"]), "t", NOW)).unwrap();
    let ignored = OutcomeRow { code: Some("unsupported".into()), mapper: Some(1), ..verdict("evt_1", State::Ignored) };
    now(settle(&db, "t", NOW, &ids(&["re_1"]), &[ignored], &[], &[])).unwrap();
    assert!(now(sweep::reopen_unsupported(&db, 1, NOW)).unwrap().is_empty());
    assert_eq!(now(sweep::reopen_unsupported(&db, 2, NOW)), Ok(ids(&["evt_1"])));
    assert_eq!(now(claim(&db, &ids(&["evt_1"]), "u", NOW)).unwrap().events.len(), 1);
}

/// The statements hold to the table of states.
#[test]
fn statements_change_states_as_the_table_says() {
    use quittance::ledger::state::Actor;
    for from in State::ALL {
        for to in State::ALL {
            let db = db();
            now(store(&db, vec![event("evt_1", "pi_1", 5)])).unwrap();
            set(&db, from, None);
            let claimed = now(claim(&db, &ids(&["evt_1"]), "t", NOW)).unwrap().events.len() == 1;
            assert_eq!(claimed, from.may_become(State::Claimed, Actor::Claim), "{from:?} by a claim");
            // A verdict of whoever holds the lease, on a row that is in state `from`.
            set(&db, from, Some("t"));
            let settled = now(settle(&db, "t", NOW, &ids(&["pi_1"]), &[verdict("evt_1", to)], &[], &[])).unwrap();
            let may = from.may_become(to, Actor::LeaseHolder) || (from == State::Claimed && to == State::Claimed);
            assert_eq!(settled.written.len() == 1, may, "{from:?} to {to:?} by a verdict");
            set(&db, from, None);
            let reopened = now(sweep::reopen_unsupported(&db, 99, NOW)).unwrap().len() == 1;
            assert_eq!(reopened, from.may_become(State::Received, Actor::Mapper), "{from:?} by the mapper");
        }
    }
}

fn set(db: &D1, state: State, lease: Option<&'static str>) {
    use quittance::ports::Stmt;
    let leases = "INSERT INTO leases SELECT 'pi_1', ?1, 9e9 WHERE ?1 IS NOT NULL";
    db.run(&[
        Stmt::new("UPDATE inbox SET state = ?1, due = 1, mapper = 1", [state.name().into()]),
        Stmt::new("DELETE FROM leases", []),
        Stmt::new(leases, [lease.into()]),
    ])
    .unwrap();
}

#[test]
fn a_lease_that_ran_out_is_counted_until_there_is_a_verdict() {
    let db = db();
    now(store(&db, vec![event("evt_1", "pi_1", 5)])).unwrap();
    for crash in 0..3 {
        let claimed = now(claim(&db, &ids(&["evt_1"]), "t", NOW + crash * LEASE_S)).unwrap();
        assert_eq!((claimed.events[0].crashes, claimed.events[0].attempts), (crash, 0));
    }
    let again = OutcomeRow { due: Some(NOW), ..verdict("evt_1", State::Failed) };
    now(settle(&db, "t", NOW + 3 * LEASE_S, &ids(&["pi_1"]), &[again], &[], &[])).unwrap();
    assert_eq!(now(claim(&db, &ids(&["evt_1"]), "u", NOW + 4 * LEASE_S)).unwrap().events[0].crashes, 0);
}

#[test]
fn a_large_body_stays_in_the_database() {
    let db = db();
    let large = NewEvent { body: Some("x".repeat(100_001)), ..event("evt_1", "pi_1", 5) };
    now(store(&db, vec![large, event("evt_2", "pi_2", 5)])).unwrap();
    let claimed = now(claim(&db, &ids(&["evt_1", "evt_2"]), "t", NOW)).unwrap();
    let bodies: Vec<bool> = claimed.events.iter().map(|e| e.body.is_some()).collect();
    assert_eq!((claimed.events.len(), bodies.iter().filter(|b| **b).count()), (2, 1));
}

/// The door stores what arrives together by one statement over a list: the rows are those of the single insert.
#[test]
fn a_list_of_events_is_stored_as_each_by_itself() {
    use quittance::ports::{Arg, Stmt};
    let events = || {
        let bare = NewEvent { body: None, form: "thin", account: Some("acct_1".into()), ..event("evt_2", "pi_2", 7) };
        let odd = NewEvent {
            body: Some("{\"a\":\"\\u00e9 \\\"q\\\" \u{1f4b6}\"}".into()),
            livemode: true,
            ..event("evt_3", "pi_3", 8)
        };
        vec![event("evt_1", "pi_1", 5), bare, odd]
    };
    let value = |arg: &Arg| match arg {
        Arg::Null => serde_json::Value::Null,
        Arg::Int(number) => (*number).into(),
        Arg::Text(text) => text.as_str().into(),
    };
    let (one, list) = (db(), db());
    now(store(&one, events())).unwrap();
    let rows: serde_json::Value =
        events().into_iter().map(|e| e.args().iter().map(value).collect::<serde_json::Value>()).collect();
    for _ in 0..2 {
        list.run(&[Stmt::new(INSERT_LIST, [rows.to_string().into()])]).unwrap();
    }
    let all = "SELECT * FROM inbox ORDER BY id";
    assert_eq!(one.query(all).len(), 3);
    assert_eq!(one.query(all), list.query(all));
}

/// What D1 refuses, the tests' database refuses as well.
#[test]
fn limits_are_those_of_d1() {
    let db = db();
    let arguments = format!("SELECT max({})", vec!["1"; 33].join(", "));
    for sql in
        ["SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6", arguments.as_str()]
    {
        let sql: &'static str = Box::leak(sql.to_owned().into_boxed_str());
        assert!(matches!(db.run(&[Stmt::new(sql, [])]), Err(DbError::Refused(_))), "{sql}");
    }
}
