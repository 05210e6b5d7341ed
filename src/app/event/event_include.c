#include "app/event/event_include.h"

#include "app/core/sealed_names.h"
#include "app/person/kyc_status.h"
#include "app/person/person_addresses.h"
#include "base/attr.h"
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
	TRY(user_address_unseal(world, tx, own, email, wallet));
	TRY(is_verified_to_tenant(tx, event, &own->id, &is_verified));
	for (size_t i = 0; is_verified && i < linked.n; i++) {
		bool is_known;

		TRY(is_verified_to_tenant(tx, event, &linked.users[i].id, &is_known));
		if (is_known)
			TRY(user_address_unseal(world, tx, &linked.users[i], email, wallet));
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
