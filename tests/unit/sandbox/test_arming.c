#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox_fixture.h"

#define SESSION "{\"workflow_id\":\"1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80\"}"
#define SESSION_WITH_SCENARIO                                                                                \
	"{\"workflow_id\":\"1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80\",\"sandbox_scenario\":\"decline\"}"

static int arm(struct sandbox_fixture *fx, const struct session_ref *session, const char *body)
{
	return fixture_call_with_key(
		fx, "POST", make_path("/v3/session/", session->id, "/sandbox/arm/"), body);
}

/* Submits the form without a choice and checks the status of the session. */
static void assert_ends(struct sandbox_fixture *fx, const struct session_ref *session, const char *status)
{
	assert_int_equal(fixture_call(fx, "POST", make_path("/session/", session->token, "/submit"),
				 JSON_HEADER, "{}"),
		200);
	assert_int_equal(
		fixture_call_with_key(fx, "GET", make_path("/v3/session/", session->id, "/decision/"), NULL),
		200);
	if (!str_eq(reply_text(fx, "status"), str_of(status)))
		fail_msg("%.*s, not %s", STR_ARG(reply_text(fx, "status")), status);
}

static void armed_scenario_decides_the_session(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	fixture_create_v3(fx, SESSION, &session);
	assert_int_equal(arm(fx, &session, "{\"scenario\":\"decline_aml_hit\"}"), 200);
	assert_true(str_eq(reply_text(fx, "session_id"), str_of(session.id)));
	assert_true(str_eq(reply_text(fx, "sandbox_scenario"), STR("decline_aml_hit")));
	assert_ends(fx, &session, "Declined");
}

static void session_can_be_armed_again_until_it_is_opened(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	fixture_create_v3(fx, SESSION_WITH_SCENARIO, &session);
	assert_int_equal(arm(fx, &session, "{\"scenario\":\"approve\"}"), 200);
	assert_int_equal(arm(fx, &session, "{\"scenario\":\"review\"}"), 200);
	assert_int_equal(fixture_call(fx, "GET", make_path("/session/", session.token, ""), NULL, NULL), 200);
	assert_int_equal(arm(fx, &session, "{\"scenario\":\"approve\"}"), 400);
	assert_ends(fx, &session, "In Review");
	assert_int_equal(arm(fx, &session, "{\"scenario\":\"approve\"}"), 400);
}

static void invalid_requests_arm_nothing(void **state)
{
	static const char *const bodies[] = { "{}", "[]", "{", "{\"scenario\":null}", "{\"scenario\":7}",
		"{\"scenario\":\"aprove\"}", "{\"sandbox_scenario\":\"approve\"}" };
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	fixture_create_v3(fx, SESSION_WITH_SCENARIO, &session);
	for (size_t i = 0; i < array_len(bodies); i++)
		if (arm(fx, &session, bodies[i]) != 400)
			fail_msg("%s: %d", bodies[i], fx->reply.status);
	assert_int_equal(fixture_call_with_key(fx, "POST",
				 "/v3/session/7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b/sandbox/arm/", bodies[0]),
		404);
	assert_int_equal(fixture_call(fx, "POST", make_path("/v3/session/", session.id, "/sandbox/arm/"),
				 JSON_HEADER, "{\"scenario\":\"approve\"}"),
		403);
	assert_ends(fx, &session, "Declined");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(armed_scenario_decides_the_session),
		TEST(session_can_be_armed_again_until_it_is_opened),
		TEST(invalid_requests_arm_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
