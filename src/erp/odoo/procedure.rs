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
    procedure!("record_payment", "5ba674528f638c530719338b99d0575c09d64d529023591d73f117523d01dddf");
/// Books balance transactions and disputes.
pub const RECORD_ENTRY: Procedure =
    procedure!("record_entry", "2279cb20829f1d6f8eaecbe4e3d4c7d1ead06bb5f05843556e0b7984c5ac2764");
/// Books refunds, refunds that failed, and receipts taken back.
pub const RECORD_REFUND: Procedure =
    procedure!("record_refund", "e7b6c1705f7098fa1288ade749f79422dcb05d107ddf8b9a4d0ffb6f04679aa5");
/// Makes the monthly bills of Stripe's fees, and clears them.
pub const RECORD_FEE_BILL: Procedure =
    procedure!("record_fee_bill", "83808cc29b2b99ee6b121b15c04e1cb12f7ce1e90a8c251b32b9a0f28f590d4b");
/// Makes the credit notes of refunds.
pub const RECORD_CREDIT_NOTE: Procedure = procedure!(
    "record_credit_note",
    "afe6c865dca5a67bf6a471da31e3682331c9181f607b9f11c6bc90b4cfde4cab",
    "_portions.py"
);
/// Says whether booking would work.
pub const CHECK: Procedure = procedure!("check", "bf23cd8f2420532c7b5f8da152e02e655c8916836369a6d012d132d8a915f2ce");
/// Reads invoices for the pay page.
pub const READ_INVOICE: Procedure =
    procedure!("read_invoice", "594d6b14dc72079efd5fc051a61d0f6166dcacab9d4e0ff42fed07699c31d3ea");
/// Writes Stripe's customer ids into contacts.
pub const LINK_CUSTOMER: Procedure =
    procedure!("link_customer", "5dad3f855a13fe99e86f76336ce1860e51dd12e924ce7d6bbdfac230a612df30");
/// Gives a receipt the invoice that an operator knows.
pub const ASSIGN_RECEIPT: Procedure =
    procedure!("assign_receipt", "eec7a16c76476d348493a1d7c3b4cc818ed551925e5ba6504ba1b6d6c691f8f6");
/// Makes activities of alerts.
pub const SHOW_ALERTS: Procedure =
    procedure!("show_alerts", "2b45917b6057a7ff27efe3e40f433098e2440d86cadd4c2413bd5d6cf33f630b");
/// Reads what the books say of Stripe's movements.
pub const READ_BOOKS: Procedure =
    procedure!("read_books", "b91d71f0e6f238ef0f048f221f600091d73acf3b0cc5485d83f4d89719189181");
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
