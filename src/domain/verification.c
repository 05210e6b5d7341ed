#include "domain/verification.h"

#include <assert.h>
#include <stddef.h>

enum kind { KIND_INTERNAL, KIND_OPEN, KIND_FINAL };

/* clang-format off */
static const struct {
	struct str provider_name;
	const char *api_name;
	enum kind kind;
} statuses[STATUS_COUNT] = {
	[STATUS_CREATING]      = { STR_INIT("Creating"),      "pending",   KIND_INTERNAL },
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

/* The allowed transitions, one row per status (didit-api.md 5). Transitions from a final status, except the
 * one to Kyc Expired, are made manually in the provider's console. Awaiting User follows In Progress only. */
#define TO(name) [STATUS_##name] = true
static const bool transitions[STATUS_COUNT][STATUS_COUNT] = {
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

/* Skips spaces and the characters that some texts have instead of spaces ("IN_REVIEW", "in-review"). */
static struct str skip_separators(struct str s)
{
	while (s.n > 0 && (str_has(STR(" _-"), *s.p) || str_trim((struct str){ s.p, 1 }).n == 0))
		s = str_from(s, 1);
	return s;
}

/* Returns whether two names of a status have the same letters, in any case and with any separators. */
static bool is_same_status(struct str text, struct str name)
{
	for (;;) {
		text = skip_separators(text);
		name = skip_separators(name);
		if (text.n == 0 || name.n == 0)
			return text.n == name.n;
		if (!str_eq_nocase((struct str){ text.p, 1 }, (struct str){ name.p, 1 }))
			return false;
		text = str_from(text, 1);
		name = str_from(name, 1);
	}
}

bool session_status_parse(struct str text, enum session_status *out)
{
	for (unsigned s = 0; s < STATUS_COUNT; s++) {
		if (statuses[s].kind == KIND_INTERNAL || !is_same_status(text, statuses[s].provider_name))
			continue;
		*out = (enum session_status)s;
		return true;
	}
	return false;
}

const char *session_status_provider_name(enum session_status s)
{
	assert(s < STATUS_COUNT);
	return statuses[s].provider_name.p;
}

const char *session_status_api_name(enum session_status s)
{
	assert(s < STATUS_COUNT);
	return statuses[s].api_name;
}

bool session_status_is_open(enum session_status s)
{
	assert(s < STATUS_COUNT);
	return statuses[s].kind == KIND_OPEN;
}

bool session_status_is_final(enum session_status s)
{
	assert(s < STATUS_COUNT);
	return statuses[s].kind == KIND_FINAL;
}

bool session_status_is_internal(enum session_status s)
{
	assert(s < STATUS_COUNT);
	return statuses[s].kind == KIND_INTERNAL;
}

bool session_status_can_reach(enum session_status from, enum session_status to)
{
	enum session_status queue[STATUS_COUNT];
	bool seen[STATUS_COUNT] = { false };
	size_t n = 0;

	assert(from < STATUS_COUNT && to < STATUS_COUNT);
	queue[n++] = from;
	for (size_t i = 0; i < n; i++) {
		for (unsigned next = 0; next < STATUS_COUNT; next++) {
			if (!transitions[queue[i]][next] || seen[next])
				continue;
			seen[next] = true;
			if (next != from)
				queue[n++] = (enum session_status)next;
		}
	}
	return seen[to];
}

bool session_status_can_change_to(enum session_status from, enum session_status to)
{
	assert(from < STATUS_COUNT && to < STATUS_COUNT);
	return from == STATUS_CREATING ? to == STATUS_NOT_STARTED : transitions[from][to];
}

/* The order of two events within one second is unknown. If the transitions allow only one order of the two
 * statuses, that is the order. */
static enum transition_verdict transition_within_second(
	enum session_status known, enum session_status reported)
{
	const bool forward = session_status_can_reach(known, reported);
	const bool backward = session_status_can_reach(reported, known);

	if (forward && !backward)
		return TRANSITION_APPLIED;
	return backward && !forward ? TRANSITION_STALE : TRANSITION_NEEDS_POLL;
}

static enum transition_verdict transition_by_event(
	enum session_status known, moment since, enum session_status reported, moment at)
{
	/* Events have a resolution of one second, so the milliseconds of a poll must not make the poll newer
	 * than an event. */
	const int64_t known_second = since.ms / 1000, reported_second = at.ms / 1000;

	if (known == STATUS_CREATING)
		known = STATUS_NOT_STARTED;
	if (!moment_is_unset(since) && reported_second < known_second)
		return TRANSITION_STALE;
	if (known == reported)
		return TRANSITION_UNCHANGED;
	if (!moment_is_unset(since) && reported_second == known_second)
		return transition_within_second(known, reported);
	return session_status_can_reach(known, reported) ? TRANSITION_APPLIED : TRANSITION_NEEDS_POLL;
}

enum transition_verdict session_status_transition(enum session_status known, moment since,
	enum session_status reported, moment at, enum status_source source)
{
	assert(known < STATUS_COUNT && reported < STATUS_COUNT && !session_status_is_internal(reported));
	if (source == STATUS_FROM_EVENT)
		return transition_by_event(known, since, reported, at);
	if (!moment_is_unset(since) && moment_is_before(at, since))
		return TRANSITION_STALE;
	return known == reported ? TRANSITION_UNCHANGED : TRANSITION_APPLIED;
}
