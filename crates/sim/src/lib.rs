//! Parties to test against.
