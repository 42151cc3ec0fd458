//! The network of a person's machine: of an answer no more is read than fits.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use quittance::http::Request;
use quittance::ports::{Http, HttpFault};
use quittance_cli::ports::{Network, block_on};

/// Answers one request with so many mebibytes, of no declared length; the address, and how many were taken.
fn answering(mebibytes: usize) -> (String, thread::JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let _asked = client.read(&mut [0; 4096]).unwrap();
        client.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").unwrap();
        let piece = vec![b' '; 1 << 20];
        (0..mebibytes).take_while(|_| client.write_all(&piece).is_ok()).count()
    });
    (url, server)
}

#[test]
fn an_answer_is_read_up_to_its_limit() {
    for (mebibytes, fits) in [(1, true), (15, true), (100, false)] {
        let (url, server) = answering(mebibytes);
        let answer = block_on(Network::default().send(Request::new("GET", url), 20_000));
        match fits {
            true => assert_eq!(answer.unwrap().body.len(), mebibytes << 20),
            false => assert_eq!(answer, Err(HttpFault::TooLarge)),
        }
        let taken = server.join().unwrap();
        assert!(if fits { taken == mebibytes } else { taken < 60 }, "{taken} of {mebibytes}");
    }
}
