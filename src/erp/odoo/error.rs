//! Errors of Odoo, distinguished by the exception's name: messages are translated, and `/jsonrpc` answers HTTP 200 for
//! every one of them.

use crate::erp::fault::Fault;
use crate::error::{Code, Error};
use crate::ports::HttpFault;

/// Why a call gave no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OdooError {
    pub kind: OdooErrorKind,
    /// One short sentence: no traceback, no source text, at most [`DETAIL_CHARS_MAX`] characters of Odoo's own words.
    pub detail: String,
}

/// The kinds that call for different acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OdooErrorKind {
    /// No whole answer in time: Odoo may have committed.
    TimedOut,
    /// No connection, or a proxy answered in Odoo's place.
    Unreachable,
    /// Odoo runs, but cannot open the database: no such name, or PostgreSQL is down.
    Database,
    /// A lock or a serialization failure; nothing was written.
    Busy,
    Auth,
    Rights,
    /// A record that the call names is gone.
    Missing,
    /// A procedure is not there, or something else stands in its place.
    NotInstalled,
    /// A procedure answers in another version's form.
    Changed,
    /// Our own procedure says that set-up is incomplete, or cannot be used as it is now.
    NotConfigured,
    /// The company keeps the books of another Stripe account.
    OtherAccount,
    /// The company keeps the books of the other mode.
    OtherMode,
    /// A business rule.
    Refused,
    /// A Python error: a procedure, a model or a field that is not what we think.
    Crashed,
    /// Not Odoo's protocol.
    Protocol,
    /// Longer than any answer of Odoo's that is asked for.
    TooLarge,
}

/// Enough for a sentence of Odoo's; the ledger keeps it with the event.
pub const DETAIL_CHARS_MAX: usize = 300;

/// Running needs no more than this; docs/odoo/SETUP.md has the rights one by one.
const GROUPS: &str = "groups Invoicing (account.group_account_invoice) and Quittance Worker, which set-up gives it";

/// The words that our own procedures raise; see `procedures/_head.py`.
const NOT_CONFIGURED: &str = "quittance:not_configured:";
const GROUP_REQUIRED: &str = "quittance:group_required";
const OTHER_FORM: &str = "quittance:other_form";
const OTHER_ACCOUNT: &str = "quittance:other_account:";
const OTHER_MODE: &str = "quittance:other_mode:";

impl OdooError {
    pub fn new(kind: OdooErrorKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }

    /// The error of an exception's `name` and `message`, as both transports carry them.
    pub fn from_exception(name: &str, message: &str) -> Self {
        let kind = match kind_of(name) {
            OdooErrorKind::Refused if message.starts_with(NOT_CONFIGURED) => OdooErrorKind::NotConfigured,
            OdooErrorKind::Refused if message.starts_with(GROUP_REQUIRED) => OdooErrorKind::Rights,
            OdooErrorKind::Refused if message.starts_with(OTHER_FORM) => OdooErrorKind::Changed,
            OdooErrorKind::Refused if message.starts_with(OTHER_ACCOUNT) => OdooErrorKind::OtherAccount,
            OdooErrorKind::Refused if message.starts_with(OTHER_MODE) => OdooErrorKind::OtherMode,
            kind => kind,
        };
        let detail = match kind {
            OdooErrorKind::Database => {
                "Odoo cannot open the database: its name is wrong or its PostgreSQL does not answer.".into()
            }
            OdooErrorKind::Auth => "Odoo refuses the login or the API key.".into(),
            OdooErrorKind::Refused | OdooErrorKind::NotConfigured => first_line(message),
            OdooErrorKind::OtherAccount | OdooErrorKind::OtherMode | OdooErrorKind::Changed => {
                first_line(message.trim_start_matches("quittance:"))
            }
            OdooErrorKind::Rights => format!("{} The user needs the {GROUPS}.", first_line(message)),
            _ => format!("{}: {}", name.rsplit('.').next().unwrap_or(name), first_line(message)),
        };
        Self { kind, detail }
    }

    /// The error of an HTTP status whose body is not Odoo's: a proxy, or a wrong address.
    pub fn from_status(status: u16) -> Self {
        let (kind, sentence) = match status {
            429 => (OdooErrorKind::Busy, "limits the rate"),
            // A proxy gave up waiting while Odoo goes on.
            408 | 504 | 524 => (OdooErrorKind::TimedOut, "did not answer its proxy in time; it may have booked"),
            500.. => (OdooErrorKind::Unreachable, "does not answer"),
            300..=399 => (OdooErrorKind::Protocol, "redirects; set ODOO_URL to the address it redirects to"),
            401 | 403 => (OdooErrorKind::Unreachable, "is behind something that refuses the request"),
            _ => (OdooErrorKind::Protocol, "does not know the path; check ODOO_URL"),
        };
        Self::new(kind, format!("HTTP {status}: Odoo {sentence}."))
    }

    /// The stable code of the kind.
    pub fn code(&self) -> Code {
        match self.kind {
            OdooErrorKind::TimedOut | OdooErrorKind::Busy => Code::ErpBusy,
            OdooErrorKind::Unreachable => Code::ErpUnreachable,
            OdooErrorKind::Database => Code::ErpDatabaseMissing,
            OdooErrorKind::Auth => Code::ErpAuth,
            OdooErrorKind::Rights => Code::ErpRights,
            OdooErrorKind::Missing | OdooErrorKind::Refused => Code::ErpRefused,
            OdooErrorKind::NotInstalled => Code::ErpProcedureMissing,
            OdooErrorKind::Changed => Code::ErpProcedureChanged,
            OdooErrorKind::NotConfigured => Code::ErpNotConfigured,
            OdooErrorKind::OtherAccount => Code::OdooOtherAccount,
            OdooErrorKind::OtherMode => Code::OdooOtherMode,
            OdooErrorKind::Crashed => Code::ErpProcedureFailed,
            OdooErrorKind::Protocol => Code::ErpProtocol,
            OdooErrorKind::TooLarge => Code::ErpAnswerTooLarge,
        }
    }

    /// What the failure of a whole call means to the flows.
    pub fn fault(self) -> Fault {
        let kind = self.kind;
        let error = Error::from(self);
        match kind {
            OdooErrorKind::TimedOut => Fault::TimedOut(error),
            OdooErrorKind::Busy | OdooErrorKind::Missing | OdooErrorKind::Refused | OdooErrorKind::Crashed => {
                Fault::Transient(error)
            }
            _ => Fault::Connection(error),
        }
    }
}

impl From<OdooError> for Error {
    fn from(odoo: OdooError) -> Self {
        Self::new(odoo.code(), odoo.detail)
    }
}

impl From<HttpFault> for OdooError {
    fn from(fault: HttpFault) -> Self {
        match fault {
            HttpFault::TimedOut => {
                Self::new(OdooErrorKind::TimedOut, "Odoo did not answer in time; it may have booked.")
            }
            HttpFault::Unreachable(why) => {
                Self::new(OdooErrorKind::Unreachable, format!("No connection to Odoo: {}", first_line(&why)))
            }
            HttpFault::TooLarge => Self::new(OdooErrorKind::TooLarge, Code::ErpAnswerTooLarge.advice()),
        }
    }
}

/// What `check` says that keeps every booking from working.
pub fn problem(problem: &str) -> Error {
    match OdooError::from_exception("odoo.exceptions.UserError", &format!("quittance:{problem}")).kind {
        kind @ (OdooErrorKind::OtherAccount | OdooErrorKind::OtherMode) => OdooError::new(kind, problem).into(),
        _ => Error::new(
            Code::ErpNotConfigured,
            format!("Odoo's set-up cannot be used ({problem}); mend it there, or run `quittance setup odoo`."),
        ),
    }
}

fn kind_of(name: &str) -> OdooErrorKind {
    match name {
        "odoo.exceptions.AccessDenied" | "werkzeug.exceptions.Unauthorized" => OdooErrorKind::Auth,
        "odoo.exceptions.AccessError" | "werkzeug.exceptions.Forbidden" => OdooErrorKind::Rights,
        "odoo.exceptions.MissingError" => OdooErrorKind::Missing,
        "odoo.exceptions.UserError" | "odoo.exceptions.ValidationError" | "odoo.exceptions.RedirectWarning" => {
            OdooErrorKind::Refused
        }
        "odoo.exceptions.ConcurrencyError" | "werkzeug.exceptions.TooManyRequests" => OdooErrorKind::Busy,
        "psycopg2.OperationalError" | "psycopg2.InterfaceError" | "psycopg2.errors.AdminShutdown" => {
            OdooErrorKind::Database
        }
        _ if name.starts_with("werkzeug.exceptions.") => OdooErrorKind::Protocol,
        // Odoo runs a call five times before it lets one of these out.
        _ if name.starts_with("psycopg2.") || name.starts_with("odoo.sql_db.") => OdooErrorKind::Busy,
        _ => OdooErrorKind::Crashed,
    }
}

/// One line of a message. safe_eval appends the whole source after ` while evaluating`.
pub fn first_line(message: &str) -> String {
    let message = message.split(" while evaluating").next().unwrap_or("");
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(DETAIL_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_decide_and_messages_do_not() {
        for (name, kind) in [
            ("psycopg2.errors.SerializationFailure", OdooErrorKind::Busy),
            ("psycopg2.errors.DeadlockDetected", OdooErrorKind::Busy),
            ("psycopg2.errors.LockNotAvailable", OdooErrorKind::Busy),
            ("odoo.exceptions.ConcurrencyError", OdooErrorKind::Busy),
            ("odoo.sql_db.PoolError", OdooErrorKind::Busy),
            ("werkzeug.exceptions.TooManyRequests", OdooErrorKind::Busy),
            ("psycopg2.OperationalError", OdooErrorKind::Database),
            ("psycopg2.InterfaceError", OdooErrorKind::Database),
            ("psycopg2.errors.AdminShutdown", OdooErrorKind::Database),
            ("odoo.exceptions.AccessDenied", OdooErrorKind::Auth),
            ("werkzeug.exceptions.Unauthorized", OdooErrorKind::Auth),
            ("odoo.exceptions.AccessError", OdooErrorKind::Rights),
            ("werkzeug.exceptions.Forbidden", OdooErrorKind::Rights),
            ("odoo.exceptions.MissingError", OdooErrorKind::Missing),
            ("odoo.exceptions.UserError", OdooErrorKind::Refused),
            ("odoo.exceptions.ValidationError", OdooErrorKind::Refused),
            ("odoo.exceptions.RedirectWarning", OdooErrorKind::Refused),
            ("builtins.ValueError", OdooErrorKind::Crashed),
            ("werkzeug.exceptions.NotFound", OdooErrorKind::Protocol),
        ] {
            assert_eq!(OdooError::from_exception(name, "could not serialize access").kind, kind, "{name}");
        }
    }

    /// A proxy that gave up waiting says nothing of what Odoo does; one that cannot reach it says that nothing came through.
    #[test]
    fn every_status_of_a_proxy_has_its_kind() {
        for (status, kind) in [
            (302, OdooErrorKind::Protocol),
            (401, OdooErrorKind::Unreachable),
            (403, OdooErrorKind::Unreachable),
            (404, OdooErrorKind::Protocol),
            (408, OdooErrorKind::TimedOut),
            (429, OdooErrorKind::Busy),
            (500, OdooErrorKind::Unreachable),
            (502, OdooErrorKind::Unreachable),
            (503, OdooErrorKind::Unreachable),
            (504, OdooErrorKind::TimedOut),
            (521, OdooErrorKind::Unreachable),
            (524, OdooErrorKind::TimedOut),
        ] {
            assert_eq!(OdooError::from_status(status).kind, kind, "{status}");
        }
    }

    #[test]
    fn our_own_words_name_set_up_and_rights() {
        let of = |m: &str| OdooError::from_exception("odoo.exceptions.UserError", m).kind;
        assert_eq!(of("quittance:not_configured: company 1 has no Stripe journal"), OdooErrorKind::NotConfigured);
        assert_eq!(of("quittance:group_required: Invoicing"), OdooErrorKind::Rights);
        assert_eq!(of("You can't do that. quittance:group_required"), OdooErrorKind::Refused);
    }

    #[test]
    fn details_hold_no_source_and_stay_short() {
        let error = OdooError::from_exception(
            "builtins.ValueError",
            "NameError(\"name 'x'\") while evaluating\n'secret source'",
        );
        assert_eq!(error.detail, "ValueError: NameError(\"name 'x'\")");
        assert!(first_line(&"word ".repeat(500)).len() <= DETAIL_CHARS_MAX);
    }
}
