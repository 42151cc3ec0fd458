//! The arguments of `quittance verify`, and the days they mean.

use quittance::date;

use super::period::Days;
use crate::secrets::SecretStore;

/// Arguments of `quittance verify`.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Arguments {
    /// Proof of a past day, YYYY-MM-DD: what happened up to its end stands in the books up to its end.
    #[arg(long, value_name = "DATE", conflicts_with = "period")]
    pub at: Option<String>,
    /// A month (2026-10), a day, or FROM..TO, in Stripe's reporting categories, with open items, fees and credit notes.
    #[arg(long, value_name = "PERIOD")]
    pub period: Option<String>,
    /// Every balance transaction with its entry, not only what differs.
    #[arg(long)]
    pub movements: bool,
    /// Print the JSON with its SHA-256 instead of the table.
    #[arg(long)]
    pub json: bool,
    /// Keep the JSON in a file as well.
    #[arg(long, value_name = "FILE")]
    pub save: Option<std::path::PathBuf>,
    /// Another Stripe account than the key's own, one of STRIPE_ACCOUNTS.
    #[arg(long, value_name = "ACCT")]
    pub account: Option<String>,
    /// Ask the ledger, through wrangler, what is parked.
    #[arg(long, value_enum)]
    pub ledger: Option<SecretStore>,
    /// Tell the Worker the verdict (WORKER_URL, ADMIN_TOKEN): its operators see it, and are alerted when the books differ.
    #[arg(long)]
    pub report: bool,
    /// From how many days on an open item is overdue: clearing=7,transit=10,disputed=120,advances=30.
    #[arg(long, value_name = "ROLE=DAYS", default_value = "", hide_default_value = true)]
    pub overdue: String,
}

/// `2026-10-31`, when there is such a day.
pub fn day(text: &str) -> Option<String> {
    let seconds = 86_400 * number(text)?;
    Some(date::iso(seconds)).filter(|day| day == text)
}

/// Days since 1970-01-01 of a day that exists.
pub fn number(day: &str) -> Option<i64> {
    let mut parts = day.splitn(3, '-').map(|part| part.parse().ok());
    date::days(parts.next()??, parts.next()??, parts.next()??)
}

/// `2026-10`, `2026-10-05`, or `2026-10-01..2026-10-31`; an error is a sentence.
pub fn days(text: &str) -> Result<Days, String> {
    let found = match text.split_once("..") {
        Some((from, to)) => day(from).zip(day(to)),
        None if text.len() == 7 => month(text),
        None => day(text).map(|day| (day.clone(), day)),
    };
    let found = found.filter(|(from, to)| from <= to);
    found
        .map(|(from, to)| Days { from, to })
        .ok_or_else(|| format!("{text} is no period: give a month as 2026-10, or two days as 2026-10-01..2026-10-31."))
}

fn month(text: &str) -> Option<(String, String)> {
    let first = day(&format!("{text}-01"))?;
    let last = (28..=31).rev().find_map(|last| day(&format!("{text}-{last:02}")))?;
    Some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods() {
        let of = |text: &str| days(text).map(|d| format!("{} {}", d.from, d.to));
        assert_eq!(of("2026-10").as_deref(), Ok("2026-10-01 2026-10-31"));
        assert_eq!(of("2024-02").as_deref(), Ok("2024-02-01 2024-02-29"));
        assert_eq!(of("2026-10-05").as_deref(), Ok("2026-10-05 2026-10-05"));
        assert_eq!(of("2026-09-28..2026-10-02").as_deref(), Ok("2026-09-28 2026-10-02"));
        for bad in
            ["", "2026", "2026-13", "2026-10-32", "2026-1-1", "2026-10-02..2026-10-01", "october", "2026-10-01.."]
        {
            assert!(of(bad).is_err(), "{bad}");
        }
    }
}
