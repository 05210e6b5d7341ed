/* The events of Didit (didit-api.md 2.5, 7, 8): is it really the provider, is it fresh, what does it say. One
 * form for all versions; what differs is in the row of the version. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "port/provider.h"
#include "provider/hook_secrets.h"
#include "text/json.h"

struct event_form {
	/* v1: X-Signature alone, over a body that the same bytes make the same event, no key twice. Else all
	 * three signatures; `event_id` makes it the same event; of a repeated key the last counts. */
	bool is_v1;
	/* Of the shape that `decision` has; NULL: left out. */
	enum err (*read_decision)(const struct js *decision, struct arena *a, struct decision *out);
};

/* EVENT_READ fills in `notice`, whose texts live in the arena, or in the request. What only Simple vouches
 * for is not believed: it brings no decision, and is the same event by its bytes only. */
enum event_verdict event_take(const struct event_form *form, struct hook_secrets *secrets,
	const struct event_parts *parts, moment now, struct arena *a, struct notice *notice) must_use;
