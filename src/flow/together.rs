//! Several futures of one thread at once.

use std::future::poll_fn;
use std::task::Poll;

use crate::ports::Fut;

/// Runs all to their end; the results stand in the order given.
pub async fn together<T>(futures: Vec<Fut<'_, T>>) -> Vec<T> {
    let mut running: Vec<Result<T, Fut<'_, T>>> = futures.into_iter().map(Err).collect();
    poll_fn(|context| {
        let mut waiting = false;
        for slot in &mut running {
            if let Err(future) = slot {
                match future.as_mut().poll(context) {
                    Poll::Ready(value) => *slot = Ok(value),
                    Poll::Pending => waiting = true,
                }
            }
        }
        if waiting { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    running.into_iter().filter_map(Result::ok).collect()
}
