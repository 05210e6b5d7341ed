#include "domain/overall_status.h"

#include <assert.h>

static const char *const names[OVERALL_STATUS_COUNT] = {
	[OVERALL_PENDING] = "pending",
	[OVERALL_IN_REVIEW] = "in_review",
	[OVERALL_APPROVED] = "approved",
	[OVERALL_DECLINED] = "declined",
	[OVERALL_EXPIRED] = "expired",
};

const char *overall_status_name(enum overall_status status)
{
	assert(status >= OVERALL_PENDING && status < OVERALL_STATUS_COUNT);
	return names[status];
}

bool overall_status_parse(struct str name, enum overall_status *out)
{
	for (int s = OVERALL_PENDING; s < OVERALL_STATUS_COUNT; s++) {
		if (str_eq(name, str_of(names[s]))) {
			*out = (enum overall_status)s;
			return true;
		}
	}
	return false;
}

enum overall_status overall_status_of(enum session_status session)
{
	enum overall_status status = OVERALL_PENDING;
	const bool is_known = overall_status_parse(str_of(session_status_api_name(session)), &status);

	assert(is_known);
	(void)is_known;
	return status;
}
