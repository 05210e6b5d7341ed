/* Classifies the HTTP responses of Didit's API, the same way for all calls, and counts them in the metric
 * METRIC_PROVIDER_CALLS. Thread-safe. */
#pragma once

#include "base/err.h"
#include "net/https_client.h"
#include "port/provider.h"

enum provider_call { CALL_CREATE, CALL_READ, CALL_TOKEN, CALL_FIND };

/* Classifies a call of https_call() that returned `e`; `error` counts only if `e` is ERR_UPSTREAM or
 * ERR_INPUT, and `reply` holds what was received. ERR_BUSY means that too many calls were running and no
 * request was sent. Sets `failure`, except its `call`, and returns its cause: PROVIDER_OK for any complete
 * 2xx response; the caller must still check the body. */
enum provider_cause call_result_of(enum err e, enum https_error error, const struct https_reply *reply,
	struct provider_failure *failure);
/* The value of `Retry-After` in whole seconds; 0 if it is absent, malformed or longer than a day. */
duration call_result_retry_after(const struct https_reply *reply);
/* Registers the label values of METRIC_PROVIDER_CALLS. */
void call_result_labels(void);
/* For provider_failure.call, e.g. "create". */
const char *call_result_name(enum provider_call call);
void call_result_count(enum provider_call call, const struct provider_failure *failure);
