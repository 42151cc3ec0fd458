//! Whose books they are: the Stripe accounts and the mode that each company keeps the books of, in a system parameter, which
//! only a user of the group Settings can write. The procedures hold every call against it.

use super::admin::Admin;
use super::company::Company;
use super::options::{Change, ChangeKind, OwnerScope, SetupOptions, Stripe};
use super::parameters::{parameter, store_parameter};
use crate::erp::odoo::error::{OdooError, OdooErrorKind};

/// The parameter's key.
pub fn key(company: i64) -> String {
    format!("quittance.stripe_{company}")
}

/// Stores the accounts of a company, or leaves what an earlier run stored. Those of another ledger are not replaced unless
/// the wish says so.
pub async fn stripe(
    admin: &mut Admin<'_>,
    wish: &SetupOptions,
    company: &Company,
    first: bool,
) -> Result<(), OdooError> {
    let of = |one: &&Stripe| match one.books {
        OwnerScope::First => first,
        OwnerScope::Each => true,
        OwnerScope::Of(id) => id == company.id || company.branches.contains(&id),
    };
    let mut wanted: Vec<&str> = wish.stripe.iter().filter(of).map(|one| one.account.as_str()).collect();
    wanted.dedup();
    let key = key(company.id);
    let stored = parameter(admin, &key).await?.unwrap_or_default();
    let (mode, accounts) = stored.split_once(' ').unwrap_or((&stored, ""));
    let accounts: Vec<&str> = accounts.split_whitespace().collect();
    let livemode = wish.stripe_livemode.map(|live| if live { "live" } else { "test" });
    let detail = |mode: &str, accounts: &[&str]| format!("the {mode} books of {}", accounts.join(", "));
    let (Some(livemode), false) = (livemode, wanted.is_empty()) else {
        return match (accounts.is_empty(), admin.dry) {
            (false, _) => {
                admin.changes.push(Change { act: ChangeKind::Keep, name: key, detail: detail(mode, &accounts) });
                Ok(())
            }
            (true, true) => {
                admin
                    .notes
                    .push(format!("whose Stripe account company {} keeps the books of is not known", company.id));
                Ok(())
            }
            (true, false) => Err(account_unknown(company.id)),
        };
    };
    let known = mode == livemode && wanted.iter().any(|account| accounts.contains(account));
    if !accounts.is_empty() && !known && !wish.change_stripe {
        return Err(OdooError::new(
            OdooErrorKind::Refused,
            format!(
                "Company {} keeps the {mode} books of {}, not the {livemode} books of {}: give this Stripe account a company or a database of its own. If that is meant, --change-stripe-account stores it.",
                company.id,
                accounts.join(", "),
                wanted.join(", ")
            ),
        ));
    }
    let mut all: Vec<&str> = if known && !wish.change_stripe { accounts } else { Vec::new() };
    wanted.retain(|account| !all.contains(account));
    all.extend(wanted);
    store_parameter(admin, &key, &format!("{livemode} {}", all.join(" ")), detail(livemode, &all)).await
}

fn account_unknown(company: i64) -> OdooError {
    let detail = format!(
        "Whose Stripe account company {company} keeps the books of is not known: set STRIPE_API_KEY, or name it with --stripe-account acct_…:test (or :live); of a connected account, write acct_…={company} in STRIPE_ACCOUNTS."
    );
    OdooError::new(OdooErrorKind::Refused, detail)
}
