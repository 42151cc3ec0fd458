//! A D1 to test against: SQLite in memory with the product's own migrations, Cloudflare's limits, and D1's habit of
//! binding every number as REAL.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::time::Duration;

use quittance::ports::{Arg, Db, DbError, Fut, Row, Rows, Stmt};
use rusqlite::backup::Backup;
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::{Value as Sql, ValueRef};
use rusqlite::{Connection, Statement, StatementStatus, params_from_iter};
use serde_json::{Map, Number, Value};

/// Limits of D1, as Cloudflare's documentation has them.
const PARAMETERS: usize = 100;
const STATEMENT_BYTES: usize = 100_000;
const ROW_BYTES: usize = 2_000_000;
/// On the free plan; 1,000 on the paid one.
const QUERIES_PER_INVOCATION: usize = 50;

/// What workerd tells SQLite, as far as our statements come near it. Source: workerd, src/workerd/util/sqlite.c++.
const WORKERD: [(Limit, i32); 5] = [
    (Limit::SQLITE_LIMIT_COLUMN, 100),
    (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
    (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 5),
    (Limit::SQLITE_LIMIT_FUNCTION_ARG, 32),
    (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50),
];

/// Statements that are kept prepared: more than the product and the invariants have.
const KEPT: usize = 300;

/// The product's migrations, in their order.
pub const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/0001_ledger.sql"),
    include_str!("../../../migrations/0002_pay.sql"),
    include_str!("../../../migrations/0003_books.sql"),
    include_str!("../../../migrations/0004_fees.sql"),
    include_str!("../../../migrations/0005_operator.sql"),
    include_str!("../../../migrations/0006_observations.sql"),
    include_str!("../../../migrations/0007_pay.sql"),
    include_str!("../../../migrations/0008_personal_data.sql"),
    include_str!("../../../migrations/0009_doubt.sql"),
    include_str!("../../../migrations/0011_mark.sql"),
    include_str!("../../../migrations/0013_billed.sql"),
];

/// SQLite under the product's database port.
pub struct D1 {
    sqlite: RefCell<Connection>,
    queries: Cell<usize>,
    /// Statements since the start, for counting what an event costs.
    pub statements: Cell<usize>,
    /// Round trips since the start.
    pub trips: Cell<usize>,
    /// Steps of SQLite's virtual machine since the start: what statements cost, however busy the machine is.
    pub steps: Cell<usize>,
    /// Every statement that was run.
    pub seen: RefCell<BTreeSet<&'static str>>,
    /// The batches with their values, in order, while somebody keeps them.
    pub kept: RefCell<Option<Vec<Vec<Stmt>>>>,
}

/// Parsing the migrations takes as long as a short test: a thread does it once and copies what came of it.
fn migrate(sqlite: &mut Connection, migrations: &[&str]) -> rusqlite::Result<()> {
    thread_local! {
        static MIGRATED: RefCell<Vec<(Vec<String>, Connection)>> = RefCell::default();
    }
    MIGRATED.with_borrow_mut(|kept| {
        let like = |(texts, _): &&(Vec<String>, Connection)| texts.iter().eq(migrations.iter());
        if let Some((_, migrated)) = kept.iter().find(like) {
            return Backup::new(migrated, sqlite)?.run_to_completion(PAGES_A_STEP, Duration::ZERO, None);
        }
        let migrated = Connection::open_in_memory()?;
        for migration in migrations {
            migrated.execute_batch(migration)?;
        }
        Backup::new(&migrated, sqlite)?.run_to_completion(PAGES_A_STEP, Duration::ZERO, None)?;
        kept.push((migrations.iter().map(|text| (*text).to_owned()).collect(), migrated));
        Ok(())
    })
}

/// More than an empty ledger has.
const PAGES_A_STEP: i32 = 1_000;

impl D1 {
    /// An empty database with `migrations` (the texts of the files, in order) applied.
    pub fn new(migrations: &[&str]) -> Result<Self, String> {
        let mut sqlite = Connection::open_in_memory().map_err(|e| e.to_string())?;
        for (limit, most) in WORKERD {
            sqlite.set_limit(limit, most).map_err(|e| e.to_string())?;
        }
        sqlite.set_prepared_statement_cache_capacity(KEPT);
        // SQLite plans anew for other values otherwise, which takes a fifth of a test's time; no statement here gains by it.
        sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(|e| e.to_string())?;
        migrate(&mut sqlite, migrations).map_err(|e| e.to_string())?;
        Ok(Self {
            sqlite: RefCell::new(sqlite),
            queries: Cell::new(0),
            statements: Cell::new(0),
            trips: Cell::new(0),
            steps: Cell::new(0),
            seen: RefCell::default(),
            kept: RefCell::default(),
        })
    }

    /// A Worker invocation begins: its count of queries starts anew.
    pub fn begin_invocation(&self) {
        self.queries.set(0);
    }

    /// Runs statements at once, as [`Db::batch`] does.
    pub fn run(&self, stmts: &[Stmt]) -> Result<Vec<Rows>, DbError> {
        self.trips.set(self.trips.get() + 1);
        self.statements.set(self.statements.get() + stmts.len());
        self.queries.set(self.queries.get() + stmts.len());
        if self.queries.get() > QUERIES_PER_INVOCATION {
            return Err(DbError::Refused("too many queries in one invocation".into()));
        }
        if let Some(kept) = &mut *self.kept.borrow_mut() {
            kept.push(stmts.to_vec());
        }
        let mut sqlite = self.sqlite.borrow_mut();
        let batch = sqlite.transaction().map_err(db_error)?;
        let mut answers = Vec::with_capacity(stmts.len());
        for stmt in stmts {
            limits(stmt)?;
            self.seen.borrow_mut().insert(stmt.sql);
            answers.push(run_statement(&batch, stmt, &self.steps)?);
        }
        batch.commit().map_err(db_error)?;
        Ok(answers)
    }

    /// For looking at the database in a test: rows of any query.
    pub fn query(&self, sql: &str) -> Vec<Map<String, Value>> {
        self.about(sql, &[])
    }

    /// The same with values for its parameters: what is asked often is parsed once.
    pub fn about(&self, sql: &str, args: &[Arg]) -> Vec<Map<String, Value>> {
        let sqlite = self.sqlite.borrow();
        let rows = sqlite.prepare_cached(sql).and_then(|mut stmt| rows_of(&mut stmt, args));
        rows.unwrap_or_default().into_iter().map(|row| row.0).collect()
    }

    /// How SQLite would run a statement, one line a step.
    pub fn plan(&self, sql: &str) -> Result<Vec<String>, String> {
        let sqlite = self.sqlite.borrow();
        let mut stmt = sqlite.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).map_err(|e| e.to_string())?;
        let args = vec![Arg::Null; stmt.parameter_count()];
        let rows = rows_of(&mut stmt, &args).map_err(|e| e.to_string())?;
        Ok(rows.iter().filter_map(|row| row.text("detail")).map(str::to_owned).collect())
    }
}

impl Db for D1 {
    fn batch(&self, stmts: Vec<Stmt>) -> Fut<'_, Result<Vec<Rows>, DbError>> {
        Box::pin(async move { self.run(&stmts) })
    }
}

fn limits(stmt: &Stmt) -> Result<(), DbError> {
    let bytes: usize = stmt.args.iter().map(|a| if let Arg::Text(t) = a { t.len() } else { 8 }).sum();
    let broken = [
        (stmt.args.len() > PARAMETERS, "too many SQL variables"),
        (stmt.sql.len() > STATEMENT_BYTES, "statement too long"),
        (bytes > ROW_BYTES, "string or blob too big"),
        (stmt.args.iter().any(|a| matches!(a, Arg::Int(n) if n.abs() >= 1 << 53)), "a number beyond 2^53 loses digits"),
    ];
    match broken.into_iter().find(|(is, _)| *is) {
        Some((_, limit)) => Err(DbError::Refused(limit.into())),
        None => Ok(()),
    }
}

fn run_statement(batch: &Connection, stmt: &Stmt, steps: &Cell<usize>) -> Result<Rows, DbError> {
    let mut prepared = batch.prepare_cached(stmt.sql).map_err(db_error)?;
    let reads = prepared.readonly();
    let rows = rows_of(&mut prepared, &stmt.args).map_err(db_error)?;
    steps.set(steps.get() + usize::try_from(prepared.reset_status(StatementStatus::VmStep)).unwrap_or(0));
    Ok(Rows { rows, changes: if reads { 0 } else { batch.changes() } })
}

fn rows_of(stmt: &mut Statement, args: &[Arg]) -> Result<Vec<Row>, rusqlite::Error> {
    let names: Vec<String> = stmt.column_names().into_iter().map(str::to_owned).collect();
    let mut found = Vec::new();
    let mut rows = stmt.query(params_from_iter(args.iter().map(bind)))?;
    while let Some(row) = rows.next()? {
        let mut map = Map::new();
        for (at, name) in names.iter().enumerate() {
            map.insert(name.clone(), value(row.get_ref(at)?));
        }
        found.push(Row(map));
    }
    Ok(found)
}

fn bind(arg: &Arg) -> Sql {
    match arg {
        Arg::Null => Sql::Null,
        Arg::Int(number) => Sql::Real(*number as f64),
        Arg::Text(text) => Sql::Text(text.clone()),
    }
}

fn value(cell: ValueRef) -> Value {
    match cell {
        ValueRef::Null | ValueRef::Blob(_) => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => Number::from_f64(number).map_or(Value::Null, Value::Number),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
    }
}

fn db_error(error: rusqlite::Error) -> DbError {
    DbError::Refused(error.to_string())
}
