#include "app/person/person_timeline.h"

#include <string.h>

#include "app/person/linked_users.h"
#include "app/person/people.h"
#include "base/attr.h"

#define CHUNK 64 /* audit entries per query */

/* How an audit entry is told. The first row with the entry's action, detail and kind of address is used;
 * an entry without a row is not told. */
/* clang-format off */
static const struct telling {
	enum audit_action action;
	const char *detail; /* NULL: any */
	enum address_kind kind; /* of the user whom the entry is about; 0: any */
	const char *type;
	const char *text;
} tellings[] = {
	{ AUDIT_PREPARED,         NULL,     ADDRESS_WALLET, "user.prepared",        "A wallet of the person was registered." },
	{ AUDIT_PREPARED,         NULL,     0,              "user.prepared",        "An e-mail address of the person was registered." },
	{ AUDIT_CODE_SENT,        "link",   0,              "email.code_requested", "A code was requested that links the e-mail address and the wallet." },
	{ AUDIT_CODE_SENT,        NULL,     0,              "email.code_requested", "A code for the e-mail address was requested." },
	{ AUDIT_VERIFIED,         "wallet", 0,              "user.wallet_verified", "The person proved that the wallet is theirs." },
	{ AUDIT_VERIFIED,         NULL,     0,              "user.email_verified",  "The person proved that the e-mail address is theirs." },
	{ AUDIT_SESSION_CREATED,  NULL,     0,              "session.created",      "A verification session was created." },
	{ AUDIT_SESSION_FAILED,   NULL,     0,              "session.failed",       "The provider could not create a verification session." },
	{ AUDIT_SESSION_RELEASED, "",       0,              "session.failed",       "The creation of a verification session was interrupted." },
	{ AUDIT_DECISION,         NULL,     0,              "session.updated",      "The status of the verification session changed to" }, /* the detail follows */
	{ AUDIT_LINK_CLAIMED,     NULL,     0,              "link.requested",       "The wallet was registered with an e-mail address. A code must confirm that both belong to one person." },
	{ AUDIT_LINKED,           NULL,     0,              "user.linked",          "The wallet and the e-mail address were linked: they belong to one person." },
	{ AUDIT_LINK_REFUSED,     NULL,     0,              "link.refused",         "A link of a wallet and the e-mail address was refused." },
};
/* clang-format on */

const char *timeline_type_at(size_t i)
{
	return i < array_len(tellings) ? tellings[i].type : NULL;
}

static const struct telling *find_telling(const struct audit_entry *entry, enum address_kind kind)
{
	for (size_t i = 0; i < array_len(tellings); i++) {
		const struct telling *const t = &tellings[i];

		if (t->action == entry->action && (t->kind == 0 || t->kind == kind) &&
			(!t->detail || strcmp(t->detail, entry->detail) == 0))
			return t;
	}
	return NULL;
}

struct timeline_job {
	const struct timeline_params *params;
	struct timeline_page *out;
};

/* The state of reading one page. `rows` has room for `limit` + 1 rows and is sorted by id. */
struct timeline_read {
	struct tx *tx;
	const struct timeline_params *params;
	struct linked_users linked;
	const struct user *user; /* whose entries are being read */
	enum address_kind kind;	 /* of this user's address */
	struct timeline_row *rows;
	size_t n;
	/* Entries after this id have not all been looked at; empty: all entries were. */
	struct audit_entry_id horizon;
};

/* A link is written once for each of the two users, and each entry names the other user. If both belong to
 * the person, only the entry of the first one is told. */
static bool is_second_of_pair(const struct timeline_read *read, const struct audit_entry *entry)
{
	struct user_id other;

	if (entry->action != AUDIT_LINKED && entry->action != AUDIT_LINK_CLAIMED)
		return false;
	return str_copy_to(str_of(entry->detail), other.text, sizeof(other.text)) &&
	       linked_users_find(&read->linked, &other) && read->user != linked_users_primary(&read->linked);
}

static void insert_row(struct timeline_read *read, const struct timeline_row *row)
{
	struct timeline_row *const rows = read->rows;
	size_t at = read->n;

	while (at > 0 && strcmp(rows[at - 1].id.text, row->id.text) > 0)
		at--;
	if (at > read->params->limit)
		return;
	read->n += read->n <= read->params->limit;
	memmove(&rows[at + 1], &rows[at], (read->n - 1 - at) * sizeof(*rows));
	rows[at] = *row;
}

/* Adds the entry if it is told to this tenant. Sets `added`. */
static enum err add_entry(struct timeline_read *read, const struct audit_entry *entry, bool *added)
{
	const struct telling *const telling = find_telling(entry, read->kind);
	struct timeline_row row = { .id = entry->id, .at = entry->at };

	*added = telling && strcmp(entry->tenant_id, read->params->tenant->id.text) == 0 &&
		 !is_second_of_pair(read, entry);
	if (!*added)
		return OK;
	row.type = telling->type;
	row.text = str_of(telling->text);
	if (telling->action == AUDIT_DECISION)
		row.text = arena_printf(read->tx->arena, "%s \"%s\".", telling->text, entry->detail);
	if (!row.text.p)
		return ERR_INTERNAL;
	insert_row(read, &row);
	return OK;
}

/* The entries after `id` of the present user were not looked at. */
static void lower_horizon(struct timeline_read *read, const struct audit_entry_id *id)
{
	if (read->horizon.text[0] == '\0' || strcmp(id->text, read->horizon.text) < 0)
		read->horizon = *id;
}

static enum err read_entries(struct timeline_read *read)
{
	struct audit_entry *const entries = arena_array(read->tx->arena, struct audit_entry, CHUNK);
	struct audit_entry probe = { .id = read->params->after };
	size_t looked_at = 0, told = 0, n = CHUNK;
	bool added, skip_first = probe.id.text[0] != '\0';

	if (!entries || !str_copy_to(str_of(read->user->id.text), probe.subject, sizeof(probe.subject)))
		return ERR_INTERNAL;
	while (n == CHUNK && told <= read->params->limit && looked_at < TIMELINE_LOOKED_AT_MAX) {
		TRY(store_find(read->tx, QUERY_AUDIT_OF_SUBJECT, &probe, page_of(0, CHUNK), entries, &n));
		for (size_t i = 0; i < n; i++) {
			if (skip_first && strcmp(entries[i].id.text, probe.id.text) == 0)
				continue;
			TRY(add_entry(read, &entries[i], &added));
			told += added;
		}
		looked_at += n;
		if (n > 0)
			probe.id = entries[n - 1].id;
		skip_first = true;
	}
	if (n == CHUNK)
		lower_horizon(read, &probe.id);
	return OK;
}

static enum err read_user(struct timeline_read *read, const struct user *user)
{
	struct address address = { .blind_index = user->blind_index };
	const enum err e = store_load_address(read->tx, &address);

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	read->user = user;
	read->kind = e == OK ? address.kind : ADDRESS_EMAIL;
	return read_entries(read);
}

/* Leaves out the rows that do not fit and those after the horizon, before which rows may be missing. */
static void finish_page(const struct timeline_read *read, struct timeline_page *out)
{
	const bool is_cut = read->horizon.text[0] != '\0';

	*out = (struct timeline_page){ .rows = read->rows, .n = read->n, .next_after = read->params->after };
	while (is_cut && out->n > 0 && strcmp(read->rows[out->n - 1].id.text, read->horizon.text) > 0)
		out->n--;
	out->has_more = is_cut || out->n > read->params->limit;
	if (out->n > read->params->limit)
		out->n = read->params->limit;
	else if (is_cut) {
		out->next_after = read->horizon;
		return;
	}
	if (out->n > 0)
		out->next_after = read->rows[out->n - 1].id;
}

/* A tenant to which no address is verified may not learn the other users of the person. */
static enum err load_users(struct timeline_read *read)
{
	struct enrolment enrolment;

	TRY(person_by_public_id(
		read->tx, &read->params->tenant->id, &read->params->person, &enrolment, &read->linked));
	if (read->linked.n > 0)
		return OK;
	struct user *const user = arena_new(read->tx->arena, struct user);

	if (!user)
		return ERR_INTERNAL;
	user->id = enrolment.user_id;
	TRY(store_load_user(read->tx, user));
	read->linked = (struct linked_users){ user, 1 };
	return OK;
}

static enum err read_timeline(struct tx *tx, void *arg)
{
	const struct timeline_job *const job = arg;
	struct timeline_read read = { .tx = tx, .params = job->params };

	read.rows = arena_array(tx->arena, struct timeline_row, job->params->limit + 1);
	if (!read.rows)
		return ERR_INTERNAL;
	TRY(load_users(&read));
	for (size_t i = 0; i < read.linked.n; i++)
		TRY(read_user(&read, &read.linked.users[i]));
	finish_page(&read, job->out);
	return OK;
}

enum err person_timeline_read(const struct world *world, struct arena *a,
	const struct timeline_params *params, struct timeline_page *out)
{
	struct timeline_job job = { params, out };

	return store_transact(world->store, TX_READ, a, read_timeline, &job);
}
