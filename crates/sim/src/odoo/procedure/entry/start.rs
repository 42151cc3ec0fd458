//! What a movement needs before it can be booked: books, journal, day, accounts, and the booking that it is about.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Item, MOVE, PAYMENT, Wish};
use crate::odoo::error::Result;
use crate::odoo::num;
use crate::odoo::procedure::numbers;
use crate::odoo::procedure::{Work, setup, text, usable};

impl Work<'_> {
    /// The item of a new movement, or none when it is refused or must wait.
    pub(super) fn start_entry(&mut self, movement: &Value) -> Result<Option<Item>> {
        let key = text(movement, "key");
        if let Some(company) = self.closed(movement) {
            self.answer(key, "refused", "wrong_company", &format!("the user may not work in company {company}"));
            return Ok(None);
        }
        let books = self.setup.books(movement)?.clone();
        let day = setup::day(movement, &books)?;
        let flags = movement.get("flags").and_then(Value::as_array).into_iter().flatten();
        let mut item = Item {
            movement: movement.clone(),
            key: key.to_owned(),
            flags: flags.filter_map(Value::as_str).map(str::to_owned).collect(),
            journal: books.journal,
            day,
            books,
            taxed: true,
            ..Item::default()
        };
        let lines = movement.get("lines").and_then(Value::as_array);
        if lines.into_iter().flatten().any(|line| text(line, "role") == "payable") {
            usable::payable_of(self.odoo, item.books.home)?;
        }
        if let Some((status, code, detail)) = self.lacking(&mut item) {
            self.answer(key, status, code, &detail);
            return Ok(None);
        }
        Ok(Some(item))
    }

    /// Fills the item; what keeps it from being booked.
    fn lacking(&self, item: &mut Item) -> Option<(&'static str, &'static str, String)> {
        let movement = item.movement.clone();
        let home = item.books.home;
        if let Some(lack) = self.find_journal(item) {
            return Some(lack);
        }
        self.find_receipt(item);
        let known = |name: &str| self.odoo.store.tied(&format!("quittance.{}", text(&movement, name))).is_some();
        let say = item.movement.get("say").cloned().unwrap_or_default();
        let some = |name: &str| item.movement.get(name).is_some_and(num::truthy);
        let lines = some("lines") || some("close");
        if text(&say, "on") == "invoices" && item.partner.is_none() && lines && known("receipt") {
            item.partner = setup::record(self.odoo, "partner_unallocated");
            item.flags.push("receipt_gone".into());
        } else if text(&say, "on") == "invoices" && item.partner.is_none() {
            return Some(("refused", "receipt_missing", format!("no booking of {}", none(text(&movement, "receipt")))));
        }
        for line in item.movement.get("lines").and_then(Value::as_array).cloned().unwrap_or_default() {
            match self.wish(item, &line) {
                Ok(wish) => item.lines.push(wish),
                Err(lack) => return Some(lack),
            }
        }
        if let (Some(first), false) = (item.lines.first(), item.mixed()) {
            let sum: Decimal = item.lines.iter().map(|line| line.money).sum();
            if !sum.is_zero() {
                let name = self.odoo.store.text("res.currency", first.currency, "name");
                let sum = num::fixed(sum, self.odoo.places(first.currency));
                return Some(("refused", "entry_unbalanced", format!("the lines leave {sum} {name}")));
            }
        }
        let close = movement.pointer("/close/role").and_then(Value::as_str);
        for role in close.into_iter().flat_map(|role| ["disputed", role]) {
            if self.account_of(item, role).is_none() {
                return Some(("retry", "account_missing", format!("company {home} has no account for {role}")));
            }
        }
        if item.mixed() && !item.books.accounts.contains_key("conversion") {
            return Some(("retry", "account_missing", format!("company {home} has no account for conversion")));
        }
        if text(&say, "on") == "entry" && item.lines.is_empty() && item.about.is_none() {
            return Some(("retry", "entry_missing", format!("no booking of {} yet", none(text(&movement, "receipt")))));
        }
        None
    }

    /// The company's own Stripe journal, or that of a further settlement currency.
    fn find_journal(&self, item: &mut Item) -> Option<(&'static str, &'static str, String)> {
        let (currency, home) = (text(&item.movement, "currency"), item.books.home);
        let own = self.odoo.store.int("res.company", home, "currency_id").unwrap_or_default();
        if currency.is_empty() || currency == self.odoo.store.text("res.currency", own, "name") {
            return None;
        }
        match setup::record(self.odoo, &format!("journal_stripe_{home}_{}", currency.to_lowercase())) {
            Some(journal) => {
                item.journal = journal;
                None
            }
            None => {
                let detail = format!("company {home} has no Stripe journal in {currency}");
                Some(("retry", "settlement_currency_missing", detail))
            }
        }
    }

    /// Partner, receivable account and invoices of an earlier booking; else the invoices that the movement names.
    pub(super) fn find_receipt(&self, item: &mut Item) {
        let s = &self.odoo.store;
        let receipt = text(&item.movement, "receipt");
        let row = s.tied(&format!("quittance.{receipt}__record"));
        let mut record = row.filter(|(model, id)| self.readable(model, *id));
        let asks = item.movement.pointer("/say/on").is_some_and(|on| on == "invoices");
        if asks && s.tied(&format!("quittance.{receipt}")).is_none() {
            record = self.by_reference(&item.movement).map(|payment| (PAYMENT.to_owned(), payment));
            if record.is_some() {
                item.flags.push("receipt_by_reference".into());
            }
        }
        let mut invoices = Vec::new();
        match &record {
            Some((model, id)) if model == PAYMENT => {
                item.partner = s.int(PAYMENT, *id, "partner_id");
                item.receivable = s.int(PAYMENT, *id, "destination_account_id");
                invoices = self.odoo.paid_invoices(*id);
            }
            Some((_, id)) => {
                let lines = s.list(MOVE, *id, "line_ids");
                let of_lines = || lines.iter().find_map(|line| s.int("account.move.line", *line, "partner_id"));
                item.partner = s.int(MOVE, *id, "partner_id").or_else(of_lines);
            }
            None => {
                let wanted = item.movement.get("match").cloned().unwrap_or_default();
                let list = |name: &str| wanted.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
                let references: Vec<String> =
                    list("references").iter().filter_map(Value::as_str).map(str::to_owned).collect();
                let candidates = numbers::candidates(Some(&wanted), "numbers");
                let names: Vec<String> = candidates.iter().map(|one| one.0.clone()).collect();
                let table = numbers::look_up(self.odoo, &self.setup.companies, &names, &references);
                let meant = numbers::meant(&candidates, &table);
                let named: Vec<i64> = list("ids").iter().filter_map(num::int).collect();
                let by_number = meant.iter().filter_map(|name| table.get(name)).flat_map(|all| all.values().flatten());
                invoices.extend(by_number.copied().filter(|id| !named.contains(id)));
                invoices.retain(|id| numbers::is_described(self.odoo, &wanted, *id));
                invoices.extend(named.into_iter().filter(|id| numbers::is_same(self.odoo, &wanted, *id)));
            }
        }
        item.about = record;
        let company = |id: &i64| s.int(MOVE, *id, "company_id").unwrap_or_default();
        let ours =
            |id: &i64| self.odoo.is_invoice(*id) && setup::chain(self.odoo, company(id)).contains(&item.books.home);
        invoices.retain(ours);
        invoices.sort_unstable();
        invoices.dedup();
        let first = invoices.first().copied();
        item.partner = item.partner.or_else(|| s.int(MOVE, first?, "commercial_partner_id"));
        if item.receivable.is_none() || item.receivable == item.books.accounts.get("advances").copied() {
            let line = first.and_then(|id| self.odoo.receivable_lines(id).first().copied());
            item.receivable = line.and_then(|line| s.int("account.move.line", line, "account_id"));
        }
        item.invoices = invoices;
    }

    fn wish(&self, item: &Item, line: &Value) -> std::result::Result<Wish, (&'static str, &'static str, String)> {
        let (name, role, home) = (text(line, "currency"), text(line, "role"), item.books.home);
        let found = self.odoo.store.find("res.currency", "name", &json!(name)).filter(|c| self.active(*c));
        let Some(currency) = found else {
            return Err(("refused", "currency_inactive", format!("activate currency {name} in Odoo")));
        };
        if let Some(detail) = self.unrated(currency, home, &item.day) {
            return Err(("refused", "currency_rate_missing", detail));
        }
        let given = text(line, "amount");
        let Some(money) = setup::signed(self.odoo, given, currency) else {
            let detail = format!("currency {name} cannot hold {given} exactly");
            return Err(("refused", "amount_not_representable", detail));
        };
        let Some(account) = self.account_of(item, role) else {
            return Err(("retry", "account_missing", format!("company {home} has no account for {role}")));
        };
        let on = |mark: &str| line.get(mark).is_some_and(num::truthy);
        let partner = match text(line, "partner") {
            "payer" => item.partner,
            "" => None,
            who => setup::record(self.odoo, &format!("partner_{who}")),
        };
        let (role, label) = (role.to_owned(), text(line, "label").to_owned());
        Ok(Wish {
            role,
            label,
            money,
            currency,
            account,
            partner,
            taxed: on("taxed"),
            tax: on("tax"),
            split: on("split"),
        })
    }

    /// The account of a role.
    pub(super) fn account_of(&self, item: &Item, role: &str) -> Option<i64> {
        let (o, home) = (&*self.odoo, item.books.home);
        match role {
            "balance" => o.store.int("account.journal", item.journal, "default_account_id"),
            "receivable" => item.receivable.or_else(|| o.account_of_type(home, "asset_receivable")),
            "payable" => o.account_of_type(home, "liability_payable"),
            "losses" => item.books.accounts.get("losses").or(item.books.accounts.get("fees")).copied(),
            _ => item.books.accounts.get(role).copied(),
        }
    }

    /// Whether a record is still there and in a company of the user.
    fn readable(&self, model: &str, id: i64) -> bool {
        let s = &self.odoo.store;
        s.get(model, id).is_some()
            && s.int(model, id, "company_id").is_some_and(|company| self.setup.companies.contains(&company))
    }

    /// The journal entry of an earlier booking.
    pub(super) fn entry_of(&self, key: &str) -> Option<i64> {
        let (model, id) = self.odoo.store.tied(&format!("quittance.{key}__record")).filter(|_| !key.is_empty())?;
        if !self.readable(&model, id) {
            return None;
        }
        let entry = if model == PAYMENT { self.odoo.store.int(PAYMENT, id, "move_id")? } else { id };
        self.odoo.store.get(MOVE, entry).map(|_| entry)
    }
}

/// As Python shows a key that is not there.
fn none(key: &str) -> &str {
    if key.is_empty() { "None" } else { key }
}
