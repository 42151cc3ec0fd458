//! One setting: what stands in the table, and how its value is read.

use super::values::{self, list};
use crate::error::{Code, Error};

/// Gives the trimmed text of a variable or secret; `None` where it is not set or empty.
pub type Get<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Who reads a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// The Worker, and commands that do as it does.
    Worker,
    /// The command `quittance` alone.
    Command,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    pub name: &'static str,
    pub reader: Reader,
    /// Its value is never shown, and never stands in wrangler.toml.
    pub secret: bool,
    /// What a value looks like, with its unit.
    pub form: &'static str,
    /// What holds where it is not set; empty: nothing.
    pub default: &'static str,
    /// A value for the example files.
    pub example: &'static str,
    /// What it is for.
    pub about: &'static str,
}

impl Setting {
    /// The value, or the default; `None` where there is neither.
    pub fn text(&self, get: &Get) -> Option<String> {
        get(self.name).or_else(|| Some(self.default.to_owned()).filter(|default| !default.is_empty()))
    }

    /// The value of a setting that must be there.
    ///
    /// # Errors
    /// `config_invalid`: it is not set.
    pub fn required(&self, get: &Get) -> Result<String, Error> {
        self.text(get).ok_or_else(|| self.missing())
    }

    /// The error of a setting that must be there and is not.
    pub fn missing(&self) -> Error {
        self.wrong("is not set; run `quittance setup secrets`")
    }

    /// # Errors
    /// `config_invalid`: neither true nor false.
    pub fn flag(&self, get: &Get) -> Result<bool, Error> {
        match self.text(get).as_deref() {
            Some("true" | "1" | "yes") => Ok(true),
            None | Some("false" | "0" | "no") => Ok(false),
            Some(_) => Err(self.wrong("is `true` or `false`")),
        }
    }

    /// Items separated by commas or white space.
    pub fn list(&self, get: &Get) -> Vec<String> {
        list(self.text(get))
    }

    /// A whole number from `min` to `max`.
    ///
    /// # Errors
    /// `config_invalid`: no such number.
    pub fn number(&self, get: &Get, min: i64, max: i64) -> Result<i64, Error> {
        let number = self.text(get).and_then(|text| text.parse().ok()).filter(|number| (min..=max).contains(number));
        number.ok_or_else(|| self.wrong(&format!("is a whole number from {min} to {max}")))
    }

    /// An amount in major units, as digits.
    ///
    /// # Errors
    /// `config_invalid`: no such amount.
    pub fn amount(&self, get: &Get) -> Result<String, Error> {
        let text = self.text(get).unwrap_or_default();
        if values::amount(&text) { Ok(text) } else { Err(self.wrong("is an amount such as 10 or 0.50, not negative")) }
    }

    /// An address under which paths are asked, without a slash at its end; `None` where it is not set.
    ///
    /// # Errors
    /// `config_invalid`: not https, or more than an address.
    pub fn url(&self, get: &Get) -> Result<Option<String>, Error> {
        self.text(get).map(|text| values::url(text, self.name)).transpose()
    }

    /// An address that is asked as it stands; `None` where it is not set.
    ///
    /// # Errors
    /// `config_invalid`: not https, or no address.
    pub fn endpoint(&self, get: &Get) -> Result<Option<String>, Error> {
        self.text(get).map(|text| values::endpoint(text, self.name)).transpose()
    }

    /// The error of a wrong value: the name and `what`, which says what a right one is and repeats nothing of the value.
    pub fn wrong(&self, what: &str) -> Error {
        Error::new(Code::ConfigInvalid, format!("{} {what}.", self.name))
    }
}

/// A value that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongSetting {
    /// The name of the setting.
    pub name: String,
    /// What is wrong, and what a right value is.
    pub error: Error,
}

impl WrongSetting {
    /// Of an error of the configuration, whose sentence begins with the name.
    pub fn new(error: Error) -> Self {
        let name = error.detail.split([' ', ',']).next().unwrap_or_default().to_owned();
        Self { name, error }
    }
}

/// Reads settings that stop no money: a wrong value counts as none, and its error is kept.
#[derive(Debug, Default)]
pub struct Lenient(pub Vec<WrongSetting>);

impl Lenient {
    /// The value, or `None` with the error kept.
    pub fn value<T>(&mut self, value: Result<T, Error>) -> Option<T> {
        value.map_err(|error| self.0.push(WrongSetting::new(error))).ok()
    }
}
