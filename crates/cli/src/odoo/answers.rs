//! The file of answers: what set-up would be told by flags, kept beside the company's other configuration.

use std::collections::BTreeMap;

use quittance::erp::odoo::setup::ExistingRecord;
use quittance::erp::odoo::setup::roles;
use serde::Deserialize;

use super::arguments::{Arguments, currency, instant, zone};
use crate::fail::{CommandError, CommandResult};

/// Seconds, or a text.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Instant {
    Seconds(i64),
    Text(String),
}

impl Instant {
    fn seconds(&self) -> Result<i64, String> {
        match self {
            Self::Seconds(seconds) => instant(&seconds.to_string()),
            Self::Text(text) => instant(text),
        }
    }
}

/// What may stand in it; all of it is optional, anything else is an error.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    company: Option<i64>,
    time_zone: Option<String>,
    book_from: Option<Instant>,
    opening_account: Option<String>,
    fee_tax: Option<String>,
    #[serde(default)]
    settlement_currencies: Vec<String>,
    /// By currency, `own` for the company's.
    #[serde(default)]
    journals: BTreeMap<String, String>,
    /// By role.
    #[serde(default)]
    accounts: BTreeMap<String, String>,
}

impl Answers {
    /// Reads the text of a file, and every name in it.
    pub fn parse(text: &str) -> CommandResult<Self> {
        let mut answers: Self =
            toml::from_str(text).map_err(|error| CommandError::new(error.to_string().trim().to_owned()))?;
        let wrong = |what: &str, why: String| CommandError::new(format!("{what}: {why}."));
        for role in answers.accounts.keys() {
            roles::find_role(role).map_err(|why| wrong("[accounts]", why))?;
        }
        let mut journals = BTreeMap::new();
        for (name, code) in answers.journals {
            let of = if name == "own" { Ok(String::new()) } else { currency(&name) };
            let of = of.map_err(|why| wrong("[journals]", format!("{name:?} is neither own nor a currency: {why}")))?;
            journals.insert(of, code);
        }
        answers.journals = journals;
        for code in &mut answers.settlement_currencies {
            *code = currency(code).map_err(|why| wrong("settlement_currencies", format!("{code:?}: {why}")))?;
        }
        if let Some(name) = &answers.time_zone {
            zone(name).map_err(|why| wrong("time_zone", why))?;
        }
        if let Some(from) = &answers.book_from {
            let seconds = from.seconds().map_err(|why| wrong("book_from", why))?;
            answers.book_from = Some(Instant::Seconds(seconds));
        }
        Ok(answers)
    }

    /// The arguments with these answers below them: a flag comes first.
    pub fn merged_under(self, flags: &Arguments) -> Arguments {
        let mut all = flags.clone();
        if all.companies.is_empty() {
            all.companies.extend(self.company);
        }
        let existing = |(what, code): (String, String)| ExistingRecord { what, company: None, code };
        // Of two for one thing the last wins.
        all.journals = self.journals.into_iter().map(existing).chain(flags.journals.iter().cloned()).collect();
        all.clearing = Vec::new();
        let named = flags.clearing.iter().chain(&flags.accounts).cloned();
        all.accounts = self.accounts.into_iter().map(existing).chain(named).collect();
        all.currencies.extend(self.settlement_currencies);
        all.time_zone = all.time_zone.or(self.time_zone);
        all.book_from = all.book_from.or_else(|| self.book_from.and_then(|from| from.seconds().ok()));
        all.opening_account = all.opening_account.or(self.opening_account);
        all.fee_tax = all.fee_tax.or(self.fee_tax);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unknown_name_is_told_with_those_that_are_known() {
        for (text, words) in [
            ("timezone = 'UTC'", &["timezone", "time_zone"][..]),
            ("[accounts]\nfee = '1'", &["[accounts]", "\"fee\"", "fees"]),
            ("[journals]\neuro = '1'", &["[journals]", "\"euro\"", "own"]),
            ("time_zone = 'Europe/Atlantis'", &["time_zone", "Europe/Paris"]),
            ("settlement_currencies = ['euro']", &["settlement_currencies", "three letters"]),
            ("book_from = 1795000000000", &["book_from", "not milliseconds"]),
            ("book_from = '2026-11-01'", &["book_from", "2026-11-01T00:00:00Z"]),
        ] {
            let told = Answers::parse(text).unwrap_err().to_string();
            assert!(words.iter().all(|word| told.contains(word)), "{told}");
        }
    }

    #[test]
    fn a_flag_comes_before_the_file() {
        let answers =
            Answers::parse("fee_tax = 'a'\n[accounts]\nfees = '1'\nloan = '2'\n[journals]\neur = 'X'").unwrap();
        let fees = ExistingRecord { what: "fees".into(), company: None, code: "9".into() };
        let flags = Arguments { accounts: vec![fees.clone()], fee_tax: Some("b".into()), ..Arguments::default() };
        let all = answers.merged_under(&flags);
        assert_eq!(all.fee_tax.as_deref(), Some("b"));
        assert_eq!(all.accounts.last(), Some(&fees));
        assert_eq!(all.accounts.len(), 3);
        assert_eq!(all.journals.first().map(|one| one.what.as_str()), Some("EUR"));
    }
}
