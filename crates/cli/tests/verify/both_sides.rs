//! Both sides made by hand: books in which every balance transaction is one entry of its net, to be spoiled.

use std::collections::BTreeMap;

use quittance::erp::odoo::books::{BalanceAccount, Entry, Foreign, Opening, Part, Sum, Totals};
use quittance::money::{Currency, Money};
use quittance_cli::verify::compare::{Sides, StrayEntry, compare};
use quittance_cli::verify::section::Section;
use quittance_cli::verify::stripe::{Fee, Transaction};

pub const ACCOUNT: &str = "acct_1";

pub fn currency(code: &str) -> Currency {
    code.parse().unwrap()
}

pub fn usd() -> Currency {
    currency("USD")
}

pub fn sum(minor: i64, currency: Currency) -> Sum {
    let amount = Money::new(minor, currency).to_decimal();
    Sum { currency, amount, value: amount }
}

/// A charge of this net, with a fee of 30.
pub fn transaction(id: &str, net: i64) -> Transaction {
    Transaction {
        id: id.into(),
        created: 1_795_000_000,
        amount: net + 30,
        currency: usd(),
        fee: 30,
        net,
        fee_details: vec![Fee { amount: 30, r#type: "stripe_fee".into() }],
        reporting_category: "charge".into(),
        r#type: "charge".into(),
        balance_type: Some("payments".into()),
        source: Some(format!("ch_{id}")),
    }
}

/// Both sides, whole.
#[derive(Clone)]
pub struct BothSides {
    pub at: Option<String>,
    pub transactions: Vec<Transaction>,
    pub entries: BTreeMap<String, Entry>,
    /// Without sums by part, which follow from the rest.
    pub totals: Totals,
    pub strays: Vec<StrayEntry>,
    pub parked: BTreeMap<String, String>,
    pub ignored: BTreeMap<String, String>,
    /// What Stripe had at the cut-over.
    pub opening: i64,
    /// What other Stripe accounts have on the balance account.
    pub others: i64,
    /// What they had at the cut-over, which the opening entry has as well.
    pub openings: BTreeMap<Currency, i64>,
    /// Entries that Odoo counts beyond those that were read, of no sum.
    pub uncounted: usize,
    /// What Odoo sums up beyond the entries that were read: posted meanwhile.
    pub meanwhile: i64,
}

impl BothSides {
    /// Entries of 100, 200, … on 2026-11-01 and later, and a posted opening of 5,000.
    pub fn whole(count: i64) -> Self {
        let account = BalanceAccount { currency: usd(), id: 10, code: "101405".into(), name: "Stripe".into() };
        let mut known = Self {
            at: None,
            transactions: Vec::new(),
            entries: BTreeMap::new(),
            totals: Totals { balance: vec![account], ..Totals::default() },
            strays: Vec::new(),
            parked: BTreeMap::new(),
            ignored: BTreeMap::new(),
            opening: 5_000,
            others: 0,
            openings: BTreeMap::new(),
            uncounted: 0,
            meanwhile: 0,
        };
        known.open(5_000, "posted");
        (1..=count).for_each(|n| known.add(transaction(&format!("txn_{n:03}"), n * 100), &day(n)));
        known
    }

    /// A transaction of a day with its posted entry.
    pub fn add(&mut self, transaction: Transaction, day: &str) {
        let id = 1000 + i64::try_from(self.transactions.len()).unwrap();
        let entry = Entry {
            key: format!("stripe:{ACCOUNT}:{}:settled", transaction.id),
            claim: true,
            intended: day.into(),
            model: Some("account.move".into()),
            id: Some(id),
            name: Some(format!("STRP/{id}")),
            state: Some("posted".into()),
            date: Some(day.into()),
            sums: vec![sum(transaction.net, transaction.currency)],
        };
        self.entries.insert(transaction.id.clone(), entry);
        self.transactions.push(transaction);
    }

    pub fn open(&mut self, minor: i64, state: &str) {
        let sums = vec![sum(minor, usd())];
        let (name, date, state) = ("STRP/0".into(), "2026-10-31".into(), state.into());
        self.totals.openings = vec![Opening { currency: usd(), id: 999, name, state, date, sums }];
    }

    pub fn foreign(&mut self, id: i64, minor: i64, date: &str) {
        let (name, label) = (format!("MISC/{id}"), "by hand".into());
        let one = Foreign {
            sum: sum(minor, usd()),
            id,
            name,
            date: date.into(),
            r#ref: String::new(),
            by: "Ada".into(),
            label,
            lines: vec![id * 10],
            key: None,
        };
        self.totals.foreign.push(one);
    }

    pub fn entry(&mut self, id: &str) -> &mut Entry {
        self.entries.get_mut(id).unwrap()
    }

    /// The entry is not there: nobody booked it.
    pub fn unbook(&mut self, id: &str) {
        let entry = self.entry(id);
        let (key, intended) = (entry.key.clone(), entry.intended.clone());
        *entry = Entry { key, intended, ..Entry::default() };
    }

    /// Odoo's own sums of what stands there on the day, as SQL makes them: each entry once.
    pub fn parts(&self, currency: Currency) -> Vec<Part> {
        let counts = |date: &str| self.at.as_deref().is_none_or(|at| date <= at);
        let of = |sums: &[Sum]| -> i64 {
            let here = sums.iter().filter(|sum| sum.currency == currency);
            here.map(|sum| Money::from_decimal(sum.amount, currency).unwrap().minor).sum()
        };
        let mut seen = std::collections::BTreeSet::new();
        let posted = self.entries.values().filter(|e| e.state.as_deref() == Some("posted"));
        let posted = posted.filter(|e| counts(e.date.as_deref().unwrap()) && seen.insert(e.id));
        let posted: Vec<&Entry> = posted.collect();
        let ours: i64 = posted.iter().map(|e| of(&e.sums)).sum();
        let here = |sums: &[Sum]| sums.iter().any(|sum| sum.currency == currency);
        let count = posted.iter().filter(|e| here(&e.sums)).count();
        let strays = self.strays.iter().map(|j| &j.stray).filter(|s| s.state == "posted" && counts(&s.date));
        let strays: Vec<&quittance::erp::odoo::books::Stray> = strays.collect();
        let count = count + strays.iter().filter(|s| here(&s.sums)).count();
        let strays: i64 = strays.iter().map(|s| of(&s.sums)).sum();
        let opening = self.totals.openings.iter().filter(|o| o.state == "posted" && counts(&o.date));
        let opening: i64 = opening.map(|o| of(&o.sums)).sum();
        let foreign = self.totals.foreign.iter().filter(|f| counts(&f.date));
        let foreign: i64 = foreign.map(|f| of(std::slice::from_ref(&f.sum))).sum();
        let part = |whose: &str, minor| Part {
            sum: sum(minor, currency),
            whose: whose.into(),
            moves: i64::try_from(count + self.uncounted).unwrap(),
            moved: sum(minor, currency),
        };
        let ours = part(ACCOUNT, ours + strays + self.meanwhile);
        vec![ours, part("opening", opening), part("foreign", foreign), part("acct_2", self.others)]
    }

    /// Stripe's balance now: all that it lists, on top of the opening.
    pub fn balance(&self, currency: Currency) -> Option<(i64, i64)> {
        let nets = self.transactions.iter().filter(|t| t.currency == currency && t.balance_type() == "payments");
        let all = self.opening + nets.map(|t| t.net).sum::<i64>();
        self.at.is_none().then_some((all - 70, 70))
    }

    pub fn compare(&self) -> Section {
        self.section(usd())
    }

    pub fn section(&self, currency: Currency) -> Section {
        let totals = Totals { parts: self.parts(currency), ..self.totals.clone() };
        let opening =
            if currency == usd() { self.balance(currency) } else { Some((0, 0)).filter(|_| self.at.is_none()) };
        compare(&self.sides(&totals), currency, opening).unwrap()
    }

    pub fn sides<'a>(&'a self, totals: &'a Totals) -> Sides<'a> {
        Sides {
            account: ACCOUNT,
            at: self.at.as_deref(),
            transactions: &self.transactions,
            entries: &self.entries,
            totals,
            strays: &self.strays,
            others: &self.openings,
            parked: &self.parked,
            ignored: &self.ignored,
        }
    }
}

/// 2026-11-01 and later.
pub fn day(n: i64) -> String {
    format!("2026-11-{:02}", (n - 1) % 28 + 1)
}

/// Cause, amount and id of each finding.
pub fn told(section: &Section) -> Vec<String> {
    let one = |f: &quittance_cli::verify::finding::Finding| {
        let id = f.transaction.clone().or_else(|| f.entry.as_ref().map(|e| e.name.clone())).unwrap_or_default();
        format!("{:?} {} {id}", f.cause, f.amount.to_decimal())
    };
    section.findings.iter().map(one).collect()
}
