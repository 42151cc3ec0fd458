-- Data about people goes when it is needed no more: docs/PRIVACY.md.

CREATE INDEX inbox_parked_bodies ON inbox (received) WHERE body IS NOT NULL AND state = 'parked';

-- A form is empty once Stripe has answered, or its idempotency key has run out.
CREATE INDEX customers_forms ON customers (claimed) WHERE body <> '';
CREATE INDEX intents_forms ON intents (opened) WHERE body <> '';

-- Whose payments these are: what is exported of a person, and forgotten.
CREATE INDEX customers_partner ON customers (partner);
CREATE INDEX customers_named ON customers (customer);
CREATE INDEX intents_partner ON intents (partner);
CREATE INDEX intents_customer ON intents (customer);
CREATE INDEX search_terms_payment ON search_terms (payment);
