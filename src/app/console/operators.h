/* The accounts of operators in the console, for admins of all tenants. Each function sets `verdict`, and its
 * results only if that is CONSOLE_PERMITTED. Each change uses up a step-up. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app/operator/access.h"
#include "app/operator/account.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "port/world.h"

/* Number of operators that the list shows, oldest first. */
#define CONSOLE_OPERATORS_MAX 200
/* The limit of the arena of one call. */
#define CONSOLE_OPERATORS_ARENA ((size_t)8 * 1024 * 1024)

struct console_operator {
	struct operator_account account;
	struct str email;
	struct str tenants; /* names, separated by commas; empty: all tenants */
	size_t n_passkeys;
	const char *state; /* as operator_account_state() */
};
enum err console_operator_list(const struct world *world, struct arena *a,
	const struct console_caller *caller, struct console_operator **rows, size_t *n,
	enum console_verdict *verdict) must_use;

enum console_invite_fault {
	INVITE_FAULTLESS,
	INVITE_EMAIL,		 /* no e-mail address */
	INVITE_EXISTS,		 /* there is an operator with this address who is not disabled */
	INVITE_TENANT_UNKNOWN,	 /* `word` names no tenant */
	INVITE_TENANTS_TOO_MANY, /* more than OPERATOR_TENANTS_MAX */
};

struct console_invite {
	struct str email, tenants; /* as typed; `tenants` empty: all */
	enum operator_role role;

	enum console_invite_fault fault; /* then nothing was changed */
	struct str word;
	struct operator_account account;
	struct str token; /* of the one-time link */
};
/* Adds an operator, or enables a disabled one again. The fault is also set if the verdict is
 * CONSOLE_STEP_UP_NEEDED. */
enum err console_operator_invite(const struct world *world, struct arena *a,
	const struct console_caller *caller, struct console_invite *invite,
	enum console_verdict *verdict) must_use;
struct console_operator_link {
	struct operator_account account;
	struct str token;
};
/* Makes a new one-time link. ERR_NOT_FOUND: there is no such operator; ERR_CONFLICT: they are disabled. */
enum err console_operator_link(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct operator_id *id, struct console_operator_link *out,
	enum console_verdict *verdict) must_use;
/* Disables an operator. ERR_CONFLICT: the caller. */
enum err console_operator_disable(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct operator_id *id,
	enum console_verdict *verdict) must_use;
