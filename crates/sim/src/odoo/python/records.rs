//! What recordsets do most often: fields read, records counted, compared and put together.

use rustpython_vm::builtins::{PyDict, PyList, PyStr, PyType};
use rustpython_vm::types::{Constructor, GetAttr};
use rustpython_vm::{AsObject, Py, PyObjectRef, PyPayload, PyRef, PyResult, VirtualMachine, pyclass};
use serde_json::{Value, json};

use super::host::{self, ids};
use super::{interpreter, values};
use crate::odoo::num;
use crate::odoo::schema::FieldKind;

/// Ids of one model, in an environment: what `Records` of `facade/records.py` builds on.
#[pyclass(module = false, name = "Recordset")]
#[derive(Debug, PyPayload)]
pub struct Recordset {
    env: PyObjectRef,
    model: String,
    ids: Vec<i64>,
}

impl Constructor for Recordset {
    type Args = (PyObjectRef, PyRef<PyStr>, PyObjectRef);

    fn py_new(_: &Py<PyType>, (env, model, ids): Self::Args, vm: &VirtualMachine) -> PyResult<Self> {
        Ok(Self { env, model: model.to_string_lossy().into_owned(), ids: ids.try_to_value(vm)? })
    }
}

/// What reading a field found.
enum Read {
    Records(String, Vec<i64>),
    Day(Value),
    Other(Value),
    NotOne,
}

#[pyclass(with(Constructor, GetAttr), flags(BASETYPE))]
impl Recordset {
    /// A field; None when the model has no such field.
    fn read(zelf: &Py<Self>, name: &str, vm: &VirtualMachine) -> PyResult<Option<PyObjectRef>> {
        let company = if name.starts_with("property_") { zelf.company(vm)? } else { 0 };
        let many = |vm: &VirtualMachine| -> PyResult<bool> {
            let context = zelf.env.get_attr("context", vm)?;
            let dict = context.downcast_ref::<PyDict>();
            let active = dict.map(|d| d.get_item_opt("active_test", vm)).transpose()?.flatten();
            active.map_or(Ok(true), |active| active.try_to_bool(vm))
        };
        let active = !name.ends_with("_ids") || many(vm)?;
        let found = interpreter::working(|o| {
            let (kind, relation) = match o.field(&zelf.model, name) {
                Some(field) => (field.kind, field.relation),
                None => match host::later(&zelf.model, name)? {
                    ("one", relation) => (FieldKind::Many2one, relation.to_owned()),
                    ("float", _) => (FieldKind::Float, String::new()),
                    _ => (FieldKind::Text, String::new()),
                },
            };
            let get = |id: i64, active: bool| host::value(o, &zelf.model, id, name, company, active);
            Some((|| {
                Ok(match kind {
                    FieldKind::Many2one | FieldKind::One2many | FieldKind::Many2many => {
                        let mut all: Vec<i64> = Vec::new();
                        for id in &zelf.ids {
                            let value = get(*id, active && kind != FieldKind::Many2one)?;
                            let some =
                                if value.is_array() { ids(&value) } else { num::int(&value).into_iter().collect() };
                            for one in some {
                                if !all.contains(&one) {
                                    all.push(one);
                                }
                            }
                        }
                        Read::Records(relation, all)
                    }
                    _ => {
                        let empty = || match kind {
                            FieldKind::Int => json!(0),
                            FieldKind::Float => json!(0.0),
                            _ => json!(false),
                        };
                        match zelf.ids.as_slice() {
                            [] => Read::Other(empty()),
                            [id] => match get(*id, false)? {
                                Value::Null | Value::Bool(false) => Read::Other(empty()),
                                value if kind == FieldKind::Date => Read::Day(value),
                                value if kind == FieldKind::Float => {
                                    Read::Other(json!(value.as_f64().unwrap_or_default()))
                                }
                                value => Read::Other(value),
                            },
                            _ => Read::NotOne,
                        }
                    }
                })
            })())
        });
        Ok(Some(match found {
            None => return Ok(None),
            Some(Err(why)) => return Err(interpreter::raised(&why, vm)),
            Some(Ok(Read::NotOne)) => return Err(vm.new_value_error(format!("Expected singleton: {}", zelf.title()))),
            Some(Ok(Read::Records(model, ids))) => Self::like(zelf, model, ids, vm)?,
            Some(Ok(Read::Day(day))) => interpreter::facade("Day", vm)?.call((values::to_python(&day, vm)?,), vm)?,
            Some(Ok(Read::Other(value))) => values::to_python(&value, vm)?,
        }))
    }

    fn company(&self, vm: &VirtualMachine) -> PyResult<i64> {
        let allowed = self.env.get_attr("allowed", vm)?;
        let first = allowed.get_item(&0usize, vm)?;
        first.try_to_value(vm)
    }

    fn title(&self) -> String {
        let ids: Vec<String> = self.ids.iter().map(i64::to_string).collect();
        format!("{}({}{})", self.model, ids.join(", "), if ids.len() == 1 { "," } else { "" })
    }

    /// Others in the same environment.
    fn like(zelf: &Py<Self>, model: String, ids: Vec<i64>, vm: &VirtualMachine) -> PyResult {
        let made = Self { env: zelf.env.clone(), model, ids };
        made.into_ref_with_type(vm, zelf.class().to_owned()).map(Into::into)
    }

    fn others(&self, other: &PyObjectRef, vm: &VirtualMachine) -> PyResult<Vec<i64>> {
        match other.downcast_ref::<Self>() {
            Some(other) => Ok(other.ids.clone()),
            None => Err(vm.new_type_error(format!("{} and {}", self.title(), other.class().name()))),
        }
    }

    #[pymethod]
    fn field(zelf: PyRef<Self>, name: PyRef<PyStr>, vm: &VirtualMachine) -> PyResult {
        match Self::read(&zelf, &name.to_string_lossy(), vm)? {
            Some(value) => Ok(value),
            None => Err(vm.new_key_error(name.into())),
        }
    }

    #[pymethod]
    fn title_of(&self) -> String {
        self.title()
    }

    #[pymethod]
    fn count(&self) -> usize {
        self.ids.len()
    }

    #[pymethod]
    fn any(&self) -> bool {
        !self.ids.is_empty()
    }

    #[pymethod]
    fn hashed(&self) -> i64 {
        let mut ids = self.ids.clone();
        ids.sort_unstable();
        let start = self.model.bytes().fold(7i64, |h, b| h.wrapping_mul(31).wrapping_add(i64::from(b)));
        ids.iter().fold(start, |h, id| h.wrapping_mul(1_000_003).wrapping_add(*id)) & 0xFFFF_FFFF_FFFF
    }

    #[pymethod]
    fn same(&self, other: PyObjectRef) -> bool {
        let Some(other) = other.downcast_ref::<Self>() else { return false };
        let within = |a: &[i64], b: &[i64]| a.iter().all(|one| b.contains(one));
        self.model == other.model && within(&self.ids, &other.ids) && within(&other.ids, &self.ids)
    }

    #[pymethod]
    fn has(&self, other: PyObjectRef, vm: &VirtualMachine) -> PyResult<bool> {
        Ok(matches!(self.others(&other, vm)?.as_slice(), [one] if self.ids.contains(one)))
    }

    #[pymethod]
    fn each(zelf: PyRef<Self>, vm: &VirtualMachine) -> PyResult {
        let all: PyResult<Vec<PyObjectRef>> =
            zelf.ids.iter().map(|id| Self::like(&zelf, zelf.model.clone(), vec![*id], vm)).collect();
        let list: PyRef<PyList> = vm.ctx.new_list(all?);
        PyObjectRef::from(list).get_iter(vm).map(Into::into)
    }

    #[pymethod]
    fn union(zelf: PyRef<Self>, other: PyObjectRef, vm: &VirtualMachine) -> PyResult {
        let mut all: Vec<i64> = Vec::new();
        for id in zelf.ids.iter().copied().chain(zelf.others(&other, vm)?) {
            if !all.contains(&id) {
                all.push(id);
            }
        }
        Self::like(&zelf, zelf.model.clone(), all, vm)
    }

    #[pymethod]
    fn both(zelf: PyRef<Self>, other: PyObjectRef, vm: &VirtualMachine) -> PyResult {
        let other = zelf.others(&other, vm)?;
        Self::like(&zelf, zelf.model.clone(), zelf.ids.iter().copied().filter(|id| other.contains(id)).collect(), vm)
    }

    #[pymethod]
    fn less(zelf: PyRef<Self>, other: PyObjectRef, vm: &VirtualMachine) -> PyResult {
        let other = zelf.others(&other, vm)?;
        Self::like(&zelf, zelf.model.clone(), zelf.ids.iter().copied().filter(|id| !other.contains(id)).collect(), vm)
    }

    #[pymethod]
    fn more(zelf: PyRef<Self>, other: PyObjectRef, vm: &VirtualMachine) -> PyResult {
        let all = zelf.ids.iter().copied().chain(zelf.others(&other, vm)?).collect();
        Self::like(&zelf, zelf.model.clone(), all, vm)
    }

    /// These ids of the same model.
    #[pymethod]
    fn pick(zelf: PyRef<Self>, ids: PyObjectRef, vm: &VirtualMachine) -> PyResult {
        Self::like(&zelf, zelf.model.clone(), ids.try_to_value(vm)?, vm)
    }
}

impl GetAttr for Recordset {
    fn getattro(zelf: &Py<Self>, name: &Py<PyStr>, vm: &VirtualMachine) -> PyResult {
        let ids = || zelf.ids.iter().map(|id| vm.ctx.new_int(*id).into()).collect::<Vec<PyObjectRef>>();
        match name.as_bytes() {
            b"env" => return Ok(zelf.env.clone()),
            b"_name" => return Ok(vm.ctx.new_str(zelf.model.as_str()).into()),
            b"_ids" => return Ok(vm.ctx.new_tuple(ids()).into()),
            b"ids" => return Ok(vm.ctx.new_list(ids()).into()),
            b"id" => {
                return match zelf.ids.as_slice() {
                    [] => Ok(vm.ctx.new_bool(false).into()),
                    [id] => Ok(vm.ctx.new_int(*id).into()),
                    _ => Err(vm.new_value_error(format!("Expected singleton: {}", zelf.title()))),
                };
            }
            _ => {}
        }
        if let Some(value) = zelf.as_object().generic_getattr_opt(name, None, vm)? {
            return Ok(value);
        }
        match Self::read(zelf, &name.to_string_lossy(), vm)? {
            Some(value) => Ok(value),
            None => Err(vm.new_attribute_error(format!(
                "'{}' object has no attribute '{}'",
                zelf.model,
                name.to_string_lossy()
            ))),
        }
    }
}
