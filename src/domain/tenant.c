#include "domain/tenant.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "domain/printable.h"

#define NAME_MAX_LENGTH 63
#define DISPLAY_NAME_MAX 40 /* characters */

static_assert(NAME_MAX_LENGTH < TENANT_NAME_SIZE, "a tenant's name fits its field");
static_assert(DISPLAY_NAME_MAX * 4 < DISPLAY_NAME_SIZE, "a display name fits its field");
static_assert(1 + ID_LENGTH < TENANT_NAME_SIZE, "the name of a tenant's own group fits its field");

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool tenant_name_is_valid(struct str name)
{
	if (name.n == 0 || name.n > NAME_MAX_LENGTH || name.p[0] == '-')
		return false;
	for (size_t i = 0; i < name.n; i++) {
		if (!is_name_char(name.p[i]) && name.p[i] != '-')
			return false;
	}
	return true;
}

bool display_name_is_valid(struct str name)
{
	return name.n < DISPLAY_NAME_SIZE && printable_is_valid(name, DISPLAY_NAME_MAX);
}

void tenant_set_own_group(struct tenant *t)
{
	/* '@' is not allowed in group names, so an operator cannot put another tenant into this group. */
	t->group_name[0] = '@';
	memcpy(t->group_name + 1, t->id.text, ID_SIZE);
}

bool tenant_has_own_group(const struct tenant *t)
{
	return t->group_name[0] == '@';
}

bool tenant_is_disabled(const struct tenant *t)
{
	return !moment_is_unset(t->disabled_at);
}

enum key_verdict key_check(const struct api_key *key, moment now)
{
	/* kycd never schedules a revocation. A revoked_at in the future was written by an instance whose
	 * clock is ahead of this one, so it takes effect at once. */
	if (!moment_is_unset(key->revoked_at))
		return KEY_REVOKED;
	if (!moment_is_unset(key->expires_at) && !moment_is_before(now, key->expires_at))
		return KEY_EXPIRED;
	return KEY_VALID;
}
