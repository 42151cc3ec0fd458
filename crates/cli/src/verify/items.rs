//! What stands on the accounts beside the balance: sums, and open items by age.

use quittance::date;
use quittance::erp::odoo::books::{Open, OpenDay, Role, Totals};
use quittance::money::Currency;
use rust_decimal::Decimal;
use serde::Serialize;

use super::finding::JournalEntryRef;

/// From how many days on an open item is overdue, by role. Money is in clearing for hours, with the slowest methods for
/// some days; a payout reaches the bank within a week; a dispute takes up to three months.
pub const OVERDUE: [(&str, i64); 4] = [("clearing", 7), ("transit", 10), ("disputed", 120), ("advances", 30)];
/// Last day of each age group but the oldest.
const AGES: [i64; 3] = [7, 30, 90];
/// What an advance may mean for tax: in many countries money received before the supply is taxed when it is received.
const ADVANCE: &str = "advance, tax point possibly reached";

/// An account of the books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Account {
    pub role: String,
    pub id: i64,
    pub code: String,
    pub name: String,
    /// By currency; `value` is in the company's.
    pub sums: Vec<AccountBalance>,
    /// By age, in company value; only of accounts whose lines are matched.
    pub ages: Vec<Age>,
    /// The oldest first.
    pub open: Vec<Item>,
    /// How many are open, and how many of them overdue.
    pub items: usize,
    pub overdue: usize,
}

/// What stands there in one currency, and what was booked there in the period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountBalance {
    pub currency: Currency,
    #[serde(serialize_with = "text")]
    pub amount: Decimal,
    #[serde(serialize_with = "text")]
    pub value: Decimal,
    #[serde(serialize_with = "text")]
    pub moved: Decimal,
    #[serde(serialize_with = "text")]
    pub moved_value: Decimal,
}

/// Open items of one age group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Age {
    /// `0-7`, …, `over 90` days.
    pub days: String,
    pub items: usize,
    #[serde(serialize_with = "text")]
    pub value: Decimal,
}

/// An open line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    pub line: i64,
    pub entry: JournalEntryRef,
    pub partner: String,
    pub label: String,
    /// Of the movement, where it is one of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    pub currency: Currency,
    #[serde(serialize_with = "text")]
    pub amount: Decimal,
    #[serde(serialize_with = "text")]
    pub value: Decimal,
    pub days: i64,
    pub overdue: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub note: &'static str,
}

/// Company value that is left where the foreign amount is zero.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Residue {
    /// `balance`, or the role.
    pub role: String,
    pub currency: Currency,
    #[serde(serialize_with = "text")]
    pub value: Decimal,
    /// The one line; none: the whole of this currency there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<i64>,
}

fn text<S: serde::Serializer>(amount: &Decimal, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&amount.to_string())
}

/// How old money must be to be overdue; the user's wishes before the usual.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits(Vec<(String, i64)>);

impl Limits {
    /// `transit=14,advances=60`; an error is a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let one = |part: &str| {
            let (role, days) = part.split_once('=')?;
            let known = OVERDUE.iter().any(|(name, _)| *name == role.trim());
            days.trim().parse().ok().filter(|days: &i64| known && *days >= 0).map(|days| (role.trim().to_owned(), days))
        };
        let parts: Option<Vec<_>> = text.split(',').map(str::trim).filter(|p| !p.is_empty()).map(one).collect();
        parts.map(Self).ok_or_else(|| {
            "--overdue is a list of role=days with the roles clearing, transit, disputed and advances.".to_owned()
        })
    }

    fn limit_days(&self, role: &str) -> Option<i64> {
        let usual = OVERDUE.iter().find(|(name, _)| *name == role).map(|(_, days)| *days);
        self.0.iter().find(|(name, _)| name == role).map(|(_, days)| *days).or(usual)
    }
}

/// The accounts as they stand on `day` (`YYYY-MM-DD`).
pub fn accounts(totals: &Totals, day: &str, limits: &Limits) -> Vec<Account> {
    totals.roles.iter().map(|role| account(role, day, limits.limit_days(&role.role))).collect()
}

fn account(role: &Role, day: &str, limit: Option<i64>) -> Account {
    let late = |date: &str| limit.is_some_and(|limit| age(date, day) > limit);
    let sums = role.sums.iter().map(|of| AccountBalance {
        currency: of.sum.currency,
        amount: of.sum.amount,
        value: of.sum.value,
        moved: of.moved.amount,
        moved_value: of.moved.value,
    });
    Account {
        role: role.role.clone(),
        id: role.id,
        code: role.code.clone(),
        name: role.name.clone(),
        sums: sums.collect(),
        ages: if role.reconcile { ages(&role.days, day) } else { Vec::new() },
        items: role.days.iter().map(|of| of.count).sum(),
        overdue: role.days.iter().filter(|of| late(&of.date)).map(|of| of.count).sum(),
        open: role.open.iter().map(|open| item(open, &role.role, day, late(&open.date))).collect(),
    }
}

fn item(open: &Open, role: &str, day: &str, overdue: bool) -> Item {
    Item {
        line: open.line,
        entry: JournalEntryRef { id: open.id, name: open.name.clone(), date: open.date.clone() },
        partner: open.partner.clone(),
        label: open.label.clone(),
        key: open.key.clone(),
        currency: open.sum.currency,
        amount: open.sum.amount,
        value: open.sum.value,
        days: age(&open.date, day),
        overdue,
        note: if role == "advances" && open.sum.value.is_sign_negative() { ADVANCE } else { "" },
    }
}

/// Days from a date to a later one; 0 for one that lies ahead.
fn age(date: &str, day: &str) -> i64 {
    let count = |text: &str| {
        let mut parts = text.splitn(3, '-').map(|part| part.parse().ok());
        date::days(parts.next()??, parts.next()??, parts.next()??)
    };
    count(day).zip(count(date)).map_or(0, |(day, date)| (day - date).max(0))
}

fn ages(days: &[OpenDay], day: &str) -> Vec<Age> {
    let [first, second, third] = AGES;
    let groups = [
        (0, first, format!("0-{first}")),
        (first + 1, second, format!("{}-{second}", first + 1)),
        (second + 1, third, format!("{}-{third}", second + 1)),
        (third + 1, i64::MAX, format!("over {third}")),
    ];
    let group = |(from, to, name): (i64, i64, String)| {
        let of: Vec<&OpenDay> = days.iter().filter(|of| (from..=to).contains(&age(&of.date, day))).collect();
        let value = of.iter().map(|of| of.value).sum();
        Age { days: name, items: of.iter().map(|of| of.count).sum(), value }
    };
    groups.into_iter().map(group).collect()
}

/// Where only company value is left: rates moved between booking and settling, or a line was booked at another rate.
pub fn residues(totals: &Totals, company: Currency) -> Vec<Residue> {
    let mut found = Vec::new();
    for account in totals.balance.iter().filter(|account| account.currency != company) {
        let parts = totals.parts.iter().filter(|part| part.sum.currency == account.currency);
        let (amount, value) = parts.fold((Decimal::ZERO, Decimal::ZERO), |(amount, value), part| {
            (amount + part.sum.amount, value + part.sum.value)
        });
        if amount.is_zero() && !value.is_zero() {
            found.push(Residue { role: "balance".into(), currency: account.currency, value, line: None });
        }
    }
    for role in totals.roles.iter().filter(|role| role.reconcile || role.role == "reserves") {
        let left = |amount: Decimal, value: Decimal| amount.is_zero() && !value.is_zero();
        for sum in role.sums.iter().map(|of| &of.sum).filter(|sum| sum.currency != company) {
            if left(sum.amount, sum.value) {
                let (role, currency) = (role.role.clone(), sum.currency);
                found.push(Residue { role, currency, value: sum.value, line: None });
            }
        }
        for open in role.open.iter().filter(|open| open.sum.currency != company) {
            if left(open.sum.amount, open.sum.value) {
                let (role, currency, value) = (role.role.clone(), open.sum.currency, open.sum.value);
                found.push(Residue { role, currency, value, line: Some(open.line) });
            }
        }
    }
    found
}
