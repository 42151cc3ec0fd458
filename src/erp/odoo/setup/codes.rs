//! Codes of new accounts: the next free one after an account of the chart that it belongs beside.

use serde_json::json;

use super::admin::{Admin, one, text};
use super::company::Company;
use super::roles::{ADVANCES, CONVERSION, FEES, LOSSES, Role};
use crate::erp::odoo::error::{OdooError, OdooErrorKind};

/// How far to look for a free account code.
const CODES_TRIED: u64 = 1_000;

/// The codes that are taken in a company, those of this run included.
pub struct Codes {
    taken: Vec<String>,
}

impl Codes {
    pub async fn read_codes(admin: &Admin<'_>, company: &Company) -> Result<Self, OdooError> {
        let all = admin.rows("account.account", json!([["code", "!=", false]]), &["code"], Some(company.id)).await?;
        Ok(Self { taken: all.iter().map(|row| text(row, "code").to_owned()).collect() })
    }

    /// The code for a role's account. `balance` is the Stripe journal's account, 0 before it exists.
    pub async fn next(
        &mut self,
        admin: &Admin<'_>,
        role: &Role,
        company: &Company,
        balance: i64,
    ) -> Result<String, OdooError> {
        if balance == 0 && role.kind == "asset_current" {
            // A dry run: the journal's account, after which codes are counted, is not there yet.
            return Ok("with the next free code".to_owned());
        }
        let start = beside(admin, role, company, balance).await?;
        self.after(&start).ok_or_else(|| {
            let detail = format!(
                "No free account code after {start:?}; make an account and name it with --account {}=CODE.",
                role.name
            );
            OdooError::new(OdooErrorKind::Refused, detail)
        })
    }

    /// Takes the first free code after `start`.
    pub fn after(&mut self, start: &str) -> Option<String> {
        let code = code_after(start, &self.taken)?;
        self.taken.push(code.clone());
        Some(code)
    }
}

/// The code beside which the account belongs: the balance account for money, the usual receivable for advances, Odoo's
/// own exchange accounts for fees and conversion, which every chart has among its financial results.
async fn beside(admin: &Admin<'_>, role: &Role, company: &Company, balance: i64) -> Result<String, OdooError> {
    let account = match role.name {
        name if name == ADVANCES.name => receivable(admin, company).await?,
        name if name == FEES.name || name == LOSSES.name => company.exchange.1,
        name if name == CONVERSION.name => company.exchange.0,
        _ => Some(balance).filter(|_| role.kind == "asset_current"),
    };
    let of_kind = json!([["account_type", "=", role.kind]]);
    let domain = account.map_or(of_kind, |account| json!([["id", "=", account]]));
    let found = admin.rows("account.account", domain, &["code"], Some(company.id)).await?;
    Ok(found.iter().map(|row| text(row, "code")).min().unwrap_or_default().to_owned())
}

/// The account of a customer without a special one.
async fn receivable(admin: &Admin<'_>, company: &Company) -> Result<Option<i64>, OdooError> {
    let field = "property_account_receivable_id";
    let domain = json!([["id", "=", company.partner]]);
    let rows = admin.rows("res.partner", domain, &[field], Some(company.id)).await?;
    Ok(rows.first().and_then(|row| one(row, field)))
}

/// The first code after `start` that is not taken, as long as `start` is.
fn code_after(start: &str, taken: &[String]) -> Option<String> {
    let digits = start.len() - start.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (head, tail) = start.split_at(start.len() - digits);
    let number: u64 = tail.parse().ok()?;
    let codes = (1..CODES_TRIED).map(|step| format!("{head}{:0digits$}", number + step));
    codes.into_iter().find(|code| !taken.contains(code))
}

#[cfg(test)]
mod tests {
    use super::code_after;

    #[test]
    fn the_next_free_code_keeps_the_length() {
        let next =
            |start, taken: &[&str]| code_after(start, &taken.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>());
        assert_eq!(next("101404", &["101404", "101405"]).as_deref(), Some("101406"));
        assert_eq!(next("0099", &[]).as_deref(), Some("0100"));
        assert_eq!(next("BNK09", &["BNK10"]).as_deref(), Some("BNK11"));
        assert_eq!(next("BANK", &[]), None);
    }
}
