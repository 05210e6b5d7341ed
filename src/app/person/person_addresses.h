/* The addresses of a person in clear, for a tenant that may know them. */
#pragma once

#include "app/person/linked_users.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/user.h"
#include "port/store.h"
#include "port/world.h"

/* Unseals the address of the user into the text of its kind, unless that text is set already. An erased user
 * has none. The text is in the transaction's arena. */
enum err user_address_unseal(const struct world *world, struct tx *tx, const struct user *user,
	struct str *email, struct str *wallet) must_use;
/* Loads an e-mail and a wallet of the person: the address of the enrolment if it is not verified, otherwise
 * those addresses of the linked users that are verified to the tenant. Of several e-mails, loads the first. A
 * text is empty if there is no such address. The texts are in the transaction's arena. */
enum err person_addresses_load(const struct world *world, struct tx *tx, const struct enrolment *enrolment,
	const struct linked_users *linked, struct str *email, struct str *wallet) must_use;
