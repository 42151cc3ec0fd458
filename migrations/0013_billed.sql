-- Each fee that is owed is on one bill of its supplier.

-- The bill that lists it, by its object (`fees_2026_11_usd`); a bill's list never changes. NULL: none yet.
ALTER TABLE transactions ADD COLUMN billed TEXT;

DROP INDEX transactions_owed;
CREATE INDEX transactions_owed ON transactions (account, currency, created) WHERE owed = 1 AND billed IS NULL;
CREATE INDEX transactions_billed ON transactions (account, billed) WHERE billed IS NOT NULL;
