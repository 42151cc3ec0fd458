//! A short run of every target on a stable compiler, without libFuzzer: the seeds, then random changes of them, then of
//! whatever those became. `short SECONDS [TARGET …]`; `short --write FOLDER` writes the seeds for libFuzzer to begin with.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use quittance_fuzz::{PART, TARGETS, Target};

/// Each run begins here; a finding's number of execution is the same on every machine.
const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
/// Changes of one input before another is taken.
const DEPTH: u64 = 4;
const LONGEST: usize = 16_384;
/// Pieces with a meaning to one target or another.
const WORDS: &[&str] = &[
    "0",
    "-1",
    "9223372036854775807",
    "-9223372036854775808",
    "1e999",
    "9007199254740993",
    "null",
    "true",
    "[]",
    "{}",
    "\"\"",
    "\\u0000",
    "t=",
    "v1=",
    ",",
    "{}",
    "../",
    "%2e%2e/",
    "//",
    "?",
    "#",
    "&",
    "=",
    "<script>",
    "'; DROP TABLE inbox; --",
    "\r\n",
    "\u{feff}",
    "pi_1",
    "ch_1",
    "acct_1",
    "usd",
    "JPY",
    "99999999999999999999999999999",
    "0.000000000000000000000000001",
    "[[[[[[[[",
    "data",
    "id",
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((first, names)) = arguments.split_first() else {
        eprintln!("short SECONDS [TARGET …] | short --write FOLDER");
        return ExitCode::FAILURE;
    };
    let known = |name: &String| TARGETS.iter().any(|target| target.name == name);
    if first == "--write" && names.len() == 1 {
        TARGETS.iter().for_each(|target| write(target, Path::new(&names[0])));
        return ExitCode::SUCCESS;
    }
    let Some(seconds) = first.parse().ok().filter(|_| names.iter().all(known)) else {
        eprintln!("there is no such target, or that is no number of seconds");
        return ExitCode::FAILURE;
    };
    for target in TARGETS.iter().filter(|target| names.is_empty() || names.iter().any(|name| name == target.name)) {
        run(target, Duration::from_secs(seconds));
    }
    ExitCode::SUCCESS
}

fn write(target: &Target, folder: &Path) {
    let folder = folder.join(target.name);
    fs::create_dir_all(&folder).expect("a folder for the seeds");
    for (at, seed) in (target.seeds)().iter().enumerate() {
        fs::write(folder.join(format!("seed-{at:04}")), seed).expect("a seed is written");
    }
}

fn run(target: &Target, time: Duration) {
    let seeds = (target.seeds)();
    assert!(!seeds.is_empty(), "{} has nothing to begin with", target.name);
    seeds.iter().for_each(|seed| execute(target, seed));
    let (mut rng, began, mut count) = (Rng(SEED), Instant::now(), seeds.len());
    while began.elapsed() < time {
        let mut input = rng.pick(&seeds).clone();
        for _ in 0..=rng.below(DEPTH) {
            change(&mut input, &seeds, &mut rng);
            execute(target, &input);
            count += 1;
        }
    }
    println!("{}: {} seeds, {count} executions in {} s, no finding", target.name, seeds.len(), time.as_secs());
}

/// Runs one input; a panic shows it and ends the run.
fn execute(target: &Target, input: &[u8]) {
    let outcome = std::panic::catch_unwind(|| (target.run)(input));
    if outcome.is_err() {
        eprintln!("{} fell over this input:\n{}", target.name, input.escape_ascii());
        std::process::exit(1);
    }
}

fn change(input: &mut Vec<u8>, seeds: &[Vec<u8>], rng: &mut Rng) {
    let at = rng.below(input.len() as u64 + 1) as usize;
    let end = (at + rng.below(32) as usize).min(input.len());
    match rng.below(8) {
        0 => drop(input.drain(at..end)),
        1 if at < input.len() => input[at] ^= 1 << rng.below(8),
        2 => input.insert(at, rng.below(256) as u8),
        3 => splice(input, at, end, rng.pick(WORDS).as_bytes()),
        4 => splice(input, at, at, rng.pick(WORDS).as_bytes()),
        5 => {
            let copy = input[at..end].to_vec();
            splice(input, at, at, &copy);
        }
        6 => {
            let other = rng.pick(seeds).clone();
            let from = rng.below(other.len() as u64 + 1) as usize;
            splice(input, at, input.len(), &other[from..]);
        }
        _ => number(input, at, rng),
    }
    if rng.below(64) == 0 {
        input.insert(at.min(input.len()), PART);
    }
    input.truncate(LONGEST);
}

/// Puts another number in the place of the next one.
fn number(input: &mut Vec<u8>, from: usize, rng: &mut Rng) {
    let Some(start) = input[from..].iter().position(u8::is_ascii_digit).map(|at| from + at) else { return };
    let length = input[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let other = match rng.below(3) {
        0 => rng.draw().to_string(),
        1 => (rng.draw() as i64).to_string(),
        _ => rng.below(1_000).to_string(),
    };
    splice(input, start, start + length, other.as_bytes());
}

fn splice(input: &mut Vec<u8>, from: usize, to: usize, with: &[u8]) {
    input.splice(from..to, with.iter().copied());
}

/// splitmix64.
struct Rng(u64);

impl Rng {
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, most: u64) -> u64 {
        self.draw() % most.max(1)
    }
    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len() as u64) as usize]
    }
}
