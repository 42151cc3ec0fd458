//! What a reader of the books sees of each entry, in words that do not depend on ids.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::play::Client;

const LINE: [&str; 14] = [
    "name",
    "account_id",
    "currency_id",
    "amount_currency",
    "balance",
    "amount_residual",
    "amount_residual_currency",
    "reconciled",
    "tax_ids",
    "tax_line_id",
    "full_reconcile_id",
    "tax_tag_ids",
    "tax_base_amount",
    "partner_id",
];
const HEAD: [&str; 11] = [
    "name",
    "date",
    "state",
    "move_type",
    "ref",
    "journal_id",
    "amount_total",
    "amount_residual",
    "payment_state",
    "reversed_entry_id",
    "currency_id",
];

/// The books of a story: entries by the order in which they came, each look tells what changed.
pub struct Books {
    labels: bool,
    start: i64,
    /// The last number of each series before the story.
    base: BTreeMap<String, i64>,
    order: Vec<i64>,
    last: BTreeMap<usize, Value>,
}

impl Books {
    pub fn open(client: &mut Client, labels: bool) -> Self {
        let rows = client.rows("account.move", &json!([]), &["name"]);
        let mut base: BTreeMap<String, i64> = BTreeMap::new();
        for row in &rows {
            let (series, number) = split(&row["name"]);
            let last = base.entry(series).or_default();
            *last = number.max(*last);
        }
        let start = rows.last().map_or(0, |row| row["id"].as_i64().unwrap());
        Self { labels, start, base, order: Vec::new(), last: BTreeMap::new() }
    }

    /// Entries that are new or have changed since the last look; `gone` for those deleted.
    pub fn see(&mut self, client: &mut Client) -> Value {
        let rows = client.rows("account.move", &json!([["id", ">", self.start]]), &HEAD);
        let mut shown = Map::new();
        let ids: Vec<i64> = rows.iter().map(|row| row["id"].as_i64().unwrap()).collect();
        self.order.extend(ids.iter().filter(|id| !self.order.contains(id)).copied().collect::<Vec<_>>());
        for (row, id) in rows.iter().zip(&ids) {
            let at = self.order.iter().position(|known| known == id).unwrap();
            let picture = self.entry(client, row, *id);
            if self.last.get(&at) != Some(&picture) {
                shown.insert(format!("#{}", at + 1), picture.clone());
                self.last.insert(at, picture);
            }
        }
        for (at, id) in self.order.iter().enumerate() {
            if !ids.contains(id) && self.last.remove(&at).is_some() {
                shown.insert(format!("#{}", at + 1), json!("gone"));
            }
        }
        Value::Object(shown)
    }

    fn entry(&self, client: &mut Client, row: &Value, id: i64) -> Value {
        let journal = named(client, "account.journal", &row["journal_id"], "code");
        let (series, number) = split(&row["name"]);
        let number = number - self.base.get(&series).copied().unwrap_or(0);
        let name = if series == "/" { series } else { format!("{series}{number}") };
        let text = self.relative(row["ref"].as_str().unwrap_or(""));
        let mut picture =
            json!({"name": name, "journal": journal, "date": row["date"], "state": row["state"], "ref": text});
        if row["move_type"] != "entry" {
            picture["type"] = row["move_type"].clone();
            let currency = &row["currency_id"];
            picture["total"] = json!(money(client, &row["amount_total"], currency));
            picture["residual"] = json!(money(client, &row["amount_residual"], currency));
            picture["payment_state"] = row["payment_state"].clone();
        }
        if let Some(reversed) = row["reversed_entry_id"].get(0).and_then(Value::as_i64) {
            let at = self.order.iter().position(|known| *known == reversed).map_or(0, |at| at + 1);
            picture["reverses"] = json!(format!("#{at}"));
        }
        let lines = client.rows("account.move.line", &json!([["move_id", "=", id]]), &LINE);
        let labels = self.labels && row["move_type"] == "entry";
        picture["lines"] = lines.iter().map(|line| json!(self.relative(&self::line(client, line, labels)))).collect();
        picture
    }

    /// A text in which entries are named: their numbers count from the story's begin, too.
    fn relative(&self, text: &str) -> String {
        let whole = |word: &str| {
            let tail = word.trim_end_matches(|c: char| c.is_ascii_digit()).len();
            let (series, number) = word.split_at(tail);
            let named =
                series.ends_with('/') && word.starts_with(|c: char| c.is_ascii_uppercase()) && number.len() >= 4;
            match number.parse::<i64>() {
                Ok(number) if named => format!("{series}{}", number - self.base.get(series).copied().unwrap_or(0)),
                _ => word.to_owned(),
            }
        };
        text.split(' ')
            .map(|word| match word.strip_prefix('(').and_then(|w| w.strip_suffix(')')) {
                Some(inner) => format!("({})", whole(inner)),
                None => match word.strip_suffix(',') {
                    Some(inner) => format!("{},", whole(inner)),
                    None => whole(word),
                },
            })
            .collect::<Vec<_>>()
            .join(" ")
    }
}

fn line(client: &mut Client, line: &Value, labels: bool) -> String {
    let currency = &line["currency_id"];
    let company = json!([1, "USD"]);
    let account = named(client, "account.account", &line["account_id"], "name");
    let code = named(client, "res.currency", currency, "name");
    let (amount, value) =
        (money(client, &line["amount_currency"], currency), money(client, &line["balance"], &company));
    let mut text = format!("{account}: {code} {amount} = {value}");
    let (open, worth) = (&line["amount_residual_currency"], &line["amount_residual"]);
    if !decimal(open).is_zero() || !decimal(worth).is_zero() {
        text += &format!(", open {} = {}", money(client, open, currency), money(client, worth, &company));
    }
    if line["reconciled"] == true {
        text += ", reconciled";
    }
    if line["full_reconcile_id"] != false {
        text += ", full";
    }
    if line["tax_line_id"] != false {
        let tax = named(client, "account.tax", &line["tax_line_id"], "name");
        text += &format!(", tax {tax} of {}", money(client, &line["tax_base_amount"], &company));
    }
    for (word, model, sorted, glue) in
        [("base of", "account.tax", false, " + "), ("grids", "account.account.tag", true, " ")]
    {
        let column = if sorted { "tax_tag_ids" } else { "tax_ids" };
        let mut names: Vec<String> =
            line[column].as_array().unwrap().iter().map(|id| named(client, model, &json!([id]), "name")).collect();
        if sorted {
            names.sort();
        }
        if !names.is_empty() {
            text += &format!(", {word} {}", names.join(glue));
        }
    }
    if labels {
        text += &format!(" ({})", line["name"].as_str().unwrap_or(""));
    }
    text
}

fn named(client: &mut Client, model: &str, link: &Value, column: &str) -> String {
    let id = &link[0];
    let rows = client.rows(model, &json!([["id", "=", id]]), &[column]);
    rows.first().unwrap_or_else(|| panic!("no {model} {id}"))[column].as_str().unwrap_or("").to_owned()
}

fn decimal(value: &Value) -> Decimal {
    value.to_string().parse().unwrap()
}

fn money(client: &mut Client, value: &Value, currency: &Value) -> String {
    let rows = client.rows("res.currency", &json!([["id", "=", currency[0]]]), &["decimal_places"]);
    let places = usize::try_from(rows[0]["decimal_places"].as_i64().unwrap()).unwrap();
    format!("{:.*}", places, decimal(value) + Decimal::ZERO)
}

/// `MISC/2026/11/0001` is number 1 of its series; a draft without number is `/`.
fn split(name: &Value) -> (String, i64) {
    let name = name.as_str().filter(|name| !name.is_empty()).unwrap_or("/");
    let at = name.rfind('/').map_or(0, |at| at + 1);
    match name[at..].parse() {
        Ok(number) => (name[..at].to_owned(), number),
        Err(_) => (name.to_owned(), 0),
    }
}
