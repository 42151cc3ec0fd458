//! What a procedure raised, as the call's error.

use rustpython_vm::builtins::PyBaseExceptionRef;
use rustpython_vm::{AsObject, VirtualMachine};

use crate::odoo::error::{self, Error};

/// Odoo's own exceptions go up as they are; any other becomes safe_eval's ValueError.
pub fn odoo_error(exception: &PyBaseExceptionRef, vm: &VirtualMachine) -> Error {
    let text = |what: Result<rustpython_vm::PyRef<rustpython_vm::builtins::PyStr>, _>| match what {
        Ok(text) => text.to_string_lossy().into_owned(),
        Err::<_, PyBaseExceptionRef>(_) => String::new(),
    };
    let message = text(exception.as_object().str(vm));
    match exception.class().name().to_string().as_str() {
        "UserError" => error::user(message),
        "AccessError" => error::access(message),
        "ValidationError" => error::validation(message),
        "MissingError" => Error { name: "odoo.exceptions.MissingError", message, status: 404 },
        "SerializationFailure" => error::serialization(),
        name => error::value(format!("<class '{name}'>: \"{message}\" while evaluating")),
    }
}
