//! Fee bills. With FEES=supplier the fees that Stripe keeps are owed to it, and a monthly bill clears them. There is
//! one inbox row per account, month (UTC) and settlement currency. It is written once the month is complete, asks for a
//! draft bill, waits until a person has checked and posted it, and has it matched with the entries that it clears. Fees
//! of that month that are booked later have a row and a bill of their own.

use serde_json::json;

use super::outcome::Outcome;
use super::plan::Plan;
use super::receive::send_hints;
use crate::config::Config;
use crate::date;
use crate::error::{Code, Error};
use crate::ledger::claim::Claim;
use crate::ledger::fees::{self, DueBill, FEE_BILL, FeeTotal, Month};
use crate::ledger::{delivery, inbox};
use crate::money::{Currency, Money};
use crate::movement::{Detail, FeeBill, FeeKind, FeeSum, Movement, MovementKind, Reference, posting_key};
use crate::ports::{DbError, Level, Runtime};

/// A month is looked at from so many seconds after its end on: the retry schedule has ended for whatever went wrong with its
/// balance transactions, so that each is booked, or a person's.
const BILL_DELAY_S: i64 = 3 * 86_400;
/// So many months back a missing bill is still made: each is looked for by one step of an index, every quarter of an hour, and
/// what has been parked for three years is no longer a month's business.
const MONTHS_MAX: usize = 36;

/// Writes the rows of months that are complete, for every account of this ledger.
pub async fn enqueue_bills(rt: &Runtime, config: &Config) -> Result<(), DbError> {
    let Ok(delivery) = &config.delivery else { return Ok(()) };
    if !delivery.erp.bills_fees() {
        return Ok(());
    }
    let Some(identity) = delivery::delivery_state(&*rt.db).await?.identity else { return Ok(()) };
    let months = past_months(rt.clock.now());
    for account in std::iter::once(&identity.account).chain(&delivery.stripe.accounts) {
        let unbilled = fees::due_bills(&*rt.db, account, &identity.account, &months, BILL_DELAY_S).await?;
        let row = |DueBill { month, currency, number }: &DueBill| {
            let mut object = format!("{}{}", fees::object_prefix(month), currency.to_lowercase());
            if *number > 1 {
                object.push_str(&format!("_{number}"));
            }
            let id = format!("{object}_{account}");
            json!({ "id": id, "account": account, "livemode": i64::from(identity.livemode), "type": FEE_BILL,
                "api_version": null, "created": month.until - 1, "object": object, "subject": id })
        };
        let rows: Vec<_> = unbilled.iter().map(row).collect();
        if rows.is_empty() {
            continue;
        }
        rt.log.line(Level::Info, "fees_complete", json!({ "account": account, "bills": rows.len() }));
        send_hints(rt, &inbox::store_pulled(&*rt.db, &rows.into(), rt.clock.now()).await?).await;
    }
    Ok(())
}

/// What the row of a month asks for: its bill, unless the ledger has that, and its clearing. Both are of the balance transactions
/// that the bill lists.
pub async fn plan_bill(rt: &Runtime, claim: &Claim, account: &str) -> Result<Plan, Error> {
    let Some((month, currency, number)) = parse_object(&claim.object) else {
        return Err(Error::new(Code::EventUnreadable, "The row names no month and currency; remove it."));
    };
    let key = |kind: MovementKind| posting_key(account, &claim.object, kind.transition());
    let known = |kind: MovementKind| claim.postings.iter().find(|posting| posting.is_sure_of(&key(kind)));
    if let Some(ended) = known(MovementKind::FeesCleared) {
        return Ok(outcome_only(if ended.outcome == "gone" { "payment_gone".into() } else { Outcome::Done }));
    }
    let listed = fees::bill_contents(&*rt.db, account, &claim.object, currency.code(), &month).await;
    let (sums, transactions) = listed.map_err(|_| Error::of(Code::LedgerUnavailable))?;
    if sums.is_empty() {
        return Ok(outcome_only("nothing_kept".into()));
    }
    let sums: Vec<FeeSum> = sums.into_iter().map(|kept| fee_sum(kept, currency)).collect();
    let total = sums.iter().map(|sum| sum.money.minor).sum();
    let movement = |kind: MovementKind| Movement {
        key: key(kind),
        kind,
        account: account.to_owned(),
        livemode: claim.livemode,
        payment: claim.subject.clone(),
        charge: None,
        method: None,
        money: Money::new(total, currency),
        occurred: month.until - 1,
        customer: None,
        reason: None,
        reference: Reference::default(),
        flags: Vec::new(),
        detail: Some(Detail::FeeBill(FeeBill {
            month: format!("{:04}-{:02}", month.year, month.month),
            number,
            sums: sums.clone(),
            transactions: transactions.clone(),
        })),
    };
    let mut book = Vec::new();
    if known(MovementKind::FeesBilled).is_none() {
        book.push(movement(MovementKind::FeesBilled));
    }
    book.push(movement(MovementKind::FeesCleared));
    Ok(Plan { movements: book, ..Plan::default() })
}

fn outcome_only(end: Outcome) -> Plan {
    Plan { outcome: Some(end), ..Plan::default() }
}

fn fee_sum(kept: FeeTotal, currency: Currency) -> FeeSum {
    let kind = if kept.kind == "tax" { FeeKind::Tax } else { FeeKind::Stripe };
    FeeSum { kind, what: kept.what, money: Money::new(kept.minor, currency) }
}

/// The months that have ended, the last one first.
fn past_months(now: i64) -> Vec<Month> {
    let (year, month, _) = date::date(now);
    let count = year * 12 + month - 1;
    (1..=MONTHS_MAX).filter_map(|back| month_of_count(count - i64::try_from(back).ok()?)).collect()
}

/// The month of `fees_2026_11_usd`, its currency, and which of its bills it is: `fees_2026_11_usd_2` is the second.
fn parse_object(object: &str) -> Option<(Month, Currency, i64)> {
    let mut parts = object.strip_prefix("fees_")?.split('_');
    let (year, month): (i64, i64) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let currency = parts.next()?.to_uppercase().parse().ok()?;
    let number = parts.next().map_or(Some(1), |number| number.parse().ok())?;
    Some((month_of_count(year * 12 + month - 1)?, currency, number))
}

/// A month by how many have been before it.
fn month_of_count(count: i64) -> Option<Month> {
    let first = |count: i64| Some(date::days(count.div_euclid(12), count.rem_euclid(12) + 1, 1)? * 86_400);
    Some(Month {
        year: count.div_euclid(12),
        month: count.rem_euclid(12) + 1,
        from: first(count)?,
        until: first(count + 1)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_that_have_ended() {
        let months = past_months(date::days(2027, 2, 1).unwrap() * 86_400);
        let names: Vec<String> = months.iter().map(fees::object_prefix).collect();
        assert_eq!(names[..3], ["fees_2027_01_", "fees_2026_12_", "fees_2026_11_"]);
        assert_eq!(names.len(), MONTHS_MAX);
        let january = months[0];
        assert_eq!((date::iso(january.from), date::iso(january.until - 1)), ("2027-01-01".into(), "2027-01-31".into()));
        assert!(months.windows(2).all(|pair| pair[1].until == pair[0].from), "one ends where the next begins");
    }

    #[test]
    fn a_row_names_its_month_and_currency() {
        for (object, bill) in [("fees_2026_12_kwd", 1), ("fees_2026_12_kwd_2", 2), ("fees_2026_12_kwd_13", 13)] {
            let (month, currency, number) = parse_object(object).unwrap();
            assert_eq!((month.year, month.month, currency.code(), number), (2026, 12, "KWD", bill), "{object}");
        }
        for wrong in ["fees_2026_12", "fees_2026_12_xx", "fees__12_usd", "fees_2026_12_usd_x", "txn_1"] {
            assert_eq!(parse_object(wrong), None, "{wrong}");
        }
    }
}
