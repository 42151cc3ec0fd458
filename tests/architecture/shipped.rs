//! What programs are made of: those that are given away, and those that show and test the product.

use std::collections::BTreeSet;
use std::process::Command;

const INTERPRETER: [&str; 3] = ["rustpython-", "malachite-", "ruff_"];

/// Lines of `cargo tree`: crates with their versions and features.
fn tree(arguments: &[&str]) -> BTreeSet<String> {
    let mut tree = Command::new(env!("CARGO"));
    tree.args(["tree", "--offline", "--locked", "--prefix", "none", "--format", "{p} {f}"]).args(arguments);
    let tree = tree.output().unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    String::from_utf8(tree.stdout).unwrap().lines().map(|line| line.replace(" (*)", "").trim_end().to_owned()).collect()
}

/// The licences of the interpreter's crates are for tests only (deny.toml).
#[test]
fn what_is_shipped_has_no_interpreter() {
    let of = |package| tree(&["--all-features", "--target", "all", "--edges", "normal,build", "--package", package]);
    let found = |package| of(package).iter().any(|line| INTERPRETER.iter().any(|crates| line.starts_with(crates)));
    assert!(found("quittance-sim"), "the simulated Odoo runs Python by another crate");
    for shipped in ["quittance", "quittance-cli"] {
        assert!(!found(shipped), "{shipped} is built with the simulator's interpreter");
    }
}

/// Its build takes minutes: what it needs has the same features in the demonstration as in the tests.
#[test]
fn the_interpreter_is_built_once() {
    let interpreter = tree(&["--package", "rustpython-vm", "--edges", "normal,build"]);
    let crates: BTreeSet<&str> = interpreter.iter().filter_map(|line| line.split(' ').next()).collect();
    let of = |arguments: &[&str]| -> BTreeSet<String> {
        let all = tree(arguments).into_iter();
        all.filter(|line| line.split(' ').next().is_some_and(|name| crates.contains(name))).collect()
    };
    let shown = of(&["--package", "quittance-demo", "--edges", "normal,build"]);
    let tested = of(&["--workspace", "--features", "quittance-sim/world"]);
    let other: Vec<&String> = shown.difference(&tested).collect();
    assert!(other.is_empty(), "crates/sim names what the rest of the workspace wants of these: {other:#?}");
}
