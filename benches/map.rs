//! `cargo xtask bench map`: what one event of about 4 KB costs between its bytes and its movement, without waiting.
#![allow(clippy::expect_used, clippy::panic, reason = "a benchmark ends where its input is not what it must be")]

mod cpu;

use std::hint::black_box;

use cpu::CpuTime;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use quittance::config::webhook::EndpointScope;
use quittance::config::{Config, Matching, Secret, SigningSecret};
use quittance::stripe::map::{self, Reading, Scope};
use quittance::stripe::{event, signature};

const SECRET: &str = "whsec_of_the_benchmark_0123456789abcdef";
const EVENT: &[u8] = include_bytes!("../tests/fixtures/stripe/events/payment_intent.succeeded.json");
const NOW: i64 = 1_795_287_660;

fn matching() -> Matching {
    let var = |name: &str| {
        let value = match name {
            "STRIPE_API_KEY" => "rk_test_1",
            "ODOO_URL" => "https://odoo.example.com",
            "ODOO_DB" => "books",
            "ODOO_LOGIN" => "quittance@example.com",
            "ODOO_API_KEY" => "key",
            "BOOK_FROM" => "0",
            _ => return None,
        };
        Some(value.to_owned())
    };
    Config::read(&var).delivery.expect("the settings are whole").matching
}

fn movement(body: &[u8], matching: &Matching) -> Reading {
    let event = event::parse_event(body).expect("an event");
    map::read_event(&Scope::new(&event, "acct_1Q", matching), Some(body)).expect("readable")
}

fn map(criterion: &mut Criterion<CpuTime>) {
    let secret = Secret::new(SECRET);
    let header = signature::sign(EVENT, &secret, NOW);
    let secrets = [SigningSecret { secret, endpoint: EndpointScope { livemode: false, connect: false } }];
    let matching = matching();
    assert!(matches!(movement(EVENT, &matching), Reading::Movement(_)), "the event posts money");

    let mut group = criterion.benchmark_group("payment_intent.succeeded");
    group.throughput(Throughput::Bytes(EVENT.len() as u64));
    group.bench_function("verify, parse and map", |bencher| {
        bencher.iter(|| {
            let body = black_box(EVENT);
            signature::verify(body, black_box(&header), &secrets, NOW).expect("the signature is good");
            movement(body, &matching)
        });
    });
    group.bench_function("verify", |bencher| {
        bencher.iter(|| signature::verify(black_box(EVENT), black_box(&header), &secrets, NOW));
    });
    group.bench_function("envelope", |bencher| bencher.iter(|| event::parse_event(black_box(EVENT))));
    group.bench_function("envelope and map", |bencher| bencher.iter(|| movement(black_box(EVENT), &matching)));
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(CpuTime);
    targets = map
}
criterion_main!(benches);
