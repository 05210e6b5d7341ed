/* What the hosted page says: which word of the catalogue stands for a session's step, an outcome, an end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "i18n/messages.h"
#include "sandbox/state/state.h"

/* The steps that a person of this session would go through, in their order: only those to be done again where
 * some are; `out` has room for STEPS_MAX.
 */
#define STEPS_MAX 16
size_t steps_of(const struct sandbox_session *session, enum message_id out[STEPS_MAX]);
/* Does the outcome spoil something that this session looks at? True for one that spoils nothing. */
bool outcome_applies(const struct sandbox_session *session, const struct scenario *scenario);
enum message_id outcome_message(const struct scenario *scenario);

/* Of a session that is not open; NULL: of no session. */
struct result_text {
	enum message_id title, body, advice;
};
struct result_text result_text_of(const struct sandbox_session *session);
