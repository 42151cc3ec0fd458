//! Assignment of a receipt to an invoice by an operator: the ERP reconciles the unallocated part of the receipt with
//! the residual of the document.

use crate::config::Config;
use crate::erp::AssignResult;
use crate::error::{Code, Error};
use crate::flow::connection;
use crate::ledger::delivery;
use crate::ledger::operator::actions::{self, AuditEntry};
use crate::ledger::operator::receipts;
use crate::ports::Runtime;

/// Allocates the receipt of `key` to `invoice` (a number, or an id as digits). The audit entry is written before the ERP is asked,
/// and how it ended after: a crash in between leaves one that ended nobody knows how, and asking again is safe.
pub async fn assign(
    rt: &Runtime,
    config: &Config,
    key: &str,
    invoice: &str,
    entry: &AuditEntry<'_>,
) -> Result<AssignResult, Error> {
    let payment = receipts::payment_of_receipt(&*rt.db, key).await?;
    let payment = payment.ok_or_else(|| Error::new(Code::NotFound, "The ledger has no receipt of this key."))?;
    let state = delivery::delivery_state(&*rt.db).await?;
    let context = connection::open(rt, config, &state, entry.now).await?;
    let number = actions::write_audit(&*rt.db, entry, "assign", key, Some(&payment), None).await?;
    match context.erp.assign(key, invoice).await {
        Ok(done) => {
            let free = done.free.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
            let documents = serde_json::json!(done.documents).to_string();
            let outcome = format!("{} {} to {invoice}", done.outcome, done.allocated);
            let written =
                receipts::mark_allocated(&*rt.db, key, Some(&documents), free, &outcome, number, rt.clock.now()).await;
            written?;
            Ok(done)
        }
        Err(error) => {
            let outcome = format!("refused: {error}");
            let written = rt.db.batch(vec![actions::audit_outcome_statement(number, &outcome)]).await;
            written?;
            Err(error)
        }
    }
}
