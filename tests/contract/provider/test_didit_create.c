#include "fake_didit.h"

static void a_session_is_made(void **state)
{
	struct fake_didit *f = *state;
	enum provider_cause cause;
	struct made made;

	assert_string_equal(f->provider->ops->version(f->provider), "v1");
	assert_int_equal(fake_create(f, &made, &cause), OK);
	assert_int_equal(cause, PROVIDER_FINE);
	assert_string_equal(made.ref.text, "s-1");
	assert_int_equal(made.status, STATUS_NOT_STARTED);
	assert_true(str_starts(made.url, STR("http://127.0.0.1:")));
	assert_true(str_ends(made.url, STR("/s/x")));
	lock_take(&f->lock);
	assert_non_null(strstr(f->last, "\r\nAuthorization: Bearer token-1\r\n"));
	assert_non_null(strstr(f->last, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(f->last, "\r\n\r\n{\"callback\":\"https://kycd.example/return\","
					"\"vendor_data\":\"person-1\",\"features\":\"OCR + FACE\"}"));
	lock_give(&f->lock);
	assert_int_equal(atomic_load(&f->others), 0);
}

static void without_features_the_field_is_left_out(void **state)
{
	struct fake_didit *f = *state;
	const struct order order = { .vendor_data = STR("p"), .callback = STR("c") };
	enum provider_cause cause;
	struct made made;

	assert_int_equal(f->provider->ops->create(f->provider, &order, &f->arena, &made, &cause), OK);
	lock_take(&f->lock);
	assert_non_null(strstr(f->last, "\r\n\r\n{\"callback\":\"c\",\"vendor_data\":\"p\"}"));
	lock_give(&f->lock);
}

#define GOOD_URL "\"url\":\"https://verify.didit.me/session/Ab3dEf6hIj9k\""

static const struct {
	const char *name;
	struct said said;
	enum provider_cause cause;
} refusals[] = {
	{ "HTML instead of a session", { .body = "<html>hello</html>" }, PROVIDER_UNREACHABLE },
	{ "an HTML error", { .status = 502, .body = "<html>Bad Gateway</html>" }, PROVIDER_UNREACHABLE },
	{ "500 with JSON", { .status = 500, .body = "{}" }, PROVIDER_UNREACHABLE },
	{ "nothing", { .raw = "" }, PROVIDER_UNREACHABLE },
	{ "half an answer", { .raw = "HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{\"session_id\"" },
		PROVIDER_UNREACHABLE },
	{ "half a head", { .raw = "HTTP/1.1 201 Cre" }, PROVIDER_UNREACHABLE },
	{ "half a chunk",
		{ .raw = "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n{\"sess" },
		PROVIDER_UNREACHABLE },
	{ "10 MB", { .huge = true }, PROVIDER_UNREACHABLE },
	{ "an empty body", { .body = "" }, PROVIDER_UNREACHABLE },
	{ "a list", { .body = "[]" }, PROVIDER_UNREACHABLE },
	{ "half of the JSON", { .body = "{\"session_id\":\"s-1\"," }, PROVIDER_UNREACHABLE },
	{ "a redirect",
		{ .raw = "HTTP/1.1 301 Moved\r\nLocation: /base/v1/session/\r\nContent-Length: 0\r\n\r\n" },
		PROVIDER_REFUSED },
	{ "no id", { .body = "{" GOOD_URL "}" }, PROVIDER_REFUSED },
	{ "an empty id", { .body = "{\"session_id\":\"\"," GOOD_URL "}" }, PROVIDER_REFUSED },
	{ "an id with a slash", { .body = "{\"session_id\":\"../x\"," GOOD_URL "}" }, PROVIDER_REFUSED },
	{ "an id that is a number", { .body = "{\"session_id\":7," GOOD_URL "}" }, PROVIDER_REFUSED },
	{ "an id of 65",
		{ .body = "{\"session_id\":\"12345678901234567890123456789012345678901234567890123456789012345\"," GOOD_URL
			  "}" },
		PROVIDER_REFUSED },
	{ "no URL", { .body = "{\"session_id\":\"s-1\"}" }, PROVIDER_REFUSED },
	{ "an empty URL", { .body = "{\"session_id\":\"s-1\",\"url\":\"\"}" }, PROVIDER_REFUSED },
	{ "a foreign URL", { .body = "{\"session_id\":\"s-1\",\"url\":\"https://evil.example/s\"}" },
		PROVIDER_REFUSED },
	{ "a plain URL", { .body = "{\"session_id\":\"s-1\",\"url\":\"http://verify.didit.me/s\"}" },
		PROVIDER_REFUSED },
	{ "a script as URL", { .body = "{\"session_id\":\"s-1\",\"url\":\"javascript:alert(1)\"}" },
		PROVIDER_REFUSED },
	{ "a bad request", { .status = 400, .body = "{\"callback\":[\"no\"]}" }, PROVIDER_REFUSED },
	{ "no credits, newest", { .status = 400, .body = "{\"detail\":\"Not enough credits\"}" },
		PROVIDER_CREDITS },
	{ "no credits, 403", { .status = 403, .body = "{\"detail\":\"No credits\"}" }, PROVIDER_CREDITS },
	{ "no credits, 402", { .status = 402, .body = "" }, PROVIDER_CREDITS },
	{ "forbidden", { .status = 403, .body = "{\"detail\":\"no\"}" }, PROVIDER_REFUSED },
	{ "not found", { .status = 404, .body = "{\"detail\":\"Not found.\"}" }, PROVIDER_REFUSED },
	{ "too often", { .status = 429, .body = "" }, PROVIDER_LIMIT },
};

static void an_answer_that_is_no_session_is_refused(void **state)
{
	struct fake_didit *f = *state;

	for (size_t i = 0; i < array_len(refusals); i++) {
		struct made made = { .url = STR("untouched") };
		enum provider_cause cause = PROVIDER_FINE;

		fake_says(f, &f->create, refusals[i].said);
		if (fake_create(f, &made, &cause) != ERR_UPSTREAM || cause != refusals[i].cause)
			fail_msg("%s: %s", refusals[i].name, provider_cause_word(cause));
		assert_true(str_eq(made.url, STR("untouched")));
		/* asked once, whatever came */
		assert_int_equal(atomic_load(&f->creates), (int)i + 1);
	}
	assert_int_equal(atomic_load(&f->tokens), 1);
}

static const struct {
	const char *body;
	enum status status;
} made_with[] = {
	{ "{\"session_id\":\"s\"," GOOD_URL "}", STATUS_NOT_STARTED },
	{ "{\"session_id\":\"s\"," GOOD_URL ",\"status\":\"Not Started\"}", STATUS_NOT_STARTED },
	{ "{\"session_id\":\"s\"," GOOD_URL ",\"status\":\"In Progress\"}", STATUS_IN_PROGRESS },
	{ "{\"session_id\":\"s\"," GOOD_URL ",\"status\":\"Creating\"}", STATUS_NOT_STARTED },
	{ "{\"session_id\":\"s\"," GOOD_URL ",\"status\":\"Something New\"}", STATUS_NOT_STARTED },
	{ "{\"session_id\":\"s\"," GOOD_URL ",\"status\":5}", STATUS_NOT_STARTED },
};

static void a_new_session_is_not_lost_for_its_status(void **state)
{
	struct fake_didit *f = *state;

	for (size_t i = 0; i < array_len(made_with); i++) {
		enum provider_cause cause;
		struct made made;

		fake_says(f, &f->create, (struct said){ .body = made_with[i].body });
		assert_int_equal(fake_create(f, &made, &cause), OK);
		assert_int_equal(made.status, made_with[i].status);
		assert_true(str_eq(made.url, STR("https://verify.didit.me/session/Ab3dEf6hIj9k")));
	}
}

static void a_silent_server_costs_the_limit_and_one_call(void **state)
{
	struct fake_didit *f = *state;
	enum provider_cause cause;
	struct made made;
	int64_t began;

	fake_limit(f, milliseconds(300));
	fake_says(f, &f->create, (struct said){ .silent = true });
	began = fake_ticks(&f->clock);
	assert_int_equal(fake_create(f, &made, &cause), ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_UNREACHABLE);
	assert_true(fake_ticks(&f->clock) - began < 3000);
	assert_int_equal(atomic_load(&f->creates), 1);
}

static void a_silent_token_server_costs_the_limit(void **state)
{
	struct fake_didit *f = *state;
	enum provider_cause cause;
	struct made made;

	fake_limit(f, milliseconds(300));
	fake_says(f, &f->token, (struct said){ .silent = true });
	assert_int_equal(fake_create(f, &made, &cause), ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_UNREACHABLE);
	assert_int_equal(atomic_load(&f->creates), 0);
}

static void nobody_there_is_unreachable(void **state)
{
	struct fake_didit *f = *state;
	enum provider_cause cause;
	struct made made;

	shutdown(f->server.fd, SHUT_RDWR);
	assert_int_equal(fake_create(f, &made, &cause), ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_UNREACHABLE);
}

static struct didit_conf good_conf(struct fake_didit *f)
{
	return (struct didit_conf){ .base_url = STR("https://verification.didit.me"),
		.auth_url = STR("https://apx.didit.me"),
		.client_id = STR("id"),
		.client_secret = STR("secret"),
		.secrets = { STR("s"), STR("t") },
		.n_secrets = 2,
		.session_hosts = { STR("verify.didit.me") },
		.n_session_hosts = 1,
		.limit = seconds(10),
		.clock = &f->clock };
}

static void bad_settings_are_refused(void **state)
{
	struct fake_didit *f = *state;
	struct didit_conf bad[9];
	struct provider *provider = NULL;
	const struct didit_conf good = good_conf(f);

	for (size_t i = 0; i < array_len(bad); i++)
		bad[i] = good;
	bad[0].base_url = STR("http://verification.didit.me");
	bad[1].auth_url = STR("http://10.0.0.1");
	bad[2].base_url = STR("");
	bad[3].client_id = STR("");
	bad[4].client_id = STR("a:b");
	bad[5].client_secret = STR("");
	bad[6].secrets[1] = STR("");
	bad[7].n_secrets = 3;
	bad[8].limit = seconds(0);
	for (size_t i = 0; i < array_len(bad); i++) {
		if (didit_provider_open(&bad[i], &provider) != ERR_INPUT || provider != NULL)
			fail_msg("row %zu", i);
	}
	assert_int_equal(didit_provider_open(&good, &provider), OK);
	f->provider->ops->close(provider);
	f->provider->ops->close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DIDIT_TEST(a_session_is_made),
		DIDIT_TEST(without_features_the_field_is_left_out),
		DIDIT_TEST(an_answer_that_is_no_session_is_refused),
		DIDIT_TEST(a_new_session_is_not_lost_for_its_status),
		DIDIT_TEST(a_silent_server_costs_the_limit_and_one_call),
		DIDIT_TEST(a_silent_token_server_costs_the_limit),
		DIDIT_TEST(nobody_there_is_unreachable),
		DIDIT_TEST(bad_settings_are_refused),
	};

	return cmocka_run_group_tests(tests, fake_world_start, NULL);
}
