//! Which Stripe customer a commercial partner of the ERP is. The row is the claim: nobody else makes one meanwhile.

use crate::ports::{Db, DbError, Row, Stmt};

/// Rows linked in one run of the cron.
const LINKS_MAX: i64 = 50;

/// Whose customer, in which books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerKey {
    /// `acct_…`.
    pub account: String,
    pub database: String,
    /// Commercial partner.
    pub partner: i64,
}

/// What the ledger knows of a partner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Customer {
    /// `cus_…`; `None` while Stripe has not answered.
    pub customer: Option<String>,
    /// The form that makes it and its idempotency key; the form is kept until Stripe has answered.
    pub body: String,
    pub key: String,
    /// Fingerprint of the name and e-mail that Stripe has.
    pub described: String,
    /// Seconds.
    pub claimed: i64,
    /// It was claimed in a time that the ERP has lost: the partner may be another contact by now.
    pub doubtful: bool,
}

/// Whether a row of `customers` was claimed in a time that the ERP has lost.
macro_rules! doubtful {
    () => {
        "EXISTS (SELECT 1 FROM restores WHERE since <= customers.claimed AND at >= customers.claimed)"
    };
}

/// Writes `wish` as a partner's row, when there is none.
fn claim_statement(key: &CustomerKey, wish: &Customer) -> Stmt {
    const SQL: &str = "INSERT INTO customers (account, database, partner, customer, body, key, described, claimed, older, linked) \
         VALUES (?1, ?2, ?3, ?4, iif(?4 IS NULL, ?5, ''), ?6, ?7, ?8, ?4 IS NOT NULL, CASE WHEN ?4 IS NULL THEN NULL ELSE ?8 END) ON CONFLICT DO NOTHING";
    let args = [
        key.account.as_str().into(),
        key.database.as_str().into(),
        key.partner.into(),
        wish.customer.clone().into(),
        wish.body.as_str().into(),
        wish.key.as_str().into(),
        wish.described.as_str().into(),
        wish.claimed.into(),
    ];
    Stmt::new(SQL, args)
}

/// Reads a partner's row, or claims it with `wish` when there is none, in one round trip.
pub async fn claim(db: &dyn Db, key: &CustomerKey, wish: &Customer) -> Result<Customer, DbError> {
    const SELECT: &str = concat!(
        "SELECT customer, body, key, described, claimed, ",
        doubtful!(),
        " AS doubtful FROM customers WHERE account = ?1 AND database = ?2 AND partner = ?3"
    );
    let args = [key.account.as_str().into(), key.database.as_str().into(), key.partner.into()];
    let rows = db.batch(vec![claim_statement(key, wish), Stmt::new(SELECT, args)]).await?;
    let row = rows.into_iter().nth(1).and_then(|rows| rows.rows.into_iter().next());
    Ok(row.map_or_else(|| wish.clone(), |row| customer_from_row(&row)))
}

/// Stripe has answered the claim `key`; `older`: with a customer that was there before. `false`: the claim is another's by
/// now, or the customer is another partner's.
pub async fn store_id(db: &dyn Db, key: &str, customer: &str, older: bool) -> Result<bool, DbError> {
    const SQL: &str =
        "UPDATE OR IGNORE customers SET customer = ?2, older = ?3, body = '' WHERE key = ?1 AND customer IS NULL";
    let rows = db.batch(vec![Stmt::new(SQL, [key.into(), customer.into(), i64::from(older).into()])]).await?;
    Ok(rows.first().is_some_and(|rows| rows.changes > 0))
}

/// Stripe has the name and e-mail of this fingerprint now.
pub async fn store_description(db: &dyn Db, key: &CustomerKey, described: &str) -> Result<(), DbError> {
    const SQL: &str = "UPDATE customers SET described = ?4 WHERE account = ?1 AND database = ?2 AND partner = ?3";
    let args = [key.account.as_str().into(), key.database.as_str().into(), key.partner.into(), described.into()];
    db.batch(vec![Stmt::new(SQL, args)]).await.map(drop)
}

/// The partner of the claim `key` is the contact that it was made for: his customer may be linked again.
pub async fn confirm_partner(db: &dyn Db, key: &str, now: i64) -> Result<(), DbError> {
    const SQL: &str = "UPDATE customers SET claimed = ?2, linked = NULL, link_at = 0, link_tries = 0 WHERE key = ?1";
    db.batch(vec![Stmt::new(SQL, [key.into(), now.into()])]).await.map(drop)
}

/// The claim `old` led to nothing, or to a customer that is gone at Stripe: a new one takes its place. Whoever comes
/// second keeps the first one's.
pub async fn renew(db: &dyn Db, key: &CustomerKey, old: &Customer, wish: &Customer) -> Result<Customer, DbError> {
    const SQL: &str = "UPDATE customers SET customer = ?3, body = iif(?3 IS NULL, ?4, ''), key = ?2, described = ?5, claimed = ?6, older = 0, linked = NULL, \
         link_at = 0, link_tries = 0 \
         WHERE key = ?1";
    let args = [
        old.key.as_str().into(),
        wish.key.as_str().into(),
        wish.customer.clone().into(),
        wish.body.as_str().into(),
        wish.described.as_str().into(),
        wish.claimed.into(),
    ];
    db.batch(vec![Stmt::new(SQL, args)]).await?;
    claim(db, key, wish).await
}

/// A partner whose contact in the ERP does not have its id yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnlinkedCustomer {
    pub key: CustomerKey,
    /// `cus_…`.
    pub customer: String,
}

/// Some of those in `database` that it is time to link. Each is given at growing distances, from a minute to a day, and twenty
/// times: what the ERP has not taken in ten days it will not take. Doubtful ones wait for their contact's next page.
pub async fn take_unlinked(db: &dyn Db, database: &str, now: i64) -> Result<Vec<UnlinkedCustomer>, DbError> {
    const SQL: &str = concat!(
        "UPDATE customers SET link_tries = link_tries + 1, link_at = ?3 + min(86400, 60 << link_tries) WHERE rowid IN ( \
         SELECT rowid FROM customers WHERE linked IS NULL AND customer IS NOT NULL AND link_tries < 20 AND link_at <= ?3 \
           AND account = (SELECT account FROM identity) AND database = ?2 AND NOT ",
        doubtful!(),
        " ORDER BY link_at LIMIT ?1) RETURNING account, database, partner, customer"
    );
    let rows = db.batch(vec![Stmt::new(SQL, [LINKS_MAX.into(), database.into(), now.into()])]).await?;
    let one = |row: &Row| {
        let text = |column: &str| row.text(column).map(str::to_owned);
        let key = CustomerKey { account: text("account")?, database: text("database")?, partner: row.int("partner")? };
        Some(UnlinkedCustomer { key, customer: text("customer")? })
    };
    Ok(rows.iter().flat_map(|rows| &rows.rows).filter_map(one).collect())
}

/// Their contacts have it now.
pub async fn mark_linked(db: &dyn Db, list: &[UnlinkedCustomer], now: i64) -> Result<(), DbError> {
    const SQL: &str = "UPDATE customers SET linked = ?2 FROM json_each(?1) l WHERE account = l.value ->> 0 \
         AND database = l.value ->> 1 AND partner = l.value ->> 2 AND customer = l.value ->> 3";
    let list: serde_json::Value = list
        .iter()
        .map(|one| serde_json::json!([one.key.account, one.key.database, one.key.partner, one.customer]))
        .collect();
    db.batch(vec![Stmt::new(SQL, [list.to_string().into(), now.into()])]).await.map(drop)
}

fn customer_from_row(row: &Row) -> Customer {
    let text = |column: &str| row.text(column).map(str::to_owned);
    Customer {
        customer: text("customer"),
        body: text("body").unwrap_or_default(),
        key: text("key").unwrap_or_default(),
        described: text("described").unwrap_or_default(),
        claimed: row.int("claimed").unwrap_or(0),
        doubtful: row.int("doubtful") == Some(1),
    }
}
