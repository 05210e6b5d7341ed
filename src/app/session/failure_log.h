/* The fields of a log line about a failed call to the provider. */
#pragma once

#include <stddef.h>

#include "base/log.h"
#include "port/provider.h"

#define FAILURE_LOG_FIELDS 7

/* Writes the log fields of a failure: cause, call, status, reason, fields or text, size, and action. Leaves
 * out those that the failure does not have. Returns the number of log fields, which point into `failure`. */
size_t failure_log_fields(
	const struct provider_failure *failure, struct log_field out[FAILURE_LOG_FIELDS]) must_use;
