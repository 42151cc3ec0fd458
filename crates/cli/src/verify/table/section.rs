//! One settlement currency: the sums side by side, then each cause with its ids.

use super::grid::{cut, grouped, left_aligned, plural, right, wrap};
use crate::verify::finding::{Cause, Finding};
use crate::verify::section::Section;

/// Ids shown of one cause; all are in the JSON.
const SHOWN: usize = 20;
/// Steps of repair shown of one cause.
const STEPS: usize = 4;
const LABEL: usize = 49;
const COLUMN: usize = 17;

pub fn lines(section: &Section) -> Vec<String> {
    let account = match &section.account {
        Some(account) => format!("account {} {}", account.code, account.name),
        None => "no balance account in Odoo".to_owned(),
    };
    let mut out = vec![format!(
        "{:<LABEL$}{:>COLUMN$}{:>COLUMN$}{:>COLUMN$}",
        left_aligned(&format!("{}  {}", section.currency, account), LABEL),
        "Stripe",
        "Odoo",
        "difference"
    )];
    let row = |label: &str, stripe: Option<i64>, odoo: i64| {
        let stripe_text = stripe.map(|minor| right(&section.text(minor), COLUMN)).unwrap_or_else(|| " ".repeat(COLUMN));
        let odoo_text = right(&section.text(odoo), COLUMN);
        let difference = right(&section.text(odoo - stripe.unwrap_or(0)), COLUMN);
        format!("{:<LABEL$}{stripe_text}{odoo_text}{difference}", format!("  {label}"))
    };
    out.push(row("opening at the cut-over", Some(section.opening), section.opening_posted));
    out.push(row(
        &format!("{} since", plural(section.movements, "balance transaction")),
        Some(section.nets),
        section.ours,
    ));
    if section.foreign != 0 {
        out.push(row("foreign lines", None, section.foreign));
    }
    out.push(row("balance", Some(section.stripe()), section.books()));
    if let Some((available, pending)) = section.balance {
        let (available, pending) = (grouped(&section.text(available)), grouped(&section.text(pending)));
        out.push(format!("  Stripe's balance is {available} available and {pending} pending."));
    }
    let equal = grouped(&section.equal.to_string());
    let all = grouped(&section.movements.to_string());
    out.push(format!("  {equal} of {all} are exactly one posted entry of their net."));
    for (cause, count, sum) in section.causes() {
        out.extend(of_cause(section, cause, count, sum));
    }
    if section.unexplained != 0 {
        out.push(format!("  {:<80}{:>18}", "not explained", grouped(&section.text(section.unexplained))));
    }
    out
}

fn of_cause(section: &Section, cause: Cause, count: usize, sum: i64) -> Vec<String> {
    let head = if count == 1 { cause.sentence().to_owned() } else { format!("{} ({count})", cause.sentence()) };
    let mut out = vec![String::new(), format!("  {head:<80}{:>18}", grouped(&section.text(sum)))];
    let of = section.findings.iter().filter(|finding| finding.cause == cause);
    out.extend(of.take(SHOWN).map(|finding| finding_line(section, finding, count)));
    if count > SHOWN {
        out.push(format!("    and {} more: the JSON lists them", count - SHOWN));
    }
    out.extend(wrap("    → ", cause.advice()));
    out.extend(plan(section, cause));
    out
}

/// What to run: each step once, of the first few.
fn plan(section: &Section, cause: Cause) -> Vec<String> {
    let of = section.findings.iter().filter(|finding| finding.cause == cause);
    let mut steps: Vec<&String> = Vec::new();
    for step in of.flat_map(|finding| &finding.repair) {
        if !steps.contains(&step) {
            steps.push(step);
        }
    }
    let mut out: Vec<String> = steps.iter().take(STEPS).flat_map(|step| wrap("      ", step)).collect();
    if steps.len() > STEPS {
        out.push(format!("      and {} more: the JSON lists them", steps.len() - STEPS));
    }
    out
}

/// `    2026-10-04  txn_…   STRP/2026/00001 of 2026-10-05   detail        -12.30`
fn finding_line(section: &Section, finding: &Finding, count: usize) -> String {
    let id = finding.transaction.as_deref().unwrap_or_default();
    let entry = finding.entry.as_ref().map(|entry| match entry.name.as_str() {
        "" => format!("entry {} of {}", entry.id, entry.date),
        name => format!("{name} of {}", entry.date),
    });
    let lines: Vec<String> = finding.lines.iter().map(ToString::to_string).collect();
    let lines = match lines.as_slice() {
        [] => None,
        [line] => Some(format!("line {line}")),
        lines => Some(format!("lines {}", lines.join(", "))),
    };
    let detail = Some(finding.detail.clone()).filter(|detail| !detail.is_empty());
    let words: Vec<String> = [entry, lines, detail].into_iter().flatten().collect();
    let day = finding.day.as_deref().unwrap_or_default();
    let lead = [day, id].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ");
    let words = if lead.is_empty() { words.join("; ") } else { format!("{lead}  {}", words.join("; ")) };
    // The sum of one alone stands in the line above.
    let amount = if count == 1 { String::new() } else { grouped(&section.text(finding.amount.minor)) };
    format!("    {:<80}{amount:>16}", cut(&words, 79)).trim_end().to_owned()
}
