//! What happens. Each flow is written over the ports only, so that it runs the same in workerd and in a test.

pub mod alert;
pub mod assign;
pub mod book;
pub mod complete;
pub mod connection;
pub mod deadline;
pub mod deliver;
mod end;
pub mod fees;
mod follow;
mod instant;
mod itemise;
mod known;
pub mod pay;
pub mod person;
pub mod read;
mod receipt;
pub mod receive;
pub mod recover;
pub mod retry;
pub mod settling;
pub mod sweep;
pub mod together;
mod undecided;
pub mod verdict;
pub mod walk;
