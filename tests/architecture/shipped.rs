//! What the crates that are given away are made of.

use std::process::Command;

/// The licences of the interpreter's crates are for tests only (deny.toml).
#[test]
fn what_is_shipped_has_no_interpreter() {
    let of = |package: &str| {
        let mut tree = Command::new(env!("CARGO"));
        tree.args(["tree", "--offline", "--locked", "--all-features", "--target", "all", "--edges", "normal,build"]);
        let tree = tree.args(["--prefix", "none", "--package", package]).output().unwrap();
        assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
        String::from_utf8(tree.stdout).unwrap()
    };
    let interpreter = ["rustpython-", "malachite-", "ruff_"];
    let found = |tree: &str| tree.lines().any(|line| interpreter.iter().any(|crates| line.starts_with(crates)));
    assert!(found(&of("quittance-sim")), "the simulated Odoo runs Python by another crate");
    for shipped in ["quittance", "quittance-cli"] {
        assert!(!found(&of(shipped)), "{shipped} is built with the simulator's interpreter");
    }
}
