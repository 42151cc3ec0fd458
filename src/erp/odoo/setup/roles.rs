//! The accounts that the books need beside the Stripe balance: what each is for and of which type.

/// One account, `quittance.account_{name}_{company}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role {
    pub name: &'static str,
    /// The account's name in Odoo.
    pub title: &'static str,
    /// Odoo's `account_type`; the same on 17, 18 and 19.
    pub kind: &'static str,
    /// Made only when it is asked for; without it another account serves.
    pub optional: bool,
    /// Its lines are matched with each other.
    pub reconcile: bool,
    /// A receivable that is none of trade: left out of Odoo's aged receivables.
    pub non_trade: bool,
    /// Types that an account may have that a user names for it.
    pub fits: &'static [&'static str],
    /// What stands on it, for reports of set-up and doctor.
    pub holds: &'static str,
}

/// What is owed to us or by us, and no customer's or supplier's.
const HELD: &[&str] = &[
    "asset_current",
    "asset_non_current",
    "asset_prepayments",
    "liability_current",
    "liability_non_current",
    "liability_credit_card",
];
/// Charts that keep money on its way among the bank accounts.
const MONEY: &[&str] = &["asset_current", "asset_cash", "liability_current"];
const COST: &[&str] = &["expense", "expense_other", "expense_direct_cost"];
const RESULT: &[&str] = &["income", "income_other", "expense", "expense_other"];

const fn role(name: &'static str, title: &'static str, kind: &'static str, holds: &'static str) -> Role {
    Role { name, title, kind, optional: false, reconcile: false, non_trade: false, fits: HELD, holds }
}

const fn reconcilable_role(name: &'static str, title: &'static str, kind: &'static str, holds: &'static str) -> Role {
    Role { reconcile: true, ..role(name, title, kind, holds) }
}

pub const CLEARING: Role = Role {
    fits: MONEY,
    ..reconcilable_role(
        "clearing",
        "Stripe clearing",
        "asset_current",
        "payments and refunds that are in flight at Stripe",
    )
};
pub const TRANSIT: Role = Role {
    fits: MONEY,
    ..reconcilable_role("transit", "Stripe payouts in transit", "asset_current", "payouts until their bank line comes")
};
pub const DISPUTED: Role =
    reconcilable_role("disputed", "Stripe disputed", "asset_current", "money that Stripe withdrew for open disputes");
pub const SUSPENSE: Role =
    reconcilable_role("suspense", "Stripe suspense", "asset_current", "movements of a type that nobody mapped yet");
/// Odoo offers an invoice only the open credit of its own receivable account, so that credit stands there unless
/// somebody wants it apart.
pub const ADVANCES: Role = Role {
    optional: true,
    non_trade: true,
    fits: &["asset_receivable"],
    ..reconcilable_role(
        "advances",
        "Stripe customer advances",
        "asset_receivable",
        "receipts that belong to no invoice yet",
    )
};
pub const FEES: Role = Role { fits: COST, ..role("fees", "Stripe fees", "expense", "Stripe's fees") };
pub const CONVERSION: Role = Role {
    fits: RESULT,
    ..role("conversion", "Stripe conversion", "income_other", "differences between Stripe's exchange rate and Odoo's")
};
pub const RESERVES: Role = role("reserves", "Stripe reserves", "asset_current", "money that Stripe holds in reserve");
pub const CONNECTED: Role =
    role("connected", "Stripe connected accounts", "asset_current", "money sent to connected accounts");
pub const LOAN: Role = role("loan", "Stripe Capital loan", "liability_current", "what is owed to Stripe Capital");
pub const WITHHELD: Role = role("withheld", "Stripe withheld tax", "asset_current", "tax that Stripe withheld");

/// Without it, lost disputes that are written off stand on the fees.
pub const LOSSES: Role = Role {
    optional: true,
    fits: COST,
    ..role("losses", "Stripe dispute losses", "expense", "disputes that were lost and written off")
};

/// All of them, in the order in which set-up makes them.
pub const ROLES: [Role; 12] =
    [CLEARING, TRANSIT, DISPUTED, SUSPENSE, ADVANCES, FEES, CONVERSION, RESERVES, CONNECTED, LOAN, WITHHELD, LOSSES];

/// The role of this name, or the names there are.
pub fn find_role(name: &str) -> Result<&'static Role, String> {
    ROLES.iter().find(|role| role.name == name).ok_or_else(|| {
        let known: Vec<&str> = ROLES.iter().map(|role| role.name).collect();
        format!("{name:?} is no account of Quittance; there are {}", known.join(", "))
    })
}

impl Role {
    /// The external id without its module.
    pub fn external(&self, company: i64) -> String {
        format!("account_{}_{company}", self.name)
    }
}
