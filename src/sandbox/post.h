/* Delivers one event over HTTP (didit-api.md 2.5, 7.2): 5 s in all. X-Timestamp is the wall clock at that
 * moment, so that a retry is fresh; the signatures are over the body alone. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "port/world.h"
#include "sandbox/events.h"

struct poster;

enum err poster_open(struct clock *clock, bool allow_private, struct poster **out) must_use;
void poster_close(struct poster *poster);
/* The HTTP status; 0 when no answer came. */
int poster_send(struct poster *poster, const struct event *event);
