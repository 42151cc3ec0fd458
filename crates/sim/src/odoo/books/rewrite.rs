//! New lines for a draft, by the commands that a client writes.

use serde_json::Value;

use super::Line;
use crate::odoo::Odoo;
use crate::odoo::error::{self, Result};
use crate::odoo::num;

const MOVE: &str = "account.move";

impl Odoo {
    /// `[5]` takes all lines away, `[0, 0, values]` adds one; the entry balances in the end. Only of a draft.
    pub(in crate::odoo) fn rewrite_lines(&mut self, entry: i64, commands: &Value) -> Result<()> {
        if self.store.text(MOVE, entry, "state") != "draft" {
            return Err(error::user("You cannot do this modification on a posted journal entry."));
        }
        for command in commands.as_array().into_iter().flatten() {
            match command.get(0).and_then(num::int) {
                Some(5) => {
                    for line in self.store.list(MOVE, entry, "line_ids") {
                        self.store.remove("account.move.line", line);
                    }
                    self.store.set(MOVE, entry, "line_ids", serde_json::json!([]));
                }
                Some(0) => {
                    let vals = command.get(2).and_then(Value::as_object).cloned().unwrap_or_default();
                    self.new_line(entry, &Line::from_vals(&vals))?;
                }
                _ => {}
            }
        }
        self.balanced(entry)?;
        self.refresh(entry);
        Ok(())
    }
}
