//! What ends by a date that only people know.

use super::settings;
use super::values::list;
use crate::date;
use crate::error::Error;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// As the setting names it: `STRIPE_API_KEY`, `RPC_SECRET`, or anything else.
    pub name: String,
    /// The beginning of its last day, in seconds since 1970 UTC.
    pub day: i64,
}

/// `NAME=YYYY-MM-DD`, with commas or blanks between several. Nothing of what is wrong is repeated, since it may be a secret.
pub fn parse_expiries(text: Option<String>) -> Result<Vec<Expiry>, Error> {
    let one = |(item, at): (String, usize)| {
        item.split_once('=').and_then(|(name, day)| Some(Expiry { name: name_of(name)?, day: day_of(day)? })).ok_or_else(
            || {
                settings::EXPIRES.wrong(&format!(
                    "is a list of NAME=YYYY-MM-DD, such as STRIPE_API_KEY=2027-01-31, with commas between several; position {at} is not"
                ))
            },
        )
    };
    list(text).into_iter().zip(1..).map(one).collect()
}

fn name_of(name: &str) -> Option<String> {
    let plain =
        (1..=40).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
    plain.then(|| name.to_owned())
}

fn day_of(text: &str) -> Option<i64> {
    let mut parts =
        text.split('-').map(|part| part.parse::<i64>().ok().filter(|_| part.bytes().all(|b| b.is_ascii_digit())));
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let whole = text.len() == 10 && parts.next().is_none();
    date::days(year, month, day).filter(|_| whole).map(|days| days * 86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_days() {
        let read = |text: &str| parse_expiries(Some(text.to_owned()));
        let both = read("STRIPE_API_KEY=2027-01-31, rpc.secret=2028-02-29").unwrap();
        assert_eq!(both[0], Expiry { name: "STRIPE_API_KEY".into(), day: 1_801_353_600 });
        assert_eq!((both[1].name.as_str(), date::iso(both[1].day).as_str()), ("rpc.secret", "2028-02-29"));
        assert_eq!(parse_expiries(None), Ok(Vec::new()));
        for bad in [
            "Q9",
            "Q9=",
            "=2027-02-28",
            "Q9=2027-1-31",
            "Q9=2027-02-29",
            "Q9=31.01.2027",
            "Q9=2027-01-31-1",
            "Q9=+027-01-31",
            "Q9=2027-01-31T",
            "<b>=2027-01-31",
        ] {
            let error = read(&format!("A=2027-01-31,{bad}")).unwrap_err();
            assert!(error.detail.contains("position 2") && !error.detail.contains(bad), "{bad}: {}", error.detail);
        }
        let secret = read("STRIPE_API_KEY=sk_live_123").unwrap_err();
        assert!(!secret.detail.contains("sk_live"), "{}", secret.detail);
    }
}
