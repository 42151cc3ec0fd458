//! Cut-over, zone, lock dates and opening entries.

use quittance::erp::odoo::setup::{BOOK_FROM, read_parameter, text, zone_key};
use quittance::erp::odoo::transport::Client;
use serde_json::{Value, json};

use super::{CompanyBooks, Finding, rates};
use crate::calendar;
use crate::odoo::opening::UTC;
use crate::ports::block_on;
use crate::settings::Settings;

/// Those that versions have; 17 has the first two and the third.
const LOCKS: [&str; 6] = [
    "fiscalyear_lock_date",
    "tax_lock_date",
    "period_lock_date",
    "sale_lock_date",
    "purchase_lock_date",
    "hard_lock_date",
];

pub fn examine(books: &CompanyBooks<'_>, setup: Option<&Client>, settings: &Settings) -> Vec<Finding> {
    let kept = |key: &str| block_on(read_parameter(setup?, key)).ok();
    let zone = kept(&zone_key(books.company));
    let mut findings: Vec<Finding> = zone.iter().map(|zone| zone_finding(zone.as_deref())).collect();
    let instant = settings.get("BOOK_FROM").and_then(|instant| instant.parse::<i64>().ok());
    findings.extend(cut_over(instant, kept(BOOK_FROM).flatten()));
    let zone = zone.flatten().unwrap_or_else(|| UTC.to_owned());
    if let Some(day) = instant.and_then(|instant| calendar::day(instant, &zone)) {
        findings.extend(locks(books, &day));
        findings.extend(rates::examine(books, &day));
    }
    findings.extend(openings(books));
    findings
}

fn zone_finding(zone: Option<&str>) -> Finding {
    let what = "odoo zone";
    match zone {
        Some(zone) if calendar::is_zone(zone) => Finding::good(what, format!("days end in {zone}")),
        Some(zone) => {
            Finding::bad(what, format!("{zone} is no time zone: `quittance setup odoo --time-zone` corrects it"))
        }
        None => Finding::note(
            what,
            "days end at midnight UTC: `quittance setup odoo --time-zone Europe/Paris` (or UTC) settles it",
        ),
    }
}

/// The Worker's instant is the one that the opening entries were made for.
fn cut_over(worker: Option<i64>, stored: Option<String>) -> Option<Finding> {
    let (worker, stored) = (worker?, stored?.parse::<i64>().ok()?);
    (worker != stored).then(|| {
        let detail = format!(
            "BOOK_FROM here is {worker} ({}), Odoo's set-up has {stored} ({}): the opening entries belong to the latter",
            calendar::utc(worker),
            calendar::utc(stored)
        );
        Finding::note("odoo cut-over", detail)
    })
}

/// What falls into a locked period is dated on the first open day.
fn locks(books: &CompanyBooks<'_>, since: &str) -> Vec<Finding> {
    let args = json!({"allfields": LOCKS, "attributes": ["type"]});
    let fields = block_on(books.eyes.call("res.company", "fields_get", None, args, None)).unwrap_or_default();
    let known: Vec<&str> = LOCKS.into_iter().filter(|lock| fields.get(lock).is_some()).collect();
    let rows = books.rows("res.company", json!([["id", "=", books.company]]), &known).unwrap_or_default();
    let row = rows.first().cloned().unwrap_or_default();
    let late = known.iter().map(|lock| (*lock, text(&row, lock))).filter(|(_, date)| *date >= since);
    let finding = |(lock, date): (&str, &str)| {
        let detail = format!(
            "{lock} is {date}, later than the cut-over ({since}): movements until then are dated on the first open day, and verify lists them as timing differences"
        );
        Finding::note("odoo lock dates", detail)
    };
    late.map(finding).collect()
}

/// A draft moves nothing.
fn openings(books: &CompanyBooks<'_>) -> Vec<Finding> {
    let draft = |(currency, _): &(String, Value)| {
        let entry = books.find_record(&format!("opening_{}_{}", books.company, currency.to_lowercase()))?;
        let rows = books.rows("account.move", json!([["id", "=", entry]]), &["state"]).ok()?;
        let state = text(rows.first()?, "state").to_owned();
        let detail = format!(
            "of {currency} is {state}: look at it and post it, or Odoo's balance lacks what Stripe held before"
        );
        (state != "posted").then(|| Finding::note("odoo opening entry", detail))
    };
    books.journals.iter().filter_map(draft).collect()
}
