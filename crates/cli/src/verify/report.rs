//! The whole proof as data, its verdict, and its JSON with the hash that lets a copy be trusted.

use quittance::erp::odoo::books::Company;
use quittance::money::Currency;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::finding::Cause;
use super::items::{Account, Residue};
use super::open_items::UnknownItem;
use super::period::{CreditNote, Days, Fees, Movement, Period};
use super::section::Section;
use super::table::grouped;

/// Counts up when a member changes its meaning.
pub const FORM: u8 = 1;

/// Amounts are decimal text in major units; days are of `zone`; moments say UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    pub form: u8,
    /// Version of the command.
    pub quittance: &'static str,
    /// When it was made, UTC.
    pub made: String,
    /// When it was begun, in seconds since 1970 UTC.
    #[serde(skip)]
    pub began: i64,
    pub account: String,
    pub livemode: bool,
    pub company: Company,
    pub zone: String,
    pub cut_over: CutOver,
    /// Proof of a past day; none: of now.
    pub at: Option<String>,
    pub period: Option<Days>,
    pub read: Read,
    pub verdict: Verdict,
    pub sections: Vec<Section>,
    /// Open items under our keys that Stripe does not have.
    pub unknown: Vec<UnknownItem>,
    pub other_balances: Vec<OtherBalance>,
    pub accounts: Vec<Account>,
    pub residues: Vec<Residue>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub periods: Vec<Period>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fee_months: Vec<Fees>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub credit_notes: Vec<CreditNote>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub movements: Vec<Movement>,
    /// What a reader should know besides.
    pub notes: Vec<String>,
}

/// The first instant that is booked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CutOver {
    /// Seconds since 1970 UTC.
    pub seconds: i64,
    pub utc: String,
}

/// What was read of Stripe.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Read {
    pub movements: usize,
    /// The newest of them, and when it was created, UTC.
    pub newest: Option<String>,
    pub newest_created: Option<String>,
}

/// A balance that the books do not follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OtherBalance {
    /// Stripe's balance type.
    pub balance_type: String,
    pub currency: Currency,
    /// What `/v1/balance` has of it; none for a past day.
    pub now: Option<String>,
    /// Its balance transactions since the cut-over, and their sum.
    pub movements: usize,
    pub nets: String,
}

/// What it comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The command's exit code.
    pub exit: u8,
    /// `equal`, `differs`, `equal with open items`, `not proved`.
    pub word: &'static str,
    pub sentences: Vec<String>,
}

/// The exit codes.
pub const EQUAL: u8 = 0;
pub const DIFFERS: u8 = 1;
pub const OPEN_ITEMS: u8 = 2;
pub const NOT_PROVED: u8 = 3;

impl Verdict {
    /// Could not be proved, and what to do.
    pub fn not_proved(sentence: impl Into<String>) -> Self {
        Self { exit: NOT_PROVED, word: "not proved", sentences: vec![sentence.into()] }
    }

    /// Of what was compared. `doubt`: why it may not hold all the same.
    pub fn from_sections(
        sections: &[Section],
        unknown: &[UnknownItem],
        accounts: &[Account],
        doubt: Option<String>,
    ) -> Self {
        if let Some(doubt) = doubt {
            return Self::not_proved(doubt);
        }
        let wrong: Vec<&Section> = sections.iter().filter(|section| !section.holds()).collect();
        if !wrong.is_empty() || !unknown.is_empty() {
            let sentences = wrong.into_iter().map(differs).chain(fiction(unknown)).collect();
            return Self { exit: DIFFERS, word: "differs", sentences };
        }
        let mut sentences = vec![equal(sections)];
        sentences.extend(timing(sections));
        sentences.extend(sections.iter().filter_map(ignored));
        let open = open_items(accounts);
        match open.is_empty() {
            true => Self { exit: EQUAL, word: "equal", sentences },
            false => {
                sentences.extend(open);
                Self { exit: OPEN_ITEMS, word: "equal with open items", sentences }
            }
        }
    }
}

fn equal(sections: &[Section]) -> String {
    match sections.iter().map(|section| section.movements).sum::<usize>() {
        0 => "The books equal Stripe; there is no balance transaction since the cut-over.".into(),
        1 => "The books equal Stripe: the one balance transaction is one posted entry of its net.".into(),
        count => format!(
            "The books equal Stripe: {} balance transactions, each one posted entry of its net.",
            grouped(&count.to_string())
        ),
    }
}

fn timing(sections: &[Section]) -> Option<String> {
    let findings = sections.iter().flat_map(|section| &section.findings);
    let of_time = findings.filter(|finding| finding.cause.is_timing()).count();
    let plural = if of_time == 1 { "difference is" } else { "differences are" };
    (of_time > 0).then(|| format!("{of_time} {plural} of time alone and listed."))
}

/// What is booked and not at Stripe.
fn fiction(unknown: &[UnknownItem]) -> Option<String> {
    let items =
        if unknown.len() == 1 { "1 open item is".to_owned() } else { format!("{} open items are", unknown.len()) };
    (!unknown.is_empty()).then(|| format!("{items} booked under our keys, and Stripe has no such money."))
}

/// What IGNORED_DATABASES leaves to others.
fn ignored(section: &Section) -> Option<String> {
    let (_, count, sum) = section.causes().into_iter().find(|(cause, ..)| *cause == Cause::IgnoredDatabase)?;
    let movements = if count == 1 { "1 movement".to_owned() } else { format!("{count} movements") };
    let sum = grouped(&section.text(-sum));
    Some(format!(
        "But for {movements} of {sum} {} of IGNORED_DATABASES, which are listed and not booked.",
        section.currency
    ))
}

fn differs(section: &Section) -> String {
    let currency = section.currency;
    let listed = match section.findings.len() {
        1 => "one difference is listed with its cause".to_owned(),
        count => format!("{count} differences are listed with their causes"),
    };
    let sum = match section.difference() {
        0 => format!("{currency}: the sums are equal, and yet {listed}."),
        by => format!("{currency}: the books differ from Stripe by {}; {listed}.", grouped(&section.text(by))),
    };
    match section.unexplained {
        0 => sum,
        rest => format!("{sum} Of the difference {} is not explained.", grouped(&section.text(rest))),
    }
}

/// A sentence for each account that somebody should look at.
fn open_items(accounts: &[Account]) -> Vec<String> {
    let told = |account: &Account| {
        if account.role == "suspense" && (account.items > 0 || account.sums.iter().any(|sum| !sum.value.is_zero())) {
            let items = grouped(&account.items.to_string());
            return Some(format!("Suspense is not empty: {items} open, and somebody should say what they are."));
        }
        let plural = if account.overdue == 1 { "item is" } else { "items are" };
        (account.overdue > 0).then(|| format!("{} overdue {plural} open on {}.", account.overdue, account.name))
    };
    accounts.iter().filter_map(told).collect()
}

impl Report {
    /// The JSON with `sha256`: the hash of the same JSON without that member, its members sorted and no white space
    /// between them, in UTF-8.
    pub fn json(&self) -> Value {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        let hash = hash(&value);
        if let Some(members) = value.as_object_mut() {
            members.insert("sha256".into(), Value::String(hash));
        }
        value
    }

    /// The hash alone.
    pub fn hash(&self) -> String {
        hash(&serde_json::to_value(self).unwrap_or_default())
    }
}

/// serde_json keeps members sorted.
fn hash(value: &Value) -> String {
    hex::encode(Sha256::digest(value.to_string()))
}
