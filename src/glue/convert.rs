//! Requests and answers between the platform's types and ours.

use futures_util::StreamExt;
use worker::Headers;

use crate::error::{Code, Error};
use crate::http::{Request, Response};

/// The most a body may have at any route.
const MAX_BODY: usize = 1 << 20;

/// Reads a whole request; a body beyond the limit is never held.
pub async fn request(incoming: &mut worker::Request) -> Result<Request, Error> {
    let body = body(incoming).await?;
    Ok(Request {
        method: incoming.method().to_string(),
        url: incoming.inner().url(),
        headers: incoming.headers().entries().collect(),
        body,
    })
}

async fn body(incoming: &mut worker::Request) -> Result<Vec<u8>, Error> {
    if incoming.inner().body().is_none() {
        return Ok(Vec::new());
    }
    let mut body = Vec::new();
    let unreadable = |_| Error::of(Code::BodyInvalid);
    let mut stream = incoming.stream().map_err(unreadable)?;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(unreadable)?;
        if body.len() + chunk.len() > MAX_BODY {
            return Err(Error::of(Code::BodyTooLarge));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// An answer as the platform sends it.
pub fn response(answer: Response) -> worker::Result<worker::Response> {
    let headers = Headers::new();
    for (name, value) in &answer.headers {
        headers.append(name, value)?;
    }
    let response =
        if answer.body.is_empty() { worker::Response::empty()? } else { worker::Response::from_bytes(answer.body)? };
    Ok(response.with_headers(headers).with_status(answer.status))
}
