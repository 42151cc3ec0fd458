//! What the commands of this repository share with the programs that they start: the build of the Worker, Node and wrangler.
#![allow(
    clippy::disallowed_methods,
    reason = "a program for the developer's machine: it may wait and look at the clock"
)]

pub mod build;
pub mod dependencies;
pub mod run;
pub mod wrangler;
