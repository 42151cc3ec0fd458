//! Which companies are set up: the roots of those that were asked for. One Stripe account belongs to one root.

use serde_json::{Value, json};

use super::admin::{Admin, id, one, text};
use super::options::{OwnerScope, SetupOptions};
use crate::erp::odoo::error::{OdooError, OdooErrorKind};

/// A root company, as set-up needs it.
#[derive(Clone, Debug)]
pub struct Company {
    pub id: i64,
    /// Its branches, at any depth.
    pub branches: Vec<i64>,
    pub currency: i64,
    /// Code of its currency, `USD`.
    pub currency_name: String,
    pub partner: i64,
    /// Account of bank lines that nobody matched.
    pub suspense: Option<i64>,
    /// Odoo's own accounts of exchange gains and losses.
    pub exchange: (Option<i64>, Option<i64>),
}

/// The roots of the wished companies, each once, in the order asked. Notes what a branch or a second root means.
pub async fn roots(admin: &mut Admin<'_>, wish: &SetupOptions) -> Result<Vec<Company>, OdooError> {
    let (login, asked, allowed) = requested_companies(admin, wish).await?;
    let parents = admin.rows("res.company", json!([]), &["parent_id"], None).await?;
    let mut roots: Vec<i64> = Vec::new();
    let connected =
        wish.stripe.iter().filter_map(|one| if let OwnerScope::Of(id) = one.books { Some(id) } else { None });
    for company in asked.into_iter().chain(connected) {
        let root = root(&parents, company);
        if root != company {
            admin.notes.push(format!(
                "company {company} is a branch of company {root}, which is set up for it and all its branches: set ODOO_COMPANY={root}"
            ));
        }
        if !allowed.contains(&root) {
            let detail = format!(
                "User {login} may not work in company {root}, to which company {company} belongs; it may in {allowed:?}."
            );
            return Err(OdooError::new(OdooErrorKind::Refused, detail));
        }
        if !roots.contains(&root) {
            roots.push(root);
        }
    }
    check_one_root(admin, wish, &roots).await?;
    let mut found = Vec::new();
    for company in roots {
        found.push(read_company(admin, &parents, company).await?);
    }
    Ok(found)
}

/// Login of the Worker's user, the companies that were asked for, and those where the user may work.
async fn requested_companies(
    admin: &Admin<'_>,
    wish: &SetupOptions,
) -> Result<(String, Vec<i64>, Vec<i64>), OdooError> {
    let login = wish.worker.as_deref().unwrap_or(&admin.client.login);
    let users = admin.rows("res.users", json!([["login", "=", login]]), &["company_id", "company_ids"], None).await?;
    let Some(user) = users.first() else {
        let detail = format!("Odoo has no user {login}: make it (Invoicing rights are enough) or correct ODOO_LOGIN.");
        return Err(OdooError::new(OdooErrorKind::Refused, detail));
    };
    let allowed = user.get("company_ids").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_i64);
    let allowed: Vec<i64> = allowed.collect();
    if let Some(stranger) = wish.companies.iter().find(|c| !allowed.contains(c)) {
        let detail = format!("User {login} may not work in company {stranger}; it may in {allowed:?}.");
        return Err(OdooError::new(OdooErrorKind::Refused, detail));
    }
    let asked = match (wish.companies.is_empty(), one(user, "company_id")) {
        (true, Some(main)) => vec![main],
        _ => wish.companies.clone(),
    };
    Ok((login.to_owned(), asked, allowed))
}

/// Up the parents as far as they go.
fn root(companies: &[Value], company: i64) -> i64 {
    let mut at = company;
    // A company cannot be its own ancestor; the count only keeps a damaged tree from holding us.
    for _ in companies {
        match companies.iter().find(|row| id(row) == at).and_then(|row| one(row, "parent_id")) {
            Some(parent) => at = parent,
            None => break,
        }
    }
    at
}

async fn read_company(admin: &Admin<'_>, parents: &[Value], company: i64) -> Result<Company, OdooError> {
    let (gain, loss) = ("income_currency_exchange_account_id", "expense_currency_exchange_account_id");
    let fields = ["currency_id", "partner_id", "account_journal_suspense_account_id", gain, loss];
    let rows = admin.rows("res.company", json!([["id", "=", company]]), &fields, None).await?;
    let row = rows.first().cloned().unwrap_or_default();
    let branch = |row: &&Value| id(row) != company && root(parents, id(row)) == company;
    Ok(Company {
        id: company,
        branches: parents.iter().filter(branch).map(id).collect(),
        currency: one(&row, "currency_id").unwrap_or_default(),
        currency_name: row.pointer("/currency_id/1").and_then(Value::as_str).unwrap_or_default().to_owned(),
        partner: one(&row, "partner_id").unwrap_or_default(),
        suspense: one(&row, "account_journal_suspense_account_id"),
        exchange: (one(&row, gain), one(&row, loss)),
    })
}

/// The companies that have a Stripe journal from set-up.
pub async fn set_up(admin: &Admin<'_>) -> Result<Vec<i64>, OdooError> {
    let domain = json!([["module", "=", "quittance"], ["model", "=", "account.journal"]]);
    let rows = admin.rows("ir.model.data", domain, &["name"], None).await?;
    Ok(rows.iter().filter_map(|row| text(row, "name").strip_prefix("journal_stripe_")?.parse().ok()).collect())
}

async fn check_one_root(admin: &mut Admin<'_>, wish: &SetupOptions, roots: &[i64]) -> Result<(), OdooError> {
    let mut all = set_up(admin).await?;
    all.extend(roots);
    all.sort_unstable();
    all.dedup();
    if all.len() > 1 && !wish.company_named {
        admin.notes.push(format!(
            "companies {all:?} each have their own books, and one Stripe account belongs to one company: give each its own Worker and Stripe account, and set ODOO_COMPANY in each"
        ));
    }
    Ok(())
}
