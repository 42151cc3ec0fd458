//! The simulated parties as the network of a command.

use std::cell::RefCell;
use std::rc::Rc;

use quittance::http::{Request, Response};
use quittance::ports::{Fut, Http, HttpFault};
use quittance_sim::{Clock, Party};

/// 2026-11-21 12:00 UTC.
pub const NOW_MS: i64 = 1_795_262_400_000;

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

pub fn clock() -> Clock {
    Clock::at(NOW_MS)
}
