//! Which account a type of balance transaction stands against, where the merchant knows better than our table.

use super::settings;
use super::values::list;
use crate::error::Error;
use crate::movement::Counter;

/// Reads `climate_order=fees, topup=suspense`: Stripe's type or reporting category, and the role of an account.
pub fn parse_counters(text: Option<String>) -> Result<Vec<(String, Counter)>, Error> {
    list(text).iter().map(|pair| parse_counter(pair)).collect()
}

fn parse_counter(pair: &str) -> Result<(String, Counter), Error> {
    let (name, role) = pair.split_once('=').unwrap_or((pair, ""));
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    match Counter::from_name(role) {
        Some(counter) if !name.is_empty() && name.chars().all(word) => Ok((name.to_owned(), counter)),
        _ => {
            let roles: Vec<&str> = Counter::CHOICE.map(Counter::name).to_vec();
            Err(settings::BALANCE_ACCOUNTS.wrong(&format!(
                "is a list of type=role such as climate_order=fees; the roles are {}",
                roles.join(", ")
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_roles() {
        let read = |text: &str| parse_counters(Some(text.to_owned()));
        let both = vec![("climate_order".to_owned(), Counter::Fees), ("topup".to_owned(), Counter::Suspense)];
        assert_eq!(read("climate_order=fees, topup=suspense"), Ok(both));
        assert_eq!(read(""), Ok(vec![]));
        // Nothing would ever settle what stood on clearing without a document.
        for bad in ["topup", "topup=", "=fees", "topup=bank", "Topup=fees", "topup=clearing"] {
            assert!(read(bad).is_err_and(|error| error.detail.contains("transit")), "{bad}");
        }
    }
}
