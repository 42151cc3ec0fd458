//! Who claimed what last: a verdict on an event is written by whoever claimed it last, or by nobody.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use quittance::ports::{Arg, Rows, Stmt};

/// How the ledger's statements begin that take an event and that judge it; their second argument is the token.
const CLAIM: &str = "UPDATE inbox SET crashes";
const VERDICT: &str = "UPDATE inbox SET state = v.value";

/// Looks at what goes to the database.
#[derive(Debug, Default)]
pub struct Watch {
    claimed: RefCell<HashMap<String, String>>,
    /// Verdicts seen.
    pub verdicts: Cell<usize>,
    /// Verdicts of those who had lost their lease.
    pub stolen: RefCell<Vec<String>>,
}

impl Watch {
    /// Takes note of a batch and its answers.
    pub fn observe_batch(&self, stmts: &[Stmt], answers: &[Rows]) {
        for (stmt, rows) in stmts.iter().zip(answers) {
            let Some(Arg::Text(token)) = stmt.args.get(1) else { continue };
            for id in rows.rows.iter().filter_map(|row| row.text("id")) {
                if stmt.sql.starts_with(CLAIM) {
                    self.claimed.borrow_mut().insert(id.to_owned(), token.clone());
                } else if stmt.sql.starts_with(VERDICT) {
                    self.verdicts.set(self.verdicts.get() + 1);
                    if self.claimed.borrow().get(id) != Some(token) {
                        self.stolen.borrow_mut().push(id.to_owned());
                    }
                }
            }
        }
    }
}
