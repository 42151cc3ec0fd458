//! Any request to any path: a known answer, and nothing of ours in it.

use quittance::http::{Request, escape};
use quittance::routes;

use crate::double::{Network, config, holds_no_secret, now, runtime};
use crate::parts;

/// `method url PART body PART name: value PART name: value …`.
pub fn run(data: &[u8]) {
    let all = parts(data);
    let first = String::from_utf8_lossy(all.first().unwrap_or(&&[][..]));
    escaped(&first);
    let (method, url) = first.split_once(' ').unwrap_or(("GET", &first));
    let mut request = Request::new(method, url).body(*all.get(1).unwrap_or(&&[][..]));
    for header in all.iter().skip(2) {
        let header = String::from_utf8_lossy(header);
        let (name, value) = header.split_once(": ").unwrap_or(("x-access-token", &header));
        request = request.with(name, value);
    }
    assert!(request.path().starts_with('/') && !request.path().contains(['?', '#']), "{}", request.path());
    assert!(!request.query().contains('#'));
    let shown = format!("{request:?}");
    let (rt, log) = runtime(Network::of(&[]));
    let answer = now(routes::handle(&rt, &config(), &request));
    assert!(
        [200, 308, 400, 401, 403, 404, 405, 409, 413, 422, 429, 503].contains(&answer.status),
        "{} for {shown}",
        answer.status
    );
    assert!(answer.status == 308 || answer.header("content-type").is_some(), "{shown}");
    for (name, value) in &answer.headers {
        // The script that other sites hold to its digest is anybody's.
        let is_public =
            (request.path(), name.as_str(), value.as_str()) == ("/embed.js", "access-control-allow-origin", "*");
        assert!(!name.starts_with("access-control-") || is_public, "{name}");
        assert!(value.bytes().all(|b| (0x20..0x7f).contains(&b)), "{name}: {value}");
    }
    let body = String::from_utf8_lossy(&answer.body);
    holds_no_secret(&body);
    holds_no_secret(&log.log.borrow());
    if let Some(token) = request.header("x-access-token").filter(|token| token.len() > 12) {
        assert!(!log.log.borrow().contains(token) && !body.contains(token), "the token goes round: {body}");
    }
}

/// Escaped text has no character with a meaning in a URL, and can be read back.
fn escaped(text: &str) {
    let out = escape(text);
    assert!(out.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_~%".contains(&b)), "{out}");
    let mut back = Vec::new();
    let mut bytes = out.bytes();
    while let Some(byte) = bytes.next() {
        let code = if byte == b'%' { [bytes.next(), bytes.next()] } else { [None, None] };
        back.push(match code {
            [Some(high), Some(low)] => {
                u8::from_str_radix(std::str::from_utf8(&[high, low]).expect("ASCII"), 16).expect("two digits")
            }
            _ => byte,
        });
    }
    assert_eq!(back, text.as_bytes());
}
