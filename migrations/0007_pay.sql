-- The pay page: one customer, one partner; a brake on declines; and a clock that looks ever more rarely.
-- Times are seconds since 1970 UTC unless said.

CREATE UNIQUE INDEX customers_customer ON customers (account, database, customer) WHERE customer IS NOT NULL;

-- The ERP is asked to link a customer at growing distances, and a number of times.
ALTER TABLE customers ADD COLUMN link_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE customers ADD COLUMN link_tries INTEGER NOT NULL DEFAULT 0;
DROP INDEX customers_unlinked;
CREATE INDEX customers_unlinked ON customers (link_at) WHERE linked IS NULL AND customer IS NOT NULL AND link_tries < 20;

-- After too many declines nobody pays the invoice until then.
ALTER TABLE intents ADD COLUMN paused_until INTEGER;
DROP INDEX intents_declined;
CREATE INDEX intents_paused ON intents (paused_until) WHERE closed IS NULL AND paused_until IS NOT NULL;
CREATE INDEX inbox_declines ON inbox (created) WHERE type = 'payment_intent.payment_failed';

-- When the cron looks next whether an open attempt is still wanted; NULL: no more.
ALTER TABLE intents ADD COLUMN look_at INTEGER DEFAULT 0;
DROP INDEX intents_looked;
ALTER TABLE intents DROP COLUMN looked;
CREATE INDEX intents_look ON intents (look_at) WHERE closed IS NULL AND look_at IS NOT NULL;

-- Attempts that led to no money: they go after a day.
CREATE INDEX intents_spent ON intents (closed) WHERE closed IS NOT NULL AND (payment IS NULL OR status = 'canceled');

-- A link with which a payment was begun before.
CREATE INDEX intents_token ON intents (token);
