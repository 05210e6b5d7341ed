/* API keys in the console. Each function sets `verdict`, and its results only if that is CONSOLE_PERMITTED.
 * Creating and rotating a key use up a step-up. */
#pragma once

#include <stdbool.h>

#include "app/admin/operator.h"
#include "app/operator/access.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "port/world.h"

/* A new key. `text` is the key itself, which is shown once; the caller wipes it. */
struct console_new_key {
	struct api_key key;
	struct api_key predecessor; /* only of a rotation: the key that it replaces */
	char text[API_KEY_LENGTH + 1];
};

/* Reads networks, separated by commas, spaces or line ends, into the form of struct api_key. Returns false if
 * one is malformed or there are more than ALLOW_FROM_MAX. */
bool console_networks_read(struct str text, char out[ALLOW_FROM_SIZE]) must_use;

/* Errors as for operator_create_key. */
enum err console_key_create(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct key_params *params, struct console_new_key *out, enum console_verdict *verdict) must_use;

/* A key of a tenant, as a page names it. */
struct console_key_ref {
	struct str tenant; /* the tenant's name */
	struct str id;
	duration overlap; /* for a rotation: how long the key works beside its successor */
};

/* Creates a successor. Returns ERR_NOT_FOUND if the tenant has no such key; ERR_CONFLICT if it is revoked or
 * expired. */
enum err console_key_rotate(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct console_key_ref *key, struct console_new_key *out,
	enum console_verdict *verdict) must_use;
/* Revokes a key. Succeeds also if it was revoked before. Returns ERR_NOT_FOUND if the tenant has no such key.
 */
enum err console_key_revoke(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct console_key_ref *key, enum console_verdict *verdict) must_use;
