//! A Worker in its own workerd, started by `serve.mjs`, and what `/proc` tells of that process.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::load::{Connection, Events, SECRET};

/// One of the Workers compared.
pub struct Variant {
    pub name: &'static str,
    pub dir: PathBuf,
    pub entry: &'static str,
    /// File with its tables.
    pub sql: PathBuf,
}

pub struct Server {
    node: Child,
    out: BufReader<ChildStdout>,
    pub port: u16,
    workerd: u32,
    /// From workerd's start to the first 200, with the tables in place.
    pub first_answer: Duration,
}

/// What all servers share.
pub struct Setup {
    pub node: PathBuf,
    pub date: String,
    pub state: PathBuf,
}

impl Server {
    /// Starts a Worker and waits for its first 200. State of an earlier start of the same variant is kept.
    pub fn start(setup: &Setup, variant: &Variant, events: &mut Events) -> Result<Self> {
        let port = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let told = json!({
            "dir": variant.dir, "entry": variant.entry, "date": setup.date, "port": port,
            "sql": tables(&variant.sql)?, "state": setup.state.join(variant.name),
            "bindings": { "STRIPE_WEBHOOK_SECRETS": SECRET },
        });
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("door/serve.mjs");
        let mut node = Command::new(&setup.node)
            .arg("--no-warnings")
            .arg(script)
            .arg(told.to_string())
            .env("CLOUDFLARE_CF_FETCH_ENABLED", "false")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", setup.node.display()))?;
        let (workerd, began) = await_workerd(&mut node)?;
        let first_answer = await_answer(port, began, events);
        let mut out = BufReader::new(node.stdout.take().context("no pipe")?);
        let mut line = String::new();
        out.read_line(&mut line)?;
        if line.is_empty() {
            bail!("{}: serve.mjs ended", variant.name);
        }
        // The very first start makes the tables; until then the Worker answers 500.
        let first_answer = first_answer.or_else(|_| await_answer(port, began, events))?;
        Ok(Self { node, out, port, workerd, first_answer })
    }

    /// CPU time of workerd until now, user and system, all threads.
    pub fn cpu(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.workerd))?;
        let fields: Vec<&str> = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|f| f.parse::<u64>().ok()).unwrap_or(0);
        // utime and stime are fields 14 and 15; the kernel counts in hundredths of a second on every architecture.
        Ok(Duration::from_millis((ticks(11) + ticks(12)) * 10))
    }

    /// Ends it; gives the number of rows in its database.
    pub fn stop(mut self) -> Result<u64> {
        drop(self.node.stdin.take());
        let mut line = String::new();
        self.out.read_line(&mut line)?;
        self.node.wait()?;
        let told: Value = serde_json::from_str(&line).context("serve.mjs counted no rows")?;
        told.get("rows").and_then(Value::as_u64).context("serve.mjs counted no rows")
    }
}

/// Watches node's children until one of them is workerd.
fn await_workerd(node: &mut Child) -> Result<(u32, Instant)> {
    let list = format!("/proc/{0}/task/{0}/children", node.id());
    let began = Instant::now();
    loop {
        let children = fs::read_to_string(&list).context("this benchmark reads /proc: it needs Linux")?;
        for child in children.split_whitespace() {
            if fs::read_to_string(format!("/proc/{child}/comm")).is_ok_and(|name| name.trim() == "workerd") {
                return Ok((child.parse()?, Instant::now()));
            }
        }
        if node.try_wait()?.is_some() || began.elapsed() > Duration::from_secs(60) {
            bail!("serve.mjs started no workerd");
        }
        sleep(Duration::from_micros(500));
    }
}

/// Tries until a connection opens, then sends one event.
fn await_answer(port: u16, began: Instant, events: &mut Events) -> Result<Duration> {
    let request = events.request(port);
    loop {
        if let Ok(mut connection) = Connection::open(port) {
            connection.exchange(&request)?;
            return Ok(began.elapsed());
        }
        if began.elapsed() > Duration::from_secs(60) {
            bail!("workerd does not listen on port {port}");
        }
        sleep(Duration::from_micros(500));
    }
}

/// Bytes of the scripts and wasm of a bundle after gzip -9, as a deployment uploads them.
pub fn gzip_size(setup: &Setup, dir: &Path) -> Result<u64> {
    const SCRIPT: &str = "const fs = require('node:fs'), zlib = require('node:zlib'), dir = process.argv[1];\
        console.log(fs.readdirSync(dir).filter((n) => /\\.(m?js|wasm)$/.test(n))\
        .reduce((sum, n) => sum + zlib.gzipSync(fs.readFileSync(dir + '/' + n), { level: 9 }).length, 0))";
    let out = Command::new(&setup.node).args(["-e", SCRIPT]).arg(dir).output()?;
    String::from_utf8_lossy(&out.stdout).trim().parse().context("node could not gzip the bundle")
}

/// The text of a file of SQL, or of all in a folder in the order of their names.
fn tables(path: &Path) -> Result<String> {
    if path.is_file() {
        return Ok(fs::read_to_string(path)?);
    }
    let mut files: Vec<PathBuf> = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.sort();
    files.iter().map(|file| Ok(fs::read_to_string(file)?)).collect()
}
