-- What operators see and do: attempts at events, who did what, sessions, alerts, and the words that lead to a payment.
-- Times are seconds since 1970 UTC.

-- The same rows are found by subject whether they are due or not: an event's story has all of them.
DROP INDEX inbox_subject_due;
CREATE INDEX inbox_subject ON inbox (subject, due);

-- Ends of attempts that were not success at once; equal ones in a row are one row. The newest of each event are kept.
CREATE TABLE attempts (
    event  TEXT NOT NULL,                        -- id of the inbox row
    number INTEGER NOT NULL,                     -- 1, 2, …
    at     INTEGER NOT NULL,                     -- of the first of these equal ends
    last   INTEGER NOT NULL,
    times  INTEGER NOT NULL,
    state  TEXT NOT NULL,                        -- what the event became by it
    code   TEXT,
    detail TEXT,
    PRIMARY KEY (event, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX attempts_last ON attempts (last);

-- Everything that operators did.
CREATE TABLE audit (
    number  INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    who     TEXT NOT NULL,                       -- token:NAME, access:E-MAIL
    action  TEXT NOT NULL,                       -- sign_in, replay, park, …
    target  TEXT NOT NULL,                       -- id of an event, key of a posting
    subject TEXT,                                -- the payment it is about
    reason  TEXT NOT NULL,
    outcome TEXT                                 -- NULL: begun, and how it ended is not known
) STRICT;

CREATE INDEX audit_subject ON audit (subject) WHERE subject IS NOT NULL;

-- Operators who signed in with the token.
CREATE TABLE sessions (
    id    TEXT PRIMARY KEY,                      -- SHA-256 of the cookie's value
    token TEXT NOT NULL,                         -- fingerprint of the token it began with
    who   TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT;

-- Numbers of invoices and ids of customers by which a payment is looked for.
CREATE TABLE search_terms (
    word    TEXT NOT NULL COLLATE NOCASE,
    payment TEXT NOT NULL,
    PRIMARY KEY (word, payment)
) STRICT, WITHOUT ROWID;

-- When a person allocated a receipt that found no invoice, or said that it may stay as it is.
ALTER TABLE postings ADD COLUMN allocated INTEGER;

CREATE INDEX postings_unallocated ON postings (posted)
    WHERE allocated IS NULL AND (instr(flags, '"unallocated"') > 0 OR instr(flags, '"over"') > 0);

-- What people were told of, so that it is told once while it lasts.
CREATE TABLE alerts (
    id    TEXT PRIMARY KEY,                      -- its kind, and what it is about
    kind  TEXT NOT NULL,
    what  TEXT NOT NULL,
    todo  TEXT NOT NULL,
    count INTEGER NOT NULL,                      -- how many it is about
    since INTEGER NOT NULL,
    told  INTEGER NOT NULL,                      -- when somebody was last told; 0: not yet
    times INTEGER NOT NULL
) STRICT;

-- What `quittance verify` said last.
CREATE TABLE proof (
    only    INTEGER PRIMARY KEY CHECK (only = 1),
    checked INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    summary TEXT NOT NULL
) STRICT;
