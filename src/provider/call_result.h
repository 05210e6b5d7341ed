/* What a provider's HTTP answer means, one table for token, create and read; and the counting of it. */
#pragma once

#include "base/err.h"
#include "net/https_client.h"
#include "port/provider.h"

enum provider_call { CALL_CREATE, CALL_READ, CALL_TOKEN, CALL_FIND };

/* Of a call that gave `e`, with `trouble` if it is ERR_UPSTREAM (ERR_BUSY: too many were out, and it was not
 * made) and an answer, or what came of one. PROVIDER_OK for 2xx: the body is still to be judged. */
enum provider_cause call_result_of(enum err e, enum https_error error, const struct https_reply *reply);
/* For how long it wants to hear nothing; 0: it does not say, or not in whole seconds below a day. */
duration call_result_retry_after(const struct https_reply *reply);
/* Names the labels of METRIC_PROVIDER_CALLS. */
void call_result_labels(void);
void call_result_count(enum provider_call call, enum provider_cause cause);
