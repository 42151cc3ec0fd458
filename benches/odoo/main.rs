//! One payment by `record_payment`, alone and in a list, against the six calls of Odoo's register wizard, on a real
//! Odoo that the environment names (as for the recordings, docs/odoo/TRYING.md). The ways take turns, so that a busy machine
//! is busy for all of them. `cargo xtask bench odoo [rounds]`
#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a measurement looks at the clock; JSON that lacks a name is null"
)]

mod books;

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, anyhow, ensure};
use quittance_cli::settings::Settings;

use books::Books;

/// Movements in one call, the list that the aim of a quarter is about.
const LIST: usize = 20;
const ROUNDS: usize = 15;

/// A way to book payments: what it is called, how many payments it books at once, note and transaction.
struct Way {
    name: &'static str,
    payments: usize,
    note: bool,
    transaction: bool,
    laps: Vec<f64>,
}

fn ways() -> Vec<Way> {
    let way = |name, payments, note, transaction| Way { name, payments, note, transaction, laps: Vec::new() };
    vec![
        way("register wizard, six calls", 0, false, false),
        way("record_payment", 1, false, false),
        way("  with a note", 1, true, false),
        way("  with a transaction", 1, false, true),
        way("  with both", 1, true, true),
        way("  sent again", 1, false, false),
        way("list of 20", LIST, false, false),
        way("  with both", LIST, true, true),
    ]
}

fn main() -> Result<()> {
    let settings = Settings::read(Path::new("/nonexistent")).map_err(|e| anyhow!("{e:?}"))?;
    if settings.get("ODOO_URL").is_none() {
        println!(
            "odoo: not measured; ODOO_URL and the other names of docs/odoo/TRYING.md would name a database for trials"
        );
        return Ok(());
    }
    let rounds = std::env::args().find_map(|a| a.parse().ok()).unwrap_or(ROUNDS);
    let mut books = Books::open(&settings)?;
    let mut ways = ways();
    for round in 0..=rounds {
        for way in &mut ways {
            let lap = lap(&mut books, way)?;
            // The first round warms Odoo's caches.
            if round > 0 {
                way.laps.push(lap);
            }
        }
    }
    print(books.major(), &mut ways);
    Ok(())
}

/// Milliseconds per payment of one turn; its invoices are made before the clock starts.
fn lap(books: &mut Books, way: &Way) -> Result<f64> {
    let invoices = books.invoices(way.payments.max(1))?;
    if way.payments == 0 {
        return timed(1, || invoices.iter().try_for_each(|invoice| books.wizard(*invoice)));
    }
    let list = books.movements(&invoices, way.note, way.transaction);
    if way.name.ends_with("again") {
        ensure!(books.record(&list)?.iter().all(|status| status == "created"));
        return timed(1, || books.record(&list).map(drop));
    }
    timed(way.payments, || {
        ensure!(books.record(&list)?.iter().all(|status| status == "created"));
        Ok(())
    })
}

fn timed(payments: usize, work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let started = Instant::now();
    work()?;
    Ok(started.elapsed().as_secs_f64() * 1000.0 / payments as f64)
}

fn print(major: i64, ways: &mut [Way]) {
    println!("Odoo {major}: milliseconds per payment, and the median as a part of the wizard's");
    let mut whole = None;
    for way in ways {
        way.laps.sort_by(f64::total_cmp);
        let at = |part: f64| way.laps.get((way.laps.len() as f64 * part) as usize).copied().unwrap_or_default();
        let median = at(0.5);
        let whole = *whole.get_or_insert(median);
        let (least, most) = (at(0.0), way.laps.last().copied().unwrap_or_default());
        println!("{:28} median {median:6.1}  min {least:6.1}  max {most:6.1}  {:.2}", way.name, median / whole);
    }
}
