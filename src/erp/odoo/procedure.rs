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
    procedure!("record_payment", "5818c6f1b4dd900ef62916d58a82171af90d60663b123c436e8fd2142ab65906");
/// Says whether booking would work.
pub const CHECK: Procedure = procedure!("check", "9e940042f8e2239450e4ff621b9d07ca8aaef91c26fa067ab98e5f25cece30e8");
/// Reads invoices for the pay page.
pub const READ_INVOICE: Procedure =
    procedure!("read_invoice", "457f0dd0e27ccc5c40e50f92e5c9e301dcf7672a26156f9284cb4983630d198f");
/// Writes Stripe's customer ids into contacts.
pub const LINK_CUSTOMER: Procedure =
    procedure!("link_customer", "2300092ff1f4809ea82390105ea8a3fe73e92e3881f9b0b2f9f76abbaf8825d9");
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
