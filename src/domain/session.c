#include "domain/session.h"

#include <assert.h>
#include <stddef.h>

/* A note of an instance that died while it asked the provider. */
static bool is_dead_note(const struct create_facts *facts, moment now)
{
	return facts->current != NULL && facts->current->status == STATUS_CREATING &&
	       !facts->pending_is_own && !moment_is_before(now, facts->current->next_poll_at);
}

bool session_follows_decline(const struct session *before)
{
	const bool ran_out = before->status == STATUS_EXPIRED || before->status == STATUS_ABANDONED;

	return before->status == STATUS_DECLINED || (ran_out && before->after_declines != 0);
}

enum create_verdict create_check(const struct create_facts *facts, const struct tries_rule *rule, moment now)
{
	const struct session *current = facts->current;
	const bool is_living = current != NULL && (current->status == STATUS_APPROVED ||
							  session_status_is_open(current->status));

	/* Before the refusal: its unit of quota must come back whoever the person is. */
	if (is_dead_note(facts, now))
		return CREATE_ABANDONED;
	if (facts->blocklisted && !is_living)
		return CREATE_REFUSED;
	if (current == NULL)
		return CREATE_NEW;
	if (current->status == STATUS_CREATING)
		return CREATE_WAIT;
	if (current->status == STATUS_APPROVED)
		return CREATE_APPROVED_ALREADY;
	if (is_living)
		return CREATE_RESUME;
	if (session_follows_decline(current) && facts->tries >= rule->tries)
		return CREATE_REFUSED;
	return CREATE_NEW;
}

bool session_is_try(const struct session *s)
{
	return s->status != STATUS_CREATING && s->after_declines != 0;
}

/* A tenth of the age then is a ninth of the age at the last news. */
moment session_next_poll_at(const struct session *s, duration after_silence)
{
	const duration age = moment_diff(s->created_at, s->last_update_at);
	const duration tenth = milliseconds((age.ms + 8) / 9);

	if (!session_status_is_open(s->status))
		return moment_add(s->last_update_at, days(1));
	return moment_add(
		s->last_update_at, duration_is_shorter(after_silence, tenth) ? tenth : after_silence);
}
