/* The description of an event in responses (spec/events.md 1), and the answer to types that do not exist. */
#pragma once

#include "api/core/route.h"
#include "api/core/schema.h"

#define EVENT_EXAMPLE_ID "evt_01kdgw4g5e8yd3m8q2r7v0x9ta"

extern const struct json_schema event_schema;
/* The names of all types of events. */
value_list event_type_values;

/* Responds 400 to a list of types. `word` is the one that names no type; it is repeated only if it is short
 * and printable. If it is empty, there are too many words. */
struct reply respond_unknown_type(struct call *call, struct str word);
