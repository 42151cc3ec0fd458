//! Bodies that are not too large, and the answer to a path that is not there.

use crate::error::{Code, Error};
use crate::http::Response;

/// The largest body, in bytes, of whoever need not say who he is. Webhooks have their own.
pub const BODY_BYTES_SMALL: usize = 4_096;
/// A body that is not too large, asked before anything is made of it.
pub fn checked_body(body: &[u8], most: usize) -> Result<&[u8], Error> {
    if body.len() <= most { Ok(body) } else { Err(Error::of(Code::BodyTooLarge)) }
}

/// No such path.
pub fn not_found() -> Response {
    Response::error_response(&Error::of(Code::NotFound))
}
