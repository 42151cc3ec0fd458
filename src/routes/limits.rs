//! Who may ask once more. What one client is refused does not count for everybody, so that none uses up the others' share.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde_json::json;

use crate::flow::pay::{self, PayRequest};
use crate::http::Request;
use crate::ports::{Level, Limit, Runtime};

/// The networks of one client, the smallest first. Of IPv6 the last 64 bits are the client's own to choose, and a household
/// has 2^8 such networks (RFC 6177 names /56), a firm 2^16 (/48). Of IPv4 one address is one client, and /24 the least that is
/// routed.
struct Networks {
    client: String,
    site: String,
    network: String,
}

/// Whom a limit counts. Cloudflare names the client; whoever has no name shares one count.
fn networks(request: &Request) -> Networks {
    let name = request.header("cf-connecting-ip").unwrap_or("unnamed");
    match name.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            let wide = Ipv4Addr::new(a, b, c, 0).to_string();
            Networks { client: address.to_string(), site: address.to_string(), network: wide }
        }
        Ok(IpAddr::V6(address)) => {
            let part = |bits: u32| {
                format!("{}/{bits}", Ipv6Addr::from_bits(address.to_bits() >> (128 - bits) << (128 - bits)))
            };
            Networks { client: part(64), site: part(56), network: part(48) }
        }
        Err(_) => Networks { client: name.to_owned(), site: name.to_owned(), network: name.to_owned() },
    }
}

/// One client's own count, for limits that have no larger networks.
pub fn client(request: &Request) -> String {
    networks(request).client
}

/// Whether these networks may ask once more, each within its own limit.
async fn within_client_limits(rt: &Runtime, networks: &Networks, limits: [Limit; 3]) -> bool {
    let names = [&networks.client, &networks.site, &networks.network];
    for (limit, name) in limits.into_iter().zip(names) {
        if !rt.limits.allow(limit, name).await {
            return false;
        }
    }
    true
}

/// Whether this client may ask the pay page's API once more, and there is room for one more of everybody.
pub async fn may_ask(rt: &Runtime, request: &Request) -> bool {
    within_client_limits(rt, &networks(request), [Limit::PayClient, Limit::PaySite, Limit::PayNetwork]).await
        && within_shared_limit(rt, Limit::PayAll).await
}

/// The same for a payment to be begun. Links that proved good before have a share of their own, which no guesses use up.
pub async fn may_begin(rt: &Runtime, request: &Request, asked: &PayRequest<'_>) -> bool {
    if !may_ask(rt, request).await || !rt.limits.allow(Limit::PayInvoice, &asked.rate_limit_key()).await {
        return false;
    }
    let limits = [Limit::BeginClient, Limit::BeginSite, Limit::BeginNetwork];
    if within_client_limits(rt, &networks(request), limits).await && within_shared_limit(rt, Limit::PayBegin).await {
        return true;
    }
    pay::has_begun(rt, asked).await && within_shared_limit(rt, Limit::PayReturn).await
}

/// Whether this network may ask once more whether the Worker is ready.
pub async fn may_read_health(rt: &Runtime, request: &Request) -> bool {
    rt.limits.allow(Limit::HealthNetwork, &networks(request).network).await
        && within_shared_limit(rt, Limit::HealthAll).await
}

/// Whether a limit on everybody together has room. The operator is told when it has not: a crowd, or an attack.
async fn within_shared_limit(rt: &Runtime, limit: Limit) -> bool {
    let room = rt.limits.allow(limit, "everybody").await;
    if !room {
        rt.log.line(Level::Warn, "rate_limited", json!({ "limit": limit.binding() }));
    }
    room
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_counted_by_their_size() {
        let of = |address: &str| {
            let Networks { client, site, network } =
                networks(&Request::new("GET", "/health").with("cf-connecting-ip", address));
            [client, site, network]
        };
        assert_eq!(of("2001:db8:1:2ff:3::4"), ["2001:db8:1:2ff::/64", "2001:db8:1:200::/56", "2001:db8:1::/48"]);
        assert_eq!(of("192.0.2.77"), ["192.0.2.77", "192.0.2.77", "192.0.2.0"]);
        assert_eq!(of("::ffff:192.0.2.77"), of("192.0.2.77"), "IPv4 written as IPv6");
        assert_eq!(of("nonsense"), ["nonsense"; 3]);
    }
}
