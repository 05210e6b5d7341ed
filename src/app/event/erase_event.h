/* What an erasure does to the events of a person: each tenant that has prepared the person gets user.erased,
 * and the earlier events lose their content. */
#pragma once

#include "base/err.h"
#include "domain/user.h"
#include "port/store.h"
#include "port/world.h"

/* Adds user.erased for an enrolment that is about to be removed, as the last event of its public user id. A
 * merged enrolment gets none, because the tenant knows the person by another one. `user` is the enrolled
 * user, who still has a key. */
enum err user_erased_event(const struct world *world, struct tx *tx, const struct user *user,
	struct enrolment *enrolment) must_use;
/* Empties all events of the user, and drops their open deliveries. The ids and the order of the events
 * stay. */
enum err erase_events_of_user(const struct world *world, struct tx *tx, const struct user_id *user) must_use;
