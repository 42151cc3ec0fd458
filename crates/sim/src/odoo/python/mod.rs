//! The product's own procedures, run as they are: the Python of `src/erp/odoo/procedures` by an embedded interpreter
//! over a facade of Odoo's `env` (`facade/*.py`), whose records and books are this simulated Odoo's.

mod errors;
mod host;
mod interpreter;
mod limits;
mod lines;
mod records;
mod sql;
mod sql_books;
mod values;
mod write;

use serde_json::{Value, json};

use super::Odoo;
use super::error::Result;
use super::rights::Session;

/// What the engine works with while Python runs.
struct Work {
    odoo: Odoo,
    who: Session,
}

impl Odoo {
    /// Runs the code of an action and gives what it put in `action`.
    pub(super) fn run_python(&mut self, who: &Session, code: &str, context: &Value) -> Result<Value> {
        let empty = self.hollow();
        let odoo = std::mem::replace(self, empty);
        let given = json!({"uid": who.uid, "context": context, "db": odoo.db, "version": odoo.version.major()});
        let (result, work) = interpreter::run(Work { odoo, who: who.clone() }, code, &given);
        *self = work.odoo;
        result
    }

    /// Stands in for a server whose own data the interpreter has.
    fn hollow(&self) -> Self {
        Self {
            version: self.version,
            db: String::new(),
            schema: Default::default(),
            store: Default::default(),
            clock: self.clock.clone(),
            rng: crate::Rng::seeded(0),
            seed: self.seed,
            ready: false,
            dial: Default::default(),
            valued_at: None,
            latency_ms: 0,
            calls: Vec::new(),
            odd_notes: Default::default(),
        }
    }
}
