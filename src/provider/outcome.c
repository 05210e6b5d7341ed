#include "provider/outcome.h"

#include "base/meter.h"

/* As far into a refusal as the word is looked for. */
#define REFUSAL_READ ((size_t)4096)

enum outcome { OUTCOME_OK, OUTCOME_REFUSED, OUTCOME_UNREACHABLE, OUTCOME_LIMIT, OUTCOME_PAUSED };

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
	[OUTCOME_PAUSED] = "paused",
};

static const enum outcome outcomes[PROVIDER_CAUSES] = {
	[PROVIDER_FINE] = OUTCOME_OK,
	[PROVIDER_UNREACHABLE] = OUTCOME_UNREACHABLE,
	[PROVIDER_REFUSED] = OUTCOME_REFUSED,
	[PROVIDER_CREDITS] = OUTCOME_REFUSED,
	[PROVIDER_LIMIT] = OUTCOME_LIMIT,
	[PROVIDER_UNKNOWN_SESSION] = OUTCOME_REFUSED,
	[PROVIDER_PAUSED] = OUTCOME_PAUSED,
};

void outcome_labels(void)
{
	for (size_t i = 0; i < array_len(call_words); i++)
		meter_label(METER_PROVIDER_CALLS, 0, i, call_words[i]);
	for (size_t i = 0; i < array_len(outcome_words); i++)
		meter_label(METER_PROVIDER_CALLS, 1, i, outcome_words[i]);
}

void outcome_count(enum provider_call call, enum provider_cause cause)
{
	meter_add(METER_PROVIDER_CALLS, call, outcomes[cause], 1);
}

static bool names_credits(struct str body)
{
	static const struct str word = STR_INIT("credit");
	const size_t n = body.n < REFUSAL_READ ? body.n : REFUSAL_READ;

	for (size_t i = 0; i + word.n <= n; i++)
		if (str_eq_nocase((struct str){ body.p + i, word.n }, word))
			return true;
	return false;
}

/* didit-api.md 4.1 and 13: no credits is 400 (newest), 403 (older) or 402. A redirect is refused like a 4xx:
 * it would lead elsewhere with our token. */
enum provider_cause outcome_of(enum err e, const struct https_reply *reply)
{
	const int status = e == OK ? reply->status : 0;

	if (e == ERR_INPUT)
		return PROVIDER_REFUSED;
	if (e == ERR_BUSY)
		return PROVIDER_PAUSED;
	if (status < 200 || status >= 500)
		return PROVIDER_UNREACHABLE;
	if (status < 300)
		return PROVIDER_FINE;
	if (status == 429)
		return PROVIDER_LIMIT;
	if (status == 402 || ((status == 400 || status == 403) && names_credits(reply->body)))
		return PROVIDER_CREDITS;
	return PROVIDER_REFUSED;
}
