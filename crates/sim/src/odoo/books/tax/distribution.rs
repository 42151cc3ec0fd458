//! Odoo 19's way to spread a difference of cents over amounts.

use rust_decimal::{Decimal, RoundingStrategy};

/// Parts of `rest` (whole steps) for each weight: by weight, what is left one step each to the greatest.
pub fn spread(rest: Decimal, step: Decimal, weights: &[Decimal]) -> Vec<Decimal> {
    let mut parts = vec![Decimal::ZERO; weights.len()];
    let total: Decimal = weights.iter().map(Decimal::abs).sum();
    if rest.is_zero() || step.is_zero() || weights.is_empty() {
        return parts;
    }
    let sign = if rest.is_sign_negative() { -step } else { step };
    let steps = (rest / step).abs().round();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    let size = |n: &usize| weights.get(*n).map(Decimal::abs).unwrap_or_default();
    order.sort_by_key(|n| std::cmp::Reverse(size(n)));
    let mut left = steps;
    for n in &order {
        let share = if total.is_zero() { Decimal::ZERO } else { size(n) / total };
        let mine = (share * steps).round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven).min(left);
        left -= mine;
        if let Some(part) = parts.get_mut(*n) {
            *part += sign * mine;
        }
    }
    for n in &order {
        if left <= Decimal::ZERO {
            break;
        }
        left -= Decimal::ONE;
        if let Some(part) = parts.get_mut(*n) {
            *part += sign;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::spread;

    #[test]
    fn a_difference_goes_to_the_greatest_first_and_wholly() {
        let of = |texts: &[&str]| texts.iter().map(|t| t.parse().unwrap()).collect::<Vec<_>>();
        let parts = spread("-0.01".parse().unwrap(), "0.01".parse().unwrap(), &of(&["33.33", "33.33", "53.34"]));
        assert_eq!(parts, of(&["0", "0", "-0.01"]));
        let parts = spread("0.05".parse().unwrap(), "0.01".parse().unwrap(), &of(&["1", "1", "2"]));
        assert_eq!(parts, of(&["0.01", "0.01", "0.03"]));
    }
}
