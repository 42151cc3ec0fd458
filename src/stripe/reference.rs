//! What a payment may be for, gathered from everything Stripe lets a merchant write.

use super::json::{Metadata, Text};
use super::object::{Charge, CheckoutSession, Invoice, PaymentIntent};
use super::reading::{Reach, Scope};
use crate::config::Matching;
use crate::movement::{Record, Reference};

/// The model of `odoo_id` when `odoo_model` is not given.
const DEFAULT_MODEL: &str = "account.move";

impl Reach {
    fn limited(self, found: Reference) -> Reference {
        match self {
            Self::All => found,
            Self::Company => Reference { database: None, records: Vec::new(), ..found },
            Self::Nothing => Reference::default(),
        }
    }
}

/// Whether looking for the invoice or checkout session of this payment can add anything: not when our own
/// metadata names the database, nor when it would choose nothing.
pub fn wants_more(scope: &Scope<'_>, reference: &Reference) -> bool {
    reference.database.is_none() && scope.reach != Reach::Nothing
}

/// Adds what another object of the same payment says; what is there already stays first and wins.
pub fn merge(into: &mut Reference, other: Reference) {
    if into.database.is_none() {
        into.database = other.database;
        into.records = other.records;
    }
    other.numbers.iter().for_each(|number| push(&mut into.numbers, number));
    other.texts.iter().for_each(|text| push(&mut into.texts, text));
}

pub fn intent_reference(scope: &Scope<'_>, intent: &PaymentIntent<'_>) -> Reference {
    let mut found = metadata_reference(&intent.metadata, scope.matching);
    if let Some(details) = &intent.payment_details {
        numbers(&mut found, details.order_reference.as_ref().and_then(Text::trimmed));
        text(&mut found, &details.customer_reference);
    }
    text(&mut found, &intent.description);
    text(&mut found, &intent.statement_descriptor_suffix);
    text(&mut found, &intent.statement_descriptor);
    if let Some(charge) = intent.latest_charge.as_ref().and_then(|c| c.object()) {
        merge(&mut found, charge_reference(scope, charge));
    }
    scope.reach.limited(found)
}

pub fn charge_reference(scope: &Scope<'_>, charge: &Charge<'_>) -> Reference {
    let mut found = metadata_reference(&charge.metadata, scope.matching);
    text(&mut found, &charge.description);
    scope.reach.limited(found)
}

/// `client_reference_id` is the merchant's own name for the cart: a candidate number.
pub fn session_reference(scope: &Scope<'_>, session: &CheckoutSession<'_>) -> Reference {
    let mut found = metadata_reference(&session.metadata, scope.matching);
    numbers(&mut found, session.client_reference_id.as_ref().and_then(Text::trimmed));
    scope.reach.limited(found)
}

/// The invoice's `number` is Stripe's unless the merchant mirrors the ERP's: a candidate too, as the lookup is exact.
pub fn invoice_reference(scope: &Scope<'_>, invoice: &Invoice<'_>) -> Reference {
    let mut found = metadata_reference(&invoice.metadata, scope.matching);
    numbers(&mut found, invoice.number.as_ref().and_then(Text::trimmed));
    for field in invoice.custom_fields.iter().flatten() {
        text(&mut found, &field.value);
    }
    text(&mut found, &invoice.description);
    scope.reach.limited(found)
}

/// Our own names `odoo_db`, `odoo_model`, `odoo_id` and `odoo_ref`, then the configured ones. Lists are separated as
/// [`SEPARATORS`] say. An `odoo_id` counts as a record's id only beside `odoo_db`: an id of an unnamed database could be any
/// record of any Odoo, so without one, and under every other name, an integer is only the text of a number. Where `odoo_ref`
/// has as many items as `odoo_id`, they are the numbers of these records; `odoo_partner_id` is the contact of them all, and
/// `odoo_created` says when Odoo made a single one.
fn metadata_reference(metadata: &Metadata<'_>, matching: &Matching) -> Reference {
    let mut found = Reference { database: metadata.get("odoo_db").map(str::to_owned), ..Reference::default() };
    if let Some(ids) = metadata.get("odoo_id") {
        let model = metadata.get("odoo_model").unwrap_or(DEFAULT_MODEL);
        let partner = metadata.get("odoo_partner_id").and_then(|id| id.trim().parse().ok()).filter(|id| *id > 0);
        let (ids, named) = (distinct(items(ids)), distinct(metadata.get("odoo_ref").into_iter().flat_map(items)));
        let paired = named.len() == ids.len();
        let created = metadata.get("odoo_created").map(str::trim).filter(|text| ids.len() == 1 && !text.is_empty());
        for (at, id) in ids.into_iter().enumerate() {
            match id.parse::<i64>() {
                Ok(id) if id > 0 && found.database.is_some() => {
                    // A text without a digit is no number.
                    let number = named.get(at).filter(|text| paired && text.contains(|c: char| c.is_numeric()));
                    let number = number.map(|text| cut(text).to_owned());
                    let record = Record {
                        model: model.to_owned(),
                        id,
                        number,
                        partner,
                        created: created.map(|text| cut(text).to_owned()),
                    };
                    if !found.records.iter().any(|known| known.model == record.model && known.id == id) {
                        found.records.push(record);
                    }
                }
                _ => push(&mut found.numbers, id),
            }
        }
    }
    numbers(&mut found, metadata.get("odoo_ref"));
    for name in &matching.metadata {
        numbers(&mut found, metadata.get(name));
    }
    found
}

/// What stands between the numbers of a list. A number that holds one of them (`R&D/2026/1`) is found all the same: the
/// whole is a candidate beside its parts.
const SEPARATORS: &[char] =
    &[',', ';', '|', '&', '\n', '\r', '\t', '\u{ff0c}', '\u{ff1b}', '\u{3001}', '\u{60c}', '\u{61b}'];
/// The longest text that is looked at for numbers, in characters: beyond Stripe's own limits of 500 for a value of metadata
/// and 1,000 for a description.
const TEXT_CHARS_MAX: usize = 1_000;

fn numbers(found: &mut Reference, list: Option<&str>) {
    let Some(list) = list else { return };
    if !list.contains(SPACED) && !list.contains(['&', '|']) {
        return items(list).for_each(|number| push(&mut found.numbers, number));
    }
    push(&mut found.numbers, list);
    items(list).for_each(|number| push(&mut found.numbers, number));
}

fn text(found: &mut Reference, text: &Option<Text<'_>>) {
    if let Some(text) = text.as_ref().and_then(Text::trimmed) {
        push(&mut found.texts, text);
    }
}

/// A word that joins the last two of a list.
const SPACED: &str = " and ";

fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(SEPARATORS).flat_map(|part| part.split(SPACED)).map(str::trim).filter(|item| !item.is_empty())
}

fn distinct<'a>(list: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    list.fold(Vec::new(), |mut known, item| {
        if !known.contains(&item) {
            known.push(item);
        }
        known
    })
}

fn cut(item: &str) -> &str {
    item.char_indices().nth(TEXT_CHARS_MAX).map_or(item, |(at, _)| item.get(..at).unwrap_or(item))
}

fn push(list: &mut Vec<String>, item: &str) {
    let item = cut(item);
    if !list.iter().any(|known| known == item) {
        list.push(item.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(list: &str) -> Vec<String> {
        let mut found = Reference::default();
        numbers(&mut found, Some(list));
        found.numbers
    }

    /// What is nearest to the payment names the database; records are of that one alone.
    #[test]
    fn another_object_adds_and_does_not_overrule() {
        let of = |database: Option<&str>, id: i64| Reference {
            database: database.map(str::to_owned),
            records: vec![Record { model: DEFAULT_MODEL.to_owned(), id, ..Record::default() }],
            numbers: vec![format!("A/{id}")],
            texts: vec![],
        };
        for (own, other, database, id) in
            [(Some("own"), Some("other"), "own", 1), (Some("own"), None, "own", 1), (None, Some("other"), "other", 2)]
        {
            let mut found = of(own, 1);
            merge(&mut found, of(other, 2));
            assert_eq!((found.database.as_deref(), found.records[0].id), (Some(database), id));
            assert_eq!((found.records.len(), found.numbers), (1, vec!["A/1".to_owned(), "A/2".to_owned()]));
        }
    }

    #[test]
    fn lists_of_numbers() {
        for list in ["A/1,A/2", "A/1; A/2", "A/1\nA/2", "A/1\t\tA/2", "A/1；A/2", "A/1、A/2", "A/1،A/2,", ";A/1;;A/2"]
        {
            assert_eq!(read(list), ["A/1", "A/2"], "{list}");
        }
        for (list, whole) in [("A/1 and A/2", "A/1 and A/2"), ("A/1 & A/2", "A/1 & A/2"), ("A/1|A/2", "A/1|A/2")] {
            assert_eq!(read(list), [whole, "A/1", "A/2"], "{list}");
        }
        assert_eq!(read("R&D/2026/1"), ["R&D/2026/1", "R", "D/2026/1"]);
        assert_eq!(read(&"é".repeat(2_000))[0].chars().count(), TEXT_CHARS_MAX);
    }
}
