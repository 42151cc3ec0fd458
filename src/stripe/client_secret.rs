//! Client secrets in what Stripe sends: whoever reads one sees its payment and may confirm it, so that none is stored.

/// What every client secret has between its object's id and its secret part, as the member's name ends.
const MARK: &str = "_secret";
/// Beginnings of the ids that have one. Source: `client_secret` and `payment_intent_client_secret` in Stripe's OpenAPI.
const IDS: [&str; 8] = ["pi_", "seti_", "cs_", "cuss_", "src_", "vs_", "fcsess_", "accs_"];

/// A body without the secret part of any client secret: of `pi_1_secret_x` the id is left, and of the value of a `client_secret` of
/// another form nothing. JSON stays JSON, and a body without one stays as it is, to the byte.
pub fn without_secrets(body: &str) -> String {
    let mut kept = String::with_capacity(body.len());
    let mut from = 0;
    for (at, _) in body.match_indices(MARK) {
        if let Some((start, end)) = secret_range(body, at).filter(|(start, _)| *start >= from) {
            kept.push_str(body.get(from..start).unwrap_or_default());
            from = end;
        }
    }
    kept.push_str(body.get(from..).unwrap_or_default());
    kept
}

/// Where the secret part begins and ends that stands at a mark.
fn secret_range(body: &str, at: usize) -> Option<(usize, usize)> {
    let (before, after) = (body.get(..at)?, at + MARK.len());
    let rest = body.get(after..)?;
    let part = |c: char| c.is_ascii_alphanumeric() || "_%.~+/=-".contains(c);
    if rest.starts_with('_') {
        let word = before.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next()?;
        let length = rest.find(|c| !part(c)).unwrap_or(rest.len());
        return IDS.iter().any(|id| word.contains(id)).then_some((at, after + length));
    }
    // `"client_secret": "…"` with any blanks; a value with an id of the list is met at its own mark as well.
    let value = rest.strip_prefix('"').filter(|_| before.ends_with("client"))?.trim_start().strip_prefix(':')?;
    let value = value.trim_start().strip_prefix('"')?;
    let start = body.len() - value.len();
    let mut escaped = false;
    let length = value.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })?;
    Some((start, start + length))
}

#[cfg(test)]
mod tests {
    use super::without_secrets;

    #[test]
    fn no_client_secret_is_left_and_nothing_else_goes() {
        for (body, left) in [
            (
                r#"{"id":"pi_1","client_secret":"pi_1_secret_aB3","amount":5}"#,
                r#"{"id":"pi_1","client_secret":"","amount":5}"#,
            ),
            (
                "{\n  \"client_secret\" :\n \"pi_1_secret_aB3\",\n  \"a\": 1}",
                "{\n  \"client_secret\" :\n \"\",\n  \"a\": 1}",
            ),
            (r#"{"client_secret":"of \" any form\\"}"#, r#"{"client_secret":""}"#),
            (r#"{"client_secret":null,"x":"pi_2_secret_y"}"#, r#"{"client_secret":null,"x":"pi_2"}"#),
            (
                r#"{"url":"https://a/?payment_intent_client_secret=pi_1_secret_x&redirect_status=succeeded"}"#,
                r#"{"url":"https://a/?payment_intent_client_secret=pi_1&redirect_status=succeeded"}"#,
            ),
            (r#"{"s":"cs_test_a1_secret_fid%2Bd~x"}"#, r#"{"s":"cs_test_a1"}"#),
            (r#"{"s":"{\"client_secret\":\"seti_1_secret_x\"}"}"#, r#"{"s":"{\"client_secret\":\"seti_1\"}"}"#),
            (r#"{"s":"\npi_1_secret_x\n"}"#, r#"{"s":"\npi_1\n"}"#),
            (r#"{"description":"the_secret_plan"}"#, r#"{"description":"the_secret_plan"}"#),
            (r#"{"client_secret":"src_client_secret_x"}"#, r#"{"client_secret":""}"#),
            ("pi_1_secret_é", "pi_1é"),
            ("pi_1_secret_ab", "pi_1"),
            ("pi_1_secret", "pi_1_secret"),
            ("\"client_secret\":\"", "\"client_secret\":\""),
            ("", ""),
        ] {
            assert_eq!(without_secrets(body), left);
        }
    }
}
