-- What ends or breaks by itself, and alerts as the ERP shows them.
-- Times are seconds since 1970 UTC.

-- What was seen last of each such thing: src/ledger/observations.rs has their names.
CREATE TABLE observations (
    what  TEXT PRIMARY KEY,
    at    INTEGER NOT NULL,
    value TEXT                                   -- JSON
) STRICT;

-- Alerts that are an activity in the ERP.
CREATE TABLE activities (
    id    TEXT PRIMARY KEY,                      -- the alert's
    text  TEXT NOT NULL,                         -- what it says there, as a fingerprint
    shown INTEGER NOT NULL                       -- when the ERP was told of it last
) STRICT;
