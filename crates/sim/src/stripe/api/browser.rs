//! What browsers want of an answer before a page of another origin may read it.

use quittance::http::{Request, Response};

/// The answer to a preflight, if this is one. No key is needed, and no trouble strikes it.
pub fn preflight(request: &Request) -> Option<Response> {
    let asked = request.method == "OPTIONS" && request.header("origin").is_some();
    let response = Response { status: 200, headers: Vec::new(), body: Vec::new() };
    asked.then(|| {
        response
            .with("access-control-allow-origin", "*")
            .with("access-control-allow-methods", "GET, HEAD, PUT, PATCH, POST, DELETE")
            .with(
                "access-control-allow-headers",
                request.header("access-control-request-headers").unwrap_or("authorization, content-type"),
            )
            .with("access-control-max-age", "300")
    })
}

/// Lets every page read the answer: what it may see was decided by its key.
pub fn open(request: &Request, response: Response) -> Response {
    if request.header("origin").is_none() {
        return response;
    }
    response
        .with("access-control-allow-origin", "*")
        .with("access-control-expose-headers", "Request-Id, Stripe-Should-Retry, Stripe-Rate-Limited-Reason")
}
