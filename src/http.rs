//! Requests and answers as plain values: the doors, the clients and the simulators all speak them.

use std::fmt::Write;

use serde_json::json;

use crate::error::Error;

/// A request, coming in or going out.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// Upper case, `GET`, `POST`, …
    pub method: String,
    /// Absolute (`https://host/path?query`) when going out; coming in, what the client asked for.
    pub url: String,
    /// In the order sent. Names compare without case.
    pub headers: Vec<(String, String)>,
    /// Raw bytes, never decoded on the way.
    pub body: Vec<u8>,
}

/// An answer, given or received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// A request without headers and body.
    pub fn new(method: &str, url: impl Into<String>) -> Self {
        Self { method: method.to_owned(), url: url.into(), headers: Vec::new(), body: Vec::new() }
    }

    /// Adds a header.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The first value of a header, names compared without case.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// The path of the URL, without host, query and fragment; at least `/`.
    pub fn path(&self) -> &str {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, r)| r);
        let rest = rest.split(['?', '#']).next().unwrap_or("");
        rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
    }

    /// The query string after `?`, raw, or the empty string.
    pub fn query(&self) -> &str {
        self.url.split_once('?').map_or("", |(_, q)| q.split('#').next().unwrap_or(""))
    }
}

/// Headers may hold a key or a token: only their names are shown, and the body only as a length.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(n, _)| n.as_str()).collect();
        write!(f, "{} {} {names:?} {} bytes", self.method, self.path(), self.body.len())
    }
}

impl Response {
    /// An answer with a JSON body.
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self {
            status,
            headers: vec![
                ("content-type".into(), "application/json; charset=utf-8".into()),
                ("x-content-type-options".into(), "nosniff".into()),
            ],
            body: body.to_string().into_bytes(),
        }
    }

    /// An error as a client sees it: the code and its general sentence, never the detail.
    pub fn error_response(error: &Error) -> Self {
        let body = json!({ "error": { "code": error.code.name(), "message": error.code.advice() } });
        Self::json(error.code.status(), &body)
    }

    /// Adds a header.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The first value of a header, names compared without case.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
}

/// Percent-encodes everything but RFC 3986's unreserved characters; also the dot, so that `..` is no path.
pub fn escape_into(out: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' => out.push(char::from(byte)),
            // Writing into a String cannot fail.
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
}

/// The same as a text of its own.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape_into(&mut out, text);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_and_query_of_absolute_and_bare_urls() {
        for (url, path, query) in [
            ("https://a.example/x/y?z=1&w#f", "/x/y", "z=1&w"),
            ("/health", "/health", ""),
            ("https://a.example", "/", ""),
            ("https://a.example?q=/x", "/", "q=/x"),
        ] {
            let request = Request::new("GET", url);
            assert_eq!(request.query(), query, "{url}");
            assert_eq!(request.path(), path, "{url}");
        }
    }
}
