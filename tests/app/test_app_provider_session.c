/* A question to the provider that went without an answer: what it may have left is found before another is
 * asked. */
#include "app/session/provider_session.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "app/session/pending_session.h"
#include "kit/fake_provider.h"
#include "kit/world.h"

#define ANA "ana.exemplo@example.com"
#define JANUARY 202601
#define URL "https://provider.test/session/left"

static const struct provider_session left = {
	.ref = { "left-1" }, .url = STR_INIT(URL), .status = STATUS_NOT_STARTED
};

static struct caller proven(struct kit *kit, int64_t quota)
{
	const struct caller shop = kit_tenant(kit, "shop", NULL, quota);

	kit_prove(kit, &shop, ANA);
	return shop;
}

static struct create_result create_in(struct kit *kit, const struct caller *shop, enum provider_cause cause)
{
	fake_provider_fail(kit->provider, cause);
	const struct create_result created = kit_create(kit, shop, ANA);
	fake_provider_fail(kit->provider, PROVIDER_OK);
	return created;
}

static void is_the_one_left(struct kit *kit, const struct caller *shop)
{
	const struct create_result created = kit_create(kit, shop, ANA);

	assert_int_equal(created.outcome, CREATED);
	assert_string_equal(created.ref.text, left.ref.text);
	assert_true(str_eq(created.url, STR(URL)));
	assert_int_equal(kit_quota_used(kit, shop, JANUARY), 1);
	assert_int_equal(kit_sessions(kit, shop, ANA), 1);
	assert_int_equal(kit_user(kit, shop, ANA).orphan_suspected_at.ms, 0);
}

static void what_an_unanswered_question_left_is_found(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = proven(kit, 1);

	fake_provider_left(kit->provider, &left);
	const struct create_result failed = create_in(kit, &shop, PROVIDER_UNREACHABLE);
	assert_int_equal(failed.outcome, CREATED_FAILED);
	assert_int_equal(failed.cause, PROVIDER_UNREACHABLE);
	assert_int_equal(kit_quota_used(kit, &shop, JANUARY), 0);
	assert_int_equal(fake_provider_finds(kit->provider), 0); /* nobody doubted before */
	kit_wait(kit, minutes(3));
	is_the_one_left(kit, &shop);
	assert_int_equal(fake_provider_creates(kit->provider), 1);
	assert_int_equal(fake_provider_finds(kit->provider), 1);
	assert_int_equal(fake_provider_search(kit->provider).since.ms, KIT_NOW);
	assert_true(str_eq(fake_provider_person(kit->provider), str_of(kit_user(kit, &shop, ANA).id.text)));
	assert_int_equal(kit_acts(kit, AUDIT_SESSION_FAILED), 1);
	assert_int_equal(kit_acts(kit, AUDIT_SESSION_CREATED), 1);
	/* It is a session like any other. */
	is_the_one_left(kit, &shop);
	assert_int_equal(fake_provider_finds(kit->provider), 1);
}

static void where_nothing_was_left_another_is_made(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = proven(kit, 1);

	fake_provider_left(kit->provider, NULL);
	(void)create_in(kit, &shop, PROVIDER_INVALID_RESPONSE);
	assert_string_equal(kit_create(kit, &shop, ANA).ref.text, "scripted-1");
	assert_int_equal(fake_provider_finds(kit->provider), 1);
	assert_int_equal(fake_provider_creates(kit->provider), 2);
	assert_int_equal(kit_user(kit, &shop, ANA).orphan_suspected_at.ms, 0);
	assert_int_equal(kit_quota_used(kit, &shop, JANUARY), 1);
}

static void who_is_not_answered_again_stays_in_doubt_since_the_first_time(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = proven(kit, 1);

	fake_provider_left(kit->provider, &left);
	(void)create_in(kit, &shop, PROVIDER_UNUSABLE);
	for (int i = 1; i <= 3; i++) {
		kit_wait(kit, minutes(1));
		assert_int_equal(create_in(kit, &shop, PROVIDER_UNREACHABLE).outcome, CREATED_FAILED);
		assert_int_equal(create_in(kit, &shop, PROVIDER_PAUSED).outcome, CREATED_PAUSED);
		assert_int_equal(create_in(kit, &shop, PROVIDER_REFUSED).cause, PROVIDER_REFUSED);
		assert_int_equal(kit_user(kit, &shop, ANA).orphan_suspected_at.ms, KIT_NOW);
		assert_int_equal(kit_quota_used(kit, &shop, JANUARY), 0);
	}
	assert_int_equal(fake_provider_creates(kit->provider), 1); /* never blindly */
	is_the_one_left(kit, &shop);
}

static void a_clear_refusal_leaves_no_doubt(void **state)
{
	static const enum provider_cause clear[] = { PROVIDER_REFUSED, PROVIDER_CREDITS, PROVIDER_LIMIT,
		PROVIDER_PAUSED };
	struct kit *const kit = *state;
	const struct caller shop = proven(kit, 1);

	fake_provider_left(kit->provider, NULL);
	for (size_t i = 0; i < array_len(clear); i++) {
		assert_int_not_equal(create_in(kit, &shop, clear[i]).outcome, CREATED);
		assert_int_equal(kit_user(kit, &shop, ANA).orphan_suspected_at.ms, 0);
	}
	assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED);
	assert_int_equal(fake_provider_finds(kit->provider), 0);
}

/* v1 has no list: the try stands in the trail, and the next call decides. */
static void where_nobody_can_search_the_next_call_decides(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = proven(kit, 1);

	(void)create_in(kit, &shop, PROVIDER_UNREACHABLE);
	assert_int_equal(kit_user(kit, &shop, ANA).orphan_suspected_at.ms, 0);
	assert_int_equal(kit_acts(kit, AUDIT_SESSION_FAILED), 1);
	assert_string_equal(kit_create(kit, &shop, ANA).ref.text, "scripted-1");
	assert_int_equal(fake_provider_creates(kit->provider), 2);
}

static void note_of(struct kit *kit, const struct caller *shop, const char *instance)
{
	struct session pending = { .id = { "01note" },
		.user_id = kit_user(kit, shop, ANA).id,
		.tenant_id = shop->tenant.id,
		.status = STATUS_CREATING,
		.created_at = { KIT_NOW },
		.next_poll_at = { KIT_NOW + 20000 },
		.quota_month = JANUARY };
	const struct quota used = { shop->tenant.id, JANUARY, 1 };

	assert_true(
		str_copy_to(str_of(instance), pending.instance_id.text, sizeof(pending.instance_id.text)));
	kit_save(kit, RECORD_SESSION, &pending);
	kit_save(kit, RECORD_QUOTA, &used);
}

/* The instance died while it asked; whoever is first clears up: the person's next call, or the worker. */
static void what_a_crash_left_is_adopted(void **state)
{
	for (int worker = 0; worker < 2; worker++) {
		struct kit *const kit = *state;
		const struct caller shop = proven(kit, 1);

		fake_provider_left(kit->provider, &left);
		note_of(kit, &shop, "01anotherinstance000000000");
		kit_wait(kit, seconds(20));
		if (worker) {
			assert_int_equal(pending_session_repair_all(&kit->world, &kit->arena), OK);
			assert_int_equal(kit_user(kit, &shop, ANA).orphan_suspected_at.ms, KIT_NOW);
			assert_int_equal(kit_quota_used(kit, &shop, JANUARY), 0);
		}
		is_the_one_left(kit, &shop);
		assert_int_equal(fake_provider_creates(kit->provider), 0);
		assert_int_equal(fake_provider_search(kit->provider).since.ms, KIT_NOW);
		assert_int_equal(kit_acts(kit, AUDIT_SESSION_RELEASED), 1);
		kit_close(kit);
		kit_open(kit);
	}
}

static void a_session_that_we_know_is_resumed_and_costs_nothing(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = proven(kit, 2);
	struct provider_session again = {
		.ref = { "scripted-1" }, .url = STR_INIT(URL), .status = STATUS_RESUBMITTED
	};

	(void)kit_create(kit, &shop, ANA);
	kit_decide(kit, &shop, ANA, STATUS_DECLINED);
	kit_wait(kit, seconds(1));
	fake_provider_left(kit->provider, &again);
	(void)create_in(kit, &shop, PROVIDER_UNREACHABLE);
	const struct create_result created = kit_create(kit, &shop, ANA);
	assert_int_equal(created.outcome, CREATED);
	assert_string_equal(created.ref.text, "scripted-1");
	assert_int_equal(kit_sessions(kit, &shop, ANA), 1);
	assert_int_equal(kit_quota_used(kit, &shop, JANUARY), 1);
	const struct session session = kit_session(kit, &shop, ANA);
	assert_int_equal(session.status, STATUS_RESUBMITTED);
	assert_int_equal(session.last_poll_at.ms, KIT_NOW + 1000);
	assert_true(str_eq(kit_status(kit, &shop, ANA).url, STR(URL)));
}

static void nobody_gets_what_is_somebody_elses(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = proven(kit, NO_QUOTA);
	struct provider_session theirs = { .ref = { "scripted-1" }, .url = STR_INIT(URL) };

	kit_prove(kit, &shop, "bob.exemplo@example.com");
	(void)kit_create(kit, &shop, "bob.exemplo@example.com");
	fake_provider_left(kit->provider, &theirs);
	(void)create_in(kit, &shop, PROVIDER_UNREACHABLE);
	const struct create_params params = { &shop, flow_find(STR("verify_public_kyc")), kit_who(ANA),
		STR(""), { 0 } };
	struct create_result created;

	assert_int_not_equal(
		app_create_session(&kit->world, kit->single_flights, &kit->arena, &params, &created), OK);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, kit_setup, kit_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(what_an_unanswered_question_left_is_found),
		TEST(where_nothing_was_left_another_is_made),
		TEST(who_is_not_answered_again_stays_in_doubt_since_the_first_time),
		TEST(a_clear_refusal_leaves_no_doubt),
		TEST(where_nobody_can_search_the_next_call_decides),
		TEST(what_a_crash_left_is_adopted),
		TEST(a_session_that_we_know_is_resumed_and_costs_nothing),
		TEST(nobody_gets_what_is_somebody_elses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
