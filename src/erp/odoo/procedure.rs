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
    procedure!("record_payment", "ada3fa3f1aaf6541b08aa76a80ae743a3ef3187e3353f0d96dab42162ff54eac");
/// Books balance transactions and disputes.
pub const RECORD_ENTRY: Procedure =
    procedure!("record_entry", "27350df8f57efec2bf1b48b1abadfa411e49e9beb4f78c2c0458723da7d135f9");
/// Books refunds, refunds that failed, and receipts taken back.
pub const RECORD_REFUND: Procedure =
    procedure!("record_refund", "03d5361db1ea3ce09325792b821cd998d480f13a6d9c7685748ea43ef5d6ebdb");
/// Makes the monthly bills of Stripe's fees, and clears them.
pub const RECORD_FEE_BILL: Procedure =
    procedure!("record_fee_bill", "fcffe76bc997cb1874a9a2160c63c9373c2dbbed16eda286ba2ea9ec5b506abc");
/// Makes the credit notes of refunds.
pub const RECORD_CREDIT_NOTE: Procedure = procedure!(
    "record_credit_note",
    "c9ce0fbdd89a6a9261d0e3ba912ac1fdb1e891193fff29981f303a47878c0474",
    "_portions.py"
);
/// Says whether booking would work.
pub const CHECK: Procedure = procedure!("check", "0e75fce0ab08fea2e44da8c892881b2965107e1b960c895f9579df01a39bb492");
/// Reads invoices for the pay page.
pub const READ_INVOICE: Procedure =
    procedure!("read_invoice", "8aad61bfed3afaae32b82c4a01a5ce692cdd4895f41f26557334124683515702");
/// Writes Stripe's customer ids into contacts.
pub const LINK_CUSTOMER: Procedure =
    procedure!("link_customer", "e6858e0658f6299c7840fe60a3787922f087d7c35d9994cb034cff86500cc095");
/// Gives a receipt the invoice that an operator knows.
pub const ASSIGN_RECEIPT: Procedure =
    procedure!("assign_receipt", "ddf24067979f3a3e34985620ca9ae151160e8b55fd99dd3005c7e7ffabc9c2b8");
/// Makes activities of alerts.
pub const SHOW_ALERTS: Procedure =
    procedure!("show_alerts", "6b6f2361ec8b105540cc6c26a2fe96378b30ff1451e209b70f7e83c34096d926");
/// Reads what the books say of Stripe's movements.
pub const READ_BOOKS: Procedure =
    procedure!("read_books", "99a9e3db2ae0dd6e207bd10cb239c8923d6626b7dfb70f500053384fdc8aa52c");
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
