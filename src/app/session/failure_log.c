#include "app/session/failure_log.h"

size_t failure_log_fields(const struct provider_failure *failure, struct log_field out[FAILURE_LOG_FIELDS])
{
	const bool has_fields = failure->reason == PROVIDER_REASON_FIELDS;
	const struct {
		bool present;
		struct log_field field;
	} rows[FAILURE_LOG_FIELDS] = {
		{ true, LOG_WORD("cause", provider_cause_name(failure->cause)) },
		{ failure->call != NULL, LOG_WORD("call", failure->call) },
		{ failure->status > 0, LOG_NUMBER("status", failure->status) },
		{ failure->reason != PROVIDER_REASON_NONE,
			LOG_WORD("reason", provider_reason_name(failure->reason)) },
		{ has_fields || failure->reason == PROVIDER_REASON_UNKNOWN_STATUS,
			LOG_TEXT(has_fields ? "fields" : "text", failure->text) },
		{ failure->size > 0, LOG_NUMBER("size", failure->size) },
		{ failure->reason != PROVIDER_REASON_NONE,
			LOG_TEXT("action", provider_reason_action(failure->reason)) },
	};
	size_t n = 0;

	for (size_t i = 0; i < FAILURE_LOG_FIELDS; i++)
		if (rows[i].present)
			out[n++] = rows[i].field;
	return n;
}
