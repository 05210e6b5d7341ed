#include "app/admin/person_search.h"

#include "app/person/tenant_group.h"

struct search_state {
	const struct world *world;
	const struct person_selector *selector;
	struct person_search *out;
	bool group_seen, found, too_many;
};

static bool is_listed(const struct person_search *search, const struct user_id *user)
{
	for (size_t i = 0; i < search->n; i++)
		if (str_eq(str_of(linked_users_primary(&search->list[i].linked)->id.text),
			    str_of(user->text)))
			return true;
	return false;
}

/* Returns the name of a tenant's group as operators see it. A tenant alone in its group has a group named "@"
 * and the tenant's id; operators see the tenant's name instead of the id. */
static enum err group_display_name(struct tx *tx, const struct tenant *tenant, struct str *out)
{
	*out = tenant_has_own_group(tenant) ? arena_printf(tx->arena, "@%s", tenant->name)
					    : str_of(tenant->group_name);
	return out->p ? OK : ERR_INTERNAL;
}

/* ERR_NOT_FOUND: the tenant's group does not know the address, or the tenant does not know the id. */
static enum err find_person(struct tx *tx, const struct search_state *state, const struct tenant *tenant,
	struct linked_users *out)
{
	const struct person_selector *const selector = state->selector;
	struct address address = { .created_at = { 0 } };
	const struct enrolment probe = { .tenant_id = tenant->id, .public_user_id = selector->public_id };
	struct enrolment row;
	size_t n;

	if (selector->public_id.text[0] == '\0') {
		blind_index_of(state->world, tenant->group_name, &selector->identifier, &address.blind_index);
		TRY(store_load_address(tx, &address));
		return linked_users_of_address(tx, &address, out);
	}
	TRY(store_find(tx, QUERY_ENROLMENT_BY_PUBLIC_USER, &probe, page_of(0, 1), &row, &n));
	return n > 0 ? linked_users_of_user(tx, &row.user_id, out) : ERR_NOT_FOUND;
}

static enum err search_group_of(struct tx *tx, const struct tenant *tenant, void *arg)
{
	struct search_state *const state = arg;
	struct person_search *const search = state->out;
	struct person_match match = { .linked = { NULL, 0 } };
	struct str group;

	TRY(group_display_name(tx, tenant, &group));
	if (state->selector->group.n > 0 && !str_eq(state->selector->group, group))
		return OK;
	state->group_seen = true;
	const enum err e = find_person(tx, state, tenant, &match.linked);
	if (e == ERR_NOT_FOUND || (e == OK && is_listed(search, &linked_users_primary(&match.linked)->id)))
		return OK;
	TRY(e);
	if (search->n == PERSON_SEARCH_MAX) {
		state->too_many = true;
		return OK;
	}
	if (!str_copy_to(group, match.group, sizeof(match.group)))
		return ERR_INTERNAL;
	search->list[search->n++] = match;
	state->found = true;
	return OK;
}

enum err person_search_run(const struct world *world, struct tx *tx, const struct person_selector *selector,
	struct person_search *out)
{
	struct search_state state = { .world = world, .selector = selector, .out = out };

	out->verdict = PERSON_SEARCH_FOUND;
	out->n = 0;
	TRY(tenant_group_each(tx, NULL, search_group_of, &state));
	if (state.too_many)
		*out = (struct person_search){ .verdict = PERSON_SEARCH_TOO_MANY };
	else if (!state.found)
		out->verdict = state.group_seen || selector->group.n == 0 ? PERSON_SEARCH_NOBODY
									  : PERSON_SEARCH_NO_GROUP;
	return OK;
}

enum err linked_users_addresses(
	struct tx *tx, const struct linked_users *linked, struct address rows[ADDRESSES_MAX], size_t *n)
{
	*n = 0;
	for (size_t i = 0; i < linked->n && *n < ADDRESSES_MAX; i++) {
		rows[*n].blind_index = linked->users[i].blind_index;
		const enum err e = store_load_address(tx, &rows[*n]);

		if (e != OK && e != ERR_NOT_FOUND)
			return e;
		*n += e == OK;
	}
	return OK;
}
