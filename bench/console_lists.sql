-- Fills a new SQLite database that has the tenants `acme` and `bank` with ten million people of `acme`, who were registered during the last
-- 400 days: 80 % are approved, 10 % pending, 9.9 % declined and 0.1 % (10,000) in review. Each has a session and an audit entry. Used by
-- bench/console_lists.mjs; the values that the lists do not read are empty.
PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-800000; PRAGMA temp_store=FILE; PRAGMA locking_mode=EXCLUSIVE;
CREATE TEMP TABLE a AS SELECT '0123456789abcdefghjkmnpqrstvwxyz' AS digits, CAST(strftime('%s', 'now') AS INTEGER) * 1000 AS now, (SELECT id FROM tenants WHERE name = 'acme') AS tenant;
CREATE TEMP TABLE n AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 10000000),
	t AS (SELECT i, now - (10000000 - i) * 3456 AS at, digits, tenant FROM c, a)
SELECT i, at, tenant, substr(digits, (at >> 45 & 31) + 1, 1) || substr(digits, (at >> 40 & 31) + 1, 1) || substr(digits, (at >> 35 & 31) + 1, 1)
	|| substr(digits, (at >> 30 & 31) + 1, 1) || substr(digits, (at >> 25 & 31) + 1, 1) || substr(digits, (at >> 20 & 31) + 1, 1)
	|| substr(digits, (at >> 15 & 31) + 1, 1) || substr(digits, (at >> 10 & 31) + 1, 1) || substr(digits, (at >> 5 & 31) + 1, 1)
	|| substr(digits, (at & 31) + 1, 1) || printf('%016d', i) AS id,
	CASE WHEN i % 1000 = 0 THEN 2 WHEN i % 10 = 1 THEN 1 WHEN i % 10 = 2 THEN 4 ELSE 3 END AS status FROM t;
BEGIN;
INSERT INTO users (id, group_name, wrapped_key, language, created_at, tries_reset_at, send_tat, orphan_suspected_at, linked_user_ids, link_send_tat, blind_index)
SELECT id, '@' || tenant, zeroblob(72), '', at, 0, 0, 0, '', 0, CAST(printf('%032d', i) AS BLOB) FROM n;
INSERT INTO addresses (blind_index, kind, user_id, sealed_address, created_at, primary_user_id)
SELECT CAST(printf('%032d', i) AS BLOB), 1, id, zeroblob(60), at, '' FROM n;
INSERT INTO enrolments (tenant_id, user_id, blind_index, prepared_at, verified_at, last_mail_id, public_user_id, overall_status, updated_at, reference_index)
SELECT tenant, id, CAST(printf('%032d', i) AS BLOB), at, at, '', id, status, at, printf('%064d', i) FROM n;
-- The statuses of sessions (src/domain/verification.h): 3 awaiting user, 5 in review, 6 approved, 7 declined. No session is due to be polled.
INSERT INTO sessions (id, user_id, tenant_id, flow, provider_version, features, provider_ref, status, sealed_url, sealed_decision, blocklisted,
	created_at, provider_event_at, last_update_at, last_poll_at, return_poll_at, instance_id, quota_month, after_declines, next_poll_at)
SELECT id, id, tenant, 'verify_public_kyc', 'v3', '', 'r' || id, CASE status WHEN 1 THEN 3 WHEN 2 THEN 5 WHEN 3 THEN 6 ELSE 7 END, x'', x'', 0,
	at, 0, at, 0, 0, '', 0, 0, at + 86400000000 FROM n;
INSERT INTO audit_entries (id, at, actor_kind, actor, action, subject, tenant_id, request_id, detail)
SELECT id, at, 1, 'key', i % 4, id, tenant, '', '' FROM n;
COMMIT;
