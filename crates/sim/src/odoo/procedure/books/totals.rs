//! The balance accounts: whose their lines are, and those that are nobody's.

use std::collections::{BTreeMap, BTreeSet};

use quittance::erp::odoo::provision::roles::ROLES;
use serde_json::{Value, json};

use super::{Held, LINE, MOVE, Reader, add};

impl Reader<'_> {
    pub(super) fn totals(&self) -> Value {
        let s = &self.odoo.store;
        let codes = self.codes();
        let opening = |code: &String| s.tied(&format!("quittance.opening_{}_{code}", self.home)).map(|(_, id)| id);
        let opened: Vec<(i64, i64)> = codes.iter().filter_map(|(code, id)| Some((opening(code)?, *id))).collect();
        let openings: BTreeSet<i64> = opened.iter().map(|(entry, _)| *entry).collect();
        let balance = self.order.iter().filter_map(|account| Some((account, self.accounts.get(account)?))).map(
            |(account, kept)| {
                let text = |column: &str| s.text("account.account", *account, column);
                json!({"currency": self.code(kept.currency), "id": account, "code": text("code"), "name": text("name")})
            },
        );
        let told = opened.iter().filter_map(|(entry, currency)| {
            let more = json!({"currency": self.code(*currency), "sums": self.sums(*entry)});
            Some(self.dated(self.here(*entry)?, more))
        });
        let by_account = self.by_account();
        let roles = ROLES.iter().filter_map(|role| self.role(role.name, &by_account));
        json!({"balance": balance.collect::<Vec<_>>(), "openings": told.collect::<Vec<_>>(),
            "parts": self.parts(&openings), "foreign": self.foreign(&openings), "roles": roles.collect::<Vec<_>>()})
    }

    /// Whose the balance accounts' lines are.
    fn parts(&self, openings: &BTreeSet<i64>) -> Vec<Value> {
        let mut parts: BTreeMap<(i64, String), (BTreeSet<i64>, Held, Held)> = BTreeMap::new();
        for (line, currency, held) in self.posted() {
            let entry = self.odoo.store.int(LINE, line, "move_id").unwrap_or_default();
            let whose = match self.settled(entry) {
                _ if openings.contains(&entry) => "opening",
                Some(key) => key.split(':').nth(1).unwrap_or_default(),
                None => "foreign",
            };
            let part = parts.entry((currency, whose.to_owned())).or_default();
            part.0.insert(entry);
            add(&mut part.1, held);
            if self.odoo.store.text(LINE, line, "date") >= self.since.as_str() {
                add(&mut part.2, held);
            }
        }
        let one = |((currency, whose), (moves, sum, moved)): ((i64, String), (BTreeSet<i64>, Held, Held))| {
            json!({"whose": whose, "moves": moves.len(), "sum": self.summed(currency, sum),
                "moved": self.summed(currency, moved)})
        };
        parts.into_iter().map(one).collect()
    }

    /// Lines of the balance accounts that count.
    fn posted(&self) -> impl Iterator<Item = (i64, i64, Held)> + '_ {
        let lines = self.odoo.store.ids(LINE).into_iter().filter(|line| self.counted(*line));
        lines.filter_map(|line| self.held(line).map(|(currency, held)| (line, currency, held)))
    }

    /// Entries there that are neither a balance transaction's nor the opening, the newest first.
    fn foreign(&self, openings: &BTreeSet<i64>) -> Vec<Value> {
        let s = &self.odoo.store;
        let mut moves: BTreeMap<(String, i64, i64), (Held, Vec<i64>)> = BTreeMap::new();
        for (line, currency, held) in self.posted() {
            let entry = s.int(LINE, line, "move_id").unwrap_or_default();
            if self.settled(entry).is_none() && !openings.contains(&entry) {
                let of = moves.entry((s.text(MOVE, entry, "date").to_owned(), entry, currency)).or_default();
                add(&mut of.0, held);
                of.1.push(line);
            }
        }
        let one = |((_, entry, currency), (held, lines)): ((String, i64, i64), (Held, Vec<i64>))| {
            let payment = lines.iter().filter_map(|line| s.int(LINE, *line, "payment_id")).min();
            let label = lines.iter().map(|line| s.text(LINE, *line, "name")).filter(|l| !l.is_empty()).min();
            let user = s.int(MOVE, entry, "create_uid");
            let by = user.and_then(|user| s.int("res.users", user, "partner_id"));
            let by = by.map(|partner| s.text("res.partner", partner, "name")).unwrap_or_default();
            let more = json!({"sum": self.summed(currency, held), "ref": s.text(MOVE, entry, "ref"), "by": by,
                "label": label.unwrap_or_default(), "lines": lines, "key": self.key(entry, payment)});
            self.dated(entry, more)
        };
        moves.into_iter().rev().take(self.most).map(one).collect()
    }
}
