/* Delivers one event over HTTP within 5 s (didit-api.md 2.5, 7.2). X-Timestamp is the time of the attempt, so
 * that a receiver does not reject a retry as too old. The signatures cover only the body. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "port/world.h"
#include "sandbox/webhooks/event_queue.h"

struct webhook_sender;

/* If `allow_private`, plain HTTP is also allowed to private addresses. */
enum err webhook_sender_open(struct clock *clock, bool allow_private, struct webhook_sender **out) must_use;
void webhook_sender_close(struct webhook_sender *sender);
/* Returns the HTTP status of the response, or 0 if there was none. */
int webhook_sender_send(struct webhook_sender *sender, const struct webhook_event *event);
