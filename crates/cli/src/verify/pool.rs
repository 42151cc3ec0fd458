//! Several questions at once: each lane is a thread with a connection of its own.

use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use quittance::ports::Http;

/// Makes a connection for another thread.
pub type Fork = fn() -> Rc<dyn Http>;

/// The network.
#[derive(Clone)]
pub struct Pool {
    pub http: Rc<dyn Http>,
    /// None: everything is asked one after the other, over `http`.
    pub fork: Option<Fork>,
}

impl Pool {
    /// Does every job, at most `most` at once; the results are in the order of the jobs.
    pub fn each<J: Sync, R: Send>(
        &self,
        most: usize,
        jobs: &[J],
        work: impl Fn(&Rc<dyn Http>, &J) -> R + Sync,
    ) -> Vec<R> {
        let lanes = most.min(jobs.len());
        let Some(fork) = self.fork.filter(|_| lanes > 1) else {
            return jobs.iter().map(|job| work(&self.http, job)).collect();
        };
        let next = AtomicUsize::new(0);
        let done: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..lanes {
                scope.spawn(|| {
                    let http = fork();
                    while let Some((at, job)) = next_job(&next, jobs) {
                        let result = work(&http, job);
                        done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((at, result));
                    }
                });
            }
        });
        let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        done.sort_by_key(|(at, _)| *at);
        done.into_iter().map(|(_, result)| result).collect()
    }
}

fn next_job<'j, J>(next: &AtomicUsize, jobs: &'j [J]) -> Option<(usize, &'j J)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    jobs.get(at).map(|job| (at, job))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::Network;

    #[test]
    fn results_keep_the_order_of_the_jobs() {
        let jobs: Vec<u64> = (0..200).collect();
        for fork in [None, Some((|| Rc::new(Network::default()) as Rc<dyn Http>) as Fork)] {
            let lanes = Pool { http: Rc::new(Network::default()), fork };
            let squares = lanes.each(4, &jobs, |_, job| job * job);
            assert_eq!(squares, jobs.iter().map(|job| job * job).collect::<Vec<_>>());
        }
    }
}
