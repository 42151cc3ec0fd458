//! The simulated parties behind real sockets: a small HTTP/1.1 server, a thread for each connection, and a
//! courier for what they send by themselves.

mod concurrency;
mod sender;
mod wire;

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::{Party, Reply};

/// How often an idle connection looks whether the server still runs.
const LOOK: Duration = Duration::from_millis(250);

/// A party that several threads talk to.
pub type Shared = Arc<Mutex<dyn Party>>;

/// A running server. Dropping it stops it.
#[derive(Debug)]
pub struct Handle {
    addr: SocketAddr,
    stopped: Arc<AtomicBool>,
    threads: Vec<thread::JoinHandle<()>>,
}

/// Starts answering at `addr` (port 0 takes a free one) for a party that the caller may keep a clone of.
pub fn serve(addr: &str, party: Shared) -> io::Result<Handle> {
    let listener = TcpListener::bind(addr)?;
    let addr = listener.local_addr()?;
    let stopped = Arc::new(AtomicBool::new(false));
    let (doorman, courier) = (stopped.clone(), stopped.clone());
    let other = party.clone();
    let gauge = Arc::new(concurrency::ConcurrencyGauge::default());
    let threads = vec![
        thread::spawn(move || accept(&listener, &party, &gauge, &doorman)),
        thread::spawn(move || sender::run(&other, &courier)),
    ];
    Ok(Handle { addr, stopped, threads })
}

impl Handle {
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http://127.0.0.1:12111`
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Stops listening and delivering; connections end when they are next idle.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        let _wakes_the_doorman = TcpStream::connect(self.addr);
        for thread in self.threads.drain(..) {
            let _panicked = thread.join();
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.end();
    }
}

fn accept(
    listener: &TcpListener,
    party: &Shared,
    gauge: &Arc<concurrency::ConcurrencyGauge>,
    stopped: &Arc<AtomicBool>,
) {
    for stream in listener.incoming() {
        if stopped.load(Ordering::SeqCst) {
            return;
        }
        let (party, gauge, stopped) = (party.clone(), gauge.clone(), stopped.clone());
        if let Ok(stream) = stream {
            thread::spawn(move || {
                let _client_went_away = converse(stream, &party, &gauge, &stopped);
            });
        }
    }
}

/// Answers the requests of one connection, one after the other.
fn converse(
    stream: TcpStream,
    party: &Shared,
    gauge: &concurrency::ConcurrencyGauge,
    stopped: &AtomicBool,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(LOOK))?;
    let mut wire = wire::Wire::new(stream);
    while let Some(request) = wire.read(|| !stopped.load(Ordering::SeqCst))? {
        if let Some(answer) = gauge.answer(&request) {
            wire.write(&answer)?;
            continue;
        }
        let _held = gauge.hold(&request);
        // The party is free for others while this answer waits.
        let reply = lock(party).handle(&request);
        match reply {
            Reply::Dropped => return wire.cut(),
            Reply::Answer { response, after_ms } => {
                thread::park_timeout(Duration::from_millis(after_ms.into()));
                wire.write(&response)?;
            }
        }
    }
    Ok(())
}

/// A party stays usable after a panic in one of its requests: the next test or person sees its state.
fn lock(party: &Shared) -> MutexGuard<'_, dyn Party + 'static> {
    party.lock().unwrap_or_else(PoisonError::into_inner)
}
