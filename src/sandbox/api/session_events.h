/* The members that a v3 decision has in addition if the query contains include=events. */
#pragma once

#include "sandbox/state/state.h"
#include "text/json.h"

/* Writes the members events, activity_reviews, blocklisted and cost_breakdown. The events are the creation of
 * the session and its last changes of status, newest first. */
void session_events_write(struct json_writer *w, const struct sandbox_session *session);
