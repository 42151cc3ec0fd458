//! Runs other programs: wrangler and npm.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::fail::{CommandError, CommandResult};
use crate::secrets::Run;
use crate::terminal;

/// Programs of this machine. The command line is shown first; it never holds a secret.
pub struct Shell;

/// wrangler as package-lock.json has it. `npx` would fetch whatever is the newest where it is not installed, and it is given
/// every secret.
pub const WRANGLER: &str = "node_modules/.bin/wrangler";

/// As much of a program's own words as a failure repeats.
const LINES_TOLD: usize = 12;

impl Run for Shell {
    fn run(&self, program: &str, arguments: &[&str], input: Option<&str>) -> CommandResult<String> {
        if program == WRANGLER {
            locked(Path::new("."))?;
        }
        let line = line(program, arguments);
        terminal::err(&format!("$ {line}"));
        let stdin = if input.is_some() { Stdio::piped() } else { Stdio::null() };
        let mut command = Command::new(program);
        command.args(arguments).stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        // wrangler asks nothing and sends no statistics.
        command.envs([("CI", "1"), ("WRANGLER_SEND_METRICS", "false"), ("WRANGLER_HIDE_BANNER", "true")]);
        let failed = |error: std::io::Error| CommandError::new(format!("`{line}` could not be run: {error}."));
        let mut child = command.spawn().map_err(failed)?;
        if let (Some(input), Some(mut pipe)) = (input, child.stdin.take()) {
            pipe.write_all(input.as_bytes()).map_err(failed)?;
        }
        let done = child.wait_with_output().map_err(failed)?;
        let out = String::from_utf8_lossy(&done.stdout).into_owned();
        if done.status.success() {
            return Ok(out);
        }
        let said = format!("{out}{}", String::from_utf8_lossy(&done.stderr));
        let lines: Vec<&str> = said.lines().filter(|l| !l.trim().is_empty()).collect();
        let told = lines.get(lines.len().saturating_sub(LINES_TOLD)..).unwrap_or_default().join("\n");
        Err(CommandError::new(format!("`{line}` failed.\n{told}")))
    }
}

/// Whether wrangler is installed below `root` in the version of its lock file.
pub fn locked(root: &Path) -> CommandResult<()> {
    let version = |file: &str, place: &str| -> Option<String> {
        let json: Value = serde_json::from_str(&std::fs::read_to_string(root.join(file)).ok()?).ok()?;
        Some(json.pointer(place)?.as_str()?.to_owned())
    };
    let wanted = version("package-lock.json", "/packages/node_modules~1wrangler/version");
    let there = version("node_modules/wrangler/package.json", "/version");
    match (wanted, there) {
        (Some(wanted), Some(there)) if wanted == there && root.join(WRANGLER).exists() => Ok(()),
        (None, _) => Err(CommandError::new(
            "There is no package-lock.json with wrangler here: run this in Quittance's own folder.",
        )),
        _ => Err(CommandError::new(
            "wrangler is not installed as package-lock.json has it: run `npm ci`, then this again.",
        )),
    }
}

/// The command as a person would type it.
pub fn line(program: &str, arguments: &[&str]) -> String {
    std::iter::once(program).chain(arguments.iter().copied()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is given every secret is the program that the lock file names, or none.
    #[test]
    fn no_wrangler_but_the_locked_one_is_run() {
        let root = std::env::temp_dir().join(format!("quittance-locked-{}", std::process::id()));
        let write = |file: &str, text: &str| {
            let path = root.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let told = || locked(&root).err().map(|fail| fail.to_string()).unwrap_or_default();
        assert!(told().contains("package-lock.json"), "{}", told());
        write("package-lock.json", r#"{"packages":{"node_modules/wrangler":{"version":"4.50.0"}}}"#);
        assert!(told().contains("npm ci"));
        write("node_modules/wrangler/package.json", r#"{"version":"4.51.0"}"#);
        write(WRANGLER, "");
        assert!(told().contains("npm ci"), "another version");
        write("node_modules/wrangler/package.json", r#"{"version":"4.50.0"}"#);
        assert_eq!(told(), "");
        std::fs::remove_file(root.join(WRANGLER)).unwrap();
        assert!(told().contains("npm ci"));
        std::fs::remove_dir_all(&root).unwrap();
    }
}
