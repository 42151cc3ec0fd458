//! From the arguments to the report: what is asked, in which order, and what it comes to.

use std::collections::BTreeMap;

use quittance::config::Config;
use quittance::erp::odoo::books::{BooksAnswer, BooksQuery, utc_text};
use quittance::ports::Clock;
use quittance::stripe::event_list;

use super::arguments::{self, Arguments};
use super::gather::{Parties, Query};
use super::items::Limits;
use super::ledger;
use super::period::Days;
use super::pool::Pool;
use super::proof::Proof;
use super::report::Report;
use crate::fail::{CommandError, CommandResult};
use crate::ports::block_on;
use crate::secrets::Run;
use crate::settings::Settings;

/// A day begins at most 14 hours before and ends at most 12 hours after the same day in UTC.
const ZONES_LAST: i64 = 12 * 3600;

/// Proves, or says why it cannot: an error is a sentence that tells what to do.
pub fn prove(
    arguments: &Arguments,
    settings: &Settings,
    lanes: Pool,
    run: &dyn Run,
    clock: &dyn Clock,
) -> CommandResult<Report> {
    let began = clock.now_ms().div_euclid(1000);
    let limits = Limits::parse(&arguments.overdue).map_err(CommandError::new)?;
    let days = arguments.period.as_deref().map(arguments::days).transpose().map_err(CommandError::new)?;
    let parties = parties(arguments, settings, lanes)?;
    let books = parties
        .who
        .books(&parties.lanes.http, &BooksQuery { account: &parties.who.account, ..BooksQuery::default() })?;
    let cut_over = cut_over(&books)?;
    let at = past_day(arguments, days.as_ref(), &books.today, cut_over)?;
    let snapshot = match at.as_deref().and_then(arguments::number) {
        Some(day) => parties.until(cut_over, (day + 1) * 86_400 + ZONES_LAST)?,
        None => parties.now(cut_over)?,
    };
    let parked = match arguments.ledger {
        Some(store) => ledger::parked(run, store, &snapshot.transactions)?,
        None => BTreeMap::new(),
    };
    let ignored = settings.get("IGNORED_DATABASES").unwrap_or_default().split(',').map(str::trim);
    let ignored = ignored.filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let others = parties.others(cut_over)?;
    let (at, days) = (at.as_deref(), days.as_ref());
    let proof = Proof { parties: &parties, began, cut_over, at, days, parked, others, ignored };
    let seen = proof.observe(snapshot)?;
    proof.report(arguments, &books, &seen, &limits, clock)
}

fn parties(arguments: &Arguments, settings: &Settings, lanes: Pool) -> CommandResult<Parties> {
    let var = |name: &str| settings.get(name).map(str::to_owned);
    if settings.get("ERP").is_some_and(|erp| erp != "odoo") {
        return Err(CommandError::new("The proof reads Odoo's books; of another ERP (ERP=rpc) it knows nothing."));
    }
    let mut who = Query::new(Config::stripe(&var)?, Config::odoo(&var)?);
    who.account = match &arguments.account {
        Some(account) => account.clone(),
        None => block_on(event_list::key_account(&who.client(&*lanes.http)))?.id,
    };
    Ok(Parties { who, lanes })
}

fn cut_over(books: &BooksAnswer) -> CommandResult<i64> {
    let missing = "Odoo does not say from when on Quittance books (quittance.book_from): run `quittance setup odoo`.";
    books.book_from.as_deref().and_then(|text| text.parse().ok()).ok_or_else(|| CommandError::new(missing))
}

/// The last day that is looked at; none when it is not over yet, so that the proof is of now.
fn past_day(arguments: &Arguments, days: Option<&Days>, today: &str, cut_over: i64) -> CommandResult<Option<String>> {
    let day = match (&arguments.at, days) {
        (Some(text), _) => {
            let wrong = || CommandError::new(format!("{text} is no day: give it as 2026-10-31."));
            Some(arguments::day(text).ok_or_else(wrong)?)
        }
        (None, Some(days)) => Some(days.to.clone()),
        (None, None) => None,
    };
    let begins = quittance::date::iso(cut_over - 86_400);
    match day {
        Some(day) if day < begins => Err(CommandError::new(format!(
            "Nothing is booked before the cut-over, {} UTC: there is nothing to prove of {day}.",
            utc_text(cut_over)
        ))),
        day => Ok(day.filter(|day| day.as_str() < today)),
    }
}
