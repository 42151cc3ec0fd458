//! HTTP/1.1 on one connection: requests with a length or in chunks, answers with a length.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};

use quittance::http::{Request, Response};

/// Room for a head; beyond it the connection ends.
const HEAD: usize = 64 * 1024;
/// Room for a body: more than the product ever sends.
const BODY: usize = 32 * 1024 * 1024;
const HEADERS: usize = 100;

/// A connection and what was read ahead of it.
pub struct Wire {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Wire {
    pub fn new(stream: TcpStream) -> Self {
        Self { stream, read: Vec::new() }
    }

    /// The next request; `None` when the client has hung up, or is idle and `go_on` says no.
    pub fn read(&mut self, go_on: impl Fn() -> bool) -> io::Result<Option<Request>> {
        loop {
            if let Some((request, head)) = parse(&self.read)? {
                self.read.drain(..head);
                return self.body(request).map(Some);
            }
            if self.read.len() > HEAD {
                return Err(bad("the head of the request is too long"));
            }
            match self.more() {
                Ok(0) => return Ok(None),
                Ok(_) => (),
                Err(idle) if idle.kind() == ErrorKind::WouldBlock || idle.kind() == ErrorKind::TimedOut => {
                    if !go_on() {
                        return Ok(None);
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    pub fn write(&mut self, response: &Response) -> io::Result<()> {
        let mut out = format!("HTTP/1.1 {} {}\r\n", response.status, reason(response.status)).into_bytes();
        for (name, value) in &response.headers {
            out.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        out.extend_from_slice(format!("content-length: {}\r\n\r\n", response.body.len()).as_bytes());
        out.extend_from_slice(&response.body);
        self.stream.write_all(&out)
    }

    /// Breaks the connection without an answer.
    pub fn cut(self) -> io::Result<()> {
        self.stream.shutdown(Shutdown::Both)
    }

    fn body(&mut self, mut request: Request) -> io::Result<Request> {
        if request.header("expect").is_some_and(|e| e.eq_ignore_ascii_case("100-continue")) {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let chunked = request.header("transfer-encoding").is_some_and(|e| e.eq_ignore_ascii_case("chunked"));
        if chunked {
            request.body = self.chunks()?;
            return Ok(request);
        }
        let length = request.header("content-length").map_or(Ok(0), str::parse);
        request.body = self.exactly(length.map_err(|_| bad("content-length is no number"))?)?;
        Ok(request)
    }

    fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            match httparse::parse_chunk_size(&self.read).map_err(|_| bad("a chunk has no size"))? {
                httparse::Status::Partial => self.must()?,
                httparse::Status::Complete((line, size)) => {
                    self.read.drain(..line);
                    let size = usize::try_from(size).unwrap_or(usize::MAX);
                    body.extend(self.exactly(size)?);
                    self.exactly(2)?;
                    if size == 0 {
                        return Ok(body);
                    }
                    if body.len() > BODY {
                        return Err(bad("the body is too long"));
                    }
                }
            }
        }
    }

    fn exactly(&mut self, length: usize) -> io::Result<Vec<u8>> {
        if length > BODY {
            return Err(bad("the body is too long"));
        }
        while self.read.len() < length {
            self.must()?;
        }
        let rest = self.read.split_off(length);
        Ok(std::mem::replace(&mut self.read, rest))
    }

    /// Reads on where the client still owes something, however slow it is.
    fn must(&mut self) -> io::Result<()> {
        loop {
            match self.more() {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(_) => return Ok(()),
                Err(slow) if slow.kind() == ErrorKind::WouldBlock || slow.kind() == ErrorKind::TimedOut => (),
                Err(error) => return Err(error),
            }
        }
    }

    fn more(&mut self) -> io::Result<usize> {
        let mut chunk = [0; 16 * 1024];
        let count = self.stream.read(&mut chunk)?;
        self.read.extend(chunk.iter().take(count));
        Ok(count)
    }
}

/// The head of a request and its length, once it is whole.
fn parse(read: &[u8]) -> io::Result<Option<(Request, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut head = httparse::Request::new(&mut headers);
    match head.parse(read).map_err(|wrong| bad(&wrong.to_string()))? {
        httparse::Status::Partial => Ok(None),
        httparse::Status::Complete(length) => {
            let mut request = Request::new(head.method.unwrap_or_default(), head.path.unwrap_or_default());
            for header in head.headers.iter() {
                request = request.with(header.name, String::from_utf8_lossy(header.value));
            }
            Ok(Some((request, length)))
        }
    }
}

fn bad(why: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, why)
}

/// Clients read the number; people who look at the wire like a word.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        409 => "Conflict",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Answer",
    }
}
