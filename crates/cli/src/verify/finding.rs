//! One reason why the books differ from Stripe: what it is, the ids it is about, and by how much.

use quittance::money::Money;
use serde::{Serialize, Serializer};

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The balance transaction is not in the books, and nobody has refused it.
    NotPosted,
    /// The ledger has parked it: a person must act.
    Parked,
    /// It was booked, and the entry was deleted.
    Deleted,
    /// Its entry is a draft (again).
    Draft,
    /// Its entry is cancelled.
    Cancelled,
    /// Its payment names a database of IGNORED_DATABASES: it is left to others.
    IgnoredDatabase,
    /// Its entry is posted with another amount on the balance account.
    Changed,
    /// Its entry is the entry of another balance transaction already.
    Shared,
    /// It stands on the balance account of another settlement currency.
    OtherCurrency,
    /// It is of a balance that the books do not follow, and yet on the balance account.
    OtherBalance,
    /// Posted on another side of the day than its instant says: a locked period, or a date changed by hand.
    DateMoved,
    /// Booked after Stripe had been read.
    Newer,
    /// In the books under our key, and created before the cut-over.
    BeforeCutOver,
    /// In the books under our key, and Stripe does not know it.
    NotInStripe,
    /// Somebody else's entry on the balance account.
    Foreign,
    /// There is no opening entry, and Stripe had a balance at the cut-over.
    OpeningMissing,
    /// The opening entry waits to be posted.
    OpeningDraft,
    /// The opening entry is of another amount than Stripe had.
    OpeningDiffers,
}

impl Cause {
    /// A matter of time alone: nothing is wrong, and nobody needs to act.
    pub fn is_timing(self) -> bool {
        matches!(self, Self::DateMoved | Self::Newer)
    }

    /// Nothing is wrong: of time alone, or left out because a setting says so.
    pub fn is_harmless(self) -> bool {
        self.is_timing() || self == Self::IgnoredDatabase
    }

    /// For readers.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NotPosted => "not yet posted",
            Self::Parked => "parked",
            Self::Deleted => "deleted in Odoo",
            Self::IgnoredDatabase => "of an ignored database",
            Self::Draft => "entry is a draft",
            Self::Cancelled => "cancelled in Odoo",
            Self::Changed => "changed in Odoo",
            Self::Shared => "one entry for two",
            Self::OtherCurrency => "on another account",
            Self::OtherBalance => "of another balance",
            Self::DateMoved => "date moved",
            Self::Newer => "newer than this proof",
            Self::BeforeCutOver => "before the cut-over",
            Self::NotInStripe => "unknown to Stripe",
            Self::Foreign => "foreign line",
            Self::OpeningMissing => "no opening entry",
            Self::OpeningDraft => "opening is a draft",
            Self::OpeningDiffers => "opening differs",
        }
    }

    /// What a person does about it.
    pub fn advice(self) -> &'static str {
        match self {
            Self::NotPosted => {
                "The sweep books it by itself. If it stays, look at the Worker's alerts and at its ledger; if Odoo was set back to a backup, run `quittance recover --erp-restored-to` with the backup's time."
            }
            Self::Parked => "The ledger says why; mend it and replay the event (docs/OPERATIONS.md).",
            Self::Deleted => {
                "The key is taken, so it is not booked again by itself: book it by hand and name its txn_ id."
            }
            Self::IgnoredDatabase => {
                "Nothing: IGNORED_DATABASES leaves it to the books of that database. It is a part of Stripe's balance all the same."
            }
            Self::Draft => "Post the entry again in Odoo.",
            Self::Cancelled => "Reset the entry to draft in Odoo and post it.",
            Self::Changed => "Compare the entry's line on the balance account with Stripe's net, and put it right.",
            Self::Shared => "Two keys name one entry: one of the two movements has none of its own.",
            Self::OtherCurrency => "The entry's line belongs on the balance account of its settlement currency.",
            Self::OtherBalance => "Move the entry's line off the balance account.",
            Self::DateMoved => "Nothing: a timing difference, as the period was locked or the date was changed.",
            Self::Newer => "Nothing: run it again to have it in the proof.",
            Self::BeforeCutOver => "The opening entry has it already: reverse the entry, or correct the opening.",
            Self::NotInStripe => "Look whose Stripe account or mode booked it, and reverse it.",
            Self::Foreign => "Move it to another account: only Quittance books on the Stripe balance.",
            Self::OpeningMissing => "Run `quittance setup odoo`: it drafts the opening entry.",
            Self::OpeningDraft => "Check the opening entry in Odoo and post it.",
            Self::OpeningDiffers => "Correct the opening entry to what Stripe had at the cut-over.",
        }
    }
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub cause: Cause,
    /// Odoo less Stripe.
    #[serde(serialize_with = "amount")]
    pub amount: Money,
    /// `txn_…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction: Option<String>,
    /// The Odoo entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<JournalEntryRef>,
    /// Lines of the entry, where these are what it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<i64>,
    /// The day at Stripe, in the company's zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<String>,
    /// What else there is to know: the code it was parked with, who made the entry.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// What to run or to do about it, step by step; filled in when all differences are known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub repair: Vec<String>,
}

/// A journal entry (`account.move`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JournalEntryRef {
    pub id: i64,
    /// Empty for a draft without a number.
    pub name: String,
    pub date: String,
}

impl Finding {
    pub fn new(cause: Cause, amount: Money) -> Self {
        let (transaction, entry, lines, day, detail, repair) = Default::default();
        Self { cause, amount, transaction, entry, lines, day, detail, repair }
    }
}

/// Money as decimal text, where the currency stands beside it once.
pub fn amount<S: Serializer>(money: &Money, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&money.to_decimal().to_string())
}
