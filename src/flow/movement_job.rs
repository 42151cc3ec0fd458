//! A movement on its way to the ERP.

use crate::movement::Movement;

/// One event's movement.
pub struct MovementJob {
    pub event: String,
    pub batch_limit: Option<i64>,
    pub movement: Movement,
}
