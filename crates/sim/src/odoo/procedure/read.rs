//! The procedure `read_invoice`: what the pay page must know.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::owner::Owner;
use super::setup::{self, chain};
use super::{FORM, guarded, text};
use crate::odoo::Odoo;
use crate::odoo::action::hash;
use crate::odoo::calendar;
use crate::odoo::error::Result;
use crate::odoo::num;
use crate::odoo::rights::Session;

const MOVE: &str = "account.move";
const LINE: &str = "account.move.line";
const PARTNER: &str = "res.partner";

/// Reads only. Ids of nothing, of other documents and of companies where the user may not work are left out.
pub fn read_invoice(odoo: &Odoo, who: &Session, code: &str, input: &Value) -> Result<Value> {
    let setup = guarded(odoo, who)?;
    let company = input.get("company").and_then(num::int).filter(|c| setup.companies.contains(c));
    let home = setup::home_of(odoo, company.unwrap_or(setup.company), &setup.companies);
    let owner = home.map(|home| (home, Owner::of(odoo, home)));
    let any = input.get("invoices").and_then(Value::as_array).is_some_and(|ids| !ids.is_empty());
    if let Some((home, owner)) = owner.as_ref().filter(|_| any) {
        owner.held(*home, text(input, "account"), input.get("livemode"))?;
    }
    let today = Some(text(input, "date")).filter(|day| !day.is_empty()).map(str::to_owned);
    let zone = home.map_or(Ok("UTC".to_owned()), |home| setup::zone_of(odoo, home))?;
    let now = calendar::datetime(odoo.clock.now_ms());
    let today = today.or_else(|| super::zone::day(&now, &zone)).unwrap_or_default();
    let asked = input.get("invoices").and_then(Value::as_array).into_iter().flatten();
    let mut ids: Vec<i64> = asked.filter_map(num::int).filter(|id| odoo.is_invoice(*id)).collect();
    ids.retain(|id| odoo.store.int(MOVE, *id, "company_id").is_some_and(|c| setup.companies.contains(&c)));
    if input.get("company").is_some_and(num::truthy) {
        ids.retain(|id| ours(odoo, *id, home));
    }
    ids.sort_unstable();
    ids.dedup();
    let invoices: Vec<Value> = ids.into_iter().map(|id| tell(odoo, id, &today, home)).collect();
    Ok(
        json!({"v": FORM, "hash": hash(code), "uuid": odoo.uuid(), "owners": owner.map(|(_, owner)| owner.accounts).unwrap_or_default(), "invoices": invoices}),
    )
}

/// Whether an invoice is of these books.
fn ours(odoo: &Odoo, id: i64, home: Option<i64>) -> bool {
    let company = odoo.store.int(MOVE, id, "company_id").unwrap_or_default();
    home.is_some_and(|home| chain(odoo, company).contains(&home))
}

fn tell(odoo: &Odoo, id: i64, today: &str, home: Option<i64>) -> Value {
    let s = &odoo.store;
    let int = |column: &str| s.int(MOVE, id, column).unwrap_or_default();
    let currency = int("currency_id");
    let money = |column: &str| num::fixed(odoo.amount(MOVE, id, column), odoo.places(currency));
    let given = |model: &str, id: i64, column: &str| Some(odoo.value(model, id, column)).filter(num::truthy);
    let (partner, commercial) = (int("partner_id"), int("commercial_partner_id"));
    let payable = s.text(MOVE, id, "state") == "posted" && ours(odoo, id, home);
    let open = odoo.amount(MOVE, id, "amount_residual") > Decimal::ZERO;
    let amounts = if payable && open { amounts(odoo, id, currency, today) } else { Vec::new() };
    let email = given(PARTNER, partner, "email_normalized").or(given(PARTNER, commercial, "email_normalized"));
    let number = s.text(MOVE, id, "name");
    json!({"id": id, "number": if number == "/" { "" } else { number }, "payable": payable,
        "token": given(MOVE, id, "access_token"), "created": odoo.created_at(id),
        "currency": s.text("res.currency", currency, "name"),
        "total": money("amount_total"), "residual": money("amount_residual"), "amounts": amounts,
        "date": given(MOVE, id, "invoice_date"), "due": given(MOVE, id, "invoice_date_due"),
        "company": {"id": int("company_id"), "name": s.text("res.company", int("company_id"), "name")},
        "payer": {"partner": partner, "commercial": commercial, "name": s.text(PARTNER, partner, "name"),
            "email": email, "lang": given(PARTNER, partner, "lang"), "customer": odoo.stripe_customer(commercial),
            "firm": {"name": s.text(PARTNER, commercial, "name"), "email": given(PARTNER, commercial, "email_normalized")}},
        "payments": odoo.payments().iter().filter(|p| p.invoices.contains(&id)).map(|p| p.id).collect::<Vec<_>>()})
}

/// What Odoo asks for, the most fitting first; always last the residual.
fn amounts(odoo: &Odoo, id: i64, currency: i64, today: &str) -> Vec<Value> {
    let places = odoo.places(currency);
    let residual = odoo.amount(MOVE, id, "amount_residual");
    let mut due: BTreeMap<String, Decimal> = BTreeMap::new();
    for line in odoo.receivable_lines(id).into_iter().filter(|l| !odoo.reconciled(*l)) {
        let day = odoo.store.text(LINE, line, "date_maturity").to_owned();
        *due.entry(day).or_default() += odoo.amount(LINE, line, "amount_residual_currency");
    }
    let mut got: Vec<(&str, Decimal, Option<String>)> = Vec::new();
    let late: Decimal = due.iter().filter(|(day, _)| day.as_str() < today).map(|(_, amount)| *amount).sum();
    if due.len() > 1 && !late.is_zero() {
        got.push(("overdue", late, None));
    } else if let Some((day, amount)) = due.into_iter().find(|(day, _)| day.as_str() >= today) {
        got.push(("next", amount, Some(day)));
    }
    if let Some(line) = odoo.discount_line(id, currency, today) {
        let until = odoo.store.text(LINE, line, "discount_date").to_owned();
        got.push(("discounted", odoo.amount(LINE, line, "discount_amount_currency"), Some(until)));
    }
    got.retain(|(_, amount, _)| *amount > Decimal::ZERO && *amount < residual);
    got.push(("residual", residual, None));
    let one = |(kind, amount, until)| json!({"kind": kind, "amount": num::fixed(amount, places), "until": until});
    got.into_iter().map(one).collect()
}
