#include "app/event/event_list.h"

#include <string.h>

#include "app/event/event_json.h"
#include "base/attr.h"
#include "port/store.h"

/* Adds the tenant's name and the JSON to `line->event`. */
static enum err fill_line(const struct world *world, struct tx *tx, struct event_line *line)
{
	struct tenant tenant = { .id = line->event.tenant_id };

	TRY(store_load_tenant(tx, &tenant));
	memcpy(line->tenant_name, tenant.name, sizeof(line->tenant_name));
	const struct event_reader reader = { .tenant_name = str_of(line->tenant_name) };
	return event_json_write(world, tx, &line->event, &reader, &line->json);
}

struct list_job {
	const struct world *world;
	const struct event_list_cursor *cursor;
	struct event_line *lines;
	size_t limit;
	size_t n, looked_at;
	struct event_id last;
};

static bool is_listed(const struct event_list_cursor *cursor, const struct event *event)
{
	return event_types_have(cursor->types, event->type) &&
	       (cursor->tenant_id.text[0] == '\0' ||
		       strcmp(cursor->tenant_id.text, event->tenant_id.text) == 0);
}

static enum err read_lines(struct tx *tx, void *arg)
{
	struct list_job *const job = arg;
	const struct event probe = { .id = job->cursor->from };
	struct event *const rows = arena_array(tx->arena, struct event, job->limit);

	if (rows == NULL)
		return ERR_INTERNAL;
	job->n = 0;
	TRY(store_find(tx, QUERY_EVENTS_FROM, &probe, page_of(job->cursor->begun, job->limit), rows,
		&job->looked_at));
	for (size_t i = 0; i < job->looked_at; i++) {
		job->last = rows[i].id;
		if (!is_listed(job->cursor, &rows[i]))
			continue;
		job->lines[job->n].event = rows[i];
		TRY(fill_line(job->world, tx, &job->lines[job->n]));
		job->n++;
	}
	return OK;
}

enum err event_list_read(const struct world *world, struct arena *a, struct event_list_cursor *cursor,
	struct event_line *lines, size_t limit, size_t *n)
{
	struct list_job job = { .world = world, .cursor = cursor, .lines = lines, .limit = limit };

	TRY(store_transact(world->store, TX_READ, a, read_lines, &job));
	if (job.looked_at > 0) {
		cursor->from = job.last;
		cursor->begun = true;
	}
	*n = job.n;
	cursor->more = job.looked_at == limit;
	return OK;
}

struct load_job {
	const struct world *world;
	struct event_line *line;
};

static enum err load_line(struct tx *tx, void *arg)
{
	const struct load_job *const job = arg;

	TRY(store_load_event(tx, &job->line->event));
	return fill_line(job->world, tx, job->line);
}

enum err event_list_load(const struct world *world, struct arena *a, struct str id, struct event_line *out)
{
	struct load_job job = { world, out };

	if (!shown_id_read(EVENT_ID_PREFIX, id, out->event.id.text))
		return ERR_NOT_FOUND;
	return store_transact(world->store, TX_READ, a, load_line, &job);
}
