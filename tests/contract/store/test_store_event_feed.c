/* The feed of events on each store, with concurrent transactions and, on PostgreSQL, with two instances: it
 * skips no event and returns none twice, also if an event is committed after later ones were read. */
#include "stores.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/event/feed.h"
#include "app/event/numbering.h"
#include "base/attr.h"
#include "base/lock.h"
#include "kit/app_fixture.h"

#define WRITERS 4
#define EVENTS_EACH 60
#define READERS 2
#define EVENTS ((size_t)WRITERS * EVENTS_EACH)

struct feed_fixture {
	struct app_fixture app;
	struct store *second; /* the store of the second instance; with one instance the first store again */
	struct world worlds[2];
	struct tenant tenant;
};

static void open_instances(struct fixture *f, struct feed_fixture *s)
{
	fixture_open(&s->app);
	s->tenant = (struct tenant){ .id = { "t" }, .name = "shop" };
	s->second = f->url[0] != '\0' ? postgres_open(f, 0) : f->store;
	s->worlds[0] = s->worlds[1] = s->app.world;
	s->worlds[0].store = f->store;
	s->worlds[1].store = s->second;
}

static void close_instances(struct fixture *f, struct feed_fixture *s)
{
	if (s->second != f->store)
		s->second->ops->close(s->second);
	fixture_close(&s->app);
}

struct new_event {
	const struct world *world;
	struct event event;
	atomic_bool *is_added, *may_commit; /* NULL: the transaction does not wait */
};

static struct new_event event_of(const struct feed_fixture *s, unsigned number, int64_t sequence)
{
	struct new_event added = { .event = { .tenant_id = s->tenant.id,
					   .type = EVENT_USER_PREPARED,
					   .sequence = sequence,
					   .created_at = { FIXTURE_NOW } } };

	snprintf(added.event.id.text, sizeof(added.event.id.text), "%026u", number);
	return added;
}

static enum err add_event(struct tx *tx, void *arg)
{
	const struct new_event *const added = arg;
	struct event event = added->event;

	TRY(event_add(added->world, tx, &event));
	if (added->is_added == NULL)
		return OK;
	/* The statement has been sent when the next one is answered. */
	struct counter counter = { .name = "none" };
	const enum err e = store_load_counter(tx, &counter);
	atomic_store(added->is_added, true);
	while (!atomic_load(added->may_commit))
		sched_yield();
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum err add(const struct world *world, struct new_event *added)
{
	struct arena a;

	added->world = world;
	arena_init(&a, ARENA_CALL_LIMIT);
	const enum err e = store_transact(world->store, TX_WRITE, &a, add_event, added);
	arena_finish(&a);
	return e;
}

static enum err read_page(
	const struct world *world, const struct tenant *tenant, struct str after, struct feed_page *page)
{
	const struct feed_query query = {
		.tenant = tenant, .after = after, .types = EVENT_TYPES_ALL, .limit = 7
	};
	struct arena a;

	arena_init(&a, FEED_MEMORY);
	const enum err e = feed_read(world, &a, &query, page);
	arena_finish(&a);
	return e;
}

struct late_commit {
	const struct world *world;
	struct new_event *added;
	struct thread thread;
	enum err e;
};

static void run_late_commit(void *arg)
{
	struct late_commit *const late = arg;

	late->e = add(late->world, late->added);
}

/* The first transaction has the smaller id and the smaller sequence, and commits after the second was read.
 */
static void event_that_is_committed_late_is_not_skipped(void **state)
{
	struct fixture *const f = *state;
	struct feed_fixture s;
	atomic_bool is_added = false, may_commit = false;
	struct feed_page page;

	/* The other stores run one writing transaction at a time. */
	if (f->url[0] == '\0')
		return;
	open_instances(f, &s);
	struct new_event first = event_of(&s, 1, 1), second = event_of(&s, 2, 2);
	first.is_added = &is_added;
	first.may_commit = &may_commit;
	struct late_commit late = { .world = &s.worlds[0], .added = &first };
	assert_int_equal(thread_start(&late.thread, run_late_commit, &late), OK);
	while (!atomic_load(&is_added))
		sched_yield();
	assert_int_equal(add(&s.worlds[1], &second), OK);
	assert_int_equal(read_page(&s.worlds[1], &s.tenant, STR(""), &page), OK);
	assert_int_equal(page.n, 1);
	assert_string_equal(page.next_after + 4, second.event.id.text);
	atomic_store(&may_commit, true);
	thread_join(&late.thread);
	assert_int_equal(late.e, OK);
	char after[SHOWN_ID_SIZE];
	memcpy(after, page.next_after, sizeof(after));
	/* The other instance has committed it; this one reads it. */
	assert_int_equal(read_page(&s.worlds[1], &s.tenant, str_of(after), &page), OK);
	assert_int_equal(page.n, 1);
	assert_string_equal(page.next_after + 4, first.event.id.text);
	close_instances(f, &s);
}

struct feed_worker {
	const struct feed_fixture *s;
	const struct world *world;
	unsigned n;
	enum err e;
	unsigned char seen[EVENTS]; /* how often a reader got each event */
	struct thread thread;
};

/* Adds events whose sequences are lower with each one, so that no order but that of the commits is right. */
static void run_writer(void *arg)
{
	struct feed_worker *const w = arg;

	for (unsigned i = 0; i < EVENTS_EACH && w->e == OK; i++) {
		struct new_event added = event_of(w->s, w->n * EVENTS_EACH + i, EVENTS_EACH - (int64_t)i);

		w->e = add(w->world, &added);
	}
}

static void count_ids(struct feed_worker *w, struct str events)
{
	static const char key[] = "\"id\":\"evt_";
	const char *at = events.p;

	while ((at = memmem(at, events.n - (size_t)(at - events.p), key, sizeof(key) - 1)) != NULL) {
		char number[ID_LENGTH + 1] = "";

		at += sizeof(key) - 1;
		memcpy(number, at, ID_LENGTH);
		w->seen[strtoul(number, NULL, 10)]++;
	}
}

static void run_reader(void *arg)
{
	struct feed_worker *const w = arg;
	char after[SHOWN_ID_SIZE] = "";
	struct arena a;

	arena_init(&a, FEED_MEMORY);
	for (size_t n = 0; n < EVENTS && w->e == OK;) {
		const struct feed_query query = {
			.tenant = &w->s->tenant, .after = str_of(after), .types = EVENT_TYPES_ALL, .limit = 7
		};
		struct feed_page page = { .n = 0 };

		arena_reset(&a);
		w->e = feed_read(w->world, &a, &query, &page);
		if (w->e != OK || page.is_expired)
			break;
		count_ids(w, page.events);
		n += page.n;
		memcpy(after, page.next_after, sizeof(after));
	}
	arena_finish(&a);
}

static void readers_get_each_event_once(void **state)
{
	struct fixture *const f = *state;
	static struct feed_worker workers[WRITERS + READERS];
	struct feed_fixture s;

	open_instances(f, &s);
	for (unsigned i = 0; i < WRITERS + READERS; i++) {
		workers[i] = (struct feed_worker){ .s = &s, .world = &s.worlds[i % 2], .n = i };
		assert_int_equal(
			thread_start(&workers[i].thread, i < WRITERS ? run_writer : run_reader, &workers[i]),
			OK);
	}
	for (unsigned i = 0; i < WRITERS + READERS; i++) {
		thread_join(&workers[i].thread);
		assert_int_equal(workers[i].e, OK);
	}
	for (unsigned i = WRITERS; i < WRITERS + READERS; i++)
		for (size_t event = 0; event < EVENTS; event++)
			assert_int_equal(workers[i].seen[event], 1);
	close_instances(f, &s);
}

int main(void)
{
	static const struct contract_test list[] = {
		{ "an event that is committed late is not skipped",
			event_that_is_committed_late_is_not_skipped },
		{ "readers get each event once", readers_get_each_event_once },
	};
	struct CMUnitTest tests[array_len(list) * IMPLEMENTATIONS];

	contract_tests(list, array_len(list), IMPLEMENTATIONS, tests);
	return cmocka_run_group_tests_name("store_event_feed", tests, NULL, NULL);
}
