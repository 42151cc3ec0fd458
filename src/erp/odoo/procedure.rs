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
    procedure!("record_payment", "30ad84127354c85961efac21d96c095ce7baaa206569588a81c192507b6aa3d2");
/// Books balance transactions and disputes.
pub const RECORD_ENTRY: Procedure =
    procedure!("record_entry", "54ce42e6c03e670506531d9016a9fcc601472470d60edd150e722ef2b1a559fa");
/// Books refunds, refunds that failed, and receipts taken back.
pub const RECORD_REFUND: Procedure =
    procedure!("record_refund", "49f8b0834f65a933f0acffc5ef15500e66740f49ea47f4052a322f72e5166b99");
/// Says whether booking would work.
pub const CHECK: Procedure = procedure!("check", "44dd27ae6ad208272c93b1f6ebde10355c9a1da1aea94cac423f3057568bcd4c");
/// Reads invoices for the pay page.
pub const READ_INVOICE: Procedure =
    procedure!("read_invoice", "05e941143cf24fd3f2f4f2a7f94ee9f6b95e57550632a2eebe6429382c0a22bf");
/// Writes Stripe's customer ids into contacts.
pub const LINK_CUSTOMER: Procedure =
    procedure!("link_customer", "0b393d2bd7bd7a72ce749961ca9afafcffdc7f3047b7c75a4bca32118f03b0e7");
/// Everything that set-up installs.
pub const ALL: [Procedure; 6] = [RECORD_PAYMENT, RECORD_REFUND, RECORD_ENTRY, CHECK, READ_INVOICE, LINK_CUSTOMER];

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
