/* The passkeys of a signed-in operator: the operator lists them, adds one, and removes one. Adding and
 * removing need a step-up each time. */
#pragma once

#include "app/operator/passkey.h"
#include "base/arena.h"
#include "base/err.h"
#include "domain/operator_account.h"
#include "port/world.h"

struct own_passkeys {
	struct passkey rows[PASSKEYS_MAX]; /* oldest first */
	size_t n;
};
enum err own_passkeys_list(const struct world *world, struct arena *a, const struct console_caller *caller,
	struct own_passkeys *out, enum console_verdict *verdict) must_use;

/* The first 8 hexadecimal digits of the credential's digest: how a page and the audit log name a passkey. */
#define PASSKEY_NAME_SIZE 9
void passkey_name(const struct passkey *passkey, char out[PASSKEY_NAME_SIZE]);

/* Whether the operator may change the passkeys, and if so, whether it was done. */
struct own_passkey_result {
	enum console_verdict verdict;
	enum passkey_verdict passkey; /* set if the verdict is CONSOLE_PERMITTED */
};
/* Makes the challenge for registering another passkey. The step-up can still be used. */
enum err own_passkey_begin(const struct world *world, struct arena *a, const struct console_caller *caller,
	struct passkey_registration *out, struct own_passkey_result *result) must_use;
/* Registers another passkey and uses up the step-up. */
enum err own_passkey_add(const struct world *world, struct arena *a, const struct passkey_site *site,
	const struct console_caller *caller, const struct passkey_answer *answer,
	struct own_passkey_result *result) must_use;
/* Removes a passkey, ends the operator's other console sessions, in which it may have been used, and uses up
 * the step-up. PASSKEY_UNKNOWN: the operator has no such passkey. PASSKEY_LAST: it is the only one. */
enum err own_passkey_remove(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct digest *credential_digest, struct own_passkey_result *result) must_use;
