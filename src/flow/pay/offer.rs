//! What may be paid on an invoice. The ERP says the amounts; the payer only chooses among them.

use rust_decimal::Decimal;

use crate::config::Pay;
use crate::erp::invoice::{DueAmount, DueKind, Invoice};
use crate::error::Code;
use crate::money::Money;

/// The amounts of an invoice, in Stripe's minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub total: Money,
    pub residual: Money,
    /// What the ERP asks for, the first to be offered first.
    pub amounts: Vec<Amount>,
    /// The least part payment, where any amount may be paid.
    pub least: Option<Money>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    pub kind: DueKind,
    pub money: Money,
    /// Its last day.
    pub until: Option<String>,
}

/// Reads an invoice's amounts. [`Code::AmountNotPayable`]: what is open has more places than Stripe's currency.
pub fn offer_of(invoice: &Invoice, pay: &Pay) -> Result<Offer, Code> {
    let money = |amount: Decimal| Money::from_decimal(amount, invoice.currency);
    let (total, residual) = money(invoice.total).zip(money(invoice.residual)).ok_or(Code::AmountNotPayable)?;
    let amount = |due: &DueAmount| {
        let money = money(due.amount).filter(|m| m.minor > 0 && m.minor <= residual.minor)?;
        Some(Amount { kind: due.kind, money, until: due.until.clone() })
    };
    let mut amounts: Vec<Amount> = invoice.amounts.iter().filter_map(amount).collect();
    if amounts.is_empty() && residual.minor > 0 {
        amounts.push(Amount { kind: DueKind::Residual, money: residual, until: None });
    }
    let least = pay.partial.as_ref().and_then(|least| money(least.parse().ok()?)).filter(|m| m.minor < residual.minor);
    Ok(Offer { total, residual, amounts, least })
}

impl Offer {
    /// Whether a payment of `money` may be made or go on.
    pub fn allows(&self, money: Money) -> bool {
        let between = |least: Money| (least.minor..=self.residual.minor).contains(&money.minor);
        money.currency == self.residual.currency
            && money.minor > 0
            && (self.amounts.iter().any(|a| a.money == money) || self.least.is_some_and(between))
    }

    /// The amount that a payer asks for, or [`Code::AmountNotAllowed`].
    pub fn choose(&self, asked: Decimal) -> Result<Money, Code> {
        let money = Money::from_decimal(asked, self.residual.currency);
        money.filter(|money| self.allows(*money)).ok_or(Code::AmountNotAllowed)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::erp::invoice::{Company, Payer};

    pub fn invoice(residual: &str, currency: &str, amounts: &[(DueKind, &str)]) -> Invoice {
        let due =
            |(kind, amount): &(DueKind, &str)| DueAmount { kind: *kind, amount: amount.parse().unwrap(), until: None };
        Invoice {
            id: 5,
            number: "INV/1".into(),
            payable: true,
            token: None,
            created: None,
            currency: currency.parse().unwrap(),
            total: "100".parse().unwrap(),
            residual: residual.parse().unwrap(),
            amounts: amounts.iter().map(due).collect(),
            date: None,
            due: None,
            company: Company { id: 1, name: "C".into() },
            payer: Payer {
                partner: 7,
                commercial: 7,
                name: "A".into(),
                email: None,
                locale: None,
                customer: None,
                firm: Default::default(),
            },
            payments: vec![],
        }
    }

    fn pay(partial: Option<&str>) -> Pay {
        Pay {
            publishable_key: "pk_test_1".into(),
            embed_origins: vec![],
            partial: partial.map(str::to_owned),
            receipt_email: false,
            redirects: false,
            saved_cards: false,
            statement_suffix: true,
            open_days: 14,
        }
    }

    fn chosen(offer: &Offer, asked: &str) -> Result<i64, Code> {
        offer.choose(asked.parse().unwrap()).map(|money| money.minor)
    }

    #[test]
    fn without_part_payments_only_what_the_erp_asks_for() {
        let due = [(DueKind::Next, "30.00"), (DueKind::Residual, "100.00")];
        let offer = offer_of(&invoice("100.00", "USD", &due), &pay(None)).unwrap();
        assert_eq!((chosen(&offer, "30"), chosen(&offer, "100.00")), (Ok(3_000), Ok(10_000)));
        for asked in ["29.99", "100.01", "0", "-30", "30.001"] {
            assert_eq!(chosen(&offer, asked), Err(Code::AmountNotAllowed), "{asked}");
        }
    }

    #[test]
    fn part_payments_lie_between_the_least_and_what_is_open() {
        let offer = offer_of(&invoice("60.00", "USD", &[(DueKind::Residual, "60.00")]), &pay(Some("10"))).unwrap();
        assert_eq!(
            (chosen(&offer, "10"), chosen(&offer, "59.99"), chosen(&offer, "60")),
            (Ok(1_000), Ok(5_999), Ok(6_000))
        );
        assert_eq!(
            (chosen(&offer, "9.99"), chosen(&offer, "60.01")),
            (Err(Code::AmountNotAllowed), Err(Code::AmountNotAllowed))
        );
        let small = offer_of(&invoice("8.00", "USD", &[(DueKind::Residual, "8.00")]), &pay(Some("10"))).unwrap();
        assert_eq!((small.least, chosen(&small, "8")), (None, Ok(800)), "the rest can always be paid");
    }

    #[test]
    fn exponents_are_stripes() {
        let minor = |amount: &str, currency: &str| {
            offer_of(&invoice(amount, currency, &[]), &pay(None)).map(|o| o.residual.minor)
        };
        assert_eq!((minor("100", "ISK"), minor("100", "JPY"), minor("1.230", "KWD")), (Ok(10_000), Ok(100), Ok(1_230)));
        assert_eq!(minor("10.5", "JPY"), Err(Code::AmountNotPayable));
    }
}
