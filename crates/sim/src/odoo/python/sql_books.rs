//! The statements of `read_books`: sums and lists over journal items.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Work;
use super::host::ids;
use crate::odoo::{Odoo, calendar, num, zone};

const MOVE: &str = "account.move";
const LINE: &str = "account.move.line";
const PARTIAL: &str = "account.partial.reconcile";

struct Reader<'a> {
    o: &'a Odoo,
    /// Currency of each balance account, and whether it is the company's own.
    accounts: BTreeMap<i64, (i64, bool)>,
    /// Names `…__record` of ours by what they point at, in their order.
    names: BTreeMap<(String, i64), Vec<String>>,
    /// The day up to which matchings count; none: as it is now.
    day: Option<String>,
}

/// `None` for another statement.
pub fn execute(work: &Work, sql: &str, values: &[Value]) -> Option<Value> {
    let at = |n: usize| values.get(n).unwrap_or(&Value::Null);
    let text = |n: usize| at(n).as_str().unwrap_or("");
    let int = |n: usize| num::int(at(n)).unwrap_or_default();
    let list = |n: usize| -> BTreeSet<i64> { ids(at(n)).into_iter().collect() };
    let o = &work.odoo;
    if sql.starts_with("SELECT (now() AT TIME ZONE %s)::date::text") {
        return Some(json!([[zone::day(&calendar::datetime(o.clock.now_ms()), text(0))]]));
    }
    if sql.starts_with("SELECT t, ((t::timestamp AT TIME ZONE") {
        let days = at(1).as_array().into_iter().flatten().filter_map(Value::as_str);
        return Some(days.map(|t| json!([t, zone::day(t, text(0))])).collect());
    }
    if sql.starts_with("SELECT id, name, state, date FROM account_move WHERE") {
        let (wanted, family) = (list(0), list(1));
        let here = |id: &&i64| o.store.int(MOVE, **id, "company_id").is_some_and(|c| family.contains(&c));
        return Some(wanted.iter().filter(here).map(|id| json!(head(o, *id))).collect());
    }
    let reader = Reader::of(o, sql);
    Some(match sql {
        _ if sql.starts_with("SELECT l.move_id, a.currency") => reader.of_moves(&ids(at(0)), &list(1)),
        _ if sql.contains("SELECT currency, CASE WHEN move_id IN %s THEN 'opening'") => {
            reader.parts(&list(0), text(1), &list(2), text(3))
        }
        _ if sql.contains("array_agg(b.id ORDER BY b.id)") => reader.foreign(&list(0), text(1), &list(2), int(3)),
        _ if sql.starts_with("SELECT x.move, m.name") => reader.open_items(int(0), &list(1), text(2), int(3)),
        _ if sql.starts_with("SELECT l.date, count(*)") => reader.open_days(int(0), &list(1), text(2)),
        _ if sql.starts_with("SELECT currency_id, sum(amount_currency)") => {
            reader.role(text(0), int(2), &list(3), text(4))
        }
        _ if sql.starts_with("SELECT m.id, m.name, m.state, m.date, d.name FROM ir_model_data d") => {
            reader.strays(&list(0), text(2), text(3), int(4))
        }
        _ => return None,
    })
}

fn head(o: &Odoo, id: i64) -> [Value; 4] {
    let of = |column: &str| o.store.value(MOVE, id, column);
    [json!(id), of("name"), of("state"), of("date")]
}

fn row(head: [Value; 4], more: Vec<Value>) -> Value {
    Value::Array(head.into_iter().chain(more).collect())
}

impl<'a> Reader<'a> {
    fn of(o: &'a Odoo, sql: &str) -> Self {
        let list =
            sql.split_once("(VALUES ").and_then(|(_, rest)| rest.split_once(") AS a(")).map_or("", |(list, _)| list);
        let account = |one: &str| {
            let mut parts = one.trim_matches(['(', ')', ' ', ',']).split(", ");
            Some((
                parts.next()?.parse().ok()?,
                (parts.next()?.parse().ok()?, parts.next()?.eq_ignore_ascii_case("true")),
            ))
        };
        let accounts = list.split("), (").filter_map(account).collect();
        let day = sql.split_once("p.max_date <= '").and_then(|(_, rest)| rest.split('\'').next()).map(str::to_owned);
        let mut names: BTreeMap<(String, i64), Vec<String>> = BTreeMap::new();
        for name in o.store.named("quittance", "").filter(|name| name.ends_with("__record")) {
            if let Some(at) = o.store.xid(&format!("quittance.{name}")) {
                names.entry(at).or_default().push(name.to_owned());
            }
        }
        Self { o, accounts, names, day }
    }

    fn int(&self, line: i64, column: &str) -> i64 {
        self.o.store.int(LINE, line, column).unwrap_or_default()
    }

    /// Currency, amount and value of a line on a balance account.
    fn held(&self, line: i64, family: &BTreeSet<i64>) -> Option<(i64, Decimal, Decimal)> {
        let (currency, own) = *self.accounts.get(&self.int(line, "account_id"))?;
        family.contains(&self.int(line, "company_id")).then_some(())?;
        let value = self.o.amount(LINE, line, "balance");
        let foreign = self.int(line, "currency_id") == currency;
        let foreign = if foreign { self.o.amount(LINE, line, "amount_currency") } else { Decimal::ZERO };
        Some((currency, if own { value } else { foreign }, value))
    }

    fn of_moves(&self, moves: &[i64], family: &BTreeSet<i64>) -> Value {
        let mut sums: BTreeMap<(i64, i64), (Decimal, Decimal)> = BTreeMap::new();
        for entry in moves {
            for line in self.o.store.list(MOVE, *entry, "line_ids") {
                if let Some((currency, amount, value)) = self.held(line, family) {
                    let sum = sums.entry((*entry, currency)).or_default();
                    (sum.0, sum.1) = (sum.0 + amount, sum.1 + value);
                }
            }
        }
        sums.into_iter()
            .map(|((entry, currency), (a, v))| json!([entry, currency, num::float(a), num::float(v)]))
            .collect()
    }

    fn settled(&self, entry: i64) -> Option<&str> {
        let names = self.names.get(&(MOVE.to_owned(), entry))?;
        names.iter().find(|name| name.ends_with(":settled__record")).map(String::as_str)
    }

    fn record(&self, entry: i64, payment: Option<i64>) -> Option<String> {
        let of = |model: &str, id: i64| self.names.get(&(model.to_owned(), id)).into_iter().flatten().cloned();
        of(MOVE, entry).chain(payment.into_iter().flat_map(|id| of("account.payment", id))).min()
    }

    fn posted(&self, line: i64, at: &str) -> bool {
        self.o.store.text(LINE, line, "parent_state") == "posted" && self.o.store.text(LINE, line, "date") <= at
    }

    fn balance_lines(&self, family: &BTreeSet<i64>, at: &str) -> Vec<(i64, i64, Decimal, Decimal)> {
        let lines = self.o.store.ids(LINE).into_iter().filter(|line| self.posted(*line, at));
        lines.filter_map(|l| self.held(l, family).map(|(c, a, v)| (l, c, a, v))).collect()
    }

    fn parts(&self, family: &BTreeSet<i64>, at: &str, openings: &BTreeSet<i64>, since: &str) -> Value {
        let mut parts: BTreeMap<(i64, String), (BTreeSet<i64>, [Decimal; 4])> = BTreeMap::new();
        for (line, currency, amount, value) in self.balance_lines(family, at) {
            let entry = self.int(line, "move_id");
            let whose = match self.settled(entry) {
                _ if openings.contains(&entry) => "opening",
                Some(key) => key.split(':').nth(1).unwrap_or_default(),
                None => "foreign",
            };
            let part = parts.entry((currency, whose.to_owned())).or_default();
            part.0.insert(entry);
            let [a, v, moved, worth] = &mut part.1;
            (*a, *v) = (*a + amount, *v + value);
            if self.o.store.text(LINE, line, "date") >= since {
                (*moved, *worth) = (*moved + amount, *worth + value);
            }
        }
        let one = |((currency, whose), (moves, sums)): ((i64, String), (BTreeSet<i64>, [Decimal; 4]))| {
            let [a, v, moved, worth] = sums.map(num::float);
            json!([currency, whose, moves.len(), a, v, moved, worth])
        };
        parts.into_iter().map(one).collect()
    }

    fn foreign(&self, family: &BTreeSet<i64>, at: &str, openings: &BTreeSet<i64>, most: i64) -> Value {
        let s = &self.o.store;
        // By day, entry and currency: amount, value and lines.
        type Moves = BTreeMap<(String, i64, i64), (Decimal, Decimal, Vec<i64>)>;
        let mut moves = Moves::new();
        for (line, currency, amount, value) in self.balance_lines(family, at) {
            let entry = self.int(line, "move_id");
            if self.settled(entry).is_none() && !openings.contains(&entry) {
                let of = moves.entry((s.text(MOVE, entry, "date").to_owned(), entry, currency)).or_default();
                (of.0, of.1) = (of.0 + amount, of.1 + value);
                of.2.push(line);
            }
        }
        let one = |((_, entry, currency), (amount, value, lines)): <Moves as IntoIterator>::Item| {
            let payment = lines.iter().filter_map(|line| s.int(LINE, *line, "payment_id")).min();
            let label = lines.iter().map(|line| s.text(LINE, *line, "name")).filter(|l| !l.is_empty()).min();
            let by = s.int(MOVE, entry, "create_uid").and_then(|user| s.int("res.users", user, "partner_id"));
            let by = by.map(|partner| s.text("res.partner", partner, "name"));
            let more = vec![
                json!(currency),
                num::float(amount),
                num::float(value),
                s.value(MOVE, entry, "ref"),
                json!(by),
                json!(label),
                json!(lines),
                json!(self.record(entry, payment)),
            ];
            row(head(self.o, entry), more)
        };
        let most = usize::try_from(most).unwrap_or_default();
        moves.into_iter().rev().take(most).map(one).collect()
    }

    fn account_lines(&self, account: i64, family: &BTreeSet<i64>, at: &str) -> Vec<i64> {
        let mut lines = self.o.store.find_all(LINE, "account_id", &json!(account));
        lines.retain(|l| self.posted(*l, at) && family.contains(&self.int(*l, "company_id")));
        lines
    }

    fn open(&self, account: i64, family: &BTreeSet<i64>, at: &str) -> Vec<(String, i64, Decimal, Decimal)> {
        let lines = self.account_lines(account, family, at).into_iter();
        let left = |line: i64| {
            let (amount, value) = self.left(line);
            let open = !amount.is_zero() || !value.is_zero();
            open.then(|| (self.o.store.text(LINE, line, "date").to_owned(), line, amount, value))
        };
        let mut open: Vec<_> = lines.filter_map(left).collect();
        open.sort();
        open
    }

    /// What is open of a line. On a past day what was matched after it is open still.
    fn left(&self, line: i64) -> (Decimal, Decimal) {
        let amount = |column: &str| self.o.amount(LINE, line, column);
        let Some(day) = &self.day else { return (amount("amount_residual_currency"), amount("amount_residual")) };
        let (mut money, mut value) = (amount("amount_currency"), amount("balance"));
        let s = &self.o.store;
        let sides = [("debit", "matched_credit_ids", -Decimal::ONE), ("credit", "matched_debit_ids", Decimal::ONE)];
        for (side, matched, sign) in sides {
            for partial in s.list(LINE, line, matched) {
                let on = |side: &str| {
                    let line = s.int(PARTIAL, partial, &format!("{side}_move_id")).unwrap_or_default();
                    s.text(LINE, line, "date")
                };
                if on("debit").max(on("credit")) <= day.as_str() {
                    value += sign * self.o.amount(PARTIAL, partial, "amount");
                    money += sign * self.o.amount(PARTIAL, partial, &format!("{side}_amount_currency"));
                }
            }
        }
        (money, value)
    }

    fn open_items(&self, account: i64, family: &BTreeSet<i64>, at: &str, most: i64) -> Value {
        let s = &self.o.store;
        let one = |(date, line, amount, value): (String, i64, Decimal, Decimal)| {
            let entry = self.int(line, "move_id");
            let partner = s.int(LINE, line, "partner_id").map(|id| s.text("res.partner", id, "name"));
            let [id, name, state, _] = head(self.o, entry);
            let more = vec![
                json!(self.int(line, "currency_id")),
                num::float(amount),
                num::float(value),
                json!(line),
                json!(partner),
                s.value(LINE, line, "name"),
                json!(self.record(entry, s.int(LINE, line, "payment_id"))),
            ];
            row([id, name, state, json!(date)], more)
        };
        let most = usize::try_from(most).unwrap_or_default();
        self.open(account, family, at).into_iter().take(most).map(one).collect()
    }

    fn open_days(&self, account: i64, family: &BTreeSet<i64>, at: &str) -> Value {
        let mut days: BTreeMap<String, (i64, Decimal)> = BTreeMap::new();
        for (date, _, _, value) in self.open(account, family, at) {
            let day = days.entry(date).or_default();
            (day.0, day.1) = (day.0 + 1, day.1 + value);
        }
        days.into_iter().map(|(date, (count, value))| json!([date, count, num::float(value)])).collect()
    }

    fn role(&self, since: &str, account: i64, family: &BTreeSet<i64>, at: &str) -> Value {
        let mut sums: BTreeMap<i64, [Decimal; 4]> = BTreeMap::new();
        for line in self.account_lines(account, family, at) {
            let [a, v, moved, worth] = sums.entry(self.int(line, "currency_id")).or_default();
            let (amount, value) = (self.o.amount(LINE, line, "amount_currency"), self.o.amount(LINE, line, "balance"));
            (*a, *v) = (*a + amount, *v + value);
            if self.o.store.text(LINE, line, "date") >= since {
                (*moved, *worth) = (*moved + amount, *worth + value);
            }
        }
        let one = |(currency, sums): (i64, [Decimal; 4])| {
            let [a, v, moved, worth] = sums.map(num::float);
            json!([currency, a, v, moved, worth])
        };
        sums.into_iter().map(one).collect()
    }

    fn strays(&self, family: &BTreeSet<i64>, start: &str, after: &str, most: i64) -> Value {
        let s = &self.o.store;
        let names = s.named("quittance", start).filter(|name| name.ends_with(":settled__record") && *name > after);
        let one = |name: &str| {
            let (_, id) = s.xid(&format!("quittance.{name}")).filter(|(model, _)| model == MOVE)?;
            let here = s.int(MOVE, id, "company_id").is_some_and(|c| family.contains(&c));
            here.then(|| row(head(self.o, id), vec![json!(name)]))
        };
        names.filter_map(one).take(usize::try_from(most).unwrap_or_default()).collect()
    }
}
