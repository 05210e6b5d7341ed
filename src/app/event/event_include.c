#include "app/event/event_include.h"

#include "app/core/sealed_names.h"
#include "app/person/kyc_status.h"
#include "app/person/linked_users.h"
#include "base/attr.h"
#include "text/encode.h"
#include "text/json.h"

static enum err is_verified_to_tenant(
	struct tx *tx, const struct event *event, const struct user_id *user, bool *out)
{
	const struct enrolment probe = { .tenant_id = event->tenant_id, .user_id = *user };
	struct enrolment row;
	size_t n;

	TRY(store_find(tx, QUERY_ENROLMENTS_OF_USER, &probe, page_of(0, 1), &row, &n));
	*out = n > 0 && enrolment_is_verified(&row);
	return OK;
}

static enum err unseal_address(const struct world *world, struct tx *tx, const struct user *user,
	struct str *email, struct str *wallet)
{
	struct address address = { .blind_index = user->blind_index };
	char row[2 * sizeof(address.blind_index.bytes) + 1];
	const struct sealed_field place = { SEALED_ADDRESS, row };
	const enum err e = store_load_address(tx, &address);

	if (e == ERR_NOT_FOUND)
		return OK;
	TRY(e);
	struct str *const out = address.kind == ADDRESS_WALLET ? wallet : email;

	if (out->n > 0)
		return OK;
	hex_write(address.blind_index.bytes, sizeof(address.blind_index.bytes), row);
	return user_unseal(world, tx->arena, user, &place, address.sealed_address, out);
}

/* The address that the event is about comes first. The tenant may learn which other addresses belong to the
 * person only if that address is verified to it. */
enum err event_addresses_load(const struct world *world, struct tx *tx, const struct event *event,
	struct str *email, struct str *wallet)
{
	struct linked_users linked;
	bool is_verified;

	*email = *wallet = STR("");
	TRY(linked_users_of_user(tx, &event->user_id, &linked));
	const struct user *const own = linked_users_find(&linked, &event->user_id);

	if (!own)
		return OK;
	TRY(unseal_address(world, tx, own, email, wallet));
	TRY(is_verified_to_tenant(tx, event, &own->id, &is_verified));
	for (size_t i = 0; is_verified && i < linked.n; i++) {
		bool is_known;

		TRY(is_verified_to_tenant(tx, event, &linked.users[i].id, &is_known));
		if (is_known)
			TRY(unseal_address(world, tx, &linked.users[i], email, wallet));
	}
	return OK;
}

enum err event_session_url_load(const struct world *world, struct tx *tx, struct str members, struct str *url)
{
	const struct json_value *parsed cleanup_with(json_cleanup) = NULL;
	struct session session;

	*url = STR("");
	TRY(json_parse(members, true, &parsed));
	const enum err e = session_by_provider_ref(tx, json_text(json_get(parsed, "session_id")), &session);
	if (e == ERR_NOT_FOUND)
		return OK;
	TRY(e);
	const struct sealed_field place = { SEALED_SESSION_URL, session.id.text };
	struct user user = { .id = session.user_id };

	TRY(store_load_user(tx, &user));
	if (user_is_erased(&user) || session.sealed_url.n == 0)
		return OK;
	return user_unseal(world, tx->arena, &user, &place, session.sealed_url, url);
}
