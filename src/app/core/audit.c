#include "app/core/audit.h"

static void put(char *out, size_t size, const char *text)
{
	/* What does not fit is left out rather than cut: half an id names somebody else. */
	if (!str_copy_to(str_of(text), out, size))
		out[0] = '\0';
}

enum err audit_entry_init(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct audit_params *params, struct audit_entry *out)
{
	struct audit_entry row = {
		.at = world_now(world), .actor_kind = actor->kind, .action = params->action
	};
	unsigned char luck[ID_RANDOM];

	/* One reading of the clock for both: who asks for all since a moment is answered by id. */
	TRY(world_random(world, luck, sizeof(luck)));
	/* What one transaction did in one millisecond reads in the order in which it was done. */
	luck[0] = tx->audit_seq++;
	id_make(row.at, luck, row.id.text);
	put(row.actor, sizeof(row.actor), actor->id);
	put(row.subject, sizeof(row.subject), params->subject);
	put(row.tenant_id, sizeof(row.tenant_id), params->tenant_id);
	put(row.request_id, sizeof(row.request_id), actor->request_id);
	put(row.detail, sizeof(row.detail), params->detail);
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

struct trail_step {
	const struct audit_cursor *cursor;
	struct audit_entry *rows;
	size_t limit, n;
};

static enum err read_step(struct tx *tx, void *arg)
{
	struct trail_step *const step = arg;
	const struct audit_cursor *const cursor = step->cursor;
	struct audit_entry probe = { .id = cursor->from };
	const enum query_kind query = cursor->subject[0] ? QUERY_AUDIT_OF_SUBJECT : QUERY_AUDIT_SINCE;

	put(probe.subject, sizeof(probe.subject), cursor->subject);
	return store_find(tx, query, &probe, page_of(cursor->begun, step->limit), step->rows, &step->n);
}

enum err audit_read(const struct world *world, struct arena *a, struct audit_cursor *cursor,
	struct audit_entry *rows, size_t limit, size_t *n)
{
	struct trail_step step = { .cursor = cursor, .rows = rows, .limit = limit };

	TRY(store_transact(world->store, TX_READ, a, read_step, &step));
	if (step.n > 0) {
		cursor->from = rows[step.n - 1].id;
		cursor->begun = true;
	}
	*n = step.n;
	return OK;
}
