//! The Worker's answers as people read them.

use quittance::money::{Currency, Money};
use serde_json::Value;

use crate::calendar::utc;

/// A list of events.
pub fn events(page: &Value) -> Vec<String> {
    let rows = list(page, "events");
    if rows.is_empty() {
        return vec!["There are none.".into()];
    }
    let mut lines: Vec<String> = rows.iter().flat_map(event).collect();
    if let Some(next) = page.get("next").and_then(Value::as_str) {
        lines.push(format!("There may be more: --before {next}"));
    }
    lines
}

fn event(row: &Value) -> Vec<String> {
    let code = text(row, "code");
    let state = if code.is_empty() { text(row, "state") } else { format!("{} ({code})", text(row, "state")) };
    let of = if text(row, "subject") == text(row, "id") { String::new() } else { text(row, "subject") };
    let mut lines = vec![format!(
        "{}  {:<32} {:<34} {:<36} {of}",
        instant_text(row, "received"),
        text(row, "id"),
        text(row, "type"),
        state
    )];
    lines.extend(list(row, "postings").iter().map(|posting| format!("    {}", booking_text(posting))));
    lines
}

/// One event's story.
pub fn story(story: &Value) -> Vec<String> {
    let Some(row) = story.get("event") else { return Vec::new() };
    let mut lines = vec![
        format!("{}  {}  about {}", text(row, "id"), text(row, "type"), text(row, "object")),
        format!("  subject    {}", text(row, "subject")),
        format!(
            "  created    {}, received {} ({})",
            instant_text(row, "created"),
            instant_text(row, "received"),
            text(row, "form")
        ),
        format!("  state      {}{}", text(row, "state"), prefixed(row, "code", " because of ")),
    ];
    let detail = text(row, "detail");
    if !detail.is_empty() {
        lines.push(format!("  detail     {detail}"));
    }
    if row.get("due").is_some_and(|due| !due.is_null()) {
        lines.push(format!("  due        {}", instant_text(row, "due")));
    }
    let advice = text(story, "advice");
    if !advice.is_empty() {
        lines.push(format!("  what to do {advice}"));
    }
    section(&mut lines, "Attempts", list(story, "attempts").iter().map(attempt));
    section(&mut lines, "In the books", list(story, "postings").iter().flat_map(posting));
    let related = |row: &Value| {
        format!(
            "{:<32} {:<34} {}{}",
            text(row, "id"),
            text(row, "type"),
            text(row, "state"),
            prefixed(row, "code", " because of ")
        )
    };
    section(&mut lines, "Other events of it", list(story, "related").iter().map(related));
    section(&mut lines, "What operators did", list(story, "audit").iter().map(audit_line));
    let actions: Vec<String> = list(story, "actions").iter().filter_map(|a| a.as_str()).map(str::to_owned).collect();
    if !actions.is_empty() {
        lines.push(format!("Possible: quittance events {} {}", actions.join("|"), text(row, "id")));
    }
    lines
}

fn section(lines: &mut Vec<String>, title: &str, rows: impl Iterator<Item = String>) {
    let mut rows = rows.peekable();
    if rows.peek().is_some() {
        lines.push(title.to_owned());
        lines.extend(rows.map(|row| format!("  {row}")));
    }
}

fn attempt(row: &Value) -> String {
    let times = row.get("times").and_then(Value::as_i64).unwrap_or(1);
    let when = if times > 1 {
        format!("{} to {}, {times} times", instant_text(row, "at"), instant_text(row, "last"))
    } else {
        instant_text(row, "at")
    };
    format!("{when}: {}{}{}", text(row, "state"), prefixed(row, "code", " because of "), prefixed(row, "detail", ": "))
}

fn posting(row: &Value) -> Vec<String> {
    let mut lines = vec![format!("{}  {}", booking_text(row), text(row, "key"))];
    for document in list(row, "documents") {
        let (name, residual, currency) =
            (text(document, "name"), text(document, "residual"), text(document, "currency"));
        lines.push(format!("  {name}, {residual} {currency} left open"));
    }
    lines
}

fn booking_text(row: &Value) -> String {
    let flags: Vec<String> = list(row, "flags").iter().filter_map(|f| f.as_str()).map(str::to_owned).collect();
    let flags = if flags.is_empty() { String::new() } else { format!(" [{}]", flags.join(", ")) };
    format!("{} {} {}{flags}", text(row, "kind"), money(row), text(row, "name"))
}

/// Receipts that wait for an invoice.
pub fn receipts(answer: &Value) -> Vec<String> {
    let rows = list(answer, "postings");
    if rows.is_empty() {
        return vec!["There are none.".into()];
    }
    rows.iter()
        .map(|row| format!("{}  {}  {}", instant_text(row, "posted"), booking_text(row), text(row, "key")))
        .collect()
}

/// What became of a receipt and its invoice.
pub fn assign_lines(answer: &Value) -> Vec<String> {
    let (allocated, free) = (text(answer, "allocated"), text(answer, "free"));
    let mut lines = match text(answer, "outcome").as_str() {
        "already" => vec!["Nothing of this receipt is free any more.".to_owned()],
        _ => vec![format!("Allocated {allocated}; {free} of the receipt is free.")],
    };
    for document in list(answer, "documents") {
        let (name, residual, currency) =
            (text(document, "name"), text(document, "residual"), text(document, "currency"));
        lines.push(format!("  {name}, {residual} {currency} left open"));
    }
    lines
}

/// What was done.
pub fn action_lines(answers: &Value) -> Vec<String> {
    let one = |row: &Value| match text(row, "id").as_str() {
        "" => format!("{} {}", text(row, "key"), text(row, "outcome")),
        id => format!("{id} is {} now", text(row, "state")),
    };
    answers.as_array().into_iter().flatten().map(one).collect()
}

/// What operators did.
pub fn audit(answer: &Value) -> Vec<String> {
    let lines: Vec<String> = list(answer, "audit").iter().map(audit_line).collect();
    if lines.is_empty() { vec!["There is nothing yet.".into()] } else { lines }
}

fn audit_line(row: &Value) -> String {
    let outcome =
        Some(text(row, "outcome")).filter(|o| !o.is_empty()).unwrap_or_else(|| "ended nobody knows how".into());
    format!(
        "{}  {}  {} {}: {outcome}{}",
        instant_text(row, "at"),
        text(row, "who"),
        text(row, "action"),
        text(row, "target"),
        prefixed(row, "reason", ", because: ")
    )
}

/// The ledger at a glance.
pub fn health(answer: &Value) -> Vec<String> {
    let number = |path: &str| answer.pointer(path).and_then(Value::as_i64).unwrap_or(0);
    let mut lines = vec![
        format!(
            "{} in {} mode, version {}",
            text(answer, "account"),
            if answer.get("livemode") == Some(&Value::Bool(true)) { "live" } else { "test" },
            text(answer, "version")
        ),
        format!(
            "  last webhook {}, last posting {}, lag {} s",
            instant_text(answer, "last_webhook"),
            instant_text(answer, "last_posting"),
            number("/lag")
        ),
        format!(
            "  received {}, claimed {}, waiting {}, failed {}, parked {}, unallocated {}",
            number("/counts/received"),
            number("/counts/claimed"),
            number("/counts/waiting"),
            number("/counts/failed"),
            number("/counts/parked"),
            number("/counts/unallocated")
        ),
    ];
    if let Some(delivery) = answer.get("delivery").filter(|d| d.get("paused") == Some(&Value::Bool(true))) {
        lines.push(format!(
            "  delivery is paused since {}: {}{}",
            instant_text(delivery, "since"),
            text(delivery, "code"),
            prefixed(delivery, "detail", ": ")
        ));
    }
    if let Some(books) = answer.get("books").filter(|books| books.is_object()) {
        lines.push(format!("  verify said {} on {}", text(books, "verdict"), instant_text(books, "checked")));
    }
    for alert in list(answer, "alerts") {
        lines.push(format!(
            "  {} since {}: {} {}",
            text(alert, "kind"),
            instant_text(alert, "since"),
            text(alert, "what"),
            text(alert, "todo")
        ));
    }
    lines
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or("").to_owned()
}

/// A text with what stands before it, or nothing.
fn prefixed(value: &Value, name: &str, before: &str) -> String {
    Some(text(value, name)).filter(|text| !text.is_empty()).map(|text| format!("{before}{text}")).unwrap_or_default()
}

/// An instant; `-` where there is none.
fn instant_text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_i64).map_or_else(|| "-".into(), |at| utc(at).trim_end_matches(" UTC").to_owned())
}

fn money(row: &Value) -> String {
    let minor = row.get("minor").and_then(Value::as_i64).unwrap_or(0);
    let currency = text(row, "currency").to_uppercase();
    match currency.parse::<Currency>() {
        Ok(known) => format!("{} {currency}", Money { minor, currency: known }.to_decimal()),
        Err(_) => format!("{minor} minor units of {currency}"),
    }
}
