-- Fees that a supplier's monthly bill clears (FEES=supplier).

-- 1: what Stripe kept of its own in it stands on the supplier's payable account, as it was booked. The setting may change.
ALTER TABLE transactions ADD COLUMN owed INTEGER NOT NULL DEFAULT 0;

CREATE INDEX transactions_owed ON transactions (account, currency, created) WHERE owed = 1;
