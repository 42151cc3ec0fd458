//! `ir.actions.server.run`: whether the caller may, then what the action's code does.

use quittance::erp::odoo::procedure::ALL;
use serde_json::{Value, json};

use super::Odoo;
use super::call::Call;
use super::error::{self, Result};
use super::fault::Fault;
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
            result = self.run_python(who, &code, &Value::Object(call.context.clone()))?;
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
            let rest = code.split_once('\n').map_or("", |(_, rest)| rest);
            return format!("QUITTANCE_HASH = '{}'\n{rest}", "f".repeat(64));
        }
        code
    }
}
