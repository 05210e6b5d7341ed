#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>

#include "base/lock.h"
#include "provider/scripted_provider.h"

static struct arena arena;

static int set_up(void **state)
{
	struct provider *provider;

	arena_init(&arena, ARENA_CALL_LIMIT);
	if (scripted_provider_open(&provider) != OK)
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
	const struct order order = { .vendor_data = STR("person-1") };
	enum provider_cause cause;
	struct made made;

	assert_string_equal(p->ops->version(p), "v1");
	assert_int_equal(p->ops->create(p, &order, &arena, &made, &cause), OK);
	assert_int_equal(p->ops->create(p, &order, &arena, &made, &cause), OK);
	assert_int_equal(cause, PROVIDER_FINE);
	assert_string_equal(made.ref.text, "scripted-2");
	assert_string_equal(made.url.p, "https://provider.test/session/2");
	assert_int_equal(made.status, STATUS_NOT_STARTED);
	assert_int_equal(scripted_creates(p), 2);
	assert_int_equal(scripted_reads(p), 0);
	assert_true(str_eq(scripted_person(p), STR("person-1")));
}

static void it_fails_as_told(void **state)
{
	struct provider *p = *state;
	const struct order order = { .vendor_data = STR("person-1") };
	enum provider_cause cause;
	struct made made = { .url = STR("untouched") };
	struct reading reading;

	scripted_fail(p, PROVIDER_CREDITS);
	assert_int_equal(p->ops->create(p, &order, &arena, &made, &cause), ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_CREDITS);
	assert_true(str_eq(made.url, STR("untouched")));
	assert_int_equal(p->ops->read(p, STR("x"), seconds(1), &arena, &reading, &cause), ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_CREDITS);
	scripted_fail(p, PROVIDER_FINE);
	assert_int_equal(p->ops->create(p, &order, &arena, &made, &cause), OK);
	assert_string_equal(made.ref.text, "scripted-1");
}

static void readings_and_events_say_what_was_put_in(void **state)
{
	struct provider *p = *state;
	const struct reading approved = { .status = STATUS_APPROVED, .has_decision = true };
	const struct notice notice = { .status = STATUS_DECLINED, .status_known = true };
	const struct event_parts parts = { .n_signatures = 1 };
	enum provider_cause cause;
	struct reading reading;
	struct notice heard;

	assert_int_equal(p->ops->read(p, STR("s-1"), seconds(1), &arena, &reading, &cause), OK);
	assert_int_equal(reading.status, STATUS_NOT_STARTED);
	scripted_reading(p, &approved);
	assert_int_equal(p->ops->read(p, STR("s-1"), seconds(1), &arena, &reading, &cause), OK);
	assert_int_equal(reading.status, STATUS_APPROVED);
	assert_string_equal(reading.ref.text, "s-1");
	assert_int_equal(scripted_reads(p), 2);
	assert_int_equal(p->ops->take(p, &parts, (moment){ 1 }, &arena, &heard), EVENT_BAD_SIGNATURE);
	scripted_event(p, EVENT_READ, &notice);
	assert_int_equal(p->ops->take(p, &parts, (moment){ 1 }, &arena, &heard), EVENT_READ);
	assert_int_equal(heard.status, STATUS_DECLINED);
	scripted_event(p, EVENT_MALFORMED, NULL);
	assert_int_equal(p->ops->take(p, &parts, (moment){ 1 }, &arena, &heard), EVENT_MALFORMED);
}

struct creation {
	struct provider *provider;
	enum err outcome;
};

static void create_one(void *arg)
{
	struct creation *creation = arg;
	const struct order order = { .vendor_data = STR("person") };
	enum provider_cause cause;
	struct made made;
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	creation->outcome = creation->provider->ops->create(creation->provider, &order, &a, &made, &cause);
	arena_finish(&a);
}

static void creations_wait_until_they_are_released(void **state)
{
	struct provider *p = *state;
	struct creation creations[4];
	struct thread threads[4] = { 0 };

	scripted_hold(p);
	assert_false(scripted_await(p, 1, milliseconds(60)));
	for (size_t i = 0; i < array_len(threads); i++) {
		creations[i] = (struct creation){ p, ERR_INTERNAL };
		assert_int_equal(thread_start(&threads[i], create_one, &creations[i]), OK);
	}
	assert_true(scripted_await(p, 4, seconds(10)));
	assert_int_equal(scripted_creates(p), 4);
	scripted_release(p);
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
		TEST(creations_wait_until_they_are_released),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
