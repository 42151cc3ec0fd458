-- Takes up again what is parked of one payment. ?1: the subject (pi_…, ch_…); ?2: now, in seconds since 1970 UTC.
UPDATE inbox SET state = 'received', code = NULL, detail = NULL, attempts = 0, batch_limit = NULL, finished = NULL,
    due = ?2, queue_again_at = ?2 WHERE subject = ?1 AND state = 'parked'
