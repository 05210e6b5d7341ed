/* The feed of events: pages, cursors and types; and how long events are kept. */
#include "app/event/feed.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "app/event/numbering.h"
#include "app/event/retention.h"
#include "kit/app_fixture.h"

/* Ids of events are numbers here, in the alphabet and the length of an id. */
static struct event_id id_of(int64_t number)
{
	struct event_id id;

	snprintf(id.text, sizeof(id.text), "%026lld", (long long)number);
	return id;
}

static const char *shown(char out[SHOWN_ID_SIZE], int64_t number)
{
	shown_id_write(EVENT_ID_PREFIX, id_of(number).text, out);
	return out;
}

/* Stores events of the tenant without a position, with the numbers from `first` to `last`. */
static void add_events(struct app_fixture *fx, const struct caller *caller, int64_t first, int64_t last,
	enum event_type type)
{
	for (int64_t number = first; number <= last; number++) {
		const struct event event = { .id = id_of(number),
			.tenant_id = caller->tenant.id,
			.type = type,
			.sequence = number,
			.created_at = world_now(&fx->world) };

		fixture_save(fx, RECORD_EVENT, &event);
	}
}

struct read_params {
	const char *after;
	event_type_set types;
	size_t limit;
};

static struct feed_page read_page(
	struct app_fixture *fx, const struct caller *caller, struct read_params params)
{
	const struct feed_query query = { .tenant = &caller->tenant,
		.after = params.after ? str_of(params.after) : STR(""),
		.types = params.types ? params.types : EVENT_TYPES_ALL,
		.limit = params.limit ? params.limit : FEED_LIMIT_MAX };
	struct feed_page page;
	struct arena a;

	arena_init(&a, FEED_MEMORY);
	assert_int_equal(feed_read(&fx->world, &a, &query, &page), OK);
	page.events = arena_copy(&fx->arena, page.events);
	arena_finish(&a);
	return page;
}

/* Asserts that a page has `n` events, the last of which looked at is `last`; 0: there is none. */
#define assert_page(page, count, last, more)                                                                 \
	do {                                                                                                 \
		char expected[SHOWN_ID_SIZE] = "";                                                           \
		const struct feed_page got = (page);                                                         \
		assert_false(got.is_expired);                                                                \
		assert_int_equal(got.n, count);                                                              \
		assert_string_equal(got.next_after, (last) > 0 ? shown(expected, last) : "");                \
		assert_int_equal(got.has_more, more);                                                        \
	} while (0)

static void pages_follow_each_other_without_a_gap(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA),
			    bank = fixture_add_tenant(fx, "bank", NULL, NO_QUOTA);
	char after[SHOWN_ID_SIZE];

	assert_page(read_page(fx, &shop, (struct read_params){ .limit = 1 }), 0, 0, false);
	assert_page(read_page(fx, &shop, (struct read_params){ "now", 0, 0 }), 0, 0, false);
	add_events(fx, &shop, 1, 3, EVENT_USER_PREPARED);
	add_events(fx, &bank, 4, 4, EVENT_USER_PREPARED);
	add_events(fx, &shop, 5, 5, EVENT_USER_PREPARED);
	assert_page(read_page(fx, &shop, (struct read_params){ .limit = 2 }), 2, 2, true);
	assert_page(read_page(fx, &shop, (struct read_params){ shown(after, 2), 0, 2 }), 2, 5, false);
	assert_page(read_page(fx, &shop, (struct read_params){ shown(after, 5), 0, 2 }), 0, 5, false);
	assert_page(read_page(fx, &shop, (struct read_params){ .limit = 4 }), 4, 5, false);
	assert_page(read_page(fx, &shop, (struct read_params){ .limit = 3 }), 3, 3, true);
	assert_page(read_page(fx, &shop, (struct read_params){ "now", 0, 0 }), 0, 5, false);
	assert_page(read_page(fx, &bank, (struct read_params){ .limit = 1 }), 1, 4, false);
	/* An event that is in the feed is read without a write transaction. */
	const size_t writes = atomic_load(&fx->store.writes);
	assert_page(read_page(fx, &shop, (struct read_params){ .limit = 100 }), 4, 5, false);
	assert_int_equal(atomic_load(&fx->store.writes), writes);
}

static void types_leave_events_out_but_the_cursor_passes_them(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const event_type_set approved = EVENT_TYPE_BIT(EVENT_KYC_APPROVED);
	char after[SHOWN_ID_SIZE];

	add_events(fx, &shop, 1, 3, EVENT_USER_PREPARED);
	add_events(fx, &shop, 4, 4, EVENT_KYC_APPROVED);
	add_events(fx, &shop, 5, 5, EVENT_USER_PREPARED);
	assert_page(read_page(fx, &shop, (struct read_params){ NULL, approved, 0 }), 1, 5, false);
	assert_page(read_page(fx, &shop, (struct read_params){ NULL, approved, 1 }), 1, 4, true);
	assert_page(read_page(fx, &shop, (struct read_params){ shown(after, 4), approved, 1 }), 0, 5, false);
}

static void a_call_looks_at_a_bounded_number_of_events(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const event_type_set approved = EVENT_TYPE_BIT(EVENT_KYC_APPROVED);

	add_events(fx, &shop, 1, 1100, EVENT_USER_PREPARED);
	add_events(fx, &shop, 1101, 1101, EVENT_KYC_APPROVED);
	assert_int_equal(event_number_all(&fx->world), OK);
	struct feed_page page = read_page(fx, &shop, (struct read_params){ NULL, approved, 0 });
	assert_page(page, 0, 1024, true);
	page = read_page(fx, &shop, (struct read_params){ page.next_after, approved, 0 });
	assert_page(page, 1, 1101, false);
}

static void an_unknown_cursor_is_expired(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA),
			    bank = fixture_add_tenant(fx, "bank", NULL, NO_QUOTA);
	char after[SHOWN_ID_SIZE], oldest[SHOWN_ID_SIZE];

	add_events(fx, &shop, 1, 2, EVENT_USER_PREPARED);
	add_events(fx, &bank, 3, 3, EVENT_USER_PREPARED);
	const char *const rows[] = { shown(after, 3), "evt_00000000000000000000000009", "nothing", "evt_",
		"00000000000000000000000001", "Now" };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct feed_page page = read_page(fx, &shop, (struct read_params){ rows[i], 0, 0 });

		printf("# %s\n", rows[i]);
		assert_true(page.is_expired);
		assert_string_equal(page.oldest, shown(oldest, 1));
	}
	const struct caller club = fixture_add_tenant(fx, "club", NULL, NO_QUOTA);
	const struct feed_page page = read_page(fx, &club, (struct read_params){ after, 0, 0 });
	assert_true(page.is_expired);
	assert_string_equal(page.oldest, "");
}

static void an_event_without_a_position_is_a_valid_cursor(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	char after[SHOWN_ID_SIZE];

	add_events(fx, &shop, 1, 200, EVENT_USER_PREPARED);
	assert_int_equal(event_number_all(&fx->world), OK);
	add_events(fx, &shop, 201, 202, EVENT_USER_PREPARED);
	assert_page(read_page(fx, &shop, (struct read_params){ shown(after, 201), 0, 0 }), 1, 202, false);
}

static enum err read_event(struct app_fixture *fx, const struct caller *caller, const char *id)
{
	struct arena a;
	struct str text;

	arena_init(&a, FEED_MEMORY);
	const enum err e = feed_read_event(&fx->world, &a, &caller->tenant, str_of(id), &text);
	arena_finish(&a);
	return e;
}

/* Rows: the age of the events in relation to the time that they are kept. */
static void events_expire_when_they_are_read(void **state)
{
	static const struct {
		int64_t ms;
		bool expired;
	} rows[] = { { -1, false }, { 0, true }, { 1, true } };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	char first[SHOWN_ID_SIZE], third[SHOWN_ID_SIZE], fourth[SHOWN_ID_SIZE];
	const moment start = world_now(&fx->world);

	shown(first, 1), shown(third, 3), shown(fourth, 4);
	add_events(fx, &shop, 1, 3, EVENT_USER_PREPARED);
	assert_int_equal(event_number_all(&fx->world), OK);
	fixture_advance_clock(fx, hours(1));
	add_events(fx, &shop, 4, 5, EVENT_USER_PREPARED);
	assert_int_equal(event_number_all(&fx->world), OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const moment at = { start.ms + fx->rules.keep_outgoing_events.ms + rows[i].ms };

		printf("# %lld ms\n", (long long)rows[i].ms);
		fixture_advance_clock(fx, moment_diff(world_now(&fx->world), at));
		assert_page(
			read_page(fx, &shop, (struct read_params){ 0 }), rows[i].expired ? 2 : 5, 5, false);
		assert_int_equal(read_event(fx, &shop, first), rows[i].expired ? ERR_NOT_FOUND : OK);
		assert_int_equal(read_event(fx, &shop, third), rows[i].expired ? ERR_NOT_FOUND : OK);
		assert_int_equal(read_event(fx, &shop, fourth), OK);
		const struct feed_page page = read_page(fx, &shop, (struct read_params){ third, 0, 0 });
		assert_int_equal(page.is_expired, rows[i].expired);
		assert_string_equal(page.oldest, rows[i].expired ? fourth : "");
	}
	/* The newest event is kept always. */
	fixture_advance_clock(fx, days(400));
	assert_page(read_page(fx, &shop, (struct read_params){ 0 }), 1, 5, false);
}

static size_t count_events(struct app_fixture *fx)
{
	static struct event rows[800];
	const struct event probe = { .id = { "" } };

	return fixture_find(fx, QUERY_EVENTS_FROM, &probe, rows, 800);
}

static bool delivery_is_stored(struct app_fixture *fx, const char *id)
{
	struct effect row = { .id = { "" } };

	snprintf(row.id.text, sizeof(row.id.text), "%s", id);
	return fixture_try_load(fx, RECORD_EFFECT, &row);
}

static void the_clean_up_removes_expired_events_with_their_deliveries(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA),
			    bank = fixture_add_tenant(fx, "bank", NULL, NO_QUOTA);
	const struct webhook_endpoint endpoint = { .id = { "e" }, .tenant_id = shop.tenant.id, .types = "*" };
	struct effect delivery = { .id = { "d1" },
		.kind = EFFECT_WEBHOOK,
		.state = EFFECT_ACCEPTED,
		.done = true,
		.endpoint_id = { "e" },
		.event_position = 1 };
	struct event_cleanup_cursor cursor = { { "" } };

	add_events(fx, &shop, 1, 200, EVENT_USER_PREPARED);
	add_events(fx, &bank, 201, 201, EVENT_USER_PREPARED);
	assert_int_equal(event_number_all(&fx->world), OK);
	fixture_save(fx, RECORD_WEBHOOK_ENDPOINT, &endpoint);
	fixture_save(fx, RECORD_EFFECT, &delivery);
	memcpy(delivery.id.text, "d2", 3);
	delivery.event_position = 200;
	fixture_save(fx, RECORD_EFFECT, &delivery);

	fixture_advance_clock(fx, milliseconds(fx->rules.keep_outgoing_events.ms - 1));
	assert_int_equal(event_clean(&fx->world, &cursor), OK);
	assert_int_equal(count_events(fx), 201);
	fixture_advance_clock(fx, milliseconds(1));
	/* An event that was not numbered yet is kept, however old it is. */
	add_events(fx, &shop, 202, 202, EVENT_USER_PREPARED);
	fixture_advance_clock(fx, days(31));
	assert_int_equal(event_clean(&fx->world, &cursor), OK);
	assert_int_equal(count_events(fx), 3);
	assert_false(delivery_is_stored(fx, "d1"));
	assert_true(delivery_is_stored(fx, "d2"));
	assert_string_equal(cursor.from.text, "");
	assert_int_equal(event_number_all(&fx->world), OK);
	assert_int_equal(event_clean(&fx->world, &cursor), OK);
	assert_int_equal(count_events(fx), 2);
	assert_false(delivery_is_stored(fx, "d2"));
}

/* The clean-up passes the newest events of many tenants, which it keeps. */
static void kept_events_of_many_tenants_do_not_stop_the_clean_up(void **state)
{
	struct app_fixture *const fx = *state;
	struct event_cleanup_cursor cursor = { { "" } };
	char name[16];

	for (int64_t i = 0; i < 150; i++) {
		snprintf(name, sizeof(name), "t%d", (int)i);
		const struct caller tenant = fixture_add_tenant(fx, name, NULL, NO_QUOTA);
		add_events(fx, &tenant, 1 + i, 1 + i, EVENT_USER_PREPARED);
	}
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	add_events(fx, &shop, 151, 160, EVENT_USER_PREPARED);
	assert_int_equal(event_number_all(&fx->world), OK);
	fixture_advance_clock(fx, days(30));
	assert_int_equal(event_clean(&fx->world, &cursor), OK);
	assert_int_equal(count_events(fx), 151);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(pages_follow_each_other_without_a_gap),
		TEST(types_leave_events_out_but_the_cursor_passes_them),
		TEST(a_call_looks_at_a_bounded_number_of_events),
		TEST(an_unknown_cursor_is_expired),
		TEST(an_event_without_a_position_is_a_valid_cursor),
		TEST(events_expire_when_they_are_read),
		TEST(the_clean_up_removes_expired_events_with_their_deliveries),
		TEST(kept_events_of_many_tenants_do_not_stop_the_clean_up),
	};

	return cmocka_run_group_tests_name("app_event_feed", tests, NULL, NULL);
}
