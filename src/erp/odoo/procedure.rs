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
    procedure!("record_payment", "9bab5f8064254da807f201c00fb0301dffabda41539fc0d8487b834f5d2d5ad6");
/// Says whether booking would work.
pub const CHECK: Procedure = procedure!("check", "f065b491393989a949eb30989123ce75848305a283ba3767e69d25e4f129fdcc");
/// Reads invoices for the pay page.
pub const READ_INVOICE: Procedure =
    procedure!("read_invoice", "f2495889f65be1f58b309731b7ab839ebbf61f0672f5a3cfdd0f0945171f8316");
/// Writes Stripe's customer ids into contacts.
pub const LINK_CUSTOMER: Procedure =
    procedure!("link_customer", "15d959a3d1483960ed8ebb8da8631e792f9ae5b2f3ff601ed100bb715ffcf179");
/// Everything that set-up installs.
pub const ALL: [Procedure; 4] = [RECORD_PAYMENT, CHECK, READ_INVOICE, LINK_CUSTOMER];

impl Procedure {
    /// How long a call waits, in milliseconds. Somebody sits before the page that reads invoices, and nothing is lost by
    /// asking again.
    pub fn patience(&self) -> u32 {
        if self.name == READ_INVOICE.name { TIMEOUT_LOOK } else { TIMEOUT }
    }
}

/// The form of the input and the answers; a procedure of another form is another version's.
pub const FORM: i64 = 1;

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
