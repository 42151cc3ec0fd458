//! What `assign_receipt` answers.

use serde::Deserialize;
use serde_json::Value;

use super::answer::{Invoice, document};
use super::error::short;
use crate::erp::Assigned;
use crate::error::{Code, Error};

#[derive(Deserialize)]
struct Outcome {
    status: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    allocated: String,
    #[serde(default)]
    free: String,
    invoices: Vec<Invoice>,
}

/// The allocation, or why there is none.
pub fn read(value: &Value) -> Result<Assigned, Error> {
    let unreadable = || Error::new(Code::ErpProtocol, "The procedure gave no readable result.");
    let result = value.pointer("/results/0").map(Value::to_string).ok_or_else(unreadable)?;
    let outcome: Outcome = serde_json::from_str(&result).map_err(|_| unreadable())?;
    if outcome.status == "refused" {
        let code = Code::named(&outcome.code);
        let detail = short(&outcome.detail);
        return Err(match code {
            Some(code) => Error::new(code, detail),
            None => Error::new(Code::AssignRefused, format!("{}: {detail}", outcome.code)),
        });
    }
    Ok(Assigned {
        outcome: outcome.status,
        allocated: outcome.allocated,
        free: outcome.free,
        documents: outcome.invoices.into_iter().map(document).collect(),
    })
}
