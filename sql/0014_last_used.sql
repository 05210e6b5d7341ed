-- The minute in which an API key was last used, for `kycd key list`. 0: never, or not since this migration.

ALTER TABLE api_keys ADD COLUMN last_used_at {int} NOT NULL DEFAULT 0;
