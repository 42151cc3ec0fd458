//! Delivers what a party sends by itself: plain HTTP, several at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use ureq::http;

use super::{Shared, lock};
use crate::Outgoing;

/// How often the party is asked for what is due.
const ASK: Duration = Duration::from_millis(20);
/// Deliveries in flight at once.
const HANDS: usize = 4;
/// Stripe does not publish how long it waits for an answer; reports say 10 to 30 seconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks and delivers until the server stops.
pub fn run(party: &Shared, stopped: &AtomicBool) {
    let (give, take) = mpsc::channel::<Outgoing>();
    let take = Arc::new(Mutex::new(take));
    for _ in 0..HANDS {
        let (party, take) = (party.clone(), take.clone());
        thread::spawn(move || deliver_all(&party, &take));
    }
    while !stopped.load(Ordering::SeqCst) {
        let due = lock(party).outgoing();
        due.into_iter().for_each(|outgoing| drop(give.send(outgoing)));
        thread::park_timeout(ASK);
    }
}

/// Delivers one after the other until the channel closes.
fn deliver_all(party: &Shared, take: &Mutex<mpsc::Receiver<Outgoing>>) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .build()
        .into();
    loop {
        let next = take.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(outgoing) = next else { return };
        let status = post(&agent, &outgoing);
        lock(party).answered(outgoing.id, status);
    }
}

/// The status of the answer, `None` when none came.
fn post(agent: &ureq::Agent, outgoing: &Outgoing) -> Option<u16> {
    let sent = &outgoing.request;
    let mut request = http::Request::builder().method(sent.method.as_str()).uri(&sent.url);
    for (name, value) in &sent.headers {
        request = request.header(name, value);
    }
    let answer = agent.run(request.body(sent.body.clone()).ok()?).ok()?;
    let (head, mut body) = answer.into_parts();
    let _keeps_the_connection = body.read_to_vec();
    Some(head.status.as_u16())
}
