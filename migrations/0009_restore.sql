-- The ERP may be set back to an earlier state: what the ledger calls booked since is asked for again by the same keys.
-- Times are seconds since 1970 UTC.

-- Since when the ERP is to be asked again, whatever this row says; NULL: it is believed.
ALTER TABLE postings ADD COLUMN doubt INTEGER;

CREATE INDEX postings_doubt ON postings (doubt) WHERE doubt IS NOT NULL;

-- One row each time that an operator says so. All postings are walked once, from the newest rowid down.
CREATE TABLE set_backs (
    number INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    since  INTEGER NOT NULL,                     -- postings written since then are asked for again
    below  INTEGER NOT NULL,                     -- the walk goes on with rowids below this one
    ended  INTEGER                               -- NULL: under way
) STRICT;

CREATE UNIQUE INDEX set_backs_under_way ON set_backs (since) WHERE ended IS NULL;
