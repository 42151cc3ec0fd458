//! Amounts: what is read is what was written, or nothing is read.

use quittance::config::amount;
use quittance::money::{Currency, Money};
use rust_decimal::Decimal;

pub fn run(data: &[u8]) {
    minor(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(money) = serde_json::from_str::<Money>(text) {
        let again: Money = serde_json::from_str(&serde_json::to_string(&money).expect("JSON")).expect("read again");
        assert_eq!(again, money);
    }
    if let Some(currency) = text.get(..3).and_then(|code| code.parse::<Currency>().ok()) {
        let rest = text.get(3..).unwrap_or("").trim();
        if let Ok(decimal) = Decimal::from_str_exact(rest) {
            exact(decimal, currency);
        }
    }
    // What a payer types.
    if amount(text)
        && let Ok(decimal) = text.parse::<Decimal>()
    {
        assert!(!decimal.is_sign_negative(), "{text}");
        exact(decimal, "USD".parse().expect("a currency"));
    }
}

/// Three letters and eight bytes are an amount.
fn minor(data: &[u8]) {
    let Some((code, rest)) = data.split_at_checked(3) else { return };
    let currency = std::str::from_utf8(code).ok().and_then(|code| code.parse::<Currency>().ok());
    let (Some(currency), Some(bytes)) = (currency, rest.first_chunk::<8>()) else { return };
    let money = Money::new(i64::from_le_bytes(*bytes), currency);
    assert_eq!(Money::from_decimal(money.to_decimal(), currency), Some(money));
    let text: Decimal = money.to_decimal().to_string().parse().expect("a decimal's own text");
    assert_eq!(Money::from_decimal(text, currency), Some(money));
}

fn exact(decimal: Decimal, currency: Currency) {
    if let Some(money) = Money::from_decimal(decimal, currency) {
        assert_eq!(money.to_decimal(), decimal, "{decimal} {currency}");
    }
}
