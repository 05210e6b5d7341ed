/* Texts of the sandbox's hosted page: the messages (i18n/messages.h) for a session's steps, the outcomes and
 * the result. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "i18n/messages.h"
#include "sandbox/state/state.h"

/* Writes the messages of the steps that the person of this session would go through, in order, and returns
 * their number. If some steps were requested again (resubmission), only those. */
#define STEPS_MAX 16
size_t steps_of(const struct sandbox_session *session, enum message_id out[STEPS_MAX]);
/* Reports whether the session contains the step in which the scenario causes a failure; true for a scenario
 * that causes none. */
bool outcome_applies(const struct sandbox_session *session, const struct scenario *scenario);
enum message_id outcome_message(const struct scenario *scenario);

/* The texts about the result of a session that is not open; with NULL, about an unknown session. */
struct result_text {
	enum message_id title, body, advice;
};
struct result_text result_text_of(const struct sandbox_session *session);
