/* The accounts of operators, which `kycd operator` manages. Each change is an audit entry. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/operator_account.h"
#include "port/store.h"
#include "port/world.h"

struct operator_account_params {
	struct str email; /* in normal form (text/email) */
	enum operator_role role;
	const struct tenant_id *tenants; /* none: all tenants */
	size_t n_tenants;		 /* at most OPERATOR_TENANTS_MAX */
	const struct actor *actor;	 /* for the audit log; NULL: a command */
};

/* Adds an operator, or enables a disabled one again without the passkeys of before. Sets `token` to that of a
 * one-time link. Returns ERR_CONFLICT if there is an operator with this address who is not disabled. */
enum err operator_account_add(const struct world *world, struct arena *a,
	const struct operator_account_params *params, struct operator_account *out,
	struct str *token) must_use;
/* Makes a new one-time link, which replaces an older one. Returns ERR_NOT_FOUND if there is no operator with
 * this address, ERR_CONFLICT if the operator is disabled. */
enum err operator_account_new_link(const struct world *world, struct arena *a, struct str email,
	struct operator_account *out, struct str *token) must_use;
/* Disables an operator: ends the console sessions and removes link and passkeys. Succeeds also if the
 * operator is disabled already. Returns ERR_NOT_FOUND if there is no operator with this address. */
enum err operator_account_disable(
	const struct world *world, struct arena *a, struct str email, struct operator_account *out) must_use;
/* The same for the operator with this id; `actor` as in struct operator_account_params. */
enum err operator_account_new_link_of(const struct world *world, struct arena *a,
	const struct operator_id *id, const struct actor *actor, struct operator_account *out,
	struct str *token) must_use;
enum err operator_account_disable_of(const struct world *world, struct arena *a, const struct operator_id *id,
	const struct actor *actor, struct operator_account *out) must_use;
/* Lists operators, oldest first. */
enum err operator_account_list(const struct world *world, struct arena *a, struct page page,
	struct operator_account *rows, size_t *n) must_use;
/* Opens the e-mail address of an operator. */
enum err operator_account_email(const struct world *world, struct arena *a,
	const struct operator_account *account, struct str *out) must_use;
/* The same for the operator with this id, in the caller's transaction; empty for an empty or unknown id. */
enum err operator_email_of(
	const struct world *world, struct tx *tx, const struct operator_id *id, struct str *out) must_use;
/* Counts the passkeys of an operator. */
enum err operator_account_count_passkeys(const struct world *world, struct arena *a,
	const struct operator_account *account, size_t *n) must_use;
/* Loads the passkeys of an operator, oldest first, in the caller's transaction. */
enum err operator_account_passkeys(struct tx *tx, const struct operator_account *account,
	struct passkey rows[PASSKEYS_MAX], size_t *n) must_use;

/* Finds or adds the operator of development mode, an admin of all tenants without a passkey, in the caller's
 * transaction. */
enum err operator_account_of_dev(
	const struct world *world, struct tx *tx, struct operator_account *out) must_use;
