//! What an auditor writes down: each movement's record with what it put on clearing, and where the accounts stand.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{LineView, Odoo};

const PAYMENT: &str = "account.payment";
/// The company whose books they are.
const COMPANY: i64 = 1;

impl Odoo {
    /// `movements`: key, state of the posted record and its sums on clearing, for every key of Stripe's that is claimed.
    /// `clearing` and `balance`: by currency, what the posted lines of these accounts add up to, and on clearing also what
    /// is not matched. `unsound`: the first thing that does not add up in the books, or null. Sums are decimal texts
    /// without trailing zeros, by currency.
    pub(super) fn audited(&self) -> Value {
        let clearing = self.role(COMPANY, "clearing").unwrap_or_default();
        let movements: Vec<Value> = self.keys().iter().map(|key| self.movement(key, clearing)).collect();
        let balances = ["balance", "balance_eur", "balance_gbp"].iter().filter_map(|role| self.role(COMPANY, role));
        let on_balance: Vec<LineView> = balances.flat_map(|account| self.posted_on(account)).collect();
        let on_clearing = self.posted_on(clearing);
        json!({
            "movements": movements,
            "balance": sums(&on_balance, |line| line.amount),
            "clearing": sums(&on_clearing, |line| line.amount),
            "clearing_open": sums(&on_clearing, |line| line.open),
            "unsound": self.unsound(),
        })
    }

    /// The posted entry behind a key. A movement that books nothing by itself has none.
    fn movement(&self, key: &str, clearing: i64) -> Value {
        let entry = self.quittance(&format!("{key}__record")).and_then(|(model, id)| match model.as_str() {
            PAYMENT => self.store.int(PAYMENT, id, "move_id"),
            _ => Some(id),
        });
        let entry = entry.and_then(|id| self.entry(id));
        let mut lines = entry.as_ref().map(|entry| entry.lines.clone()).unwrap_or_default();
        lines.retain(|line| line.account == clearing);
        json!({"key": key, "state": entry.map(|entry| entry.state), "clearing": sums(&lines, |line| line.amount)})
    }
}

/// Sums by currency, those that are nothing left out.
fn sums(lines: &[LineView], of: fn(&LineView) -> Decimal) -> BTreeMap<&str, String> {
    let mut sums: BTreeMap<&str, Decimal> = BTreeMap::new();
    for line in lines {
        *sums.entry(line.currency.as_str()).or_default() += of(line);
    }
    sums.retain(|_, sum| !sum.is_zero());
    sums.into_iter().map(|(currency, sum)| (currency, sum.normalize().to_string())).collect()
}
