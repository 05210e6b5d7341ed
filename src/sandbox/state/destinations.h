/* Where events go: each destination has a key of its own, the version whose form it gets, and the kinds of
 * events that it asked for (didit-api.md 7.1). Bounded. No lock of its own; pointers to a destination are
 * valid until the next one goes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"

enum sandbox_version { SANDBOX_V1, SANDBOX_V2, SANDBOX_V3, SANDBOX_VERSIONS };

#define UUID_SIZE 37

/* What can be asked for; all but the first two are never sent. */
enum event_kind { EVENT_STATUS, EVENT_DATA, EVENT_KINDS = 10 };
#define EVENT_KINDS_ALL ((1U << EVENT_KINDS) - 1)
struct str event_kind_text(size_t kind); /* "status.updated" */

struct destination {
	char id[UUID_SIZE];
	enum sandbox_version version;
	bool enabled;
	bool own;	 /* named at the start of the program, not by a call */
	unsigned events; /* a bit for each kind */
	moment created, updated;
	struct str url, secret, label;
};

#define DESTINATIONS_MAX 16
struct destinations {
	struct destination all[DESTINATIONS_MAX]; /* the oldest first */
	char *texts[DESTINATIONS_MAX];		  /* one allocation each */
	size_t n;
	unsigned changes; /* since the start */
};

/* Copies the draft and its texts. ERR_CONFLICT: that URL is there; ERR_BUSY: DESTINATIONS_MAX are there. */
enum err destinations_add(
	struct destinations *all, const struct destination *draft, struct destination **out) must_use;
/* NULL: there is none. */
struct destination *destinations_by_id(struct destinations *all, struct str id);
/* Takes all of `wanted`, whose texts may be the destination's own. ERR_CONFLICT: another one has that URL. */
enum err destinations_change(struct destinations *all, const struct destination *destination,
	const struct destination *wanted) must_use;
void destinations_drop(struct destinations *all, const struct destination *destination);
/* Wipes the secrets. */
void destinations_finish(struct destinations *all);
