-- The pay page: one customer, one partner; brakes; and a clock that looks ever more rarely.
-- Times are seconds since 1970 UTC unless said.

CREATE UNIQUE INDEX customers_customer ON customers (account, database, customer) WHERE customer IS NOT NULL;
