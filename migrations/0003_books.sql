-- The books: what became of each movement's day, and what the Stripe balance is made of.
-- Times are seconds since 1970 UTC.

-- When it happened at Stripe, the day it was meant for by the company's time zone, and the day it stands on in the ERP.
ALTER TABLE postings ADD COLUMN kind TEXT;       -- paid, refunded, settled, …; NULL: paid, from before this column
ALTER TABLE postings ADD COLUMN occurred INTEGER;
ALTER TABLE postings ADD COLUMN intended TEXT;   -- YYYY-MM-DD
ALTER TABLE postings ADD COLUMN date TEXT;       -- YYYY-MM-DD

CREATE INDEX postings_moved ON postings (date) WHERE intended <> date;

-- One row a balance transaction that is in the books, or that a payout names.
CREATE TABLE transactions (
    account   TEXT NOT NULL,                     -- acct_…
    id        TEXT NOT NULL,                     -- txn_…
    type      TEXT,                              -- Stripe's; NULL until it is booked
    category  TEXT,                              -- Stripe's reporting category
    currency  TEXT,                              -- settlement currency
    gross     INTEGER,                           -- minor units of it, as all amounts here
    net       INTEGER,
    presented INTEGER,                           -- gross in the payment's currency: what stands in clearing
    presented_currency TEXT,
    fees      TEXT,                              -- JSON array of {kind, what, minor}
    counter   TEXT,                              -- role of the account its gross stands against
    document  TEXT,                              -- key of the document it settles
    source    TEXT,
    created   INTEGER,                           -- at Stripe
    available INTEGER,
    payout    TEXT,                              -- po_… that it is a part of, where Stripe has said so
    PRIMARY KEY (account, id)
) STRICT;

CREATE INDEX transactions_created ON transactions (account, created);
CREATE INDEX transactions_payout ON transactions (payout) WHERE payout IS NOT NULL;

-- How far the list of Stripe's balance transactions has been read, for each account.
CREATE TABLE transaction_list_progress (
    account     TEXT PRIMARY KEY,                -- acct_…
    complete_to INTEGER NOT NULL,                -- start of the last run that came to its end
    run         TEXT                             -- JSON: where an unfinished run goes on
) STRICT;
