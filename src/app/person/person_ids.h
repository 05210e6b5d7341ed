/* The ids of a person as a tenant knows them (spec/events.md 1): the random `user_id` and the tenant's own
 * reference. Both are in the enrolment that represents the person for the tenant. */
#pragma once

#include "app/person/linked_users.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/id.h"
#include "domain/user.h"
#include "port/store.h"
#include "port/world.h"

/* Replaces `enrolment`, by which the person was found, by the enrolment that represents the person for the
 * tenant: that of the primary user if it is verified to the tenant. Otherwise the tenant does not know that
 * the linked users are one person, and each enrolment represents itself, as one that is not verified always
 * does. `linked` may be empty for a person who is not linked. */
enum err representing_enrolment_load(
	struct tx *tx, const struct linked_users *linked, struct enrolment *enrolment) must_use;

/* Stores the reference in the enrolment, which is a loaded row that represents the person. Replaces an
 * earlier reference; does nothing if the enrolment has the same one. `user` is the enrolled user. */
enum err person_reference_save(const struct world *world, struct tx *tx, const struct user *user,
	struct enrolment *enrolment, struct str reference) must_use;

struct person_ids {
	struct public_user_id user_id;
	struct str reference; /* empty: none */
};

/* Reads the ids from the enrolment that represents the person. */
enum err person_ids_read(const struct world *world, struct tx *tx, const struct linked_users *linked,
	const struct enrolment *representing, struct person_ids *out) must_use;
/* Loads the ids of a person who was found by `enrolment`. */
enum err person_ids_load(const struct world *world, struct tx *tx, const struct linked_users *linked,
	const struct enrolment *enrolment, struct person_ids *out) must_use;
