//! The form that keys and other names must have.

use serde_json::Value;

use super::{Work, text};
use crate::odoo::error::Result;
use crate::odoo::num;

/// `stripe:acct_…:OBJECT_ID:TRANSITION`.
pub fn is_key(name: &str) -> bool {
    let parts: Vec<&str> = name.split(':').collect();
    let [head, account, object, transition] = parts.as_slice() else { return false };
    let lower =
        !transition.chars().any(|c| c.is_ascii_uppercase()) && transition.chars().any(|c| c.is_ascii_lowercase());
    *head == "stripe"
        && is_id(account, "acct_")
        && is_id(object, "")
        && object.contains('_')
        && is_id(transition, "")
        && lower
}

/// An id of Stripe's, or what a key has in the place of one.
pub fn is_id(text: &str, start: &str) -> bool {
    let Some(rest) = text.strip_prefix(start).filter(|rest| rest.len() < 256 && !text.contains("__")) else {
        return false;
    };
    rest.chars().any(|c| c != '_') && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl Work<'_> {
    /// Why a movement is refused for its names; that it is another account's or mode's is a fault of the whole call.
    pub fn misnamed(&self, movement: &Value) -> Result<Option<String>> {
        let company = movement.get("company").and_then(num::int).unwrap_or(self.setup.company);
        for field in ["key", "receipt", "document", "reverses", "unless", "bill"] {
            let name = text(movement, field);
            if name.is_empty() && field != "key" {
                continue;
            }
            if !is_key(name) {
                return Ok(Some(format!("no key has the form of {}", cut(name))));
            }
            if let Some(books) = self.setup.ready.get(&company) {
                let account = name.split(':').nth(1).unwrap_or_default();
                books.owner.held(books.home, account, movement.get("livemode"))?;
            }
        }
        let dispute = text(movement, "dispute");
        if !dispute.is_empty() && !is_key(&format!("{dispute}:opened")) {
            return Ok(Some(format!("no dispute is called {}", cut(dispute))));
        }
        let customer = text(movement, "customer");
        let (account, id) = (customer.split(':').next().unwrap_or(""), customer.rsplit(':').next().unwrap_or(""));
        if !(customer.is_empty() || is_id(account, "acct_") && is_id(id, "")) {
            return Ok(Some(format!("no customer is called {}", cut(customer))));
        }
        Ok(None)
    }
}

fn cut(name: &str) -> String {
    name.chars().take(80).collect()
}
