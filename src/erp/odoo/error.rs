//! What went wrong at Odoo, told apart by the exception's name: messages are translated, and `/jsonrpc` answers
//! HTTP 200 for every one of them.

use crate::erp::Fault;
use crate::error::{Code, Error};
use crate::ports::HttpFault;

/// Why a call gave no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OdooError {
    pub kind: Kind,
    /// One short sentence: no traceback, no source text, at most [`DETAIL_MOST`] characters of Odoo's own words.
    pub detail: String,
}

/// The kinds that call for different acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
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
pub const DETAIL_MOST: usize = 300;

/// Running needs no more than this; docs/odoo/SETUP.md has the rights one by one.
const GROUPS: &str = "groups Invoicing (account.group_account_invoice) and Quittance Worker, which set-up gives it";

/// The words that our own procedures raise; see `procedures/_head.py`.
const NOT_CONFIGURED: &str = "quittance:not_configured:";
const GROUP_REQUIRED: &str = "quittance:group_required";
const OTHER_FORM: &str = "quittance:other_form";
const OTHER_ACCOUNT: &str = "quittance:other_account:";
const OTHER_MODE: &str = "quittance:other_mode:";

impl OdooError {
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }

    /// The error of an exception's `name` and `message`, as both transports carry them.
    pub fn named(name: &str, message: &str) -> Self {
        let kind = match kind_of(name) {
            Kind::Refused if message.starts_with(NOT_CONFIGURED) => Kind::NotConfigured,
            Kind::Refused if message.starts_with(GROUP_REQUIRED) => Kind::Rights,
            Kind::Refused if message.starts_with(OTHER_FORM) => Kind::Changed,
            Kind::Refused if message.starts_with(OTHER_ACCOUNT) => Kind::OtherAccount,
            Kind::Refused if message.starts_with(OTHER_MODE) => Kind::OtherMode,
            kind => kind,
        };
        let detail = match kind {
            Kind::Database => {
                "Odoo cannot open the database: its name is wrong or its PostgreSQL does not answer.".into()
            }
            Kind::Auth => "Odoo refuses the login or the API key.".into(),
            Kind::Refused | Kind::NotConfigured => short(message),
            Kind::OtherAccount | Kind::OtherMode | Kind::Changed => short(message.trim_start_matches("quittance:")),
            Kind::Rights => format!("{} The user needs the {GROUPS}.", short(message)),
            _ => format!("{}: {}", name.rsplit('.').next().unwrap_or(name), short(message)),
        };
        Self { kind, detail }
    }

    /// The error of an HTTP status whose body is not Odoo's: a proxy, or a wrong address.
    pub fn status(status: u16) -> Self {
        let (kind, sentence) = match status {
            429 => (Kind::Busy, "limits the rate"),
            // A proxy gave up waiting while Odoo goes on.
            408 | 504 | 524 => (Kind::TimedOut, "did not answer its proxy in time; it may have booked"),
            500.. => (Kind::Unreachable, "does not answer"),
            300..=399 => (Kind::Protocol, "redirects; set ODOO_URL to the address it redirects to"),
            401 | 403 => (Kind::Unreachable, "is behind something that refuses the request"),
            _ => (Kind::Protocol, "does not know the path; check ODOO_URL"),
        };
        Self::new(kind, format!("HTTP {status}: Odoo {sentence}."))
    }

    /// The stable code of the kind.
    pub fn code(&self) -> Code {
        match self.kind {
            Kind::TimedOut | Kind::Busy => Code::ErpBusy,
            Kind::Unreachable => Code::ErpUnreachable,
            Kind::Database => Code::ErpDatabaseMissing,
            Kind::Auth => Code::ErpAuth,
            Kind::Rights => Code::ErpRights,
            Kind::Missing | Kind::Refused => Code::ErpRefused,
            Kind::NotInstalled => Code::ErpProcedureMissing,
            Kind::Changed => Code::ErpProcedureChanged,
            Kind::NotConfigured => Code::ErpNotConfigured,
            Kind::OtherAccount => Code::OdooOtherAccount,
            Kind::OtherMode => Code::OdooOtherMode,
            Kind::Crashed => Code::ErpProcedureFailed,
            Kind::Protocol => Code::ErpProtocol,
            Kind::TooLarge => Code::ErpAnswerTooLarge,
        }
    }

    /// What the failure of a whole call means to the flows.
    pub fn fault(self) -> Fault {
        let kind = self.kind;
        let error = Error::from(self);
        match kind {
            Kind::TimedOut => Fault::TimedOut(error),
            Kind::Busy | Kind::Missing | Kind::Refused | Kind::Crashed => Fault::Transient(error),
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
            HttpFault::TimedOut => Self::new(Kind::TimedOut, "Odoo did not answer in time; it may have booked."),
            HttpFault::Unreachable(why) => {
                Self::new(Kind::Unreachable, format!("No connection to Odoo: {}", short(&why)))
            }
            HttpFault::TooLarge => Self::new(Kind::TooLarge, Code::ErpAnswerTooLarge.advice()),
        }
    }
}

/// What `check` says that keeps every booking from working.
pub fn problem(problem: &str) -> Error {
    match OdooError::named("odoo.exceptions.UserError", &format!("quittance:{problem}")).kind {
        kind @ (Kind::OtherAccount | Kind::OtherMode) => OdooError::new(kind, problem).into(),
        _ => Error::new(
            Code::ErpNotConfigured,
            format!("Odoo's set-up cannot be used ({problem}); mend it there, or run `quittance setup odoo`."),
        ),
    }
}

fn kind_of(name: &str) -> Kind {
    match name {
        "odoo.exceptions.AccessDenied" | "werkzeug.exceptions.Unauthorized" => Kind::Auth,
        "odoo.exceptions.AccessError" | "werkzeug.exceptions.Forbidden" => Kind::Rights,
        "odoo.exceptions.MissingError" => Kind::Missing,
        "odoo.exceptions.UserError" | "odoo.exceptions.ValidationError" | "odoo.exceptions.RedirectWarning" => {
            Kind::Refused
        }
        "odoo.exceptions.ConcurrencyError" | "werkzeug.exceptions.TooManyRequests" => Kind::Busy,
        "psycopg2.OperationalError" | "psycopg2.InterfaceError" | "psycopg2.errors.AdminShutdown" => Kind::Database,
        _ if name.starts_with("werkzeug.exceptions.") => Kind::Protocol,
        // Odoo runs a call five times before it lets one of these out.
        _ if name.starts_with("psycopg2.") || name.starts_with("odoo.sql_db.") => Kind::Busy,
        _ => Kind::Crashed,
    }
}

/// One line of a message. safe_eval appends the whole source after ` while evaluating`.
pub fn short(message: &str) -> String {
    let message = message.split(" while evaluating").next().unwrap_or("");
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(DETAIL_MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_decide_and_messages_do_not() {
        for (name, kind) in [
            ("psycopg2.errors.SerializationFailure", Kind::Busy),
            ("psycopg2.errors.DeadlockDetected", Kind::Busy),
            ("psycopg2.errors.LockNotAvailable", Kind::Busy),
            ("odoo.exceptions.ConcurrencyError", Kind::Busy),
            ("odoo.sql_db.PoolError", Kind::Busy),
            ("werkzeug.exceptions.TooManyRequests", Kind::Busy),
            ("psycopg2.OperationalError", Kind::Database),
            ("psycopg2.InterfaceError", Kind::Database),
            ("psycopg2.errors.AdminShutdown", Kind::Database),
            ("odoo.exceptions.AccessDenied", Kind::Auth),
            ("werkzeug.exceptions.Unauthorized", Kind::Auth),
            ("odoo.exceptions.AccessError", Kind::Rights),
            ("werkzeug.exceptions.Forbidden", Kind::Rights),
            ("odoo.exceptions.MissingError", Kind::Missing),
            ("odoo.exceptions.UserError", Kind::Refused),
            ("odoo.exceptions.ValidationError", Kind::Refused),
            ("odoo.exceptions.RedirectWarning", Kind::Refused),
            ("builtins.ValueError", Kind::Crashed),
            ("werkzeug.exceptions.NotFound", Kind::Protocol),
        ] {
            assert_eq!(OdooError::named(name, "could not serialize access").kind, kind, "{name}");
        }
    }

    /// A proxy that gave up waiting says nothing of what Odoo does; one that cannot reach it says that nothing came through.
    #[test]
    fn every_status_of_a_proxy_has_its_kind() {
        for (status, kind) in [
            (302, Kind::Protocol),
            (401, Kind::Unreachable),
            (403, Kind::Unreachable),
            (404, Kind::Protocol),
            (408, Kind::TimedOut),
            (429, Kind::Busy),
            (500, Kind::Unreachable),
            (502, Kind::Unreachable),
            (503, Kind::Unreachable),
            (504, Kind::TimedOut),
            (521, Kind::Unreachable),
            (524, Kind::TimedOut),
        ] {
            assert_eq!(OdooError::status(status).kind, kind, "{status}");
        }
    }

    #[test]
    fn our_own_words_name_set_up_and_rights() {
        let of = |m: &str| OdooError::named("odoo.exceptions.UserError", m).kind;
        assert_eq!(of("quittance:not_configured: company 1 has no Stripe journal"), Kind::NotConfigured);
        assert_eq!(of("quittance:group_required: Invoicing"), Kind::Rights);
        assert_eq!(of("You can't do that. quittance:group_required"), Kind::Refused);
    }

    #[test]
    fn details_hold_no_source_and_stay_short() {
        let error =
            OdooError::named("builtins.ValueError", "NameError(\"name 'x'\") while evaluating\n'secret source'");
        assert_eq!(error.detail, "ValueError: NameError(\"name 'x'\")");
        assert!(short(&"word ".repeat(500)).len() <= DETAIL_MOST);
    }
}
