//! One settlement currency's balance: what Stripe says, what the books say, and the way from one to the other.

use quittance::erp::odoo::books::{BalanceAccount, Entry};
use quittance::money::{Currency, Money};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::finding::{Cause, Finding, JournalEntryRef, amount};
use super::stripe::Transaction;

/// Amounts are minor units of `currency`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    pub currency: Currency,
    /// None: set-up has made no balance account for this currency.
    pub account: Option<BalanceAccount>,
    /// Balance transactions since the cut-over, and how many of them are one posted entry of their net in time.
    pub movements: usize,
    pub equal: usize,
    /// What Stripe had at the cut-over; of a past day what the opening entry says.
    pub opening: i64,
    /// Sum of the movements' nets.
    pub nets: i64,
    /// `available` and `pending`, read from Stripe.
    pub balance: Option<(i64, i64)>,
    /// The account's posted lines by whose they are, as Odoo sums them.
    pub opening_posted: i64,
    pub ours: i64,
    pub foreign: i64,
    /// Of other Stripe accounts on the same balance account.
    pub others: i64,
    /// The same added up line by line: of the entries by key, and of the foreign ones listed.
    pub posted: i64,
    pub listed: i64,
    pub findings: Vec<Finding>,
    /// Movements whose day in Odoo is another than at Stripe.
    pub timing: Vec<Timing>,
    /// What of the difference no finding explains.
    pub unexplained: i64,
    /// Posted entries under our keys that Odoo counts there, and those that were found by a key of Stripe's or as a stray.
    pub entries: usize,
    pub found: usize,
}

/// A movement booked on another day than it happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Timing {
    pub transaction: String,
    #[serde(serialize_with = "amount")]
    pub amount: Money,
    /// The day at Stripe, in the company's zone.
    pub day: String,
    pub entry: JournalEntryRef,
}

impl Timing {
    pub fn from_entry(transaction: &Transaction, entry: &Entry, amount: Money) -> Self {
        let (name, date) = (entry.name.clone().unwrap_or_default(), entry.date.clone().unwrap_or_default());
        let entry_named = JournalEntryRef { id: entry.id.unwrap_or_default(), name, date };
        Self { transaction: transaction.id.clone(), amount, day: entry.intended.clone(), entry: entry_named }
    }
}

impl Section {
    pub fn empty(currency: Currency) -> Self {
        Self {
            currency,
            account: None,
            movements: 0,
            equal: 0,
            opening: 0,
            nets: 0,
            balance: None,
            opening_posted: 0,
            ours: 0,
            foreign: 0,
            others: 0,
            posted: 0,
            listed: 0,
            findings: Vec::new(),
            timing: Vec::new(),
            unexplained: 0,
            entries: 0,
            found: 0,
        }
    }

    /// What Stripe has.
    pub fn stripe(&self) -> i64 {
        self.opening + self.nets
    }

    /// What the balance account has, without other Stripe accounts.
    pub fn books(&self) -> i64 {
        self.opening_posted + self.ours + self.foreign
    }

    /// Books less Stripe.
    pub fn difference(&self) -> i64 {
        self.books() - self.stripe()
    }

    /// Sum of the findings.
    pub fn explained(&self) -> i64 {
        self.findings.iter().map(|finding| finding.amount.minor).sum()
    }

    /// Whether Odoo has as many entries under our keys there as were looked at: two more that cancel each other change no sum.
    pub fn counts_match(&self) -> bool {
        self.entries == self.found
    }

    /// What the findings leave of the difference. It is the difference between Odoo's own sum and the entries one by
    /// one: they were read one after the other, and somebody may have posted meanwhile.
    pub fn close(&mut self) {
        self.unexplained = self.difference() - self.explained();
    }

    /// Whether nothing is wrong: every difference is one of time, or left out on purpose.
    pub fn holds(&self) -> bool {
        self.unexplained == 0 && self.counts_match() && self.findings.iter().all(|finding| finding.cause.is_harmless())
    }

    /// Nothing ever happened in this currency.
    pub fn is_empty(&self) -> bool {
        let sums = [self.opening, self.nets, self.books(), self.others];
        self.movements == 0 && self.findings.is_empty() && sums.iter().all(|sum| *sum == 0)
    }

    /// The findings by cause, with their number and sum.
    pub fn causes(&self) -> Vec<(Cause, usize, i64)> {
        let mut causes: Vec<(Cause, usize, i64)> = Vec::new();
        for finding in &self.findings {
            match causes.iter_mut().find(|(cause, _, _)| *cause == finding.cause) {
                Some((_, count, sum)) => {
                    *count += 1;
                    *sum += finding.amount.minor;
                }
                None => causes.push((finding.cause, 1, finding.amount.minor)),
            }
        }
        causes
    }

    /// Minor units as text.
    pub fn text(&self, minor: i64) -> String {
        Money::new(minor, self.currency).to_decimal().to_string()
    }
}

impl Serialize for Section {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut out = to.serialize_struct("Section", 18)?;
        out.serialize_field("currency", &self.currency)?;
        out.serialize_field("account", &self.account)?;
        out.serialize_field("holds", &self.holds())?;
        out.serialize_field("movements", &self.movements)?;
        out.serialize_field("equal", &self.equal)?;
        out.serialize_field("opening", &self.text(self.opening))?;
        out.serialize_field("nets", &self.text(self.nets))?;
        out.serialize_field("stripe", &self.text(self.stripe()))?;
        out.serialize_field("available", &self.balance.map(|(available, _)| self.text(available)))?;
        out.serialize_field("pending", &self.balance.map(|(_, pending)| self.text(pending)))?;
        out.serialize_field("books", &self.text(self.books()))?;
        out.serialize_field("books_opening", &self.text(self.opening_posted))?;
        out.serialize_field("books_foreign", &self.text(self.foreign))?;
        out.serialize_field("books_other_accounts", &self.text(self.others))?;
        out.serialize_field("difference", &self.text(self.difference()))?;
        out.serialize_field("unexplained", &self.text(self.unexplained))?;
        out.serialize_field("findings", &self.findings)?;
        out.serialize_field("timing", &self.timing)?;
        out.end()
    }
}
