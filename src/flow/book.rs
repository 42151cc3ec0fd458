//! Booking: the movements of several events go to the ERP in as few calls as possible, and each answer becomes an
//! outcome of its event.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Value, json};

use super::conditional_reversal::ConditionalReversals;
use super::connection::DeliveryContext;
use super::movement_job::MovementJob;
use super::outcome::Outcome;
use super::retry;
use crate::config::ErpConfig;
use crate::erp::mark::Marks;
use crate::erp::{Answer, Booking, Fault};
use crate::error::{Code, Error};
use crate::ledger::outcomes::Posting;
use crate::ledger::transactions;
use crate::movement::{Movement, MovementKind};
use crate::ports::{Level, Runtime};

/// Most movements in one call: about four seconds of a real Odoo's time, far from its 60 s.
pub const MOVEMENTS_MAX: usize = 20;

/// What became of the work.
#[derive(Default)]
pub struct BookingResult {
    /// How each event's attempt ends, the gravest of its movements.
    pub ends: HashMap<String, Outcome>,
    pub postings: Vec<Posting>,
    /// Rows of the balance transactions among them.
    pub transactions: Vec<Value>,
    /// Rows of the inbox for balance transactions that the events' objects name.
    pub follow: Vec<Value>,
    /// Events of which something could not be booked.
    pub failed: HashSet<String>,
    /// A fault of the connection: what had no answer was given back.
    pub fault: Option<Error>,
    /// Delivery is on trial: a probe has just passed, so a fault that only this movement meets is also an attempt of
    /// its own, and in the end it is parked instead of holding everybody up for ever.
    pub on_trial: bool,
    /// The ERP answered, whatever it said of the movements.
    pub answered: bool,
    /// Marks of the ERP's answers.
    pub marks: Marks,
    pub(super) undecided: ConditionalReversals,
}

/// Books all of it in as few calls as may be: group by group, and of an event nothing that builds on what could not be
/// booked. No call begins after `latest` (seconds): what is left is given back.
pub async fn book(
    rt: &Runtime,
    context: &DeliveryContext<'_>,
    work: Vec<MovementJob>,
    latest: i64,
    on_trial: bool,
) -> BookingResult {
    let mut booked =
        BookingResult { on_trial, undecided: ConditionalReversals::from_jobs(&work), ..BookingResult::default() };
    let least = work.iter().filter_map(|w| w.batch_limit).min().and_then(|l| usize::try_from(l).ok());
    let mut groups: BTreeMap<(u8, bool), Vec<MovementJob>> = BTreeMap::new();
    for one in work {
        groups
            .entry((context.erp.batch_group(one.movement.kind), booked.undecided.concerns(&one.movement)))
            .or_default()
            .push(one);
    }
    for mut group in groups.into_values() {
        group.retain(|work| !booked.is_blocked(work));
        group.iter_mut().for_each(|work| booked.undecided.net_receipt(&mut work.movement));
        for chunk in group.chunks(least.unwrap_or(MOVEMENTS_MAX).clamp(1, MOVEMENTS_MAX)) {
            if booked.fault.is_some() || rt.clock.now() > latest {
                chunk
                    .iter()
                    .for_each(|w| booked.add_outcome(&w.event, Outcome::Release { batch_limit: w.batch_limit }));
                continue;
            }
            let chunk: Vec<&MovementJob> = chunk.iter().collect();
            for part in call(rt, context, &chunk, &mut booked).await {
                if booked.fault.is_some() || rt.clock.now() > latest {
                    part.iter()
                        .for_each(|w| booked.add_outcome(&w.event, Outcome::Release { batch_limit: w.batch_limit }));
                } else {
                    call(rt, context, &part, &mut booked).await;
                }
            }
        }
    }
    booked.marks = context.erp.marks();
    booked
}

/// Returns what has to be asked again, account by account: the books of one of several cannot be used.
async fn call<'w>(
    rt: &Runtime,
    context: &DeliveryContext<'_>,
    chunk: &[&'w MovementJob],
    booked: &mut BookingResult,
) -> Vec<Vec<&'w MovementJob>> {
    let on_trial = booked.on_trial;
    let movements: Vec<Movement> = chunk.iter().map(|w| w.movement.clone()).collect();
    let began = rt.clock.now_ms();
    let answers = match context.erp.apply(&movements).await {
        Ok(answers) if answers.len() == chunk.len() => Ok(answers),
        Ok(_) => Err(Fault::Connection(Error::of(Code::ErpProtocol))),
        Err(fault) => Err(fault),
    };
    let fields = json!({ "movements": chunk.len(), "ms": rt.clock.now_ms() - began, "ok": answers.is_ok() });
    rt.log.line(Level::Info, "erp_call", fields);
    match answers {
        Ok(answers) => {
            booked.answered = true;
            let supplier = context.delivery.erp.bills_fees();
            chunk.iter().zip(answers).for_each(|(work, answer)| record_answer(rt, work, answer, supplier, booked));
        }
        Err(Fault::Connection(error)) if is_of_books(error.code) && accounts(chunk).len() > 1 => {
            return accounts(chunk).into_values().collect();
        }
        Err(Fault::Connection(error)) if is_fault_of_account(context, chunk, error.code) => {
            let account = chunk.first().map_or("", |work| work.movement.account.as_str());
            let todo =
                format!("Write `{account}=COMPANY` into STRIPE_ACCOUNTS, run `quittance setup odoo`, then replay.");
            let error = Error::new(error.code, format!("{todo} {}", error.detail));
            chunk.iter().for_each(|w| booked.add_outcome(&w.event, Outcome::Park(error.clone())));
        }
        Err(Fault::Connection(error)) => {
            let end = |w: &MovementJob| match on_trial {
                true => Outcome::Fail(error.clone()),
                false => Outcome::Release { batch_limit: w.batch_limit },
            };
            chunk.iter().for_each(|w| booked.add_outcome(&w.event, end(w)));
            booked.fault = Some(error);
        }
        // One of them may be the cause, so each half is tried before anything counts as an attempt.
        Err(Fault::TimedOut(_) | Fault::Transient(_)) if chunk.len() > 1 => {
            let half = i64::try_from(chunk.len() / 2).ok();
            chunk.iter().for_each(|w| booked.add_outcome(&w.event, Outcome::Release { batch_limit: half }));
        }
        Err(Fault::TimedOut(error) | Fault::Transient(error)) => {
            chunk.iter().for_each(|w| booked.add_outcome(&w.event, Outcome::Fail(error.clone())));
        }
    }
    Vec::new()
}

/// Movements by Stripe account.
fn accounts<'w>(chunk: &[&'w MovementJob]) -> BTreeMap<&'w str, Vec<&'w MovementJob>> {
    chunk.iter().fold(BTreeMap::new(), |mut all, work| {
        all.entry(work.movement.account.as_str()).or_default().push(*work);
        all
    })
}

/// Whether the fault may be that of one account's books alone.
fn is_of_books(code: Code) -> bool {
    matches!(code, Code::OdooOtherAccount | Code::ErpNotConfigured)
}

/// Whether the fault is of the books of a connected account alone, and no reason to stop the others: the ERP does not know
/// the account, or its company, which is another than that of the key's own, is not set up.
fn is_fault_of_account(context: &DeliveryContext<'_>, chunk: &[&MovementJob], code: Code) -> bool {
    let own = &context.identity.account;
    let Some(account) = chunk.first().map(|work| &work.movement.account).filter(|account| *account != own) else {
        return false;
    };
    let company = |account: &str| match &context.delivery.erp {
        ErpConfig::Odoo(odoo) => odoo.company_of(account),
        ErpConfig::Rpc(_) => None,
    };
    code == Code::OdooOtherAccount || (code == Code::ErpNotConfigured && company(account) != company(own))
}

fn record_answer(rt: &Runtime, work: &MovementJob, answer: Answer, supplier: bool, booked: &mut BookingResult) {
    let movement = &work.movement;
    match answer {
        Answer::Booked(booking) => {
            let outcome = if booking.duplicate { "duplicate" } else { "created" };
            let fields = json!({ "key": movement.key, "event": work.event, "outcome": outcome, "record": booking.id,
                "name": booking.name, "flags": booking.flags });
            // Flags are for people: money without an invoice, an invoice paid twice, a payment cancelled by hand.
            rt.log.line(if booking.flags.is_empty() { Level::Info } else { Level::Alert }, "booked", fields);
            booked.postings.push(posting_row(work, outcome, booking));
            booked.transactions.extend(transactions::transaction_row(movement, supplier));
            booked.undecided.is_reversed(&movement.key);
            booked.add_outcome(&work.event, Outcome::Done);
        }
        Answer::Gone => {
            booked.postings.push(posting_row(work, "gone", Booking::default()));
            booked.add_outcome(&work.event, Outcome::Park(Error::of(Code::PaymentGone)));
        }
        Answer::Refused(error) if booked.undecided.is_netted(movement, error.code) => {
            booked.add_outcome(&work.event, "not_paid".into());
        }
        Answer::Refused(error) => booked.add_outcome(&work.event, Outcome::Park(error)),
        Answer::Retry(error) => booked.add_outcome(
            &work.event,
            match retry::postponement_s(error.code) {
                Some(after) => Outcome::Postpone { error, after },
                None => Outcome::Fail(error),
            },
        ),
    }
}

fn posting_row(work: &MovementJob, outcome: &'static str, booking: Booking) -> Posting {
    let movement = &work.movement;
    let there = outcome != "gone";
    let words = search_terms(movement, &booking);
    Posting {
        key: movement.key.clone(),
        payment: movement.payment.clone(),
        event: work.event.clone(),
        minor: movement.money.minor,
        currency: movement.money.currency.code().to_owned(),
        outcome,
        model: there.then_some(booking.model),
        record: there.then_some(booking.id),
        name: there.then_some(booking.name),
        flags: json!(booking.flags),
        documents: json!(booking.documents),
        kind: json!(movement.kind),
        occurred: movement.occurred,
        intended: booking.intended,
        date: booking.date,
        words,
    }
}

/// What an operator may look for a receipt by; other movements are found by its payment.
fn search_terms(movement: &Movement, booking: &Booking) -> Vec<String> {
    /// A number of a document, or what a payer typed into its place.
    const LONGEST: usize = 64;
    const MOST: usize = 10;
    if movement.kind != MovementKind::Paid {
        return Vec::new();
    }
    let written = movement.reference.numbers.iter().filter(|text| is_number(text));
    let numbers = booking.documents.iter().map(|d| &d.name).chain(written);
    let words = movement.customer.iter().chain(numbers);
    words.filter(|word| !word.is_empty() && word.len() <= LONGEST).take(MOST).cloned().collect()
}

/// Whether a text can be the number of a document. People also write names and addresses where one belongs, and these are
/// not kept.
fn is_number(text: &str) -> bool {
    let marks = |c: char| c.is_alphanumeric() || "/-_.#:".contains(c);
    text.contains(|c: char| c.is_ascii_digit()) && text.chars().all(marks)
}

impl BookingResult {
    /// An earlier movement of the event could not be booked, and this one builds on it. A balance transaction and its
    /// document find each other in whichever order they come, unless which document it is was to be found out.
    fn is_blocked(&self, work: &MovementJob) -> bool {
        let settled = work.movement.kind == MovementKind::Settled && !self.undecided.concerns(&work.movement);
        !settled && self.failed.contains(&work.event)
    }

    /// An event with several movements ends as the gravest of them.
    pub fn add_outcome(&mut self, event: &str, end: Outcome) {
        if !matches!(end, Outcome::Done | Outcome::Ignore(..)) {
            self.failed.insert(event.to_owned());
        }
        match self.ends.get(event) {
            Some(worse) if worse.severity() >= end.severity() => {}
            _ => {
                self.ends.insert(event.to_owned(), end);
            }
        }
    }
}
