-- The decision counts of a tenant and day are one row (src/domain/daily_count.h), which the overview reads by day for all tenants at once.

CREATE TABLE packed_decision_counts (
	tenant_id {text} NOT NULL,
	day {int} NOT NULL,
	counts {bytes} NOT NULL,
	PRIMARY KEY (tenant_id, day)
) {strict};

INSERT INTO packed_decision_counts (tenant_id, day, counts)
SELECT tenant_id, day, CAST({join}(name || '=' || number, ' ') AS {bytes}) FROM decision_counts GROUP BY tenant_id, day;

DROP TABLE decision_counts;
ALTER TABLE packed_decision_counts RENAME TO decision_counts;

CREATE INDEX decision_counts_by_day ON decision_counts (day, tenant_id);
CREATE INDEX daily_counts_by_day ON daily_counts (day, tenant_id);
CREATE INDEX daily_counts_newest ON daily_counts (tenant_id) WHERE closed = 0;
