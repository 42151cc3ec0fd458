-- The ledger: what Stripe told, what the ERP answered, and who is working on what.
-- Times are seconds since 1970 UTC.

-- One row an event, written before Stripe gets its 200. src/ledger/state.rs has the table of states.
CREATE TABLE inbox (
    id             TEXT PRIMARY KEY,             -- evt_…
    account        TEXT,                         -- acct_… as the event names it; NULL: the key's own
    livemode       INTEGER NOT NULL,
    type           TEXT NOT NULL,
    api_version    TEXT,
    created        INTEGER NOT NULL,             -- at Stripe
    object         TEXT NOT NULL,                -- id of the object it is about
    subject        TEXT NOT NULL,                -- the payment it is worked under, one event at a time
    form           TEXT NOT NULL CHECK (form IN ('snapshot', 'thin', 'pulled')),
    body           TEXT,                         -- as signed; NULL: fetch the object instead
    received       INTEGER NOT NULL,
    state          TEXT NOT NULL DEFAULT 'received'
                   CHECK (state IN ('received', 'claimed', 'done', 'failed', 'waiting', 'parked', 'ignored')),
    code           TEXT,                         -- why failed, waiting, parked or ignored
    detail         TEXT,
    waiting_for    TEXT,                         -- the payment whose posting it waits for
    waiting_since  INTEGER,
    attempts       INTEGER NOT NULL DEFAULT 0,
    crashes        INTEGER NOT NULL DEFAULT 0,   -- leases in a row that ran out without a verdict
    batch_limit    INTEGER,                      -- most movements that may share its next call; NULL: no limit
    due            INTEGER,                      -- may be claimed from then on; NULL: nothing to do
    queue_again_at INTEGER,                      -- the sweep queues it from then on; NULL: nothing to do
    mapper         INTEGER,                      -- version of the mapper that ignored it as unsupported
    finished        INTEGER                       -- when it became done or ignored
) STRICT;

CREATE INDEX inbox_subject_due ON inbox (subject, due) WHERE due IS NOT NULL;
CREATE INDEX inbox_queue_again ON inbox (queue_again_at) WHERE queue_again_at IS NOT NULL;
CREATE INDEX inbox_waiting ON inbox (waiting_for) WHERE waiting_for IS NOT NULL;
CREATE INDEX inbox_unsupported ON inbox (mapper) WHERE mapper IS NOT NULL;
CREATE INDEX inbox_bodies ON inbox (finished) WHERE body IS NOT NULL AND finished IS NOT NULL;
CREATE INDEX inbox_parked ON inbox (code) WHERE state = 'parked';
CREATE INDEX inbox_by_settings ON inbox (finished)
    WHERE state = 'ignored' AND code IN ('other_account', 'before_go_live', 'ignored_database');

-- One row a movement of money that the ERP has.
CREATE TABLE postings (
    key       TEXT PRIMARY KEY,                  -- stripe:{acct_…}:{object}:{transition}
    payment   TEXT NOT NULL,                     -- pi_… or ch_…
    event     TEXT NOT NULL,                     -- the event that led to it
    minor     INTEGER NOT NULL,                  -- amount in minor units
    currency  TEXT NOT NULL,
    outcome   TEXT NOT NULL CHECK (outcome IN ('created', 'duplicate', 'gone')),
    model     TEXT,                              -- the ERP's record
    record    INTEGER,
    name      TEXT,
    flags     TEXT NOT NULL,                     -- JSON array: over, unallocated, …
    documents TEXT NOT NULL,                     -- JSON array: the invoices it paid and what is left on them
    posted    INTEGER NOT NULL
) STRICT;

CREATE INDEX postings_payment ON postings (payment);

-- Who works on a subject. Whoever lost the token changes nothing.
CREATE TABLE leases (
    subject TEXT PRIMARY KEY,
    token   TEXT NOT NULL,
    until   INTEGER NOT NULL
) STRICT;

-- The one Stripe account and mode of this ledger, and the fingerprint of the key that was last seen to be its.
CREATE TABLE identity (
    only        INTEGER PRIMARY KEY CHECK (only = 1),
    account     TEXT NOT NULL,
    livemode    INTEGER NOT NULL,
    fingerprint TEXT NOT NULL
) STRICT;

-- Delivery as a whole. A fault of the connection pauses it; no event pays for that. When a pause has run out and a
-- probe has passed it is on trial, one event at a time, until a booking proves that all is well.
CREATE TABLE delivery (
    only         INTEGER PRIMARY KEY CHECK (only = 1),
    paused_until INTEGER NOT NULL,               -- 0: running, or on trial when there are failures
    failures     INTEGER NOT NULL,               -- since the last booking
    code         TEXT,
    detail       TEXT,
    since        INTEGER,                        -- of the first of these failures
    probe        TEXT,                           -- token of whoever tests the connection while it is paused
    settings     TEXT,                           -- fingerprint of the settings that decide what is ignored
    settings_at  INTEGER                         -- events ignored by older settings before this are taken up again; NULL: all were
) STRICT;

INSERT INTO delivery (only, paused_until, failures) VALUES (1, 0, 0);

-- How far the list of Stripe's events has been read, for each account.
CREATE TABLE event_list_progress (
    account     TEXT PRIMARY KEY,                -- acct_…
    complete_to INTEGER NOT NULL,                -- start of the last run that came to its end
    run         TEXT                             -- JSON: where an unfinished run goes on
) STRICT;
