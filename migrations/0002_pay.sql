-- The pay page: which PaymentIntent an invoice has, and which Stripe customer a contact is.
-- Times are seconds since 1970 UTC unless said.

-- One row an attempt at an invoice. It is written before Stripe is called, so that only this body is ever sent with this
-- idempotency key, and an invoice has at most one that is not closed.
CREATE TABLE intents (
    account     TEXT NOT NULL,                   -- acct_…, whose PaymentIntent it is
    database    TEXT NOT NULL,                   -- the ERP's database
    invoice     INTEGER NOT NULL,
    attempt     INTEGER NOT NULL,                -- 1, 2, …
    body        TEXT NOT NULL,                   -- the form sent to Stripe
    key         TEXT NOT NULL,                   -- its idempotency key
    minor       INTEGER NOT NULL,                -- amount in minor units
    currency    TEXT NOT NULL,
    residual    INTEGER NOT NULL,                -- of the invoice when the attempt began, minor units of the same currency
    partner     INTEGER NOT NULL,                -- commercial partner of the invoice
    customer    TEXT NOT NULL,                   -- cus_…
    token       TEXT NOT NULL,                   -- SHA-256 of the invoice's portal token
    shown       TEXT NOT NULL,                   -- JSON: what the page showed of the invoice; its e-mail masked
    opened      INTEGER NOT NULL,                -- milliseconds
    payment     TEXT,                            -- pi_…, once Stripe has answered
    status      TEXT,                            -- at Stripe, as last heard of; or parked, unseen, released (docs/OPERATIONS.md)
    declines    INTEGER NOT NULL DEFAULT 0,      -- in a row, none ten minutes after the one before
    declined    INTEGER,                         -- time of the last decline
    looked      INTEGER NOT NULL DEFAULT 0,      -- the cron looked whether it is still wanted
    closed      INTEGER,                         -- given up, or in the books; NULL: the invoice's one
    PRIMARY KEY (account, database, invoice, attempt)
) STRICT;

CREATE UNIQUE INDEX intents_open ON intents (account, database, invoice) WHERE closed IS NULL;
CREATE UNIQUE INDEX intents_payment ON intents (payment) WHERE payment IS NOT NULL;
CREATE UNIQUE INDEX intents_key ON intents (key);
CREATE INDEX intents_opened ON intents (opened);
CREATE INDEX intents_company ON intents (shown ->> '$.company.id');
CREATE INDEX intents_declined ON intents (declined) WHERE closed IS NULL AND declined IS NOT NULL;
CREATE INDEX intents_looked ON intents (looked) WHERE closed IS NULL;

-- Which Stripe customer a commercial partner is. The row is the claim: it is written before Stripe is asked to make one.
CREATE TABLE customers (
    account   TEXT NOT NULL,
    database  TEXT NOT NULL,
    partner   INTEGER NOT NULL,
    customer  TEXT,                              -- cus_…; NULL until Stripe has answered
    body      TEXT NOT NULL,                     -- the form that makes it
    key       TEXT NOT NULL,                     -- its idempotency key
    described TEXT NOT NULL,                              -- fingerprint of name and e-mail as Stripe has them
    older     INTEGER NOT NULL,                  -- 1: was at Stripe before this row; the ledger may have lost payments of it
    claimed   INTEGER NOT NULL,
    linked    INTEGER,                           -- when the ERP's contact got the id; NULL: to be done
    PRIMARY KEY (account, database, partner)
) STRICT;

CREATE UNIQUE INDEX customers_key ON customers (key);
CREATE INDEX customers_unlinked ON customers (claimed) WHERE linked IS NULL;

-- Whether a payment is under dispute.
CREATE INDEX inbox_disputes ON inbox (subject, created) WHERE type IN ('charge.dispute.created', 'charge.dispute.closed');
