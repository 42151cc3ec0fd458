//! Five hundred things that happen to money, drawn from a seed, in three currencies, over a cut-over, with periods locked and
//! news that comes twice, late, in any order or never. After each of them the laws hold.

use std::collections::BTreeMap;

use quittance_sim::Rng;
use quittance_sim::odoo::Version;
use quittance_sim::stripe::balance::Entry;
use quittance_sim::stripe::dispute::DisputeStep;
use quittance_sim::stripe::merchant::{Dispute, Pay, Payout, Refund};
use quittance_sim::stripe::method::Method;
use quittance_sim::stripe::payout::PayoutStep;
use quittance_sim::stripe::refund::RefundEnd;
use rust_decimal::Decimal;
use serde_json::json;

use crate::books::cutover::{booked_by_hand, cut_over};
use crate::books::laws;
use crate::books::shop::{Shop, major, now};

const STEPS: usize = 500;
/// On the versions whose answers differ little from 18's.
const FEWER: usize = 100;
/// Currencies of invoices; EUR is kept in USD by Stripe, GBP in EUR.
const CURRENCIES: [&str; 3] = ["USD", "EUR", "GBP"];
const DAY: i64 = 86_400;
/// Payments from before the cut-over.
const EARLIER: i64 = 8;

/// An invoice and what is meant to be open on it.
struct Invoice {
    id: i64,
    currency: &'static str,
    total: i64,
    open: i64,
}

/// A payment of the walk.
struct Payment {
    id: String,
    /// Position of the invoice that it paid in full, if it did.
    invoice: Option<usize>,
    amount: i64,
    left: i64,
    debit: bool,
    settled: bool,
}

struct Walk {
    shop: Shop,
    rng: Rng,
    invoices: Vec<Invoice>,
    payments: Vec<Payment>,
    refunds: Vec<String>,
    disputes: Vec<String>,
    payouts: Vec<String>,
    done: BTreeMap<&'static str, usize>,
}

#[test]
fn a_hundred_things_on_17() {
    walk(11, Version::V17, FEWER);
}

#[test]
fn five_hundred_things_on_18() {
    walk(12, Version::V18, STEPS);
}

#[test]
fn a_hundred_things_on_19() {
    walk(13, Version::V19, FEWER);
}

fn walk(seed: u64, version: Version, steps: usize) {
    let mut walk = Walk::of(seed, Shop::seeded(seed, version));
    walk.before_the_cut_over(version);
    for _ in 0..steps {
        walk.step();
        laws::hold_fast(&walk.shop);
    }
    let least = [("payment", 100), ("refund", 20), ("dispute", 5), ("payout", 5), ("late failure", 2), ("lock", 3)];
    for (name, least) in least {
        let least = least * steps / STEPS;
        assert!(walk.done.get(name).is_some_and(|n| *n >= least), "{name}: {:?}", walk.done);
    }
    let earlier = "SELECT count(*) AS n FROM postings WHERE instr(flags, 'receipt_by_reference') > 0";
    let met = walk.shop.world.db.query(earlier)[0]["n"].as_i64().unwrap();
    assert!(met > 0, "nothing came of the payments from before the cut-over");
    walk.end();
}

/// WALK_STEPS (default 100) of them on the Odoo that the environment names; the laws are looked at after every tenth.
#[test]
#[ignore = "needs a real Odoo, named by the environment"]
fn things_on_a_real_odoo() {
    let steps = std::env::var("WALK_STEPS").ok().and_then(|n| n.parse().ok()).unwrap_or(100);
    let seed = now();
    let mut walk = Walk::of(seed, Shop::real(seed).expect("ODOO_URL and the others name a database"));
    for n in 1..=steps {
        walk.step();
        if n % 10 == 0 {
            laws::hold(&walk.shop);
        }
    }
    println!("seed {seed}: {:?}", walk.done);
    walk.end();
}

impl Walk {
    fn of(seed: u64, shop: Shop) -> Self {
        {
            let mut stripe = shop.world.stripe.borrow_mut();
            stripe.settings.rates.insert("gbp".into(), crate::books::shop::decimal("1.1689"));
            stripe.settings.settles.insert("gbp".into(), "eur".into());
            stripe.settings.fee.fx_per_mille = 10;
            let dial = stripe.dial();
            (dial.duplicate, dial.twin, dial.reorder, dial.delay, dial.delay_ms) = (20, 10, 30, 20, 3_600_000);
            dial.drop = 5;
        }
        let none = Default::default;
        Self {
            shop,
            rng: Rng::seeded(seed),
            invoices: none(),
            payments: Vec::new(),
            refunds: Vec::new(),
            disputes: Vec::new(),
            payouts: Vec::new(),
            done: BTreeMap::new(),
        }
    }

    /// Payments that a person has booked, and whose refunds and disputes come afterwards.
    fn before_the_cut_over(&mut self, version: Version) {
        self.shop.world.set("BOOK_FROM", "4000000000");
        for n in 1..=EARLIER {
            let amount = 1_000 * n;
            let paid = self.shop.world.stripe.borrow_mut().pay(&Pay::card(amount, "usd")).unwrap();
            booked_by_hand(&self.shop, &paid.payment_intent, &major(amount, "USD").to_string(), version);
            let (id, invoice) = (paid.payment_intent, None);
            self.payments.push(Payment { id, invoice, amount, left: amount, debit: false, settled: true });
        }
        cut_over(&mut self.shop);
    }

    fn below(&self, n: usize) -> usize {
        usize::try_from(self.rng.below(n.max(1) as u64)).unwrap()
    }

    fn some(&self, n: usize) -> Option<usize> {
        (n > 0).then(|| self.below(n))
    }

    fn step(&mut self) {
        let what = self.below(100);
        let did = match what {
            0..=29 => self.pays(),
            30..=34 => self.pays_nobodys(),
            35..=46 => self.refunds(),
            47..=50 => self.ends_a_refund(),
            51..=56 => self.disputes(),
            57..=62 => self.moves_a_dispute(),
            63..=66 => self.fails_late(),
            67..=72 => self.pays_out(),
            73..=76 => self.moves_a_payout(),
            77..=82 => self.enters_by_hand(),
            83..=84 => self.locks(),
            _ => self.waits(),
        };
        if let Some(name) = did {
            *self.done.entry(name).or_default() += 1;
        }
        self.shop.world.pass(60 * i64::try_from(self.below(20)).unwrap());
    }

    fn pays(&mut self) -> Option<&'static str> {
        let currency = CURRENCIES[self.below(3)];
        let open: Vec<usize> = (0..self.invoices.len()).filter(|i| self.invoices[*i].open > 0).collect();
        let part = !open.is_empty() && self.rng.percent(40);
        let at = if part { open[self.below(open.len())] } else { self.bill(currency) };
        let (id, currency, due) = (self.invoices[at].id, self.invoices[at].currency, self.invoices[at].open);
        // A third in part, a tenth too much.
        let amount = match self.below(10) {
            0..=2 => 100 + i64::try_from(self.below(usize::try_from(due.max(200)).unwrap() - 100)).unwrap(),
            3 => due + 500,
            // Stripe takes no less than half a dollar.
            _ => due.max(100),
        };
        let debit = self.rng.percent(20);
        let method = if debit { Method::Delayed } else { Method::Card };
        let text = major(amount, currency).to_string();
        let paid = self.shop.pay(id, &text, currency, Pay { method, ..Pay::default() });
        self.invoices[at].open = (due - amount).max(0);
        let exact = (amount == due).then_some(at);
        let payment = Payment { id: paid.payment_intent, invoice: exact, amount, left: amount, debit, settled: false };
        self.payments.push(payment);
        Some("payment")
    }

    fn bill(&mut self, currency: &'static str) -> usize {
        let total = 1_000 + i64::try_from(self.below(50_000)).unwrap();
        if !self.shop.simulated {
            // Its clock may stand before the lock: then it takes no invoice at all.
            self.lock(&json!(false));
        }
        let id = self.shop.invoice(&major(total, currency).to_string(), currency);
        self.invoices.push(Invoice { id, currency, total, open: total });
        self.invoices.len() - 1
    }

    fn pays_nobodys(&mut self) -> Option<&'static str> {
        let amount = 500 + i64::try_from(self.below(9_000)).unwrap();
        let currency = CURRENCIES[self.below(3)].to_lowercase();
        let paid = self.shop.world.stripe.borrow_mut().pay(&Pay::card(amount, &currency)).unwrap();
        let payment =
            Payment { id: paid.payment_intent, invoice: None, amount, left: amount, debit: false, settled: true };
        self.payments.push(payment);
        Some("payment of nobody's")
    }

    fn refunds(&mut self) -> Option<&'static str> {
        let at = self.some(self.payments.len())?;
        let payment = &self.payments[at];
        let all = self.rng.percent(50);
        let amount = if all {
            payment.left
        } else {
            1 + i64::try_from(self.below(usize::try_from(payment.left.max(1)).unwrap())).unwrap()
        };
        let status = self.rng.percent(25).then(|| "pending".to_owned());
        let refund = Refund { status, ..Refund::part(&payment.id, amount) };
        let made = self.shop.world.stripe.borrow_mut().refund(&refund).ok()?;
        self.payments[at].left -= amount;
        self.refunds.push(made);
        Some("refund")
    }

    fn ends_a_refund(&mut self) -> Option<&'static str> {
        let at = self.some(self.refunds.len())?;
        let refund = self.refunds[at].clone();
        let end =
            if self.rng.percent(60) { RefundEnd::Failed("lost_or_stolen_card".into()) } else { RefundEnd::Succeeded };
        self.shop.world.stripe.borrow_mut().end_refund(&refund, &end).ok()?;
        self.refunds.remove(at);
        Some("refund ended")
    }

    fn disputes(&mut self) -> Option<&'static str> {
        let at = self.some(self.payments.len())?;
        let id = self.payments[at].id.clone();
        let dispute = if self.rng.percent(25) { Dispute::inquiry(&id) } else { Dispute::of(&id) };
        let made = self.shop.world.stripe.borrow_mut().dispute(&dispute).ok()?;
        self.disputes.push(made);
        Some("dispute")
    }

    fn moves_a_dispute(&mut self) -> Option<&'static str> {
        let at = self.some(self.disputes.len())?;
        let step = match self.below(10) {
            0 => DisputeStep::Escalate,
            1 => DisputeStep::Close,
            2 | 3 => DisputeStep::Win,
            4 => DisputeStep::Appeal,
            5 => DisputeStep::ReinstatePart,
            6 => DisputeStep::Reinstate,
            7 => DisputeStep::Withdraw,
            _ => DisputeStep::Lose,
        };
        self.shop.world.stripe.borrow_mut().move_dispute(&self.disputes[at], step).ok()?;
        Some("dispute moved")
    }

    fn fails_late(&mut self) -> Option<&'static str> {
        let untouched = |p: &&mut Payment| p.debit && p.left == p.amount && p.invoice.is_some() && !p.settled;
        let payment = self.payments.iter_mut().find(untouched)?;
        payment.settled = true;
        let (id, invoice, amount) = (payment.id.clone(), payment.invoice?, payment.amount);
        self.shop.world.stripe.borrow_mut().fail_late(&id, "insufficient_funds").ok()?;
        self.invoices[invoice].open += amount;
        Some("late failure")
    }

    fn pays_out(&mut self) -> Option<&'static str> {
        let currency = ["usd", "eur"][self.below(2)];
        let mut stripe = self.shop.world.stripe.borrow_mut();
        let made = match self.below(3) {
            0 => stripe.payout(&Payout::of(500, currency)).ok()?,
            1 => stripe.payout(&Payout { instant: true, ..Payout::of(700, currency) }).ok()?,
            _ => stripe.payout_now(currency)?,
        };
        drop(stripe);
        self.payouts.push(made);
        Some("payout")
    }

    fn moves_a_payout(&mut self) -> Option<&'static str> {
        let at = self.some(self.payouts.len())?;
        let step = PayoutStep::some(self.below(PayoutStep::SOME));
        self.shop.world.stripe.borrow_mut().move_payout(&self.payouts[at], &step).ok()?;
        Some("payout moved")
    }

    fn enters_by_hand(&mut self) -> Option<&'static str> {
        let entry = Entry::without_payment(self.below(Entry::WITHOUT_PAYMENT), ["usd", "eur"][self.below(2)]);
        self.shop.world.stripe.borrow_mut().enter_by_hand(&entry);
        Some("entry by hand")
    }

    /// The accountant locks up to some day, or opens the books again.
    fn locks(&mut self) -> Option<&'static str> {
        let today = quittance::ports::Clock::now(&self.shop.world.clock);
        let until = quittance::date::iso(today - DAY * i64::try_from(self.below(3)).unwrap());
        let value = if self.rng.percent(50) { json!(until) } else { json!(false) };
        self.lock(&value)?;
        Some("lock")
    }

    /// `None` where Odoo refuses: it locks no period in which a draft stands, such as a loss that was proposed.
    fn lock(&self, until: &serde_json::Value) -> Option<()> {
        let vals = json!({"vals": {"fiscalyear_lock_date": until}});
        self.shop.eyes.answer("res.company", "write", Some(&[self.shop.company]), vals).ok().map(drop)
    }

    fn waits(&mut self) -> Option<&'static str> {
        self.shop.world.pass(DAY / 24 * i64::try_from(self.below(12)).unwrap());
        Some("wait")
    }

    /// Everything comes to rest: the ledger has every balance transaction of Stripe, the balances are equal, and each
    /// invoice is open as it should be.
    fn end(mut self) {
        self.shop.world.pass(4 * DAY);
        laws::hold(&self.shop);
        laws::equals_stripe(&self.shop);
        for invoice in &self.invoices {
            let open = self.shop.eyes.residual(invoice.id);
            let meant: Decimal = major(invoice.open, invoice.currency);
            assert_eq!(open.normalize(), meant, "invoice {} of {}", invoice.id, major(invoice.total, invoice.currency));
        }
        let parked = self.shop.world.db.query("SELECT id, type, code, detail FROM inbox WHERE state = 'parked'");
        assert!(parked.is_empty(), "{parked:#?}");
        self.shop.world.finish();
    }
}
