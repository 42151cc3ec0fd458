//! `ir.actions.server.run`: whether the caller may, then what the action's code does.

use quittance::erp::odoo::procedure::ALL;
use serde_json::{Value, json};

use super::Odoo;
use super::call::Call;
use super::error::{self, Result};
use super::fault::Fault;
use super::procedure;
use super::rights::Session;

const ACTION: &str = "ir.actions.server";

impl Odoo {
    /// The value that the code put in `action`, false when none.
    pub(super) fn run_action(&mut self, who: &Session, call: &Call) -> Result<Option<Value>> {
        let mut result = json!(false);
        for id in &call.ids {
            let name = self.procedure_name(*id);
            let hidden = name.is_some() && self.dial.bends(Fault::ProcedureMissing);
            if hidden || self.store.get(ACTION, *id).is_none() {
                return Err(error::missing(ACTION, *id, who.uid));
            }
            self.may_run(who, *id)?;
            let code = self.code(*id, name.is_some());
            if name.is_some() {
                procedure::admitted(who, &input(call))?;
            }
            result = match name.as_deref() {
                Some("proc_record_payment") => procedure::record_payment(self, who, &code, input(call))?,
                Some("proc_record_entry") => procedure::record_entry(self, who, &code, &input(call))?,
                Some("proc_record_refund") => procedure::record_refund(self, who, &code, &input(call))?,
                Some("proc_record_fee_bill") => procedure::record_fee_bill(self, who, &code, &input(call))?,
                Some("proc_record_credit_note") => procedure::record_credit_note(self, who, &code, &input(call))?,
                Some("proc_check") => procedure::check(self, who, &code, &input(call))?,
                Some("proc_read_invoice") => procedure::read_invoice(self, who, &code, &input(call))?,
                Some("proc_read_books") => procedure::read_books(self, who, &code, &input(call))?,
                Some("proc_assign_receipt") => procedure::assign_receipt(self, who, &code, &input(call))?,
                Some("proc_show_alerts") => procedure::show_alerts(self, who, &code, &input(call))?,
                Some("proc_link_customer") => procedure::link_customer(self, who, &code, &input(call))?,
                _ => simple(&code)?,
            };
            if name.as_deref().is_some_and(|name| name.starts_with("proc_record_"))
                && let Some(answer) = result.as_object_mut()
            {
                answer.insert("mark".into(), procedure::next_mark(self, who, &input(call)));
            }
        }
        Ok(Some(result))
    }

    /// An action with groups runs for their members, one without for who may write its model.
    fn may_run(&self, who: &Session, id: i64) -> Result<()> {
        let groups = self.store.list(ACTION, id, self.version.groups_field());
        if groups.is_empty() {
            return self.check(who, self.store.text(ACTION, id, "model_name"), "write");
        }
        if groups.iter().any(|g| who.has(self.store.text("res.groups", *g, "xml_id"))) {
            return Ok(());
        }
        Err(error::access("You don't have enough access rights to run this action."))
    }

    /// `proc_…` of the external id that points at an action.
    fn procedure_name(&self, id: i64) -> Option<String> {
        let mut names = ALL.iter().map(|p| format!("proc_{}", p.name));
        names.find(|name| self.store.xid(&format!("quittance.{name}")).is_some_and(|at| at == (ACTION.into(), id)))
    }

    fn code(&self, id: i64, ours: bool) -> String {
        let code = self.store.text(ACTION, id, "code").to_owned();
        if ours && self.dial.bends(Fault::ProcedureChanged) {
            return format!("QUITTANCE_HASH = '{}'\n{code}", "f".repeat(64));
        }
        code
    }
}

fn input(call: &Call) -> Value {
    call.context.get("quittance").cloned().unwrap_or_default()
}

/// The hash that set-up wrote into the first line of a procedure's code.
pub fn hash(code: &str) -> String {
    let line = code.lines().find_map(|l| l.strip_prefix("QUITTANCE_HASH = '"));
    line.and_then(|l| l.split('\'').next()).unwrap_or("").to_owned()
}

/// Enough Python for a set-up's own trials: `action = <literal>` and `raise UserError('…')`.
fn simple(code: &str) -> Result<Value> {
    for line in code.lines() {
        if let Some(text) = line.strip_prefix("raise UserError(") {
            return Err(error::user(text.trim_end_matches(')').trim_matches(['\'', '"'])));
        }
        if let Some(literal) = line.strip_prefix("action = ") {
            return Ok(serde_json::from_str(&literal.replace('\'', "\"")).unwrap_or(json!(false)));
        }
    }
    Ok(json!(false))
}
