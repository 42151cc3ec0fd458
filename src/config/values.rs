//! The forms that values have.

use crate::error::{Code, Error};

/// https, or plain http on this machine only: a key must not travel in the open. Of a URL it has host, port and path alone:
/// what stands before an `@` could pass for the host, and a query or a fragment would swallow the path that is put after it.
pub fn url(text: String, name: &str) -> Result<String, Error> {
    let text = endpoint(text.trim_end_matches('/').to_owned(), name)?;
    if text.contains('?') { Err(url_error(name)) } else { Ok(text) }
}

/// The same for an address that is asked as it stands: it may have a query.
pub fn endpoint(text: String, name: &str) -> Result<String, Error> {
    let clean = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:/?[]%!$'()*+,;=&".contains(&b));
    let whole =
        text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', ':', '?']));
    if clean && (local(&text) || whole) { Ok(text) } else { Err(url_error(name)) }
}

fn url_error(name: &str) -> Error {
    let sentence =
        "starts with https:// (http:// only for 127.0.0.1) and has neither `@` nor `#`, nor a query where paths follow";
    Error::new(Code::ConfigInvalid, format!("{name} {sentence}."))
}

/// Plain http to this machine.
pub fn local(text: &str) -> bool {
    let here = |rest: &str| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
        authority.is_empty() || authority.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok())
    };
    ["http://127.0.0.1", "http://localhost", "http://[::1]"].iter().any(|l| text.strip_prefix(l).is_some_and(here))
}

/// An amount in major units: digits, and after a point digits again.
pub fn amount(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    text.split_once('.').map_or_else(|| digits(text), |(whole, rest)| digits(whole) && digits(rest))
}

/// Items separated by commas or white space.
pub fn list(text: Option<String>) -> Vec<String> {
    text.unwrap_or_default().split([',', ' ', '\n', '\t']).filter(|s| !s.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_only_where_the_address_says() {
        for good in [
            "https://a.example",
            "https://a.example:8443/odoo",
            "https://[2001:db8::1]/x",
            "http://127.0.0.1",
            "http://127.0.0.1:8069",
            "http://localhost/odoo",
            "http://[::1]:1/x",
        ] {
            assert_eq!(url(format!("{good}/"), "X").as_deref(), Ok(good));
        }
        for bad in [
            "",
            "https://",
            "https:///x",
            "https://:443",
            "http://a.example",
            "ftp://a.example",
            "//a.example",
            "http://127.0.0.1.a.example",
            "http://127.0.0.1:80@a.example",
            "http://localhost:x@a.example/",
            "http://localhost@a.example",
            "http://127.0.0.1:99999",
            "http://127.0.0.1\\@a.example",
            "https://key@a.example",
            "https://a.example?x=",
            "https://a.example#",
            "https://a.example/\nx: y",
            "https://a.example x",
            "javascript:alert(1)//https://",
        ] {
            assert!(url(bad.to_owned(), "X").is_err(), "{bad}");
        }
        for good in ["https://a.example/hook?key=1&token=2", "http://127.0.0.1:1/x?y"] {
            assert_eq!(endpoint(good.to_owned(), "X").as_deref(), Ok(good));
        }
        assert!(endpoint("https://?a.example".into(), "X").is_err() && endpoint("https://a@b?c".into(), "X").is_err());
        assert!(!local("http://127.0.0.1:80@a.example") && local("http://127.0.0.1:80/x"));
        for elsewhere in [
            "http://localhost.example",
            "http://localhost.example:80/x",
            "http://127.0.0.1.example?x",
            "http://[::1].example",
        ] {
            assert!(
                !local(elsewhere) && url(elsewhere.into(), "X").is_err() && endpoint(elsewhere.into(), "X").is_err()
            );
        }
        assert!(local("http://localhost?x") && local("http://[::1]:80#x"));
    }
}
