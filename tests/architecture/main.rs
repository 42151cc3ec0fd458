//! Rules about the source, and the pages that list what the code has.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/schema.rs"]
mod schema;
#[path = "../common/yaml.rs"]
mod yaml;

mod api;
mod circles;
mod docs;
mod layers;
mod logging;
mod query_plans;
mod settings;
mod shipped;
