-- Daily counts for the overview of the console (src/domain/daily_count.h), and what an event adds to them until it is numbered. The
-- counts begin with what the database knows: enrolments, sessions, and the events of the last days. Events that exist have an empty
-- `uncounted`, so that none is counted twice.

ALTER TABLE events ADD COLUMN uncounted {text} NOT NULL DEFAULT '';

CREATE TABLE daily_counts (
	tenant_id {text} NOT NULL,
	day {int} NOT NULL,
	prepared {int} NOT NULL,
	verified {int} NOT NULL,
	started {int} NOT NULL,
	approved {int} NOT NULL,
	declined {int} NOT NULL,
	in_review {int} NOT NULL,
	expired {int} NOT NULL,
	people_pending {int} NOT NULL,
	people_in_review {int} NOT NULL,
	people_approved {int} NOT NULL,
	people_declined {int} NOT NULL,
	people_expired {int} NOT NULL,
	closed {int} NOT NULL,
	PRIMARY KEY (tenant_id, day)
) {strict};

CREATE TABLE decision_counts (
	tenant_id {text} NOT NULL,
	day {int} NOT NULL,
	name {text} NOT NULL,
	number {int} NOT NULL,
	PRIMARY KEY (tenant_id, day, name)
) {strict};

-- The people of a day are those who were prepared until then, with the status that they have now. Only the newest day is read.
INSERT INTO daily_counts (tenant_id, day, prepared, verified, started, approved, declined, in_review, expired,
	people_pending, people_in_review, people_approved, people_declined, people_expired, closed)
SELECT tenant_id, day, sum(prepared), sum(verified), sum(started), sum(approved), sum(declined), sum(in_review), sum(expired),
	sum(sum(pending_now)) OVER (PARTITION BY tenant_id ORDER BY day),
	sum(sum(in_review_now)) OVER (PARTITION BY tenant_id ORDER BY day),
	sum(sum(approved_now)) OVER (PARTITION BY tenant_id ORDER BY day),
	sum(sum(declined_now)) OVER (PARTITION BY tenant_id ORDER BY day),
	sum(sum(expired_now)) OVER (PARTITION BY tenant_id ORDER BY day),
	CASE WHEN lead(day) OVER (PARTITION BY tenant_id ORDER BY day) IS NULL THEN 0 ELSE 1 END
FROM (
	SELECT tenant_id, prepared_at / 86400000 AS day, 1 AS prepared, 0 AS verified, 0 AS started,
		0 AS approved, 0 AS declined, 0 AS in_review, 0 AS expired,
		CASE WHEN merged = 0 AND overall_status < 2 THEN 1 ELSE 0 END AS pending_now,
		CASE WHEN merged = 0 AND overall_status = 2 THEN 1 ELSE 0 END AS in_review_now,
		CASE WHEN merged = 0 AND overall_status = 3 THEN 1 ELSE 0 END AS approved_now,
		CASE WHEN merged = 0 AND overall_status = 4 THEN 1 ELSE 0 END AS declined_now,
		CASE WHEN merged = 0 AND overall_status = 5 THEN 1 ELSE 0 END AS expired_now
	FROM enrolments
	UNION ALL
	SELECT tenant_id, verified_at / 86400000, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM enrolments WHERE verified_at <> 0
	UNION ALL
	SELECT tenant_id, created_at / 86400000, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM sessions WHERE status <> 0
	UNION ALL
	-- The types of src/domain/event.h: 8 kyc.approved, 9 kyc.declined, 10 kyc.in_review, 11 kyc.expired.
	SELECT tenant_id, created_at / 86400000, 0, 0, 0,
		CASE WHEN type = 8 THEN 1 ELSE 0 END, CASE WHEN type = 9 THEN 1 ELSE 0 END,
		CASE WHEN type = 10 THEN 1 ELSE 0 END, CASE WHEN type = 11 THEN 1 ELSE 0 END, 0, 0, 0, 0, 0
	FROM events WHERE type IN (8, 9, 10, 11)
) AS facts
GROUP BY tenant_id, day;
