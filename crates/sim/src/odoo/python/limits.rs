//! What safe_eval refuses of a text before Odoo runs any of it: the operations that odoo/tools/safe_eval.py of 17 (on
//! Python 3.10), 18 and 19 (on 3.12) do not all list as safe, and the names that it forbids.

use rustpython_vm::bytecode::{BinaryOperator, CommonConstant, IntrinsicFunction1};
use rustpython_vm::bytecode::{CodeObject, CodeUnit, ConstantData, Instruction};
use rustpython_vm::compiler::codegen::symboltable::{SymbolScope, SymbolTable};
use rustpython_vm::compiler::{self, CompileOpts, Mode};

/// Beginnings of attributes that lead out: frames, functions, code, generators, coroutines, tracebacks.
const INNER: [&str; 8] = ["f_", "func_", "co_", "_co_", "gi_", "cr_", "ag_", "tb_"];

/// The compiled text; else what of it is refused, or no Python.
pub fn compile(text: &str, name: &str) -> Result<CodeObject, String> {
    let code = compiler::compile(text, Mode::Exec, name, CompileOpts::default()).map_err(|why| why.to_string())?;
    let table = compiler::compile_symtable(text, Mode::Exec, name).map_err(|why| why.to_string())?;
    match forbidden(&code).or_else(|| shared(&table)) {
        Some(why) => Err(why),
        None => Ok(code),
    }
}

fn forbidden(code: &CodeObject) -> Option<String> {
    if let Some(name) = code
        .names
        .iter()
        .find(|name| name.contains("__") || *name == "mro" || INNER.iter().any(|start| name.starts_with(start)))
    {
        return Some(format!("Access to forbidden name '{name}'"));
    }
    let (mut before, mut slice, mut high) = (Instruction::Nop, false, 0);
    for unit in code.instructions.iter().filter(|unit| !matches!(unit.op, Instruction::Cache | Instruction::Nop)) {
        let argument = high << 8 | u32::from(u8::from(unit.arg));
        high = if matches!(unit.op, Instruction::ExtendedArg) { argument } else { 0 };
        if !is_safe(unit, before) || slice && matches!(unit.op, Instruction::StoreSubscr) {
            return Some(format!("forbidden opcode(s) in {}: {:?}, {argument}", code.obj_name, unit.op));
        }
        let constant = || code.constants.get(usize::try_from(argument).ok()?);
        slice = match unit.op {
            Instruction::LoadConst { .. } => matches!(constant(), Some(ConstantData::Slice { .. })),
            other => matches!(other, Instruction::BuildSlice { .. }),
        };
        before = unit.op;
    }
    code.constants.iter().find_map(|constant| match constant {
        ConstantData::Code { code } => forbidden(code),
        _ => None,
    })
}

/// Not among them: imports, attributes set, `global`, `class`, `with`, `assert`, `del x[y]`, `x[y:z] = w`, `a, *b = c`,
/// `(*a, b)`, `a @ b`, `yield from`, `except*`.
fn is_safe(unit: &CodeUnit, before: Instruction) -> bool {
    use Instruction as I;
    let argument = u8::from(unit.arg);
    match unit.op {
        I::BinaryOp { .. } => BinaryOperator::try_from(argument)
            .is_ok_and(|op| !matches!(op, BinaryOperator::MatrixMultiply | BinaryOperator::InplaceMatrixMultiply)),
        I::CallIntrinsic1 { .. } => IntrinsicFunction1::try_from(argument).is_ok_and(|function| match function {
            IntrinsicFunction1::StopIterationError | IntrinsicFunction1::UnaryPositive => true,
            // After a loop it is this compiler's short cut for `tuple(x for x in y)`; elsewhere `(*a, b)` or `f(a, *b)`.
            IntrinsicFunction1::ListToTuple => matches!(before, I::PopIter),
            _ => false,
        }),
        // `assert` has one; others are this compiler's short cuts for `all` and `any`.
        I::LoadCommonConstant { .. } => {
            CommonConstant::try_from(argument).is_ok_and(|constant| constant != CommonConstant::AssertionError)
        }
        other => is_always_safe(other),
    }
}

fn is_always_safe(operation: Instruction) -> bool {
    use Instruction as I;
    matches!(
        operation,
        // The stack, constants, and what this interpreter's compiler adds.
        I::Cache | I::Nop | I::Resume { .. } | I::ExtendedArg | I::NotTaken | I::PopTop | I::PushNull | I::Copy { .. }
            | I::Swap { .. } | I::LoadConst { .. } | I::LoadSmallInt { .. } | I::ToBool
            // Literals and comprehensions.
            | I::BuildList { .. } | I::BuildMap { .. } | I::BuildTuple { .. } | I::BuildSet { .. } | I::BuildSlice { .. }
            | I::BuildString { .. } | I::FormatSimple | I::FormatWithSpec | I::ConvertValue { .. } | I::ListAppend { .. }
            | I::ListExtend { .. } | I::MapAdd { .. } | I::SetAdd { .. } | I::SetUpdate { .. } | I::DictMerge { .. }
            | I::DictUpdate { .. }
            // Operators.
            | I::UnaryNegative | I::UnaryNot | I::UnaryInvert | I::BinarySlice | I::CompareOp { .. }
            | I::ContainsOp { .. } | I::IsOp { .. }
            // Names, attributes read, elements.
            | I::LoadName { .. } | I::StoreName { .. } | I::DeleteName { .. } | I::LoadGlobal { .. } | I::LoadFast { .. }
            | I::LoadFastAndClear { .. } | I::LoadFastBorrow { .. } | I::LoadFastBorrowLoadFastBorrow { .. }
            | I::LoadFastCheck { .. } | I::LoadFastLoadFast { .. } | I::StoreFast { .. } | I::StoreFastLoadFast { .. }
            | I::StoreFastStoreFast { .. } | I::DeleteFast { .. } | I::LoadAttr { .. } | I::StoreSubscr
            | I::UnpackSequence { .. }
            // Functions.
            | I::MakeFunction | I::SetFunctionAttribute { .. } | I::Call { .. } | I::CallKw { .. } | I::CallFunctionEx
            | I::ReturnValue | I::ReturnGenerator | I::YieldValue { .. }
            // Jumps, loops and exceptions.
            | I::JumpForward { .. } | I::JumpBackward { .. } | I::JumpBackwardNoInterrupt { .. } | I::PopJumpIfFalse { .. }
            | I::PopJumpIfTrue { .. } | I::PopJumpIfNone { .. } | I::PopJumpIfNotNone { .. } | I::GetIter | I::ForIter { .. }
            | I::EndFor | I::PopIter | I::RaiseVarargs { .. } | I::Reraise { .. } | I::PushExcInfo | I::PopExcept
            | I::CheckExcMatch
    )
}

/// A name of a function that one within it uses, be it a lambda or a comprehension: there is no operation for it on the lists,
/// and on Python 3.10 a comprehension is a function.
fn shared(table: &SymbolTable) -> Option<String> {
    let free = table.symbols.values().find(|symbol| symbol.scope == SymbolScope::Free);
    let free =
        free.map(|symbol| format!("forbidden opcode(s) in {}: {} of the function around it", table.name, symbol.name));
    free.or_else(|| table.sub_tables.iter().find_map(shared))
}

#[cfg(test)]
mod tests {
    use quittance::erp::odoo::procedure::ALL;

    use super::compile;

    #[test]
    fn every_procedure_is_within_them() {
        for procedure in ALL {
            assert_eq!(compile(&procedure.code(), procedure.name).err(), None, "{}", procedure.name);
        }
    }

    /// Each was refused by safe_eval of 17, 18 or 19.
    #[test]
    fn what_safe_eval_refuses_is_refused() {
        for text in [
            "import time",
            "from time import sleep",
            "env.user.name = 'x'",
            "del env.user.name",
            "x = env.__class__",
            "x = (lambda: 1).func_globals",
            "class X:\n    pass",
            "with env.cr.savepoint():\n    pass",
            "assert env",
            "x = {1: 2}\ndel x[1]",
            "x, *y = [1, 2]",
            "def f():\n    global x\n    x = 1",
            "def f(a):\n    return [b + a for b in [1]]",
            "def f(a):\n    return sorted([1], key=lambda b: b + a)",
            "def f(a):\n    return any(b == a for b in [1])",
            "def f():\n    yield from [1]",
            "x: int = 1",
            "x = [1]\nx[0:1] = [2]",
            "x = [1]\ny = 1\nx[0:y] = [2]",
            "x = [1]\ny = 1\nx[0:1:y] = [2]",
            "x = (*[1], 2)",
            "x = tuple(a @ a for a in [1])",
            "x = env(1, *[2])",
            "x = env @ env",
            "env.x += 1",
            "try:\n    pass\nexcept* Exception:\n    pass",
        ] {
            assert!(compile(text, "text").is_err(), "{text}");
        }
        for text in [
            "def f(a):\n    return [b for b in a]",
            "x = {k: v for k, v in [(1, 2)] if k}",
            "x = [*[1], 2]\nx += [3]\nx[0] = +x[1]",
            "x = env(*[1], **{'a': 2})",
            "try:\n    x = f'{env!r:>3}'\nexcept Exception as error:\n    raise\nfinally:\n    del x",
            "x = any(b for b in [1] if b is None) or all([b for b in [1]])",
            "x = tuple(tuple(b for b in a) for a in [[1]])",
            "x = [1][0:1]\nx[0] = x[:1]",
        ] {
            assert_eq!(compile(text, "text").err(), None, "{text}");
        }
    }
}
