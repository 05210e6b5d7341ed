/* Decisions by hand (didit-api.md 2.4, 4.4): of a whole session, which may also be sent back to the person,
 * and of one section. */
#pragma once

#include "sandbox/visit.h"

void serve_update(struct visit *visit);
void serve_update_section(struct visit *visit);
/* Notes on a session: its reviews, and one more. */
void serve_reviews(struct visit *visit);
void serve_review_add(struct visit *visit);

/* What a decision by hand answers. */
void say_session_id(struct visit *visit, const struct sandbox_session *session);
