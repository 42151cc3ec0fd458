//! The load: signed events over kept-alive HTTP/1.1 connections, one thread each. Everything that is sent is made
//! before the clock starts.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use quittance::config::Secret;
use quittance::stripe::signature;

pub const SECRET: &str = "whsec_of_the_benchmark_0123456789abcdef";
const EVENT: &str = include_str!("../../tests/fixtures/stripe/events/payment_intent.succeeded.json");
const EVENT_ID: &str = "evt_1QaPaymentIntentSucceeded0001";
const PAYMENT_ID: &str = "pi_3Qa7Books0Invoice42";

/// What a run of requests took.
pub struct Run {
    pub requests: usize,
    pub took: Duration,
    /// Of each request, sorted. At a fixed rate it counts from when the request was due, not from when it was sent.
    pub latencies: Vec<Duration>,
}

impl Run {
    pub fn per_second(&self) -> f64 {
        self.requests as f64 / self.took.as_secs_f64()
    }

    /// In milliseconds.
    pub fn percentile(&self, percent: usize) -> f64 {
        let at = (self.latencies.len() * percent / 100).min(self.latencies.len().saturating_sub(1));
        self.latencies.get(at).map_or(0.0, |l| l.as_secs_f64() * 1000.0)
    }
}

/// Signed events, each another, with the time of now. Bodies of 3.9 KB, as Stripe writes a succeeded PaymentIntent.
pub struct Events {
    next: u64,
}

impl Events {
    pub fn new() -> Self {
        Self { next: 0 }
    }

    /// One whole HTTP request.
    pub fn request(&mut self, port: u16) -> Vec<u8> {
        self.next += 1;
        let body = EVENT
            .replace(EVENT_ID, &format!("evt_{:0>width$}", self.next, width = EVENT_ID.len() - 4))
            .replace(PAYMENT_ID, &format!("pi_{:0>width$}", self.next, width = PAYMENT_ID.len() - 3));
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs());
        let signature = signature::sign(body.as_bytes(), &Secret::new(SECRET), i64::try_from(now).unwrap_or(i64::MAX));
        format!(
            "POST /webhooks/stripe HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nuser-agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\n\
             accept: */*; q=0.5, application/xml\r\ncache-control: no-cache\r\ncontent-type: application/json; charset=utf-8\r\n\
             stripe-signature: {signature}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }

    fn shares(&mut self, port: u16, connections: usize, requests: usize) -> Vec<Vec<Vec<u8>>> {
        let mut shares = vec![Vec::new(); connections];
        for n in 0..requests {
            let request = self.request(port);
            if let Some(share) = shares.get_mut(n % connections) {
                share.push(request);
            }
        }
        shares
    }
}

/// Sends as fast as the answers come; `rate` requests a second together where one is given.
pub fn run(events: &mut Events, port: u16, connections: usize, requests: usize, rate: Option<f64>) -> Result<Run> {
    let shares = events.shares(port, connections, requests);
    let barrier = Barrier::new(connections + 1);
    let (took, answers) = thread::scope(|scope| {
        let threads: Vec<_> = shares
            .into_iter()
            .enumerate()
            .map(|(n, share)| {
                let barrier = &barrier;
                let pace = rate.map(|rate| (n as f64 / rate, connections as f64 / rate));
                scope.spawn(move || {
                    let connection = Connection::open(port);
                    barrier.wait();
                    connection.and_then(|mut connection| connection.all(&share, pace))
                })
            })
            .collect();
        barrier.wait();
        let began = Instant::now();
        let answers: Vec<_> = threads.into_iter().map(thread::ScopedJoinHandle::join).collect();
        (began.elapsed(), answers)
    });
    let mut latencies = Vec::with_capacity(requests);
    for answer in answers {
        latencies.extend(answer.map_err(|_| anyhow::anyhow!("a thread of the load panicked"))??);
    }
    latencies.sort_unstable();
    Ok(Run { requests: latencies.len(), took, latencies })
}

pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).context("workerd takes no connection")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self { stream, buffer: Vec::with_capacity(4096) })
    }

    /// `pace` is (first, step) in seconds.
    fn all(&mut self, requests: &[Vec<u8>], pace: Option<(f64, f64)>) -> Result<Vec<Duration>> {
        let began = Instant::now();
        let mut latencies = Vec::with_capacity(requests.len());
        for (n, request) in requests.iter().enumerate() {
            let due = match pace {
                None => Instant::now(),
                Some((first, step)) => {
                    let due = began + Duration::from_secs_f64(first + step * n as f64);
                    thread::sleep(due.saturating_duration_since(Instant::now()));
                    due
                }
            };
            self.exchange(request)?;
            latencies.push(due.elapsed());
        }
        Ok(latencies)
    }

    /// Sends one request and reads its answer whole; anything but 200 is an error.
    pub fn exchange(&mut self, request: &[u8]) -> Result<()> {
        self.stream.write_all(request)?;
        self.buffer.clear();
        let mut chunk = [0u8; 4096];
        loop {
            let read = self.stream.read(&mut chunk).context("no answer")?;
            if read == 0 {
                bail!("the connection was closed before an answer");
            }
            self.buffer.extend_from_slice(chunk.get(..read).unwrap_or_default());
            let text = String::from_utf8_lossy(&self.buffer);
            if let Some((head, body)) = text.split_once("\r\n\r\n")
                && complete(head, body)
            {
                return if head.starts_with("HTTP/1.1 200") { Ok(()) } else { bail!("not stored: {text}") };
            }
        }
    }
}

fn complete(head: &str, body: &str) -> bool {
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    length.map_or_else(|| body.ends_with("0\r\n\r\n"), |length| body.len() >= length)
}
