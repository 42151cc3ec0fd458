//! Stripe's side beside the books' side of one settlement currency: the sums, and every difference with its cause.
//! Nothing here asks anybody anything.

use std::collections::{BTreeMap, BTreeSet};

use quittance::erp::odoo::books::{Entry, Stray, Sum, Totals};
use quittance::money::{Currency, Money};
use rust_decimal::Decimal;

use super::finding::{Cause, Finding, JournalEntryRef};
use super::section::{Section, Timing};
use super::stripe::Transaction;

/// An entry under our key that was not asked for, and what Stripe says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrayEntry {
    pub stray: Stray,
    /// Why it was not among Stripe's movements.
    pub cause: Cause,
}

/// Everything that is known.
#[derive(Clone, Copy)]
pub struct Sides<'a> {
    /// `acct_…`.
    pub account: &'a str,
    /// The day up to which both sides are counted, in the company's zone; none: all there is.
    pub at: Option<&'a str>,
    /// Of all currencies, since the cut-over.
    pub transactions: &'a [Transaction],
    /// By id of the transaction.
    pub entries: &'a BTreeMap<String, Entry>,
    pub totals: &'a Totals,
    pub strays: &'a [StrayEntry],
    /// What the other Stripe accounts of these books had at the cut-over, minor units: the opening entry has it too.
    pub others: &'a BTreeMap<Currency, i64>,
    /// Code by id of the transaction, where the ledger was asked.
    pub parked: &'a BTreeMap<String, String>,
    /// Name of the ignored database by id of the transaction, where its payment names one.
    pub ignored: &'a BTreeMap<String, String>,
}

/// Odoo holds an amount of a currency that Stripe's minor units cannot say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubUnitAmount(pub Currency, pub Decimal);

/// Minor units of an amount in Odoo.
pub fn minor(amount: Decimal, currency: Currency) -> Result<i64, SubUnitAmount> {
    Money::from_decimal(amount, currency).map(|money| money.minor).ok_or(SubUnitAmount(currency, amount))
}

/// Compares. `balance` is available and pending of `/v1/balance`, when the proof is of now.
pub fn compare(sides: &Sides, currency: Currency, balance: Option<(i64, i64)>) -> Result<Section, SubUnitAmount> {
    let work = Comparison { sides, currency, shared: shared(sides) };
    let mut section = Section::empty(currency);
    section.account = sides.totals.balance.iter().find(|b| b.currency == currency).cloned();
    for transaction in sides.transactions {
        work.compare_transaction(transaction, &mut section)?;
    }
    for judged in sides.strays {
        work.stray(judged, &mut section)?;
    }
    work.foreign(&mut section)?;
    work.parts(&mut section)?;
    work.opening(&mut section, balance)?;
    section.findings.sort_by(|a, b| order(a).cmp(&order(b)));
    section.close();
    Ok(section)
}

fn order(finding: &Finding) -> (Cause, &Option<String>, &Option<String>, Option<i64>) {
    (finding.cause, &finding.day, &finding.transaction, finding.entry.as_ref().map(|e| e.id))
}

/// Transactions whose entry another one has as well: all but the first by key.
fn shared(sides: &Sides) -> BTreeSet<String> {
    let mut taken = BTreeSet::new();
    let booked = sides.entries.iter().filter_map(|(id, entry)| Some((id, entry.id.filter(|_| entry.name.is_some())?)));
    booked.filter(|(_, entry)| !taken.insert(*entry)).map(|(id, _)| id.clone()).collect()
}

struct Comparison<'a> {
    sides: &'a Sides<'a>,
    currency: Currency,
    shared: BTreeSet<String>,
}

impl Comparison<'_> {
    fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }

    /// Whether a day is counted.
    fn counts(&self, day: &str) -> bool {
        self.sides.at.is_none_or(|at| day <= at)
    }

    /// Whether anything of it is a line of this currency's balance account.
    fn stands(&self, sums: &[Sum]) -> bool {
        sums.iter().any(|sum| sum.currency == self.currency)
    }

    /// What stands on this currency's balance account.
    fn account_amount(&self, sums: &[Sum]) -> Result<i64, SubUnitAmount> {
        let here = sums.iter().filter(|sum| sum.currency == self.currency);
        here.map(|sum| minor(sum.amount, self.currency)).sum()
    }

    fn compare_transaction(&self, transaction: &Transaction, section: &mut Section) -> Result<(), SubUnitAmount> {
        let nothing = Entry::default();
        let entry = self.sides.entries.get(&transaction.id).unwrap_or(&nothing);
        let posted = entry.state.as_deref() == Some("posted") && !self.shared.contains(&transaction.id);
        let in_time = posted && entry.date.as_deref().is_some_and(|date| self.counts(date));
        let held = if posted { self.account_amount(&entry.sums)? } else { 0 };
        let booked = if in_time { held } else { 0 };
        let ours = transaction.currency == self.currency;
        let payments = transaction.is_followed();
        let due = self.counts(&entry.intended);
        section.posted += booked;
        section.found += usize::from(in_time && self.stands(&entry.sums));
        if !ours || !payments {
            if booked != 0 {
                let cause = if ours { Cause::OtherBalance } else { Cause::OtherCurrency };
                section.findings.push(self.about(cause, booked, transaction, entry));
            }
            return Ok(());
        }
        if due {
            section.movements += 1;
            section.nets += transaction.net;
        }
        if let (true, Some(date)) = (posted && held == transaction.net, entry.date.clone()) {
            if due == in_time {
                section.equal += usize::from(due);
            } else {
                let amount = if due { -transaction.net } else { held };
                section.findings.push(self.about(Cause::DateMoved, amount, transaction, entry));
            }
            if date != entry.intended && (due || in_time) {
                section.timing.push(Timing::from_entry(transaction, entry, self.money(transaction.net)));
            }
        } else if due || in_time {
            let expected = if due { transaction.net } else { 0 };
            section.findings.push(self.about(self.cause(transaction, entry), booked - expected, transaction, entry));
        }
        Ok(())
    }

    /// Why it has no posted entry of its net.
    fn cause(&self, transaction: &Transaction, entry: &Entry) -> Cause {
        if self.shared.contains(&transaction.id) {
            return Cause::Shared;
        }
        match (entry.claim, entry.state.as_deref()) {
            (false, _) if self.sides.ignored.contains_key(&transaction.id) => Cause::IgnoredDatabase,
            (false, _) if self.sides.parked.contains_key(&transaction.id) => Cause::Parked,
            (false, _) => Cause::NotPosted,
            (true, None) => Cause::Deleted,
            (true, Some("posted")) => Cause::Changed,
            (true, Some("draft")) => Cause::Draft,
            (true, Some(_)) => Cause::Cancelled,
        }
    }

    fn about(&self, cause: Cause, amount: i64, transaction: &Transaction, entry: &Entry) -> Finding {
        let detail = match cause {
            Cause::IgnoredDatabase => self.sides.ignored.get(&transaction.id).cloned().unwrap_or_default(),
            Cause::Parked => self.sides.parked.get(&transaction.id).cloned().unwrap_or_default(),
            Cause::Changed | Cause::OtherCurrency => format!("Stripe's net is {}", net(transaction)),
            Cause::OtherBalance => transaction.balance_type().to_owned(),
            _ => transaction.reporting_category.clone(),
        };
        Finding {
            transaction: Some(transaction.id.clone()),
            entry: journal_entry(entry),
            day: Some(entry.intended.clone()).filter(|day| !day.is_empty()),
            detail,
            ..Finding::new(cause, self.money(amount))
        }
    }

    fn stray(&self, judged: &StrayEntry, section: &mut Section) -> Result<(), SubUnitAmount> {
        let stray = &judged.stray;
        let held = self.account_amount(&stray.sums)?;
        if stray.state != "posted" || !self.counts(&stray.date) || !self.stands(&stray.sums) {
            return Ok(());
        }
        section.posted += held;
        section.found += 1;
        section.findings.push(Finding {
            transaction: stray.key.split(':').nth(2).map(str::to_owned),
            entry: Some(JournalEntryRef { id: stray.id, name: stray.name.clone(), date: stray.date.clone() }),
            ..Finding::new(judged.cause, self.money(held))
        });
        Ok(())
    }

    fn foreign(&self, section: &mut Section) -> Result<(), SubUnitAmount> {
        for one in self.sides.totals.foreign.iter().filter(|one| one.sum.currency == self.currency) {
            let amount = minor(one.sum.amount, self.currency)?;
            // A revaluation changes the company's value alone, and no amount.
            if amount == 0 {
                continue;
            }
            let booked = one.key.iter().map(|key| format!("booked under {key}"));
            let told = [&one.r#ref, &one.label].into_iter().filter(|text| !text.is_empty()).take(1).cloned();
            let by = Some(format!("by {}", one.by)).filter(|_| !one.by.is_empty());
            section.listed += amount;
            section.findings.push(Finding {
                entry: Some(JournalEntryRef { id: one.id, name: one.name.clone(), date: one.date.clone() }),
                lines: one.lines.clone(),
                detail: booked.chain(told).chain(by).collect::<Vec<_>>().join(", "),
                ..Finding::new(Cause::Foreign, self.money(amount))
            });
        }
        Ok(())
    }

    /// The account's whole, by whose it is; what other Stripe accounts have there is not this proof's.
    fn parts(&self, section: &mut Section) -> Result<(), SubUnitAmount> {
        for part in self.sides.totals.parts.iter().filter(|part| part.sum.currency == self.currency) {
            let amount = minor(part.sum.amount, self.currency)?;
            match part.whose.as_str() {
                "opening" => section.opening_posted += amount,
                "foreign" => section.foreign += amount,
                whose if whose == self.sides.account => {
                    section.ours += amount;
                    section.entries += usize::try_from(part.moves).unwrap_or_default();
                }
                _ => section.others += amount,
            }
        }
        Ok(())
    }

    fn opening(&self, section: &mut Section, balance: Option<(i64, i64)>) -> Result<(), SubUnitAmount> {
        let entry = self.sides.totals.openings.iter().find(|o| o.currency == self.currency);
        let entry = entry.filter(|o| o.state != "cancel");
        let others = self.sides.others.get(&self.currency).copied().filter(|_| entry.is_some()).unwrap_or(0);
        let written = entry.map_or(Ok(0), |o| self.account_amount(&o.sums))? - others;
        let draft = entry.is_some_and(|o| o.state == "draft");
        if entry.is_some_and(|o| o.state == "posted" && self.sides.at.is_none_or(|at| o.date.as_str() <= at)) {
            section.opening_posted -= others;
            section.others += others;
        }
        section.balance = balance;
        // Of a past day Stripe tells no balance: what the entry says is taken, posted or not.
        section.opening = balance.map_or(written, |(available, pending)| available + pending - section.nets);
        let about = |cause, amount| Finding {
            entry: entry.map(|o| JournalEntryRef { id: o.id, name: o.name.clone(), date: o.date.clone() }),
            ..Finding::new(cause, self.money(amount))
        };
        let missing = section.opening_posted - section.opening;
        match entry {
            None if missing != 0 => section.findings.push(about(Cause::OpeningMissing, missing)),
            Some(_) if draft => {
                section.findings.extend((written != 0).then(|| about(Cause::OpeningDraft, -written)));
                let rest = missing + written;
                section.findings.extend((rest != 0).then(|| about(Cause::OpeningDiffers, rest)));
            }
            Some(_) if missing != 0 => section.findings.push(about(Cause::OpeningDiffers, missing)),
            _ => {}
        }
        Ok(())
    }
}

fn net(transaction: &Transaction) -> Money {
    Money::new(transaction.net, transaction.currency)
}

fn journal_entry(entry: &Entry) -> Option<JournalEntryRef> {
    let name = entry.name.clone()?;
    Some(JournalEntryRef { id: entry.id?, name, date: entry.date.clone().unwrap_or_default() })
}
