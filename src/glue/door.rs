//! The webhook door's core for `door.mjs`: bytes in, admission out, in one synchronous call. A call from JavaScript
//! that waits for nothing costs a few microseconds; headers, futures and answers that cross cost more than the HMAC.

use wasm_bindgen::prelude::*;
use worker::js_sys::{Array, Object, Reflect};

use super::config;
use super::ports::{Isolate, value};
use crate::error::{Code, Error};
use crate::flow::receive::{self, Admission};
use crate::http::Response;
use crate::ledger::{inbox, observations};
use crate::routes;
use crate::stripe::signature::SignerCoverage;

/// `{ path, limit, small, hsts, one, list, seen, rolling }`: the door's path, the most bytes of a body here and elsewhere, a
/// header of every answer, the inserts of one row and of a
/// list, and the statement that keeps a sighting with the name of the one that the door makes.
#[wasm_bindgen]
pub fn door_facts() -> JsValue {
    object([
        ("path", routes::WEBHOOK_PATH.into()),
        ("limit", (receive::BODY_BYTES_MAX as f64).into()),
        ("small", (routes::BODY_BYTES_SMALL as f64).into()),
        ("hsts", routes::HSTS.into()),
        ("one", inbox::INSERT.into()),
        ("list", inbox::INSERT_LIST.into()),
        ("seen", observations::STORE_SQL.into()),
        ("rolling", observations::ROLLING.into()),
    ])
}

/// `{ id, values }` of a row to store, or `{ status, body }` to answer at once. `now` in milliseconds. `rolling` is there
/// and true when one of the signatures is by a secret that is not known here.
#[wasm_bindgen]
pub fn door_admit(env: &JsValue, body: &[u8], signature: &str, now: f64) -> JsValue {
    let seconds = (now as i64).div_euclid(1000);
    match receive::admit(&config(env), &Isolate, body, signature, seconds) {
        Admission::Refuse(error) => answer(Response::error_response(&error)),
        Admission::Store(event, signed) => {
            let id = event.id.as_str().into();
            let values: Array = event.args().iter().map(value).collect();
            let row = object([("id", id), ("values", values.into())]);
            if signed == SignerCoverage::Partly {
                // As in `object`.
                let _ = Reflect::set(&row, &"rolling".into(), &true.into());
            }
            row
        }
    }
}

/// `{ status, body }` of a code that `door.mjs` found by itself.
#[wasm_bindgen]
pub fn door_refusal(code: &str) -> JsValue {
    answer(Response::error_response(&Error::of(Code::from_name(code).unwrap_or(Code::EventNotStored))))
}

/// `{ status, body }` of a stored event, new or seen.
#[wasm_bindgen]
pub fn door_received() -> JsValue {
    answer(receive::received_response())
}

fn answer(response: Response) -> JsValue {
    let body = String::from_utf8_lossy(&response.body);
    object([("status", f64::from(response.status).into()), ("body", body.as_ref().into())])
}

fn object<const N: usize>(fields: [(&str, JsValue); N]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        // Setting a property of a plain new object cannot fail.
        let _ = Reflect::set(&object, &name.into(), &value);
    }
    object.into()
}
