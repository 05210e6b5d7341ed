#include "app/event/feed.h"

#include <string.h>

#include "app/event/event_json.h"
#include "app/event/numbering.h"
#include "app/event/retention.h"
#include "base/attr.h"
#include "base/buf.h"
#include "port/store.h"
#include "text/json.h"

/* Rows that are loaded at a time, and those that one call looks at at most. */
#define CHUNK 128
#define SCAN_MAX 1024

struct feed_job {
	const struct world *world;
	const struct feed_query *query;
	struct feed_page page;
	/* There are committed events without a position, which the page may have to contain. */
	bool has_unnumbered;
};

static void set_cursor(struct feed_page *page, const struct event *event)
{
	page->position = event->position;
	shown_id_write(EVENT_ID_PREFIX, event->id.text, page->next_after);
}

/* Loads an event of the tenant by its id. ERR_NOT_FOUND: the tenant has none with this id, or it has expired.
 */
static enum err load_event(const struct world *world, struct tx *tx, const struct tenant *tenant,
	struct str id, struct event *out)
{
	struct event oldest;

	*out = (struct event){ .type = EVENT_NONE };
	if (!shown_id_read(EVENT_ID_PREFIX, id, out->id.text))
		return ERR_NOT_FOUND;
	TRY(store_load_event(tx, out));
	if (strcmp(out->tenant_id.text, tenant->id.text) != 0)
		return ERR_NOT_FOUND;
	if (!event_is_old(world, out) || out->position == 0)
		return OK;
	TRY(event_find_oldest_kept(world, tx, &tenant->id, &oldest));
	return out->position < oldest.position ? ERR_NOT_FOUND : OK;
}

static enum err read_expired(struct tx *tx, struct feed_job *job)
{
	struct event oldest;

	job->page.is_expired = true;
	TRY(event_find_oldest_kept(job->world, tx, &job->query->tenant->id, &oldest));
	if (oldest.position > 0)
		shown_id_write(EVENT_ID_PREFIX, oldest.id.text, job->page.oldest);
	return OK;
}

/* Sets the position after which the page begins. */
static enum err find_start(struct tx *tx, struct feed_job *job)
{
	const struct feed_query *const query = job->query;
	struct event event;

	if (query->after.n == 0) {
		TRY(event_find_oldest_kept(job->world, tx, &query->tenant->id, &event));
		job->page.position = event.position > 0 ? event.position - 1 : 0;
		return OK;
	}
	const enum err e = load_event(job->world, tx, query->tenant, query->after, &event);
	if (e == ERR_NOT_FOUND)
		return read_expired(tx, job);
	TRY(e);
	set_cursor(&job->page, &event);
	/* Such an event has no place in the feed yet. The page is read again after it was numbered. */
	if (event.position == 0)
		job->page.position = INT64_MAX;
	return OK;
}

static enum err put_event(
	struct tx *tx, struct feed_job *job, const struct event *event, struct json_writer *w)
{
	const struct event_reader reader = { .tenant_name = str_of(job->query->tenant->name) };
	struct str text;

	TRY(event_json_write(job->world, tx, event, &reader, &text));
	json_put_raw(w, text);
	job->page.n++;
	return OK;
}

/* Looks at the rows until the page is full. Sets `full` if it is, and a further row exists. */
static enum err put_rows(struct tx *tx, struct feed_job *job, const struct event *rows, size_t n, bool *full,
	struct json_writer *w)
{
	*full = false;
	for (size_t i = 0; i < n; i++) {
		*full = job->page.n == job->query->limit;
		if (*full)
			return OK;
		set_cursor(&job->page, &rows[i]);
		if (event_types_have(job->query->types, rows[i].type))
			TRY(put_event(tx, job, &rows[i], w));
	}
	return OK;
}

static enum err read_rows(struct tx *tx, struct feed_job *job, struct json_writer *w)
{
	struct event *const rows = arena_array(tx->arena, struct event, CHUNK);
	size_t n = CHUNK;
	bool full = false;

	if (rows == NULL)
		return ERR_INTERNAL;
	for (size_t scanned = 0; n == CHUNK && scanned < SCAN_MAX && !full; scanned += n) {
		const struct event probe = { .tenant_id = job->query->tenant->id,
			.position = job->page.position };

		TRY(store_find(tx, QUERY_EVENTS_OF_TENANT, &probe, page_of(0, CHUNK), rows, &n));
		TRY(put_rows(tx, job, rows, n, &full, w));
	}
	/* A last chunk without a gap may be followed by no event: then the next page is empty. */
	job->page.has_more = full || n == CHUNK;
	return OK;
}

static enum err read_page(struct tx *tx, void *arg)
{
	struct feed_job *const job = arg;
	struct json_writer w;
	struct buf text;

	job->page = (struct feed_page){ .is_expired = false };
	TRY(find_start(tx, job));
	if (!job->page.is_expired) {
		buf_init(&text, tx->arena);
		json_writer_init(&w, &text);
		json_begin_array(&w);
		TRY(read_rows(tx, job, &w));
		json_end_array(&w);
		TRY(buf_done(&text, &job->page.events));
	}
	return event_has_unnumbered(tx, &job->has_unnumbered);
}

static enum err read_newest(struct tx *tx, void *arg)
{
	struct feed_job *const job = arg;
	struct event newest;

	job->page = (struct feed_page){ .events = STR("[]") };
	TRY(event_find_newest(tx, &job->query->tenant->id, &newest));
	if (newest.position > 0)
		set_cursor(&job->page, &newest);
	return event_has_unnumbered(tx, &job->has_unnumbered);
}

enum err feed_read(
	const struct world *world, struct arena *a, const struct feed_query *query, struct feed_page *out)
{
	tx_work *const read = str_eq(query->after, STR(FEED_NOW)) ? read_newest : read_page;
	const struct arena_mark before = arena_mark(a);
	struct feed_job job = { .world = world, .query = query };

	TRY(store_transact(world->store, TX_READ, a, read, &job));
	/* A page that is followed by others needs no further events. */
	if (job.has_unnumbered && !job.page.has_more) {
		arena_rewind(a, before);
		TRY(event_number_all(world));
		TRY(store_transact(world->store, TX_READ, a, read, &job));
	}
	*out = job.page;
	return OK;
}

struct news_job {
	struct event probe;
	bool found;
};

static enum err find_news(struct tx *tx, void *arg)
{
	struct news_job *const job = arg;
	struct event row;
	size_t n;

	TRY(store_find(tx, QUERY_EVENTS_OF_TENANT, &job->probe, page_of(0, 1), &row, &n));
	job->found = n > 0;
	return OK;
}

enum err feed_has_news(
	const struct world *world, struct arena *a, const struct tenant *tenant, int64_t position, bool *out)
{
	struct news_job job = { .probe = { .tenant_id = tenant->id, .position = position } };

	TRY(store_transact(world->store, TX_READ, a, find_news, &job));
	*out = job.found;
	return OK;
}

struct event_job {
	const struct world *world;
	const struct tenant *tenant;
	struct str id, text;
};

static enum err read_event(struct tx *tx, void *arg)
{
	struct event_job *const job = arg;
	const struct event_reader reader = { .tenant_name = str_of(job->tenant->name) };
	struct event event;

	TRY(load_event(job->world, tx, job->tenant, job->id, &event));
	return event_json_write(job->world, tx, &event, &reader, &job->text);
}

enum err feed_read_event(const struct world *world, struct arena *a, const struct tenant *tenant,
	struct str id, struct str *out)
{
	struct event_job job = { .world = world, .tenant = tenant, .id = id };

	TRY(store_transact(world->store, TX_READ, a, read_event, &job));
	*out = job.text;
	return OK;
}
