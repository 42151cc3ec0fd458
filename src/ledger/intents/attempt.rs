//! What the ledger has of the attempts at an invoice.

/// Status of an attempt whose customer is older than what the ledger knows of him, before Stripe was asked: the ledger may
/// have lost a PaymentIntent of this invoice.
pub const UNSEEN: &str = "unseen";
/// What the ledger lost is looked for so many seconds back, as far as Stripe's list of events goes: what is older is in the
/// ERP's books, or nowhere.
pub const LOST_S_MAX: i64 = 30 * 86_400;
/// So many attempts are looked at in one run: each may cost a call to Stripe, and Cloudflare's free plan has 50 for an
/// invocation.
pub(super) const LOOK_ROWS_MAX: i64 = 30;
/// Attempts of so many seconds count as begun lately.
pub(super) const RECENT_S: i64 = 3_600;

/// Which invoice, in which books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvoiceKey {
    /// `acct_…`.
    pub account: String,
    /// Name of the ERP's database.
    pub database: String,
    /// That and the names it had before, under which attempts may have begun: a JSON array.
    pub names: String,
    pub invoice: i64,
}

/// One attempt at an invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// 1, 2, …
    pub attempt: i64,
    /// The form that Stripe is sent, with `key` as its idempotency key and never another; kept until Stripe has answered.
    pub body: String,
    pub key: String,
    /// Minor units.
    pub minor: i64,
    pub currency: String,
    /// Of the invoice when the attempt began, minor units.
    pub residual: i64,
    /// Commercial partner.
    pub partner: i64,
    /// `cus_…`.
    pub customer: String,
    /// SHA-256 of the portal token, hex.
    pub token: String,
    /// JSON: what the page showed of the invoice.
    pub shown: String,
    /// Milliseconds since 1970 UTC.
    pub opened: i64,
    /// `pi_…`, once Stripe has answered.
    pub payment: Option<String>,
    /// As last heard of, by webhook or answer: Stripe's status, or `parked` when the payment's event is.
    pub status: Option<String>,
    pub closed: bool,
    pub posting: Option<AttemptPosting>,
    /// The event of its success is in the inbox and not finished.
    pub arriving: bool,
    /// Its charge is under dispute.
    pub disputed: bool,
}

/// Its movement in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptPosting {
    /// `created`, `duplicate` or `gone`.
    pub outcome: String,
    /// The ERP's payment: its id and name.
    pub record: i64,
    pub name: String,
    /// It matched no open invoice and is credit of the customer.
    pub unallocated: bool,
    /// The ERP may have lost it and is being asked again.
    pub doubt: bool,
}

/// Everything known of an invoice's payments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvoiceHistory {
    /// Open, posted, succeeded or paused ones, the newest first; of the canceled ones nothing is left to know.
    pub attempts: Vec<Attempt>,
    /// Number of the last attempt, 0 when there was none.
    pub last: i64,
    /// Nobody pays it before then, in seconds; 0 or past: no pause.
    pub paused_until: i64,
    /// How many attempts were begun within the last hour, and when the newest of all was, in milliseconds.
    pub lately: i64,
    pub newest: i64,
}

impl InvoiceHistory {
    /// The invoice's one attempt that is not closed.
    pub fn open_attempt(&self) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| !attempt.closed)
    }
}
