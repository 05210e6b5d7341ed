#include "app/people.h"

#define TENANTS 32 /* looked at in one go */

enum err people_each_tenant(struct tx *tx, const char *group_name, tenant_visit *visit, void *arg)
{
	struct tenant *const rows = arena_array(tx->arena, struct tenant, TENANTS);
	const struct tenant probe = { .monthly_quota = 0 };
	size_t seen = 0, n = TENANTS;

	if (!rows)
		return ERR_INTERNAL;
	while (n == TENANTS) {
		TRY(store_find(tx, QUERY_TENANTS, &probe, page_of(seen, TENANTS), rows, &n));
		for (size_t i = 0; i < n; i++)
			if (!group_name || str_eq(str_of(group_name), str_of(rows[i].group_name)))
				TRY(visit(tx, &rows[i], arg));
		seen += n;
	}
	return OK;
}

struct search {
	const struct world *world;
	const struct whom *whom;
	struct people *out;
	bool group_seen, found, too_many;
};

static bool is_found(const struct people *people, const struct user_id *user)
{
	for (size_t i = 0; i < people->n; i++)
		if (str_eq(str_of(party_head(&people->list[i].party)->id.text), str_of(user->text)))
			return true;
	return false;
}

/* A tenant that is alone is a group of its own, for people called by the tenant's name. */
static enum err name_group(struct tx *tx, const struct tenant *tenant, struct str *out)
{
	*out = tenant_has_own_group(tenant) ? arena_printf(tx->arena, "@%s", tenant->name)
					    : str_of(tenant->group_name);
	return out->p ? OK : ERR_INTERNAL;
}

static enum err look_in(struct tx *tx, const struct tenant *tenant, void *arg)
{
	struct search *const search = arg;
	struct people *const people = search->out;
	struct address address = { .created = { 0 } };
	struct person person = { .party = { NULL, 0 } };
	struct str group;

	TRY(name_group(tx, tenant, &group));
	if (search->whom->group.n > 0 && !str_eq(search->whom->group, group))
		return OK;
	search->group_seen = true;
	person_blind(search->world, tenant->group_name, &search->whom->who, &address.blind);
	const enum err e = store_load_address(tx, &address);
	const struct user_id head = party_head_of(&address);
	if (e == ERR_NOT_FOUND || (e == OK && is_found(people, &head)))
		return OK;
	TRY(e);
	if (people->n == PEOPLE_MAX) {
		search->too_many = true;
		return OK;
	}
	TRY(party_of_address(tx, &address, &person.party));
	if (!str_copy_to(group, person.group, sizeof(person.group)))
		return ERR_INTERNAL;
	people->list[people->n++] = person;
	search->found = true;
	return OK;
}

enum err people_find(const struct world *world, struct tx *tx, const struct whom *whom, struct people *out)
{
	struct search search = { .world = world, .whom = whom, .out = out };

	out->verdict = PEOPLE_FOUND;
	out->n = 0;
	TRY(people_each_tenant(tx, NULL, look_in, &search));
	if (search.too_many)
		*out = (struct people){ .verdict = PEOPLE_TOO_MANY };
	else if (!search.found)
		out->verdict = search.group_seen || whom->group.n == 0 ? PEOPLE_NOBODY : PEOPLE_NO_GROUP;
	return OK;
}

enum err people_addresses(
	struct tx *tx, const struct party *party, struct address rows[ADDRESSES_MAX], size_t *n)
{
	*n = 0;
	for (size_t i = 0; i < party->n && *n < ADDRESSES_MAX; i++) {
		rows[*n].blind = party->users[i].address;
		const enum err e = store_load_address(tx, &rows[*n]);

		if (e != OK && e != ERR_NOT_FOUND)
			return e;
		*n += e == OK;
	}
	return OK;
}
