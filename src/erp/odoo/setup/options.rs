//! What set-up is asked for, and what it tells.

/// What set-up is asked to make.
#[derive(Clone, Debug, Default)]
pub struct SetupOptions {
    /// Show what would change and write nothing.
    pub dry: bool,
    /// Ids of the companies to set up; of a branch, its root is. None given: the main company of `worker`, else of the
    /// set-up user.
    pub companies: Vec<i64>,
    /// ODOO_COMPANY names the company of the Stripe account, so that further companies are other Workers'.
    pub company_named: bool,
    /// Login of the Worker's own user.
    pub worker: Option<String>,
    /// Use journals that exist.
    pub journals: Vec<ExistingRecord>,
    /// Use accounts that exist, `ExistingRecord::what` being the role.
    pub accounts: Vec<ExistingRecord>,
    /// Currencies in which Stripe settles, besides each company's own.
    pub currencies: Vec<String>,
    /// Name or id of the purchase tax of Stripe's fees; `none` takes the tax away.
    pub fee_tax: Option<String>,
    /// IANA name of the zone whose days the books go by.
    pub zone: Option<String>,
    /// Make a payment provider record of our own, for payment.transaction records.
    pub transaction: bool,
    /// Stripe accounts whose books are to be kept; none: as an earlier run stored.
    pub stripe: Vec<Stripe>,
    /// Their mode.
    pub stripe_livemode: Option<bool>,
    /// Put them in the place of another ledger's.
    pub change_stripe: bool,
    /// Mode of the Stripe key: an Odoo provider of the other mode is no second hand on the same money.
    pub livemode: Option<bool>,
    /// Odoo's own Stripe provider serves another Stripe account.
    pub other_account: bool,
    /// Ids of Odoo's Stripe providers that are known to serve another Stripe account.
    pub other_providers: Vec<i64>,
    /// First instant to book, seconds since 1970 UTC; `None` keeps what an earlier run stored, else takes `now`.
    pub book_from: Option<i64>,
    /// The time, seconds since 1970 UTC.
    pub now: i64,
}

/// A Stripe account whose books are to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stripe {
    /// `acct_…`.
    pub account: String,
    pub books: OwnerScope,
}

/// In which company.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnerScope {
    /// The first that is set up: the Worker's own.
    First,
    /// Each that is set up.
    Each,
    /// The company with this id, or of a branch its root.
    Of(i64),
}

/// A record that somebody named to be used: of which kind, of which company (`None`: of every one), by its code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExistingRecord {
    /// The role of an account, `clearing`; the currency of a journal, `EUR`, empty for the company's own.
    pub what: String,
    pub company: Option<i64>,
    pub code: String,
}

/// The code that was named for a company; the last one wins.
pub fn chosen_code<'a>(named: &'a [ExistingRecord], what: &str, company: i64) -> Option<&'a str> {
    let fits = |one: &&ExistingRecord| one.what == what && one.company.is_none_or(|of| of == company);
    named.iter().rev().find(fits).map(|one| one.code.as_str())
}

/// What became of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    Keep,
    Create,
    Update,
    Remove,
}

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub act: ChangeKind,
    /// The external id or system parameter.
    pub name: String,
    /// For the reader.
    pub detail: String,
}

/// What set-up did, or would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Odoo's major version.
    pub major: i64,
    /// The root companies that were set up.
    pub companies: Vec<i64>,
    /// Value for the Worker's `BOOK_FROM`.
    pub book_from: i64,
    pub changes: Vec<Change>,
    /// What a person should know or do.
    pub notes: Vec<String>,
}
