#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>

#include "base/lock.h"
#include "kit/fake_provider.h"

static struct arena arena;

static int set_up(void **state)
{
	struct provider *provider;

	arena_init(&arena, ARENA_CALL_LIMIT);
	if (fake_provider_open(&provider) != OK)
		return -1;
	*state = provider;
	return 0;
}

static int tear_down(void **state)
{
	struct provider *provider = *state;

	provider->ops->close(provider);
	arena_finish(&arena);
	return 0;
}

static void sessions_are_made_and_counted(void **state)
{
	struct provider *p = *state;
	const struct session_params params = { .vendor_data = STR("person-1") };
	enum provider_cause cause;
	struct provider_session created;

	assert_string_equal(p->ops->version(p), "v1");
	assert_int_equal(p->ops->create(p, &params, &arena, &created, &cause), OK);
	assert_int_equal(p->ops->create(p, &params, &arena, &created, &cause), OK);
	assert_int_equal(cause, PROVIDER_OK);
	assert_string_equal(created.ref.text, "scripted-2");
	assert_string_equal(created.url.p, "https://provider.test/session/2");
	assert_int_equal(created.status, STATUS_NOT_STARTED);
	assert_int_equal(fake_provider_creates(p), 2);
	assert_int_equal(fake_provider_reads(p), 0);
	assert_true(str_eq(fake_provider_person(p), STR("person-1")));
}

static void it_fails_as_told(void **state)
{
	struct provider *p = *state;
	const struct session_params params = { .vendor_data = STR("person-1") };
	enum provider_cause cause;
	struct provider_session created = { .url = STR("untouched") };
	struct session_snapshot snapshot;

	fake_provider_fail(p, PROVIDER_CREDITS);
	assert_int_equal(p->ops->create(p, &params, &arena, &created, &cause), ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_CREDITS);
	assert_true(str_eq(created.url, STR("untouched")));
	assert_int_equal(p->ops->read(p, &(struct poll_params){ .ref = STR("x") }, &arena, &snapshot, &cause),
		ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_CREDITS);
	fake_provider_fail(p, PROVIDER_OK);
	assert_int_equal(p->ops->create(p, &params, &arena, &created, &cause), OK);
	assert_string_equal(created.ref.text, "scripted-1");
}

static void readings_and_events_say_what_was_put_in(void **state)
{
	struct provider *p = *state;
	const struct session_snapshot approved = { .status = STATUS_APPROVED, .has_decision = true };
	const struct provider_event event = { .status = STATUS_DECLINED, .status_known = true };
	const struct provider_webhook webhook = { .n_signatures = 1 };
	enum provider_cause cause;
	struct session_snapshot snapshot;
	struct provider_event heard;

	assert_int_equal(
		p->ops->read(p, &(struct poll_params){ .ref = STR("s-1") }, &arena, &snapshot, &cause), OK);
	assert_int_equal(snapshot.status, STATUS_NOT_STARTED);
	fake_provider_reading(p, &approved);
	assert_int_equal(
		p->ops->read(p, &(struct poll_params){ .ref = STR("s-1") }, &arena, &snapshot, &cause), OK);
	assert_int_equal(snapshot.status, STATUS_APPROVED);
	assert_string_equal(snapshot.ref.text, "s-1");
	assert_int_equal(fake_provider_reads(p), 2);
	assert_int_equal(
		p->ops->parse_event(p, &webhook, (moment){ 1 }, &arena, &heard), EVENT_PARSE_BAD_SIGNATURE);
	fake_provider_event(p, EVENT_PARSE_OK, &event);
	assert_int_equal(p->ops->parse_event(p, &webhook, (moment){ 1 }, &arena, &heard), EVENT_PARSE_OK);
	assert_int_equal(heard.status, STATUS_DECLINED);
	fake_provider_event(p, EVENT_PARSE_MALFORMED, NULL);
	assert_int_equal(
		p->ops->parse_event(p, &webhook, (moment){ 1 }, &arena, &heard), EVENT_PARSE_MALFORMED);
}

static void searches_find_what_was_left(void **state)
{
	struct provider *p = *state;
	const struct session_search search = { STR("person-1"), { 42 }, seconds(3) };
	struct provider_session left = { .url = STR("https://provider.test/session/left"),
		.status = STATUS_IN_PROGRESS };
	enum provider_cause cause;
	struct provider_session created;

	assert_false(p->ops->can_find(p));
	fake_provider_left(p, NULL);
	assert_true(p->ops->can_find(p));
	assert_int_equal(p->ops->find(p, &search, &arena, &created, &cause), ERR_NOT_FOUND);
	assert_int_equal(cause, PROVIDER_OK);
	assert_true(str_copy_to(STR("left-1"), left.ref.text, sizeof(left.ref.text)));
	fake_provider_left(p, &left);
	assert_int_equal(p->ops->find(p, &search, &arena, &created, &cause), OK);
	assert_string_equal(created.ref.text, "left-1");
	assert_int_equal(created.status, STATUS_IN_PROGRESS);
	fake_provider_fail(p, PROVIDER_UNREACHABLE);
	assert_int_equal(p->ops->find(p, &search, &arena, &created, &cause), ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_UNREACHABLE);
	assert_int_equal(fake_provider_finds(p), 3);
	assert_int_equal(fake_provider_search(p).since.ms, 42);
	assert_true(str_eq(fake_provider_search(p).vendor_data, STR("person-1")));
}

static void paused_is_busy_for_a_while(void **state)
{
	struct provider *p = *state;
	const struct session_params params = { .vendor_data = STR("person-1") };
	const struct poll_params due = { STR("s-1"), seconds(1), POLL_DUE };
	enum provider_cause cause;
	struct provider_session created;
	struct session_snapshot snapshot;

	fake_provider_fail(p, PROVIDER_PAUSED);
	assert_int_equal(p->ops->pause(p).ms, 1000);
	fake_provider_pause(p, seconds(5));
	assert_int_equal(p->ops->pause(p).ms, 5000);
	assert_int_equal(p->ops->create(p, &params, &arena, &created, &cause), ERR_BUSY);
	assert_int_equal(cause, PROVIDER_PAUSED);
	assert_int_equal(p->ops->read(p, &due, &arena, &snapshot, &cause), ERR_BUSY);
	assert_int_equal(cause, PROVIDER_PAUSED);
	assert_int_equal(fake_provider_read_for(p), POLL_DUE);
}

struct creation {
	struct provider *provider;
	enum err outcome;
};

static void create_one(void *arg)
{
	struct creation *creation = arg;
	const struct session_params params = { .vendor_data = STR("person") };
	enum provider_cause cause;
	struct provider_session created;
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	creation->outcome = creation->provider->ops->create(
		creation->provider, &params, &a, &created, &cause);
	arena_finish(&a);
}

static void creations_wait_until_they_are_released(void **state)
{
	struct provider *p = *state;
	struct creation creations[4];
	struct thread threads[4] = { 0 };

	fake_provider_hold(p);
	assert_false(fake_provider_await(p, 1, milliseconds(60)));
	for (size_t i = 0; i < array_len(threads); i++) {
		creations[i] = (struct creation){ p, ERR_INTERNAL };
		assert_int_equal(thread_start(&threads[i], create_one, &creations[i]), OK);
	}
	assert_true(fake_provider_await(p, 4, seconds(10)));
	assert_int_equal(fake_provider_creates(p), 4);
	fake_provider_release(p);
	for (size_t i = 0; i < array_len(threads); i++) {
		thread_join(&threads[i]);
		assert_int_equal(creations[i].outcome, OK);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sessions_are_made_and_counted),
		TEST(it_fails_as_told),
		TEST(readings_and_events_say_what_was_put_in),
		TEST(searches_find_what_was_left),
		TEST(paused_is_busy_for_a_while),
		TEST(creations_wait_until_they_are_released),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
