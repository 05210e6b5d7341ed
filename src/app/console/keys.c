#include "app/console/keys.h"

#include <string.h>

#include "app/console/word_list.h"
#include "text/ip.h"

bool console_networks_read(struct str text, char out[ALLOW_FROM_SIZE])
{
	struct ip_nets nets;
	struct str word;
	size_t n = 0, count = 0;

	for (word = word_list_next(&text); word.n > 0; word = word_list_next(&text)) {
		if (++count > ALLOW_FROM_MAX || !ip_nets_read(word, &nets) || nets.n != 1 ||
			n + word.n + 2 > ALLOW_FROM_SIZE)
			return false;
		if (n > 0)
			out[n++] = ',';
		memcpy(out + n, word.p, word.n);
		n += word.n;
	}
	out[n] = '\0';
	return true;
}

enum err console_key_create(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct key_params *params, struct console_new_key *out, enum console_verdict *verdict)
{
	struct key_params by_caller = *params;
	struct tenant tenant;

	TRY(operator_find_tenant(world, a, params->tenant, &tenant));
	*verdict = console_permit(world, caller, CONSOLE_CREATE_KEY, &tenant.id);
	if (*verdict == CONSOLE_PERMITTED)
		TRY(console_take_step_up(world, a, caller, verdict));
	if (*verdict != CONSOLE_PERMITTED)
		return OK;
	by_caller.actor = &caller->actor;
	return operator_create_key(world, a, &by_caller, &out->key, out->text);
}

static enum err load_key(struct tx *tx, void *arg)
{
	return store_load_api_key(tx, arg);
}

/* Checks that the key belongs to the tenant, to which the caller was admitted. */
static enum err check_owner(
	const struct world *world, struct arena *a, struct str id, const struct tenant *tenant)
{
	struct api_key key = { 0 };

	if (!str_copy_to(id, key.id.text, sizeof(key.id.text)))
		return ERR_NOT_FOUND;
	TRY(store_transact(world->store, TX_READ, a, load_key, &key));
	return strcmp(key.tenant_id.text, tenant->id.text) == 0 ? OK : ERR_NOT_FOUND;
}

enum err console_key_rotate(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct console_key_ref *key, struct console_new_key *out, enum console_verdict *verdict)
{
	struct rotated_key rotated;
	struct tenant tenant;

	TRY(operator_find_tenant(world, a, key->tenant, &tenant));
	*verdict = console_permit(world, caller, CONSOLE_CREATE_KEY, &tenant.id);
	if (*verdict != CONSOLE_PERMITTED)
		return OK;
	TRY(check_owner(world, a, key->id, &tenant));
	TRY(console_take_step_up(world, a, caller, verdict));
	if (*verdict != CONSOLE_PERMITTED)
		return OK;
	const struct key_rotation rotation = { key->id, key->overlap, &caller->actor };

	TRY(operator_rotate_key(world, a, &rotation, &rotated, out->text));
	out->key = rotated.successor;
	out->predecessor = rotated.key;
	return OK;
}

enum err console_key_revoke(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct console_key_ref *key, enum console_verdict *verdict)
{
	struct tenant tenant;

	TRY(operator_find_tenant(world, a, key->tenant, &tenant));
	*verdict = console_permit(world, caller, CONSOLE_REVOKE_KEY, &tenant.id);
	if (*verdict != CONSOLE_PERMITTED)
		return OK;
	TRY(check_owner(world, a, key->id, &tenant));
	return operator_revoke_key(world, a, &caller->actor, key->id);
}
