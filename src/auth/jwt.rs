//! The JWT of Cloudflare Access: RS256 by one of the team's keys, for this application, now.
//! Source: developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/validating-json.

use serde_json::Value;

use super::caller::clean_identity;
use super::keys;
use crate::config::Access;
use crate::ports::Runtime;

/// The longest that is looked at, in bytes: Access's own have about 1,200.
const JWT_BYTES_MAX: usize = 8_192;
/// How far the issuer's clock may be ahead of this one, in seconds.
const CLOCK_SKEW_S_MAX: i64 = 60;

/// Who it speaks of.
pub struct Claims {
    /// E-mail of a person, or common name of a service token.
    pub who: String,
    /// Seconds.
    pub exp: i64,
}

/// The claims of a JWT that holds; `None` for any other, without a reason that its sender could learn from.
pub async fn verify(rt: &Runtime, access: &Access, jwt: &str) -> Option<Claims> {
    if jwt.len() > JWT_BYTES_MAX {
        return None;
    }
    let (signed, signature) = jwt.rsplit_once('.')?;
    let (header, payload) = signed.split_once('.')?;
    let header = object(header)?;
    if text(&header, "alg") != "RS256" {
        return None;
    }
    let key = keys::find(rt, &access.team, text(&header, "kid")).await?;
    let signature = decode(signature)?;
    if !rt.signatures.rs256(text(&key, "n"), text(&key, "e"), signed.as_bytes(), &signature).await {
        return None;
    }
    let claims = object(payload)?;
    let now = rt.clock.now();
    let instant = |name| claims.get(name).and_then(Value::as_i64);
    // One audience, or a list of them.
    let ours = |value: &Value| value.as_str().is_some_and(|one| access.audiences.iter().any(|a| a == one));
    let audience =
        claims.get("aud").is_some_and(|aud| ours(aud) || aud.as_array().is_some_and(|all| all.iter().any(ours)));
    let exp = instant("exp").filter(|exp| *exp > now)?;
    let begun = ["nbf", "iat"].into_iter().all(|name| instant(name).is_none_or(|at| at <= now + CLOCK_SKEW_S_MAX));
    let who =
        Some(text(&claims, "email")).filter(|email| !email.is_empty()).unwrap_or_else(|| text(&claims, "common_name"));
    let holds = audience && begun && text(&claims, "iss") == access.team && !who.is_empty();
    holds.then(|| Claims { who: clean_identity(who), exp })
}

fn object(part: &str) -> Option<Value> {
    serde_json::from_slice(&decode(part)?).ok()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or("")
}

/// Base64url without padding.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0u32, 0u32);
    for byte in text.bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(six)) & 0xff_ffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn base64url() {
        for (text, bytes) in [("", &b""[..]), ("Zg", b"f"), ("Zm8", b"fo"), ("Zm9v", b"foo"), ("-_-_", b"\xfb\xff\xbf")]
        {
            assert_eq!(decode(text).as_deref(), Some(bytes), "{text}");
        }
        assert_eq!(decode("Zm9v=="), None);
        assert_eq!(decode("+/"), None);
    }
}
