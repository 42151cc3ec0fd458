//! The last day, hour by hour, as JSON text.

use super::json;
use crate::ports::{Db, DbError, Stmt};

/// Of the newest 20,000 rows those from ?1 on. The time to the ERP is that of receipts, by the hour they were posted in.
const SQL: &str = "WITH came AS (SELECT received / 3600 * 3600 AS hour, form FROM (SELECT received, form FROM inbox ORDER BY rowid DESC LIMIT 20000) \
       WHERE received >= ?1), \
     events AS (SELECT hour, count(*) FILTER (WHERE form <> 'pulled') AS events, count(*) FILTER (WHERE form = 'pulled') AS pulled FROM came GROUP BY hour), \
     took AS (SELECT posted / 3600 * 3600 AS hour, posted - occurred AS lag FROM (SELECT posted, occurred, kind FROM postings ORDER BY rowid DESC LIMIT 20000) \
       WHERE posted >= ?1 AND kind = 'paid' AND occurred IS NOT NULL), \
     ranked AS (SELECT hour, lag, row_number() OVER (PARTITION BY hour ORDER BY lag) AS nth, count(*) OVER (PARTITION BY hour) AS of FROM took), \
     times AS (SELECT hour, max(of) AS postings, max(lag) AS most, min(lag) FILTER (WHERE nth * 2 >= of) AS median, \
       min(lag) FILTER (WHERE nth * 20 >= of * 19) AS p95 FROM ranked GROUP BY hour), \
     hours AS (SELECT hour FROM events UNION SELECT hour FROM times) \
     SELECT json_object('since', CAST(?1 AS INTEGER), 'complete', json(iif((SELECT count(*) FROM (SELECT 1 FROM inbox LIMIT 20000)) < 20000 \
       OR (SELECT min(received) FROM (SELECT received FROM inbox ORDER BY rowid DESC LIMIT 20000)) < ?1, 'true', 'false')), \
     'hours', (SELECT json_group_array(json_object('at', hour, 'events', coalesce(events, 0), 'pulled', coalesce(pulled, 0), \
       'postings', coalesce(postings, 0), 'median', median, 'p95', p95, 'most', most)) FROM (SELECT * FROM hours LEFT JOIN events USING (hour) \
       LEFT JOIN times USING (hour) ORDER BY hour))) AS json";

/// The hours since an instant (seconds) that had anything.
pub async fn hours_since(db: &dyn Db, instant: i64) -> Result<String, DbError> {
    Ok(json(db, Stmt::new(SQL, [instant.into()])).await?.unwrap_or_default())
}
