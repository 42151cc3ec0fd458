//! What the Worker itself has booked, proved: receipts, refunds, a dispute, payouts and fees in two settlement currencies,
//! from Stripe's events to Odoo's entries.

use quittance_cli::settings::Settings;
use quittance_cli::verify::finding::Cause;
use quittance_cli::verify::report::{DIFFERS, EQUAL, OPEN_ITEMS, Report};
use quittance_cli::verify::{Arguments, Pool, prove};
use quittance_sim::odoo::Version;
use quittance_sim::stripe::balance::Entry;
use quittance_sim::stripe::merchant::{Dispute, Pay, Payout, Refund};
use quittance_sim::world::World;

use crate::common::Machine;
use crate::rpc::Rpc;

/// The sweeps have run.
const SWEEP: i64 = 20 * 60;

struct Shop {
    world: World,
}

impl Shop {
    fn open(version: Version) -> Self {
        let world = World::new(11, version);
        {
            let mut odoo = world.odoo.borrow_mut();
            [("EUR", "0.8"), ("JPY", "150")].iter().for_each(|(currency, rate)| odoo.set_rate(currency, 1, rate));
            odoo.settle_in(1, "EUR");
        }
        {
            let mut stripe = world.stripe.borrow_mut();
            stripe.settings.rates.insert("jpy".into(), "0.006789".parse().unwrap());
            stripe.settings.settles.insert("jpy".into(), "eur".into());
            stripe.settings.payouts.automatic = false;
        }
        Rpc::of(world.odoo.clone()).set("quittance.book_from", &world.vars["BOOK_FROM"]);
        Self { world }
    }

    fn pay(&self, minor: i64, currency: &str) -> String {
        self.world.stripe.borrow_mut().pay(&Pay::card(minor, currency)).unwrap().payment_intent
    }

    fn trade(&mut self) {
        let paid: Vec<String> = (1..=4).map(|n| self.pay(10_000 * n, "usd")).collect();
        self.pay(8_000, "eur");
        self.pay(25_000, "jpy");
        self.world.pass(SWEEP);
        {
            let mut stripe = self.world.stripe.borrow_mut();
            stripe.refund(&Refund::part(&paid[0], 2_500)).unwrap();
            stripe.dispute(&Dispute::of(&paid[1])).unwrap();
            stripe.enter_by_hand(&Entry::of("stripe_fee", "fee", -250, "usd"));
            stripe.enter_by_hand(&Entry::of("reserved_funds", "risk_reserved_funds", -1_000, "usd"));
        }
        self.world.pass(SWEEP);
        self.world.cron_sleeps = true;
        self.world.pass(3 * 86_400);
        self.world.cron_sleeps = false;
        self.world.stripe.borrow_mut().payout(&Payout::of(5_000, "usd")).unwrap();
        self.world.pass(SWEEP);
    }

    fn prove(&self, arguments: &Arguments) -> Report {
        let settings =
            Settings::from_pairs(self.world.vars.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let lanes = Pool { http: self.world.runtime().http.clone(), fork: None };
        prove(arguments, &settings, lanes, &Machine::default(), &self.world.clock).unwrap()
    }
}

#[test]
fn the_workers_own_books_are_proved_on_every_version() {
    for version in Version::ALL {
        let mut shop = Shop::open(version);
        shop.trade();
        let report = shop.prove(&Arguments::default());
        assert_eq!(report.verdict.exit, EQUAL, "{version:?} {:?} {:#?}", report.verdict, report.sections);
        let told: Vec<(String, usize)> = report.sections.iter().map(|s| (s.currency.to_string(), s.equal)).collect();
        // Two charges in EUR; in USD four charges, refund, dispute, fee, reserve and payout.
        assert_eq!(told, [("EUR".to_owned(), 2), ("USD".to_owned(), 9)], "{version:?}");
        let day = quittance::date::iso(shop.world.clock.now_ms() / 1000 - 86_400);
        let past = shop.prove(&Arguments { at: Some(day), ..Arguments::default() });
        assert!(past.sections.iter().all(|s| s.holds() && s.difference() == 0), "{version:?} {:#?}", past.sections);
        assert_eq!(past.sections.iter().map(|s| s.movements).sum::<usize>(), 10, "all but the payout");
        let month = shop.prove(&Arguments { period: Some("2026-11".into()), ..Arguments::default() });
        for period in &month.periods {
            assert_eq!(period.closing, period.books_closing, "{version:?} {period:?}");
            assert!(period.lines.iter().all(|line| line.net == line.books), "{version:?} {period:?}");
        }
        // Receipts without an invoice are advances; left alone for months they are overdue.
        shop.world.cron_sleeps = true;
        shop.world.pass(200 * 86_400);
        shop.world.cron_sleeps = false;
        assert_eq!(shop.prove(&Arguments::default()).verdict.exit, OPEN_ITEMS, "{version:?}");
        shop.world.finish();
    }
}

#[test]
fn what_the_worker_has_not_heard_of_is_named() {
    let mut shop = Shop::open(Version::V18);
    shop.trade();
    let id = shop.world.stripe.borrow_mut().enter_by_hand(&Entry::of("adjustment", "other_adjustment", 777, "usd"));
    let report = shop.prove(&Arguments::default());
    assert_eq!(report.verdict.exit, DIFFERS);
    let findings: Vec<_> = report.sections.iter().flat_map(|s| &s.findings).collect();
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].cause, findings[0].transaction.as_deref()), (Cause::NotPosted, Some(id.as_str())));
    // The sweep finds it; nobody has mapped what it is.
    shop.world.pass(SWEEP);
    let report = shop.prove(&Arguments::default());
    assert_eq!(report.verdict.exit, OPEN_ITEMS, "{:?}", report.verdict);
    assert!(report.verdict.sentences.iter().any(|s| s.starts_with("Suspense is not empty")), "{:?}", report.verdict);
    shop.world.finish();
}
