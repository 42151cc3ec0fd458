//! A body whose signature is good: it becomes a row that the ledger can hold, or is refused.

use quittance::error::Code;
use quittance::flow::receive::{Verdict, admit};
use quittance::ports::Arg;
use quittance::stripe::client_secret;
use quittance::stripe::signature::sign;

use crate::double::{NOW, Nobody, SECRET, config, holds_no_secret};

/// D1 takes numbers as JavaScript has them.
const EXACT: i64 = 1 << 53;

pub fn run(data: &[u8]) {
    let (config, log) = (config(), Nobody::default());
    let signature = sign(data, &quittance::config::Secret::new(SECRET), NOW);
    match admit(&config, &log, data, &signature, NOW) {
        Verdict::Refuse(error) => {
            let empty = data.is_empty() && error.code == Code::SignatureInvalid;
            assert!(empty || matches!(error.code, Code::BodyInvalid | Code::BodyTooLarge), "{error}");
        }
        Verdict::Store(event, _) => {
            assert!(!event.id.is_empty() && !event.kind.is_empty(), "a row without a name");
            assert!(!event.subject.is_empty(), "a row that no lease can be taken on");
            assert!(event.body.as_ref().is_none_or(|body| is_signed(body, data)), "another body than was signed");
            let args = event.args();
            let bytes: usize = args.iter().map(|arg| if let Arg::Text(text) = arg { text.len() } else { 8 }).sum();
            assert!(bytes < 2_000_000, "a row of {bytes} bytes");
            for arg in &args {
                assert!(!matches!(arg, Arg::Int(number) if number.abs() >= EXACT), "{arg:?} loses digits");
            }
        }
    }
    holds_no_secret(&log.log.borrow());
}

/// What was signed, but for client secrets, of which none is left, and for bytes that are no UTF-8.
fn is_signed(body: &str, data: &[u8]) -> bool {
    let signed = String::from_utf8_lossy(data);
    let shorter = client_secret::removed(&signed);
    body == shorter && client_secret::removed(body) == body && (signed.contains("_secret") || body == signed)
}
