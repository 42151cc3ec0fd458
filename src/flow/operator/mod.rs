//! What an operator does: each action is one flow, written down with who, when and why.

pub mod actions;
pub mod assign;
pub mod person;
