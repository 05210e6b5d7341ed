/* email.failed: a message was refused for good, or given up because it expired. */
#pragma once

#include "base/err.h"
#include "domain/effect.h"
#include "port/store.h"
#include "port/world.h"

/* Adds the event for a message of this kind of effect. The event is about the person who is addressed; for a
 * link code, whose recipient the tenant may not know, about the owner of the wallet. `reason` is a literal:
 * "refused" or "expired". Adds nothing if the tenant does not know that person any more. Loads the users
 * before the enrolment. */
enum err email_failed_event(
	const struct world *world, struct tx *tx, const struct effect *effect, const char *reason) must_use;
