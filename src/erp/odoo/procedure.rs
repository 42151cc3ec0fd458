//! The procedures: Odoo server actions whose Python stands in `procedures/`. The Worker knows their names and
//! hashes; only the set-up command, which is native, carries their text.

use super::transport::{PROBE_TIMEOUT_MS, TIMEOUT_MS};

/// One procedure, as it is called here and as `quittance.proc_{name}` in Odoo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Procedure {
    pub name: &'static str,
    /// SHA-256 of the shared head (and the parts that it needs) followed by the procedure's file, in hex; every answer
    /// repeats it.
    pub hash: &'static str,
    #[cfg(not(target_arch = "wasm32"))]
    source: &'static str,
}

macro_rules! procedure {
    ($name:literal, $hash:literal $(, $part:literal)*) => {
        Procedure {
            name: $name,
            hash: $hash,
            #[cfg(not(target_arch = "wasm32"))]
            source: concat!(
                include_str!("procedures/_head.py"),
                $(include_str!(concat!("procedures/", $part)),)*
                include_str!(concat!("procedures/", $name, ".py"))
            ),
        }
    };
}

/// Books receipts.
pub const RECORD_PAYMENT: Procedure =
    procedure!("record_payment", "8f8e1f727a5c699495cd1691f622ef8936c43bc37e3b4a623c7fa200c59408f1", "_record.py");
/// Books balance transactions and disputes.
pub const RECORD_ENTRY: Procedure =
    procedure!("record_entry", "70610ff00b991d311ae4c556a0a58e0a82ebaf10697898045790d44444291e56", "_record.py");
/// Books refunds, refunds that failed, and receipts taken back.
pub const RECORD_REFUND: Procedure =
    procedure!("record_refund", "3e08757766995796d2596a29483f0d4ebaf7e62525430d5910b550c0f27b129d", "_record.py");
/// Makes the monthly bills of Stripe's fees, and clears them.
pub const RECORD_FEE_BILL: Procedure =
    procedure!("record_fee_bill", "3ee1da14bf72545071dfabadb0739b6d5296f74c6cb7b20d3f48d2d96dc0a1d0", "_record.py");
/// Makes the credit notes of refunds.
pub const RECORD_CREDIT_NOTE: Procedure = procedure!(
    "record_credit_note",
    "85e8e07b0b93e90be68795de6b52f649f2f573425723f67c8fd18396c888e869",
    "_record.py",
    "_portions.py"
);
/// Says whether booking would work.
pub const CHECK: Procedure = procedure!("check", "8ec90691c3906e14c7c0f3091980eb8b40b49f6cd086e2e4ca71dabe166b70fd");
/// Reads invoices for the pay page.
pub const READ_INVOICE: Procedure =
    procedure!("read_invoice", "989754a446446234384bae1c670d1980e1999548d395d9199ee489d08e43ddfe");
/// Writes Stripe's customer ids into contacts.
pub const LINK_CUSTOMER: Procedure =
    procedure!("link_customer", "961900161ab488e5341487e14ee5c218cb2bed4907ee3f0237bfdc016d183b5f");
/// Gives a receipt the invoice that an operator knows.
pub const ASSIGN_RECEIPT: Procedure =
    procedure!("assign_receipt", "2b946fcb526699c5be19d25c62b694884c36393071278e709d779796055709bd", "_record.py");
/// Makes activities of alerts.
pub const SHOW_ALERTS: Procedure =
    procedure!("show_alerts", "6915c0aaef16b5483a4952052b7118b17bf7aa5eb861834996b55102dec9a114");
/// Reads what the books say of Stripe's movements.
pub const READ_BOOKS: Procedure =
    procedure!("read_books", "138110f7d26365357a7f679819d77c73d524d3fa515323d4b491808c51167473");
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
    pub fn timeout_ms(&self) -> u32 {
        if [READ_INVOICE.name, SHOW_ALERTS.name].contains(&self.name) { PROBE_TIMEOUT_MS } else { TIMEOUT_MS }
    }
}

/// The form of the input and the answers; a procedure of another form is another version's.
pub const FORM: i64 = 3;

#[cfg(not(target_arch = "wasm32"))]
impl Procedure {
    /// SHA-256 of the text, in hex.
    pub fn text_hash(&self) -> String {
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
            let (name, now) = (procedure.name, procedure.text_hash());
            assert_eq!(procedure.hash, now, "src/erp/odoo/procedure.rs: write the hash {now} for {name}");
        }
    }

    /// A server action has one set of names: what a procedure assigns outside of its functions replaces what the head or a
    /// part has of that name, for their own functions as well.
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
        let parts = [
            include_str!("procedures/_head.py"),
            include_str!("procedures/_record.py"),
            include_str!("procedures/_portions.py"),
        ];
        for procedure in ALL {
            let mut rest = procedure.source;
            let mut texts = Vec::new();
            for part in parts {
                if let Some(after) = rest.strip_prefix(part) {
                    texts.push(part);
                    rest = after;
                }
            }
            texts.push(rest);
            let mut shared = Vec::new();
            for own in texts.into_iter().map(names) {
                let taken: Vec<_> = own.iter().filter(|name| shared.contains(*name)).collect();
                assert!(taken.is_empty(), "{} takes {taken:?}", procedure.name);
                shared.extend(own);
            }
            assert!(shared.iter().any(|name| name == "parameter") && shared.iter().any(|name| name == "ROLES"));
        }
    }
}
