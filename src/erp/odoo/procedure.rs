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
    procedure!("record_payment", "850e75756c0e2f0e257db4c4989c14398660256498b69e2366aaab85b8a122b6");
/// Books balance transactions and disputes.
pub const RECORD_ENTRY: Procedure =
    procedure!("record_entry", "7ebf437e42e491b86976fe10c8acb8b57969cf4cc0fb6d9b8d448856193130f9");
/// Books refunds, refunds that failed, and receipts taken back.
pub const RECORD_REFUND: Procedure =
    procedure!("record_refund", "8ff9307e9f2727ca7eb77f8ded3d2b784575c95a4e0410d21d32f826a3d86bea");
/// Makes the monthly bills of Stripe's fees, and clears them.
pub const RECORD_FEE_BILL: Procedure =
    procedure!("record_fee_bill", "4cbaba36de143c2317c85217e9182dd7bd60cd5e00025763ef4966caf1c13a04");
/// Makes the credit notes of refunds.
pub const RECORD_CREDIT_NOTE: Procedure = procedure!(
    "record_credit_note",
    "8d11183c54ce8a544f7252132f4a7141a6afcd536bfb63bb8b36cdeb1e751598",
    "_portions.py"
);
/// Says whether booking would work.
pub const CHECK: Procedure = procedure!("check", "06893fe986f8ef4cf3b799641cdc8cbc09ba2cb116e9b5646ed2da837338f3b3");
/// Reads invoices for the pay page.
pub const READ_INVOICE: Procedure =
    procedure!("read_invoice", "ee8e37e6db6c46235d67cfd0bf90f35e194f640be2be4126ec862b15b878839e");
/// Writes Stripe's customer ids into contacts.
pub const LINK_CUSTOMER: Procedure =
    procedure!("link_customer", "56b6a86a6b84a2a5cc43e4e59d78926a48ba02c1751da717a84f063340b96b8f");
/// Gives a receipt the invoice that an operator knows.
pub const ASSIGN_RECEIPT: Procedure =
    procedure!("assign_receipt", "1ad653cd1f67f48c61e426ba227048d7b1abcf6aa3ad3cec207f08eb6ca5960c");
/// Makes activities of alerts.
pub const SHOW_ALERTS: Procedure =
    procedure!("show_alerts", "7cdde978739d310d0f6b47f8a5b374fd81d760c08cf9321bba5306e06638f1b3");
/// Reads what the books say of Stripe's movements.
pub const READ_BOOKS: Procedure =
    procedure!("read_books", "e581dadb64daf4598d68d11d58745d885cc4b8a0aa5c9edfa08edb46726a4077");
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
