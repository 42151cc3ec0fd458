//! Runs many random scenarios, each from a seed, on all cores, and reports the first that violates an invariant.
#![allow(clippy::disallowed_methods, reason = "a program for the developer's machine: it looks at the clock")]

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use quittance_sim::scenario::{ScenarioResult, Snapshots};

const USAGE: &str = "usage: quittance-scenarios [--seeds N] [--from S] [--minutes M] [--threads T] [--all] [--journal]
  --seeds N     so many scenarios, default 200
  --from S      the first seed, default 0
  --minutes M   for so long instead, however many that are
  --all         goes on after a scenario that violates an invariant, and tells of each in a line
  --journal     tells what happened in each, line by line";

#[derive(Default)]
struct Arguments {
    seeds: Option<u64>,
    from: u64,
    minutes: Option<u64>,
    threads: Option<usize>,
    journal: bool,
    all: bool,
}

fn main() -> ExitCode {
    match parse_arguments(std::env::args().skip(1)) {
        Ok(asked) => run(&asked),
        Err(why) => {
            eprintln!("quittance-scenarios: {why}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn parse_arguments(mut args: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let mut asked = Arguments::default();
    while let Some(name) = args.next() {
        match name.as_str() {
            "--journal" => asked.journal = true,
            "--all" => asked.all = true,
            _ => {}
        }
        if ["--journal", "--all"].contains(&name.as_str()) {
            continue;
        }
        let number = args.next().and_then(|text| text.parse::<u64>().ok());
        let number = number.ok_or_else(|| format!("{name} takes a number"))?;
        match name.as_str() {
            "--seeds" => asked.seeds = Some(number),
            "--from" => asked.from = number,
            "--minutes" => asked.minutes = Some(number),
            "--threads" => asked.threads = Some(usize::try_from(number).unwrap_or(1)),
            _ => return Err(format!("what is {name}?")),
        }
    }
    Ok(asked)
}

/// What all threads share.
struct Run {
    next: AtomicU64,
    end: u64,
    until: Option<Instant>,
    stop: AtomicBool,
    run_count: AtomicU64,
    /// Scenarios that violated an invariant, where all are told.
    failed: AtomicU64,
    done: Mutex<BTreeMap<&'static str, usize>>,
    broken: Mutex<Option<ScenarioResult>>,
}

fn run(asked: &Arguments) -> ExitCode {
    let began = Instant::now();
    let end = match (asked.seeds, asked.minutes) {
        (None, Some(_)) => u64::MAX,
        (seeds, _) => asked.from.saturating_add(seeds.unwrap_or(200)),
    };
    let run = Run {
        next: AtomicU64::new(asked.from),
        end,
        until: asked.minutes.map(|minutes| began + Duration::from_secs(60 * minutes)),
        stop: AtomicBool::new(false),
        run_count: AtomicU64::new(0),
        failed: AtomicU64::new(0),
        done: Mutex::default(),
        broken: Mutex::default(),
    };
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..asked.threads.unwrap_or(cores) {
            scope.spawn(|| run_scenarios(&run, asked));
        }
    });
    report(run, began)
}

fn run_scenarios(run: &Run, asked: &Arguments) {
    // A scenario that panics is told like any that violates an invariant.
    let snapshots = Snapshots::build();
    while !run.stop.load(Ordering::Relaxed) && run.until.is_none_or(|until| Instant::now() < until) {
        let seed = run.next.fetch_add(1, Ordering::Relaxed);
        if seed >= run.end {
            break;
        }
        let mut ended = snapshots.run(seed, asked.journal);
        if asked.journal {
            println!("{}", ended.journal.join("\n"));
        }
        run.run_count.fetch_add(1, Ordering::Relaxed);
        if let Some(broken) = ended.broken.as_ref().filter(|_| asked.all) {
            run.failed.fetch_add(1, Ordering::Relaxed);
            println!("seed {seed} | {} | {}", broken.invariant, broken.detail.replace('\n', " "));
        } else if ended.broken.is_some() {
            run.stop.store(true, Ordering::Relaxed);
            let again = snapshots.run(seed, true);
            if again.digest != ended.digest || again.broken != ended.broken {
                eprintln!("seed {seed} does not repeat itself: {:?} and {:?}", ended.broken, again.broken);
            }
            ended.journal = again.journal;
            if let Ok(mut first) = run.broken.lock()
                && first.as_ref().is_none_or(|first| first.seed > seed)
            {
                *first = Some(ended);
            }
        } else if let Ok(mut done) = run.done.lock() {
            ended.done.into_iter().for_each(|(name, times)| *done.entry(name).or_default() += times);
        }
    }
}

fn report(run: Run, began: Instant) -> ExitCode {
    let (run_count, seconds) = (run.run_count.into_inner(), began.elapsed().as_secs_f64());
    let done: Vec<String> =
        run.done.into_inner().unwrap_or_default().iter().map(|(name, times)| format!("{times} × {name}")).collect();
    println!(
        "{run_count} scenarios in {seconds:.1} s, {:.0} a minute: {}",
        run_count as f64 * 60.0 / seconds,
        done.join(", ")
    );
    let failed = run.failed.into_inner();
    let Some(ended) = run.broken.into_inner().unwrap_or_default() else {
        return if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    };
    println!("{}", ended.journal.join("\n"));
    if let Some(broken) = ended.broken {
        println!("\nseed {} violates the invariant: {}\n{}", ended.seed, broken.invariant, broken.detail);
        println!("again: cargo xtask simulate --seeds 1 --from {}", ended.seed);
    }
    ExitCode::FAILURE
}
