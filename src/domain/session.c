#include "domain/session.h"

#include <assert.h>
#include <stddef.h>

/* Returns whether the current session is pending, was started by another instance, and is so old that the
 * other instance must have crashed while it called the provider. */
static bool is_abandoned(const struct create_facts *facts, moment now)
{
	return facts->current != NULL && facts->current->status == STATUS_CREATING &&
	       !facts->pending_is_own && !moment_is_before(now, facts->current->next_poll_at);
}

bool session_follows_decline(const struct session *before)
{
	const bool has_run_out = before->status == STATUS_EXPIRED || before->status == STATUS_ABANDONED;

	return before->status == STATUS_DECLINED || (has_run_out && before->after_declines != 0);
}

enum create_verdict create_check(const struct create_facts *facts, const struct tries_rule *rule, moment now)
{
	const struct session *current = facts->current;
	const bool is_open_or_approved = current != NULL && (current->status == STATUS_APPROVED ||
								    session_status_is_open(current->status));

	/* This is checked before a refusal, so that the quota unit is released for a refused person too. */
	if (is_abandoned(facts, now))
		return CREATE_ABANDONED;
	if (facts->blocklisted && !is_open_or_approved)
		return CREATE_REFUSED;
	if (current == NULL)
		return CREATE_NEW;
	if (current->status == STATUS_CREATING)
		return CREATE_WAIT;
	if (current->status == STATUS_APPROVED)
		return CREATE_APPROVED_ALREADY;
	if (is_open_or_approved)
		return CREATE_RESUME;
	if (session_follows_decline(current) && facts->tries >= rule->tries)
		return CREATE_REFUSED;
	return CREATE_NEW;
}

bool session_is_try(const struct session *s)
{
	return s->status != STATUS_CREATING && s->after_declines != 0;
}

/* A session is polled when a tenth of its age has passed since its last update. If its age was a at the
 * update, that moment is a / 9 after the update: the age is then 10 a / 9. */
moment session_next_poll_at(const struct session *s, duration min_delay)
{
	const duration age = moment_diff(s->created_at, s->last_update_at);
	const duration tenth_of_age = milliseconds((age.ms + 8) / 9);

	if (!session_status_is_open(s->status))
		return moment_add(s->last_update_at, days(1));
	return moment_add(
		s->last_update_at, duration_is_shorter(min_delay, tenth_of_age) ? tenth_of_age : min_delay);
}
