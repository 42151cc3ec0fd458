//! What Stripe and others keep of a charge.

use serde_json::Value;

use super::FeeDetail;
use super::exchange::Exchange;
use crate::stripe::Settings;
use crate::stripe::object::Fields;
use crate::stripe::settings::Fee;

/// So many per mille, rounded half away from zero.
pub(in crate::stripe) fn per_mille(amount: i64, rate: i64) -> i64 {
    (amount * rate + 500 * amount.signum()) / 1000
}

impl Fee {
    /// The processing fee of a gross amount, both minor units of the settlement currency; never more than it.
    pub fn of(&self, gross: i64) -> i64 {
        (per_mille(gross, self.per_mille) + self.fixed).min(gross)
    }
}

impl Settings {
    /// The fee of a charge by its parts. `gross` is what it brings, in the settlement currency.
    pub(super) fn fees(&self, charge: &Value, gross: i64, exchange: &Exchange) -> Vec<FeeDetail> {
        let own = self.fee.of(gross);
        let mut fees = vec![FeeDetail::stripe(own, "Stripe processing fees")];
        let mut add = |kind: &str, amount: i64, description: &str, application: Option<&str>| {
            if amount != 0 {
                let (kind, description) = (kind.to_owned(), Some(description.to_owned()));
                fees.push(FeeDetail { kind, amount, description, application: application.map(str::to_owned) });
            }
        };
        add("tax", per_mille(own, self.fee.tax_per_mille), "VAT", None);
        add("withheld_tax", per_mille(gross, self.fee.withheld_per_mille), "Withheld tax", None);
        let application = exchange.convert(charge.int("application_fee_amount"));
        add("application_fee", application, "Application fee", charge.maybe("application"));
        fees
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_round_away_from_zero() {
        for (amount, rate, rounded) in [(1099, 29, 32), (-1099, 29, -32), (500, 1, 1), (-500, 1, -1), (499, 1, 0)] {
            assert_eq!(per_mille(amount, rate), rounded, "{amount} {rate}");
        }
    }

    #[test]
    fn a_fee_is_never_more_than_the_charge() {
        let fee = Fee::default();
        assert_eq!((fee.of(1099), fee.of(20)), (62, 20));
    }
}
