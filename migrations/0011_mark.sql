-- The ERP answers bookings with a number that only grows: one that is not higher shows that it was set back to an earlier state.
-- Times are seconds since 1970 UTC.

-- The highest so far; NULL: none yet.
ALTER TABLE delivery ADD COLUMN mark INTEGER;

-- Since when the ERP is known to have gone back; NULL: it has not, or an operator has looked since.
ALTER TABLE delivery ADD COLUMN went_back INTEGER;
