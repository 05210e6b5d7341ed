/* Sample events for tests of webhook endpoints. They look like real ones, are stored nowhere, and have
 * `"test": true` in their data. Pure. */
#pragma once

#include "app/event/event_json.h"
#include "domain/event.h"

/* The type if the caller names none. */
#define SAMPLE_EVENT_TYPE EVENT_KYC_APPROVED

/* Fills an event and its content. The caller has set `event->id`, which also becomes the id of the person,
 * and `event->created_at`. */
void sample_event_fill(enum event_type type, struct event *event, struct event_content *content);
/* Reads the name of one type. Returns false if there is no such type. */
bool sample_event_type_read(struct str name, enum event_type *out);
