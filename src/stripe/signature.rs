//! Stripe's webhook signature: `Stripe-Signature: t=<unix>,v1=<hex>[,v1=<hex>…]`, HMAC-SHA256 over
//! `t`, `.` and the raw body, the key being the whole `whsec_…` string.

use crate::config::SigningSecret;
use crate::config::webhook::EndpointScope;
use crate::hmac::{digest, is_equal};

/// The header that Stripe would send.
pub use crate::hmac::header as sign;

/// How far `t` may be from now, in seconds, into the past (Stripe's SDKs) and into the future (some of them).
pub const TOLERANCE_S: i64 = 300;

/// A signature that verifies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    pub signed: SignerCoverage,
    /// The endpoints whose secrets have signed, each once: the event is one that one of them delivers.
    pub endpoints: Vec<EndpointScope>,
}

/// Whose the signatures of a webhook are that was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignerCoverage {
    /// All of them are by secrets that are known here.
    Whole,
    /// One of them is by a secret that is not known here: Stripe signs with two while one is being rolled.
    Partly,
}

/// Why a signature does not verify. For the log only: the sender always gets the same answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureError {
    NoHeader,
    /// No `t`, or one that is not all digits.
    Malformed,
    NoV1,
    TooOld,
    TooNew,
    /// No `v1` fits any secret.
    NoMatch,
    EmptyBody,
    /// The endpoint of the secret that signed does not deliver such an event ([`EndpointScope::delivers`]).
    OtherEndpoint,
}

impl SignatureError {
    /// A stable name for the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoHeader => "no_header",
            Self::Malformed => "malformed",
            Self::NoV1 => "no_v1",
            Self::TooOld => "timestamp_too_old",
            Self::TooNew => "timestamp_too_new",
            Self::NoMatch => "no_match",
            Self::EmptyBody => "empty_body",
            Self::OtherEndpoint => "other_endpoint",
        }
    }
}

/// Verifies `body` as received (a byte order mark is part of it) against every secret and every `v1`.
/// `now` in seconds. Upper-case hex and blanks after commas are accepted; Stripe sends neither.
pub fn verify(body: &[u8], header: &str, secrets: &[SigningSecret], now: i64) -> Result<Verified, SignatureError> {
    if header.is_empty() {
        return Err(SignatureError::NoHeader);
    }
    let (time, mut candidates) = parse(header)?;
    if body.is_empty() {
        return Err(SignatureError::EmptyBody);
    }
    let at: i64 = time.parse().map_err(|_| SignatureError::Malformed)?;
    match now.saturating_sub(at) {
        age if age > TOLERANCE_S => return Err(SignatureError::TooOld),
        age if age < -TOLERANCE_S => return Err(SignatureError::TooNew),
        _ => {}
    }
    let mut endpoints = Vec::with_capacity(1);
    for SigningSecret { secret, endpoint } in secrets {
        let expected = digest(secret, time, body);
        for (candidate, fits) in &mut candidates {
            if is_equal(&expected, candidate) {
                *fits = true;
                endpoints.push(*endpoint);
            }
        }
    }
    endpoints.sort_unstable();
    endpoints.dedup();
    match candidates.iter().filter(|(_, fits)| *fits).count() {
        0 => Err(SignatureError::NoMatch),
        fit if fit == candidates.len() => Ok(Verified { signed: SignerCoverage::Whole, endpoints }),
        _ => Ok(Verified { signed: SignerCoverage::Partly, endpoints }),
    }
}

/// A `v1`, and whether it fits a secret.
type Candidate = ([u8; 32], bool);

/// The time, and each `v1` that is 32 bytes, none of which fits a secret yet.
fn parse(header: &str) -> Result<(&str, Vec<Candidate>), SignatureError> {
    let mut time = None;
    let mut seen_v1 = false;
    let mut candidates = Vec::with_capacity(2);
    for item in header.split(',') {
        match item.trim().split_once('=') {
            Some(("t", value)) => time = Some(value),
            Some(("v1", value)) => {
                seen_v1 = true;
                let mut bytes = [0u8; 32];
                if hex::decode_to_slice(value, &mut bytes).is_ok() {
                    candidates.push((bytes, false));
                }
            }
            _ => {}
        }
    }
    let time =
        time.filter(|t| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit())).ok_or(SignatureError::Malformed)?;
    if seen_v1 { Ok((time, candidates)) } else { Err(SignatureError::NoV1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    const ENDPOINT: EndpointScope = EndpointScope { livemode: false, connect: false };

    fn all(secrets: &[Secret]) -> Vec<SigningSecret> {
        secrets.iter().map(|secret| SigningSecret { secret: secret.clone(), endpoint: ENDPOINT }).collect()
    }

    fn verify(body: &[u8], header: &str, secrets: &[Secret], now: i64) -> Result<SignerCoverage, SignatureError> {
        super::verify(body, header, &all(secrets), now).map(|verified| verified.signed)
    }

    fn vectors() -> Vec<serde_json::Value> {
        serde_json::from_str(include_str!("../../tests/fixtures/stripe/signature_vectors.json")).unwrap()
    }

    fn base64(text: &str) -> Vec<u8> {
        let digit =
            |c: u8| b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".iter().position(|&d| d == c);
        let bits: Vec<usize> = text.bytes().filter_map(digit).collect();
        let bytes = bits.len() * 6 / 8;
        (0..bytes)
            .map(|i| {
                let (at, shift) = (i * 8 / 6, i * 8 % 6);
                ((bits[at] << 10 | bits.get(at + 1).unwrap_or(&0) << 4) >> (8 - shift) & 0xff) as u8
            })
            .collect()
    }

    #[test]
    fn every_vector() {
        let vectors = vectors();
        assert!(vectors.len() >= 24);
        for case in vectors {
            let secrets: Vec<Secret> =
                case["secrets"].as_array().unwrap().iter().map(|s| Secret::new(s.as_str().unwrap())).collect();
            let body = base64(case["body_b64"].as_str().unwrap());
            let got = verify(&body, case["header"].as_str().unwrap(), &secrets, case["now"].as_i64().unwrap());
            match case["expect"].as_str().unwrap() {
                "ok" => assert!(got.is_ok(), "{}", case["name"]),
                "either" => {}
                refusal => assert_eq!(got.map_err(SignatureError::name), Err(refusal), "{}", case["name"]),
            }
        }
    }

    #[test]
    fn what_sdks_disagree_on() {
        let (secret, body) = ([Secret::new("whsec_a"), Secret::new("whsec_b")], b"{}".as_slice());
        let header = sign(body, &secret[1], 1000);
        assert_eq!(verify(body, &header, &secret, 1000), Ok(SignerCoverage::Whole));
        assert_eq!(verify(body, &header, &secret, 699), Err(SignatureError::TooNew));
        assert_eq!(verify(body, &header.replace("t=1000", "t=1000a"), &secret, 1000), Err(SignatureError::Malformed));
        assert_eq!(verify(body, &header.replace("t=1000", "t=-1000"), &secret, 1000), Err(SignatureError::Malformed));
        assert_eq!(verify(b"", &sign(b"", &secret[0], 1000), &secret, 1000), Err(SignatureError::EmptyBody));
        assert_eq!(verify(body, &header, &[], 1000), Err(SignatureError::NoMatch));
        let marked = "\u{feff}{}".as_bytes();
        assert_eq!(verify(marked, &sign(marked, &secret[0], 1000), &secret, 1000), Ok(SignerCoverage::Whole));
        assert_eq!(verify(marked, &header, &secret, 1000), Err(SignatureError::NoMatch));
    }

    #[test]
    fn a_signature_by_a_secret_that_is_not_known_is_told_beside_a_good_one() {
        let [old, new] = ["whsec_old", "whsec_new"].map(Secret::new);
        let both = format!("{},{}", sign(b"{}", &old, 1000), &sign(b"{}", &new, 1000)["t=1000,".len()..]);
        let fits = |secrets: &[&Secret], header: &str| {
            let secrets: Vec<Secret> = secrets.iter().map(|secret| (*secret).clone()).collect();
            verify(b"{}", header, &secrets, 1000)
        };
        assert_eq!(fits(&[&old, &new], &both), Ok(SignerCoverage::Whole));
        assert_eq!(fits(&[&old], &both), Ok(SignerCoverage::Partly));
        assert_eq!(fits(&[&new], &both), Ok(SignerCoverage::Partly));
        assert_eq!(fits(&[&old], &sign(b"{}", &old, 1000)), Ok(SignerCoverage::Whole));
        // What is no signature at all says nothing of a secret.
        assert_eq!(fits(&[&old], &format!("{},v1=zz,v0=00", sign(b"{}", &old, 1000))), Ok(SignerCoverage::Whole));
    }

    #[test]
    fn only_endpoints_whose_secret_signed_are_told() {
        let endpoints = [(false, false), (true, false), (true, true)];
        let endpoints = endpoints.map(|(livemode, connect)| EndpointScope { livemode, connect });
        let keys = ["whsec_a", "whsec_b", "whsec_c"].map(Secret::new);
        let secrets: Vec<SigningSecret> = keys
            .iter()
            .zip(endpoints)
            .map(|(secret, endpoint)| SigningSecret { secret: secret.clone(), endpoint })
            .collect();
        let told = |header: &str| super::verify(b"{}", header, &secrets, 1000).map(|verified| verified.endpoints);
        assert_eq!(told(&sign(b"{}", &keys[1], 1000)), Ok(vec![endpoints[1]]));
        let two = format!("{},{}", sign(b"{}", &keys[2], 1000), &sign(b"{}", &keys[0], 1000)["t=1000,".len()..]);
        assert_eq!(told(&two), Ok(vec![endpoints[0], endpoints[2]]));
        assert_eq!(told(&format!("{0},{1},{1}", sign(b"{}", &keys[0], 1000), "v1=00")), Ok(vec![endpoints[0]]));
    }
}
