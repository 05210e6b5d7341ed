/* The scopes of API keys. A scope names a part of the API that a key may call. Each route names the scope
 * that it needs, and a key has a set of scopes. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* clang-format off */
/* Columns: identifier, name in commands and messages. The database stores a set of scopes as bits, and the bit
 * of a scope follows from its position in this list: add new scopes at the end and never remove one. */
#define SCOPES(SCOPE)                      \
	SCOPE(KYC_READ, "kyc:read")             \
	SCOPE(KYC_WRITE, "kyc:write")           \
	SCOPE(EVENTS_READ, "events:read")       \
	SCOPE(WEBHOOKS_READ, "webhooks:read")   \
	SCOPE(WEBHOOKS_WRITE, "webhooks:write") \
	SCOPE(USERS_READ, "users:read")         \
	SCOPE(USERS_ADDRESS, "users:address")
/* clang-format on */

enum scope {
	SCOPE_ANY, /* no particular scope is needed */
#define SCOPE(id, name) SCOPE_##id,
	SCOPES(SCOPE)
#undef SCOPE
		SCOPE_COUNT
};

/* A set of scopes, as api_keys.scopes stores it. */
typedef int64_t scope_set;

#define SCOPE_BIT(scope) ((scope_set)1 << ((scope)-1))
/* The scopes of a key that was created without any scope named, and of a call without a key. The
 * migration that added the column gave them to the keys that existed. */
#define SCOPES_DEFAULT (SCOPE_BIT(SCOPE_KYC_READ) | SCOPE_BIT(SCOPE_KYC_WRITE))
#define SCOPES_ALL (SCOPE_BIT(SCOPE_COUNT) - 1)

/* Returns the name of a scope other than SCOPE_ANY. */
const char *scope_name(enum scope scope);
/* Finds a scope by its name. Returns false if there is no such scope. */
bool scope_read(struct str name, enum scope *out);
/* Adds the scope, and with `…:write` also the `…:read` that it includes. */
void scope_set_add(scope_set *set, enum scope scope);
/* Returns true for SCOPE_ANY and for the scopes in the set. */
bool scope_set_has(scope_set set, enum scope scope);

/* Room for the names of all scopes with a separator of one character, and the final NUL. */
#define SCOPE_NAMES_SIZE 160
/* Writes the names of the scopes in the set, in the order of SCOPES. */
void scope_set_write(scope_set set, char separator, char out[SCOPE_NAMES_SIZE]);
