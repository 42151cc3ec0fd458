//! Search terms by which an operator finds a payment: invoice numbers, customer ids.

use serde_json::json;

use super::outcome_row::Posting;
use crate::ports::Stmt;

const SQL: &str = "INSERT INTO search_terms (word, payment) SELECT m.value ->> 0, m.value ->> 1 FROM json_each(?1) m WHERE true \
     ON CONFLICT DO NOTHING";

/// The statement that keeps the words of what was booked; none where nothing has any.
pub(super) fn search_terms_statement(postings: &[Posting]) -> Option<Stmt> {
    let pairs: Vec<_> = postings.iter().flat_map(|p| p.words.iter().map(|word| json!([word, p.payment]))).collect();
    (!pairs.is_empty()).then(|| Stmt::new(SQL, [json!(pairs).to_string().into()]))
}
