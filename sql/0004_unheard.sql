-- Which open session was unheard of for longest.

CREATE INDEX sessions_by_news ON sessions (status, heard, id);
