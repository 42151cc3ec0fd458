//! A period as Stripe's Balance report has it, with Odoo beside it.

use super::grid::{left_aligned, plural, right};
use crate::verify::period::{CreditNote, Fees, GROUPS, Line, Movement, Period};

const LABEL: usize = 26;
const COUNT: usize = 8;
const COLUMN: usize = 13;
/// Timing differences and credit notes shown; all are in the JSON.
const SHOWN: usize = 20;

pub fn lines(period: &Period) -> Vec<String> {
    let text = |minor: i64| quittance::money::Money::new(minor, period.currency).to_decimal().to_string();
    let head = ["gross", "fees", "net", "Odoo", "difference"].map(|name| format!("{name:>COLUMN$}")).concat();
    let mut out = vec![format!("{:<LABEL$}{:>COUNT$}{head}", period.currency.to_string(), "count")];
    let gap = " ".repeat(COUNT + COLUMN * 2);
    let edge = |label: &str, stripe: i64, odoo: i64| {
        let columns = [stripe, odoo, odoo - stripe].map(|minor| right(&text(minor), COLUMN)).concat();
        format!("{:<LABEL$}{gap}{columns}", format!("  {label}"))
    };
    out.push(edge("opening", period.opening.minor, period.books_opening.minor));
    for group in GROUPS {
        let of: Vec<&Line> = period.lines.iter().filter(|line| line.group == group).collect();
        out.extend(of.iter().map(|line| row(line, &text)));
    }
    out.push(edge("closing", period.closing.minor, period.books_closing.minor));
    if !period.fees.is_empty() {
        out.push("  fees by type".to_owned());
        out.extend(period.fees.iter().map(|fees| fee(fees, "")));
    }
    if !period.timing.is_empty() {
        out.push("  booked on another day than they happened".to_owned());
        out.extend(period.timing.iter().take(SHOWN).map(|t| {
            let words = format!("{}  {}  booked {} as {}", t.day, t.transaction, t.entry.date, t.entry.name);
            format!("    {}{}", left_aligned(&words, 80), right(&text(t.amount.minor), 16))
        }));
        if period.timing.len() > SHOWN {
            out.push(format!("    and {} more: the JSON lists them", period.timing.len() - SHOWN));
        }
    }
    out
}

fn row(line: &Line, text: &dyn Fn(i64) -> String) -> String {
    let minors =
        [line.gross.minor, line.fees.minor, line.net.minor, line.books.minor, line.books.minor - line.net.minor];
    let columns = minors.map(|minor| right(&text(minor), COLUMN)).concat();
    let count = if line.count == 0 { String::new() } else { line.count.to_string() };
    format!("{}{count:>COUNT$}{columns}", left_aligned(&format!("  {}", line.category), LABEL))
}

fn fee(fees: &Fees, lead: &str) -> String {
    let apart = if fees.apart { ", charged apart" } else { "" };
    let label = left_aligned(&format!("    {lead}{}{apart}", fees.kind), 60);
    let amount = right(&fees.amount.to_decimal().to_string(), 17);
    format!("{label}{:>COUNT$}{amount} {}", fees.count, fees.currency)
}

pub fn fee_months(months: &[Fees]) -> Vec<String> {
    if months.is_empty() {
        return Vec::new();
    }
    let mut out = vec![String::new(), "Fees by UTC month, to be compared with Stripe's invoices".to_owned()];
    out.extend(months.iter().map(|fees| fee(fees, &format!("{}  ", fees.month))));
    out
}

pub fn credit_notes(notes: &[CreditNote]) -> Vec<String> {
    if notes.is_empty() {
        return Vec::new();
    }
    let made = notes.iter().filter(|note| note.entry.is_some()).count();
    let head = format!("Credit notes: {made} of {}", plural(notes.len(), "refund"));
    let mut out = vec![String::new(), head];
    out.extend(notes.iter().take(SHOWN).map(|note| {
        let entry = match &note.entry {
            Some(entry) if entry.name.is_empty() => format!("{} {}", note.state, entry.id),
            Some(entry) if note.state == "posted" => entry.name.clone(),
            Some(entry) => format!("{} ({})", entry.name, note.state),
            None => note.state.clone(),
        };
        let amount = right(&note.amount.to_decimal().to_string(), 15);
        format!(
            "  {}  {}{}{amount} {}",
            note.day,
            left_aligned(&note.refund, 32),
            left_aligned(&entry, 32),
            note.currency
        )
    }));
    if notes.len() > SHOWN {
        out.push(format!("  and {} more: the JSON lists them", notes.len() - SHOWN));
    }
    out
}

pub fn movements(movements: &[Movement]) -> Vec<String> {
    if movements.is_empty() {
        return Vec::new();
    }
    let mut out = vec![String::new(), format!("{:<13}{:<31}{:<19}{:>14}  Odoo", "Movements", "", "category", "net")];
    out.extend(movements.iter().map(|m| {
        let entry = m.entry.as_ref().map_or("-", |entry| entry.name.as_str());
        let entry = if entry.is_empty() { "draft" } else { entry };
        let net = right(&m.net.to_decimal().to_string(), 14);
        format!(
            "  {} {}{}{net} {} {}",
            m.day,
            left_aligned(&m.transaction, 31),
            left_aligned(&m.category, 19),
            m.currency,
            left_aligned(entry, 19)
        )
        .trim_end()
        .to_owned()
    }));
    out
}
