//! Test cards and test bank accounts: what each number does, whose it looks like. Numbers: docs.stripe.com/testing.

use super::method::Method;

/// Every number that is known, with the test token that stands for it on a server, if there is one.
const TOKENS: [(&str, &str); 13] = [
    ("pm_card_visa", "4242424242424242"),
    ("pm_card_mastercard", "5555555555554444"),
    ("pm_card_amex", "378282246310005"),
    ("pm_card_threeDSecure2Required", "4000000000003220"),
    ("pm_card_threeDSecureRequired", "4000000000003220"),
    ("pm_card_authenticationRequired", "4000002760003184"),
    ("chargeDeclined", "4000000000000002"),
    ("chargeDeclinedInsufficientFunds", "4000000000009995"),
    ("chargeDeclinedLostCard", "4000000000009987"),
    ("chargeDeclinedStolenCard", "4000000000009979"),
    ("chargeDeclinedExpiredCard", "4000000000000069"),
    ("chargeDeclinedIncorrectCvc", "4000000000000127"),
    ("chargeDeclinedProcessingError", "4000000000000119"),
];

/// What a card does; `None` for a number that is nobody's test card.
pub fn method(number: &str) -> Option<Method> {
    let declined = |code: &str| Method::Declined(code.to_owned());
    Some(match number {
        // What these do they do after they have paid: 0259, 2685 and 1976 are disputed, 7726 and 5126 are slow to
        // be refunded.
        "4242424242424242" | "5555555555554444" | "378282246310005" | "4000000000000259" | "4000000000007726"
        | "4000000000005126" | "4000000000002685" | "4000000000001976" => Method::Card,
        "4000000000000002" => declined("generic_decline"),
        // May be kept for later, and then refuses every charge.
        "4000000000000341" => declined("generic_decline"),
        // Its bank's directory of 3-D Secure does not answer, so nobody can be asked.
        "4000008400001280" => declined("generic_decline"),
        "4000000000009995" => declined("insufficient_funds"),
        "4000000000009987" => declined("lost_card"),
        "4000000000009979" => declined("stolen_card"),
        "4000000000000069" => declined("expired_card"),
        "4000000000000127" => declined("incorrect_cvc"),
        "4000000000000119" => declined("processing_error"),
        "4000000000006975" => declined("card_velocity_exceeded"),
        "4100000000000019" => Method::Blocked,
        "4000002500003155" => Method::ThreeDsOnce,
        "4000002760003184" | "4000000000003220" => Method::ThreeDs,
        "4000008260003178" => Method::ThreeDsDeclined("insufficient_funds".into()),
        "4000008400001629" => Method::ThreeDsDeclined("generic_decline".into()),
        _ => return None,
    })
}

/// The number behind a server's test token.
pub fn behind(token: &str) -> Option<&'static str> {
    let short = token.strip_prefix("pm_card_visa_").or_else(|| token.strip_prefix("pm_card_")).unwrap_or(token);
    TOKENS.iter().find(|(name, _)| *name == token || *name == short).map(|(_, number)| *number)
}

/// A number that does what a method does, for payers who never typed one.
pub fn like(wanted: &Method) -> &'static str {
    let more = ["4000000000006975", "4100000000000019", "4000002500003155", "4000008260003178", "4000008400001629"];
    let mut known = TOKENS.iter().map(|(_, number)| *number).chain(more);
    let fallback = if matches!(wanted, Method::Declined(_)) { "4000000000000002" } else { "4242424242424242" };
    known.find(|number| method(number).as_ref() == Some(wanted)).unwrap_or(fallback)
}

/// What a bank account does: an American account number or an IBAN.
pub fn debit(account: &str) -> Option<Method> {
    let fails = |code: &str| Method::DelayedFails(code.to_owned());
    Some(match account {
        "000123456789" | "DE89370400440532013000" => Method::Delayed,
        "000111111113" => fails("account_closed"),
        "000111111116" => fails("no_account"),
        "000222222227" | "DE62370400440532013001" => fails("insufficient_funds"),
        "000333333335" => fails("debit_not_authorized"),
        _ => return None,
    })
}

/// Whether the last digit checks the others, by ISO/IEC 7812-1.
pub fn luhn(number: &str) -> bool {
    let digits = number.bytes().rev().enumerate().map(|(at, byte)| match u32::from(byte.wrapping_sub(b'0')) {
        digit if at % 2 == 0 => digit,
        digit => digit * 2 / 10 + digit * 2 % 10,
    });
    digits.sum::<u32>().is_multiple_of(10)
}

/// `visa`, `mastercard`, `amex`, or `unknown`.
pub fn brand(number: &str) -> &'static str {
    let head = |len: usize| number.get(..len).and_then(|head| head.parse().ok()).unwrap_or(0);
    match (head(1), head(2)) {
        (4, _) => "visa",
        (_, 34 | 37) => "amex",
        (_, 51..=55) => "mastercard",
        _ if (2221..=2720).contains(&head(4)) => "mastercard",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_lead_to_numbers_and_methods_back_to_them() {
        assert_eq!(behind("pm_card_visa_chargeDeclined"), Some("4000000000000002"));
        assert_eq!(behind("pm_card_chargeDeclinedLostCard"), Some("4000000000009987"));
        assert_eq!((behind("pm_card_visa"), behind("chargeDeclined_")), (Some("4242424242424242"), None));
        assert_eq!(like(&Method::Declined("stolen_card".into())), "4000000000009979");
        assert_eq!(like(&Method::Declined("call_issuer".into())), "4000000000000002");
        for (_, number) in TOKENS {
            assert!(method(number).is_some() && luhn(number), "{number}");
        }
    }

    #[test]
    fn numbers_show_their_brand() {
        for (number, name) in
            [("4", "visa"), ("378", "amex"), ("5555", "mastercard"), ("2223", "mastercard"), ("6", "unknown")]
        {
            assert_eq!(brand(number), name, "{number}");
        }
        assert!(!luhn("4242424242424241"));
    }
}
