//! The simulated Odoo held against recordings of real servers: Odoo 17, 18 and 19 Community, November 2026.
//! Same status, same content type, same JSON kinds and members, same error names; same values where they are stable.

mod json2;
mod provision;
mod replay;
mod rights;
mod shape;
mod stories;
mod transport;
