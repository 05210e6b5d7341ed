/* Delivers one event over HTTP (didit-api.md 2.5, 7.2): 5 s in all. X-Timestamp is the wall clock at that
 * moment, so that a retry is fresh; the signatures are over the body alone. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "port/world.h"
#include "sandbox/webhooks/event_queue.h"

struct webhook_sender;

enum err webhook_sender_open(struct clock *clock, bool allow_private, struct webhook_sender **out) must_use;
void webhook_sender_close(struct webhook_sender *sender);
/* The HTTP status; 0 when no answer came. */
int webhook_sender_send(struct webhook_sender *sender, const struct webhook_event *event);
