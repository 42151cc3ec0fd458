//! The simulated parties as the network of a command, and a machine without wrangler.

#![allow(dead_code, reason = "each test takes what it needs")]
#![allow(clippy::unwrap_used, clippy::panic)]

pub mod setup;
mod world;

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use quittance::http::{Request, Response};
use quittance::ports::{Fut, Http, HttpFault};
use quittance_cli::fail::{CommandError, CommandResult};
use quittance_cli::secrets::Run;
use quittance_sim::{Clock, Party};

#[allow(unused_imports, reason = "each test takes what it needs")]
pub use world::{WORKER, World};

/// 2026-11-21 12:00 UTC.
pub const NOW_MS: i64 = 1_795_262_400_000;

pub fn clock() -> Clock {
    Clock::at(NOW_MS)
}

#[derive(clap::Parser)]
struct Typed {
    #[command(flatten)]
    arguments: quittance_cli::odoo::Arguments,
}

/// Arguments of `quittance setup odoo` as somebody types them.
pub fn arguments(typed: &[&str]) -> quittance_cli::odoo::Arguments {
    let line = std::iter::once(&"quittance").chain(typed);
    clap::Parser::try_parse_from(line).map(|typed: Typed| typed.arguments).unwrap()
}

/// What is said to somebody who types it wrong.
pub fn mistyped(typed: &[&str]) -> String {
    let line = std::iter::once(&"quittance").chain(typed);
    let parsed: Result<Typed, clap::Error> = clap::Parser::try_parse_from(line);
    parsed.map(drop).unwrap_err().to_string()
}

/// Every request goes to one party; what was asked is kept as `METHOD path`.
pub struct Line<P> {
    pub party: RefCell<P>,
    pub seen: RefCell<Vec<String>>,
}

impl<P: Party> Line<P> {
    pub fn to(party: P) -> Rc<Self> {
        Rc::new(Self { party: RefCell::new(party), seen: RefCell::default() })
    }
}

impl<P: Party> Http for Line<P> {
    fn send(&self, request: Request, timeout: u32) -> Fut<'_, Result<Response, HttpFault>> {
        self.seen.borrow_mut().push(format!("{} {}", request.method, request.path()));
        let answer = self.party.borrow_mut().handle(&request).within(timeout);
        Box::pin(std::future::ready(answer))
    }
}

/// Where a request goes by the start of its URL.
type Route = (&'static str, Box<dyn Fn(Request, u32) -> Result<Response, HttpFault>>);

/// Several parties on one network; whoever is not on it does not answer.
#[derive(Default)]
pub struct Switch(pub Vec<Route>);

impl Http for Switch {
    fn send(&self, request: Request, timeout: u32) -> Fut<'_, Result<Response, HttpFault>> {
        let route = self.0.iter().find(|(start, _)| request.url.starts_with(start));
        let answer = match route {
            Some((_, party)) => party(request, timeout),
            None => Err(HttpFault::Unreachable("nobody there".into())),
        };
        Box::pin(std::future::ready(answer))
    }
}

/// What a program answers, by the start of its command line; the first that fits is used up unless it is the last.
#[derive(Default)]
pub struct Machine {
    pub answers: RefCell<Vec<(&'static str, CommandResult<String>)>>,
    pub lines: RefCell<Vec<String>>,
    pub inputs: RefCell<Vec<String>>,
}

impl Machine {
    pub fn answering(answers: &[(&'static str, Result<&str, &str>)]) -> Self {
        let answers =
            answers.iter().map(|(line, answer)| (*line, answer.map(str::to_owned).map_err(CommandError::new)));
        Self { answers: RefCell::new(answers.collect()), ..Self::default() }
    }
}

impl Run for Machine {
    fn run(&self, program: &str, arguments: &[&str], input: Option<&str>) -> CommandResult<String> {
        let line = quittance_cli::run::line(program, arguments);
        self.lines.borrow_mut().push(line.clone());
        self.inputs.borrow_mut().extend(input.map(str::to_owned));
        let mut answers = self.answers.borrow_mut();
        let fits: Vec<usize> = (0..answers.len()).filter(|at| line.starts_with(answers[*at].0)).collect();
        match fits.as_slice() {
            [] => Ok(String::new()),
            [only] => answers[*only].1.clone(),
            [first, ..] => answers.remove(*first).1,
        }
    }
}

/// A file of this test alone, removed at the end.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("quittance-{}-{name}", std::process::id())))
    }
    pub fn text(&self) -> String {
        std::fs::read_to_string(&self.0).unwrap_or_default()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _gone_already = std::fs::remove_file(&self.0);
    }
}
