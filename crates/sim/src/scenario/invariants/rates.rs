//! What is booked in another currency is valued by the rate of its day.

use rust_decimal::Decimal;

use super::balance::role;
use super::{InvariantResult, Violation};
use crate::odoo::{EntryView, LineView, Odoo};
use crate::world::World;

const LAW: &str = "money is valued by the rate of its day";
/// Takes an earlier entry back, at that one's values.
const MIRRORED: &str = ":won";

/// The lines on clearing and on the balance accounts of a booking. Rates are entered late, perhaps after it was booked and before
/// the ledger knows: each rate that is not of a later day may have been the last one then.
pub fn lines_valued(world: &World, key: &str) -> InvariantResult {
    let odoo = world.odoo.borrow();
    let Some(entry) = entry(&odoo, key).filter(|entry| entry.state == "posted" && !key.ends_with(MIRRORED)) else {
        return Ok(());
    };
    let mut ours = vec![role(world, 1, "clearing")?];
    ours.extend(["balance", "balance_eur"].into_iter().filter_map(|role| odoo.role(1, role)));
    for line in entry.lines.iter().filter(|line| line.currency != "USD" && ours.contains(&line.account)) {
        by_its_rate(&odoo, &entry, line, key)?;
    }
    Ok(())
}

/// The day is the one that was meant, or the entry's: a locked period moves the entry and not its value.
fn by_its_rate(odoo: &Odoo, entry: &EntryView, line: &LineView, key: &str) -> InvariantResult {
    let days = [odoo.field_value("account.move.line", line.id, "date_maturity"), entry.date.clone().into()];
    let days: Vec<&str> = days.iter().filter_map(|day| day.as_str()).filter(|day| !day.is_empty()).collect();
    let most = Decimal::new(1, 2) * Decimal::from(entry.lines.len());
    let near = |rate: Decimal| (line.value - line.amount / rate).abs() <= most;
    let rates = odoo.rate_days(&line.currency, 1);
    let last = days.iter().max().copied().unwrap_or_default();
    if rates
        .iter()
        .filter(|day| day.as_str() <= last)
        .filter_map(|day| odoo.rate_of_day(&line.currency, 1, day))
        .any(near)
    {
        return Ok(());
    }
    let stands = format!("{key}: {} {} are {} on {days:?}", line.amount, line.currency, line.value);
    Err(Violation::new(LAW, format!("{stands}, the rates are {rates:?}")))
}

fn entry(odoo: &Odoo, key: &str) -> Option<EntryView> {
    let (model, id) = odoo.quittance(&format!("{key}__record"))?;
    let id = match model.as_str() {
        "account.payment" => odoo.field_value("account.payment", id, "move_id").as_i64()?,
        "account.move" => id,
        _ => return None,
    };
    odoo.entry(id).filter(|entry| entry.kind == "entry")
}
