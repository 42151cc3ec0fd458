//! A party that is not simulated: a server on this machine's network, asked for real.

use std::time::Duration;

use quittance::http::{Request, Response};
use ureq::http;

use crate::{Party, Reply};

/// As long as a contended row keeps Odoo busy.
const PATIENCE: Duration = Duration::from_secs(120);

/// A server that listens at the addresses of the requests it is handed.
pub struct Elsewhere {
    agent: ureq::Agent,
}

impl Default for Elsewhere {
    fn default() -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build();
        Self { agent: config.into() }
    }
}

impl Elsewhere {
    fn ask(&self, sent: &Request) -> Option<Response> {
        let mut request = http::Request::builder().method(sent.method.as_str()).uri(&sent.url);
        for (name, value) in &sent.headers {
            request = request.header(name, value);
        }
        let answer = self.agent.run(request.body(sent.body.clone()).ok()?).ok()?;
        let (head, mut body) = answer.into_parts();
        let headers = head
            .headers
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
        let headers = headers.collect();
        Some(Response { status: head.status.as_u16(), headers, body: body.read_to_vec().ok()? })
    }
}

impl Party for Elsewhere {
    fn handle(&mut self, request: &Request) -> Reply {
        match self.ask(request) {
            Some(response) => Reply::Answer { response, after_ms: 0 },
            None => Reply::Dropped,
        }
    }
}
