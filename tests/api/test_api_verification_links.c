/* The answers about a verification link whose pages somebody has used. Other answers are in
 * tests/e2e/verification_links.test.mjs. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "kit/api_fixture.h"
#include "kit/verification_fixture.h"

#define LINKS "/v1/verification-links"

static void assert_has(const struct reply *reply, int status, const char *part)
{
	assert_int_equal(reply->status, status);
	if (!memmem(reply->body.p, reply->body.n, part, strlen(part)))
		fail_msg("%.*s has no %s", STR_ARG(reply->body), part);
}

static void used_link_has_its_person_and_its_result_is_redeemed_once(void **state)
{
	struct api_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	const struct verification_link_params params = { .return_url = STR("https://shop.example.com/"),
		.life = VERIFICATION_LINK_LIFE };
	const struct fixture_link link = fixture_create_link_with(&fx->app, &shop, &params);
	const struct test_key key = api_create_key(fx, "shop");
	struct verification_return back;
	char path[128], result_path[128], body[128];

	assert_int_equal(fixture_start_link(&fx->app, &link), VERIFICATION_STARTED);
	fixture_prove_email(&fx->app, &link, "ana@example.com");
	assert_int_equal(fixture_check(&fx->app, &link).create.outcome, CREATE_OUTCOME_CREATED);
	fixture_poll_status(&fx->app, &shop, "ana@example.com", STATUS_APPROVED);
	(void)snprintf(path, sizeof(path), LINKS "/vl_%s", link.id.text);
	(void)snprintf(result_path, sizeof(result_path), LINKS "/vl_%s/result", link.id.text);
	struct reply reply = api_get(fx, key.text, path);
	assert_has(&reply, 200, "\"state\":\"completed\",\"user_id\":\"usr_");
	assert_has(&reply, 200, "\"status\":\"approved\"");

	assert_int_equal(
		verification_link_make_result(&fx->app.world, &fx->app.arena, &link.visit, &back), OK);
	(void)snprintf(body, sizeof(body), "{\"result\":\"%s\"}",
		str_from(back.location, back.location.n - (VERIFICATION_TOKEN_SIZE - 1)).p);
	reply = api_post(fx, key.text, result_path, body);
	assert_has(&reply, 200, "\"state\":\"completed\",\"user_id\":\"usr_");
	reply = api_post(fx, key.text, result_path, body);
	assert_has(&reply, 404, "\"result_not_found\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(used_link_has_its_person_and_its_result_is_redeemed_once,
			api_fixture_setup, api_fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
