/* What a tenant is told about a person in the list of its people (spec/events.md 4). */
#pragma once

#include "app/person/linked_users.h"
#include "app/person/next_step.h"
#include "app/person/person_ids.h"
#include "base/err.h"
#include "base/moment.h"
#include "domain/overall_status.h"
#include "port/store.h"
#include "port/world.h"

struct person_summary {
	struct person_ids ids;
	enum overall_status status; /* as the last event reported it */
	struct verified_identifiers verified;
	moment created_at, updated_at;
	struct next_step next_step;
	struct address address; /* of the enrolment */
	/* All users of the person; empty if no address is verified to the tenant, because then the tenant may
	 * learn nothing about the person. */
	struct linked_users linked;
};

/* Loads the summary of the person whom `representing`, an enrolment, represents. Returns ERR_NOT_FOUND if the
 * person was erased in the meantime. */
enum err person_summary_load(const struct world *world, struct tx *tx, const struct enrolment *representing,
	struct person_summary *out) must_use;
