//! What the ledger may hold about people: every world looks at every cell of every table when it ends, decoded (percent,
//! base64, hex, JSON within JSON), and compares with what its simulated payers are called.

use std::collections::BTreeSet;

use serde_json::Value;

use super::World;
use super::secrets::secret_in_text;

/// Codings within codings that are undone.
const DEPTH: usize = 6;
/// Words shorter than this are no coding of anything that is looked for.
const CODED_LEAST: usize = 12;
/// Shorter names stand in other texts by chance.
const NAME_LEAST: usize = 5;

/// Where personal data may stand, and until when: docs/PRIVACY.md has the reasons. Secrets stand nowhere.
pub const ALLOWED: [(&str, &str); 6] = [
    // Until the retention ends, and only of what is to be booked; see `OVERDUE`.
    ("inbox", "body"),
    // Until Stripe has answered; see `OVERDUE`.
    ("customers", "body"),
    ("intents", "body"),
    // Operators, not payers; what they write is theirs.
    ("audit", "who"),
    ("audit", "reason"),
    ("sessions", "who"),
];

/// What stands in an allowed column longer than it may, whatever the clock says.
const OVERDUE: [&str; 3] = [
    "SELECT 'the body of ' || id || ', which is ignored' AS what FROM inbox WHERE body IS NOT NULL AND state = 'ignored'",
    "SELECT 'the form of customer ' || customer AS what FROM customers WHERE body <> '' AND customer IS NOT NULL",
    "SELECT 'the form of ' || coalesce(payment, 'a closed attempt') AS what FROM intents \
     WHERE body <> '' AND (payment IS NOT NULL OR closed IS NOT NULL)",
];

/// Members of JSON that are data about a person or a card whatever their value is.
const MEMBERS: [&str; 12] = [
    "email",
    "receipt_email",
    "customer_email",
    "phone",
    "customer_phone",
    "line1",
    "line2",
    "postal_code",
    "last4",
    "exp_month",
    "exp_year",
    "iban",
];
/// Objects whose `name` is a person's.
const OF_PEOPLE: [&str; 6] =
    ["billing_details", "shipping", "customer", "customer_details", "customer_shipping", "owner"];
/// Stripe's objects that tell of payers.
const OBJECTS: [&str; 6] = ["customer", "payment_method", "charge", "payment_intent", "checkout.session", "invoice"];

/// The first thing that the ledger holds of people, or of secrets, and need not hold.
pub fn held_of_people(world: &World) -> Option<String> {
    let overdue = OVERDUE.iter().find_map(|sql| {
        let rows = world.db.query(sql);
        rows.first().and_then(|row| row.get("what")?.as_str().map(str::to_owned))
    });
    if overdue.is_some() {
        return overdue;
    }
    let people = people(world);
    let mut secrets = world.log.secrets.borrow().clone();
    secrets.extend(world.odoo.borrow().tokens());
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    world.db.query(tables).iter().filter_map(|row| row.get("name")?.as_str().map(str::to_owned)).find_map(|table| {
        let rows = world.db.query(&format!("SELECT * FROM \"{table}\""));
        rows.iter().flat_map(|row| row.iter()).find_map(|(column, value)| {
            let allowed = ALLOWED.contains(&(table.as_str(), column.as_str()));
            let what = cell(value.as_str()?, &secrets, (!allowed).then_some(&people))?;
            Some(format!("{what} in {table}.{column}"))
        })
    })
}

/// What a cell holds that it may not; `people` where it may not hold these either.
fn cell(text: &str, secrets: &[String], people: Option<&BTreeSet<String>>) -> Option<String> {
    if text.len() < NAME_LEAST {
        return None;
    }
    let mut found = None;
    decode(text, DEPTH, &mut |text| {
        if found.is_none() {
            found = secret_in_text(text, secrets).map(|_| "a secret".to_owned());
        }
        if found.is_none()
            && let Some(people) = people
        {
            found = personal(text, people);
        }
    });
    found
}

/// What of a person a plain text holds.
fn personal(text: &str, people: &BTreeSet<String>) -> Option<String> {
    let lower = text.to_lowercase();
    if let Some(word) = people.iter().find(|word| lower.contains(word.as_str())) {
        return Some(format!("`{word}`"));
    }
    if let Some(address) =
        text.split(|c: char| c.is_whitespace() || "<>\"'(),;:&=".contains(c)).find(|word| is_address(word))
    {
        return Some(format!("the address `{address}`"));
    }
    let numbers = text.split(|c: char| !c.is_alphanumeric() && c != ' ').map(|word| word.replace(' ', ""));
    numbers.into_iter().find(|word| is_card(word)).map(|word| format!("the card number `{word}`"))
}

fn is_address(word: &str) -> bool {
    let Some((name, host)) = word.split_once('@') else { return false };
    let host = host.trim_end_matches('.');
    // A masked one has lost what it is about.
    !name.is_empty() && host.contains('.') && host.chars().all(|c| c.is_alphanumeric() || ".-".contains(c))
}

/// 14 to 19 digits with a good check digit; times in milliseconds have 13.
fn is_card(word: &str) -> bool {
    let digits: Option<Vec<u32>> = word.chars().map(|c| c.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| (14..=19).contains(&digits.len())) else { return false };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| if at % 2 == 0 { *digit } else { digit * 2 / 10 + digit * 2 % 10 })
        .sum();
    sum.is_multiple_of(10)
}

/// Shows a text, and all that it is a coding of, to `look`.
fn decode(text: &str, depth: usize, look: &mut dyn FnMut(&str)) {
    look(text);
    if depth == 0 {
        return;
    }
    if text.contains('%') || (text.contains('=') && text.contains('+')) {
        let plain = decoded(text);
        if plain != text {
            decode(&plain, depth - 1, look);
        }
    }
    if text.contains('=') {
        for part in text.split(['&', '=']).filter(|part| part.contains('%') || part.contains('+')) {
            decode(&decoded(part), depth - 1, look);
        }
    }
    if matches!(text.trim_start().as_bytes().first(), Some(b'{' | b'[' | b'"'))
        && let Ok(json) = serde_json::from_str::<Value>(text)
    {
        members(&json, depth - 1, look);
    }
    let coded = |c: char| c.is_ascii_alphanumeric() || "+/-_=".contains(c);
    for word in text.split(|c| !coded(c)).filter(|word| word.len() >= CODED_LEAST) {
        for plain in [base64(word), hex::decode(word).ok()].into_iter().flatten() {
            if let Ok(plain) = String::from_utf8(plain)
                && plain.chars().all(|c| !c.is_control() || c.is_whitespace())
            {
                decode(&plain, depth - 1, look);
            }
        }
    }
}

/// Texts of a JSON value; a member that is data about a person is shown as what it would be as an address.
fn members(json: &Value, depth: usize, look: &mut dyn FnMut(&str)) {
    match json {
        Value::String(text) => decode(text, depth, look),
        Value::Array(all) => all.iter().for_each(|one| members(one, depth, look)),
        Value::Object(all) => {
            for (name, one) in all {
                if MEMBERS.contains(&name.as_str()) && is_there(one) {
                    look(&format!("{name}@member.of.json"));
                }
                decode(name, depth, look);
                members(one, depth, look);
            }
        }
        _ => {}
    }
}

fn is_there(value: &Value) -> bool {
    !value.is_null() && value.as_str() != Some("")
}

/// Percent-decoded, with blanks for `+`; what is no escape stays as it is.
fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((&byte, after)) = rest.split_first() {
        let escape = after.get(..2).filter(|_| byte == b'%').and_then(|two| hex::decode(two).ok());
        rest = if escape.is_some() { after.get(2..).unwrap_or_default() } else { after };
        match escape {
            Some(escaped) => bytes.extend(escaped),
            None => bytes.push(if byte == b'+' { b' ' } else { byte }),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Both alphabets, with padding or without.
fn base64(word: &str) -> Option<Vec<u8>> {
    let (mut bits, mut held, mut out) = (0u32, 0, Vec::new());
    for c in word.trim_end_matches('=').bytes() {
        let six = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 255).ok()?);
        }
    }
    Some(out)
}

/// What the simulated payers are called, in Odoo and at Stripe, in small letters.
fn people(world: &World) -> BTreeSet<String> {
    let mut all = world.odoo.borrow().payers();
    let stripe = world.stripe.borrow();
    for object in OBJECTS.iter().flat_map(|kind| stripe.everywhere(kind)) {
        of_object(object, OBJECTS.iter().position(|kind| object["object"] == **kind) == Some(0), &mut all);
    }
    let word = |text: String| text.trim().to_lowercase();
    all.into_iter()
        .map(word)
        .filter(|text| text.chars().filter(|c| c.is_alphanumeric()).count() >= NAME_LEAST)
        .collect()
}

/// `named`: its own `name` is a person's.
fn of_object(object: &Value, named: bool, all: &mut Vec<String>) {
    let Some(fields) = object.as_object() else { return };
    for (name, value) in fields {
        let text = value.as_str().filter(|_| {
            (named && name == "name") || ["email", "phone", "line1"].iter().any(|word| name.ends_with(word))
        });
        all.extend(text.map(str::to_owned));
        of_object(value, OF_PEOPLE.contains(&name.as_str()), all);
    }
}

#[cfg(test)]
mod tests {
    use super::super::World;
    use super::*;
    use crate::odoo::Version;

    #[test]
    fn people_are_found_however_they_are_coded() {
        let people = BTreeSet::from(["ada lovelace".to_owned(), "ada@example.com".to_owned()]);
        for (text, found) in [
            ("name=Ada+Lovelace&x=1", true),
            ("email=ada%40example.com", true),
            ("email=ada%2540example.com", true),
            (r#"{"a":"{\"b\":\"\\u0061da@example.com\"}"}"#, true),
            ("YWRhQGV4YW1wbGUuY29t", true),
            ("Basic YWRhQGV4YW1wbGUuY29tOng=", true),
            ("616461406578616d706c652e636f6d", true),
            ("bob@example.org", true),
            ("4242 4242 4242 4242", true),
            (r#"{"last4":"4242"}"#, true),
            (r#"[{"phone":null,"email":""}]"#, false),
            ("stripe:acct_1:pi_1:succeeded", false),
            ("4242424242424241", false),
            ("1795287600000", false),
        ] {
            assert_eq!(cell(text, &[], Some(&people)).is_some(), found, "{text}");
            assert_eq!(cell(text, &[], None), None, "{text}");
        }
        let coded = r#"{"next_action":"{\"client_secret\":\"pi_3Q\u005fsecret_x\"}"}"#;
        assert!(cell(coded, &[], None).is_some());
    }

    #[test]
    #[should_panic(expected = "`ada lovelace` in alerts.what")]
    fn a_world_whose_ledger_holds_a_name_fails() {
        let world = World::new(1, Version::V18);
        world
            .odoo
            .borrow_mut()
            .invoice(&crate::odoo::Invoice { partner: "Ada Lovelace", ..crate::odoo::Invoice::of("5.00", "USD") });
        world.db.query("INSERT INTO alerts VALUES ('a', 'b', 'of Ada%20Lovelace', '', 1, 1, 1, 1) RETURNING id");
    }
}
