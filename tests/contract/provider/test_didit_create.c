#include "fake_didit.h"

static const char *identity(void)
{
	return fake_is_v1() ? "\r\nAuthorization: Bearer token-1\r\n" : "\r\nx-api-key: " FAKE_KEY "\r\n";
}

static const char *whole_order(void)
{
	return fake_is_v1() ? "\r\n\r\n{\"callback\":\"https://kycd.example/return\","
			      "\"vendor_data\":\"person-1\",\"features\":\"OCR + FACE\"}"
			    : "\r\n\r\n{\"callback\":\"https://kycd.example/return\","
			      "\"vendor_data\":\"person-1\",\"workflow_id\":\"" FAKE_WORKFLOW
			      "\",\"language\":\"pt-BR\"}";
}

static void a_session_is_made(void **state)
{
	struct fake_didit *f = *state;
	enum provider_cause cause;
	struct provider_session created;

	assert_string_equal(f->provider->ops->version(f->provider), FAKE_VERSION);
	assert_int_equal(fake_create(f, &created, &cause), OK);
	assert_int_equal(cause, PROVIDER_OK);
	assert_string_equal(created.ref.text, "s-1");
	assert_int_equal(created.status, STATUS_NOT_STARTED);
	assert_true(str_starts(created.url, STR("http://127.0.0.1:")));
	assert_true(str_ends(created.url, STR("/s/x")));
	lock_acquire(&f->lock);
	assert_non_null(strstr(f->last, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(f->last, identity()));
	assert_int_equal(strstr(f->last, "\r\nAuthorization:") != NULL, fake_is_v1());
	assert_int_equal(strstr(f->last, "\r\nx-api-key:") != NULL, !fake_is_v1());
	assert_non_null(strstr(f->last, whole_order()));
	lock_release(&f->lock);
	assert_int_equal(atomic_load(&f->others), 0);
}

static void without_features_the_field_is_left_out(void **state)
{
	struct fake_didit *f = *state;
	const struct session_params params = { .vendor_data = STR("p"), .callback = STR("c") };
	enum provider_cause cause;
	struct provider_session created;

	assert_int_equal(f->provider->ops->create(f->provider, &params, &f->arena, &created, &cause), OK);
	lock_acquire(&f->lock);
	assert_non_null(strstr(f->last, "\r\n\r\n{\"callback\":\"c\",\"vendor_data\":\"p\"}"));
	lock_release(&f->lock);
}

#define GOOD_URL "\"url\":\"https://verify.didit.me/session/Ab3dEf6hIj9k\""

static const struct {
	const char *name;
	struct said said;
	enum provider_cause cause;
} refusals[] = {
	{ "HTML instead of a session", { .body = "<html>hello</html>" }, PROVIDER_INVALID_RESPONSE },
	{ "an HTML error", { .status = 502, .body = "<html>Bad Gateway</html>" }, PROVIDER_UNREACHABLE },
	{ "500 with JSON", { .status = 500, .body = "{}" }, PROVIDER_UNREACHABLE },
	{ "nothing", { .raw = "" }, PROVIDER_UNREACHABLE },
	{ "half an answer", { .raw = "HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{\"session_id\"" },
		PROVIDER_INVALID_RESPONSE },
	{ "half of a server error",
		{ .raw = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 500\r\n\r\n<html>" },
		PROVIDER_UNREACHABLE },
	{ "half of a refusal", { .raw = "HTTP/1.1 400 Bad\r\nContent-Length: 500\r\n\r\n{\"detail\"" },
		PROVIDER_REFUSED },
	{ "a 10 MB server error", { .status = 500, .huge = true }, PROVIDER_UNREACHABLE },
	{ "no HTTP", { .raw = "220 mail.example.com ESMTP\r\n" }, PROVIDER_INVALID_RESPONSE },
	{ "half a head", { .raw = "HTTP/1.1 201 Cre" }, PROVIDER_UNREACHABLE },
	{ "half a chunk",
		{ .raw = "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n{\"sess" },
		PROVIDER_INVALID_RESPONSE },
	{ "10 MB", { .huge = true }, PROVIDER_INVALID_RESPONSE },
	{ "an empty body", { .body = "" }, PROVIDER_INVALID_RESPONSE },
	{ "a list", { .body = "[]" }, PROVIDER_INVALID_RESPONSE },
	{ "half of the JSON", { .body = "{\"session_id\":\"s-1\"," }, PROVIDER_INVALID_RESPONSE },
	{ "a redirect",
		{ .raw = "HTTP/1.1 301 Moved\r\nLocation: /base/v1/session/\r\nContent-Length: 0\r\n\r\n" },
		PROVIDER_REFUSED },
	{ "no id", { .body = "{" GOOD_URL "}" }, PROVIDER_UNUSABLE },
	{ "an empty id", { .body = "{\"session_id\":\"\"," GOOD_URL "}" }, PROVIDER_UNUSABLE },
	{ "an id with a slash", { .body = "{\"session_id\":\"../x\"," GOOD_URL "}" }, PROVIDER_UNUSABLE },
	{ "an id that is a number", { .body = "{\"session_id\":7," GOOD_URL "}" }, PROVIDER_UNUSABLE },
	{ "an id of 65",
		{ .body = "{\"session_id\":\"12345678901234567890123456789012345678901234567890123456789012345\"," GOOD_URL
			  "}" },
		PROVIDER_UNUSABLE },
	{ "no URL", { .body = "{\"session_id\":\"s-1\"}" }, PROVIDER_UNUSABLE },
	{ "an empty URL", { .body = "{\"session_id\":\"s-1\",\"url\":\"\"}" }, PROVIDER_UNUSABLE },
	{ "a foreign URL", { .body = "{\"session_id\":\"s-1\",\"url\":\"https://evil.example/s\"}" },
		PROVIDER_UNUSABLE },
	{ "a plain URL", { .body = "{\"session_id\":\"s-1\",\"url\":\"http://verify.didit.me/s\"}" },
		PROVIDER_UNUSABLE },
	{ "a script as URL", { .body = "{\"session_id\":\"s-1\",\"url\":\"javascript:alert(1)\"}" },
		PROVIDER_UNUSABLE },
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
		struct provider_session created = { .url = STR("untouched") };
		enum provider_cause cause = PROVIDER_OK;

		fake_says(f, &f->create, refusals[i].said);
		if (fake_create(f, &created, &cause) != ERR_UPSTREAM || cause != refusals[i].cause)
			fail_msg("%s: %s", refusals[i].name, provider_cause_name(cause));
		assert_true(str_eq(created.url, STR("untouched")));
		/* asked once, whatever came */
		assert_int_equal(atomic_load(&f->creates), (int)i + 1);
	}
	assert_int_equal(atomic_load(&f->tokens), fake_is_v1() ? 1 : 0);
}

/* Of the list of didit-api.md 4.2 the nearest one, and none where none is near. */
static void the_persons_language_goes_along(void **state)
{
	static const struct {
		const char *wish, *asked;
	} rows[] = {
		{ "pt-BR", "pt-BR" },
		{ "pt", "pt" },
		{ "pt-PT", "pt" },
		{ "es-419", "es" },
		{ "EN_us", "en" },
		{ "fr", "fr" },
		{ "zh-TW", "zh-TW" },
		{ "zh-HK", "zh" },
		{ "cnr", "cnr" },
		{ "eo", NULL },
		{ "", NULL },
		{ "nonsense", NULL },
	};
	struct fake_didit *f = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct session_params params = { STR("p"), STR("c"), STR("x"), str_of(rows[i].wish) };
		const bool said = !fake_is_v1() && rows[i].asked != NULL;
		enum provider_cause cause;
		struct provider_session created;
		char wanted[64];

		assert_int_equal(
			f->provider->ops->create(f->provider, &params, &f->arena, &created, &cause), OK);
		(void)snprintf(wanted, sizeof(wanted), "\"x\"%s%s%s}", said ? ",\"language\":\"" : "",
			said ? rows[i].asked : "", said ? "\"" : "");
		lock_acquire(&f->lock);
		if (strstr(f->last, wanted) == NULL)
			fail_msg("%s: %s", rows[i].wish, strstr(f->last, "\r\n\r\n"));
		lock_release(&f->lock);
	}
}

/* didit-api.md 2.2, 3, 4.2: the answers as they are documented. */
static const char documented[] =
	"{\"session_id\":\"7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b\",\"session_number\":118,"
	"\"session_kind\":\"user\",\"session_token\":\"Ab3dEf6hIj9k\","
	"\"url\":\"https://verify.didit.me/session/Ab3dEf6hIj9k\",\"vendor_data\":\"%s\","
	"\"metadata\":{\"plan\":\"basic\"},\"status\":\"Not Started\",%s,"
	"\"callback\":\"https://app.example.com/kyc/done\"}";

static void what_it_checks_is_kept(void **state)
{
	static const struct {
		const char *answer, *v1, *v2;
	} rows[] = {
		{ "\"features\":\"OCR + NFC + FACE\"", "OCR + NFC + FACE", "" },
		{ "\"workflow_id\":\"" FAKE_WORKFLOW "\"", "", FAKE_WORKFLOW },
		{ "\"workflow_id\":\"" FAKE_WORKFLOW "\",\"workflow_version\":3", "", FAKE_WORKFLOW "@3" },
		{ "\"workflow_version\":3", "", "" },
		{ "\"features\":[\"OCR\"],\"workflow_id\":7", "", "" },
		{ "\"features\":\"12345678901234567890123456789012345678901234567890123456789012345\","
		  "\"workflow_id\":\"12345678901234567890123456789012345678901234567890123456789012345\"",
			"", "" },
	};
	struct fake_didit *f = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		enum provider_cause cause;
		struct provider_session created;
		char body[1024];

		(void)snprintf(body, sizeof(body), documented, "person-1", rows[i].answer);
		fake_says(f, &f->create, (struct said){ .body = body });
		assert_int_equal(fake_create(f, &created, &cause), OK);
		assert_string_equal(created.features, fake_is_v1() ? rows[i].v1 : rows[i].v2);
		assert_string_equal(created.ref.text, "7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b");
	}
}

static void another_persons_session_is_refused(void **state)
{
	struct fake_didit *f = *state;
	enum provider_cause cause;
	struct provider_session created;
	char body[1024];

	(void)snprintf(body, sizeof(body), documented, "person-2", "\"workflow_version\":1");
	fake_says(f, &f->create, (struct said){ .body = body });
	assert_int_equal(fake_create(f, &created, &cause), ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_UNUSABLE);
}

static void a_key_that_is_refused_is_not_tried_again(void **state)
{
	struct fake_didit *f = *state;
	enum provider_cause cause;
	struct provider_session created;

	fake_says(f, &f->create, (struct said){ .status = 401, .body = "{\"detail\":\"Invalid key\"}" });
	assert_int_equal(fake_create(f, &created, &cause), ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_REFUSED);
	assert_int_equal(atomic_load(&f->creates), fake_is_v1() ? 2 : 1);
}

static const struct {
	const char *body;
	enum session_status status;
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
		struct provider_session created;

		fake_says(f, &f->create, (struct said){ .body = made_with[i].body });
		assert_int_equal(fake_create(f, &created, &cause), OK);
		assert_int_equal(created.status, made_with[i].status);
		assert_true(str_eq(created.url, STR("https://verify.didit.me/session/Ab3dEf6hIj9k")));
	}
}

/* 30 s of each. */
static void a_slow_server_costs_the_limit_and_one_call(void **state)
{
	static const struct said slow[] = { { .silent = true }, { .trickles = true } };
	struct fake_didit *f = *state;

	fake_limit(f, milliseconds(300));
	for (size_t i = 0; i < array_len(slow); i++) {
		const int64_t began = fake_ticks(&f->clock);
		enum provider_cause cause;
		struct provider_session created;

		fake_says(f, &f->create, slow[i]);
		assert_int_equal(fake_create(f, &created, &cause), ERR_UPSTREAM);
		assert_int_equal(cause, PROVIDER_UNREACHABLE);
		/* Both ends are cut to whole milliseconds, and curl's own count is as well. */
		assert_in_range(fake_ticks(&f->clock) - began, 300 - 1, 2999);
		assert_int_equal(atomic_load(&f->creates), (int)i + 1);
	}
}

static void a_silent_token_server_costs_the_limit(void **state)
{
	struct fake_didit *f = *state;
	enum provider_cause cause;
	struct provider_session created;

	if (!fake_is_v1())
		return;

	fake_limit(f, milliseconds(300));
	fake_says(f, &f->token, (struct said){ .silent = true });
	assert_int_equal(fake_create(f, &created, &cause), ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_UNREACHABLE);
	assert_int_equal(atomic_load(&f->creates), 0);
}

static void nobody_there_is_unreachable(void **state)
{
	struct fake_didit *f = *state;
	enum provider_cause cause;
	struct provider_session created;

	shutdown(f->server.fd, SHUT_RDWR);
	assert_int_equal(fake_create(f, &created, &cause), ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_UNREACHABLE);
}

static struct didit_conf good_conf(struct fake_didit *f)
{
	return (struct didit_conf){ .version = STR(FAKE_VERSION),
		.base_url = STR("https://verification.didit.me"),
		.auth_url = STR("https://apx.didit.me"),
		.client_id = STR("id"),
		.client_secret = STR("secret"),
		.api_key = STR("key"),
		.secrets = { STR("s"), STR("t") },
		.n_secrets = 2,
		.session_hosts = { STR("verify.didit.me") },
		.n_session_hosts = 1,
		.limit = seconds(10),
		.clock = &f->clock };
}

static void set_bad(struct didit_conf bad[7])
{
	bad[0].version = STR("v4");
	bad[1].base_url = STR("http://verification.didit.me");
	bad[2].base_url = STR("");
	bad[3].secrets[1] = STR("");
	bad[4].n_secrets = 3;
	bad[5].limit = seconds(0);
	bad[6].version = STR("");
}

/* What one version needs the others do not look at. */
static void set_bad_for_one(struct didit_conf bad[6])
{
	if (fake_is_v1()) {
		bad[0].auth_url = STR("http://10.0.0.1");
		bad[1].client_id = STR("");
		bad[2].client_id = STR("a:b");
		bad[3].client_secret = STR("");
		bad[4].auth_url = STR("");
		bad[5].auth_url = STR("ftp://apx.didit.me");
	} else {
		bad[0].api_key = STR("");
		bad[1].api_key = STR("a key");
		bad[2].api_key = STR("key\r\nx: y");
		bad[3].api_key = STR("key\n");
		bad[4].api_key = STR("k\xc3\xa9y");
		bad[5].api_key = STR("\x7f");
	}
}

static void bad_settings_are_refused(void **state)
{
	struct fake_didit *f = *state;
	struct didit_conf bad[13];
	struct provider *provider = NULL;
	struct didit_conf good = good_conf(f);

	for (size_t i = 0; i < array_len(bad); i++)
		bad[i] = good;
	set_bad(bad);
	set_bad_for_one(bad + 7);
	for (size_t i = 0; i < array_len(bad); i++) {
		if (didit_provider_open(&bad[i], &provider) != ERR_INPUT || provider != NULL)
			fail_msg("row %zu", i);
	}
	if (fake_is_v1())
		good.api_key = STR("a key");
	else
		good.client_id = good.client_secret = good.auth_url = STR("");
	assert_int_equal(didit_provider_open(&good, &provider), OK);
	f->provider->ops->close(provider);
	f->provider->ops->close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DIDIT_TEST(a_session_is_made),
		DIDIT_TEST(without_features_the_field_is_left_out),
		DIDIT_TEST(the_persons_language_goes_along),
		DIDIT_TEST(what_it_checks_is_kept),
		DIDIT_TEST(another_persons_session_is_refused),
		DIDIT_TEST(a_key_that_is_refused_is_not_tried_again),
		DIDIT_TEST(an_answer_that_is_no_session_is_refused),
		DIDIT_TEST(a_new_session_is_not_lost_for_its_status),
		DIDIT_TEST(a_slow_server_costs_the_limit_and_one_call),
		DIDIT_TEST(a_silent_token_server_costs_the_limit),
		DIDIT_TEST(nobody_there_is_unreachable),
		DIDIT_TEST(bad_settings_are_refused),
	};

	return cmocka_run_group_tests(tests, fake_world_start, NULL);
}
