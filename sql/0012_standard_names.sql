-- Tables, columns and stored words get the names that the program uses (CHANGELOG.md, 0.2.0). Names of times end in _at,
-- names of references in _id, and no column name is an SQL keyword. Rows are not rewritten; only indexes whose names change
-- are built again. Sealed values remain bound to the old names: src/app/core/sealed_names.h.

ALTER TABLE schema_steps RENAME TO schema_migrations;
ALTER TABLE schema_migrations RENAME COLUMN applied TO applied_at;

ALTER TABLE keyrings RENAME COLUMN wrapped TO wrapped_key;
ALTER TABLE keyrings RENAME COLUMN master_id TO master_key_id;
ALTER TABLE keyrings RENAME COLUMN created TO created_at;

ALTER TABLE tenants RENAME COLUMN created TO created_at;

ALTER TABLE api_keys RENAME COLUMN tenant TO tenant_id;
ALTER TABLE api_keys RENAME COLUMN created TO created_at;
ALTER TABLE api_keys RENAME COLUMN expires TO expires_at;
ALTER TABLE api_keys RENAME COLUMN revoked TO revoked_at;

ALTER TABLE users RENAME COLUMN created TO created_at;
ALTER TABLE users RENAME COLUMN allowed TO tries_reset_at;
ALTER TABLE users RENAME COLUMN send_full TO send_tat;
ALTER TABLE users RENAME COLUMN doubted TO orphan_suspected_at;
ALTER TABLE users RENAME COLUMN members TO linked_user_ids;
ALTER TABLE users RENAME COLUMN pair_full TO link_send_tat;
ALTER TABLE users RENAME COLUMN address TO blind_index;

ALTER TABLE addresses RENAME COLUMN blind TO blind_index;
ALTER TABLE addresses RENAME COLUMN "user" TO user_id;
ALTER TABLE addresses RENAME COLUMN sealed TO sealed_address;
ALTER TABLE addresses RENAME COLUMN created TO created_at;
ALTER TABLE addresses RENAME COLUMN joined TO primary_user_id;

ALTER TABLE enrolments RENAME COLUMN tenant TO tenant_id;
ALTER TABLE enrolments RENAME COLUMN "user" TO user_id;
ALTER TABLE enrolments RENAME COLUMN blind TO blind_index;
ALTER TABLE enrolments RENAME COLUMN prepared TO prepared_at;
ALTER TABLE enrolments RENAME COLUMN proven TO verified_at;
ALTER TABLE enrolments RENAME COLUMN last_letter TO last_mail_id;

ALTER TABLE otps RENAME COLUMN tenant TO tenant_id;
ALTER TABLE otps RENAME COLUMN "user" TO user_id;
ALTER TABLE otps RENAME COLUMN created TO created_at;
ALTER TABLE otps RENAME COLUMN expires TO expires_at;
ALTER TABLE otps RENAME COLUMN letter TO mail_id;

ALTER TABLE sessions RENAME COLUMN "user" TO user_id;
ALTER TABLE sessions RENAME COLUMN tenant TO tenant_id;
ALTER TABLE sessions RENAME COLUMN provider TO provider_ref;
ALTER TABLE sessions RENAME COLUMN url TO sealed_url;
ALTER TABLE sessions RENAME COLUMN decision TO sealed_decision;
ALTER TABLE sessions RENAME COLUMN created TO created_at;
ALTER TABLE sessions RENAME COLUMN changed TO provider_event_at;
ALTER TABLE sessions RENAME COLUMN heard TO last_update_at;
ALTER TABLE sessions RENAME COLUMN read TO last_poll_at;
ALTER TABLE sessions RENAME COLUMN asked TO return_poll_at;
ALTER TABLE sessions RENAME COLUMN due TO next_poll_at;
ALTER TABLE sessions RENAME COLUMN instance TO instance_id;
DROP INDEX sessions_by_news;
CREATE INDEX sessions_by_last_update ON sessions (status, last_update_at, id);
DROP INDEX sessions_by_due;
CREATE INDEX sessions_by_next_poll ON sessions (status, next_poll_at, id);

ALTER TABLE quotas RENAME COLUMN tenant TO tenant_id;

ALTER TABLE effects RENAME COLUMN tenant TO tenant_id;
ALTER TABLE effects RENAME COLUMN "user" TO user_id;
ALTER TABLE effects RENAME COLUMN sealed TO sealed_payload;
ALTER TABLE effects RENAME COLUMN created TO created_at;
ALTER TABLE effects RENAME COLUMN due TO due_at;
ALTER TABLE effects RENAME COLUMN useful_until TO expires_at;
ALTER TABLE effects RENAME COLUMN leased_until TO lease_expires_at;
ALTER TABLE effects RENAME COLUMN lessee TO lease_owner;
ALTER TABLE effects RENAME COLUMN finished TO finished_at;

ALTER TABLE events RENAME TO provider_events;
ALTER TABLE provider_events RENAME COLUMN "key" TO event_key;
ALTER TABLE provider_events RENAME COLUMN body TO body_digest;
ALTER TABLE provider_events RENAME COLUMN session TO session_id;
ALTER TABLE provider_events RENAME COLUMN sent TO sent_at;
ALTER TABLE provider_events RENAME COLUMN received TO received_at;

ALTER TABLE event_bodies RENAME TO provider_event_bodies;
ALTER TABLE provider_event_bodies RENAME COLUMN "key" TO event_key;
ALTER TABLE provider_event_bodies RENAME COLUMN session TO session_id;
ALTER TABLE provider_event_bodies RENAME COLUMN received TO received_at;
ALTER TABLE provider_event_bodies RENAME COLUMN sealed TO sealed_body;
DROP INDEX event_bodies_by_age;
CREATE INDEX provider_event_bodies_by_age ON provider_event_bodies (received_at, event_key);
DROP INDEX event_bodies_by_session;
CREATE INDEX provider_event_bodies_by_session ON provider_event_bodies (session_id, received_at, event_key);

ALTER TABLE trails RENAME TO audit_entries;
ALTER TABLE audit_entries RENAME COLUMN act TO action;
ALTER TABLE audit_entries RENAME COLUMN tenant TO tenant_id;
ALTER TABLE audit_entries RENAME COLUMN request TO request_id;
ALTER TABLE audit_entries RENAME COLUMN note TO detail;
DROP INDEX trails_by_subject;
CREATE INDEX audit_entries_by_subject ON audit_entries (subject, id);
-- `detail` is one of a fixed set of words for the actions code_sent (1), provider_event (6) and link_refused (18).
UPDATE audit_entries SET detail = 'link' WHERE action = 1 AND detail = 'pair';
UPDATE audit_entries SET detail = 'linked' WHERE action = 18 AND detail = 'joined';
UPDATE audit_entries SET detail = 'unchanged' WHERE action = 6 AND detail = 'same';
UPDATE audit_entries SET detail = 'needs_poll' WHERE action = 6 AND detail = 'doubtful';
UPDATE audit_entries SET detail = 'polled' WHERE action = 6 AND detail = 'asked';
UPDATE audit_entries SET detail = 'not_tracked' WHERE action = 6 AND detail = 'not_followed';

ALTER TABLE visitors RENAME TO ip_limits;
ALTER TABLE ip_limits RENAME COLUMN "key" TO ip_hash;
ALTER TABLE ip_limits RENAME COLUMN send_full TO send_tat;
ALTER TABLE ip_limits RENAME COLUMN day_full TO day_tat;
ALTER TABLE ip_limits RENAME COLUMN until TO expires_at;
DROP INDEX visitors_by_end;
CREATE INDEX ip_limits_by_expiry ON ip_limits (expires_at, ip_hash);

ALTER TABLE watches RENAME TO heartbeats;
UPDATE heartbeats SET name = 'reconcile' WHERE name = 'alive';
UPDATE heartbeats SET name = 'reconcile_gap' WHERE name = 'sweep';

ALTER TABLE leases RENAME COLUMN lessee TO owner;
ALTER TABLE leases RENAME COLUMN until TO expires_at;
UPDATE leases SET name = 'cleanup' WHERE name = 'upkeep';

ALTER TABLE challenges RENAME COLUMN tenant TO tenant_id;
ALTER TABLE challenges RENAME COLUMN wallet TO wallet_index;
ALTER TABLE challenges RENAME COLUMN created TO created_at;
ALTER TABLE challenges RENAME COLUMN expires TO expires_at;
DROP INDEX challenges_by_end;
CREATE INDEX challenges_by_expiry ON challenges (expires_at, tenant_id, wallet_index);

ALTER TABLE claims RENAME COLUMN tenant TO tenant_id;
ALTER TABLE claims RENAME COLUMN email TO email_index;
ALTER TABLE claims RENAME COLUMN wallet TO wallet_index;
ALTER TABLE claims RENAME COLUMN made TO claimed_at;
ALTER TABLE claims RENAME COLUMN "user" TO user_id;
ALTER TABLE claims RENAME COLUMN created TO created_at;
ALTER TABLE claims RENAME COLUMN expires TO expires_at;
ALTER TABLE claims RENAME COLUMN letter TO mail_id;

ALTER TABLE tokens RENAME TO provider_tokens;
ALTER TABLE provider_tokens RENAME COLUMN sealed TO sealed_token;
ALTER TABLE provider_tokens RENAME COLUMN renew TO renew_at;
ALTER TABLE provider_tokens RENAME COLUMN expires TO expires_at;
ALTER TABLE provider_tokens RENAME COLUMN lessee TO lease_owner;
ALTER TABLE provider_tokens RENAME COLUMN leased_until TO lease_expires_at;
