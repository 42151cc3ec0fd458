//! Which signing secrets are secrets. A copied placeholder would let everybody sign who has read the example.

use std::collections::BTreeSet;

use super::{Secret, list};

const PREFIX: &str = "whsec_";
/// Stripe's have 32 characters after the prefix, those of its command line 64.
const LEAST: usize = 24;
/// Twenty-four hexadecimal digits by chance have fewer different ones about three times in 1,000,000,000.
const DIFFERENT: usize = 6;

/// The secrets of a list that can be used, and the positions, counted from 1, of those that cannot.
pub fn read(text: Option<String>) -> (Vec<Secret>, Vec<usize>) {
    let items = list(text);
    let wrong = items.iter().zip(1..).filter(|(item, _)| !usable(item)).map(|(_, at)| at).collect();
    (items.into_iter().filter(|item| usable(item)).map(Secret::new).collect(), wrong)
}

/// `whsec_` and at least 24 characters that are not an ellipsis or one of a handful repeated.
fn usable(item: &str) -> bool {
    item.strip_prefix(PREFIX).is_some_and(|rest| {
        rest.len() >= LEAST
            && rest.bytes().all(|byte| byte.is_ascii_graphic())
            && !rest.contains("...")
            && rest.bytes().collect::<BTreeSet<_>>().len() >= DIFFERENT
    })
}

/// What is wrong with a list, without showing any of it; `None` when all of it can be used.
pub fn complaint(wrong: &[usize]) -> Option<String> {
    let positions = wrong.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    (!wrong.is_empty()).then(|| {
        format!(
            "STRIPE_WEBHOOK_SECRETS, position {positions}: not a signing secret (whsec_ and at least {LEAST} characters); copy the whole of it from the endpoint in Stripe's dashboard, or take it out."
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_no_secrets() {
        let good = "whsec_0123456789abcdef01234567";
        let text = format!(
            "whsec_...,{good} whsec_0123456789abcdef0123456\nwhsec_0123456789abcdef...0123456789abcdef,\
             whsec_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx,sk_test_0123456789abcdef0123456789,whsec_0123456789abcdef…0123456789,{good}ff"
        );
        let (secrets, wrong) = read(Some(text));
        let known: Vec<&str> = secrets.iter().map(Secret::reveal).collect();
        assert_eq!(known, [good, "whsec_0123456789abcdef01234567ff"]);
        assert_eq!(wrong, [1, 3, 4, 5, 6, 7]);
        let told = complaint(&wrong).unwrap_or_default();
        assert!(told.contains("position 1, 3, 4, 5, 6, 7:") && !told.contains("0123"), "{told}");
        assert_eq!((read(None).1, complaint(&[])), (vec![], None));
    }
}
