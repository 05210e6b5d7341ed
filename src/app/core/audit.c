#include "app/core/audit.h"

static void copy_or_leave_empty(char *out, size_t size, const char *text)
{
	/* A text that does not fit is left out and not cut, because half an id could be the id of something
	 * else. */
	if (!str_copy_to(str_of(text), out, size))
		out[0] = '\0';
}

enum err audit_entry_init(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct audit_params *params, struct audit_entry *out)
{
	struct audit_entry row = {
		.at = world_now(world), .actor_kind = actor->kind, .action = params->action
	};
	unsigned char random_bytes[ID_RANDOM_BYTES];

	/* The entry's time and its id must come from one reading of the clock, because queries by time filter
	 * by id. */
	TRY(world_random(world, random_bytes, sizeof(random_bytes)));
	/* The first byte is a sequence number and not random, so that entries written by one transaction in
	 * the same millisecond keep their order. */
	random_bytes[0] = tx->audit_seq++;
	id_make(row.at, random_bytes, row.id.text);
	copy_or_leave_empty(row.actor, sizeof(row.actor), actor->id);
	copy_or_leave_empty(row.subject, sizeof(row.subject), params->subject);
	copy_or_leave_empty(row.tenant_id, sizeof(row.tenant_id), params->tenant_id);
	copy_or_leave_empty(row.request_id, sizeof(row.request_id), actor->request_id);
	copy_or_leave_empty(row.detail, sizeof(row.detail), params->detail);
	*out = row;
	return OK;
}

enum err audit_append(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct audit_params *params)
{
	struct audit_entry row;

	TRY(audit_entry_init(world, tx, actor, params, &row));
	return store_add_audit_entry(tx, &row);
}

struct audit_page {
	const struct audit_cursor *cursor;
	struct audit_entry *rows;
	size_t limit, n;
};

static enum err read_audit_page(struct tx *tx, void *arg)
{
	struct audit_page *const page = arg;
	const struct audit_cursor *const cursor = page->cursor;
	struct audit_entry probe = { .id = cursor->from };
	const enum query_kind query = cursor->subject[0] ? QUERY_AUDIT_OF_SUBJECT : QUERY_AUDIT_SINCE;

	copy_or_leave_empty(probe.subject, sizeof(probe.subject), cursor->subject);
	return store_find(tx, query, &probe, page_of(cursor->begun, page->limit), page->rows, &page->n);
}

enum err audit_read(const struct world *world, struct arena *a, struct audit_cursor *cursor,
	struct audit_entry *rows, size_t limit, size_t *n)
{
	struct audit_page page = { .cursor = cursor, .rows = rows, .limit = limit };

	TRY(store_transact(world->store, TX_READ, a, read_audit_page, &page));
	if (page.n > 0) {
		cursor->from = rows[page.n - 1].id;
		cursor->begun = true;
	}
	*n = page.n;
	return OK;
}
