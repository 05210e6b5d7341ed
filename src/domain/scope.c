#include "domain/scope.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

static const char *const names[SCOPE_COUNT] = {
#define SCOPE(id, name) [SCOPE_##id] = (name),
	SCOPES(SCOPE)
#undef SCOPE
};

/* The length of all names, each with a separator. */
#define SCOPE(id, name) +sizeof(name)
static_assert(SCOPE_NAMES_SIZE > 0 SCOPES(SCOPE), "the names of all scopes fit");
#undef SCOPE

/* The scope that a scope includes; SCOPE_ANY: none. */
static const enum scope included[SCOPE_COUNT] = {
	[SCOPE_KYC_WRITE] = SCOPE_KYC_READ,
	[SCOPE_WEBHOOKS_WRITE] = SCOPE_WEBHOOKS_READ,
};

const char *scope_name(enum scope scope)
{
	assert(scope > SCOPE_ANY && scope < SCOPE_COUNT);
	return names[scope];
}

bool scope_read(struct str name, enum scope *out)
{
	for (int i = SCOPE_ANY + 1; i < SCOPE_COUNT; i++) {
		if (!str_eq(name, str_of(names[i])))
			continue;
		*out = (enum scope)i;
		return true;
	}
	return false;
}

void scope_set_add(scope_set *set, enum scope scope)
{
	assert(scope > SCOPE_ANY && scope < SCOPE_COUNT);
	*set |= SCOPE_BIT(scope);
	if (included[scope] != SCOPE_ANY)
		*set |= SCOPE_BIT(included[scope]);
}

bool scope_set_has(scope_set set, enum scope scope)
{
	return scope == SCOPE_ANY || (set & SCOPE_BIT(scope)) != 0;
}

void scope_set_write(scope_set set, char separator, char out[SCOPE_NAMES_SIZE])
{
	size_t n = 0;

	for (int i = SCOPE_ANY + 1; i < SCOPE_COUNT; i++) {
		const struct str name = str_of(names[i]);

		if (!scope_set_has(set, (enum scope)i))
			continue;
		if (n > 0)
			out[n++] = separator;
		memcpy(out + n, name.p, name.n);
		n += name.n;
	}
	out[n] = '\0';
}
