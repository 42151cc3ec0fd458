//! The network going out: `fetch` with a limit for the whole exchange.

use std::time::Duration;

use futures_util::future::{Either, select};
use worker::{AbortController, AbortSignal, Delay, Fetch, Headers, Method, RequestInit, RequestRedirect};

use crate::http::{Request, Response};
use crate::ports::{Fut, Http, HttpFault};

pub struct Network;

impl Http for Network {
    fn send(&self, request: Request, timeout: u32) -> Fut<'_, Result<Response, HttpFault>> {
        Box::pin(async move {
            let controller = AbortController::default();
            let signal = controller.signal();
            let exchange = Box::pin(exchange(request, &signal));
            let limit = Box::pin(Delay::from(Duration::from_millis(u64::from(timeout))));
            let faced = match select(exchange, limit).await {
                Either::Left((answer, _)) => Some(answer),
                Either::Right(_) => None,
            };
            match faced {
                Some(answer) => answer.map_err(|error| HttpFault::Unreachable(brief(&error))),
                None => {
                    controller.abort();
                    Err(HttpFault::TimedOut)
                }
            }
        })
    }
}

async fn exchange(request: Request, signal: &AbortSignal) -> worker::Result<Response> {
    let headers = Headers::new();
    for (name, value) in &request.headers {
        headers.append(name, value)?;
    }
    let mut init = RequestInit::new();
    init.with_method(Method::from(request.method.clone())).with_headers(headers).with_redirect(RequestRedirect::Manual);
    if !request.body.is_empty() {
        init.with_body(Some(worker::js_sys::Uint8Array::from(request.body.as_slice()).into()));
    }
    let outgoing = worker::Request::new_with_init(&request.url, &init)?;
    let mut answer = Fetch::Request(outgoing).send_with_signal(signal).await?;
    Ok(Response {
        status: answer.status_code(),
        headers: answer.headers().entries().collect(),
        body: answer.bytes().await?,
    })
}

/// The first line: the rest of a JavaScript error is its stack.
fn brief(error: &worker::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}
