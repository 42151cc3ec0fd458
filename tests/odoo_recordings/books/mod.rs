//! The simulated Odoo's accounting held against real Odoo 17, 18 and 19 Community: each story of
//! `tests/fixtures/odoo/books` is a list of RPC calls, and what entries stood in the real books after them.

mod picture;
mod play;
mod stories;
