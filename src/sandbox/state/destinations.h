/* Webhook destinations: the URLs that receive events (didit-api.md 7.1). Each destination has its own signing
 * key, the API version that determines the format of its events, and the kinds of events that it has
 * subscribed to. There are at most DESTINATIONS_MAX. A pointer to a destination is valid until the next
 * removal. Not thread-safe: the caller locks. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"

enum sandbox_version { SANDBOX_V1, SANDBOX_V2, SANDBOX_V3, SANDBOX_VERSIONS };

#define UUID_SIZE 37

/* The kinds of events that a destination can subscribe to. The sandbox sends only EVENT_STATUS and
 * EVENT_DATA. */
enum event_kind { EVENT_STATUS, EVENT_DATA, EVENT_KINDS = 10 };
#define EVENT_KINDS_ALL ((1U << EVENT_KINDS) - 1)
struct str event_kind_text(size_t kind); /* "status.updated" */

struct destination {
	char id[UUID_SIZE];
	enum sandbox_version version;
	bool enabled;
	/* Configured when the program starts (sandbox_register), not created through the API. */
	bool own;
	unsigned events; /* kinds of events it has subscribed to, one bit for each enum event_kind */
	moment created, updated;
	struct str url, secret, label;
};

#define DESTINATIONS_MAX 16
struct destinations {
	struct destination all[DESTINATIONS_MAX]; /* oldest first */
	/* Url, secret and label of each destination, in one allocation. */
	char *texts[DESTINATIONS_MAX];
	size_t n;
	unsigned changes; /* number of changes since the program started */
};

/* Adds a copy of the draft and its texts. Returns ERR_CONFLICT if the URL is already registered, and ERR_BUSY
 * if there are already DESTINATIONS_MAX destinations. */
enum err destinations_add(
	struct destinations *all, const struct destination *draft, struct destination **out) must_use;
/* Returns NULL if no destination has this id. */
struct destination *destinations_by_id(struct destinations *all, struct str id);
/* Replaces the destination with a copy of `wanted`, whose texts may point into the destination's own texts.
 * Returns ERR_CONFLICT if another destination has that URL. */
enum err destinations_change(struct destinations *all, const struct destination *destination,
	const struct destination *wanted) must_use;
void destinations_drop(struct destinations *all, const struct destination *destination);
/* Removes all destinations and wipes their secrets from memory. */
void destinations_finish(struct destinations *all);
