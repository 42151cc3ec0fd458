-- The table of the two Workers that the door is compared with.
CREATE TABLE events (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
