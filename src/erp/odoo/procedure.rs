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
    procedure!("record_payment", "5b27b4c4f19a3dd890e6f1820af6017072595cfd3d0eb04ab86d467d938bc41f");
/// Books balance transactions and disputes.
pub const RECORD_ENTRY: Procedure =
    procedure!("record_entry", "e9c46b49a725329dc8d97cea112ffa142ac41beb52dce5c995b125a9a926cc76");
/// Books refunds, refunds that failed, and receipts taken back.
pub const RECORD_REFUND: Procedure =
    procedure!("record_refund", "de63c2257b559846d16640cb9878c91a472fe2d2487d0bd46698ad9f8553305b");
/// Makes the monthly bills of Stripe's fees, and clears them.
pub const RECORD_FEE_BILL: Procedure =
    procedure!("record_fee_bill", "52e8f4e9ce06b64e36d5573799c3f11e99fe80e241eb92186945459b3ce835c0");
/// Makes the credit notes of refunds.
pub const RECORD_CREDIT_NOTE: Procedure = procedure!(
    "record_credit_note",
    "da16932e9dcee3396316e48063d7612e99276b5672fe8291e32e200cc628de45",
    "_portions.py"
);
/// Says whether booking would work.
pub const CHECK: Procedure = procedure!("check", "ae105ee6e94c525c52345ed09d1931f3a0dcd6bcca4bfc846c5252af8d0ab567");
/// Reads invoices for the pay page.
pub const READ_INVOICE: Procedure =
    procedure!("read_invoice", "e10d2044a36d3b302ee9fcccb39faa0d8a3a4f8ce858af1f9f0bb45f752f0f30");
/// Writes Stripe's customer ids into contacts.
pub const LINK_CUSTOMER: Procedure =
    procedure!("link_customer", "55c8a34eb4be0d1d190ea4bbfba26d34d46561da43508ceb25fb8cc522e8f2c0");
/// Gives a receipt the invoice that an operator knows.
pub const ASSIGN_RECEIPT: Procedure =
    procedure!("assign_receipt", "0872566df60ebfbba15a026ab273a00e643749e83afdf393be1bdebe63a200aa");
/// Makes activities of alerts.
pub const SHOW_ALERTS: Procedure =
    procedure!("show_alerts", "767564d1f1a6e20ac7cb3c119ecd11ef7bba73f412648693c0bbf129e60ea22e");
/// Reads what the books say of Stripe's movements.
pub const READ_BOOKS: Procedure =
    procedure!("read_books", "51faf26c48e09863c4eadabb924b9f75eb73467eba4719ba640ea6b7259b8f79");
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
pub const FORM: i64 = 3;

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

    /// A server action has one set of names: what a procedure assigns outside of its functions replaces the head's of that name,
    /// for the head's own functions as well.
    #[test]
    fn no_procedure_takes_a_name_of_the_head() {
        let names = |text: &str| -> Vec<String> {
            let mut inside = false;
            let mut found = Vec::new();
            for line in text.lines().filter(|line| !line.is_empty()) {
                let outer = !line.starts_with([' ', '#', ')', ']', '}']);
                inside = if outer { line.starts_with("def ") } else { inside };
                let name = if outer && inside {
                    line.trim_start_matches("def ").split('(').next()
                } else if inside {
                    None
                } else {
                    line.split_once(" = ").map(|(name, _)| name.trim())
                };
                found.extend(
                    name.filter(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_')).map(str::to_owned),
                );
            }
            found
        };
        let text = include_str!("procedures/_head.py");
        let head = names(text);
        assert!(head.iter().any(|name| name == "parameter") && head.iter().any(|name| name == "MEMO"), "{head:?}");
        for procedure in ALL {
            let own = names(procedure.source.strip_prefix(text).unwrap());
            let taken: Vec<_> = own.iter().filter(|name| head.contains(name)).collect();
            assert!(taken.is_empty(), "{} takes {taken:?}", procedure.name);
        }
    }
}
