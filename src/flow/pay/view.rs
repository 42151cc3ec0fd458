//! What a payer's page is shown, as JSON (docs/PAY.md has the fields).

use serde_json::{Value, json};

use super::offer::Offer;
use crate::erp::invoice::Invoice;
use crate::money::Money;

/// `{"minor": 11500, "currency": "USD", "amount": "115.00", "display": "115.00 USD"}`.
pub fn money(money: Money) -> Value {
    json!({ "minor": money.minor, "currency": money.currency.code(), "amount": money.to_decimal().to_string(),
        "display": money.to_string() })
}

/// The invoice. It holds nothing that a page with the right token may not show: the e-mail is masked.
pub fn invoice(invoice: &Invoice, offer: &Offer) -> Value {
    let paid = Money::new(offer.total.minor - offer.residual.minor, offer.total.currency);
    json!({
        "id": invoice.id,
        "number": invoice.number,
        "date": invoice.date,
        "due": invoice.due,
        "company": { "id": invoice.company.id, "name": invoice.company.name },
        "total": money(offer.total),
        "paid": money(paid),
        "residual": money(offer.residual),
        "email": invoice.payer.email.as_deref().and_then(masked_email),
        "locale": language_code(invoice.payer.locale.as_deref()),
    })
}

/// Where the ledger keeps when the ERP made the record.
pub const CREATED: &str = "created";

/// What the ledger keeps of it, for a page whose ERP does not answer: nothing of the payer's.
pub fn stored_invoice(shown: &Value, invoice: &Invoice) -> String {
    let mut kept = shown.as_object().cloned().unwrap_or_default();
    kept.remove("email");
    kept.insert(CREATED.to_owned(), json!(invoice.created));
    Value::Object(kept).to_string()
}

/// What a page is shown of what the ledger kept.
pub fn of_kept(kept: &str) -> Value {
    let mut shown: Value = serde_json::from_str(kept).unwrap_or_default();
    if let Some(fields) = shown.as_object_mut() {
        fields.remove(CREATED);
    }
    shown
}

/// What may be chosen.
pub fn amounts(offer: &Offer) -> Value {
    offer.amounts.iter().map(|a| json!({ "kind": a.kind.name(), "money": money(a.money), "until": a.until })).collect()
}

/// `a***@example.com`.
fn masked_email(email: &str) -> Option<String> {
    let (name, host) = email.trim().split_once('@')?;
    Some(format!("{}***@{host}", name.chars().next()?))
}

/// `fr` of `fr_FR`; English when the ERP names none.
fn language_code(locale: Option<&str>) -> String {
    let language = locale.and_then(|locale| locale.split(['_', '-', '@']).next()).unwrap_or("");
    if language.is_empty() { "en".to_owned() } else { language.to_ascii_lowercase() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_recognised_by_its_owner_only() {
        assert_eq!(masked_email("ada@example.com").as_deref(), Some("a***@example.com"));
        assert_eq!((masked_email("no address"), masked_email("@example.com")), (None, None));
    }

    #[test]
    fn odoos_languages() {
        for (locale, short) in
            [(Some("fr_BE"), "fr"), (Some("sr@latin"), "sr"), (Some("de"), "de"), (None, "en"), (Some(""), "en")]
        {
            assert_eq!(language_code(locale), short);
        }
    }
}
