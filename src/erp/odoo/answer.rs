//! What the procedures answer, read into the flows' words.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::duplicate;
use super::error::{OdooError, OdooErrorKind, first_line};
use super::procedure::{FORM, Procedure};
use crate::erp::booking::{Answer, Booking, Document};
use crate::error::{Code, Error};
use crate::movement::Movement;

/// Set on bookings made by a procedure whose text is not this version's: they are true, but a person should look.
const CHANGED: &str = "procedure_changed";

#[derive(Deserialize)]
struct Output {
    v: i64,
    hash: String,
    results: Vec<Value>,
    /// An older text of the procedure has none.
    mark: Option<i64>,
}

#[derive(Clone, Deserialize)]
struct ProcedureResult {
    key: String,
    status: String,
    code: Option<String>,
    detail: Option<String>,
    model: Option<String>,
    id: Option<i64>,
    name: Option<String>,
    date: Option<String>,
    intended: Option<String>,
    #[serde(default)]
    flags: Vec<String>,
    #[serde(default)]
    invoices: Vec<Invoice>,
    amount: Option<String>,
    currency: Option<String>,
    party: Option<String>,
    lines: Option<Vec<duplicate::Line>>,
}

#[derive(Clone, Deserialize)]
pub(super) struct Invoice {
    id: i64,
    name: String,
    residual: Value,
    currency: String,
}

/// The answers of a procedure that books, in the order of `movements`, whose words as the procedure got them are `words`; and
/// its mark.
/// A movement without a readable result is to be tried again: the key tells then whether it was booked.
pub fn answers(
    value: Value,
    procedure: &Procedure,
    movements: &[Movement],
    words: &[Value],
) -> Result<(Vec<Answer>, Option<i64>), OdooError> {
    let output: Output = parse(&value)?;
    if output.v != FORM {
        return Err(unknown_form());
    }
    let mut of_key = HashMap::new();
    for result in output.results {
        if let Ok(result) = serde_json::from_str::<ProcedureResult>(&result.to_string()) {
            of_key.insert(result.key.clone(), result);
        }
    }
    let changed = output.hash != procedure.hash;
    let answers = movements
        .iter()
        .zip(words)
        .map(|(m, words)| match of_key.get(&m.key).cloned() {
            Some(result) => answer(result, changed, m, words),
            None => Answer::Retry(Error::new(Code::ErpProtocol, "The procedure gave no result for this key.")),
        })
        .collect();
    Ok((answers, output.mark))
}

fn answer(result: ProcedureResult, changed: bool, movement: &Movement, words: &Value) -> Answer {
    let duplicate = match result.status.as_str() {
        "created" => false,
        "duplicate" => true,
        "gone" => return Answer::Gone,
        "refused" => return Answer::Refused(refusal(result.code.as_deref(), result.detail.as_deref())),
        "retry" => return Answer::Retry(refusal(result.code.as_deref(), result.detail.as_deref())),
        _ => return Answer::Retry(Error::new(Code::ErpProtocol, "The procedure answered an unknown status.")),
    };
    let has = duplicate::BookedMovement {
        amount: result.amount,
        currency: result.currency,
        party: result.party,
        // Without a day its set-up cannot be used: it does not know then which accounts an entry should be on.
        lines: result.lines.filter(|_| result.intended.is_some()),
    };
    if duplicate && let Some(error) = duplicate::difference(&has, movement, words) {
        return Answer::Refused(error);
    }
    let mut flags = result.flags;
    if changed {
        flags.push(CHANGED.into());
    }
    Answer::Booked(Booking {
        duplicate,
        model: result.model.unwrap_or_default(),
        id: result.id.unwrap_or_default(),
        name: result.name.unwrap_or_default(),
        date: result.date,
        intended: result.intended,
        flags,
        documents: result.invoices.into_iter().map(document).collect(),
    })
}

/// A code of ours keeps its name; any other becomes `erp_refused` and stands in the detail.
fn refusal(code: Option<&str>, detail: Option<&str>) -> Error {
    let detail = first_line(detail.unwrap_or(""));
    match code.and_then(Code::from_name) {
        Some(code) if detail.is_empty() => Error::of(code),
        Some(code) => Error::new(code, detail),
        None => Error::new(Code::ErpRefused, format!("{}: {detail}", code.unwrap_or("refused"))),
    }
}

pub(super) fn document(invoice: Invoice) -> Document {
    Document { id: invoice.id, name: invoice.name, residual: decimal(&invoice.residual), currency: invoice.currency }
}

/// Text as it stands, as the procedures write money; a number by its JSON text, which is exact as well.
fn decimal(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_str().to_owned(),
        _ => String::new(),
    }
}

/// What `check` says of the database: the probe and the doctor read it.
#[derive(Clone, Debug, Deserialize)]
pub struct Check {
    pub v: i64,
    /// Of the installed `check`, to be compared with the one this version has.
    pub hash: String,
    /// `18.0`.
    pub version: String,
    pub db: String,
    /// The company for money that no invoice claims, and those that are ready to book.
    pub company: i64,
    pub companies: Vec<i64>,
    /// Ids of the Stripe journal and of the clearing account of `company`.
    pub journal: Option<i64>,
    pub clearing: Option<i64>,
    /// Name of the time zone that decides which day an instant is.
    pub zone: Option<String>,
    /// Accounts that entries of some kinds would want, `{role}_{company}`: only these entries wait for them.
    #[serde(default)]
    pub missing: Vec<String>,
    /// `name` or `name:detail`; empty when booking would work.
    pub problems: Vec<String>,
    /// Whose books they are; none where no books are ready.
    pub stripe: Option<StoredOwner>,
    /// Procedures that others may call than the Worker's group: `proc_record_entry`.
    #[serde(default)]
    pub opened: Vec<String>,
    /// The key that we call with; an older text of the procedure does not look for it.
    pub key: Option<Key>,
}

/// Whose books a company keeps, as set-up stored it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct StoredOwner {
    /// `live` or `test`; empty where nothing is stored.
    pub mode: String,
    pub accounts: Vec<String>,
}

/// An API key, as Odoo has it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Key {
    /// Not so: it is the user's password.
    pub known: bool,
    /// When it ends, in seconds since 1970 UTC; `None`: never, as every key of Odoo 17.
    pub ends: Option<i64>,
}

/// Reads the answer of `check`.
pub fn parse_check(value: Value) -> Result<Check, OdooError> {
    let check: Check = parse(&value)?;
    if check.v == FORM { Ok(check) } else { Err(unknown_form()) }
}

/// Through text: `from_value` would bring a parser of floats and its tables into the wasm, 24 KB gzip.
pub(super) fn parse<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T, OdooError> {
    serde_json::from_str(&value.to_string()).map_err(|_| unknown_form())
}

pub(super) fn unknown_form() -> OdooError {
    OdooError::new(OdooErrorKind::Changed, "The procedure in Odoo is of another version; run `quittance setup odoo`.")
}
