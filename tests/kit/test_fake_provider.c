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

static void create_returns_numbered_sessions_and_counts_calls(void **state)
{
	struct provider *p = *state;
	const struct session_params params = { .vendor_data = STR("person-1") };
	struct provider_failure failure;
	struct provider_session created;

	assert_string_equal(p->ops->version(p), "v1");
	assert_int_equal(p->ops->create(p, &params, &arena, &created, &failure), OK);
	assert_int_equal(p->ops->create(p, &params, &arena, &created, &failure), OK);
	assert_int_equal(failure.cause, PROVIDER_OK);
	assert_string_equal(created.ref.text, "scripted-2");
	assert_string_equal(created.url.p, "https://provider.test/session/2");
	assert_int_equal(created.status, STATUS_NOT_STARTED);
	assert_int_equal(fake_provider_create_count(p), 2);
	assert_int_equal(fake_provider_poll_count(p), 0);
	assert_true(str_eq(fake_provider_last_person_id(p), STR("person-1")));
}

static void calls_fail_with_the_cause_that_was_set(void **state)
{
	struct provider *p = *state;
	const struct session_params params = { .vendor_data = STR("person-1") };
	struct provider_failure failure;
	struct provider_session created = { .url = STR("untouched") };
	struct session_snapshot snapshot;

	fake_provider_set_failure(p, PROVIDER_CREDITS);
	assert_int_equal(p->ops->create(p, &params, &arena, &created, &failure), ERR_UPSTREAM);
	assert_int_equal(failure.cause, PROVIDER_CREDITS);
	assert_true(str_eq(created.url, STR("untouched")));
	assert_int_equal(
		p->ops->poll(p, &(struct poll_params){ .ref = STR("x") }, &arena, &snapshot, &failure),
		ERR_UPSTREAM);
	assert_int_equal(failure.cause, PROVIDER_CREDITS);
	fake_provider_set_failure(p, PROVIDER_OK);
	assert_int_equal(p->ops->create(p, &params, &arena, &created, &failure), OK);
	assert_string_equal(created.ref.text, "scripted-1");
}

static void read_and_parse_event_return_what_was_set(void **state)
{
	struct provider *p = *state;
	const struct session_snapshot approved = { .status = STATUS_APPROVED, .has_decision = true };
	const struct provider_event event = { .status = STATUS_DECLINED, .status_known = true };
	const struct provider_webhook webhook = { .n_signatures = 1 };
	struct provider_failure failure;
	struct session_snapshot snapshot;
	struct provider_event parsed;

	assert_int_equal(
		p->ops->poll(p, &(struct poll_params){ .ref = STR("s-1") }, &arena, &snapshot, &failure), OK);
	assert_int_equal(snapshot.status, STATUS_NOT_STARTED);
	fake_provider_set_snapshot(p, &approved);
	assert_int_equal(
		p->ops->poll(p, &(struct poll_params){ .ref = STR("s-1") }, &arena, &snapshot, &failure), OK);
	assert_int_equal(snapshot.status, STATUS_APPROVED);
	assert_string_equal(snapshot.ref.text, "s-1");
	assert_int_equal(fake_provider_poll_count(p), 2);
	assert_int_equal(
		p->ops->parse_event(p, &webhook, (moment){ 1 }, &arena, &parsed), EVENT_PARSE_BAD_SIGNATURE);
	fake_provider_set_event(p, EVENT_PARSE_OK, &event);
	assert_int_equal(p->ops->parse_event(p, &webhook, (moment){ 1 }, &arena, &parsed), EVENT_PARSE_OK);
	assert_int_equal(parsed.status, STATUS_DECLINED);
	fake_provider_set_event(p, EVENT_PARSE_MALFORMED, NULL);
	assert_int_equal(
		p->ops->parse_event(p, &webhook, (moment){ 1 }, &arena, &parsed), EVENT_PARSE_MALFORMED);
}

static void find_returns_the_session_that_was_set(void **state)
{
	struct provider *p = *state;
	const struct session_search search = { STR("person-1"), { 42 }, seconds(3) };
	struct provider_session session = { .url = STR("https://provider.test/session/found"),
		.status = STATUS_IN_PROGRESS };
	struct provider_failure failure;
	struct provider_session created;

	assert_false(p->ops->can_find(p));
	fake_provider_set_found_session(p, NULL);
	assert_true(p->ops->can_find(p));
	assert_int_equal(p->ops->find(p, &search, &arena, &created, &failure), ERR_NOT_FOUND);
	assert_int_equal(failure.cause, PROVIDER_OK);
	assert_true(str_copy_to(STR("found-1"), session.ref.text, sizeof(session.ref.text)));
	fake_provider_set_found_session(p, &session);
	assert_int_equal(p->ops->find(p, &search, &arena, &created, &failure), OK);
	assert_string_equal(created.ref.text, "found-1");
	assert_int_equal(created.status, STATUS_IN_PROGRESS);
	fake_provider_set_failure(p, PROVIDER_UNREACHABLE);
	assert_int_equal(p->ops->find(p, &search, &arena, &created, &failure), ERR_UPSTREAM);
	assert_int_equal(failure.cause, PROVIDER_UNREACHABLE);
	assert_int_equal(fake_provider_find_count(p), 3);
	assert_int_equal(fake_provider_last_search(p).since.ms, 42);
	assert_true(str_eq(fake_provider_last_search(p).vendor_data, STR("person-1")));
}

static void paused_provider_is_busy_and_has_a_retry_after(void **state)
{
	struct provider *p = *state;
	const struct session_params params = { .vendor_data = STR("person-1") };
	const struct poll_params due = { STR("s-1"), seconds(1), POLL_DUE };
	struct provider_failure failure;
	struct provider_session created;
	struct session_snapshot snapshot;

	fake_provider_set_failure(p, PROVIDER_PAUSED);
	assert_int_equal(p->ops->pause(p).ms, 1000);
	fake_provider_set_retry_after(p, seconds(5));
	assert_int_equal(p->ops->pause(p).ms, 5000);
	assert_int_equal(p->ops->create(p, &params, &arena, &created, &failure), ERR_BUSY);
	assert_int_equal(failure.cause, PROVIDER_PAUSED);
	assert_int_equal(p->ops->poll(p, &due, &arena, &snapshot, &failure), ERR_BUSY);
	assert_int_equal(failure.cause, PROVIDER_PAUSED);
	assert_int_equal(fake_provider_last_priority(p), POLL_DUE);
}

struct creation {
	struct provider *provider;
	enum err result;
};

static void run_create(void *arg)
{
	struct creation *creation = arg;
	const struct session_params params = { .vendor_data = STR("person") };
	struct provider_failure failure;
	struct provider_session created;
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	creation->result = creation->provider->ops->create(
		creation->provider, &params, &a, &created, &failure);
	arena_finish(&a);
}

static void held_creates_wait_until_they_are_released(void **state)
{
	struct provider *p = *state;
	struct creation creations[4];
	struct thread threads[4] = { 0 };

	fake_provider_hold_creates(p);
	assert_false(fake_provider_wait_for_creates(p, 1, milliseconds(60)));
	for (size_t i = 0; i < array_len(threads); i++) {
		creations[i] = (struct creation){ p, ERR_INTERNAL };
		assert_int_equal(thread_start(&threads[i], run_create, &creations[i]), OK);
	}
	assert_true(fake_provider_wait_for_creates(p, 4, seconds(10)));
	assert_int_equal(fake_provider_create_count(p), 4);
	fake_provider_release_creates(p);
	for (size_t i = 0; i < array_len(threads); i++) {
		thread_join(&threads[i]);
		assert_int_equal(creations[i].result, OK);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(create_returns_numbered_sessions_and_counts_calls),
		TEST(calls_fail_with_the_cause_that_was_set),
		TEST(read_and_parse_event_return_what_was_set),
		TEST(find_returns_the_session_that_was_set),
		TEST(paused_provider_is_busy_and_has_a_retry_after),
		TEST(held_creates_wait_until_they_are_released),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
