#include "app/console/people_search.h"

#include <string.h>

#include "app/person/kyc_status.h"
#include "app/person/people.h"
#include "app/person/reference.h"
#include "app/person/tenant_group.h"
#include "crypto/wallet.h"
#include "domain/event.h"
#include "text/email.h"

/* Everything that the text can mean. */
struct search {
	const struct world *world;
	const struct console_caller *caller;
	struct console_matches *out;
	enum console_verdict *verdict;
	struct str text;
	struct identifier identifiers[2];
	size_t n_identifiers;
	struct public_user_id id; /* empty: the text is no user id */
	/* Of the session with this id; empty: there is none. */
	struct linked_users linked;
};

static bool is_listed(const struct search *search, const struct tenant *tenant, const struct enrolment *row)
{
	for (size_t i = 0; i < search->out->n; i++)
		if (strcmp(search->out->rows[i].id.text, row->public_user_id.text) == 0 &&
			strcmp(search->out->rows[i].tenant, tenant->name) == 0)
			return true;
	return false;
}

/* Adds the person whom the enrolment belongs to. After a link, another enrolment represents the person. */
static enum err add_match(
	struct tx *tx, struct search *search, const struct tenant *tenant, const struct enrolment *found)
{
	struct console_matches *const out = search->out;
	struct linked_users linked;
	struct enrolment row;

	TRY(person_by_public_id(tx, &tenant->id, &found->public_user_id, &row, &linked));
	if (is_listed(search, tenant, &row))
		return OK;
	if (out->n == CONSOLE_MATCHES_MAX) {
		out->has_more = true;
		return OK;
	}
	struct console_match *const match = &out->rows[out->n++];

	*match = (struct console_match){ .id = row.public_user_id, .status = row.overall_status };
	(void)memcpy(match->tenant, tenant->name, sizeof(match->tenant));
	return OK;
}

static enum err add_matches(struct tx *tx, struct search *search, const struct tenant *tenant,
	enum query_kind query, const struct enrolment *probe)
{
	struct enrolment *const rows = arena_array(tx->arena, struct enrolment, CONSOLE_MATCHES_MAX + 1);
	size_t n;

	if (!rows)
		return ERR_INTERNAL;
	TRY(store_find(tx, query, probe, page_of(0, CONSOLE_MATCHES_MAX + 1), rows, &n));
	for (size_t i = 0; i < n; i++)
		TRY(add_match(tx, search, tenant, &rows[i]));
	return OK;
}

static enum err find_by_address(struct tx *tx, struct search *search, const struct tenant *tenant,
	const struct identifier *identifier)
{
	struct address address = { .created_at = { 0 } };

	blind_index_of(search->world, tenant->group_name, identifier, &address.blind_index);
	const enum err e = store_load_address(tx, &address);
	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	const struct enrolment probe = { .tenant_id = tenant->id, .user_id = address.user_id };
	return add_matches(tx, search, tenant, QUERY_ENROLMENTS_OF_USER, &probe);
}

static enum err find_by_reference(struct tx *tx, struct search *search, const struct tenant *tenant)
{
	struct enrolment probe = { .tenant_id = tenant->id };

	memset(probe.public_user_id.text, 'z', ID_LENGTH); /* newest first */
	reference_index_of(search->world, &tenant->id, search->text, probe.reference_index);
	return add_matches(tx, search, tenant, QUERY_PEOPLE_BY_REFERENCE, &probe);
}

/* A tenant knows the sessions of a person who has verified an address to it. */
static enum err find_by_session(struct tx *tx, struct search *search, const struct tenant *tenant)
{
	struct enrolment row;
	bool found;

	if (search->linked.n == 0 ||
		strcmp(tenant->group_name, linked_users_primary(&search->linked)->group_name) != 0)
		return OK;
	TRY(linked_users_first_verified(tx, &tenant->id, &search->linked, &row, &found));
	return found ? add_match(tx, search, tenant, &row) : OK;
}

static enum err search_tenant(struct tx *tx, const struct tenant *tenant, void *arg)
{
	struct search *const search = arg;

	if (!operator_account_has_tenant(&search->caller->account, &tenant->id))
		return OK;
	if (search->id.text[0] != '\0') {
		const struct enrolment probe = { .tenant_id = tenant->id, .public_user_id = search->id };

		TRY(add_matches(tx, search, tenant, QUERY_ENROLMENT_BY_PUBLIC_USER, &probe));
	}
	for (size_t i = 0; i < search->n_identifiers; i++)
		TRY(find_by_address(tx, search, tenant, &search->identifiers[i]));
	TRY(find_by_session(tx, search, tenant));
	return find_by_reference(tx, search, tenant);
}

static enum err load_session_user(struct tx *tx, struct search *search)
{
	struct session session;
	const enum err e = session_by_provider_ref(tx, search->text, &session);

	search->linked = (struct linked_users){ NULL, 0 };
	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	return linked_users_of_user(tx, &session.user_id, &search->linked);
}

static enum err run_search(struct tx *tx, void *arg)
{
	struct search *const search = arg;

	*search->verdict = console_permit(search->world, search->caller, CONSOLE_VIEW, NULL);
	if (*search->verdict != CONSOLE_PERMITTED)
		return OK;
	*search->out = (struct console_matches){ .rows = arena_array(tx->arena, struct console_match,
							 CONSOLE_MATCHES_MAX) };
	if (!search->out->rows)
		return ERR_INTERNAL;
	TRY(load_session_user(tx, search));
	return tenant_group_each(tx, NULL, search_tenant, search);
}

/* Reads a user id in any letter case, with or without "usr_". Any other text leaves `out` empty. */
static void read_user_id(struct str text, struct public_user_id *out)
{
	char lower[sizeof(PUBLIC_USER_ID_PREFIX) + ID_LENGTH];
	struct str id;

	if (!str_copy_to(text, lower, sizeof(lower)))
		return;
	for (char *c = lower; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	id = str_of(lower);
	if (str_starts(id, STR(PUBLIC_USER_ID_PREFIX)))
		id = str_from(id, STR(PUBLIC_USER_ID_PREFIX).n);
	if (id_is_valid(id))
		(void)!str_copy_to(id, out->text, sizeof(out->text));
}

enum err console_people_search(const struct world *world, struct arena *a,
	const struct console_caller *caller, struct str text, struct console_matches *out,
	enum console_verdict *verdict)
{
	struct search search = {
		.world = world, .caller = caller, .out = out, .verdict = verdict, .text = str_trim(text)
	};
	struct wallet wallet;
	struct str email;

	*out = (struct console_matches){ .n = 0 };
	read_user_id(search.text, &search.id);
	const enum err e = email_normalise(a, search.text, &email);
	if (e == OK)
		search.identifiers[search.n_identifiers++] = identifier_email(email);
	else if (e != ERR_INPUT)
		return e;
	if (wallet_read(search.text, &wallet) == WALLET_FORM_VALID)
		search.identifiers[search.n_identifiers++] = identifier_wallet(str_of(wallet.text));
	return store_transact(world->store, TX_READ, a, run_search, &search);
}
