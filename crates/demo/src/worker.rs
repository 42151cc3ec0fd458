//! The Worker in workerd on this machine, through `wrangler dev`, with a D1, KV and Queue that persist in a folder.

use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use xtask::run::output;
use xtask::wrangler::wrangler;

/// How long workerd may take to answer its first request, after wrangler bundled.
const START: Duration = Duration::from_secs(60);
/// How long wrangler may take to end before it is ended.
const STOP: Duration = Duration::from_secs(10);

/// A running Worker; ends with its owner.
pub struct Worker {
    child: Child,
    pub url: String,
    node: PathBuf,
    state: PathBuf,
}

impl Worker {
    /// Migrates the ledger under `state`, starts on `port`, and returns when `GET /health` answers 200.
    /// `settings` are its variables and secrets: they go through a file that only this user can read.
    pub fn start(node: &Path, state: &Path, port: u16, settings: &[(&'static str, String)]) -> Result<Self> {
        TcpListener::bind(("127.0.0.1", port))
            .with_context(|| format!("127.0.0.1:{port} is taken: end what listens there and try again"))?;
        fs::create_dir_all(state).with_context(|| format!("cannot create {}", state.display()))?;
        let secrets = write_settings(state, settings)?;
        migrate(node, state)?;
        let lines = File::create(log(state))?;
        let child = wrangler(node)
            .args(["dev", "--local", "--ip", "127.0.0.1", "--show-interactive-dev-session=false"])
            .args(["--port", &port.to_string(), "--inspector-port", &free_port()?.to_string()])
            .arg("--persist-to")
            .arg(state)
            .arg("--env-file")
            .arg(secrets)
            .stdin(Stdio::null())
            .stdout(lines.try_clone()?)
            .stderr(lines)
            .spawn()
            .context("cannot start wrangler")?;
        let url = format!("http://127.0.0.1:{port}");
        let mut worker = Self { child, url, node: node.to_path_buf(), state: state.to_path_buf() };
        worker.wait()?;
        Ok(worker)
    }

    /// Waits for the first 200 of `/health`.
    fn wait(&mut self) -> Result<()> {
        let until = Instant::now() + START;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait()? {
                bail!("wrangler ended ({status}):\n{}", self.last_lines());
            }
            if ureq::get(format!("{}/health", self.url)).call().is_ok() {
                return Ok(());
            }
            sleep(Duration::from_millis(100));
        }
        bail!("the Worker did not answer on {} within {} s:\n{}", self.url, START.as_secs(), self.last_lines())
    }

    /// The end of the log, for a message.
    pub fn last_lines(&self) -> String {
        let text = fs::read_to_string(log(&self.state)).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines.get(lines.len().saturating_sub(20)..).unwrap_or_default().join("\n")
    }

    /// Rows of the local ledger.
    pub fn query(&self, sql: &str) -> Result<Vec<Value>> {
        let text = output(
            wrangler(&self.node)
                .args(["d1", "execute", "quittance", "--local", "--json", "--command", sql, "--persist-to"])
                .arg(&self.state),
        )?;
        let answer: Value = serde_json::from_str(&text).with_context(|| format!("wrangler said {text}"))?;
        Ok(answer.pointer("/0/results").and_then(Value::as_array).cloned().unwrap_or_default())
    }

    /// Whether wrangler still runs.
    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Fires a cron, which the local runtime never does by itself.
    pub fn cron(&self, schedule: &str) -> Result<()> {
        let query = schedule.replace(' ', "+");
        ureq::get(format!("{}/cdn-cgi/handler/scheduled?cron={query}", self.url)).call()?;
        Ok(())
    }
}

impl Drop for Worker {
    /// Asks first: a wrangler that is killed leaves its workerd running.
    fn drop(&mut self) {
        terminate(&self.child);
        let until = Instant::now() + STOP;
        while Instant::now() < until {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
    }
}

#[cfg(unix)]
fn terminate(child: &Child) {
    let _ = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
}

#[cfg(not(unix))]
fn terminate(child: &Child) {
    let _ = Command::new("taskkill").args(["/T", "/F", "/PID", &child.id().to_string()]).status();
}

/// Where wrangler's own lines go.
fn log(state: &Path) -> PathBuf {
    state.join("wrangler.log")
}

/// The settings as an env file in `state`, readable by its owner only.
fn write_settings(state: &Path, settings: &[(&'static str, String)]) -> Result<PathBuf> {
    let path = state.join("settings.env");
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path).with_context(|| format!("cannot write {}", path.display()))?;
    for (name, value) in settings {
        if value.contains(['\'', '\n']) {
            bail!("{name} holds a quote or a line break, which no env file can carry");
        }
        writeln!(file, "{name}='{value}'")?;
    }
    Ok(path)
}

/// Applies the migrations that the local ledger has not seen.
fn migrate(node: &Path, state: &Path) -> Result<()> {
    output(
        wrangler(node)
            .args(["d1", "migrations", "apply", "quittance", "--local", "--persist-to"])
            .arg(state)
            .env("CI", "1"),
    )
    .context("the migrations of the local ledger failed")?;
    Ok(())
}

/// A port that nobody listens on now.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
