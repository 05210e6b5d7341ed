/* Events about a person, for one tenant. The enrolment that represents the person for the tenant carries the
 * id that the tenant knows and the sequence of the last event; see struct enrolment in domain/user.h. */
#pragma once

#include "base/err.h"
#include "domain/event.h"
#include "domain/user.h"
#include "port/world.h"

/* Fills `out` with a new event without data, and advances the sequence of the enrolment. Gives the enrolment
 * its public user id if it has none. The caller stores both rows in one transaction. */
enum err person_event_init(const struct world *world, struct enrolment *enrolment, enum event_type type,
	struct event *out) must_use;
