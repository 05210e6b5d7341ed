#include "app/verification/link_row.h"

#include <stdio.h>
#include <string.h>

#include "app/core/sealed_names.h"
#include "app/verification/token.h"
#include "crypto/keys.h"
#include "crypto/seal.h"
#include "domain/event.h"

/* The person has no API key: the link itself is the actor. */
static struct caller link_caller(const struct verification_visit *visit, const struct verification_link *row,
	const struct tenant *tenant)
{
	struct caller caller = { .tenant = *tenant,
		.actor = { .kind = ACTOR_LINK },
		.has_end_user = visit->has_ip,
		.end_user = visit->ip };
	char shown[SHOWN_ID_SIZE];

	shown_id_write(VERIFICATION_LINK_ID_PREFIX, row->id.text, shown);
	(void)!str_copy_to(str_of(shown), caller.actor.id, sizeof(caller.actor.id));
	(void)!str_copy_to(visit->request_id, caller.actor.request_id, sizeof(caller.actor.request_id));
	return caller;
}

enum err visited_link_load(const struct world *world, struct tx *tx, const struct verification_visit *visit,
	struct visited_link *out)
{
	struct verification_link probe = { .token_digest = verification_token_digest(
						   world, VERIFICATION_TOKEN_LINK, visit->token) };
	struct tenant tenant = { 0 };
	size_t n;

	if (visit->token.n != VERIFICATION_TOKEN_SIZE - 1)
		return ERR_NOT_FOUND;
	TRY(store_find(tx, QUERY_VERIFICATION_LINK_BY_TOKEN, &probe, page_of(0, 1), &out->row, &n));
	if (n == 0)
		return ERR_NOT_FOUND;
	tenant.id = out->row.tenant_id;
	TRY(store_load_tenant(tx, &tenant));
	if (tenant_is_disabled(&tenant))
		return ERR_NOT_FOUND;
	out->state = verification_link_state_at(&out->row, world_expiry_now(world));
	out->caller = link_caller(visit, &out->row, &tenant);
	return OK;
}

bool visited_link_awaits_proof(const struct visited_link *link)
{
	return link->state == VERIFICATION_LINK_OPEN && !moment_is_unset(link->row.started_at) &&
	       !verification_link_is_verified(&link->row);
}

bool visited_link_awaits_check(const struct visited_link *link)
{
	return link->state == VERIFICATION_LINK_OPEN && verification_link_is_verified(&link->row);
}

enum err link_row_save(const struct world *world, struct tx *tx, struct verification_link *row)
{
	row->updated_at = world_now(world);
	return store_save_verification_link(tx, row);
}

enum err link_field_seal(const struct world *world, struct arena *a, const struct verification_link *row,
	struct link_field field, struct str plain, struct str *sealed)
{
	const struct seal_place place = { field.table, field.column, str_of(row->id.text) };
	unsigned char nonce[SEAL_NONCE_BYTES];

	*sealed = STR("");
	if (plain.n == 0)
		return OK;
	TRY(world_random(world, nonce, sizeof(nonce)));
	return seal_write(a, &world->keys->person, &place, nonce, plain, sealed);
}

enum err link_field_unseal(const struct world *world, struct arena *a, const struct verification_link *row,
	struct link_field field, struct str sealed, struct str *plain)
{
	const struct seal_place place = { field.table, field.column, str_of(row->id.text) };

	*plain = STR("");
	return sealed.n == 0 ? OK : seal_read(a, &world->keys->person, &place, sealed, plain);
}

static const struct link_field address_field = { SEALED_VERIFICATION_ADDRESS };

enum err link_row_set_address(const struct world *world, struct arena *a, const struct tenant *tenant,
	const struct identifier *identifier, struct verification_link *row)
{
	row->address_kind = identifier->kind;
	blind_index_of(world, tenant->group_name, identifier, &row->address_index);
	return link_field_seal(world, a, row, address_field, identifier->normal, &row->sealed_address);
}

enum err link_row_address(const struct world *world, struct arena *a, const struct verification_link *row,
	enum address_kind kind, struct str *out)
{
	*out = STR("");
	return row->address_kind == kind
		       ? link_field_unseal(world, a, row, address_field, row->sealed_address, out)
		       : OK;
}

void link_row_forget_address(struct verification_link *row)
{
	row->address_kind = 0;
	row->address_index = (struct digest){ { 0 } };
	row->sealed_address = row->sealed_reference = row->sealed_challenge = STR("");
	row->challenge_expires_at = (moment){ 0 };
}

void link_row_erase(struct verification_link *row, moment now)
{
	link_row_forget_address(row);
	row->attempt = VERIFICATION_ATTEMPT_NONE;
	if (!verification_link_is_verified(row))
		return;
	row->sealed_return_url = STR("");
	row->user_id = (struct user_id){ "" };
	row->session_id = (struct session_id){ "" };
	if (moment_is_unset(row->revoked_at))
		row->revoked_at = now;
}
