/* Selects the texts of the sandbox's hosted page from the messages in i18n/messages.h: those for a session's
 * steps, for the outcomes and for the result. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "i18n/messages.h"
#include "sandbox/state/state.h"

#define STEPS_MAX 16
/* Writes the messages of the steps that the person of this session would go through, in order, and returns
 * their number. After a resubmission, these are only the steps that were requested again. */
size_t steps_of(const struct sandbox_session *session, enum message_id out[STEPS_MAX]);
/* Returns true if the session includes the step that fails in this scenario, or if no step fails in it. */
bool outcome_applies(const struct sandbox_session *session, const struct scenario *scenario);
enum message_id outcome_message(const struct scenario *scenario);

/* The texts about the result of a session that is not open, or about an unknown session. */
struct result_text {
	enum message_id title, body, advice;
};
struct result_text result_text_of(const struct sandbox_session *session);
