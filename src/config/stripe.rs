//! How Stripe is asked, and for which accounts.

use super::secret::Secret;
use super::setting::Get;
use super::settings;
use super::values::{self, list};
use crate::error::Error;

/// How Stripe is asked.
#[derive(Clone, Debug)]
pub struct Stripe {
    /// `STRIPE_API_KEY`: `sk_…` or `rk_…`.
    pub api_key: Secret,
    /// `STRIPE_API_BASE`, default `https://api.stripe.com`; without a slash at the end.
    pub base: String,
    /// `STRIPE_ACCOUNTS`: connected accounts whose events are booked besides the key's own. Default none.
    pub accounts: Vec<String>,
    /// Of these the ones with a company of the ERP (`acct_…=3`), by its id: their payments are matched with documents of that
    /// company. Those of an account without one are matched with none.
    pub companies: Vec<(String, i64)>,
}

impl Stripe {
    /// Stripe is a simulation on this machine.
    pub fn simulated(&self) -> bool {
        values::local(&self.base)
    }

    /// The company that the settings name for a connected account.
    pub fn company(&self, account: &str) -> Option<i64> {
        self.companies.iter().find(|(of, _)| of == account).map(|(_, company)| *company)
    }

    /// The mode of the key.
    pub fn livemode(&self) -> bool {
        livemode(self.api_key.reveal()).unwrap_or_default()
    }
}

impl Stripe {
    pub(super) fn read(get: &Get) -> Result<Self, Error> {
        let api_key = settings::STRIPE_API_KEY.required(get)?;
        if livemode(&api_key).is_none() {
            return Err(settings::STRIPE_API_KEY
                .wrong("starts with sk_ or rk_, then live_ or test_; a publishable key does not work here"));
        }
        let (accounts, companies) = accounts(settings::STRIPE_ACCOUNTS.text(get))?;
        Ok(Self {
            api_key: Secret::new(api_key),
            base: settings::STRIPE_API_BASE.url(get)?.unwrap_or_default(),
            accounts,
            companies,
        })
    }
}

/// `STRIPE_ACCOUNTS`: the accounts, and those that name a company, with its id.
pub type Accounts = (Vec<String>, Vec<(String, i64)>);

/// The accounts of a list, each once, and the companies that it names.
pub fn accounts(text: Option<String>) -> Result<Accounts, Error> {
    let (mut accounts, mut companies) = (Vec::new(), Vec::new());
    for item in list(text) {
        let (account, company) = item.split_once('=').map_or((&*item, None), |(account, id)| (account, Some(id)));
        let whole = |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric());
        let company = company.map(|id| id.parse::<i64>().ok().filter(|id| *id > 0));
        if !account.strip_prefix("acct_").is_some_and(whole)
            || company == Some(None)
            || accounts.contains(&account.to_owned())
        {
            return Err(settings::STRIPE_ACCOUNTS
                .wrong("is a list of accounts (acct_…), each once, with or without the id of its company (acct_…=3)"));
        }
        accounts.push(account.to_owned());
        companies.extend(company.flatten().map(|id| (account.to_owned(), id)));
    }
    Ok((accounts, companies))
}

/// The mode of a secret or restricted key of Stripe's, by its prefix; `None` for any other text.
pub fn livemode(key: &str) -> Option<bool> {
    let of = |prefixes: [&str; 2]| prefixes.iter().any(|prefix| key.starts_with(prefix));
    if of(["sk_live_", "rk_live_"]) { Some(true) } else { of(["sk_test_", "rk_test_"]).then_some(false) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_stand_with_or_without_their_company() {
        let read = |text: &str| accounts(Some(text.to_owned()));
        let both = vec!["acct_1".to_owned(), "acct_2".to_owned()];
        assert_eq!(read("acct_1,acct_2=3"), Ok((both, vec![("acct_2".to_owned(), 3)])));
        for wrong in [
            "acct_1=",
            "acct_1=x",
            "acct_1=0",
            "acct_1=-2",
            "acct_",
            "1",
            "acct_1/acct_2",
            "acct_1,acct_1=2",
            "acct_1=2=3",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert_eq!(accounts(None), Ok((vec![], vec![])));
    }
}
