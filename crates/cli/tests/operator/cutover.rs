//! What is under way at the cut-over: `setup odoo --opening-account` drafts it from Stripe's own lists, and whatever becomes
//! of it afterwards meets it, so that nothing stays open on the accounts.

use quittance_cli::odoo::{Arguments as Setup, setup};
use quittance_cli::settings::Settings;
use quittance_cli::verify::report::{EQUAL, OPEN_ITEMS};
use quittance_cli::verify::{Arguments, Pool, prove};
use quittance_sim::Rng;
use quittance_sim::odoo::{ADMIN_KEY, ADMIN_LOGIN, Invoice};
use quittance_sim::scenario::invariants::accounts;
use quittance_sim::stripe::balance::Entry;
use quittance_sim::stripe::dispute::DisputeStep;
use quittance_sim::stripe::merchant::{Dispute, Pay, Payout, Refund};
use quittance_sim::stripe::method::Method;
use quittance_sim::stripe::payout::PayoutStep;
use quittance_sim::stripe::refund::RefundEnd;
use serde_json::{Value, json};

use super::*;
use crate::common::Machine;

const DAY: i64 = 86_400;
/// Far ahead: nothing is booked until the cut-over is set.
const NEVER: &str = "4000000000";

struct Cut {
    desk: OperatorBench,
    instant: i64,
}

impl Cut {
    /// A merchant whose Worker listens and books nothing yet; what happens in `before` is of before the cut-over.
    fn over(version: Version, before: impl FnOnce(&mut World)) -> Self {
        Self::later(version, 0, before)
    }

    /// The same, so many seconds later.
    fn later(version: Version, later: i64, before: impl FnOnce(&mut World)) -> Self {
        let mut desk = OperatorBench::open(77, version);
        desk.world.set("BOOK_FROM", NEVER);
        {
            let mut stripe = desk.world.stripe.borrow_mut();
            stripe.settings.clear_after_ms = 5 * DAY * 1_000;
            stripe.settings.payouts.automatic = false;
        }
        before(&mut desk.world);
        let instant = quittance::ports::Clock::now(&desk.world.clock) + later;
        let cut = Self { desk, instant };
        cut.set_up();
        cut.post();
        let mut cut = cut;
        cut.desk.world.set("BOOK_FROM", &instant.to_string());
        cut.desk.world.pass(60);
        cut
    }

    fn settings(&self) -> Settings {
        let vars = self.desk.world.vars.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Settings::from_pairs(vars.chain([("ODOO_SETUP_LOGIN", ADMIN_LOGIN), ("ODOO_SETUP_API_KEY", ADMIN_KEY)]))
    }

    fn set_up(&self) -> Vec<String> {
        let arguments = Setup {
            book_from: Some(self.instant),
            opening_account: Some("400000".into()),
            companies: vec![1],
            ..Setup::default()
        };
        setup(&arguments, &self.settings(), self.desk.http()).unwrap().1
    }

    /// The accountant posts every draft that set-up made.
    fn post(&self) {
        let rpc = crate::rpc::Rpc::of(self.desk.world.odoo.clone());
        let drafts =
            rpc.call("account.move", "search", json!([[["state", "=", "draft"], ["move_type", "=", "entry"]]]));
        let ids: Vec<i64> = drafts.as_array().unwrap().iter().filter_map(Value::as_i64).collect();
        if !ids.is_empty() {
            rpc.call("account.move", "action_post", json!([ids]));
        }
    }

    fn stands(&self, role: &str, currency: &str) -> String {
        let odoo = self.desk.world.odoo.borrow();
        let account = odoo.role(1, role).unwrap();
        odoo.balance_of(account, currency).0.normalize().to_string()
    }

    fn open(&self, role: &str) -> usize {
        let odoo = self.desk.world.odoo.borrow();
        odoo.open_lines(odoo.role(1, role).unwrap()).len()
    }

    /// Days without work in between, then all that there is to do.
    fn days(&mut self, days: i64) {
        self.desk.world.pass(20 * 60);
        self.desk.world.cron_sleeps = true;
        self.desk.world.pass(days * DAY);
        self.desk.world.cron_sleeps = false;
        self.desk.world.pass(2 * 3_600);
    }

    /// Nothing is left on clearing, in transit or disputed, and the books equal Stripe.
    fn ends(mut self, transit: &str) {
        self.days(2);
        let told = || {
            let odoo = self.desk.world.odoo.borrow();
            let undone = "SELECT id, type, state, code FROM inbox WHERE state NOT IN ('done', 'ignored') OR code = 'before_go_live'";
            format!("{:#?} {:#?}", odoo.told(odoo.role(1, "clearing").unwrap()), self.desk.world.db.query(undone))
        };
        for role in ["clearing", "disputed"] {
            assert_eq!((self.stands(role, "USD").as_str(), self.open(role)), ("0", 0), "{role}: {}", told());
        }
        assert_eq!(self.stands("transit", "USD"), transit);
        let law = accounts::by_stripe(&self.desk.world, &["suspense", "reserves", "connected", "loan"]);
        assert_eq!(law, Ok(()), "cut over at {}", self.instant);
        let parked =
            self.desk.world.db.query("SELECT id, type, code, detail FROM inbox WHERE state NOT IN ('done', 'ignored')");
        assert!(parked.is_empty(), "{parked:#?}");
        let lanes = Pool { http: self.desk.world.runtime().http.clone(), fork: None };
        let report =
            prove(&Arguments::default(), &self.desk.settings(), lanes, &Machine::default(), &self.desk.world.clock);
        let exit = report.unwrap().verdict.exit;
        // Payouts whose bank line never comes are overdue in the end.
        assert!(exit == EQUAL || self.open("transit") > 0 && exit == OPEN_ITEMS, "{exit}");
        self.desk.world.finish();
    }
}

fn pay(world: &World, how: &Pay) -> String {
    world.stripe.borrow_mut().pay(how).unwrap().payment_intent
}

fn debit(world: &World, invoice: Option<i64>) -> String {
    let metadata = invoice.map(|id| {
        [
            ("odoo_db".to_owned(), quittance_sim::odoo::DATABASE.to_owned()),
            ("odoo_model".to_owned(), "account.move".to_owned()),
            ("odoo_id".to_owned(), id.to_string()),
        ]
        .into()
    });
    pay(world, &Pay { method: Method::Delayed, metadata: metadata.unwrap_or_default(), ..Pay::card(10_000, "usd") })
}

/// Begun before and cleared afterwards: the opening has its money, and its receipt meets that.
#[test]
fn a_debit_that_had_begun_is_paid_afterwards() {
    for version in Version::ALL {
        let mut invoice = 0;
        let mut cut = Cut::over(version, |world| {
            invoice = world.odoo.borrow_mut().invoice(&Invoice::of("100.00", "USD"));
            debit(world, Some(invoice));
            world.pass(DAY);
        });
        assert_eq!((cut.stands("clearing", "USD").as_str(), cut.open("clearing")), ("-100", 1));
        cut.days(6);
        assert_eq!(cut.desk.world.odoo.borrow().residual(invoice).normalize().to_string(), "0", "{version:?}");
        cut.ends("0");
    }
}

/// It never pays: what took it off the balance meets the opening.
#[test]
fn a_debit_that_had_begun_fails_afterwards() {
    let mut cut = Cut::over(Version::V18, |world| {
        let how = Method::DelayedFails("insufficient_funds".into());
        pay(world, &Pay { method: how, ..Pay::card(10_000, "usd") });
        world.pass(DAY);
    });
    cut.days(6);
    cut.ends("0");
}

/// Paid before, on the balance afterwards: the receipt is somebody else's.
#[test]
fn a_payment_that_had_not_come_to_the_balance_comes_afterwards() {
    let mut cut = Cut::over(Version::V18, |world| {
        world.stripe.borrow_mut().settings.settle_after_ms = 6 * 3_600_000;
        pay(world, &Pay::card(10_000, "usd"));
        world.pass(60);
    });
    assert_eq!(cut.stands("clearing", "USD"), "100");
    cut.days(1);
    cut.ends("0");
}

/// Withdrawn before; then given back, lost, or both by turns.
#[test]
fn a_dispute_that_was_open_is_closed_afterwards() {
    for steps in [&[DisputeStep::Win][..], &[DisputeStep::Lose], &[DisputeStep::Reinstate, DisputeStep::Win]] {
        let mut made = String::new();
        let mut cut = Cut::over(Version::V18, |world| {
            let id = pay(world, &Pay::card(10_000, "usd"));
            world.pass(3_600);
            booked_by_hand(world, &id);
            made = world.stripe.borrow_mut().dispute(&Dispute::of(&id)).unwrap();
            world.pass(DAY);
        });
        assert_eq!(cut.stands("disputed", "USD"), "100");
        for step in steps {
            cut.desk.world.stripe.borrow_mut().move_dispute(&made, *step).unwrap();
            cut.days(1);
        }
        cut.ends("0");
    }
}

/// On its way: it arrives, which is the bank's to say, or comes back.
#[test]
fn a_payout_in_transit_arrives_or_fails_afterwards() {
    for fails in [false, true] {
        let mut made = String::new();
        let mut cut = Cut::over(Version::V18, |world| {
            pay(world, &Pay::card(30_000, "usd"));
            world.pass(4 * DAY);
            made = world.stripe.borrow_mut().payout(&Payout::of(10_000, "usd")).unwrap();
            world.pass(60);
        });
        assert_eq!(cut.stands("transit", "USD"), "100");
        if fails {
            let failed = PayoutStep::Fail("account_closed".into());
            cut.desk.world.stripe.borrow_mut().move_payout(&made, &failed).unwrap();
        }
        cut.days(5);
        // What arrived stands there for its bank line.
        cut.ends(if fails { "0" } else { "100" });
    }
}

/// Captured in two parts, one before and one afterwards: the receipt of both comes with the last one.
#[test]
fn an_authorization_captured_in_parts_is_paid_afterwards() {
    for (first, last) in [(4_000, 3_500), (4_000, 0), (1, 9_999)] {
        let mut held = String::new();
        let mut cut = Cut::over(Version::V18, |world| {
            held = pay(world, &Pay { manual_capture: true, ..Pay::card(10_000, "usd") });
            world.stripe.borrow_mut().capture_part(&held, first, false).unwrap();
            world.pass(DAY);
        });
        assert_eq!(cut.stands("clearing", "USD"), format!("-{}", rust_decimal::Decimal::new(first, 2).normalize()));
        cut.desk.world.stripe.borrow_mut().capture_part(&held, last, true).unwrap();
        cut.days(1);
        cut.ends("0");
    }
}

/// A refund that was pending fails; what was reserved is released; another balance's movement is none of the opening's.
#[test]
fn refunds_reserves_and_other_balances() {
    let mut refund = String::new();
    let mut cut = Cut::over(Version::V18, |world| {
        let id = pay(world, &Pay::card(10_000, "usd"));
        world.pass(3_600);
        booked_by_hand(world, &id);
        let pending = Refund { status: Some("pending".into()), ..Refund::part(&id, 4_000) };
        let mut stripe = world.stripe.borrow_mut();
        refund = stripe.refund(&pending).unwrap();
        stripe.enter_by_hand(&Entry::of("reserve_transaction", "risk_reserved_funds", -900, "usd"));
        let issuing = Entry {
            balance_type: "issuing".into(),
            ..Entry::of("issuing_transaction", "issuing_transaction", -40_000, "usd")
        };
        stripe.enter_by_hand(&issuing);
        drop(stripe);
        world.pass(3_600);
    });
    assert_eq!(cut.stands("reserves", "USD"), "9");
    {
        let mut stripe = cut.desk.world.stripe.borrow_mut();
        stripe.end_refund(&refund, &RefundEnd::Failed("lost_or_stolen_card".into())).unwrap();
        stripe.enter_by_hand(&Entry::of("reserve_transaction", "risk_reserved_funds", 900, "usd"));
    }
    cut.days(1);
    assert_eq!(cut.stands("reserves", "USD"), "0");
    cut.ends("0");
}

/// A connected account in the platform's own company: one opening entry has what both had, and the proof of each counts its own.
/// One that names another company has none of it here.
#[test]
fn an_opening_of_two_accounts_is_proved_for_each() {
    const BESIDE: &str = "acct_1SimBesideXXXXXX";
    for (named, opening) in [("", "193.6"), ("=1", "193.6"), ("=2", "96.8")] {
        let mut cut = Cut::over(Version::V18, |world| {
            world.connect(BESIDE, false);
            if named == "=2" {
                let mut odoo = world.odoo.borrow_mut();
                let company = odoo.company("Another company", "USD");
                odoo.set_up_company(company);
                odoo.keeps_books_of(company, &format!("test {BESIDE}"));
            }
            world.set("STRIPE_ACCOUNTS", &format!("{BESIDE}{named}"));
            for account in [None, Some(BESIDE.to_owned())] {
                pay(world, &Pay { account, ..Pay::card(10_000, "usd") });
            }
            world.pass(DAY);
        });
        let odoo = cut.desk.world.odoo.borrow();
        let held = odoo.balance_of(odoo.role(1, "balance").unwrap(), "USD").0.normalize().to_string();
        drop(odoo);
        assert_eq!(held, opening, "{named}");
        let payment = pay(&cut.desk.world, &Pay::card(5_000, "usd"));
        cut.days(1);
        assert!(!payment.is_empty());
        let accounts = if named == "=2" { vec![None] } else { vec![None, Some(BESIDE.to_owned())] };
        for account in accounts {
            let lanes = Pool { http: cut.desk.world.runtime().http.clone(), fork: None };
            let arguments = Arguments { account: account.clone(), ..Arguments::default() };
            let report = prove(&arguments, &cut.desk.settings(), lanes, &Machine::default(), &cut.desk.world.clock);
            let verdict = report.unwrap().verdict;
            assert_eq!(verdict.exit, EQUAL, "{named} {account:?} {:?}", verdict.sentences);
        }
        cut.desk.world.disable_drop_check();
    }
}

/// What happened at the very instant is booked, what happened a second before is the opening's: by the Worker, by set-up and
/// by the proof.
#[test]
fn the_instant_itself_is_booked() {
    for (later, booked) in [(0, true), (1, false)] {
        let mut cut = Cut::later(Version::V18, later, |world| {
            world.stripe.borrow_mut().settings.settle_after_ms = 0;
            pay(world, &Pay::card(10_000, "usd"));
            debit(world, None);
        });
        cut.days(6);
        let kinds = cut.desk.world.db.query("SELECT kind FROM postings ORDER BY kind");
        let of = |kind: &str| kinds.iter().filter(|row| row["kind"] == kind).count();
        assert_eq!((of("paid"), of("settled")), if booked { (2, 2) } else { (1, 0) }, "{later}: {kinds:?}");
        cut.ends("0");
    }
}

/// Weeks drawn from a seed, with a cut-over in their middle: whatever was under way, nothing is left on clearing or disputed,
/// and the books equal Stripe.
#[test]
fn whatever_was_under_way_is_evened_out() {
    for seed in 0..6 {
        let rng = Rng::seeded(seed);
        let mut made = Made::default();
        let mut cut = Cut::over([Version::V18, Version::V19][usize::from(seed % 2 == 0)], |world| {
            world.stripe.borrow_mut().settings.debits_enter_first = rng.percent(75);
            for _ in 0..14 {
                made.happens(world, &rng, true);
                world.pass(i64::try_from(rng.below(20)).unwrap() * 3_600);
            }
        });
        for _ in 0..12 {
            made.happens(&cut.desk.world, &rng, false);
            cut.days(i64::try_from(rng.below(2)).unwrap());
        }
        made.close(&cut.desk.world);
        made.capture_the_last(&cut.desk.world);
        cut.days(8);
        let transit = cut.stands("transit", "USD");
        cut.ends(&transit);
    }
}

/// What a seed has made at Stripe.
#[derive(Default)]
struct Made {
    payments: Vec<String>,
    disputes: Vec<String>,
    refunds: Vec<String>,
    payouts: Vec<String>,
    /// Authorizations.
    held: Vec<String>,
}

impl Made {
    fn happens(&mut self, world: &World, rng: &Rng, by_hand: bool) {
        let some = |list: &[String]| {
            let at = rng.below(list.len().max(1) as u64);
            list.get(usize::try_from(at).unwrap()).cloned()
        };
        let payment = some(&self.payments);
        match rng.below(13) {
            10 => {
                let at = usize::try_from(rng.below(Entry::WITHOUT_PAYMENT as u64)).unwrap();
                world.stripe.borrow_mut().enter_by_hand(&Entry::without_payment(at, "usd"));
            }
            11 => self.held.push(pay(world, &Pay { manual_capture: true, ..Pay::card(10_000, "usd") })),
            12 => {
                let part = 100 + i64::try_from(rng.below(2_000)).unwrap();
                let _all_taken = some(&self.held).map(|id| world.stripe.borrow_mut().capture_part(&id, part, false));
            }
            0..=2 => {
                let id = pay(world, &Pay::card(10_000, "usd"));
                if by_hand {
                    booked_by_hand(world, &id);
                }
                self.payments.push(id);
            }
            3 => drop(debit(world, None)),
            4 => {
                let how = Method::DelayedFails("insufficient_funds".into());
                pay(world, &Pay { method: how, ..Pay::card(10_000, "usd") });
            }
            5 => {
                let status = rng.percent(50).then(|| "pending".to_owned());
                let asked = payment.map(|id| Refund { status, ..Refund::part(&id, 1_000) });
                self.refunds.extend(asked.and_then(|asked| world.stripe.borrow_mut().refund(&asked).ok()));
            }
            6 => {
                let asked = payment.map(|id| Dispute::of(&id));
                self.disputes.extend(asked.and_then(|asked| world.stripe.borrow_mut().dispute(&asked).ok()));
            }
            7 => {
                let steps = [DisputeStep::Respond, DisputeStep::Win, DisputeStep::Lose];
                let step = steps[usize::try_from(rng.below(3)).unwrap()];
                let _refused = some(&self.disputes).map(|id| world.stripe.borrow_mut().move_dispute(&id, step));
            }
            8 => {
                let end = RefundEnd::Failed("lost_or_stolen_card".into());
                let _refused = some(&self.refunds).map(|id| world.stripe.borrow_mut().end_refund(&id, &end));
            }
            _ => {
                let failed = PayoutStep::Fail("account_closed".into());
                let _refused = some(&self.payouts).map(|id| world.stripe.borrow_mut().move_payout(&id, &failed));
                self.payouts.extend(world.stripe.borrow_mut().payout(&Payout::of(500, "usd")).ok());
            }
        }
    }

    /// Authorizations end; what was captured of them in parts is paid then.
    fn capture_the_last(&self, world: &World) {
        for id in &self.held {
            let _nothing_was_captured = world.stripe.borrow_mut().capture_part(id, 0, true);
        }
    }

    /// Every dispute that is open is lost.
    fn close(&self, world: &World) {
        for id in &self.disputes {
            let _closed = world.stripe.borrow_mut().move_dispute(id, DisputeStep::Lose);
        }
    }
}

/// Run again, nothing changes; what is not under way at another instant goes, as long as it is a draft.
#[test]
fn drafts_follow_the_instant() {
    let mut cut = Cut::over(Version::V18, |world| {
        debit(world, None);
        world.pass(DAY);
    });
    let told = cut.set_up();
    assert!(!told.iter().any(|line| line.starts_with("made") || line.starts_with("changed")), "{told:#?}");
    // Nothing had begun two days earlier; the posted entry is told.
    cut.instant -= 2 * DAY;
    let told = cut.set_up();
    assert!(told.iter().any(|line| line.contains("flight_1_ch_") && line.contains("reverse it")), "{told:#?}");
    cut.desk.world.disable_drop_check();
}

/// Somebody has booked the payment before the cut-over, with Stripe's id in its memo.
fn booked_by_hand(world: &World, payment: &str) {
    let rpc = crate::rpc::Rpc::of(world.odoo.clone());
    let journal = rpc.call("account.journal", "search", json!([[["code", "=", "BNK1"]]]))[0].clone();
    let partner = rpc.call("res.partner", "create", json!([[{"name": "A customer"}]]))[0].clone();
    let vals = json!({"payment_type": "inbound", "partner_type": "customer", "partner_id": partner, "journal_id": journal,
        "amount": 100, "date": "2026-11-20", "memo": format!("tx of {payment}")});
    let id = rpc.call("account.payment", "create", json!([[vals]]))[0].clone();
    rpc.call("account.payment", "action_post", json!([[id]]));
}
