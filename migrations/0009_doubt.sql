-- The ERP may be set back to an earlier state: what the ledger calls booked since is asked for again by the same keys.
-- Times are seconds since 1970 UTC.

-- Since when the ERP is to be asked again, whatever this row says; NULL: it is believed.
ALTER TABLE postings ADD COLUMN doubt INTEGER;

CREATE INDEX postings_doubt ON postings (doubt) WHERE doubt IS NOT NULL;

-- One row each time that an operator says so. All postings are walked once, from the newest rowid down.
CREATE TABLE restores (
    number INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    since  INTEGER NOT NULL,                     -- postings written since then are asked for again
    below  INTEGER NOT NULL,                     -- the walk goes on with rowids below this one
    ended  INTEGER                               -- NULL: under way
) STRICT;

CREATE UNIQUE INDEX restores_under_way ON restores (since) WHERE ended IS NULL;

-- Documents that no balance transaction has settled an hour after they were booked: they are looked up at Stripe.
CREATE TABLE missing_transactions (
    key     TEXT PRIMARY KEY,                    -- of the posting
    due     INTEGER NOT NULL,                    -- of the next look
    looks   INTEGER NOT NULL DEFAULT 0,
    unknown INTEGER                              -- since when Stripe says that it has no such money
) STRICT, WITHOUT ROWID;

CREATE INDEX missing_transactions_due ON missing_transactions (due);
CREATE INDEX missing_transactions_unknown ON missing_transactions (unknown) WHERE unknown IS NOT NULL;

-- The rowid up to which postings were looked through for such documents.
CREATE TABLE missing_transactions_scan (
    only     INTEGER PRIMARY KEY CHECK (only = 1),
    postings INTEGER NOT NULL
) STRICT;

INSERT INTO missing_transactions_scan (only, postings) VALUES (1, 0);

-- The BOOK_FROM for which the list was read to `complete_to`: an earlier one makes it be read from there.
ALTER TABLE event_list_progress ADD COLUMN book_from INTEGER;
ALTER TABLE transaction_list_progress ADD COLUMN book_from INTEGER;
