/* A person as one tenant knows them. A person can have several users and so several enrolments of the tenant.
 * Only verified ones count here, because a tenant hears nothing about a person who has verified no address to
 * it. */
#pragma once

#include <stddef.h>

#include "app/person/linked_users.h"
#include "base/err.h"
#include "domain/user.h"
#include "port/store.h"

struct tenant_person {
	size_t n;      /* verified enrolments; the primary user's first */
	size_t n_told; /* the first n_told of them are told about the person; see below */
	const struct user *users[ADDRESSES_MAX]; /* the enrolled users */
	struct enrolment enrolments[ADDRESSES_MAX];
};

/* Loads the person's verified enrolments of a tenant. If the primary user is among them, its enrolment alone
 * represents the person, because the others were merged into it (user.linked). Otherwise the tenant does not
 * know that they are one person, and each enrolment stands for a person of its own.
 *
 * Only reads rows by key, after the users were loaded, so that nothing is read without a lock. */
enum err tenant_person_load(struct tx *tx, const struct tenant_id *tenant, const struct linked_users *linked,
	struct tenant_person *out) must_use;
