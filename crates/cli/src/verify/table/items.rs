//! What stands on the other accounts, and the open items.

use rust_decimal::Decimal;

use super::grid::{cut, grouped, left_aligned, plural, right, wrap};
use crate::verify::items::{Account, AccountBalance, Age, Item, Residue};
use crate::verify::open_items::UnknownItem;

/// Open items shown of one account; all are in the JSON.
const SHOWN: usize = 15;
const LABEL: usize = 34;
const COLUMN: usize = 16;
const AGE: usize = 7;

/// `moved`: whether what was booked in the period has a column.
pub fn accounts(accounts: &[Account], company: &str, moved: bool) -> Vec<String> {
    let full: Vec<&Account> = accounts.iter().filter(|account| !is_empty(account)).collect();
    if full.is_empty() {
        return Vec::new();
    }
    let period = if moved { format!("{:>COLUMN$}", "in the period") } else { String::new() };
    let ages = ["0-7", "8-30", "31-90", "90+"].map(|days| format!("{days:>AGE$}")).concat();
    let head = left_aligned(&format!("Other accounts, in {company}"), LABEL);
    let mut out = vec![String::new(), format!("{head}{:>COLUMN$}{period}{ages} days", "balance")];
    for account in &full {
        out.push(line(account, moved));
        let foreign = account.sums.iter().filter(|sum| sum.currency.to_string() != company && !sum.amount.is_zero());
        out.extend(foreign.map(|sum| {
            let amount = right(&sum.amount.to_string(), COLUMN);
            format!("{:<LABEL$}{amount} {}", "    of which", sum.currency)
        }));
    }
    for account in full.iter().filter(|account| has_items(account)) {
        out.push(String::new());
        out.push(format!("  {}, the oldest first", cut(&account.name, 60)));
        out.extend(account.open.iter().filter(|open| is_shown(account, open)).take(SHOWN).map(item));
        let all =
            if account.role == "suspense" || account.role == "advances" { account.items } else { account.overdue };
        if all > SHOWN {
            out.push(format!("    and {} more: the JSON lists them", grouped(&(all - SHOWN).to_string())));
        }
    }
    out
}

fn line(account: &Account, moved: bool) -> String {
    let sum = |of: fn(&AccountBalance) -> Decimal| {
        let sum: Decimal = account.sums.iter().map(of).sum();
        right(&sum.to_string(), COLUMN)
    };
    let period = if moved { sum(|sum| sum.moved_value) } else { String::new() };
    let count = |age: &Age| if age.items == 0 { String::new() } else { age.items.to_string() };
    let ages: String = account.ages.iter().map(|age| format!("{:>AGE$}", count(age))).collect();
    let label = left_aligned(&format!("  {} {}", account.code, account.name), LABEL);
    format!("{label}{}{period}{ages}", sum(|sum| sum.value)).trim_end().to_owned()
}

fn is_empty(account: &Account) -> bool {
    account.open.is_empty() && account.sums.iter().all(|sum| sum.value.is_zero() && sum.amount.is_zero())
}

/// In suspense and among advances every item is a question; elsewhere only an overdue one.
fn is_shown(account: &Account, item: &Item) -> bool {
    item.overdue || matches!(account.role.as_str(), "suspense" | "advances")
}

fn has_items(account: &Account) -> bool {
    account.open.iter().any(|item| is_shown(account, item))
}

fn item(item: &Item) -> String {
    let words = [&item.entry.name, &item.partner, &item.label].into_iter().filter(|text| !text.is_empty());
    let mut words = words.cloned().collect::<Vec<_>>().join("; ");
    if !item.note.is_empty() {
        words = format!("{words}; {}", item.note);
    }
    let age = if item.overdue { format!("{} days, overdue", item.days) } else { plural(days(item), "day") };
    let amount = right(&item.amount.to_string(), 15);
    format!("    {} {} {age:<18}{amount} {}", item.entry.date, left_aligned(&words, 47), item.currency)
}

fn days(item: &Item) -> usize {
    usize::try_from(item.days).unwrap_or_default()
}

/// Open items that Stripe does not have.
pub fn unknown(unknown: &[UnknownItem]) -> Vec<String> {
    if unknown.is_empty() {
        return Vec::new();
    }
    let mut out = vec![String::new(), format!("Booked, and not at Stripe ({})", unknown.len())];
    out.extend(unknown.iter().take(SHOWN).map(|one| {
        let words = format!("{} {} {}; {}, {}", one.entry.date, one.entry.name, one.key, one.role, one.why);
        format!("    {}{} {}", left_aligned(&words, 76), right(&one.amount.to_string(), 15), one.currency)
    }));
    if unknown.len() > SHOWN {
        out.push(format!("    and {} more: the JSON lists them", grouped(&(unknown.len() - SHOWN).to_string())));
    }
    out.extend(wrap("    → ", "Find out who signed the event that led to it (`quittance events list --find` with its id), roll that secret, and reverse the entry in Odoo."));
    out
}

pub fn residues(residues: &[Residue], company: &str) -> Vec<String> {
    if residues.is_empty() {
        return Vec::new();
    }
    let mut out = vec![String::new(), "No foreign amount, and yet value is left".to_owned()];
    out.extend(residues.iter().map(|residue| {
        let line = residue.line.map(|line| format!(", line {line}")).unwrap_or_default();
        let label = format!("  {} in {}{line}", residue.role, residue.currency);
        format!("{label:<LABEL$}{} {company}", right(&residue.value.to_string(), COLUMN))
    }));
    out.extend(wrap("    → ", "Rates moved between booking and settling: Odoo's currency revaluation, or an entry at month's end, takes it away."));
    out
}
