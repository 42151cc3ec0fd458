//! Errors as Odoo names them: the name is what a client may switch on.

use serde_json::{Value, json};

/// What a call raises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// `odoo.exceptions.UserError`, `builtins.ValueError`, `psycopg2.errors.SerializationFailure`, …
    pub name: &'static str,
    pub message: String,
    /// Status of the answer over JSON-2.
    pub status: u16,
}

pub type Result<T> = std::result::Result<T, Error>;

fn error(name: &'static str, status: u16, message: impl Into<String>) -> Error {
    Error { name, message: message.into(), status }
}

pub fn user(message: impl Into<String>) -> Error {
    error("odoo.exceptions.UserError", 422, message)
}

pub fn validation(message: impl Into<String>) -> Error {
    error("odoo.exceptions.ValidationError", 422, message)
}

pub fn access(message: impl Into<String>) -> Error {
    error("odoo.exceptions.AccessError", 403, message)
}

/// A wrong password or key of `execute_kw`.
pub fn denied() -> Error {
    error("odoo.exceptions.AccessDenied", 403, "Access Denied")
}

pub fn missing(model: &str, id: i64, uid: i64) -> Error {
    let message = format!("Record does not exist or has been deleted.\n(Record: {model}({id},), User: {uid})");
    error("odoo.exceptions.MissingError", 404, message)
}

pub fn value(message: impl Into<String>) -> Error {
    error("builtins.ValueError", 500, message)
}

/// What psycopg2 says of a NUL in any text that goes into a statement.
pub fn nul() -> Error {
    value("A string literal cannot contain NUL (0x00) characters.")
}

pub fn type_error(message: impl Into<String>) -> Error {
    error("builtins.TypeError", 500, message)
}

pub fn key_error(message: impl Into<String>) -> Error {
    error("builtins.KeyError", 500, message)
}

pub fn attribute(message: impl Into<String>) -> Error {
    error("builtins.AttributeError", 500, message)
}

pub fn unprocessable(message: impl Into<String>) -> Error {
    error("werkzeug.exceptions.UnprocessableEntity", 422, message)
}

pub fn not_found(message: impl Into<String>) -> Error {
    error("werkzeug.exceptions.NotFound", 404, message)
}

pub fn bad_request(message: impl Into<String>) -> Error {
    error("werkzeug.exceptions.BadRequest", 400, message)
}

pub fn unauthorized(message: impl Into<String>) -> Error {
    error("werkzeug.exceptions.Unauthorized", 401, message)
}

/// Odoo tried five times and lost each time; nothing was written.
pub fn serialization() -> Error {
    let message = "could not serialize access due to concurrent update\n";
    error("psycopg2.errors.SerializationFailure", 500, message)
}

pub fn database_missing(db: &str) -> Error {
    let server = "connection to server at \"127.0.0.1\", port 5432 failed";
    error("psycopg2.OperationalError", 500, format!("{server}: FATAL:  database \"{db}\" does not exist\n"))
}

pub fn database_down() -> Error {
    let message = "connection to server at \"127.0.0.1\", port 5432 failed: Connection refused\n\t\
                   Is the server running on that host and accepting TCP/IP connections?\n";
    error("psycopg2.OperationalError", 500, message)
}

impl Error {
    /// `data` of a JSON-RPC error and the body of a JSON-2 one. `debug` shows a server path, as the real one
    /// does, so that a test can see whether somebody logs it.
    pub fn data(&self) -> Value {
        let mut arguments = vec![json!(self.message)];
        if self.name.starts_with("werkzeug.") {
            arguments.push(json!(self.status));
        }
        let debug = "Traceback (most recent call last):\n  File \"/opt/odoo/odoo/http.py\", line 1, in serve\n";
        json!({"name": self.name, "message": self.message, "arguments": arguments, "context": {}, "debug": debug})
    }
}
