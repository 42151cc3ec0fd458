//! `quittance events` and `quittance recover` against the Worker's own API, and a ledger that is lost.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../common/mod.rs"]
mod common;

#[path = "../verify/rpc.rs"]
mod rpc;

mod commands;
mod cutover;
mod fiction;
mod lost;
mod person;

use std::cell::RefCell;
use std::rc::Rc;

use quittance::config::Config;
use quittance::http::{Request, Response};
use quittance::ports::{Fut, Http, HttpFault, Runtime};
use quittance::routes;
use quittance_cli::settings::Settings;
use quittance_sim::d1::D1;
use quittance_sim::odoo::Version;
use quittance_sim::world::{WORKER, World};

pub const TOKEN: &str = "operator-token-of-the-tests-0123456";

/// The network of a person's machine: the Worker, and behind it everybody else.
struct Net {
    rt: Runtime,
    db: Rc<D1>,
    config: RefCell<Config>,
}

impl Http for Net {
    fn send(&self, request: Request, timeout: u32) -> Fut<'_, Result<Response, HttpFault>> {
        if !request.url.starts_with(WORKER) {
            return self.rt.http.send(request, timeout);
        }
        Box::pin(async move {
            self.db.begin_invocation();
            let config = self.config.borrow().clone();
            Ok(routes::handle(&self.rt, &config, &request).await)
        })
    }
}

pub struct OperatorBench {
    pub world: World,
    net: Rc<Net>,
}

impl OperatorBench {
    pub fn open(seed: u64, version: Version) -> Self {
        let mut world = World::new(seed, version);
        world.set("ADMIN_TOKEN", TOKEN);
        let config = RefCell::new(world.config.clone());
        let net = Rc::new(Net { rt: world.runtime().clone(), db: world.db.clone(), config });
        Self { world, net }
    }

    pub fn http(&self) -> Rc<dyn Http> {
        self.net.clone()
    }

    pub fn settings(&self) -> Settings {
        let vars = self.world.vars.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Settings::from_pairs(vars.chain([("WORKER_URL", WORKER), ("USER", "alice")]))
    }
}
