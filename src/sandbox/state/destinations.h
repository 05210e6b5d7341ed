/* Webhook destinations: the URLs that receive events (didit-api.md 7.1). Each has its own signing key, the
 * API version whose event format it receives, and the kinds of events it subscribed to. At most
 * DESTINATIONS_MAX. Not thread-safe: the caller locks. A pointer to a destination is valid until the next
 * removal. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"

enum sandbox_version { SANDBOX_V1, SANDBOX_V2, SANDBOX_V3, SANDBOX_VERSIONS };

#define UUID_SIZE 37

/* Event kinds that a destination can subscribe to. The sandbox sends only the first two. */
enum event_kind { EVENT_STATUS, EVENT_DATA, EVENT_KINDS = 10 };
#define EVENT_KINDS_ALL ((1U << EVENT_KINDS) - 1)
struct str event_kind_text(size_t kind); /* "status.updated" */

struct destination {
	char id[UUID_SIZE];
	enum sandbox_version version;
	bool enabled;
	bool own; /* configured when the program starts (sandbox_register), not created through the API */
	unsigned events; /* subscribed kinds, one bit for each enum event_kind */
	moment created, updated;
	struct str url, secret, label;
};

#define DESTINATIONS_MAX 16
struct destinations {
	struct destination all[DESTINATIONS_MAX]; /* oldest first */
	char *texts[DESTINATIONS_MAX];		  /* one allocation per destination: url, secret and label */
	size_t n;
	unsigned changes; /* number of changes since the program started */
};

/* Copies the draft and its texts. ERR_CONFLICT: the URL is already registered. ERR_BUSY: there are already
 * DESTINATIONS_MAX destinations. */
enum err destinations_add(
	struct destinations *all, const struct destination *draft, struct destination **out) must_use;
/* Returns NULL when no destination has this id. */
struct destination *destinations_by_id(struct destinations *all, struct str id);
/* Replaces the destination with a copy of `wanted`, whose texts may point into the destination's own texts.
 * ERR_CONFLICT: another destination has that URL. */
enum err destinations_change(struct destinations *all, const struct destination *destination,
	const struct destination *wanted) must_use;
void destinations_drop(struct destinations *all, const struct destination *destination);
/* Removes all destinations and wipes their secrets from memory. */
void destinations_finish(struct destinations *all);
