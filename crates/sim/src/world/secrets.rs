//! What may stand in no line of the log and in no answer: every world looks for it by itself.

use std::collections::BTreeMap;

use quittance::http::Response;
use serde_json::Value;

/// A shorter value is a test's word for a wrong one.
const SECRET_CHARS_MIN: usize = 8;

/// The values of settings that are secrets; the publishable key is not.
pub fn secret_values(vars: &BTreeMap<String, String>) -> Vec<String> {
    let secret = |name: &str| {
        ["SECRET", "KEY", "TOKEN", "PASSWORD"].iter().any(|word| name.contains(word)) && !name.contains("PUBLISHABLE")
    };
    // What stands before a signing secret says what it is of, and is none.
    let values = vars.iter().filter(|(name, _)| secret(name)).flat_map(|(_, value)| value.split([',', ' ', '\n', ':']));
    values.filter(|value| value.len() >= SECRET_CHARS_MIN).map(str::to_owned).collect()
}

/// The first of `secrets`, or a client secret of Stripe's, that a text holds.
pub fn secret_in_text<'a>(text: &'a str, secrets: &'a [String]) -> Option<&'a str> {
    secrets.iter().map(String::as_str).find(|secret| text.contains(*secret)).or_else(|| client_secret(text))
}

/// `pi_…_secret_…`: whoever has it can confirm the payment.
pub fn client_secret(text: &str) -> Option<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| word.contains("_secret_"));
    words.into_iter().find(|word| ["pi_", "seti_", "cuss_"].iter().any(|prefix| word.starts_with(prefix)))
}

/// The same in any text of a JSON value.
pub fn secret_in_json<'a>(value: &'a Value, secrets: &'a [String]) -> Option<&'a str> {
    match value {
        Value::String(text) => secret_in_text(text, secrets),
        Value::Array(all) => all.iter().find_map(|one| secret_in_json(one, secrets)),
        Value::Object(all) => {
            all.iter().find_map(|(name, one)| secret_in_text(name, secrets).or_else(|| secret_in_json(one, secrets)))
        }
        _ => None,
    }
}

/// An answer to a stranger holds no secret of ours. A client secret is the payer's, where a payment is begun.
pub fn answer_is_clean(answer: &Response, secrets: &[String]) {
    let body = String::from_utf8_lossy(&answer.body);
    let all = answer.headers.iter().map(|(_, value)| value.as_str()).chain([&*body]);
    for text in all {
        let found = secrets.iter().find(|secret| text.contains(secret.as_str()));
        assert!(found.is_none(), "a secret in an answer of status {}", answer.status);
    }
}

#[cfg(test)]
mod tests {
    use quittance::ports::Level;
    use serde_json::json;

    use super::super::World;
    use super::*;
    use crate::odoo::{Invoice, Version};

    #[test]
    fn secrets_are_found_wherever_they_stand() {
        let vars = [("STRIPE_WEBHOOK_SECRETS", "whsec_1234 whsec_5678"), ("STRIPE_PUBLISHABLE_KEY", "pk_test_sim")];
        let secrets = secret_values(&vars.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        assert_eq!(secrets, ["whsec_1234", "whsec_5678"]);
        for (line, found) in [
            (json!({"detail": ["it was whsec_5678."]}), Some("whsec_5678")),
            (json!({"whsec_1234": 1}), Some("whsec_1234")),
            (json!({"a": {"b": "{\"client_secret\":\"pi_3Q_secret_x\"}"}}), Some("pi_3Q_secret_x")),
            (json!({"code": "webhook_secret_missing", "wrong_secrets": [1]}), None),
        ] {
            assert_eq!(secret_in_json(&line, &secrets), found, "{line}");
        }
    }

    #[test]
    #[should_panic(expected = "a secret in a line of the log")]
    fn a_world_whose_log_holds_a_key_fails() {
        let world = World::new(1, Version::V18);
        world.runtime().log.line(Level::Info, "told", json!({"detail": "key sim-clerk-key"}));
    }

    #[test]
    #[should_panic(expected = "a portal token in the log")]
    fn a_world_whose_log_holds_a_token_fails() {
        let world = World::new(1, Version::V18);
        let invoice = world.odoo.borrow_mut().invoice(&Invoice::of("5.00", "USD"));
        let token = world.odoo.borrow_mut().token(invoice);
        world.runtime().log.line(Level::Info, "told", json!({"url": format!("/pay/1?access_token={token}")}));
    }
}
