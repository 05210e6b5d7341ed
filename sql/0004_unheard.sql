-- Index for finding the open sessions whose last update is the oldest.

CREATE INDEX sessions_by_news ON sessions (status, heard, id);
