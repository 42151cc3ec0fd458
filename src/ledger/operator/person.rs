//! What the ledger holds of one payer: shown row by row, and forgotten. docs/PRIVACY.md says what stays and why.

use serde_json::{Value, json};

use super::{actions, first_text};
use crate::ledger::texts;
use crate::ports::{Db, DbError, Row, Stmt};

/// Payments forgotten by one call: a statement of D1 ends within 30 seconds, and each of them has some ten rows.
const FORGET_ROWS_MAX: i64 = 500;
/// Payments of which one call says why they stay.
const KEPT_ROWS_MAX: i64 = 100;

/// Whom it is about: contacts of the ERP and customers at Stripe, as the ledger ties them together. Both are JSON arrays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Commercial partners: one, but where the ERP's database was another before.
    pub partners: String,
    /// `cus_…`.
    pub customers: String,
}

/// A statement about a person: `?1` partners, `?2` customers. `theirs` are keys of attempts, `payments` what is theirs as
/// far as the ledger knows (an event that is not booked names the customer in its body alone; the customer's own events have
/// him for their payment), `busy` those of which
/// something is left to do, or money without an invoice. D1 takes at most five SELECTs in one compound.
macro_rules! of_person {
    ($then:literal) => {
        concat!(
            "WITH partner AS (SELECT value AS id FROM json_each(?1)), customer AS (SELECT value AS id FROM json_each(?2)), \
             theirs AS (SELECT key FROM intents WHERE partner IN (SELECT id FROM partner) \
               UNION SELECT key FROM intents WHERE customer IN (SELECT id FROM customer)), \
             loose AS (SELECT subject FROM inbox WHERE queue_again_at > 0 AND EXISTS (SELECT 1 FROM customer WHERE instr(body, id) > 0) \
               UNION SELECT subject FROM inbox WHERE state = 'parked' AND code >= '' \
                 AND EXISTS (SELECT 1 FROM customer WHERE instr(body, id) > 0)), \
             payments AS (SELECT payment FROM intents WHERE key IN (SELECT key FROM theirs) AND payment IS NOT NULL \
               UNION SELECT payment FROM search_terms WHERE word IN (SELECT id FROM customer) \
               UNION SELECT subject FROM loose UNION SELECT id FROM customer), \
             busy AS (SELECT mine.payment FROM payments mine WHERE \
               EXISTS (SELECT 1 FROM inbox i WHERE i.subject = mine.payment AND (i.due IS NOT NULL OR i.state = 'parked')) \
               OR EXISTS (SELECT 1 FROM intents t WHERE t.payment = mine.payment AND t.closed IS NULL) \
               OR EXISTS (SELECT 1 FROM postings po WHERE po.payment = mine.payment AND (po.doubt IS NOT NULL OR ",
            unallocated!(),
            "))) ",
            $then
        )
    };
}

/// The tables of an export in their order, the most rows of each that come at once (bodies may have 900 KB), and the
/// statement: `?3` so many rows, `?4` after so many.
const TABLES: [(&str, i64, &str); 8] = [
    (
        "customers",
        100,
        of_person!(
            "SELECT * FROM customers WHERE partner IN (SELECT id FROM partner) OR customer IN (SELECT id FROM customer) \
             ORDER BY claimed, key LIMIT ?3 OFFSET ?4"
        ),
    ),
    (
        "intents",
        100,
        of_person!(
            "SELECT * FROM intents WHERE key IN (SELECT key FROM theirs) ORDER BY opened, key LIMIT ?3 OFFSET ?4"
        ),
    ),
    (
        "search_terms",
        100,
        of_person!(
            "SELECT * FROM search_terms WHERE payment IN (SELECT payment FROM payments) ORDER BY payment, word LIMIT ?3 OFFSET ?4"
        ),
    ),
    (
        "inbox",
        10,
        of_person!(
            "SELECT * FROM inbox WHERE subject IN (SELECT payment FROM payments) ORDER BY created, id LIMIT ?3 OFFSET ?4"
        ),
    ),
    (
        "attempts",
        100,
        of_person!(
            "SELECT * FROM attempts WHERE event IN (SELECT id FROM inbox WHERE subject IN (SELECT payment FROM payments)) \
             ORDER BY event, number LIMIT ?3 OFFSET ?4"
        ),
    ),
    (
        "postings",
        100,
        of_person!(
            "SELECT * FROM postings WHERE payment IN (SELECT payment FROM payments) ORDER BY posted, key LIMIT ?3 OFFSET ?4"
        ),
    ),
    (
        "transactions",
        100,
        of_person!(
            ", accounts AS (SELECT account FROM identity UNION SELECT account FROM transaction_list_progress), \
             named AS (SELECT object AS id FROM inbox WHERE type = 'balance_transaction' AND subject IN (SELECT payment FROM payments)) \
             SELECT t.* FROM accounts a CROSS JOIN named n CROSS JOIN transactions t ON t.account = a.account AND t.id = n.id \
             ORDER BY t.created, t.id LIMIT ?3 OFFSET ?4"
        ),
    ),
    (
        "audit",
        100,
        of_person!(
            "SELECT * FROM audit WHERE subject IN (SELECT payment FROM payments) ORDER BY number LIMIT ?3 OFFSET ?4"
        ),
    ),
];

/// Whom a commercial partner or a customer at Stripe is, by what the ledger knows: the customers of the partner's row and of
/// his attempts, but for those that are another partner's by now.
pub async fn find_person(db: &dyn Db, partner: Option<i64>, customer: Option<&str>) -> Result<Person, DbError> {
    const SQL: &str = "WITH who AS (SELECT CAST(?1 AS INTEGER) AS partner WHERE ?1 IS NOT NULL UNION SELECT partner FROM customers WHERE customer = ?2), \
         named AS (SELECT ?2 AS customer WHERE ?2 IS NOT NULL \
           UNION SELECT customer FROM customers WHERE partner IN (SELECT partner FROM who) AND customer IS NOT NULL \
           UNION SELECT customer FROM intents i WHERE partner IN (SELECT partner FROM who) AND customer <> '' AND NOT EXISTS \
             (SELECT 1 FROM customers other WHERE other.customer = i.customer AND other.partner NOT IN (SELECT partner FROM who))) \
         SELECT (SELECT json_group_array(partner) FROM who) AS partners, (SELECT json_group_array(customer) FROM named) AS customers";
    let rows = db.batch(vec![Stmt::new(SQL, [partner.into(), customer.map(str::to_owned).into()])]).await?;
    let list = |column: &str| first_text(rows.first(), column).unwrap_or_else(|| "[]".into());
    Ok(Person { partners: list("partners"), customers: list("customers") })
}

/// Some rows of one table, and where the next ones are: `table offset`.
#[derive(Clone, Debug)]
pub struct ExportPage {
    pub table: &'static str,
    pub rows: Vec<Row>,
    pub next: Option<String>,
}

/// What the ledger has of a person, from a place on; `None` for a place that is none.
pub async fn export_page(db: &dyn Db, person: &Person, after: &str) -> Result<Option<ExportPage>, DbError> {
    let (name, offset) = after.split_once(' ').unwrap_or(("customers", "0"));
    let Some(at) = TABLES.iter().position(|(table, ..)| *table == name) else { return Ok(None) };
    let (Some((table, most, sql)), Ok(offset)) = (TABLES.get(at), offset.parse::<i64>()) else { return Ok(None) };
    let rows = db.batch(vec![statement(sql, person, &[(*most).into(), offset.into()])]).await?;
    let rows = rows.into_iter().next().unwrap_or_default().rows;
    let full = i64::try_from(rows.len()).is_ok_and(|length| length >= *most);
    let next = match TABLES.get(at + 1) {
        _ if full => Some(format!("{table} {}", offset + most)),
        Some((next, ..)) => Some(format!("{next} 0")),
        None => None,
    };
    Ok(Some(ExportPage { table, rows, next }))
}

/// An open attempt: its idempotency key and its PaymentIntent.
pub async fn open_attempts(db: &dyn Db, person: &Person) -> Result<Vec<(String, String)>, DbError> {
    const SQL: &str = of_person!(
        "SELECT key, payment FROM intents WHERE key IN (SELECT key FROM theirs) AND closed IS NULL AND payment IS NOT NULL LIMIT ?3"
    );
    let rows = db.batch(vec![statement(SQL, person, &[KEPT_ROWS_MAX.into()])]).await?;
    let one = |row: &Row| Some((row.text("key")?.to_owned(), row.text("payment")?.to_owned()));
    Ok(rows.iter().flat_map(|rows| &rows.rows).filter_map(one).collect())
}

/// What forgetting did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForgetResult {
    /// Payments of which the postings alone are left.
    pub payments: Vec<String>,
    /// Payments that are not at rest, and invoices with an attempt that Stripe has not answered: nothing of them was changed.
    pub kept: Vec<String>,
    /// There are more at rest.
    pub more: bool,
}

/// Forgets what is at rest of a person, in one batch with the end of the audit entry `number`. What was booked stays as the books
/// need it: keys, amounts and documents of postings and transactions, ids of events, so that nothing is booked twice.
pub async fn forget(db: &dyn Db, person: &Person, number: i64) -> Result<ForgetResult, DbError> {
    const REST: &str = of_person!(
        "SELECT payment FROM payments WHERE payment NOT IN (SELECT payment FROM busy) \
         AND payment NOT IN (SELECT id FROM customer) LIMIT ?3"
    );
    const BUSY: &str = of_person!(
        "SELECT payment FROM busy UNION SELECT 'invoice ' || invoice FROM intents WHERE key IN (SELECT key FROM theirs) \
         AND closed IS NULL AND payment IS NULL LIMIT ?3"
    );
    const EVENTS: &str =
        "UPDATE inbox SET body = NULL, detail = NULL WHERE subject IN (SELECT value FROM json_each(?1))";
    const ATTEMPTS: &str = "DELETE FROM attempts WHERE event IN \
         (SELECT id FROM inbox WHERE subject IN (SELECT value FROM json_each(?1)))";
    const REASONS: &str = "UPDATE audit SET reason = '' WHERE subject IN (SELECT value FROM json_each(?1))";
    const WORDS: &str = "DELETE FROM search_terms WHERE payment IN (SELECT value FROM json_each(?1))";
    const INTENTS: &str = of_person!(
        "DELETE FROM intents WHERE key IN (SELECT key FROM theirs) AND closed IS NOT NULL \
         AND (payment IS NULL OR payment IN (SELECT value FROM json_each(?3)))"
    );
    // They move no money, and Stripe's list is not asked for their types.
    const OWN: &str = of_person!("DELETE FROM inbox WHERE subject IN (SELECT id FROM customer) AND state = 'ignored'");
    const CUSTOMERS: &str = of_person!(
        "DELETE FROM customers WHERE (partner IN (SELECT id FROM partner) OR customer IN (SELECT id FROM customer)) \
         AND NOT EXISTS (SELECT 1 FROM theirs) \
         AND NOT EXISTS (SELECT 1 FROM payments WHERE payment NOT IN (SELECT id FROM customer))"
    );
    let found = db
        .batch(vec![
            statement(REST, person, &[FORGET_ROWS_MAX.into()]),
            statement(BUSY, person, &[KEPT_ROWS_MAX.into()]),
        ])
        .await?;
    let (payments, kept) = (texts(found.first(), "payment"), texts(found.get(1), "payment"));
    let list = json!(payments).to_string();
    let of_list = |sql: &'static str| Stmt::new(sql, [list.as_str().into()]);
    let outcome = format!("{} forgotten, {} kept", payments.len(), kept.len());
    db.batch(vec![
        of_list(EVENTS),
        of_list(ATTEMPTS),
        of_list(REASONS),
        of_list(WORDS),
        statement(OWN, person, &[]),
        statement(INTENTS, person, &[list.as_str().into()]),
        statement(CUSTOMERS, person, &[]),
        actions::audit_outcome_statement(number, &outcome),
    ])
    .await?;
    let more = i64::try_from(payments.len()).is_ok_and(|length| length >= FORGET_ROWS_MAX);
    Ok(ForgetResult { payments, kept, more })
}

fn statement(sql: &'static str, person: &Person, more: &[crate::ports::Arg]) -> Stmt {
    let whom = [person.partners.as_str().into(), person.customers.as_str().into()];
    Stmt::new(sql, whom.into_iter().chain(more.iter().cloned()).collect::<Vec<_>>())
}

/// Rows as JSON objects.
pub fn json_rows(rows: Vec<Row>) -> Value {
    rows.into_iter().map(|row| Value::Object(row.0)).collect()
}
