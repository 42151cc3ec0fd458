//! A program that works beside the other parts of the tests, in what they leave of the processors.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::run::{cannot_start, command, scratch};
use crate::watch;

/// Ends when it is dropped before its time.
pub struct BackgroundJob {
    what: &'static str,
    child: Child,
    said: PathBuf,
    began: Instant,
}

impl BackgroundJob {
    /// Begins it at the lowest priority; what it says is kept in a file below target/.
    pub fn begin(what: &'static str, program: &Command) -> Result<Self> {
        let said = scratch()?.join(format!("{what}.log"));
        let file = std::fs::File::create(&said).with_context(|| format!("cannot write {}", said.display()))?;
        let mut nice = command(if cfg!(unix) { "nice".as_ref() } else { program.get_program() });
        if cfg!(unix) {
            nice.args(["-n", "19"]).arg(program.get_program());
        }
        nice.args(program.get_args());
        if let Some(dir) = program.get_current_dir() {
            nice.current_dir(dir);
        }
        let errors = file.try_clone().context("cannot share the file")?;
        nice.stdin(Stdio::null()).stdout(file).stderr(errors);
        println!("▸ {what} begins beside the following parts");
        let child = nice.spawn().with_context(|| cannot_start(&nice))?;
        Ok(Self { what, child, said, began: Instant::now() })
    }

    /// Waits for its end and shows what it said, in which no secret may stand.
    pub fn end(mut self) -> Result<()> {
        let what = self.what;
        println!("── {what}");
        let status = self.child.wait().with_context(|| format!("cannot wait for {what}"))?;
        let said = std::fs::File::open(&self.said).with_context(|| format!("cannot read {}", self.said.display()))?;
        watch::show(what, said)?;
        if !status.success() {
            bail!("{what}: {status}");
        }
        println!("  {what}: {:.1} s, beside others", self.began.elapsed().as_secs_f32());
        Ok(())
    }
}

impl Drop for BackgroundJob {
    fn drop(&mut self) {
        // It has ended already, or nobody waits for it any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
