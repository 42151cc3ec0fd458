//! Check of duplicates: an entry under the same key is one only with the same amount, currency and party.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use crate::error::{Code, Error};
use crate::money::Money;
use crate::movement::{Movement, MovementKind};

/// What a procedure says that a key has. Amounts in major units as text, negative where the money went the other way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BookedMovement {
    pub amount: Option<String>,
    pub currency: Option<String>,
    /// `same` or `other`, where the movement says whose it is.
    pub party: Option<String>,
    /// Of an entry: its sums on the accounts by which it is known.
    pub lines: Option<Vec<Line>>,
}

/// A sum on the account of a role.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Line {
    role: String,
    amount: String,
    currency: String,
}

/// Sums by role and currency.
type Sums = BTreeMap<(String, String), Decimal>;

/// Why they are not the same, as the event is parked with it; `None` when they are. `words` is the movement as the
/// procedure got it.
pub fn difference(has: &BookedMovement, movement: &Movement, words: &Value) -> Option<Error> {
    let amount = |there: String, asked: String| {
        let detail = format!("Under {} the books have {there}, and Stripe says {asked}.", movement.key);
        Some(Error::new(Code::AmountDiffers, detail))
    };
    if matches!(
        movement.kind,
        MovementKind::Paid | MovementKind::Refunded | MovementKind::RefundFailed | MovementKind::Reversed
    ) {
        let (there, currency) = (has.amount.as_deref().unwrap_or("nothing"), has.currency.as_deref().unwrap_or(""));
        if money(there, currency) != Some(movement.money) {
            return amount(format!("{there} {currency}"), movement.money.to_string());
        }
    } else if has.currency.as_ref().is_some_and(|there| *there != movement.money.currency.code()) {
        return amount(has.currency.clone().unwrap_or_default(), movement.money.currency.to_string());
    }
    if let Some(lines) = &has.lines {
        let (there, asked) = (sums_of(lines), sums(words));
        if let Some((name, sum)) =
            asked.iter().find(|(name, sum)| there.get(name).copied().unwrap_or_default() != **sum)
        {
            let there = there.get(name).copied().unwrap_or_default();
            return amount(format!("{there} {} on {}", name.1, name.0), format!("{sum} {}", name.1));
        }
    }
    (has.party.as_deref() == Some("other")).then(|| {
        let detail = format!("Under {} the books have the money of another customer.", movement.key);
        Error::new(Code::PartyDiffers, detail)
    })
}

fn money(amount: &str, currency: &str) -> Option<Money> {
    Money::from_decimal(amount.parse().ok()?, currency.parse().ok()?)
}

fn sums_of(lines: &[Line]) -> Sums {
    let mut sums = Sums::new();
    for line in lines {
        let name = (line.role.clone(), line.currency.clone());
        *sums.entry(name).or_default() += line.amount.parse::<Decimal>().unwrap_or_default();
    }
    sums
}

/// What the movement puts on the Stripe balance, or without a line there on what it settles: other accounts a person may
/// have sorted it onto since.
fn sums(words: &Value) -> Sums {
    let lines = words.get("lines").and_then(Value::as_array).into_iter().flatten();
    let lines: Vec<Line> = lines.filter_map(|line| serde_json::from_str(&line.to_string()).ok()).collect();
    let mut sums = sums_of(&lines);
    let roles: &[&str] = match sums.keys().any(|(role, _)| role == "balance") {
        true => &["balance", "clearing"],
        // What closes a dispute with it moves its account by more.
        false if words.get("close").is_some_and(|close| !close.is_null()) => &["clearing"],
        false => &["disputed", "clearing"],
    };
    sums.retain(|(role, _), _| roles.contains(&role.as_str()));
    sums
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::movement::Reference;

    fn settled(minor: i64) -> Movement {
        Movement {
            key: "stripe:acct_1:txn_1:settled".into(),
            kind: MovementKind::Settled,
            account: "acct_1".into(),
            livemode: false,
            payment: "pi_1".into(),
            charge: None,
            method: None,
            money: Money::new(minor, "USD".parse().unwrap()),
            occurred: 0,
            customer: None,
            reason: None,
            reference: Reference::default(),
            flags: Vec::new(),
            detail: None,
        }
    }

    fn line(role: &str, amount: &str) -> Line {
        Line { role: role.into(), amount: amount.into(), currency: "USD".into() }
    }

    /// Another customer's money of the same amount is other money.
    #[test]
    fn money_is_the_same_only_of_the_same_party() {
        for (party, code) in [(None, None), (Some("same"), None), (Some("other"), Some(Code::PartyDiffers))] {
            let party = party.map(str::to_owned);
            let has = BookedMovement { amount: Some("97.00".into()), currency: Some("USD".into()), party, lines: None };
            let receipt = Movement { kind: MovementKind::Paid, ..settled(9_700) };
            assert_eq!(difference(&has, &receipt, &json!({})).map(|error| error.code), code);
        }
    }

    /// Of the same net there may be another gross: then clearing is not settled as Stripe says.
    #[test]
    fn an_entry_is_the_same_by_its_net_and_by_what_it_settles() {
        let words = json!({"lines": [
            {"role": "balance", "amount": "97.00", "currency": "USD"},
            {"role": "fees", "amount": "3.00", "currency": "USD"},
            {"role": "clearing", "amount": "-100.00", "currency": "USD"},
        ]});
        for (net, fees, gross, same) in [
            ("97.00", "3.00", "-100.00", true),
            // Sorted onto other accounts by a person.
            ("97.00", "1.00", "-100.00", true),
            ("97.00", "2.00", "-99.00", false),
            ("96.00", "4.00", "-100.00", false),
        ] {
            let lines = vec![line("balance", net), line("fees", fees), line("clearing", gross)];
            let has = BookedMovement { currency: Some("USD".into()), lines: Some(lines), ..BookedMovement::default() };
            let found = difference(&has, &settled(9_700), &words).map(|error| error.code);
            assert_eq!(found, (!same).then_some(Code::AmountDiffers), "{net} {gross}");
        }
    }
}
