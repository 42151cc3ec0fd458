//! The settings of the pay page.

use super::setting::Get;
use super::settings;
use super::values::url;
use crate::error::{Code, Error};

/// The settings of the pay page; without `STRIPE_PUBLISHABLE_KEY` there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pay {
    /// `STRIPE_PUBLISHABLE_KEY`, `pk_…`: the browser's key, of the same account and mode as STRIPE_API_KEY.
    pub publishable_key: String,
    /// `EMBED_ORIGINS`: origins whose pages may show the pay page in a frame.
    pub embed_origins: Vec<String>,
    /// `PAY_PARTIAL` and `PAY_MINIMUM`: the least part payment in major units, as digits; `None`: only amounts that the
    /// ERP itself asks for.
    pub partial: Option<String>,
    /// `PAY_RECEIPT_EMAIL`: Stripe mails a receipt to the invoice's contact. Default false.
    pub receipt_email: bool,
    /// `PAY_REDIRECTS`: also methods that lead away from the page. Default false: all stays in the modal.
    pub redirects: bool,
    /// `PAY_SAVED_CARDS`: whoever holds a link to an invoice sees and may use the cards its customer saved. Default false.
    pub saved_cards: bool,
    /// `PAY_STATEMENT_SUFFIX`: the invoice's number on the card statement. Default true.
    pub statement_suffix: bool,
    /// `PAY_OPEN_DAYS`: an attempt that nobody pays is given up after so many days. Default 14.
    pub open_days: i64,
}

impl Pay {
    pub(super) fn read(get: &Get) -> Result<Self, Error> {
        let key = settings::STRIPE_PUBLISHABLE_KEY;
        let publishable_key = key.text(get).ok_or_else(|| Error::of(Code::PayNotConfigured))?;
        let live = match publishable_key.get(..8) {
            Some("pk_live_") => true,
            Some("pk_test_") => false,
            _ => return Err(key.wrong("starts with pk_live_ or pk_test_")),
        };
        if settings::STRIPE_API_KEY.text(get).is_some_and(|secret| secret.contains("_live_") != live) {
            return Err(key.wrong("and STRIPE_API_KEY are of different modes; take both live or both test"));
        }
        let least = settings::PAY_MINIMUM.amount(get)?;
        let origins = settings::EMBED_ORIGINS.list(get);
        Ok(Self {
            open_days: settings::PAY_OPEN_DAYS.number(get, 1, OPEN_DAYS_MAX)?,
            publishable_key,
            embed_origins: origins.into_iter().map(origin).collect::<Result<_, _>>()?,
            partial: settings::PAY_PARTIAL.flag(get)?.then_some(least),
            receipt_email: settings::PAY_RECEIPT_EMAIL.flag(get)?,
            redirects: settings::PAY_REDIRECTS.flag(get)?,
            saved_cards: settings::PAY_SAVED_CARDS.flag(get)?,
            statement_suffix: settings::PAY_STATEMENT_SUFFIX.flag(get)?,
        })
    }
}

/// An invoice that nobody pays in a year is no matter of a payment page.
const OPEN_DAYS_MAX: i64 = 365;

/// Scheme, host and port alone: the list becomes part of a header and of a script.
fn origin(text: String) -> Result<String, Error> {
    let origin = url(text, settings::EMBED_ORIGINS.name)?;
    let host = origin.split_once("://").map_or("", |(_, rest)| rest);
    let clean = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
    if clean {
        Ok(origin)
    } else {
        Err(settings::EMBED_ORIGINS.wrong("are origins such as https://books.example.com, without a path"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Pay, Error> {
        Pay::read(&|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }
    const KEY: (&str, &str) = ("STRIPE_PUBLISHABLE_KEY", "pk_test_1");

    #[test]
    fn the_key_switches_the_page_on_and_must_be_of_the_secret_keys_mode() {
        assert_eq!(read(&[]).unwrap_err().code, Code::PayNotConfigured);
        assert_eq!(read(&[("STRIPE_PUBLISHABLE_KEY", "sk_test_1")]).unwrap_err().code, Code::ConfigInvalid);
        assert!(read(&[KEY, ("STRIPE_API_KEY", "rk_live_1")]).unwrap_err().detail.contains("modes"));
        let pay = read(&[KEY, ("STRIPE_API_KEY", "rk_test_1")]).unwrap();
        assert_eq!((pay.partial, pay.redirects, pay.saved_cards, pay.open_days), (None, false, false, 14));
        for bad in ["0", "366", "-1", "soon"] {
            assert!(read(&[KEY, ("PAY_OPEN_DAYS", bad)]).is_err(), "{bad}");
        }
    }

    #[test]
    fn origins_have_neither_path_nor_anything_that_a_header_could_take_for_more() {
        let pay = read(&[KEY, ("EMBED_ORIGINS", "https://a.example/, http://127.0.0.1:8069")]).unwrap();
        assert_eq!(pay.embed_origins, ["https://a.example", "http://127.0.0.1:8069"]);
        for bad in ["http://a.example", "https://a.example/x", "https://a.example;script-src", "a.example", "https://*"]
        {
            assert!(read(&[KEY, ("EMBED_ORIGINS", bad)]).is_err(), "{bad}");
        }
    }

    #[test]
    fn part_payments_have_a_least_amount() {
        assert_eq!(read(&[KEY, ("PAY_PARTIAL", "true")]).unwrap().partial.as_deref(), Some("1"));
        let both = [KEY, ("PAY_PARTIAL", "true"), ("PAY_MINIMUM", "12.50")];
        assert_eq!(read(&both).unwrap().partial.as_deref(), Some("12.50"));
        assert!(read(&[KEY, ("PAY_MINIMUM", "-1")]).is_err());
    }
}
