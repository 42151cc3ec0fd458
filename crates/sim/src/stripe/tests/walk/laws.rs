//! What must hold whatever has happened.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Walk;
use crate::stripe::object::Fields;
use crate::stripe::objects::shapes;
use crate::stripe::tests::call;

impl Walk {
    /// Every row of a list, by pages of so many.
    fn all(&mut self, path: &str, limit: u64) -> Vec<Value> {
        let (mut rows, mut after) = (Vec::<Value>::new(), String::new());
        loop {
            let sign = if path.contains('?') { '&' } else { '?' };
            let (status, page) = call(&mut self.stripe, "GET", &format!("{path}{sign}limit={limit}{after}"), "");
            assert_eq!(status, 200, "{path}: {page}");
            rows.extend(page["data"].as_array().unwrap().iter().cloned());
            match rows.last() {
                Some(last) if page.flag("has_more") => after = format!("&starting_after={}", last.text("id")),
                _ => return rows,
            }
        }
    }

    pub(super) fn check(&mut self) {
        let expanded = "/v1/balance_transactions?expand[]=data.source.charge.payment_intent";
        let limit = 1 + self.rng.below(100);
        let rows = self.all(expanded, limit);
        let ids: BTreeSet<&str> = rows.iter().map(|row| row.text("id")).collect();
        let home = self.stripe.home();
        let made = self.stripe.books(&home).unwrap().rows("balance_transaction");
        assert_eq!((ids.len(), rows.len()), (made.len(), made.len()), "each exactly once");
        for (row, made) in rows.iter().zip(made.iter().rev()) {
            let source = row["source"].maybe("id").or(row.maybe("source"));
            assert_eq!((row.text("id"), source), (made.text("id"), made.maybe("source")));
        }
        self.check_balance(&rows);
        self.check_objects();
        self.check_payouts();
    }

    /// The balance is the sum of nets, and what is pending is known by its time alone.
    fn check_balance(&mut self, rows: &[Value]) {
        let now = self.clock.now();
        let mut sums: BTreeMap<(bool, String), i64> = BTreeMap::new();
        for row in rows {
            let fees: i64 = row["fee_details"].as_array().unwrap().iter().map(|fee| fee.int("amount")).sum();
            assert_eq!((row.int("fee"), row.int("net")), (fees, row.int("amount") - fees));
            if row.text("balance_type") == "payments" {
                let available = row.int("available_on") <= now;
                *sums.entry((available, row.text("currency").to_owned())).or_default() += row.int("net");
            }
        }
        let (_, balance) = call(&mut self.stripe, "GET", "/v1/balance", "");
        assert_eq!(shapes::faults(&balance), Vec::<String>::new());
        for (available, key) in [(true, "available"), (false, "pending")] {
            for row in balance[key].as_array().unwrap() {
                let sum = sums.remove(&(available, row.text("currency").to_owned())).unwrap_or(0);
                assert_eq!(row.int("amount"), sum, "{key} {}", row.text("currency"));
            }
        }
        assert_eq!(sums, BTreeMap::new(), "money that the balance does not show");
    }

    /// What stands on the balance for each charge, refund, dispute and payout is what the object says.
    fn check_objects(&self) {
        let home = self.stripe.home();
        let books = self.stripe.books(&home).unwrap();
        let mut about: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
        for row in books.rows("balance_transaction") {
            about.entry(row.text("source")).or_default().push(row);
        }
        let sum = |id: &str| -> i64 {
            let rows = about.get(id).into_iter().flatten();
            rows.filter(|row| row.text("type") != "stripe_fx_fee").map(|row| row.int("amount")).sum()
        };
        let mut moved: BTreeMap<&str, i64> = BTreeMap::new();
        for refund in books.rows("refund") {
            let (over, id) = (["failed", "canceled"].contains(&refund.text("status")), refund.text("id"));
            let entered = !refund["balance_transaction"].is_null();
            if over || !entered {
                assert_eq!(sum(id), 0, "{refund}");
            } else if ["usd", "eur"].contains(&refund.text("currency")) {
                assert_eq!(sum(id), -refund.int("amount"), "{refund}");
            }
            *moved.entry(refund.text("charge")).or_default() += sum(id);
        }
        for dispute in books.rows("dispute") {
            let carried: i64 =
                dispute["balance_transactions"].as_array().unwrap().iter().map(|row| row.int("amount")).sum();
            assert_eq!(sum(dispute.text("id")), carried, "{dispute}");
            *moved.entry(dispute.text("charge")).or_default() += carried;
        }
        for charge in books.rows("charge").iter().filter(|c| c.text("status") == "succeeded") {
            let (id, plain) = (charge.text("id"), ["usd", "eur"].contains(&charge.text("currency")));
            if !plain || charge["balance_transaction"].is_null() {
                continue;
            }
            let of = |kind: &'static str| books.rows(kind).iter().filter(move |row| row.text("charge") == id);
            let refunded: i64 = of("refund")
                .filter(|r| !["failed", "canceled"].contains(&r.text("status")) && !r["balance_transaction"].is_null())
                .map(|refund| refund.int("amount"))
                .sum();
            let out = |dispute: &&Value| {
                let rows = dispute["balance_transactions"].as_array().unwrap();
                rows.last().is_some_and(|row| row.text("reporting_category") == "dispute")
            };
            let disputed: i64 = of("dispute").filter(out).map(|dispute| dispute.int("amount")).sum();
            let gross = books.get("balance_transaction", charge.text("balance_transaction")).unwrap().int("amount");
            assert_eq!(sum(id) + moved.get(id).unwrap_or(&0), gross - refunded - disputed, "{charge}");
            assert!(gross == charge.int("amount_captured") || gross == charge.int("amount"), "{charge}");
        }
        for payout in books.rows("payout") {
            let back = ["failed", "canceled"].contains(&payout.text("status"));
            let holds = about[payout.text("id")].iter().filter(|row| row.text("type").starts_with("payout_minimum"));
            let held: i64 = holds.map(|row| row.int("amount")).sum();
            let expected = if back { 0 } else { -payout.int("amount") };
            assert_eq!(sum(payout.text("id")) - held, expected, "{payout}");
        }
    }

    /// A reconciled automatic payout is the sum of its parts, and nothing goes out twice.
    fn check_payouts(&mut self) {
        let mut seen = BTreeSet::new();
        let payouts = self.all("/v1/payouts", 100);
        for payout in payouts.iter().filter(|payout| payout.text("reconciliation_status") == "completed") {
            let parts = self.all(&format!("/v1/balance_transactions?payout={}", payout.text("id")), 7);
            assert_eq!(parts.iter().map(|part| part.int("net")).sum::<i64>(), 0, "{payout}");
            let own = parts.iter().find(|part| part.text("id") == payout.text("balance_transaction")).unwrap();
            assert_eq!(own.int("net"), -payout.int("amount"));
            for part in parts {
                assert!(part.int("available_on") <= payout.int("created"), "{part}");
                assert!(seen.insert(part.text("id").to_owned()), "{part} went out twice");
            }
        }
    }
}
