//! examples/rpc-receiver, run by node: the product's client against an ERP's side that anybody can copy.

use std::fs;
use std::future::Future;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{SystemTime, UNIX_EPOCH};

use quittance::config::{Rpc, Secret};
use quittance::erp::json_rpc::RpcErp;
use quittance::erp::{Answer, Books, Fault};
use quittance::error::Code;
use quittance::http::{Request, Response};
use quittance::money::Money;
use quittance::movement::{Movement, MovementKind, Reference};
use quittance::ports::{Clock, Fut, Http, HttpFault};

const SECRET: &str = "a secret of more than thirty-two characters";

/// The receiver as a process, with its book in a file of its own.
struct Receiver {
    child: Child,
    address: String,
    book: PathBuf,
}

impl Receiver {
    fn start(book: &Path) -> Self {
        let mut child = Command::new("node")
            .args([Path::new("examples/rpc-receiver/receiver.mjs"), book])
            .env("RPC_SECRET", SECRET)
            .env("PORT", "0")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("node is needed to run the example: {error}"));
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, address: line.trim().trim_start_matches("http://").to_owned(), book: book.to_owned() }
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn erp(&self, secret: &str, now: i64) -> RpcErp {
        let config = Rpc { url: format!("http://{}/", self.address), secret: Secret::new(secret) };
        RpcErp::new(&config, None, Rc::new(Socket(self.address.clone())), Rc::new(At(now)))
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_file(&self.book);
    }
}

/// One HTTP/1.1 exchange over a socket.
struct Socket(String);

impl Http for Socket {
    fn send(&self, request: Request, _timeout: u32) -> Fut<'_, Result<Response, HttpFault>> {
        let mut stream = TcpStream::connect(&self.0).unwrap();
        let mut head = format!("{} / HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", request.method, self.0);
        head.push_str(&format!("content-length: {}\r\n", request.body.len()));
        for (name, value) in &request.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
        stream.write_all(&request.body).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        // Node answers in chunks: `size CRLF bytes CRLF … 0`.
        let body = match head.to_lowercase().contains("transfer-encoding: chunked") {
            true => body.split("\r\n").skip(1).step_by(2).collect(),
            false => body.to_owned(),
        };
        Box::pin(std::future::ready(Ok(Response { status, headers: vec![], body: body.into() })))
    }
}

struct At(i64);
impl Clock for At {
    fn now_ms(&self) -> i64 {
        self.0 * 1000
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a port waited"),
    }
}

#[allow(clippy::disallowed_methods, reason = "the receiver has the machine's clock")]
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap()
}

fn book(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("quittance-receiver-{}-{name}.jsonl", std::process::id()));
    let _ = fs::remove_file(&path);
    path
}

fn receipt(payment: &str, minor: i64) -> Movement {
    Movement {
        key: format!("stripe:acct_1:{payment}:succeeded"),
        kind: MovementKind::Paid,
        account: "acct_1".into(),
        livemode: true,
        payment: payment.into(),
        charge: None,
        method: None,
        money: Money::new(minor, "EUR".parse().unwrap()),
        occurred: now(),
        customer: Some("cus_1".into()),
        reason: None,
        reference: Reference::default(),
        flags: vec![],
        detail: None,
    }
}

fn outcome(answer: &Answer) -> String {
    match answer {
        Answer::Booked(booking) if booking.duplicate => format!("duplicate {}", booking.name),
        Answer::Booked(booking) => format!("created {}", booking.name),
        Answer::Gone => "gone".into(),
        Answer::Refused(error) | Answer::Retry(error) => format!("{}: {}", error.code.name(), error.detail),
    }
}

#[test]
fn the_example_receiver_books_each_key_once() {
    let file = book("once");
    let mut receiver = Receiver::start(&file);
    let erp = receiver.erp(SECRET, now());
    block_on(erp.probe()).unwrap();
    let both = [receipt("pi_1", 1_099), Movement { kind: MovementKind::Refunded, ..receipt("re_1", 400) }];
    let answers = block_on(erp.apply(&both)).unwrap();
    assert_eq!(
        answers.iter().map(outcome).collect::<Vec<_>>(),
        ["created R00001", "erp_refused: kind_not_booked: We do not book refunded."]
    );
    // The answer was lost: the same key comes again, to a receiver that has been started anew.
    receiver.kill();
    let receiver = Receiver::start(&file);
    let erp = receiver.erp(SECRET, now());
    let again = block_on(erp.apply(&[receipt("pi_1", 1_099), receipt("pi_2", 1)])).unwrap();
    assert_eq!(again.iter().map(outcome).collect::<Vec<_>>(), ["duplicate R00001", "created R00002"]);
    // The same key for another amount is no duplicate.
    let other = block_on(erp.apply(&[receipt("pi_1", 1_098)])).unwrap();
    assert!(matches!(&other[0], Answer::Refused(error) if error.code == Code::AmountDiffers), "{other:?}");
    let Err(error) = block_on(erp.assign("stripe:acct_1:pi_1:succeeded", "INV/1")) else {
        panic!("it has no invoices")
    };
    assert_eq!(error.code, Code::ErpRefused);
}

#[test]
fn the_example_receiver_forgets_half_a_line_and_a_deleted_receipt_is_gone() {
    let file = book("half");
    let whole = r#"{"key":"stripe:acct_1:pi_1:succeeded","id":1,"amount":"10.99","currency":"EUR","deleted":true}"#;
    fs::write(&file, format!("{whole}\n{{\"key\":\"stripe:acct_1:pi_2:succ")).unwrap();
    let receiver = Receiver::start(&file);
    let answers = block_on(receiver.erp(SECRET, now()).apply(&[receipt("pi_1", 1_099), receipt("pi_2", 5)])).unwrap();
    assert_eq!(answers.iter().map(outcome).collect::<Vec<_>>(), ["gone", "created R00002"]);
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 2);
}

#[test]
fn the_example_receiver_refuses_a_wrong_secret_and_an_old_signature() {
    let receiver = Receiver::start(&book("signature"));
    for (secret, at) in [("another secret of more than 32 characters", now()), (SECRET, now() - 301)] {
        let refused = block_on(receiver.erp(secret, at).apply(&[receipt("pi_1", 1)]));
        assert!(matches!(&refused, Err(Fault::Connection(error)) if error.code == Code::ErpAuth), "{refused:?}");
    }
    assert!(!receiver.book.exists());
}
