//! Both sides as they were seen, compared until they stand still, and the report of it.

use std::collections::{BTreeMap, BTreeSet};

use quittance::erp::odoo::books::{BooksAnswer, Entry, Totals, utc_text};
use quittance::erp::odoo::procedure::READ_BOOKS;
use quittance::money::{Currency, Money};
use quittance::movement::posting_key;
use quittance::ports::Clock;

use super::arguments::Arguments;
use super::compare::{Sides, StrayEntry, SubUnitAmount, compare};
use super::gather::Parties;
use super::items::{self, Limits};
use super::open_items::UnknownItem;
use super::period::{self, CreditNote, Days};
use super::repair;
use super::report::{CutOver, FORM, OtherBalance, Read, Report, Verdict};
use super::section::Section;
use super::stripe::{Balance, PAYMENTS, Transaction};
use super::walk::Snapshot;
use crate::fail::{CommandError, CommandResult};

/// How often the books are read anew when somebody posts while they are read.
const ROUNDS: usize = 3;
fn too_fine(SubUnitAmount(currency, amount): SubUnitAmount) -> CommandError {
    CommandError::new(format!(
        "Odoo has {amount} {currency}, which is finer than Stripe's smallest unit of it: correct the currency's decimal places in Odoo."
    ))
}

/// What was seen on both sides.
pub struct Observation {
    snapshot: Snapshot,
    entries: BTreeMap<String, Entry>,
    totals: Totals,
    strays: Vec<StrayEntry>,
    sections: Vec<Section>,
    ignored: BTreeMap<String, String>,
    unknown: Vec<UnknownItem>,
}

/// What is proved, of whom.
pub struct Proof<'a> {
    pub parties: &'a Parties,
    /// When it was begun, in seconds since 1970 UTC.
    pub began: i64,
    /// Seconds since 1970 UTC.
    pub cut_over: i64,
    /// The past day; none: now.
    pub at: Option<&'a str>,
    pub days: Option<&'a Days>,
    /// Code by id of the transaction.
    pub parked: BTreeMap<String, String>,
    /// What other Stripe accounts of these books had at the cut-over, minor units.
    pub others: BTreeMap<Currency, i64>,
    /// IGNORED_DATABASES.
    pub ignored: Vec<String>,
}

impl Proof<'_> {
    fn sides<'s>(&'s self, seen: &'s Observation) -> Sides<'s> {
        Sides {
            account: &self.parties.who.account,
            at: self.at,
            transactions: &seen.snapshot.transactions,
            entries: &seen.entries,
            totals: &seen.totals,
            strays: &seen.strays,
            others: &self.others,
            parked: &self.parked,
            ignored: &seen.ignored,
        }
    }

    /// Reads the books until they stand still: Odoo's sum of our entries is that of the entries one by one.
    pub fn observe(&self, snapshot: Snapshot) -> CommandResult<Observation> {
        let since = self.days.map(|days| days.from.as_str());
        let (entries, totals, strays, sections, ignored, unknown) = Default::default();
        let mut seen = Observation { snapshot, entries, totals, strays, sections, ignored, unknown };
        for _ in 0..ROUNDS {
            seen.entries = self.parties.entries(&seen.snapshot.transactions, self.at)?;
            seen.totals = self.parties.totals(self.at, since)?;
            seen.strays.clear();
            self.compare(&mut seen)?;
            if seen.sections.iter().any(|section| section.unexplained != 0 || !section.counts_match()) {
                self.look_further(&mut seen)?;
                self.compare(&mut seen)?;
            }
            if seen.sections.iter().all(|section| section.unexplained == 0 && section.counts_match()) {
                break;
            }
        }
        let findings = seen.sections.iter().flat_map(|section| &section.findings);
        seen.ignored = self.parties.ignored_databases(findings, &self.ignored)?;
        if !seen.ignored.is_empty() {
            self.compare(&mut seen)?;
        }
        seen.unknown = self.parties.unknown_items(&seen.totals, &seen.snapshot.transactions)?;
        Ok(seen)
    }

    fn look_further(&self, seen: &mut Observation) -> CommandResult<()> {
        let known: BTreeSet<&str> = seen.snapshot.transactions.iter().map(|t| t.id.as_str()).collect();
        let (judged, later) = self.parties.strays(&known, self.cut_over, self.at)?;
        seen.strays = judged;
        if !later.is_empty() {
            seen.entries.extend(self.parties.entries(&later, self.at)?);
            seen.snapshot.transactions.extend(later);
        }
        Ok(())
    }

    fn compare(&self, seen: &mut Observation) -> CommandResult<()> {
        let balance = &seen.snapshot.balance;
        let mut currencies: BTreeSet<Currency> = seen.snapshot.transactions.iter().map(|t| t.currency).collect();
        currencies.extend(balance.iter().flat_map(|balance| balance.currencies()));
        currencies.extend(seen.totals.balance.iter().map(|account| account.currency));
        let one = |currency: Currency| {
            compare(&self.sides(seen), currency, balance.as_ref().map(|balance| balance.balance_of(currency)))
        };
        let sections: Result<Vec<Section>, SubUnitAmount> = currencies.into_iter().map(one).collect();
        seen.sections = sections.map_err(too_fine)?.into_iter().filter(|section| !section.is_empty()).collect();
        for finding in seen.sections.iter_mut().flat_map(|section| &mut section.findings) {
            finding.repair = repair::plan(finding);
        }
        Ok(())
    }

    /// Puts everything together.
    pub fn report(
        &self,
        arguments: &Arguments,
        books: &BooksAnswer,
        seen: &Observation,
        limits: &Limits,
        clock: &dyn Clock,
    ) -> CommandResult<Report> {
        let sides = self.sides(seen);
        let day = self.at.unwrap_or(&books.today);
        let accounts = items::accounts(&seen.totals, day, limits);
        let mut periods = Vec::new();
        let mut fee_months = Vec::new();
        if let Some(days) = self.days {
            for section in &seen.sections {
                periods.push(period::period(&sides, section, days).map_err(too_fine)?);
                fee_months.extend(period::fee_months(&sides, section.currency, days));
            }
        }
        let from = self.days.map_or("", |days| days.from.as_str());
        let to = self.days.map(|days| days.to.as_str()).or(self.at);
        let within = |day: &str| day >= from && to.is_none_or(|to| day <= to);
        let movements = arguments.movements.then(|| period::movements(&sides, within).map_err(too_fine)).transpose()?;
        let credit_notes = self.days.map(|days| self.credit_notes(&sides, days)).transpose()?;
        Ok(Report {
            form: FORM,
            quittance: env!("CARGO_PKG_VERSION"),
            made: utc_text(clock.now_ms().div_euclid(1000)),
            began: self.began,
            account: self.parties.who.account.clone(),
            livemode: self.parties.who.stripe.livemode(),
            company: books.company.clone(),
            zone: books.zone.clone(),
            cut_over: CutOver { seconds: self.cut_over, utc: utc_text(self.cut_over) },
            at: self.at.map(str::to_owned),
            period: self.days.cloned(),
            read: read(&seen.snapshot.transactions),
            verdict: Verdict::from_sections(&seen.sections, &seen.unknown, &accounts, doubt(seen)),
            unknown: seen.unknown.clone(),
            sections: seen.sections.clone(),
            other_balances: other_balances(seen),
            residues: items::residues(&seen.totals, books.company.currency),
            credit_notes: credit_notes.unwrap_or_default(),
            accounts,
            periods,
            fee_months,
            movements: movements.unwrap_or_default(),
            notes: notes(self, books, seen),
        })
    }

    /// What became of the refunds' credit notes: documents, found by their own keys.
    fn credit_notes(&self, sides: &Sides, days: &Days) -> CommandResult<Vec<CreditNote>> {
        let refunds = period::refunds(sides, days);
        let account = &self.parties.who.account;
        let key = |t: &&Transaction| {
            (posting_key(account, t.source.as_deref().unwrap_or_default(), "credit_note"), t.created)
        };
        let keys: Vec<(String, i64)> = refunds.iter().map(key).collect();
        let found = if keys.is_empty() { Vec::new() } else { self.parties.keys(&keys, self.at)? };
        Ok(refunds.into_iter().zip(&found).map(|(refund, note)| period::credit_note(refund, note)).collect())
    }
}

/// Why the comparison may not hold.
fn doubt(seen: &Observation) -> Option<String> {
    if !seen.snapshot.still {
        return Some(
            "Stripe's balance is moving: try again in a quieter moment, or prove a past day with --at.".into(),
        );
    }
    let unread = seen.sections.iter().any(|s| s.ours != s.posted || s.foreign != s.listed || !s.counts_match());
    unread.then(|| "Somebody posts in Odoo while the books are read: try again in a quieter moment.".into())
}

fn read(transactions: &[Transaction]) -> Read {
    let newest = transactions.iter().max_by_key(|t| t.created);
    Read {
        movements: transactions.len(),
        newest: newest.map(|t| t.id.clone()),
        newest_created: newest.map(|t| utc_text(t.created)),
    }
}

/// Balances of other types: what Stripe holds there, and what moved it.
fn other_balances(seen: &Observation) -> Vec<OtherBalance> {
    let mut told: BTreeMap<(String, Currency), (Option<i64>, usize, i64)> = BTreeMap::new();
    let held = seen.snapshot.balance.iter().flat_map(Balance::others);
    for (name, currency, amount) in held {
        told.entry((name.to_owned(), currency)).or_default().0 = Some(amount);
    }
    for transaction in seen.snapshot.transactions.iter().filter(|t| t.balance_type() != PAYMENTS) {
        let of = told.entry((transaction.balance_type().to_owned(), transaction.currency)).or_default();
        (of.1, of.2) = (of.1 + 1, of.2 + transaction.net);
    }
    let nothing = |(now, movements, _): &(Option<i64>, usize, i64)| now.unwrap_or(0) == 0 && *movements == 0;
    told.into_iter()
        .filter(|(_, of)| !nothing(of))
        .map(|((balance_type, currency), (now, movements, nets))| {
            let text = |minor| Money::new(minor, currency).to_decimal().to_string();
            OtherBalance { balance_type, currency, now: now.map(text), movements, nets: text(nets) }
        })
        .collect()
}

fn notes(proof: &Proof, books: &BooksAnswer, seen: &Observation) -> Vec<String> {
    let mut notes = Vec::new();
    if books.hash != READ_BOOKS.hash {
        notes.push("The procedure read_books in Odoo is not this version's: run `quittance setup odoo`.".into());
    }
    for section in seen.sections.iter().filter(|section| section.account.is_none()) {
        notes.push(format!("{} has no balance account in Odoo: run `quittance setup odoo`.", section.currency));
    }
    for section in seen.sections.iter().filter(|section| section.others != 0) {
        let (sum, currency) = (section.text(section.others), section.currency);
        notes.push(format!("{sum} {currency} on the balance account are other Stripe accounts' and left out here."));
    }
    if proof.at.is_some() {
        notes.push(
            "Of a past day Stripe tells no balance: its side is the opening entry and the movements since.".into(),
        );
    }
    notes
}
