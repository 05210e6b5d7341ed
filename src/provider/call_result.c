#include "provider/call_result.h"

#include "base/metrics.h"
#include "text/json.h"

/* A longer refusal is a page, and none of Didit's own. */
#define REFUSAL_READ ((size_t)4096)

/* A longer wish is none. */
#define HOLD_MAX_S 86400

enum outcome {
	OUTCOME_OK,
	OUTCOME_GARBLED,
	OUTCOME_REFUSED,
	OUTCOME_UNREACHABLE,
	OUTCOME_LIMIT,
	OUTCOME_PAUSED
};

static const char *const call_words[] = {
	[CALL_CREATE] = "create",
	[CALL_READ] = "read",
	[CALL_TOKEN] = "token",
	[CALL_FIND] = "find",
};

static const char *const outcome_words[] = {
	[OUTCOME_OK] = "ok",
	[OUTCOME_REFUSED] = "refused",
	[OUTCOME_UNREACHABLE] = "unreachable",
	[OUTCOME_LIMIT] = "limit",
	[OUTCOME_GARBLED] = "garbled",
	[OUTCOME_PAUSED] = "paused",
};

static const enum outcome outcomes[PROVIDER_CAUSES] = {
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
	for (size_t i = 0; i < array_len(call_words); i++)
		metric_label(METRIC_PROVIDER_CALLS, 0, i, call_words[i]);
	for (size_t i = 0; i < array_len(outcome_words); i++)
		metric_label(METRIC_PROVIDER_CALLS, 1, i, outcome_words[i]);
}

void call_result_count(enum provider_call call, enum provider_cause cause)
{
	metric_add(METRIC_PROVIDER_CALLS, call, outcomes[cause], 1);
}

static bool names(struct str text, struct str word)
{
	for (size_t i = 0; i + word.n <= text.n; i++)
		if (str_eq_nocase((struct str){ text.p + i, word.n }, word))
			return true;
	return false;
}

static bool is_about_money(struct str text)
{
	return names(text, STR("credit")) || names(text, STR("balance"));
}

/* A date is not what Didit sends. */
duration call_result_retry_after(const struct https_reply *reply)
{
	int64_t n = 0;

	(void)str_number(reply->retry_after, HOLD_MAX_S, &n);
	return seconds(n);
}

/* There is no common envelope: `detail`, then `code`, then a map from fields to messages (didit-api.md 4.1);
 * `message` is v1's. What a message about a field of ours says of credit may be an echo of our own callback.
 */
static bool is_about_credits(const struct json_value *refusal, struct str body)
{
	static const char *const sentences[] = { "detail", "message", "error" };
	static const char *const fields[] = { "callback", "vendor_data", "workflow_id", "features",
		"language" };
	bool told = false;

	if (str_starts(json_text(json_get(refusal, "code")), STR("contract_billing")))
		return true;
	for (size_t i = 0; i < array_len(sentences); i++) {
		const struct str sentence = json_text(json_get(refusal, sentences[i]));

		told = told || sentence.n > 0;
		if (is_about_money(sentence))
			return true;
	}
	for (size_t i = 0; i < array_len(fields); i++)
		told = told || json_get(refusal, fields[i]) != NULL;
	return !told && is_about_money(body);
}

static bool names_credits(struct str body)
{
	const struct json_value *refusal cleanup_with(json_cleanup) = NULL;

	return body.n > 0 && body.n <= REFUSAL_READ && json_parse(body, false, &refusal) == OK &&
	       is_about_credits(refusal, body);
}

/* Whose answer was cut off, too large or no HTTP is there all the same: it is not down, unless it said so
 * first or let us wait. */
static bool is_garbled(enum https_error error, int status)
{
	return error == HTTPS_NOT_HTTP || (status >= 200 && status < 300);
}

/* didit-api.md 4.1 and 13: no credits is 400 (newest), 403 (older) or 402. A redirect is refused like a 4xx:
 * it would lead elsewhere with our token. */
enum provider_cause call_result_of(enum err e, enum https_error error, const struct https_reply *reply)
{
	const bool began = e == OK || (e == ERR_UPSTREAM && error != HTTPS_TIMEOUT);
	const int status = began ? reply->status : 0;

	if (e == ERR_INPUT)
		return PROVIDER_REFUSED;
	if (e == ERR_BUSY)
		return PROVIDER_PAUSED;
	if (e == ERR_UPSTREAM && is_garbled(error, status))
		return PROVIDER_INVALID_RESPONSE;
	if (status < 200 || status >= 500)
		return PROVIDER_UNREACHABLE;
	if (status < 300)
		return PROVIDER_OK;
	if (status == 429)
		return PROVIDER_LIMIT;
	if (status == 402 || ((status == 400 || status == 403) && names_credits(reply->body)))
		return PROVIDER_CREDITS;
	return PROVIDER_REFUSED;
}
