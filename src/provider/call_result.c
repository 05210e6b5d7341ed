#include "provider/call_result.h"

#include "base/metrics.h"
#include "text/json.h"

/* Error bodies that are longer are not parsed: Didit's own are short, so this must be some proxy's page. */
#define ERROR_BODY_MAX ((size_t)4096)

/* A longer Retry-After is ignored. */
#define RETRY_AFTER_MAX_S 86400

enum outcome {
	OUTCOME_OK,
	OUTCOME_GARBLED,
	OUTCOME_REFUSED,
	OUTCOME_UNREACHABLE,
	OUTCOME_LIMIT,
	OUTCOME_PAUSED
};

static const char *const call_labels[] = {
	[CALL_CREATE] = "create",
	[CALL_READ] = "read",
	[CALL_TOKEN] = "token",
	[CALL_FIND] = "find",
};

static const char *const outcome_labels[] = {
	[OUTCOME_OK] = "ok",
	[OUTCOME_REFUSED] = "refused",
	[OUTCOME_UNREACHABLE] = "unreachable",
	[OUTCOME_LIMIT] = "limit",
	[OUTCOME_GARBLED] = "garbled",
	[OUTCOME_PAUSED] = "paused",
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
	[PROVIDER_PAUSED] = OUTCOME_PAUSED,
};

void call_result_labels(void)
{
	for (size_t i = 0; i < array_len(call_labels); i++)
		metric_label(METRIC_PROVIDER_CALLS, 0, i, call_labels[i]);
	for (size_t i = 0; i < array_len(outcome_labels); i++)
		metric_label(METRIC_PROVIDER_CALLS, 1, i, outcome_labels[i]);
}

void call_result_count(enum provider_call call, enum provider_cause cause)
{
	metric_add(METRIC_PROVIDER_CALLS, call, outcome_by_cause[cause], 1);
}

static bool contains_nocase(struct str text, struct str word)
{
	for (size_t i = 0; i + word.n <= text.n; i++)
		if (str_eq_nocase((struct str){ text.p + i, word.n }, word))
			return true;
	return false;
}

static bool mentions_credits(struct str text)
{
	return contains_nocase(text, STR("credit")) || contains_nocase(text, STR("balance"));
}

/* Didit sends seconds; the date form of Retry-After is not supported. */
duration call_result_retry_after(const struct https_reply *reply)
{
	int64_t n = 0;

	(void)str_number(reply->retry_after, RETRY_AFTER_MAX_S, &n);
	return seconds(n);
}

/* Whether an error body says that the account has no credits. Error bodies have no common form: the reason is
 * in `detail` or `code`, in a map from field names to messages (didit-api.md 4.1), or in `message` (v1). If
 * the body names a field of the request, the word "credit" in it may be a copy of our own callback URL, so
 * only the reason texts are searched. */
static bool is_credits_error(const struct json_value *document, struct str body)
{
	static const char *const text_keys[] = { "detail", "message", "error" };
	static const char *const field_keys[] = { "callback", "vendor_data", "workflow_id", "features",
		"language" };
	bool has_other_reason = false;

	if (str_starts(json_text(json_get(document, "code")), STR("contract_billing")))
		return true;
	for (size_t i = 0; i < array_len(text_keys); i++) {
		const struct str text = json_text(json_get(document, text_keys[i]));

		has_other_reason = has_other_reason || text.n > 0;
		if (mentions_credits(text))
			return true;
	}
	for (size_t i = 0; i < array_len(field_keys); i++)
		has_other_reason = has_other_reason || json_get(document, field_keys[i]) != NULL;
	return !has_other_reason && mentions_credits(body);
}

static bool is_credits_body(struct str body)
{
	const struct json_value *document cleanup_with(json_cleanup) = NULL;

	return body.n > 0 && body.n <= ERROR_BODY_MAX && json_parse(body, false, &document) == OK &&
	       is_credits_error(document, body);
}

/* Whether the response could not be used although the server is up: the bytes are not HTTP, or a 2xx response
 * was incomplete or too large. */
static bool is_invalid_response(enum https_error error, int status)
{
	return error == HTTPS_NOT_HTTP || (status >= 200 && status < 300);
}

/* didit-api.md 4.1 and 13: missing credits are reported as 400 (newest), 403 (older) or 402. A redirect
 * counts as refused, like a 4xx: following it would send our token to another server. */
enum provider_cause call_result_of(enum err e, enum https_error error, const struct https_reply *reply)
{
	const bool has_status = e == OK || (e == ERR_UPSTREAM && error != HTTPS_TIMEOUT);
	const int status = has_status ? reply->status : 0;

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
	if (status == 402 || ((status == 400 || status == 403) && is_credits_body(reply->body)))
		return PROVIDER_CREDITS;
	return PROVIDER_REFUSED;
}
