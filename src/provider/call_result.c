#include "provider/call_result.h"

#include <string.h>

#include "base/metrics.h"
#include "provider/error_body.h"

/* A longer Retry-After is ignored. */
#define RETRY_AFTER_MAX_S 86400

enum outcome {
	OUTCOME_OK,
	OUTCOME_GARBLED,
	OUTCOME_REFUSED,
	OUTCOME_UNREACHABLE,
	OUTCOME_LIMIT,
	OUTCOME_PAUSED,
	OUTCOME_TOO_LARGE,
	OUTCOME_UNKNOWN_STATUS
};

static const char *const call_labels[] = {
	[CALL_CREATE] = "create",
	[CALL_READ] = "read",
	[CALL_TOKEN] = "token",
	[CALL_FIND] = "find",
	[CALL_DECIDE] = "decide",
};

static const char *const outcome_labels[] = {
	[OUTCOME_OK] = "ok",
	[OUTCOME_REFUSED] = "refused",
	[OUTCOME_UNREACHABLE] = "unreachable",
	[OUTCOME_LIMIT] = "limit",
	[OUTCOME_GARBLED] = "garbled",
	[OUTCOME_PAUSED] = "paused",
	[OUTCOME_TOO_LARGE] = "too_large",
	[OUTCOME_UNKNOWN_STATUS] = "unknown_status",
};

static const enum outcome outcome_by_cause[PROVIDER_CAUSES] = {
	[PROVIDER_OK] = OUTCOME_OK,
	[PROVIDER_UNREACHABLE] = OUTCOME_UNREACHABLE,
	[PROVIDER_INVALID_RESPONSE] = OUTCOME_GARBLED,
	[PROVIDER_UNUSABLE] = OUTCOME_GARBLED,
	[PROVIDER_REFUSED] = OUTCOME_REFUSED,
	[PROVIDER_CREDITS] = OUTCOME_REFUSED,
	[PROVIDER_LIMIT] = OUTCOME_LIMIT,
	[PROVIDER_UNKNOWN_SESSION] = OUTCOME_REFUSED,
	[PROVIDER_UNKNOWN_STATUS] = OUTCOME_UNKNOWN_STATUS,
	[PROVIDER_PAUSED] = OUTCOME_PAUSED,
};

void call_result_labels(void)
{
	for (size_t i = 0; i < array_len(call_labels); i++)
		metric_label(METRIC_PROVIDER_CALLS, 0, i, call_labels[i]);
	for (size_t i = 0; i < array_len(outcome_labels); i++)
		metric_label(METRIC_PROVIDER_CALLS, 1, i, outcome_labels[i]);
}

const char *call_result_name(enum provider_call call)
{
	return call_labels[call];
}

void call_result_count(enum provider_call call, const struct provider_failure *failure)
{
	enum outcome outcome = outcome_by_cause[failure->cause];

	if (failure->reason == PROVIDER_REASON_TOO_LARGE && failure->cause == PROVIDER_INVALID_RESPONSE)
		outcome = OUTCOME_TOO_LARGE;
	/* a session that was created with an unknown status is counted as such, although the call
	 * succeeded */
	if (failure->reason == PROVIDER_REASON_UNKNOWN_STATUS)
		outcome = OUTCOME_UNKNOWN_STATUS;
	metric_add(METRIC_PROVIDER_CALLS, call, outcome, 1);
}

/* Supports only Retry-After in seconds, which is what Didit sends, not the form with a date. */
duration call_result_retry_after(const struct https_reply *reply)
{
	int64_t n = 0;

	(void)str_number(reply->retry_after, RETRY_AFTER_MAX_S, &n);
	return seconds(n);
}

/* Returns true if the server is up but its response could not be used: the response is not HTTP, or it is a
 * 2xx that is incomplete or too large. */
static bool is_invalid_response(enum https_error error, int status)
{
	return error == HTTPS_NOT_HTTP || (status >= 200 && status < 300);
}

/* Missing credits are reported as 400 (current), 403 (earlier) or 402 (didit-api.md 4.1, 13). A redirect
 * counts as PROVIDER_REFUSED, like a 4xx, because following it would send kycd's token to another server. */
static enum provider_cause cause_of(
	enum err e, enum https_error error, int status, const struct error_body *body)
{
	if (e == ERR_INPUT)
		return PROVIDER_REFUSED;
	if (e == ERR_BUSY)
		return PROVIDER_PAUSED;
	if (e == ERR_UPSTREAM && is_invalid_response(error, status))
		return PROVIDER_INVALID_RESPONSE;
	if (status < 200 || status >= 500)
		return PROVIDER_UNREACHABLE;
	if (status < 300)
		return PROVIDER_OK;
	if (status == 429)
		return PROVIDER_LIMIT;
	if (status == 402 || ((status == 400 || status == 403) && body->is_credits))
		return PROVIDER_CREDITS;
	return PROVIDER_REFUSED;
}

static const enum provider_reason reason_by_error[] = {
	[HTTPS_OK] = PROVIDER_REASON_NONE,
	[HTTPS_URL_REFUSED] = PROVIDER_REASON_URL_REFUSED,
	[HTTPS_HOST_NOT_FOUND] = PROVIDER_REASON_HOST_NOT_FOUND,
	[HTTPS_CONNECT_FAILED] = PROVIDER_REASON_NOT_CONNECTED,
	[HTTPS_TLS] = PROVIDER_REASON_TLS,
	[HTTPS_TIMEOUT] = PROVIDER_REASON_TIMEOUT,
	[HTTPS_TOO_LARGE] = PROVIDER_REASON_TOO_LARGE,
	[HTTPS_NOT_HTTP] = PROVIDER_REASON_NOT_HTTP,
	[HTTPS_BROKEN] = PROVIDER_REASON_CLOSED,
};

/* The reasons for statuses from 300 on; the first row that fits applies. Rows with `needs_json` fit only if
 * the body is empty or JSON, so that the response may come from the API and not from a proxy. */
static const struct {
	int from, to;
	bool needs_json;
	enum provider_reason reason;
} reason_by_status[] = {
	{ 300, 399, false, PROVIDER_REASON_REDIRECT },
	{ 402, 402, false, PROVIDER_REASON_CREDITS },
	{ 404, 404, false, PROVIDER_REASON_NOT_FOUND },
	{ 429, 429, false, PROVIDER_REASON_RATE_LIMIT },
	{ 401, 401, true, PROVIDER_REASON_CREDENTIALS },
	{ 403, 403, true, PROVIDER_REASON_PERMISSION },
	{ 400, 499, true, PROVIDER_REASON_BAD_REQUEST },
	{ 400, 499, false, PROVIDER_REASON_BLOCKED },
	{ 500, 999, false, PROVIDER_REASON_SERVER_ERROR },
};

static enum provider_reason reason_of_status(int status, bool may_be_api)
{
	for (size_t i = 0; i < array_len(reason_by_status); i++)
		if (status >= reason_by_status[i].from && status <= reason_by_status[i].to &&
			(may_be_api || !reason_by_status[i].needs_json))
			return reason_by_status[i].reason;
	return PROVIDER_REASON_NOT_HTTP; /* a final status below 200 */
}

/* Returns the reason of a failure. If a response was received incompletely, its status says more than the way
 * in which it was incomplete, except for a 2xx. */
static enum provider_reason reason_of(const struct provider_failure *failure, enum err e,
	enum https_error error, const struct https_reply *reply, const struct error_body *body)
{
	if (failure->cause == PROVIDER_OK || failure->cause == PROVIDER_PAUSED)
		return PROVIDER_REASON_NONE;
	if (failure->cause == PROVIDER_CREDITS)
		return PROVIDER_REASON_CREDITS;
	if (e != OK && (failure->status < 300 || error == HTTPS_TIMEOUT))
		return e == ERR_UPSTREAM || e == ERR_INPUT ? reason_by_error[error] : PROVIDER_REASON_NONE;
	if ((failure->status == 400 || failure->status == 422) && body->fields[0] != '\0')
		return PROVIDER_REASON_FIELDS;
	return reason_of_status(failure->status, e != OK || reply->body.n == 0 || body->is_json);
}

enum provider_cause call_result_of(
	enum err e, enum https_error error, const struct https_reply *reply, struct provider_failure *failure)
{
	const bool has_status = e == OK || (e == ERR_UPSTREAM && error != HTTPS_TIMEOUT);
	struct error_body body = { .is_json = false };

	*failure = (struct provider_failure){ .call = failure->call,
		.status = e == OK || e == ERR_UPSTREAM ? reply->status : 0 };
	if (e == OK && reply->status >= 400 && reply->status < 500)
		error_body_read(reply->body, &body);
	failure->cause = cause_of(e, error, has_status ? reply->status : 0, &body);
	failure->reason = reason_of(failure, e, error, reply, &body);
	failure->size = failure->reason == PROVIDER_REASON_TOO_LARGE ? reply->size : 0;
	if (failure->reason == PROVIDER_REASON_FIELDS)
		memcpy(failure->text, body.fields, sizeof(failure->text));
	return failure->cause;
}
