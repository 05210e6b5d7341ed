/* Classifies the HTTP responses of Didit's API in the same way for all calls, and counts them in the metric
 * METRIC_PROVIDER_CALLS. Thread-safe. */
#pragma once

#include "base/err.h"
#include "net/https_client.h"
#include "port/provider.h"

enum provider_call { CALL_CREATE, CALL_READ, CALL_TOKEN, CALL_FIND, CALL_DECIDE };

/* Classifies a call of https_call() that returned `e` (ERR_BUSY: too many calls were running, and no request
 * was sent). `error` is used only if `e` is ERR_UPSTREAM or ERR_INPUT. `reply` holds what was received. Sets
 * all members of `failure` except `call`, and returns its cause. The cause of any complete 2xx response is
 * PROVIDER_OK; the caller must still check the body. */
enum provider_cause call_result_of(enum err e, enum https_error error, const struct https_reply *reply,
	struct provider_failure *failure);
/* Returns the value of `Retry-After` in whole seconds, or 0 if the header is absent, malformed or longer than
 * a day. */
duration call_result_retry_after(const struct https_reply *reply);
/* Registers the label values of METRIC_PROVIDER_CALLS. */
void call_result_labels(void);
/* For provider_failure.call, e.g. "create". */
const char *call_result_name(enum provider_call call);
void call_result_count(enum provider_call call, const struct provider_failure *failure);
