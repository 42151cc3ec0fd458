//! Balance transactions: what moved a Stripe balance, read one by one ([`read_transaction`]) and listed ([`list_page`]) so that
//! none is missing. [`table`] says where each stands.

pub mod amounts;
mod document;
mod expanded;
pub(in crate::stripe) mod object;
mod page;
pub mod table;
mod transaction_reading;

pub use self::object::Txn;
pub use self::page::{Cursor, ListedTransaction, Page, list_page};
pub use self::transaction_reading::{BALANCE_TRANSACTION, TransactionReading, read_transaction, with_documents};
