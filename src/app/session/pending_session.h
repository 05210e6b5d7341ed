/* Pending sessions: rows that are stored before the provider is asked to create a session, so that a crash in
 * between leaves a trace. A pending session holds one unit of the tenant's quota. If its instance crashes,
 * the clean-up thread or the person's next `create` releases it. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "domain/audit.h"
#include "domain/session.h"
#include "port/store.h"
#include "port/world.h"

/* Returns the age after which a pending session of another instance counts as abandoned: twice the provider
 * timeout, measured by the store's clock. */
duration pending_session_max_age(const struct world *world);
/* Loads the row again and sets `is_current` to whether it is still pending. */
enum err pending_session_is_current(struct tx *tx, const struct session *pending, bool *is_current) must_use;
/* The reason why a pending session ends without becoming a session. */
struct pending_session_end {
	enum audit_action action;
	const char *reason;   /* detail of the audit entry */
	bool may_be_orphaned; /* the provider may have created a session nevertheless */
};
/* Its instance crashed. */
extern const struct pending_session_end pending_session_abandoned;
/* Removes a pending session and gives its unit back to the quota of its month. If the provider may have
 * created a session, the user is marked, and the person's next `create` searches the provider for that
 * session before it creates another one. If the provider cannot be searched (v1), the session is ignored, and
 * its events are counted as events of an unknown session. Does nothing if the row is not pending any more,
 * because another call has released it. */
enum err pending_session_release(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct session *pending, const struct pending_session_end *end) must_use;
/* Releases all pending sessions, whatever their age. Only at the start of an instance that
 * uses the store alone (store->shared is false): no other instance can be creating a session then. */
enum err pending_session_take_over(const struct world *world, struct arena *a) must_use;
/* Releases abandoned pending sessions of other instances, at most 16 per call. */
enum err pending_session_repair_all(const struct world *world, struct arena *a) must_use;
