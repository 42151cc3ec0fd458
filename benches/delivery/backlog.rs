//! A backlog: events that stand in the inbox while nothing is queued, as after an outage. The minute's sweep queues them,
//! one consumer works them.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::BATCH;
use crate::bench::{Bench, Cost, Ids};

/// Events in all, and in a line of the table.
const EVENTS: usize = 100_000;
const PART: usize = 10_000;
/// Rows that are inserted at once.
const GROUP: usize = 20;

pub fn backlog() -> Result<()> {
    let mut bench = Bench::any_erp(Ids::Timed)?;
    for _ in 0..EVENTS / GROUP {
        bench.store(GROUP)?;
    }
    println!(
        "\n| backlog of {EVENTS} | minutes of sweeps | events a second | CPU per event, µs | of it in SQLite, µs | steps per event | ERP calls per event |"
    );
    println!("|---|---|---|---|---|---|---|");
    let (mut done, mut rates) = (0, Vec::new());
    while done < EVENTS {
        let part = drain(&mut bench, PART.min(EVENTS - done))?;
        done += part.events;
        rates.push(part.rate());
        let each = |of: Duration| of.as_secs_f64() * 1e6 / part.events as f64;
        println!(
            "| to {done} | {} | {:.0} | {:.0} | {:.0} | {:.0} | {:.3} |",
            part.minutes,
            part.rate(),
            each(part.cost.cpu),
            each(part.cost.sqlite),
            part.cost.steps as f64 / part.events as f64,
            part.cost.erp_calls as f64 / part.events as f64,
        );
    }
    let (first, last) = (rates.first().copied().unwrap_or_default(), rates.last().copied().unwrap_or_default());
    println!("\nThe last part of the backlog went at {:.2} of the first one's rate.", last / first);
    bench.finish();
    Ok(())
}

struct Part {
    events: usize,
    minutes: usize,
    wall: Duration,
    cost: Cost,
}

impl Part {
    fn rate(&self) -> f64 {
        self.events as f64 / self.wall.as_secs_f64()
    }
}

/// Minute by minute, until so many more events are done.
fn drain(bench: &mut Bench, events: usize) -> Result<Part> {
    let mut part = Part { events: 0, minutes: 0, wall: Duration::ZERO, cost: Cost::default() };
    while part.events < events {
        let began = Instant::now();
        let (hints, swept) = bench.sweep()?;
        ensure!(!hints.is_empty(), "the sweep queued nothing");
        part.cost += swept;
        part.wall += began.elapsed();
        part.minutes += 1;
        for batch in hints.chunks(BATCH) {
            let began = Instant::now();
            part.cost += bench.consume(batch)?;
            part.wall += began.elapsed();
        }
        bench.all_done(&hints)?;
        part.events += hints.len();
    }
    Ok(part)
}
