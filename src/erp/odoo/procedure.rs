//! The procedures: Odoo server actions whose Python stands in `procedures/`. The Worker knows their names and
//! hashes; only the set-up command, which is native, carries their text.

use super::transport::{PROBE_TIMEOUT_MS, TIMEOUT_MS};

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
    procedure!("record_payment", "21441314029579fe548c46e22c6a3af1d458853670cefc77b9ece55b899dbe53");
/// Books balance transactions and disputes.
pub const RECORD_ENTRY: Procedure =
    procedure!("record_entry", "d9b9fe141a55de5312cb82d09ecbc5b9ad830dad26784c7b76b15195b158da7a");
/// Books refunds, refunds that failed, and receipts taken back.
pub const RECORD_REFUND: Procedure =
    procedure!("record_refund", "fe29dc521eb1d885fe8f92829190bdd1596a5898bd7653b8b70b43ef04e0df16");
/// Makes the monthly bills of Stripe's fees, and clears them.
pub const RECORD_FEE_BILL: Procedure =
    procedure!("record_fee_bill", "41ecc449703c6b4575510cb97c60442b00fe4e57419a44224a2ed443d0243937");
/// Makes the credit notes of refunds.
pub const RECORD_CREDIT_NOTE: Procedure = procedure!(
    "record_credit_note",
    "268a1538972e285d79c2c08b6a596f96efe7ace4d845e79fb78aeaff75ce00f8",
    "_portions.py"
);
/// Says whether booking would work.
pub const CHECK: Procedure = procedure!("check", "077b1b987211a1b1e7ecc38b91220e2f3035d016abc1d916d3f78c57e9901a9e");
/// Reads invoices for the pay page.
pub const READ_INVOICE: Procedure =
    procedure!("read_invoice", "c4cb775aca182d24bbfb0f5366370b2251c811a07cb577b119753df0c83df698");
/// Writes Stripe's customer ids into contacts.
pub const LINK_CUSTOMER: Procedure =
    procedure!("link_customer", "ac58e0586f811eda4591a4fb1e12164ad34b930327c00894629bddb634c3f6b0");
/// Gives a receipt the invoice that an operator knows.
pub const ASSIGN_RECEIPT: Procedure =
    procedure!("assign_receipt", "ac42e42295623b124b79301372c222fd209217901732f56cf90fabe1c067d7d7");
/// Makes activities of alerts.
pub const SHOW_ALERTS: Procedure =
    procedure!("show_alerts", "b9c9dea657d6450b5601463c1616d3777c2506eee6a92a8f03e7a00cc6075cc6");
/// Reads what the books say of Stripe's movements.
pub const READ_BOOKS: Procedure =
    procedure!("read_books", "85593496aef36309da0d86e51dca6bece360c5db938a384150ba37361bdfc907");
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
