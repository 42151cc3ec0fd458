//! The signature header: whoever has no secret gets nothing past it, whatever it looks like.

use quittance::config::webhook::EndpointScope;
use quittance::config::{Secret, SigningSecret};
use quittance::hmac;
use quittance::stripe::signature::{SignatureError, SignerCoverage, TOLERANCE_S, Verified, verify};

use crate::double::{NOW, SECRET};
use crate::parts;

/// `header PART body`. `{}` in the header stands for the right digest of the body at [`NOW`], so that good ones are found.
pub fn run(data: &[u8]) {
    let all = parts(data);
    let (header, body) = (String::from_utf8_lossy(all.first().unwrap_or(&&[][..])), *all.get(1).unwrap_or(&&[][..]));
    let secret = Secret::new(SECRET);
    let good = hex::encode(hmac::digest(&secret, &NOW.to_string(), body));
    let header = header.replace("{}", &good);
    let endpoint = EndpointScope { livemode: false, connect: false };
    let of = |secret: &Secret| SigningSecret { secret: secret.clone(), endpoint };
    let other = EndpointScope { livemode: true, connect: true };
    let another = SigningSecret { secret: Secret::new("whsec_of_another_endpoint_0123456789"), endpoint: other };
    let secrets = [another, of(&secret)];
    let verdict = verify(body, &header, &secrets, NOW);
    if verdict.is_ok() {
        // What verifies carries the digest of this body for the time that it names, and the time is near.
        let times: Vec<&str> = header.split(',').filter_map(|item| item.trim().strip_prefix("t=")).collect();
        let time = times.last().expect("a time");
        let at: i64 = time.parse().expect("digits");
        assert!((NOW - at).abs() <= TOLERANCE_S && !body.is_empty());
        let right = hex::encode(hmac::digest(&secret, time, body));
        assert!(header.to_ascii_lowercase().contains(&format!("v1={right}")), "{header}");
        // One byte more, and it is another body.
        assert_eq!(verify(&[body, b" "].concat(), &header, &secrets, NOW), Err(SignatureError::NoMatch));
        assert_eq!(verify(body, &header, &secrets[..1], NOW), Err(SignatureError::NoMatch));
        assert_eq!(verify(body, &header, &[], NOW), Err(SignatureError::NoMatch));
    }
    if !body.is_empty() {
        assert_eq!(verify(body, &hmac::header(body, &secret, NOW), &secrets, NOW), Ok(Verified { signed: SignerCoverage::Whole, endpoints: vec![endpoint] }));
    }
}
