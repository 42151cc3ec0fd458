//! JSON to Python and back.

use rustpython_vm::builtins::{PyDict, PyFloat, PyInt, PyList, PyStr, PyTuple};
use rustpython_vm::{AsObject, PyObjectRef, PyResult, VirtualMachine};
use serde_json::{Map, Number, Value};

pub fn to_python(value: &Value, vm: &VirtualMachine) -> PyResult {
    Ok(match value {
        Value::Null => vm.ctx.none(),
        Value::Bool(b) => vm.ctx.new_bool(*b).into(),
        Value::Number(n) => match n.as_str().parse::<i64>() {
            Ok(int) => vm.ctx.new_int(int).into(),
            Err(_) => vm.ctx.new_float(n.as_str().parse().unwrap_or(f64::NAN)).into(),
        },
        Value::String(s) => vm.ctx.new_str(s.as_str()).into(),
        Value::Array(all) => {
            let all: PyResult<Vec<PyObjectRef>> = all.iter().map(|one| to_python(one, vm)).collect();
            vm.ctx.new_list(all?).into()
        }
        Value::Object(all) => {
            let dict = vm.ctx.new_dict();
            for (name, one) in all {
                dict.set_item(name.as_str(), to_python(one, vm)?, vm)?;
            }
            dict.into()
        }
    })
}

pub fn to_json(object: &PyObjectRef, vm: &VirtualMachine) -> PyResult<Value> {
    if vm.is_none(object) {
        return Ok(Value::Null);
    }
    if object.is(&vm.ctx.true_value) {
        return Ok(Value::Bool(true));
    }
    if object.is(&vm.ctx.false_value) {
        return Ok(Value::Bool(false));
    }
    if let Some(text) = object.downcast_ref::<PyStr>() {
        return Ok(Value::String(text.to_string_lossy().into_owned()));
    }
    if let Some(number) = object.downcast_ref::<PyInt>() {
        return Ok(Value::Number(number.try_to_primitive::<i64>(vm)?.into()));
    }
    if let Some(number) = object.downcast_ref::<PyFloat>() {
        return Ok(Number::from_f64(number.to_f64()).map_or(Value::Null, Value::Number));
    }
    if let Some(all) = object.downcast_ref::<PyList>() {
        let all = all.borrow_vec().to_vec();
        return all.iter().map(|one| to_json(one, vm)).collect::<PyResult<Vec<_>>>().map(Value::Array);
    }
    if let Some(all) = object.downcast_ref::<PyTuple>() {
        return all.iter().map(|one| to_json(one, vm)).collect::<PyResult<Vec<_>>>().map(Value::Array);
    }
    if let Some(dict) = object.downcast_ref::<PyDict>() {
        let mut map = Map::new();
        for (key, one) in dict {
            let name = match to_json(&key, vm)? {
                Value::String(name) => name,
                other => other.to_string(),
            };
            map.insert(name, to_json(&one, vm)?);
        }
        return Ok(Value::Object(map));
    }
    Err(vm.new_type_error(format!("Object of type {} is not JSON serializable", object.class().name())))
}
