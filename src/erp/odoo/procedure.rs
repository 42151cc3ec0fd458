//! The procedures: Odoo server actions whose Python stands in `procedures/`. The Worker knows their names and
//! hashes; only the set-up command, which is native, carries their text.

use super::transport::{TIMEOUT, TIMEOUT_LOOK};

/// One procedure, as it is called here and as `quittance.proc_{name}` in Odoo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Procedure {
    pub name: &'static str,
    /// SHA-256 of the shared head followed by the procedure's file, in hex; every answer repeats it.
    pub hash: &'static str,
    #[cfg(not(target_arch = "wasm32"))]
    source: &'static str,
}

macro_rules! procedure {
    ($name:literal, $hash:literal) => {
        Procedure {
            name: $name,
            hash: $hash,
            #[cfg(not(target_arch = "wasm32"))]
            source: concat!(include_str!("procedures/_head.py"), include_str!(concat!("procedures/", $name, ".py"))),
        }
    };
}

/// Books receipts.
pub const RECORD_PAYMENT: Procedure =
    procedure!("record_payment", "161795c79b352b29bfd9e8f80266f26731b4c276b8932def7c2ba7527e8022d8");
/// Books balance transactions and disputes.
pub const RECORD_ENTRY: Procedure =
    procedure!("record_entry", "9dd2e12bcd96105faf1d68bb7d6d4ee5b71c9912ca7630eab5c5e154368626af");
/// Books refunds, refunds that failed, and receipts taken back.
pub const RECORD_REFUND: Procedure =
    procedure!("record_refund", "0991d4a4d839dafda7c9531c2fffd43c5cb36fd66b37fbca1984b21de7634bf3");
/// Makes the monthly bills of Stripe's fees, and clears them.
pub const RECORD_FEE_BILL: Procedure =
    procedure!("record_fee_bill", "a1d375fe05ae367cc775b5807d6a0574bb87a601e915271de202504f32210465");
/// Says whether booking would work.
pub const CHECK: Procedure = procedure!("check", "4bf317fdf2386068209003223d0d9aa5cdeca7ea4e3e7345b0f23b887b4d96ab");
/// Reads invoices for the pay page.
pub const READ_INVOICE: Procedure =
    procedure!("read_invoice", "c5fda1b1cd804ae58405ff07af582f8e7043aa6caa60865300944f3e2323d8c2");
/// Writes Stripe's customer ids into contacts.
pub const LINK_CUSTOMER: Procedure =
    procedure!("link_customer", "6d7fba1140a7ce82f7d1ce5f803cb06f6ec87931975e3ec1172336602dcb7e3d");
/// Reads what the books say of Stripe's movements.
pub const READ_BOOKS: Procedure =
    procedure!("read_books", "916903873bb056d484df460b995b892954015149699528a90103ab45779ce30b");
/// Everything that set-up installs.
pub const ALL: [Procedure; 8] =
    [RECORD_PAYMENT, RECORD_REFUND, RECORD_ENTRY, RECORD_FEE_BILL, CHECK, READ_INVOICE, LINK_CUSTOMER, READ_BOOKS];

impl Procedure {
    /// How long a call waits, in milliseconds. Somebody sits before the page that reads invoices, and nothing is lost by
    /// asking again.
    pub fn patience(&self) -> u32 {
        if self.name == READ_INVOICE.name { TIMEOUT_LOOK } else { TIMEOUT }
    }
}

/// The form of the input and the answers; a procedure of another form is another version's.
pub const FORM: i64 = 2;

#[cfg(not(target_arch = "wasm32"))]
impl Procedure {
    /// SHA-256 of the text, in hex.
    pub fn computed(&self) -> String {
        use sha2::Digest;
        hex::encode(sha2::Sha256::digest(self.source))
    }

    /// The code that set-up stores: the hash, the head, the procedure.
    pub fn code(&self) -> String {
        format!("QUITTANCE_HASH = '{}'\n{}", self.hash, self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_files() {
        for procedure in ALL {
            let (name, now) = (procedure.name, procedure.computed());
            assert_eq!(procedure.hash, now, "src/erp/odoo/procedure.rs: write the hash {now} for {name}");
        }
    }
}
