//! Runs other programs: wrangler and npm.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::fail::{Fail, Outcome};
use crate::secrets::Run;

/// Programs of this machine. The command line is shown first; it never holds a secret.
pub struct Shell;

/// As much of a program's own words as a failure repeats.
const LINES_TOLD: usize = 12;

impl Run for Shell {
    fn run(&self, program: &str, arguments: &[&str], input: Option<&str>) -> Outcome<String> {
        let line = line(program, arguments);
        eprintln!("$ {line}");
        let stdin = if input.is_some() { Stdio::piped() } else { Stdio::null() };
        let mut command = Command::new(program);
        command.args(arguments).stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        // wrangler asks nothing and sends no statistics.
        command.envs([("CI", "1"), ("WRANGLER_SEND_METRICS", "false"), ("WRANGLER_HIDE_BANNER", "true")]);
        let failed = |error: std::io::Error| Fail::new(format!("`{line}` could not be run: {error}."));
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
        Err(Fail::new(format!("`{line}` failed.\n{told}")))
    }
}

/// The command as a person would type it.
pub fn line(program: &str, arguments: &[&str]) -> String {
    std::iter::once(program).chain(arguments.iter().copied()).collect::<Vec<_>>().join(" ")
}
