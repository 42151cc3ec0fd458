//! One interpreter for each thread; texts are compiled once.

use std::cell::RefCell;
use std::sync::{Mutex, PoisonError};

use rustpython_vm::builtins::{PyBaseException, PyBaseExceptionRef, PyCode};
use rustpython_vm::bytecode::CodeObject;
use rustpython_vm::class::PyClassImpl;
use rustpython_vm::compiler::{CompileOpts, Mode, compile};
use rustpython_vm::function::FuncArgs;
use rustpython_vm::scope::Scope;
use rustpython_vm::{AsObject, Interpreter, PyObjectRef, PyRef, PyResult, Settings, VirtualMachine};
use serde_json::Value;

use super::records::Recordset;
use super::{Work, errors, host, limits, values};
use crate::odoo::Odoo;
use crate::odoo::error::{self, Error, Result};

const FACADE: [&str; 4] = [
    include_str!("facade/errors.py"),
    include_str!("facade/days.py"),
    include_str!("facade/env.py"),
    include_str!("facade/records.py"),
];

/// Of the text that is ours and no procedure.
const FACADE_NAME: &str = "facade";

/// What of the facade a procedure sees: safe_eval's names.
const NAMES: [&str; 4] = ["UserError", "Command", "datetime", "timezone"];

struct Python {
    interpreter: Interpreter,
    facade: Scope,
}

thread_local! {
    static PYTHON: Python = Python::new();
    static WORK: RefCell<Option<Work>> = const { RefCell::new(None) };
    /// Compiled texts, as this thread's interpreter has them.
    static CODES: RefCell<Vec<(String, PyRef<PyCode>)>> = const { RefCell::new(Vec::new()) };
}

impl Python {
    fn new() -> Self {
        let mut settings = Settings::default();
        settings.hash_seed = Some(0);
        settings.install_signal_handlers = false;
        let interpreter = Interpreter::without_stdlib(settings);
        let facade = interpreter.enter(|vm| {
            let scope = vm.new_scope_with_builtins();
            let call = vm.new_function("simulated", simulated);
            rustpython_vm::gc_state::gc_state().set_threshold(20_000, None, None);
            let set = scope.globals.set_item("Recordset", Recordset::make_static_type().into(), vm);
            let made = set
                .and_then(|()| scope.globals.set_item("simulated", call.into(), vm))
                .and_then(|()| execute(vm, &FACADE.join("\n"), FACADE_NAME, &scope));
            if let Err(why) = made {
                vm.print_exception(why);
            }
            scope
        });
        Self { interpreter, facade }
    }
}

/// Runs a text with `env` and gives `action`; and the engine back.
pub fn run(work: Work, code: &str, given: &Value) -> (Result<Value>, Work) {
    WORK.with(|slot| slot.replace(Some(work)));
    let result = PYTHON.with(|python| {
        python.interpreter.enter(|vm| match answer(vm, &python.facade, code, given) {
            Ok(value) => Ok(value),
            Err(exception) => Err(errors::odoo_error(&exception, vm)),
        })
    });
    match WORK.with(RefCell::take) {
        Some(work) => (result, work),
        None => unreachable!("nobody else takes it"),
    }
}

fn answer(vm: &VirtualMachine, facade: &Scope, code: &str, given: &Value) -> PyResult<Value> {
    let of = |name: &str| facade.globals.get_item(name, vm);
    let scope = vm.new_scope_with_builtins();
    for name in NAMES {
        scope.globals.set_item(name, of(name)?, vm)?;
    }
    let env = of("environment")?.call((values::to_python(given, vm)?,), vm)?;
    scope.globals.set_item("env", env, vm)?;
    execute(vm, code, "ir.actions.server", &scope)?;
    match scope.globals.get_item_opt("action", vm)? {
        Some(action) => values::to_json(&action, vm),
        None => Ok(Value::Bool(false)),
    }
}

fn execute(vm: &VirtualMachine, text: &str, name: &str, scope: &Scope) -> PyResult<()> {
    let code = compiled(vm, text, name).map_err(|why| vm.new_value_error(why))?;
    vm.run_code_obj(code, scope.clone()).map(drop)
}

fn compiled(vm: &VirtualMachine, text: &str, name: &str) -> std::result::Result<PyRef<PyCode>, String> {
    let known = |codes: &Vec<(String, PyRef<PyCode>)>| {
        codes.iter().find(|(known, _)| known == text).map(|(_, code)| code.clone())
    };
    if let Some(code) = CODES.with_borrow(known) {
        return Ok(code);
    }
    let code = vm.ctx.new_code(once(text, name)?);
    CODES.with_borrow_mut(|codes| codes.push((text.to_owned(), code.clone())));
    Ok(code)
}

/// Compiles a text for all threads.
fn once(text: &str, name: &str) -> std::result::Result<CodeObject, String> {
    static ALL: Mutex<Vec<(String, CodeObject)>> = Mutex::new(Vec::new());
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, code)) = all.iter().find(|(known, _)| known == text) {
        return Ok(code.clone());
    }
    let code = match name {
        FACADE_NAME => compile(text, Mode::Exec, name, CompileOpts::default()).map_err(|why| why.to_string())?,
        _ => limits::compile(text, name)?,
    };
    all.push((text.to_owned(), code.clone()));
    Ok(code)
}

/// `simulated(operation, arguments)`: the engine's answer, or a Failure.
fn simulated(args: FuncArgs, vm: &VirtualMachine) -> PyResult {
    let [operation, arguments] = args.args.as_slice() else { return Err(vm.new_type_error("two arguments")) };
    let (operation, arguments) = (values::to_json(operation, vm)?, values::to_json(arguments, vm)?);
    let arguments = arguments.as_array().map_or(&[][..], Vec::as_slice);
    let done: Result<Value> = WORK.with(|slot| match slot.borrow_mut().as_mut() {
        Some(work) => host::operate(work, operation.as_str().unwrap_or(""), arguments),
        None => Err(error::value("no engine")),
    });
    match done {
        Ok(value) => values::to_python(&value, vm),
        Err(why) => PYTHON.with(|python| -> PyResult {
            let class: PyObjectRef = python.facade.globals.get_item("Failure", vm)?;
            class.as_object().call((vm.ctx.new_str(why.name), vm.ctx.new_str(why.message)), vm)
        }),
    }
}

/// Something read of the engine; None when nobody works.
pub fn working<T>(read: impl FnOnce(&Odoo) -> Option<T>) -> Option<T> {
    WORK.with_borrow(|work| work.as_ref().and_then(|work| read(&work.odoo)))
}

/// A name of the facade.
pub fn facade(name: &str, vm: &VirtualMachine) -> PyResult {
    PYTHON.with(|python| python.facade.globals.get_item(name, vm))
}

/// The engine's error as the exception of that name.
pub fn raised(why: &Error, vm: &VirtualMachine) -> PyBaseExceptionRef {
    let made = facade("exception", vm)
        .and_then(|make| make.call((vm.ctx.new_str(why.name), vm.ctx.new_str(why.message.as_str())), vm));
    match made.map(|made| made.downcast::<PyBaseException>()) {
        Ok(Ok(exception)) => exception,
        Ok(Err(_)) => vm.new_value_error(why.message.clone()),
        Err(exception) => exception,
    }
}
