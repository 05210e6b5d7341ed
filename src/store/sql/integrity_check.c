#include "store/sql/integrity_check.h"

#include <stdio.h>

#include "base/attr.h"
#include "port/record.h"

/* A column whose value is the id of a row in another table. An empty value refers to no row. */
struct reference {
	struct str name;
	enum record_kind from;
	const char *column;
	enum record_kind to;
};

/* clang-format off */
static const struct reference references[] = {
	{ STR_INIT("api_keys.tenant_id"),   RECORD_API_KEY,   "tenant_id", RECORD_TENANT },
	{ STR_INIT("enrolments.tenant_id"), RECORD_ENROLMENT, "tenant_id", RECORD_TENANT },
	{ STR_INIT("quotas.tenant_id"),     RECORD_QUOTA,     "tenant_id", RECORD_TENANT },
	{ STR_INIT("events.tenant_id"),     RECORD_EVENT,     "tenant_id", RECORD_TENANT },
	{ STR_INIT("addresses.user_id"),    RECORD_ADDRESS,   "user_id",   RECORD_USER },
	{ STR_INIT("enrolments.user_id"),   RECORD_ENROLMENT, "user_id",   RECORD_USER },
	{ STR_INIT("otps.user_id"),         RECORD_OTP,       "user_id",   RECORD_USER },
	{ STR_INIT("sessions.user_id"),     RECORD_SESSION,   "user_id",   RECORD_USER },
};
/* clang-format on */

#define ORPHAN_COUNT_SQL                                                                                     \
	"SELECT count(*) FROM \"%s\" AS here WHERE here.\"%s\" <> '' AND NOT EXISTS"                         \
	" (SELECT 1 FROM \"%s\" AS there WHERE there.id = here.\"%s\")"

enum err integrity_check_count(struct sql *sql, int64_t *orphans, struct str *where)
{
	struct str first = STR("");
	int64_t total = 0;

	for (size_t i = 0; i < array_len(references); i++) {
		const struct reference *const r = &references[i];
		char sql_text[256];
		int64_t count;

		if (snprintf(sql_text, sizeof(sql_text), ORPHAN_COUNT_SQL, records[r->from].table, r->column,
			    records[r->to].table, r->column) >= (int)sizeof(sql_text))
			return ERR_INTERNAL;
		TRY(sql->ops->query_number(sql, sql_text, &count));
		if (count > 0 && first.n == 0)
			first = r->name;
		total += count;
	}
	*orphans = total;
	*where = first;
	return OK;
}
