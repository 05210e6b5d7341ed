#include "store/integrity_check.h"

#include <stdio.h>

#include "base/attr.h"
#include "port/record.h"

struct reference {
	struct str name;
	enum record_kind from;
	const char *column;
	enum record_kind to; /* by its id */
};

/* clang-format off */
static const struct reference references[] = {
	{ STR_INIT("api_keys.tenant"),   RECORD_API_KEY,   "tenant", RECORD_TENANT },
	{ STR_INIT("enrolments.tenant"), RECORD_ENROLMENT, "tenant", RECORD_TENANT },
	{ STR_INIT("quotas.tenant"),     RECORD_QUOTA,     "tenant", RECORD_TENANT },
	{ STR_INIT("addresses.user"),    RECORD_ADDRESS,   "user",   RECORD_USER },
	{ STR_INIT("enrolments.user"),   RECORD_ENROLMENT, "user",   RECORD_USER },
	{ STR_INIT("otps.user"),         RECORD_OTP,       "user",   RECORD_USER },
	{ STR_INIT("sessions.user"),     RECORD_SESSION,   "user",   RECORD_USER },
};
/* clang-format on */

#define QUESTION                                                                                             \
	"SELECT count(*) FROM \"%s\" AS here WHERE here.\"%s\" <> '' AND NOT EXISTS"                         \
	" (SELECT 1 FROM \"%s\" AS there WHERE there.id = here.\"%s\")"

enum err integrity_check_count(struct sql *sql, int64_t *orphans, struct str *where)
{
	struct str first = STR("");
	int64_t all = 0;

	for (size_t i = 0; i < array_len(references); i++) {
		const struct reference *const r = &references[i];
		char question[256];
		int64_t n;

		if (snprintf(question, sizeof(question), QUESTION, records[r->from].table, r->column,
			    records[r->to].table, r->column) >= (int)sizeof(question))
			return ERR_INTERNAL;
		TRY(sql->ops->query_number(sql, question, &n));
		if (n > 0 && first.n == 0)
			first = r->name;
		all += n;
	}
	*orphans = all;
	*where = first;
	return OK;
}
