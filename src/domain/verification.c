#include "domain/verification.h"

#include <assert.h>
#include <stddef.h>

enum kind { KIND_OURS, KIND_OPEN, KIND_FINAL };

/* clang-format off */
static const struct {
	struct str text;
	const char *word;
	enum kind kind;
} statuses[STATUS_COUNT] = {
	[STATUS_CREATING]      = { STR_INIT("Creating"),      "pending",   KIND_OURS },
	[STATUS_NOT_STARTED]   = { STR_INIT("Not Started"),   "pending",   KIND_OPEN },
	[STATUS_IN_PROGRESS]   = { STR_INIT("In Progress"),   "pending",   KIND_OPEN },
	[STATUS_AWAITING_USER] = { STR_INIT("Awaiting User"), "pending",   KIND_OPEN },
	[STATUS_RESUBMITTED]   = { STR_INIT("Resubmitted"),   "pending",   KIND_OPEN },
	[STATUS_IN_REVIEW]     = { STR_INIT("In Review"),     "in_review", KIND_OPEN },
	[STATUS_APPROVED]      = { STR_INIT("Approved"),      "approved",  KIND_FINAL },
	[STATUS_DECLINED]      = { STR_INIT("Declined"),      "declined",  KIND_FINAL },
	[STATUS_EXPIRED]       = { STR_INIT("Expired"),       "expired",   KIND_FINAL },
	[STATUS_ABANDONED]     = { STR_INIT("Abandoned"),     "expired",   KIND_FINAL },
	[STATUS_KYC_EXPIRED]   = { STR_INIT("Kyc Expired"),   "expired",   KIND_FINAL },
};

/* didit-api.md 5, one row a status. What leaves a final status is done by hand at
 * the provider's console, but for Kyc Expired. Nobody waits for a user but who is at it, so
 * Awaiting User comes from In Progress. */
#define TO(name) [STATUS_##name] = true
static const bool steps[STATUS_COUNT][STATUS_COUNT] = {
	[STATUS_NOT_STARTED]   = { TO(IN_PROGRESS), TO(EXPIRED) },
	[STATUS_IN_PROGRESS]   = { TO(APPROVED), TO(DECLINED), TO(IN_REVIEW), TO(ABANDONED), TO(AWAITING_USER) },
	[STATUS_AWAITING_USER] = { TO(IN_PROGRESS) },
	[STATUS_RESUBMITTED]   = { TO(IN_PROGRESS) },
	[STATUS_IN_REVIEW]     = { TO(APPROVED), TO(DECLINED), TO(RESUBMITTED) },
	[STATUS_APPROVED]      = { TO(KYC_EXPIRED), TO(DECLINED), TO(RESUBMITTED) },
	[STATUS_DECLINED]      = { TO(APPROVED), TO(RESUBMITTED) },
	[STATUS_EXPIRED]       = { false },
	[STATUS_ABANDONED]     = { TO(APPROVED), TO(DECLINED), TO(RESUBMITTED) },
	[STATUS_KYC_EXPIRED]   = { TO(APPROVED), TO(DECLINED), TO(RESUBMITTED) },
};
#undef TO
/* clang-format on */

bool status_read(struct str text, enum status *out)
{
	/* Some of the provider's own examples write it so (didit-api.md 5). */
	if (str_eq(text, STR("KYC Expired")))
		text = statuses[STATUS_KYC_EXPIRED].text;
	for (unsigned s = 0; s < STATUS_COUNT; s++) {
		if (statuses[s].kind == KIND_OURS || !str_eq(text, statuses[s].text))
			continue;
		*out = (enum status)s;
		return true;
	}
	return false;
}

const char *status_text(enum status s)
{
	assert(s < STATUS_COUNT);
	return statuses[s].text.p;
}

const char *status_word(enum status s)
{
	assert(s < STATUS_COUNT);
	return statuses[s].word;
}

bool status_is_open(enum status s)
{
	assert(s < STATUS_COUNT);
	return statuses[s].kind == KIND_OPEN;
}

bool status_is_final(enum status s)
{
	assert(s < STATUS_COUNT);
	return statuses[s].kind == KIND_FINAL;
}

bool status_is_ours(enum status s)
{
	assert(s < STATUS_COUNT);
	return statuses[s].kind == KIND_OURS;
}

bool status_may_follow(enum status from, enum status to)
{
	enum status queue[STATUS_COUNT];
	bool seen[STATUS_COUNT] = { false };
	size_t n = 0;

	assert(from < STATUS_COUNT && to < STATUS_COUNT);
	queue[n++] = from;
	for (size_t i = 0; i < n; i++) {
		for (unsigned next = 0; next < STATUS_COUNT; next++) {
			if (!steps[queue[i]][next] || seen[next])
				continue;
			seen[next] = true;
			if (next != from)
				queue[n++] = (enum status)next;
		}
	}
	return seen[to];
}

bool status_may_become(enum status from, enum status to)
{
	assert(from < STATUS_COUNT && to < STATUS_COUNT);
	return from == STATUS_CREATING ? to == STATUS_NOT_STARTED : steps[from][to];
}

/* Within one second the order of two events is not known, so only a way without a way back tells it. */
static enum step_verdict same_second(enum status known, enum status heard)
{
	const bool forward = status_may_follow(known, heard);
	const bool backward = status_may_follow(heard, known);

	if (forward && !backward)
		return STEP_TAKEN;
	return backward && !forward ? STEP_STALE : STEP_DOUBTFUL;
}

static enum step_verdict step_of_event(enum status known, moment since, enum status heard, moment at)
{
	/* Events tell whole seconds: what is known by a reading is not newer for its milliseconds. */
	const int64_t known_second = since.ms / 1000, heard_second = at.ms / 1000;

	if (known == STATUS_CREATING)
		known = STATUS_NOT_STARTED;
	if (!moment_is_unset(since) && heard_second < known_second)
		return STEP_STALE;
	if (known == heard)
		return STEP_SAME;
	if (!moment_is_unset(since) && heard_second == known_second)
		return same_second(known, heard);
	return status_may_follow(known, heard) ? STEP_TAKEN : STEP_DOUBTFUL;
}

enum step_verdict status_step(
	enum status known, moment since, enum status heard, moment at, enum source source)
{
	assert(known < STATUS_COUNT && heard < STATUS_COUNT && !status_is_ours(heard));
	if (source == SOURCE_EVENT)
		return step_of_event(known, since, heard, at);
	if (!moment_is_unset(since) && moment_is_before(at, since))
		return STEP_STALE;
	return known == heard ? STEP_SAME : STEP_TAKEN;
}
