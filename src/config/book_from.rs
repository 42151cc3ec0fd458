//! The first instant to book.

use super::settings;
use crate::error::Error;

/// The year 2100. The same instant in milliseconds, which programs like to print, lies far beyond it and would leave
/// all money to the opening entry.
pub const INSTANT_MAX: i64 = 4_102_444_800;

/// Seconds since 1970 UTC, from 0 to [`INSTANT_MAX`].
pub fn parse_book_from(text: &str) -> Result<i64, Error> {
    let instant = text.parse().ok().filter(|instant| (0..=INSTANT_MAX).contains(instant));
    instant.ok_or_else(|| {
        settings::BOOK_FROM.wrong("is the first instant to book, in seconds (not milliseconds) since 1970 UTC, at most 4102444800; `quittance setup secrets` writes it")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_until_2100() {
        for good in ["0", "1795000000", "4102444800"] {
            assert_eq!(parse_book_from(good).map(|instant| instant.to_string()).as_deref(), Ok(good));
        }
        for bad in ["-1", "4102444801", "1795000000000", "99999999999999999999", "2026-11-21", "1.5", ""] {
            assert!(parse_book_from(bad).is_err_and(|error| error.detail.contains("seconds")), "{bad}");
        }
    }
}
