//! What `assign_receipt` answers.

use serde_json::Value;

use super::answer::{Invoice, document};
use super::error::first_line;
use crate::erp::booking::AssignResult;
use crate::error::{Code, Error};

/// The allocation, or why there is none.
pub fn parse_answer(value: &Value) -> Result<AssignResult, Error> {
    let unreadable = || Error::new(Code::ErpProtocol, "The procedure gave no readable result.");
    let result = value.pointer("/results/0").ok_or_else(unreadable)?;
    let text = |name: &str| result.get(name).and_then(Value::as_str).unwrap_or("").to_owned();
    if text("status") == "refused" {
        let (code, detail) = (text("code"), first_line(&text("detail")));
        return Err(match Code::from_name(&code) {
            Some(code) => Error::new(code, detail),
            None => Error::new(Code::AssignRefused, format!("{code}: {detail}")),
        });
    }
    let invoices = result.get("invoices").ok_or_else(unreadable)?;
    let invoices: Vec<Invoice> = serde_json::from_str(&invoices.to_string()).map_err(|_| unreadable())?;
    Ok(AssignResult {
        outcome: text("status"),
        allocated: text("allocated"),
        free: text("free"),
        documents: invoices.into_iter().map(document).collect(),
    })
}
