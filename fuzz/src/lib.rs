//! What strangers and other systems can send, thrown at the code that reads it. Each target takes bytes, and panics when
//! what it claims of every input is not so. docs/THREATS.md says what the targets are for.

pub mod double;
pub mod event;
pub mod mapping;
pub mod money;
pub mod odoo;
pub mod query;
pub mod seeds;
pub mod signature;

/// Separates the parts of an input that is several texts: no JSON and no header may hold it.
pub const PART: u8 = 0x1e;

/// One thing to be thrown at.
pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8]),
    /// Inputs to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

pub const TARGETS: [Target; 6] = [
    Target { name: "signature", run: signature::run, seeds: seeds::signature },
    Target { name: "event", run: event::run, seeds: seeds::event },
    Target { name: "mapping", run: mapping::run, seeds: seeds::mapping },
    Target { name: "money", run: money::run, seeds: seeds::money },
    Target { name: "odoo", run: odoo::run, seeds: seeds::odoo },
    Target { name: "query", run: query::run, seeds: seeds::query },
];

/// The parts of an input.
pub fn parts(data: &[u8]) -> Vec<&[u8]> {
    data.split(|byte| *byte == PART).collect()
}
