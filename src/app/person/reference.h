/* References: a tenant's own id of a person (spec/events.md 1). A reference is sealed in the enrolment and
 * found by a keyed hash, like an address. It need not be unique. */
#pragma once

#include "app/person/person.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/user.h"
#include "port/world.h"

#define REFERENCE_MAX_CHARACTERS 128

/* Writes the place that the reference of an enrolment is sealed for. An enrolment has no id of its own, so
 * its tenant and user name the place. */
#define REFERENCE_PLACE_SIZE (2 * (size_t)ID_SIZE)
void reference_write_place(const struct enrolment *enrolment, char out[REFERENCE_PLACE_SIZE]);
/* Computes the value of enrolments.reference_index for a reference of a tenant. */
void reference_index_of(const struct world *world, const struct tenant_id *tenant, struct str reference,
	char out[sizeof(((struct enrolment *)NULL)->reference_index)]);
/* Sets the reference of the enrolment, which replaces an earlier one. `user` is the enrolled user. The caller
 * saves the enrolment. */
enum err reference_seal(const struct world *world, struct arena *a, const struct user *user,
	struct enrolment *enrolment, struct str reference) must_use;
/* Returns the reference of the enrolment; empty if there is none. `user` is the enrolled user; it is not used
 * if there is no reference. */
enum err reference_unseal(const struct world *world, struct arena *a, const struct user *user,
	const struct enrolment *enrolment, struct str *out) must_use;
