/* The description of an event in responses (spec/events.md 1). */
#pragma once

#include "api/core/schema.h"

#define EVENT_EXAMPLE_ID "evt_01kdgw4g5e8yd3m8q2r7v0x9ta"

extern const struct json_schema event_schema;
/* The names of all types of events. */
value_list event_type_values;
