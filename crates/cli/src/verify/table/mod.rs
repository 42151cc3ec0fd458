//! The report for people: at most 100 columns.

mod grid;
mod items;
mod period;
mod section;

pub use self::grid::grouped;
use self::grid::{plural, wrap};
use super::report::{Report, Verdict};

/// The lines to print.
pub fn lines(report: &Report) -> Vec<String> {
    let mut out = head(report);
    for section in &report.sections {
        out.push(String::new());
        out.extend(section::lines(section));
    }
    out.extend(items::unknown(&report.unknown));
    for period in &report.periods {
        out.push(String::new());
        out.extend(period::lines(period));
    }
    out.extend(period::fee_months(&report.fee_months));
    out.extend(period::credit_notes(&report.credit_notes));
    out.extend(items::accounts(&report.accounts, &report.company.currency.to_string(), report.period.is_some()));
    out.extend(items::residues(&report.residues, &report.company.currency.to_string()));
    out.extend(others(report));
    out.extend(period::movements(&report.movements));
    if !report.notes.is_empty() {
        out.push(String::new());
        out.extend(report.notes.iter().flat_map(|note| wrap("note  ", note)));
    }
    out.push(String::new());
    out.extend(verdict(&report.verdict));
    out
}

/// What it comes to.
pub fn verdict(verdict: &Verdict) -> Vec<String> {
    let mut out = vec![format!("{} (exit code {})", verdict.word.to_uppercase(), verdict.exit)];
    out.extend(verdict.sentences.iter().flat_map(|sentence| wrap("  ", sentence)));
    out
}

fn head(report: &Report) -> Vec<String> {
    let mode = if report.livemode { "live" } else { "test" };
    let what = match (&report.period, &report.at) {
        (Some(days), _) if days.from == days.to => format!("The books beside Stripe on {}", days.from),
        (Some(days), _) => format!("The books beside Stripe from {} to {}", days.from, days.to),
        (None, Some(at)) => format!("Proof that the books equalled Stripe at the end of {at}"),
        (None, None) => "Proof that the books equal Stripe".to_owned(),
    };
    let newest = match (&report.read.newest, &report.read.newest_created) {
        (Some(id), Some(created)) => format!("{id} of {created} UTC"),
        _ => "none yet".to_owned(),
    };
    let company = format!("{} ({})", report.company.name, report.company.id);
    vec![
        what,
        format!("  Stripe account  {} ({mode})", report.account),
        format!("  Odoo company    {}", grid::cut(&company, 80)),
        format!("  cut-over        {} UTC", report.cut_over.utc),
        format!("  days            in {}", report.zone),
        format!("  read            {}", plural(report.read.movements, "balance transaction")),
        format!("  newest          {newest}"),
        format!("  made            {} UTC by quittance {}", report.made, report.quittance),
    ]
}

fn others(report: &Report) -> Vec<String> {
    let mut out = Vec::new();
    if !report.other_balances.is_empty() {
        out.extend([String::new(), "Other balances at Stripe: not covered by the books".to_owned()]);
    }
    for other in &report.other_balances {
        let now = other.now.as_deref().map(|now| format!("holds {now} {}, ", other.currency)).unwrap_or_default();
        let moved = plural(other.movements, "movement");
        out.push(format!(
            "  {:<32} {now}{moved} of {} {} since the cut-over",
            other.balance_type, other.nets, other.currency
        ));
    }
    out
}
