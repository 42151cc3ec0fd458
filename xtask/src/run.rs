//! Starting programs, and saying what is going on while they work.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// The root of the repository, wherever the command was typed.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Where the build leaves what is neither source nor cargo's: stamps, the bundled Worker, local state.
pub fn scratch() -> Result<PathBuf> {
    let path = root().join("target").join("quittance");
    std::fs::create_dir_all(&path).with_context(|| format!("cannot create {}", path.display()))?;
    Ok(path)
}

/// A command that runs in the root of the repository, with a quiet and offline wrangler.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    for (name, value) in [
        ("WRANGLER_SEND_METRICS", "false"),
        ("WRANGLER_SEND_ERROR_REPORTS", "false"),
        ("WRANGLER_HIDE_BANNER", "true"),
        ("CLOUDFLARE_CF_FETCH_ENABLED", "false"),
    ] {
        command.env(name, value);
    }
    command
}

/// The cargo that runs this program, or the one on PATH.
pub fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs to the end with its output shown; an exit status other than 0 is an error.
pub fn run(what: &str, command: &mut Command) -> Result<()> {
    timed(what, || command.status().with_context(|| cannot_start(command)))
}

/// Says what is done and how long it took; an exit status other than 0 is an error.
pub fn timed(what: &str, work: impl FnOnce() -> Result<ExitStatus>) -> Result<()> {
    let started = Instant::now();
    println!("▸ {what}");
    let status = work()?;
    if !status.success() {
        bail!("{what}: {status}");
    }
    println!("  {what}: {:.1} s", started.elapsed().as_secs_f32());
    Ok(())
}

/// Runs to the end in silence and gives its standard output; its errors are shown when it fails.
pub fn output(command: &mut Command) -> Result<String> {
    let out = command.stdin(Stdio::null()).output().with_context(|| cannot_start(command))?;
    if !out.status.success() {
        bail!("{:?}: {}\n{}", command.get_program(), out.status, String::from_utf8_lossy(&out.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned())
}

/// Names the program only: arguments and environment may hold keys.
pub fn cannot_start(command: &Command) -> String {
    format!("cannot start {}", command.get_program().to_string_lossy())
}
