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
    procedure!("record_payment", "8f117811720f2658d55357400597bbbc3d1a34b9ff3ecdf0a11bb55b81d4b5f7");
/// Books balance transactions and disputes.
pub const RECORD_ENTRY: Procedure =
    procedure!("record_entry", "136239fb89f4b5ad0b4af9e0ee0c12d893cfd00c97a65bdd293138926c948011");
/// Books refunds, refunds that failed, and receipts taken back.
pub const RECORD_REFUND: Procedure =
    procedure!("record_refund", "aa668f74a14572ac77e0acb727aa89d8836779e46c73450fd9a85dfa3f3d66d1");
/// Makes the monthly bills of Stripe's fees, and clears them.
pub const RECORD_FEE_BILL: Procedure =
    procedure!("record_fee_bill", "d3260e8ceead0e1c5d21f0f07994328b619b6dd4cb5416232cc693580b28f035");
/// Makes the credit notes of refunds.
pub const RECORD_CREDIT_NOTE: Procedure = procedure!(
    "record_credit_note",
    "2f9d1fd8d7467676f7a572843c74c4bcda8b0a2a027672516134d16ff89f842b",
    "_portions.py"
);
/// Says whether booking would work.
pub const CHECK: Procedure = procedure!("check", "e74f43cc285fb4b046387d44a7f398886f4b39a6f42352878a92b3bbbbcfa4ab");
/// Reads invoices for the pay page.
pub const READ_INVOICE: Procedure =
    procedure!("read_invoice", "421c67388a5f5bee4024b1fc3536f1c075efaef3620dcc1858267836a7daed8d");
/// Writes Stripe's customer ids into contacts.
pub const LINK_CUSTOMER: Procedure =
    procedure!("link_customer", "e0b98669084b55f50564f38a9ea58d9dd0acb8108c29ca213eb91b7432d7c0a2");
/// Gives a receipt the invoice that an operator knows.
pub const ASSIGN_RECEIPT: Procedure =
    procedure!("assign_receipt", "66511a406e9a768b954b2360f79438b36b7e6ec6d10a4c2646dc40f6f54bd33c");
/// Makes activities of alerts.
pub const SHOW_ALERTS: Procedure =
    procedure!("show_alerts", "dcc99fca69db04df63c8438aab995a48812add06afe09ea7b89b8fa20e67111b");
/// Reads what the books say of Stripe's movements.
pub const READ_BOOKS: Procedure =
    procedure!("read_books", "6c090e4bc990aeb46b5a115106404e969b07a1a7b1f5939756a9809d058b6800");
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
