//! The Stripe.js of the simulated Stripe: what a page of ours uses of the real one, with the same names
//! (tests/types holds them against Stripe's own type definitions).

use quittance::http::Response;

/// Where it stands: the train of the API version, as at js.stripe.com.
pub const PATH: &str = "/endive/stripe.js";

/// Its files in the order of their use, in one scope.
const SOURCE: &str = concat!(
    "(() => {\n'use strict'\n",
    include_str!("js/wire.js"),
    include_str!("js/cards.js"),
    include_str!("js/dom.js"),
    include_str!("js/look.js"),
    include_str!("js/field.js"),
    include_str!("js/ways.js"),
    include_str!("js/form.js"),
    include_str!("js/element.js"),
    include_str!("js/elements.js"),
    include_str!("js/challenge.js"),
    include_str!("js/stripe.js"),
    "globalThis.Stripe = StripeDouble\n})()\n",
);

pub fn response() -> Response {
    Response { status: 200, headers: Vec::new(), body: SOURCE.as_bytes().to_vec() }
        .with("content-type", "text/javascript; charset=utf-8")
        .with("access-control-allow-origin", "*")
        .with("cache-control", "no-cache")
}
