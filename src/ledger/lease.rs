//! Leases: who works an event has its subject for so long.

/// How long a lease lasts, in seconds: longer than every time-out of one attempt together, as `flow::deliver` adds
/// them up.
pub const LEASE_S: i64 = 180;
