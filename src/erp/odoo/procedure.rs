//! The procedures: Odoo server actions whose Python stands in `procedures/`. The Worker knows their names and
//! hashes; only the set-up command, which is native, carries their text.

use super::transport::{TIMEOUT, TIMEOUT_LOOK};

/// One procedure, as it is called here and as `quittance.proc_{name}` in Odoo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Procedure {
    pub name: &'static str,
    /// SHA-256 of the shared head (and a part of its own) followed by the procedure's file, in hex; every answer repeats it.
    pub hash: &'static str,
    #[cfg(not(target_arch = "wasm32"))]
    source: &'static str,
}

macro_rules! procedure {
    ($name:literal, $hash:literal $(, $part:literal)?) => {
        Procedure {
            name: $name,
            hash: $hash,
            #[cfg(not(target_arch = "wasm32"))]
            source: concat!(
                include_str!("procedures/_head.py"),
                $(include_str!(concat!("procedures/", $part)),)?
                include_str!(concat!("procedures/", $name, ".py"))
            ),
        }
    };
}

/// Books receipts.
pub const RECORD_PAYMENT: Procedure =
    procedure!("record_payment", "626f48676b26ff1db074bba24feaf31c149e75dd5b5cabc0cbde2bf72d2ca4bb");
/// Books balance transactions and disputes.
pub const RECORD_ENTRY: Procedure =
    procedure!("record_entry", "240b5acbfd84ff1dcf50f19931b287b18ff429417cee05c5b0bc3adea0790473");
/// Books refunds, refunds that failed, and receipts taken back.
pub const RECORD_REFUND: Procedure =
    procedure!("record_refund", "ff610e99d17281bdf01046d5ce36ab86a80640af1536f2d0eed8f790e5f6ce55");
/// Makes the monthly bills of Stripe's fees, and clears them.
pub const RECORD_FEE_BILL: Procedure =
    procedure!("record_fee_bill", "188a90c738f2afafc791c00e501250652b889380c1b05ee2f46491c493fd51f1");
/// Makes the credit notes of refunds.
pub const RECORD_CREDIT_NOTE: Procedure = procedure!(
    "record_credit_note",
    "c84b81772599430634a831825db4749a23ce65f8f240bd537822ff0d0d26ab7d",
    "_portions.py"
);
/// Says whether booking would work.
pub const CHECK: Procedure = procedure!("check", "7ea8c708c46cb9d812b457a54073731efbd2a6e849acc13018c5777f6a3701f0");
/// Reads invoices for the pay page.
pub const READ_INVOICE: Procedure =
    procedure!("read_invoice", "f2eb6d2dad194e2c93a99af82263e4f0b714e7c36211eb3e6324f82027584c0d");
/// Writes Stripe's customer ids into contacts.
pub const LINK_CUSTOMER: Procedure =
    procedure!("link_customer", "99274077d98610fab2bdf7a069f821ab52f32285d67bc2e1768183be22b83b8a");
/// Gives a receipt the invoice that an operator knows.
pub const ASSIGN_RECEIPT: Procedure =
    procedure!("assign_receipt", "c5cfafe2625a082a56d1dd4e8591b2339e8c61ce5237afe345c7f4ec835ad8c5");
/// Makes activities of alerts.
pub const SHOW_ALERTS: Procedure =
    procedure!("show_alerts", "c90269cafd7c90319623e5ac179c898cd17f9384e2d34f9db13dadb2ec7e239d");
/// Reads what the books say of Stripe's movements.
pub const READ_BOOKS: Procedure =
    procedure!("read_books", "d732e45828a3a29d586c18c45b1b8acf91c5da28724e79d7a870858da40c35b6");
/// Everything that set-up installs.
pub const ALL: [Procedure; 11] = [
    RECORD_PAYMENT,
    RECORD_REFUND,
    RECORD_CREDIT_NOTE,
    RECORD_ENTRY,
    RECORD_FEE_BILL,
    CHECK,
    READ_INVOICE,
    LINK_CUSTOMER,
    ASSIGN_RECEIPT,
    READ_BOOKS,
    SHOW_ALERTS,
];

impl Procedure {
    /// How long a call waits, in milliseconds. Somebody sits before the page that reads invoices, and of alerts nothing is lost
    /// by telling them again a minute later.
    pub fn patience(&self) -> u32 {
        if [READ_INVOICE.name, SHOW_ALERTS.name].contains(&self.name) { TIMEOUT_LOOK } else { TIMEOUT }
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
