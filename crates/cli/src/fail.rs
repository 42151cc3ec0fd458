//! Why a command stopped: one sentence, and the code when it is one of the product's.

use quittance::erp::odoo::error::OdooError;
use quittance::error::{Code, Error};

/// A command's result.
pub type CommandResult<T> = Result<T, CommandError>;

/// A sentence that says what is wrong and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandError {
    pub code: Option<Code>,
    pub sentence: String,
}

impl CommandError {
    pub fn new(sentence: impl Into<String>) -> Self {
        Self { code: None, sentence: sentence.into() }
    }

    /// Puts what was being done in front.
    pub fn while_(self, doing: &str) -> Self {
        Self { sentence: format!("{doing}: {}", self.sentence), ..self }
    }
}

impl std::fmt::Display for CommandError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.code {
            Some(code) => write!(f, "{} [{}]", self.sentence, code.name()),
            None => f.write_str(&self.sentence),
        }
    }
}

impl From<Error> for CommandError {
    fn from(error: Error) -> Self {
        Self { code: Some(error.code), sentence: error.detail }
    }
}

impl From<OdooError> for CommandError {
    fn from(error: OdooError) -> Self {
        Error::from(error).into()
    }
}
